"""What happened to a report, in words: its own changes, those of its readings, its evidence and its remarks.

The database writes the lines (`spaser.tracking`); here they are read. Pages and administration print them alike.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.paginator import Paginator
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from actions.models import User
from indicators import calculations
from indicators.models import (
    Evidence,
    Measure,
    Reading,
    ReadingChange,
    Remark,
    Report,
    ReportChange,
    ReportStatus,
)
from indicators.series import Value as Known
from spaser.french import format_date, format_number

A_PAGE = 50
LONG = 160  # characters from which a text is folded
NOTHING = "–"
TRACKED = {ReportChange: Report, ReadingChange: Reading}
# the columns that one printed value is made of
VALUE = (*Reading.VALUES, "decimals", "missing", "missing_note", "qualifier")


@dataclass(frozen=True)
class Difference:
    """One thing that changed, before and after, as the site prints it."""

    label: str
    before: str
    after: str

    @property
    def is_long(self):
        return max(len(self.before), len(self.after)) > LONG


def differences(change, measure=None):
    """The Differences of one line of history. `measure`: that of a reading, for its unit."""
    model, before, after = TRACKED[type(change)], change.before or {}, change.after or {}
    found = []
    if model is Reading:
        found.append(Difference("valeur", printed(before, measure), printed(after, measure)))
    for name in model.TRACKED:
        field = model._meta.get_field(name)
        if (model is Reading and name in VALUE) or (field.is_relation and not (before and after)):
            continue
        old, new = shown(field, before.get(field.column)), shown(field, after.get(field.column))
        found.append(Difference(field.verbose_name, old, new))
    return [line for line in found if line.before != line.after]


def printed(snapshot, measure=None):
    """The value of a reading as the history has it, printed as on a page: « environ 23,30 % », « 63 / 224 », « sans objet »."""
    known = {name: _stored(Reading._meta.get_field(name), snapshot.get(name)) for name in VALUE}
    if all(known[name] in (None, "") for name in (*Reading.VALUES, "missing")):
        return NOTHING
    if known["numerator"] is not None or known["denominator"] is not None:
        known["number"] = calculations.rate(known["numerator"], known["denominator"])
    return Known(measure=measure or Measure(), year=0, **known).display


def _stored(field, raw):
    """What the database wrote as JSON, as the field has it: SQLite writes 0 and 1 for a boolean, both a double for a decimal."""
    if raw is None:
        return None if field.null else field.get_default()
    if isinstance(field, models.BooleanField):
        return bool(raw)
    return Decimal(str(raw)) if isinstance(field, models.DecimalField) else raw


def shown(field, raw):
    """One tracked column as the site prints it; of a relation, the number alone."""
    if isinstance(field, models.BooleanField):
        return "oui" if raw else "non"
    if raw in (None, ""):
        return NOTHING
    if field.is_relation:
        return f"n° {raw}"
    if isinstance(field, models.IntegerField):
        return format_number(Decimal(raw))
    if isinstance(field, models.DateField):
        return format_date(date.fromisoformat(raw))
    return str(dict(field.flatchoices).get(raw, raw))


@dataclass(frozen=True)
class Event:
    """One entry of the timeline: who, when, by which door, what, why. `measure`: the line that it is about, if any."""

    at: datetime
    by: User | None
    title: str
    door: str = ""
    why: str = ""
    measure: Measure | None = None
    differences: tuple = ()
    text: str = ""
    first: bool = False  # nothing was there before

    @property
    def day(self):
        return timezone.localdate(self.at)


def timeline(report, number, *, measure=None):
    """A page of 50 Events of a report, newest first; of one `measure` if it is given. Constant queries."""
    sources = _sources(report, measure)
    keys = [_keys(rows, kind, at) for kind, (rows, at, _) in sources.items()]
    page = Paginator(keys[0].union(*keys[1:], all=True).order_by("-at", "kind", "-pk"), A_PAGE).get_page(
        number
    )
    wanted = list(page.object_list)
    events = {}
    for kind, (rows, _, made) in sources.items():
        found = rows.filter(pk__in=[pk for _, of, pk in wanted if of == kind])
        events |= {(kind, row.pk): event for row, event in made(list(found))}
    page.object_list = [events[kind, pk] for _, kind, pk in wanted]
    return page


def _keys(rows, kind, at):
    return rows.order_by().annotate(at=F(at), kind=Value(kind)).values_list("at", "kind", "pk")


def _sources(report, measure):
    """{kind: (rows, the name of their moment, what makes [(row, Event)] of them)}."""
    remarks = Remark.objects.filter(report=report).select_related(
        "author", "measure__indicator", "measure__item"
    )
    evidence = Evidence.objects.filter(report=report).select_related(
        "added_by", "reading__measure__indicator", "reading__measure__item"
    )
    sources = {
        "reading": (_reading_changes(report, measure), "changed_at", _reading_events),
        "remark": (remarks, "written_at", _remark_events),
        "evidence": (evidence, "added_at", _evidence_events),
    }
    if measure is None:
        rows = ReportChange.objects.filter(report=report).select_related("changed_by")
        return {"report": (rows, "changed_at", _report_events)} | sources
    sources["remark"] = (remarks.filter(measure=measure), *sources["remark"][1:])
    sources["evidence"] = (evidence.filter(reading__measure=measure), *sources["evidence"][1:])
    return sources


def _reading_changes(report, measure):
    """The lines of the readings of a report, those of readings that are gone among them."""
    readings = Reading.objects.filter(report=report)
    gone = ReadingChange.objects.filter(after__isnull=True, before__report_id=report.pk)
    if measure is not None:
        readings, gone = readings.filter(measure=measure), gone.filter(before__measure_id=measure.pk)
    lines = Q(reading_id__in=readings.values("pk")) | Q(reading_id__in=gone.values("reading_id"))
    return ReadingChange.objects.filter(lines).select_related("changed_by")


def _signed(change):
    return {
        "at": change.changed_at,
        "by": change.changed_by,
        "door": change.get_door_display(),
        "why": change.changed_why,
        "first": change.before is None,
    }


def _report_events(changes):
    for change in changes:
        yield (
            change,
            Event(title=report_title(change), differences=tuple(differences(change)), **_signed(change)),
        )


def report_title(change):
    before, after = (change.before or {}).get("status"), (change.after or {}).get("status")
    if before is None:
        return "Fiche ouverte"
    if after is None:
        return "Fiche supprimée"
    if before == after:
        return "Fiche modifiée"
    if after == ReportStatus.RETURNED:
        return "Fiche rouverte" if before == ReportStatus.VALIDATED else "Fiche renvoyée pour correction"
    return f"Fiche {ReportStatus(after).label}"


def _reading_events(changes):
    ids = {(change.after or change.before)["measure_id"] for change in changes}
    measures = Measure.objects.filter(pk__in=ids).select_related("indicator", "item").in_bulk()
    for change in changes:
        measure = measures.get((change.after or change.before)["measure_id"])
        found = tuple(differences(change, measure))
        event = Event(
            title=_reading_title(change, found), measure=measure, differences=found, **_signed(change)
        )
        yield change, event


def _reading_title(change, found):
    if change.before is None:
        return "Ligne renseignée"
    if change.after is None:
        return "Relevé supprimé"
    return "Valeur modifiée" if any(line.label == "valeur" for line in found) else "Précisions modifiées"


def _remark_events(remarks):
    for remark in remarks:
        title = "Correction demandée" if remark.asks_correction else "Remarque"
        event = Event(
            at=remark.written_at, by=remark.author, title=title, measure=remark.measure, text=remark.text
        )
        yield remark, event


def _evidence_events(files):
    for file in files:
        measure = file.reading.measure if file.reading else None
        event = Event(
            at=file.added_at, by=file.added_by, title="Justificatif joint", measure=measure, text=file.name
        )
        yield file, event
