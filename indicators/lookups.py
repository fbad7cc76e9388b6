"""What an address names, for who may see it: 404 out of sight, 403 in sight and not allowed."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from actions.models import Scheme
from actions.scoping import steers
from indicators.entry.lines import reports_for_entry
from indicators.models import Campaign, Period, Report


def by_key(key):
    """The filter of a campaign by its `key` in an address: « 2026 » or « 2026-S1 »."""
    year, dash, half = key.partition("-S1")
    if not (year.isascii() and year.isdigit()) or half or len(year) > 4:
        return {"pk": None}
    return {"year": int(year), "period": Period.HALF if dash else Period.YEAR}


def in_campaign(path, key):
    """The filter of rows whose campaign, at `path`, is the one of that `key`."""
    return {f"{path}__{name}": value for name, value in by_key(key).items()}


def steered_scheme(user, slug):
    scheme = get_object_or_404(Scheme.objects.visible_to(user).select_related("organisation"), slug=slug)
    if not steers(user, scheme):
        raise PermissionDenied
    return scheme


def campaign_or_404(user, slug, key):
    campaigns = Campaign.objects.visible_to(user).select_related("scheme__organisation")
    return get_object_or_404(campaigns, scheme__slug=slug, **by_key(key))


def steered_campaign(user, slug, key):
    campaign = campaign_or_404(user, slug, key)
    if not steers(user, campaign.scheme):
        raise PermissionDenied
    return campaign


def report_or_404(user, slug, key, code, *, lock=False):
    """The report with what the rules of writing need; with `lock`, nobody else changes it before the transaction ends."""
    reports = reports_for_entry(Report.objects.visible_to(user)).select_related("changed_by")
    if lock:
        reports = reports.select_for_update(of=("self",))
    campaign = in_campaign("campaign", key)
    return get_object_or_404(reports, campaign__scheme__slug=slug, action__code=code, **campaign)
