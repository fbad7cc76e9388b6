"""Search over the plans and what is said of them each year: what holds all the words, among what a reader may see."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Case, F, Value, When
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from actions.models import (
    Action,
    Committee,
    Direction,
    Involvement,
    Meeting,
    Objective,
    Passage,
    Pillar,
    Scheme,
    Step,
)
from actions.tree import document_order
from indicators.models import Campaign, CampaignKind, ExtraFigure, Indicator, Measure, Report
from reporting.excerpts import excerpt, marked
from spaser.folding import Fold, holds
from spaser.french import NO_BREAK, format_date
from spaser.text import fold_letters

MANY = 8  # results of a kind, when all kinds are shown
PAGE = 20  # results of a page, when one kind is


@dataclass(frozen=True)
class Found:
    """What a row says of itself: its title, where it leads and where it stands (`context`)."""

    title: str
    url: str
    scheme: Scheme | None = None
    code: str = ""
    context: str = ""
    campaign: Campaign | None = None

    @property
    def place(self):
        """« Département du Nord, 2026-2030 »: whose plan, and of when; titles of schemes are much the same."""
        said = (self.scheme.organisation.name, self.scheme.period) if self.scheme else ()
        return ", ".join(filter(None, said))


@dataclass(frozen=True)
class Result:
    """A row found, as shown; `section` names the field that the excerpt is of, where it may be of several."""

    found: Found
    title: SafeString
    section: str
    excerpt: SafeString


@dataclass(frozen=True)
class Kind:
    """One kind of thing that is searched.

    `titles`: the fields whose words put a row first. `texts`: those of which an excerpt is shown. `scheme`: the relation
    to its scheme, if it has one. `unless`: a relation to a row that stands for this one when it is found itself.
    """

    key: str
    label: str
    model: type[models.Model]
    describe: Callable[[models.Model], Found]
    order: tuple
    titles: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    scheme: str = "scheme"
    related: tuple[str, ...] = ()
    unless: str = ""

    def rows(self, words, *, user, scheme):
        """What `user` may see that holds all the folded `words`: first where the title does, then as the plan goes."""
        rows = self.model.objects.visible_to(user).filter(holds(words))
        if self.unless:
            rows = rows.exclude(holds(words, f"{self.unless}__searched"))
        if scheme is not None:
            rows = rows.filter(_within(self, scheme))
        if self.titles:
            rows = rows.alias(searched_title=Fold(*self.titles))
            first = Case(When(holds(words, "searched_title"), then=Value(0)), default=Value(1))
            rows = rows.order_by(first, *self.order, "pk")
        else:
            rows = rows.order_by(*self.order, "pk")
        related = (*self.related, f"{self.scheme}__organisation") if self.scheme else self.related
        return rows.select_related(*related).defer("searched")

    def result(self, row, words):
        found = self.describe(row)
        section, text = self._best_text(row, words)
        return Result(found, marked(found.title, words), section, excerpt(text, words))

    def _best_text(self, row, words):
        """(its French name, the text) that holds most of the words; the first one when several do."""
        texts = [(name, text) for name in self.texts if (text := getattr(row, name))]
        if not texts:
            return "", ""
        name, text = max(texts, key=lambda pair: sum(word in fold_letters(pair[1]) for word in words))
        said = capfirst(self.model._meta.get_field(name).verbose_name) if len(self.texts) > 1 else ""
        return said, text


@dataclass(frozen=True)
class Group:
    """The results of one kind; `page` of all of them."""

    kind: Kind
    page: Page
    results: list[Result] = field(default_factory=list)

    @property
    def total(self):
        return self.page.paginator.count


def search(words, *, user, scheme=None, kind=None, page=1):
    """[Group] of the kinds in which something is found; of one `kind`, that page. Two queries a kind."""
    groups = []
    for searched in KINDS if kind is None else [kind]:
        rows = searched.rows(words, user=user, scheme=scheme)
        found = Paginator(rows, MANY).page(1) if kind is None else Paginator(rows, PAGE).get_page(page)
        if found.paginator.count:
            groups.append(Group(searched, found, [searched.result(row, words) for row in found]))
    return groups


def _within(kind, scheme):
    """The condition that a row is of `scheme`; of a direction, that it takes part in it."""
    if kind.model is Direction:
        return models.Q(pk__in=Involvement.objects.filter(action__scheme=scheme).values("direction"))
    if kind.model is Scheme:
        return models.Q(pk=scheme.pk)
    return models.Q(**{kind.scheme: scheme})


def _scheme_order(path="scheme"):
    return (F(f"{path}__starts_year").desc(nulls_last=True), path)


def _scheme(scheme):
    return Found(str(scheme), scheme.get_absolute_url(), context=scheme.organisation.name)


def _pillar(pillar):
    url = f"{pillar.scheme.get_absolute_url()}#pillar-{pillar.code}"
    return Found(str(pillar), url, pillar.scheme, code=pillar.code)


def _objective(objective):
    pillar = _pillar(objective.pillar)
    return Found(str(objective), pillar.url, objective.scheme, objective.code, context=pillar.title)


def _action(action):
    context = str(action.parent or "")
    return Found(str(action), action.get_absolute_url(), action.scheme, action.code, context)


def _step(step):
    return Found(step.title, step.action.get_absolute_url(), step.scheme, context=str(step.action))


def _indicator(indicator):
    url, context = indicator.get_absolute_url(), str(indicator.action)
    return Found(indicator.name, url, indicator.scheme, indicator.code, context)


def _measure(measure):
    indicator = measure.indicator
    return Found(measure.label, indicator.get_absolute_url(), measure.scheme, measure.code, indicator.name)


def _report(report):
    action, campaign = report.action, report.campaign
    context = "" if campaign.kind == CampaignKind.REFERENCE else f"Fiche {report.get_status_display()}"
    return Found(str(action), report.get_absolute_url(), campaign.scheme, action.code, context, campaign)


def _figure(figure):
    report = _report(figure.report)
    title = f"{figure.heading}{NO_BREAK}: {figure.label}" if figure.heading else figure.label
    context = f"{figure.display}, {report.title}"
    return Found(title, report.url, report.scheme, context=context, campaign=report.campaign)


def _passage(passage):
    scheme = passage.scheme
    if passage.action:
        url, context = passage.action.get_absolute_url(), str(passage.action)
    elif pillar := passage.pillar or (passage.objective and passage.objective.pillar):
        url, context = _pillar(pillar).url, str(passage.objective or pillar)
    else:
        url, context = f"{scheme.get_absolute_url()}#document", ""
    title = passage.heading or context or str(scheme)
    return Found(title, url, scheme, context=context if passage.heading else "")


def _committee(committee):
    return Found(committee.name, f"{committee.scheme.get_absolute_url()}#instances", committee.scheme)


def _meeting(meeting):
    committee = _committee(meeting.committee)
    title = f"{committee.title}, réunion du {format_date(meeting.held_on)}"
    return Found(title, committee.url, committee.scheme)


def _direction(direction):
    url = reverse("direction", args=[direction.organisation.slug, direction.code])
    return Found(direction.name, url, code=direction.code, context=direction.organisation.name)


KINDS = [
    Kind(
        key="actions",
        label="Actions",
        model=Action,
        describe=_action,
        titles=("code", "title"),
        texts=("purpose", "implementation", "expected_results", "due_text"),
        order=(*_scheme_order(), *document_order()),
        related=("parent__scheme",),
    ),
    Kind(
        key="indicateurs",
        label="Indicateurs",
        model=Indicator,
        describe=_indicator,
        titles=("code", "name"),
        texts=("definition",),
        order=(*_scheme_order(), *document_order("action__"), "position"),
        related=("action__scheme",),
    ),
    Kind(
        key="grandeurs",
        label="Grandeurs",
        model=Measure,
        describe=_measure,
        order=(*_scheme_order(), *document_order("indicator__action__"), "indicator__position", "position"),
        related=("indicator__scheme", "item"),
        unless="indicator",
    ),
    Kind(
        key="fiches",
        label="Fiches annuelles",
        model=Report,
        describe=_report,
        texts=Report.SECTIONS,
        order=(
            "-campaign__year",
            "-campaign__period",
            *_scheme_order("campaign__scheme"),
            *document_order("action__"),
        ),
        scheme="campaign__scheme",
        related=("campaign", "action__scheme"),
    ),
    Kind(
        key="chiffres",
        label="Autres données chiffrées",
        model=ExtraFigure,
        describe=_figure,
        titles=("heading", "label"),
        texts=("note",),
        order=(
            "-report__campaign__year",
            *_scheme_order("report__campaign__scheme"),
            *document_order("report__action__"),
            "position",
        ),
        scheme="report__campaign__scheme",
        related=("report__campaign", "report__action__scheme"),
    ),
    Kind(
        key="etapes",
        label="Étapes",
        model=Step,
        describe=_step,
        order=(*_scheme_order(), *document_order("action__"), "position"),
        related=("action__scheme",),
    ),
    Kind(
        key="piliers",
        label="Piliers et axes",
        model=Pillar,
        describe=_pillar,
        titles=("code", "title"),
        texts=("introduction",),
        order=(*_scheme_order(), "position"),
    ),
    Kind(
        key="objectifs",
        label="Objectifs et chantiers",
        model=Objective,
        describe=_objective,
        titles=("code", "title"),
        texts=("introduction",),
        order=(*_scheme_order(), "pillar__position", "position"),
        related=("pillar__scheme",),
    ),
    Kind(
        key="passages",
        label="Passages du plan",
        model=Passage,
        describe=_passage,
        titles=("heading",),
        texts=("text",),
        order=(*_scheme_order(), "position"),
        related=(
            "action__scheme",
            "pillar__scheme",
            "objective__scheme",
            "objective__pillar__scheme",
        ),
    ),
    Kind(
        key="instances",
        label="Instances",
        model=Committee,
        describe=_committee,
        titles=("name",),
        texts=("role", "composition", "frequency"),
        order=(*_scheme_order(), "position"),
    ),
    Kind(
        key="reunions",
        label="Réunions",
        model=Meeting,
        describe=_meeting,
        texts=("decisions",),
        order=("-held_on",),
        scheme="committee__scheme",
    ),
    Kind(
        key="directions",
        label="Directions et partenaires",
        model=Direction,
        describe=_direction,
        order=("organisation__name", "name"),
        scheme="",
        related=("organisation",),
    ),
    Kind(
        key="schemas",
        label="Schémas",
        model=Scheme,
        describe=_scheme,
        titles=("title",),
        texts=("adoption_text",),
        order=("organisation__name", F("starts_year").desc(nulls_last=True)),
        scheme="",
        related=("organisation",),
    ),
]
