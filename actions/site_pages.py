"""The pages that everybody reads: the product's text, what the audit shows, and the part of each organisation."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from actions.audit import read_audit
from actions.models import Organisation, OrganisationPage, PageName
from spaser.french import format_date, format_number, plural, with_unit
from spaser.markdown import Heading, render

FOLDER = Path(__file__).parent / "pages"
AUDIT = FOLDER / "audit.json"
GUIDE = settings.BASE_DIR / "docs" / "guide.md"
API_GUIDE = settings.BASE_DIR / "docs" / "api.md"
EXAMPLE_SITE = "https://spaser.example"  # in its examples, as they read in the repository
ORGANISATION_HERE = "<p>{collectivite}</p>\n"
AUDIT_HERE = "{verifications}"

# what the law asks of the organisation on a page, when it has not written it
MISSING = {
    PageName.LEGAL_NOTICE: "ses mentions légales : éditeur du site, directeur de la publication, hébergeur, contact",
    PageName.PRIVACY: (
        "son information sur les données personnelles : responsable de traitement, finalités, base légale, durées de "
        "conservation, délégué à la protection des données, exercice des droits"
    ),
    PageName.ACCESSIBILITY: "sa part de cette déclaration : à qui signaler un défaut d’accessibilité, et ce qu’elle prévoit pour y remédier",
}
RULES = {
    "wcag2a": "WCAG 2.0 niveau A",
    "wcag2aa": "WCAG 2.0 niveau AA",
    "wcag21a": "WCAG 2.1 niveau A",
    "wcag21aa": "WCAG 2.1 niveau AA",
    "best-practice": "bonnes pratiques",
}
THEMES = {"light": "clair", "dark": "sombre"}


@dataclass(frozen=True)
class SiteText:
    """A shipped text: its title, and its HTML before and after the place of the organisations' parts."""

    title: str
    before: SafeString
    after: SafeString
    headings: tuple[Heading, ...]

    @property
    def contents(self):
        """The headings of a table of contents: sections, and what is right under them."""
        return [heading for heading in self.headings if heading.level <= 3]


@cache
def site_text(page):
    """The shipped text of `page`; that of the accessibility statement carries the figures of the last audit."""
    text = (FOLDER / f"{page.value}.md").read_text(encoding="utf-8")
    return _rendered(text.replace(AUDIT_HERE, audit_words(read_audit(AUDIT))))


@cache
def guide():
    """The long guide of the repository; what it says of its neighbours there leads nowhere here."""
    text = GUIDE.read_text(encoding="utf-8")
    return _rendered(re.sub(r"\[([^\]]+)\]\([\w-]+\.md\)", r"\1", text))


@cache
def api_guide():
    """The guide of the API; its examples ask this site."""
    return _rendered(API_GUIDE.read_text(encoding="utf-8").replace(EXAMPLE_SITE, settings.SITE_URL))


def _rendered(text):
    """The SiteText of a file whose first line is « # Title »."""
    title, _, body = text.partition("\n")
    rendered = render(body)
    before, _, after = rendered.html.partition(ORGANISATION_HERE)
    return SiteText(title.removeprefix("# "), mark_safe(before), mark_safe(after), rendered.headings)


def outline(page):
    """What the law asks an organisation to write on `page`, ready to be filled in; empty where it asks nothing."""
    path = FOLDER / f"modele-{page.value}.md"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


# What the audit shows


def audit_words(audit):
    """What the automatic checks found, in Markdown: the figures of the file and nothing else."""
    if audit.made_on is None:
        return (
            "Aucune vérification automatique n’a encore été enregistrée pour cette version du logiciel : il n’y a aucun chiffre à "
            "donner ici."
        )
    rules = _list(RULES.get(rule, rule) for rule in audit.rules)
    widths = _list(map(str, audit.widths))
    themes = _list(THEMES.get(theme, theme) for theme in audit.themes)
    lines = [
        f"Le {format_date(audit.made_on)}, axe-core {audit.axe} a vérifié ses règles ({rules}) dans le navigateur Chromium, sur :",
        "",
        f"- {_count(len(audit.pages), 'page')} du site ;",
        f"- {_count(len(audit.roles), 'profil')}, du visiteur sans compte à l’équipe de pilotage ;",
        f"- {_count(len(audit.widths), 'largeur')} d’écran ({widths} pixels) ;",
        f"- {_count(len(audit.themes), 'thème')} ({themes}) ;",
        "",
        f"soit **{_count(audit.views, 'vue')}** en tout.",
        "",
        *_findings(audit),
    ]
    return "\n".join(lines)


def _findings(audit):
    if not audit.broken:
        return ["**Aucune de ces règles n’y est enfreinte.**"]
    pages = _count(len(audit.pages_with_violations), "page")
    return [
        f"**Des règles sont enfreintes sur {pages}** ({_list(audit.pages_with_violations)}) :",
        "",
        "| règle d’axe-core | vues où elle est enfreinte |",
        "|---|---|",
        *(f"| {rule} | {format_number(Decimal(count))} |" for rule, count in audit.broken.items()),
    ]


def _count(number, word):
    return with_unit(format_number(Decimal(number)), plural(word, number))


def _list(words):
    """« a, b et c »."""
    *firsts, last = list(words) or [""]
    return f"{', '.join(firsts)} et {last}" if firsts else last


# The part of each organisation


@dataclass(frozen=True)
class Part:
    """What one organisation says on a page; `text` is empty while it has said nothing."""

    organisation: Organisation
    page: PageName
    text: str
    steered: bool

    @property
    def html(self):
        return render(self.text, top=3, prefix=f"{self.organisation.slug}-").html

    @property
    def missing(self):
        """What should be here and is not, in words; empty where nothing has to be."""
        return "" if self.text else MISSING.get(self.page, "")

    @property
    def shown(self):
        """Is there anything to show to this reader?"""
        return bool(self.text or self.missing or self.steered)


@dataclass(frozen=True)
class Parts:
    """What a visitor reads of the organisations: `shown`, and the `choices` of who belongs to none of them.

    `missing` says what none of them has published, to a visitor who finds nothing to choose from.
    """

    shown: list[Part]
    choices: list[Organisation]
    missing: str


def parts_of(page, *, user, slug=""):
    """The Parts of `page`: a member's organisations; without login, the only one of the installation or the one chosen.

    `slug` chooses one of those that `user` may read here. Raises Organisation.DoesNotExist when it is none of them.
    """
    published = {row.organisation: row.text for row in OrganisationPage.objects.published(page)}
    mine = list(Organisation.objects.visible_to(user))
    # an installation of one organisation speaks in its name; of several, a visitor sees those that published here
    everyone = Organisation.objects.all()[:2]
    own = mine or (list(everyone) if len(everyone) == 1 else [])
    choices = [] if own else sorted(published, key=lambda organisation: organisation.name)
    shown = own
    if slug:
        shown = [organisation for organisation in {*own, *published} if organisation.slug == slug]
        if not shown:
            raise Organisation.DoesNotExist
    steered = set(Organisation.objects.steered_by(user)) if mine else set()
    parts = [Part(row, page, published.get(row, ""), row in steered) for row in shown]
    missing = "" if parts or choices else MISSING.get(page, "")
    return Parts([part for part in parts if part.shown], choices, missing)
