"""The published editions that somebody may see, as lists show them: by organisation, the versions of one edition together."""

from dataclasses import dataclass, field

from django.db.models import Prefetch

from actions.models import Organisation, Role
from actions.scoping import organisations_of
from indicators.models import Campaign, CampaignKind, Period
from indicators.models.campaign import Phase
from reporting.editions.products import BILAN, CSV, JSON, LEGAL, PDF
from reporting.models import Edition, EditionDraft, EditionFile, EditionKind

OPEN_DATA = {CSV, JSON}
HINTS = 3  # campaigns without a bilan that are named, the latest ones


@dataclass(frozen=True)
class Download:
    """A file of an edition as it is offered: what it is, and whether a browser shows it."""

    file: EditionFile
    label: str
    readable: bool

    @property
    def format(self):
        """« PDF », « XLSX »."""
        return self.file.name.rpartition(".")[2].upper()


@dataclass
class Work:
    """All versions of one edition that somebody may see: `latest`, and those that it replaces, the latest first."""

    latest: Edition
    earlier: list[Edition] = field(default_factory=list)

    @property
    def downloads(self):
        return downloads(self.latest)


@dataclass
class Shelf:
    """What an organisation has published; for its steering team, what it prepares too and what has no bilan yet."""

    organisation: Organisation
    works: list[Work] = field(default_factory=list)
    steered: bool = False
    drafts: list[EditionDraft] = field(default_factory=list)
    without_bilan: list[Campaign] = field(default_factory=list)


def downloads(edition):
    """The files of `edition` as Downloads: what one reads first, the data last."""
    products = LEGAL if edition.is_legal else BILAN
    stem = f"{edition.slug}-v{edition.version}"
    labels = {f"{stem}{product.suffix}": product.label for product in products}
    found = [
        Download(file, labels.get(file.name, file.name), file.content_type == PDF)
        for file in edition.files.all()
    ]
    return sorted(found, key=lambda one: (not one.readable, one.file.content_type in OPEN_DATA, one.label))


def seen_editions(user):
    """The editions that `user` may see with their files, the latest first; without the frozen data, which is long."""
    files = Prefetch("files", queryset=EditionFile.objects.order_by("name", "pk"))
    editions = Edition.objects.visible_to(user).defer("data").select_related("organisation")
    return editions.prefetch_related(files).order_by("-published_at", "-pk")


def works_of(editions):
    """`editions` as Works, in the order of the latest version of each."""
    works = {}
    for edition in sorted(editions, key=lambda row: row.version, reverse=True):
        key = edition.organisation_id, edition.slug
        if key in works:
            works[key].earlier.append(edition)
        else:
            works[key] = Work(edition)
    return sorted(works.values(), key=lambda work: (work.latest.published_at, work.latest.pk), reverse=True)


def shelves(user):
    """The Shelf of each organisation of which `user` sees an edition, by name; without what is being prepared."""
    found = {}
    for work in works_of(seen_editions(user)):
        organisation = work.latest.organisation
        found.setdefault(organisation.pk, Shelf(organisation)).works.append(work)
    return sorted(found.values(), key=lambda shelf: shelf.organisation.name)


def shelves_of_member(user, on):
    """The shelves of `user`, his or her own organisations first, the empty ones too, with what a steering team prepares.

    `on` is the date that tells which campaigns are closed.
    """
    found = {shelf.organisation.pk: shelf for shelf in shelves(user)}
    steered = set(organisations_of(user, Role.STEERING).values_list("organisation", flat=True))
    own = list(Organisation.objects.visible_to(user).order_by("name", "pk"))
    mine = [found.pop(organisation.pk, Shelf(organisation)) for organisation in own]
    if steered:
        _add_preparation({shelf.organisation.pk: shelf for shelf in mine}, steered, user, on)
    return [*sorted(mine, key=lambda shelf: not (shelf.works or shelf.drafts)), *found.values()]


def _add_preparation(mine, steered, user, on):
    for pk in steered:
        mine[pk].steered = True
    drafts = EditionDraft.objects.steered_by(user).select_related("scheme", "corrects")
    for draft in drafts.defer("frozen", "corrects__data").order_by("-created_at", "-pk"):
        mine[draft.organisation_id].drafts.append(draft)
    prepared = {(draft.scheme_id, draft.year) for pk in steered for draft in mine[pk].drafts}
    for campaign in _without_bilan(user):
        shelf = mine[campaign.scheme.organisation_id]
        closed = campaign.phase(on) == Phase.CLOSED
        if (
            closed
            and (campaign.scheme_id, campaign.year) not in prepared
            and len(shelf.without_bilan) < HINTS
        ):
            shelf.without_bilan.append(campaign)


def _without_bilan(user):
    """The campaigns of whole years that no bilan prints, the latest first."""
    collected = Campaign.objects.steered_by(user).filter(period=Period.YEAR, kind=CampaignKind.COLLECTION)
    collected = collected.exclude(editions__kind=EditionKind.BILAN)
    return collected.select_related("scheme").order_by("-year", "scheme__title", "pk")
