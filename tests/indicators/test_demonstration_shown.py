"""What the demonstration shows: something to do for every role, and « démonstration » wherever an invented value stands."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from django.core import mail
from django.db.models import Count
from django.urls import Resolver404, resolve
from django.utils import timezone
from openpyxl import load_workbook

from indicators import review
from indicators.board import open_questions
from indicators.entry.plausibility import warnings_of
from indicators.entry.submission import obstacles
from indicators.models import Campaign, CampaignKind, Measure, Phase, Reading, Report, ReportStatus
from indicators.perms import Act, places_of, refusal
from indicators.rules import in_force
from indicators.series import full_series, series_for
from tests.demonstration import campaign_of, stage, user
from tests.factories import (
    CampaignFactory,
    MeasureFactory,
    MeasureSourceFactory,
    ReadingFactory,
    ReportFactory,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, tmp_path_factory):
    with stage(django_db_blocker, tmp_path_factory.mktemp("var"), made=True) as scheme:
        yield scheme


# What there is to do


def test_sheets_in_every_status_in_a_campaign_that_is_open(made):
    now, before = campaign_of(2026), campaign_of(2025)
    assert now.demonstration and before.demonstration
    assert (before.kind, now.phase(TODAY())) == (CampaignKind.REFERENCE, Phase.OPEN)
    assert now.opens_on == TODAY() - timedelta(days=35)
    assert now.closes_on == TODAY() + timedelta(days=21)
    assert now.corrections_until == TODAY() + timedelta(days=51)
    statuses = dict(now.reports.values_list("status").annotate(Count("pk")).order_by())
    assert statuses == {"draft": 28, "submitted": 6, "returned": 3, "validated": 9}
    drafts = now.reports.filter(status=ReportStatus.DRAFT)
    begun = drafts.filter(readings__isnull=False).distinct() | drafts.exclude(state="").distinct()
    assert set(begun.values_list("action__code", flat=True)) == {
        "ENV-1.1",
        "ENV-1.2",
        "ENV-3.2.B",
        "ECO-2.2.C",
        "SOC-2.1.A",
    }


def to_do(who, act):
    """{status: how many} of the sheets on which this person may do this today."""
    reports = list(
        Report.objects.visible_to(who)
        .select_related("campaign__scheme", "action")
        .filter(campaign__year=2026)
    )
    places = places_of(who, reports)
    found = [report.status for report in reports if not refusal(act, places[report.pk], report, TODAY())]
    return {status: found.count(status) for status in found}


def test_every_role_finds_something_to_do(made):
    pilot = to_do(user("pilote"), Act.SUBMIT)
    assert pilot == {"draft": 2, "returned": 1}
    assert to_do(user("contributeur"), Act.FILL)["draft"] >= 2
    assert to_do(user("contributeur"), Act.SUBMIT) == {}
    assert to_do(user("caap"), Act.VALIDATE) == {"submitted": 6}
    to_team, _ = open_questions(campaign_of(2026).reports.all(), made.organisation)
    assert len(to_team) == 4  # two on drafts, and two answers that pilots have given
    copil = Report.objects.visible_to(user("copil")).filter(campaign__year=2026)
    assert set(copil.values_list("status", flat=True)) == {"validated"} and copil.count() == 9


def test_returned_for_the_whole_for_lines_and_after_a_validation(made):
    returned = Report.objects.filter(status=ReportStatus.RETURNED)
    reasons = dict(returned.values_list("action__code", "return_reason"))
    assert reasons["SOC-1.3.B"] == review.SEE_LINES
    assert "multiplié par dix" in reasons["ENV-3.1"]
    assert Report.objects.get(action__code="ENV-2.1.B", campaign__year=2026).changes.filter(
        after__status="validated"
    )
    asked = returned.filter(remarks__asks_correction=True).values_list("remarks__measure__code", flat=True)
    assert set(asked) == {"ENV-3.1-3.POUB", "SOC-1.3.B-1", "SOC-1.3.B-2.VOL"}


def test_nothing_is_handed_in_that_the_site_would_have_stopped(made):
    series = full_series(Measure.objects.filter(scheme=made))
    handed_in = Report.objects.filter(campaign__year=2026).exclude(status=ReportStatus.DRAFT)
    for report in handed_in.select_related("campaign", "action"):
        measures = [
            measure
            for measure in series.asked
            if measure.indicator.action_id == report.action_id
            and not measure.is_computed
            and in_force(measure, 2026)
        ]
        readings = {reading.measure_id: reading for reading in report.readings.all()}
        warnings = warnings_of(measures, series, 2026)
        assert obstacles(report, measures, readings, series, warnings) == [], report


def test_a_draft_has_a_value_that_surprises_beside_the_year_before(made):
    measure = Measure.objects.get(code="ENV-3.2.B-4.MOB")
    series = series_for(user("pilote"), Measure.objects.filter(pk=measure.pk))
    [sentence] = warnings_of(series.asked, series, 2026)[measure.pk]
    assert "dix fois plus que l’année précédente (38 mobiliers (démonstration))" in plain(sentence)
    assert series.evolution(measure, 2026).display.replace("\u202f", " ") == "+984,2\u00a0%"


def test_history_has_who_and_when(made):
    report = Report.objects.get(action__code="ENV-3.1", campaign__year=2026)
    opened = report.campaign.opens_on
    told = [
        (change.changed_by.email.partition("@")[0], (timezone.localdate(change.changed_at) - opened).days)
        for change in report.changes.all()
    ]
    assert told == [("caap", 0), ("pilote", 15), ("pilote", 17), ("caap", 26)]
    in_stead = Report.objects.get(action__code="SOC-2.3.C", campaign__year=2026)
    assert in_stead.changed_why == "Soumise par l’équipe de pilotage, à la place du pilote."


# What is invented says so, wherever it shows

LABELS = ("Données de démonstration", "(démonstration)")
MARKS = [  # values and texts that stand nowhere but in the demonstration
    "12 960",
    "21 300",
    "194 500",
    "28 400",
    "6 870",
    "38 500",
    "1 712 000",
    "8 / 236",
    "Un second atelier de réparation",
    "multiplié par dix",
    "Un zéro de trop",
    "L’inventaire du stock de Saint-Laurent-Blangy est commencé",
]
A_KIND = 6  # pages of one kind that are opened by each role
OPENED_FIRST = ("ENV-3.1", "ENV-3.B", "ECO-1.1.A", "ENV-3.3", "SOC-2.1.B", "ENV-2.1.B", "ENV-3.2.B")


def plain(text):
    """Text as a reader sees it: entities read, every space an ordinary one."""
    return " ".join(unescape(text).replace("\u202f", " ").replace("\u00a0", " ").split())


def shows(text):
    return [mark for mark in MARKS if mark in plain(text)]


def links(page):
    return {unescape(path) for path in re.findall(r'href="(/[^"#]+)"', page)}


def pages(client, *starts):
    """(URL name, address, page) of all that links lead to, up to A_KIND of a kind; sheets with distinctive values first."""
    known, opened = set(starts), {}
    soon, later = list(starts), []
    while soon or later:
        path = (soon or later).pop(0)
        try:
            name = resolve(path.partition("?")[0]).view_name
        except Resolver404:
            continue
        opened[name] = opened.get(name, 0) + 1
        if opened[name] > A_KIND or name == "evidence" or path.startswith("/gestion/"):
            continue
        response = client.get(path)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            page = response.content.decode()
            yield name, path, page
            found = sorted(links(page) - known)
            known.update(found)
            for link in found:
                (soon if any(f"/{code}" in link for code in OPENED_FIRST) else later).append(link)


ALL = {"campaign", "report", "action", "indicator"}
OPENED = {  # the kinds of pages about the campaign or with its values that each role comes to, at least
    "pilote": {*ALL, "my_work", "report_history", "campaign_grid", "campaign_workbook"},
    "contributeur": {*ALL, "my_work", "report_history", "campaign_grid"},
    "caap": {
        *ALL,
        "report_review",
        "report_history",
        "report_remark",
        "campaign_conduct",
        "campaign_reminders",
    },
    "copil": ALL,
}


@pytest.mark.parametrize("role", OPENED)
def test_every_page_that_shows_something_invented_says_so(made, client, role):
    client.force_login(user(role))
    starts = [
        "/mon-travail/",
        campaign_of(2026).get_absolute_url(),
        made.get_absolute_url(),
        *(f"{made.get_absolute_url()}actions/{code}/" for code in OPENED_FIRST),
    ]
    labelled = set()
    for name, path, page in pages(client, *starts):
        about = "/campagnes/2026/" in path or "/campagnes/2025/" in path
        if about:  # even where no value stands
            assert "Données de démonstration : valeurs inventées." in plain(page), path
        found = shows(page)
        if found:
            assert any(label in plain(page) for label in LABELS), (path, found)
        if found or about:
            labelled.add(name)
    assert labelled >= OPENED[role]


def test_gestion_says_so(made, client):
    client.force_login(user("caap"))
    for path in ("campaign/", "report/", "reading/?q=ENV-3.B-2", "remark/", "evidence/"):
        response = client.get(f"/gestion/indicators/{path}", follow=True)
        if response.status_code == 200:
            assert "(démonstration)" in response.content.decode(), path
    reading = Reading.objects.get(measure__code="ENV-3.B-2", report__campaign__year=2026)
    page = client.get(f"/gestion/indicators/report/{reading.report_id}/change/").content.decode()
    assert "21 300" in plain(page) and "2026 (démonstration)" in plain(page)


def test_columns_and_charts_say_which_year_is_invented(made, client):
    client.force_login(user("caap"))
    page = plain(client.get("/schemas/pas-de-calais-2026/indicateurs/ENV-3.3-4/").content.decode())
    assert re.findall(r'<th scope="col" class="number">(20[^<]+)', page) == [
        "2025 (démonstration)",
        "2026 (démonstration)",
    ]
    assert "* démonstration : valeur inventée" in page
    assert "2026 *" in page and "28 400 € en 2026 (démonstration)" in page


@pytest.mark.parametrize("role", ["pilote", "caap"])
def test_workbook_and_csv_say_so(made, client, role):
    client.force_login(user(role))
    address = f"{campaign_of(2026).get_absolute_url()}classeur/telecharger/"
    book = load_workbook(BytesIO(client.get(address, {"format": "xlsx"}).content))
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            assert "DÉMONSTRATION : valeurs inventées" in [cell.value for cell in sheet["A"]], sheet.title
    text = client.get(address, {"format": "csv"}).content.decode("utf-8-sig")
    assert text.startswith("DÉMONSTRATION : valeurs inventées")


def test_messages_say_so_in_their_subject_and_first_line(made, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        review.send_back(
            Report.objects.filter(action__code="ENV-3.B", campaign__year=2026),
            by=user("caap"),
            at=timezone.now(),
            why="À revoir.",
        )
    [message] = mail.outbox
    assert message.to == ["pilote@demo.example"]
    assert message.subject.startswith("SPASER (démonstration)")
    assert plain(message.body).startswith("Données de démonstration : ")
    assert "2026 (démonstration)" in message.body


# A real year after an invented one


@pytest.fixture
def real_year(action, contributor, pilot):
    """2027, collected after an invented 2026: a count and its evolution, with a value each year."""
    count = MeasureFactory(indicator__action=action, scheme=action.scheme, type="count", unit="don")
    for year, number in ((2026, 40), (2027, 440)):
        campaign = CampaignFactory(
            scheme=action.scheme,
            year=year,
            demonstration=year == 2026,
            opens_on=TODAY(),
            closes_on=TODAY(),
        )
        ReadingFactory(report=ReportFactory(campaign=campaign, action=action), measure=count, number=number)
    return Campaign.objects.get(year=2027)


def test_the_sheet_of_a_real_year_says_that_the_former_one_is_invented(real_year, client, pilot, action):
    client.force_login(pilot)
    page = plain(client.get(real_year.reports.get().get_absolute_url()).content.decode())
    assert "Données de démonstration" not in page
    assert "40 dons (démonstration)" in page
    assert "dix fois plus que l’année précédente (40 dons (démonstration))" in page
    grid = plain(client.get(f"{real_year.get_absolute_url()}grille/").content.decode())
    assert "40 dons (démonstration)" in grid and "440 dons (démonstration)" not in grid


def test_what_is_computed_from_an_invented_year_says_so(real_year, client, pilot, action):
    count = Measure.objects.get(scheme=action.scheme)
    change = MeasureFactory(
        indicator=count.indicator,
        scheme=action.scheme,
        type="percent",
        computation="evolution",
    )
    MeasureSourceFactory(measure=change, source=count)
    client.force_login(pilot)
    page = plain(client.get(action.get_absolute_url()).content.decode())
    assert page.count("d’après des valeurs de démonstration") == 1
    assert "2026 (démonstration)" in page and "2027 (démonstration)" not in page
