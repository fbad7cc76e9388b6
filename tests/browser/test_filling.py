"""The grid and the preview in a real browser: keys and a pasted block, both widths, without JavaScript too."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from indicators.models import Measure, Reading
from tests.browser.window import PASSWORD
from tests.factories import CampaignFactory, MembershipFactory, ReportFactory, UserFactory
from tests.plans import load_plan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # what a browser shows does not depend on the database: one engine is enough
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]

CAMPAIGN = "/schemas/pas-de-calais-2017/campagnes/2018/"


@pytest.fixture
def filler(db):
    """A member of the steering team of a plan whose campaign is open."""
    scheme = load_plan("pas-de-calais-2017")
    user = UserFactory(email="saisie@exemple.test")
    user.set_password(PASSWORD)
    user.save()
    MembershipFactory(user=user, organisation=scheme.organisation, role="steering")
    today = timezone.localdate()
    campaign = CampaignFactory(
        scheme=scheme, year=2018, opens_on=today, closes_on=today + timedelta(days=9), demonstration=True
    )
    for action in scheme.actions.filter(parts=None):
        ReportFactory(campaign=campaign, action=action)
    return user


PASTE = """([code, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const cell = document.querySelector(`tr[data-code="${code}"] [data-column="value"]`);
  cell.focus();
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_a_block_is_pasted_and_what_falls_outside_is_said(visit, filler):
    window = visit()
    window.log_in(filler.email)
    window.open(f"{CAMPAIGN}grille/")
    page = window.page
    codes = page.eval_on_selector_all("tr[data-code]", "rows => rows.map(row => row.dataset.code)")
    types = dict(Measure.objects.values_list("code", "type"))
    first = next(
        index for index in range(len(codes)) if types[codes[index]] == types[codes[index + 1]] == "count"
    )
    page.evaluate(PASTE, [codes[first], "12\t\t\t\n\t\t\tNon disponible\n"])
    value = page.locator(f'input[name="value-{codes[first]}"]')
    assert value.input_value() == "12"
    assert page.locator(f'select[name="missing-{codes[first + 1]}"]').input_value() == "not_available"
    assert value.evaluate("cell => document.activeElement === cell")
    page.keyboard.press("Enter")  # moves, sends nothing
    active = "document.activeElement.name"
    assert page.evaluate(active) == f"value-{codes[first + 1]}"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(active) == f"missing-{codes[first + 1]}"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(active) == f"value-{codes[first]}"
    page.evaluate(PASTE, [codes[-1], "oui\ntrop"])
    assert "Hors de la grille ou refusé : « trop »" in page.locator("[data-said]").inner_text()
    page.get_by_role("button", name="Voir l’aperçu").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Aperçu avant enregistrement"
    assert Reading.objects.filter(report__campaign__year=2018).count() == 0
    page.get_by_role("button", name="Enregistrer ces").click()
    assert Reading.objects.filter(report__campaign__year=2018, number=12).count() == 1
    assert window.faults == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_pages_are_accessible_and_narrow(visit, filler, colours):
    window = visit(colours=colours)
    window.log_in(filler.email)
    page = window.page
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("classeur/", "grille/"):
            window.open(CAMPAIGN + path)
            assert window.violations() == [], (path, width)
            assert window.overflow() <= 0, (path, width)
        page.locator("table.entry-grid input").nth(0).fill("12")
        page.locator("table.entry-grid input").nth(1).fill("pas un nombre, ni une réponse")
        page.get_by_role("button", name="Voir l’aperçu").click()
        assert window.violations() == [], ("preview", width)
        assert window.overflow() <= 0, ("preview", width)
        page.get_by_role("button", name="Revenir à la grille").click()
        assert window.violations() == [], ("back", width)
    assert window.faults == []


def test_the_grid_works_without_javascript(visit, filler):
    window = visit(java_script_enabled=False)
    window.log_in(filler.email)
    window.open(f"{CAMPAIGN}grille/")
    code = (
        Measure.objects.filter(indicator__action__reports__campaign__year=2018, type="count", computation="")
        .first()
        .code
    )
    window.page.locator(f'input[name="value-{code}"]').fill("12")
    window.page.keyboard.press("Enter")
    window.page.get_by_role("button", name="Enregistrer cette valeur").click()
    assert Reading.objects.filter(report__campaign__year=2018).get().number == 12
