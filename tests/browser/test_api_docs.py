"""The interactive documentation of the API in Chromium: nothing from elsewhere, nothing refused, and it works."""

import os

import pytest

from tests.browser.window import PASSWORD
from tests.factories import CredentialFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # what a browser shows does not depend on the database: one engine is enough
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]
DOCS = "/api/v1/docs/"
# faults of Swagger UI itself, which actions/pages/accessibilite.md declares
DECLARED = {
    "heading-order",
    "label",
    "landmark-unique",
    "nested-interactive",
    "region",
    "scrollable-region-focusable",
    "select-name",
}


def tried(page, operation, **typed):
    """Try an operation there; the address that was asked, and the text of the answer."""
    page.locator(f"#{operation} .opblock-summary-control").click()
    page.locator(f"#{operation} .try-out__btn").click()
    for name, value in typed.items():
        page.locator(f'#{operation} input[placeholder="{name}"]').fill(value)
    page.locator(f"#{operation} .execute").click()
    page.locator(f"#{operation} .live-responses-table .response-col_status").nth(1).wait_for()
    return page.locator(f"#{operation} .live-responses-table").inner_text()


@pytest.mark.parametrize("width", [1440, 390])
def test_who_gives_a_key_there_tries_the_operations(visit, scheme, width):
    key = CredentialFactory(organisation=scheme.organisation)
    window = visit(width=width)
    page = window.page
    window.open(DOCS)
    page.locator("button.authorize").click()
    page.locator(".modal-ux input[type=text]").first.fill(key.token)
    page.locator(".modal-ux button.authorize").first.click()
    page.locator(".modal-ux .btn-done").first.click()
    told = tried(page, "operations-Plan-get_scheme", scheme=scheme.slug)
    assert scheme.title in told
    assert "RateLimit".lower() in told.lower()
    assert window.overflow() <= 0
    assert {rule for rule, *_ in window.violations()} <= DECLARED
    assert window.faults == []


def test_who_is_logged_in_tries_them_with_his_or_her_own_rights(visit, scheme, steering):
    steering.set_password(PASSWORD)
    steering.save()
    window = visit()
    window.log_in(steering.email)
    window.open(DOCS)
    told = tried(window.page, "operations-Plan-list_schemes")
    assert scheme.title in told
    assert window.faults == []
    # past the check of the CSRF token, to a measure that is not there
    address = {"scheme": scheme.slug, "measure": "X-1", "campaign": "2026"}
    assert "Rien à cette adresse" in tried(window.page, "operations-Relevés-put_reading", **address)


def test_who_reads_no_interactive_page_is_led_to_the_guide(visit):
    window = visit()
    window.open(DOCS)
    window.page.get_by_role("link", name="Guide de l’API").first.click()
    window.page.wait_for_url("**/api/")
    assert window.page.get_by_role("heading", level=1).inner_text() == "Guide de l’API"
    assert window.faults == []
