"""The list of directions: added, renamed, put out of use, and become others."""

from datetime import date

import pytest
from django.urls import reverse

from actions.models import Direction, Involvement, Membership, Origin, Role
from actions.services_plan import NotMerged, merge_direction, succession
from indicators.document.merge import load
from reporting.editions.build import build_bilan
from reporting.editions.imprint import Imprint
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    InvolvementFactory,
    MembershipFactory,
    SchemeFactory,
)
from tests.plans import AT, load_plan, plan_text

pytestmark = pytest.mark.django_db

ON = date(2027, 3, 1)


def text_of(response):
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.fixture
def former(organisation):
    return DirectionFactory(organisation=organisation, code="DAL", name="Direction des achats")


@pytest.fixture
def successor(organisation):
    return DirectionFactory(organisation=organisation, code="DAAJ", name="Direction juridique")


@pytest.fixture
def team(client, steering):
    client.force_login(steering)
    return client


def address(name, *directions, organisation=None):
    organisation = organisation or directions[0].organisation
    return reverse(name, args=[organisation.slug, *(direction.pk for direction in directions)])


# Who enters


@pytest.mark.parametrize(
    ("name", "status"),
    [("steering", 200), ("pilot", 403), ("contributor", 403), ("copil_member", 403), ("stranger", 404)],
)
def test_only_the_steering_team_enters(name, status, request, client, organisation, former, successor):
    client.force_login(request.getfixturevalue(name))
    pages = [
        address("directions", organisation=organisation),
        address("direction_add", organisation=organisation),
        address("direction_edit", former),
        address("direction_merge", former),
        f"{address('direction_merge', former)}?into={successor.pk}",
    ]
    assert [client.get(page).status_code for page in pages] == [status] * 5
    if status != 200:
        assert client.post(pages[3], {"into": successor.pk}).status_code == status
        assert client.post(pages[2], {"name": "À moi", "code": "MOI"}).status_code == status
    former.refresh_from_db()
    assert (former.name, former.active) == ("Direction des achats", True)


def test_a_direction_of_elsewhere_is_not_reached_through_ones_own_list(team, organisation):
    other = DirectionFactory()
    for name in ("direction_edit", "direction_merge"):
        assert team.get(address(name, other, organisation=organisation)).status_code == 404


def test_members_and_directions_lead_to_each_other(team, organisation):
    directions, members = (reverse(name, args=[organisation.slug]) for name in ("directions", "members"))
    assert f'href="{directions}"' in text_of(team.get(members))
    assert f'href="{members}"' in text_of(team.get(directions))
    assert f'href="{directions}"' in text_of(team.get(reverse("schemes")))


# The list


def test_the_list_counts_what_hangs_on_each(team, organisation, action, former):
    action.involvements.filter(role="support").update(direction=former)
    InvolvementFactory(action=action, direction=former, role="pilot")
    InvolvementFactory(action=ActionFactory(objective=action.objective), direction=former, role="pilot")
    MembershipFactory(direction=former)
    Direction.objects.filter(code="DMG").update(succeeded_by=former, active=False)
    page = team.get(address("directions", organisation=organisation))
    rows = list(page.context["directions"])
    counts = {row.code: (row.piloted, row.supported, row.partnered, row.member_count) for row in rows}
    assert counts["DAL"] == (2, 1, 0, 1)
    assert rows[-1].code == "DMG"
    text = text_of(page)
    assert "devenue Direction des achats" in text
    assert text.count("plus en activité") == 1


def test_queries_of_the_list_do_not_grow(team, organisation, scheme, django_assert_num_queries):
    action = ActionFactory(objective__pillar__scheme=scheme)
    for count in (2, 20):
        for _ in range(count):
            direction = InvolvementFactory(action=action).direction
            DirectionFactory(organisation=organisation, succeeded_by=direction)
            MembershipFactory(direction=direction)
        with django_assert_num_queries(6):
            team.get(address("directions", organisation=organisation))


def test_a_direction_is_added(team, organisation):
    page = address("direction_add", organisation=organisation)
    team.post(page, {"name": "Réseau des acheteurs", "code": "RESEAU", "kind": "network"})
    added = organisation.directions.get(code="RESEAU")
    assert (added.kind, added.origin, added.active) == ("network", Origin.SITE, True)


def test_bad_directions_are_refused_with_all_the_reasons(team, organisation, former):
    page = address("direction_add", organisation=organisation)
    text = text_of(team.post(page, {"name": "", "code": "é", "kind": "x", "note": "Ma note"}))
    for message in ("Ce champ est obligatoire", "Un code s’écrit avec", "Sélectionnez un choix valide"):
        assert message in text, message
    assert "Ma note" in text
    text = text_of(team.post(page, {"name": "Autre", "code": "DAL", "kind": "direction"}))
    assert "Ce sigle est déjà celui d’une autre direction de la collectivité." in text
    assert organisation.directions.count() == 1


def test_a_direction_is_renamed_and_put_out_of_use(team, former):
    team.post(
        address("direction_edit", former),
        {"name": "Direction de l’achat", "code": "DA", "kind": "service", "note": "Depuis mai."},
    )
    former.refresh_from_db()
    assert (former.name, former.code, former.kind) == ("Direction de l’achat", "DA", "service")
    assert (former.note, former.active) == ("Depuis mai.", False)


def test_the_code_that_the_document_gives_stays(team, former):
    Direction.objects.filter(pk=former.pk).update(origin=Origin.DOCUMENT)
    team.post(
        address("direction_edit", former), {"name": "Autre", "code": "X", "kind": "direction", "active": "on"}
    )
    former.refresh_from_db()
    assert (former.name, former.code) == ("Autre", "DAL")


def test_in_use_again_it_has_no_successor(team, former, successor):
    Direction.objects.filter(pk=former.pk).update(active=False, succeeded_by=successor)
    data = {"name": former.name, "code": former.code, "kind": former.kind}
    team.post(address("direction_edit", former), data)
    former.refresh_from_db()
    assert former.succeeded_by == successor
    team.post(address("direction_edit", former), {**data, "active": "on"})
    former.refresh_from_db()
    assert (former.active, former.succeeded_by) == (True, None)


# Become another


@pytest.fixture
def running(scheme):
    """A function that gives an action of the scheme 2026-2029."""
    return lambda **fields: ActionFactory(objective__pillar__scheme=scheme, **fields)


def merge(former, successor, steering, on=ON):
    return merge_direction(by=steering, direction=former, into=successor, on=on)


def holders(action):
    rows = Involvement.objects.filter(action=action).values_list("direction__code", "role", "note", "origin")
    return sorted(rows)


def test_members_and_involvements_go_to_the_successor(former, successor, running, steering):
    action = running()
    InvolvementFactory(action=action, direction=former, note="en tête", origin=Origin.DOCUMENT)
    InvolvementFactory(action=action, direction=successor, role="support")
    membership = MembershipFactory(direction=former)
    merge(former, successor, steering)
    former.refresh_from_db()
    assert (former.active, former.succeeded_by) == (False, successor)
    assert holders(action) == [("DAAJ", "pilot", "en tête", "document"), ("DAAJ", "support", "", "site")]
    membership.refresh_from_db()
    assert (membership.direction, membership.role) == (successor, Role.PILOT)


def test_what_the_successor_already_has_is_not_doubled(former, successor, running, steering):
    action, other = running(), running()
    for direction, note in ((former, "suit les clauses"), (successor, "coordonne")):
        InvolvementFactory(action=action, direction=direction, note=note)
        InvolvementFactory(action=other, direction=direction, note="identique")
    twice = MembershipFactory(direction=former).user
    MembershipFactory(user=twice, direction=successor)
    MembershipFactory(user=twice, direction=former, role=Role.CONTRIBUTOR)
    merge(former, successor, steering)
    assert holders(action) == [("DAAJ", "pilot", "coordonne\nsuit les clauses", "site")]
    assert holders(other) == [("DAAJ", "pilot", "identique", "site")]
    held = Membership.objects.filter(user=twice).values_list("direction__code", "role")
    assert sorted(held) == [("DAAJ", "contributor"), ("DAAJ", "pilot")]


def codes_moved(former, successor, on=ON):
    handed = succession(former, successor, on=on)
    return {row.action.code for row in handed.involvements}, {row.action.code for row in handed.staying}


@pytest.mark.parametrize(
    ("years", "moves"),
    [
        ({"starts_year": 2022, "ends_year": 2026}, False),
        ({"starts_year": 2022, "ends_year": 2027}, True),
        ({"starts_year": 2028, "ends_year": 2030}, True),
        ({"starts_year": 2022}, True),
        ({}, True),
    ],
)
def test_only_schemes_that_run_or_come_move(organisation, former, successor, years, moves):
    scheme = SchemeFactory(organisation=organisation, **years)
    action = ActionFactory(objective__pillar__scheme=scheme, code="A")
    InvolvementFactory(action=action, direction=former)
    assert codes_moved(former, successor) == (({"A"}, set()) if moves else (set(), {"A"}))


def test_a_scheme_without_last_year_is_over_when_the_next_begins(organisation, former, successor):
    first = SchemeFactory(organisation=organisation, starts_year=2017)
    InvolvementFactory(action__objective__pillar__scheme=first, action__code="OLD", direction=former)
    assert codes_moved(former, successor) == ({"OLD"}, set())
    SchemeFactory(organisation=organisation, starts_year=2028)
    assert codes_moved(former, successor) == ({"OLD"}, set())
    SchemeFactory(organisation=organisation, starts_year=2026)
    assert codes_moved(former, successor) == (set(), {"OLD"})


@pytest.mark.parametrize(
    ("campaign", "moves"),
    [
        ({"opens_on": date(2027, 1, 15)}, True),
        ({"opens_on": date(2027, 1, 15), "closes_on": ON}, True),
        ({"opens_on": date(2027, 4, 1)}, True),
        ({}, False),
        ({"opens_on": date(2027, 1, 15), "closes_on": date(2027, 2, 28)}, False),
        ({"closes_on": date(2027, 2, 1), "opens_on": date(2027, 1, 1), "corrections_until": ON}, True),
        ({"kind": "reference"}, False),
    ],
)
def test_the_last_year_of_a_scheme_moves_while_it_is_still_entered(
    organisation, former, successor, campaign, moves
):
    scheme = SchemeFactory(organisation=organisation, starts_year=2022, ends_year=2026)
    CampaignFactory(scheme=scheme, year=2026, **campaign)
    for code, last in (("LIVE", None), ("LAST", 2026), ("GONE", 2025)):
        action = ActionFactory(objective__pillar__scheme=scheme, code=code, valid_until=last)
        InvolvementFactory(action=action, direction=former)
    moved = {"LIVE", "LAST"} if moves else set()
    assert codes_moved(former, successor) == (moved, {"LIVE", "LAST", "GONE"} - moved)


def test_actions_that_are_over_keep_the_former_name(former, successor, running, steering):
    ended, ending = running(valid_until=2026), running(valid_until=2027)
    for action in (ended, ending):
        InvolvementFactory(action=action, direction=former)
    merge(former, successor, steering)
    assert holders(ended) == [("DAL", "pilot", "", "site")]
    assert holders(ending) == [("DAAJ", "pilot", "", "site")]


def test_the_bilan_of_a_scheme_that_is_over_prints_the_former_name(steering):
    load_plan("pas-de-calais-2026")
    scheme = load_plan("pas-de-calais-2017")  # which prints no last year, and whose campaigns have no dates
    former = Direction.objects.filter(involvements__action__scheme=scheme).distinct().first()
    successor = DirectionFactory(organisation=scheme.organisation)
    imprint = Imprint("bilan", version=0, frozen_at=AT)
    before = build_bilan(scheme, year=2017, imprint=imprint)
    handed = merge(former, successor, steering)
    assert scheme in {row.action.scheme for row in handed.staying}
    assert build_bilan(scheme, year=2017, imprint=imprint) == before


def test_a_document_loaded_again_does_not_undo_it(steering):
    scheme = load_plan("pas-de-calais-2026")
    former = Direction.objects.get(organisation=scheme.organisation, code="DMG")
    successor = Direction.objects.get(organisation=scheme.organisation, code="DEC")
    merge(former, successor, steering)
    expected = list(Involvement.objects.order_by("pk").values_list("action", "direction", "role", "note"))
    load(plan_text("pas-de-calais-2026"), file="pas-de-calais-2026.yaml", at=AT)
    assert (
        list(Involvement.objects.order_by("pk").values_list("action", "direction", "role", "note"))
        == expected
    )
    former.refresh_from_db()
    assert (former.active, former.succeeded_by) == (False, successor)


def test_nothing_moves_when_something_fails(former, successor, running, steering, monkeypatch):
    action = running()
    InvolvementFactory(action=action, direction=former)
    MembershipFactory(direction=former)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(Direction, "save", fail)
    with pytest.raises(RuntimeError):
        merge(former, successor, steering)
    assert holders(action) == [("DAL", "pilot", "", "site")]
    assert former.memberships.count() == 1


@pytest.mark.parametrize(
    ("which", "change"),
    [("former", "succeeded"), ("successor", "succeeded"), ("successor", "inactive")],
)
def test_a_direction_changed_meanwhile_refuses(
    which, change, request, organisation, former, successor, running, steering
):
    action = InvolvementFactory(action=running(), direction=former).action
    third = DirectionFactory(organisation=organisation)
    values = {"succeeded_by": third} if change == "succeeded" else {"active": False}
    Direction.objects.filter(pk=request.getfixturevalue(which).pk).update(**values)
    with pytest.raises(NotMerged, match="modifiée entre-temps"):
        merge(former, successor, steering)
    assert holders(action) == [("DAL", "pilot", "", "site")]


# Its page


def test_the_page_shows_what_moves_then_does_it(team, organisation, former, successor, running):
    moved, doubled = running(title="Former les acheteurs"), running(title="Publier les marchés")
    ended = running(title="Action close", valid_until=2000)
    for action in (moved, doubled, ended):
        InvolvementFactory(action=action, direction=former, note="à deux")
    InvolvementFactory(action=doubled, direction=successor)
    member = MembershipFactory(direction=former).user
    page = address("direction_merge", former)
    text = text_of(team.get(page))
    assert "Confirmer" not in text
    text = text_of(team.get(f"{page}?into={successor.pk}"))
    for words in (
        member.email,
        "Former les acheteurs",
        "y a déjà cette part&nbsp;: une seule reste, avec les",
    ):
        assert words in text, words
    moving, staying = text.split("Ce qui reste au nom de DAL")
    assert "Action close" in staying
    assert "Action close" not in moving
    assert holders(moved) == [("DAL", "pilot", "à deux", "site")]
    response = team.post(page, {"into": successor.pk}, follow=True)
    assert response.redirect_chain == [(address("directions", organisation=organisation), 302)]
    assert "Direction des achats (DAL) est devenue Direction juridique (DAAJ)." in text_of(response)
    assert holders(moved) == [("DAAJ", "pilot", "à deux", "site")]
    assert "est déjà devenue" in text_of(team.post(page, {"into": successor.pk}, follow=True))


def test_what_cannot_take_over_is_refused(team, organisation, former, successor):
    choices = {
        "itself": former,
        "elsewhere": DirectionFactory(),
        "inactive": DirectionFactory(organisation=organisation, active=False),
        "partner": DirectionFactory(organisation=organisation, kind="partner"),
        "gone": DirectionFactory(organisation=organisation, succeeded_by=successor),
    }
    page = address("direction_merge", former)
    for name, direction in choices.items():
        for response in (team.post(page, {"into": direction.pk}), team.get(f"{page}?into={direction.pk}")):
            assert "Sélectionnez un choix valide" in text_of(response), name
    for value in ("", "abc", "9" * 30):
        assert 'class="errorlist"' in text_of(team.post(page, {"into": value})), value
    former.refresh_from_db()
    assert (former.active, former.succeeded_by) == (True, None)


def test_a_partner_may_become_another_partner(team, organisation):
    former, successor = (DirectionFactory(organisation=organisation, kind="partner") for _ in range(2))
    team.post(address("direction_merge", former), {"into": successor.pk})
    former.refresh_from_db()
    assert former.succeeded_by == successor


def test_a_change_meanwhile_is_said(team, former, successor, monkeypatch):
    def refuse(**kwargs):
        raise NotMerged

    monkeypatch.setattr("actions.views_directions.merge_direction", refuse)
    response = team.post(address("direction_merge", former), {"into": successor.pk}, follow=True)
    assert "Rien n’a changé" in text_of(response)


def test_queries_of_the_merge_do_not_grow(
    team, former, successor, scheme, django_assert_num_queries, django_assert_max_num_queries
):
    page = address("direction_merge", former)
    for count in (2, 20):
        for _ in range(count):
            for direction in (former, successor):
                InvolvementFactory(action__objective__pillar__scheme=scheme, direction=direction)
                InvolvementFactory(action=Involvement.objects.last().action, role="support", direction=former)
            MembershipFactory(direction=former)
        with django_assert_num_queries(14):
            team.get(f"{page}?into={successor.pk}")
    with django_assert_max_num_queries(30):
        team.post(page, {"into": successor.pk})
