"""The demonstration for a whole module of tests: made once, in a transaction that is rolled back at its end."""

from contextlib import contextmanager
from io import StringIO

from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from actions.models import User
from indicators.models import Campaign
from tests.plans import load_plan


def run(command, *arguments):
    """What a command prints."""
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@contextmanager
def stage(blocker, folder, *, made):
    """The plan and the accounts, on which the demonstration is `made` or still to be made."""
    with (
        blocker.unblock(),
        override_settings(VAR_DIR=folder, MEDIA_ROOT=folder / "media"),
        transaction.atomic(),
    ):
        scheme = load_plan("pas-de-calais-2026")
        with override_settings(DEMO=True):
            run("demo_accounts")
            if made:
                run("demo_campaign")
        yield scheme
        transaction.set_rollback(True)


def user(name):
    return User.objects.get(email=f"{name}@demo.example")


def campaign_of(year):
    return Campaign.objects.get(year=year, scheme__slug="pas-de-calais-2026")
