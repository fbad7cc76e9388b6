"""Pages by which the steering team settles and changes the actions of a plan while it runs."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from actions.forms_plan import ActionEndForm, ActionForm, InvolvementFormSet, NewActionForm
from actions.models import Action, Nature, Scheme
from actions.scoping import steers
from actions.services_plan import EndsWithItsAction, change_involvements, end_action, resume_action


def steered_scheme(request, slug):
    """The scheme, for its steering team only: 404 to a stranger, 403 to its other members."""
    schemes = Scheme.objects.visible_to(request.user).select_related("organisation")
    scheme = get_object_or_404(schemes, slug=slug)
    if not steers(request.user, scheme):
        raise PermissionDenied
    return scheme


def steered_action(request, slug, code):
    """An action or a part, for the steering team of its scheme only; otherwise as `steered_scheme`."""
    scheme = steered_scheme(request, slug)
    actions = Action.objects.select_related("scheme__organisation", "objective__scheme", "parent__scheme")
    return get_object_or_404(actions, scheme=scheme, code=code)


def typed(request):
    return request.POST if request.method == "POST" else None


def form_page(request, form, *, title, scheme=None, kicker="", trail=(), intro="", submit="Enregistrer"):
    """The one page of all the forms of a plan. `trail`: (address, words) between the schemes and this page."""
    if scheme is not None:
        trail = [(scheme.get_absolute_url(), scheme.title), *trail]
    context = {
        "form": form,
        "scheme": scheme,
        "title": title,
        "kicker": kicker,
        "trail": trail,
        "intro": intro,
        "submit": submit,
    }
    return render(request, "actions/plan_form.html", context)


def named(action):
    """« Action 3 », or the title of a sheet that has no number."""
    return action.heading or action.title


def action_trail(action):
    return [(action.get_absolute_url(), named(action))]


@require_http_methods(["GET", "POST"])
def action_add(request, slug):
    """Add an action or, with `?volet_de=CODE`, a part of one."""
    scheme = steered_scheme(request, slug)
    parent = scheme.actions.filter(code=request.GET.get("volet_de", "").replace("\0", "")).first()
    form = NewActionForm(typed(request), scheme=scheme, initial={"parent": parent})
    if form.is_valid():
        action = form.save()
        if action.nature == Nature.SHARED:
            messages.success(request, f"« {action.title} » est dans le plan : ajoutez-y ses indicateurs.")
            return redirect(action)
        messages.success(request, f"{named(action)} est dans le plan : donnez-lui ses pilotes.")
        return redirect("action_involvements", slug, action.code)
    labels = f"{scheme.action_label.lower()} ou {scheme.part_label.lower()}"
    return form_page(
        request,
        form,
        scheme=scheme,
        kicker=scheme.title,
        title=f"Ajouter au plan : {labels}",
        intro="Le document chargé ne change pas : ce qui s’ajoute ici est noté comme venant du site.",
        submit="Ajouter",
    )


@require_http_methods(["GET", "POST"])
def action_edit(request, slug, code):
    """Change what the site may of a sheet. The document, loaded again, does not undo it."""
    action = steered_action(request, slug, code)
    title = str(action)
    form = ActionForm(typed(request), instance=action)
    if form.is_valid():
        action = form.save()
        messages.success(request, "La fiche est enregistrée.")
        return redirect(action)
    action.refresh_from_db(
        fields=["code", "number", "title"]
    )  # the links of the page are those of what is stored
    return form_page(
        request,
        form,
        scheme=action.scheme,
        kicker=title,
        title="Modifier la fiche",
        trail=action_trail(action),
        intro="Ce que vous changez ici reste quand le document est chargé de nouveau.",
    )


@require_http_methods(["GET", "POST"])
def action_end(request, slug, code):
    """Say which year is the last of an action; the page says what that means."""
    action = steered_action(request, slug, code)
    ended = action.valid_until
    form = ActionEndForm(typed(request), instance=action)
    if form.is_valid():
        end_action(by=request.user, action=action, year=form.cleaned_data["valid_until"])
        messages.success(request, f"{named(action)} prend fin en {action.valid_until}.")
        return redirect(action)
    context = {"form": form, "action": action, "scheme": action.scheme, "ended": ended}
    return render(request, "actions/plan_action_end.html", context)


@require_POST
def action_resume(request, slug, code):
    """Undo the end of an action."""
    action = steered_action(request, slug, code)
    try:
        resume_action(by=request.user, action=action)
    except EndsWithItsAction as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{named(action)} n’a plus de dernière année.")
    return redirect(action)


@require_http_methods(["GET", "POST"])
def involvements(request, slug, code):
    """The pilots, supports and partners of an action, all in one form."""
    action = steered_action(request, slug, code)
    formset = InvolvementFormSet(typed(request), action=action)
    if formset.is_valid():
        change_involvements(by=request.user, action=action, **formset.changes())
        messages.success(request, "Les participations sont enregistrées.")
        return redirect(action)
    context = {
        "formset": formset,
        "action": action,
        "scheme": action.scheme,
        "directions": reverse("directions", args=[action.scheme.organisation.slug]),
    }
    return render(request, "actions/plan_involvements.html", context)
