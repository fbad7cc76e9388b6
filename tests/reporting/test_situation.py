"""Where a scheme stands in a year: states, completeness, targets; what a COPIL member sees of it; all years from one reading."""

from collections import Counter
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import InvolvementRole, Role
from indicators.models import CampaignKind, MeasureType, Period
from indicators.outcomes import Outcome
from reporting.situation import NoCampaign, full_situation, situation_asked, situation_of, tally
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    ReadingFactory,
    ReportFactory,
    TargetFactory,
)
from tests.plans import load_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(scheme=scheme, year=2026)


def make_action(scheme, **values):
    return ActionFactory(objective__pillar__scheme=scheme, **values)


def by_code(situation):
    return {row.action.code: row for row in situation.actions}


# The bilan of 2017


@pytest.fixture
def of_2017():
    scheme = load_plan("pas-de-calais-2017")
    return scheme, MembershipFactory(organisation=scheme.organisation, role=Role.COPIL).user


def test_the_bilan_of_2017(of_2017):
    scheme, user = of_2017
    situation = situation_of(scheme, user=user)
    found = tally(situation.actions)
    assert (situation.year, situation.years) == (2017, [2016, 2017])
    assert (found.actions, found.engaged, found.told) == (13, 13, 13)
    assert (found.progress.answered, found.progress.due) == (44, 47)
    assert (found.targets, found.outcomes[Outcome.ON_THE_WAY]) == (1, 1)  # 50 % of recycled paper in 2020


def test_nothing_is_due_in_the_reference_year_and_no_state_is_told(of_2017):
    scheme, user = of_2017
    found = tally(situation_of(scheme, user=user, year=2016).actions)
    assert (found.actions, found.told, found.progress.due) == (13, 0, 0)


@pytest.mark.parametrize("year", [2016, 2017])
def test_a_year_looked_at_from_another_is_the_same(year, of_2017):
    scheme, user = of_2017
    own = situation_of(scheme, user=user, year=year)
    other = situation_of(scheme, user=user, year=2016 + 2017 - year).by_year[year]
    assert tally(other.actions) == tally(own.actions)


# The year


def test_by_default_the_last_year_that_tells_something(scheme, steering):
    for year, traits in ((2026, {"validated": True}), (2027, {"submitted": True}), (2028, {})):
        ReportFactory(campaign=CampaignFactory(scheme=scheme, year=year), **traits)
    copil = MembershipFactory(organisation=scheme.organisation, role=Role.COPIL).user
    assert situation_of(scheme, user=steering).year == 2027
    assert situation_of(scheme, user=copil).year == 2026


def test_when_nothing_is_told_the_last_campaign(scheme, steering):
    for year in (2027, 2026):
        ReportFactory(campaign=CampaignFactory(scheme=scheme, year=year))
    assert situation_of(scheme, user=steering).year == 2027


def test_half_a_year_is_no_year(scheme, steering):
    CampaignFactory(scheme=scheme, year=2026, period=Period.HALF)
    assert situation_of(scheme, user=steering) is None


def test_a_year_without_campaign_is_refused(campaign, scheme, steering):
    with pytest.raises(NoCampaign):
        situation_of(scheme, user=steering, year=2025)


@pytest.mark.parametrize(
    ("asked", "year", "wrong"),
    [
        ("2025", 2025, False),
        ("", 2026, False),
        ("2031", 2026, True),
        ("abc", 2026, True),
        ("٢٠٢٦", 2026, True),
    ],
)
def test_the_year_of_an_address(asked, year, wrong, campaign, scheme, steering):
    CampaignFactory(scheme=scheme, year=2025)
    situation, is_wrong = situation_asked(scheme, user=steering, year=asked)
    assert (situation.year, is_wrong) == (year, wrong)


def test_a_scheme_without_campaign_shows_its_plan_in_its_first_year(scheme, steering):
    make_action(scheme, code="A1")
    situation, wrong = situation_asked(scheme, user=steering, year="")
    assert (situation.year, situation.campaigns, wrong) == (2026, {}, False)
    assert tally(situation.actions).progress.due == 0


# States, parts


def test_the_state_and_progress_of_an_action_follow_from_its_parts(campaign, scheme, steering):
    action = make_action(scheme, code="A1")
    for letter, state in (("A", "done"), ("B", "engaged")):
        part = ActionFactory(parent=action, code=f"A1.{letter}")
        report = ReportFactory(campaign=campaign, action=part, state=state, submitted=True)
        measure = MeasureFactory(indicator__action=part)
        if letter == "A":
            ReadingFactory(report=report, measure=measure, number=D(3))
    situation = situation_of(scheme, user=steering)
    rows, found = by_code(situation), tally(situation.actions)
    assert (rows["A1"].state, rows["A1.A"].state, rows["A1.B"].state) == ("in_progress", "done", "engaged")
    assert (rows["A1"].progress.answered, rows["A1"].progress.due) == (1, 2)
    assert (found.actions, found.engaged, found.states) == (1, 1, Counter(in_progress=1))
    assert (found.progress.answered, found.progress.due) == (1, 2)
    assert (rows["A1.A"].whole, rows["A1"].is_whole, rows["A1.A"].is_whole) == (action, True, False)


def test_sheets_of_data_are_no_actions_but_their_readings_are_due(campaign, scheme, steering):
    shared = make_action(scheme, nature="shared")
    MeasureFactory(indicator__action=shared)
    found = tally(situation_of(scheme, user=steering).actions)
    assert (found.actions, found.states, found.progress.due) == (0, Counter(), 1)


def test_what_is_not_in_force_is_not_there(campaign, scheme, steering):
    make_action(scheme, code="OLD", valid_until=2025)
    make_action(scheme, code="NEW", valid_from=2027)
    make_action(scheme, code="NOW")
    CampaignFactory(scheme=scheme, year=2025)
    situation = situation_of(scheme, user=steering, year=2026)
    assert list(by_code(situation)) == ["NOW"]
    assert list(by_code(situation.by_year[2025])) == ["OLD", "NOW"]


def test_the_pilots_of_a_part_are_those_of_its_action_unless_it_has_its_own(campaign, scheme, steering):
    action = make_action(scheme)
    whole = InvolvementFactory(action=action).direction
    first, second = (ActionFactory(parent=action, code=f"{action.code}.{letter}") for letter in "AB")
    own = InvolvementFactory(action=second).direction
    InvolvementFactory(action=first, role=InvolvementRole.SUPPORT)
    rows = by_code(situation_of(scheme, user=steering))
    assert [rows[row.code].pilots for row in (action, first, second)] == [[whole], [whole], [own]]


# Readings and targets


def test_of_two_alternatives_one_is_due_and_counted(campaign, scheme, steering):
    action = make_action(scheme)
    first = MeasureFactory(indicator__action=action)
    second = MeasureFactory(indicator=first.indicator, type=MeasureType.PERCENT, alternative_to=first)
    report = ReportFactory(campaign=campaign, action=action, submitted=True)
    ReadingFactory(report=report, measure=second, number=D(40))
    situation = situation_of(scheme, user=steering)
    found = tally(situation.actions)
    assert (found.progress.answered, found.progress.due) == (1, 1)
    assert found.outcomes == Counter({Outcome.NONE: 1})
    assert [(row.due, row.answered) for row in situation.measures] == [(True, True), (True, True)]


def test_a_reason_answers_and_is_no_value(campaign, scheme, steering):
    action = make_action(scheme)
    measure = MeasureFactory(indicator__action=action)
    TargetFactory(measure=measure, year=2026)
    report = ReportFactory(campaign=campaign, action=action, submitted=True)
    ReadingFactory(report=report, measure=measure, missing="not_available")
    found = tally(situation_of(scheme, user=steering).actions)
    assert (found.progress.answered, found.progress.due) == (1, 1)
    assert (found.outcomes, found.targets, found.judged) == (Counter({Outcome.UNKNOWN: 1}), 1, 0)


def test_a_target_of_an_action_is_counted_and_left_to_people(campaign, scheme, steering):
    action = make_action(scheme)
    TargetFactory(measure=None, scheme=scheme, action=action)
    found = tally(situation_of(scheme, user=steering).actions)
    assert (found.outcomes, found.targets, found.judged) == (Counter({Outcome.WORDS: 1}), 1, 0)


def test_nothing_is_due_in_a_reference_year(scheme, steering):
    CampaignFactory(scheme=scheme, year=2025, kind=CampaignKind.REFERENCE)
    MeasureFactory(indicator__action=make_action(scheme))
    assert tally(situation_of(scheme, user=steering).actions).progress.due == 0


# Who sees what


def test_a_copil_member_counts_validated_sheets_only(campaign, scheme, steering, copil_member):
    before = CampaignFactory(scheme=scheme, year=2025)
    for rank, trait in enumerate(({}, {"submitted": True}, {"returned": True}, {"validated": True}), start=1):
        action = make_action(scheme, code=f"A{rank}")
        measure = MeasureFactory(indicator__action=action)
        TargetFactory(measure=measure, value=D(1), year=2026)
        report = ReportFactory(campaign=campaign, action=action, state="done", **trait)
        ReadingFactory(report=report, measure=measure, number=D(5))
        ReportFactory(campaign=before, action=action, state="engaged", **trait)
    everything = tally(situation_of(scheme, user=steering, year=2026).actions)
    seen = situation_of(scheme, user=copil_member, year=2026)
    found = tally(seen.actions)
    assert (everything.engaged, everything.progress.answered, everything.outcomes["reached"]) == (4, 4, 4)
    assert (found.actions, found.engaged, found.told) == (4, 1, 1)
    assert (found.progress.answered, found.progress.due) == (1, 4)
    assert found.outcomes == Counter({Outcome.REACHED: 1, Outcome.UNKNOWN: 3})
    assert {code: row.state_before for code, row in by_code(seen).items() if row.state_before} == {
        "A4": "engaged"
    }
    assert tally(seen.by_year[2025].actions).engaged == 1
    assert tally(full_situation(scheme, 2026).actions) == everything


# Queries


def fill(campaign, number):
    for _ in range(number):
        action = make_action(campaign.scheme)
        InvolvementFactory(action=action)
        measure = MeasureFactory(indicator__action=action)
        TargetFactory(measure=measure)
        ReadingFactory(report=ReportFactory(campaign=campaign, action=action), measure=measure, number=D(2))


def test_queries_do_not_grow_with_actions_nor_years(campaign, scheme, steering):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            situation = situation_of(scheme, user=steering, year=2026)
            for other in situation.by_year.values():
                tally(other.actions)
        return len(captured)

    fill(campaign, 2)
    few = queries()
    for year in range(2019, 2026):
        fill(CampaignFactory(scheme=scheme, year=year), 3)
    assert queries() == few
