"""The list of actions: what narrows it, what sorts it, what each reader finds in it."""

import re
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    InvolvementFactory,
    MeasureFactory,
    ObjectiveFactory,
    PillarFactory,
    ReadingFactory,
    ReportFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(scheme):
    """ALPHA: engaged, half filled, validated. BETA: two parts, of which one is done. GAMMA: nothing yet, without pilot."""
    pillar = PillarFactory(scheme=scheme, code="ENV", title="Environnement")
    objective = ObjectiveFactory(pillar=pillar, code="ENV-1", title="Économiser")
    campaign, before = (CampaignFactory(scheme=scheme, year=year) for year in (2026, 2025))
    direction = DirectionFactory(organisation=scheme.organisation, code="DMG", name="Moyens généraux")
    alpha = ActionFactory(
        objective=objective, code="ALPHA", title="Réemploi du mobilier", due_to=2025, position=1
    )
    beta = ActionFactory(
        objective=objective, code="BETA", title="Achats durables", due_from=2026, due_to=2029, position=2
    )
    gamma = ActionFactory(
        objective__pillar__scheme=scheme, objective__pillar__position=1, code="GAMMA", position=3
    )
    parts = [ActionFactory(parent=beta, code=f"BETA.{letter}", position=n) for n, letter in enumerate("AB")]
    for action in (alpha, beta):
        InvolvementFactory(action=action, direction=direction)
    report = ReportFactory(campaign=campaign, action=alpha, state="engaged", validated=True)
    ReportFactory(campaign=before, action=alpha, state="not_started", validated=True)
    ReportFactory(campaign=campaign, action=parts[0], state="done", submitted=True)
    ReportFactory(campaign=campaign, action=gamma)
    measure = MeasureFactory(indicator__action=alpha)
    TargetFactory(measure=measure, value=D(10), year=2026)
    ReadingFactory(report=report, measure=measure, number=D(12))
    MeasureFactory(indicator__action=alpha)
    MeasureFactory(indicator__action=parts[1])
    return scheme


@pytest.fixture
def look(client, plan):
    def look(user, **query):
        client.force_login(user)
        response = client.get(reverse("action_list", args=[plan.slug]), {"annee": 2026} | query)
        assert response.status_code == 200
        look.text = response.content.decode()
        look.view = response.context["view"]
        return [row.action.code for row in look.view.kept]

    return look


def test_in_the_order_of_the_plan_with_parts_under_their_action(look, steering):
    assert look(steering) == ["ALPHA", "BETA", "BETA.A", "BETA.B", "GAMMA"]
    assert (look.view.counted, look.view.others, look.view.total) == (3, 2, 3)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"etat": "engaged"}, ["ALPHA"]),
        ({"etat": "begun"}, ["ALPHA", "BETA", "BETA.A"]),
        ({"etat": "none"}, ["BETA.B", "GAMMA"]),
        ({"statut": "validated"}, ["ALPHA"]),
        ({"statut": "draft"}, ["GAMMA"]),
        ({"cible": "reached"}, ["ALPHA"]),
        ({"cible": "none"}, ["BETA", "BETA.A", "BETA.B", "GAMMA"]),
        ({"completude": "partial"}, ["ALPHA", "BETA", "BETA.B"]),
        ({"completude": "empty"}, ["BETA", "BETA.B"]),
        ({"completude": "nothing"}, ["BETA.A", "GAMMA"]),
        ({"niveau": "actions"}, ["ALPHA", "BETA", "GAMMA"]),
        ({"niveau": "fiches"}, ["ALPHA", "BETA.A", "BETA.B", "GAMMA"]),
        ({"pilier": "ENV"}, ["ALPHA", "BETA", "BETA.A", "BETA.B"]),
        ({"objectif": "ENV-1", "niveau": "actions"}, ["ALPHA", "BETA"]),
        ({"pilote": "DMG", "niveau": "actions"}, ["ALPHA", "BETA"]),
        ({"pilote": "none"}, ["GAMMA"]),
        ({"direction": "DMG"}, ["ALPHA", "BETA", "BETA.A", "BETA.B"]),
        ({"change": "oui"}, ["ALPHA"]),
        ({"q": "REEMPLOI"}, ["ALPHA"]),
        ({"q": "generaux durables"}, ["BETA", "BETA.A", "BETA.B"]),
    ],
)
def test_what_narrows_the_list(query, codes, look, steering):
    assert look(steering, **query) == codes


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        ("fiche", ["ALPHA", "BETA", "BETA.A", "GAMMA"]),
        ("-etat", ["BETA.A", "BETA", "ALPHA", "GAMMA"]),
        ("statut", ["GAMMA", "BETA.A", "ALPHA", "BETA"]),
        ("-completude", ["ALPHA", "BETA", "BETA.A", "GAMMA"]),
        ("-echeance", ["BETA", "ALPHA", "BETA.A", "GAMMA"]),
        ("cibles", ["ALPHA", "BETA", "BETA.A", "GAMMA"]),
    ],
)
def test_what_sorts_the_list(sort, codes, look, steering):
    """What has no key comes last, in the order of the plan, either way."""
    assert [code for code in look(steering, tri=sort) if code != "BETA.B"] == codes


def test_the_head_of_a_column_sorts_by_it_then_the_other_way(look, steering):
    look(steering, tri="etat", pilier="ENV")
    sorts = {head.label: (head.sorted, re.findall("tri=([^&]*)", head.href)) for head in look.view.heads}
    assert sorts["État"] == ("ascending", ["-etat"])
    assert sorts["Fiche"] == ("", ["fiche"])
    assert sorts["Pilotes"] == ("", [])
    assert (
        '<th scope="col" aria-sort="ascending"><a href="?annee=2026&amp;pilier=ENV&amp;tri=-etat">'
        in look.text
    )
    look(steering, tri="-etat")
    assert 'aria-sort="descending"' in look.text


def test_a_row_tells_the_state_of_the_year_before_and_a_deadline_that_is_over(look, steering):
    look(steering, q="mobilier")
    assert (
        '<span class="badge badge-engaged">engagée</span><span class="note">non engagée en 2025</span>'
        in look.text
    )
    assert '2025 <span class="flag late">passée</span>' in look.text
    look(steering, q="durables", niveau="actions")
    assert "2026-2029" in look.text


def test_a_criterion_is_taken_away_by_its_own_link(look, steering):
    look(steering, etat="engaged", pilier="ENV")
    assert {label: href for label, _, href in look.view.criteria} == {
        "État": "?annee=2026&pilier=ENV",
        "Orientation": "?annee=2026&etat=engaged",
    }


def test_what_is_not_understood_says_so_and_the_rest_still_holds(look, steering):
    assert look(steering, annee="2031", etat="gris", pilier="ENV", niveau="actions") == ["ALPHA", "BETA"]
    assert set(look.view.filter.form.errors) == {"annee", "etat"}
    assert "Ce schéma n’a de campagne que pour 2025, 2026." in look.text


def test_nothing_found_says_so(look, steering):
    assert look(steering, q="introuvable") == []
    assert "Aucune action ne répond à ces critères." in look.text


def test_a_copil_member_finds_the_states_of_validated_sheets(look, copil_member):
    assert look(copil_member, etat="begun") == ["ALPHA"]
    assert look(copil_member, statut="submitted") == []
    assert "D’après les fiches validées." in look.text


def test_a_plan_without_campaign_is_listed_and_says_so(client, scheme, steering):
    ActionFactory(objective__pillar__scheme=scheme, code="SEULE")
    client.force_login(steering)
    response = client.get(reverse("action_list", args=[scheme.slug]))
    assert [row.action.code for row in response.context["view"].kept] == ["SEULE"]
    assert "n’a pas encore de campagne de saisie" in response.content.decode()


def test_a_plan_without_action_says_so(client, scheme, steering):
    client.force_login(steering)
    text = client.get(reverse("action_list", args=[scheme.slug])).content.decode()
    assert "aucune action en vigueur" in text


def test_queries_do_not_grow(client, scheme, steering):
    def fill(number):
        for _ in range(number):
            action = ActionFactory(objective__pillar__scheme=scheme, due_to=2027)
            part = ActionFactory(parent=action)
            InvolvementFactory(action=action)
            ReportFactory(campaign=campaign, action=part, state="engaged", submitted=True)
            TargetFactory(measure=MeasureFactory(indicator__action=part))

    def queries():
        with CaptureQueriesContext(connection) as captured:
            address = reverse("action_list", args=[scheme.slug])
            assert (
                client.get(address, {"tri": "-completude", "etat": "begun", "q": "action"}).status_code == 200
            )
        return len(captured)

    client.force_login(steering)
    campaign = CampaignFactory(scheme=scheme, year=2026)
    fill(2)
    few = queries()
    fill(18)
    assert queries() == few
