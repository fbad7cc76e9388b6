"""What two people, two tabs or a slow line do to a sheet: nothing typed is lost, nothing of a colleague is undone unseen."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from indicators.entry.lines import TWICE, Entry, settle
from indicators.models import ExtraFigure, PendingEntry, Reading, Remark, Report, StepState
from indicators.perms import today
from tests.factories import (
    CampaignFactory,
    ExtraFigureFactory,
    MeasureFactory,
    ReadingFactory,
    ReportFactory,
    StepFactory,
)
from tests.indicators.test_sheet import fields_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(scheme, action):
    dates = {"opens_on": today() - timedelta(days=10), "closes_on": today() + timedelta(days=10)}
    return ReportFactory(campaign=CampaignFactory(scheme=scheme, year=2026, **dates), action=action)


@pytest.fixture
def page(report):
    return report.get_absolute_url()


@pytest.fixture
def figure(report):
    return ExtraFigureFactory(report=report, label="Repas", value=Decimal(10), unit="repas")


def test_a_note_on_a_figure_does_not_undo_the_value_of_a_colleague(client, figure, pilot, page):
    client.force_login(pilot)
    shown = fields_of(client, page)
    ExtraFigure.objects.update(value=Decimal(12))
    client.post(page, shown | {f"d-{figure.pk}-note": "au 31 décembre"})
    figure.refresh_from_db()
    assert (figure.value, figure.note) == (Decimal(12), "au 31 décembre")


def test_two_values_of_a_figure_are_both_shown_and_the_second_save_decides(client, figure, pilot, page):
    client.force_login(pilot)
    shown = fields_of(client, page)
    ExtraFigure.objects.update(value=Decimal(12))
    answer = client.post(page, shown | {f"d-{figure.pk}-value": "15"}, follow=True)
    figure.refresh_from_db()
    assert figure.value == Decimal(12)
    assert "Quelqu’un a changé cela entre-temps : « 12 »." in text_of(answer)
    again = fields_of(client, page)
    assert again[f"d-{figure.pk}-value"] == "15"
    client.post(page, again)
    figure.refresh_from_db()
    assert figure.value == Decimal(15)


def test_a_figure_changed_meanwhile_is_not_taken_away_unseen(client, figure, pilot, page):
    client.force_login(pilot)
    shown = fields_of(client, page)
    ExtraFigure.objects.update(value=Decimal(12))
    answer = client.post(page, shown | {f"d-{figure.pk}-remove": "oui"}, follow=True)
    assert "Quelqu’un a changé cela entre-temps : « 12 »." in text_of(answer)
    assert ExtraFigure.objects.get().value == Decimal(12)
    client.post(page, fields_of(client, page))
    assert not ExtraFigure.objects.exists()


def test_what_one_typed_in_a_figure_taken_away_meanwhile_is_kept(client, figure, pilot, page):
    client.force_login(pilot)
    shown = fields_of(client, page)
    figure.delete()
    answer = client.post(page, shown | {f"d-{shown_pk(shown)}-value": "15"}, follow=True)
    assert not ExtraFigure.objects.exists()
    assert "Quelqu’un a effacé cela entre-temps." in text_of(answer)
    client.post(page, fields_of(client, page))
    assert (ExtraFigure.objects.get().label, ExtraFigure.objects.get().value) == ("Repas", Decimal(15))


def shown_pk(shown):
    return next(
        name.split("-")[1] for name in shown if name.startswith("d-") and name.split("-")[1].isdigit()
    )


def test_two_states_of_a_step_are_both_shown_and_the_second_save_decides(client, report, action, pilot, page):
    step = StepFactory(action=action, code="E-1")
    client.force_login(pilot)
    shown = fields_of(client, page)
    StepState.objects.create(report=report, step=step, state="done")
    answer = client.post(page, shown | {"e-E-1-state": "in_progress"}, follow=True)
    assert StepState.objects.get().state == "done"
    assert "Quelqu’un a changé cela entre-temps : « réalisée »." in text_of(answer)
    client.post(page, fields_of(client, page))
    assert StepState.objects.get().state == "in_progress"


def test_carrying_last_year_forward_does_not_replace_what_one_has_typed(
    client, scheme, report, action, pilot, page
):
    former = CampaignFactory(scheme=scheme, year=2025)
    ReportFactory(campaign=former, action=action, realisation="Texte de 2025", validated=True)
    client.force_login(pilot)
    client.post(page, fields_of(client, page) | {"fiche-realisation": "Tapé", "carry": "fiche-realisation"})
    report.refresh_from_db()
    assert report.realisation == "Tapé"


def test_what_is_restored_does_not_hide_what_a_colleague_has_saved(client, report, action, pilot, page):
    measures = [MeasureFactory(indicator__action=action, code=f"G-{rank}", type="count") for rank in (1, 2)]
    client.force_login(pilot)
    client.post(page, fields_of(client, page) | {"l-G-1-value": "5", "autosave": "1"})
    ReadingFactory(report=report, measure=measures[1], number=7)
    restored = fields_of(client, page)
    assert (restored["l-G-1-value"], restored["l-G-2-value"]) == ("5", "7")


def test_an_autosave_that_arrives_after_the_save_restores_nothing(client, report, action, pilot, page):
    MeasureFactory(indicator__action=action, code="G-1", type="count")
    client.force_login(pilot)
    typed = fields_of(client, page) | {"l-G-1-value": "5", "fiche-analysis": "Bien", "q-fiche": "Pourquoi ?"}
    client.post(page, typed)
    assert client.post(page, typed | {"autosave": "1"}).status_code == 200
    assert not PendingEntry.objects.exists()
    assert Remark.objects.count() == 1


def test_a_section_that_nobody_typed_in_follows_a_colleague_in_a_restored_sheet(
    client, report, pilot, steering, page
):
    client.force_login(pilot)
    client.post(page, fields_of(client, page) | {"fiche-analysis": "Mon analyse", "autosave": "1"})
    client.force_login(steering)
    client.post(page, fields_of(client, page) | {"fiche-realisation": "Sa réalisation"})
    client.force_login(pilot)
    restored = fields_of(client, page)
    assert (restored["fiche-analysis"], restored["fiche-realisation"]) == ("Mon analyse", "Sa réalisation")
    client.post(page, restored)
    report.refresh_from_db()
    assert (report.analysis, report.realisation) == ("Mon analyse", "Sa réalisation")


def test_what_another_has_written_beside_a_conflict_is_not_undone_by_the_second_save(
    client, figure, pilot, page
):
    client.force_login(pilot)
    shown = fields_of(client, page)
    ExtraFigure.objects.update(value=Decimal(12), note="Sa note")
    client.post(page, shown | {f"d-{figure.pk}-value": "15"})
    client.post(page, fields_of(client, page))
    figure.refresh_from_db()
    assert (figure.value, figure.note) == (Decimal(15), "Sa note")


@pytest.mark.parametrize(
    ("origin", "offered"), [("http://testserver", True), ("https://ailleurs.example", False), (None, False)]
)
def test_a_sheet_opened_before_one_logged_in_again_is_offered_again(report, pilot, page, origin, offered):
    """In another tab: the token of this one is not that of the session any more."""
    pilot.set_password("une phrase assez longue")
    pilot.save()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(pilot)
    old = token_of(browser.get(page))
    del browser.cookies["sessionid"]
    login = {"username": pilot.email, "password": "une phrase assez longue"}
    browser.post("/connexion/", login | {"csrfmiddlewaretoken": token_of(browser.get("/connexion/"))})
    typed = {"fiche-was": "{}", "fiche-analysis": "Mon analyse"}
    headers = {"origin": origin} if origin else {}
    answer = browser.post(page, typed | {"csrfmiddlewaretoken": old}, headers=headers)
    assert answer.status_code == 403
    assert ("Mon analyse" in text_of(answer)) is offered
    if offered:
        browser.post(page, typed | {"csrfmiddlewaretoken": token_of(answer)}, headers=headers)
    report.refresh_from_db()
    assert report.analysis == ("Mon analyse" if offered else "")


def token_of(response):
    return re.search('name="csrfmiddlewaretoken" value="([^"]+)"', text_of(response))[1]


def test_a_reason_of_several_lines_keeps_them(client, report, action, pilot, page):
    measure = MeasureFactory(indicator__action=action, code="G-1", type="count")
    ReadingFactory(report=report, measure=measure, missing="not_available", missing_note="Logiciel\nen panne")
    client.force_login(pilot)
    assert re.search(r'<textarea[^>]*name="l-G-1-missing_note"', text_of(client.get(page)))


def test_one_measure_given_twice_saves_neither(report, action, pilot):
    measure = MeasureFactory(indicator__action=action)
    entries = [Entry(report.pk, measure.pk, {"value": text}) for text in ("1", "2")]
    lines = settle(entries, by=pilot, at=timezone.now(), reports=Report.objects.visible_to(pilot))
    assert [line.messages for line in lines] == [[TWICE], [TWICE]]
    assert not Reading.objects.exists()
