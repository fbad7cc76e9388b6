"""The page by which the installation's administrator opens an organisation."""

import pytest
from django.core import mail
from django.urls import reverse

from actions.models import Buyer, Membership, Organisation, Role, User
from tests.factories import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/collectivites/ajouter/"


@pytest.fixture
def administrator(db):
    return UserFactory(is_superuser=True)


def data(**changes):
    return {
        "name": "Département d’essai",
        "slug": "departement-d-essai",
        "email": "Anne.Martin@essai.example",
        "first_name": "Anne",
        "last_name": "Martin",
        "acheteurs-TOTAL_FORMS": "3",
        "acheteurs-INITIAL_FORMS": "0",
        "acheteurs-0-code": "DEP",
        "acheteurs-0-name": "Département d’essai",
        "acheteurs-0-siret": "12345678901234",
        "acheteurs-2-code": "SDIS",
        "acheteurs-2-name": "Service d’incendie",
        **changes,
    }


def test_the_page_is_the_administrator_s_only(client, administrator, steering, pilot):
    assert client.get(URL).status_code == 302
    for user, status in ((steering, 403), (pilot, 403), (administrator, 200)):
        client.force_login(user)
        assert client.get(URL).status_code == status
        assert (URL in client.get(reverse("schemes")).content.decode()) == (status == 200)
    client.force_login(steering)
    assert client.post(URL, data()).status_code == 403
    assert Organisation.objects.count() == 1


def test_an_organisation_is_opened_with_its_buyers_and_its_first_member(
    client, administrator, django_capture_on_commit_callbacks
):
    client.force_login(administrator)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(URL, data(), follow=True)
    assert "«\u00a0Département d’essai\u00a0» est ouverte." in response.content.decode()
    organisation = Organisation.objects.get()
    assert list(organisation.buyers.values_list("code", "siret", "position")) == [
        ("DEP", "12345678901234", 0),
        ("SDIS", "", 1),
    ]
    member = Membership.objects.get()
    assert (member.user.email, member.user.get_full_name()) == ("anne.martin@essai.example", "Anne Martin")
    assert (member.role, member.organisation) == (Role.STEERING, organisation)
    assert [letter.to for letter in mail.outbox] == [["anne.martin@essai.example"]]


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_opened(client, administrator):
    OrganisationFactory(slug="pris")
    client.force_login(administrator)
    wrong = {
        "name": "",
        "slug": "pris",
        "email": "anne",
        "acheteurs-0-siret": "123",
        "acheteurs-2-code": "DEP",
        "acheteurs-2-name": "",
    }
    page = client.post(URL, data(**wrong)).content.decode()
    assert page.count('class="errorlist"') == 5
    assert "Un SIRET a 14 chiffres." in page
    assert 'value="anne"' in page
    assert Organisation.objects.count() == 1
    assert User.objects.count() == 1


def test_two_buyers_do_not_share_a_code_or_a_siret(client, administrator):
    client.force_login(administrator)
    twice = {"acheteurs-2-code": "DEP", "acheteurs-2-siret": "12345678901234"}
    page = client.post(URL, data(**twice)).content.decode()
    assert "Ce code est déjà celui d’un autre acheteur." in page
    assert "Ce SIRET est déjà celui d’un autre acheteur." in page
    assert not Buyer.objects.exists()


def test_the_page_s_own_address_is_no_identifier(client, administrator):
    client.force_login(administrator)
    page = client.post(URL, data(slug="ajouter")).content.decode()
    assert "choisissez un autre identifiant" in page
    assert not Organisation.objects.exists()


def test_a_letter_that_cannot_leave_is_said(
    client, administrator, django_capture_on_commit_callbacks, monkeypatch
):
    def refused(self):
        raise OSError("refused")

    monkeypatch.setattr("actions.services.EmailMessage.send", refused)
    client.force_login(administrator)
    with pytest.raises(Exception, match="n’est pas partie"), django_capture_on_commit_callbacks(execute=True):
        client.post(URL, data())
    assert Membership.objects.get().role == Role.STEERING
