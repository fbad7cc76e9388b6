"""Pages by which the steering team keeps the committees of a scheme, and what their meetings decided."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms_plan import CommitteeForm, MeetingForm
from actions.models import Committee, Meeting
from actions.views_plan import form_page, steered_scheme, typed
from spaser.french import format_date


@require_safe
def committees(request, slug):
    """The committees of a scheme, with their meetings, latest first."""
    scheme = steered_scheme(request, slug)
    context = {"scheme": scheme, "committees": scheme.committees.prefetch_related("meetings")}
    return render(request, "actions/plan_committees.html", context)


def committees_trail(scheme):
    return [(reverse("committees", args=[scheme.slug]), "Instances")]


@require_http_methods(["GET", "POST"])
def committee_add(request, slug):
    scheme = steered_scheme(request, slug)
    form = CommitteeForm(typed(request), instance=Committee(scheme=scheme))
    if form.is_valid():
        messages.success(request, f"{form.save()} est parmi les instances.")
        return redirect("committees", slug)
    return form_page(
        request,
        form,
        scheme=scheme,
        kicker=scheme.title,
        title="Ajouter une instance",
        trail=committees_trail(scheme),
        submit="Ajouter",
    )


@require_http_methods(["GET", "POST"])
def committee_edit(request, slug, pk):
    scheme = steered_scheme(request, slug)
    committee = get_object_or_404(scheme.committees, pk=pk)
    title = committee.name
    form = CommitteeForm(typed(request), instance=committee)
    if form.is_valid():
        messages.success(request, f"{form.save()} : enregistré.")
        return redirect("committees", slug)
    return form_page(
        request, form, scheme=scheme, kicker=scheme.title, title=title, trail=committees_trail(scheme)
    )


@require_http_methods(["GET", "POST"])
def meeting_add(request, slug, pk):
    """Note a meeting of the committee `pk`."""
    scheme = steered_scheme(request, slug)
    committee = get_object_or_404(scheme.committees, pk=pk)
    return _meeting_form(request, scheme, Meeting(committee=committee), "Ajouter une réunion")


@require_http_methods(["GET", "POST"])
def meeting_edit(request, slug, pk):
    scheme = steered_scheme(request, slug)
    meeting = get_object_or_404(_meetings(scheme), pk=pk)
    return _meeting_form(request, scheme, meeting, f"Réunion du {format_date(meeting.held_on)}")


def _meetings(scheme):
    return Meeting.objects.filter(committee__scheme=scheme).select_related("committee")


def _meeting_form(request, scheme, meeting, title):
    form = MeetingForm(typed(request), instance=meeting)
    if form.is_valid():
        meeting = form.save()
        messages.success(request, f"La réunion du {format_date(meeting.held_on)} est enregistrée.")
        return redirect("committees", scheme.slug)
    return form_page(
        request,
        form,
        scheme=scheme,
        kicker=meeting.committee.name,
        title=title,
        trail=committees_trail(scheme),
    )


@require_http_methods(["GET", "POST"])
def meeting_remove(request, slug, pk):
    """Ask, then remove a meeting and its decisions for good."""
    scheme = steered_scheme(request, slug)
    meeting = get_object_or_404(_meetings(scheme), pk=pk)
    if request.method == "POST":
        meeting.delete()
        messages.success(request, f"La réunion du {format_date(meeting.held_on)} est supprimée.")
        return redirect("committees", slug)
    context = {"scheme": scheme, "meeting": meeting, "trail": committees_trail(scheme)}
    return render(request, "actions/plan_meeting_remove.html", context)
