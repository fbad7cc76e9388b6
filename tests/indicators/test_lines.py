"""What comes through a door, held against what is stored: rights, rules, conflicts, history, on both engines."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from indicators.entry.lines import IN_STEAD, Entry, settle
from indicators.models import Computation, Reading, ReadingChange, Report
from spaser.tracking import Door
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    MeasureFactory,
    ReadingFactory,
    ReportFactory,
)
from tests.together import together

AT = datetime(2027, 2, 1, 10, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(scheme=scheme, opens_on=date(2027, 1, 4), closes_on=date(2027, 3, 31))


@pytest.fixture
def report(campaign, action):
    return ReportFactory(campaign=campaign, action=action)


@pytest.fixture
def measure(action):
    return MeasureFactory(indicator__action=action)


def put(user, *entries, at=None, **options):
    at = at or AT + timedelta(minutes=Reading.objects.count() + ReadingChange.objects.count())
    return settle(entries, by=user, at=at, reports=Report.objects.visible_to(user), **options)


def entry(report, measure, value, **options):
    return Entry(report.pk, measure.pk, {"value": value}, **options)


def test_a_value_is_stored_with_its_signature(report, measure, pilot):
    [line] = put(pilot, entry(report, measure, "12"))
    reading = Reading.objects.get()
    assert line.accepted
    assert (reading.number, reading.version, reading.door) == (12, 1, "form")
    assert (reading.changed_by, reading.changed_at, reading.changed_why) == (pilot, AT, "")


def test_changing_it_writes_its_history(report, measure, pilot, contributor):
    put(pilot, entry(report, measure, "12"))
    put(contributor, entry(report, measure, "15"), at=AT + timedelta(hours=1), door=Door.GRID)
    first, second = ReadingChange.objects.order_by("pk")
    assert (first.changed_by, second.changed_by, second.door) == (pilot, contributor, "grid")
    assert [Decimal(str(second.before["number"])), Decimal(str(second.after["number"]))] == [12, 15]


def test_the_same_value_again_changes_nothing(report, measure, pilot):
    put(pilot, entry(report, measure, "12"))
    [line] = put(pilot, entry(report, measure, " 12 "))
    assert not line.changes
    assert Reading.objects.get().version == 1


def test_a_line_left_as_it_was_shown_is_not_touched(report, measure, pilot):
    put(pilot, entry(report, measure, "12"))
    put(pilot, entry(report, measure, "15"))
    [line] = put(pilot, entry(report, measure, "12", was={"value": "12"}, seen=1))
    assert line.stale and not line.conflicts
    assert Reading.objects.get().number == 15


def test_emptying_a_value_keeps_its_history(report, measure, pilot):
    put(pilot, entry(report, measure, "12"))
    put(pilot, entry(report, measure, ""))
    assert Reading.objects.get().number is None
    assert ReadingChange.objects.count() == 2


def test_an_empty_line_makes_no_reading(report, measure, pilot):
    put(pilot, entry(report, measure, ""))
    assert not Reading.objects.exists()


def test_the_second_of_two_sees_both_versions_and_nothing_is_overwritten(report, measure, pilot, contributor):
    put(pilot, entry(report, measure, "12", seen=0))
    [line] = put(contributor, entry(report, measure, "15", seen=0))
    assert line.conflicts and not line.accepted
    assert (line.before, line.after) == ("12", "15")
    assert Reading.objects.get().number == 12


def test_who_has_seen_the_other_version_may_write_over_it(report, measure, pilot, contributor):
    put(pilot, entry(report, measure, "12", seen=0))
    put(contributor, entry(report, measure, "15", seen=1))
    assert Reading.objects.get().number == 15


def test_two_who_write_the_same_do_not_conflict(report, measure, pilot, contributor):
    put(pilot, entry(report, measure, "12", seen=0))
    [line] = put(contributor, entry(report, measure, "12", seen=0))
    assert not line.conflicts


def test_one_bad_line_does_not_stop_the_others_and_all_are_said(report, action, pilot):
    first, second, third = (MeasureFactory(indicator__action=action) for _ in range(3))
    lines = put(
        pilot, entry(report, first, "12"), entry(report, second, "douze"), entry(report, third, "3,5")
    )
    assert [line.messages for line in lines] == [
        [],
        ["Valeur : « douze » n’est pas un nombre : écrivez par exemple 1 234,56."],
        ["Valeur : On attend ici un nombre entier."],
    ]
    assert Reading.objects.get().measure == first


def test_a_preview_stores_nothing(report, measure, pilot):
    [line] = put(pilot, entry(report, measure, "12"), save=False)
    assert line.accepted and (line.before, line.after) == ("", "12")
    assert not Reading.objects.exists()


def test_what_one_may_not_see_is_unknown(report, measure, stranger, other_pilot, copil_member):
    for user in (stranger, other_pilot, copil_member):
        [line] = put(user, entry(report, measure, "12"))
        assert line.errors == {"": "Cette ligne n’est pas de celles que vous pouvez remplir."}
    assert not Reading.objects.exists()


def test_a_submitted_sheet_is_locked(campaign, action, measure, pilot):
    report = ReportFactory(campaign=campaign, action=action, submitted=True)
    [line] = put(pilot, entry(report, measure, "12"))
    assert line.errors == {"": "Cette fiche est soumise : elle attend la relecture de l’équipe de pilotage."}
    assert not Reading.objects.exists()


def test_a_closed_campaign_refuses_with_its_sentence(report, measure, pilot):
    [line] = put(pilot, entry(report, measure, "12"), at=datetime(2027, 4, 1, 10, tzinfo=UTC))
    assert line.errors[""].startswith("La campagne 2026 est close : rien ne s’y modifie plus.")


def test_the_day_is_that_of_paris(report, measure, pilot):
    """On 31 March at 23 h 30 in Paris it is 21 h 30 in Greenwich; on 1 April at 0 h 30, still 31 March there."""
    late = datetime(2027, 3, 31, 22, 30, tzinfo=UTC)
    [line] = put(pilot, entry(report, measure, "12"), at=late)
    assert line.errors[""].startswith("La campagne 2026 est close")


def test_what_the_steering_team_enters_is_logged_as_such(report, measure, steering):
    put(steering, entry(report, measure, "12"))
    assert Reading.objects.get().changed_why == IN_STEAD


def test_rules_across_rows_hold_for_every_door(report, scheme, pilot):
    elsewhere = MeasureFactory(indicator__action=ActionFactory(objective__pillar__scheme=scheme))
    computed = MeasureFactory(indicator__action=report.action, computation=Computation.SUM)
    ended = MeasureFactory(indicator__action=report.action, valid_until=2025)
    lines = put(pilot, *(entry(report, measure, "12") for measure in (elsewhere, computed, ended)))
    assert [line.errors[""] for line in lines] == [
        "Cette grandeur est celle d’une autre fiche.",
        "Cette grandeur se calcule : elle ne se saisit pas.",
        "Cette grandeur n’est pas en vigueur cette année-là.",
    ]
    assert not Reading.objects.exists()


def test_too_long_a_text_is_said_beside_its_field(report, measure, pilot):
    [line] = put(pilot, Entry(report.pk, measure.pk, {"value": "12", "source": "x" * 301}))
    assert list(line.errors) == ["source"]
    assert not Reading.objects.exists()


def test_a_confirmed_value_that_changes_is_confirmed_again(report, measure, pilot):
    put(pilot, Entry(report.pk, measure.pk, {"value": "12", "comment": "Oui.", "confirmed": "oui"}))
    put(pilot, Entry(report.pk, measure.pk, {"value": "12,0"}))  # the same, otherwise written
    assert Reading.objects.get().confirmed
    put(pilot, Entry(report.pk, measure.pk, {"value": "120"}))
    assert not Reading.objects.get().confirmed


def test_a_door_that_shows_nothing_confirms_the_value_that_it_sends(report, measure, pilot):
    put(pilot, Entry(report.pk, measure.pk, {"value": "12", "comment": "Oui.", "confirmed": "oui"}))
    put(pilot, Entry(report.pk, measure.pk, {"value": "120", "confirmed": "oui"}))
    assert Reading.objects.get().confirmed
    shown = {"value": "120", "confirmed": "oui"}  # a box that was ticked already
    put(pilot, Entry(report.pk, measure.pk, {"value": "130", "confirmed": "oui"}, was=shown))
    assert not Reading.objects.get().confirmed


def test_a_partial_door_leaves_the_rest_of_the_line(report, measure, pilot):
    put(pilot, Entry(report.pk, measure.pk, {"value": "12", "comment": "Provisoire.", "as_of": "30/06/2026"}))
    put(pilot, entry(report, measure, "15"))
    reading = Reading.objects.get()
    assert (reading.number, reading.comment, reading.as_of) == (15, "Provisoire.", date(2026, 6, 30))


@pytest.mark.parametrize("count", [5, 40])
def test_saving_takes_as_many_queries_for_five_lines_as_for_forty(report, action, pilot, count):
    """Savepoint, reports, two for the person's place, measures, readings, one statement to store, end."""
    measures = [MeasureFactory(indicator__action=action) for _ in range(count)]
    for measure in measures[::2]:
        ReadingFactory(report=report, measure=measure, number=1)
    with CaptureQueriesContext(connections["default"]) as queries:
        put(pilot, *(entry(report, measure, "12") for measure in measures), at=AT)
    assert len(queries) == 8
    assert ReadingChange.objects.filter(changed_at=AT).count() == count


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_told(report, measure, pilot, contributor):
    found = together(
        [
            lambda user=user, value=value: put(user, entry(report, measure, value, seen=0), at=AT)
            for user, value in ((pilot, "12"), (contributor, "15"))
        ]
    )
    lines = [lines[0] for lines in found]
    assert sorted(line.conflicts for line in lines) == [False, True]
    kept = next(line for line in lines if line.accepted)
    assert Reading.objects.get().number == kept.fields["number"]
    assert ReadingChange.objects.count() == 1
