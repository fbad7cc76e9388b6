"""What becomes of a target: the table of docs/calculations.md, « Devenir d’une cible », and what it says beside it."""

from decimal import Decimal as D

import pytest

from indicators.models import Comparison, Measure, MeasureType
from indicators.outcomes import Outcome, deadline, main_result, result_of
from indicators.series import full_series
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    MeasureFactory,
    ReadingFactory,
    ReportFactory,
    SchemeFactory,
    SeriesBreakFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def action():
    return ActionFactory(objective__pillar__scheme=SchemeFactory(starts_year=2016, ends_year=2030))


@pytest.fixture
def quantity(action):
    return MeasureFactory(indicator__action=action, type=MeasureType.QUANTITY)


def read(measure, values):
    for year, number in values.items():
        campaign = CampaignFactory(scheme=measure.scheme, year=year)
        report = ReportFactory(campaign=campaign, action=measure.indicator.action)
        given = {"boolean": number} if isinstance(number, bool) else {"number": D(number)}
        ReadingFactory(report=report, measure=measure, **given)


def judged(measure, at, values, baseline=None, **target):
    """The TargetResult in the year `at` of a target of `measure`, whose values are {year: text of a number}."""
    measure.baseline_from = 2015 if baseline else None
    measure.baseline_value = D(baseline) if baseline else None
    measure.save()
    read(measure, values)
    target = TargetFactory(measure=measure, **target)
    return result_of(target, full_series(Measure.objects.filter(pk=measure.pk)), at)


HALF = {"comparison": "at_least", "value": D(50), "year": 2020}
CUT = {"comparison": "at_most", "value": D(-40), "year": 2030, "relative": True}
RANGE = {"comparison": "between", "value": D(10), "value_max": D(20), "year": 2028}
MORE = {"comparison": "increase", "value": None, "words": "Augmenter", "year": 2026}


@pytest.mark.parametrize(
    ("target", "baseline", "values", "year", "outcome", "progress"),
    [
        (HALF, "20", {2017: "34.03"}, 2017, "on_the_way", "0.468"),
        (HALF, "20", {2020: "34.03"}, 2020, "missed", "0.468"),
        (HALF, "20", {2018: "56"}, 2018, "reached", "1.2"),
        (HALF, "20", {2018: "10"}, 2018, "on_the_way", "-0.333"),
        (HALF, None, {2017: "34.03"}, 2017, "on_the_way", None),
        (HALF, "20", {}, 2017, "unknown", None),
        (HALF | {"value": D(35), "year": None, "each_year": True}, None, {2027: "30"}, 2027, "missed", None),
        (CUT, "200", {2026: "150"}, 2026, "on_the_way", "0.625"),
        (CUT, "200", {2026: "110"}, 2026, "reached", "1.125"),
        (RANGE, "30", {2026: "25"}, 2026, "on_the_way", "0.5"),
        (MORE, None, {2025: "12", 2026: "15"}, 2026, "reached", None),
        (MORE, None, {2025: "12", 2026: "12"}, 2026, "missed", None),
        (MORE, None, {2024: "12", 2025: "9"}, 2025, "on_the_way", None),
    ],
)
def test_the_table_of_the_documentation(target, baseline, values, year, outcome, progress, quantity):
    result = judged(quantity, year, values, baseline, **target)
    assert result.outcome == outcome
    assert (result.progress and round(result.progress, 3)) == (progress and D(progress))


def test_what_goes_the_wrong_way_says_so(quantity):
    assert judged(quantity, 2018, {2018: "10"}, "20", **HALF).receding


@pytest.mark.parametrize(("now", "receding"), [("9", True), ("15", False)])
def test_a_trend_that_turns_says_so(now, receding, quantity):
    assert judged(quantity, 2025, {2024: "12", 2025: now}, **MORE).receding is receding


def test_a_reached_target_does_not_recede(quantity):
    result = judged(quantity, 2018, {2018: "60"}, "70", **HALF)
    assert (result.outcome, result.receding) == (Outcome.REACHED, False)


@pytest.mark.parametrize(("now", "outcome"), [("9", "reached"), ("12", "missed"), ("15", "missed")])
def test_decrease_in_the_year_of_its_deadline(now, outcome, quantity):
    target = MORE | {"comparison": Comparison.DECREASE, "words": "Diminuer"}
    assert judged(quantity, 2026, {2025: "12", 2026: now}, **target).outcome == outcome


def test_after_the_deadline_its_own_value_is_judged_when_the_year_has_none(quantity):
    result = judged(quantity, 2022, {2020: "56"}, "20", **HALF)
    assert (result.outcome, result.value.year) == (Outcome.REACHED, 2020)


def test_after_the_deadline_the_value_of_the_year_comes_first(quantity):
    result = judged(quantity, 2022, {2020: "56", 2022: "40"}, "20", **HALF)
    assert (result.outcome, result.value.year) == (Outcome.MISSED, 2022)


def test_before_the_deadline_a_missing_value_is_unknown_whatever_the_year_before(quantity):
    assert judged(quantity, 2018, {2017: "56"}, "20", **HALF).outcome == Outcome.UNKNOWN


def test_words_and_what_hangs_from_an_action_are_for_people_to_judge(action, quantity):
    words = judged(quantity, 2026, {2026: "3"}, comparison="qualitative", value=None, words="Mieux acheter")
    loose = TargetFactory(measure=None, scheme=action.scheme, action=action, value=D(8))
    series = full_series(Measure.objects.none())
    assert words.outcome == result_of(loose, series, 2026).outcome == Outcome.WORDS


@pytest.mark.parametrize(("said", "outcome"), [(True, "reached"), (False, "missed")])
def test_oui_is_one_and_non_is_zero(said, outcome, action):
    measure = MeasureFactory(indicator__action=action, type=MeasureType.BOOLEAN)
    assert judged(measure, 2026, {2026: said}, value=D(1), year=2026).outcome == outcome


def test_a_break_since_the_baseline_leaves_nothing_to_compare(quantity):
    SeriesBreakFactory(measure=quantity, year=2026)
    assert judged(quantity, 2026, {2026: "150"}, "200", **CUT).outcome == Outcome.UNKNOWN


def test_a_break_takes_the_progress_but_not_the_outcome_of_an_absolute_target(quantity):
    SeriesBreakFactory(measure=quantity, year=2018)
    result = judged(quantity, 2018, {2018: "56"}, "20", **HALF)
    assert (result.outcome, result.progress) == (Outcome.REACHED, None)


def test_a_trend_does_not_look_across_a_break(quantity):
    SeriesBreakFactory(measure=quantity, year=2026)
    assert judged(quantity, 2026, {2025: "12", 2026: "15"}, **MORE).outcome == Outcome.UNKNOWN


def test_without_a_relative_baseline_nothing_is_told(quantity):
    assert judged(quantity, 2026, {2026: "150"}, **CUT).outcome == Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("target", "year"),
    [
        ({"year": 2028}, 2028),
        ({"each_year": True}, 2026),
        ({}, 2030),
        ({"stage": "étape 1"}, None),
        ({"year": 2028, "each_year": True}, 2028),
    ],
)
def test_the_deadline_of_a_target(target, year, quantity):
    assert deadline(TargetFactory(measure=quantity, **target), 2026) == year


@pytest.mark.parametrize(
    ("years", "counts"),
    [((2025, 2028, 2030), 2028), ((2024, 2025), 2025), ((2026, 2028), 2026), ((), None)],
)
def test_of_several_targets_the_nearest_to_come_counts_then_the_last_past(years, counts, quantity):
    series = full_series(Measure.objects.filter(pk=quantity.pk))
    results = [result_of(TargetFactory(measure=quantity, year=year), series, 2026) for year in years]
    found = main_result(results, 2026)
    assert (found and found.target.year) == counts


def test_a_stage_counts_after_what_is_to_come_and_before_what_is_past(quantity):
    series = full_series(Measure.objects.filter(pk=quantity.pk))
    past, stage, coming = (
        result_of(TargetFactory(measure=quantity, **target), series, 2026)
        for target in ({"year": 2024}, {"stage": "étape 1"}, {"year": 2029})
    )
    assert main_result([past, stage], 2026) == stage
    assert main_result([past, stage, coming], 2026) == coming
