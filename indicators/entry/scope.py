"""What a person may fill in one campaign, line by line: what the workbook and the grid show, and what comes back from them."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import F, Q, prefetch_related_objects
from django.db.models.functions import Coalesce

from actions.models import Direction, Involvement, InvolvementRole, User
from indicators.entry.answers import typed_of
from indicators.entry.lines import measures_to_fill, readings_of, reports_for_entry
from indicators.models import Campaign, Measure, MeasureType, Reading, Report
from indicators.perms import Act, Place, places_of, refusal
from indicators.series import Series, series_for


@dataclass(frozen=True)
class Slot:
    """One measure to fill in one report, with what is stored for it and why it may not be filled now, if so."""

    report: Report
    measure: Measure
    reading: Reading | None
    refusal: str

    @property
    def version(self):
        """Of the reading; 0 when there is none."""
        return self.reading.version if self.reading else 0

    @property
    def typed(self):
        return typed_of(self.measure, self.reading)


@dataclass
class Scope:
    """The reports of a campaign that `user` may see, and the lines of those that are his or hers to fill.

    `direction` narrows what is shown; what comes back is held against all that the person may see.
    """

    user: User
    campaign: Campaign
    reports: list[Report]
    places: dict[int, Place]
    refusals: dict[int, str]
    slots: list[Slot]
    shown: set[int]  # ids of the reports that the workbook and the grid show

    @cached_property
    def own_reports(self):
        return [report for report in self.reports if report.pk in self.shown]

    @cached_property
    def own_slots(self):
        """The lines of the person's reports, in the order of the plan."""
        return [slot for slot in self.slots if slot.report.pk in self.shown]

    @cached_property
    def open_slots(self):
        return [slot for slot in self.own_slots if not slot.refusal]

    @cached_property
    def by_code(self):
        return {slot.measure.code: slot for slot in self.slots}

    @property
    def closed(self):
        """Why nothing at all may be filled now, as a French sentence; "" when something may."""
        reasons = {self.refusals[report.pk] for report in self.own_reports}
        if not reasons:
            return "Cette campagne n’a pas de fiche à remplir."
        if "" in reasons:
            return ""
        return reasons.pop() if len(reasons) == 1 else "Aucune de vos fiches ne peut se remplir en ce moment."

    @cached_property
    def series(self) -> Series:
        """The values of the lines over the years, as the person may see them."""
        return series_for(self.user, Measure.objects.filter(pk__in={slot.measure.pk for slot in self.slots}))

    def former(self, measure, years_before):
        """The value of an earlier year as it is printed; "" when there is none."""
        year = self.campaign.year - years_before
        value = self.series.value(measure, year, self.campaign.period)
        return value.labelled if value is not None and value.is_answered else ""


def scope_of(user, campaign, *, direction=None, on):
    """The Scope of `user` in `campaign` on the date `on`; constant queries."""
    reports = list(
        in_plan_order(reports_for_entry(Report.objects.visible_to(user).filter(campaign=campaign)))
    )
    places = places_of(user, reports)
    refusals = {report.pk: refusal(Act.FILL, places[report.pk], report, on) for report in reports}
    measures, stored = measures_to_fill(reports), readings_of(reports)
    slots = [
        Slot(report, measure, stored.get((report.pk, measure.pk)), refusals[report.pk])
        for report in reports
        for measure in measures[report.action_id]
    ]
    prefetch_related_objects([slot.measure for slot in slots], "targets")
    shown = {report.pk for report in reports if places[report.pk].involved}
    if direction is not None:
        part = _actions_of(direction)
        shown &= {report.pk for report in reports if part & {report.action_id, report.action.parent_id}}
    return Scope(user, campaign, reports, places, refusals, slots, shown)


def in_plan_order(reports):
    levels = ("action__objective__pillar__position", "action__objective__position")
    rank = Coalesce("action__parent__position", "action__position")  # a part stands with its action
    return reports.order_by(
        *(F(level).asc(nulls_last=True) for level in levels), rank, "action__position", "pk"
    )


FILLING = (InvolvementRole.PILOT, InvolvementRole.SUPPORT)


def _actions_of(direction):
    involvements = Involvement.objects.filter(direction=direction, role__in=FILLING)
    return set(involvements.values_list("action", flat=True))


def directions_of(campaign):
    """The directions that fill something in the campaign."""
    reports = campaign.reports.order_by()
    of_action = Q(action__in=reports.values("action"))
    of_part = Q(action__in=reports.exclude(action__parent=None).values("action__parent"))
    involved = Involvement.objects.filter(of_action | of_part, role__in=FILLING)
    return Direction.objects.filter(pk__in=involved.values("direction")).order_by("name", "pk")


def value_names(measure):
    """The names of TYPED that hold the value of `measure`."""
    return ("numerator", "denominator") if measure.type == MeasureType.RATIO else ("value",)


def expected(measure):
    """What is asked for, in words: « nombre entier », « taux : marchés innovants / marchés », « l’une de : … »."""
    if measure.type == MeasureType.RATIO:
        labels = (measure.numerator_label or "numérateur", measure.denominator_label or "dénominateur")
        return f"taux : {' / '.join(labels)}"
    if measure.type == MeasureType.CHOICE:
        return f"l’une de : {', '.join(measure.choice_list)}"
    return measure.get_type_display()
