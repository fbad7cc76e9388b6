"""From a draft to an Edition: its data is frozen, its files are made in the background, then all appears at once.

Nothing is half published: files are kept aside until the last one is made, and the Edition, its files and the end of the
draft are one transaction. A making is known by its token; one that was given up, or resumed by somebody else, finds that the
draft no longer has its token and stops without a trace.
"""

import logging
from hashlib import sha256
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from indicators.models import Campaign, Period
from reporting.editions.documents import build_document
from reporting.editions.frozen import freeze, thaw
from reporting.editions.products import PDF, products_of
from reporting.models import Edition, EditionDraft, EditionFile, Making, Purpose
from spaser.files import delete_once_committed

logger = logging.getLogger(__name__)
FAILURE = "La fabrication a échoué ; rien n’est publié. Reprenez-la ; si elle échoue encore, dites-le à qui administre le site."


class NotNow(Exception):
    """What is asked cannot be done in the state in which the draft is; the message says why, in French."""


class GivenUp(Exception):
    """Another making has taken the place of this one, or nobody wants it any more."""


def start(draft, *, purpose, by, at=None):
    """Freeze the data of `draft` as it is at `at`, and ask the worker for its files.

    Raises NotNow when files are being made already, or when it is no draft any more. What lacks is for the pages to have said
    before (`checklist`).
    """
    with transaction.atomic():
        make_files.enqueue(draft.pk, _frozen(draft, purpose, by, at or timezone.now()))


def publish_now(draft, *, by, at=None):
    """The Edition of `draft`, made while one waits: for commands, which have no worker beside them.

    Raises NotNow as `start` does.
    """
    make_files.call(draft.pk, _frozen(draft, Purpose.PUBLICATION, by, at or timezone.now()))
    return Edition.objects.get(organisation=draft.organisation, slug=draft.slug, version=draft.version)


@transaction.atomic
def _frozen(draft, purpose, by, at):
    """The token of the making that has just been asked for."""
    # read again, and locked: a text that somebody saves meanwhile is either in the document or refused
    drafts = EditionDraft.objects.select_for_update(of=("self",))
    draft = drafts.select_related("organisation", "scheme", "corrects").filter(pk=draft.pk).first()
    if draft is None:
        raise NotNow("Cette édition n’est plus en préparation.")
    if draft.is_being_made or draft.is_being_published:
        raise NotNow("Cette édition est déjà en fabrication.")
    preview, token = purpose == Purpose.PREVIEW, uuid4()
    document = build_document(draft, at=at, preview=preview)
    EditionDraft.objects.filter(pk=draft.pk).update(
        making=Making.QUEUED,
        purpose=purpose,
        token=token,
        step=0,
        steps=1 if preview else len(products_of(document)),
        doing="",
        error="",
        beat_at=at,
        frozen=freeze(document),
        frozen_at=at,
        frozen_by=by,
    )
    return str(token)


def resume(draft, *, at=None, dead=False):
    """Take up a publication or a preview that was interrupted, from the same frozen data.

    Raises NotNow when it is not: a worker may still be at it, unless the caller knows that it is `dead`.
    """
    at = at or timezone.now()
    if not (draft.making == Making.FAILED or draft.is_stalled(at) or (dead and draft.is_being_made)):
        raise NotNow("Cette fabrication n’est pas interrompue.")
    with transaction.atomic():
        token = uuid4()
        same = EditionDraft.objects.filter(pk=draft.pk, token=draft.token, making=draft.making)
        if not same.update(making=Making.QUEUED, token=token, step=0, doing="", error="", beat_at=at):
            raise NotNow("Cette fabrication vient d’être reprise.")
        make_files.enqueue(draft.pk, str(token))


def give_up(draft):
    """Back to the preparation: what was being made is thrown away. Raises NotNow when it has just become an edition."""
    if not EditionDraft.objects.filter(pk=draft.pk).update(
        making=Making.IDLE, purpose="", token=None, frozen=None, error="", doing=""
    ):
        raise NotNow("Cette édition n’est plus en préparation.")
    draft.refresh_from_db()


@task()
def make_files(draft_pk, token):
    """Make what was asked for under `token`; does nothing when that is no longer wanted."""
    mine = EditionDraft.objects.filter(pk=draft_pk, token=token)
    if not mine.filter(making=Making.QUEUED).update(making=Making.RUNNING, beat_at=timezone.now()):
        return
    try:
        _make(mine)
    except GivenUp:
        logger.info("making %s of draft %s was given up", token, draft_pk)
    except Exception:
        logger.exception("making %s of draft %s failed", token, draft_pk)
        mine.update(making=Making.FAILED, error=FAILURE)


def _make(mine):
    draft = mine.first()
    if draft is None:
        raise GivenUp
    document, made = thaw(draft.frozen), {}
    products = products_of(document)
    if draft.purpose == Purpose.PREVIEW:
        pdf = next(product for product in products if product.content_type == PDF)
        _say(mine, pdf, 0)
        _keep_preview(mine, pdf.make(document, {}))
        return
    for rank, product in enumerate(products):
        _say(mine, product, rank)
        made[product.suffix] = product.make(document, made)
    _publish(mine, document, [(product, made[product.suffix]) for product in products])


def _say(mine, product, rank):
    if not mine.update(step=rank, doing=product.doing, beat_at=timezone.now()):
        raise GivenUp


def _keep_preview(mine, content):
    with transaction.atomic():
        draft = mine.select_for_update().first()
        if draft is None:
            raise GivenUp
        delete_once_committed(draft.preview)
        draft.preview.save("apercu.pdf", ContentFile(content), save=False)
        draft.making, draft.purpose, draft.preview_at = Making.IDLE, "", draft.frozen_at
        draft.frozen, draft.step = None, draft.steps
        draft.save()


def _publish(mine, document, files):
    """The Edition with its files, in place of the draft: all at once, or not at all."""
    stored = []
    try:
        with transaction.atomic():
            draft = (
                mine.select_for_update(of=("self",))
                .select_related("organisation", "scheme", "corrects")
                .first()
            )
            if draft is None:
                raise GivenUp
            edition = Edition.objects.create(
                organisation=draft.organisation,
                kind=draft.kind,
                slug=document.imprint.name,  # as its files say, whatever the scheme is called since
                version=document.imprint.version,
                title=draft.title,
                data=draft.frozen,
                first_year=draft.first_year,
                last_year=draft.last_year,
                correction_note=document.imprint.correction,
                public=draft.public or draft.is_legal,
                published_at=draft.frozen_at,
                published_by=draft.frozen_by,
            )
            edition.campaigns.set(campaigns_of(draft))
            for product, content in files:
                row = _stored(edition, product, document, content)
                stored.append(row.file)
                row.save()
            draft.delete()
            delete_once_committed(draft.preview)
    except BaseException:
        for file in stored:
            file.storage.delete(file.name)
        raise


def _stored(edition, product, document, content):
    """An EditionFile of the bytes `content`: on the disk, not yet in the database."""
    row = EditionFile(
        edition=edition,
        name=product.name(document),
        content_type=product.content_type,
        sha256=sha256(content).hexdigest(),
        size=len(content),
    )
    row.file.save(row.name, ContentFile(content), save=False)
    return row


def campaigns_of(draft):
    """The campaigns of whole years that `draft` prints: those of its scheme, or of all schemes of its organisation."""
    found = Campaign.objects.filter(
        scheme__organisation=draft.organisation,
        year__range=(draft.first_year, draft.last_year),
        period=Period.YEAR,
    )
    return found.filter(scheme=draft.scheme) if draft.scheme_id else found
