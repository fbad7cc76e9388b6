"""What was typed, held against what is stored, then saved: the one way by which a value comes in.

A door makes an Entry for each measure that somebody typed; `settle` says of each what it changes, what is wrong with it and
whether another came between, and saves those that nothing stops. Constant queries, for one sheet or a whole plan.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.rules import check
from indicators.entry.answers import EMPTY, LABELS, TYPED, complete, parse_answer, typed_of
from indicators.models import Measure, Reading, Report
from indicators.perms import Act, places_of, refusal
from indicators.rules import in_force
from indicators.series import Series
from spaser.tracking import Door

IN_STEAD = "Saisie par l’équipe de pilotage, à la place du pilote."
TWICE = "Cette grandeur est donnée deux fois : rien ne dit laquelle des deux valeurs est la bonne."
UPDATED = [*EMPTY, "version", "door", "changed_by", "changed_at", "changed_why"]


@dataclass(frozen=True)
class Entry:
    """What came through a door for one measure in one report.

    `typed`: {name of TYPED: text}, the names that the door has; `was`: the same as they were shown, when the door
    knows it: what is still as it was shown is not touched. `seen`: the version of the reading that was shown, 0 when there was
    none, None when the door knows of no version. `where`: the place that a message names, « feuille Saisie, ligne 12 ».
    """

    report: int
    measure: int
    typed: dict
    was: dict | None = None
    seen: int | None = None
    where: str = ""

    @property
    def touched(self):
        if self.was is None:
            return True
        return any(
            (text or "").strip() != (self.was.get(name) or "").strip() for name, text in self.typed.items()
        )


@dataclass
class Line:
    """An Entry beside what is stored. `errors`: {name of TYPED, or "": French message}; `refused` repeats errors[""]."""

    entry: Entry
    report: Report | None
    measure: Measure | None
    stored: Reading | None
    fields: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    stale: bool = False  # it was changed since it was shown

    @property
    def changes(self):
        """Would saving change anything?"""
        before = {name: getattr(self.stored, name) for name in EMPTY} if self.stored else EMPTY
        return any(self.fields.get(name, before[name]) != before[name] for name in EMPTY)

    @property
    def conflicts(self):
        """Both this person and another changed it, and not to the same: neither is lost, somebody chooses."""
        return self.stale and self.entry.touched and self.changes and not self.errors

    @property
    def accepted(self):
        return self.entry.touched and self.changes and not self.errors and not self.conflicts

    @property
    def wanted(self):
        """The Reading that saving would store."""
        reading = self.stored or Reading(report=self.report, measure=self.measure)
        made = Reading(pk=reading.pk, report=self.report, measure=self.measure, version=reading.version)
        for name in EMPTY:
            setattr(made, name, self.fields.get(name, getattr(reading, name)))
        return made

    @property
    def before(self):
        """What is stored, as it is printed; "" when nothing is."""
        return shown(self.stored)

    @property
    def after(self):
        return shown(self.wanted) if self.fields else ""

    @property
    def messages(self):
        """The errors with the name of what each is about, in the order of the columns."""
        order = ["", *TYPED]
        named = sorted(self.errors.items(), key=lambda item: order.index(item[0]))
        return [f"{LABELS[name]} : {message}" if name else message for name, message in named]


def shown(reading):
    """A reading as it is printed; "" when there is none, or nothing in it."""
    if reading is None:
        return ""
    campaign = reading.report.campaign
    value = Series([], [reading]).value(reading.measure, campaign.year, campaign.period)
    return value.display if value.is_answered else ""


def readings_of(reports):
    """The readings of `reports`, by (report, measure)."""
    readings = Reading.objects.filter(report__in=reports).select_related("changed_by")
    return {(reading.report_id, reading.measure_id): reading for reading in readings}


def with_what_rules_need(measures):
    return measures.select_related("indicator__action", "indicator__scheme", "item", "scheme")


def reports_for_entry(reports):
    """`reports` (a queryset) with what the rules of writing need."""
    return reports.select_related(
        "campaign__scheme__organisation", "action__scheme", "action__parent__scheme"
    )


@transaction.atomic
def settle(entries, *, by, at, door=Door.FORM, reports, save=True):
    """The Lines of `entries`; those that nothing stops are saved, unless `save` is False.

    `reports` is a queryset of what `by` may see: an entry outside it is refused as unknown. With `save` they stay locked to the
    end of the transaction, so that of two people who save at once, the second is told. Errors never stop other lines.
    """
    reports = reports_for_entry(reports.filter(pk__in={entry.report for entry in entries}))
    if save:
        reports = reports.select_for_update(of=("self",)).order_by("pk")
    found = {report.pk: report for report in reports}
    places = places_of(by, found.values())
    wanted = Measure.objects.filter(pk__in={entry.measure for entry in entries})
    measures = {measure.pk: measure for measure in with_what_rules_need(wanted)}
    lines = compare(entries, found, measures, places, readings_of(found), on=timezone.localdate(at))
    if save:
        store(lines, by=by, at=at, door=door, places=places)
    return lines


def compare(entries, reports, measures, places, stored, *, on):
    """The Lines of `entries` beside what is `stored` (`readings_of`); no query.

    `reports` and `measures` are {pk: row} with what the rules need; `places` are those of the person.
    """
    lines = [
        _line(entry, reports.get(entry.report), measures.get(entry.measure), stored) for entry in entries
    ]
    times = Counter((entry.report, entry.measure) for entry in entries)
    for line in lines:
        if times[line.entry.report, line.entry.measure] > 1:
            line.errors.setdefault("", TWICE)
    refusals = {pk: refusal(Act.FILL, places[pk], report, on) for pk, report in reports.items()}
    _find_errors(lines, refusals)
    return lines


def _line(entry, report, measure, stored):
    reading = stored.get((entry.report, entry.measure))
    if reading is not None:  # what the rules and the display walk is in memory already
        reading.report, reading.measure = report, measure
    line = Line(entry=entry, report=report, measure=measure, stored=reading)
    if report is None or measure is None:
        line.errors[""] = "Cette ligne n’est pas de celles que vous pouvez remplir."
        return line
    version = reading.version if reading else 0
    line.stale = entry.seen is not None and entry.seen != version
    if not entry.touched:
        return line
    base = typed_of(measure, reading)
    line.fields, line.errors = parse_answer(measure, complete(base, entry.typed))
    _forget_confirmation(line)
    return line


def _forget_confirmation(line):
    """A confirmed value that changes is to be confirmed again, unless who sends it, unseen, confirms this very one."""
    stored, entry = line.stored, line.entry
    confirms = entry.was is None and entry.typed.get("confirmed")
    if not (stored and stored.confirmed) or confirms:
        return
    if any(line.fields[name] != getattr(stored, name) for name in Reading.VALUES):
        line.fields["confirmed"] = False


def _find_errors(lines, refusals):
    """Add to each line that is touched what the person's rights, the fields and the rules across rows have against it."""
    candidates = {}
    for line in lines:
        if line.errors or not line.entry.touched:
            continue
        if refusals[line.report.pk] and line.changes:
            line.errors[""] = refusals[line.report.pk]
            continue
        reading = line.wanted
        try:
            reading.clean_fields(
                exclude={"report", "measure", "changed_by", "changed_at", "changed_why", "door"}
            )
        except ValidationError as error:
            line.errors |= _by_typed_name(error)
            continue
        candidates[id(reading)] = (line, reading)
    for reading, error in check([reading for _, reading in candidates.values()]):
        candidates[id(reading)][0].errors |= _by_typed_name(error)


def _by_typed_name(error):
    """{name of TYPED: message} of a ValidationError on the fields of a reading."""
    renamed = {"number": "value", "boolean": "value", "text": "value", "decimals": "value", "measure": ""}
    return {
        renamed.get(name, name if name in TYPED else ""): " ".join(messages)
        for name, messages in error.message_dict.items()
    }


def store(lines, *, by, at, door, places):
    """Save the accepted lines in one statement; the triggers write their history and refuse one that skips a version."""
    rows = []
    for line in lines:
        if line.accepted:
            reading = line.wanted
            reading.version = line.stored.version + 1 if line.stored else 1
            reading.door, reading.changed_by, reading.changed_at = door, by, at
            reading.changed_why = IN_STEAD if places[line.report.pk].in_stead else ""
            rows.append(reading)
    for reading in rows:
        reading.pk = None  # found by report and measure, inserted or updated
    Reading.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["report", "measure"], update_fields=UPDATED
    )


def measures_to_fill(reports):
    """{action id: [measures in force and entered, in the plan's order]} for the reports of one campaign; one query."""
    reports = list(reports)
    measures = Measure.objects.filter(
        indicator__action__in={report.action_id for report in reports}, computation=""
    ).order_by("indicator__position", "indicator__pk", "position", "pk")
    by_action = {report.action_id: [] for report in reports}
    years = {report.action_id: report.campaign.year for report in reports}
    for measure in with_what_rules_need(measures):
        action = measure.indicator.action_id
        if in_force(measure, years[action]):
            by_action[action].append(measure)
    return by_action
