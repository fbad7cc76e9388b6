"""The files of a legal publication say the same numbers, the same bytes each time, and hold in the programs that read them."""

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal

import frictionless
import pytest
from django.template.loader import render_to_string
from openpyxl import load_workbook

from reporting.editions.frozen import freeze, thaw
from reporting.editions.imprint import Picture
from reporting.editions.legal_data import COLUMNS, legal_csv, legal_json, legal_schema
from reporting.editions.legal_pdf import legal_html, legal_pdf
from reporting.editions.legal_workbook import legal_workbook, sheet_name
from reporting.editions.products import LEGAL
from tests.factories import OrganisationFactory
from tests.pdf import attachments_of, outline_of, pages_of
from tests.reporting.exploring import plain
from tests.reporting.legal_world import AT, D, Shared, publication
from tests.reporting.office import as_pdf, pdf_text, picture
from tests.verapdf import failures

NAMES = [
    *(
        "acheteur_siret",
        "acheteur_nom",
        "periode_debut",
        "periode_fin",
        "categorie_code",
        "categorie_libelle",
    ),
    *("unite", "numerateur", "denominateur", "taux", "cible", "cible_echeance", "non_renseignes", "seuil_ht"),
    *("perimetre", "source", "date_extraction", "date_publication"),
]


@pytest.fixture(scope="module")
def document(django_db_setup, django_db_blocker):
    """The publication of Armorique, as it is read back from what was frozen."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        found = thaw(freeze(publication(Shared().fill().organisation)))
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def pdf(document):
    return legal_pdf(document, {".json": legal_json(document), ".csv": legal_csv(document)})


def rows_of(document):
    return list(csv.DictReader(io.StringIO(legal_csv(document).decode(), newline="")))


def row_of(rows, **wanted):
    [row] = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


VILLE = {"acheteur_nom": "Ville", "periode_debut": "2026-01-01"}


# CSV


def test_the_csv_has_the_columns_of_the_law_and_a_row_a_line(document):
    content = legal_csv(document)
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.decode().split("\r\n")[0].split(",") == NAMES
    rows = rows_of(document)
    assert len(rows) == 40  # 2 buyers, 5 categories, 2 bases, 2 years
    assert row_of(rows, **VILLE, categorie_code="social", unite="contrats") == {
        "acheteur_siret": "21290019700014",
        "acheteur_nom": "Ville",
        "periode_debut": "2026-01-01",
        "periode_fin": "2026-12-31",
        "categorie_code": "social",
        "categorie_libelle": "Achats à considération sociale",
        "unite": "contrats",
        "numerateur": "63",
        "denominateur": "224",
        "taux": "28.125",
        "cible": "30",
        "cible_echeance": "2028",
        "non_renseignes": "8",
        "seuil_ht": "40000",
        "perimetre": "Marchés notifiés dans l’année, hors marchés subséquents",
        "source": "Logiciel des marchés",
        "date_extraction": "2027-02-01",
        "date_publication": "2027-03-15",
    }
    given = row_of(rows, **VILLE, categorie_code="esus", unite="euros HT")
    assert (given["numerateur"], given["taux"], given["non_renseignes"]) == ("125000.5", "5.00002", "0")
    assert given["source"] == "'=Tableur de la direction"  # no formula where it is opened
    alone = row_of(rows, **VILLE, categorie_code="environnemental", unite="contrats")
    assert (alone["numerateur"], alone["denominateur"], alone["taux"]) == ("57", "", "")
    percent = row_of(rows, **VILLE, categorie_code="social", unite="euros HT")
    assert (percent["numerateur"], percent["taux"], percent["cible"]) == ("", "12.5", "")
    nothing = row_of(
        rows, acheteur_nom="Métropole", periode_debut="2025-01-01", categorie_code="esus", unite="contrats"
    )
    assert {nothing[name] for name in NAMES[7:17]} == {""}


# JSON


def test_the_json_says_the_same_and_what_it_is(document):
    data = json.loads(legal_json(document))
    for said, row in zip(data["lignes"], rows_of(document), strict=True):
        for column in COLUMNS:
            value = said[column.name]
            if column.type == "number" and value is not None:
                assert Decimal(str(value)) == Decimal(row[column.name])
            else:
                assert ("" if value is None else str(value)) == row[column.name].removeprefix("'")
    assert (data["titre"], data["annees"], data["version"]) == (
        "Achats responsables 2025-2026",
        [2025, 2026],
        1,
    )
    assert data["licence"]["title"] == "Licence Ouverte 2.0"
    assert data["schema"] == "climat-resilience-2025-2026-v1-schema.json"
    assert data["arretee_le"] == "2027-03-15T10:30:00+01:00"
    assert data["schemas_de_promotion"] == ["SPASER 2022-2025", "SPASER 2026-2029"]
    missing = row_of(data["lignes"], **VILLE, categorie_code="environnemental", unite="euros HT")
    assert (missing["statut"], missing["motif"], missing["validee"]) == (
        "non renseignée",
        "le logiciel ne la compte pas",
        None,
    )
    submitted = row_of(data["lignes"], **VILLE, categorie_code="social", unite="euros HT")
    assert (submitted["validee"], submitted["grandeur"], submitted["ecart_en_points"]) == (
        False,
        "SOC-V",
        None,
    )
    followed = row_of(data["lignes"], **VILLE, categorie_code="social", unite="contrats")
    assert (followed["ecart_en_points"], followed["part_non_renseignee"]) == (-1.875, 3.571429)


# The Table Schema


def judged(content, schema):
    """[(type of the error, its field)] that Frictionless finds in a CSV."""
    resource = frictionless.Resource(
        content, format="csv", schema=frictionless.Schema.from_descriptor(json.loads(schema))
    )
    report = resource.validate()
    return sorted(
        {(error.type, getattr(error, "field_name", "")) for task in report.tasks for error in task.errors}
    )


def test_the_schema_itself_is_sound_and_in_french(document):
    descriptor = json.loads(legal_schema(document))
    assert frictionless.Schema.validate_descriptor(descriptor).valid
    assert [field["name"] for field in descriptor["fields"]] == NAMES
    for field in descriptor["fields"]:
        assert field["title"] and field["description"].endswith("."), field["name"]


def test_the_examples_of_the_schema_are_themselves_valid(document):
    out = io.StringIO()
    csv.writer(out).writerows([NAMES, [column.example for column in COLUMNS]])
    assert judged(out.getvalue().encode(), legal_schema(document)) == []


def test_frictionless_accepts_what_is_published(document):
    assert judged(legal_csv(document), legal_schema(document)) == []


def spoilt(document, column, value, rank=1):
    rows = list(csv.reader(io.StringIO(legal_csv(document).decode(), newline="")))
    rows[rank][NAMES.index(column)] = value
    return written(rows)


def written(rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [
        ("taux", "130", "constraint-error"),
        ("taux", "28,125", "type-error"),
        ("cible", "-1", "constraint-error"),
        ("numerateur", "soixante", "type-error"),
        ("numerateur", "-3", "constraint-error"),
        ("unite", "marchés", "constraint-error"),
        ("acheteur_siret", "2129001970001", "constraint-error"),
        ("acheteur_nom", "", "constraint-error"),
        ("periode_debut", "01/01/2026", "type-error"),
        ("date_extraction", "hier", "type-error"),
        ("cible_echeance", "2028.5", "type-error"),
        ("date_publication", "", "constraint-error"),
    ],
)
def test_frictionless_refuses_what_is_spoilt(document, column, value, error):
    assert (error, column) in judged(spoilt(document, column, value), legal_schema(document))


def test_frictionless_refuses_a_missing_column_and_a_row_twice(document):
    rows = list(csv.reader(io.StringIO(legal_csv(document).decode(), newline="")))
    without = written([row[:-1] for row in rows])
    assert ("missing-label", "date_publication") in judged(without, legal_schema(document))
    twice = written([*rows, rows[1]])
    assert "primary-key" in {type for type, _ in judged(twice, legal_schema(document))}


# The workbook


def workbook_of(document):
    return load_workbook(io.BytesIO(legal_workbook(document)))


def test_the_workbook_holds_the_open_data_as_numbers_and_dates(document):
    book = workbook_of(document)
    assert book.sheetnames == ["Ville", "Métropole", "Données", "Manques", "Méthode"]
    header, *rows = book["Données"].iter_rows()
    assert [cell.value for cell in header] == NAMES
    for cells, row in zip(rows, rows_of(document), strict=True):
        for cell, column in zip(cells, COLUMNS, strict=True):
            text = row[column.name].removeprefix("'")
            if column.type in ("number", "year") and text:
                assert Decimal(str(cell.value)) == Decimal(text)
            elif column.type == "date" and text:
                assert cell.value.date().isoformat() == text
            else:
                assert (cell.value or "") == text
            assert cell.data_type != "f"
    titles = [cell.value for cell in book["Ville"][1]]
    [line] = [
        dict(zip(titles, [cell.value for cell in row], strict=True))
        for row in book["Ville"].iter_rows(min_row=2)
        if [row[0].value, row[1].value, row[2].value]
        == ["Achats à considération sociale", "nombre de contrats", 2026]
    ]
    assert (line["Numérateur"], line["Dénominateur"], line["Taux (%)"]) == (63, 224, 28.125)
    assert (line["Cible (%)"], line["Échéance"], line["Écart (points)"]) == (30, 2028, -1.875)
    assert [row[3].value for row in book["Manques"].iter_rows(min_row=2)].count("Non suivie.") == 10
    method = {row[0].value: row[1].value for row in book["Méthode"].iter_rows(min_row=2)}
    assert method["Valeurs non validées"] == "1"
    assert method["Version"] == "1, du 15/03/2027"
    assert method["Schémas"] == "SPASER 2022-2025 ; SPASER 2026-2029"


@pytest.mark.parametrize(
    ("names", "sheets"),
    [
        (["Ville", "ville"], ["Ville", "ville 2"]),
        (["Données", "Méthode"], ["Données 2", "Méthode 2"]),
        (["a/b:c?*[d]\\", "''"], ["a b c   d", "Acheteur"]),
        (["x" * 40, "x" * 40], ["x" * 31, "x" * 27 + " 2"]),
        (["History"], ["History 2"]),
    ],
)
def test_the_sheet_of_a_buyer_has_a_name_that_excel_takes(document, names, sheets):
    taken = {"données", "manques", "méthode"}
    buyers = [replace(document.buyers[0], name=name) for name in names]
    assert [sheet_name(buyer, taken) for buyer in buyers] == sheets


def test_libreoffice_opens_the_workbook(document, tmp_path):
    [path] = as_pdf(tmp_path, publication_xlsx=legal_workbook(document)).values()
    text = plain(pdf_text(path))
    assert "Err:" not in text and "#NAME" not in text
    assert "=Tableur de la direction" in text and "28,13" in text.replace("28.13", "28,13")


# The PDF and the page


SAID = (
    "30,00 % 28,13 % 12,50 % 5,00 %",  # rates
    "57 contrats|125 000,50|2 500 000|Valeur en € HT, 2026",
    "0,00 point|−1,88 point|−5,00 points",  # gaps
    "en 2028|5,00 %|3,57 %",
    "Marchés notifiés dans l’année, hors marchés subséquents|Seuil : 40 000 € HT|Source : Logiciel des marchés (au 01/02/2027)",
    "Non renseignée : le logiciel ne la compte pas.",
    "Non suivie : Les données du registre ne disent pas quelle entreprise est agréée.",
    "Taux donné sans ses termes.|Valeur non validée.|Numérateur seul : pas de taux.",
    "SIRET 21290019700014|SIRET non renseigné|Achats aux petites entreprises",
)


def test_the_page_says_every_figure_in_words(document):
    page = plain(render_to_string("reporting/legal_page.html", {"publication": document}))
    for text in "|".join(SAID[1:]).split("|"):
        assert text in page, text
    for rate in SAID[0].split(" % "):
        assert rate in page
    assert "<h1" not in render_to_string("reporting/legal_page.html", {"publication": document})


def test_the_pdf_says_every_figure_in_reading_order(document, pdf):
    pages = pages_of(pdf)
    text = " ".join(pages)
    for said in "|".join(SAID[1:]).split("|"):
        assert said.replace(" ", "") in text.replace(" ", ""), (
            said
        )  # narrow spaces are lost in the text of a PDF
    town = next(page for page in pages if page.count("Détail des chiffres, Ville"))
    order = ["63", "224", "28,13 %", "30 %", "−1,88 point", "8 3,57 %", "Marchés notifiés"]
    places = [town.index(said, town.index("63 224")) for said in order]
    assert places == sorted(places)
    titles = [title for _, title, _ in outline_of(pdf)]
    assert [title for title in titles if title in ("Ville", "Métropole")] == ["Ville", "Métropole"]
    assert titles[-2:] == ["Ce qui n’est pas suivi ou pas renseigné", "Méthode"]


def test_the_pdf_conforms_and_carries_its_data(document, pdf):
    assert failures(pdf, "ua1") == []
    assert failures(pdf, "3a") == []
    assert attachments_of(pdf) == {
        "climat-resilience-2025-2026-v1.json": (legal_json(document), "/Data"),
        "climat-resilience-2025-2026-v1.csv": (legal_csv(document), "/Data"),
    }


def test_a_preview_and_a_demonstration_say_so_everywhere(document):
    shown = replace(document, imprint=replace(document.imprint, version=0), invented=(2025, 2026))
    said = "Aperçu, non publié · Démonstration : les valeurs de 2025 et 2026 sont inventées"
    for number, page in enumerate(pages_of(legal_pdf(shown))):
        assert (said if number else "Aperçu, non publié") in page, number
    book = workbook_of(shown)
    assert {book[name]["A1"].value for name in book.sheetnames} == {said}
    assert json.loads(legal_json(shown))["apercu"] is True


def test_what_the_organisation_brings_is_printed(document):
    imprint = replace(
        document.imprint, accent="#a4343a", logo=Picture(picture().content, "image/jpeg", alt="Armes")
    )
    html = legal_html(
        replace(document, imprint=replace(imprint, correction="Le total de la Ville.", version=2))
    )
    assert "#a4343a" in html and 'alt="Armes"' in html
    assert "Le total de la Ville." in html and "Version 2, du 15 mars 2027" in html
    assert "<script" not in html and not re.search(
        r"https?://(?!spaser\.example)", html.replace("www.w3.org", "spaser.example")
    )


@pytest.mark.django_db
def test_a_publication_of_nothing_is_made_too():
    nothing = publication(OrganisationFactory(name="Commune"))
    made = {}
    for product in LEGAL:
        made[product.suffix] = product.make(nothing, made)
    assert "0 ligne sur 16 avec un chiffre" in pages_of(made[".pdf"])[2]
    assert judged(made[".csv"], made["-schema.json"]) == []


def test_the_same_document_gives_the_same_bytes(document):
    def everything(of):
        made = {}
        for product in LEGAL:
            made[product.suffix] = product.make(of, made)
        return made

    first = everything(document)
    assert everything(thaw(freeze(document))) == first
    assert list(first) == [".json", ".csv", "-schema.json", ".pdf", ".xlsx"]
    assert document.imprint.frozen_at == AT
    later = everything(replace(document, imprint=replace(document.imprint, frozen_at=AT.replace(day=16))))
    assert {suffix for suffix in first if later[suffix] == first[suffix]} == {"-schema.json"}


def test_a_rate_keeps_six_decimals_at_most(document):
    line = replace(document.buyers[0].lines[0], rate=D(100) / D(3))
    buyer = replace(document.buyers[0], lines=(line,))
    assert rows_of(replace(document, buyers=(buyer,)))[0]["taux"] == "33.333333"
