"""A plan as a workbook: written, read back, and every fault named by its cell."""

import subprocess
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from actions.models import Buyer, Role, Scheme
from indicators.document.merge import load_entries
from indicators.document.source import read_document
from indicators.models import Campaign, ExtraFigure, Highlight, Reading, Report, Target
from indicators.plan_workbook.layout import HELD, SHEETS, UNHELD, heading_of
from indicators.plan_workbook.parse import content_of, read_plan, sheets_in
from indicators.plan_workbook.template import plan_workbook
from spaser.spreadsheets import read_spreadsheet
from tests.factories import MembershipFactory, SchemeFactory
from tests.plans import AT, SLUGS, load_plan, plan_text

pytestmark = pytest.mark.django_db


def sheets_of(data, name="plan.xlsx"):
    return sheets_in(content_of(read_spreadsheet(BytesIO(data), name=name)))


def entries_of(data, organisation):
    return read_plan(sheets_of(data), file="plan.xlsx", organisation=organisation)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_plan_comes_back_from_its_workbook_as_it_was(slug):
    scheme = load_plan(slug)
    entries, problems = entries_of(plan_workbook(scheme.organisation, scheme), scheme.organisation)
    assert problems == []
    written, _ = read_document(plan_text(slug), "plan.yaml")
    said = {key: entry.serialised() for key, entry in written.items() if entry.level.name in HELD}
    assert {key: entry.serialised() for key, entry in entries.items() if entry.level.name in HELD} == said
    ranks = {key: entry.position for key, entry in written.items() if entry.level.name in HELD}
    assert {key: entry.position for key, entry in entries.items() if entry.level.name in HELD} == ranks
    outcome = load_entries(entries, [], file="plan.xlsx", at=AT, levels=HELD, name_of=heading_of)
    assert (outcome.created, outcome.updated, outcome.removed, outcome.notices) == (0, 0, 0, [])


# The page


@pytest.fixture
def logged_in(client, steering):
    client.force_login(steering)
    return client


def url(organisation):
    return f"/collectivites/{organisation.slug}/plan/"


def filled(organisation, **changes):
    """The empty template with a small plan in it; `changes` are cells, « Actions!C3 » → value, or None."""
    book = load_workbook(BytesIO(plan_workbook(organisation)))
    for row, value in {
        "Identifiant": "essai-2027",
        "Titre": "Schéma d’essai",
        "Première année": 2027,
        "Dernière année": 2030,
    }.items():
        cell = next(cell for cell in book["Schéma"]["A"] if cell.value == row)
        book["Schéma"].cell(cell.row, 2).value = value
    lines = {
        "Directions": [("DAJ", "Affaires juridiques")],
        "Ventilations": [("lieux", "Lieux", "non", None, "COL", "Collèges"), ("lieux", None, None, None, "RA", "Restaurant")],
        "Piliers": [("A", "1", "Environnement")],
        "Objectifs": [("A-1", "A", "1", "Mieux manger")],
        "Actions": [("A-1.1", "A-1", None, "1", "Acheter local"), ("A-1.1.A", None, "A-1.1", "A", "Collèges")],
        "Étapes": [("A-1.1-E1", "A-1.1", None, "Recenser"), ("A-1.1-E2", None, "A-1.1-E1", "Visiter")],
        "Participations": [("A-1.1", "DAJ", "Pilotage", "pour les marchés")],
        "Indicateurs": [("A-1.1.A-1", "A-1.1.A", "Part locale", "indicateur d’effet", None, "lieux")],
        "Grandeurs": [("A-1.1.A-1", "A-1.1.A-1", None, "pourcentage", "%", "hausse attendue", "COL")],
        "Cibles": [("A-1.1.A-1-C1", "A-1.1.A-1", None, None, "au moins", 12.5, None, "%", 2030, *[None] * 5, "12,5 % en 2030")],
        "Instances": [("COPIL", "Comité de pilotage")],
        "Passages": [("action", "A-1.1", "Contexte", "Un texte.\n\n- une puce")],
    }  # fmt: skip
    for name, rows in lines.items():
        for index, row in enumerate(rows, 4):
            for column, value in enumerate(row, 1):
                book[name].cell(index, column).value = value
    for place, value in changes.items():
        sheet, _, cell = place.partition("!")
        book[sheet][cell].value = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def give(client, organisation, data, name="plan.xlsx"):
    return client.post(url(organisation), {"file": SimpleUploadedFile(name, data)})


def confirm(client, organisation, page, **more):
    form = page.context["form"]
    return client.post(
        url(organisation),
        {"content": form["content"].value(), "name": form["name"].value(), **more},
        follow=True,
    )


def test_who_may_load_a_plan(client, organisation, steering, pilot, copil_member, stranger):
    for address in (url(organisation), url(organisation) + "modele.xlsx"):
        client.logout()
        assert client.get(address).status_code == 302
        for user, status in ((stranger, 404), (pilot, 403), (copil_member, 403), (steering, 200)):
            client.force_login(user)
            assert client.get(address).status_code == status
    client.force_login(pilot)
    assert give(client, organisation, filled(organisation)).status_code == 403


def test_a_plan_is_seen_and_then_loaded(logged_in, organisation):
    page = give(logged_in, organisation, filled(organisation))
    text = page.content.decode()
    assert page.status_code == 200
    assert "nouveau schéma" in text
    for said in (
        "Environnement",
        "Mieux manger",
        "Acheter local",
        "1\u00a0indicateur, 1\u00a0grandeur",
        "1\u00a0cible",
    ):
        assert said in text
    assert not Scheme.objects.exists()
    response = confirm(logged_in, organisation, page)
    scheme = Scheme.objects.get()
    assert response.redirect_chain == [(scheme.get_absolute_url(), 302)]
    assert "Le plan est enregistré" in response.content.decode()
    assert (scheme.slug, scheme.starts_year, scheme.organisation) == ("essai-2027", 2027, organisation)
    part = scheme.actions.get(code="A-1.1.A")
    assert (part.parent.code, part.objective.code) == ("A-1.1", "A-1")
    assert scheme.steps.get(code="A-1.1-E2").parent.action == part.parent
    pilot = part.parent.involvements.get()
    assert (pilot.role, pilot.direction.code, pilot.note) == ("pilot", "DAJ", "pour les marchés")
    measure = scheme.measures.get()
    assert (measure.item.name, measure.type, measure.sense) == ("Collèges", "percent", "up")
    assert measure.targets.get().value == Decimal("12.5")
    assert part.parent.passages.get().text == "Un texte.\n\n- une puce"


def test_loading_the_same_plan_again_changes_nothing(logged_in, organisation):
    confirm(logged_in, organisation, give(logged_in, organisation, filled(organisation)))
    page = give(logged_in, organisation, filled(organisation))
    outcome = page.context["preview"].outcome
    assert (outcome.created, outcome.updated, outcome.removed) == (0, 0, 0)
    prefilled = logged_in.get(url(organisation) + "modele.xlsx?schema=essai-2027").content
    outcome = give(logged_in, organisation, prefilled).context["preview"].outcome
    assert (outcome.created, outcome.updated, outcome.removed) == (0, 0, 0)


def test_every_fault_is_named_with_its_sheet_and_cell_at_once(logged_in, organisation):
    faults = {
        "Schéma!B4": "deux mille",
        "Objectifs!B4": "Z",
        "Actions!F4": "axe",
        "Actions!C5": "A-9",
        "Participations!B4": "DMG",
        "Participations!C4": None,
        "Indicateurs!C4": None,
        "Grandeurs!D4": "pourcent",
        "Cibles!F4": "beaucoup",
        "Passages!A4": "chapitre",
        "Instances!A5": "COPIL",
        "Instances!B5": "Comité",
        "Étapes!D4": None,
        "Piliers!G1": "Couleur",
    }
    page = give(logged_in, organisation, filled(organisation, **faults))
    assert page.status_code == 422
    said = [(problem.where, problem.reason) for problem in page.context["problems"]]
    assert said == [
        ("feuille Schéma, cellule B4", "Première année : « deux mille » n’est pas un nombre entier."),
        ("feuille Instances, cellule A5", "déjà donné feuille Instances, cellule A4."),
        ("feuille Piliers, cellule G1", "colonne inconnue ou donnée deux fois : « Couleur »."),
        ("feuille Objectifs, cellule B4", "Pilier : « Z » n’est pas dans la feuille Piliers."),
        (
            "feuille Actions, cellule F4",
            "Nature : « axe » n’est pas dans la liste : « action », « données communes », « tableau ».",
        ),
        ("feuille Actions, cellule C5", "Volet de : « A-9 » n’est pas dans la feuille Actions."),
        ("feuille Étapes, cellule D4", "il manque « Intitulé »."),
        ("feuille Participations, cellule B4", "Direction : « DMG » n’est pas dans le document."),
        ("feuille Participations, cellule C4", "il manque « Part prise »."),
        ("feuille Indicateurs, cellule C4", "il manque « Indicateur »."),
        (
            "feuille Grandeurs, cellule D4",
            "Type : « pourcent » n’est pas dans la liste : « oui / non », « nombre entier », « quantité », "
            "« montant en euros », « pourcentage », « taux (numérateur et dénominateur) », "
            "« valeur d’une liste », « texte ».",
        ),
        (
            "feuille Cibles, cellule F4",
            "Valeur : « beaucoup » n’est pas un nombre : écrivez par exemple 1 234,56.",
        ),
        (
            "feuille Passages, cellule A4",
            "Niveau : « chapitre » n’est pas dans la liste : « schéma », « pilier », « objectif », « action ».",
        ),
    ]
    assert not Scheme.objects.exists()


def test_rows_of_the_example_and_of_the_notes_are_not_read(logged_in, organisation):
    page = give(logged_in, organisation, plan_workbook(organisation))
    assert page.status_code == 422
    assert [str(problem.reason) for problem in page.context["problems"]] == [
        "il manque « Identifiant ».",
        "il manque « Titre ».",
    ]


def test_another_workbook_is_told_from_the_template(logged_in, organisation):
    book = Workbook()
    book.active.append(["a"])
    out = BytesIO()
    book.save(out)
    page = give(logged_in, organisation, out.getvalue())
    assert page.status_code == 422
    assert page.context["problems"][0].reason == "il manque la feuille « Schéma » : reprenez le modèle."


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"a;b", "plan.csv", "plusieurs"),
        (b"\x89PNG", "plan.xlsx", "n’est pas un classeur"),
        (b"", "plan.xlsx", "vide"),
    ],
)
def test_what_is_no_workbook_is_refused_beside_the_field(logged_in, organisation, data, name, said):
    page = give(logged_in, organisation, data, name)
    assert said in str(page.context["form"].errors["file"])


def test_what_comes_back_is_checked_again(logged_in, organisation):
    for content in ("", "[", "{}", "[1]", '[["Schéma", 3]]', '[["Schéma", [[{"a": 1}]]]]', "[" * 100_000):
        response = logged_in.post(url(organisation), {"content": content, "name": "x"}, follow=True)
        assert not Scheme.objects.exists()
        assert response.status_code in (200, 422)
    page = give(logged_in, organisation, filled(organisation))
    content = page.context["form"]["content"].value().replace('"Affaires juridiques"', "null")
    response = logged_in.post(url(organisation), {"content": content, "name": "x"})
    assert [problem.reason for problem in response.context["problems"]] == ["il manque « Nom »."]
    assert not Scheme.objects.exists()


def test_what_the_workbook_no_longer_has_is_removed_only_when_it_is_asked(logged_in, organisation):
    confirm(logged_in, organisation, give(logged_in, organisation, filled(organisation)))
    less = filled(organisation, **{f"Cibles!{letter}4": None for letter in "ABEFHIO"})
    page = give(logged_in, organisation, less)
    assert page.context["preview"].lost == ["cible « 12,5 % en 2030 » n’est plus dans le document."]
    again = confirm(logged_in, organisation, page)
    assert "Rien n’est enregistré" in again.content.decode()
    assert Target.objects.count() == 1
    assert "Le plan est enregistré" in confirm(logged_in, organisation, again, prune="on").content.decode()
    assert not Target.objects.exists()


def test_what_a_workbook_does_not_hold_stays(client):
    """Readings, reports, campaigns, highlights and buyers; and the next document finds them as it left them."""
    scheme = load_plan("pas-de-calais-2017")
    organisation = scheme.organisation
    client.force_login(MembershipFactory(organisation=organisation, role=Role.STEERING).user)
    counts = [model.objects.count() for model in (Reading, Report, Campaign, ExtraFigure, Buyer, Highlight)]
    base = scheme.document.entries
    workbook = load_workbook(BytesIO(plan_workbook(organisation, scheme)))
    workbook["Piliers"]["C3"].value = "Un autre intitulé"
    out = BytesIO()
    workbook.save(out)
    page = give(client, organisation, out.getvalue())
    assert UNHELD in page.content.decode()
    outcome = page.context["preview"].outcome
    assert (outcome.created, outcome.updated, outcome.removed) == (0, 1, 0)
    confirm(client, organisation, page)
    assert [m.objects.count() for m in (Reading, Report, Campaign, ExtraFigure, Buyer, Highlight)] == counts
    scheme.document.refresh_from_db()
    assert scheme.document.entries.keys() == base.keys()
    assert scheme.pillars.first().title == "Un autre intitulé"


def test_an_identifier_of_another_organisation_is_refused_without_naming_it(logged_in, organisation):
    other = SchemeFactory(slug="essai-2027")
    page = give(logged_in, organisation, filled(organisation))
    (problem,) = page.context["problems"]
    assert problem.where == "feuille Schéma, cellule B2"
    assert "choisissez-en un autre" in problem.reason
    assert other.organisation.slug not in page.content.decode()
    page = give(
        logged_in, organisation, filled(organisation, **{"Schéma!B2": "autre", "Schéma!B6": other.slug})
    )
    assert [p.where for p in page.context["problems"]] == ["feuille Schéma, cellule B6"]
    assert logged_in.get(url(organisation) + f"modele.xlsx?schema={other.slug}").status_code == 404


def test_text_that_looks_like_a_formula_stays_text(logged_in, organisation):
    data = filled(organisation, **{"Actions!E4": "x"})
    confirm(logged_in, organisation, give(logged_in, organisation, data))
    Scheme.objects.get().actions.filter(code="A-1.1").update(title="=1+1")
    book = load_workbook(BytesIO(plan_workbook(organisation, Scheme.objects.get())))
    cell = next(cell for row in book["Actions"] for cell in row if cell.value == "=1+1")
    assert cell.data_type == "s"


def test_libreoffice_opens_the_workbook_and_its_ods_loads(logged_in, organisation, tmp_path):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(filled(organisation))
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "ods",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=180
    )
    page = give(logged_in, organisation, (tmp_path / "plan.ods").read_bytes(), "plan.ods")
    assert page.context["preview"].outcome.created == 17
    confirm(logged_in, organisation, page)
    assert Scheme.objects.get().measures.get().targets.get().value == Decimal("12.5")


def test_the_sheets_have_lists_frozen_headings_and_print_in_landscape(organisation):
    book = load_workbook(BytesIO(plan_workbook(organisation)))
    assert book.sheetnames == ["Lisez-moi", "Schéma", *(sheet.name for sheet in SHEETS)]
    for layout in SHEETS:
        sheet = book[layout.name]
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("B3", "$1:$2")
    lists = {rule.formula1 for rule in book["Actions"].data_validations.dataValidation}
    assert {'"action,données communes,tableau"', '"oui,non"'} <= lists
    assert all(len(text) <= 257 for text in lists)


def test_the_preview_asks_as_many_queries_of_a_longer_plan_that_is_there(logged_in, organisation):
    counts = []
    for more in (2, 20):
        cells = {}
        for row in range(6, 6 + more):
            cells |= {
                f"Actions!A{row}": f"B-{row}",
                f"Actions!B{row}": "A-1",
                f"Actions!E{row}": "Une action",
            }
        data = filled(organisation, **cells)
        confirm(logged_in, organisation, give(logged_in, organisation, data))
        with CaptureQueriesContext(connection) as queries:
            give(logged_in, organisation, data)
        counts.append(len(queries))
    assert counts[0] == counts[1]
