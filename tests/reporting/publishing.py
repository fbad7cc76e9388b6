"""Editions to test with: published with files, a bilan with one of everything, and their addresses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.core.files.base import ContentFile
from django.urls import reverse

from reporting.editions.bilan import Cell, Decision, Passage, PillarCount, Row, Sheet, StepLine, Table
from reporting.editions.products import CSV, JSON, PDF
from tests.factories import (
    EditionFactory,
    EditionFileFactory,
    small_bilan,
)

HOSTILE = "<script>alert(1)</script>\"'&"


def text_of(response):
    """The page with ordinary spaces instead of typographic ones."""
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("&nbsp;", " ").replace("&#8239;", " ").split())


def opened(client, user, address):
    if user:
        client.force_login(user)
    return text_of(client.get(address))


def published(organisation, *, version=1, slug="bilan-2026", suffixes=(".pdf",), **fields):
    """An edition with a file for each of `suffixes`, whose bytes say which they are."""
    note = fields.pop("correction_note", "Un total." if version > 1 else "")
    edition = EditionFactory(
        organisation=organisation, slug=slug, version=version, correction_note=note, **fields
    )
    types = {".pdf": PDF, ".csv": CSV, ".json": JSON, "-schema.json": JSON}
    for suffix in suffixes:
        content = f"{suffix} {version}".encode()
        EditionFileFactory(
            edition=edition,
            name=f"{slug}-v{version}{suffix}",
            content_type=types[suffix],
            file=ContentFile(content, "x"),
            size=len(content),
            sha256=sha256(content).hexdigest(),
        )
    return edition


def latest(edition):
    return reverse("edition_latest", args=[edition.organisation.slug, edition.slug])


def latest_file(edition, suffix):
    return f"{latest(edition)}derniere-version{suffix}"


def address(name, edition, **more):
    kwargs = {"slug": edition.organisation.slug, "edition": edition.slug, "version": edition.version}
    return reverse(name, kwargs=kwargs | more)


def a_sheet(code="3", **fields):
    rows = (
        Row(
            code="3-1",
            label="Part",
            unit="%",
            type="percent",
            cells=(
                Cell("10 %", Decimal(10), decimals=0),
                Cell("12,5 %", Decimal("12.5"), comment="Hors travaux", series_break="Nouveau seuil"),
            ),
            evolution="+2,5 points",
            targets=("30 % en 2029",),
            outcome="on_the_way",
            outcome_label="en chemin",
            target_number=Decimal(30),
            target_year=2029,
        ),
    )
    texts = dict.fromkeys(["purpose", "effectiveness", "analysis", "outlook"], "")
    sheet = Sheet(
        code=code,
        heading=f"Action {code}",
        title="Oser les variantes",
        pillar="Axe 1",
        objective="",
        pilots=("Direction des achats",),
        supports=(),
        partners=(),
        reported=True,
        state="en cours",
        targets=(),
        realisation="Un guide.\n\n- Un atelier",
        indicators=(
            Table("3-1", "Part des marchés avec variante", "", rows),
            Table("3-2", "Budget", "", (), refers_to="1 Papier"),
            Table("3-3", "Doublon", "", (), repeats="3-1"),
        ),
        figures=(
            Table("", "Fournitures", "", (Row("", "Ramettes", "", "quantity", (Cell("—"), Cell("120"))),)),
        ),
        notes=(),
        status="brouillon",
        steps=(StepLine("Écrire le guide", "faite"),),
        **texts,
    )
    return replace(sheet, **fields)


def a_bilan(sheets=None, **fields):
    shown = {
        "years": (2025, 2026),
        "engaged": 1,
        "counted": 1,
        "total": 2,
        "expected": 4,
        "filled": 3,
        "sheets": (a_sheet(),) if sheets is None else sheets,
        "pillars": (
            PillarCount(
                "Axe 1",
                "",
                1,
                1,
                (),
                states=(("in_progress", "en cours", 1), ("", "", 1)),
                outcomes=(("reached", "atteinte", 1),),
            ),
        ),
        "foreword": Passage("Avant-propos", "Chères lectrices"),
        "foreword_author": "La présidente",
        "decisions": (Decision("COPIL", date(2026, 6, 1), "Le bilan est adopté."),),
        "definitions": (("3-1", "Part", "Une variante est une offre autre."),),
        "directions": (("DA", "Direction des achats"),),
        "unvalidated": 1,
    }
    return small_bilan(**shown | fields)
