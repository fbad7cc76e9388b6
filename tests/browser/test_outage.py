"""A sheet in a real browser while the site does not answer: what was typed waits in the browser and comes back."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from indicators.models import PendingEntry
from tests.browser.window import PASSWORD
from tests.factories import CampaignFactory, ReportFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # what a browser shows does not depend on the database: one engine is enough
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]


def test_what_is_sent_while_the_site_does_not_answer_comes_back(visit, scheme, action, pilot):
    today = timezone.localdate()
    dates = {"opens_on": today, "closes_on": today + timedelta(days=9)}
    report = ReportFactory(campaign=CampaignFactory(scheme=scheme, year=2026, **dates), action=action)
    pilot.set_password(PASSWORD)
    pilot.save()
    window = visit()
    window.log_in(pilot.email)
    window.open(report.get_absolute_url())
    page = window.page
    page.context.set_offline(True)
    page.fill("#fiche-analysis", "Tapé pendant la panne")
    expect(page.locator("[data-autosave]")).to_contain_text("Le site ne répond pas")
    page.fill("#fiche-analysis", "Tapé pendant la panne, puis envoyé")
    with pytest.raises(Error):
        page.click("text=Enregistrer >> nth=0")
        page.reload()
    page.context.set_offline(False)
    page.goto(f"{window.base}{report.get_absolute_url()}")
    expect(page.locator("#fiche-analysis")).to_have_value("Tapé pendant la panne, puis envoyé")
    page.locator(".save-bar button").first.click()
    expect(page.locator(".message").first).to_contain_text("Fiche enregistrée")
    report.refresh_from_db()
    assert report.analysis == "Tapé pendant la panne, puis envoyé"
    page.reload()
    assert not PendingEntry.objects.exists()
