"""The dashboard of a scheme, and the list of its actions to which its figures lead."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from actions.models import Meeting, Scheme
from actions.scoping import steers
from indicators.models import CampaignKind, ReportStatus
from indicators.perms import today
from reporting.action_list import ActionList
from reporting.dashboard import (
    direction_rows,
    disagreements,
    outcomes_chart,
    pillar_rows,
    sheets_of,
    states_chart,
    what_moved,
    year_rows,
    years_chart,
)
from reporting.explorer import scope_in_words
from reporting.lists import Lists
from reporting.shares import outcome_shares, state_shares
from reporting.situation import situation_asked, tally
from reporting.timeline import timeline


def _scheme(request, slug):
    schemes = Scheme.objects.visible_to(request.user).select_related("organisation")
    return get_object_or_404(schemes, slug=slug)


@require_safe
def dashboard(request, slug):
    """Where a scheme stands in a year: the synthesis first, then its parts, its directions, its years and its deadlines."""
    scheme, user, on = _scheme(request, slug), request.user, today()
    situation, wrong_year = situation_asked(scheme, user=user, year=request.GET.get("annee", ""))
    steering = steers(user, scheme)
    context = {"scheme": scheme, "situation": situation, "steering": steering, "campaign": None}
    if wrong_year or not situation.campaigns:
        context |= {"wrong_year": wrong_year}
        return render(request, "reporting/dashboard_empty.html", context, status=404 if wrong_year else 200)
    lists = Lists(scheme, situation.year)
    whole, pillars, years = tally(situation.actions), pillar_rows(situation, lists), year_rows(situation)
    context |= {
        "campaign": situation.campaign,
        "reference": situation.campaign.kind == CampaignKind.REFERENCE,
        "source": scope_in_words(user, scheme.organisation),
        "lists": lists,
        "tally": whole,
        "states": state_shares(whole, lists.states),
        "outcomes": outcome_shares(whole, lists.outcomes),
        "sheets": sheets_of(situation.actions, on),
        "validated": sum(row.status == ReportStatus.VALIDATED for row in situation.actions),
        "disagreements": disagreements(situation),
        "compared": situation.year - 1 if situation.year - 1 in situation.campaigns else None,
        "states_compare": any(row.state_before for row in situation.whole),
        "moved": what_moved(situation, lists),
        "pillars": pillars,
        "states_chart": states_chart(pillars),
        "outcomes_chart": outcomes_chart(pillars),
        "directions": direction_rows(situation, on),
        "years": years,
        "years_chart": years_chart(years),
        "timeline": timeline(
            situation,
            campaigns=scheme.campaigns.all(),
            meetings=Meeting.objects.visible_to(user)
            .filter(committee__scheme=scheme)
            .select_related("committee__scheme"),
            on=on,
        ),
    }
    return render(request, "reporting/dashboard.html", context)


@require_safe
def action_list(request, slug):
    """The actions and parts of a scheme as a table, narrowed and sorted as the address says."""
    scheme = _scheme(request, slug)
    view = ActionList(scheme, request.user, request.GET, today())
    context = {
        "scheme": scheme,
        "view": view,
        "campaign": view.campaign,
        "source": scope_in_words(request.user, scheme.organisation),
    }
    return render(request, "reporting/action_list.html", context)
