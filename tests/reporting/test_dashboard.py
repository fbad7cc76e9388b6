"""The dashboard: its counts, what moved, what to look at, for whom; and each figure leads to a list of as many."""

import re
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.models import InvolvementRole, Role
from indicators.outcomes import Outcome
from reporting.dashboard import (
    FIRST,
    direction_rows,
    disagreements,
    evolutions,
    newly_filled,
    pillar_rows,
    what_moved,
    year_rows,
    years_chart,
)
from reporting.lists import Lists
from reporting.situation import situation_of
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    ObjectiveFactory,
    PillarFactory,
    ReadingFactory,
    ReportFactory,
    SeriesBreakFactory,
    TargetFactory,
)
from tests.plans import load_plan

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 21)


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(scheme=scheme, year=2026)


@pytest.fixture
def before(scheme):
    return CampaignFactory(scheme=scheme, year=2025)


@pytest.fixture
def pillar(scheme):
    return PillarFactory(scheme=scheme, code="P1", title="Acheter mieux")


def make_action(pillar, **values):
    return ActionFactory(objective__pillar=pillar, **values)


def make_measure(action, values=(), **fields):
    """A measure of `action` with a value in each campaign: {campaign: number}."""
    measure = MeasureFactory(indicator__action=action, **fields)
    for campaign, number in dict(values).items():
        report = action.reports.filter(campaign=campaign).first()
        report = report or ReportFactory(campaign=campaign, action=action, submitted=True)
        ReadingFactory(report=report, measure=measure, number=number)
    return measure


def situation(scheme, user):
    return situation_of(scheme, user=user, year=2026)


def page(client, scheme, user, query=""):
    client.force_login(user)
    return client.get(reverse("dashboard", args=[scheme.slug]) + query)


def plain(response):
    """The text of a page, without tags, its spaces made one."""
    text = re.sub(r"<(script|style|svg).*?</\1>|<[^>]*>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(text.replace("&nbsp;", " ").split())


# The page


def test_the_bilan_of_2017_in_figures(client):
    scheme = load_plan("pas-de-calais-2017")
    copil = MembershipFactory(organisation=scheme.organisation, role=Role.COPIL).user
    text = plain(page(client, scheme, copil))
    assert "13 sur 13 actions engagées" in text
    assert "94 % des données renseignées 44 sur 47 attendues" in text
    assert "0 sur 1 cible atteinte 1 jugée par un chiffre" in text
    assert "D’après les fiches validées" in text
    assert "L’état des actions en 2016 n’est pas indiqué" in text


def test_a_reference_year_awaits_nothing_and_tells_no_state(client):
    scheme = load_plan("pas-de-calais-2017")
    copil = MembershipFactory(organisation=scheme.organisation, role=Role.COPIL).user
    text = plain(page(client, scheme, copil, "?annee=2016"))
    assert "– sur 13 action engagée Aucun état n’est indiqué" in text
    assert "Année de référence : rien n’est attendu" in text
    assert "Il n’y a pas de campagne 2015 : 2016 ne se compare à rien." in text


def test_a_scheme_without_campaign_says_so_and_the_steering_team_can_make_one(
    client, scheme, steering, copil_member
):
    campaigns = f'<a class="button" href="{reverse("campaigns", args=[scheme.slug])}">'
    for user, invited in ((steering, True), (copil_member, False)):
        response = page(client, scheme, user)
        assert response.status_code == 200
        assert "n’a pas encore de campagne de saisie" in plain(response)
        assert (campaigns in response.content.decode()) is invited


@pytest.mark.parametrize("asked", ["2031", "abc", "-1", "٢٠٢٦"])
def test_a_year_without_campaign_is_not_found_and_the_others_are_named(
    asked, client, campaign, before, steering
):
    response = page(client, campaign.scheme, steering, f"?annee={asked}")
    assert response.status_code == 404
    assert "Années disponibles : 2025 , 2026" in plain(response)


def test_the_year_asked_is_shown_among_the_years(client, campaign, before, steering):
    content = page(client, campaign.scheme, steering, "?annee=2025").content.decode()
    assert '<a href="?annee=2025" aria-current="page">2025</a>' in content
    assert '<a href="?annee=2026">2026</a>' in content


def test_invented_values_say_so(client, campaign, steering):
    campaign.demonstration = True
    campaign.save()
    assert "Données de démonstration" in plain(page(client, campaign.scheme, steering))


def test_late_sheets_are_told_to_the_steering_team_alone(client, campaign, pillar, steering, copil_member):
    campaign.opens_on, campaign.closes_on = (timezone.localdate() - timedelta(days=days) for days in (30, 2))
    campaign.save()
    action = make_action(pillar)
    InvolvementFactory(action=action)
    ReportFactory(campaign=campaign, action=action)
    assert "0 rendue, 1 en retard" in plain(page(client, campaign.scheme, steering))
    seen = plain(page(client, campaign.scheme, copil_member))
    assert "en retard" not in seen and "rendue" not in seen


# By pillar


def test_objectives_without_title_are_shown_nowhere(campaign, pillar, steering):
    titled = ObjectiveFactory(pillar=pillar, title="Consommer moins")
    for objective in (titled, ObjectiveFactory(pillar=pillar, title="")):
        ReportFactory(campaign=campaign, action=ActionFactory(objective=objective), state="engaged")
    scheme = campaign.scheme
    (row,) = pillar_rows(situation(scheme, steering), Lists(scheme, 2026))
    assert (row.pillar.tally.actions, row.pillar.tally.engaged) == (2, 2)
    assert [(part.item, part.tally.actions) for part in row.objectives] == [(titled, 1)]


# By direction


def test_two_pilots_have_the_action_both_and_a_support_has_not(campaign, pillar, steering):
    action = make_action(pillar)
    first, second = (InvolvementFactory(action=action).direction for _ in range(2))
    InvolvementFactory(action=action, role=InvolvementRole.SUPPORT)
    rows = direction_rows(situation(campaign.scheme, steering), ON)
    assert {row.direction: row.tally.actions for row in rows} == {first: 1, second: 1}


def test_who_pilots_a_part_takes_part_in_the_action_but_not_in_the_other_parts(campaign, pillar, steering):
    action = make_action(pillar)
    parts = [ActionFactory(parent=action) for _ in range(3)]
    pilots = [InvolvementFactory(action=part).direction for part in parts[:2]]
    for part in parts:
        ReportFactory(campaign=campaign, action=part, state="engaged", submitted=part == parts[0])
        MeasureFactory(indicator__action=part)
    rows = direction_rows(situation(campaign.scheme, steering), ON)
    assert {
        row.direction: (row.tally.actions, row.tally.engaged, row.tally.progress.due) for row in rows
    } == {
        pilots[0]: (1, 1, 1),
        pilots[1]: (1, 1, 1),
        None: (1, 1, 1),
    }
    assert [(row.sheets.handed_in, row.sheets.total) for row in rows if row.direction == pilots[0]] == [
        (1, 1)
    ]
    assert rows[-1].direction is None


def test_shared_data_lack_no_pilot(campaign, pillar, steering):
    make_action(pillar, nature="shared")
    assert direction_rows(situation(campaign.scheme, steering), ON) == []


# Year after year


def test_each_year_has_its_own_count_and_what_is_not_told_is_no_zero(campaign, before, pillar, steering):
    action = make_action(pillar)
    measure = make_measure(action, {campaign: 12})
    TargetFactory(measure=measure, value=D(10), year=2026)
    make_measure(action)
    former, last = year_rows(situation(campaign.scheme, steering))
    assert (former.engaged_share, former.reached_share, former.tally.progress.percent) == (None, None, 0)
    assert (last.engaged_share, last.reached_share, last.tally.progress.percent) == (None, 100, 50)


def test_there_is_no_chart_of_a_single_year(campaign, pillar, steering):
    make_measure(make_action(pillar), {campaign: 12})
    assert years_chart(year_rows(situation(campaign.scheme, steering))) is None


# What moved


def moved(scheme, user):
    lists = what_moved(situation(scheme, user), Lists(scheme, 2026))
    return {found.title: [(move.before, move.after) for move in found.moves] for found in lists}


def test_states_that_changed_and_not_those_told_for_the_first_time(campaign, before, pillar, steering):
    for old, new in (("engaged", "done"), ("engaged", "engaged"), ("", "engaged"), ("done", "")):
        action = make_action(pillar)
        ReportFactory(campaign=before, action=action, state=old)
        ReportFactory(campaign=campaign, action=action, state=new)
    assert moved(campaign.scheme, steering) == {"États qui ont changé": [("engagée", "réalisée")]}


def test_evolutions_the_largest_first_and_never_of_what_does_not_compare(campaign, before, pillar, steering):
    action = make_action(pillar)
    doubled = make_measure(action, {before: 10, campaign: 20})
    halved = make_measure(action, {before: 8, campaign: 4}, sense="down")
    SeriesBreakFactory(measure=make_measure(action, {before: 1, campaign: 90}), year=2026)
    make_measure(action, {before: 5})
    make_measure(action, {campaign: 5})
    make_measure(action, {before: 0, campaign: 5})
    make_measure(action, {before: 7, campaign: 7})
    found = evolutions(situation(campaign.scheme, steering))
    assert [(move.title, move.key, move.after) for move in found] == [
        (doubled.indicator.name, "up", "20 (+100,0\u00a0%)"),
        (halved.indicator.name, "better", "4 (−50,0\u00a0%)"),
    ]


def test_targets_reached_and_missed_since_the_year_before(campaign, before, pillar, steering):
    action = make_action(pillar)
    for old, new, year in ((5, 12, 2028), (5, 8, 2026), (12, 14, 2028), (5, 7, 2028)):
        TargetFactory(measure=make_measure(action, {before: old, campaign: new}), value=D(10), year=year)
    found = moved(campaign.scheme, steering)["Cibles atteintes ou manquées"]
    assert found == [("5", "12 (+140,0\u00a0%)"), ("5", "8 (+60,0\u00a0%)")]


def test_a_target_judged_by_the_value_of_its_deadline_has_not_moved(
    client, campaign, before, pillar, steering
):
    CampaignFactory(scheme=campaign.scheme, year=2024)
    former = campaign.scheme.campaigns.get(year=2024)
    measure = make_measure(make_action(pillar), {former: 5, before: 12})
    TargetFactory(measure=measure, value=D(10), year=2024)
    response = page(client, campaign.scheme, steering, "?annee=2026")
    assert "Cibles atteintes ou manquées" not in plain(response)


def test_new_values_are_entered_ones_of_measures_already_there(campaign, before, pillar, steering):
    action = make_action(pillar)
    new = make_measure(action, {campaign: 3})
    make_measure(action, {before: 2, campaign: 3})
    make_measure(action, {campaign: 3}, valid_from=2026)
    assert [move.title for move in newly_filled(situation(campaign.scheme, steering))] == [new.indicator.name]


def test_a_list_shows_the_first_and_leads_to_the_rest(client, campaign, before, pillar, steering):
    action = make_action(pillar)
    for number in range(FIRST + 2):
        make_measure(action, {before: 10, campaign: 20 + number})
    text = plain(page(client, campaign.scheme, steering))
    assert f"Plus fortes évolutions {FIRST + 2}" in text
    assert "et 2 autres" in text


def test_a_copil_member_reads_no_move_of_an_open_sheet(client, campaign, before, pillar, copil_member):
    action = make_action(pillar)
    ReportFactory(campaign=before, action=action, validated=True, state="engaged")
    ReportFactory(campaign=campaign, action=action, submitted=True, state="done")
    measure = make_measure(action, {before: 10, campaign: 41_007})
    TargetFactory(measure=measure, value=D(20), year=2026)
    text = plain(page(client, campaign.scheme, copil_member, "?annee=2026"))
    assert "Rien de ce que vous pouvez lire n’a bougé entre 2025 et 2026." in text
    assert "007" not in text and "réalisée" not in text


# What to look at


@pytest.mark.parametrize(
    ("state", "value", "outcome"),
    [
        ("done", 3, Outcome.MISSED),
        ("not_started", 12, Outcome.REACHED),
        ("done", 12, None),
        ("not_started", 3, None),
        ("engaged", 3, None),
        ("", 12, None),
    ],
)
def test_where_people_and_figures_disagree(state, value, outcome, campaign, pillar, steering):
    action = make_action(pillar)
    ReportFactory(campaign=campaign, action=action, state=state, submitted=True)
    TargetFactory(measure=make_measure(action, {campaign: value}), value=D(10), year=2026)
    found = disagreements(situation(campaign.scheme, steering))
    assert [(row.sheet.action, row.outcome, row.count) for row in found] == (
        [(action, outcome, 1)] if outcome else []
    )


# Each figure leads to the list behind it


@pytest.fixture
def rich(campaign, before, pillar):
    """Actions in all states, one with parts; targets with every outcome."""
    direction = DirectionFactory(organisation=campaign.scheme.organisation, code="DMG")
    states = ("done", "in_progress", "engaged", "engaged", "not_started", "suspended", "")
    for rank, state in enumerate(states):
        action = make_action(pillar, code=f"A{rank}")
        InvolvementFactory(action=action, direction=direction)
        sheet = ActionFactory(parent=action, code=f"A{rank}.A") if rank == 2 else action
        ReportFactory(campaign=campaign, action=sheet, state=state, validated=rank % 2 == 0)
        values = {campaign: 4 * rank} if rank != 4 else {}
        TargetFactory(measure=make_measure(sheet, values), value=D(10), year=2026 if rank % 2 else 2029)
        make_measure(sheet)
    TargetFactory(measure=None, scheme=campaign.scheme, action=action)
    return campaign.scheme


def listed(client, address):
    """(how many actions, how many measures) the list at `address` shows."""
    response = client.get(address)
    assert response.status_code == 200
    view = response.context["view"]
    assert [str(error) for errors in view.filter.form.errors.values() for error in errors] == []
    if hasattr(view, "counted"):
        return view.counted, sum(not row.sheet.parts for row in view.kept)
    return None, view.measures


def test_each_figure_leads_to_a_list_of_as_many(client, rich, steering):
    context = page(client, rich, steering, "?annee=2026").context
    lists, count = context["lists"], context["tally"]
    assert listed(client, lists.engaged)[0] == count.engaged == 4
    assert listed(client, lists.missing)[1] == count.progress.due - count.progress.answered == 8
    assert listed(client, lists.validated)[1] == context["validated"] == 4
    assert {share.key: listed(client, share.address)[0] for share in context["states"]} == {
        "done": 1,
        "in_progress": 1,
        "engaged": 2,
        "not_started": 1,
        "suspended": 1,
        "": 1,
    }
    outcomes = {share.key: share for share in context["outcomes"]}
    assert {key: share.count for key, share in outcomes.items()} == {
        "reached": 3,
        "on_the_way": 2,
        "missed": 1,
        "unknown": 1,
        "words": 1,
    }
    for key, share in outcomes.items():
        assert listed(client, share.address)[key != "words"] == share.count, key


def test_the_figures_of_a_pillar_and_of_a_direction_lead_to_lists_of_as_many(client, rich, steering):
    context = page(client, rich, steering, "?annee=2026").context
    pillar, direction = context["pillars"][0].pillar, context["directions"][0]
    other = make_action(PillarFactory(scheme=rich))
    ReportFactory(campaign=rich.campaigns.get(year=2026), action=other, state="engaged")
    for row in (pillar, direction):
        assert listed(client, row.lists.engaged)[0] == row.tally.engaged == 4
    assert listed(client, pillar.lists.missing)[1] == 8
    assert listed(client, direction.lists.missing)[1] == 7  # sheets, in which those 8 are
    assert listed(client, pillar.lists.outcomes["reached"])[1] == 3


# Queries


def test_queries_do_not_grow(client, scheme, steering):
    def fill(year, number):
        campaign = CampaignFactory(scheme=scheme, year=year)
        for _ in range(number):
            action = make_action(PillarFactory(scheme=scheme), due_to=2028)
            InvolvementFactory(action=action)
            ReportFactory(campaign=campaign, action=action, state="not_started", submitted=True)
            TargetFactory(measure=make_measure(action, {campaign: 12}), year=2028)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert page(client, scheme, steering, "?annee=2026").status_code == 200
        return len(captured)

    fill(2026, 2)
    fill(2025, 2)
    queries()  # what is asked once and kept
    few = queries()
    for year in range(2019, 2025):
        fill(year, 3)
    assert queries() == few
