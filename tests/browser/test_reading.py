"""The pages in a real browser: accessible, within the policy, usable by keyboard and on a phone."""

import os

import pytest

from tests.browser.window import PASSWORD
from tests.factories import MembershipFactory, UserFactory
from tests.plans import load_plan

PAGES = {
    "home": "/",
    "schemes": "/schemas/",
    "direction": "/directions/departement-du-pas-de-calais/DDAE/",
    "members": "/collectivites/departement-du-pas-de-calais/membres/",
    "password": "/mot-de-passe/changer/",
    "plan": "/schemas/pas-de-calais-2017/",
    "filtered plan": "/schemas/pas-de-calais-2017/?q=papier",
    "action": "/schemas/pas-de-calais-2017/actions/1-1.5/",
    "indicator": "/schemas/pas-de-calais-2017/indicateurs/1-2.2-1/",
}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # what a browser shows does not depend on the database: one engine is enough
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]


@pytest.fixture
def reader(db):
    scheme = load_plan("pas-de-calais-2017")
    user = UserFactory(email="lectrice@exemple.test")
    user.set_password(PASSWORD)
    user.save()
    MembershipFactory(user=user, organisation=scheme.organisation, role="steering")
    return user


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_every_page_is_accessible_and_keeps_to_the_policy(visit, reader, colours):
    window = visit(colours=colours)
    window.open("/connexion/")
    assert window.violations() == []
    window.log_in(reader.email)
    for width in (320, 768, 1440):
        window.page.set_viewport_size({"width": width, "height": 900})
        for name, path in PAGES.items():
            window.open(path)
            assert window.violations() == [], (name, width)
            assert window.overflow() <= 0, (name, width)
    assert window.faults == []


def test_the_plan_is_filtered_and_read_by_keyboard_alone(visit, reader):
    window = visit()
    window.log_in(reader.email)
    window.open("/schemas/")
    page = window.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    links = (
        "members",
        "directions",
        "load a plan",
        "the first scheme",
    )  # the first three for a steering team
    for _ in links:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/schemas/pas-de-calais-2017/")
    page.get_by_label("Mots").focus()
    page.keyboard.type("éco-mobilité")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    assert page.get_by_role("status").inner_text() == "1\u00a0fiche sur 13."
    link = page.get_by_role("link", name="Remplacer progressivement")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/actions/1-1.5/")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Action 1-1.5")
    assert window.faults == []


def test_pages_work_without_javascript(visit, reader):
    window = visit(java_script_enabled=False)
    window.log_in(reader.email)
    window.open("/schemas/pas-de-calais-2017/?q=papier")
    assert window.page.get_by_role("status").inner_text() == "1\u00a0fiche sur 13."


def test_logging_out_closes_the_pages(visit, reader):
    window = visit()
    window.log_in(reader.email)
    window.page.locator(".account > summary").click()
    window.page.get_by_role("button", name="Se déconnecter").click()
    window.page.wait_for_url("**/connexion/")
    window.open(PAGES["plan"])
    assert "/connexion/" in window.page.url


def tab_to(page, name):
    """Press Tab until the link or button of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == name:
            return
    raise AssertionError(f"Tab never reaches « {name} »")


def test_a_figure_of_the_dashboard_leads_to_its_list_by_keyboard_alone(visit, reader):
    window = visit()
    window.log_in(reader.email)
    page = window.page
    window.open("/schemas/pas-de-calais-2017/")
    tab_to(page, "Tableau de bord")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tableau-de-bord/**")
    tab_to(page, "actions engagées")
    page.keyboard.press("Enter")
    page.wait_for_url("**/actions/?**")
    assert (
        page.locator("table.values tbody th").count() == 13
    )  # the bilan of 2017: all its actions are engaged
    assert window.faults == []


def test_the_search_is_used_by_keyboard_alone(visit, reader):
    window = visit()
    window.log_in(reader.email)
    page = window.page
    window.open("/schemas/pas-de-calais-2017/")
    page.get_by_role("searchbox").first.focus()
    page.keyboard.type("ECO-MOBILITE")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche/?**")
    link = page.get_by_role("link", name="Remplacer progressivement").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/actions/1-1.5/**")
    assert window.faults == []
