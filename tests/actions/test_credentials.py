"""The keys of the API: made and closed by the steering team, told once, and never taken for people."""

import hashlib
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from actions import views_credentials
from actions.models import Credential, Direction, Membership, Organisation, Role, Scope, User
from actions.services import create_credential, revoke_credential
from indicators.mail.addressees import addressees_of
from indicators.notices import tell_remark
from tests.actions.test_pages import text_of
from tests.administration import address, form_data, page_queries, superuser
from tests.factories import (
    CampaignFactory,
    CredentialFactory,
    DirectionFactory,
    MembershipFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def the_day(monkeypatch):
    """These pages are of 21 November 2026."""
    monkeypatch.setattr(views_credentials.timezone, "localdate", lambda *moment: date(2026, 11, 21))


@pytest.fixture
def team(client, steering):
    client.force_login(steering)
    return client


@pytest.fixture
def pages(organisation):
    return {name: reverse(name, args=[organisation.slug]) for name in ("credentials", "credential_add")}


def revoking(credential):
    return reverse("credential_revoke", args=[credential.organisation.slug, credential.prefix])


def made(client, page, **data):
    values = {"name": "SIS Marchés", "scope": "api_read", "expires_on": "2027-11-21"}
    return client.post(page, values | data)


def token_in(response):
    return re.search(r'<input id="token" value="([^"]+)"', response.content.decode()).group(1)


# Making one


def test_the_token_is_told_in_the_answer_and_nowhere_else(team, pages):
    response = made(team, pages["credential_add"])
    token = token_in(response)
    assert response.status_code == 200
    assert re.fullmatch(r"spaser_[0-9a-f]{8}_[\w-]{43}", token)
    assert "no-store" in response["Cache-Control"]
    assert f'curl -H "Authorization: Bearer {token}" http://testserver/api/v1/schemes/' in text_of(
        response
    ).replace("&quot;", '"')
    secret = token.split("_", 2)[2]
    assert secret not in str(dict(team.session))
    for page in pages.values():
        assert secret not in team.get(page).content.decode()


def test_only_the_digest_of_the_secret_is_kept(team, pages, steering, organisation):
    _, prefix, secret = token_in(made(team, pages["credential_add"])).split("_", 2)
    row = Credential.objects.get()
    assert (row.prefix, row.digest) == (prefix, hashlib.sha256(secret.encode()).hexdigest())
    assert (row.organisation, row.name, row.expires_on) == (organisation, "SIS Marchés", date(2027, 11, 21))
    assert (row.created_by, row.revoked_at, row.last_used_at) == (steering, None, None)
    assert secret not in str(Credential.objects.values().get())
    assert secret not in str(User.objects.filter(pk=row.account_id).values().get())


@pytest.mark.parametrize(
    ("scope", "role"), [("api_read", Role.API_READ), ("api_write", Role.API_WRITE)], ids=["read", "write"]
)
def test_the_account_holds_the_one_role_of_the_key(scope, role, team, pages, organisation):
    made(team, pages["credential_add"], scope=scope)
    account = Credential.objects.get().account
    membership = account.memberships.get()
    assert (membership.organisation, membership.direction, membership.role) == (organisation, None, role)
    assert (str(account), account.is_active, account.has_usable_password()) == ("SIS Marchés", True, False)
    assert not (account.is_staff or account.is_superuser)


def test_a_key_is_proposed_to_read_for_a_year(team, pages):
    page = team.get(pages["credential_add"])
    form = page.context["form"]
    assert form["scope"].value() == Scope.READ
    text = text_of(page)
    assert 'value="2027-11-21"' in text and "Au plus tard le 21/11/2028." in text
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("day", ["2026-11-21", "2028-11-21", "21/11/2028"])
def test_the_first_and_the_last_day_are_allowed(day, team, pages):
    assert "est créée" in text_of(made(team, pages["credential_add"], expires_on=day))


def test_two_years_after_a_29_february_are_counted_to_the_28th(team, pages, monkeypatch):
    monkeypatch.setattr(views_credentials.timezone, "localdate", lambda: date(2028, 2, 29))
    text = text_of(team.get(pages["credential_add"]))
    assert 'value="2029-02-28"' in text and "Au plus tard le 28/02/2030." in text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"expires_on": "2026-11-20"}, "Cette date est passée."),
        ({"expires_on": "2028-11-22"}, "deux ans au plus : choisissez une date jusqu’au 21/11/2028."),
        ({"expires_on": "bientôt"}, "Saisissez une date valide."),
        ({"expires_on": ""}, "Ce champ est obligatoire."),
        ({"scope": "steering"}, "Sélectionnez un choix valide."),
        ({"scope": ""}, "Ce champ est obligatoire."),
        ({"name": "   "}, "Ce champ est obligatoire."),
        ({"name": "n" * 101}, "au plus 100 caractères"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(data, message, team, pages):
    typed = {"name": "Entrepôt de données", "scope": "api_write", "expires_on": "2027-01-31"} | data
    response = made(team, pages["credential_add"], **typed)
    text = text_of(response)
    assert response.status_code == 200
    assert message in text
    assert response.context["form"].data.dict() == typed
    for name in typed.keys() - data.keys():
        assert f'value="{typed[name]}"' in text
    assert not Credential.objects.exists()
    assert not User.objects.filter(email__endswith="client.invalid").exists()


def test_everything_wrong_is_said_at_once(team, pages):
    errors = made(team, pages["credential_add"], name="", scope="", expires_on="").context["form"].errors
    assert set(errors) == {"name", "scope", "expires_on"}


def test_the_same_form_sent_again_makes_no_second_key(team, pages):
    made(team, pages["credential_add"])
    response = made(team, pages["credential_add"], name=" SIS  Marchés ")
    assert "Une clé de la collectivité porte déjà ce nom" in text_of(response)
    assert "token" not in response.context
    assert Credential.objects.count() == 1


def test_the_same_form_sent_twice_at_once_makes_one_key(team, pages, monkeypatch):
    def first_the_other(**values):
        create_credential(**values)
        return create_credential(**values)

    monkeypatch.setattr(views_credentials, "create_credential", first_the_other)
    response = made(team, pages["credential_add"])
    assert "Une clé de la collectivité porte déjà ce nom" in text_of(response)
    assert (Credential.objects.count(), Membership.objects.filter(role=Role.API_READ).count()) == (1, 1)


def test_the_name_of_a_revoked_key_or_of_elsewhere_is_free(team, pages, organisation):
    CredentialFactory(name="SIS Marchés")
    former = CredentialFactory(organisation=organisation, name="SIS Marchés")
    team.post(revoking(former))
    assert "est créée" in text_of(made(team, pages["credential_add"]))


# The list


def cells(page, name):
    """What the row of the key `name` says."""
    (row,) = [row for row in re.findall(r"<tr>.*?</tr>", page) if f'row">{name}<' in row]
    return re.sub(r"<[^>]+>", " ", row)


def test_the_list_says_what_becomes_of_each_key(team, pages, organisation, steering):
    steering.first_name, steering.last_name = "Anne", "Petit"
    steering.save()
    values = {"organisation": organisation, "by": steering, "at": NOW}
    states = {
        "Loin": (date(2026, 12, 22), "active"),
        "Trente": (date(2026, 12, 21), "active expire dans 30 jours"),
        "Douze": (date(2026, 12, 3), "active expire dans 12 jours"),
        "Demain": (date(2026, 11, 22), "active expire demain"),
        "Dernier jour": (date(2026, 11, 21), "active expire aujourd’hui"),
        "Hier": (date(2026, 11, 20), "expirée"),
    }
    for name, (day, _) in states.items():
        CredentialFactory(name=name, expires_on=day, **values)
    closed = CredentialFactory(name="Ancien", scope=Scope.WRITE, **values)
    revoke_credential(closed, by=steering, at=NOW + timedelta(days=1))
    Credential.objects.filter(name="Loin").update(last_used_at=datetime(2026, 11, 20, 8, 5, tzinfo=UTC))
    page = text_of(team.get(pages["credentials"]))
    for name, (day, state) in states.items():
        words = " ".join(cells(page, name).split())
        assert f"{day:%d/%m/%Y}" in words
        assert words.endswith(f"{state} Révoquer la clé {name}"), name
    first = Credential.objects.get(name="Loin")
    words = " ".join(cells(page, "Loin").split())
    assert words.startswith(f"Loin spaser_{first.prefix}_… lecture 21/11/2026 par Anne Petit 22/12/2026 ")
    assert "20/11/2026 à 9 h 05" in words  # in Paris
    words = " ".join(cells(page, "Ancien").split())
    assert "lecture et saisie" in words and "jamais" in words
    assert words.endswith("révoquée le 22/11/2026 par Anne Petit")
    names = re.findall(r'scope="row">([^<]+)<', page)
    assert names == ["Demain", "Dernier jour", "Douze", "Loin", "Trente", "Hier", "Ancien"]


def test_an_organisation_without_key_says_so(team, pages, organisation):
    CredentialFactory(name="Autre logiciel")
    text = text_of(team.get(pages["credentials"]))
    assert "Aucune clé pour le moment." in text
    assert "Autre logiciel" not in text


def test_the_list_takes_as_many_queries_for_20_keys_as_for_2(team, pages, organisation, steering):
    for rank in range(2):
        key = CredentialFactory(organisation=organisation)
        if rank:
            revoke_credential(key, by=steering, at=NOW)
    few = page_queries(team, pages["credentials"])
    for rank in range(18):
        key = CredentialFactory(organisation=organisation)
        if rank % 2:
            revoke_credential(key, by=MembershipFactory().user, at=NOW)
    assert page_queries(team, pages["credentials"]) == few


def test_the_team_finds_its_keys_from_its_members(team, pages, organisation):
    assert f'href="{pages["credentials"]}"' in text_of(team.get(reverse("members", args=[organisation.slug])))


# Closing one


def test_a_revoked_key_opens_nothing_and_has_no_role(team, organisation, steering):
    key = CredentialFactory(organisation=organisation, name="SIS Marchés")
    question = team.get(revoking(key))
    assert "Révoquer la clé « SIS Marchés »" in text_of(question)
    assert Credential.objects.get().revoked_at is None
    response = team.post(revoking(key), follow=True)
    assert "La clé « SIS Marchés » est révoquée" in text_of(response)
    row = Credential.objects.of_token(key.token)
    assert (row.revoked_by, row.account.is_active) == (steering, False)
    assert row.refusal(date(2026, 11, 21)) == "Cette clé d’accès est révoquée."
    assert not row.account.memberships.exists()
    assert not Organisation.objects.visible_to(row.account).exists()


def test_revoking_twice_is_revoking_once(team, organisation, steering):
    key = CredentialFactory(organisation=organisation, name="SIS Marchés")
    revoke_credential(key, by=steering, at=NOW)
    for ask in (team.get, team.post):
        assert "est déjà révoquée" in text_of(ask(revoking(key), follow=True))
    assert Credential.objects.get().revoked_at == NOW


def test_a_key_of_elsewhere_is_not_found(team, organisation):
    other = CredentialFactory()
    for prefix in (other.prefix, "00000000"):
        page = reverse("credential_revoke", args=[organisation.slug, prefix])
        assert [team.get(page).status_code, team.post(page).status_code] == [404, 404]
    assert Credential.objects.get().revoked_at is None


@pytest.mark.parametrize(
    ("name", "status"), [("pilot", 403), ("contributor", 403), ("copil_member", 403), ("stranger", 404)]
)
def test_only_the_steering_team_sees_makes_and_closes_keys(
    name, status, request, client, organisation, pages
):
    key = CredentialFactory(organisation=organisation)
    client.force_login(request.getfixturevalue(name))
    assert [client.get(page).status_code for page in pages.values()] == [status, status]
    assert made(client, pages["credential_add"]).status_code == status
    assert [ask(revoking(key)).status_code for ask in (client.get, client.post)] == [status, status]
    assert Credential.objects.get().revoked_at is None


# Whose the token is


def test_a_token_is_known_by_all_of_it():
    key = CredentialFactory()
    _, prefix, secret = key.token.split("_", 2)
    for wrong in (
        "",
        "spaser",
        f"spaser_{prefix}_",
        f"autre_{prefix}_{secret}",
        f"{key.token}a",
        key.token[:-1],
    ):
        assert Credential.objects.of_token(wrong) is None, wrong
    assert Credential.objects.of_token(f"spaser_{CredentialFactory().prefix}_{secret}") is None
    assert Credential.objects.of_token(key.token) == key


def test_an_expired_key_says_since_when():
    key = CredentialFactory(expires_on=date(2026, 11, 21))
    assert key.refusal(date(2026, 11, 21)) == ""
    assert key.refusal(date(2026, 11, 22)) == "Cette clé d’accès a expiré le 21/11/2026."


def test_a_use_is_noted_once_a_minute(django_assert_num_queries):
    key = CredentialFactory()
    key.note_use(NOW)
    with django_assert_num_queries(0):
        key.note_use(NOW + timedelta(seconds=59))
    key.note_use(NOW + timedelta(seconds=60))
    assert Credential.objects.get().last_used_at == NOW + timedelta(seconds=60)


# An account that is nobody


@pytest.fixture
def account(organisation):
    return CredentialFactory(organisation=organisation, name="SIS Marchés", scope=Scope.WRITE).account


def test_keys_are_no_members(team, organisation, account):
    text = text_of(team.get(reverse("members", args=[organisation.slug])))
    assert "SIS Marchés" not in text and account.email not in text
    assert "client de l’API" not in text
    for name in ("member_remove", "member_invite"):
        page = reverse(name, args=[organisation.slug, account.memberships.get().pk])
        assert team.post(page).status_code == 404
    assert account.memberships.exists()
    assert mail.outbox == []


def test_a_key_is_given_no_role_of_a_person(team, organisation, account):
    page = reverse("members", args=[organisation.slug])
    response = team.post(page, {"email": account.email.upper(), "role": "steering"})
    assert "Cette adresse est celle d’une clé d’accès, pas d’une personne." in text_of(response)
    assert account.memberships.get().role == Role.API_WRITE


def test_a_person_is_given_no_role_of_a_key(team, organisation):
    page = reverse("members", args=[organisation.slug])
    for role in ("api_read", "api_write"):
        response = team.post(page, {"email": "anne@exemple.test", "role": role})
        assert "Sélectionnez un choix valide" in text_of(response)
    assert not User.objects.filter(email="anne@exemple.test").exists()


def test_a_key_does_not_lead_an_organisation(client, account):
    client.force_login(superuser())
    response = client.post(reverse("organisation_add"), {"email": account.email})
    assert response.context["form"].errors["email"] == [
        "Cette adresse est celle d’une clé d’accès, pas d’une personne."
    ]


def test_a_key_gets_no_link_to_a_password(client, account, steering):
    for email in (account.email, account.email.upper(), steering.email):
        client.post(reverse("password_reset"), {"email": email})
    assert [letter.to for letter in mail.outbox] == [[steering.email]]


def test_what_a_key_wrote_bears_its_name_and_brings_it_no_letter(
    client, pilot, steering, action, account, django_capture_on_commit_callbacks
):
    campaign = CampaignFactory(scheme=action.scheme, year=2026, opens_on=date(2020, 1, 1))
    report = ReportFactory(campaign=campaign, action=action)
    ReadingFactory(report=report, changed_by=account, number=7)
    found = addressees_of([report])[report.pk]
    assert account not in {*found.involved, *found.team}
    with django_capture_on_commit_callbacks(execute=True):
        tell_remark(RemarkFactory(report=report, author=steering, text="D’où vient ce 7 ?"))
    assert [letter.to for letter in mail.outbox] == [[pilot.email]]
    client.force_login(pilot)
    history = reverse("report_history", args=[action.scheme.slug, campaign.key, action.code])
    assert "SIS Marchés" in text_of(client.get(history))


# The administration


@pytest.mark.parametrize("who", ["steering", "superuser"])
def test_the_administration_shows_people_only(who, client, steering, organisation, account):
    client.force_login(steering if who == "steering" else superuser())
    membership = account.memberships.get()
    for row in (account, membership):
        listed = client.get(address(row, "changelist"))
        assert row not in listed.context["cl"].result_list
        for page in ("change", "delete", "history"):
            assert client.get(address(row, page)).status_code == 404
        assert client.post(address(row, "change"), {"is_active": ""}).status_code == 404
        assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 404
        removing = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        client.post(address(row, "changelist"), removing)
    assert client.get(reverse("admin:auth_user_password_change", args=[account.pk])).status_code == 404
    searched = {"app_label": "actions", "model_name": "membership", "field_name": "user", "term": "SIS"}
    assert client.get(reverse("admin:autocomplete"), searched).json()["results"] == []
    assert Membership.objects.get(pk=membership.pk).user.is_active


def test_the_administration_gives_roles_of_people_only(team, organisation, copil_member, account):
    names = ["pilot", "contributor", "steering", "copil"]
    for row in (copil_member, copil_member.memberships.get()):
        filters = team.get(address(row, "changelist")).context["cl"].filter_specs
        (roles,) = [spec for spec in filters if spec.title == "rôle"]
        assert [value for value, _ in roles.lookup_choices] == names
    page = address(Membership, "add")
    role = team.get(page).context["adminform"].form.fields["role"]
    assert [value for value, _ in role.choices if value] == names
    data = form_data(team.get(page)) | {"user": copil_member.pk, "role": "api_write"}
    assert "role" in team.post(page, data).context["adminform"].form.errors
    data = form_data(team.get(page)) | {"user": account.pk, "role": "steering"}
    assert "user" in team.post(page, data).context["adminform"].form.errors
    page = address(copil_member, "change")
    data = form_data(team.get(page)) | {"memberships-0-role": "api_write"}
    assert team.post(page, data).context["errors"]
    assert copil_member.memberships.get().role == Role.COPIL
    assert account.memberships.get().role == Role.API_WRITE


def test_memberships_are_filtered_by_their_role(team, organisation, copil_member, steering):
    shown = team.get(address(Membership, "changelist"), {"role": "copil"}).context["cl"].result_list
    assert [row.user for row in shown] == [copil_member]


def test_an_organisation_goes_with_its_keys(client, account, organisation):
    client.force_login(superuser())
    DirectionFactory(organisation=organisation)
    assert client.post(address(organisation, "delete"), {"post": "yes"}).status_code == 302
    assert not (Organisation.objects.exists() or Direction.objects.exists() or Credential.objects.exists())
