"""The administration of organisations, accounts and roles: what a steering team may do for its members, and no more."""

from functools import partial
from smtplib import SMTPException

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.urls import reverse

from actions.models import Membership, Role, Scheme, User
from tests.administration import (
    address,
    all_errors,
    form_data,
    list_queries,
    new_row,
    shared_member,
    superuser,
)
from tests.factories import DirectionFactory, MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def steering_client(client, steering):
    client.force_login(steering)
    return client


def test_the_organisation_of_a_scheme_does_not_change(steering_client, scheme):
    form = steering_client.get(address(scheme, "change")).context["adminform"].form
    assert not {"organisation", "slug"} & set(form.fields)


def test_a_scheme_is_added_to_the_organisation_steered(steering_client, organisation):
    data = form_data(steering_client.get(address(Scheme, "add")))
    assert data["organisation"] == organisation.pk
    data |= {"title": "SPASER 2030", "slug": "spaser-2030"}
    assert steering_client.post(address(Scheme, "add"), data).status_code == 302
    assert Scheme.objects.get(slug="spaser-2030").organisation == organisation


def test_buyers_with_one_siret_are_refused(steering_client, organisation):
    page = address(organisation, "change")
    data = form_data(steering_client.get(page))
    data |= new_row("buyers", 0, code="A", name="Département", siret="12345678901234")
    data |= new_row("buyers", 1, code="B", name="Budget annexe", siret="12345678901234")
    response = steering_client.post(page, data)
    assert "Deux acheteurs ont ce SIRET." in all_errors(response)
    assert not organisation.buyers.exists()


def add_account(client, **values):
    data = form_data(client.get(address(User, "add"))) | {"email": "Nina@Example.org", **values}
    return client.post(address(User, "add"), data)


def test_steering_team_adds_an_account_with_its_role(steering_client, organisation):
    response = add_account(
        steering_client, first_name="Nina", last_name="Roy", **{"memberships-0-role": Role.COPIL}
    )
    added = User.objects.get(email="nina@example.org")
    assert response.status_code == 302
    assert added.memberships.get().organisation == organisation
    assert not (added.has_usable_password() or added.is_superuser or added.is_staff)


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    """Letters leave once a transaction is committed; these tests roll theirs back."""
    return partial(django_capture_on_commit_callbacks, execute=True)


def test_a_new_account_is_invited_as_on_the_members_page(steering_client, steering, committing):
    page = steering_client.get(address(User, "add")).content.decode()
    assert "la personne reçoit par courriel une invitation à choisir son mot de passe." in page
    with committing():
        response = add_account(steering_client, **{"memberships-0-role": Role.COPIL})
    (letter,) = mail.outbox
    assert (letter.to, letter.reply_to) == (["nina@example.org"], [steering.email])
    assert "http://testserver/mot-de-passe/" in letter.body and "membre du COPIL" in letter.body
    said = [str(message) for message in get_messages(response.wsgi_request)]
    assert "Une invitation part à nina@example.org." in said


def test_an_account_made_without_a_role_is_invited_with_its_first(client, organisation, committing):
    client.force_login(superuser())
    with committing():
        assert add_account(client).status_code == 302
    assert mail.outbox == []
    user = User.objects.get(email="nina@example.org")
    role = {"user": user.pk, "organisation": organisation.pk, "role": Role.COPIL}
    with committing():
        assert client.post(address(Membership, "add"), role).status_code == 302
    assert [letter.to for letter in mail.outbox] == [["nina@example.org"]]


def test_who_has_a_password_is_not_invited(steering_client, organisation, copil_member, committing):
    copil_member.set_password("cheval-pile-agrafe")
    copil_member.save()
    page = address(copil_member, "change")
    row = new_row("memberships", 1, role=Role.STEERING, organisation=organisation.pk, direction="")
    with committing():
        assert steering_client.post(page, form_data(steering_client.get(page)) | row).status_code == 302
    assert copil_member.memberships.count() == 2
    assert mail.outbox == []


def test_a_letter_that_does_not_leave_is_said(steering_client, committing, monkeypatch):
    def refuse(letter):
        raise SMTPException("450")

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    with committing():
        response = add_account(steering_client, **{"memberships-0-role": Role.COPIL})
    assert User.objects.get(email="nina@example.org").memberships.exists()
    (error,) = [m for m in get_messages(response.wsgi_request) if m.level_tag == "error"]
    assert "Le rôle est donné, mais l’invitation n’est pas partie" in str(error)


# The steering team keeps a member

LAST = "L’équipe de pilotage garde au moins un membre : nommez d’abord quelqu’un d’autre."


def select_and_delete(client, *rows):
    data = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    return client.post(address(rows[0], "changelist"), data)


def test_the_last_of_the_team_is_not_deleted(client, steering):
    client.force_login(superuser())
    for row in (steering.memberships.get(), steering):
        assert LAST in client.get(address(row, "delete")).content.decode()
        assert LAST in client.post(address(row, "delete"), {"post": "yes"}).content.decode()
        assert LAST in select_and_delete(client, row).content.decode()
    assert steering.memberships.get().role == Role.STEERING


def test_a_whole_team_is_not_deleted_at_once(steering_client, organisation, steering, copil_member):
    second = MembershipFactory(organisation=organisation, role=Role.STEERING)
    first, other = steering.memberships.get(), copil_member.memberships.get()
    assert LAST in select_and_delete(steering_client, first, second, other).content.decode()
    assert select_and_delete(steering_client, second, other).status_code == 302
    assert list(organisation.memberships.all()) == [first]


def test_the_last_of_the_team_does_not_change_role(steering_client, steering):
    page = address(steering.memberships.get(), "change")
    response = steering_client.post(page, form_data(steering_client.get(page)) | {"role": Role.COPIL})
    assert all_errors(response) == [LAST]
    page = address(steering, "change")
    data = form_data(steering_client.get(page))
    for values in ({"memberships-0-DELETE": "on"}, {"memberships-0-role": Role.COPIL}):
        assert all_errors(steering_client.post(page, data | values)) == [LAST]
    assert steering.memberships.get().role == Role.STEERING


def test_one_of_two_leaves_the_team_and_the_administration(steering_client, organisation, steering):
    MembershipFactory(organisation=organisation, role=Role.STEERING)
    response = steering_client.post(address(steering.memberships.get(), "delete"), {"post": "yes"})
    assert response.url == reverse("home")
    assert not steering.memberships.exists()


def test_an_account_without_a_role_is_refused(steering_client):
    response = add_account(steering_client)
    assert "Ce champ est obligatoire." in all_errors(response)
    assert not User.objects.filter(email="nina@example.org").exists()


def test_a_role_twice_is_refused(steering_client, organisation):
    role = {"role": Role.COPIL, "organisation": organisation.pk, "direction": ""}
    response = add_account(
        steering_client, **new_row("memberships", 0, **role) | new_row("memberships", 1, **role)
    )
    assert all_errors(response) == ["Ce rôle est donné deux fois."]


def test_a_stored_role_given_again_is_refused(steering_client, copil_member, organisation):
    page = address(copil_member, "change")
    row = new_row("memberships", 1, role=Role.COPIL, organisation=organisation.pk, direction="")
    response = steering_client.post(page, form_data(steering_client.get(page)) | row)
    assert "Cette personne a déjà ce rôle dans cette collectivité." in all_errors(response)


def test_steering_team_grants_no_power_over_others(steering_client, copil_member):
    page = address(copil_member, "change")
    data = form_data(steering_client.get(page))
    assert not {"is_superuser", "is_staff", "groups", "user_permissions", "password"} & set(data)
    data |= {"is_superuser": "on", "is_staff": "on", "first_name": "Ana"}
    assert steering_client.post(page, data).status_code == 302
    stored = User.objects.get(pk=copil_member.pk)
    assert (stored.first_name, stored.is_superuser, stored.is_staff) == ("Ana", False, False)


def test_only_a_superuser_makes_a_superuser(client, pilot):
    client.force_login(superuser())
    page = address(pilot, "change")
    assert client.post(page, form_data(client.get(page)) | {"is_superuser": "on"}).status_code == 302
    assert User.objects.get(pk=pilot.pk).is_superuser


@pytest.mark.parametrize("kind", ["shared", "superuser"])
def test_accounts_that_are_not_only_one_s_own_are_seen_not_changed(steering_client, organisation, kind):
    if kind == "shared":
        user = shared_member(organisation, OrganisationFactory(name="Ailleurs"))
    else:
        user = superuser()
        MembershipFactory(user=user, organisation=organisation, role=Role.COPIL)
    page = address(user, "change")
    response = steering_client.get(page)
    assert response.status_code == 200
    assert "Ailleurs" not in response.content.decode()
    assert "../password/" not in response.content.decode()
    assert steering_client.post(page, {"email": "pris@example.org"}).status_code == 403
    assert steering_client.get(address(user, "delete")).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[user.pk])
    assert steering_client.get(password).status_code == 403


def test_a_password_is_given_to_a_member(steering_client, copil_member):
    page = reverse("admin:auth_user_password_change", args=[copil_member.pk])
    words = {"password1": "cheval-pile-agrafe", "password2": "cheval-pile-agrafe", "usable_password": "true"}
    assert steering_client.post(page, words).status_code == 302
    assert User.objects.get(pk=copil_member.pk).check_password("cheval-pile-agrafe")


def test_roles_are_given_in_directions_of_the_same_organisation(client, organisation):
    user, elsewhere = UserFactory(), DirectionFactory()
    client.force_login(superuser())
    data = {"user": user.pk, "organisation": organisation.pk, "role": Role.PILOT, "direction": elsewhere.pk}
    response = client.post(address(Membership, "add"), data)
    errors = response.context["adminform"].form.errors
    assert errors == {"direction": ["Cette direction est celle d’une autre collectivité."]}


def test_a_role_without_its_direction_is_refused(steering_client, copil_member, organisation):
    data = {"user": copil_member.pk, "organisation": organisation.pk, "role": Role.PILOT}
    response = steering_client.post(address(Membership, "add"), data)
    assert len(all_errors(response)) == 1
    assert "l’équipe de pilotage et le COPIL" in all_errors(response)[0]


def test_members_are_filtered_by_a_role_held_here(steering_client, organisation, copil_member):
    elsewhere = shared_member(organisation, OrganisationFactory())
    response = steering_client.get(address(User, "changelist"), {"role": Role.STEERING})
    assert elsewhere not in response.context["cl"].result_list
    response = steering_client.get(address(User, "changelist"), {"role": Role.COPIL})
    assert list(response.context["cl"].result_list) == [copil_member]


@pytest.mark.parametrize("model", [User, Membership], ids=lambda model: model.__name__)
def test_a_list_takes_as_many_queries_for_20_rows_as_for_2(steering_client, organisation, model):
    for _ in range(2):
        MembershipFactory(direction=DirectionFactory(organisation=organisation))
    few = list_queries(steering_client, model)
    for _ in range(18):
        MembershipFactory(direction=DirectionFactory(organisation=organisation))
    assert list_queries(steering_client, model) == few
