"""The demonstration's editions: the bilan of 2017, which is the document's own, and an invented legal publication in two versions.

What is invented is written in `fixtures/demonstration/` and says so wherever it shows.
"""

from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from ruamel.yaml import YAML

from actions.models import Buyer, Organisation, Scheme, User
from indicators.models import Campaign, LegalCategory
from reporting.editions.making import publish_now
from reporting.models import Edition, EditionDraft, EditionFile, EditionKind, LegalFigure
from spaser.files import delete_once_committed

DATA = Path(settings.BASE_DIR) / "fixtures" / "demonstration" / "ville-metropole-legal.yaml"
BILAN = ("pas-de-calais-2017", 2017)


def create():
    """The editions made; those that are there already are left alone."""
    return [*_bilan(), *_legal()]


def _bilan():
    slug, year = BILAN
    scheme = Scheme.objects.select_related("organisation").get(slug=slug)
    if Edition.objects.filter(organisation=scheme.organisation, slug=f"bilan-{slug}-{year}").exists():
        return []
    by = User.objects.get(email=_invented()["by"])
    draft, _ = EditionDraft.objects.get_or_create(
        kind=EditionKind.BILAN,
        organisation=scheme.organisation,
        scheme=scheme,
        first_year=year,
        last_year=year,
        defaults={"title": f"Bilan {year}", "public": True, "created_by": by, "created_at": timezone.now()},
    )
    return [publish_now(draft, by=by)]


def _legal():
    data = _invented()
    organisation = Organisation.objects.get(slug=data["organisation"])
    first, last = map(int, data["years"])
    if Edition.objects.filter(organisation=organisation, kind=EditionKind.LEGAL).exists():
        return []
    by = User.objects.get(email=data["by"])
    _give(data, organisation, data["figures"], by)
    _say_why(data, organisation, (first, last), by)
    _give(data, organisation, data["corrected"], by)
    draft = {
        "kind": EditionKind.LEGAL,
        "organisation": organisation,
        "first_year": first,
        "last_year": last,
        "title": data["title"],
        "foreword": data["foreword"],
        "created_by": by,
    }
    version = publish_now(EditionDraft.objects.create(**draft, created_at=timezone.now()), by=by)
    _give(data, organisation, data["figures"], by)
    correction = EditionDraft.objects.create(
        **draft, created_at=timezone.now(), corrects=version, correction_note=data["correction_note"]
    )
    return [version, publish_now(correction, by=by)]


def _invented():
    return YAML(typ="base", pure=True).load(DATA.read_text(encoding="utf-8"))


def _give(data, organisation, figures, by):
    """Put `figures`, {buyer: {category: {basis: {year: [numerator, denominator, unfilled]}}}}, in the place of what was given."""
    for buyer, categories in figures.items():
        for category, bases in categories.items():
            target, until = data["targets"].get(category, (None, None))
            for basis, years in bases.items():
                for year, (numerator, denominator, unfilled) in years.items():
                    _keep(
                        organisation,
                        (buyer, category, basis, year),
                        by,
                        numerator=Decimal(numerator),
                        denominator=Decimal(denominator),
                        unfilled=Decimal(unfilled),
                        target=target and Decimal(target),
                        target_year=until and int(until),
                        threshold=Decimal(data["threshold"]),
                        perimeter=data["perimeter"],
                        source=data["source"],
                        extracted_on=data["extracted_on"],
                    )


def _say_why(data, organisation, years, by):
    for buyer, categories in data["not_followed"].items():
        for category, reason in categories.items():
            for basis in ("contracts", "value"):
                for year in years:
                    _keep(organisation, (buyer, category, basis, year), by, not_followed=reason)


def _keep(organisation, line, by, **values):
    buyer, category, basis, year = line
    LegalFigure.objects.update_or_create(
        buyer=Buyer.objects.get(organisation=organisation, code=buyer),
        category=LegalCategory.objects.get(organisation=None, code=category),
        basis=basis,
        year=int(year),
        defaults={**values, "demonstration": True, "changed_by": by, "changed_at": timezone.now()},
    )


# Removing


def invented_editions():
    """The editions in which something is invented."""
    return Edition.objects.exclude(data__document__invented=[])


def remove():
    """Delete what is invented: the figures, the editions with their files, what was being prepared of invented campaigns.

    An edition of real data stays, whoever published it.
    """
    editions = invented_editions()
    files = EditionFile.objects.filter(edition__in=editions)
    prepared = Q(corrects__in=editions)
    for scheme, year in Campaign.objects.filter(demonstration=True).values_list("scheme", "year"):
        prepared |= Q(scheme=scheme, last_year=year)
    drafts = EditionDraft.objects.filter(prepared)
    for file in [*(row.file for row in files), *(draft.preview for draft in drafts)]:
        delete_once_committed(file)
    drafts.delete()
    files.delete()
    editions.delete()
    LegalFigure.objects.filter(demonstration=True).delete()


def what_there_is():
    """{French plural: how many} of what would be removed; only what there is some of."""
    counts = {
        "éditions": invented_editions().count(),
        "chiffres légaux": LegalFigure.objects.filter(demonstration=True).count(),
    }
    return {name: count for name, count in counts.items() if count}
