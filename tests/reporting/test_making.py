"""From a draft to an edition, with the real worker in a process of its own: nothing is half published, whatever happens."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from reporting.editions import making, products
from reporting.editions.frozen import thaw
from reporting.editions.making import NotNow, give_up, resume, start
from reporting.models import Edition, EditionDraft, EditionFile, Making, Purpose
from tests.factories import (
    CampaignFactory,
    EditionDraftFactory,
    ReadingFactory,
    ReportFactory,
)

ROOT = Path(__file__).parent.parent.parent
IMMEDIATE = "django_tasks.backends.immediate.ImmediateBackend"


@pytest.fixture
def draft(scheme, action, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    campaign = CampaignFactory(scheme=scheme, year=2026)
    report = ReportFactory(campaign=campaign, action=action, validated=True, state="engaged")
    ReadingFactory(report=report, measure__indicator__action=action, number=41)
    return EditionDraftFactory(scheme=scheme, title="Bilan 2026", foreword="Une année de plus.")


@pytest.fixture
def kept(settings):
    """Tasks are kept in the database, as on the real site."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def again(draft):
    return EditionDraft.objects.get(pk=draft.pk)


def files_of(media):
    return sorted(path for path in media.rglob("*") if path.is_file())


def content_of(field):
    with field.open("rb") as file:
        return file.read()


def worker(tmp_path, *arguments):
    """The command of the real site, on the database of the test."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        url = os.environ["DATABASE_URL"]
        before, _, after = url.partition("?")
        url = f"{before.rpartition('/')[0]}/{name}?{after}"
    else:
        url = f"sqlite:///{name}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "SPASER_VAR": str(tmp_path),
        "SECRET_KEY": "for-the-tests-only",
        "DJANGO_SETTINGS_MODULE": "spaser.settings",
    }
    command = [
        sys.executable,
        "manage.py",
        "db_worker",
        "--no-startup-delay",
        "--interval",
        "0.1",
        *arguments,
    ]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_for(condition, seconds=120):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)
    return found


# At once


@pytest.mark.django_db
def test_publishing_makes_all_files_and_ends_the_draft(draft, steering):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    assert not EditionDraft.objects.exists()
    edition = Edition.objects.get()
    assert (edition.slug, edition.version, edition.title) == ("bilan-spaser-2026-2026", 1, "Bilan 2026")
    assert edition.published_by == steering
    assert list(edition.campaigns.values_list("year", flat=True)) == [2026]
    names = {f"bilan-spaser-2026-2026-v1{product.suffix}" for product in products.BILAN}
    assert {row.name for row in edition.files.all()} == names
    for row in edition.files.all():
        content = content_of(row.file)
        assert (sha256(content).hexdigest(), len(content)) == (row.sha256, row.size)
    document = thaw(edition.data)
    assert document.foreword.text == "Une année de plus."
    assert document.imprint.version == 1
    assert document.imprint.frozen_at == edition.published_at


@pytest.mark.django_db
def test_files_made_again_from_the_frozen_data_are_the_same_bytes(draft, steering):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    edition = Edition.objects.get()
    document, made = thaw(edition.data), {}
    for product in products.products_of(document):
        made[product.suffix] = product.make(document, made)
        row = edition.files.get(name=product.name(document))
        assert sha256(made[product.suffix]).hexdigest() == row.sha256, product.suffix


@pytest.mark.django_db
def test_what_is_published_does_not_follow_the_data(draft, steering, action):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    before = thaw(Edition.objects.get().data)
    action.title = "Un autre titre"
    action.save()
    assert thaw(Edition.objects.get().data) == before


@pytest.mark.django_db
def test_a_correction_is_version_two_and_version_one_stays(draft, steering):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    first = Edition.objects.get()
    shas = set(first.files.values_list("sha256", flat=True))
    correction = EditionDraftFactory(
        scheme=draft.scheme, title="Bilan 2026", corrects=first, correction_note="Le total de l’axe 2."
    )
    start(correction, purpose=Purpose.PUBLICATION, by=steering)
    second = Edition.objects.get(version=2)
    assert (second.slug, second.correction_note) == (first.slug, "Le total de l’axe 2.")
    assert thaw(second.data).imprint.correction == "Le total de l’axe 2."
    assert set(Edition.objects.get(version=1).files.values_list("sha256", flat=True)) == shas


@pytest.mark.django_db
def test_a_preview_publishes_nothing(draft, steering):
    start(draft, purpose=Purpose.PREVIEW, by=steering)
    draft = again(draft)
    assert draft.making == Making.IDLE
    assert content_of(draft.preview).startswith(b"%PDF")
    assert draft.preview_at
    assert not Edition.objects.exists()


@pytest.mark.django_db
def test_a_new_preview_takes_the_place_of_the_former(
    draft, steering, settings, django_capture_on_commit_callbacks
):
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            start(again(draft), purpose=Purpose.PREVIEW, by=steering)
    assert len(files_of(settings.MEDIA_ROOT)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        start(again(draft), purpose=Purpose.PUBLICATION, by=steering)
    assert len(files_of(settings.MEDIA_ROOT)) == len(products.BILAN)  # once published it is of no more use


@pytest.mark.django_db
def test_what_fails_publishes_nothing_and_can_be_resumed(draft, steering, settings, monkeypatch):
    def broken(*args):
        raise RuntimeError("no more paper")

    last = products.BILAN[-1]
    monkeypatch.setattr(
        products,
        "BILAN",
        (*products.BILAN[:-1], products.Product(last.doing, last.label, last.suffix, "x/y", broken)),
    )
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    draft = again(draft)
    assert (draft.making, draft.step, draft.doing) == (Making.FAILED, len(products.BILAN) - 1, last.doing)
    assert "paper" not in draft.error  # what went wrong is for the log
    assert not Edition.objects.exists()
    assert files_of(settings.MEDIA_ROOT) == []
    monkeypatch.undo()
    frozen = draft.frozen
    resume(draft)
    assert Edition.objects.get().data == frozen


@pytest.mark.django_db
def test_a_failure_while_storing_leaves_no_file(draft, steering, settings, monkeypatch):
    kept = EditionFile.save

    def save(row, *args, **kwargs):
        if row.name.endswith(".xlsx"):
            raise OSError("disk full")
        return kept(row, *args, **kwargs)

    monkeypatch.setattr(EditionFile, "save", save)
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    assert again(draft).making == Making.FAILED
    assert not Edition.objects.exists()
    assert files_of(settings.MEDIA_ROOT) == []


@pytest.mark.django_db(transaction=True)
def test_a_preview_that_the_disk_keeps_does_not_undo_the_publication(
    draft, steering, settings, monkeypatch, caplog
):
    start(draft, purpose=Purpose.PREVIEW, by=steering)
    preview = again(draft).preview

    def delete(name):
        if name == preview.name:
            raise PermissionError(name)

    monkeypatch.setattr(preview.storage, "delete", delete)
    start(again(draft), purpose=Purpose.PUBLICATION, by=steering)
    assert "PermissionError" in caplog.text
    edition = Edition.objects.get()
    for row in edition.files.all():
        assert sha256(content_of(row.file)).hexdigest() == row.sha256


# One after the other


@pytest.mark.django_db
def test_a_text_saved_while_one_publishes_is_published(draft, steering):
    seen = again(draft)
    EditionDraft.objects.filter(pk=draft.pk).update(title="Bilan corrigé", foreword="Écrit entre-temps.")
    start(seen, purpose=Purpose.PUBLICATION, by=steering)
    edition = Edition.objects.get()
    assert edition.title == "Bilan corrigé"
    assert thaw(edition.data).foreword.text == "Écrit entre-temps."


@pytest.mark.django_db
def test_an_edition_is_called_as_its_files_are(draft, scheme, steering, kept):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    scheme.slug = "renomme"
    scheme.save()
    making.make_files.call(draft.pk, str(again(draft).token))
    edition = Edition.objects.get()
    assert edition.slug == "bilan-spaser-2026-2026"
    assert {row.name.partition("-v1")[0] for row in edition.files.all()} == {edition.slug}


@pytest.mark.django_db
def test_what_has_just_been_published_is_neither_started_nor_given_up(draft, steering):
    seen = again(draft)
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    with pytest.raises(NotNow, match="n’est plus en préparation"):
        start(seen, purpose=Purpose.PUBLICATION, by=steering)
    with pytest.raises(NotNow, match="n’est plus en préparation"):
        give_up(seen)
    assert Edition.objects.get().files.count() == len(products.BILAN)


@pytest.mark.django_db
def test_who_comes_second_is_told(draft, steering, kept):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    with pytest.raises(NotNow, match="déjà en fabrication"):
        start(again(draft), purpose=Purpose.PREVIEW, by=steering)
    with pytest.raises(NotNow, match="pas interrompue"):
        resume(again(draft))


@pytest.mark.django_db
def test_a_making_that_was_given_up_publishes_nothing(draft, steering, kept):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    token = again(draft).token
    give_up(again(draft))
    making.make_files.call(draft.pk, str(token))
    assert not Edition.objects.exists()
    assert again(draft).making == Making.IDLE


@pytest.mark.django_db
def test_a_making_given_up_on_its_way_stops(draft, steering, kept, settings, monkeypatch):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    token = again(draft).token
    slow = products.BILAN[2]

    def interrupted(document, made):
        give_up(again(draft))
        return slow.make(document, made)

    replaced = products.Product(slow.doing, slow.label, slow.suffix, slow.content_type, interrupted)
    monkeypatch.setattr(products, "BILAN", (*products.BILAN[:2], replaced, *products.BILAN[3:]))
    making.make_files.call(draft.pk, str(token))
    assert not Edition.objects.exists()
    assert again(draft).making == Making.IDLE
    assert files_of(settings.MEDIA_ROOT) == []


@pytest.mark.django_db
def test_one_that_gives_no_sign_any_more_is_stalled(draft):
    now = timezone.now()
    draft.making, draft.beat_at = Making.RUNNING, now - timedelta(minutes=2)
    assert not draft.is_stalled(now)
    draft.beat_at = now - timedelta(minutes=4)
    assert draft.is_stalled(now)
    draft.making = Making.QUEUED  # nobody has begun
    assert not draft.is_stalled(now)


# The real worker


@pytest.mark.django_db(transaction=True)
def test_the_worker_publishes_what_was_asked_for(draft, steering, kept, settings, tmp_path):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    assert again(draft).making == Making.QUEUED
    process = worker(tmp_path, "--batch")
    assert process.wait(120) == 0
    assert Edition.objects.get().files.count() == len(products.BILAN)
    assert files_of(settings.MEDIA_ROOT) == sorted(
        settings.MEDIA_ROOT / row.file.name for row in EditionFile.objects.all()
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_and_is_taken_up(
    draft, steering, kept, settings, tmp_path
):
    start(draft, purpose=Purpose.PUBLICATION, by=steering)
    process = worker(tmp_path)
    wait_for(lambda: again(draft).doing == "Mise en page du PDF")
    process.kill()
    process.wait(20)
    assert not Edition.objects.exists()
    assert again(draft).making == Making.RUNNING  # nobody was there to say otherwise
    assert files_of(settings.MEDIA_ROOT) == []
    call_command("resume_editions", verbosity=0)
    assert again(draft).making == Making.RUNNING  # it may still be at work, for all one knows
    frozen = again(draft).frozen
    call_command("resume_editions", "--no-worker", verbosity=0)
    assert worker(tmp_path, "--batch").wait(120) == 0
    assert Edition.objects.get().data == frozen
    assert EditionFile.objects.count() == len(products.BILAN)
