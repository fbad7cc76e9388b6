"""The pages by which a steering team keeps the actions and committees of its plan up to date."""

from datetime import date

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from actions.models import Action, Meeting, Origin
from actions.plan_upkeep import plan_to_settle
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    CommitteeFactory,
    DirectionFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeetingFactory,
    ReportFactory,
    StepFactory,
)

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.fixture
def team(client, steering):
    """The client of a member of the steering team."""
    client.force_login(steering)
    return client


@pytest.fixture
def meeting(scheme):
    return MeetingFactory(committee=CommitteeFactory(scheme=scheme), decisions="Lancer la campagne.")


def pages(scheme, action, meeting):
    committee = meeting.committee
    return [
        reverse("action_add", args=[scheme.slug]),
        reverse("action_edit", args=[scheme.slug, action.code]),
        reverse("action_end", args=[scheme.slug, action.code]),
        reverse("action_involvements", args=[scheme.slug, action.code]),
        reverse("committees", args=[scheme.slug]),
        reverse("committee_add", args=[scheme.slug]),
        reverse("committee_edit", args=[scheme.slug, committee.pk]),
        reverse("meeting_add", args=[scheme.slug, committee.pk]),
        reverse("meeting_edit", args=[scheme.slug, meeting.pk]),
        reverse("meeting_remove", args=[scheme.slug, meeting.pk]),
    ]


@pytest.mark.parametrize(
    ("name", "status"),
    [("steering", 200), ("pilot", 403), ("contributor", 403), ("copil_member", 403), ("stranger", 404)],
)
def test_only_the_steering_team_enters(name, status, request, client, scheme, action, meeting):
    client.force_login(request.getfixturevalue(name))
    for page in pages(scheme, action, meeting):
        assert client.get(page).status_code == status, page
        if status != 200 and page != reverse("committees", args=[scheme.slug]):
            assert client.post(page, {}).status_code == status, page
    resume = reverse("action_resume", args=[scheme.slug, action.code])
    assert client.post(resume).status_code == (302 if status == 200 else status)
    assert Meeting.objects.filter(pk=meeting.pk).exists()


def test_rows_of_another_scheme_are_not_reached_through_ones_own(team, scheme, meeting):
    elsewhere = MeetingFactory()
    addresses = [
        reverse("action_edit", args=[scheme.slug, ActionFactory().code]),
        reverse("committee_edit", args=[scheme.slug, elsewhere.committee.pk]),
        reverse("meeting_add", args=[scheme.slug, elsewhere.committee.pk]),
        reverse("meeting_edit", args=[scheme.slug, elsewhere.pk]),
        reverse("meeting_remove", args=[scheme.slug, elsewhere.pk]),
    ]
    assert [team.get(address).status_code for address in addresses] == [404] * 5


def test_a_steering_member_finds_the_pages_and_others_do_not(client, steering, pilot, scheme, action):
    links = [
        reverse("action_involvements", args=[scheme.slug, action.code]),
        reverse("action_edit", args=[scheme.slug, action.code]),
        reverse("action_end", args=[scheme.slug, action.code]),
        f"{reverse('action_add', args=[scheme.slug])}?volet_de={action.code}",
    ]
    on_scheme = [reverse("action_add", args=[scheme.slug]), reverse("committees", args=[scheme.slug])]
    for user, shown in ((steering, True), (pilot, False)):
        client.force_login(user)
        sheet, plan = (
            text_of(client.get(action.get_absolute_url())),
            text_of(client.get(scheme.get_absolute_url())),
        )
        assert [f'href="{link}"' in sheet for link in links] == [shown] * 4
        assert [f'href="{link}"' in plan for link in on_scheme] == [shown] * 2


# Actions


def add_action(client, scheme, **data):
    filled = {"code": "ENV-9", "number": "9", "title": "Une action de plus", **data}
    return client.post(reverse("action_add", args=[scheme.slug]), filled, follow=True)


def test_an_action_is_added_last_in_its_objective(team, scheme, action):
    Action.objects.filter(pk=action.pk).update(position=4)
    response = add_action(
        team, scheme, objective=action.objective_id, valid_from="2027", purpose="Plus\r\nloin"
    )
    added = scheme.actions.get(code="ENV-9")
    assert response.redirect_chain == [(reverse("action_involvements", args=[scheme.slug, "ENV-9"]), 302)]
    assert (added.objective, added.parent, added.origin) == (action.objective, None, Origin.SITE)
    assert (added.position, added.valid_from, added.purpose) == (5, 2027, "Plus\nloin")


def test_a_part_is_added_under_the_objective_of_its_action(team, scheme, action):
    page = f"{reverse('action_add', args=[scheme.slug])}?volet_de={action.code}"
    assert f'value="{action.pk}" selected' in text_of(team.get(page))
    add_action(team, scheme, parent=action.pk, number="A")
    part = scheme.actions.get(code="ENV-9")
    assert (part.parent, part.objective, part.heading) == (action, action.objective, "Volet A")


def test_a_sheet_of_shared_data_belongs_to_no_objective_and_no_action(team, scheme, action):
    response = add_action(team, scheme, nature="shared", parent=action.pk)
    assert "Une fiche de données communes n’est le volet d’aucune action." in text_of(response)
    response = add_action(team, scheme, nature="shared", number="", title="Totaux de l’année")
    added = scheme.actions.get(code="ENV-9")
    assert (added.nature, added.objective, added.parent) == ("shared", None, None)
    assert response.redirect_chain == [(added.get_absolute_url(), 302)]


@pytest.mark.parametrize("code", ["%00", "inconnu"])
def test_a_part_of_nothing_known_is_an_empty_form(team, scheme, action, code):
    response = team.get(f"{reverse('action_add', args=[scheme.slug])}?volet_de={code}")
    assert f'value="{action.pk}">' in text_of(response)


def test_all_errors_of_a_new_action_are_said_at_once(team, scheme, action):
    response = add_action(team, scheme, code=action.code, title="", valid_from="27", purpose="Mon texte")
    text = text_of(response)
    for message in (
        "Choisissez-le, ou bien l’action dont la fiche est un volet.",
        "Ce champ est obligatoire",
        "supérieure ou égale à 1990",
        "Mon texte",
    ):
        assert message in text, message
    assert scheme.actions.count() == 1
    text = text_of(add_action(team, scheme, code=action.code, objective=action.objective_id))
    assert "Ce code est déjà utilisé dans le schéma." in text


@pytest.mark.parametrize(
    ("code", "message"), [("ajouter", "Ce code ne peut pas servir"), ("a b", "Un code s’écrit avec")]
)
def test_a_code_that_cannot_serve_is_refused(team, scheme, action, code, message):
    response = add_action(team, scheme, code=code, objective=action.objective_id)
    assert message in text_of(response)
    assert scheme.actions.count() == 1


def test_an_action_with_indicators_or_reports_is_not_divided(team, scheme, action):
    IndicatorFactory(action=action)
    ReportFactory(action=action, campaign=CampaignFactory(scheme=scheme))
    text = text_of(add_action(team, scheme, parent=action.pk))
    assert "Cette action a déjà des indicateurs" in text
    assert "Cette action a déjà des fiches annuelles" in text
    assert not action.parts.exists()


def test_a_part_comes_under_no_other_objective(team, scheme, action):
    other = ActionFactory(objective__pillar__scheme=scheme).objective
    text = text_of(add_action(team, scheme, parent=action.pk, objective=other.pk))
    assert "Un volet relève du même objectif que son action." in text
    assert not action.parts.exists()


def test_what_belongs_to_another_scheme_cannot_be_chosen(team, scheme, action):
    elsewhere = ActionFactory()
    part = ActionFactory(parent=ActionFactory(objective=action.objective))
    for data in ({"parent": elsewhere.pk}, {"objective": elsewhere.objective_id}, {"parent": part.pk}):
        assert "Sélectionnez un choix valide" in text_of(add_action(team, scheme, **data)), data
    assert not Action.objects.filter(code="ENV-9").exists()


def test_queries_of_a_new_action_do_not_grow(team, scheme, action, django_assert_num_queries):
    page = reverse("action_add", args=[scheme.slug])
    for count in (2, 20):
        for _ in range(count):
            ActionFactory(objective__pillar__scheme=scheme)
        with django_assert_num_queries(8):
            team.get(page)


def edit_action(client, action, **data):
    stored = {"code": action.code, "title": action.title}
    page = reverse("action_edit", args=[action.scheme.slug, action.code])
    return client.post(page, {**stored, **data}, follow=True)


def test_a_sheet_is_changed_and_its_question_settled(team, action):
    Action.objects.filter(pk=action.pk).update(source_note="Page coupée.", number="3")
    response = edit_action(team, action, title="Nouveau titre", due_from="2026", due_to="2028", code="ENV-3")
    action.refresh_from_db()
    assert response.redirect_chain == [(action.get_absolute_url(), 302)]
    assert (action.title, action.code, action.source_note) == ("Nouveau titre", "ENV-3", "")
    assert (action.due_from, action.due_to) == (2026, 2028)


def test_the_code_of_the_document_is_fixed(team, action):
    Action.objects.filter(pk=action.pk).update(origin=Origin.DOCUMENT)
    edit_action(team, action, code="AUTRE", title="Nouveau titre")
    stored = Action.objects.get(pk=action.pk)
    assert (stored.code, stored.title, stored.origin) == (action.code, "Nouveau titre", Origin.DOCUMENT)


def test_a_bad_change_says_why_and_keeps_what_was_typed(team, scheme, action):
    other = ActionFactory(objective=action.objective)
    response = edit_action(team, action, code=other.code, title="Mon titre", due_from="2028", due_to="2026")
    text = text_of(response)
    assert "L’échéance finit avant de commencer." in text
    assert "Ce code est déjà utilisé dans le schéma." in text
    assert 'value="Mon titre"' in text
    assert f'href="{action.get_absolute_url()}"' in text
    assert Action.objects.get(pk=action.pk).title == action.title


def test_an_action_does_not_begin_after_its_reports(team, scheme, action):
    ReportFactory(action=action, campaign=CampaignFactory(scheme=scheme, year=2026))
    assert "n’est pas en vigueur cette année-là" in text_of(edit_action(team, action, valid_from="2027"))
    assert Action.objects.get(pk=action.pk).valid_from is None


def end(client, action, year):
    page = reverse("action_end", args=[action.scheme.slug, action.code])
    return client.post(page, {"valid_until": year}, follow=True)


def test_an_action_ends_with_its_parts_and_begins_again(team, action):
    early = ActionFactory(parent=action, valid_until=2026)
    late = ActionFactory(parent=action, valid_until=2029)
    part = ActionFactory(parent=action)
    response = end(team, action, "2027")
    assert response.redirect_chain == [(action.get_absolute_url(), 302)]
    assert "Jusqu’en 2027" in text_of(response)
    assert ends(action, early, late, part) == [2027, 2026, 2027, 2027]
    team.post(reverse("action_resume", args=[action.scheme.slug, action.code]))
    assert ends(action, early, late, part) == [None, 2026, None, None]


def ends(*actions):
    return [Action.objects.get(pk=action.pk).valid_until for action in actions]


def test_a_part_does_not_outlive_its_action(team, action):
    part = ActionFactory(parent=action)
    end(team, action, "2027")
    resume = reverse("action_resume", args=[part.scheme.slug, part.code])
    assert "annulez d’abord la fin de l’action entière" in text_of(team.post(resume, follow=True))
    assert ends(part) == [2027]


@pytest.mark.parametrize("year", ["", "deux mille", "27", "20270"])
def test_an_end_is_a_year(team, action, year):
    assert 'class="errorlist"' in text_of(end(team, action, year))
    assert ends(action) == [None]


def test_an_action_does_not_end_before_a_report_of_its_own_or_of_a_part(team, scheme, action):
    campaign = CampaignFactory(scheme=scheme, year=2027)
    sheet = ActionFactory(objective=action.objective)
    ReportFactory(action=ActionFactory(parent=sheet), campaign=campaign)
    ReportFactory(action=action, campaign=campaign)
    for row in (action, sheet):
        assert "n’est pas en vigueur cette année-là" in text_of(end(team, row, "2026"))
        end(team, row, "2027")
    assert ends(action, sheet) == [2027, 2027]


def test_an_action_does_not_end_before_it_or_a_part_begins(team, action):
    Action.objects.filter(pk=action.pk).update(valid_from=2027)
    assert "La validité finit avant de commencer." in text_of(end(team, action, "2026"))
    ActionFactory(parent=action, number="B", valid_from=2028)
    assert "Volet B ne commence qu’en 2028." in text_of(end(team, action, "2027"))
    assert ends(action) == [None]


def test_the_page_of_an_ended_action_offers_to_undo(team, action):
    end(team, action, "2027")
    page = reverse("action_end", args=[action.scheme.slug, action.code])
    assert "Annuler la fin de l’action" in text_of(team.get(page))
    assert "Annuler la fin de l’action" in text_of(team.post(page, {"valid_until": "x"}))


def test_queries_of_an_end_do_not_grow(team, scheme, action, django_assert_max_num_queries):
    for count in (2, 20):
        for _ in range(count):
            part = ActionFactory(parent=action)
            ReportFactory(action=part, campaign=CampaignFactory(scheme=scheme, year=part.pk % 90 + 2001))
        with django_assert_max_num_queries(29):
            assert end(team, action, "1999").status_code == 200
    assert ends(action) == [None]


# Committees


def test_meetings_are_added_changed_and_read_by_all(client, team, scheme, pilot, meeting):
    committee = meeting.committee
    page = reverse("meeting_add", args=[scheme.slug, committee.pk])
    team.post(page, {"held_on": "2027-01-15", "decisions": "- Relancer\r\n- Publier"})
    team.post(
        reverse("meeting_edit", args=[scheme.slug, meeting.pk]),
        {"held_on": "30/06/2026", "decisions": "Corrigé."},
    )
    assert list(committee.meetings.values_list("held_on", "decisions")) == [
        (date(2027, 1, 15), "- Relancer\n- Publier"),
        (date(2026, 6, 30), "Corrigé."),
    ]
    client.force_login(pilot)
    text = text_of(client.get(scheme.get_absolute_url()))
    assert "2 réunions" in text
    assert "<li>Publier</li>" in text
    assert text.index("Réunion du 15/01/2027") < text.index("Réunion du 30/06/2026")


def test_two_meetings_on_one_day_are_refused(team, scheme, meeting):
    page = reverse("meeting_add", args=[scheme.slug, meeting.committee.pk])
    response = team.post(page, {"held_on": "2026-06-30", "decisions": "Autre texte"})
    text = text_of(response)
    assert "Une réunion de cette instance est déjà notée à cette date." in text
    assert "Autre texte" in text
    assert "Saisissez une date valide" in text_of(team.post(page, {"held_on": "31/02/2026"}))
    assert Meeting.objects.count() == 1


def test_a_meeting_is_removed_after_a_question(team, scheme, meeting):
    page = reverse("meeting_remove", args=[scheme.slug, meeting.pk])
    assert "Lancer la campagne." in text_of(team.get(page))
    assert Meeting.objects.exists()
    response = team.post(page, follow=True)
    assert response.redirect_chain == [(reverse("committees", args=[scheme.slug]), 302)]
    assert "Aucune réunion notée." in text_of(response)


def test_a_committee_is_added_and_changed(team, scheme):
    CommitteeFactory(scheme=scheme, code="COPIL", position=2)
    page = reverse("committee_add", args=[scheme.slug])
    assert "Ce code est déjà utilisé" in text_of(team.post(page, {"name": "Suivi", "code": "COPIL"}))
    team.post(page, {"name": "Groupe de suivi", "code": "SUIVI", "frequency": "Deux fois par an"})
    committee = scheme.committees.get(code="SUIVI")
    assert (committee.position, committee.origin) == (3, Origin.SITE)
    edit = reverse("committee_edit", args=[scheme.slug, committee.pk])
    assert "Ce champ est obligatoire" in text_of(team.post(edit, {"name": "", "code": "SUIVI"}))
    team.post(edit, {"name": "Groupe de suivi", "code": "SUIVI", "composition": "Élus"})
    committee.refresh_from_db()
    assert (committee.composition, committee.frequency) == ("Élus", "")


def test_queries_of_the_committees_do_not_grow(client, steering, scheme, django_assert_num_queries):
    client.force_login(steering)
    for count in (2, 20):
        for _ in range(count):
            MeetingFactory(committee=CommitteeFactory(scheme=scheme))
        with django_assert_num_queries(7):
            client.get(reverse("committees", args=[scheme.slug]))


# What is left to settle


@pytest.fixture
def settled(action):
    """`action`, whose direction pilots it."""
    action.scheme.pillars.update(source_note="Numéro illisible.")
    return action


def test_actions_without_a_pilot_are_to_settle(scheme, settled):
    sheet = ActionFactory(objective=settled.objective)
    part = ActionFactory(parent=sheet)
    ActionFactory(parent=InvolvementFactory(action=ActionFactory(objective=settled.objective)).action)
    ActionFactory(objective=settled.objective, nature="table")
    ActionFactory(objective=settled.objective, valid_until=2025)
    last_year = ActionFactory(objective=settled.objective, valid_until=2026)
    supported = InvolvementFactory(action=ActionFactory(objective=settled.objective), role="support").action
    closed = InvolvementFactory(
        action=ActionFactory(objective=settled.objective),
        direction=DirectionFactory(organisation=scheme.organisation, active=False),
    ).action
    found = plan_to_settle(scheme, year=2026).without_pilot
    assert {row.pk for row in found} == {part.pk, last_year.pk, supported.pk, closed.pk}


def test_source_notes_are_to_settle_with_the_address_of_a_form(team, scheme, settled):
    StepFactory(action=settled, source_note="Quelle année ?")
    Action.objects.filter(pk=settled.pk).update(source_note="Page coupée.")
    committee = CommitteeFactory(scheme=scheme, source_note="Qui siège ?")
    scheme.source_note = "Sans date."
    doubts = plan_to_settle(scheme, year=2026).doubts
    assert [doubt.note for doubt in doubts] == [
        "Sans date.",
        "Numéro illisible.",
        "Page coupée.",
        "Quelle année ?",
        "Qui siège ?",
    ]
    assert doubts[2].address == reverse("action_edit", args=[scheme.slug, settled.code])
    assert doubts[4].address == reverse("committee_edit", args=[scheme.slug, committee.pk])
    assert {team.get(doubt.address).status_code for doubt in doubts} == {200}


def test_what_is_to_settle_is_shown(scheme, settled):
    orphan = ActionFactory(objective=settled.objective, number="7")
    html = render_to_string(
        "actions/plan_to_settle.html", {"to_settle": plan_to_settle(scheme, year=2026), "scheme": scheme}
    )
    assert reverse("action_involvements", args=[scheme.slug, orphan.code]) in html
    assert "Numéro illisible." in html
    assert settled.title not in html


def test_queries_of_what_is_to_settle_do_not_grow(scheme, settled, django_assert_num_queries):
    for count in (2, 20):
        for _ in range(count):
            sheet = ActionFactory(objective__pillar__scheme=scheme, source_note="?")
            StepFactory(action=ActionFactory(parent=sheet, source_note="?"), source_note="?")
            sheet.objective.pillar.__class__.objects.filter(pk=sheet.objective.pillar_id).update(
                source_note="?"
            )
        with django_assert_num_queries(6):
            plan_to_settle(scheme, year=2026)


# two people at one form


def page_data(client, page):
    """What a browser sends back of a form that nobody has touched."""
    form = client.get(page).context["form"]
    return {field.html_name: "" if field.value() is None else field.value() for field in form}


def test_what_one_left_alone_does_not_undo_a_colleague(team, scheme, action):
    page = reverse("action_edit", args=[scheme.slug, action.code])
    late = page_data(team, page) | {"title": "Un titre plus juste"}
    team.post(page, page_data(team, page) | {"purpose": "Acheter\r\nmieux"})
    team.post(page, late)
    action.refresh_from_db()
    assert (action.title, action.purpose) == ("Un titre plus juste", "Acheter\nmieux")


def test_what_two_have_changed_is_shown_and_the_next_save_decides(team, scheme, action):
    page = reverse("action_edit", args=[scheme.slug, action.code])
    late = page_data(team, page) | {"purpose": "Acheter moins"}
    team.post(page, page_data(team, page) | {"purpose": "Acheter mieux"})
    response = team.post(page, late)
    assert "Quelqu’un a changé cela entre-temps : « Acheter mieux »." in text_of(response)
    action.refresh_from_db()
    assert action.purpose == "Acheter mieux"
    form = response.context["form"]
    team.post(page, {field.html_name: field.value() or "" for field in form})
    action.refresh_from_db()
    assert action.purpose == "Acheter moins"


def test_a_forged_memory_of_the_page_breaks_nothing(team, scheme, action):
    page = reverse("action_edit", args=[scheme.slug, action.code])
    for was in ("", "{", "[1]", '{"title": [1]}', "[" * 5000):
        response = team.post(page, page_data(team, page) | {"was": was})
        assert response.status_code in (200, 302)


def test_an_involvement_that_one_left_alone_keeps_what_a_colleague_wrote(team, scheme, action):
    page = reverse("action_involvements", args=[scheme.slug, action.code])

    def data():
        formset = team.get(page).context["formset"]
        fields = [*formset.management_form, *(field for form in formset for field in form)]
        return {field.html_name: field.value() or "" for field in fields if field.name != "DELETE"}

    late = data() | {"participations-1-note": "appui juridique"}
    team.post(page, data() | {"participations-0-note": "chef de file"})
    team.post(page, late)
    assert [row.note for row in action.involvements.all()] == ["chef de file", "appui juridique"]
