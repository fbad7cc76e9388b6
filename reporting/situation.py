"""Where a scheme stands in a year: its actions, their states, what is filled in, what becomes of the targets.

Dashboards, lists, comparisons and the bilan are all made of one Situation, so that they cannot disagree. It is read in a constant
number of queries, from what its reader may see: the figures of a COPIL member are made of validated sheets.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Max, Prefetch
from django.utils import timezone

from actions.models import Action, Direction, InvolvementRole, Nature
from actions.tree import plan_order
from indicators import calculations
from indicators.models import (
    ActionState,
    Campaign,
    CampaignKind,
    Computation,
    Indicator,
    Measure,
    Period,
    Report,
    ReportStatus,
    SeriesBreak,
    Target,
)
from indicators.outcomes import Outcome, TargetResult, main_result, result_of
from indicators.progress import Progress, together
from indicators.rules import in_force, valid_in
from indicators.series import Evolution, Series, Value, due, full_series, series_for

JUDGED = (Outcome.REACHED, Outcome.ON_THE_WAY, Outcome.MISSED)


class NoCampaign(Exception):
    """The scheme has no campaign for the year asked."""


@dataclass(frozen=True)
class MeasureSituation:
    """One measure in force in the year. `due`: is a value awaited? `answered`: by it, or by what tells the same.

    `result` is that of the target that counts this year, None without any; `results` those of all its targets.
    """

    measure: Measure
    value: Value | None
    before: Value | None
    evolution: Evolution | None
    broken: tuple[SeriesBreak, ...]  # since the year before
    results: tuple[TargetResult, ...]
    result: TargetResult | None
    due: bool
    answered: bool

    @property
    def indicator(self):
        return self.measure.indicator

    @property
    def outcome(self):
        return self.result.outcome if self.result else Outcome.NONE

    @property
    def status(self):
        """The ReportStatus of the value; "" when there is none."""
        return self.value.status if self.value else ""


@dataclass(frozen=True)
class ActionSituation:
    """One action or part in the year; of a part, `whole` is the action that it belongs to.

    `state` and `state_before` are ActionState values, "" when not given; those of an action with parts follow from its parts, as its
    `progress` does. `report` is the annual sheet, None when there is none that the reader may see; `measures` are its own; `results`
    those of the targets that hang from the action itself.
    """

    action: Action
    whole: Action | None
    state: str
    state_before: str
    report: Report | None
    progress: Progress
    measures: tuple[MeasureSituation, ...]
    parts: tuple[Action, ...]
    results: tuple[TargetResult, ...]

    @property
    def is_whole(self):
        """Is it counted as an action? Parts, common data and tables are not."""
        return self.action.parent_id is None and self.action.nature == Nature.ACTION

    @property
    def pillar(self):
        return self.action.objective.pillar if self.action.objective else None

    @property
    def status(self):
        return self.report.status if self.report else ""

    @property
    def state_label(self):
        return ActionState(self.state).label if self.state else ""

    @property
    def pilots(self) -> list[Direction]:
        """The directions that pilot it; those of the whole action when the part names none."""
        own = self._involved(self.action, InvolvementRole.PILOT)
        return own or (self._involved(self.whole, InvolvementRole.PILOT) if self.whole else [])

    @property
    def supports(self) -> list[Direction]:
        return self._involved(self.action, InvolvementRole.SUPPORT)

    @staticmethod
    def _involved(action, role):
        return [row.direction for row in action.involvements.all() if row.role == role]


@dataclass(frozen=True)
class Tally:
    """The count of some actions: `actions` and `engaged` count whole ones, `progress` the readings due, `outcomes` the measures.

    A measure that may stand in for another is counted with it; a target that hangs from an action itself counts for one.
    """

    actions: int
    engaged: int
    states: Counter
    progress: Progress
    outcomes: Counter

    @property
    def told(self):
        """Of how many actions the state is known."""
        return self.actions - self.states[""]

    @property
    def targets(self):
        """How many have a target."""
        return sum(count for outcome, count in self.outcomes.items() if outcome != Outcome.NONE)

    @property
    def judged(self):
        """How many of these can be told: reached, on the way or missed."""
        return sum(self.outcomes[outcome] for outcome in JUDGED)


def tally(actions):
    """The Tally of some ActionSituations; the readings of the parts are due too, so give the parts with their whole."""
    actions = list(actions)
    whole = [row for row in actions if row.is_whole]
    results = [result for row in actions for result in row.results]
    measures = [
        row
        for action in actions
        for row in action.measures
        if not (row.measure.alternative_to_id and row.result is None)
    ]
    return Tally(
        actions=len(whole),
        engaged=sum(calculations.is_engaged(row.state) for row in whole),
        states=calculations.count_states(row.state for row in whole),
        progress=together(row.progress for row in actions if not row.parts),
        outcomes=Counter([*(row.outcome for row in measures), *(result.outcome for result in results)]),
    )


def situation_of(scheme, *, user, year=None):
    """The Situation of `scheme` in `year` as `user` sees it; by default the last year of which there is something to see.

    None when the scheme has no campaign of a whole year yet. Raises NoCampaign when it has none for the year asked.
    """
    reports = Report.objects.visible_to(user)
    campaigns = _campaigns(scheme)
    if year is None:
        told = reports.filter(campaign__in=campaigns.values()).exclude(status=ReportStatus.DRAFT)
        year = told.aggregate(last=Max("campaign__year"))["last"] or max(campaigns, default=None)
        if year is None:
            return None
    return _situation(scheme, year, campaigns, reports, lambda measures: series_for(user, measures))


def full_situation(scheme, year):
    """The Situation with all sheets, whatever their status, for what is printed in the steering team's name."""
    return _situation(scheme, year, _campaigns(scheme), Report.objects.all(), full_series)


def situation_without_campaign(scheme, *, user):
    """The Situation of a scheme that has no campaign of a whole year: its plan in its first year, of which nothing is due."""
    year = scheme.starts_year or timezone.localdate().year
    return Situation(scheme, year, {}, {}, series_for(user, _measures(scheme)))


def situation_asked(scheme, *, user, year):
    """(the Situation of the year that an address asks for, or of the usual one; was what is asked wrong?). `year` is a text."""
    if re.fullmatch("[0-9]{4}", year):
        try:
            return situation_of(scheme, user=user, year=int(year)), False
        except NoCampaign:
            pass
    return situation_of(scheme, user=user) or situation_without_campaign(scheme, user=user), bool(year)


def _campaigns(scheme):
    """{year: Campaign} of whole years, the first year first."""
    rows = scheme.campaigns.filter(period=Period.YEAR).order_by("year")
    return {campaign.year: campaign for campaign in rows}


def _situation(scheme, year, campaigns, reports, series_of):
    if year not in campaigns:
        raise NoCampaign(year)
    found = (
        reports.filter(campaign__in=[campaigns[when] for when in (year - 1, year) if when in campaigns])
        .select_related("campaign__scheme", "action__scheme")
        .prefetch_related("extra_figures")
    )
    by_action = {(report.action_id, report.campaign.year): report for report in found}
    return Situation(scheme, year, campaigns, by_action, series_of(_measures(scheme)), visible=reports)


def _measures(scheme):
    return (
        Measure.objects.filter(scheme=scheme)
        .select_related("indicator__action", "indicator__scheme")
        .prefetch_related(Prefetch("targets", Target.objects.select_related("scheme")))
        .order_by("indicator__position", "indicator__pk", "position", "pk")
    )


class Situation:
    """A scheme in a year. `reports` maps (action id, year) to the sheets of the year and of the one before.

    `visible` are all the sheets that the reader may see, for the years that `by_year` looks at.
    """

    def __init__(self, scheme, year, campaigns, reports, series: Series, *, visible=None):
        self.scheme, self.year, self.campaigns, self.reports = scheme, year, campaigns, reports
        self.series, self.visible = series, visible
        self.measures_in_force = defaultdict(list)  # by indicator
        for measure in series.asked:
            if in_force(measure, year):
                self.measures_in_force[measure.indicator_id].append(measure)

    @property
    def campaign(self) -> Campaign:
        return self.campaigns[self.year]

    @property
    def years(self):
        """The years that have a campaign, the first one first."""
        return list(self.campaigns)

    @cached_property
    def by_year(self):
        """{year: Situation} of all years that have a campaign: one query more, whatever their number.

        Of the sheets of the other years only the state and the status are read.
        """
        told = (
            self.visible.filter(campaign__in=self.campaigns.values())
            .select_related("campaign")
            .only("action_id", "state", "status", "campaign__year")
        )
        reports = {(report.action_id, report.campaign.year): report for report in told}
        found = {}
        for year in self.years:
            other = Situation(self.scheme, year, self.campaigns, reports, self.series)
            other.every_action, other.every_indicator = self.every_action, self.every_indicator
            found[year] = other
        return found | {self.year: self}

    @cached_property
    def plan(self):
        """The actions in force this year and their parts, in the plan's order."""
        return sorted((action for action in self.every_action if valid_in(action, self.year)), key=plan_order)

    @cached_property
    def every_action(self):
        """Those of all years."""
        actions = (
            Action.objects.filter(scheme=self.scheme)
            .select_related("scheme", "objective__scheme", "objective__pillar__scheme", "parent__scheme")
            .prefetch_related(
                "involvements__direction",
                Prefetch("targets", Target.objects.select_related("scheme")),
                Prefetch("objective__pillar__targets", Target.objects.select_related("scheme")),
            )
        )
        return list(actions)

    @cached_property
    def parts(self):
        """{action id: [its parts in force]}."""
        found = defaultdict(list)
        for action in self.plan:
            if action.parent_id:
                found[action.parent_id].append(action)
        return found

    @cached_property
    def indicators(self):
        """{action id: [its indicators in force, in order]}."""
        found = defaultdict(list)
        for indicator in self.every_indicator:
            if valid_in(indicator, self.year):
                found[indicator.action_id].append(indicator)
        return found

    @cached_property
    def every_indicator(self):
        """Those of all years, in order."""
        indicators = Indicator.objects.filter(scheme=self.scheme).select_related(
            "scheme", "refers_to__scheme", "refers_to__parent__scheme", "duplicate_of"
        )
        return list(indicators.order_by("position", "pk"))

    def measures_of(self, action):
        return [
            measure
            for indicator in self.indicators[action.pk]
            for measure in self.measures_in_force[indicator.pk]
        ]

    @cached_property
    def due(self):
        """{action id: [(measures of which either one answers, answered?)]}; nothing is due in a reference year, or without campaign."""
        if self.year not in self.campaigns or self.campaign.kind == CampaignKind.REFERENCE:
            return defaultdict(list)
        values = {measure.pk: self.series.value(measure, self.year) for measure in self.series.asked}
        return defaultdict(
            list,
            {
                action.pk: due(self.measures_of(action), values)
                for action in self.plan
                if not self.parts[action.pk]
            },
        )

    def states(self, year):
        """{action id: ActionState value or ""} in `year`, which is the Situation's or the one before."""
        own = {
            action.pk: report.state if (report := self.reports.get((action.pk, year))) else ""
            for action in self.plan
        }
        of_parts = {
            pk: calculations.state_of_parts(own[part.pk] for part in parts)
            for pk, parts in self.parts.items()
            if parts
        }
        return own | of_parts

    @cached_property
    def actions(self):
        """An ActionSituation for each action, part and sheet of data in force, in the plan's order."""
        states, before = self.states(self.year), self.states(self.year - 1)
        known = {action.pk: action for action in self.plan}
        return tuple(
            ActionSituation(
                action=action,
                whole=known.get(action.parent_id),
                state=states[action.pk],
                state_before=before[action.pk],
                report=self.reports.get((action.pk, self.year)),
                progress=self._progress(action),
                measures=self._measures(action),
                parts=tuple(self.parts[action.pk]),
                results=tuple(result_of(target, self.series, self.year) for target in action.targets.all()),
            )
            for action in self.plan
        )

    @property
    def whole(self):
        """Those that are counted as actions."""
        return tuple(row for row in self.actions if row.is_whole)

    @property
    def measures(self):
        """The MeasureSituation of all measures in force, in the plan's order."""
        return tuple(row for action in self.actions for row in action.measures)

    def _progress(self, action):
        sheets = self.parts[action.pk] or [action]
        groups = [group for sheet in sheets for group in self.due[sheet.pk]]
        return Progress(
            answered=sum(answered for _, answered in groups),
            due=len(groups),
            missing=tuple(group[0] for group, answered in groups if not answered),
        )

    def _measures(self, action):
        answered = {measure.pk: told for group, told in self.due[action.pk] for measure in group}
        return tuple(self._measure(measure, answered) for measure in self.measures_of(action))

    def _measure(self, measure, answered):
        year, series = self.year, self.series
        results = tuple(result_of(target, series, year) for target in measure.targets.all())
        return MeasureSituation(
            measure=measure,
            value=series.value(measure, year),
            before=series.value(measure, year - 1),
            evolution=None
            if measure.computation == Computation.EVOLUTION
            else series.evolution(measure, year),
            broken=tuple(series.breaks(measure, after=year - 1, upto=year)),
            results=results,
            result=main_result(results, year),
            due=measure.pk in answered,
            answered=answered.get(measure.pk, False),
        )
