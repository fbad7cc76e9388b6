"""Pages by which the steering team keeps its list of directions: renamed, put out of use, become others."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms_plan import DirectionForm, MergeForm
from actions.models import Direction, InvolvementRole
from actions.services_plan import NotMerged, merge_direction, succession
from actions.views_members import steered_organisation
from actions.views_plan import form_page, typed


def involved_as(role):
    """How many actions a direction takes part in by `role`."""
    return Count("involvements__action", filter=Q(involvements__role=role), distinct=True)


@require_safe
def directions(request, slug):
    """All the directions of an organisation, those out of use last, with what hangs on them."""
    organisation = steered_organisation(request, slug)
    rows = (
        organisation.directions.select_related("succeeded_by")
        .annotate(
            piloted=involved_as(InvolvementRole.PILOT),
            supported=involved_as(InvolvementRole.SUPPORT),
            partnered=involved_as(InvolvementRole.PARTNER),
            member_count=Count("memberships__user", distinct=True),
        )
        .order_by("-active", "name", "pk")
    )
    context = {"organisation": organisation, "directions": rows}
    return render(request, "actions/plan_directions.html", context)


def directions_trail(organisation):
    return [(reverse("directions", args=[organisation.slug]), "Directions")]


@require_http_methods(["GET", "POST"])
def direction_add(request, slug):
    organisation = steered_organisation(request, slug)
    form = DirectionForm(typed(request), instance=Direction(organisation=organisation))
    if form.is_valid():
        direction = form.save()
        messages.success(request, f"{direction} est dans la liste.")
        return redirect("directions", slug)
    return form_page(
        request,
        form,
        kicker=organisation.name,
        title="Ajouter une direction",
        trail=directions_trail(organisation),
        submit="Ajouter",
    )


@require_http_methods(["GET", "POST"])
def direction_edit(request, slug, pk):
    """Rename a direction, change its nature, put it out of use or into use again."""
    organisation = steered_organisation(request, slug)
    direction = get_object_or_404(organisation.directions, pk=pk)
    title = str(direction)
    form = DirectionForm(typed(request), instance=direction)
    if form.is_valid():
        messages.success(request, f"{form.save()} est enregistrée.")
        return redirect("directions", slug)
    return form_page(
        request, form, kicker=organisation.name, title=title, trail=directions_trail(organisation)
    )


@require_http_methods(["GET", "POST"])
def direction_merge(request, slug, pk):
    """Choose which direction takes over (`?into=`), see what goes to it, then confirm."""
    organisation = steered_organisation(request, slug)
    direction = get_object_or_404(organisation.directions.select_related("organisation"), pk=pk)
    if direction.succeeded_by:
        messages.info(request, f"{direction} est déjà devenue {direction.succeeded_by}.")
        return redirect("directions", slug)
    data = typed(request) or (request.GET if "into" in request.GET else None)
    form, on = MergeForm(data, direction=direction), timezone.localdate()
    into = form.cleaned_data["into"] if form.is_valid() else None
    if into and request.method == "POST":
        try:
            merge_direction(by=request.user, direction=direction, into=into, on=on)
        except NotMerged as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{direction} est devenue {into}.")
        return redirect("directions", slug)
    context = {
        "organisation": organisation,
        "direction": direction,
        "form": form,
        "into": into,
        "handed": succession(direction, into, on=on) if into else None,
        "trail": directions_trail(organisation),
    }
    return render(request, "actions/plan_merge.html", context)
