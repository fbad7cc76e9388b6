"""The remarkable actions of a year (« zooms »): text and picture, as an edition prints them."""

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.models import Origin
from indicators.models import Highlight
from reporting.forms_editions import HighlightForm
from reporting.views_drafts import LOCKED, campaign_of, locked_by, steered_draft
from spaser.files import delete_once_committed


def _draft_and_campaign(request, pk, *, lock=False):
    """(the draft of a bilan, its campaign); 404 when it has none."""
    draft = steered_draft(request, pk, lock=lock)
    campaign = campaign_of(draft)
    if campaign is None:
        raise Http404
    return draft, campaign


def _zoom(campaign, pk):
    zooms = Highlight.objects.select_related("campaign__scheme", "action__scheme", "action__parent__scheme")
    return get_object_or_404(zooms, campaign=campaign, pk=pk)


def _back(draft):
    return redirect(f"{draft.get_absolute_url()}#zooms")


@require_http_methods(["GET", "POST"])
def highlight_add(request, pk):
    """A new zoom, after those that there are."""
    return _highlight(request, pk)


@require_http_methods(["GET", "POST"])
def highlight_edit(request, pk, zoom):
    return _highlight(request, pk, zoom)


def _highlight(request, pk, zoom_pk=None):
    if request.method == "POST":
        return _save(request, pk, zoom_pk)
    draft, campaign = _draft_and_campaign(request, pk)
    zoom = _zoom(campaign, zoom_pk) if zoom_pk else Highlight(campaign=campaign)
    return _page(request, draft, zoom, HighlightForm(instance=zoom))


@transaction.atomic
def _save(request, pk, zoom_pk):
    draft, campaign = _draft_and_campaign(request, pk, lock=True)
    zoom = _zoom(campaign, zoom_pk) if zoom_pk else Highlight(campaign=campaign)
    form = HighlightForm(request.POST, request.FILES, instance=zoom)
    if draft.is_being_published:
        return _page(request, draft, zoom, form, status=409)
    if not form.is_valid():
        return _page(request, draft, zoom, form)
    form.save()
    messages.success(request, f"Le zoom « {zoom} » est enregistré.")
    return _back(draft)


def _page(request, draft, zoom, form, *, status=200):
    context = {
        "draft": draft,
        "campaign": zoom.campaign,
        "zoom": zoom,
        "form": form,
        "printed": zoom.pk is not None and zoom.origin == Origin.DOCUMENT,
        "locked": locked_by(draft, status=status),
    }
    return render(request, "reporting/highlight.html", context, status=status)


@require_POST
@transaction.atomic
def highlight_remove(request, pk, zoom):
    """Take a zoom away, and its picture; what is published keeps them."""
    draft, campaign = _draft_and_campaign(request, pk, lock=True)
    zoom = _zoom(campaign, zoom)
    if draft.is_being_published:
        messages.error(request, LOCKED)
        return _back(draft)
    delete_once_committed(zoom.picture)
    zoom.delete()
    messages.success(request, f"Le zoom « {zoom} » est retiré.")
    return _back(draft)


@require_safe
def highlight_picture(request, pk, zoom):
    """The picture of a zoom, for those who prepare the edition."""
    _, campaign = _draft_and_campaign(request, pk)
    picture = _zoom(campaign, zoom).picture
    if not picture or not picture.storage.exists(picture.name):
        raise Http404
    response = FileResponse(picture.open("rb"), content_type="image/jpeg")
    patch_cache_control(response, private=True, no_cache=True)
    return response
