"""The home page: for each role what it opens the site for, and for a visitor what is public."""

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from actions.current import current_schemes
from actions.models import Role, Scheme
from actions.models.organisation import DIRECTION_ROLES
from indicators.models import Campaign
from indicators.perms import today
from indicators.work import ACTIVE, work_of
from reporting.explorer import scope_in_words
from reporting.lists import Lists
from reporting.moves import Move, moves
from reporting.pulse import pulse_of
from reporting.shares import Share, outcome_shares, state_shares
from reporting.shelves import seen_editions, shelves, works_of
from reporting.situation import Situation, Tally, situation_of, tally

LATEST = 4  # editions shown
TASKS = 5  # sheets to fill shown


@dataclass(frozen=True)
class OnePage:
    """A scheme in one page, of one year; `source` says from which sheets."""

    scheme: Scheme
    situation: Situation
    tally: Tally
    lists: Lists
    states: list[Share]
    outcomes: list[Share]
    moves: list[Move]
    source: str


@login_not_required
@require_safe
def home(request):
    """What is public for a visitor; « Mon travail » for who only fills sheets; otherwise a section for each role."""
    user = request.user
    if not user.is_authenticated:
        return render(request, "reporting/home_public.html", {"shelves": shelves(user)})
    held = defaultdict(set)  # by role, the organisations in which it is held
    for role, organisation in user.memberships.values_list("role", "organisation"):
        held[role].add(organisation)
    if held and held.keys() <= set(DIRECTION_ROLES):
        return redirect("my_work")
    on = today()
    schemes = list(
        Scheme.objects.visible_to(user).select_related("organisation").prefetch_related("successors")
    )
    current = current_schemes(schemes, on.year)
    active = _active_campaigns(user, on)
    steered = [row for row in active if row.scheme.organisation_id in held[Role.STEERING]]
    followed = [row for row in current if row.organisation_id in held[Role.COPIL] - held[Role.STEERING]]
    pages = [page for scheme in followed if (page := one_page(scheme, user))]
    tasks = work_of(user, active, on)[0] if held.keys() & set(DIRECTION_ROLES) else []
    context = {
        "on": on,
        "member": bool(held),
        "steering": bool(held[Role.STEERING]),
        "tasks": tasks[:TASKS],
        "task_count": len(tasks),
        "pulses": [pulse_of(user, campaign, on) for campaign in steered],
        "pages": pages,
        "without_page": len(followed) - len(pages),
        "works": works_of(seen_editions(user).filter(organisation__in=held[Role.COPIL]))[:LATEST],
        "copil": bool(held[Role.COPIL]),
        "schemes": current,
        "others": len(schemes) - len(current),
    }
    return render(request, "reporting/home.html", context)


def _active_campaigns(user, on):
    """The campaigns in which somebody may write something today, with their scheme and organisation."""
    campaigns = Campaign.objects.visible_to(user).select_related("scheme__organisation")
    return [campaign for campaign in campaigns if campaign.phase(on) in ACTIVE]


def one_page(scheme, user):
    """The OnePage of `scheme`, of the last year of which `user` can read something; None without a campaign."""
    situation = situation_of(scheme, user=user)
    if situation is None:
        return None
    found, lists = tally(situation.actions), Lists(scheme, situation.year)
    return OnePage(
        scheme=scheme,
        situation=situation,
        tally=found,
        lists=lists,
        states=state_shares(found, lists.states),
        outcomes=outcome_shares(found, lists.outcomes),
        moves=moves(situation),
        source=scope_in_words(user, scheme.organisation),
    )
