"""The demonstration is made once, adds nothing else to the site, and leaves nothing behind."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import CommandError
from django.utils import timezone

from actions.models import Direction, Membership, Role, User
from indicators import demonstration
from indicators.models import Campaign, Evidence, Occasion, PendingEntry, Reading, Report
from tests.demonstration import run, stage, user
from tests.factories import CampaignFactory, HighlightFactory, NoticeFactory, ReadingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def planned(django_db_setup, django_db_blocker, tmp_path_factory):
    with stage(django_db_blocker, tmp_path_factory.mktemp("var"), made=False) as scheme:
        yield scheme


@pytest.fixture(autouse=True)
def a_demonstration(settings):
    settings.DEMO = True


def dump(*labels):
    """Every row of every table, or of those of the apps given."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if not labels or model._meta.app_label in labels
    }


# Made once, of the data alone


def test_the_plan_is_not_added_to_and_nobody_is_written_to(planned, django_capture_on_commit_callbacks):
    plan = dump("actions")
    with django_capture_on_commit_callbacks(execute=True):
        printed = run("demo_campaign")
    assert dump("actions") == plan
    assert mail.outbox == []
    assert "Campagne 2026 (démonstration)" in printed and "valeurs inventées" in printed


def test_run_again_nothing_changes(planned):
    run("demo_campaign")
    before = dump()
    assert "existent déjà" in run("demo_campaign")
    assert dump() == before


def test_a_year_that_is_really_collected_is_left_alone(planned):
    CampaignFactory(scheme=planned, year=2026)
    run("demo_campaign")
    assert list(Campaign.objects.values_list("year", "demonstration").order_by("year")) == [
        (2025, True),
        (2026, False),
    ]


def test_never_outside_a_demonstration(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="Réservé à une démonstration"):
        run("demo_campaign")


def test_without_its_accounts_it_says_so_and_makes_nothing(planned):
    User.objects.filter(email="pilote.daaj@demo.example").delete()
    with pytest.raises(CommandError, match="Il manque des comptes : pilote.daaj@demo.example"):
        run("demo_campaign")
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ENV-1.3-1": "beaucoup"}, "ENV-1.3-1 : Valeur"),
        ({"ENV-3.1-1": "3", "ENV-2.3.A-2": "4"}, "ENV-3.1-1 : "),
    ],
)
def test_what_does_not_fit_the_plan_is_named(planned, monkeypatch, values, said):
    data = demonstration.invented()
    data["reference"]["sheets"] = {"ENV-1.3": values}
    monkeypatch.setattr(demonstration, "invented", lambda: data)
    with pytest.raises(CommandError, match=re.escape(said)):
        run("demo_campaign")
    assert not Campaign.objects.exists()


def test_accounts_of_the_demonstration_reach_the_directions_that_pilot(planned):
    """The demonstration adds no pilot to the plan: it plays directions that the document names."""
    played = Membership.objects.filter(role=Role.PILOT).values("direction")
    assert set(Direction.objects.filter(pk__in=played).values_list("code", flat=True)) == {
        "DMG",
        "DAAJ",
        "DDAE",
    }


# Taken away


def test_removed_the_database_is_as_before(planned, django_capture_on_commit_callbacks):
    kept = ReadingFactory(report__campaign__year=2024)  # another plan, with its history
    Reading.objects.filter(pk=kept.pk).update(
        number=7, version=2, changed_at=timezone.now() + timedelta(minutes=1)
    )
    before = dump()
    run("demo_campaign")
    report = Report.objects.get(action__code="ENV-3.2.B", campaign__year=2026)
    PendingEntry.objects.create(
        report=report, user=user("pilote"), data={"fiche-state": "done"}, typed_at=timezone.now()
    )
    NoticeFactory(report=report, user=user("caap"))
    report.campaign.reminders.create(user=user("pilote"), occasion=Occasion.OPENING, sent_at=timezone.now())
    report.readings.first().delete()  # its history outlives it
    files = [Path(django_settings.MEDIA_ROOT, evidence.file.name) for evidence in Evidence.objects.all()]
    zoom = HighlightFactory(
        campaign=report.campaign,
        action=report.action,
        picture=ContentFile(b"jpeg", "x"),
        picture_alt="Un banc",
    )
    files.append(Path(zoom.picture.path))
    assert len(files) == 3 and all(path.exists() for path in files)
    with django_capture_on_commit_callbacks(execute=True):
        printed = run("remove_demonstration", "--yes")
    assert re.match(r"Retiré : campagnes 2, fiches 92, relevés \d+, remarques 9, justificatifs 2\.", printed)
    assert dump() == before
    assert not any(path.exists() for path in files)


def test_removing_asks_first_and_twice_is_fine(planned):
    run("demo_campaign")
    before = dump()
    with pytest.raises(CommandError, match="Serait retiré : campagnes 2, fiches 92.*--yes"):
        run("remove_demonstration")
    assert dump() == before
    run("remove_demonstration", "--yes")
    assert run("remove_demonstration", "--yes") == "Il n’y a rien de la démonstration.\n"
