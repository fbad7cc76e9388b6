"""What the page of an action gathers over the years: its states, its sheets, and two of them side by side."""

from dataclasses import dataclass

from django.db.models import Q

from indicators import calculations
from indicators.models import ActionState, Campaign, CampaignKind, ExtraFigure, Period, Report
from indicators.progress import Progress, progress_of, together
from indicators.rules import valid_in


@dataclass(frozen=True)
class ActionYear:
    """An action in one campaign: its state, its sheet, and how far its readings are.

    The state and the progress of an action with parts are those of its parts; it has no sheet of its own.
    """

    campaign: Campaign
    state: str
    report: Report | None
    progress: Progress

    @property
    def state_label(self):
        return ActionState(self.state).label if self.state else ""

    @property
    def says_something(self):
        return any(text for _, text in self.report.sections) or bool(self.report.extra_figures.all())

    @property
    def awaited(self):
        """Was anybody asked for this year? Of a reference year there is no status and no completeness."""
        return self.campaign.kind != CampaignKind.REFERENCE


def years_of(user, action, parts):
    """The ActionYears that `user` may see, the last one first; a constant number of queries."""
    reports = list(
        Report.objects.visible_to(user)
        .filter(Q(action=action) | Q(action__in=parts))
        .select_related("campaign__scheme", "action__scheme")
        .prefetch_related("extra_figures", "step_states")
    )
    progress = progress_of(reports)
    by_campaign = {}
    for report in reports:
        by_campaign.setdefault(report.campaign, []).append(report)
    years = [_year(campaign, action, parts, found, progress) for campaign, found in by_campaign.items()]
    return sorted(
        years, key=lambda row: (row.campaign.year, row.campaign.period == Period.YEAR), reverse=True
    )


def _year(campaign, action, parts, reports, progress):
    own = next((report for report in reports if report.action_id == action.pk), None)
    states = {report.action_id: report.state for report in reports}
    awaited = [states.get(part.pk, "") for part in parts if valid_in(part, campaign.year)]
    state = calculations.state_of_parts(awaited) if parts else states.get(action.pk, "")
    return ActionYear(campaign, state, own, together(progress[report.pk] for report in reports))


@dataclass(frozen=True)
class FigurePair:
    """Another figure of the sheet in both years, by its heading and label."""

    heading: str
    label: str
    before: ExtraFigure | None
    now: ExtraFigure | None


@dataclass(frozen=True)
class Section:
    """One passage of the narrative in both years."""

    label: str
    before: str
    now: str


@dataclass(frozen=True)
class Comparison:
    """The sheet of a year, beside a former one if there is one."""

    now: ActionYear
    before: ActionYear | None

    @property
    def sections(self):
        """Those of which one of the years says something."""
        return [
            Section(Report._meta.get_field(name).verbose_name.capitalize(), self._said("before", name), text)
            for name, text in self.now.report.sections
            if text or self._said("before", name)
        ]

    def _said(self, when, name):
        year = getattr(self, when)
        return getattr(year.report, name) if year else ""

    @property
    def figures(self):
        """The other figures of both, those of the year first."""
        now = {(row.heading, row.label): row for row in self.now.report.extra_figures.all()}
        rows = self.before.report.extra_figures.all() if self.before else ()
        before = {(row.heading, row.label): row for row in rows}
        return [FigurePair(*key, before.get(key), now.get(key)) for key in now | before]

    @property
    def is_told(self):
        return bool(self.sections or self.figures)


def comparison_of(years, *, now=None, before=None):
    """The Comparison of the sheets whose campaigns have these keys; by default the last one and that before it.

    A key that is not found counts as not given; `before` as "" stands for none, and not given for the last former sheet that
    says something. None when there is no sheet.
    """
    sheets = [row for row in years if row.report]
    if not sheets:
        return None
    keys = [row.campaign.key for row in sheets]
    rank = keys.index(now) if now in keys else 0
    if before in keys and before != keys[rank]:
        return Comparison(sheets[rank], sheets[keys.index(before)])
    earlier = [] if before == "" else filter(lambda row: row.says_something, sheets[rank + 1 :])
    return Comparison(sheets[rank], next(iter(earlier), None))


def with_states(steps, comparison):
    """Give each step, and those under it, its `state` in the sheet shown, and `state_before`; "" where nothing is said."""
    now, before = _states(comparison, "now"), _states(comparison, "before")
    for top in steps:
        for step in (top, *top.steps.all()):
            step.state, step.state_before = now.get(step.pk, ""), before.get(step.pk, "")
            step.state_label = ActionState(step.state).label if step.state else ""
            step.label_before = ActionState(step.state_before).label if step.state_before else ""
    return steps


def _states(comparison, when):
    year = getattr(comparison, when) if comparison else None
    return {row.step_id: row.state for row in year.report.step_states.all()} if year else {}
