"""The pages in a real browser: accessible, within the policy, usable by keyboard and on a phone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.factories import MembershipFactory, UserFactory
from tests.plans import load_plan

AXE = Path(__file__).parent.parent / "vendor" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PASSWORD = "une phrase assez longue"
PAGES = {
    "home": "/",
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


@pytest.fixture(scope="module")
def chromium():
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's own event loop runs in this thread
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        yield browser
        browser.close()


class Visit:
    """A page that remembers what went wrong on it: console errors, refused contents, requests elsewhere."""

    def __init__(self, page, base):
        self.page, self.base, self.faults = page, base, []
        page.on("console", lambda message: self.note(message.type in ("error", "warning"), message.text))
        page.on("pageerror", lambda error: self.note(True, str(error)))
        page.on("request", lambda request: self.note(not request.url.startswith(base), request.url))
        page.on(
            "response",
            lambda response: self.note(response.status >= 400, f"{response.status} {response.url}"),
        )

    def note(self, wrong, what):
        if wrong:
            self.faults.append(what)

    def open(self, path):
        self.page.goto(self.base + path)

    def log_in(self, email):
        self.open("/connexion/")
        self.page.get_by_label("Adresse électronique").fill(email)
        self.page.get_by_label("Mot de passe").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.base + "/")

    def violations(self):
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        return [
            (violation["id"], node["html"][:120], node["failureSummary"])
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    def overflow(self):
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


@pytest.fixture
def reader(db):
    scheme = load_plan("pas-de-calais-2017")
    user = UserFactory(email="lectrice@exemple.test")
    user.set_password(PASSWORD)
    user.save()
    MembershipFactory(user=user, organisation=scheme.organisation, role="steering")
    return user


@pytest.fixture
def visit(chromium, live_server):
    """A function that opens a browser window of some width and colour scheme."""
    contexts = []

    def open_window(*, width=1440, colours="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=colours, locale="fr-FR"
        )
        contexts.append(context)
        return Visit(context.new_page(), live_server.url)

    yield open_window
    for context in contexts:
        context.close()


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
    page = window.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    page.keyboard.press("Tab")  # the members, for a steering team
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first scheme
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


def test_pages_work_without_javascript(chromium, live_server, reader):
    context = chromium.new_context(java_script_enabled=False)
    window = Visit(context.new_page(), live_server.url)
    window.log_in(reader.email)
    window.open("/schemas/pas-de-calais-2017/?q=papier")
    assert window.page.get_by_role("status").inner_text() == "1\u00a0fiche sur 13."
    context.close()


def test_logging_out_closes_the_pages(visit, reader):
    window = visit()
    window.log_in(reader.email)
    window.page.get_by_role("button", name="Se déconnecter").click()
    window.page.wait_for_url("**/connexion/")
    window.open(PAGES["plan"])
    assert "/connexion/" in window.page.url
