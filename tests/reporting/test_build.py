"""The bilan of plans of other shapes: parts, alternatives, reasons, reference years, sheets of data."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from indicators.models import CampaignKind, MeasureType, Missing
from reporting.editions.bilan_pdf import bilan_html
from reporting.editions.bilan_workbook import bilan_workbook
from reporting.editions.build import build_bilan
from tests.factories import (
    ActionFactory,
    BreakdownItemFactory,
    CampaignFactory,
    ExtraFigureFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    ReadingFactory,
    ReportFactory,
    SeriesBreakFactory,
    TargetFactory,
)
from tests.plans import SLUGS, load_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def action():
    return ActionFactory()


@pytest.fixture
def campaign(action):
    return CampaignFactory(scheme=action.scheme, year=2026)


def count_measure(action, **values):
    return MeasureFactory(indicator=IndicatorFactory(action=action), type="count", **values)


def bilan_of(campaign):
    return build_bilan(campaign.scheme, year=campaign.year)


def cells(bilan):
    return {
        row.code: row.cells[-1].text for s in bilan.sheets for table in s.indicators for row in table.rows
    }


def test_an_action_without_report_is_there_and_said_not_handed_in(action, campaign):
    measure = count_measure(action)
    bilan = bilan_of(campaign)
    (sheet,) = bilan.sheets
    assert (sheet.reported, bilan.expected, bilan.filled) == (False, 1, 0)
    assert bilan.missing == [(action.code, measure.indicator.name, "non renseigné")]
    assert "Fiche non rendue" in bilan_html(bilan)


def test_parts_are_not_counted_and_give_their_action_its_state_and_pilot(action, campaign):
    pilot = InvolvementFactory(action=action, role="pilot").direction.name
    for state in ("engaged", "done"):
        part = ActionFactory(parent=action, objective=action.objective)
        ReportFactory(campaign=campaign, action=part, state=state)
    bilan = bilan_of(campaign)
    assert (bilan.engaged, bilan.counted, bilan.total) == (1, 1, 1)
    assert [(sheet.state, sheet.pilots) for sheet in bilan.sheets] == [
        ("en cours", (pilot,)),
        ("engagée", (pilot,)),
        ("réalisée", (pilot,)),
    ]
    assert bilan.states == (("en cours", 1),)


def test_of_two_alternatives_one_answer_is_enough(action, campaign):
    first = count_measure(action)
    second = MeasureFactory(indicator=first.indicator, type=MeasureType.PERCENT, alternative_to=first)
    ReadingFactory(report=ReportFactory(campaign=campaign, action=action), measure=second, number=40)
    bilan = bilan_of(campaign)
    assert (bilan.expected, bilan.filled, bilan.missing) == (1, 1, [])
    assert cells(bilan)[first.code] == "—"


def test_a_reason_counts_as_filled_and_is_printed(action, campaign):
    measure = count_measure(action)
    ReadingFactory(
        report=ReportFactory(campaign=campaign, action=action),
        measure=measure,
        number=None,
        missing=Missing.NOT_APPLICABLE,
        missing_note="pas de chantier",
    )
    bilan = bilan_of(campaign)
    assert (bilan.expected, bilan.filled) == (1, 1)
    assert bilan.missing == [(action.code, measure.indicator.name, "pas de chantier")]


def test_nothing_is_due_in_a_reference_year(action):
    campaign = CampaignFactory(
        scheme=action.scheme, year=2026, kind=CampaignKind.REFERENCE, opens_on=None, closes_on=None
    )
    measure = count_measure(action)
    bilan = bilan_of(campaign)
    assert (bilan.expected, bilan.missing, cells(bilan)[measure.code]) == (0, [], "—")
    assert "Complétude" not in bilan_html(bilan)


def test_what_is_not_in_force_is_not_due(action, campaign):
    ended = BreakdownItemFactory(breakdown__scheme=action.scheme, valid_until=2025)
    indicator = IndicatorFactory(action=action, breakdown=ended.breakdown)
    MeasureFactory(indicator=indicator, item=ended, type="count")
    assert bilan_of(campaign).expected == 0


def test_a_half_year_does_not_stand_in_for_the_year(action, campaign):
    measure = count_measure(action)
    half = CampaignFactory(scheme=action.scheme, year=2026, period="half")
    ReadingFactory(report=ReportFactory(campaign=half, action=action), measure=measure, number=7)
    assert cells(bilan_of(campaign))[measure.code] == "non renseigné"


def test_extra_figures_keep_the_notes_of_all_years(action, campaign):
    before = CampaignFactory(scheme=action.scheme, year=2025)
    for year, note in ((before, "note de 2025"), (campaign, "note de 2026")):
        report = ReportFactory(campaign=year, action=action)
        ExtraFigureFactory(report=report, heading="", label="Visites", value=3, note=note)
    (table,) = bilan_of(campaign).sheets[0].figures
    assert table.rows[0].note == "note de 2025 note de 2026"


def test_targets_are_printed_in_words_or_in_figures(action, campaign):
    TargetFactory(
        measure=None, action=action, scheme=action.scheme, value=12.5, unit="%", year=2028, words=""
    )
    (sheet,) = bilan_of(campaign).sheets
    assert [target.replace("\u00a0", " ") for target in sheet.targets] == ["au moins 12,5 % en 2028"]


def test_states_agree_in_number(action, campaign):
    for state in ("engaged", "engaged", "in_progress", "in_progress"):
        other = ActionFactory(objective=action.objective)
        ReportFactory(campaign=campaign, action=other, state=state)
    assert bilan_of(campaign).states == (("engagées", 2), ("en cours", 2))


@pytest.mark.parametrize("slug", SLUGS)
def test_every_plan_prints_even_before_anything_is_reported(slug):
    scheme = load_plan(slug)
    CampaignFactory(scheme=scheme, year=2031)
    bilan = build_bilan(scheme, year=2031)
    html = bilan_html(bilan)
    assert bilan.filled == 0
    assert html.count("Fiche non rendue") > 10
    assert "None" not in html
    book = load_workbook(BytesIO(bilan_workbook(bilan)))
    assert book["Indicateurs"].max_row > 20
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "None" not in values


def test_a_break_in_the_series_shows_in_the_table_the_chart_and_the_workbook(action, campaign):
    measure = count_measure(action, name="Repas")
    for year, number in ((2025, 100), (2026, 180)):
        held = campaign if year == 2026 else CampaignFactory(scheme=action.scheme, year=year)
        ReadingFactory(report=ReportFactory(campaign=held, action=action), measure=measure, number=number)
    SeriesBreakFactory(measure=measure, year=2026, note="Avec les collèges.")
    bilan = bilan_of(campaign)
    page = bilan_html(bilan)
    assert "‖ Rupture de série : Avec les collèges." in page.replace("\u00a0", " ")
    assert 'class="chart-break"' in page
    sheet = load_workbook(BytesIO(bilan_workbook(bilan)))["Indicateurs"]
    assert "2026 : rupture de série : Avec les collèges." in [cell.value for cell in sheet[3]]


def test_a_break_in_a_year_without_value_shows_in_the_table(action, campaign):
    measure = count_measure(action)
    SeriesBreakFactory(measure=measure, year=2026, note="Autre logiciel.")
    bilan = bilan_of(campaign)
    assert cells(bilan) == {measure.code: "non renseigné"}
    assert "Autre logiciel." in bilan_html(bilan)
