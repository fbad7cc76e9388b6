"""The history page of a sheet: who changed what, when, from what to what, why and by which door."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.urls import reverse

from indicators.entry.lines import IN_STEAD, Entry, settle
from indicators.history import NOTHING, differences, timeline
from indicators.models import Reading, Report
from spaser.tracking import Door
from tests.actions.test_pages import text_of
from tests.factories import (
    ENTERED_AT,
    CampaignFactory,
    EvidenceFactory,
    IndicatorFactory,
    MeasureFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

FIRST = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def report(scheme, action):
    campaign = CampaignFactory(scheme=scheme, year=2026, opens_on=date(2020, 1, 1))
    return ReportFactory(campaign=campaign, action=action)


@pytest.fixture
def measure(action):
    return MeasureFactory(indicator=IndicatorFactory(action=action), code="G-1", unit="réunion")


def address(report):
    return reverse(
        "report_history", args=[report.campaign.scheme.slug, report.campaign.key, report.action.code]
    )


def plain(text):
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def change(row, at=FIRST, **values):
    """Change a tracked row as a door does, signed."""
    type(row).objects.filter(pk=row.pk).update(version=F("version") + 1, changed_at=at, **values)


def lines(row):
    """[(label, before, after)] of the last change of a tracked row."""
    found = differences(row.changes.last(), getattr(row, "measure", None))
    return [(line.label, plain(line.before), plain(line.after)) for line in found]


# values in words, on both engines


@pytest.mark.parametrize(
    ("measure", "stored", "shown"),
    [
        ({"type": "count", "unit": "réunion"}, {"number": 12}, "12 réunions"),
        ({"type": "count", "unit": "réunion"}, {"number": 0}, "0 réunion"),
        ({"type": "quantity", "unit": "km"}, {"number": 9417536}, "9 417 536 km"),
        ({"type": "percent"}, {"number": Decimal("23.30"), "decimals": 2}, "23,30 %"),
        ({"type": "amount"}, {"number": Decimal("-0.05"), "decimals": 2}, "−0,05 €"),
        (
            {"type": "quantity"},
            {"number": Decimal("123456789.123456"), "decimals": 6},
            "123 456 789,123456",
        ),
        ({"type": "quantity"}, {"number": Decimal("0.000001"), "decimals": 6}, "0,000001"),
        ({"type": "count"}, {"number": 34000, "qualifier": "plus de"}, "plus de 34 000"),
        # 63 * 100 / 224 = 28.125
        ({"type": "ratio"}, {"numerator": 63, "denominator": 224}, "28,13 % (63 / 224)"),
        ({"type": "ratio"}, {"numerator": 3, "denominator": 0}, "3 / 0 (taux non calculable)"),
        ({"type": "ratio"}, {"numerator": 3}, "3 / … (taux non calculable)"),
        ({"type": "boolean"}, {"boolean": True}, "oui"),
        ({"type": "boolean"}, {"boolean": False}, "non"),
        ({"type": "text"}, {"text": "trimestrielle"}, "trimestrielle"),
        ({"type": "count"}, {"missing": "not_available"}, "non disponible"),
        (
            {"type": "count"},
            {"missing": "not_applicable", "missing_note": "pas de collège"},
            "pas de collège",
        ),
    ],
)
def test_a_first_value_is_printed_as_on_a_page(measure, stored, shown, report):
    made = MeasureFactory(indicator=IndicatorFactory(action=report.action), **measure)
    assert lines(ReadingFactory(report=report, measure=made, **stored)) == [("valeur", NOTHING, shown)]


def test_a_value_that_becomes_a_reason_is_one_line(report, measure):
    reading = ReadingFactory(report=report, measure=measure, number=12)
    change(reading, number=None, missing="not_available")
    assert lines(reading) == [("valeur", "12 réunions", "non disponible")]


def test_the_details_of_a_reading_are_said_one_by_one(report, measure):
    reading = ReadingFactory(report=report, measure=measure, number=12)
    change(reading, as_of=date(2026, 6, 30), unfilled=1200, confirmed=True, comment="Vu.", source="Chorus")
    assert lines(reading) == [
        ("commentaire", "–", "Vu."),
        ("situation au", "–", "30/06/2026"),
        ("source", "–", "Chorus"),
        ("non renseignés", "–", "1 200"),
        ("valeur confirmée", "non", "oui"),
    ]


def test_decimals_alone_change_what_is_printed(report):
    made = MeasureFactory(indicator=IndicatorFactory(action=report.action), type="percent")
    reading = ReadingFactory(report=report, measure=made, number=Decimal("23.3"), decimals=1)
    change(reading, decimals=2)
    assert lines(reading) == [("valeur", "23,3 %", "23,30 %")]


def test_a_sheet_is_told_in_french_words(report):
    change(report, status="submitted", submitted_at=FIRST, state="in_progress", analysis="Un grand pas.")
    assert lines(report) == [
        ("statut", "brouillon", "soumise"),
        ("état de l’action", "–", "en cours"),
        ("analyse qualitative", "–", "Un grand pas."),
    ]


# the timeline


def titles(report, **options):
    return [event.title for event in timeline(report, 1, **options)]


def test_everything_that_happened_stands_newest_first(report, measure, pilot, steering):
    reading = ReadingFactory(report=report, measure=measure, number=12, changed_at=FIRST, changed_by=pilot)
    change(reading, FIRST + timedelta(hours=1), number=13, changed_by=pilot, door=Door.GRID)
    EvidenceFactory(
        report=report,
        reading=reading,
        name="feuilles.pdf",
        added_at=FIRST + timedelta(hours=2),
        added_by=pilot,
    )
    report.submit(by=pilot, at=FIRST + timedelta(hours=3))
    RemarkFactory(report=report, measure=measure, written_at=FIRST + timedelta(hours=4), author=steering)
    report.send_back(by=steering, at=FIRST + timedelta(hours=5), why="Il manque le total.")
    RemarkFactory(report=report, written_at=FIRST + timedelta(hours=6), asks_correction=True)
    report.submit(by=pilot, at=FIRST + timedelta(hours=7))
    report.validate(by=steering, at=FIRST + timedelta(hours=8))
    report.reopen(by=steering, at=FIRST + timedelta(hours=9), why="Encore une erreur.")
    events = list(timeline(report, 1))
    assert [event.title for event in events] == [
        "Fiche rouverte",
        "Fiche validée",
        "Fiche soumise",
        "Correction demandée",
        "Fiche renvoyée pour correction",
        "Remarque",
        "Fiche soumise",
        "Justificatif joint",
        "Valeur modifiée",
        "Ligne renseignée",
        "Fiche ouverte",
    ]
    changed = events[8]
    assert (changed.by, changed.door, changed.measure) == (pilot, "grille", measure)
    assert changed.at == FIRST + timedelta(hours=1)
    assert [(plain(line.before), plain(line.after)) for line in changed.differences] == [
        ("12 réunions", "13 réunions")
    ]
    assert (events[4].by, events[4].why) == (steering, "Il manque le total.")
    assert (events[7].measure, events[7].text, events[7].by) == (measure, "feuilles.pdf", pilot)


def test_one_line_alone(report, measure):
    other = ReadingFactory(report=report, number=1)
    reading = ReadingFactory(report=report, measure=measure, number=12)
    RemarkFactory(report=report, measure=measure)
    RemarkFactory(report=report)
    EvidenceFactory(report=report, reading=reading)
    EvidenceFactory(report=report, reading=other)
    found = titles(report, measure=measure)
    assert sorted(found) == ["Justificatif joint", "Ligne renseignée", "Remarque"]


def test_other_sheets_stay_out(report, measure):
    elsewhere = ReportFactory(
        action=report.action, campaign=CampaignFactory(scheme=report.campaign.scheme, year=2025)
    )
    ReadingFactory(report=elsewhere, measure=measure, number=99)
    RemarkFactory(report=elsewhere)
    assert titles(report) == ["Fiche ouverte"]


def test_a_reading_that_is_gone_is_still_told(report, measure):
    reading = ReadingFactory(report=report, measure=measure, number=12)
    Reading.objects.filter(pk=reading.pk).delete()
    for options in ({}, {"measure": measure}):
        found = list(timeline(report, 1, **options))
        gone = next(event for event in found if event.title == "Relevé supprimé")
        assert (gone.measure, gone.by) == (measure, None)
        assert [(plain(line.before), line.after) for line in gone.differences] == [("12 réunions", "–")]
        assert "Ligne renseignée" in [event.title for event in found]


def test_what_the_team_entered_in_a_pilots_stead_says_so(client, steering, report, measure):
    entry = Entry(report=report.pk, measure=measure.pk, typed={"value": "12"})
    settle([entry], by=steering, at=FIRST, reports=Report.objects.all())
    client.force_login(steering)
    assert IN_STEAD in text_of(client.get(address(report)))


# the page


def test_the_page_prints_the_change_with_who_why_and_door(client, pilot, report, measure):
    author = UserFactory(first_name="Anne", last_name="Petit")
    reading = ReadingFactory(report=report, measure=measure, number=12)
    change(
        reading, FIRST, number=13, changed_by=author, changed_why="Une réunion oubliée", door=Door.WORKBOOK
    )
    client.force_login(pilot)
    text = text_of(client.get(address(report)))
    for words in (
        "1 mars 2027",
        "10 h 00",
        "Anne Petit",
        "classeur",
        "Une réunion oubliée",
        "12 réunions",
        "13 réunions",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("steering", "draft", 200),
        ("pilot", "draft", 200),
        ("contributor", "draft", 200),
        ("contributor", "validated", 200),
        ("other_pilot", "draft", 404),
        ("other_pilot", "submitted", 403),
        ("other_pilot", "validated", 403),
        ("copil_member", "submitted", 404),
        ("copil_member", "validated", 403),
        ("stranger", "validated", 404),
    ],
)
def test_how_a_sheet_was_made_is_read_by_those_who_made_it(
    name, status, code, request, client, scheme, action
):
    trait = {} if status == "draft" else {status: True}
    report = ReportFactory(campaign=CampaignFactory(scheme=scheme), action=action, **trait)
    client.force_login(request.getfixturevalue(name))
    assert client.get(address(report)).status_code == code


def test_the_filter_keeps_one_line(client, pilot, report, measure):
    ReadingFactory(report=report, number=77)
    ReadingFactory(report=report, measure=measure, number=12)
    client.force_login(pilot)
    page = client.get(address(report), {"grandeur": "G-1"})
    assert "12 réunions" in text_of(page)
    assert [event.measure for event in page.context["page"]] == [measure]
    unknown = client.get(address(report), {"grandeur": "INCONNUE"})
    assert "grandeur" in unknown.context["form"].errors
    assert unknown.context["page"].paginator.count == 3  # the sheet and its two lines


def test_fifty_events_a_page(client, pilot, report, measure):
    first_at = ENTERED_AT + timedelta(hours=1)
    reading = ReadingFactory(report=report, measure=measure, number=0, changed_at=first_at)
    for rank in range(1, 60):
        change(reading, FIRST + timedelta(minutes=rank), number=rank)
    client.force_login(pilot)
    first = client.get(address(report))
    assert (len(first.context["page"].object_list), first.context["page"].paginator.count) == (50, 61)
    assert "59 réunions" in text_of(first)
    second = client.get(address(report), {"page": "2"})
    assert [event.title for event in second.context["page"]][-2:] == ["Ligne renseignée", "Fiche ouverte"]
    assert client.get(address(report), {"page": "deux"}).context["page"].number == 1


def test_queries_do_not_grow_with_events(client, pilot, report, django_assert_max_num_queries):
    client.force_login(pilot)

    def add(count):
        for _ in range(count):
            reading = ReadingFactory(report=report, number=1, changed_by=UserFactory())
            change(reading, number=2)
            RemarkFactory(report=report, measure=reading.measure)
            EvidenceFactory(report=report, reading=reading)

    add(2)
    with django_assert_max_num_queries(30) as few:
        client.get(address(report))
    add(18)
    with django_assert_max_num_queries(len(few)):
        client.get(address(report))


def test_the_administration_prints_the_same(client, steering, report, measure):
    reading = ReadingFactory(report=report, measure=measure, number=12)
    change(reading, number=13)
    client.force_login(steering)
    last = reading.changes.last()
    page = text_of(client.get(reverse("admin:indicators_readingchange_change", args=[last.pk])))
    assert "valeur : 12 réunions → 13 réunions" in page
