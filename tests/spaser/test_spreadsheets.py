import datetime
import re
import subprocess
import tracemalloc
import zipfile
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from spaser import packages
from spaser.spreadsheets import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    Sheet,
    UnreadableFile,
    cell_name,
    read_spreadsheet,
)

ROWS = [
    ["texte", "entier", "décimal", "part", "date", "moment", "oui", "formule"],
    ["=A1", 12345678901234, 0.1, 0.125, datetime.date(2026, 3, 4), datetime.datetime(2026, 3, 4, 5, 6), True],
    ["007", -3, 1234.56, 0.285, datetime.date(1999, 12, 31), None, False, "=1/0"],
    [],
    ["deux\nlignes", 0, 1e-7, 1, None, None, None, "=B2*2"],
]
READ = [
    ["texte", "entier", "décimal", "part", "date", "moment", "oui", "formule"],
    [
        "=A1",
        12345678901234,
        Decimal("0.1"),
        Decimal("12.5"),
        datetime.date(2026, 3, 4),
        datetime.datetime(2026, 3, 4, 5, 6),
        True,
    ],
    ["007", -3, Decimal("1234.56"), Decimal("28.5"), datetime.date(1999, 12, 31), None, False, "#DIV/0!"],
    [],
    ["deux\nlignes", 0, Decimal("0.0000001"), 100, None, None, None, 24691357802468],
    [],
    [None, "fusion"],
]


def book_bytes(book):
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def made_by_openpyxl():
    book = Workbook()
    sheet = book.active
    sheet.title = "Données"
    for row in ROWS:
        sheet.append(row)
    sheet["A2"].data_type = "s"
    for cell in ("D2", "D3", "D5"):
        sheet[cell].number_format = "0.0%"
    sheet["B7"] = "fusion"
    sheet.merge_cells("B7:C8")
    book.create_sheet("vide")
    book.create_sheet("plus bas")["C4"] = "C4"
    for column in "ABCDEFG":  # a whole column in colour: a tail of a million empty rows in ODS
        sheet.column_dimensions[column].fill = PatternFill("solid", fgColor="FFFF00")
        sheet[f"{column}1048576"].fill = PatternFill("solid", fgColor="00FF00")
    return book_bytes(book)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """The same workbook opened, computed and saved by LibreOffice, as {ending: bytes}."""
    folder = tmp_path_factory.mktemp("calc")
    (folder / "classeur.xlsx").write_bytes(made_by_openpyxl())
    out = folder / "out"
    for ending in ("ods", "xlsx"):
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        command += ["--convert-to", ending, "--outdir", str(out), str(folder / "classeur.xlsx")]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    return {ending: (out / f"classeur.{ending}").read_bytes() for ending in ("ods", "xlsx")}


def read(data, name="classeur.xlsx"):
    return read_spreadsheet(BytesIO(data), name=name)


def refusal(data, name="classeur.xlsx"):
    with pytest.raises(UnreadableFile) as caught:
        read(data, name)
    return str(caught.value)


def with_member(data, member, change):
    """The package with one member changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in package.namelist():
            new.writestr(name, change(package.read(name)) if name == member else package.read(name))
    return out.getvalue()


SHEET1 = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("ending", ["ods", "xlsx"])
def test_a_workbook_of_libreoffice_is_read_whole(converted, ending):
    sheets = read(converted[ending], f"classeur.{ending}")
    assert [sheet.name for sheet in sheets] == ["Données", "vide", "plus bas"]
    assert sheets[0].rows == READ
    assert [type(cell) for cell in sheets[0].rows[1]] == [type(cell) for cell in READ[1]]
    assert sheets[1].rows == []
    assert sheets[2].rows == [[], [], [], [None, None, "C4"]]


def test_a_workbook_of_openpyxl_is_read_alike_but_for_what_is_not_computed():
    sheet = read(made_by_openpyxl())[0]
    assert sheet.rows[1] == READ[1]
    assert sheet.rows[4] == READ[4][:4]


def test_an_uploaded_file_is_read():
    file = SimpleUploadedFile("classeur.xlsx", made_by_openpyxl())
    assert read_spreadsheet(file, name=file.name)[0].name == "Données"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_is_read_in_each_encoding_and_with_each_separator(encoding, separator):
    rows = [
        ["code", '"intitulé ; ou, bien"', "valeur"],
        ["A-1", '"deux\nlignes ""é"""', ""],
        ["", "1 234,5 €", ""],
    ]
    if separator == ",":
        rows[2][1] = '"1 234,5 €"'
    text = "\r\n".join(separator.join(row) for row in rows) + "\r\n\r\n"
    (sheet,) = read(text.encode(encoding), "plan.csv")
    assert sheet == Sheet(
        "plan.csv",
        [["code", "intitulé ; ou, bien", "valeur"], ["A-1", 'deux\nlignes "é"'], [None, "1 234,5 €"]],
    )


def test_a_csv_of_one_column_is_read():
    assert read(b"code\nA,1\n", "a.csv")[0].rows == [["code"], ["A,1"]]


def test_a_csv_with_an_open_quote_says_its_line():
    assert "ligne 2" in refusal(b'code;nom\nA;"ouvert\n', "a.csv")


def test_a_csv_beyond_its_bounds_is_refused():
    assert f"plus de {MAX_ROWS} lignes" in refusal(b"a\n" * (MAX_ROWS + 1), "a.csv")
    assert len(read(b"a\n" * MAX_ROWS, "a.csv")[0].rows) == MAX_ROWS
    assert f"plus de {MAX_COLUMNS} colonnes" in refusal(b";" * MAX_COLUMNS, "a.csv")
    assert "plus de 1000000 cellules" in refusal((b"1;" * 249 + b"1\n") * 4001, "a.csv")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.xlsx", "vide"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image.xlsx", "n’est pas un classeur"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image.csv", "n’est pas un classeur"),
        (b"bonjour", "lettre.docx", "n’est pas un classeur"),
        (b"a;\x81\n", "a.csv", "ni en UTF-8 ni en Windows-1252"),
        (b"PK\x03\x04" + b"\0" * 100, "a.xlsx", "abîmé"),
        (packages.ODS_TYPE, "a.ods", "n’est pas un classeur"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "format ancien"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
            "a.xlsx",
            "mot de passe",
        ),
    ],
)
def test_what_is_no_spreadsheet_is_refused_in_words(data, name, said):
    assert said in refusal(data, name)


def test_another_zip_is_no_spreadsheet():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<document/>")
    assert "n’est pas un classeur" in refusal(out.getvalue(), "lettre.xlsx")


@pytest.mark.parametrize("share", [0.2, 0.6, 0.99])
def test_a_truncated_file_is_refused(converted, share):
    for ending, data in converted.items():
        assert "abîmé" in refusal(data[: int(len(data) * share)], f"a.{ending}")


def test_a_file_with_damaged_bytes_is_refused(converted):
    data = bytearray(made_by_openpyxl())
    with zipfile.ZipFile(BytesIO(data)) as package:
        start = package.getinfo(SHEET1).header_offset + 80
    data[start : start + 20] = b"\xff" * 20
    assert "abîmé" in refusal(bytes(data))


def test_an_encrypted_ods_is_refused(converted):
    manifest = "META-INF/manifest.xml"
    data = with_member(
        converted["ods"],
        manifest,
        lambda text: text.replace(
            b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>"
        ),
    )
    assert "mot de passe" in refusal(data, "a.ods")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/hostname">]>"""


def test_entities_are_refused_wherever_they_are(converted):
    def bomb(text):
        return BOMB + re.sub(rb"^<\?xml.*?\?>", b"", text)

    for ending, member in (
        ("xlsx", SHEET1),
        ("xlsx", "xl/styles.xml"),
        ("xlsx", "xl/_rels/workbook.xml.rels"),
        ("ods", "content.xml"),
        ("ods", "META-INF/manifest.xml"),
    ):
        assert "entités" in refusal(with_member(converted[ending], member, bomb), f"a.{ending}")


def test_a_file_beyond_its_size_is_refused():
    assert "plus de 10 Mo" in refusal(b"PK\x03\x04" + b"\0" * MAX_BYTES)


def test_a_package_that_unpacks_to_too_much_is_refused(converted):
    spaces = b" " * (packages.MAX_UNPACKED + 1)
    data = with_member(converted["ods"], "content.xml", lambda text: text + spaces)
    assert "64 Mo une fois décompressé" in refusal(data, "a.ods")
    data = with_member(converted["ods"], "content.xml", lambda text: text + spaces[: 20 * 2**20])
    assert "compressé à l’excès" in refusal(data, "a.ods")


def test_a_package_that_lies_about_its_size_is_refused(converted):
    """The size is declared as 1 byte at both places; no more than that is unpacked."""
    data = bytearray(converted["ods"])
    with zipfile.ZipFile(BytesIO(data)) as package:
        info = package.getinfo("content.xml")
    size = info.file_size.to_bytes(4, "little")
    assert data.count(size) >= 1
    assert "abîmé" in refusal(bytes(data).replace(size, (1).to_bytes(4, "little")), "a.ods")


def test_too_many_members_are_refused():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for number in range(packages.MAX_MEMBERS + 1):
            package.writestr(f"{number}.xml", "<a/>")
    assert "plus de 1000 éléments" in refusal(out.getvalue())


def test_too_many_elements_are_refused(converted, monkeypatch):
    monkeypatch.setattr(packages, "MAX_ELEMENTS", 100)
    for ending, data in converted.items():
        assert "trop d’éléments" in refusal(data, f"a.{ending}")


def test_too_many_sheets_are_refused(tmp_path):
    book = Workbook()
    for _ in range(MAX_SHEETS):
        book.create_sheet()
    assert "plus de 60 feuilles" in refusal(book_bytes(book))
    book.remove(book.active)
    assert len(read(book_bytes(book))) == MAX_SHEETS


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"A{MAX_ROWS + 1}", "plus de 20000 lignes"),
        ("KO1", "plus de 300 colonnes"),  # KN is the 300th
        ("XFD1048576", "plus de 20000 lignes"),
    ],
)
def test_a_cell_out_of_bounds_is_refused_before_its_rows_are_made(cell, said):
    book = Workbook()
    book.active[cell] = 1
    assert said in refusal(book_bytes(book))


def test_cells_are_counted_over_all_sheets():
    book = Workbook()
    for sheet in (book.active, book.create_sheet()):
        sheet.cell(4000, 150).value = 1
    assert "plus de 1000000 cellules" in refusal(book_bytes(book))


def repeated(converted, row):
    return with_member(
        converted["ods"],
        "content.xml",
        lambda text: text.replace(b"</table:table>", row + b"</table:table>", 1),
    )


def test_repetitions_of_an_ods_are_counted_as_what_they_make(converted):
    cell = (
        b'<table:table-cell table:number-columns-repeated="%d" office:value-type="string"><text:p>%b</text:p>'
    )
    row = (
        b'<table:table-row table:number-rows-repeated="%d">' + cell + b"</table:table-cell></table:table-row>"
    )
    data = repeated(converted, row % (1, 16384, b"x"))
    assert "lignes" in refusal(data, "a.ods")  # after a tail of a million rows, it is too far down
    top = with_member(
        converted["ods"],
        "content.xml",
        lambda text: re.sub(rb"(<table:table-row )", row % (1, 301, b"x") + rb"\1", text, count=1),
    )
    assert "300 colonnes" in refusal(top, "a.ods")
    long = with_member(
        converted["ods"],
        "content.xml",
        lambda text: re.sub(rb"(<table:table-row )", row % (100, 200, b"x" * 2000) + rb"\1", text, count=1),
    )
    assert "trop de texte" in refusal(long, "a.ods")
    blank = with_member(
        converted["ods"],
        "content.xml",
        lambda text: text.replace(b"<text:p>texte", b'<text:p><text:s text:c="4000000000"/>texte', 1),
    )
    assert "trop de texte" in refusal(blank, "a.ods")


def test_a_long_shared_text_is_counted_for_each_cell_that_shows_it(converted, monkeypatch):
    """Each text a thousand characters longer than it was."""
    data = with_member(
        converted["xlsx"], "xl/sharedStrings.xml", lambda text: text.replace(b"</t>", b"x" * 1000 + b"</t>")
    )
    long = [cell for sheet in read(data) for row in sheet.rows for cell in row if len(str(cell)) > 1000]
    monkeypatch.setattr(packages, "MAX_TEXT", 1000 * len(long))
    assert "trop de texte" in refusal(data)


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        # each of these made the library set aside more memory than there is
        ("xl/sharedStrings.xml", rb'uniqueCount="\d+"', b'uniqueCount="4294967295"'),
        ("xl/styles.xml", rb'<cellXfs count="\d+"', b'<cellXfs count="4294967295"'),
        (SHEET1, rb'<c r="B2"', b'<c r="B2" x:r="XFD1048576" xmlns:x="urn:x"'),
        (SHEET1, rb'<c r="B2"', b'<c r="99999999999999"'),
    ],
)
def test_what_would_exhaust_the_memory_is_refused(converted, member, old, new):
    data = with_member(converted["xlsx"], member, lambda text: re.sub(old, new, text, count=1))
    assert data != with_member(converted["xlsx"], member, lambda text: text)
    assert "abîmé" in refusal(data)


def test_cell_names():
    assert [cell_name(0, 0), cell_name(6, 1), cell_name(1, 25), cell_name(9, 26)] == [
        "A1",
        "B7",
        "Z2",
        "AA10",
    ]
    assert cell_name(1048575, 16383) == "XFD1048576"


def test_repeated_percentages_are_refused_before_they_are_noted_one_by_one():
    """A few hundred bytes that would make six million marks, which is a gigabyte."""
    cell = '<table:table-cell office:value-type="percentage" table:number-columns-repeated="300"/>'
    row = f'<table:table-row table:number-rows-repeated="20000">{cell}</table:table-row>'
    content = f'<c xmlns:office="office" xmlns:table="table"><table:table>{row}</table:table></c>'
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", packages.ODS_TYPE)
        package.writestr("content.xml", content)
    tracemalloc.start()
    said = refusal(out.getvalue(), "a.ods")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "plus de 1000000 cellules" in said
    assert peak < 2**20
