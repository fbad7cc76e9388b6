"""Many people at the same moment, through the pages, on the engine at hand: nothing is lost, doubled or overwritten."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from actions.models import InvolvementRole
from indicators.models import PendingEntry, Reading, ReadingChange
from indicators.perms import today
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    ReportFactory,
)
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, SHEETS, WORKERS = 200, 20, 12


@pytest.fixture
def sheets(scheme):
    """SHEETS reports of an open campaign, which one direction pilots."""
    campaign = CampaignFactory(
        scheme=scheme, opens_on=today() - timedelta(days=1), closes_on=today() + timedelta(days=1)
    )
    direction = DirectionFactory(organisation=scheme.organisation)
    found = []
    for _ in range(SHEETS):
        action = ActionFactory(objective__pillar__scheme=scheme)
        InvolvementFactory(action=action, direction=direction, role=InvolvementRole.PILOT)
        found.append(ReportFactory(campaign=campaign, action=action))
    return found


@pytest.fixture
def people(sheets):
    """PEOPLE pilots of the direction, each with a browser where he or she is logged in."""
    direction = sheets[0].action.involvements.get().direction
    browsers = []
    for _ in range(PEOPLE):
        client = Client()
        client.force_login(MembershipFactory(direction=direction).user)
        browsers.append(client)
    return browsers


def measures_of(report, count):
    indicator = IndicatorFactory(action=report.action)
    return [MeasureFactory(indicator=indicator) for _ in range(count)]


def saving(client, report, measure, value):
    """What a page opened before anybody saved sends."""
    prefix = f"l-{measure.code}"
    data = {f"{prefix}-was": '{"value": ""}', f"{prefix}-seen": "0", f"{prefix}-value": str(value)}
    return lambda: client.post(report.get_absolute_url(), data).status_code


def changes():
    """The history of the readings that exist: emptying the database before this test may have left that of former ones."""
    return ReadingChange.objects.filter(reading__in=Reading.objects.values("pk"))


def test_two_hundred_people_save_and_nothing_is_lost_or_doubled(sheets, people):
    each = PEOPLE // SHEETS
    lines = [(report, measure) for report in sheets for measure in measures_of(report, each)]
    calls = [
        saving(client, report, measure, value)
        for value, (client, (report, measure)) in enumerate(zip(people, lines, strict=True))
    ]
    assert set(together(calls, workers=WORKERS)) == {302}
    stored = dict(Reading.objects.values_list("measure", "number"))
    assert stored == {measure.pk: Decimal(value) for value, (_, measure) in enumerate(lines)}
    assert set(Reading.objects.values_list("version", flat=True)) == {1}
    assert changes().count() == PEOPLE
    assert changes().values("changed_by").distinct().count() == PEOPLE
    assert not PendingEntry.objects.exists()


def test_of_those_who_save_the_same_reading_one_wins_and_the_others_keep_what_they_typed(sheets, people):
    each = PEOPLE // SHEETS
    lines = [(report, measures_of(report, 1)[0]) for report in sheets]
    crowd = [(client, lines[rank % SHEETS], rank) for rank, client in enumerate(people)]
    calls = [saving(client, *line, value) for client, line, value in crowd]
    assert set(together(calls, workers=WORKERS)) == {302}
    assert Reading.objects.count() == changes().count() == SHEETS
    waiting = PendingEntry.objects.all()
    assert waiting.count() == PEOPLE - SHEETS
    typed = {text for entry in waiting for name, text in entry.data.items() if name.endswith("-value")}
    kept = {str(int(number)) for number in Reading.objects.values_list("number", flat=True)}
    assert typed | kept == {str(value) for value in range(PEOPLE)}
    assert len(kept) == SHEETS and each == 10
