"""The demonstration's accounts, and the pages that say no."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from actions.models import Membership, User
from tests.plans import load_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    load_plan("pas-de-calais-2026")
    load_plan("nord-2026")

    def run():
        out = StringIO()
        call_command("demo_accounts", stdout=out)
        return out.getvalue()

    return run


def test_accounts_for_every_role_that_log_in_with_what_is_printed(demo, client):
    printed = demo()
    password = re.search(r"mot de passe commun : (\S+)\)", printed).group(1)
    emails = re.findall(r"\S+@demo\.example", printed)
    assert set(Membership.objects.values_list("role", flat=True)) == {
        "pilot",
        "contributor",
        "steering",
        "copil",
    }
    assert len(emails) == len(set(emails)) == 7
    for email in emails:
        assert client.login(username=email, password=password)
    assert Membership.objects.filter(user__email="caap@demo.example").count() == 2  # both organisations


def test_running_again_changes_nothing(demo):
    first = demo()
    accounts = list(User.objects.values_list("email", "password"))
    assert demo() == first
    assert list(User.objects.values_list("email", "password")) == accounts


def test_never_outside_a_demonstration(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="Réservé à une démonstration"):
        call_command("demo_accounts")
    assert not User.objects.exists()


def test_what_is_not_found_is_said_in_french(client, pilot):
    client.force_login(pilot)
    response = client.get("/schemas/inconnu/")
    assert response.status_code == 404
    assert "Page introuvable" in response.content.decode()


def test_what_is_forbidden_is_said_in_french(client, pilot):
    client.force_login(pilot)
    response = client.get("/gestion/")
    assert response.status_code == 403
    assert "Accès refusé" in response.content.decode()
