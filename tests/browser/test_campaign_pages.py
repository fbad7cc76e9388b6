"""The pages of a campaign and of the plan's upkeep, as the demonstration fills them, looked at in a real browser."""

import os

import pytest

from actions.models import Direction
from tests.browser.window import PASSWORD
from tests.demonstration import run, user
from tests.plans import load_plan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]
SCHEME = "/schemas/pas-de-calais-2026"
CAMPAIGN = f"{SCHEME}/campagnes/2026"
PILOT = {
    "my work": "/mon-travail/",
    "sheet to fill": f"{CAMPAIGN}/fiches/ENV-3.1/",
    "grid": f"{CAMPAIGN}/grille/",
    "workbook": f"{CAMPAIGN}/classeur/",
    "board": f"{CAMPAIGN}/",
    "history": f"{CAMPAIGN}/fiches/ENV-3.1/historique/",
    "remarks": f"{CAMPAIGN}/fiches/ENV-3.1/remarques/",
    "my reminders": "/rappels/",
}
TEAM = {
    "my work": "/mon-travail/",
    "campaigns": f"{SCHEME}/campagnes/",
    "board": f"{CAMPAIGN}/",
    "board by direction": f"{CAMPAIGN}/?vue=direction",
    "conduct": f"{CAMPAIGN}/conduite/",
    "reminders": f"{CAMPAIGN}/rappels/",
    "review": f"{CAMPAIGN}/fiches/ENV-3.1/relecture/",
    "upkeep": f"{SCHEME}/plan/",
    "successor": f"{SCHEME}/successeur/",
    "action, added": f"{SCHEME}/actions/ajouter/",
    "action, changed": f"{SCHEME}/actions/ENV-3.1/modifier/",
    "action, ended": f"{SCHEME}/actions/ENV-3.1/fin/",
    "involvements": f"{SCHEME}/actions/ENV-3.1/participations/",
    "indicator, added": f"{SCHEME}/actions/ENV-3.1/indicateurs/ajouter/",
    "indicator, changed": f"{SCHEME}/indicateurs/ENV-1.1-3/modifier/",
    "measure, changed": f"{SCHEME}/grandeurs/ENV-1.1-5/modifier/",
    "measure, computed": f"{SCHEME}/grandeurs/ENV-1.1-5/calcul/",
    "target, added": f"{SCHEME}/grandeurs/ENV-1.1-5/cibles/ajouter/",
    "break, added": f"{SCHEME}/grandeurs/ENV-1.1-5/ruptures/ajouter/",
    "committees": f"{SCHEME}/instances/",
    "directions": "/collectivites/departement-du-pas-de-calais/directions/",
    "plan import": "/collectivites/departement-du-pas-de-calais/plan/",
    "action": f"{SCHEME}/actions/ENV-3.1/",
    "indicator": f"{SCHEME}/indicateurs/ENV-1.1-3/",
}


@pytest.fixture
def demonstration(db, settings, tmp_path):
    settings.VAR_DIR, settings.MEDIA_ROOT, settings.DEMO = tmp_path, tmp_path / "media", True
    load_plan("pas-de-calais-2026")
    run("demo_accounts")
    run("demo_campaign")
    for name in ("pilote", "caap"):
        person = user(name)
        person.set_password(PASSWORD)
        person.save()


def looked_at(window, pages, widths):
    for width in widths:
        window.page.set_viewport_size({"width": width, "height": 900})
        for name, path in pages.items():
            window.open(path)
            assert window.violations() == [], (name, width)
            assert window.overflow() <= 0, (name, width)
    assert window.faults == []


@pytest.mark.parametrize(("who", "pages"), [("pilote", PILOT), ("caap", TEAM)])
def test_every_page_is_accessible_and_keeps_to_the_policy(visit, demonstration, who, pages):
    window = visit()
    window.log_in(f"{who}@demo.example")
    looked_at(window, pages, (320, 1440))


def test_the_pages_that_are_used_most_are_accessible_in_the_dark(visit, demonstration):
    window = visit(colours="dark")
    window.log_in("caap@demo.example")
    pages = ("board", "review", "upkeep", "measure, changed", "reminders")
    looked_at(window, {name: TEAM[name] for name in pages}, (768,))
    looked_at(window, {"sheet": PILOT["sheet to fill"], "grid": PILOT["grid"]}, (768,))


def test_the_merger_of_two_directions_is_shown_before_it_is_made(visit, demonstration):
    window = visit()
    window.log_in("caap@demo.example")
    direction = Direction.objects.get(code="DMG")
    looked_at(
        window,
        {"merge": f"/collectivites/departement-du-pas-de-calais/directions/{direction.pk}/devenue/"},
        (320, 1440),
    )


def test_a_sheet_is_filled_by_keyboard_alone(visit, demonstration):
    window = visit()
    window.log_in("pilote@demo.example")
    window.open(PILOT["sheet to fill"])
    page = window.page
    first = page.locator(".line fieldset input[type=text]").first
    name = first.get_attribute("name")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(f"[name='{name}']").input_value() == "7"
    page.get_by_text("Fiche enregistrée à").wait_for()
    assert window.faults == []


def test_the_enter_key_saves_what_was_restored(visit, demonstration):
    """Enter presses the first button of a form, which must not be one that gives up or carries forward."""
    window = visit()
    window.log_in("pilote@demo.example")
    window.open(PILOT["sheet to fill"])
    page = window.page
    box = page.locator(".line fieldset input[type=text]").first
    name = box.get_attribute("name")
    box.fill("sept")
    with page.expect_navigation():
        box.press("Enter")
    page.get_by_text("non enregistrée, est rétablie").wait_for()
    box = page.locator(f"[name='{name}']")
    assert box.input_value() == "sept"
    box.fill("7")
    with page.expect_navigation():
        box.press("Enter")
    page.get_by_text("Fiche enregistrée à").wait_for()
    assert page.locator(f"[name='{name}']").input_value() == "7"
