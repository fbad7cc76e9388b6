"""Pages of the plan: who has which schemes, and one scheme as a tree."""

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from actions.filters import PlanFilter
from actions.models import Action, InvolvementRole, Organisation, Scheme
from actions.scoping import steers
from actions.tree import plan_counts, plan_tree


@require_safe
def schemes(request):
    """The organisations of which the user is a member, and their schemes."""
    found = (
        Scheme.objects.visible_to(request.user)
        .select_related("organisation")
        .annotate(action_count=Count("actions", filter=Q(actions__parent=None, actions__nature="action")))
    )
    organisations = {
        organisation: [scheme for scheme in found if scheme.organisation_id == organisation.pk]
        for organisation in Organisation.objects.visible_to(request.user)
    }
    steered = set(Organisation.objects.steered_by(request.user).values_list("pk", flat=True))
    return render(request, "actions/schemes.html", {"organisations": organisations, "steered": steered})


@require_safe
def scheme(request, slug):
    """The plan as a tree, narrowed by pillar, direction and words."""
    scheme = get_object_or_404(
        Scheme.objects.visible_to(request.user).select_related("organisation"), slug=slug
    )
    pillars = list(scheme.pillars.select_related("scheme").prefetch_related("passages", "targets"))
    objectives = list(scheme.objectives.select_related("scheme").prefetch_related("passages"))
    actions = list(
        scheme.actions.select_related("scheme", "objective__scheme", "parent__scheme")
        .prefetch_related("involvements__direction")
        .annotate(indicator_count=Count("indicators"))
    )
    for action in actions:
        action.pilots = [i.direction for i in action.involvements.all() if i.role == InvolvementRole.PILOT]
    plan_filter = PlanFilter(request.GET, queryset=Action.objects.filter(scheme=scheme), scheme=scheme)
    shown = set(plan_filter.qs.values_list("pk", flat=True)) if plan_filter.narrows else None
    tree, sheets = plan_tree(pillars, objectives, actions, shown=shown)
    whole = [action for action in actions if action.parent_id is None]
    context = {
        "scheme": scheme,
        "tree": tree,
        "sheets": sheets,
        "filter": plan_filter,
        "found": None if shown is None else len(list(_nodes(tree, sheets))),
        "total": len(whole),
        "counts": plan_counts(pillars, actions),
        "passages": scheme.passages.filter(pillar=None, objective=None, action=None),
        "committees": scheme.committees.prefetch_related("meetings"),
        "steering": steers(request.user, scheme),
    }
    return render(request, "actions/scheme.html", context)


def _nodes(tree, sheets):
    yield from (node for pillar in tree for objective in pillar.objectives for node in objective.actions)
    yield from sheets
