"""The page of a direction: what it pilots and supports, in which years, and who may see whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import InvolvementRole, Role
from indicators.models import CampaignKind
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    ReadingFactory,
    ReportFactory,
    SchemeFactory,
    TargetFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def text_of(response):
    """The page with ordinary spaces instead of typographic ones."""
    return " ".join(response.content.decode().replace("&nbsp;", " ").replace("\u00a0", " ").split())


@pytest.fixture
def direction(pilot):
    return pilot.memberships.get().direction


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(scheme=scheme, year=2026)


def opened(client, user, direction, query=""):
    client.force_login(user)
    response = client.get(direction.get_absolute_url() + query)
    assert response.status_code == 200
    return text_of(response)


def test_what_it_pilots_supports_and_is_partner_of(client, steering, direction, action, campaign):
    for role, title in (
        (InvolvementRole.SUPPORT, "Trier le papier"),
        (InvolvementRole.PARTNER, "Prêter un local"),
    ):
        other = ActionFactory(objective=action.objective, title=title)
        InvolvementFactory(action=other, direction=direction, role=role)
    ActionFactory(objective=action.objective, title="Sans elle")
    measure = MeasureFactory(indicator__action=action, indicator__name="Marchés réservés")
    TargetFactory(measure=measure, value=10, year=2026)
    before = CampaignFactory(scheme=campaign.scheme, year=2025, kind=CampaignKind.REFERENCE)
    for year, number in ((before, 8), (campaign, 12)):
        report = ReportFactory(campaign=year, action=action, validated=True, state="in_progress")
        ReadingFactory(report=report, measure=measure, number=number)
    page = opened(client, steering, direction)
    places = [
        page.index(words)
        for words in (
            "Pilote <",
            action.title,
            "En appui <",
            "Trier le papier",
            "Partenaire <",
            "Prêter un local",
        )
    ]
    assert places == sorted(places)
    assert "Sans elle" not in page
    assert f'badge-validated" href="{report.get_absolute_url()}">Validée' in page
    assert 'badge-in_progress">En cours' in page and "1 sur 1</span>" in page
    assert 'badge-reached">1 atteinte' in page
    assert "Ses indicateurs en 2026 (1 ligne)" in page
    assert 'data-label="2025">8<' in page and 'data-label="2026">12<' in page and "+50,0 %" in page


def test_a_part_says_of_which_action_it_is_when_that_is_another_s(
    client, steering, direction, action, campaign
):
    whole = ActionFactory(objective=action.objective, title="Tout le mobilier")
    part = ActionFactory(parent=whole, title="Les chaises")
    InvolvementFactory(action=part, direction=direction)
    own = ActionFactory(parent=action, title="Les tables")
    taken = ActionFactory(parent=action, title="Les lampes")
    InvolvementFactory(action=taken, direction=DirectionFactory(organisation=direction.organisation))
    page = opened(client, steering, direction)
    assert "Les chaises" in page and "Tout le mobilier" in page  # named as a note
    assert own.title in page  # who pilots the action pilots its parts
    assert "Les lampes" not in page  # unless the part names somebody else


def test_each_reader_sees_what_he_or_she_may(
    client, direction, action, campaign, copil_member, other_pilot, steering
):
    measure = MeasureFactory(indicator__action=action)
    report = ReportFactory(campaign=campaign, action=action, state="done")
    ReadingFactory(report=report, measure=measure, number=4567)
    for user in (copil_member, other_pilot):
        page = opened(client, user, direction)
        assert action.title in page
        assert "4 567" not in page and "Réalisée" not in page and "Brouillon" not in page
        assert "pas encore lisible" in page
    page = opened(client, steering, direction)
    assert "4 567" in page and "Réalisée" in page and "Brouillon" in page


def test_the_people_are_for_the_team_and_for_themselves(
    client, direction, pilot, other_pilot, copil_member, steering
):
    MembershipFactory(
        user=UserFactory(first_name="Anne", last_name="Martin"), direction=direction, role=Role.CONTRIBUTOR
    )
    edit = reverse("direction_edit", args=[direction.organisation.slug, direction.pk])
    for user, named, editing in (
        (steering, True, True),
        (pilot, True, False),
        (other_pilot, False, False),
        (copil_member, False, False),
    ):
        page = opened(client, user, direction)
        assert ("Anne Martin" in page, edit in page) == (named, editing), user


def test_a_direction_of_elsewhere_does_not_exist(client, direction, stranger, steering):
    client.force_login(stranger)
    assert client.get(direction.get_absolute_url()).status_code == 404
    client.force_login(steering)
    assert client.get(reverse("direction", args=[direction.organisation.slug, "ZZZ"])).status_code == 404
    assert client.get(reverse("direction", args=["ailleurs", direction.code])).status_code == 404


def test_former_names_lead_to_the_new_one_and_back(client, steering, direction):
    former = DirectionFactory(
        organisation=direction.organisation, name="Service du papier", succeeded_by=direction, active=False
    )
    assert f'href="{former.get_absolute_url()}">Service du papier</a>' in opened(client, steering, direction)
    page = opened(client, steering, former)
    assert "plus en activité" in page and f'href="{direction.get_absolute_url()}"' in page
    assert "n’a part à aucune action" in page


def test_the_years_are_tabs_and_a_year_without_campaign_is_said(
    client, steering, direction, action, campaign
):
    before = CampaignFactory(scheme=campaign.scheme, year=2025)
    ReportFactory(campaign=before, action=action, validated=True, state="suspended")
    ReportFactory(campaign=campaign, action=action, validated=True, state="done")
    assert "Réalisée" in opened(client, steering, direction)
    page = opened(client, steering, direction, "?annee=2025")
    assert "Suspendue" in page and "Réalisée" not in page
    assert '?annee=2025" aria-current="page"' in page
    for wrong in ("1999", "abc", "²", "20260"):
        page = opened(client, steering, direction, f"?annee={wrong}")
        assert "Il n’y a pas de campagne pour l’année demandée" in page and "Réalisée" in page


def test_a_scheme_without_campaign_shows_its_plan(client, steering, direction, action):
    action.due_text = "Fin 2027"
    action.save()
    page = opened(client, steering, direction)
    assert "Ce schéma n’a pas encore de campagne." in page
    assert action.title in page and "Fin 2027" in page


def test_a_former_scheme_is_told_in_a_few_words(client, steering, direction, action):
    former = SchemeFactory(
        organisation=direction.organisation, title="SPASER d’avant", starts_year=2018, ends_year=2021
    )
    for role in (InvolvementRole.PILOT, InvolvementRole.PILOT, InvolvementRole.SUPPORT):
        old = ActionFactory(objective__pillar__scheme=former, title="Vieille action")
        InvolvementFactory(action=old, direction=direction, role=role)
    page = opened(client, steering, direction)
    assert f'href="{former.get_absolute_url()}?direction=DMG">SPASER d’avant</a>' in page
    assert "pilote de 2 fiches, en appui ou partenaire de 1 fiche" in page
    assert "Vieille action" not in page


@pytest.mark.parametrize("count", [2, 20])
def test_the_page_takes_constant_queries(client, steering, direction, action, campaign, count):
    for role in (InvolvementRole.PILOT, InvolvementRole.SUPPORT):
        for _ in range(count):
            other = ActionFactory(objective=action.objective)
            part = ActionFactory(parent=other)
            InvolvementFactory(action=other, direction=direction, role=role)
            measure = MeasureFactory(indicator__action=part)
            TargetFactory(measure=measure)
            report = ReportFactory(campaign=campaign, action=part, submitted=True, state="engaged")
            ReadingFactory(report=report, measure=measure, number=3)
    for _ in range(count):
        DirectionFactory(organisation=direction.organisation, succeeded_by=direction)
        MembershipFactory(direction=direction)
        old = ActionFactory(
            objective__pillar__scheme=SchemeFactory(
                organisation=direction.organisation, starts_year=2018, ends_year=2021
            )
        )
        InvolvementFactory(action=old, direction=direction)
    client.force_login(steering)
    client.get(direction.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        client.get(direction.get_absolute_url())
    assert len(queries) == 26
