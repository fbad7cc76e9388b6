"""The steering team's campaigns: made with a sheet for every action, opened, closed, reopened, deleted while empty.

Every function that writes takes the person in `by`. Dates that contradict one another raise a ValidationError in French.
"""

import logging

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from actions.admin_scope import document_order
from actions.models import Scheme
from actions.rules import check
from indicators.models import (
    Campaign,
    CampaignKind,
    Evidence,
    ExtraFigure,
    PendingEntry,
    Reading,
    Remark,
    Report,
    ReportStatus,
    StepState,
)
from indicators.rules import valid_in

logger = logging.getLogger(__name__)

HANGING = (Reading, StepState, ExtraFigure, Evidence, Remark, PendingEntry)  # what people put in a sheet


@transaction.atomic
def create_campaign(*, by, scheme, year, period, kind, opens_on, closes_on, corrections_until, at=None):
    """The new campaign, with a draft for every action that has one that year, made at `at` or now. A reference year keeps no date."""
    Scheme.objects.select_for_update().get(pk=scheme.pk)  # of two at once, the second finds the first one's
    dates = {"opens_on": opens_on, "closes_on": closes_on, "corrections_until": corrections_until}
    if kind == CampaignKind.REFERENCE:
        dates = dict.fromkeys(dates)
    campaign = Campaign(scheme=scheme, year=year, period=period, kind=kind, **dates)
    campaign.full_clean()
    campaign.save()
    logger.info("User %s created campaign %s", by.pk, campaign.pk)
    complete_reports(by=by, campaign=campaign, at=at)
    return campaign


def missing_actions(campaign):
    """The leaf actions in force in the campaign's year, data sheets included, that have no sheet in it; one query."""
    actions = campaign.scheme.actions.filter(parts=None).exclude(reports__campaign=campaign)
    return [
        action
        for action in actions.select_related("scheme", "parent").order_by(*document_order(), "pk")
        if all(valid_in(sheet, campaign.year) for sheet in (action, action.parent) if sheet)
    ]


@transaction.atomic
def complete_reports(*, by, campaign, at=None):
    """The drafts made for the actions that have none in the campaign; the database writes their history."""
    at = at or timezone.now()
    Campaign.objects.select_for_update().get(pk=campaign.pk)  # as above
    reports = [
        Report(campaign=campaign, action=action, changed_by=by, changed_at=at)
        for action in missing_actions(campaign)
    ]
    for _, error in check(reports):
        raise error
    Report.objects.bulk_create(reports)
    logger.info("User %s added %s reports to campaign %s", by.pk, len(reports), campaign.pk)
    return reports


def change_dates(*, by, campaign, opens_on, closes_on, corrections_until):
    """Set the dates of a collection. One that was closed by hand stays so: `reopen` opens it again."""
    _save(by, campaign, opens_on=opens_on, closes_on=closes_on, corrections_until=corrections_until)


def open_now(*, by, campaign):
    """Open today instead of at the date that was set, if any."""
    _save(by, campaign, opens_on=timezone.localdate())


def close_now(*, by, campaign):
    """Close at once: drafts stay drafts, « non rendues »; what was sent back has until the end of the corrections."""
    _save(by, campaign, closed_at=timezone.now())


def reopen(*, by, campaign, closes_on, corrections_until):
    """Take entries again until `closes_on`."""
    today = timezone.localdate()
    opens_on = min(campaign.opens_on or today, today)
    dates = {"opens_on": opens_on, "closes_on": closes_on, "corrections_until": corrections_until}
    _save(by, campaign, closed_at=None, **dates)


def _save(by, campaign, **changes):
    for name, value in changes.items():
        setattr(campaign, name, value)
    campaign.full_clean()
    campaign.save(update_fields=list(changes))
    logger.info("User %s changed campaign %s: %s", by.pk, campaign.pk, ", ".join(changes))


class NotEmpty(Exception):
    """Somebody has put something in the campaign: it is not deleted."""


@transaction.atomic
def delete_campaign(*, by, campaign):
    """Delete a campaign in which nobody has put anything; raises NotEmpty otherwise."""
    list(campaign.reports.select_for_update().order_by("pk"))  # nobody is writing in one at this moment
    if not is_empty(campaign):
        raise NotEmpty
    logger.info("User %s deleted campaign %s of scheme %s", by.pk, campaign.key, campaign.scheme_id)
    campaign.delete()


def is_empty(campaign):
    """Has nobody put anything in the campaign, not even something that is not saved yet?"""
    if campaign.synthesis or campaign.passages.exists() or campaign.highlights.exists():
        return False
    if any(model.objects.filter(report__campaign=campaign).exists() for model in HANGING):
        return False
    untouched = Q(status=ReportStatus.DRAFT, version=1, state="", **dict.fromkeys(Report.SECTIONS, ""))
    return not campaign.reports.exclude(untouched).exists()


def count_statuses(reports):
    """{status: how many} of `reports` (a queryset), for every status; one query."""
    counts = dict(reports.order_by().values_list("status").annotate(models.Count("pk")))
    return {status: counts.get(status, 0) for status in ReportStatus}
