"""The page of a direction: all that it pilots and supports, and where that stands."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from actions.current import current_schemes
from actions.models import Action, Direction, InvolvementRole, Organisation, Scheme
from indicators.models import Campaign, Period
from indicators.perms import today
from reporting.action_list import Row, rows_of
from reporting.lists import Lists, PilotLists
from reporting.shares import Share, outcome_shares, state_shares
from reporting.situation import MeasureSituation, Situation, Tally, situation_asked, tally

HEADS = {
    InvolvementRole.PILOT: "Pilote",
    InvolvementRole.SUPPORT: "En appui",
    InvolvementRole.PARTNER: "Partenaire",
}


@dataclass(frozen=True)
class Part:
    """What a direction does in a scheme under one role."""

    role: InvolvementRole
    head: str
    rows: tuple[Row, ...]

    @property
    def actions(self):
        """The ids of the actions in it: a part says of which whole it is when that one is not."""
        return {row.action.pk for row in self.rows}


@dataclass(frozen=True)
class InScheme:
    """A direction in a scheme of today. `tally`, `states`, `outcomes` and `measures` are of what it pilots."""

    situation: Situation
    parts: tuple[Part, ...]
    tally: Tally
    lists: Lists
    states: list[Share]
    outcomes: list[Share]
    measures: tuple[MeasureSituation, ...]


@require_safe
def direction(request, slug, code):
    """The schemes in force first, one section each, for the year asked; the former ones in a few words."""
    user, on = request.user, today()
    found = Direction.objects.visible_to(user).select_related("organisation", "succeeded_by__organisation")
    direction = get_object_or_404(found, organisation__slug=slug, code=code)
    schemes = _schemes_of(user, direction)
    current = current_schemes(schemes, on.year)
    years = _years(user, current)
    asked = request.GET.get("annee", "")
    shown = [in_scheme(direction, scheme, user, year=asked, on=on) for scheme in current]
    context = {
        "direction": direction,
        "organisation": direction.organisation,
        "predecessors": direction.predecessors.select_related("organisation"),
        "steering": Organisation.objects.steered_by(user).filter(pk=direction.organisation_id).exists(),
        "people": _people(user, direction),
        "years": years,
        "wrong_year": bool(asked) and asked not in map(str, years),
        "schemes": shown,
        "shown_years": {row.situation.year for row in shown},
        "former": [scheme for scheme in schemes if scheme not in current],
    }
    return render(request, "reporting/direction.html", context)


def _schemes_of(user, direction):
    """Those in which it takes part, with the number of whole actions that it pilots and in which it has another part."""
    counts = {
        name: Count(
            "actions",
            filter=Q(actions__involvements__direction=direction, actions__involvements__role__in=roles),
            distinct=True,
        )
        for name, roles in (
            ("piloted", [InvolvementRole.PILOT]),
            ("helped", [InvolvementRole.SUPPORT, InvolvementRole.PARTNER]),
        )
    }
    taking_part = Action.objects.filter(involvements__direction=direction)
    schemes = Scheme.objects.visible_to(user).filter(pk__in=taking_part.values("scheme"))
    return list(schemes.select_related("organisation").prefetch_related("successors").annotate(**counts))


def _years(user, schemes):
    campaigns = Campaign.objects.visible_to(user).filter(scheme__in=schemes, period=Period.YEAR)
    return sorted(set(campaigns.values_list("year", flat=True)))


def _people(user, direction):
    """Its members, for the steering team and for themselves; nobody for the others."""
    memberships = direction.memberships.select_related("user").order_by(
        "role", "user__last_name", "user__first_name", "user__email"
    )
    steered = memberships.steered_by(user)
    own = user.memberships.filter(direction=direction).exists()
    return list(memberships) if own else list(steered)


def in_scheme(direction, scheme, user, *, year, on):
    """The InScheme of `direction` as `user` sees it on the date `on`, in the `year` asked; otherwise the last one of which there is something to see."""
    situation, _ = situation_asked(scheme, user=user, year=year)
    all_rows = rows_of(situation, on)
    parts = [
        Part(role, head, rows)
        for role, head in HEADS.items()
        if (rows := tuple(row for row in all_rows if _takes_part(direction, row.sheet, role)))
    ]
    piloted = [row.sheet for part in parts if part.role == InvolvementRole.PILOT for row in part.rows]
    found = tally(piloted)
    lists = PilotLists(scheme, situation.year, pilote=direction.code)
    return InScheme(
        situation=situation,
        parts=tuple(parts),
        tally=found,
        lists=lists,
        states=state_shares(found, lists.states),
        outcomes=outcome_shares(found, lists.outcomes),
        measures=tuple(measure for row in piloted for measure in row.measures),
    )


def _takes_part(direction, sheet, role):
    """Has it this role in the action, or in the whole of which it is a part when the part names nobody for it?"""
    own = [row.direction for row in sheet.action.involvements.all() if row.role == role]
    if not own and sheet.whole:
        own = [row.direction for row in sheet.whole.involvements.all() if row.role == role]
    return direction in own
