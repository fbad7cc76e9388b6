"""The workbook of a bilan: real numbers and dates, texts that stay texts, charts that say what they show, the same bytes each time."""

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from reporting.editions.bilan import EMPTY, NOTHING, Passage
from reporting.editions.bilan_workbook import bilan_workbook
from reporting.editions.build import build_bilan
from reporting.editions.xlsx import CUT, portions
from tests.factories import small_bilan
from tests.plans import load_plan

from . import office
from .figures_2017 import EVOLUTIONS, EXTRA_FIGURES, ND, READINGS
from .office import plain

SHEETS = ["Synthèse", "Indicateurs", "Données", "Fiches", "Méthode"]
LISTS = SHEETS[1:]


def open_book(bilan):
    return load_workbook(BytesIO(bilan_workbook(bilan)))


def rows_of(sheet, top=1):
    """The rows below the headings as {heading: cell}."""
    headings = [cell.value for cell in sheet[top]]
    return [dict(zip(headings, row, strict=True)) for row in sheet.iter_rows(min_row=top + 1)]


def texts_of(book):
    return [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]


@pytest.fixture
def bilan_2017(db):
    return build_bilan(load_plan("pas-de-calais-2017"), year=2017)


@pytest.fixture
def book_2017(bilan_2017):
    return open_book(replace(bilan_2017, imprint=replace(bilan_2017.imprint, version=1)))


def number_of(printed):
    return float(printed.replace(" ", "").replace("−", "-").replace(",", "."))


def is_as_printed(cell, printed):
    """Is the value of a cell what the document of 2017 prints?"""
    if printed is None:
        return cell.value in (None, "non renseigné")
    if printed == ND:
        return cell.value == ND
    return isinstance(cell.value, (int, float)) and abs(cell.value - number_of(printed)) <= 0.005


def test_indicators_carry_every_value_as_a_number(book_2017):
    rows = {row["Code"].value: row for row in rows_of(book_2017["Indicateurs"])}
    assert set(rows) == set(READINGS)
    for code, printed in READINGS.items():
        for year, expected in zip(("2016", "2017"), printed, strict=True):
            assert is_as_printed(rows[code][year], expected), (code, year, rows[code][year].value)
    assert rows["1-3.3-1"]["2016"].number_format == "#,##0.00"
    for code, printed in EVOLUTIONS.items():
        number, unit = printed.split(" ")
        evolution = rows[code]["Évolution"]
        assert abs(evolution.value - number_of(number)) <= 0.05, code
        assert unit in evolution.number_format


def test_data_has_a_row_for_each_reading_and_year(book_2017):
    rows = [row for row in rows_of(book_2017["Données"]) if row["Nature"].value == "indicateur"]
    found = {(row["Code"].value, row["Année"].value): row for row in rows}
    assert len(found) == len(rows) == 2 * len(READINGS)
    for code, printed in READINGS.items():
        for year, expected in zip((2016, 2017), printed, strict=True):
            row = found[code, year]
            if expected in (None, ND):
                assert row["Valeur"].value is None
                assert row["Donnée absente"].value == (
                    "non disponible" if expected else ("non renseigné" if year == 2017 else "pas attendue")
                )
                assert row["Motif"].value == expected
            else:
                assert is_as_printed(row["Valeur"], expected), (code, year)
                assert row["Donnée absente"].value is None
                assert row["Relecture"].value == "validée"
    rate = found["2-1.2-1", 2017]
    assert (rate["Numérateur"].value, rate["Dénominateur"].value) == (63, 224)
    assert found["1-1.5-3.KM", 2017]["Unité"].value == "km"


def test_data_has_the_other_figures(book_2017):
    rows = [row for row in rows_of(book_2017["Données"]) if row["Nature"].value == "autre donnée"]
    for action, words, *printed in EXTRA_FIGURES:
        found = {
            (row["Année"].value, row["Valeur"].value)
            for row in rows
            if row["Action : code"].value == action
            and words in f"{row['Indicateur'].value} {row['Grandeur'].value}"
        }
        for year, value in zip((2016, 2017), printed, strict=True):
            assert value is None or (year, number_of(value)) in found, (action, words, year)


def test_synthesis_says_the_key_figures_by_pillar(book_2017):
    rows = [[cell.value for cell in row[:4]] for row in book_2017["Synthèse"].iter_rows(min_row=5)]
    assert ["Actions engagées", 13, 21] in [row[:3] for row in rows]
    assert ["Relevés renseignés", 44, 47] in [row[:3] for row in rows]
    assert ["Axe\xa01", 7, 0, 7] in [[str(row[0])[:5].replace(" ", "\xa0"), *row[1:]] for row in rows]
    assert ["Ensemble", 13, 0, 13] in rows
    assert ["engagées", 13] in [row[:2] for row in rows]


def test_sheets_hold_the_narratives(book_2017):
    rows = [
        [plain(str(row[name].value)) for name in ("Action", "Rubrique", "Texte")]
        for row in rows_of(book_2017["Fiches"])
    ]
    assert [
        "1-3.3",
        "Mesure de l’efficacité",
        "Une diminution de -7,88% est constatée entre 2016 et 2017.",
    ] in rows
    assert any(row[1] == "Zoom, Action 2-3.1" for row in rows)
    assert any(row[1] == "Synthèse générale" and row[2].startswith("13 actions engagées") for row in rows)
    assert any(row[0] == "1-3.3" and row[1] == "Perspectives 2018" for row in rows)


def test_method_says_what_is_missing_and_what_the_edition_is(book_2017):
    rows = [
        [row[name].value for name in ("Sujet", "Action", "Texte")] for row in rows_of(book_2017["Méthode"])
    ]
    subjects = {row[0]: row[2] for row in rows}
    assert plain(subjects["Version"]) == "Version 1"
    assert plain(subjects["Complétude"]) == "44 relevés renseignés sur 47 attendus (94 %)"
    assert sorted(row[1] for row in rows if row[0] == "Valeur manquante") == ["2-3.1", "2-3.1", "3-2.1"]
    assert "Donnée absente" in subjects and "Données, colonne « Valeur »" in subjects
    assert any(row[0].startswith("Note") and row[1] == "1-3.3" for row in rows)


def test_every_sheet_prints_well(book_2017):
    assert book_2017.sheetnames == SHEETS
    for sheet in book_2017:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth in (None, 1)  # 1 is what is meant where nothing is written
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.freeze_panes
        assert sheet.print_title_rows
        assert sheet.oddFooter.right.text == "&P / &N"
    for name in LISTS:
        sheet = book_2017[name]
        assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, sheet.max_column).column_letter}{sheet.max_row}"
    assert book_2017["Indicateurs"].freeze_panes == "D2"


def test_dates_and_years_are_real():
    given = office.cell(12, as_of=date(2026, 3, 1), unfilled=2, source="SIRH", qualifier="environ")
    shown = office.row(
        cells=[given], targets=("au moins 20",), target_number=20 * given.number / 12, target_year=2028
    )
    book = open_book(office.bilan_of(office.sheet(indicators=[office.table(shown)], status="brouillon")))
    (row,) = rows_of(book["Données"])
    assert row["En date du"].value == datetime(2026, 3, 1)
    assert row["En date du"].number_format == "dd/mm/yyyy"
    assert (row["Année"].value, row["Échéance"].value, row["Cible"].value) == (2026, 2028, 20)
    assert (row["Non renseignés"].value, row["Source"].value) == (2, "SIRH")
    assert (row["Valeur"].value, row["Nuance"].value, row["Relecture"].value) == (12, "environ", "brouillon")
    (wide,) = rows_of(book["Indicateurs"])
    assert (wide["2026"].value, wide["2026"].number_format) == (12, '"environ "#,##0')
    assert wide["Précisions"].value == "2026 : au 01/03/2026 ; 2 non renseignés ; source : SIRH"


def test_one_of_them_is_said_in_the_singular():
    shown = office.row(cells=[office.cell(12, unfilled=1)])
    sheet = office.sheet(indicators=[office.table(shown)])
    book = open_book(office.bilan_of(sheet, filled=1, expected=1))
    (wide,) = rows_of(book["Indicateurs"])
    assert wide["Précisions"].value == "2026 : 1 non renseigné"
    said = {row["Sujet"].value: row["Texte"].value for row in rows_of(book["Méthode"])}
    assert plain(said["Complétude"]) == "1 relevé renseigné sur 1 attendu (100 %)"


def test_what_is_missing_is_neither_zero_nor_blank_without_a_word():
    rows = [
        office.row("A.1", cells=[NOTHING, EMPTY]),
        office.row("A.2", cells=[office.cell(0), office.cell(0)]),
    ]
    bilan = office.bilan_of(office.sheet(indicators=[office.table(*rows)]), years=(2025, 2026))
    data = [
        (row["Valeur"].value, row["Donnée absente"].value) for row in rows_of(open_book(bilan)["Données"])
    ]
    assert data == [(None, "pas attendue"), (None, "non renseigné"), (0, None), (0, None)]


def test_nothing_typed_becomes_a_formula_or_a_link():
    data = bilan_workbook(office.typed_bilan())
    book = load_workbook(BytesIO(data))
    typed = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value in office.TYPED
    ]
    assert {cell.value for cell in typed} == set(office.TYPED)
    assert {cell.data_type for cell in typed} == {"s"}
    assert not any(cell.hyperlink for cell in typed)
    for name, part in office.parts_of(data, r"worksheets/sheet\d+\.xml$").items():
        assert b"<f>" not in part and b"<hyperlink" not in part, name


def test_control_characters_are_left_out():
    bilan = office.bilan_of(
        office.sheet(realisation="un\x00deux\x1b\ufffftrois\r\nquatre\ud800"), scheme="A & \x07B"
    )
    texts = texts_of(open_book(bilan))
    assert "undeuxtrois\nquatre" in texts
    assert "A & B" in texts


def test_charts_say_what_they_show():
    pillars = (
        office.pillar("Axe 1", "Donner", 1, 3, filled=4, expected=5),
        office.pillar("Axe 2", engaged=2, actions=2, filled=0, expected=6),
    )
    bilan = small_bilan(
        pillars=pillars,
        engaged=3,
        counted=5,
        total=5,
        states=(("engagées", 2), ("réalisée", 1)),
        outcomes=(("reached", "atteinte", 4), ("missed", "manquée", 1)),
    )
    data = bilan_workbook(bilan)
    (drawing,) = office.parts_of(data, r"drawings/drawing\d+\.xml$").values()
    said = [plain(text) for text in office.descriptions_of(drawing)]
    assert said == [
        "Actions engagées 2026. Axe 1 : Donner : 1 sur 3 ; Axe 2 : 2 sur 2.",
        "Relevés renseignés 2026. Axe 1 : Donner : 4 sur 5 ; Axe 2 : 0 sur 6.",
        "États des actions 2026. engagées : 2 ; réalisée : 1.",
        "Issue des cibles 2026. atteinte : 4 ; manquée : 1.",
    ]
    assert len(office.parts_of(data, r"charts/chart\d+\.xml$")) == 4


def test_the_same_bilan_gives_the_same_bytes():
    bilan = office.typed_bilan()
    data = bilan_workbook(bilan)
    assert bilan_workbook(bilan) == data
    assert office.dates_of(data) == {(1980, 1, 1, 0, 0, 0)}
    frozen_at = bilan.imprint.frozen_at.replace(tzinfo=None, microsecond=0)
    properties = load_workbook(BytesIO(data)).properties
    assert properties.created == properties.modified == frozen_at


def test_a_long_narrative_is_whole_and_no_row_hides_any_of_it():
    text = (
        "\n\n".join(f"Paragraphe {n}. " + "Des marchés plus responsables. " * 12 for n in range(120))
        + "x" * 5000
    )
    assert len(text) > 40_000
    book = open_book(office.bilan_of(office.sheet(realisation=text)))
    rows = [row for row in rows_of(book["Fiches"]) if row["Rubrique"].value.startswith("Réalisation")]
    assert "".join("".join(row["Texte"].value.split()) for row in rows) == "".join(text.split())
    assert [row["Rubrique"].value for row in rows[:2]] == ["Réalisation 2026", "Réalisation 2026 (suite 1)"]
    for row in rows:
        lines = sum(1 + len(line) // 95 for line in row["Texte"].value.split("\n"))
        assert lines * 15 <= 409
        assert book["Fiches"].row_dimensions[row["Texte"].row].height >= lines * 15


def test_portions_keep_the_words_and_end_with_the_text():
    assert list(portions("un\ndeux", 10)) == ["un\ndeux"]
    assert list(portions("", 10)) == [""]
    cut = list(portions("mot " * 300, 10))
    assert len(cut) > 1
    assert " ".join(" ".join(cut).split()) == " ".join(["mot"] * 300)


@pytest.mark.parametrize("letter", ["x", "\U0001f331"])
def test_a_text_longer_than_a_cell_says_that_it_is_cut(letter):
    given = office.cell(1, comment=letter * 40_000)
    book = open_book(office.bilan_of(office.sheet(indicators=[office.table(office.row(cells=[given]))])))
    (row,) = rows_of(book["Données"])
    comment = row["Commentaire"].value
    assert comment.endswith(CUT)
    assert 32_760 <= len(comment.encode("utf-16-le")) // 2 <= 32_767


def test_an_empty_bilan_is_a_workbook_without_charts():
    data = bilan_workbook(small_bilan())
    book = load_workbook(BytesIO(data))
    assert book.sheetnames == SHEETS
    assert not office.parts_of(data, "charts/")
    assert "None" not in texts_of(book)


def test_every_sheet_of_a_preview_says_so():
    bilan = office.preview_of(office.bilan_of(office.sheet()))
    for sheet in open_book(bilan):
        assert "Aperçu, non publié" in [cell.value for cell in sheet["A"][:4]], sheet.title
    assert "Aperçu, non publié" not in texts_of(open_book(office.bilan_of(office.sheet())))


def test_levels_have_the_names_of_the_scheme_and_headings_its_colour():
    bilan = office.bilan_of(
        office.sheet(), pillar_label="axe", action_label="objectif", pillars=(office.pillar(),), counted=2
    )
    bilan = replace(bilan, imprint=replace(bilan.imprint, accent="#8a1538"))
    book = open_book(bilan)
    assert [cell.value for cell in book["Données"][1]][:3] == [
        "Axe",
        "Objectif : code",
        "Objectif : intitulé",
    ]
    assert book["Indicateurs"]["A1"].value == "Objectif"
    assert book["Indicateurs"]["A1"].fill.fgColor.rgb.lower() == "ff8a1538"


def test_the_words_of_the_year_are_there():
    bilan = small_bilan(
        foreword=Passage("Avant-propos", "Chers collègues"),
        foreword_author="La présidente",
        synthesis="Une année.",
    )
    rows = [[row["Rubrique"].value, row["Texte"].value] for row in rows_of(open_book(bilan)["Fiches"])]
    assert rows == [["Avant-propos", "Chers collègues\n\nLa présidente"], ["Synthèse générale", "Une année."]]


def test_libreoffice_opens_it(bilan_2017, tmp_path):
    path = office.as_pdf(tmp_path, bilan_xlsx=bilan_workbook(bilan_2017))["bilan"]
    text = office.pdf_text(path)
    assert "1-2.2-1.REEMPLOI" in text
    assert "Err:" not in text and "#NAME" not in text
