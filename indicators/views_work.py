"""« Mon travail »: what a person has to do today, in every campaign, and the way to the rest."""

from collections import Counter

from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.models import Organisation
from indicators.models import Campaign, Report, ReportStatus
from indicators.perms import today
from indicators.progress import HANDED_IN
from indicators.work import ACTIVE, work_of


@require_safe
def my_work(request):
    """The sheets to fill, returned ones and the nearest deadline first; the campaigns that one steers; the others."""
    user, on = request.user, today()
    campaigns = list(Campaign.objects.visible_to(user).select_related("scheme__organisation"))
    for campaign in campaigns:
        campaign.now = campaign.phase(on)
    active = [campaign for campaign in campaigns if campaign.now in ACTIVE]
    reports = Report.objects.visible_to(user).filter(campaign__in=active)
    to_do, mine = work_of(user, active, on)
    steered = set(Organisation.objects.steered_by(user).values_list("pk", flat=True))
    context = {
        "tasks": to_do,
        "done": [report for report in mine if report.status in HANDED_IN],
        "steered": _pulse([row for row in active if row.scheme.organisation_id in steered], reports),
        "others": [row for row in campaigns if row not in active],
        "active": active,
        "has_role": bool(mine or steered),
    }
    return render(request, "indicators/my_work.html", context)


def _pulse(campaigns, reports):
    """Give each campaign that one steers its `counts`: [(ReportStatus, how many)]."""
    found = reports.filter(campaign__in=campaigns).values_list("campaign", "status")
    counts = Counter(found)
    for campaign in campaigns:
        campaign.counts = [(status, counts[campaign.pk, status.value]) for status in ReportStatus]
        campaign.awaits_review = counts[campaign.pk, ReportStatus.SUBMITTED.value]
    return campaigns
