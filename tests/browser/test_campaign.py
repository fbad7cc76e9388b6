"""A whole campaign in a real browser, from the invitation to the closing, with a real mail server on loopback."""

import os
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone

from actions.models import InvolvementRole, Role
from indicators.models import Campaign, Reading, Report
from tests.browser.window import PASSWORD
from tests.factories import (
    ActionFactory,
    DirectionFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    OrganisationFactory,
    PillarFactory,
    SchemeFactory,
    UserFactory,
)
from tests.smtp import mailbox, text  # noqa: F401  # a fixture

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]
CLOSED = "La campagne 2026 est close : rien ne s’y modifie plus. L’équipe de pilotage peut la rouvrir."


def person(email, **membership):
    user = UserFactory(email=email, first_name=email.partition("@")[0].capitalize())
    user.set_password(PASSWORD)
    user.save()
    MembershipFactory(user=user, **membership)
    return email


@pytest.fixture
def world(db):
    """A scheme of two actions: meals, piloted by DMG; contracts, piloted by DAAJ."""
    organisation = OrganisationFactory(slug="departement", name="Département")
    scheme = SchemeFactory(
        organisation=organisation, slug="spaser-2026", title="SPASER 2026", starts_year=2026, ends_year=2029
    )
    pillar = PillarFactory(scheme=scheme)
    meals = ActionFactory(objective__pillar=pillar, code="A-1", title="Servir des repas durables")
    contracts = ActionFactory(objective=meals.objective, code="A-2", title="Réserver des marchés")
    for code, action in (("DMG", meals), ("DAAJ", contracts)):
        direction = DirectionFactory(organisation=organisation, code=code, name=f"Direction {code}")
        InvolvementFactory(action=action, direction=direction, role=InvolvementRole.PILOT)
    for code, kind, label in (
        ("A-1-1", "boolean", "Charte signée"),
        ("A-1-2", "ratio", "Part de repas biologiques"),
        ("A-1-3", "count", "Nombre de cuisines équipées"),
    ):
        MeasureFactory(
            code=code, type=kind, indicator=IndicatorFactory(action=meals, code=f"I-{code}", name=label)
        )
    for rank in (1, 2, 3):
        indicator = IndicatorFactory(
            action=contracts, code=f"I-A-2-{rank}", name=f"Nombre de marchés du lot {rank}", position=rank
        )
        MeasureFactory(code=f"A-2-{rank}", indicator=indicator, position=rank)
    person("equipe@exemple.test", organisation=organisation, role=Role.STEERING)
    person("collegue@exemple.test", direction=organisation.directions.get(code="DMG"))
    person("juriste@exemple.test", direction=organisation.directions.get(code="DAAJ"))
    return scheme


def link_in(message):
    """The path of the first link of a received message."""
    return re.search(r"https?://[^/\s]+(/\S*)", text(message)).group(1)


def named(label):
    """A label as it is written, with the colon that follows it or a unit in brackets."""
    return re.compile(rf"^{re.escape(label)}(\s\(.*\))?(\s?:)?$")


def press(page, name):
    """Press a button that sends a form, and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=isinstance(name, str)).click()


def save(page):
    press(page, "Enregistrer")


def line(page, code):
    return page.locator(f"[id='ligne-{code}']")


def message(page):
    return page.locator("main .message").first.inner_text()


def invited(team, visit, mailbox):  # noqa: F811
    """The steering team invites a pilot, who opens the letter and chooses a password."""
    team.open("/collectivites/departement/membres/")
    page = team.page
    page.get_by_label(named("Adresse électronique")).fill("cheffe@exemple.test")
    page.get_by_label(named("Prénom")).fill("Cheffe")
    page.get_by_label(named("Rôle")).select_option("pilot")
    page.get_by_label(named("Direction")).select_option(label="Direction DMG (DMG)")
    press(page, "Donner ce rôle")
    page.get_by_text("Une invitation part à cheffe@exemple.test").wait_for()
    [letter] = mailbox.to("cheffe@exemple.test")
    window = visit()
    window.open(link_in(letter))
    for label in ("Nouveau mot de passe", "Confirmation du nouveau mot de passe"):
        window.page.get_by_label(named(label)).fill(PASSWORD)
    window.page.get_by_role("button", name="Enregistrer").click()
    window.page.wait_for_url("**/mot-de-passe/choisi/")
    window.log_in("cheffe@exemple.test")
    return window


def opened(team, world, mailbox):  # noqa: F811
    """The steering team makes the campaign and opens it at once; the pilots are told."""
    page, today = team.page, timezone.localdate()
    team.open("/schemas/spaser-2026/campagnes/")
    page.get_by_label(named("Année des données")).fill("2026")
    for label, days in (("Ouverture", 3), ("Clôture", 30), ("Fin des corrections", 45)):
        page.get_by_label(named(label)).fill((today + timedelta(days=days)).isoformat())
    press(page, "Créer la campagne et ses fiches")
    page.get_by_role("link", name="Conduire la campagne").click()
    press(page, "Ouvrir maintenant")
    campaign = Campaign.objects.get()
    assert campaign.opens_on == today and campaign.reports.count() == 2
    call_command("send_reminders", verbosity=0)
    assert len(mailbox.to("juriste@exemple.test")) == 1
    call_command("send_reminders", verbosity=0)
    assert len(mailbox.to("juriste@exemple.test")) == 1
    return campaign


def entered_by_form(pilot, visit):
    """The pilot types, closes the browser, finds all again, saves; the rate shows as it is typed."""
    pilot.page.get_by_role("link", name=re.compile("Servir des repas durables")).click()
    page = pilot.page
    page.wait_for_url("**/fiches/A-1/")
    line(page, "A-1-1").get_by_role("radio", name="Oui").check()
    line(page, "A-1-2").get_by_label(named("Numérateur")).fill("63")
    line(page, "A-1-2").get_by_label(named("Dénominateur")).fill("224")
    assert line(page, "A-1-2").locator("output").inner_text() == "28,13\u00a0%"
    page.get_by_text(re.compile("Saisie gardée à")).wait_for()
    assert not Reading.objects.exists()
    page.context.clear_cookies()  # the browser is closed without saving
    pilot.log_in("cheffe@exemple.test")
    pilot.open("/schemas/spaser-2026/campagnes/2026/fiches/A-1/")
    page.get_by_text("non enregistrée, est rétablie").wait_for()
    assert line(page, "A-1-2").get_by_label(named("Numérateur")).input_value() == "63"
    save(page)
    page.get_by_text(re.compile("Fiche enregistrée à")).wait_for()
    assert Reading.objects.count() == 2


def in_conflict(pilot, visit):
    """A colleague of the same direction saves meanwhile; the second one sees both and chooses."""
    colleague = visit()
    colleague.log_in("collegue@exemple.test")
    colleague.open("/schemas/spaser-2026/campagnes/2026/fiches/A-1/")
    pilot.open("/schemas/spaser-2026/campagnes/2026/fiches/A-1/")
    for window, value in ((pilot, "12"), (colleague, "15")):
        line(window.page, "A-1-3").get_by_label(named("Valeur")).fill(value)
        save(window.page)
    page = colleague.page
    page.get_by_text("a changé cette ligne pendant que vous la remplissiez").wait_for()
    assert line(page, "A-1-3").locator(".notice dd").all_inner_texts() == ["12", "15"]
    assert Reading.objects.get(measure__code="A-1-3").number == 12
    assert colleague.violations() == []
    line(page, "A-1-3").get_by_role("radio", name="Garder ma version").check()
    save(page)
    page.get_by_text(re.compile("Fiche enregistrée à")).wait_for()
    assert Reading.objects.get(measure__code="A-1-3").number == 15
    assert colleague.faults == []


def handed_in(pilot, mailbox):  # noqa: F811
    """What is missing is listed with links; then the sheet locks and the steering team is told."""
    page = pilot.page
    pilot.open("/schemas/spaser-2026/campagnes/2026/fiches/A-1/")
    press(page, "Enregistrer et soumettre")
    page.get_by_role("link", name="L’état de l’action n’est pas indiqué.").click()
    assert page.evaluate("document.activeElement.id") == "fiche-state"
    page.get_by_label(named("État de l’action")).select_option("in_progress")
    page.get_by_label(named("Réalisation")).fill("La charte est signée.")
    before = len(mailbox.to("equipe@exemple.test"))
    press(page, "Enregistrer et soumettre")
    page.get_by_text("Fiche soumise : l’équipe de pilotage est prévenue.").wait_for()
    assert page.get_by_role("button", name="Enregistrer", exact=True).count() == 0
    assert len(mailbox.to("equipe@exemple.test")) == before + 1


def pasted_in_the_grid(lawyer):
    """A block of two cells is pasted; the bad one is shown with its reason, the good one is stored after the preview."""
    page = lawyer.page
    lawyer.open("/schemas/spaser-2026/campagnes/2026/grille/")
    page.get_by_role("textbox", name=re.compile("lot 1")).focus()
    page.evaluate(
        """() => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "4\\nplusieurs\\n");
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }"""
    )
    assert page.get_by_role("textbox", name=re.compile("lot 2")).input_value() == "plusieurs"
    press(page, "Voir l’aperçu")
    page.get_by_text("« plusieurs » n’est pas un nombre").first.wait_for()
    assert not Reading.objects.filter(measure__code="A-2-1").exists()
    assert lawyer.violations() == []
    press(page, re.compile("^Enregistrer"))
    assert Reading.objects.get(measure__code="A-2-1").number == 4
    assert not Reading.objects.filter(measure__code="A-2-2").exists()


def filled_offline(lawyer, tmp_path):
    """The workbook is downloaded, filled and sent back: errors by cell, then confirmed."""
    page = lawyer.page
    lawyer.open("/schemas/spaser-2026/campagnes/2026/classeur/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger le classeur (XLSX)").click()
    path = tmp_path / "saisie.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book["Saisie"]
    heading = next(row for row in sheet.iter_rows() if any(cell.value == "Code" for cell in row))
    columns = {cell.value: cell.column for cell in heading if cell.value}
    rows = {row[columns["Code"] - 1].value: row[0].row for row in sheet.iter_rows(min_row=heading[0].row + 1)}
    assert sheet.cell(rows["A-2-1"], columns["Valeur"]).value == 4
    sheet.cell(rows["A-2-2"], columns["Valeur"], 7)
    sheet.cell(rows["A-2-3"], columns["Valeur"], "3,5")
    book.save(path)
    page.get_by_label(re.compile("^Fichier|^Classeur")).set_input_files(path)
    press(page, "Voir l’aperçu")
    page.get_by_text("On attend ici un nombre entier.").first.wait_for()
    press(page, re.compile("^Enregistrer"))
    assert Reading.objects.get(measure__code="A-2-2").number == 7
    assert Reading.objects.get(measure__code="A-2-2").door == "workbook"
    lawyer.open("/schemas/spaser-2026/campagnes/2026/fiches/A-2/")
    line(page, "A-2-3").get_by_text("Pas de valeur ?").click()
    line(page, "A-2-3").get_by_label(named("Pas de valeur")).select_option("not_available")
    line(page, "A-2-3").get_by_label(named("Pourquoi")).fill("Lot reporté à 2027.")
    page.get_by_label(named("État de l’action")).select_option("engaged")
    press(page, "Enregistrer et soumettre")
    page.get_by_text("Fiche soumise").wait_for()


def sent_back_and_corrected(team, pilot, mailbox):  # noqa: F811
    """The steering team sends one sheet back for a line; its pilot is told at once, corrects and hands in again."""
    page = team.page
    team.open("/schemas/spaser-2026/campagnes/2026/fiches/A-1/relecture/")
    assert team.violations() == []
    row = line(page, "A-1-3")
    row.get_by_text("Demander une correction").click()
    row.get_by_role("textbox").fill("Comptez aussi la cuisine centrale.")
    page.get_by_label(named("Ce qui est à corriger")).fill("Une ligne à revoir.")
    before = len(mailbox.to("cheffe@exemple.test"))
    press(page, "Renvoyer pour correction")
    page.get_by_text("est renvoyée pour correction").first.wait_for()
    letter = mailbox.to("cheffe@exemple.test")[before]
    assert "Comptez aussi la cuisine centrale." in text(letter)
    pilot.open("/mon-travail/")
    pilot.page.get_by_text("Une ligne à revoir.").wait_for()
    pilot.open("/schemas/spaser-2026/campagnes/2026/fiches/A-1/")
    assert "Comptez aussi la cuisine centrale." in line(pilot.page, "A-1-3").inner_text()
    line(pilot.page, "A-1-3").get_by_label(named("Valeur")).fill("16")
    pilot.page.get_by_role("button", name="Enregistrer et soumettre").click()
    pilot.page.get_by_text("Fiche soumise").wait_for()


def validated_together(team):
    """Both sheets are validated from the board, in one gesture."""
    page = team.page
    team.open("/schemas/spaser-2026/campagnes/2026/")
    for box in page.locator("input[type=checkbox][name=report]").all():
        box.check()
    press(page, re.compile("^Valider"))
    press(page, "Confirmer pour les fiches cochées")
    page.get_by_text(re.compile("2.fiches validées")).first.wait_for()
    assert set(Report.objects.values_list("status", flat=True)) == {"validated"}


def closed_for_every_door(team, lawyer, tmp_path):
    """A sheet is reopened, the campaign closed; form, grid and workbook, opened before, are refused with one sentence."""
    page = team.page
    team.open("/schemas/spaser-2026/campagnes/2026/fiches/A-2/relecture/")
    page.get_by_label(named("Ce qui est à corriger")).fill("Précisez le lot 3.")
    press(page, "Rouvrir et renvoyer pour correction")
    page.get_by_text("est rouverte").first.wait_for()
    lawyer.open("/schemas/spaser-2026/campagnes/2026/fiches/A-2/")
    grid = lawyer.page.context.new_page()
    grid.goto(f"{lawyer.base}/schemas/spaser-2026/campagnes/2026/grille/")
    upload = lawyer.page.context.new_page()
    upload.goto(f"{lawyer.base}/schemas/spaser-2026/campagnes/2026/classeur/")
    team.open("/schemas/spaser-2026/campagnes/2026/conduite/")
    page.get_by_label(named("Fin des corrections")).fill("")
    press(page, "Changer les dates")
    page.get_by_role("region", name="Clore").get_by_role("checkbox").check()
    press(page, "Clore maintenant")
    page.get_by_text("La campagne est close : rien ne s’y modifie plus.").wait_for()

    line(lawyer.page, "A-2-1").get_by_label(named("Valeur")).fill("5")
    save(lawyer.page)
    lawyer.page.get_by_text(CLOSED).first.wait_for()
    assert "5" in lawyer.page.get_by_text("Ce que vous aviez tapé").locator("..").inner_text()
    grid.get_by_role("textbox", name=re.compile("lot 1")).fill("5")
    press(grid, "Voir l’aperçu")
    grid.get_by_text(CLOSED).first.wait_for()
    upload.get_by_label(re.compile("^Fichier|^Classeur")).set_input_files(tmp_path / "saisie.xlsx")
    press(upload, "Voir l’aperçu")
    upload.get_by_text(CLOSED).first.wait_for()
    assert Reading.objects.get(measure__code="A-2-1").number == 4


def test_a_campaign_from_the_invitation_to_the_closing(visit, world, mailbox, tmp_path):  # noqa: F811
    team = visit()
    team.log_in("equipe@exemple.test")
    pilot = invited(team, visit, mailbox)
    opened(team, world, mailbox)
    pilot.open("/mon-travail/")
    entered_by_form(pilot, visit)
    in_conflict(pilot, visit)
    handed_in(pilot, mailbox)
    lawyer = visit()
    lawyer.log_in("juriste@exemple.test")
    pasted_in_the_grid(lawyer)
    filled_offline(lawyer, tmp_path)
    sent_back_and_corrected(team, pilot, mailbox)
    validated_together(team)
    closed_for_every_door(team, lawyer, tmp_path)
    assert [window.faults for window in (team, pilot, lawyer)] == [[], [], []]
