"""Published editions: their pages, permanent and latest, their files, where they were put online."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header, http_date, quote_etag
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.models import Organisation
from actions.views_plan import typed
from indicators.perms import today
from reporting.edition_page import bilan_page
from reporting.editions.frozen import thaw
from reporting.editions.products import PDF
from reporting.forms_published import CorrectionForm, PostingForm
from reporting.models import Edition, EditionDraft, EditionFile, Posting
from reporting.shelves import OPEN_DATA, downloads, shelves_of_member

PICTURES = {"image/jpeg", "image/png"}


# The list


@login_not_required
@require_safe
def editions(request):
    """What one may read of what was published; for a steering team, what it prepares too."""
    return render(
        request, "reporting/edition_list.html", {"shelves": shelves_of_member(request.user, today())}
    )


# The page of an edition


@login_not_required
@require_safe
def edition(request, slug, edition, version):
    """One version for good, at its permanent address."""
    return _page(request, _seen(request.user, slug, edition, version))


@login_not_required
@require_safe
def edition_latest(request, slug, edition):
    """The latest version that the reader may see."""
    return _page(request, _latest(request.user, slug, edition))


def _versions(user, slug, edition):
    """The versions of an edition that `user` may see, the latest first."""
    found = Edition.objects.visible_to(user).filter(organisation__slug=slug, slug=edition)
    return found.select_related("organisation", "published_by").order_by("-version")


def _seen(user, slug, edition, version):
    return get_object_or_404(_versions(user, slug, edition), version=version)


def _latest(user, slug, edition):
    found = _versions(user, slug, edition).first()
    if found is None:
        raise Http404
    return found


def _page(request, edition):
    document = thaw(edition.data)
    organisation = edition.organisation
    versions = list(_versions(request.user, organisation.slug, edition.slug).defer("data"))
    steering = Edition.objects.steered_by(request.user).filter(pk=edition.pk).exists()
    context = {
        "edition": edition,
        "organisation": organisation,
        "document": document,
        "publication": document if edition.is_legal else None,
        "page": None if edition.is_legal else bilan_page(document),
        "everything": request.GET.get("tout") == "1",
        "downloads": downloads(edition),
        "postings": edition.postings.order_by("posted_on", "pk"),
        "versions": versions,
        "latest": versions[0],
        "member": Organisation.objects.visible_to(request.user).filter(pk=organisation.pk).exists(),
        "steering": steering,
        "correction": _correction_of(edition, request.user),
        "permanent": f"{settings.SITE_URL}{edition.get_absolute_url()}",
        "always_latest": f"{settings.SITE_URL}{reverse('edition_latest', args=[organisation.slug, edition.slug])}",
    }
    return render(request, "reporting/edition.html", context)


def _correction_of(edition, user):
    """The version that `user` prepares, as one of the steering team; None when there is none."""
    drafts = EditionDraft.objects.steered_by(user).filter(
        corrects__organisation=edition.organisation, corrects__slug=edition.slug
    )
    return drafts.select_related("corrects").defer("frozen", "corrects__data").first()


@login_not_required
@require_safe
def edition_picture(request, slug, edition, version, rank):
    """The picture of the zoom number `rank` of a bilan, from its frozen document."""
    row = _seen(request.user, slug, edition, version)
    zooms = [] if row.is_legal else thaw(row.data).zooms
    picture = zooms[rank - 1].picture if 0 < rank <= len(zooms) else None
    if picture is None or picture.content_type not in PICTURES:
        raise Http404
    response = HttpResponse(picture.content, content_type=picture.content_type)
    patch_cache_control(response, private=True, max_age=3600)
    return response


# Its files


@login_not_required
@require_safe
def edition_file(request, slug, edition, version, name):
    """A file of an edition: to anyone when it is public, otherwise to the members. Downloaded, or read with `?lire=1`."""
    of = {"edition__organisation__slug": slug, "edition__slug": edition, "edition__version": version}
    return _bytes_of(request, _file_named(request.user, name, **of))


@login_not_required
@require_safe
def edition_latest_file(request, slug, edition, suffix):
    """The file of the latest version whose name ends with `suffix`: an address that an open data portal may keep."""
    latest = _latest(request.user, slug, edition)
    row = _file_named(request.user, f"{latest.slug}-v{latest.version}{suffix}", edition=latest)
    response = _bytes_of(request, row)
    response["Link"] = f'<{settings.SITE_URL}{row.get_absolute_url()}>; rel="canonical"'
    return response


def _file_named(user, name, **of):
    """The file `name` of the edition that `of` tells, with its edition; 404 out of sight."""
    if "\0" in name:  # PostgreSQL does not even look for it
        raise Http404
    files = EditionFile.objects.visible_to(user).select_related("edition__organisation")
    return get_object_or_404(files.defer("edition__data"), name=name, **of)


def _bytes_of(request, row):
    """The file, or that the reader has it already; its SHA-256 tells."""
    etag, published = quote_etag(row.sha256), row.edition.published_at.timestamp()
    response = get_conditional_response(request, etag=etag, last_modified=int(published))
    if response is None:
        inline = row.content_type == PDF and request.GET.get("lire") == "1"
        response = FileResponse(row.file.open("rb"), content_type=row.content_type)
        response["Content-Disposition"] = content_disposition_header(not inline, row.name)
        # Chrome’s own reader of PDFs refuses a sandbox; a PDF of ours holds no script
        response["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
            if inline
            else "sandbox; default-src 'none'"
        )
    response["ETag"], response["Last-Modified"] = etag, http_date(published)
    patch_cache_control(response, no_cache=True, **({} if row.edition.public else {"private": True}))
    if row.edition.public and row.content_type in OPEN_DATA:
        response["Access-Control-Allow-Origin"] = "*"
    return response


# What its steering team does


def _steered(request, slug, edition, version):
    """The edition, for the steering team: 404 to who may not see it, 403 to its other readers."""
    row = _seen(request.user, slug, edition, version)
    if not Edition.objects.steered_by(request.user).filter(pk=row.pk).exists():
        raise PermissionDenied
    return row


@require_http_methods(["GET", "POST"])
def edition_correct(request, slug, edition, version):
    """Open the version that follows, which says what it corrects; the latest version alone can be corrected."""
    row = _steered(request, slug, edition, version)
    with transaction.atomic():
        Edition.objects.select_for_update().only("pk").get(pk=row.pk)  # two tabs open one draft
        if draft := _correction_of(row, request.user):
            messages.info(request, f"La version {draft.version} est déjà en préparation.")
            return redirect(draft)
        # asked for after the draft, which disappears as the version appears
        latest = _latest(request.user, slug, edition)
        if row != latest:
            messages.error(
                request,
                f"La version {version} est remplacée : c’est la version {latest.version} qui se corrige.",
            )
            return redirect(latest)
        form = CorrectionForm(typed(request), edition=row, by=request.user)
        if form.is_valid():
            draft = form.save()
            messages.success(
                request,
                f"La version {draft.version} est en préparation ; la version {version} reste en ligne.",
            )
            return redirect(draft)
    context = {"edition": row, "organisation": row.organisation, "form": form}
    return render(request, "reporting/edition_correct.html", context)


@require_POST
def edition_visibility(request, slug, edition, version):
    """Make a bilan readable without an account, or no more; a legal publication always is."""
    row = _steered(request, slug, edition, version)
    wanted = {"1": True, "0": False}.get(request.POST.get("public"))
    if row.is_legal:
        messages.error(request, "Une publication légale est toujours lisible sans compte.")
    elif wanted is not None:
        Edition.objects.steered_by(request.user).filter(pk=row.pk).update(public=wanted)
        messages.success(
            request,
            f"La version {version} est lisible sans compte."
            if wanted
            else f"La version {version} n’est plus lisible que des membres de la collectivité.",
        )
    return redirect(row)


@require_http_methods(["GET", "POST"])
def posting_add(request, slug, edition, version):
    """Note where the edition was put online, and when."""
    row = _steered(request, slug, edition, version)
    form = PostingForm(typed(request), edition=row, by=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "La mise en ligne est notée.")
        return redirect(f"{row.get_absolute_url()}#mises-en-ligne")
    context = {"edition": row, "organisation": row.organisation, "form": form}
    return render(request, "reporting/edition_posting.html", context)


@require_POST
def posting_remove(request, slug, edition, version, pk):
    row = _steered(request, slug, edition, version)
    get_object_or_404(Posting, edition=row, pk=pk).delete()
    messages.success(request, "La mise en ligne n’est plus notée.")
    return redirect(f"{row.get_absolute_url()}#mises-en-ligne")
