"""What a conditional answer keeps, what else a reader is refused, and what is new to who asks for changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from indicators.models import Report, ReportStatus
from spaser.api.throttling import Quota
from tests.factories import CampaignFactory, CredentialFactory, ReadingFactory, ReportFactory

pytestmark = pytest.mark.django_db


def test_an_answer_that_is_not_sent_again_keeps_its_headers(client):
    first = client.get("/api/v1/editions/")
    headers = {"Origin": "https://portail.example", "If-None-Match": first["ETag"]}
    again = client.get("/api/v1/editions/", headers=headers)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Access-Control-Allow-Origin"] == "*"
    assert again["RateLimit"].startswith('"visitor";r=')
    assert not again.has_header("Content-Type")


def test_a_tag_that_a_proxy_has_weakened_is_known(client):
    first = client.get("/api/v1/editions/")
    assert client.get("/api/v1/editions/", headers={"If-None-Match": f"W/{first['ETag']}"}).status_code == 304


def test_the_head_of_an_answer_has_its_tag_and_an_error_has_none(client):
    assert client.head("/api/v1/editions/")["ETag"] == client.get("/api/v1/editions/")["ETag"]
    assert not client.get("/api/v1/rien/").has_header("ETag")
    assert client.get("/api/v1/editions/", headers={"If-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize("address", ["/api/v1/editions/?format=xml", "/api/v1/?format=csv"])
def test_a_format_that_is_not_there(client, address):
    assert client.get(address).status_code == 406


def test_who_tries_keys_is_slowed_down(client, settings, monkeypatch):
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": memory, "LOCATION": "who-tries-keys"}}
    monkeypatch.setattr(Quota, "THROTTLE_RATES", {**Quota.THROTTLE_RATES, "visitor": "3/min"})
    headers = {"Authorization": "Bearer spaser_0a1b2c3d_au-hasard"}
    statuses = [client.get("/api/v1/schemes/", headers=headers).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]


def test_what_becomes_visible_has_changed(client, scheme, action, steering):
    """A reading of last week in a sheet that is handed in today is news to who could not see it."""
    now = timezone.now()
    report = ReportFactory(campaign=CampaignFactory(scheme=scheme), action=action)
    ReadingFactory(report=report, changed_at=now - timedelta(days=7))
    Report.objects.filter(pk=report.pk).update(
        status=ReportStatus.SUBMITTED, version=2, changed_at=now, submitted_at=now, submitted_by=steering
    )
    key = CredentialFactory(organisation=scheme.organisation)

    def count(since):
        answer = client.get(
            f"/api/v1/schemes/{scheme.slug}/readings/",
            {"changed_since": since.isoformat()},
            headers={"Authorization": f"Bearer {key.token}"},
        )
        return answer.json()["count"]

    assert count(now - timedelta(minutes=1)) == 1
    assert count(now + timedelta(minutes=1)) == 0
