"""Making a key, from the members page to its revocation: the walk of all pages posts nothing."""

import os

import pytest

from actions.models import Credential
from tests.browser.window import PASSWORD

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # what a browser shows does not depend on the database: one engine is enough
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]


WIDTHS = (1440, 320)


def look(window):
    """Faults of the page that is open, on a desk and on a phone."""
    for width in WIDTHS:
        window.page.set_viewport_size({"width": width, "height": 900})
        assert window.violations() == []
        assert window.overflow() <= 0


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_key_is_made_told_once_and_revoked(colours, visit, organisation, steering):
    steering.set_password(PASSWORD)
    steering.save()
    window = visit(colours=colours, reduced_motion="reduce")
    page = window.page
    window.log_in(steering.email)
    window.open(f"/collectivites/{organisation.slug}/membres/")
    page.get_by_role("link", name="Clés d’accès").click()
    page.get_by_role("link", name="Créer une clé").click()
    page.get_by_label("Nom").fill("SIS Marchés")
    page.get_by_label("Lecture et saisie").check()
    page.get_by_role("button", name="Créer la clé").click()
    look(window)
    token = page.get_by_label("Jeton").input_value()
    assert Credential.objects.of_token(token).name == "SIS Marchés"
    page.get_by_role("link", name="Clés d’accès").focus()
    page.keyboard.press("Tab")  # to the token, all of which is then ready to be copied
    assert page.evaluate("String(getSelection())") == token
    page.get_by_role("link", name="J’ai copié le jeton").click()
    assert token.split("_")[1] in page.content() and token.split("_", 2)[2] not in page.content()
    look(window)
    page.get_by_role("link", name="Révoquer la clé SIS Marchés").click()
    look(window)
    page.get_by_role("button", name="Révoquer la clé").click()
    assert "est révoquée" in page.get_by_role("status").inner_text()
    look(window)
    assert Credential.objects.get().revoked_by == steering
    assert window.faults == []
