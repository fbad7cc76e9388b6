"""Accounts: the first password, the forgotten one, too many tries; members, whom the steering team invites."""

import re
from smtplib import SMTPException

import pytest
from django.core import mail
from django.urls import reverse

from actions.models import Membership, Role, User
from tests.actions.test_pages import text_of
from tests.factories import DirectionFactory, MembershipFactory, OrganisationFactory, UserFactory

PASSWORD = "une phrase assez longue"


@pytest.fixture(autouse=True)
def transactions(transactional_db):
    """Letters leave once a transaction is committed: these tests commit."""


@pytest.fixture
def members_page(organisation):
    return reverse("members", args=[organisation.slug])


def invite(client, page, **data):
    values = {"email": "nouvelle@exemple.test", "role": "copil", "first_name": "Anne", "last_name": "Petit"}
    return client.post(page, values | data, follow=True)


def link_of(letter):
    return re.search(r"https?://testserver(/\S+)", letter.body).group(1)


def choose_password(client, link):
    page = client.get(link, follow=True)
    return client.post(
        page.request["PATH_INFO"], {"new_password1": PASSWORD, "new_password2": PASSWORD}, follow=True
    )


def test_an_invited_person_chooses_a_password_and_enters(client, steering, organisation, members_page):
    direction = DirectionFactory(organisation=organisation, name="Direction des routes")
    client.force_login(steering)
    response = invite(
        client, members_page, email="Nouvelle@Exemple.Test", role="pilot", direction=direction.pk
    )
    assert "Une invitation part à nouvelle@exemple.test." in text_of(response)
    (letter,) = mail.outbox
    assert (letter.to, letter.reply_to) == (["nouvelle@exemple.test"], [steering.email])
    assert "« pilote » pour Direction des routes" in letter.body
    client.logout()
    assert "Mot de passe enregistré" in text_of(choose_password(client, link_of(letter)))
    response = client.post(reverse("login"), {"username": "nouvelle@exemple.test", "password": PASSWORD})
    assert response.url == reverse("home")
    assert Membership.objects.get(user__email="nouvelle@exemple.test").direction == direction


def test_a_link_serves_once(client, steering, members_page):
    client.force_login(steering)
    invite(client, members_page)
    client.logout()
    link = link_of(mail.outbox[0])
    choose_password(client, link)
    assert "Ce lien a déjà servi ou a expiré." in text_of(client.get(link, follow=True))


def test_who_has_an_account_gets_the_role_without_letter(client, steering, organisation, members_page):
    user = UserFactory(email="connue@exemple.test")
    user.set_password(PASSWORD)
    user.save()
    client.force_login(steering)
    invite(client, members_page, email="connue@exemple.test")
    assert mail.outbox == []
    assert user.memberships.get().organisation == organisation


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"role": "pilot"}, "un pilote ou un contributeur l’est d’une direction"),
        ({"email": "pas une adresse"}, "Saisissez une adresse"),
        ({"role": "chef"}, "Sélectionnez un choix valide"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, steering, members_page, data, message):
    client.force_login(steering)
    response = invite(client, members_page, **data)
    text = text_of(response)
    assert message in text
    assert 'value="Petit"' in text
    assert mail.outbox == []


def test_the_same_role_twice_is_refused(client, steering, members_page):
    client.force_login(steering)
    invite(client, members_page)
    assert "Cette personne a déjà ce rôle." in text_of(invite(client, members_page))


def test_a_direction_of_another_organisation_cannot_be_chosen(client, steering, members_page):
    client.force_login(steering)
    other = DirectionFactory(organisation=OrganisationFactory())
    response = invite(client, members_page, role="pilot", direction=other.pk)
    assert not User.objects.filter(email="nouvelle@exemple.test").exists()
    assert "Sélectionnez un choix valide" in text_of(response)


def test_the_invitation_leaves_again(client, steering, organisation, members_page):
    client.force_login(steering)
    invite(client, members_page)
    membership = Membership.objects.get(user__email="nouvelle@exemple.test")
    response = client.post(reverse("member_invite", args=[organisation.slug, membership.pk]), follow=True)
    assert "repart à nouvelle@exemple.test" in text_of(response)
    assert len(mail.outbox) == 2


def test_a_role_is_taken_away_but_not_the_last_of_the_team(client, steering, organisation, pilot):
    client.force_login(steering)
    for user, remains in ((pilot, False), (steering, True)):
        membership = user.memberships.get()
        client.post(reverse("member_remove", args=[organisation.slug, membership.pk]))
        assert Membership.objects.filter(pk=membership.pk).exists() is remains


def test_who_leaves_the_team_goes_home(client, steering, organisation):
    MembershipFactory(organisation=organisation, role=Role.STEERING)
    client.force_login(steering)
    page = reverse("member_remove", args=[organisation.slug, steering.memberships.get().pk])
    response = client.post(page)
    assert response.url == reverse("home")
    assert "n’est plus équipe de pilotage" in text_of(client.get(response.url))


def test_the_last_of_the_team_is_told_why(client, steering, organisation, members_page):
    client.force_login(steering)
    page = reverse("member_remove", args=[organisation.slug, steering.memberships.get().pk])
    response = client.post(page, follow=True)
    assert response.redirect_chain == [(members_page, 302)]
    assert "L’équipe de pilotage garde au moins un membre" in text_of(response)


@pytest.mark.parametrize("failure", [SMTPException("450"), ConnectionRefusedError()])
def test_a_letter_that_does_not_leave_is_said(
    client, steering, organisation, members_page, monkeypatch, failure
):
    def fail(letter):
        raise failure

    client.force_login(steering)
    with monkeypatch.context() as patched:
        patched.setattr(mail.EmailMessage, "send", fail)
        response = invite(client, members_page)
        assert "réessayez avec « Inviter de nouveau »" in text_of(response)
        membership = Membership.objects.get(user__email="nouvelle@exemple.test")
        again = reverse("member_invite", args=[organisation.slug, membership.pk])
        assert "L’invitation n’est pas partie" in text_of(client.post(again, follow=True))
    client.post(again)
    assert len(mail.outbox) == 1


def test_letters_are_plain_text(client, steering, organisation, members_page):
    direction = DirectionFactory(organisation=organisation, name="Direction de l'eau & des routes")
    client.force_login(steering)
    invite(client, members_page, role="pilot", direction=direction.pk, first_name="D'Arc")
    assert "pour Direction de l'eau & des routes dans" in mail.outbox[0].body
    assert mail.outbox[0].body.startswith("Bonjour D'Arc,\n")


def test_letters_say_how_long_the_link_serves(client, steering, members_page, settings):
    settings.PASSWORD_RESET_TIMEOUT = 3 * 86400
    response = client.post(reverse("password_reset"), {"email": steering.email}, follow=True)
    assert "Il vaut 3 jours." in text_of(response)
    client.force_login(steering)
    invite(client, members_page)
    assert ["vaut 3 jours" in letter.body for letter in mail.outbox] == [True, True]


@pytest.mark.parametrize(
    ("name", "status"), [("pilot", 403), ("contributor", 403), ("copil_member", 403), ("stranger", 404)]
)
def test_only_the_steering_team_sees_and_changes_members(
    name, status, request, client, organisation, members_page
):
    target = MembershipFactory(organisation=organisation, role=Role.COPIL)
    client.force_login(request.getfixturevalue(name))
    assert client.get(members_page).status_code == status
    assert invite(client, members_page).status_code == status
    for action in ("member_remove", "member_invite"):
        assert client.post(reverse(action, args=[organisation.slug, target.pk])).status_code == status
    assert Membership.objects.filter(pk=target.pk).exists()
    assert mail.outbox == []


def test_a_membership_of_elsewhere_is_not_reached_through_ones_own_page(client, steering, organisation):
    other = MembershipFactory(role=Role.COPIL)
    client.force_login(steering)
    assert client.post(reverse("member_remove", args=[organisation.slug, other.pk])).status_code == 404


@pytest.mark.parametrize("email", ["pilote@exemple.test", "personne@exemple.test"])
def test_a_forgotten_password_says_the_same_to_all(client, email):
    UserFactory(email="pilote@exemple.test")
    response = client.post(reverse("password_reset"), {"email": email.upper()}, follow=True)
    assert "Si un compte existe à cette adresse" in text_of(response)
    assert len(mail.outbox) == (email == "pilote@exemple.test")


def test_a_forgotten_password_is_replaced(client):
    user = UserFactory(email="pilote@exemple.test")
    client.post(reverse("password_reset"), {"email": user.email})
    choose_password(client, link_of(mail.outbox[0]))
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_an_account_that_is_closed_gets_no_link(client):
    UserFactory(email="partie@exemple.test", is_active=False)
    client.post(reverse("password_reset"), {"email": "partie@exemple.test"})
    assert mail.outbox == []


def test_five_wrong_passwords_close_the_door_for_a_while(client, settings):
    settings.AXES_ENABLED = True
    user = UserFactory(email="pilote@exemple.test")
    user.set_password(PASSWORD)
    user.save()
    for _ in range(5):
        response = client.post(reverse("login"), {"username": user.email, "password": "faux"})
    assert response.status_code == 429
    assert "Trop d’essais" in text_of(response)
    response = client.post(reverse("login"), {"username": user.email, "password": PASSWORD})
    assert response.status_code == 429
    other = client.post(
        reverse("login"), {"username": user.email, "password": PASSWORD}, REMOTE_ADDR="192.0.2.7"
    )
    assert other.status_code == 302
