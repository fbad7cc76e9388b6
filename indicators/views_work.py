"""« Mon travail »: what a person has to do today, in every campaign, and the way to the rest."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.models import Organisation
from indicators.models import Campaign, Phase, Report, ReportStatus
from indicators.perms import Act, Place, places_of, refusal, today
from indicators.progress import Progress, days_late, deadline, progress_of

ACTIVE = (Phase.OPEN, Phase.CORRECTION)


@dataclass(frozen=True)
class Task:
    """A sheet that awaits this person."""

    report: Report
    place: Place
    progress: Progress
    deadline: date | None
    late: int  # days

    @property
    def is_returned(self):
        return self.report.status == ReportStatus.RETURNED


@require_safe
def my_work(request):
    """The sheets to fill, returned ones and the nearest deadline first; the campaigns that one steers; the others."""
    user, on = request.user, today()
    campaigns = list(Campaign.objects.visible_to(user).select_related("scheme__organisation"))
    for campaign in campaigns:
        campaign.now = campaign.phase(on)
    active = [campaign for campaign in campaigns if campaign.now in ACTIVE]
    reports = Report.objects.visible_to(user).filter(campaign__in=active)
    mine = list(_with_names(reports.involving(user)))
    places, progress = places_of(user, mine), progress_of(mine)
    to_do = [
        Task(report, places[report.pk], progress[report.pk], deadline(report, on), days_late(report, on))
        for report in mine
        if not refusal(Act.FILL, places[report.pk], report, on)
    ]
    to_do.sort(
        key=lambda task: (not task.is_returned, task.deadline or date.max, task.report.action.position)
    )
    done = [report for report in mine if report.status in (ReportStatus.SUBMITTED, ReportStatus.VALIDATED)]
    steered = set(Organisation.objects.steered_by(user).values_list("pk", flat=True))
    context = {
        "tasks": to_do,
        "done": done,
        "steered": _pulse([row for row in active if row.scheme.organisation_id in steered], reports),
        "others": [row for row in campaigns if row not in active],
        "active": active,
        "has_role": bool(mine) or bool(steered),
    }
    return render(request, "indicators/my_work.html", context)


def _with_names(reports):
    return reports.select_related(
        "campaign__scheme__organisation", "action__scheme", "action__parent__scheme"
    ).order_by("campaign__year", "action__position", "pk")


def _pulse(campaigns, reports):
    """Give each campaign that one steers its `counts`: [(ReportStatus, how many)]."""
    found = reports.filter(campaign__in=campaigns).values_list("campaign", "status")
    counts = Counter(found)
    for campaign in campaigns:
        campaign.counts = [(status, counts[campaign.pk, status.value]) for status in ReportStatus]
        campaign.awaits_review = counts[campaign.pk, ReportStatus.SUBMITTED.value]
    return campaigns
