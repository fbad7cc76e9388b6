"""The sheet as its users fill it: saved as it comes, nothing typed is lost, handed in when it is whole."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Role
from indicators.models import (
    Evidence,
    ExtraFigure,
    PendingEntry,
    Reading,
    Remark,
    Report,
    ReportChange,
    StepState,
)
from indicators.perms import today
from tests.factories import (
    CampaignFactory,
    DirectionFactory,
    EvidenceFactory,
    IndicatorFactory,
    MeasureFactory,
    MembershipFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
    StepFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(
        scheme=scheme,
        year=2026,
        opens_on=today() - timedelta(days=10),
        closes_on=today() + timedelta(days=10),
        corrections_until=today() + timedelta(days=20),
    )


@pytest.fixture
def report(campaign, action):
    return ReportFactory(campaign=campaign, action=action)


@pytest.fixture
def measure(action):
    return MeasureFactory(indicator__action=action, code="G-1", type="count", unit="marché")


@pytest.fixture
def page(report):
    return report.get_absolute_url()


def fields_of(client, page):
    """What a browser sends back of a sheet that nobody has touched."""
    sheet = client.get(page).context["sheet"]
    return {
        field.html_name: field.value() or ""
        for form in sheet.forms
        for field in form
        if not (field.name in ("remove", "confirmed") and not field.value())
    }


def save(client, page, follow=True, **changes):
    data = fields_of(client, page) | {name.replace("__", "-"): value for name, value in changes.items()}
    return client.post(page, data, follow=follow)


def messages(response):
    return [str(message) for message in response.context["messages"]]


def text_of(response):
    return response.content.decode()


# who may


@pytest.mark.parametrize(
    ("who", "status", "form"),
    [
        ("pilot", 200, True),
        ("contributor", 200, True),
        ("steering", 200, True),
        ("copil_member", 404, None),
        ("other_pilot", 404, None),
        ("stranger", 404, None),
    ],
)
def test_a_draft_is_for_those_involved(who, status, form, request, client, report, measure, page):
    client.force_login(request.getfixturevalue(who))
    response = client.get(page)
    assert response.status_code == status
    if form is not None:
        assert ('name="l-G-1-value"' in text_of(response)) is form


def test_a_submitted_sheet_is_read_by_the_other_directions(client, campaign, action, other_pilot, measure):
    report = ReportFactory(campaign=campaign, action=action, submitted=True)
    ReadingFactory(report=report, measure=measure, number=12)
    client.force_login(other_pilot)
    response = client.get(report.get_absolute_url())
    assert "12\u00a0marchés" in text_of(response)
    assert 'name="l-G-1-value"' not in text_of(response)
    assert "Cette fiche est celle d’autres directions : vous pouvez la lire." in text_of(response)
    assert client.post(report.get_absolute_url(), {"l-G-1-value": "13"}).status_code == 403


def test_a_contributor_fills_the_readings_and_not_the_narrative(client, report, measure, contributor, page):
    client.force_login(contributor)
    assert 'name="fiche-state"' not in text_of(client.get(page))
    save(client, page, **{"l-G-1-value": "12", "fiche-was": '{"state": ""}', "fiche-state": "done"})
    report.refresh_from_db()
    assert Reading.objects.get().number == 12
    assert report.state == ""


# saving


def test_a_value_is_saved_as_it_is_typed(client, report, measure, pilot, page):
    client.force_login(pilot)
    response = save(
        client,
        page,
        **{"l-G-1-value": "1 234", "l-G-1-comment": "Dont 12 réservés.", "fiche-state": "in_progress"},
    )
    reading = Reading.objects.get()
    assert (reading.number, reading.comment, reading.door, reading.changed_by) == (
        1234,
        "Dont 12 réservés.",
        "form",
        pilot,
    )
    assert Report.objects.get().state == "in_progress"
    assert messages(response)[0].startswith("Fiche enregistrée à")
    assert not PendingEntry.objects.exists()


def test_saving_five_readings_takes_at_most_twelve_queries(client, report, action, pilot, page):
    measures = [MeasureFactory(indicator__action=action) for _ in range(5)]
    for measure in measures[:2]:
        ReadingFactory(report=report, measure=measure, number=1)
    for _ in range(30):  # however large the plan
        MeasureFactory(indicator__action__objective__pillar__scheme=report.campaign.scheme)
    client.force_login(pilot)
    data = fields_of(client, page) | {f"l-{measure.code}-value": "12" for measure in measures}
    PendingEntry.objects.create(report=report, user=pilot, data={"l-x-value": "1"}, typed_at=timezone.now())
    data["fiche-realisation"] = "Deux réunions."
    with CaptureQueriesContext(connection) as queries:
        response = client.post(page, data)
    assert response.status_code == 302
    assert [reading.number for reading in Reading.objects.all()] == [12] * 5
    assert (
        sum(reading.changes.count() for reading in Reading.objects.all()) == 7
    )  # two had been inserted before
    assert len(queries) <= 12


@pytest.mark.parametrize("count", [2, 20])
def test_the_page_takes_as_many_queries_for_two_lines_as_for_twenty(
    client, report, action, pilot, page, count
):
    for _ in range(count):
        indicator = IndicatorFactory(action=action)
        measure = MeasureFactory(indicator=indicator)
        reading = ReadingFactory(report=report, measure=measure, number=1)
        EvidenceFactory(report=report, reading=reading)
        Remark.objects.create(
            report=report, measure=measure, author=pilot, written_at=timezone.now(), text="?"
        )
    client.force_login(pilot)
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    assert len(queries) == 22


def test_all_that_is_wrong_is_said_beside_it_and_kept_as_typed(client, report, action, pilot, page):
    for code in ("G-1", "G-2", "G-3"):
        MeasureFactory(indicator__action=action, code=code)
    client.force_login(pilot)
    response = save(
        client,
        page,
        **{"l-G-1-value": "12", "l-G-2-value": "une douzaine", "l-G-3-value": "3,5", "l-G-3-as_of": "hier"},
    )
    assert Reading.objects.get().measure.code == "G-1"
    forms = {form.measure.code: form for form in response.context["sheet"].lines}
    assert forms["G-2"]["value"].value() == "une douzaine"
    assert forms["G-2"].errors["value"] == [
        "« une douzaine » n’est pas un nombre : écrivez par exemple 1 234,56."
    ]
    assert forms["G-3"].errors == {
        "value": ["On attend ici un nombre entier."],
        "as_of": ["« hier » n’est pas une date : écrivez par exemple 31/12/2026."],
    }
    assert "3\u00a0points à revoir" in text_of(response)
    # closed and opened again, the page still shows what was typed
    again = client.get(page)
    assert 'value="une douzaine"' in text_of(again)
    assert "non enregistrée, est rétablie" in text_of(again)


def test_a_colleague_does_not_see_what_one_has_not_saved(client, report, measure, pilot, contributor, page):
    client.force_login(pilot)
    save(client, page, **{"l-G-1-value": "une douzaine"})
    client.force_login(contributor)
    assert "une douzaine" not in text_of(client.get(page))


def test_what_was_typed_may_be_given_up(client, report, measure, pilot, page):
    client.force_login(pilot)
    save(client, page, **{"l-G-1-value": "une douzaine"})
    response = client.post(page, {"abandon": "1"}, follow=True)
    assert "une douzaine" not in text_of(response)
    assert not PendingEntry.objects.exists()


def test_autosave_keeps_what_is_typed_and_saves_nothing(client, report, measure, pilot, page):
    client.force_login(pilot)
    data = fields_of(client, page) | {"l-G-1-value": "12", "q-G-1": "Hors taxes ?", "autosave": "1"}
    assert client.post(page, data).status_code == 204
    assert not Reading.objects.exists() and not Remark.objects.exists()
    response = client.get(page)
    assert "non enregistrée, est rétablie" in text_of(response)
    assert 'value="12"' in text_of(response) and "Hors taxes ?</textarea>" in text_of(response)


def test_an_autosave_of_an_untouched_sheet_restores_nothing(client, report, measure, pilot, page):
    client.force_login(pilot)
    client.post(page, fields_of(client, page) | {"autosave": "1"})
    assert "rétablie" not in text_of(client.get(page))


def test_a_lost_session_loses_nothing(client, report, measure, pilot, page):
    pilot.set_password("une phrase assez longue")
    pilot.save()
    client.force_login(pilot)
    data = fields_of(client, page) | {"l-G-1-value": "12", "l-G-1-comment": "« Oui » & <b>non</b>"}
    client.logout()
    expired = client.post(page, data)
    assert expired.status_code == 403
    assert "Rien de ce que vous avez tapé n’est perdu" in text_of(expired)
    login = {"next": expired.context["next"], "resume": expired.context["resume"], "username": pilot.email}
    wrong = client.post("/connexion/", {**login, "password": "autre chose"})
    login["resume"] = wrong.context["resume"]
    back = client.post("/connexion/", {**login, "password": "une phrase assez longue"})
    assert (back.status_code, back.context["next"]) == (200, page)
    client.post(back.context["next"], dict(back.context["typed"]))
    reading = Reading.objects.get()
    assert (reading.number, reading.comment) == (12, "« Oui » & <b>non</b>")


def test_once_the_campaign_is_closed_what_was_typed_is_shown_and_nothing_is_stored(
    client, campaign, report, measure, pilot, page
):
    client.force_login(pilot)
    data = fields_of(client, page) | {"l-G-1-value": "12"}
    campaign.closed_at, campaign.corrections_until = timezone.now(), None
    campaign.save()
    response = client.post(page, data, follow=True)
    assert messages(response) == [
        "La campagne 2026 est close : rien ne s’y modifie plus. L’équipe de pilotage peut la rouvrir."
    ]
    assert "G-1 : Valeur (marchés)" in text_of(response)
    assert not Reading.objects.exists()


# two people


def test_the_second_sees_both_versions_and_chooses(client, report, measure, pilot, contributor, page):
    client.force_login(contributor)
    theirs = fields_of(client, page) | {"l-G-1-value": "15"}
    client.force_login(pilot)
    save(client, page, **{"l-G-1-value": "12"})
    client.force_login(contributor)
    response = client.post(page, theirs, follow=True)
    assert Reading.objects.get().number == 12
    [form] = response.context["sheet"].lines
    assert (form.conflict.before, form.conflict.after) == ("12\u00a0marchés", "15\u00a0marchés")
    assert form.conflict.stored.changed_by == pilot
    # without a choice, nothing moves
    client.post(page, fields_of(client, page))
    assert Reading.objects.get().number == 12
    response = client.post(page, fields_of(client, page) | {"l-G-1-line_keep": "mine"}, follow=True)
    reading = Reading.objects.get()
    assert (reading.number, reading.changed_by, reading.version) == (15, contributor, 2)
    assert not PendingEntry.objects.exists()


def test_the_second_may_keep_the_other_version(client, report, measure, pilot, contributor, page):
    client.force_login(contributor)
    theirs = fields_of(client, page) | {"l-G-1-value": "15"}
    client.force_login(pilot)
    save(client, page, **{"l-G-1-value": "12"})
    client.force_login(contributor)
    client.post(page, theirs)
    client.post(page, fields_of(client, page) | {"l-G-1-line_keep": "theirs"})
    assert Reading.objects.get().number == 12
    assert not PendingEntry.objects.exists()


def test_a_choice_made_before_a_third_version_is_asked_again(
    client, report, measure, pilot, contributor, page
):
    client.force_login(contributor)
    theirs = fields_of(client, page) | {"l-G-1-value": "15"}
    client.force_login(pilot)
    save(client, page, **{"l-G-1-value": "12"})
    client.force_login(contributor)
    client.post(page, theirs)
    chosen = fields_of(client, page) | {"l-G-1-line_keep": "mine"}
    client.force_login(pilot)
    save(client, page, **{"l-G-1-value": "13"})
    client.force_login(contributor)
    client.post(page, chosen)
    assert Reading.objects.get().number == 13


def test_two_texts_written_meanwhile_are_both_shown(client, report, pilot, steering, page):
    client.force_login(steering)
    late = fields_of(client, page) | {"fiche-realisation": "Trois réunions.", "fiche-outlook": "Continuer."}
    client.force_login(pilot)
    save(client, page, **{"fiche-realisation": "Deux réunions."})
    client.force_login(steering)
    response = client.post(page, late, follow=True)
    report.refresh_from_db()
    assert (report.realisation, report.outlook) == ("Deux réunions.", "Continuer.")
    assert "Deux réunions." in text_of(response) and "Trois réunions." in text_of(response)
    client.post(page, fields_of(client, page) | {"fiche-realisation": "Deux puis trois réunions."})
    report.refresh_from_db()
    assert report.realisation == "Deux réunions."
    client.post(page, fields_of(client, page) | {"fiche-realisation_keep": "mine"})
    report.refresh_from_db()
    assert report.realisation == "Deux puis trois réunions."


def test_what_i_did_not_touch_does_not_undo_a_colleague(client, report, action, pilot, contributor, page):
    for code in ("G-1", "G-2"):
        MeasureFactory(indicator__action=action, code=code)
    client.force_login(contributor)
    late = fields_of(client, page) | {"l-G-2-value": "15"}
    client.force_login(pilot)
    save(client, page, **{"l-G-1-value": "12", "fiche-realisation": "Deux réunions."})
    client.force_login(contributor)
    client.post(page, late)
    assert {reading.measure.code: reading.number for reading in Reading.objects.all()} == {
        "G-1": 12,
        "G-2": 15,
    }
    assert Report.objects.get().realisation == "Deux réunions."


# what goes with the values


def test_a_surprising_value_is_saved_said_and_asks_for_a_confirmation(
    client, scheme, report, action, measure, pilot, page
):
    former = ReportFactory(
        campaign=CampaignFactory(scheme=scheme, year=2025, kind="reference"),
        action=action,
        from_document=True,
    )
    ReadingFactory(report=former, measure=measure, number=12)
    client.force_login(pilot)
    response = save(client, page, **{"l-G-1-value": "120", "fiche-state": "done"})
    assert Reading.objects.get(report=report).number == 120
    assert "C’est au moins dix fois plus que l’année précédente (12\u00a0marchés)." in text_of(response)
    response = save(client, page, then="submit")
    assert "la valeur surprend ; confirmez-la et commentez-la." in text_of(response)
    response = save(
        client, page, **{"l-G-1-confirmed": "oui", "l-G-1-comment": "Nouveau périmètre.", "then": "submit"}
    )
    report.refresh_from_db()
    assert report.status == "submitted"


def test_last_years_answer_is_carried_forward_line_by_line(client, scheme, report, action, pilot, page):
    yes_no = MeasureFactory(indicator__action=action, code="G-9", type="boolean")
    former = ReportFactory(
        campaign=CampaignFactory(scheme=scheme, year=2025, kind="reference"),
        action=action,
        from_document=True,
        realisation="Le réseau s’est réuni.",
    )
    ReadingFactory(report=former, measure=yes_no, boolean=True)
    client.force_login(pilot)
    assert "Comme en 2025&nbsp;: oui" in text_of(client.get(page))
    save(client, page, carry="l-G-9")
    save(client, page, carry="fiche-realisation")
    assert Reading.objects.get(report=report).boolean is True
    report.refresh_from_db()
    assert report.realisation == "Le réseau s’est réuni."


def test_steps_and_other_figures_are_saved(client, report, action, pilot, page):
    step = StepFactory(action=action, code="E-1")
    client.force_login(pilot)
    save(
        client,
        page,
        **{"e-E-1-state": "done", "d-nouvelle-0-label": "Repas servis", "d-nouvelle-0-value": "34 000,5"},
    )
    assert StepState.objects.get().step == step
    figure = ExtraFigure.objects.get()
    assert (figure.label, figure.value, figure.decimals) == ("Repas servis", Decimal("34000.5"), 1)
    save(client, page, **{"e-E-1-state": "", f"d-{figure.pk}-remove": "oui"})
    assert not StepState.objects.exists() and not ExtraFigure.objects.exists()


def test_a_wrong_figure_is_kept_as_typed(client, report, pilot, page):
    client.force_login(pilot)
    response = save(client, page, **{"d-nouvelle-0-label": "Repas servis", "d-nouvelle-0-value": "beaucoup"})
    assert "« beaucoup » n’est pas un nombre" in text_of(response)
    assert 'value="Repas servis"' in text_of(response)
    assert not ExtraFigure.objects.exists()


def test_a_question_hangs_on_its_line(client, report, measure, pilot, steering, page, mailoutbox):
    client.force_login(pilot)
    response = save(client, page, **{"q-G-1": "Hors taxes ?"})
    remark = Remark.objects.get()
    assert (remark.measure, remark.author, remark.text) == (measure, pilot, "Hors taxes ?")
    assert "Hors taxes\u202f?" in text_of(response)


# evidence


def pdf(name="factures.pdf", content=b"%PDF-1.7 factures"):
    return SimpleUploadedFile(name, content)


def test_a_file_is_attached_downloaded_and_taken_away(
    client, report, measure, pilot, contributor, page, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(pilot)
    save(client, page, **{"l-G-1-value": "12", "f-G-1": pdf("Factures d’été.pdf")})
    evidence = Evidence.objects.get()
    assert (evidence.name, evidence.reading.measure, evidence.added_by) == (
        "Factures d’été.pdf",
        measure,
        pilot,
    )
    stored = tmp_path / evidence.file.name
    assert stored.read_bytes() == b"%PDF-1.7 factures" and "Factures" not in stored.name
    client.force_login(contributor)
    response = client.get(f"{page}justificatifs/{evidence.pk}/")
    assert b"".join(response.streaming_content) == b"%PDF-1.7 factures"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"
    save(client, page, **{"remove-evidence": str(evidence.pk)})
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (pdf("virus.exe"), "« virus.exe » : joignez un fichier pdf, png"),
        (pdf("vide.pdf", b""), "est vide"),
        (pdf("image.png"), "« image.png » n’est pas un fichier .png"),
        (pdf("page.pdf", b"<html>"), "« page.pdf » n’est pas un fichier .pdf"),
        (pdf("données.csv", b"a\x00b"), "« données.csv » n’est pas un fichier .csv"),
        (pdf("gros.pdf", b"%PDF-" + b"x" * (10 * 1024 * 1024)), "« gros.pdf » dépasse 10 Mo."),
    ],
)
def test_a_file_that_is_not_taken_says_why_and_the_rest_is_saved(
    client, report, measure, pilot, page, file, why
):
    client.force_login(pilot)
    response = save(client, page, **{"l-G-1-value": "12", "f-fiche": file})
    assert any(why in message for message in messages(response))
    assert not Evidence.objects.exists()
    assert Reading.objects.get().number == 12


def test_evidence_is_for_those_involved(client, campaign, action, other_pilot, copil_member, stranger):
    report = ReportFactory(campaign=campaign, action=action, validated=True)
    evidence = EvidenceFactory(report=report)
    for user, status in ((other_pilot, 403), (copil_member, 403), (stranger, 404)):
        client.force_login(user)
        assert client.get(f"{report.get_absolute_url()}justificatifs/{evidence.pk}/").status_code == status


# handing in


def test_all_that_is_missing_is_listed_at_once_with_links(client, report, action, pilot, page):
    for code in ("G-1", "G-2"):
        MeasureFactory(indicator__action=action, code=code)
    client.force_login(pilot)
    response = save(client, page, then="submit")
    report.refresh_from_db()
    assert report.status == "draft"
    obstacles = [(obstacle.anchor, obstacle.sentence) for obstacle in response.context["obstacles"]]
    assert [anchor for anchor, _ in obstacles] == ["fiche-state", "ligne-G-1", "ligne-G-2"]
    assert all(sentence.endswith("ni valeur, ni raison.") for _, sentence in obstacles[1:])
    assert 'href="#ligne-G-2"' in text_of(response)
    assert '<details class="notice" id="manque" open' in text_of(response)  # also without JavaScript


def test_either_of_two_alternatives_answers(client, report, action, pilot, page):
    yes_no = MeasureFactory(indicator__action=action, code="G-1", type="boolean")
    MeasureFactory(indicator=yes_no.indicator, code="G-2", type="percent", alternative_to=yes_no)
    client.force_login(pilot)
    save(client, page, **{"l-G-2-value": "40", "fiche-state": "in_progress", "then": "submit"})
    report.refresh_from_db()
    assert report.status == "submitted"


def test_handing_in_locks_the_sheet_and_says_who(client, report, measure, pilot, page):
    client.force_login(pilot)
    response = save(
        client, page, **{"l-G-1-missing": "not_applicable", "fiche-state": "suspended", "then": "submit"}
    )
    report.refresh_from_db()
    assert (report.status, report.submitted_by) == ("submitted", pilot)
    assert 'name="l-G-1-value"' not in text_of(response)
    assert "l’équipe de pilotage est prévenue" in messages(response)[0]
    assert f"Rendue le {today():%d/%m/%Y}" in text_of(response)
    assert "À rendre pour le" not in text_of(response)


def test_a_returned_sheet_leads_to_the_lines_to_correct(client, campaign, action, pilot, steering):
    report = ReportFactory(campaign=campaign, action=action, returned=True)
    asked = {"report": report, "author": steering, "asks_correction": True}
    for code, days in (("G-1", 1), ("G-2", -1)):  # the second was asked before the sheet was handed in again
        measure = MeasureFactory(indicator__action=action, code=code)
        RemarkFactory(measure=measure, written_at=report.submitted_at + timedelta(days=days), **asked)
    client.force_login(pilot)
    response = client.get(report.get_absolute_url())
    assert [measure.code for measure in response.context["to_correct"]] == ["G-1"]
    assert "Ligne à reprendre&nbsp;:" in text_of(response)
    assert '<li><a href="#ligne-G-1">G-1 ' in text_of(response)


def test_the_steering_team_hands_in_in_a_pilots_stead_and_it_is_logged(client, report, steering, page):
    client.force_login(steering)
    save(client, page, **{"fiche-state": "done", "then": "submit"})
    change = ReportChange.objects.filter(report=report).latest("pk")
    assert change.changed_why == "Soumise par l’équipe de pilotage, à la place du pilote."


def test_a_contributor_does_not_hand_in(client, report, contributor, page):
    client.force_login(contributor)
    assert 'value="submit"' not in text_of(client.get(page))
    save(client, page, then="submit")
    report.refresh_from_db()
    assert report.status == "draft"


def test_hidden_texts_that_a_browser_would_not_send_break_nothing(client, report, measure, pilot, page):
    client.force_login(pilot)
    data = fields_of(client, page)
    for was in ("", "{", "[]", '"x"', json.dumps({"value": ["12"]}), "[" * 5000):
        for seen in ("", "-1", "zéro", "9" * 400):
            response = client.post(page, data | {"l-G-1-was": was, "l-G-1-seen": seen, "l-G-1-value": ""})
            assert response.status_code == 302


# « Mon travail »


def test_my_work_lists_what_is_to_do_returned_first(
    client, campaign, action, report, measure, pilot, organisation
):
    from tests.factories import ActionFactory, InvolvementFactory

    other = ActionFactory(objective=action.objective, code="Z-9")
    InvolvementFactory(action=other, direction=pilot.memberships.get().direction)
    ReportFactory(campaign=campaign, action=other, returned=True)
    client.force_login(pilot)
    response = client.get("/mon-travail/")
    assert [task.report.action for task in response.context["tasks"]] == [other, action]
    assert "Il manque le total." in text_of(response)
    assert "0 sur 1\u00a0donnée" in text_of(response)
    assert "Il vous reste à la soumettre." not in text_of(response)
    ReadingFactory(report=report, measure=measure, number=12)
    assert "Il vous reste à la soumettre." in text_of(client.get("/mon-travail/"))


@pytest.mark.parametrize("count", [2, 20])
def test_my_work_takes_constant_queries(client, campaign, action, report, pilot, count):
    from tests.factories import ActionFactory, InvolvementFactory

    for _ in range(count):
        other = ActionFactory(objective=action.objective)
        InvolvementFactory(action=other, direction=pilot.memberships.get().direction)
        ReportFactory(campaign=campaign, action=other)
    client.force_login(pilot)
    client.get("/mon-travail/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/mon-travail/")
    assert len(queries) == 10


def test_the_steering_team_sees_its_campaigns_and_a_copil_member_the_way_to_them(
    client, campaign, report, steering, copil_member
):
    client.force_login(steering)
    assert "1</strong> brouillon<" in text_of(client.get("/mon-travail/"))
    for submitted in (False, False, True, True):
        ReportFactory(
            campaign=campaign, action__objective__pillar__scheme=campaign.scheme, submitted=submitted
        )
    page = text_of(client.get("/mon-travail/"))
    assert "3</strong> brouillons<" in page
    assert "2</strong> soumises<" in page
    client.force_login(copil_member)
    assert "Aucune fiche ne vous attend." in text_of(client.get("/mon-travail/"))


def test_after_the_login_one_finds_ones_work(client, organisation):
    user = MembershipFactory(direction=DirectionFactory(organisation=organisation), role=Role.PILOT).user
    user.set_password("une phrase assez longue")
    user.save()
    login = {"username": user.email, "password": "une phrase assez longue"}
    response = client.post("/connexion/", login, follow=True)
    assert response.redirect_chain[-1][0] == "/mon-travail/"


def test_a_locked_sheet_leads_to_where_one_asks(client, campaign, action, pilot, other_pilot):
    report = ReportFactory(campaign=campaign, action=action, submitted=True)
    address = f"{report.get_absolute_url()}remarques/"
    for user, offered in ((pilot, True), (other_pilot, False)):
        client.force_login(user)
        assert (address in text_of(client.get(report.get_absolute_url()))) is offered
