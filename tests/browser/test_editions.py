"""The making of an edition, followed in a real browser: the page says by itself how far it is, and leads to the edition."""

import os

import pytest
from django.utils import timezone

from actions.models import Role
from reporting.editions.making import make_files
from reporting.models import Edition, EditionDraft, Making
from tests.browser.window import PASSWORD
from tests.factories import CampaignFactory, EditionDraftFactory, MembershipFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]


@pytest.fixture
def draft(organisation, scheme, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}  # nobody works on them here
    user = UserFactory(email="anne@example.org")
    user.set_password(PASSWORD)
    user.save()
    MembershipFactory(organisation=organisation, user=user, role=Role.STEERING)
    CampaignFactory(scheme=scheme, year=2026)
    return EditionDraftFactory(scheme=scheme, title="Bilan 2026")


def making(draft, **state):
    EditionDraft.objects.filter(pk=draft.pk).update(beat_at=timezone.now(), **state)


def test_a_publication_is_followed_until_the_edition(visit, draft):
    window = visit(width=390)
    window.log_in("anne@example.org")
    window.open(draft.get_absolute_url())
    window.page.get_by_label("Publier en sachant ce qui manque").check()
    window.page.get_by_role("button", name="Figer et publier").click()
    page = window.page
    page.get_by_text("En attente").wait_for()
    making(draft, making=Making.RUNNING, step=2, doing="Mise en page du PDF")
    page.get_by_text("Étape 3 sur 5 : Mise en page du PDF").wait_for()
    assert page.locator("progress").get_attribute("value") == "2"
    assert window.violations() == []
    assert window.overflow() <= 0
    making(draft, making=Making.FAILED, error="La fabrication a échoué.")
    page.get_by_role("button", name="Reprendre").wait_for()
    assert page.locator("progress").count() == 0
    page.get_by_role("button", name="Reprendre").click()
    page.get_by_text("En attente").wait_for()
    make_files.func(draft.pk, str(EditionDraft.objects.get().token))
    page.wait_for_url(lambda url: "/publications/" in url, timeout=60_000)
    assert page.url.endswith(Edition.objects.get().get_absolute_url())
    assert window.faults == []


def test_a_preview_says_when_it_is_ready(visit, draft):
    window = visit()
    window.log_in("anne@example.org")
    window.open(draft.get_absolute_url())
    window.page.get_by_role("button", name="Faire l’aperçu").click()
    page = window.page
    page.get_by_text("En attente").wait_for()
    making(draft, making=Making.IDLE, purpose="", preview="previews/a.pdf", preview_at=timezone.now())
    page.get_by_role("link", name="Ouvrir l’aperçu (PDF)").wait_for()
    assert page.get_by_text("L’aperçu est prêt").count() == 1
    assert window.faults == []
