"""The page of a published bilan: all that the frozen document says, and nothing else."""

from decimal import Decimal

import pytest

from reporting.editions.bilan import Cell, Row, Table, Zoom
from reporting.editions.frozen import freeze
from reporting.editions.imprint import Picture
from tests.factories import (
    OrganisationFactory,
    small_bilan,
)

from .publishing import HOSTILE, a_bilan, a_sheet, address, opened, published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def page_of(client, organisation, bilan):
    edition = published(organisation, public=True, data=freeze(bilan))
    return opened(client, None, edition.get_absolute_url())


def test_a_page_keeps_the_name_that_the_organisation_had(client, organisation):
    edition = published(organisation, public=True, data=freeze(a_bilan(organisation="Département d’alors")))
    page = opened(client, None, edition.get_absolute_url())
    assert '<p class="kicker">Département d’alors</p>' in page
    assert "<dd>Département d’alors, <cite>" in page


def test_every_part_of_a_bilan_stands_on_its_page(client, organisation):
    page = page_of(client, organisation, a_bilan())
    for words in (
        '1 <small>sur 2</small></p> <p class="figure-label">action engagée<',
        '3 <small>sur 4</small></p> <p class="figure-label">relevés renseignés<',
        "1 fiche de 2026 n’a pas été validée avant",
        '<h2 id="avant-propos">Avant-propos</h2>',
        "Chères lectrices",
        "La présidente",
        '<h3 id="action-3">Action 3 : Oser les variantes</h3>',
        'href="#action-3"',
        "fiche non validée : brouillon",
        "<p>Un guide.</p><ul><li>Un atelier</li></ul>",
        "Écrire le guide",
        '<th scope="row">Part des marchés avec variante<',
        '<span class="target">30 % en 2029</span>',
        '<span class="badge badge-on_the_way">en chemin</span>',
        '<span class="value">10 %</span>',
        "‖ Rupture de série : Nouveau seuil",
        '<span class="value">12,5 %</span><span class="comment">Hors travaux</span>',
        'data-label="Évolution">+2,5 points</td>',
        "Saisi une fois, à la fiche : 1 Papier.",
        "Répète l’indicateur 3-1.",
        '<th scope="row">Ramettes<',
        '<span class="value">120</span>',
        "Le bilan est adopté.",
        "Une variante est une offre autre.",
        "<dt>DA</dt><dd>Direction des achats</dd>",
        "Action 3 : Oser les variantes, 2025 et 2026, en %. Part des marchés avec variante : 10 % en 2025, 12,5 % en 2026 "
        "(rupture de série : Nouveau seuil), cible 2029 : 30 %",
        "Actions par état en 2026. Ensemble : en cours 1, sans fiche dans ce bilan 1, sans état indiqué 1",
    ):
        assert words in page, words
    assert "Devenir des cibles en 2026" not in page  # all alike: nothing to share out


def test_all_sheets_are_unfolded_on_demand(client, organisation):
    edition = published(organisation, public=True, data=freeze(a_bilan()))
    folded = opened(client, None, edition.get_absolute_url())
    assert "<details open" not in folded and 'href="?tout=1#actions"' in folded
    unfolded = opened(client, None, f"{edition.get_absolute_url()}?tout=1")
    assert unfolded.count("<details open") == 4 and 'href="?tout=0#actions"' in unfolded


def test_an_empty_bilan_has_a_page(client, organisation):
    page = page_of(client, organisation, small_bilan())
    assert "Ce bilan ne donne la fiche d’aucune action." in page
    assert "<svg" not in page and "Zoom" not in page


def test_a_bilan_of_one_year_has_neither_evolution_nor_chart(client, organisation):
    row = Row("a", "Nombre", "", "count", (Cell("7", Decimal(7)),))
    sheet = a_sheet(indicators=(Table("a", "Nombre de marchés", "", (row, row)),), figures=())
    page = page_of(client, organisation, a_bilan((sheet,), years=(2026,), pillars=()))
    assert '<th scope="rowgroup" colspan="2">Nombre de marchés</th>' in page
    assert '<span class="value">7</span>' in page
    assert "Évolution</th>" not in page and "<svg" not in page


def test_the_parts_of_an_action_say_who_pilots_it(client, organisation):
    whole = a_sheet("4", pilots=())
    assert page_of(client, organisation, a_bilan((whole,))).count("Non indiqué") == 1
    parted = a_bilan((whole, a_sheet("4.A", parent="4")))
    page = page_of(client, OrganisationFactory(), parted)
    assert "Non indiqué" not in page and page.count("edition-action of-action") == 1


def test_a_demonstration_says_so(client, organisation):
    page = page_of(client, organisation, a_bilan(invented=(2026,)))
    assert "Démonstration : les valeurs de 2026 sont inventées." in page
    assert "2026 (démonstration)</th>" in page


def test_what_people_wrote_is_text(client, organisation):
    sheet = a_sheet(title=HOSTILE, realisation=HOSTILE, analysis=HOSTILE, state=HOSTILE, pilots=(HOSTILE,))
    zoom = Zoom(HOSTILE, HOSTILE, HOSTILE, Picture(b"x", "image/png", alt=HOSTILE, credit=HOSTILE))
    page = page_of(client, organisation, a_bilan((sheet,), zooms=(zoom,), synthesis=HOSTILE))
    assert "<script>alert" not in page
    assert 'alt="&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;"' in page


def test_the_page_is_that_of_the_frozen_document_whatever_became_of_the_plan(client, scheme):
    scheme.title = "Autre titre"
    scheme.save()
    page = page_of(client, scheme.organisation, a_bilan())
    assert "Oser les variantes" in page and "Autre titre" not in page


def test_the_picture_of_a_zoom_is_served_as_it_was_frozen(client, organisation, copil_member):
    zooms = (
        Zoom("Action 1", "Sans image", "Texte"),
        Zoom("Action 2", "Avec", "Texte", Picture(b"\xff\xd8jpeg", "image/jpeg", alt="Un verger")),
        Zoom("Action 3", "Douteuse", "Texte", Picture(b"<svg onload='alert(1)'>", "image/svg+xml")),
    )
    edition = published(organisation, data=freeze(a_bilan(zooms=zooms)))
    paths = [address("edition_picture", edition, rank=rank) for rank in (0, 1, 2, 3, 4)]
    assert {client.get(path).status_code for path in paths} == {404}
    page = opened(client, copil_member, edition.get_absolute_url())
    assert f'<img src="{paths[2]}" alt="Un verger"' in page
    answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [404, 404, 200, 404, 404]
    assert answers[2].content == b"\xff\xd8jpeg" and answers[2]["Content-Type"] == "image/jpeg"
