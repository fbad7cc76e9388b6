"""A bilan of invented values says so on its cover, on every page, in every sheet and over every column."""

import subprocess
from dataclasses import replace
from io import BytesIO

import pytest
from openpyxl import load_workbook

from reporting.editions.bilan_pdf import bilan_html, bilan_pdf
from reporting.editions.bilan_workbook import bilan_workbook
from reporting.editions.build import build_bilan
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    MeasureFactory,
    MeasureSourceFactory,
    ReadingFactory,
    ReportFactory,
)

pytestmark = pytest.mark.django_db
SAID = "Démonstration : les valeurs de 2026 sont inventées"


@pytest.fixture
def scheme():
    """A count with a value in 2026, which is invented, and in 2027, which is not; and its evolution."""
    action = ActionFactory()
    count = MeasureFactory(indicator__action=action, type="count", unit="don")
    change = MeasureFactory(indicator__action=action, type="percent", computation="evolution")
    MeasureSourceFactory(measure=change, source=count)
    for year, number in ((2026, 40), (2027, 50)):
        campaign = CampaignFactory(scheme=action.scheme, year=year, demonstration=year == 2026)
        report = ReportFactory(campaign=campaign, action=action, realisation=f"Fait en {year}.")
        ReadingFactory(report=report, measure=count, number=number)
    return action.scheme


def pdf_pages(bilan):
    data = bilan_pdf(bilan)
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def test_every_printed_page_says_it(scheme):
    pages = pdf_pages(build_bilan(scheme, year=2026))
    assert len(pages) > 3
    for number, page in enumerate(pages):
        assert SAID in " ".join(page.split()), number


def test_columns_charts_and_title_say_it(scheme):
    html = bilan_html(build_bilan(scheme, year=2027))
    assert '<th scope="col" class="number">2026 (démonstration)</th>' in html
    assert '<th scope="col" class="number">2027</th>' in html
    assert "* démonstration : valeur inventée" in html and ">2026 *<" in html and ">2027<" in html
    assert f"({SAID})</title>" in html
    # computed of both years: it stands under a year that is not invented
    assert html.count("d’après des valeurs de démonstration") == 1


def test_every_sheet_of_the_workbook_says_it(scheme):
    book = load_workbook(BytesIO(bilan_workbook(build_bilan(scheme, year=2027))))
    assert len(book.worksheets) == 5
    for sheet in book.worksheets:
        assert any(SAID in str(cell.value) for cell in sheet["A"][:3]), sheet.title
    indicators, data = book["Indicateurs"], book["Données"]
    assert [cell.value for cell in indicators[2]][5:7] == ["2026 (démonstration)", "2027"]
    assert [cell.value for cell in indicators[3]][5:7] == [40, 50]
    assert indicators.freeze_panes == "D3"
    headings = [cell.value for cell in data[2]]
    year, value, invented = map(headings.index, ("Année", "Valeur", "Démonstration"))
    rows = [[row[column].value for column in (year, value, invented)] for row in data.iter_rows(min_row=3)]
    assert rows == [[2026, 40, "oui"], [2027, 50, None], [2026, None, "oui"], [2027, 25, None]]


def test_a_bilan_of_real_values_says_nothing_of_it(scheme):
    scheme.campaigns.update(demonstration=False)
    bilan = build_bilan(scheme, year=2027)
    assert "émonstration" not in bilan_html(bilan)
    published = replace(bilan, imprint=replace(bilan.imprint, version=1))
    book = load_workbook(BytesIO(bilan_workbook(published)))
    text = [str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    # but for the column that would tell an invented value, and what it means
    assert {value for value in text if "émonstration" in value} == {
        "Démonstration",
        "Données, colonne « Démonstration »",
    }
    assert book["Indicateurs"].freeze_panes == "D2"
