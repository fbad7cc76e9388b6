"""The board of a campaign: what is answered of what is due, until when, who is late, and who sees it."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from actions.models import InvolvementRole
from indicators.board import open_questions, pilots_of
from indicators.models import Campaign, CampaignKind, Report
from indicators.progress import Progress, closing, days_late, deadline, progress_of, together
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    MeasureSourceFactory,
    MembershipFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
)

pytestmark = pytest.mark.django_db

ROLES = ["steering", "pilot", "contributor", "other_pilot", "copil_member"]


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def days(count):
    return timezone.localdate() + timedelta(days=count)


# What is answered of what is due


@pytest.fixture
def report(scheme, action):
    return ReportFactory(campaign=CampaignFactory(scheme=scheme, year=2026), action=action)


def progress(report):
    return progress_of([report])[report.pk]


def test_a_value_or_a_reason_answers_and_a_comment_does_not(report):
    measures = [MeasureFactory(indicator__action=report.action) for _ in range(4)]
    ReadingFactory(report=report, measure=measures[0], number=0)
    ReadingFactory(report=report, measure=measures[1], missing="not_available")
    ReadingFactory(report=report, measure=measures[2], comment="On cherche.")
    assert progress(report) == Progress(answered=2, due=4, missing=(measures[2], measures[3]))
    assert progress(report).percent == 50


def test_either_of_two_alternatives_answers_and_one_is_due(report):
    indicator = IndicatorFactory(action=report.action)
    either = MeasureFactory(indicator=indicator, type="boolean")
    other = MeasureFactory(indicator=indicator, type="percent", alternative_to=either)
    assert progress(report) == Progress(answered=0, due=1, missing=(either,))
    ReadingFactory(report=report, measure=other, number=63)
    assert progress(report) == Progress(answered=1, due=1)


def test_computed_measures_and_those_out_of_force_are_not_due(report):
    source = MeasureSourceFactory(
        measure__indicator__action=report.action,
        measure__computation="sum",
        source__indicator__action=report.action,
    ).source
    MeasureFactory(indicator__action=report.action, valid_from=2027)
    MeasureFactory(indicator__action=report.action, indicator__valid_until=2025)
    assert progress(report) == Progress(answered=0, due=1, missing=(source,))


def test_each_campaign_counts_its_own_readings_and_years(report):
    measure = MeasureFactory(indicator__action=report.action, valid_from=2027)
    next_year = ReportFactory(
        campaign=CampaignFactory(scheme=report.campaign.scheme, year=2027), action=report.action
    )
    ReadingFactory(report=next_year, measure=measure, number=3)
    found = progress_of([report, next_year])
    assert found[report.pk] == Progress()
    assert found[next_year.pk] == Progress(answered=1, due=1)
    assert found[report.pk].percent is None
    assert together(found.values()) == Progress(answered=1, due=1)


def test_progress_takes_two_queries_for_2_reports_and_for_20(report, django_assert_num_queries):
    for more in (1, 18):
        for _ in range(more):
            other = ReportFactory(campaign=report.campaign)
            ReadingFactory(report=other, number=1)
        reports = Report.objects.select_related("campaign", "action")
        assert len(reports) in (2, 20)
        with django_assert_num_queries(2):
            progress_of(reports)


# Until when, and how late


DATES = {
    "opens_on": date(2027, 1, 4),
    "closes_on": date(2027, 3, 31),
    "corrections_until": date(2027, 4, 30),
}


def late(on, *, campaign=None, status="draft"):
    report = Report(campaign=campaign or Campaign(year=2026, **DATES), status=status)
    return deadline(report, on), days_late(report, on)


def test_a_draft_is_late_from_the_day_after_the_closing():
    closes_on = DATES["closes_on"]
    assert late(date(2027, 3, 31)) == (closes_on, 0)
    assert late(date(2027, 4, 1)) == (closes_on, 1)
    assert late(date(2027, 4, 12)) == (closes_on, 12)


def test_a_returned_sheet_has_until_the_end_of_the_corrections():
    assert late(date(2027, 3, 31), status="returned") == (DATES["closes_on"], 0)
    assert late(date(2027, 4, 30), status="returned") == (DATES["corrections_until"], 0)
    assert late(date(2027, 5, 2), status="returned") == (DATES["corrections_until"], 2)


@pytest.mark.parametrize("status", ["submitted", "validated"])
def test_what_is_handed_in_is_never_late(status):
    assert late(date(2027, 6, 1), status=status)[1] == 0


def test_nobody_is_late_in_a_reference_year_or_without_date():
    reference = Campaign(year=2026, kind=CampaignKind.REFERENCE)
    assert late(date(2090, 1, 1), campaign=reference) == (None, 0)
    endless = Campaign(year=2026, opens_on=date(2027, 1, 4))
    assert late(date(2090, 1, 1), campaign=endless) == (None, 0)


def test_a_campaign_closed_by_hand_is_over_that_day():
    # 23:30 in Paris on 14 March is still the 14th there, and the 14th in universal time too
    closed_at = datetime(2027, 3, 14, 22, 30, tzinfo=UTC)
    campaign = Campaign(year=2026, **{**DATES, "corrections_until": None}, closed_at=closed_at)
    assert closing(campaign) == date(2027, 3, 14)
    assert late(date(2027, 3, 20), campaign=campaign) == (date(2027, 3, 14), 6)
    afterwards = Campaign(year=2026, **DATES, closed_at=datetime(2027, 6, 1, tzinfo=UTC))
    assert closing(afterwards) == DATES["closes_on"]


# Who pilots, who should answer


def test_who_pilots_an_action_pilots_its_parts(scheme):
    whole = ActionFactory(objective__pillar__scheme=scheme)
    part = ActionFactory(parent=whole)
    above = InvolvementFactory(action=whole).direction
    own = InvolvementFactory(action=part).direction
    InvolvementFactory(action=part, role=InvolvementRole.SUPPORT)
    InvolvementFactory(action=part, direction__active=False)
    report = ReportFactory(campaign__scheme=scheme, action=part)
    assert pilots_of([report]) == {report.pk: (own, above)}


def test_who_did_not_write_last_should_answer(report, organisation, steering, pilot):
    line = MeasureFactory(indicator__action=report.action)

    def write(author, minute, measure=None, **fields):
        at = datetime(2027, 2, 1, 9, minute, tzinfo=UTC)
        RemarkFactory(report=report, measure=measure, author=author, written_at=at, **fields)

    write(pilot, 1)
    write(steering, 2)
    write(pilot, 3, line)
    to_team, to_pilots = open_questions([report], organisation)
    assert (to_team[report.pk], to_pilots[report.pk]) == (1, 1)
    write(pilot, 4)
    write(steering, 5, line, asks_correction=True)
    to_team, to_pilots = open_questions([report], organisation)
    assert (to_team[report.pk], to_pilots[report.pk]) == (1, 0)


# The page


@pytest.fixture
def campaign(scheme):
    """Closed three days ago, corrections still open."""
    return CampaignFactory(scheme=scheme, opens_on=days(-60), closes_on=days(-3), corrections_until=days(5))


@pytest.fixture
def sheets(campaign, action):
    """One report of each status, by status; the draft is that of `action`."""

    def of(status, **traits):
        action = ActionFactory(objective__pillar__scheme=campaign.scheme, title=f"Fiche {status}")
        return ReportFactory(campaign=campaign, action=action, **traits)

    return {
        "validated": of("validated", validated=True),
        "submitted": of("submitted", submitted=True),
        "returned": of("returned", returned=True),
        "draft": ReportFactory(campaign=campaign, action=action),
    }


def board(client, campaign, query=""):
    return client.get(campaign.get_absolute_url() + query)


def shown(response):
    return [row.report for row in response.context["rows"]]


def statuses(response):
    return [report.status for report in shown(response)]


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("steering", {"draft", "returned", "submitted", "validated"}),
        ("pilot", {"draft", "submitted", "validated"}),
        ("contributor", {"draft", "submitted", "validated"}),
        ("other_pilot", {"submitted", "validated"}),
        ("copil_member", {"validated"}),
    ],
)
@pytest.mark.parametrize("view", ["", "?vue=direction"])
def test_everyone_sees_the_sheets_of_their_role(role, seen, view, request, client, campaign, sheets):
    client.force_login(request.getfixturevalue(role))
    response = board(client, campaign, view)
    assert set(statuses(response)) == seen
    for status, sheet in sheets.items():
        assert (sheet.get_absolute_url() in response.content.decode()) == (status in seen)


def test_a_stranger_and_a_visitor_find_nothing(client, campaign, stranger):
    assert board(client, campaign).url.startswith(reverse("login"))
    client.force_login(stranger)
    assert board(client, campaign).status_code == 404


@pytest.mark.parametrize("key", ["2031", "2026-S1", "2026-S2", "x", "²026", "2026-S1-S1"])
def test_a_campaign_that_is_not_there(key, client, campaign, steering):
    client.force_login(steering)
    assert client.get(reverse("campaign", args=[campaign.scheme.slug, key])).status_code == 404


def test_the_latest_come_first_then_what_is_still_owed(client, steering, campaign, sheets):
    client.force_login(steering)
    assert statuses(board(client, campaign)) == ["draft", "returned", "submitted", "validated"]
    page = text_of(board(client, campaign))
    assert "3 jours de retard" in page
    assert "non rendue" in page
    assert f"5 jours avant le {campaign.corrections_until:%d/%m/%Y}" in page
    assert "rendue le 01/02/2027" in page


def test_a_pilot_finds_the_own_sheets_first(client, pilot, campaign, sheets, action):
    direction = pilot.memberships.get().direction
    validated = sheets["validated"].action
    InvolvementFactory(action=validated, direction=direction)
    client.force_login(pilot)
    assert [report.action for report in shown(board(client, campaign))][:2] == [action, validated]
    groups = board(client, campaign, "?vue=direction").context["by_direction"]
    assert groups[0].direction == direction
    assert [row.report.action for row in groups[0].rows] == [action, validated]


def test_directions_with_the_latest_come_first(client, steering, organisation, campaign):
    names = ["Achats", "Bâtiments", "Culture"]
    directions = [DirectionFactory(organisation=organisation, name=name) for name in names]
    for direction, traits in zip(directions, ({"validated": True}, {"submitted": True}, {}), strict=True):
        report = ReportFactory(campaign=campaign, **traits)
        InvolvementFactory(action=report.action, direction=direction)
    ReportFactory(campaign=campaign, submitted=True)
    shared = ActionFactory(scheme=campaign.scheme, objective=None, nature="shared")
    ReportFactory(campaign=campaign, action=shared, submitted=True)
    client.force_login(steering)
    groups = board(client, campaign, "?vue=direction").context["by_direction"]
    assert [group.name for group in groups] == [
        "Culture",
        "Achats",
        "Bâtiments",
        "Sans pilote",
        "Équipe de pilotage",
    ]
    assert [(group.handed_in, group.late, group.days_late) for group in groups[:2]] == [(0, 1, 3), (1, 0, 0)]


def test_the_summary_counts_what_is_seen(client, steering, campaign, sheets):
    measures = [MeasureFactory(indicator__action=sheets["draft"].action) for _ in range(4)]
    ReadingFactory(report=sheets["draft"], measure=measures[0], number=7)
    client.force_login(steering)
    response = board(client, campaign)
    summary = response.context["summary"]
    assert summary.by_status == {"draft": 1, "submitted": 1, "returned": 1, "validated": 1}
    assert (summary.total, summary.late, summary.lacking_pilot) == (4, 1, 3)
    assert "1 sur 4 données (25 %)" in text_of(response)
    assert "<strong>1</strong> non rendue" in text_of(response)


def test_a_copil_member_reads_how_many_sheets_are_validated(client, copil_member, campaign, sheets):
    client.force_login(copil_member)
    page = text_of(board(client, campaign))
    assert "Vous voyez 1 fiche sur les 4 de la campagne : les autres sont encore à remplir" in page
    assert "retard" not in page
    assert "Conduire la campagne" not in page
    assert 'name="report"' not in page


def test_the_steering_team_ticks_sheets_to_review(client, steering, campaign, sheets):
    client.force_login(steering)
    page = board(client, campaign).content.decode()
    for sheet in sheets.values():
        assert f'name="report" value="{sheet.pk}" form="relecture"' in page
    assert reverse("campaign_review", args=[campaign.scheme.slug, campaign.key]) in page
    assert [sheets["submitted"].action.code] == re.findall(r"Relire<[^>]*> la fiche ([^<]+)<", page)


def test_filters(client, steering, campaign, sheets, action, pilot):
    part = ActionFactory(parent=action, title="Économie circulaire")
    of_part = ReportFactory(campaign=campaign, action=part)
    client.force_login(steering)
    found = {
        "?status=submitted": [sheets["submitted"]],
        "?late=on": [sheets["draft"], of_part],
        "?late=on&q=ECONOMIE": [of_part],
        "?q=dmg": [sheets["draft"], of_part],
        "?direction=DMG": [sheets["draft"], of_part],
        "?direction=DMG&status=validated": [],
        "?without_pilot=on": [sheets["returned"], sheets["submitted"], sheets["validated"]],
        f"?pillar={action.objective.pillar.code}": [sheets["draft"], of_part],
    }
    for query, expected in found.items():
        response = board(client, campaign, query)
        assert set(shown(response)) == set(expected), query
        assert f"{len(expected)} fiche" in text_of(response)
    assert "Aucune fiche ne répond à ces critères." in text_of(
        board(client, campaign, "?direction=DMG&status=validated&vue=direction")
    )


def test_a_filter_that_is_not_understood_hides_nothing_and_says_so(client, steering, campaign, sheets):
    client.force_login(steering)
    response = board(client, campaign, "?status=perdue&direction=%00")
    assert len(shown(response)) == 4
    assert "errorlist" in response.content.decode()


def test_nobody_is_chased_in_a_reference_year(client, steering, scheme, action):
    reference = CampaignFactory(scheme=scheme, kind="reference", year=2022)
    ReportFactory(campaign=reference, action=action)
    client.force_login(steering)
    page = text_of(board(client, reference))
    assert "année de référence" in page
    assert "jours de retard" not in page
    assert board(client, reference).context["summary"].late == 0


def test_questions_are_shown_to_those_who_take_part(client, steering, pilot, other_pilot, campaign):
    report = ReportFactory(campaign=campaign, submitted=True)
    direction = pilot.memberships.get().direction
    InvolvementFactory(action=report.action, direction=direction)
    RemarkFactory(report=report, author=steering)
    for user, seen in ((steering, True), (pilot, True), (other_pilot, False)):
        client.force_login(user)
        assert ("1 question à la direction" in text_of(board(client, campaign))) == seen


def test_invented_values_say_so(client, pilot, scheme, action):
    invented = CampaignFactory(scheme=scheme, demonstration=True)
    client.force_login(pilot)
    assert "Données de démonstration : valeurs inventées." in text_of(board(client, invented))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("query", ["", "?vue=direction&q=fiche"])
def test_the_board_takes_as_many_queries_for_2_sheets_as_for_20(
    role, query, request, client, campaign, action, pilot, django_assert_max_num_queries
):
    client.force_login(request.getfixturevalue(role))
    pillar, direction = action.objective.pillar, pilot.memberships.get().direction
    counts = []
    for more in (2, 18):
        for _ in range(more):
            whole = ActionFactory(objective__pillar=pillar, title="Fiche entière")
            InvolvementFactory(action=whole, direction=direction)
            report = ReportFactory(campaign=campaign, action=ActionFactory(parent=whole), validated=True)
            ReadingFactory(report=report, number=1)
            RemarkFactory(report=report, author=MembershipFactory(direction=direction).user)
        with django_assert_max_num_queries(100) as queries:
            response = board(client, campaign, query)
        assert response.status_code == 200
        counts.append(len(queries))
    assert len(shown(response)) == 20
    assert counts[0] == counts[1]
