"""Campaigns as a steering team makes and conducts them, and who may."""

from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from indicators.campaigns import (
    close_now,
    complete_reports,
    create_campaign,
    delete_campaign,
    is_empty,
    missing_actions,
    reopen,
)
from indicators.models import Campaign, CampaignKind, Period, Phase, Report, ReportChange, ReportStatus
from spaser.tracking import Door
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    CampaignPassageFactory,
    HighlightFactory,
    PendingEntryFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
)
from tests.plans import load_plan

pytestmark = pytest.mark.django_db

YEAR = {"year": 2026, "period": "year", "kind": "collection"}
DATES = {
    "opens_on": date(2027, 1, 4),
    "closes_on": date(2027, 3, 31),
    "corrections_until": date(2027, 4, 30),
}
NO_DATES = dict.fromkeys(DATES)


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def today():
    return timezone.localdate()


def days(count):
    return today() + timedelta(days=count)


# Making one


def test_a_campaign_has_a_draft_for_every_action_without_parts(steering):
    # the printed plan: 24 actions and 3 bonus ones; 13 of these 27 are cut into 32 parts in all: 27 - 13 + 32
    scheme = load_plan("pas-de-calais-2026")
    campaign = create_campaign(by=steering, scheme=scheme, **YEAR, **DATES)
    reports = campaign.reports.select_related("action")
    assert len(reports) == 46
    assert sum(report.action.parent_id is not None for report in reports) == 32
    assert sum(report.action.bonus for report in reports) == 3
    assert {report.status for report in reports} == {ReportStatus.DRAFT}
    assert missing_actions(campaign) == []


def test_making_the_reports_is_in_their_history(steering, scheme, action):
    campaign = create_campaign(by=steering, scheme=scheme, **YEAR, **NO_DATES)
    change = ReportChange.objects.get(report_id=campaign.reports.get().pk)
    assert (change.before, change.changed_by, change.door, change.version) == (None, steering, Door.FORM, 1)


def test_a_report_is_made_for_data_sheets_and_not_for_what_is_not_in_force(steering, scheme):
    shared = ActionFactory(scheme=scheme, objective=None, nature="shared")
    ActionFactory(objective__pillar__scheme=scheme, valid_from=2027)
    ActionFactory(objective__pillar__scheme=scheme, valid_until=2025)
    last_year = ActionFactory(objective__pillar__scheme=scheme, valid_until=2026)
    ActionFactory(parent=ActionFactory(objective__pillar__scheme=scheme, valid_until=2025))
    ActionFactory()  # of another scheme
    campaign = create_campaign(by=steering, scheme=scheme, **YEAR, **NO_DATES)
    assert {report.action for report in campaign.reports.all()} == {shared, last_year}


def test_making_a_campaign_takes_as_many_queries_for_2_actions_as_for_20(
    steering, scheme, django_assert_max_num_queries
):
    counts = []
    for year, more in ((2026, 2), (2027, 18)):
        for _ in range(more):
            ActionFactory(objective__pillar__scheme=scheme)
        with django_assert_max_num_queries(100) as queries:
            create_campaign(by=steering, scheme=scheme, **{**YEAR, "year": year}, **NO_DATES)
        counts.append(len(queries))
    assert Report.objects.filter(campaign__year=2027).count() == 20
    assert counts[0] == counts[1]


def test_a_reference_year_keeps_no_dates_and_chases_nobody(steering, scheme, action):
    reference = {**YEAR, "kind": CampaignKind.REFERENCE}
    campaign = create_campaign(by=steering, scheme=scheme, **reference, **DATES)
    assert (campaign.opens_on, campaign.closes_on, campaign.corrections_until) == (None, None, None)
    assert campaign.phase(date(2090, 1, 1)) == Phase.REFERENCE
    assert campaign.reports.count() == 1


def test_a_second_campaign_of_a_year_is_refused_in_french(steering, scheme):
    create_campaign(by=steering, scheme=scheme, **YEAR, **NO_DATES)
    with pytest.raises(ValidationError, match="a déjà une campagne"):
        create_campaign(by=steering, scheme=scheme, **YEAR, **NO_DATES)
    create_campaign(by=steering, scheme=scheme, **{**YEAR, "period": Period.HALF}, **NO_DATES)


def test_actions_that_came_since_get_their_reports(steering, scheme, action):
    campaign = create_campaign(by=steering, scheme=scheme, **YEAR, **NO_DATES)
    new = ActionFactory(objective__pillar__scheme=scheme)
    assert missing_actions(campaign) == [new]
    assert [report.action for report in complete_reports(by=steering, campaign=campaign)] == [new]
    assert complete_reports(by=steering, campaign=campaign) == []
    assert campaign.reports.count() == 2


# Its phases


@pytest.mark.parametrize(
    ("on", "phase"),
    [
        (date(2027, 1, 3), Phase.PLANNED),
        (date(2027, 1, 4), Phase.OPEN),
        (date(2027, 3, 31), Phase.OPEN),
        (date(2027, 4, 1), Phase.CORRECTION),
        (date(2027, 4, 30), Phase.CORRECTION),
        (date(2027, 5, 1), Phase.CLOSED),
    ],
)
def test_dates_are_inclusive(on, phase):
    assert CampaignFactory.build(**DATES).phase(on) == phase


def test_closing_by_hand_then_reopening(steering, scheme):
    campaign = CampaignFactory(scheme=scheme, opens_on=days(-10), closes_on=days(20))
    close_now(by=steering, campaign=campaign)
    campaign.refresh_from_db()
    assert campaign.closed_at is not None
    assert campaign.phase(today()) == Phase.CLOSED
    reopen(by=steering, campaign=campaign, closes_on=days(30), corrections_until=days(40))
    campaign.refresh_from_db()
    assert (campaign.closed_at, campaign.closes_on) == (None, days(30))
    assert campaign.phase(today()) == Phase.OPEN


# Deleting


@pytest.mark.parametrize(
    "put",
    [
        lambda report: ReadingFactory(report=report),
        lambda report: RemarkFactory(report=report),
        lambda report: PendingEntryFactory(report=report),
        lambda report: HighlightFactory(campaign=report.campaign),
        lambda report: CampaignPassageFactory(campaign=report.campaign),
        lambda report: Campaign.objects.filter(pk=report.campaign_id).update(synthesis="Une bonne année."),
        lambda report: report.submit(by=report.changed_by, at=timezone.now()),
        lambda report: Report.objects.filter(pk=report.pk).update(
            state="engaged", version=2, changed_at=timezone.now()
        ),
    ],
)
def test_a_campaign_in_which_something_stands_is_not_empty(steering, scheme, action, put):
    campaign = create_campaign(by=steering, scheme=scheme, **YEAR, **NO_DATES)
    assert is_empty(campaign)
    put(campaign.reports.get())
    assert not is_empty(Campaign.objects.get(pk=campaign.pk))


def test_an_empty_campaign_is_deleted_with_its_sheets(steering, scheme, action):
    campaign = create_campaign(by=steering, scheme=scheme, **YEAR, **NO_DATES)
    delete_campaign(by=steering, campaign=campaign)
    assert not Campaign.objects.exists()
    assert not Report.objects.exists()


# The pages


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(scheme=scheme, opens_on=days(-10), closes_on=days(20))


def post(client, campaign, what, **data):
    return client.post(reverse(what, args=[campaign.scheme.slug, campaign.key]), data)


ROLES = [
    ("steering", 200, 302),
    ("pilot", 200, 403),
    ("contributor", 200, 403),
    ("other_pilot", 200, 403),
    ("copil_member", 200, 403),
    ("stranger", 404, 404),
]
MOVES = [
    "campaign_open",
    "campaign_close",
    "campaign_reopen",
    "campaign_complete",
    "campaign_delete",
    "campaign_conduct",
]


@pytest.mark.parametrize(("role", "reading", "steering_it"), ROLES)
def test_who_reads_and_who_conducts(role, reading, steering_it, request, client, campaign, action):
    client.force_login(request.getfixturevalue(role))
    address = reverse("campaigns", args=[campaign.scheme.slug])
    assert client.get(address).status_code == reading
    assert client.get(campaign.get_absolute_url()).status_code == reading
    conduct = reverse("campaign_conduct", args=[campaign.scheme.slug, campaign.key])
    assert client.get(conduct).status_code == (200 if steering_it == 302 else steering_it)
    new = {"year": 2027, "period": "year", "kind": "collection"}
    assert client.post(address, new).status_code == steering_it
    assert Campaign.objects.count() == (2 if steering_it == 302 else 1)


@pytest.mark.parametrize("move", MOVES)
def test_moves_are_the_steering_teams_and_by_post_only(move, client, campaign, pilot, stranger, steering):
    address = reverse(move, args=[campaign.scheme.slug, campaign.key])
    assert client.post(address, {"close-confirmed": "on", "delete-confirmed": "on"}).status_code == 403
    for user, status in ((pilot, 403), (stranger, 404)):
        client.force_login(user)
        assert client.post(address, {"close-confirmed": "on", "delete-confirmed": "on"}).status_code == status
    if move != "campaign_conduct":
        client.force_login(steering)
        assert client.get(address).status_code == 405
    assert Campaign.objects.get() == campaign
    assert Campaign.objects.get().closed_at is None


def test_the_form_makes_a_campaign(client, steering, scheme, action):
    client.force_login(steering)
    data = {**YEAR, "opens_on": "04/01/2027", "closes_on": "2027-03-31", "corrections_until": ""}
    response = client.post(reverse("campaigns", args=[scheme.slug]), data, follow=True)
    assert "La campagne 2026 est créée, avec 1 fiche à remplir." in text_of(response)
    campaign = Campaign.objects.get()
    assert (campaign.opens_on, campaign.closes_on) == (DATES["opens_on"], DATES["closes_on"])
    assert campaign.reports.get().changed_by == steering


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"closes_on": "2026-12-31"}, "La clôture précède l’ouverture."),
        ({"corrections_until": "2027-03-30"}, "Les corrections finissent après la clôture."),
        ({"closes_on": ""}, "Fixez la clôture : des corrections la suivent."),
        ({"opens_on": "0027-01-04"}, "Cette date est hors de portée"),
        ({"year": "1066"}, "1990"),
        ({"kind": "reference"}, "Une année de référence n’a pas de dates : videz ce champ."),
        ({"year": "2025"}, "2025 est hors des années du schéma (2026-2029)."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(client, steering, scheme, wrong, message):
    client.force_login(steering)
    good = {name: value.isoformat() for name, value in DATES.items()}
    response = client.post(reverse("campaigns", args=[scheme.slug]), {**YEAR, **good, **wrong})
    assert message in text_of(response)
    assert f'value="{wrong.get("opens_on", good["opens_on"])}"' in response.content.decode()
    assert not Campaign.objects.exists()


def test_a_year_outside_the_scheme_is_made_when_it_is_meant(client, steering, scheme):
    client.force_login(steering)
    address = reverse("campaigns", args=[scheme.slug])
    assert "outside_years" not in client.get(address).content.decode()
    data = {**YEAR, "year": 2030}
    assert "outside_years" in client.post(address, data).content.decode()
    assert client.post(address, {**data, "outside_years": "on"}).status_code == 302
    assert Campaign.objects.get().year == 2030


def test_a_reference_year_may_come_before_the_scheme(client, steering, scheme):
    client.force_login(steering)
    data = {**YEAR, "year": 2022, "kind": "reference"}
    assert client.post(reverse("campaigns", args=[scheme.slug]), data).status_code == 302
    assert Campaign.objects.get().kind == CampaignKind.REFERENCE


def test_the_same_year_twice_is_said_beside_the_year(client, steering, campaign):
    client.force_login(steering)
    response = client.post(reverse("campaigns", args=[campaign.scheme.slug]), YEAR)
    assert "Ce schéma a déjà une campagne pour cette période." in text_of(response)


def test_opening_now(client, steering, scheme):
    client.force_login(steering)
    campaign = CampaignFactory(scheme=scheme, opens_on=days(5), closes_on=days(20))
    post(client, campaign, "campaign_open")
    campaign.refresh_from_db()
    assert campaign.opens_on == today()
    assert campaign.phase(today()) == Phase.OPEN


def test_opening_after_the_closing_date_is_refused(client, steering, scheme):
    client.force_login(steering)
    campaign = CampaignFactory(scheme=scheme, closes_on=days(-1))
    response = post(client, campaign, "campaign_open")
    assert "changez d’abord les dates" in text_of(client.get(response.url))
    campaign.refresh_from_db()
    assert campaign.opens_on is None


def test_closing_asks_to_tick_the_box_first(client, steering, campaign):
    client.force_login(steering)
    assert "Cochez cette case pour confirmer." in text_of(post(client, campaign, "campaign_close"))
    campaign.refresh_from_db()
    assert campaign.closed_at is None
    assert post(client, campaign, "campaign_close", **{"close-confirmed": "on"}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.phase(today()) == Phase.CLOSED


def test_closing_twice_keeps_the_first_moment(client, steering, campaign):
    at = datetime(2026, 1, 2, tzinfo=UTC)
    Campaign.objects.filter(pk=campaign.pk).update(closed_at=at)
    client.force_login(steering)
    post(client, campaign, "campaign_close", **{"close-confirmed": "on"})
    campaign.refresh_from_db()
    assert campaign.closed_at == at


def test_reopening_by_the_form(client, steering, campaign):
    close_now(by=steering, campaign=campaign)
    client.force_login(steering)
    past = post(client, campaign, "campaign_reopen", **{"reopen-closes_on": days(-1).isoformat()})
    assert "Cette date est passée : la campagne ne rouvrirait pas." in text_of(past)
    post(client, campaign, "campaign_reopen", **{"reopen-closes_on": days(9).isoformat()})
    campaign.refresh_from_db()
    assert (campaign.phase(today()), campaign.closes_on) == (Phase.OPEN, days(9))


def test_changing_the_dates_does_not_open_what_was_closed_by_hand(client, steering, campaign):
    close_now(by=steering, campaign=campaign)
    client.force_login(steering)
    dates = {"opens_on": days(-10).isoformat(), "closes_on": days(50).isoformat()}
    response = client.get(post(client, campaign, "campaign_conduct", **dates).url)
    assert "La campagne est close : rien ne s’y modifie plus." in text_of(response)
    campaign.refresh_from_db()
    assert (campaign.closes_on, campaign.phase(today())) == (days(50), Phase.CLOSED)


def test_dates_in_disorder_change_nothing(client, steering, campaign):
    client.force_login(steering)
    dates = {"opens_on": days(5).isoformat(), "closes_on": days(4).isoformat()}
    response = post(client, campaign, "campaign_conduct", **dates)
    assert "La clôture précède l’ouverture." in text_of(response)
    campaign.refresh_from_db()
    assert campaign.closes_on == days(20)


def test_a_reference_year_takes_no_dates_by_any_button(client, steering, scheme):
    campaign = CampaignFactory(scheme=scheme, kind="reference")
    client.force_login(steering)
    for move in ("campaign_open", "campaign_close", "campaign_reopen", "campaign_conduct"):
        assert post(client, campaign, move, opens_on=days(0), **{"close-confirmed": "on"}).status_code in (
            200,
            302,
        )
    campaign.refresh_from_db()
    assert (campaign.opens_on, campaign.closed_at) == (None, None)


def test_missing_sheets_are_added_from_the_board(client, steering, campaign, action):
    client.force_login(steering)
    assert "1 fiche manque" in text_of(client.get(campaign.get_absolute_url()))
    assert "1 fiche en plus dans la campagne 2026." in text_of(
        client.get(post(client, campaign, "campaign_complete").url)
    )
    assert campaign.reports.get().action == action
    assert "Ajouter les fiches manquantes" not in text_of(client.get(campaign.get_absolute_url()))


def test_deleting_is_confirmed_and_only_while_empty(client, steering, campaign, action):
    client.force_login(steering)
    report = ReportFactory(campaign=campaign, action=action)
    assert "Cochez cette case pour confirmer." in text_of(post(client, campaign, "campaign_delete"))
    ReadingFactory(report=report)
    response = post(client, campaign, "campaign_delete", **{"delete-confirmed": "on"})
    assert "la campagne n’est pas supprimée" in text_of(client.get(response.url))
    empty = CampaignFactory(scheme=campaign.scheme, year=2028)
    post(client, empty, "campaign_delete", **{"delete-confirmed": "on"})
    assert Campaign.objects.get() == campaign


def test_the_list_of_a_demonstration_says_so(client, pilot, scheme):
    CampaignFactory(scheme=scheme, demonstration=True)
    client.force_login(pilot)
    page = text_of(client.get(reverse("campaigns", args=[scheme.slug])))
    assert "2026 (démonstration)" in page
    assert "Créer une campagne" not in page


def test_the_plan_leads_to_the_campaigns(client, pilot, scheme):
    client.force_login(pilot)
    assert reverse("campaigns", args=[scheme.slug]) in client.get(scheme.get_absolute_url()).content.decode()


def test_the_list_takes_as_many_queries_for_2_campaigns_as_for_20(
    client, steering, scheme, django_assert_max_num_queries
):
    client.force_login(steering)
    counts = []
    for years in (range(2000, 2002), range(2002, 2020)):
        for year in years:
            ReportFactory(campaign=CampaignFactory(scheme=scheme, year=year))
        with django_assert_max_num_queries(100) as found:
            client.get(reverse("campaigns", args=[scheme.slug]))
        counts.append(len(found))
    assert counts[0] == counts[1]
