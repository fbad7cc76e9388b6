"""The bilan of 2017, published: page, PDF, workbook, slides, CSV and JSON, read back, all say what the document prints, value by value."""

import csv
import io
import json
import re
import subprocess
from decimal import ROUND_HALF_UP, Decimal

import pytest
from lxml import html
from openpyxl import load_workbook
from pptx import Presentation

from actions.models import Role
from reporting.editions.making import publish_now
from reporting.models import EditionDraft
from tests.factories import EditionDraftFactory, MembershipFactory
from tests.plans import load_plan

from .figures_2017 import EVOLUTIONS, EXTRA_FIGURES, ND, READINGS

pytestmark = pytest.mark.django_db
YEARS = ("2016", "2017")


def plain(text):
    """Typographic spaces as ordinary ones."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", text or "").strip()


def number(printed):
    return Decimal(plain(printed).replace(" ", "").replace("−", "-").replace(",", "."))


def same(said, printed):
    """Is the number `said`, in full in a workbook, the one that is printed with its decimals?"""
    expected = number(printed)
    return number(str(said).replace(".", ",")).quantize(expected, ROUND_HALF_UP) == expected


def begins_with(text, printed):
    """Is `printed` the value that `text` begins with, whole?"""
    return re.match(rf"{re.escape(printed)}(?![\d,])", plain(text)) is not None


@pytest.fixture
def edition(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    scheme = load_plan("pas-de-calais-2017")
    by = MembershipFactory(organisation=scheme.organisation, role=Role.STEERING).user
    EditionDraftFactory(scheme=scheme, first_year=2017, last_year=2017, title="Bilan 2017", public=True)
    return publish_now(EditionDraft.objects.get(), by=by)


@pytest.fixture
def files(edition, tmp_path):
    """{suffix: where the file is}, as downloaded."""
    found = {}
    for row in edition.files.all():
        with row.file.open("rb") as file:
            path = tmp_path / row.name
            path.write_bytes(file.read())
        found[path.suffix] = path
    return found


def in_json(path):
    """{code of a measure: {year: what is said}}, and so do the others below."""
    document = json.loads(path.read_text(encoding="utf-8"))["document"]
    return {
        row["code"]: {
            str(year): cell["text"] for year, cell in zip(document["years"], row["cells"], strict=True)
        }
        for sheet in document["sheets"]
        for table in sheet["indicators"]
        for row in table["rows"]
    }


def in_rows(rows):
    """Of rows with headings, as in the CSV and in « Données »: the value, or why there is none."""
    found = {}
    for row in rows:
        if row["Code"]:
            value = (
                row["Valeur"] if row["Valeur"] not in ("", None) else row["Motif"] or row["Donnée absente"]
            )
            found.setdefault(row["Code"], {})[str(row["Année"])] = value
    return found


def in_csv(path):
    return in_rows(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))


def in_workbook(path):
    book = load_workbook(path, read_only=True)
    headings, *rows = book["Données"].values
    book.close()
    return in_rows(dict(zip(headings, row, strict=True)) for row in rows)


def in_page(content):
    rows = html.fromstring(content).xpath("//tr[starts-with(@id, 'grandeur-')]")
    return {
        row.get("id").removeprefix("grandeur-"): {
            cell.get("data-label"): cell.xpath("string(.//*[contains(@class, 'value')])")
            for cell in row.xpath("td[@data-label]")
            if cell.get("data-label") in YEARS
        }
        for row in rows
    }


def test_page_csv_json_and_workbook_have_every_value(edition, files, client):
    page = client.get(edition.get_absolute_url())
    sources = {
        "page": in_page(page.content),
        "csv": in_csv(files[".csv"]),
        "json": in_json(files[".json"]),
        "workbook": in_workbook(files[".xlsx"]),
    }
    wrong = []
    for name, values in sources.items():
        assert values.keys() >= READINGS.keys(), name
        for code, printed in READINGS.items():
            for year, expected in zip(YEARS, printed, strict=True):
                said = values[code][year]
                if isinstance(said, int | float) or (name == "csv" and re.fullmatch(r"-?[\d,]+", said)):
                    right = expected not in (None, ND) and same(said, expected)
                elif expected in (None, ND):
                    right = not re.search(r"\d", said.replace(ND, "")) and (
                        expected is None or ND in plain(said)
                    )
                else:
                    right = begins_with(said, expected)
                if not right:
                    wrong.append((name, code, year, expected, said))
    assert wrong == []


def side_by_side(printed):
    """A pattern for the values that are printed, each whole, one after the other; thousands with a space or without."""
    values = (re.escape(value).replace(r"\ ", " ?") for value in printed if value)
    return ".{0,90}?".join(rf"(?<![\d,−]){value}(?![\d,])" for value in values)


def segments(path):
    """{code of an action: its text in the PDF, in reading order}, from where its sheet begins to the next one."""
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True, text=True)
    parts = re.split(r"Action (\d-\d\.\d) : ", plain(done.stdout))
    return dict(zip(parts[1::2], parts[2::2], strict=True))  # the last one: the contents name them first


def test_the_pdf_has_every_value_in_the_sheet_of_its_action_the_years_side_by_side(files):
    found, wrong = segments(files[".pdf"]), []
    for code, printed in READINGS.items():
        text = found[re.match(r"\d-\d\.\d", code)[0]]
        if not re.search(side_by_side(printed), text):
            wrong.append((code, printed))
    for code, evolution in EVOLUTIONS.items():
        if evolution not in found[re.match(r"\d-\d\.\d", code)[0]]:
            wrong.append((code, evolution))
    for action, label, *values in EXTRA_FIGURES:
        if not re.search(side_by_side(values), found[action]):
            wrong.append((action, label))
    assert wrong == []


def lines_of(path):
    """Every row of a table and every line of a comment of the deck, as text with its cells between « ; »."""
    for slide in Presentation(path).slides:
        for shape in slide.shapes:
            if shape.has_table:
                yield from (plain(" ; ".join(cell.text for cell in row.cells)) for row in shape.table.rows)
        if slide.has_notes_slide:
            yield from map(plain, slide.notes_slide.notes_text_frame.text.splitlines())


def test_the_slides_have_every_value_beside_its_indicator(files):
    """On the slide of the pillar, or in its comments where the slide has no room; what nobody has filled in stands under what lacks."""
    document = json.loads(files[".json"].read_text(encoding="utf-8"))["document"]
    lines, wrong = list(lines_of(files[".pptx"])), []
    for sheet in document["sheets"]:
        for table in sheet["indicators"]:
            for row in table["rows"]:
                printed, label = READINGS[row["code"]], plain(row["label"])[:60]
                told = (line for line in lines if label in line)
                if any(printed) and not any(re.search(side_by_side(printed), line) for line in told):
                    wrong.append((row["code"], printed))
    assert wrong == []
    assert any(
        "13 / 21" in plain(shape.text)
        for shape in Presentation(files[".pptx"]).slides[1].shapes
        if shape.has_text_frame
    )
