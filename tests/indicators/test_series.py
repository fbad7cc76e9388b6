"""Values over the years: entered, computed from one another, and prolonged from a former scheme."""

from decimal import Decimal as D

import pytest

from indicators.models import Computation, Measure, MeasureType, Missing
from indicators.series import full_series
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    IndicatorFactory,
    MeasureFactory,
    MeasureSourceFactory,
    ReadingFactory,
    ReportFactory,
    SchemeFactory,
    SeriesBreakFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def action():
    return ActionFactory()


def measure(action, **values):
    return MeasureFactory(indicator=IndicatorFactory(action=action), **values)


def computed(action, computation, type_, *sources):
    made = measure(action, computation=computation, type=type_, unit="%")
    for position, source in enumerate(sources):
        MeasureSourceFactory(measure=made, source=source, position=position)
    return made


def read(of, year, status="draft", **values):
    scheme, action = of.scheme, of.indicator.action
    campaign = scheme.campaigns.filter(year=year).first() or CampaignFactory(scheme=scheme, year=year)
    report = action.reports.filter(campaign=campaign).first()
    report = report or ReportFactory(campaign=campaign, action=action)
    return ReadingFactory(report=report, measure=of, **values)


def value(of, year):
    return full_series(Measure.objects.filter(pk=of.pk)).value(of, year)


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-")


def test_a_rate_is_computed_from_a_sum_on_another_sheet(action):
    part, first, second = (measure(action, type="count") for _ in range(3))
    whole = computed(
        ActionFactory(objective=action.objective), Computation.SUM, MeasureType.COUNT, first, second
    )
    share = computed(action, Computation.RATIO, MeasureType.RATIO, part, whole)
    for of, number in ((part, 5), (first, 4), (second, 6)):
        read(of, 2026, number=number)
    assert plain(value(share, 2026).display) == "50,00 % (5 / 10)"


def test_what_is_made_of_something_missing_is_missing(action):
    first, second = measure(action, type="count"), measure(action, type="count")
    whole = computed(action, Computation.SUM, MeasureType.COUNT, first, second)
    read(first, 2026, number=4)
    read(second, 2026, number=None, missing=Missing.NOT_AVAILABLE)
    assert value(whole, 2026) is None


@pytest.mark.parametrize("count", [0, 1])
def test_a_rate_without_its_two_sources_is_missing(action, count):
    sources = [measure(action, type="count") for _ in range(count)]
    share = computed(action, Computation.RATIO, MeasureType.RATIO, *sources)
    for source in sources:
        read(source, 2026, number=4)
    assert value(share, 2026) is None


def test_a_computed_value_is_no_further_than_its_weakest_source(action):
    first, second = measure(action, type="count"), measure(action, type="count")
    whole = computed(action, Computation.SUM, MeasureType.COUNT, first, second)
    read(first, 2026, number=1)
    read(second, 2026, number=2)
    assert value(whole, 2026).status == "draft"


@pytest.mark.parametrize(
    ("terms", "shown", "known"),
    [
        ((D(3), D(8)), "37,50 % (3 / 8)", True),
        ((D(0), D(8)), "0,00 % (0 / 8)", True),
        ((D(63), D(0)), "63 / 0 (taux non calculable)", True),
        ((D(5), None), "5 / … (taux non calculable)", False),
    ],
)
def test_a_rate_shows_its_terms_even_when_it_cannot_be_computed(action, terms, shown, known):
    of = measure(action, type=MeasureType.RATIO, unit="%")
    read(of, 2026, number=None, numerator=terms[0], denominator=terms[1])
    found = value(of, 2026)
    assert (plain(found.display), found.is_known) == (shown, known)


def test_a_comment_alone_is_no_value(action):
    of = measure(action, type="count")
    read(of, 2026, number=None, comment="On cherche.")
    found = value(of, 2026)
    assert (found.display, found.is_answered) == ("non renseigné", False)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"type": "percent", "unit": ""}, "23,30 %"),
        ({"type": "amount", "unit": ""}, "23,30 €"),
        ({"type": "quantity", "unit": "tonne"}, "23,30 tonnes"),
    ],
)
def test_decimals_stay_as_entered_and_the_unit_of_the_type_goes_without_saying(action, values, shown):
    of = measure(action, **values)
    read(of, 2026, number=D("23.30"), decimals=2)
    assert plain(value(of, 2026).display) == shown


def test_a_qualified_value_keeps_its_word(action):
    of = measure(action, type="count", unit="agent")
    read(of, 2026, number=40, qualifier="environ")
    assert plain(value(of, 2026).display) == "environ 40 agents"


def test_a_first_year_finds_its_n_1_in_the_former_scheme(action):
    former_scheme = SchemeFactory(organisation=action.scheme.organisation)
    former = measure(
        ActionFactory(scheme=former_scheme, objective__pillar__scheme=former_scheme), type="count"
    )
    now = measure(action, type="count", continues=former)
    read(former, 2025, number=50)
    read(now, 2026, number=60)
    series = full_series(Measure.objects.filter(pk=now.pk))
    assert series.value(now, 2025).number == 50
    assert plain(series.evolution(now, 2026).display) == "+20,0 %"


def test_a_break_in_the_series_stops_entered_and_computed_evolutions(action):
    of = measure(action, type="count")
    change = computed(action, Computation.EVOLUTION, MeasureType.PERCENT, of)
    read(of, 2025, number=50)
    read(of, 2026, number=60)
    assert plain(value(change, 2026).display) == "+20,0 %"
    SeriesBreakFactory(measure=of, year=2026)
    assert value(change, 2026) is None


def test_evolution_of_a_percentage_is_in_points_with_its_decimals(action):
    of = measure(action, type="percent", unit="%")
    read(of, 2025, number=D("61.88"), decimals=2)
    read(of, 2026, number=D("34.03"), decimals=2)
    series = full_series(Measure.objects.filter(pk=of.pk))
    assert plain(series.evolution(of, 2026).display) == "-27,85 points"


def test_queries_do_not_grow_with_the_measures(action, django_assert_max_num_queries):
    def add(count):
        for _ in range(count):
            of = measure(action, type="count")
            read(of, 2026, number=3)
            computed(action, Computation.EVOLUTION, MeasureType.PERCENT, of)

    def values():
        series = full_series(Measure.objects.all())
        return [series.value(of, 2026) for of in series.asked]

    add(2)
    with django_assert_max_num_queries(12) as few:
        values()
    add(20)
    with django_assert_max_num_queries(len(few)):
        values()
