"""May this person write this now: every role, phase and status, worked out by hand from the domain's table."""

from datetime import UTC, date, datetime

import pytest

from actions.models import InvolvementRole, Role
from indicators.models import CampaignKind, Phase
from indicators.perms import Act, place_of, places_of, refusal
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    InvolvementFactory,
    MembershipFactory,
    ReportFactory,
)

pytestmark = pytest.mark.django_db

OPENS, CLOSES, CORRECTS = date(2027, 1, 4), date(2027, 3, 31), date(2027, 4, 30)
BEFORE, DURING, CORRECTING, AFTER = date(2027, 1, 3), date(2027, 2, 1), date(2027, 4, 1), date(2027, 5, 1)


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(scheme=scheme, opens_on=OPENS, closes_on=CLOSES, corrections_until=CORRECTS)


@pytest.fixture
def people(pilot, contributor, steering, copil_member, other_pilot, stranger):
    return {
        "pilot": pilot,
        "contributor": contributor,
        "steering": steering,
        "copil": copil_member,
        "other": other_pilot,
        "stranger": stranger,
    }


def allowed(user, report, on):
    place = place_of(user, report)
    return {act for act in Act if not refusal(act, place, report, on)}


FILL, WRITE, SUBMIT, ASK, VALIDATE, SEND_BACK = Act
ENTER = {FILL, WRITE, SUBMIT, ASK}
# (status, day): what each may do; who is not named may do nothing
TABLE = {
    ("draft", BEFORE): {"pilot": {ASK}, "contributor": {ASK}, "steering": {ASK}},
    ("draft", DURING): {"pilot": ENTER, "contributor": {FILL, ASK}, "steering": ENTER},
    ("draft", CORRECTING): {"pilot": {ASK}, "contributor": {ASK}, "steering": ENTER},
    ("draft", AFTER): {"pilot": {ASK}, "contributor": {ASK}, "steering": {ASK}},
    ("returned", DURING): {"pilot": ENTER, "contributor": {FILL, ASK}, "steering": ENTER},
    ("returned", CORRECTING): {"pilot": ENTER, "contributor": {FILL, ASK}, "steering": ENTER},
    ("returned", AFTER): {"pilot": {ASK}, "contributor": {ASK}, "steering": {ASK}},
    ("submitted", DURING): {"pilot": {ASK}, "contributor": {ASK}, "steering": {ASK, VALIDATE, SEND_BACK}},
    ("submitted", CORRECTING): {"pilot": {ASK}, "contributor": {ASK}, "steering": {ASK, VALIDATE, SEND_BACK}},
    ("submitted", AFTER): {"pilot": {ASK}, "contributor": {ASK}, "steering": {ASK, VALIDATE}},
    ("validated", DURING): {"pilot": {ASK}, "contributor": {ASK}, "steering": {ASK, SEND_BACK}},
    ("validated", AFTER): {"pilot": {ASK}, "contributor": {ASK}, "steering": {ASK}},
}


@pytest.mark.parametrize(("status", "on"), TABLE)
def test_who_may_do_what_and_when(status, on, campaign, action, people):
    report = ReportFactory(campaign=campaign, action=action, **({} if status == "draft" else {status: True}))
    found = {name: acts for name, user in people.items() if (acts := allowed(user, report, on))}
    assert found == TABLE[status, on]


def test_first_and_last_day_are_included(campaign):
    days = {day: campaign.phase(day) for day in (BEFORE, OPENS, CLOSES, CORRECTING, CORRECTS, AFTER)}
    expected = [Phase.PLANNED, Phase.OPEN, Phase.OPEN, Phase.CORRECTION, Phase.CORRECTION, Phase.CLOSED]
    assert list(days.values()) == expected


def test_a_campaign_closed_by_hand_is_closed_before_its_date(campaign, action, pilot):
    campaign.closed_at = datetime(2027, 2, 1, 9, tzinfo=UTC)
    report = ReportFactory(campaign=campaign, action=action)
    assert campaign.phase(DURING) == Phase.CORRECTION
    assert FILL not in allowed(pilot, report, DURING)


def test_once_closed_every_entry_gets_the_same_answer(campaign, action, pilot, contributor, steering):
    report = ReportFactory(campaign=campaign, action=action)
    answers = {
        refusal(FILL, place_of(user, report), report, AFTER) for user in (pilot, contributor, steering)
    }
    assert answers == {
        "La campagne 2026 est close : rien ne s’y modifie plus. L’équipe de pilotage peut la rouvrir."
    }


def test_a_reference_year_is_the_steering_teams(scheme, action, people):
    campaign = CampaignFactory(scheme=scheme, year=2025, kind=CampaignKind.REFERENCE)
    report = ReportFactory(campaign=campaign, action=action)
    found = {name: acts for name, user in people.items() if (acts := allowed(user, report, DURING))}
    assert found == {"steering": ENTER}


def test_who_pilots_an_action_pilots_its_parts(campaign, action, pilot):
    part = ActionFactory(parent=action)
    assert FILL in allowed(pilot, ReportFactory(campaign=campaign, action=part), DURING)


def test_a_contributor_of_the_piloting_direction_does_not_submit(campaign, action, pilot):
    direction = pilot.memberships.get().direction
    helper = MembershipFactory(direction=direction, role=Role.CONTRIBUTOR).user
    assert allowed(helper, ReportFactory(campaign=campaign, action=action), DURING) == {FILL, ASK}


def test_a_pilot_of_a_supporting_direction_contributes(campaign, action, contributor):
    direction = contributor.memberships.get().direction
    other = MembershipFactory(direction=direction, role=Role.PILOT).user
    assert allowed(other, ReportFactory(campaign=campaign, action=action), DURING) == {FILL, ASK}


def test_a_partner_only_reads(campaign, action, organisation):
    direction = DirectionFactory(organisation=organisation)
    InvolvementFactory(action=action, direction=direction, role=InvolvementRole.PARTNER)
    partner = MembershipFactory(direction=direction, role=Role.PILOT).user
    assert allowed(partner, ReportFactory(campaign=campaign, action=action), DURING) == set()


def test_an_account_put_out_of_use_may_nothing(campaign, action, steering):
    steering.is_active = False
    assert allowed(steering, ReportFactory(campaign=campaign, action=action), DURING) == set()


def test_places_take_two_queries_for_any_number_of_reports(
    campaign, scheme, pilot, django_assert_num_queries
):
    direction = pilot.memberships.get().direction
    reports = []
    for _ in range(20):
        action = ActionFactory(objective__pillar__scheme=scheme)
        InvolvementFactory(action=action, direction=direction)
        reports.append(ReportFactory(campaign=campaign, action=action))
    with django_assert_num_queries(2):
        places = places_of(pilot, reports)
    assert all(place.pilot for place in places.values())
