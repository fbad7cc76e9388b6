"""The history that the database keeps of reports and readings, and the moves of a report."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from indicators.models import (
    ActionState,
    IllegalMove,
    Missing,
    Reading,
    ReadingChange,
    Report,
    ReportChange,
    ReportStatus,
)
from spaser.tracking import Door
from tests.factories import (
    ENTERED_AT,
    SUBMITTED_AT,
    VALIDATED_AT,
    MeasureFactory,
    ReadingFactory,
    ReportFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

REFUSAL = "a tracked change must raise version by one and restate changed_at"
LATER = datetime(2027, 4, 1, 9, tzinfo=UTC)


def stored(row):
    """All the columns of `row`, as the database has them now."""
    return type(row).objects.filter(pk=row.pk).values().get()


def assert_refused(row, write):
    """`write()` is refused for want of a signature; neither the row nor its history changes."""
    before = stored(row)
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        write()
    assert stored(row) == before
    assert row.changes.count() == 1


def signed(**values):
    """`values` with the signature that a change of version 1 must carry."""
    return {"version": 2, "changed_at": LATER, **values}


# What is written


def test_inserting_a_report_writes_one_line():
    user = UserFactory()
    report = ReportFactory(
        state=ActionState.ENGAGED, changed_by=user, door=Door.GRID, changed_why="Reprise de 2016"
    )
    [line] = report.changes.all()
    assert line.before is None
    assert line.after == {
        "campaign_id": report.campaign_id,
        "action_id": report.action_id,
        "status": "draft",
        "state": "engaged",
        "realisation": "",
        "effectiveness": "",
        "analysis": "",
        "outlook": "",
    }
    assert (line.version, line.changed_by, line.changed_at) == (1, user, ENTERED_AT)
    assert (line.door, line.changed_why) == ("grid", "Reprise de 2016")


def test_inserting_a_reading_writes_one_line():
    user = UserFactory()
    reading = ReadingFactory(
        measure__type="percent",
        number=Decimal("23.30"),
        decimals=2,
        qualifier="environ",
        as_of=date(2018, 3, 1),
        changed_by=user,
    )
    [line] = reading.changes.all()
    assert line.before is None
    assert line.after == {
        "report_id": reading.report_id,
        "measure_id": reading.measure_id,
        "number": 23.3,
        "numerator": None,
        "denominator": None,
        "boolean": None,
        "text": "",
        "decimals": 2,
        "missing": "",
        "missing_note": "",
        "qualifier": "environ",
        "comment": "",
        "as_of": "2018-03-01",
        "source": "",
        "unfilled": None,
        "confirmed": False,
    }
    assert (line.version, line.changed_by, line.changed_at, line.door) == (1, user, ENTERED_AT, "form")


def test_a_signed_update_is_logged_with_who_when_why_and_door():
    user = UserFactory()
    reading = ReadingFactory(number=12)
    Reading.objects.filter(pk=reading.pk).update(
        number=13,
        version=F("version") + 1,
        changed_by=user,
        changed_at=LATER,
        changed_why="Une facture de plus",
        door=Door.WORKBOOK,
    )
    _, line = reading.changes.all()
    assert (line.before["number"], line.after["number"]) == (12, 13)
    assert {name for name in line.before if line.before[name] != line.after[name]} == {"number"}
    assert (line.version, line.changed_by, line.changed_at) == (2, user, LATER)
    assert (line.door, line.changed_why) == ("workbook", "Une facture de plus")


def test_a_signed_save_is_logged():
    reading = ReadingFactory()
    reading.boolean, reading.version, reading.changed_at = False, 2, LATER
    reading.save()
    _, line = reading.changes.all()
    assert (line.before["boolean"], line.after["boolean"]) == (None, False)


def test_a_value_removed_is_logged():
    reading = ReadingFactory(number=0)
    Reading.objects.filter(pk=reading.pk).update(**signed(number=None, missing=Missing.NOT_AVAILABLE))
    _, line = reading.changes.all()
    assert (line.before["number"], line.before["missing"]) == (0, "")
    assert (line.after["number"], line.after["missing"]) == (None, "not_available")


def test_a_signed_update_of_many_rows_writes_a_line_each():
    report = ReportFactory()
    ReadingFactory.create_batch(5, report=report)
    assert Reading.objects.update(**signed(comment="Revu")) == 5
    assert (
        list(ReadingChange.objects.filter(version=2).values_list("after__comment", flat=True)) == ["Revu"] * 5
    )


def test_changing_an_untracked_column_is_not_logged():
    report = ReportFactory()
    Report.objects.filter(pk=report.pk).update(source_note="La page 12 dit autre chose.")
    assert stored(report)["source_note"] == "La page 12 dit autre chose."
    assert report.changes.count() == 1


def test_writing_the_same_value_is_not_logged():
    reading = ReadingFactory(number=12)
    Reading.objects.filter(pk=reading.pk).update(number=Decimal("12.00"), text="")
    assert reading.changes.count() == 1


def test_deleting_is_logged_and_names_nobody():
    reading = ReadingFactory(number=12, changed_by=UserFactory(), changed_why="Saisie", door=Door.GRID)
    pk = reading.pk
    reading.delete()
    _, line = ReadingChange.objects.filter(reading_id=pk)
    assert (line.before["number"], line.after) == (12, None)
    assert (line.version, line.door, line.changed_by, line.changed_why) == (1, "grid", None, "")
    assert abs(line.changed_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_deleting_by_queryset_is_logged():
    report = ReportFactory(realisation="Fait.")
    pk = report.pk
    Report.objects.filter(pk=pk).delete()
    _, line = ReportChange.objects.filter(report_id=pk)
    assert (line.before["realisation"], line.after) == ("Fait.", None)


def test_two_hundred_readings_at_once_write_two_hundred_lines():
    report = ReportFactory()
    measures = MeasureFactory.create_batch(200, indicator__action=report.action)
    readings = [
        Reading(report=report, measure=measure, number=rank, changed_at=ENTERED_AT)
        for rank, measure in enumerate(measures)
    ]
    with CaptureQueriesContext(connection) as queries:
        Reading.objects.bulk_create(readings)
    assert len(queries) <= 10  # 1 on PostgreSQL; SQLite takes some 50 rows in an INSERT
    lines = ReadingChange.objects.values_list("before", "after__number", "version")
    assert list(lines) == [(None, rank, 1) for rank in range(200)]


# What is refused

UNSIGNED = {
    "nothing": {},
    "version alone": {"version": 2},
    "changed_at alone": {"changed_at": LATER},
    "version by two": {"version": 3, "changed_at": LATER},
    "version as it was": {"version": 1, "changed_at": LATER},
    "version lowered": {"version": 0, "changed_at": LATER},
    "changed_at as it was": {"version": 2, "changed_at": ENTERED_AT},
    "a name alone": {"changed_why": "Correction", "door": Door.API},
}


@pytest.mark.parametrize("stamps", UNSIGNED.values(), ids=UNSIGNED)
def test_an_update_that_is_not_signed_is_refused(stamps):
    reading = ReadingFactory(number=12)
    assert_refused(reading, lambda: Reading.objects.filter(pk=reading.pk).update(number=13, **stamps))


READING_CHANGES = {
    "number": 1,
    "numerator": 1,
    "denominator": 1,
    "boolean": False,
    "text": "mensuelle",
    "decimals": 2,
    "missing": Missing.NOT_APPLICABLE,
    "missing_note": "non suivi",
    "qualifier": "environ",
    "comment": "Voir la pièce jointe.",
    "as_of": date(2026, 6, 30),
    "source": "Logiciel financier",
    "unfilled": 3,
    "confirmed": True,
}
REPORT_CHANGES = {
    "status": ReportStatus.RETURNED,
    "state": ActionState.DONE,
    "realisation": "Fait.",
    "effectiveness": "Bonne.",
    "analysis": "Rien à dire.",
    "outlook": "Continuer.",
}


def test_every_tracked_field_is_known_here():
    assert ("report", "measure", *READING_CHANGES) == Reading.TRACKED
    assert ("campaign", "action", *REPORT_CHANGES) == Report.TRACKED


@pytest.mark.parametrize(("field", "value"), READING_CHANGES.items(), ids=READING_CHANGES)
def test_a_bare_update_of_a_reading_is_refused(field, value):
    reading = ReadingFactory(missing=Missing.NOT_AVAILABLE if field == "missing_note" else "")
    assert_refused(reading, lambda: Reading.objects.filter(pk=reading.pk).update(**{field: value}))


@pytest.mark.parametrize(("field", "value"), REPORT_CHANGES.items(), ids=REPORT_CHANGES)
def test_a_bare_update_of_a_report_is_refused(field, value):
    report = ReportFactory()
    reason = {"return_reason": "Reprendre."} if field == "status" else {}
    assert_refused(report, lambda: Report.objects.filter(pk=report.pk).update(**{field: value}, **reason))


def test_a_bare_save_is_refused():
    reading = ReadingFactory(number=12)
    shown = Reading.objects.get(pk=reading.pk)
    shown.number = 13
    assert_refused(reading, shown.save)


def test_a_bulk_update_is_refused():
    reading, other = ReadingFactory(number=12), ReadingFactory(number=5)
    reading.number, other.number = 13, 6
    assert_refused(reading, lambda: Reading.objects.bulk_update([reading, other], ["number"]))
    assert stored(other)["number"] == 5


def test_one_unsigned_row_refuses_the_whole_update():
    reading, other = ReadingFactory(), ReadingFactory(version=7)
    assert_refused(reading, lambda: Reading.objects.update(**signed(comment="Revu")))
    assert stored(other)["comment"] == ""


def test_an_insert_that_becomes_an_update_is_refused():
    reading = ReadingFactory(number=12)
    again = Reading(report=reading.report, measure=reading.measure, number=13, changed_at=LATER)
    assert_refused(
        reading,
        lambda: Reading.objects.bulk_create(
            [again], update_conflicts=True, unique_fields=["report", "measure"], update_fields=["number"]
        ),
    )


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_raw_sql_does_not_change_a_value_unsigned():
    reading = ReadingFactory(number=12)
    assert_refused(
        reading, lambda: execute("UPDATE indicators_reading SET number = 13 WHERE id = %s", reading.pk)
    )


def test_raw_sql_does_not_delete_without_a_line():
    reading = ReadingFactory(number=12)
    execute("DELETE FROM indicators_reading WHERE id = %s", reading.pk)
    _, line = ReadingChange.objects.filter(reading_id=reading.pk)
    assert (line.before["number"], line.after) == (12, None)


def test_raw_sql_does_not_insert_without_a_line():
    reading = ReadingFactory(number=12)
    other = MeasureFactory(indicator=reading.measure.indicator)
    columns = [field.column for field in Reading._meta.concrete_fields if not field.primary_key]
    values = [str(other.pk) if column == "measure_id" else column for column in columns]
    execute(
        f"INSERT INTO indicators_reading ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM indicators_reading WHERE id = %s",
        reading.pk,
    )
    [line] = Reading.objects.get(measure=other).changes.all()
    assert (line.before, line.after["number"]) == (None, 12)


# The moves of a report

LEGAL = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "validate"): "validated",
    ("submitted", "send_back"): "returned",
    ("validated", "reopen"): "returned",
}
ILLEGAL = [
    (status, move)
    for status in ("draft", "submitted", "returned", "validated")
    for move in ("submit", "validate", "send_back", "reopen")
    if (status, move) not in LEGAL
]


def report_of(status):
    return ReportFactory(**({} if status == "draft" else {status: True}))


def take(report, move, **values):
    """Take one move, with a reason where it needs one."""
    if move in ("send_back", "reopen"):
        values.setdefault("why", "Il manque le total.")
    getattr(report, move)(**{"by": values.pop("by", None) or UserFactory(), "at": LATER, **values})


def assert_illegal(report, move, **values):
    """The move is refused, and changes nothing."""
    before, lines = stored(report), report.changes.count()
    with pytest.raises(IllegalMove):
        take(report, move, **values)
    assert stored(report) == before
    assert report.changes.count() == lines


def test_there_are_eleven_illegal_moves():
    assert len(ILLEGAL) == 11


@pytest.mark.parametrize(("status", "move"), LEGAL)
def test_a_legal_move_changes_the_status_and_is_logged(status, move):
    report, user = report_of(status), UserFactory()
    version = report.version
    take(report, move, by=user, door=Door.API)
    assert report.status == stored(report)["status"] == LEGAL[status, move]
    assert report.version == version + 1
    line = report.changes.last()
    assert (line.before["status"], line.after["status"]) == (status, LEGAL[status, move])
    assert (line.changed_by, line.changed_at, line.door) == (user, LATER, "api")


@pytest.mark.parametrize(("status", "move"), ILLEGAL)
def test_an_illegal_move_is_refused_and_changes_nothing(status, move):
    assert_illegal(report_of(status), move)


def test_submitting_stamps_who_and_when():
    report, user = ReportFactory(), UserFactory()
    report.submit(by=user, at=LATER)
    assert (report.submitted_by, report.submitted_at) == (user, LATER)
    assert (report.validated_by, report.validated_at, report.return_reason) == (None, None, "")


def test_submitting_again_replaces_the_stamps_and_clears_the_reason():
    report, user = ReportFactory(returned=True), UserFactory()
    report.submit(by=user, at=LATER)
    assert (report.submitted_by, report.submitted_at, report.return_reason) == (user, LATER, "")


def test_validating_stamps_who_and_when_and_keeps_the_submission():
    report, user = ReportFactory(submitted=True), UserFactory()
    submitter = report.submitted_by
    report.validate(by=user, at=LATER)
    assert (report.validated_by, report.validated_at) == (user, LATER)
    assert (report.submitted_by, report.submitted_at) == (submitter, SUBMITTED_AT)


def test_sending_back_keeps_the_reason_and_the_submission():
    report = ReportFactory(submitted=True)
    report.send_back(by=UserFactory(), at=LATER, why="Il manque le total.")
    assert (report.return_reason, report.submitted_at) == ("Il manque le total.", SUBMITTED_AT)
    assert report.changes.last().changed_why == "Il manque le total."


def test_reopening_takes_the_validation_back():
    report = ReportFactory(validated=True)
    assert report.validated_at == VALIDATED_AT
    report.reopen(by=UserFactory(), at=LATER, why="Erreur d’unité.")
    assert (report.validated_by, report.validated_at) == (None, None)
    assert report.return_reason == report.changes.last().changed_why == "Erreur d’unité."


def test_reopening_a_report_of_a_document_is_possible():
    report = ReportFactory(from_document=True)
    report.reopen(by=UserFactory(), at=LATER, why="Le document se trompe.")
    assert (report.status, report.door) == ("returned", "form")


@pytest.mark.parametrize(("status", "move"), [("submitted", "send_back"), ("validated", "reopen")])
@pytest.mark.parametrize("why", ["", "  \n"])
def test_a_return_without_reason_is_refused(status, move, why):
    assert_illegal(report_of(status), move, why=why)


@pytest.mark.parametrize(("status", "move"), LEGAL)
def test_a_second_click_is_refused(status, move):
    report = report_of(status)
    shown_elsewhere = Report.objects.get(pk=report.pk)
    take(report, move)
    assert_illegal(shown_elsewhere, move)


def test_the_submitter_does_not_validate():
    report = ReportFactory(submitted=True)
    assert_illegal(report, "validate", by=report.submitted_by)


def test_the_submitter_does_not_validate_from_a_page_shown_before_submitting():
    user, report = UserFactory(), ReportFactory()
    shown_before = Report.objects.get(pk=report.pk)
    report.submit(by=user, at=SUBMITTED_AT)
    assert_illegal(shown_before, "validate", by=user)


def test_a_former_submitter_validates_what_another_submitted_since():
    report = ReportFactory(submitted=True)
    former = report.submitted_by
    report.send_back(by=UserFactory(), at=VALIDATED_AT, why="Reprendre.")
    shown_before = Report.objects.get(pk=report.pk)
    report.submit(by=UserFactory(), at=LATER)
    shown_before.validate(by=former, at=LATER + timedelta(hours=1))
    assert (shown_before.status, shown_before.validated_by) == ("validated", former)


def test_the_submitter_validates_where_the_organisation_allows_it():
    report = ReportFactory(submitted=True, campaign__scheme__organisation__allows_self_validation=True)
    report.validate(by=report.submitted_by, at=LATER)
    assert (report.status, report.validated_by) == ("validated", report.submitted_by)


def test_anyone_validates_a_submission_of_nobody():
    report = ReportFactory(status=ReportStatus.SUBMITTED, submitted_at=SUBMITTED_AT)
    report.validate(by=UserFactory(), at=LATER)
    assert report.status == "validated"


def test_the_history_tells_the_whole_life_of_a_report():
    pilot, steering = UserFactory(), UserFactory()
    days = iter(datetime(2027, 3, day, 9, tzinfo=UTC) for day in range(1, 32))
    report = ReportFactory(changed_by=pilot)
    report.submit(by=pilot, at=next(days))
    report.send_back(by=steering, at=next(days), why="Il manque le total.")
    Report.objects.filter(pk=report.pk).update(
        realisation="120 tonnes.",
        version=F("version") + 1,
        changed_by=pilot,
        changed_at=next(days),
        changed_why="",
        door=Door.GRID,
    )
    report.submit(by=pilot, at=next(days), door=Door.API)
    report.validate(by=steering, at=next(days))
    report.reopen(by=steering, at=next(days), why="Erreur d’unité.")
    report.submit(by=pilot, at=next(days))
    report.validate(by=steering, at=next(days))
    pk = report.pk
    report.delete()
    told = [
        (
            line.version,
            line.before and line.before["status"],
            line.after and line.after["status"],
            line.changed_by,
            line.door,
            line.changed_why,
        )
        for line in ReportChange.objects.filter(report_id=pk)
    ]
    assert told == [
        (1, None, "draft", pilot, "form", ""),
        (2, "draft", "submitted", pilot, "form", ""),
        (3, "submitted", "returned", steering, "form", "Il manque le total."),
        (4, "returned", "returned", pilot, "grid", ""),
        (5, "returned", "submitted", pilot, "api", ""),
        (6, "submitted", "validated", steering, "form", ""),
        (7, "validated", "returned", steering, "form", "Erreur d’unité."),
        (8, "returned", "submitted", pilot, "form", ""),
        (9, "submitted", "validated", steering, "form", ""),
        (9, "validated", None, None, "form", ""),
    ]


def test_history_is_not_rewritten():
    reading = ReadingFactory()
    with pytest.raises(IntegrityError, match="history is not rewritten"), transaction.atomic():
        reading.changes.update(changed_why="autre chose")
    assert reading.changes.get().changed_why == ""


def test_a_reading_that_moves_to_another_measure_is_history():
    reading, other = ReadingFactory(), MeasureFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.filter(pk=reading.pk).update(measure=other)
