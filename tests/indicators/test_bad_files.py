"""Bad files, through the doors that people use: the workbook of a campaign, that of a plan, evidence. See `test_bad_input`."""

import csv
import io
import random
import struct
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import escape

from indicators.entry.evidence import KINDS, OLE
from indicators.entry.workbook import HEADING_ROW
from spaser.packages import ODS_TYPE
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    MeasureSourceFactory,
    ReadingFactory,
    ReportFactory,
)
from tests.indicators.bad import LEAST, NOT_NUMBERS, assert_french, stored
from tests.indicators.filling import Filled, address, download, preview_of, problems, said, upload
from tests.indicators.test_bad_input import TYPES, extras
from tests.indicators.test_plan_workbook import filled as filled_plan
from tests.indicators.test_plan_workbook import give, url
from tests.indicators.test_sheet import messages, text_of

pytestmark = pytest.mark.django_db

PDF, PNG = b"%PDF-1.7\n1 0 obj\n", b"\x89PNG\r\n\x1a\n" + b"\0" * 50
ENCRYPTED = OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
SHEET1 = "xl/worksheets/sheet1.xml"


# spoiling a package


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def changed(content, name, change):
    """The package with one member changed."""
    parts = members(content)
    return packed({**parts, name: change(parts[name])})


def truncated(content, count):
    """`content` cut at `count` places from one end to the other, and just before its end."""
    places = {len(content) * rank // count for rank in range(1, count)}
    return [content[:place] for place in sorted(places | {4, 30, len(content) - 1, len(content) - 22})]


def flipped(content, *, each, seed):
    """`content` with one byte of its packed data changed, `each` times in each member, and in its directory."""
    chance, found = random.Random(seed), []
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        places = [
            (info.header_offset + 30 + len(info.filename), info.compress_size) for info in package.infolist()
        ]
        places += [(package.start_dir, len(content) - package.start_dir)]
    for start, size in places:
        for _ in range(each):
            place = start + chance.randrange(max(1, size))
            found.append(
                content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]
            )
    return found


def marked_encrypted(content):
    """The package with each member declared encrypted, in its own header and in the directory."""
    spoilt = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = spoilt.find(signature)
        while place >= 0:
            spoilt[place + offset] |= 1
            place = spoilt.find(signature, place + 4)
    return bytes(spoilt)


def declared_larger(content):
    """The package whose directory says that its members are of a gigabyte."""
    spoilt, place = bytearray(content), content.find(b"PK\x01\x02")
    while place >= 0:
        spoilt[place + 24 : place + 28] = struct.pack("<I", 2**30)
        place = spoilt.find(b"PK\x01\x02", place + 4)
    return bytes(spoilt)


SPOILT_XML = [
    lambda xml: b"",
    lambda xml: xml[: len(xml) // 2],
    lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml,
    lambda xml: b'<!DOCTYPE x SYSTEM "http://x.example/x.dtd">' + xml,
    lambda xml: b"\xff\xfe" + xml,
    lambda xml: xml.replace(b"<row ", b"<row <", 1),
    lambda xml: xml.replace(b' r="4"', b' r="99999999"', 1),
    lambda xml: xml.replace(b' r="4"', b' r="quatre"', 1),
    lambda xml: xml.replace(b'r="A4"', b'r="ZZZZ4"', 1),
    lambda xml: xml.replace(b'r="A4"', b'r="A1048577"', 1),
    lambda xml: xml.replace(b'r="A4"', b'r="4A"', 1),
    lambda xml: xml.replace(b'r="A4"', "r=\"Α4\"".encode(), 1),  # a Greek capital
    lambda xml: xml.replace(b'r="A4"', b'r="A4" x:r="B4" xmlns:x="x"', 1),
    lambda xml: xml.replace(b't="n"><v>', b't="s"><v>999999'),
    lambda xml: xml.replace(b't="n"><v>', b't="s"><v>-1'),
    lambda xml: b"<a>" * 5000 + b"</a>" * 5000,
    lambda xml: b"%PDF-1.7",
    lambda xml: b"\0" * 100,
    lambda xml: bytes(random.Random(7).randbytes(500)),
]  # fmt: skip


def bombs(content):
    """Packages that would fill the memory."""
    parts, space = members(content), b" " * (70 * 2**20)
    yield packed({**parts, "xl/sharedStrings.xml": b"<sst>" + space + b"</sst>"})
    yield packed({**parts, SHEET1: b"<worksheet>" + b" " * (20 * 2**20) + b"</worksheet>"})
    yield packed({**parts, **{f"xl/rien{rank}.xml": b"<a/>" for rank in range(1001)}})
    yield packed(
        {**parts, SHEET1: b"<worksheet><sheetData>" + b"<row/>" * 3_000_001 + b"</sheetData></worksheet>"}
    )
    yield declared_larger(content)
    yield content + b"x" * (10 * 2**20)


# the workbook of a campaign


@pytest.fixture
def lines(report, measure, campaign, scheme):
    """A line of each type, with a value; and codes that are not to fill."""
    for kind, value in TYPES.items():
        line = measure(f"G-{kind}", type=kind, **extras(kind))
        ReadingFactory(report=report, measure=line, as_of=date(2026, 6, 30), comment="Vu.", **value)
    hidden = ReportFactory(campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme))
    measure("H-1", report=hidden)
    MeasureSourceFactory(
        measure=measure("H-2", computation="sum"), source=line.indicator.measures.model.objects.first()
    )
    measure("H-3", valid_until=2024)
    return [f"G-{kind}" for kind in TYPES]


@pytest.fixture
def clean(client, pilot, campaign, lines):
    """The bytes of a workbook just downloaded by the pilot, who is logged in."""
    client.force_login(pilot)
    return download(client, campaign)


def seen(response):
    """What an upload gave: what is wrong with it, as French messages, and the preview, as comparable values."""
    assert response.status_code == 200
    if "preview" not in response.context:
        errors = [*response.context["form"].errors.get("file", ())]
        assert all(escape(message) in text_of(response) for message in errors)
        return errors, None
    preview = preview_of(response)
    assert all(escape(message) in text_of(response) for _, _, message in problems(response)[:200])
    return [problem.message for problem in preview.problems], (
        said(response),
        preview.unchanged,
        preview.ignored,
    )


class Count(list):
    """The bad files that a test has sent."""

    def refuse(self, client, campaign, content, name="saisie.xlsx"):
        """The file is refused, whole or for each of the cells that changed; so it is when the preview is confirmed."""
        response = self.response = upload(client, campaign, content, name)
        errors, preview = seen(response)
        assert errors, (len(self), content[:60], preview)
        assert_french(errors)
        assert preview is None or preview[0] == [], preview
        if preview is not None and len(self) % 4 == 0:
            client.post(address(campaign), {"rows": preview_of(response).packed})
        self.append(name)
        return errors


def test_a_damaged_workbook_is_refused_or_read_as_it_was(client, campaign, clean):
    """Cut anywhere, or with a byte changed in each member: a checksum tells, or the byte meant nothing."""
    good = Filled(clean).set("G-count", "Valeur", 6).content
    errors, expected = seen(upload(client, campaign, good))
    assert errors == [] and expected[0] == [("G-count", "4", "6")]
    before, sent, refused = stored(), Count(), 0
    for content in [*truncated(good, 32), *flipped(good, each=2, seed=11)]:
        errors, preview = seen(upload(client, campaign, content))
        if errors:
            assert_french(errors)
            assert preview is None or preview[0] == []
            refused += 1
        else:
            assert preview == expected
        sent.append(content)
    assert len(sent) >= 60 and refused >= 50
    assert stored() == before


def test_a_workbook_spoilt_inside_is_refused(client, campaign, clean):
    before, sent, refused = stored(), Count(), 0
    for change in SPOILT_XML:
        spoilt = changed(clean, SHEET1, change)
        assert members(spoilt)[SHEET1] != members(clean)[SHEET1]
        errors, preview = seen(upload(client, campaign, spoilt))
        if errors:
            assert_french(errors)
            assert preview is None or preview[0] == []
        else:  # what was spoilt meant nothing
            assert preview == ([], len(TYPES), [])
        sent.append(spoilt)
        refused += bool(errors)
    assert refused >= 15
    for name in ("xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"):
        sent.refuse(client, campaign, changed(clean, name, SPOILT_XML[1]))
    for name in ("xl/workbook.xml", SHEET1):
        sent.refuse(
            client, campaign, packed({key: data for key, data in members(clean).items() if key != name})
        )
    for content in bombs(clean):
        sent.refuse(client, campaign, content)
    sent.refuse(client, campaign, marked_encrypted(clean))
    assert len(sent) >= 30
    assert stored() == before


NOT_WORKBOOKS = [
    (b"", "saisie.xlsx"), (b" ", "saisie.xlsx"), (b"\0" * 1000, "saisie.xlsx"), (PDF, "saisie.xlsx"), (PDF, "saisie.pdf"),
    (PNG, "saisie.xlsx"), (PNG, "saisie.csv"), (b"<html></html>", "saisie.xlsx"), (b"PK\x03\x04", "saisie.xlsx"),
    (b"PK\x05\x06" + b"\0" * 18, "saisie.xlsx"), (OLE + b"\0" * 600, "saisie.xls"), (ENCRYPTED, "saisie.xlsx"),
    (b"\x1f\x8b" + b"\0" * 50, "saisie.xlsx"), (b"Code;Valeur\nG-count;5\n", "saisie.xlsx"), (b"bonjour", "lettre.docx"),
    (packed({"word/document.xml": b"<document/>"}), "saisie.xlsx"), (packed({"saisie.xlsx": b"x"}), "saisie.xlsx"),
    (packed({"xl/workbook.xml": b"<workbook/>"}), "saisie.xlsx"), (packed({"mimetype": ODS_TYPE}), "saisie.ods"),
    (packed({}), "saisie.xlsx"), (b"MZ" + b"\0" * 100, "saisie.xlsx"), (b"{}", "saisie.json"), (b"Code;Valeur", "saisie"),
    # CSV
    (b"", "saisie.csv"), (b"\n\n\n", "saisie.csv"), (b"Code;Valeur\n", "saisie.csv"), (b";;;\n;;;\n", "saisie.csv"),
    (b"Code;Valeur\nG-count;\0005\n", "saisie.csv"), (b"\xff\xfe" + "Code;Valeur\nG-count;5".encode("utf-16-le"), "saisie.csv"),
    ("Code;Valeur\nG-count;5".encode("utf-32"), "saisie.csv"), (b"Code;Valeur\nG-count;\x81\x8d\n", "saisie.csv"),
    ("Code;Valeur\nG-count;é".encode() + "é\x81".encode("latin-1"), "saisie.csv"), (b'Code;Valeur\nG-count;"5\n', "saisie.csv"),
    (b'Code;Valeur\nG-count;"5"6\n', "saisie.csv"), (b"Code;Valeur\nG-count;5\n" * 10_001, "saisie.csv"), (b"G-count;5", "saisie.csv"),
    (b"code valeur\nG-count 5\n", "saisie.csv"), (b"Kode;Wert\nG-count;5\n", "saisie.csv"), (b"Valeur\n5\n", "saisie.csv"),
    (b"Code;Valeur\nG-count;beaucoup\n", "saisie.csv"), (b"Code;Valeur\nG-count;1,234.56\n", "saisie.csv"),
    (b"Code;Valeur\nZ-1;5\n", "saisie.csv"), (b"Code;Valeur\nH-1;5\n", "saisie.csv"), (b"Code;Valeur\nH-2;5\n", "saisie.csv"),
    (b"Code;Valeur\nH-3;5\n", "saisie.csv"), (b"Code;Valeur\n;5\n", "saisie.csv"), (b"Code;Valeur\n=1+1;5\n", "saisie.csv"),
    (b"Code;Valeur;Campagne\nG-count;5;2025 autre\n", "saisie.csv"), (b";" * 301, "saisie.csv"),
    (b"Code;Valeur\n" + b"G-count;5;" + b"x;" * 400, "saisie.csv"), (b"x" * (10 * 2**20 + 1), "saisie.csv"),
    (b"Code,Valeur\nG-count,1,5\nG-count,2\n", "saisie.csv"), (b"Code;Valeur\nG-count;5\nG-COUNT;6\n", "saisie.csv"),
    (b"<table><tr><td>Code</td></tr></table>", "saisie.csv"), (b"Code;Valeur\nG-count;5 \xe2\x82\n", "saisie.txt"),
]  # fmt: skip


def test_what_is_no_workbook_and_a_bad_csv_are_refused(client, campaign, clean):
    before, sent = stored(), Count()
    for content, name in NOT_WORKBOOKS:
        sent.refuse(client, campaign, content, name)
    assert len(sent) >= 50
    assert stored() == before


def ods(rows, *, mimetype=ODS_TYPE, manifest=b"<manifest/>", table="<table:table table:name='Saisie'>"):
    """The bytes of an ODS whose cells are texts, or XML as it is."""
    cells = [
        [cell if cell.startswith("<") else f"<table:table-cell office:value-type='string'><text:p>{cell}</text:p></table:table-cell>" for cell in row]
        for row in rows
    ]  # fmt: skip
    body = "".join(
        row[0]
        if row[0].startswith("<table:table-row")
        else f"<table:table-row>{''.join(row)}</table:table-row>"
        for row in cells
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>{table}{body}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return packed({"mimetype": mimetype, "content.xml": content.encode(), "META-INF/manifest.xml": manifest})


HEAD, LINE = ["Code", "Valeur"], ["G-count", "5"]


def bad_ods():
    good = ods([HEAD, LINE])
    content = members(good)["content.xml"]
    yield from truncated(good, 6)
    for change in (
        lambda xml: b"",
        lambda xml: xml[:-20],
        lambda xml: b'<!DOCTYPE x [<!ENTITY a "a">]>' + xml,
        lambda xml: xml.replace(
            b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000000">', 2
        ),
        lambda xml: xml.replace(
            b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="999999" ', 1
        ),
        lambda xml: xml.replace(
            b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="x" ', 1
        ),
        lambda xml: xml.replace(
            b"<table:table-row>", b"<table:table table:name='x'></table:table><table:table-row>", 1
        ),
        lambda xml: xml.replace(b"<text:p>5", b"<text:p>&#0;5"),
        lambda xml: xml.replace(b"<text:p>5", b"<text:p>\xed\xa0\x805"),
        lambda xml: xml.replace(b"<text:p>5", b"<text:p>beaucoup"),
        lambda xml: xml.replace(b"<text:p>5", b"<text:p>1,234.56"),
    ):
        assert change(content) != content
        yield changed(good, "content.xml", change)
    yield ods([HEAD, LINE], mimetype=b"application/zip")
    yield ods([HEAD, LINE], manifest=b"<manifest><encryption-data/></manifest>")
    yield packed({name: data for name, data in members(good).items() if name != "content.xml"})
    yield ods([HEAD])
    yield ods([["Kode", "Wert"], LINE])
    yield ods([HEAD, ["Z-9", "5"]])
    yield ods([HEAD, LINE, LINE])
    error = "<table:table-cell office:value-type='string' calcext:value-type='error' xmlns:calcext='x'><text:p>#REF!</text:p></table:table-cell>"
    yield ods([HEAD, ["G-count", error]])
    yield ods(
        [HEAD, ["G-count", "<table:table-cell office:value-type='date' office:date-value='2026-12-31'/>"]]
    )
    yield ods([HEAD, ["G-count", "<table:table-cell office:value-type='float' office:value='1e400'/>"]])


def test_a_bad_ods_is_refused(client, campaign, clean):
    assert seen(upload(client, campaign, ods([HEAD, LINE]), "saisie.ods"))[1][0] == [("G-count", "4", "5")]
    before, sent = stored(), Count()
    for content in bad_ods():
        sent.refuse(client, campaign, content, "saisie.ods")
    assert len(sent) >= 25
    assert stored() == before


BAD_CELLS = [
    *(("G-count", "Valeur", text) for text in ("beaucoup", "1,234.56", "12 34", "3,5", "#REF!", "12 %", "x" * 5000)),
    *(("G-count", "Valeur", cell) for cell in (3.5, True, 1e300, 1e-300, 10**16, date(2026, 12, 31), datetime(2026, 1, 1, 8))),
    *(("G-quantity", "Valeur", cell) for cell in ("1e5", "NaN", 1 / 3, False, "=1/0", "5_xD800_")),
    *(("G-amount", "Valeur", cell) for cell in ("12 k€", "$5", "12 %", 1e16, date(2026, 1, 1))),
    *(("G-percent", "Valeur", cell) for cell in ("12 €", "la moitié", "%")),
    *(("G-boolean", "Valeur", cell) for cell in ("peut-être", 2, -1, 0.5, date(2026, 1, 1))),
    *(("G-choice", "Valeur", cell) for cell in ("Reporté", 1, "#N/A")),
    *(("G-text", "Valeur", cell) for cell in ("#REF!", "#DIV/0!")),
    *(("G-ratio", "Numérateur", cell) for cell in (-1, "un", "12 %")),
    *(("G-ratio", "Dénominateur", cell) for cell in (None, "huit")),
    ("G-ratio", "Valeur", 12.5), ("G-count", "Numérateur", 1), ("G-text", "Dénominateur", 1),
    *(("G-count", "Situation au", cell) for cell in (46387, 46387.5, "hier", "31/02/2026", 2026, True, date(1901, 1, 1))),
    *(("G-count", "Non renseignés", cell) for cell in (-1, 1.5, "deux", 2**31)), ("G-amount", "Non renseignés", 1),
    *(("G-count", "Pas de valeur", cell) for cell in ("inconnu", 0, True)), ("G-count", "Pourquoi", "en cours"),
    ("G-count", "Nuance", "x" * 61), ("G-count", "Source", "x" * 301), ("G-count", "Commentaire", "#VALEUR!"),
    ("G-count", "Commentaire", "x" * 20_001), ("G-count", "Code", "Z-9"), ("G-count", "Code", None), ("G-count", "Code", 12),
    ("G-count", "Code", "H-1"), ("G-count", "Code", "_x0000_"), ("G-count", "Code", "G-boolean"), ("G-count", "Code", "x" * 5000),
    ("G-count", "Campagne", "2025 autre"), ("G-count", "Campagne", 2026),
]  # fmt: skip


def test_a_cell_filled_badly_is_named(client, campaign, clean):
    before, sent = stored(), Count()
    filled = Filled(clean)
    for code, heading, cell in BAD_CELLS:
        value = filled.cell(code, "Valeur")
        if heading == "Code":
            value.value = 6
        place = filled.cell(code, heading)
        was = [(spoilt, spoilt.value, spoilt.number_format) for spoilt in (place, value)]
        if isinstance(cell, (str, int, float)):
            place.number_format = "General"  # as pasted: neither a date nor a share
        place.value = cell
        if isinstance(cell, str) and not cell.startswith("#"):
            place.data_type = "s"  # no formula; « #REF! » stays the error that it is
        sent.refuse(client, campaign, filled.content)
        if heading in ("Valeur", "Situation au", "Nuance", "Commentaire", "Source"):
            named = [where for where, _, _ in problems(sent.response)]
            found = [where for where in named if where.endswith(f"cellule {place.coordinate}")]
            assert found, (code, heading, cell, named)
        for spoilt, former, number_format in was:  # as it was, for the next
            spoilt.value, spoilt.number_format = former, number_format
    assert len(sent) >= 60
    assert stored() == before


def spoilt_sheets(clean):
    """Workbooks whose sheet no longer has its shape."""

    def spoilt(change, code="G-count"):
        filled = Filled(clean).set(code, "Valeur", 6)
        change(filled)
        return filled.content

    def heading(name, value):
        return lambda filled: setattr(filled.sheet.cell(HEADING_ROW, filled.columns[name]), "value", value)

    yield spoilt(heading("Code", "Kode"))
    yield spoilt(heading("Code", None))
    yield spoilt(lambda filled: filled.sheet.delete_cols(filled.columns["Code"]))
    yield spoilt(lambda filled: filled.sheet.delete_rows(HEADING_ROW))
    yield spoilt(lambda filled: filled.sheet.delete_rows(1, 100))
    yield spoilt(lambda filled: filled.sheet.insert_rows(1, 30))
    yield spoilt(lambda filled: filled.book.remove(filled.sheet))
    yield spoilt(lambda filled: filled.sheet.merge_cells(f"A{HEADING_ROW}:Z{HEADING_ROW}"))
    yield spoilt(lambda filled: filled.sheet.merge_cells(f"A{HEADING_ROW + 1}:A{HEADING_ROW + 8}"))
    for rank in (1, 2, 3):
        yield spoilt(
            lambda filled, rank=rank: filled.sheet.append(_row_of(filled, "G-count", "G-count", 6 + rank))
        )
    yield openpyxl_bytes(["Code", "Action"], ["G-count", 6])
    yield openpyxl_bytes(["Valeur"], [6])
    yield openpyxl_bytes(["Code", "Valeur"])
    yield openpyxl_bytes(["G-count", 6])
    yield openpyxl_bytes(*[["Code", "Valeur"], ["G-count", 6]] * 3)


def _row_of(filled, code, as_code, value):
    row = [cell.value for cell in filled.sheet[filled.row(code)]]
    row[filled.columns["Code"] - 1], row[filled.columns["Valeur"] - 1] = as_code, value
    return row


def openpyxl_bytes(*rows):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_workbook_out_of_shape_is_refused(client, campaign, clean):
    before, sent = stored(), Count()
    for content in spoilt_sheets(clean):
        sent.refuse(client, campaign, content)
    assert len(sent) >= 15
    assert stored() == before


def test_the_workbook_of_another_campaign_is_refused(client, pilot, campaign, clean, report):
    other = CampaignFactory(
        scheme=campaign.scheme, year=2027, opens_on=campaign.opens_on, closes_on=campaign.closes_on
    )
    ReportFactory(campaign=other, action=report.action)
    before, sent = stored(), Count()
    for content, name in (
        (Filled(clean).set("G-count", "Valeur", 6).content, "saisie.xlsx"),
        (download(client, campaign, format="csv"), "saisie.csv"),
    ):
        errors = sent.refuse(client, other, content, name)
        assert "autre campagne" in errors[0]
    assert stored() == before


def test_what_a_csv_remembers_may_be_forged_and_breaks_nothing(client, campaign, clean):
    rows = list(
        csv.reader(io.StringIO(download(client, campaign, format="csv").decode("utf-8-sig")), delimiter=";")
    )
    heading, line = rows[0], next(row for row in rows if row[0] == "G-count")
    before, sent = stored(), Count()
    for was in (
        '{"value": "\\ud800"}',
        '{"value": "\\u0000"}',
        "[" * 100_000,
        "9" * 5000,
        "{",
        '{"value": 4}',
        "null",
    ):
        for version in ("-1", "9" * 400, "٣"):
            forged = list(line)
            forged[heading.index("Valeur")] = "beaucoup"
            forged[heading.index("Au téléchargement")], forged[heading.index("Version")] = was, version
            out = io.StringIO(newline="")
            csv.writer(out, delimiter=";").writerows([heading, forged])
            sent.refuse(client, campaign, out.getvalue().encode(), "saisie.csv")
    assert len(sent) == 21
    assert stored() == before


def test_the_workbooks_are_enough():
    assert len(NOT_WORKBOOKS) + len(BAD_CELLS) + 60 + 30 + 25 >= LEAST["workbooks"]


# the workbook of a plan


PLAN_CELLS = {
    "Schéma!B2": [None, "Pas un identifiant", "é", "x" * 200, "🙂", "/"],
    "Schéma!B3": [None],
    "Piliers!A4": [None],
    "Objectifs!B4": ["Z"],
    "Actions!A4": [None, "_x0000_", "x" * 500],
    "Actions!B4": ["Z-9", 12],
    "Actions!E4": [None, "_x0000_"],
    "Étapes!B4": ["Z-9"],
    "Participations!B4": ["ZZZ"],
    "Participations!C4": ["Chef"],
    "Indicateurs!B4": ["Z-9"],
    "Grandeurs!D4": ["nombre de trucs", None, 3],
    "Grandeurs!B4": ["Z-9"],
    "Cibles!F4": [*NOT_NUMBERS[:8], "beaucoup", date(2026, 1, 1)],
    "Cibles!I4": ["bientôt", 2030.5, 99999999999],
    "Cibles!B4": ["Z-9"],
    "Passages!A4": ["monde"],
    "Passages!B4": ["Z-9"],
}


def bad_plans(organisation):
    good = filled_plan(organisation)
    for place, cells in PLAN_CELLS.items():
        for cell in cells:
            yield filled_plan(organisation, **{place: cell}), "plan.xlsx", (place, cell)
    yield from ((content, "plan.xlsx", "cut") for content in truncated(good, 6))
    yield from (
        (changed(good, SHEET1.replace("1", "2"), change), "plan.xlsx", rank)
        for rank, change in enumerate(SPOILT_XML[:5])
    )
    yield marked_encrypted(good), "plan.xlsx", "encrypted"
    yield declared_larger(good), "plan.xlsx", "large"
    yield from ((content, name, content[:40]) for content, name in NOT_WORKBOOKS[:22])


def test_a_bad_plan_is_refused_and_nothing_is_made(client, steering, organisation):
    client.force_login(steering)
    before, sent = stored(), 0
    for content, name, why in bad_plans(organisation):
        response = give(client, organisation, content, name)
        assert response.status_code in (200, 422)
        assert "preview" not in response.context, (name, why)
        errors = [*response.context["form"].errors.get("file", ())]
        reasons = [problem.reason for problem in response.context["problems"]]
        assert all(problem.where for problem in response.context["problems"])
        assert_french([*errors, *reasons])
        sent += 1
    assert sent >= LEAST["plans"]
    assert stored() == before


PLAN_CONTENTS = [
    "[", "{}", "1", "null", "[1]", "[" * 100_000, "9" * 5000, '[["Piliers", 3]]', '[["Piliers", "abc"]]', '[["Piliers", {"a": 1}]]',
    '[["Piliers", [1]]]', '[["Piliers", ["abc"]]]', '[["Piliers", [{"a": 1}]]]', '[["Piliers", [[{"a": 1}]]]]', '[["Piliers", [[[1]]]]]',
    '[["Schéma", []]]', '[["Schéma", "Identifiant"]]', '[["Schéma", [["Identifiant", "x"]]]]', '[[1, []]]', '[[null, []]]',
    '[["Schéma", [[true, true]]]]', '[["Schéma", [[1.5]]]]', '[["Piliers", [["Code"], ["\\ud800"]]]]', "x" * 2_000_001,
]  # fmt: skip


def test_a_forged_plan_makes_nothing(client, steering, organisation):
    client.force_login(steering)
    page = give(client, organisation, filled_plan(organisation))
    content = page.context["form"]["content"].value()
    before = stored()
    forged = [content.replace("Affaires juridiques", words) for words in ("\\u0000", "\\ud800", "a\\u0000b")]
    for text in [*PLAN_CONTENTS, *forged]:
        response = client.post(url(organisation), {"content": text, "name": "plan.xlsx"}, follow=True)
        assert response.status_code in (200, 422)
        assert_french([*messages(response), *(problem.reason for problem in response.context["problems"])])
    assert stored() == before


# evidence


def bad_evidence():
    """[(name, content)] of files that support nothing."""
    contents = {"html": b"<html>", "texte": b"bonjour", "vide": b"", "exe": b"MZ\x90\0\x03" + b"\0" * 40}
    for extension in KINDS:
        for name, content in contents.items():
            if KINDS[extension] or name in ("vide", "exe"):
                yield f"{name}.{extension}", content
    yield from (
        ("page.pdf", PNG),
        ("image.png", PDF),
        ("image.jpg", PNG),
        ("lettre.docx", OLE),
        ("tableau.xls", b"PK\x03\x04"),
    )
    yield from (
        ("facture.csv", PDF),
        ("image.txt", PNG),
        ("archive.csv", b"PK\x03\x04x"),
        ("tableau.txt", OLE),
    )
    endings = (
        "exe",
        "bat",
        "html",
        "svg",
        "js",
        "zip",
        "docm",
        "xlsm",
        "gif",
        "heic",
        "",
        "pdf.exe",
        "pdf ",
        "\u202efdp",
    )
    yield from ((f"facture.{ending}", PDF) for ending in endings)
    yield from (
        ("facture", PDF),
        ("🙂", PDF),
        ("x" * 250, PDF),
        ("<b>.htm", PDF),
        ("..%2f..%2fetc", PDF),
    )
    yield "grand.pdf", PDF + b"x" * (10 * 2**20)


def visible(name):
    """A name as it arrives: without what nobody sees."""
    return "".join(character for character in name if character.isprintable())


def plain_spaces(text):
    """Without the no-break spaces of typography, that a page puts before a colon or a question mark."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_a_bad_evidence_file_is_refused_by_its_name(client, report, count, pilot, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(pilot)
    before, files = stored(), list(bad_evidence())
    assert len(files) >= LEAST["evidence"]
    for start in range(0, len(files), 20):
        some = [SimpleUploadedFile(name, content) for name, content in files[start : start + 20]]
        for field in ("f-fiche", "f-G-1", "f-\0", "f-Z-9"):
            for file in some:
                file.seek(0)
            response = client.post(report.get_absolute_url(), {field: some}, follow=True)
            assert response.status_code == 200
            told = [message for message in messages(response) if message.startswith("«")]
            assert [
                file.name for file in some if not any(f"« {visible(file.name)} »" in words for words in told)
            ] == []
            assert_french(told)
            shown = plain_spaces(text_of(response))
            assert [message for message in told if plain_spaces(escape(message)) not in shown] == []
    assert stored() == before
    assert list(tmp_path.iterdir()) == []


def test_no_more_evidence_than_a_sheet_holds(client, report, count, pilot, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(pilot)
    page = report.get_absolute_url()
    client.post(
        page, {"f-fiche": [SimpleUploadedFile(f"{rank}.pdf", PDF + bytes([rank])) for rank in range(30)]}
    )
    before = stored()
    for name, content in (("encore.pdf", PDF), ("0.pdf", PDF + b"\0")):
        response = client.post(page, {"f-fiche": SimpleUploadedFile(name, content)}, follow=True)
        assert_french([message for message in messages(response) if message.startswith("«")])
    for pk in ("-1", "1e3", "9" * 400, "٣", "\0", "zéro", "999999999999999999"):
        assert client.post(page, {"remove-evidence": pk}).status_code == 302
    assert stored() == before
