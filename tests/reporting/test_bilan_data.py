"""The data of a bilan: JSON with everything that was frozen, CSV for a French Excel, both the same bytes each time."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from openpyxl import load_workbook

from reporting.editions.bilan import EMPTY, Passage
from reporting.editions.bilan_data import bilan_csv, bilan_json
from reporting.editions.bilan_workbook import bilan_workbook
from reporting.editions.build import build_bilan
from reporting.editions.frozen import thaw
from tests.factories import small_bilan
from tests.plans import load_plan

from . import office
from .figures_2017 import EXTRA_FIGURES, ND, READINGS
from .office import plain


def rows_of(bilan):
    """The rows of the CSV as {heading: text}."""
    text = bilan_csv(bilan).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


@pytest.fixture
def bilan_2017(db):
    return build_bilan(load_plan("pas-de-calais-2017"), year=2017)


def written(printed):
    """A number of the document as a French program reads it in a CSV."""
    return printed.replace(" ", "").replace("−", "-")


def test_the_csv_has_every_value_of_the_document(bilan_2017):
    rows = {(row["Code"], row["Année"]): row for row in rows_of(bilan_2017) if row["Code"]}
    assert len(rows) == 2 * len(READINGS)
    for code, printed in READINGS.items():
        for year, expected in zip(("2016", "2017"), printed, strict=True):
            row = rows[code, year]
            if expected in (None, ND):
                assert (row["Valeur"], row["Motif"]) == ("", expected or ""), code
                assert row["Donnée absente"], code
            else:
                assert row["Valeur"].split(",")[0] == written(expected).split(",")[0], (code, year)
                value, wanted = (
                    Decimal(text.replace(",", ".")) for text in (row["Valeur"], written(expected))
                )
                assert value == wanted, (code, year)
    assert rows["1-3.3-1", "2016"]["Valeur"] == "23,30"
    assert rows["2-1.2-1", "2017"]["Numérateur"] == "63"
    assert rows["2-1.2-1", "2017"]["Dénominateur"] == "224"


def test_the_csv_has_the_other_figures(bilan_2017):
    rows = [row for row in rows_of(bilan_2017) if row["Nature"] == "autre donnée"]
    for action, words, *printed in EXTRA_FIGURES:
        named = [
            row
            for row in rows
            if row["Action : code"] == action and words in f"{row['Indicateur']} {row['Grandeur']}"
        ]
        for year, value in zip(("2016", "2017"), printed, strict=True):
            assert value is None or (year, written(value)) in {(row["Année"], row["Valeur"]) for row in named}


def test_the_csv_and_the_sheet_of_data_are_the_same_table(bilan_2017):
    bilan = replace(bilan_2017, imprint=replace(bilan_2017.imprint, version=1))
    sheet = load_workbook(io.BytesIO(bilan_workbook(bilan)))["Données"]
    headings, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    written_rows = rows_of(bilan)
    assert headings == list(written_rows[0])
    assert len(rows) == len(written_rows)
    for row, texts in zip(rows, written_rows, strict=True):
        for heading, value in zip(headings, row, strict=True):
            text = texts[heading]
            if isinstance(value, (int, float)):
                decimals = len(text.partition(",")[2])
                assert abs(value - float(text.replace(",", "."))) <= 0.5 * 10**-decimals, heading
            elif isinstance(value, str):
                assert text.removeprefix("'").replace("\r\n", "\n") == value, heading
            elif value is None:
                assert text == "", heading


def test_the_csv_is_for_a_french_excel():
    given = office.cell("1234.5", decimals=2, as_of=date(2026, 3, 1), comment="dit\nen deux lignes")
    data = bilan_csv(office.bilan_of(office.sheet(indicators=[office.table(office.row(cells=[given]))])))
    assert data.startswith(b"\xef\xbb\xbf")
    head, line = data.decode("utf-8-sig").split("\r\n")[:2]
    assert head.split(";")[:2] == ["Orientation", "Action : code"]
    assert ";1234,50;" in line and ";01/03/2026;" in line and '"dit\nen deux lignes"' in line


def test_formulas_are_made_harmless():
    rows = rows_of(office.typed_bilan())
    cells = {text for row in rows for text in row.values()}
    assert {f"'{text}" for text in office.TYPED[:3]} <= cells
    assert not [text for text in cells if text.startswith(("=", "+", "@"))]


def test_a_negative_number_stays_a_number():
    (row,) = rows_of(
        office.bilan_of(
            office.sheet(indicators=[office.table(office.row(cells=[office.cell("-7.3", decimals=1)]))])
        )
    )
    assert row["Valeur"] == "-7,3"


def test_missing_and_invented_are_told():
    shown = office.row(cells=[office.cell(3), EMPTY])
    bilan = office.bilan_of(
        office.sheet(indicators=[office.table(shown)]), years=(2025, 2026), invented=(2025,)
    )
    told = [(row["Valeur"], row["Donnée absente"], row["Démonstration"]) for row in rows_of(bilan)]
    assert told == [("3", "", "oui"), ("", "non renseigné", "")]


def test_the_csv_of_an_empty_bilan_has_its_headings():
    assert rows_of(small_bilan()) == []
    assert bilan_csv(small_bilan()).decode("utf-8-sig").startswith("Orientation;")


def test_the_json_has_every_value_and_text(bilan_2017):
    data = json.loads(bilan_json(bilan_2017))
    assert (data["kind"], data["format"]) == ("bilan", 1)
    assert thaw(data) == bilan_2017  # no picture in it: everything is there
    cells = {
        row["code"]: [plain(cell["text"]) for cell in row["cells"]]
        for sheet in data["document"]["sheets"]
        for table in sheet["indicators"]
        for row in table["rows"]
    }
    assert set(cells) == set(READINGS)
    for code, printed in READINGS.items():
        for text, expected in zip(cells[code], printed, strict=True):
            assert text.startswith(expected or ("—", "non renseigné")), code


def test_the_json_can_be_read_by_people():
    bilan = small_bilan(synthesis="L’année des « premières »", foreword=Passage("Avant-propos", "Bonjour"))
    text = bilan_json(bilan).decode()
    assert '"synthesis": "L’année des « premières »"' in text
    assert text.endswith("}\n")
    assert text.count("\n") > 40


def test_pictures_are_told_and_not_carried():
    picture = office.picture(2000, 1500, alt="Une ressourcerie", credit="© Département")
    zoom = office.Zoom("Action 1", "Donner", "Texte", picture=picture)
    bilan = small_bilan(zooms=(zoom,))
    bilan = replace(bilan, imprint=replace(bilan.imprint, logo=replace(picture, content_type="image/png")))
    document = json.loads(bilan_json(bilan))["document"]
    told = {
        "name": "zoom-1.jpeg",
        "content_type": "image/jpeg",
        "size": len(picture.content),
        "sha256": sha256(picture.content).hexdigest(),
        "alt": "Une ressourcerie",
        "credit": "© Département",
    }
    assert document["zooms"][0] == {"action": "Action 1", "title": "Donner", "text": "Texte", "picture": told}
    assert document["imprint"]["logo"]["name"] == "logo.png"
    assert len(bilan_json(bilan)) < 5000 < len(picture.content)


def test_the_same_bilan_gives_the_same_bytes(bilan_2017):
    for write in (bilan_csv, bilan_json):
        assert write(bilan_2017) == write(bilan_2017)
