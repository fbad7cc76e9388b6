"""The deadlines of a scheme: what falls in which year, what is over, where today stands."""

from datetime import date, datetime
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest

from actions.models import Meeting
from reporting.situation import situation_of
from reporting.timeline import timeline
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    CommitteeFactory,
    MeasureFactory,
    MeetingFactory,
    ReadingFactory,
    ReportFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 21)


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(scheme=scheme, year=2026)


@pytest.fixture
def years(scheme, steering, campaign):
    """{year: TimelineYear} as a steering team sees it."""

    def years():
        found = timeline(
            situation_of(scheme, user=steering, year=campaign.year),
            campaigns=scheme.campaigns.all(),
            meetings=Meeting.objects.filter(committee__scheme=scheme),
            on=ON,
        )
        return {group.year: group for group in found}

    return years


def make_action(scheme, **values):
    return ActionFactory(objective__pillar__scheme=scheme, **values)


def test_without_any_deadline_there_is_no_timeline(scheme, years):
    make_action(scheme)
    assert years() == {}


def test_past_present_and_to_come(scheme, years):
    for year in (2025, 2026, 2028):
        make_action(scheme, due_to=year)
    assert {year: group.tense for year, group in years().items()} == {
        2025: "past",
        2026: "now",
        2028: "future",
    }


def test_this_year_is_there_even_when_nothing_falls_in_it(scheme, years):
    make_action(scheme, due_to=2028)
    (today,) = years()[2026].dated
    assert (today.on, today.is_today) == (ON, True)


def test_an_action_ends_in_the_last_year_of_its_range(scheme, years):
    action = make_action(scheme, due_from=2024, due_to=2028)
    only = make_action(scheme, due_from=2029)
    found = years()
    assert [ending.action for ending in found[2028].endings] == [action]
    assert [ending.action for ending in found[2029].endings] == [only]


@pytest.mark.parametrize(
    ("due", "state", "late"),
    [
        (2025, "engaged", True),
        (2025, "", True),
        (2025, "suspended", True),
        (2025, "done", False),
        (2025, "abandoned", False),
        (2026, "engaged", False),
    ],
)
def test_late_is_what_is_over_and_neither_done_nor_abandoned(due, state, late, scheme, campaign, years):
    action = make_action(scheme, due_to=due)
    ReportFactory(campaign=campaign, action=action, state=state)
    group = years()[due]
    assert ([ending.late for ending in group.endings], group.late) == ([late], int(late))


def test_the_dates_of_a_campaign_and_of_meetings_stand_in_order_around_today(scheme, campaign, years):
    campaign.opens_on, campaign.closes_on = date(2026, 10, 1), date(2026, 12, 15)
    campaign.corrections_until = date(2027, 1, 31)
    campaign.save()
    committee = CommitteeFactory(scheme=scheme, name="Comité de pilotage")
    MeetingFactory(committee=committee, held_on=date(2026, 6, 30))
    found = years()
    assert [(event.on.isoformat(), event.words) for event in found[2026].dated] == [
        ("2026-06-30", "Réunion : Comité de pilotage"),
        ("2026-10-01", "Ouverture de la saisie des données 2026"),
        ("2026-11-21", "Aujourd’hui"),
        ("2026-12-15", "Fin de la saisie des données 2026"),
    ]
    assert [event.words for event in found[2027].dated] == ["Fin des corrections des données 2026"]


def test_a_campaign_closed_by_hand_ended_that_day_in_france(campaign, years):
    campaign.opens_on, campaign.closes_on = date(2026, 10, 1), date(2026, 12, 15)
    campaign.closed_at = datetime(2026, 11, 10, 0, 30, tzinfo=ZoneInfo("Europe/Paris"))
    campaign.save()
    said = [(event.on, event.words) for event in years()[2026].dated]
    assert (date(2026, 11, 10), "Clôture de la saisie des données 2026") in said
    assert "Fin de la saisie des données 2026" not in dict(said).values()


def test_a_demonstration_says_so(campaign, years):
    campaign.opens_on, campaign.demonstration = date(2026, 10, 1), True
    campaign.save()
    assert years()[2026].dated[0].words == "Ouverture de la saisie des données 2026 (démonstration)"


def test_targets_fall_in_their_year_or_at_the_end_of_the_scheme(scheme, campaign, years):
    action = make_action(scheme)
    measure = MeasureFactory(indicator__action=action)
    dated, at_the_end = TargetFactory(measure=measure, year=2027), TargetFactory(measure=measure)
    TargetFactory(measure=measure, each_year=True)
    TargetFactory(measure=measure, stage="étape 1")
    loose = TargetFactory(measure=None, scheme=scheme, action=action, year=2027)
    report = ReportFactory(campaign=campaign, action=action)
    ReadingFactory(report=report, measure=measure, number=D(12))
    found = years()
    assert {result.target: result.outcome for result in found[2027].targets} == {
        dated: "reached",
        loose: "words",
    }
    assert [result.target for result in found[2029].targets] == [at_the_end]
    assert sum(len(group.targets) for group in found.values()) == 3
