"""The home page of each role, and the files of editions that it leads to."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.current import current_schemes
from actions.models import Role, Scheme
from indicators.models import CampaignKind
from indicators.perms import today
from reporting.models import EditionKind
from reporting.moves import moves
from reporting.shares import outcome_shares, state_shares, status_shares
from reporting.situation import situation_of, tally
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    EditionFactory,
    EditionFileFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    OrganisationFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
    SchemeFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db
HOME = "/"


def text_of(response):
    """The page with ordinary spaces instead of typographic ones."""
    return " ".join(response.content.decode().replace("&nbsp;", " ").split())


def opened(client, user, address=HOME):
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return text_of(response)


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(
        scheme=scheme, year=2026, opens_on=today() - timedelta(days=10), closes_on=today() + timedelta(days=3)
    )


@pytest.fixture
def late_campaign(campaign):
    """Open still, but no longer for who has not handed in: the corrections go on."""
    campaign.closes_on, campaign.corrections_until = today() - timedelta(days=2), today() + timedelta(days=9)
    campaign.save()
    return campaign


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def edition_with_file(name="bilan.pdf", content=b"%PDF-1.7 bilan", **fields):
    edition = EditionFactory(**fields)
    EditionFileFactory(
        edition=edition,
        name=name,
        file=ContentFile(content, "stored.bin"),
        size=len(content),
        sha256="ab" * 32,
    )
    return edition


# A visitor


def test_a_visitor_finds_what_is_public_and_nothing_else(client, files):
    ours, theirs = OrganisationFactory(name="Région Nord"), OrganisationFactory(name="Région Sud")
    public = edition_with_file(
        organisation=ours, title="Bilan 2026 : l’année", public=True, version=2, correction_note="Un total."
    )
    edition_with_file(organisation=ours, title="Brouillon de bilan")
    edition_with_file(organisation=theirs, title="Rien de public")
    page = text_of(client.get(HOME))
    assert "Région Nord" in page and "Bilan 2026 : l’année" in page and "version 2" in page
    assert "Ce que corrige cette version : Un total." in page
    assert "publié le 01/03/2027" in page and "14 octets" in page
    assert f'href="{public.get_absolute_url()}"' in page
    assert f'href="{public.files.get().get_absolute_url()}"' in page
    assert f'href="{reverse("editions")}"' in page
    assert reverse("login") in page
    for hidden in ("Région Sud", "Rien de public", "Brouillon de bilan"):
        assert hidden not in page


def test_a_version_that_another_one_replaces_says_so(client, files):
    first = edition_with_file(public=True, slug="bilan", title="Premier")
    assert "remplacée par" not in text_of(client.get(HOME))
    same = {"organisation": first.organisation, "slug": "bilan", "correction_note": "Un total."}
    edition_with_file(version=2, **same)  # not public: a visitor knows nothing of it
    assert "remplacée par" not in text_of(client.get(HOME))
    edition_with_file(version=3, public=True, **same)
    assert text_of(client.get(HOME)).count("remplacée par la version 3") == 1


def test_a_visitor_is_told_when_nothing_is_public(client, scheme):
    EditionFactory(organisation=scheme.organisation)
    page = text_of(client.get(HOME))
    assert "Aucune collectivité n’a encore publié de bilan ici." in page
    assert scheme.organisation.name not in page


@pytest.mark.parametrize("count", [2, 20])
def test_the_public_page_takes_constant_queries(client, files, count):
    for _ in range(count):
        edition_with_file(public=True)
    with CaptureQueriesContext(connection) as queries:
        client.get(HOME)
    assert len(queries) == 2  # the editions with their organisations, their files


# The files of editions


def test_a_public_file_is_downloaded_by_anyone_the_same_at_each_time(client, files):
    edition = edition_with_file(public=True, content=b"%PDF-1.7 le bilan")
    answers = [client.get(edition.files.get().get_absolute_url()) for _ in range(2)]
    assert [answer.getvalue() for answer in answers] == [b"%PDF-1.7 le bilan"] * 2
    assert answers[0]["Content-Type"] == "application/pdf"
    assert answers[0]["Content-Disposition"] == 'attachment; filename="bilan.pdf"'
    assert answers[0]["Content-Security-Policy"].startswith("sandbox")
    assert answers[0]["X-Content-Type-Options"] == "nosniff"


def test_an_edition_that_is_not_public_is_for_the_members(
    client, files, organisation, copil_member, stranger
):
    address = edition_with_file(organisation=organisation).files.get().get_absolute_url()
    assert client.get(address).status_code == 404
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    client.force_login(copil_member)
    assert client.get(address).getvalue() == b"%PDF-1.7 bilan"


def test_a_file_is_found_under_its_own_edition_only(client, files):
    edition, other = edition_with_file(public=True), edition_with_file(public=True, name="autre.pdf")

    def address(edition):
        return reverse("edition_file", args=[edition.organisation.slug, edition.slug, 1, "bilan.pdf"])

    assert client.get(address(other)).status_code == 404
    assert client.get(address(edition)).getvalue()


def test_the_name_of_a_file_is_no_markup(client, files):
    name = "<img src=x onerror=alert(1)>\"'é.pdf"
    edition = edition_with_file(
        public=True, name=name, title="<script>alert(2)</script>", kind=EditionKind.LEGAL
    )
    page = client.get(HOME).content.decode()
    assert "<img src=x" not in page and "<script>alert" not in page
    answer = client.get(edition.files.get().get_absolute_url())
    assert answer.getvalue() == b"%PDF-1.7 bilan"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%3Cimg")


# Who only fills sheets


@pytest.mark.parametrize("name", ["pilot", "contributor", "other_pilot"])
def test_who_fills_sheets_only_is_led_to_them(name, request, client):
    client.force_login(request.getfixturevalue(name))
    assert client.get(HOME).url == reverse("my_work")


def test_without_any_role_one_is_told_what_to_do(client, django_user_model):
    page = opened(client, django_user_model.objects.create_user("seul@exemple.test"))
    assert "demandez une habilitation" in page
    assert reverse("organisation_add") not in page
    root = django_user_model.objects.create_superuser("racine@exemple.test")
    assert reverse("organisation_add") in opened(client, root)


# The steering team


def test_the_pulse_of_a_campaign(client, steering, campaign, action, pilot, measure_of):
    measure_of(action)
    draft = ReportFactory(campaign=campaign, action=action)
    RemarkFactory(report=draft, author=pilot)
    for _ in range(2):
        ReportFactory(campaign=campaign, action__objective=action.objective, submitted=True)
    page = opened(client, steering)
    board = campaign.get_absolute_url()
    assert '3 <small>jours</small></p><p class="figure-label">avant la clôture' in page
    assert "2 <small>sur 3</small>" in page
    assert f'href="{board}?status=submitted">Relire 2 fiches soumises</a>' in page
    assert "Répondre à 1 question" in page and f'href="{draft.get_absolute_url()}"' in page
    assert f'href="{board}?without_pilot=on">Trouver un pilote à 2 fiches</a>' in page
    assert "0 <small>%</small>" in page and "1 donnée manquante sur 1" in page
    assert "2 soumises" in page and "1 brouillon" in page
    assert reverse("direction", args=[campaign.scheme.organisation.slug, "DMG"]) in page
    assert "0 rendue sur 1" in page


def test_who_is_late_comes_first(client, steering, late_campaign, action):
    ReportFactory(campaign=late_campaign, action=action)
    busy = DirectionFactory(organisation=late_campaign.scheme.organisation, name="Archives")
    for _ in range(3):
        done = ActionFactory(objective=action.objective)
        InvolvementFactory(action=done, direction=busy)
        ReportFactory(campaign=late_campaign, action=done, submitted=True)
    page = opened(client, steering)
    assert "9 <small>jours</small>" in page and "pour les corrections" in page
    assert f'href="{late_campaign.get_absolute_url()}?late=on">1 en retard</a>' in page
    assert "1 en retard, jusqu’à 2 jours" in page
    assert "Archives" not in page  # it has handed in all


def test_the_latest_activities_are_told_once_a_day_and_person(client, steering, campaign, action, measure_of):
    author = MembershipFactory(organisation=campaign.scheme.organisation, user__first_name="Zoé").user
    report = ReportFactory(campaign=campaign, action=action, changed_by=author, changed_at=today_at(9))
    for _ in range(3):
        ReadingFactory(
            report=report, measure=measure_of(action), number=1, changed_by=author, changed_at=today_at(10)
        )
    assert opened(client, steering).count("Saisie enregistrée") == 1
    report.submit(by=author, at=today_at(11))
    page = opened(client, steering)
    assert page.count("Saisie enregistrée") == 1 and page.count("Fiche soumise") == 1
    assert page.index("Fiche soumise") < page.index("Saisie enregistrée")
    assert "Zoé" in page


def today_at(hour):
    return timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0)


def test_what_the_plan_leaves_open_is_counted(client, steering, campaign, action):
    action.source_note = "La page est déchirée."
    action.save()
    page = opened(client, steering)
    assert (
        f'href="{reverse("plan_upkeep", args=[campaign.scheme.slug])}">Éclaircir 1 point du plan</a>' in page
    )


def test_without_a_campaign_in_progress_the_team_is_told_so(client, steering, scheme):
    CampaignFactory(scheme=scheme, year=2025, kind=CampaignKind.REFERENCE)
    page = opened(client, steering)
    assert "Aucune campagne n’est en cours." in page
    assert scheme.get_absolute_url() in page


def test_a_team_sees_nothing_of_another(client, stranger, campaign, action):
    ReportFactory(campaign=campaign, action=action)
    page = opened(client, stranger)
    assert campaign.scheme.get_absolute_url() not in page


@pytest.mark.parametrize("count", [2, 20])
def test_the_pulse_takes_constant_queries(client, steering, campaign, action, count, measure_of):
    for _ in range(count):
        other = ActionFactory(objective=action.objective)
        InvolvementFactory(
            action=other, direction=DirectionFactory(organisation=campaign.scheme.organisation)
        )
        report = ReportFactory(campaign=campaign, action=other, submitted=True)
        RemarkFactory(report=report)
        ReadingFactory(report=report, measure=measure_of(other), number=1, changed_by=steering)
    client.force_login(steering)
    client.get(HOME)
    with CaptureQueriesContext(connection) as queries:
        client.get(HOME)
    assert len(queries) == 33


# A COPIL member


@pytest.fixture
def measure_of():
    def make(action, **fields):
        return MeasureFactory(indicator__action=action, **fields)

    return make


@pytest.fixture
def told(scheme, campaign, action, measure_of):
    """One validated sheet that reaches its target, one submitted one; the year before for both."""
    before = CampaignFactory(scheme=scheme, year=2025, kind=CampaignKind.REFERENCE)
    measure = measure_of(action, sense="up", indicator__name="Marchés réservés")
    TargetFactory(measure=measure, value=10, year=2026)
    other = ActionFactory(objective=action.objective, title="Un essai")
    for year, state, number in ((before, "engaged", 8), (campaign, "done", 12)):
        report = ReportFactory(campaign=year, action=action, validated=True, state=state)
        ReadingFactory(report=report, measure=measure, number=number)
    ReportFactory(campaign=campaign, action=other, submitted=True, state="in_progress")
    return campaign


def test_a_copil_member_reads_the_scheme_in_one_page(client, copil_member, told, files):
    edition_with_file(organisation=told.scheme.organisation, title="Bilan 2025")
    page = opened(client, copil_member)
    assert "1 <small>sur 2</small>" in page and "actions engagées" in page
    assert "État indiqué pour 1" in page  # the other sheet is not validated
    assert "1 <small>sur 1</small>" in page and "1 atteinte" in page
    assert "100 <small>%</small>" in page and "D’après les fiches validées." in page
    assert "Ce qui a bougé depuis 2025" in page
    assert "engagée <span" in page and "<strong>réalisée</strong>" in page
    assert "<strong>12 (+50,0 %)</strong>" in page
    assert "Bilan 2025" in page and "bilan.pdf" in page
    assert reverse("dashboard", args=[told.scheme.slug]) in page
    assert "Un essai" not in page


def test_without_campaign_a_copil_member_is_told_so(client, copil_member, scheme):
    page = opened(client, copil_member)
    assert "Il n’y a pas encore de campagne" in page and "Aucun bilan n’est encore publié." in page


def test_who_has_several_roles_has_their_sections_the_most_urgent_first(client, told, steering, scheme):
    directions = DirectionFactory(organisation=scheme.organisation)
    other = ActionFactory(objective__pillar__scheme=scheme, title="À remplir")
    InvolvementFactory(action=other, direction=directions)
    ReportFactory(campaign=told, action=other)
    MembershipFactory(user=steering, direction=directions, role=Role.PILOT)
    elsewhere = CampaignFactory(scheme__title="SPASER d’ailleurs", scheme__starts_year=2026)
    MembershipFactory(user=steering, organisation=elsewhere.scheme.organisation, role=Role.COPIL)
    page = opened(client, steering)
    places = [
        page.index(words)
        for words in (
            "Vos fiches : 1 à remplir",
            "avant la clôture",
            "SPASER d’ailleurs",
            "Dernières éditions",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [2, 20])
def test_the_page_of_a_scheme_takes_constant_queries(client, copil_member, told, count, measure_of):
    for _ in range(count):
        other = ActionFactory(objective=told.reports.first().action.objective)
        InvolvementFactory(action=other, direction=DirectionFactory(organisation=told.scheme.organisation))
        measure = measure_of(other, sense="down")
        TargetFactory(measure=measure)
        report = ReportFactory(campaign=told, action=other, validated=True, state="engaged")
        ReadingFactory(report=report, measure=measure, number=3)
    client.force_login(copil_member)
    client.get(HOME)
    with CaptureQueriesContext(connection) as queries:
        client.get(HOME)
    assert len(queries) == 25


# What these pages are made of


def test_shares_fill_the_bar_whatever_their_number(told, steering):
    found = tally(situation_of(told.scheme, user=steering).actions)
    states = state_shares(found, {"done": "/liste/"})
    assert [(row.key, row.count, row.label, row.start, row.width, row.address) for row in states] == [
        ("done", 1, "réalisée", 0, 500, "/liste/"),
        ("in_progress", 1, "en cours", 500, 500, ""),
    ]
    assert [(row.key, row.label) for row in outcome_shares(found)] == [("reached", "atteinte")]
    thirds = status_shares({"validated": 1, "submitted": 1, "returned": 0, "draft": 1})
    assert [(row.label, row.start, row.width) for row in thirds] == [
        ("validée", 0, 333),
        ("soumise", 333, 333),
        ("brouillon", 666, 334),
    ]
    assert status_shares(dict.fromkeys(("validated", "submitted", "returned", "draft"), 0)) == []


def test_what_moved_is_told_once_and_in_turn(told, steering, measure_of):
    action = told.reports.get(status="validated").action
    lost = measure_of(action, sense="up", indicator__name="Perdue")
    TargetFactory(measure=lost, value=10, each_year=True)
    small = measure_of(action, sense="down", indicator__name="Petite")
    senseless = measure_of(action, indicator__name="Sans sens")
    for year, numbers in ((2025, (10, 100, 1)), (2026, (9, 99, 50))):
        report = told.scheme.campaigns.get(year=year).reports.get(action=action)
        for measure, number in zip((lost, small, senseless), numbers, strict=True):
            ReadingFactory(report=report, measure=measure, number=number)
    situation = situation_of(told.scheme, user=steering)
    found = [(move.key, move.title) for move in moves(situation, most=9)]
    assert found == [
        ("done", str(action)),
        ("reached", "Marchés réservés"),
        ("missed", "Perdue"),
        ("better", "Petite"),
    ]
    assert [move.key for move in moves(situation)] == ["done", "reached", "missed"]


def test_the_schemes_of_today():
    first = SchemeFactory(starts_year=2017)
    organisation = first.organisation
    ours = SchemeFactory(organisation=organisation, starts_year=2022, ends_year=2028)
    SchemeFactory(organisation=organisation, starts_year=2030, ends_year=2033)
    taken_over = SchemeFactory(starts_year=2020, ends_year=2030)
    heir = SchemeFactory(organisation=taken_over.organisation, starts_year=2026, predecessor=taken_over)
    past = SchemeFactory(starts_year=2018, ends_year=2021)
    SchemeFactory(organisation=past.organisation, starts_year=2014, ends_year=2017)
    schemes = list(Scheme.objects.prefetch_related("successors"))
    assert set(current_schemes(schemes, 2026)) == {ours, heir, past}
    assert first in current_schemes(schemes, 2018)
