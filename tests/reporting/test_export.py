"""The explorer as files: exactly what the page shows, real numbers, texts that stay texts; read back by three programs."""

import csv
import io
import subprocess
from datetime import date

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from indicators.models import Measure, Reading
from tests import factories as make
from tests.reporting.exploring import codes, line_of, small_scheme

pytestmark = pytest.mark.django_db
PAGE, XLSX, CSV = (f"/schemas/petit/indicateurs{end}" for end in ("/", ".xlsx", ".csv"))


@pytest.fixture
def small(organisation):
    return small_scheme(organisation)


@pytest.fixture
def reader(client, steering):
    client.force_login(steering)
    return client


def book_of(client, **query):
    response = client.get(XLSX, query)
    assert response.status_code == 200
    return load_workbook(io.BytesIO(response.content))


def cells_of(sheet, heading_row=1):
    """{code: {heading: cell}}."""
    heads = [cell.value for cell in sheet[heading_row]]
    rows = [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=heading_row + 1)]
    return {row["Code"].value: row for row in rows}


def lines_of(client, **query):
    """The lines of the CSV, as a French program reads them: [{heading: text}]."""
    content = client.get(CSV, query).content
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") >= content.count(b"\r\n") > 0
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_numbers_are_numbers_with_the_format_of_their_unit(reader, small):
    cells = cells_of(book_of(reader)["Indicateurs"])

    def told(code, heading):
        cell = cells[code][heading]
        return cell.value, cell.number_format

    assert told("A2-1", "2025") == (100, "#,##0")
    assert told("A2-1", "2026") == (150, '"environ "#,##0')
    assert told("A2-1", "Évolution") == (50, '+#,##0.0" %";-#,##0.0" %";#,##0.0" %"')
    assert told("A2-1", "Avancement") == (50, '#,##0" %"')
    assert told("A2-2", "2026") == (8.5, "#,##0.0")
    assert told("A10-1", "2026") == (75, '#,##0.00" %"')
    assert told("A10-1", "2026, numérateur") == (3, "#,##0")
    assert told("A10-1", "2026, dénominateur") == (4, "#,##0")
    assert cells["A10-1"]["2025"].value == pytest.approx(100 / 3)
    assert told("A10-1", "Évolution")[1].startswith('+#,##0.00" points"')
    assert told("A10-2", "2026")[0] == "comptes non arrêtés"
    assert told("A10-2", "2025")[0] is None
    assert told("B1-1", "2026")[0] == "oui"
    assert told("B1-2", "2026")[0] == "non renseigné"
    assert told("A2-1", "2026, numérateur")[0] is None


def test_what_stands_beside_a_value_has_a_column(reader, small):
    make.SeriesBreakFactory(measure=small.measures["euros"], year=2026, note="TTC.")
    cells = cells_of(book_of(reader)["Indicateurs"])
    row = {heading: cell.value for heading, cell in cells["A2-1"].items()}
    assert (row["Action"], row["Indicateur"]) == ("A2", "Repas végétariens servis à l’école")
    assert (row["Unité"], row["Évolution en"], row["Sens"]) == ("repas", "%", "s’améliore")
    assert (row["Cible"], row["Issue"]) == (
        "au moins 200\u00a0repas en 2028",
        "en chemin",
    )
    assert (row["Relevé"], row["Statut"]) == ("renseigné", "validée")
    assert row["Précisions"] == "2026 : environ"
    assert cells["A10-2"]["Précisions"].value == "2026 : rupture de série en 2026 : TTC."
    assert cells["B1-2"]["Relevé"].value == "à renseigner"
    assert cells["I-B1-3"]["Indicateur"].value == "Repas, encore (répète I-A2-1 : ne compte dans aucun total)"
    assert cells["I-B1-3"]["Relevé"].value is None


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"pilier": "P1", "tri": "-valeur"},
        {"q": "papier", "colonnes": ["2026", "code"]},
        {"annee": "2025", "rempli": "oui", "colonnes": ["code", "commentaire"]},
        {"tri": "x", "pilier": "P2"},
    ],
)
def test_the_files_hold_the_lines_of_the_page_in_its_order(reader, small, query):
    expected = codes(reader.get(PAGE, {**query, "colonnes": [*query.get("colonnes", []), "code"]}))
    sheet = book_of(reader, **query)["Indicateurs"]
    assert [cell.value for cell in sheet["A"][1:]] == expected
    assert [line["Code"] for line in lines_of(reader, **query)] == expected


def test_the_files_hold_the_columns_of_the_page(reader, small):
    sheet = book_of(reader, colonnes=["2026", "commentaire"], q="papier")["Indicateurs"]
    heads = [cell.value for cell in sheet[1]]
    always = ["Code", "Action", "Intitulé de l’action", "Indicateur", "Grandeur", "Unité"]
    assert heads == [*always, "2026", "Commentaire", "Précisions"]
    assert list(lines_of(reader, colonnes=["2026", "commentaire"], q="papier")[0]) == heads


def test_no_text_becomes_a_formula(reader, small):
    for name, start in (
        ("repas", "=HYPERLINK(1)"),
        ("papier", "+33"),
        ("euros", "@SUM(1)"),
        ("guide", "-2+3"),
    ):
        indicator = small.measures[name].indicator
        indicator.name = start
        indicator.save()
    sheet = book_of(reader, colonnes=["2026", "commentaire"])["Indicateurs"]
    suspect = [cell for row in sheet.iter_rows() for cell in row if str(cell.value)[:1] in "=+-@"]
    assert {cell.value for cell in suspect} == {"=HYPERLINK(1)", "+33", "@SUM(1)", "-2+3", "=1+1"}
    assert {cell.data_type for cell in suspect} == {"s"}
    lines = {line["Code"]: line for line in lines_of(reader, colonnes=["2026", "commentaire"])}
    assert lines["A2-1"]["Indicateur"] == "'=HYPERLINK(1)"
    assert lines["A2-2"]["Commentaire"] == "'=1+1"
    assert lines["B1-1"]["Indicateur"] == "'-2+3"


def test_the_csv_is_for_a_french_program(reader, small):
    reading = Reading.objects.get(measure=small.measures["papier"], report__campaign__year=2025)
    make.MeasureFactory(indicator=small.measures["papier"].indicator, code="A2-3", unit="tonne")
    measure = Measure.objects.get(code="A2-3")
    make.ReadingFactory(report=reading.report, measure=measure, number=1234567)
    make.ReadingFactory(report=small.now.reports.get(action__code="A2"), measure=measure, number=-5)
    lines = {line["Code"]: line for line in lines_of(reader)}
    assert (lines["A2-2"]["2025"], lines["A2-2"]["2026"]) == ("10,0", "8,5")
    assert (lines["A2-3"]["2025"], lines["A2-3"]["2026"]) == ("1234567", "-5")
    assert (lines["A2-2"]["Évolution"], lines["A2-2"]["Évolution en"]) == ("-15,0", "%")
    rate = lines["A10-1"]
    assert (rate["2025"], rate["2025, numérateur"], rate["2025, dénominateur"]) == ("33,33", "1", "3")
    assert lines["A2-1"]["2026"] == "150"
    assert lines["A2-1"]["Précisions"] == "2026 : environ"
    response = reader.get(CSV)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="indicateurs-petit-2026.csv"'
    assert b"\r\n" in response.content and b"\n" not in response.content.replace(b"\r\n", b"")


def test_the_workbook_prints_and_filters_well(reader, small):
    book = book_of(reader)
    assert book.sheetnames == ["Indicateurs", "À propos"]
    sheet = book["Indicateurs"]
    assert sheet.freeze_panes == "B2"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, sheet.max_column).column_letter}8"
    assert sheet.column_dimensions["D"].width == 44


def test_a_sheet_says_what_the_workbook_is(reader, small, steering):
    sheet = book_of(reader, pilier="P1", q="papier", tri="-valeur")["À propos"]
    told = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=2)}
    assert told["Schéma"] == str(small.scheme)
    assert told["Année"] == 2026
    exported = told["Exporté le"]
    assert date(exported.year, exported.month, exported.day) == timezone.localdate()
    assert (
        told["Valeurs lues"] == "Celles que votre compte peut lire : toutes les fiches, brouillons compris."
    )
    assert told["Filtres"] == "Axe : Axe P1\nMots : papier"
    assert told["Tri"] == "Valeur de l’année, décroissant"
    assert told["Complétude"].replace("\u00a0", " ") == "1 relevé renseigné sur 1 dû en 2026."
    assert told["Adresse de la vue"].endswith("/schemas/petit/indicateurs/?pilier=P1&q=papier&tri=-valeur")
    heads = [cell.value for cell in book_of(reader, pilier="P1")["Indicateurs"][1]]
    assert {f"Colonne « {head} »" for head in heads} <= set(told) | {
        f"Colonne « {year}, {term} »" for year in (2025, 2026) for term in ("numérateur", "dénominateur")
    }


def test_invented_values_say_so_in_both(reader, small):
    small.now.demonstration = True
    small.now.save()
    sheet = book_of(reader)["Indicateurs"]
    assert sheet["A1"].value == "Démonstration : les valeurs de 2026 sont inventées"
    assert sheet.freeze_panes == "B3"
    cells = cells_of(sheet, 2)
    assert cells["A2-2"]["2026 (démonstration)"].value == 8.5
    assert cells["A2-2"]["Précisions"].value == "2026 : démonstration, valeur inventée"
    assert lines_of(reader)[1]["2026 (démonstration)"] == "8,5"


def test_the_values_are_those_of_the_reader(client, small, steering, copil_member, stranger):
    small.now.reports.get(action__code="A2").reopen(by=steering, at=timezone.now(), why="À revoir.")
    client.force_login(copil_member)
    assert cells_of(book_of(client)["Indicateurs"])["A2-1"]["2026"].value is None
    assert lines_of(client)[0]["2026"] == line_of(client.get(PAGE), "A2-1")["2026"].replace("—", "")
    assert "150" not in client.get(CSV).content.decode()
    client.force_login(stranger)
    assert [client.get(address).status_code for address in (XLSX, CSV)] == [404, 404]


def test_there_is_no_other_format(reader, small):
    assert reader.get("/schemas/petit/indicateurs.ods").status_code == 404


def test_libreoffice_reads_both(reader, small, tmp_path):
    names = {"liste.xlsx": XLSX, "liste-csv.csv": CSV}
    for name, address in names.items():
        (tmp_path / name).write_bytes(reader.get(address).content)
    out = tmp_path / "lu"
    form = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false"
    for name, how in (
        ("liste.xlsx", [form + ",1"]),
        ("liste-csv.csv", [form, "--infilter=CSV:59,34,76,1,,1036"]),
    ):
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            *how,
            "--outdir",
            str(out),
            str(tmp_path / name),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    texts = [path.read_text(encoding="utf-8") for path in sorted(out.glob("*.csv"))]
    assert len(texts) == 2
    for text in texts:
        assert "Err:" not in text and "#NAME" not in text
        assert "Repas végétariens servis à l’école" in text
