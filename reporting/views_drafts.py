"""Preparing an edition: opened, checked, completed, previewed, published."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.scoping import steers
from actions.views_members import steered_organisation
from actions.views_plan import typed
from reporting.editions.checklist import by_kind, checklist
from reporting.editions.making import NotNow, campaigns_of, give_up, resume, start
from reporting.forms_editions import NewDraftForm, PublishForm, SynthesisForm, TextsForm
from reporting.models import Edition, EditionDraft, Making, Purpose
from reporting.situation import NoCampaign
from spaser.files import delete_once_committed

LONG_WAIT = timedelta(minutes=1)  # a worker that runs takes a task within seconds
LOCKED = "Cette édition est en cours de publication : rien ne s’y modifie."
KEPT = (
    "Ce que vous avez écrit est encore sur cette page, et n’est pas enregistré : renoncez d’abord à la publication, ou "
    "préparez une correction une fois qu’elle est publiée."
)


def locked_by(draft, *, status=200):
    """What a form says while its draft is being published; `status` 409 when something was sent all the same."""
    if not draft.is_being_published:
        return ""
    return f"{LOCKED} {KEPT}" if status == 409 else LOCKED


def steered_draft(request, pk, *, lock=False):
    """The draft, for the steering team of its organisation only: 404 to a stranger, 403 to the other members.

    With `lock`, nobody else changes it before the transaction ends.
    """
    drafts = EditionDraft.objects.visible_to(request.user).select_related(
        "organisation", "scheme__organisation", "corrects__organisation", "created_by", "frozen_by"
    )
    drafts = drafts.defer("frozen", "corrects__data")  # whole documents, pictures included
    if lock:
        drafts = drafts.select_for_update(of=("self",))
    draft = get_object_or_404(drafts, pk=pk)
    if not steers(request.user, draft.organisation):
        raise PermissionDenied
    return draft


def campaign_of(draft):
    """The campaign of a bilan, None when it was deleted; a legal publication has none of its own."""
    if draft.is_legal:
        return None
    return campaigns_of(draft).select_related("scheme__organisation").first()


# Opening one


@require_http_methods(["GET", "POST"])
def draft_add(request, slug):
    """Choose which edition to prepare; one that is prepared already opens, one that is published is to be corrected."""
    organisation = steered_organisation(request, slug)
    form, published = NewDraftForm(typed(request), organisation=organisation), None
    drafts = EditionDraft.objects.steered_by(request.user).filter(organisation=organisation)
    if form.is_valid():
        wanted = form.draft(by=request.user, at=timezone.now())
        there = _same(wanted).first()
        # asked for after the draft, which disappears as the edition appears
        published = None if there else _latest(organisation, wanted.slug)
        if not published:
            return redirect(_opened(request, wanted, there))
    context = {
        "organisation": organisation,
        "form": form,
        "published": published,
        "drafts": drafts.select_related("scheme", "corrects").defer("frozen", "corrects__data"),
    }
    return render(request, "reporting/draft_add.html", context)


def _latest(organisation, slug):
    editions = organisation.editions.filter(slug=slug).defer("data").select_related("organisation")
    return editions.order_by("-version").first()


def _same(wanted):
    years = {"first_year": wanted.first_year, "last_year": wanted.last_year}
    return EditionDraft.objects.filter(
        organisation=wanted.organisation, kind=wanted.kind, scheme=wanted.scheme, **years
    )


def _opened(request, wanted, there):
    """The draft `wanted`, saved; or `there`, the same one, which somebody has opened before."""
    if there is None:
        try:
            with transaction.atomic():
                wanted.save()
        except IntegrityError:  # somebody else opened it a moment before
            there = _same(wanted).get()
    if there:
        messages.info(request, "Cette édition est déjà en préparation : la voici.")
        return there
    messages.success(request, f"« {wanted.title} » est en préparation. Rien n’est publié.")
    return wanted


# Where it stands


@require_safe
def draft(request, pk):
    """What is missing, the texts, the preview, the publication: where the edition stands in each."""
    return draft_page(request, steered_draft(request, pk))


def draft_page(request, draft, *, publish=None):
    """The page; `publish` is the form of the publication when it was just filled in badly."""
    checks, campaign = checklist(draft), campaign_of(draft)
    gaps = sum(check.count for check in checks)
    context = {
        "draft": draft,
        "organisation": draft.organisation,
        "campaign": campaign,
        "checks": by_kind(checks),
        "settled": [check for check in checks if not check.gaps],
        "gaps": gaps,
        "zooms": _zooms(campaign),
        "publish": publish or (PublishForm() if gaps else None),
        "preview_failed": draft.making == Making.FAILED and not draft.is_being_published,
        "progress_address": progress_address(draft),
    }
    return render(request, "reporting/draft.html", context)


def _zooms(campaign):
    if campaign is None:
        return []
    return list(campaign.highlights.select_related("action__scheme", "action__parent__scheme"))


# Its texts


@require_http_methods(["GET", "POST"])
def draft_texts(request, pk):
    """Title, foreword and its signature, who may read it, what it corrects; of a bilan, the synthesis of its campaign."""
    if request.method == "POST":
        return _save_texts(request, pk)
    draft = steered_draft(request, pk)
    return _texts_page(request, draft, draft.title, _texts_forms(draft))


@transaction.atomic
def _save_texts(request, pk):
    draft = steered_draft(request, pk, lock=True)
    title, forms = draft.title, _texts_forms(draft, request.POST)
    if draft.is_being_published:
        return _texts_page(request, draft, title, forms, status=409)
    if not all(form.is_valid() for form in forms):
        return _texts_page(request, draft, title, forms)
    for form in forms:
        form.save()
    messages.success(request, "Les textes sont enregistrés.")
    return redirect(f"{draft.get_absolute_url()}#textes")


def _texts_forms(draft, data=None):
    forms = [TextsForm(data, instance=draft)]
    if campaign := campaign_of(draft):
        forms.append(SynthesisForm(data, instance=campaign, prefix="campaign"))
    return forms


def _texts_page(request, draft, title, forms, *, status=200):
    """The page under the `title` that is stored, whatever was typed."""
    campaign = forms[1].instance if len(forms) > 1 else None
    shown = [field for form in forms for field in form.visible_fields()]
    context = {
        "draft": draft,
        "organisation": draft.organisation,
        "title": title,
        "forms": forms,
        "fields": sorted(shown, key=lambda field: field.name == "public"),  # who may read comes last
        "campaign": campaign,
        "locked": locked_by(draft, status=status),
    }
    return render(request, "reporting/draft_texts.html", context, status=status)


# Its files: a preview, or the publication


@require_http_methods(["GET", "POST"])
def draft_make(request, pk):
    """Ask for the preview or for the publication; what is missing is published only by who says that it is known.

    Read, as by who comes back to its address from the login or from a refusal, it leads to the draft.
    """
    draft, purpose = steered_draft(request, pk), request.POST.get("purpose")
    if request.method == "GET":
        return redirect(draft)
    address = progress_address(draft)
    if purpose not in Purpose.values:
        messages.error(request, "Rien n’est lancé : demandez l’aperçu ou la publication.")
        return redirect(draft)
    if purpose == Purpose.PUBLICATION and not draft.is_being_published:
        gaps, form = any(check.gaps for check in checklist(draft)), PublishForm(request.POST)
        if gaps and not form.is_valid():
            return draft_page(request, draft, publish=form)
    try:
        start(draft, purpose=purpose, by=request.user)
    except NotNow as error:
        messages.info(request, str(error))
    except NoCampaign:
        messages.error(request, f"Le schéma n’a plus de campagne {draft.year} : rien n’est à imprimer.")
        return redirect(draft)
    return redirect(address)


def progress_address(draft):
    """Where one follows its making. It names the edition to come, in which the draft disappears."""
    edition = f"{draft.organisation.slug}/{draft.slug}/{draft.version}"
    return f"{reverse('draft_progress', args=[draft.pk])}?edition={edition}"


def _become(request, pk):
    """The Edition that the draft `pk` has become, as the address names it; None while it is a draft."""
    if EditionDraft.objects.visible_to(request.user).filter(pk=pk).exists():
        return None
    named = request.GET.get("edition", "").replace("\0", "")  # which PostgreSQL does not even look for
    organisation, slug, version, *_ = [*named.split("/"), "", "", ""]
    if not (version.isascii() and version.isdigit() and len(version) < 5):
        return None
    editions = Edition.objects.visible_to(request.user).defer("data").select_related("organisation")
    return editions.filter(organisation__slug=organisation, slug=slug, version=version).first()


@require_safe
def draft_progress(request, pk):
    """How far the making is; static/reporting/progress.js looks again by itself. Leads to the edition once it is published."""
    if edition := _become(request, pk):
        return redirect(edition)
    draft, now = steered_draft(request, pk), timezone.now()
    address = progress_address(draft)
    context = {
        "draft": draft,
        "organisation": draft.organisation,
        "campaign": campaign_of(draft),
        "progress_address": address,
        "query": address.partition("?")[2],
        "stage": _stage(draft, now),
        "waits_long": draft.making == Making.QUEUED and draft.beat_at < now - LONG_WAIT,
        "publishes": draft.purpose == Purpose.PUBLICATION,
        "rank": draft.step + 1,
    }
    response = render(request, "reporting/draft_progress.html", context)
    patch_cache_control(response, no_store=True)
    return response


def _stage(draft, now):
    """« idle », « queued », « running », « failed », and « stalled » when a running one gives no sign any more."""
    return "stalled" if draft.is_stalled(now) else draft.making


@require_POST
def draft_resume(request, pk):
    """Take up what was interrupted, from the same data."""
    if edition := _become(request, pk):
        return redirect(edition)
    draft = steered_draft(request, pk)
    try:
        resume(draft)
    except NotNow as error:
        messages.info(request, str(error))
    return redirect(progress_address(draft))


@require_POST
def draft_give_up(request, pk):
    """Stop the making: the edition is in preparation again."""
    if edition := _become(request, pk):
        return redirect(edition)
    draft = steered_draft(request, pk)
    if draft.making == Making.IDLE:
        messages.info(request, "Rien n’était en cours de fabrication.")
        return redirect(draft)
    address = progress_address(draft)
    if request.POST.get("purpose", draft.purpose) != draft.purpose:  # asked on a page of the time before
        messages.info(
            request, "Une autre fabrication a commencé entre-temps : la voici. Rien n’est abandonné."
        )
        return redirect(address)
    try:
        give_up(draft)
    except NotNow:  # its last file was made a moment before
        return redirect(address)
    messages.success(
        request, "La fabrication est abandonnée : rien n’est publié, tout se modifie de nouveau."
    )
    return redirect(draft)


@require_safe
def draft_preview(request, pk):
    """The PDF of the preview, in the browser."""
    draft = steered_draft(request, pk)
    if not draft.preview or not draft.preview.storage.exists(draft.preview.name):
        raise Http404
    response = FileResponse(draft.preview.open("rb"), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{draft.slug}-apercu.pdf"'
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_POST
@transaction.atomic
def draft_delete(request, pk):
    """Throw the preparation away; the synthesis and the zooms stay, which belong to the campaign."""
    draft = steered_draft(request, pk, lock=True)
    if draft.is_being_made or draft.is_being_published:
        messages.error(request, "Ses fichiers sont en fabrication : renoncez-y d’abord.")
        return redirect(draft)
    delete_once_committed(draft.preview)
    draft.delete()
    messages.success(request, f"La préparation de « {draft.title} » est supprimée.")
    return redirect("editions")
