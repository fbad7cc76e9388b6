"""Campaigns of a scheme: their list, the board of one, and how the steering team conducts it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.models import Scheme
from actions.scoping import steers
from indicators.board import OVER, board_rows, by_direction, by_urgency, reports_of_board, summary_of
from indicators.campaigns import (
    NotEmpty,
    change_dates,
    close_now,
    complete_reports,
    count_statuses,
    create_campaign,
    delete_campaign,
    is_empty,
    missing_actions,
    open_now,
    reopen,
)
from indicators.filters import BoardFilter
from indicators.forms_campaigns import CampaignForm, ConfirmForm, DatesForm, ReopenForm
from indicators.lookups import campaign_or_404, steered_campaign, steered_scheme
from indicators.models import Campaign, CampaignKind, Phase, Report, ReportStatus
from indicators.perms import today
from spaser.french import format_date
from spaser.templatetags.french import count_of

CLOSE = "Je confirme : la campagne est close aujourd’hui."
DELETE = "Je confirme : la campagne est supprimée."


def typed(request):
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "POST"])
def campaigns(request, slug):
    """The campaigns of a scheme; for its steering team, the form that makes one."""
    if request.method == "POST":
        scheme = steered_scheme(request.user, slug)
    else:
        schemes = Scheme.objects.visible_to(request.user).select_related("organisation")
        scheme = get_object_or_404(schemes, slug=slug)
    found = list(_with_counts(request.user, scheme))
    form = CampaignForm(typed(request), scheme=scheme, initial={"year": _next_year(scheme, found)})
    if form.is_valid() and (campaign := _create(request.user, scheme, form)):
        made = count_of(campaign.reports.count(), "fiche")
        messages.success(request, f"La campagne {campaign} est créée, avec {made} à remplir.")
        return redirect(campaign)
    context = {"scheme": scheme, "campaigns": found, "form": form, "steering": steers(request.user, scheme)}
    return render(request, "indicators/campaign_list.html", context)


def _create(user, scheme, form):
    """The campaign; None, with the reason in the form, when somebody else made it a moment before."""
    names = ("year", "period", "kind", "opens_on", "closes_on", "corrections_until")
    values = {name: form.cleaned_data[name] for name in names}
    try:
        return create_campaign(by=user, scheme=scheme, **values)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None


def _with_counts(user, scheme):
    """The campaigns with their phase today, and how many of their sheets the user sees, and sees validated."""
    seen = Q(reports__in=Report.objects.visible_to(user))
    campaigns = (
        Campaign.objects.visible_to(user)
        .filter(scheme=scheme)
        .select_related("scheme")
        .annotate(
            seen=Count("reports", filter=seen),
            validated=Count("reports", filter=seen & Q(reports__status=ReportStatus.VALIDATED)),
        )
    )
    for campaign in campaigns:
        campaign.phase_today = campaign.phase(today())
        yield campaign


def _next_year(scheme, campaigns):
    collected = [row.year for row in campaigns if row.kind == CampaignKind.COLLECTION]
    return max(collected) + 1 if collected else scheme.starts_year or today().year


@require_safe
def board(request, slug, key):
    """Who owes what: every sheet that the user may see with its progress, or every direction with its sheets."""
    campaign = campaign_or_404(request.user, slug, key)
    scheme, on = campaign.scheme, today()
    steering = steers(request.user, scheme)
    reports = reports_of_board(request.user, campaign)
    rows = board_rows(request.user, reports, campaign=campaign, on=on)
    board_filter = BoardFilter(request.GET, queryset=reports, scheme=scheme, rows=rows, steering=steering)
    own_first = not steering
    kept = by_urgency(board_filter.kept, own_first=own_first)
    directions = request.GET.get("vue") == "direction"
    context = {
        "campaign": campaign,
        "scheme": scheme,
        "phase": campaign.phase(on),
        "over": campaign.phase(on) in OVER,
        "steering": steering,
        "taking_part": steering or any(row.mine for row in rows),
        "summary": summary_of(rows),
        "sheets": campaign.reports.count(),  # all of them: how many are not shown is no secret
        "filter": board_filter,
        "by_direction": by_direction(kept, own_first=own_first) if directions else None,
        "rows": kept,
        "missing": missing_actions(campaign) if steering else [],
    }
    return render(request, "indicators/campaign_board.html", context)


# How a steering team conducts a campaign


@require_http_methods(["GET", "POST"])
def conduct(request, slug, key):
    """The dates, the opening and the closing of a campaign, its missing sheets, its deletion; a POST changes the dates."""
    campaign = steered_campaign(request.user, slug, key)
    forms = {}
    if request.method == "POST" and campaign.kind == CampaignKind.COLLECTION:
        forms["dates"] = DatesForm(request.POST)
        if forms["dates"].is_valid():
            change_dates(by=request.user, campaign=campaign, **forms["dates"].cleaned_data)
            messages.success(request, f"Les dates sont changées. {standing(campaign)}")
            return redirect("campaign_conduct", slug, key)
    return conduct_page(request, campaign, **forms)


def conduct_page(request, campaign, **forms):
    """The page with all its forms; `forms` are those that somebody has just filled in badly."""
    phase = campaign.phase(today())
    dates = {name: getattr(campaign, name) for name in DatesForm.base_fields}
    context = {
        "campaign": campaign,
        "scheme": campaign.scheme,
        "phase": phase,
        "standing": standing(campaign),
        "statuses": count_statuses(campaign.reports.all()),
        "missing": missing_actions(campaign),
        "empty": is_empty(campaign),
        "dates": DatesForm(initial=dates),
        "reopening": ReopenForm(on=today(), prefix="reopen"),
        "closing": ConfirmForm(label=CLOSE, prefix="close"),
        "deletion": ConfirmForm(label=DELETE, prefix="delete"),
    }
    return render(request, "indicators/campaign_conduct.html", context | forms)


def standing(campaign):
    """Where the campaign stands today, and until when, as a French sentence."""
    phase = campaign.phase(today())
    if phase == Phase.REFERENCE:
        return "C’est une année de référence : l’équipe de pilotage en reprend les valeurs, personne d’autre n’y est attendu."
    if phase == Phase.PLANNED:
        return f"La campagne est à venir{_on(' : elle ouvre le ', campaign.opens_on)}."
    if phase == Phase.OPEN:
        return f"La campagne est ouverte{_on(' jusqu’au ', campaign.closes_on)}."
    if phase == Phase.CORRECTION:
        return f"La saisie est close ; les fiches renvoyées se corrigent{_on(' jusqu’au ', campaign.corrections_until)}."
    return "La campagne est close : rien ne s’y modifie plus."


def _on(words, date):
    return f"{words}{format_date(date)}" if date else ""


@require_POST
def campaign_open(request, slug, key):
    campaign = steered_campaign(request.user, slug, key)
    if campaign.phase(today()) != Phase.PLANNED:
        messages.info(request, f"Rien n’a changé. {standing(campaign)}")
        return redirect("campaign_conduct", slug, key)
    try:
        open_now(by=request.user, campaign=campaign)
    except ValidationError:
        messages.error(request, "La clôture qui est fixée est déjà passée : changez d’abord les dates.")
        return redirect("campaign_conduct", slug, key)
    messages.success(request, standing(campaign))
    return redirect(campaign)


@require_POST
def campaign_close(request, slug, key):
    """Close before the date; somebody ticks a box first."""
    campaign = steered_campaign(request.user, slug, key)
    if campaign.phase(today()) != Phase.OPEN:
        messages.info(request, f"Rien n’a changé. {standing(campaign)}")
        return redirect("campaign_conduct", slug, key)
    form = ConfirmForm(request.POST, label=CLOSE, prefix="close")
    if not form.is_valid():
        return conduct_page(request, campaign, closing=form)
    close_now(by=request.user, campaign=campaign)
    messages.success(request, standing(campaign))
    return redirect(campaign)


@require_POST
def campaign_reopen(request, slug, key):
    campaign = steered_campaign(request.user, slug, key)
    if campaign.phase(today()) not in (Phase.CORRECTION, Phase.CLOSED):
        messages.info(request, f"Rien n’a changé. {standing(campaign)}")
        return redirect("campaign_conduct", slug, key)
    form = ReopenForm(request.POST, on=today(), prefix="reopen")
    if not form.is_valid():
        return conduct_page(request, campaign, reopening=form)
    reopen(by=request.user, campaign=campaign, **form.cleaned_data)
    messages.success(request, standing(campaign))
    return redirect(campaign)


@require_POST
def campaign_complete(request, slug, key):
    """Add the sheets of the actions that came into force since the campaign was made."""
    campaign = steered_campaign(request.user, slug, key)
    made = complete_reports(by=request.user, campaign=campaign)
    if made:
        messages.success(request, f"{count_of(len(made), 'fiche')} en plus dans la campagne {campaign}.")
    else:
        messages.info(request, "Il ne manquait aucune fiche.")
    return redirect(campaign)


@require_POST
def campaign_delete(request, slug, key):
    """Delete a campaign in which nobody has put anything; somebody ticks a box first."""
    campaign = steered_campaign(request.user, slug, key)
    form = ConfirmForm(request.POST, label=DELETE, prefix="delete")
    if not form.is_valid():
        return conduct_page(request, campaign, deletion=form)
    try:
        delete_campaign(by=request.user, campaign=campaign)
    except NotEmpty:
        messages.error(request, "On y a déjà saisi quelque chose : la campagne n’est pas supprimée.")
        return redirect("campaign_conduct", slug, key)
    messages.success(request, f"La campagne {campaign} est supprimée.")
    return redirect(reverse("campaigns", args=[slug]))
