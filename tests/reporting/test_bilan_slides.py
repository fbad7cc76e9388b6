"""The slides of a bilan: real titles, native charts and tables with alternative texts, French, nothing that runs over, the same bytes."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from lxml import etree
from openpyxl import load_workbook
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches

from actions.appearance import TEXT, WHITE, contrast
from reporting.editions.bilan import EMPTY, Decision
from reporting.editions.bilan_slides import bilan_slides
from reporting.editions.build import build_bilan
from reporting.editions.slides_layout import BOTTOM, HEIGHT, WIDTH
from reporting.editions.slides_text import paragraphs, shortened, text_width, wrapped
from tests.factories import small_bilan
from tests.plans import load_plan

from . import office
from .figures_2017 import ND, READINGS
from .office import plain

LONG = "Les directions ont formé leurs acheteurs à la clause sociale, puis revu tous leurs marchés. " * 60


def open_deck(bilan):
    return Presentation(BytesIO(bilan_slides(bilan)))


def titles_of(deck):
    return [plain(slide.shapes.title.text) for slide in deck.slides]


def slide_of(deck, title):
    return next(slide for slide in deck.slides if plain(slide.shapes.title.text) == title)


def texts_of(slide):
    """What stands on a slide, its charts aside."""
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    for table in tables_of(slide):
        texts += [cell for row in table for cell in row]
    return plain(" | ".join(texts))


def notes_of(slide):
    return plain(slide.notes_slide.notes_text_frame.text) if slide.has_notes_slide else ""


def tables_of(slide):
    return [
        [[cell.text for cell in row.cells] for row in shape.table.rows]
        for shape in slide.shapes
        if shape.has_table
    ]


def charts_of(slide):
    """[(title, categories, {series: values})]."""
    return [
        (
            plain(shape.chart.chart_title.text_frame.text),
            [plain(category) for category in shape.chart.plots[0].categories],
            {series.name: tuple(series.values) for series in shape.chart.plots[0].series},
        )
        for shape in slide.shapes
        if shape.has_chart
    ]


@pytest.fixture
def bilan_2017(db):
    bilan = build_bilan(load_plan("pas-de-calais-2017"), year=2017)
    return replace(bilan, imprint=replace(bilan.imprint, version=1))


@pytest.fixture
def full():
    """A bilan with everything in it, long where it can be."""
    shown = [
        office.row(
            f"A.{n}", f"Grandeur n° {n}", cells=[office.cell(n), office.cell(n + 1)], targets=("au moins 9",)
        )
        for n in range(40)
    ]
    missing = [office.row(f"M.{n}", LONG[:150], cells=[EMPTY, EMPTY]) for n in range(60)]
    named = {"pillar": "Axe 1\xa0: Donner", "outlook": LONG, "realisation": LONG}
    sheets = [
        office.sheet("A", indicators=[office.table(*shown, title=LONG[:180])], **named),
        office.sheet("B", indicators=[office.table(*missing)], **named),
        *(office.sheet(f"C{n}", **named) for n in range(20)),
    ]
    return office.bilan_of(
        *sheets,
        years=(2025, 2026),
        invented=(2026,),
        organisation="Département " * 12,
        scheme=LONG[:300],
        pillars=(
            office.pillar(
                "Axe 1",
                "Donner",
                12,
                22,
                filled=40,
                expected=100,
                states=(("done", "réalisée", 12), ("", "", 10)),
                outcomes=(("reached", "atteinte", 3), ("missed", "manquée", 2)),
            ),
            office.pillar("Axe 2", LONG[:290]),
        ),
        engaged=12,
        counted=24,
        total=24,
        filled=40,
        expected=100,
        unvalidated=3,
        states=(("réalisées", 12), ("suspendue", 1)),
        outcomes=(("reached", "atteinte", 3), ("missed", "manquée", 2)),
        synthesis=LONG,
        zooms=(
            office.Zoom("Action A", LONG[:250], LONG, picture=office.picture(alt="Une forêt", credit=LONG)),
            office.Zoom("Action B", "Court", "Un texte court."),
        ),
        decisions=(Decision("COPIL", date(2026, 5, 4), LONG),),
    )


def test_the_deck_of_2017_tells_its_figures(bilan_2017):
    deck = open_deck(bilan_2017)
    assert titles_of(deck) == [
        "Bilan annuel 2017",
        "2017 : 13 actions engagées sur 21",
        "Où en sont les actions et les relevés en 2017",
        "L’année 2017 en quelques mots",
        *(plain(pillar.full_title) for pillar in bilan_2017.pillars),
        *(plain(zoom.title) for zoom in bilan_2017.zooms),
        "Ce qui manque",
        "Et ensuite : les perspectives 2018 (1 / 2)",
        "Et ensuite : les perspectives 2018 (2 / 2)",
    ]
    cover, synthesis, progress = list(deck.slides)[:3]
    assert "Bilan de la 1ère année" in texts_of(cover)
    assert "Version 1, données arrêtées le" in texts_of(cover)
    for figure in ("13 / 21", "44 / 47", "(94 %)"):
        assert figure in texts_of(synthesis)
    ((_, categories, series),) = charts_of(synthesis)
    assert [name[:5] for name in categories] == ["Axe 1", "Axe 2", "Axe 3"]
    assert series == {"Engagées": (7, 3, 3), "Autres": (0, 0, 0)}
    ((_, _, series),) = charts_of(progress)
    assert series == {"Renseignés": (27, 4, 13), "Manquants": (0, 2, 1)}
    first = slide_of(deck, plain(bilan_2017.pillars[0].full_title))
    assert "7 actions engagées sur 7" in texts_of(first)
    assert "27 relevés renseignés sur 27" in texts_of(first)
    ((headings, *rows),) = tables_of(slide_of(deck, "Ce qui manque"))
    assert headings == ["Action", "Indicateur", "Raison"]
    assert [(row[0], row[2]) for row in rows] == [
        ("2-3.1", "non renseigné"),
        ("2-3.1", "non renseigné"),
        ("3-2.1", "non renseigné"),
    ]


def test_every_value_of_2017_is_on_its_pillar_or_in_the_notes(bilan_2017):
    deck = open_deck(bilan_2017)
    said = " | ".join(f"{texts_of(slide)} | {notes_of(slide)}" for slide in deck.slides)
    for code, printed in READINGS.items():
        for value in printed:
            if value and value != ND:
                assert re.search(rf"(?<![\d,]){re.escape(value)}(?![\d,])", said), (code, value)
    table = tables_of(slide_of(deck, plain(bilan_2017.pillars[2].full_title)))[0]
    assert table[0] == ["Indicateur", "2016", "2017", "Évolution"]
    assert [plain(cell) for cell in table[2][1:]] == ["1 marché", "4 marchés", "+300,0 %"]


def test_every_slide_has_a_title_that_comes_first(full):
    for slide in open_deck(full).slides:
        assert slide.shapes.title.text.strip()
        assert slide.shapes[0].shape_id == slide.shapes.title.shape_id
        assert [shape.name for shape in slide.shapes][-2:] == ["Pied de page", "Numéro"]
        assert len({shape.shape_id for shape in slide.shapes}) == len(slide.shapes)


def test_what_is_drawn_says_what_it_shows(full):
    deck = open_deck(full)
    found = []
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table or shape.shape_type == 13:
                (properties,) = shape._element.xpath("./p:nvGraphicFramePr/p:cNvPr | ./p:nvPicPr/p:cNvPr")
                found.append(properties.get("descr"))
    assert len(found) > 10 and all(found)
    assert "Une forêt" in found
    assert "Issue des cibles. atteinte : 3 ; manquée : 2." in found


def test_every_text_is_french_and_in_a_face_that_exists(full):
    data = bilan_slides(full)
    for name, part in office.parts_of(
        data, r"ppt/(slides|slideLayouts|slideMasters|notesSlides)/[^/]+\.xml$"
    ).items():
        root = etree.fromstring(part)
        for run in root.iter(qn("a:r"), qn("a:fld")):
            assert run.find(qn("a:rPr")).get("lang") == "fr-FR", name
        assert b'lang="en' not in part, name
    charts = office.parts_of(data, r"ppt/charts/[^/]+\.xml$")
    assert charts and all(b'<c:lang val="fr-FR"/>' in part for part in charts.values())
    (theme, *_) = office.parts_of(data, r"ppt/theme/theme1\.xml$").values()
    faces = [
        latin.get("typeface")
        for latin in etree.fromstring(theme).iterfind(f".//{qn('a:fontScheme')}/*/{qn('a:latin')}")
    ]
    assert faces == ["Arial", "Arial"]


def test_it_can_be_edited_and_says_what_it_is(full):
    deck = open_deck(full)
    properties = deck.core_properties
    assert properties.title.startswith("Les directions")
    assert properties.author.startswith("Département")
    assert properties.language == "fr-FR"
    assert (
        properties.created
        == properties.modified
        == full.imprint.frozen_at.replace(tzinfo=None, microsecond=0)
    )
    (chart,) = (shape.chart for shape in list(deck.slides)[1].shapes if shape.has_chart)
    book = load_workbook(BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    assert [[cell.value for cell in row] for row in book["Sheet1"].iter_rows(max_row=2)] == [
        [None, "Engagées", "Autres"],
        ["Axe 1\xa0: Donner", 12, 10],
    ]


def test_the_same_bilan_gives_the_same_bytes(full):
    data = bilan_slides(full)
    assert bilan_slides(full) == data
    assert office.dates_of(data) == {(1980, 1, 1, 0, 0, 0)}
    for book in office.parts_of(data, r"\.xlsx$").values():
        (core,) = office.parts_of(book, "docProps/core.xml").values()
        assert f"{full.imprint.frozen_at:%Y-%m-%dT%H:%M:%SZ}".encode() in core
        assert office.dates_of(book) == {(1980, 1, 1, 0, 0, 0)}


def test_a_preview_and_a_demonstration_are_said_on_each_slide(full):
    said = "Aperçu, non publié. Démonstration : les valeurs de 2026 sont inventées"
    for slide in open_deck(office.preview_of(full)).slides:
        assert said in texts_of(slide)
    for slide in open_deck(replace(full, invented=())).slides:
        assert "perçu" not in texts_of(slide) and "émonstration" not in texts_of(slide)


def test_nothing_typed_becomes_a_formula_or_a_link():
    data = bilan_slides(office.typed_bilan())
    books = office.parts_of(data, r"\.xlsx$")
    assert books
    for content in books.values():
        for part in office.parts_of(content, r"worksheets/").values():
            assert b"<f>" not in part and b"<hyperlink" not in part
    deck = Presentation(BytesIO(data))
    assert "=1+1" in titles_of(deck)
    assert not [
        part for part in office.parts_of(data, r"ppt/slides/slide\d+\.xml$").values() if b"hlinkClick" in part
    ]


def test_control_characters_are_left_out():
    zoom = office.Zoom("Action 1", "un\x00deux\x0b", "trois\x1bquatre\ufffe\ud800")
    deck = open_deck(small_bilan(zooms=(zoom,)))
    assert "troisquatre" in texts_of(slide_of(deck, "undeux"))


def test_an_empty_bilan_has_a_cover_and_no_empty_chart():
    deck = open_deck(small_bilan())
    assert titles_of(deck) == ["Bilan annuel 2026", "2026 : 0 action engagée sur 0"]
    assert not any(charts_of(slide) for slide in deck.slides)


def test_many_pillars_have_a_slide_each():
    pillars = tuple(office.pillar(f"Axe {n}", "Acheter autrement") for n in range(1, 13))
    deck = open_deck(small_bilan(pillars=pillars, engaged=12, counted=24, total=24))
    assert len([title for title in titles_of(deck) if title.startswith("Axe")]) == 12
    ((_, categories, series),) = charts_of(list(deck.slides)[1])
    assert len(categories) == 12
    assert series == {"Engagées": (1,) * 12, "Autres": (1,) * 12}


def test_what_does_not_fit_is_in_the_notes(full):
    deck = open_deck(full)
    zoom = next(slide for slide in deck.slides if "Action A" in texts_of(slide) and slide.has_notes_slide)
    assert plain(LONG).strip() in notes_of(zoom)
    assert "La suite est dans les commentaires" in texts_of(zoom)
    short = slide_of(deck, "Court")
    assert "Un texte court." in texts_of(short)
    assert not short.has_notes_slide
    first = slide_of(deck, "Axe 1 : Donner")
    shown = len(tables_of(first)[0]) - 1
    assert f"{40 - shown} autres dans les commentaires" in texts_of(first)
    said = notes_of(first) + texts_of(first)
    assert all(f"{n} ; {n + 1}" in said or f"| {n} | {n + 1} |" in said for n in range(40))
    missing = [slide for slide in deck.slides if slide.shapes.title.text.startswith("Ce qui manque")]
    counted = sum(len(tables_of(slide)[0]) - 1 for slide in missing)
    assert f"{60 - counted} autres dans les commentaires" in texts_of(missing[-1])
    assert notes_of(missing[-1]).count("non renseigné") == 60 - counted
    outlooks = [slide for slide in deck.slides if slide.shapes.title.text.startswith("Et ensuite")]
    assert sum(notes_of(slide).count(plain(LONG).strip()) for slide in outlooks) == 22


def test_a_light_colour_is_darkened_until_white_can_be_read_on_it():
    bilan = small_bilan()
    data = bilan_slides(replace(bilan, imprint=replace(bilan.imprint, accent="#ffe600")))
    (theme, *_) = office.parts_of(data, r"ppt/theme/theme1\.xml$").values()
    colours = {
        slot.tag.partition("}")[2]: f"#{slot[0].get('val').lower()}"
        for slot in etree.fromstring(theme).find(f".//{qn('a:clrScheme')}")
    }
    assert contrast(colours["accent1"], WHITE) >= TEXT  # titles, and white numbers on bars and headings
    assert contrast(colours["dk1"], colours["accent2"]) >= TEXT  # numbers on the paler bars
    assert contrast(colours["accent6"], WHITE) >= TEXT  # warnings


def test_everything_stands_on_the_slide(full):
    for slide in open_deck(full).slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= Inches(WIDTH)
            assert shape.top >= 0 and shape.top + shape.height <= Inches(HEIGHT)
            if shape.has_table:
                assert shape.top + sum(row.height for row in shape.table.rows) <= Inches(BOTTOM)


WORD = re.compile(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="([\d.]+)">')


def test_libreoffice_opens_it_and_nothing_runs_over(bilan_2017, full, tmp_path):
    decks = {"bilan_pptx": bilan_slides(bilan_2017), "full_pptx": bilan_slides(full)}
    paths = office.as_pdf(tmp_path, **decks)
    for name, bilan in (("bilan", bilan_2017), ("full", full)):
        boxes = office.pdf_text(paths[name], "-bbox")
        pages = boxes.split("<page ")[1:]
        assert len(pages) == len(open_deck(bilan).slides)
        for number, page in enumerate(pages, 1):
            words = [tuple(map(float, found)) for found in WORD.findall(page)]
            assert max(right for _, right, _ in words) <= 72 * WIDTH, (name, number)
            # between what a slide holds and its foot, nothing; below, the foot alone
            assert not [word for word in words if 72 * (BOTTOM + 0.02) < word[2] < 72 * 7.05], (name, number)
            assert max(bottom for _, _, bottom in words) <= 72 * 7.3, (name, number)


def test_texts_are_measured_wrapped_and_cut():
    assert text_width("MM", 10) > text_width("ii", 10) * 3
    assert text_width("é", 10) == text_width("e", 10)
    assert list(wrapped("un deux", 1000, 12)) == ["un deux"]
    assert list(wrapped("un\ndeux", 1000, 12)) == ["un", "deux"]
    assert "".join(wrapped("x" * 100, 100, 12)) == "x" * 100
    assert all(text_width(line, 12) <= 100 for line in wrapped(LONG + "x" * 80, 100, 12))
    assert shortened("un deux", 1000, 12, 1) == "un deux"
    cut = shortened(LONG, 200, 12, 3)
    assert cut.endswith(" […]") and LONG.startswith(cut.removesuffix(" […]"))
    assert len(list(wrapped(cut, 200, 12))) <= 3


def test_bullets_and_blank_lines_become_those_of_slides():
    assert paragraphs("Un.\n\n- deux\n  - trois\n\n\nquatre") == [
        ("Un.", 10),
        ("• deux", 3),
        ("    • trois", 10),
        ("quatre", 3),
    ]
