"""The printed bilan: veraPDF finds nothing, it reads in order, nothing is cut, and what it carries is what it was made of."""

import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from io import BytesIO
from itertools import pairwise

import pikepdf
import pytest
from django.db import transaction
from PIL import Image

from actions.appearance import WHITE, contrast
from reporting.editions.bilan import Cell, Decision, Passage, PillarCount, Row, Sheet, StepLine, Table, Zoom
from reporting.editions.bilan_charts import sheet_charts
from reporting.editions.bilan_pdf import bilan_html, bilan_pdf
from reporting.editions.build import build_bilan
from reporting.editions.imprint import Imprint, Picture
from reporting.editions.pdf import colours_of, pdf_of, printable
from tests import pdf as read
from tests.demonstration import stage
from tests.factories import CampaignFactory
from tests.plans import SLUGS, load_plan
from tests.verapdf import failures

# what is printed is made of a frozen document, whatever the database: one engine is enough
pytestmark = pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite")

AT = datetime(2018, 6, 12, 8, 30, tzinfo=UTC)
ADDRESS = "https://spaser.example/editions/pas-de-calais/bilan-2017/2/"
MADE = {".json": b'{"format": 1}', ".csv": "code;valeur\r\n1-1.1;8,5 €\r\n".encode()}
FOOTER = 780  # points from the top: below stand page number and notices
PREVIEW = "Aperçu, non publié"


@pytest.fixture(scope="module")
def bilan(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        imprint = Imprint("bilan-2017", 2, AT, correction="Le tonnage des déchets.", address=ADDRESS)
        yield build_bilan(load_plan("pas-de-calais-2017"), year=2017, imprint=imprint)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def pdf(bilan):
    return bilan_pdf(bilan, MADE)


@pytest.fixture(scope="module")
def invented(django_db_setup, django_db_blocker, tmp_path_factory):
    """The bilan of the demonstration: 27 actions with their parts, most of them not validated."""
    with stage(django_db_blocker, tmp_path_factory.mktemp("var"), made=True) as scheme:
        yield build_bilan(scheme, year=2026, imprint=Imprint("bilan-2026", 1, AT, address=ADDRESS))


@pytest.fixture(scope="module")
def invented_pdf(invented):
    return bilan_pdf(invented)


@pytest.fixture(scope="module", params=["2017", "demonstration"])
def printed(request):
    """(bilan, PDF) of both."""
    names = ("bilan", "pdf") if request.param == "2017" else ("invented", "invented_pdf")
    return tuple(map(request.getfixturevalue, names))


def picture(kind):
    file = BytesIO()
    Image.effect_mandelbrot((600, 400), (-2, -1.2, 1, 1.2), 40).convert("RGBA").convert(
        "RGB" if kind == "JPEG" else "RGBA"
    ).save(file, kind)
    return Picture(file.getvalue(), f"image/{kind.lower()}", "Une figure", "© Département")


AWKWARD = (
    "<b>gras</b> <!-- & &amp; {{ x }} {% y %} 漢字 😀 \x00\x0b e\u0301 \u202e\u200b\u00ad "
    + "Anticonstitutionnellement" * 20
)


def awkward(bilan):
    """`bilan` with all that people may give: pictures, markup, words without end, signs that no font has."""
    first, *others = bilan.sheets
    row = first.indicators[0].rows[0]
    row = replace(
        row, label=AWKWARD, note=AWKWARD, targets=(AWKWARD,), outcome="missed", outcome_label="manquée"
    )
    first = replace(
        first,
        title=AWKWARD,
        pilots=(AWKWARD, AWKWARD),
        supports=("Direction de l'éducation & des collèges", "DRH"),
        purpose=AWKWARD,
        realisation=AWKWARD,
        steps=(StepLine(AWKWARD, "réalisée"),),
        targets=(AWKWARD,),
        indicators=(replace(first.indicators[0], title=AWKWARD, rows=(row, row)),),
        validated=False,
        status="brouillon",
    )
    return replace(
        bilan,
        imprint=replace(bilan.imprint, version=0, accent="#ffe94d", logo=picture("PNG")),
        synthesis=AWKWARD,
        foreword=Passage("Avant-propos", f"Mesdames, Messieurs,\n\n{AWKWARD}"),
        foreword_author="La Présidente du conseil départemental",
        zooms=(
            *(replace(zoom, picture=picture("JPEG")) for zoom in bilan.zooms),
            Zoom("Action 9", AWKWARD, AWKWARD),
        ),
        decisions=(Decision("COPIL", date(2017, 6, 1), f"- Valider\n- {AWKWARD}"),),
        definitions=(("1-1.1-1", AWKWARD, AWKWARD),),
        directions=(("X" * 80, AWKWARD),),
        sheets=(first, *others),
    )


def empty(bilan):
    """A bilan of which nothing is known."""
    nothing = dict.fromkeys(
        ("sheets", "zooms", "pillars", "passages", "states", "outcomes", "directions"), ()
    )
    counts = dict.fromkeys(("engaged", "counted", "total", "expected", "filled"), 0)
    return replace(bilan, synthesis="", definitions=(), **nothing, **counts)


# What it conforms to


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_verapdf_finds_nothing(printed, profile):
    assert failures(printed[1], profile) == []


@pytest.mark.parametrize("change", [awkward, empty])
def test_verapdf_finds_nothing_whatever_people_wrote(bilan, change):
    made = bilan_pdf(change(bilan), MADE)
    assert failures(made, "ua1") == []
    assert failures(made, "3a") == []


def test_the_judge_finds_what_is_wrong():
    """A picture without alternative text."""
    address = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="
    page = f'<!doctype html><html lang="fr"><head><title>T</title></head><body><img src="{address}" alt=""></body></html>'
    assert any(
        found.startswith("7.3-1") for found in failures(pdf_of(page, imprint=Imprint("x", 1, AT)), "ua1")
    )


def test_heads_say_what_they_head_and_page_numbers_are_no_content(pdf):
    kinds = read.elements_of(pdf)
    scopes = {said.get("Scope") for kind, _, said in kinds if kind == "TH"}
    assert scopes == {"/Column", "/Row"}
    with pikepdf.open(BytesIO(pdf)) as document:
        page = document.pages[3]
        artifacts = [
            operands
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "BDC" and str(operands[0]) == "/Artifact"
        ]
        assert [str(operands[1]["/Type"]) for operands in artifacts] == ["/Pagination"] * 4


def test_the_same_document_gives_the_same_bytes(bilan, pdf):
    assert bilan_pdf(bilan, MADE) == pdf
    with pikepdf.open(BytesIO(pdf)) as document:
        assert str(document.docinfo.CreationDate) == "D:20180612083000Z"
        first = document.trailer.ID[0]
    later = replace(bilan, imprint=replace(bilan.imprint, version=3))
    with pikepdf.open(BytesIO(bilan_pdf(later, MADE))) as document:
        assert document.trailer.ID[0] != first


def test_it_carries_the_data_that_was_made(pdf, invented_pdf):
    assert read.attachments_of(pdf) == {
        "bilan-2017-v2.json": (MADE[".json"], "/Data"),
        "bilan-2017-v2.csv": (MADE[".csv"], "/Data"),
    }
    assert read.attachments_of(invented_pdf) == {}


def test_what_the_font_lacks_is_shown_as_such():
    assert printable("e\u0301 漢 😀 \x00\u202fœ → ≥\ufffd") == "é □ □ \u202fœ → ≥□"


# What it says


def test_it_reads_in_order(pdf):
    text = " ".join(read.pages_of(pdf))
    chapters = [
        "Département du Pas-de-Calais",
        "Bilan annuel 2017",
        "13 actions engagées sur les 21 du schéma",
        "Version 2, du 12 juin 2018",
        "À propos de cette édition",
        "Sommaire",
        "44 relevés renseignés sur 47",
        "Les plus fortes évolutions",
        "L’année en mots",
        "Zoom sur 3 actions remarquables",
        "Les actions en détail Axe 1",
        "Méthode",
        "Données manquantes",
        "Directions et partenaires",
    ]
    after = text.index("44 relevés renseignés sur 47")  # the contents name the chapters before
    places = [text.index(words, after if rank > 5 else 0) for rank, words in enumerate(chapters)]
    assert places == sorted(places)
    sheet = text[text.rindex("Action 1-3.3 : Recourir à l'utilisation") :]
    parts = [
        "État : engagée",
        "Pilotage de l'action",
        "Direction des Achats",
        "Objectif de l'action",
        "Réalisation 2017",
        "Indicateurs",
        "Indicateur 2016 2017 Évolution",
        "23,30 % 15,42 % −7,88 points",
        "Mesure de l’efficacité",
        "Analyse qualitative",
        "Perspectives 2018",
    ]
    places = [sheet.index(words) for words in parts]
    assert places == sorted(places)


def test_bookmarks_are_those_of_the_contents(bilan, pdf):
    outline = read.outline_of(pdf)
    assert [title for depth, title, _ in outline if depth == 0] == [
        "À propos de cette édition",
        "Sommaire",
        "Synthèse générale",
        "L’année en mots",
        "Zoom sur 3 actions remarquables de l’année",
        "Les actions en détail",
        "Annexes",
    ]
    pillars = [title for depth, title, _ in outline if depth == 1 and title.startswith("Axe")]
    assert pillars == [
        "Axe 1 : Ecologiquement responsable",
        "Axe 2 : Economiquement responsable",
        "Axe 3 : Socialement responsable",
    ]
    actions = [(title, page) for depth, title, page in outline if depth == 2]
    assert [title for title, _ in actions] == [read.plain(sheet.full_title) for sheet in bilan.sheets]
    contents = next(page for page in read.pages_of(pdf) if "Sommaire Synthèse générale" in page)
    for title, page in actions:
        assert f"{title} {page} " in contents, title


def test_parts_stand_under_their_action(invented_pdf):
    outline = read.outline_of(invented_pdf)
    titles = [(depth, title.partition(" : ")[0]) for depth, title, _ in outline]
    start = titles.index((2, "Action 3"))
    found = next(rank for rank in range(start, len(titles)) if titles[rank + 1][0] == 3)
    assert [depth for depth, _ in titles[found : found + 2]] == [2, 3]
    assert titles[found + 1][1].startswith("Volet")


def test_headings_step_by_one(printed):
    levels = [int(kind[1]) for kind, _, _ in read.elements_of(printed[1]) if re.fullmatch("H[1-6]", kind)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_charts_say_what_they_show(pdf):
    said = [read.plain(said.get("Alt", "")) for kind, _, said in read.elements_of(pdf) if kind == "Figure"]
    assert all(said)
    assert said[1] == (
        "Actions engagées en 2017. Axe 1 : Ecologiquement responsable : 7 sur 7 ; "
        "Axe 2 : Economiquement responsable : 3 sur 3 ; Axe 3 : Socialement responsable : 3 sur 3"
    )
    assert said[2].endswith(
        "Axe 2 : Economiquement responsable : 67 % (4 / 6) ; Axe 3 : Socialement responsable : 93 % (13 / 14)"
    )
    bars = next(words for words in said if "Recourir à l'approvisionnement local" in words)
    assert "61,88 % en 2016" in bars and "34,03 % en 2017" in bars


def test_a_chart_shows_the_target_beside_the_value():
    row = Row(
        "A-1",
        "Part",
        "%",
        "percent",
        (Cell("12 %", Decimal(12)),),
        target_number=Decimal(20),
        target_year=2028,
    )
    ((title, chart),) = sheet_charts([Table("A", "", "", (row,))], "Action 1", (2026,))
    assert title == "2026, en %"
    assert "Action 1, 2026, en %. Part : 12 % en 2026, cible 2028 : 20" in chart
    assert 'class="chart-target"' in chart


@pytest.mark.parametrize(
    "numbers",
    [(None, 5), (5, None), (5, 5), (0, 0), (1, 1000)],
    ids=["one year", "not this year", "alike", "nothing", "too far apart"],
)
def test_no_chart_where_it_would_say_nothing(numbers):
    cells = tuple(
        Cell("non renseigné") if number is None else Cell(str(number), Decimal(number)) for number in numbers
    )
    table = Table("A", "", "", (Row("A-1", "Marchés", "", "count", cells),))
    assert sheet_charts([table], "Action 1", (2025, 2026)) == []


def test_what_is_not_validated_or_not_handed_in_is_said(invented, invented_pdf):
    text = " ".join(read.pages_of(invented_pdf))
    assert (
        text.count("Fiche non validée : brouillon")
        == sum(s.status == "brouillon" for s in invented.sheets)
        > 20
    )
    assert "Fiche non validée : soumise" in text and "Fiche non validée : à corriger" in text
    assert f"{invented.unvalidated} fiches de 2026 ne sont pas validées" in text
    assert "&" not in re.sub(r"« [^»]*»|\s&\s", "", text)


def test_about_this_edition(pdf):
    text = next(page for page in read.pages_of(pdf) if "Ce document Document" in page)
    for words in (
        "Version 2",
        "Données arrêtées le 12 juin 2018",
        "Le tonnage des déchets.",
        ADDRESS,
        "JSON",
        "CSV",
    ):
        assert words in text


def test_a_preview_says_so_on_every_page(bilan):
    pages = read.pages_of(bilan_pdf(awkward(bilan)))
    assert [number for number, page in enumerate(pages, 1) if PREVIEW not in page] == []


def test_a_published_bilan_says_no_such_thing(printed):
    assert PREVIEW not in " ".join(read.pages_of(printed[1]))


def test_foreword_pictures_and_decisions_are_printed(bilan):
    changed = replace(awkward(bilan), decisions=(Decision("COPIL", date(2017, 6, 1), "Valider le bilan."),))
    made = bilan_pdf(changed)
    text = " ".join(read.pages_of(made))
    assert text.index("Mesdames, Messieurs,") < text.index("La Présidente du conseil départemental")
    assert "© Département" in text
    assert "COPIL, 1 juin 2017 Valider le bilan." in text
    assert [said["Alt"] for kind, _, said in read.elements_of(made) if kind == "Figure"].count(
        "Une figure"
    ) == 4


# How it stands on the page


def chapter_pages(made):
    return {title: page for depth, title, page in read.outline_of(made) if depth == 0}


def assert_one_spread(made):
    chapters = chapter_pages(made)
    titles = list(chapters)
    synthesis = chapters["Synthèse générale"]
    following = chapters[titles[titles.index("Synthèse générale") + 1]]
    assert (synthesis % 2, following - synthesis) == (0, 2)
    pages = read.pages_of(made)
    assert all(len(page) > 150 for page in pages[1:synthesis]), "a blank page before the synthesis"
    assert "Où en sont les actions" in pages[synthesis - 1]
    assert "Actions engagées" in pages[synthesis]


def light(bilan, **changes):
    """`bilan` without what follows the synthesis at length."""
    sheets = tuple(replace(sheet, indicators=(), figures=(), notes=()) for sheet in bilan.sheets)
    return replace(bilan, sheets=sheets, **changes)


def test_the_synthesis_is_one_spread(printed):
    assert_one_spread(printed[1])


@pytest.mark.django_db
@pytest.mark.parametrize("slug", SLUGS)
def test_the_synthesis_is_one_spread_whatever_the_plan(slug):
    scheme = load_plan(slug)
    CampaignFactory(scheme=scheme, year=2031)
    assert_one_spread(bilan_pdf(light(build_bilan(scheme, year=2031))))


@pytest.mark.parametrize("words", [0, 300, 2700, 3000, 5900])
def test_the_synthesis_is_one_spread_whatever_is_written(bilan, words):
    sentence = "Le schéma avance, et les directions en parlent volontiers. "
    foreword = Passage("Avant-propos", sentence * (words // len(sentence))) if words else None
    assert_one_spread(
        bilan_pdf(light(bilan, foreword=foreword, synthesis=sentence * (words // len(sentence))))
    )


@pytest.mark.parametrize("count", [1, 5, 8])
def test_the_synthesis_is_one_spread_whatever_the_number_of_pillars(bilan, count):
    outcomes = (("reached", "atteinte", 2), ("on_the_way", "en chemin", 1), ("missed", "manquée", 1))
    pillar = PillarCount(
        "Axe", "Acheter autrement pour le territoire et ses habitants", 4, 7, ("− 20 % d’ici 2030",), 11, 30,
        (("engaged", "engagée", 4), ("", "", 3)), outcomes,
    )  # fmt: skip
    total = tuple((key, label, number * count) for key, label, number in outcomes)
    assert_one_spread(bilan_pdf(light(bilan, pillars=(pillar,) * count, outcomes=total)))


def headings_of(html):
    """The words of headings, captions and column heads: what must not end a page."""
    found = re.findall(r"<(h[2-6]|caption|thead)\b[^>]*>(.*?)</\1>", html, flags=re.S)
    return {read.plain(unescape(re.sub(r"<[^>]+>", " ", words))) for _, words in found}


def test_no_heading_ends_a_page(printed):
    bilan, made = printed
    headings, pages = headings_of(bilan_html(bilan)), {}
    for line in read.lines_of(made):
        if line.bottom < FOOTER:
            pages.setdefault(line.page, []).append(line)
    for number, lines in pages.items():
        lines.sort(key=lambda line: (line.bottom, line.left))
        for rows in (1, 2, 3):
            last = " ".join(line.text for line in lines[-rows:])
            assert last not in headings, (number, last)


def test_no_row_is_cut_in_two(printed):
    bilan, made = printed
    rows = [said for kind, _, said in read.elements_of(made) if kind == "TH" and said["Scope"] == "/Row"]
    assert len(rows) == bilan_html(bilan).count('<th scope="row">')


def test_no_page_is_nearly_empty(printed):
    """On every page but the last of a chapter that begins anew, text or charts go down to the lower half."""
    _, made = printed
    lowest = {}
    for line in read.lines_of(made):
        if line.bottom < FOOTER:
            lowest[line.page] = max(lowest.get(line.page, 0), line.bottom)
    assert {page: bottom for page, bottom in lowest.items() if bottom < 300} == {}


@pytest.mark.parametrize("accent", ["", "#000000", "#ffffff", "#ffe94d", "#e30613", "#009fe3", "#7f7f7f"])
def test_any_accent_stays_readable(accent):
    colours = colours_of(accent)
    assert contrast(WHITE, colours["cover"]) >= 7
    assert contrast(WHITE, colours["accent"]) >= 4.5
    assert contrast(colours["accent"], colours["accent-soft"]) >= 4.5


def test_a_sheet_outside_any_pillar_has_its_place(bilan):
    sheet: Sheet = replace(bilan.sheets[0], pillar="", objective="")
    made = bilan_pdf(replace(bilan, sheets=(sheet,)))
    assert (1, "Autres fiches") in [(depth, title) for depth, title, _ in read.outline_of(made)]
