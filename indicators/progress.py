"""How far the sheets of a campaign are: what is answered of what is due, until when, how late."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from indicators.calculations import completeness
from indicators.entry.lines import with_what_rules_need
from indicators.models import CampaignKind, Measure, Phase, Reading, ReportStatus
from indicators.rules import in_force
from indicators.series import Series, due

HANDED_IN = (ReportStatus.SUBMITTED, ReportStatus.VALIDATED)


@dataclass(frozen=True)
class Progress:
    """`answered` readings of those `due`, which are counts; `missing`: the first measure of each unanswered group."""

    answered: int = 0
    due: int = 0
    missing: tuple[Measure, ...] = ()

    @property
    def percent(self) -> Decimal | None:
        return completeness(self.answered, self.due)

    def __add__(self, other):
        return Progress(self.answered + other.answered, self.due + other.due, self.missing + other.missing)


def together(progresses):
    """The Progress of several sheets as if they were one."""
    return sum(progresses, Progress())


def progress_of(reports):
    """{report.pk: Progress} of `reports`, which have their campaign selected; two queries whatever their number.

    All their readings count: the caller starts from the reports that the user may see. Either of two alternatives answers; what is
    computed, or not in force in the campaign's year, is not due.
    """
    reports = list(reports)
    measures = _measures_by_action(reports)
    values = _values_by_report(reports, measures)
    return {report.pk: _progress(report, measures[report.action_id], values[report.pk]) for report in reports}


def _progress(report, measures, values):
    measures = [measure for measure in measures if in_force(measure, report.campaign.year)]
    groups = due(measures, values)
    return Progress(
        answered=sum(answered for _, answered in groups),
        due=len(groups),
        missing=tuple(group[0] for group, answered in groups if not answered),
    )


def _measures_by_action(reports):
    """{action id: [measures to be entered, whatever the year, in the plan's order]}."""
    actions = {report.action_id for report in reports}
    measures = Measure.objects.filter(indicator__action__in=actions, computation="")
    by_action = defaultdict(list)
    for measure in with_what_rules_need(measures).order_by(
        "indicator__position", "indicator__pk", "position", "pk"
    ):
        by_action[measure.indicator.action_id].append(measure)
    return by_action


def _values_by_report(reports, measures):
    """{report.pk: {measure id: Value}} of what is entered."""
    found = {report.pk: report for report in reports}
    known = {measure.pk: measure for group in measures.values() for measure in group}
    values = defaultdict(dict)
    for reading in Reading.objects.filter(report__in=found, measure__in=known):
        reading.report, reading.measure = found[reading.report_id], known[reading.measure_id]
        campaign = reading.report.campaign
        value = Series([], [reading]).value(reading.measure, campaign.year, campaign.period)
        values[reading.report_id][reading.measure_id] = value
    return values


def closing(campaign):
    """The last day of the campaign: the date that was set, or the day on which it was closed before that; None without either."""
    if campaign.closed_at is None:
        return campaign.closes_on
    closed_on = timezone.localdate(campaign.closed_at)
    return min(closed_on, campaign.closes_on or closed_on)


def deadline(report, on):
    """The last day on which its pilots may write in `report`, seen from the date `on`; None when there is none.

    After the closing, a sheet that was sent back has until the end of the corrections. Nobody is awaited in a reference year.
    """
    campaign = report.campaign
    if campaign.kind == CampaignKind.REFERENCE:
        return None
    over = campaign.phase(on) in (Phase.CORRECTION, Phase.CLOSED)
    if over and report.status == ReportStatus.RETURNED and campaign.corrections_until:
        return campaign.corrections_until
    return closing(campaign)


def days_late(report, on):
    """How many days after its deadline the sheet is still with its pilots; 0 when handed in, in time, or not awaited."""
    last_day = deadline(report, on)
    if report.status in HANDED_IN or last_day is None:
        return 0
    return max(0, (on - last_day).days)
