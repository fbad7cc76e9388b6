"""From a draft to the document that is frozen: the one place that knows which builder makes which kind."""

from django.conf import settings
from django.urls import reverse

from reporting.editions.bilan import Passage
from reporting.editions.build import build_bilan
from reporting.editions.imprint import Imprint, Picture
from reporting.editions.legal_build import build_publication


def build_document(draft, *, at, preview):
    """The Bilan or the Publication of `draft`, of the data as it is now; `at` is the datetime that it prints.

    Raises NoCampaign when the scheme of a bilan has no campaign for its year.
    """
    foreword = Passage("Avant-propos", draft.foreword) if draft.foreword.strip() else None
    said = {
        "imprint": imprint_of(draft, at, preview),
        "foreword": foreword,
        "foreword_author": draft.foreword_author,
    }
    if draft.is_legal:
        return build_publication(
            draft.organisation, years=(draft.first_year, draft.last_year), title=draft.title, **said
        )
    return build_bilan(draft.scheme, year=draft.year, **said)


def imprint_of(draft, at, preview):
    organisation = draft.organisation
    path = reverse("edition", args=[organisation.slug, draft.slug, draft.version])
    return Imprint(
        name=draft.slug,
        version=0 if preview else draft.version,
        frozen_at=at,
        correction=draft.correction_note,
        accent=organisation.accent,
        logo=_logo(organisation),
        address=f"{settings.SITE_URL}{path}",
    )


def _logo(organisation):
    if not organisation.logo:
        return None
    with organisation.logo.open("rb") as file:
        return Picture(file.read(), "image/png", alt=organisation.name)
