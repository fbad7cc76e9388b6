"""The workbook of a campaign: downloaded, filled, brought back, seen, then saved; and what goes wrong on the way."""

import csv
import io
import json
import re
import subprocess
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.utils import timezone
from django.utils.html import escape

from actions.models import InvolvementRole, Role
from indicators.entry.workbook import DEMONSTRATION, HEADING_ROW
from indicators.models import CampaignKind, Reading
from indicators.perms import closed_message
from spaser.tracking import Door
from tests.actions.test_pages import text_of
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    InvolvementFactory,
    MeasureSourceFactory,
    MembershipFactory,
    ReadingFactory,
    ReportFactory,
)
from tests.indicators.filling import (
    Filled,
    address,
    change,
    confirm,
    download,
    preview_of,
    problems,
    said,
    upload,
)

pytestmark = pytest.mark.django_db


# --- the round trip


def test_a_workbook_that_nobody_touched_changes_nothing(client, pilot, campaign, report, count, measure):
    rate = measure("G-2", type="ratio", numerator_label="Marchés innovants", denominator_label="Marchés")
    ReadingFactory(report=report, measure=rate, numerator=Decimal("2.5"), denominator=Decimal(9))
    percent = measure("G-3", type="percent")
    ReadingFactory(
        report=report,
        measure=percent,
        number=Decimal("23.3"),
        decimals=2,
        comment="=1+1",
        as_of=date(2026, 6, 30),
        source="OMNIA",
        qualifier="environ",
    )
    boolean = measure("G-4", type="boolean")
    ReadingFactory(report=report, measure=boolean, boolean=False, comment="Première ligne\r\nseconde ligne")
    missing = measure("G-5", type="amount")
    ReadingFactory(report=report, measure=missing, missing="not_available", missing_note="en cours")
    listed = measure("G-6", type="choice", choices="Réuni\nPas réuni, reporté")
    ReadingFactory(report=report, measure=listed, text="Pas réuni, reporté")
    measure("G-7", type="text")
    client.force_login(pilot)
    for query, name in (({}, "saisie.xlsx"), ({"format": "csv"}, "saisie.csv")):
        response = upload(client, campaign, download(client, campaign, **query), name)
        assert said(response) == []
        assert problems(response) == []
        assert preview_of(response).unchanged == 7
        assert "Rien ne change" in text_of(response)


def test_cells_hold_real_numbers_and_dates_and_the_right_locks(
    client, pilot, campaign, report, count, measure
):
    dated = measure("G-2", type="quantity", unit="t")
    ReadingFactory(report=report, measure=dated, number=Decimal("1234.5"), decimals=2, as_of=date(2026, 3, 1))
    measure("G-3", type="ratio")
    earlier = ReportFactory(
        campaign__scheme=campaign.scheme, campaign__year=2025, action=report.action, from_document=True
    )
    ReadingFactory(report=earlier, measure=count, number=Decimal(3))
    client.force_login(pilot)
    filled = Filled(download(client, campaign))
    assert filled.cell("G-2", "Valeur").value == 1234.5
    assert filled.cell("G-2", "Valeur").number_format == "0.00"
    assert filled.cell("G-2", "Situation au").value.date() == date(2026, 3, 1)
    assert filled.cell("G-1", "2025").value == "3\xa0réunions"
    assert filled.cell("G-1", "2024").value is None
    assert filled.sheet.protection.sheet
    assert not filled.cell("G-1", "Valeur").protection.locked
    assert filled.cell("G-1", "Code").protection.locked
    assert filled.cell("G-1", "Numérateur").protection.locked
    assert filled.cell("G-3", "Valeur").protection.locked
    assert not filled.cell("G-3", "Dénominateur").protection.locked
    assert filled.sheet.freeze_panes == "B4"
    hidden = ("Version", "Au téléchargement", "Campagne", "Statut de la fiche")
    letters = [openpyxl.utils.get_column_letter(filled.columns[name]) for name in hidden]
    shown = [not filled.sheet.column_dimensions[letter].hidden for letter in letters]
    assert shown == [False, False, False, True]


def test_every_kind_of_value_is_filled_seen_and_saved(client, pilot, campaign, report, count, measure):
    for code, fields in {
        "G-2": {"type": "ratio"},
        "G-3": {"type": "percent"},
        "G-4": {"type": "boolean"},
        "G-5": {"type": "amount"},
        "G-6": {"type": "choice", "choices": "Réuni\nPas réuni"},
        "G-7": {"type": "text"},
        "G-8": {"type": "percent"},
    }.items():
        measure(code, **fields)
    client.force_login(pilot)
    filled = Filled(download(client, campaign))
    filled.set("G-1", "Valeur", 5).set("G-1", "Non renseignés", 1).set("G-1", "Source", "Agenda")
    filled.set("G-2", "Numérateur", 1).set("G-2", "Dénominateur", 8)
    filled.set("G-3", "Valeur", 0.125, "0.0%")
    filled.set("G-4", "Valeur", "Oui")
    filled.set("G-5", "Pas de valeur", "sans objet").set("G-5", "Pourquoi", "Pas de marché")
    filled.set("G-6", "Valeur", "pas réuni")
    filled.set("G-7", "Valeur", "=SOMME(A1)")
    filled.cell("G-7", "Valeur").data_type = "s"
    filled.set("G-8", "Valeur", "12,5 %").set("G-8", "Situation au", date(2026, 12, 31))
    response = upload(client, campaign, filled.content)
    assert problems(response) == []
    assert said(response) == [
        ("G-1", "4\xa0réunions", "5\xa0réunions"),
        ("G-2", "", "12,50\xa0% (1 / 8)"),
        ("G-3", "", "12,5\xa0%"),
        ("G-4", "", "oui"),
        ("G-5", "", "Pas de marché"),
        ("G-6", "", "Pas réuni"),
        ("G-7", "", "=SOMME(A1)"),
        ("G-8", "", "12,5\xa0%"),
    ]
    assert Reading.objects.get(measure=count).number == 4  # nothing is stored yet
    assert Reading.objects.count() == 1
    page = text_of(response)
    assert "Enregistrer ces 8" in page
    assert "Source : rien → « Agenda »" in page
    answer = confirm(client, response, campaign)
    assert "8 valeurs enregistrées." in text_of(answer)
    stored = Reading.objects.get(measure=count)
    assert (stored.number, stored.version, stored.door, stored.changed_by) == (5, 2, Door.WORKBOOK, pilot)
    assert (stored.unfilled, stored.source) == (1, "Agenda")
    assert Reading.objects.get(measure__code="G-8").as_of == date(2026, 12, 31)
    assert Reading.objects.get(measure__code="G-3").number == Decimal("12.5")


def converted(content, ending, folder):
    """The file of XLSX `content` as LibreOffice saves it in another format."""
    source = folder / "saisie.xlsx"
    source.write_bytes(content)
    how = {"csv": "csv:Text - txt - csv (StarCalc):59,34,76", "ods": "ods"}[ending]
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            how,
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / f"saisie.{ending}").read_bytes()


@pytest.mark.parametrize("ending", ["ods", "csv"])
def test_the_same_file_saved_by_libreoffice_gives_the_same_preview(
    client, pilot, campaign, report, count, measure, tmp_path, ending
):
    big = measure("G-2", type="amount")
    ReadingFactory(
        report=report,
        measure=big,
        number=Decimal("1234567.5"),
        decimals=2,
        as_of=date(2026, 3, 1),
        comment="Deux\nlignes",
    )
    measure("G-3", type="percent")
    measure("G-4", type="percent")
    measure("G-5", type="quantity")
    measure("G-6", type="boolean")
    client.force_login(pilot)
    filled = Filled(download(client, campaign))
    filled.set("G-1", "Valeur", 12345).set("G-3", "Valeur", 0.125, "0.0%").set("G-4", "Valeur", 12.5)
    filled.set("G-5", "Valeur", 1234.5).set("G-5", "Situation au", date(2026, 2, 3)).set(
        "G-6", "Valeur", "oui"
    )
    response = upload(client, campaign, converted(filled.content, ending, tmp_path), f"saisie.{ending}")
    assert problems(response) == []
    assert said(response) == [
        ("G-1", "4\xa0réunions", "12\u202f345\xa0réunions"),
        ("G-3", "", "12,5\xa0%"),
        ("G-4", "", "12,5\xa0%"),
        ("G-5", "", "1\u202f234,5"),
        ("G-6", "", "oui"),
    ]
    assert preview_of(response).unchanged == 1


# --- what is tolerated


CSV_HEAD = "Code;Valeur"


def csv_upload(client, campaign, text):
    return upload(client, campaign, text.encode(), "saisie.csv")


def test_headings_rows_and_columns_in_another_shape(client, pilot, campaign, count, measure):
    measure("G-2", type="quantity")
    measure("G-3", type="ratio")
    client.force_login(pilot)
    text = "Mon suivi;  VALEUR ;DENOMINATEUR;numérateur;CODE\nà voir;1 234,5;;;G-2\n;;8;1;g-3\n;7;;;G-1\n"
    response = csv_upload(client, campaign, text)
    assert said(response) == [
        ("G-2", "", "1\u202f234,5"),
        ("G-3", "", "12,50\xa0% (1 / 8)"),
        ("G-1", "4\xa0réunions", "7\xa0réunions"),
    ]
    assert preview_of(response).ignored == ["Mon suivi"]
    assert "« Mon suivi »" in text_of(response)


def test_a_deleted_row_and_a_deleted_column_change_nothing(client, pilot, campaign, count, measure):
    measure("G-2")
    client.force_login(pilot)
    filled = Filled(download(client, campaign))
    filled.set("G-2", "Valeur", 3)
    filled.sheet.delete_cols(filled.columns["Commentaire"])
    filled.sheet.delete_rows(filled.row("G-1"))
    assert said(upload(client, campaign, filled.content)) == [("G-2", "", "3")]


def test_an_empty_cell_erases_only_what_was_filled_at_the_download(client, pilot, campaign, count):
    client.force_login(pilot)
    assert said(csv_upload(client, campaign, f"{CSV_HEAD}\nG-1;\n")) == []
    filled = Filled(download(client, campaign)).set("G-1", "Valeur", None)
    response = upload(client, campaign, filled.content)
    assert said(response) == [("G-1", "4\xa0réunions", "")]
    assert "effacée" in text_of(response)
    confirm(client, response, campaign)
    assert Reading.objects.get(measure=count).number is None


def test_a_new_value_takes_the_place_of_a_reason(client, pilot, campaign, report, measure):
    ReadingFactory(report=report, measure=measure("G-1"), missing="not_available")
    client.force_login(pilot)
    filled = Filled(download(client, campaign)).set("G-1", "Valeur", 3)
    assert said(upload(client, campaign, filled.content)) == [("G-1", "non disponible", "3")]


def test_a_number_keeps_the_decimals_that_its_cell_shows(client, pilot, campaign, report, measure):
    ReadingFactory(report=report, measure=measure("G-1", type="quantity"), number=Decimal("23.3"), decimals=2)
    client.force_login(pilot)
    filled = Filled(download(client, campaign)).set("G-1", "Valeur", 24)
    assert said(upload(client, campaign, filled.content)) == [("G-1", "23,30", "24,00")]


def test_the_noise_of_a_formula_is_not_taken_for_decimals(client, pilot, campaign, report, measure):
    measure("G-1", type="quantity")
    client.force_login(pilot)
    filled = Filled(download(client, campaign)).set("G-1", "Valeur", 0.1 + 0.2)
    assert said(upload(client, campaign, filled.content)) == [("G-1", "", "0,3")]
    filled.set("G-1", "Valeur", 1 / 3)
    assert problems(upload(client, campaign, filled.content)) == [
        ("feuille Saisie, cellule J4", "G-1", "Valeur : Au plus 6 décimales.")
    ]


# --- what is refused


def test_all_errors_are_said_at_once_with_their_cell(client, pilot, campaign, count, measure, action):
    measure("G-2", type="boolean")
    measure("G-3", type="ratio")
    measure("G-4", type="count")
    client.force_login(pilot)
    filled = Filled(download(client, campaign))
    filled.set("G-1", "Valeur", "beaucoup").set("G-1", "Situation au", "hier")
    filled.set("G-2", "Valeur", "peut-être").set("G-3", "Numérateur", 4).set("G-4", "Valeur", 9)
    response = upload(client, campaign, filled.content)
    assert problems(response) == [
        (
            "feuille Saisie, cellule J4",
            "G-1",
            "Valeur : « beaucoup » n’est pas un nombre : écrivez par exemple 1 234,56.",
        ),
        (
            "feuille Saisie, cellule Q4",
            "G-1",
            "Situation au : « hier » n’est pas une date : écrivez par exemple 31/12/2026.",
        ),
        ("feuille Saisie, cellule J5", "G-2", "Valeur : Répondez par oui ou par non."),
        ("feuille Saisie, ligne 6", "G-3", "Dénominateur : Il manque le dénominateur."),
    ]
    answer = confirm(client, response, campaign)
    assert "1 valeur enregistrée" in re.sub(r"\s", " ", text_of(answer))
    assert "peut-être" not in Reading.objects.values_list("text", flat=True)
    assert len(problems(answer)) == 4  # said again, since they are still to be seen to
    assert Reading.objects.get(measure__code="G-4").number == 9


def test_a_code_given_twice_is_refused_with_both_rows(client, pilot, campaign, count):
    client.force_login(pilot)
    response = csv_upload(client, campaign, f"{CSV_HEAD}\nG-1;5\nG-1;6\n")
    words = "Ce code est donné 2 fois : feuille saisie.csv, ligne 2 ; feuille saisie.csv, ligne 3."
    assert problems(response) == [("feuille saisie.csv, ligne 3", "G-1", words)]
    assert said(response) == []


def test_codes_that_cannot_be_filled_say_why(client, pilot, campaign, count, measure, scheme):
    total = MeasureSourceFactory(measure__code="G-SOMME", measure__indicator=count.indicator, source=count)
    measure("G-9", valid_until=2025)
    hidden = ReportFactory(campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme))
    measure("G-8", report=hidden)
    shown = ReportFactory(
        campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme), submitted=True
    )
    measure("G-7", report=shown)
    client.force_login(pilot)
    lines = "\n".join(f"{code};5" for code in ("XX", total.measure.code, "G-9", "G-8", "G-7"))
    found = problems(csv_upload(client, campaign, f"{CSV_HEAD}\n{lines}\n;4\n"))
    assert [(where.rpartition(" ")[2], code, words) for where, code, words in found] == [
        ("7", "", "Cette ligne n’a pas de code."),
        ("2", "XX", "Ce code n’est celui d’aucune grandeur du schéma."),
        ("3", "G-SOMME", "Cette grandeur se calcule : elle ne se saisit pas."),
        ("4", "G-9", "Cette grandeur n’est pas en vigueur en 2026."),
        ("5", "G-8", "Cette ligne n’est pas de celles que vous pouvez remplir."),
        ("6", "G-7", "Cette fiche est celle d’autres directions : vous pouvez la lire."),
    ]


def test_lines_of_others_that_nobody_touched_are_no_error(
    client, pilot, steering, campaign, count, measure, scheme
):
    other = ReportFactory(campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme))
    measure("G-8", report=other)
    client.force_login(steering)
    content = Filled(download(client, campaign)).set("G-1", "Valeur", 5).content
    client.force_login(pilot)
    response = upload(client, campaign, content)
    assert said(response) == [("G-1", "4\xa0réunions", "5\xa0réunions")]
    assert problems(response) == []


def test_the_file_of_another_campaign_is_refused(client, pilot, campaign, report, count):
    client.force_login(pilot)
    content = Filled(download(client, campaign)).set("G-1", "Valeur", 5).content
    other = CampaignFactory(
        scheme=campaign.scheme, year=2027, opens_on=campaign.opens_on, closes_on=campaign.closes_on
    )
    ReportFactory(campaign=other, action=report.action)
    page = text_of(upload(client, other, content))
    assert "Ce fichier est celui d’une autre campagne (2026 spaser-2026)" in page


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "vide.csv", "Le fichier est vide."),
        (b"\n\n", "blanc.csv", "Le fichier est vide."),
        (b"Nom;Prix\na;b\n", "autre.csv", "Aucune feuille n’a une colonne « Code »"),
        (b"Code;Valeur\n", "titres.csv", "Le tableau n’a aucune ligne remplie"),
        (b"Code;Valeur;valeur\nG-1;2;3\n", "double.csv", "La colonne « valeur » est deux fois"),
        (b"%PDF-1.7", "bilan.pdf", "n’est pas un"),
    ],
)
def test_a_file_that_is_no_workbook_of_ours_says_why(client, pilot, campaign, count, content, name, words):
    client.force_login(pilot)
    response = upload(client, campaign, content, name)
    assert response.status_code == 200
    assert escape(words) in text_of(response) or words in text_of(response)


def test_a_bomb_is_refused_in_french(client, pilot, campaign, count):
    client.force_login(pilot)
    content = io.BytesIO(download(client, campaign))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet99.xml", b" " * 70_000_000)
    page = text_of(upload(client, campaign, content.getvalue()))
    assert "Le fichier est trop grand" in page


def test_a_file_too_large_is_refused_in_french(client, pilot, campaign, count):
    client.force_login(pilot)
    content = b"Code;Valeur\n" + b";\n" * (5 * 2**20)
    assert "Le fichier est trop grand : plus de 10 Mo." in text_of(upload(client, campaign, content, "a.csv"))


def test_no_file_at_all_is_said_beside_the_field(client, pilot, campaign, count):
    client.force_login(pilot)
    assert "Ce champ est obligatoire." in text_of(client.post(address(campaign)))


@pytest.mark.parametrize(
    "rows",
    [
        "",
        "{}",
        "[1]",
        '[{"code": 1, "typed": {}}]',
        '[{"code": "G-1", "typed": {"number": "1"}}]',
        '[{"code": "G-1", "typed": {"value": 1}}]',
        '[{"code": "G-1", "typed": {"value": "1"}, "seen": true}]',
        '[{"code": "G-1", "typed": null}]',
        '[{"code": "G-1", "typed": {}, "is_staff": true}]',
        "[" + '"' + "a" * 2_000_001 + '"]',
        "[" * 100_000,
    ],
)
def test_a_forged_confirmation_changes_nothing(client, pilot, campaign, count, rows):
    client.force_login(pilot)
    page = client.post(address(campaign), {"rows": rows}, follow=True)
    assert "L’aperçu n’a pas pu être relu" in text_of(page)
    assert Reading.objects.get().number == 4


def test_a_confirmation_passes_all_checks_again(client, pilot, campaign, report, count, measure, scheme):
    hidden = ReportFactory(campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme))
    measure("G-8", report=hidden)
    client.force_login(pilot)
    rows = [
        {"code": code, "typed": {"value": value}} for code, value in (("G-8", "1"), ("G-1", "beau\0coup"))
    ]
    page = client.post(address(campaign), {"rows": json.dumps(rows)})
    assert {code for _, code, _ in problems(page)} == {"G-1", "G-8"}
    assert Reading.objects.get().number == 4


# --- another came between


@pytest.fixture
def stale(client, pilot, campaign, count):
    """The preview of a file whose only line another person has changed since the download."""
    client.force_login(pilot)
    filled = Filled(download(client, campaign)).set("G-1", "Valeur", 6)
    other = MembershipFactory(organisation=campaign.scheme.organisation, user__first_name="Zoé").user
    change(count, 5, by=other)
    return upload(client, campaign, filled.content)


def test_a_line_that_another_changed_shows_the_three_values(stale):
    page = re.sub(r"\s+", " ", text_of(stale))
    assert said(stale) == []
    for words in (
        "Modifié depuis le téléchargement par",
        "Valeur au téléchargement : 4 réunions",
        "Garder la valeur présente : <strong>5 réunions",
        "Prendre celle du fichier : <strong>6 réunions",
    ):
        assert words in page, words


def test_theirs_is_kept_unless_the_file_is_chosen(client, stale, campaign, count):
    confirm(client, stale, campaign, **{"take-G-1": "keep"})
    assert Reading.objects.get(measure=count).number == 5
    answer = confirm(client, stale, campaign)  # no choice at all: shown again
    assert Reading.objects.get(measure=count).number == 5
    assert len(preview_of(answer).conflicts) == 1
    confirm(client, stale, campaign, **{"take-G-1": "2"})
    assert Reading.objects.get(measure=count).number == 6


def test_a_third_change_before_the_confirmation_is_told(client, stale, campaign, count):
    change(count, 8, by=None)
    answer = confirm(client, stale, campaign, **{"take-G-1": "2"})
    assert Reading.objects.get(measure=count).number == 8
    assert preview_of(answer).conflicts[0].line.before == "8\xa0réunions"


def test_a_change_between_preview_and_confirmation_is_told(client, pilot, campaign, count):
    client.force_login(pilot)
    response = csv_upload(client, campaign, f"{CSV_HEAD}\nG-1;6\n")  # a file that knows of no version
    change(count, 5, by=None)
    answer = confirm(client, response, campaign)
    assert Reading.objects.get(measure=count).number == 5
    assert len(preview_of(answer).conflicts) == 1


def test_only_the_cells_of_the_file_that_changed_are_taken(client, pilot, campaign, count):
    client.force_login(pilot)
    filled = Filled(download(client, campaign)).set("G-1", "Source", "Agenda")
    change(count, 5, by=None)
    response = upload(client, campaign, filled.content)
    confirm(client, response, campaign, **{"take-G-1": "2"})
    reading = Reading.objects.get(measure=count)
    assert (reading.number, reading.source) == (5, "Agenda")


# --- who and when


def codes(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Saisie"]
    return [row[0].value for row in sheet.iter_rows(min_row=HEADING_ROW + 1) if row[0].value]


def test_each_person_has_the_lines_of_their_directions(
    client, pilot, contributor, steering, campaign, count, measure, scheme
):
    other = ReportFactory(campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme))
    direction = DirectionFactory(organisation=scheme.organisation, code="DEAU")
    InvolvementFactory(action=other.action, direction=direction, role=InvolvementRole.SUPPORT)
    measure("G-8", report=other)
    for user in (pilot, contributor):
        client.force_login(user)
        assert codes(download(client, campaign)) == ["G-1"]
        assert codes(download(client, campaign, direction="DEAU")) == ["G-1"]  # the team's choice only
    client.force_login(steering)
    assert sorted(codes(download(client, campaign))) == ["G-1", "G-8"]
    assert codes(download(client, campaign, direction="DEAU")) == ["G-8"]
    assert client.get(address(campaign, "campaign_workbook_download"), {"direction": "?"}).status_code == 404


def test_who_has_no_sheet_has_no_workbook(client, other_pilot, copil_member, stranger, campaign, count):
    for user, status in ((other_pilot, 403), (copil_member, 403), (stranger, 404)):
        client.force_login(user)
        for name in ("campaign_workbook", "campaign_workbook_download", "campaign_grid"):
            assert client.get(address(campaign, name)).status_code == status, (user, name)
            assert client.post(address(campaign, name), {"rows": "[]"}).status_code in (status, 405)


def test_a_submitted_sheet_is_locked_and_refused(
    client, pilot, campaign, count, report, measure, scheme, action
):
    handed = ReportFactory(
        campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme), submitted=True
    )
    InvolvementFactory(action=handed.action, direction=pilot.memberships.get().direction)
    measure("G-8", report=handed)
    client.force_login(pilot)
    filled = Filled(download(client, campaign))
    assert filled.cell("G-8", "Valeur").protection.locked
    assert filled.cell("G-8", "Statut de la fiche").value == "soumise"
    filled.set("G-8", "Valeur", 3).set("G-1", "Valeur", 6)
    response = upload(client, campaign, filled.content)
    assert said(response) == [("G-1", "4\xa0réunions", "6\xa0réunions")]
    assert [words for _, _, words in problems(response)] == [
        "Cette fiche est soumise : elle attend la relecture de l’équipe de pilotage."
    ]


def test_a_closed_campaign_refuses(client, pilot, campaign, count):
    client.force_login(pilot)
    content = Filled(download(client, campaign)).set("G-1", "Valeur", 6).content
    packed = preview_of(upload(client, campaign, content)).packed
    campaign.closes_on = timezone.localdate() - timedelta(days=1)
    campaign.save()
    words = closed_message(campaign)
    for answer in (
        client.get(address(campaign)),
        client.get(address(campaign, "campaign_workbook_download"), follow=True),
        upload(client, campaign, content),
        client.post(address(campaign), {"rows": packed}),
        client.get(address(campaign, "campaign_grid")),
        client.post(address(campaign, "campaign_grid"), {"value-G-1": "6"}),
    ):
        assert words in text_of(answer)
    assert Reading.objects.get(measure=count).number == 4


def test_the_steering_team_takes_over_a_year_of_reference(client, steering, pilot, scheme, action, measure):
    campaign = CampaignFactory(scheme=scheme, year=2025, kind=CampaignKind.REFERENCE)
    report = ReportFactory(campaign=campaign, action=action)
    measure("G-1", report=report)
    client.force_login(steering)
    filled = Filled(download(client, campaign)).set("G-1", "Valeur", 6)
    response = upload(client, campaign, filled.content)
    confirm(client, response, campaign)
    reading = Reading.objects.get()
    assert (reading.number, reading.changed_why) == (
        6,
        "Saisie par l’équipe de pilotage, à la place du pilote.",
    )
    client.force_login(pilot)
    assert "reprise par l’équipe de pilotage" in text_of(client.get(address(campaign)))


# --- what the file is made of


def test_no_text_becomes_a_formula(client, pilot, campaign, report, measure):
    evil = '=HYPERLINK("http://x")'
    odd = measure("G-1", type="text", name="+1-1", unit="@SUM(1)", indicator__name=evil)
    ReadingFactory(report=report, measure=odd, text=evil, comment="-2+3", source="@x")
    report.action.title = evil
    report.action.save()
    client.force_login(pilot)
    book = openpyxl.load_workbook(io.BytesIO(download(client, campaign)))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell
    text = download(client, campaign, format="csv").decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text), delimiter=";"):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert said(upload(client, campaign, text.encode(), "saisie.csv")) == []


def test_a_demonstration_says_so_on_every_sheet(client, pilot, campaign, count):
    campaign.demonstration = True
    campaign.save()
    client.force_login(pilot)
    content = download(client, campaign)
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        if sheet.sheet_state == "visible":
            assert DEMONSTRATION in [cell.value for cell in sheet["A"]], sheet.title
    text = download(client, campaign, format="csv")
    assert DEMONSTRATION in text.decode("utf-8-sig").splitlines()[0]
    assert preview_of(upload(client, campaign, text, "saisie.csv")).unchanged == 1


def test_a_text_too_long_for_a_cell_is_left_to_the_sheet(client, pilot, campaign, report, measure):
    ReadingFactory(report=report, measure=measure("G-1", type="text"), text="long " * 8000)
    client.force_login(pilot)
    filled = Filled(download(client, campaign))
    assert filled.cell("G-1", "Valeur").protection.locked
    assert "trop long" in filled.cell("G-1", "Statut de la fiche").value
    assert said(upload(client, campaign, filled.content)) == []


def test_what_surprises_is_said_in_the_preview(client, pilot, campaign, count, report):
    earlier = ReportFactory(
        campaign__scheme=campaign.scheme, campaign__year=2025, action=report.action, from_document=True
    )
    ReadingFactory(report=earlier, measure=count, number=Decimal(3))
    client.force_login(pilot)
    response = csv_upload(client, campaign, f"{CSV_HEAD}\nG-1;300\n")
    assert "au moins dix fois plus que l’année précédente (3 réunions)" in text_of(response)


def queries(client, django_assert_max_num_queries, make):
    with django_assert_max_num_queries(200) as captured:
        assert make().status_code in (200, 302)
    return len(captured)


def test_queries_do_not_grow_with_the_lines(
    client, steering, campaign, report, measure, scheme, django_assert_max_num_queries
):
    client.force_login(steering)
    found = []
    for lines in (range(2), range(2, 20)):
        for n in lines:
            sheet = ReportFactory(campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme))
            ReadingFactory(report=sheet, measure=measure(f"G-{n}", report=sheet), number=Decimal(1))
        codes = [f"G-{n}" for n in range(lines.stop)]
        text = "\n".join([CSV_HEAD, *(f"{code};{lines.stop}" for code in codes)])
        response = csv_upload(client, campaign, text)
        assert len(said(response)) == lines.stop
        packed = preview_of(response).packed
        steps = (
            lambda: client.get(address(campaign, "campaign_workbook_download")),
            lambda: client.get(address(campaign, "campaign_workbook_download"), {"format": "csv"}),
            lambda: client.get(address(campaign)),
            lambda text=text: csv_upload(client, campaign, text),
            lambda packed=packed: client.post(address(campaign), {"rows": packed}),
            lambda: client.get(address(campaign, "campaign_grid")),
        )
        found.append([queries(client, django_assert_max_num_queries, step) for step in steps])
    assert found[0] == found[1]


def test_a_member_of_two_roles_counts_once(client, steering, campaign, count, pilot):
    MembershipFactory(user=pilot, organisation=campaign.scheme.organisation, role=Role.STEERING)
    client.force_login(pilot)
    assert codes(download(client, campaign)) == ["G-1"]
