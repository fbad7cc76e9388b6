"""The page of an action's involvements: its pilots, supports and partners, as the site settles them."""

import pytest
from django.urls import reverse

from actions.models import Involvement, InvolvementRole, Origin
from indicators.document.merge import load
from tests.factories import ActionFactory, DirectionFactory, InvolvementFactory
from tests.plans import AT, load_plan, plan_text

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.fixture
def team(client, steering):
    """The client of a member of the steering team."""
    client.force_login(steering)
    return client


def row_data(involvement, **changed):
    return {
        "row": str(involvement.pk),
        "direction": str(involvement.direction_id),
        "role": involvement.role,
        "note": involvement.note,
        **changed,
    }


def save_involvements(client, action, *rows, shown=None):
    """Post the page with these rows; the first `shown` are those that the page showed as stored."""
    shown = sum("row" in row for row in rows) if shown is None else shown
    data = {"participations-TOTAL_FORMS": len(rows), "participations-INITIAL_FORMS": shown}
    data |= {
        f"participations-{index}-{name}": value
        for index, row in enumerate(rows)
        for name, value in row.items()
    }
    page = reverse("action_involvements", args=[action.scheme.slug, action.code])
    return client.post(page, data, follow=True)


EMPTY = {"row": "", "direction": "", "role": "", "note": ""}


def involved(action):
    rows = Involvement.objects.filter(action=action).order_by("position", "pk")
    return [(row.direction.code, row.role, row.note, row.origin) for row in rows.select_related("direction")]


@pytest.fixture
def piloted(action):
    """`action`, with its pilot DMG printed in the document and its support DAS."""
    action.involvements.filter(role=InvolvementRole.PILOT).update(origin=Origin.DOCUMENT, note="en tête")
    return action


def test_a_pilot_and_a_partner_are_added(team, organisation, piloted):
    new = DirectionFactory(organisation=organisation, code="DRH")
    partner = DirectionFactory(organisation=organisation, code="ADEME", kind="partner")
    response = save_involvements(
        team,
        piloted,
        *(row_data(row) for row in piloted.involvements.all()),
        {"direction": new.pk, "role": "pilot", "note": "avec DMG"},
        {"direction": partner.pk, "role": "partner", "note": ""},
        EMPTY,
        shown=2,
    )
    assert response.redirect_chain == [(piloted.get_absolute_url(), 302)]
    assert involved(piloted) == [
        ("DMG", "pilot", "en tête", "document"),
        ("DAS", "support", "", "site"),
        ("DRH", "pilot", "avec DMG", "site"),
        ("ADEME", "partner", "", "site"),
    ]


def test_a_row_is_changed_and_another_removed(team, organisation, piloted):
    new = DirectionFactory(organisation=organisation, code="DRH")
    first, second = piloted.involvements.order_by("position", "pk")
    save_involvements(
        team, piloted, row_data(first, direction=new.pk, note="seule"), row_data(second, DELETE="on")
    )
    assert involved(piloted) == [("DRH", "pilot", "seule", "document")]


def test_two_rows_exchange_their_directions(team, piloted):
    first, second = piloted.involvements.order_by("position", "pk")
    save_involvements(
        team,
        piloted,
        row_data(first, role="support", direction=second.direction_id),
        row_data(second, role="pilot", direction=first.direction_id),
    )
    assert {row[:2] for row in involved(piloted)} == {("DAS", "support"), ("DMG", "pilot")}
    assert Involvement.objects.get(pk=second.pk).direction == first.direction


def test_what_is_saved_unchanged_stays_as_it_is(team, piloted):
    before = list(piloted.involvements.values())
    save_involvements(team, piloted, *(row_data(row) for row in piloted.involvements.all()), EMPTY, shown=2)
    assert list(piloted.involvements.values()) == before


def test_all_errors_of_the_rows_are_said_at_once_and_nothing_changes(team, piloted):
    first, second = piloted.involvements.order_by("position", "pk")
    stranger = DirectionFactory()
    before = involved(piloted)
    response = save_involvements(
        team,
        piloted,
        row_data(first, DELETE="on"),
        row_data(second),
        {"direction": second.direction_id, "role": "support", "note": "deux fois"},
        {"direction": stranger.pk, "role": "pilot", "note": "d’ailleurs"},
        {"direction": "", "role": "pilot", "note": "sans direction"},
        {"direction": second.direction_id, "role": "chef", "note": ""},
        shown=2,
    )
    text = text_of(response)
    for message in ("Cette direction a déjà cette part", "Sélectionnez un choix valide", "Ce champ est obl"):
        assert message in text, message
    for typed in ("deux fois", "d’ailleurs", "sans direction"):
        assert typed in text, typed
    assert text.count('class="errorlist"') == 4
    assert involved(piloted) == before


def test_a_row_that_a_colleague_has_removed_is_said(team, piloted):
    first, second = piloted.involvements.order_by("position", "pk")
    rows = [row_data(first), row_data(second)]
    second.delete()
    assert "a été retirée entre-temps" in text_of(save_involvements(team, piloted, *rows))
    rows[1]["DELETE"] = "on"
    save_involvements(team, piloted, *rows)
    assert involved(piloted) == [("DMG", "pilot", "en tête", "document")]


def test_a_row_that_a_colleague_has_added_is_not_doubled(team, organisation, piloted):
    new = DirectionFactory(organisation=organisation)
    rows = [row_data(row) for row in piloted.involvements.all()]
    InvolvementFactory(action=piloted, direction=new, role="partner")
    added = {"direction": new.pk, "role": "partner", "note": ""}
    response = save_involvements(team, piloted, *rows, added, EMPTY, shown=2)
    assert "Cette direction a déjà cette part" in text_of(response)
    save_involvements(team, piloted, *rows, EMPTY, shown=2)
    assert Involvement.objects.filter(action=piloted).count() == 3


def test_a_row_of_another_action_is_not_taken_over(team, piloted):
    other = InvolvementFactory()
    response = save_involvements(team, piloted, row_data(other, DELETE="on"))
    assert response.redirect_chain
    assert Involvement.objects.filter(pk=other.pk).exists()


def test_the_page_says_where_a_row_comes_from(team, piloted):
    page = reverse("action_involvements", args=[piloted.scheme.slug, piloted.code])
    text = text_of(team.get(page))
    assert 'DMG <span class="tag">du document</span>' in text
    assert 'DAS <span class="tag">ajoutée sur le site</span>' in text
    assert text.count("Nouvelle participation") == 3


def test_a_document_loaded_again_keeps_the_involvements_of_the_site(team, steering):
    scheme = load_plan("pas-de-calais-2017")
    scheme.organisation.memberships.create(user=steering, role="steering")
    action = next(row for row in scheme.actions.order_by("code") if row.involvements.count() >= 2)
    first, *others = action.involvements.order_by("position", "pk")
    new = scheme.organisation.directions.exclude(involvements__action=action).first()
    save_involvements(
        team,
        action,
        row_data(first, DELETE="on"),
        row_data(others[0], note="Dit par le site."),
        *(row_data(row) for row in others[1:]),
        {"direction": new.pk, "role": "pilot", "note": ""},
        shown=1 + len(others),
    )
    expected = involved(action)
    assert expected[-1] == (new.code, "pilot", "", "site")
    load(plan_text("pas-de-calais-2017"), file="pas-de-calais-2017.yaml", at=AT)
    assert sorted(involved(action)) == sorted(expected)


@pytest.mark.parametrize("count", [2, 20])
def test_queries_of_the_involvements_do_not_grow(
    team, organisation, scheme, count, django_assert_max_num_queries
):
    action = ActionFactory(objective__pillar__scheme=scheme)
    for _ in range(count):
        InvolvementFactory(action=action)
    with django_assert_max_num_queries(9):
        team.get(reverse("action_involvements", args=[scheme.slug, action.code]))
    rows = [row_data(row, note="changée") for row in action.involvements.all()]
    with django_assert_max_num_queries(38):  # with those of the action's page, where one arrives
        save_involvements(team, action, *rows)
    assert set(action.involvements.values_list("note", flat=True)) == {"changée"}
