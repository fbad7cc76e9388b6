"""An action's sheet and an indicator's page, as people open them."""

import pytest
from django.urls import reverse

from tests.actions.test_pages import text_of
from tests.factories import (
    CampaignFactory,
    IndicatorFactory,
    MeasureFactory,
    ReadingFactory,
    ReportFactory,
    SeriesBreakFactory,
    TargetFactory,
)
from tests.plans import SLUGS, load_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, django_user_model):
    """A function that loads a plan and logs in a member of its steering team."""

    def log_in(slug):
        scheme = load_plan(slug)
        user, _ = django_user_model.objects.get_or_create(email="lecteur@exemple.test")
        scheme.organisation.memberships.get_or_create(user=user, role="steering")
        client.force_login(user)
        return scheme

    return log_in


@pytest.mark.parametrize("slug", SLUGS)
def test_every_sheet_and_every_indicator_opens(reader, client, slug):
    scheme = reader(slug)
    for page in (*scheme.actions.all(), *scheme.indicators.all()[::7]):
        response = client.get(page.get_absolute_url())
        assert response.status_code == 200, page.code
        assert "None" not in text_of(response).replace("_None", ""), page.code


def open_page(client, name, slug, code):
    return text_of(client.get(reverse(name, args=[slug, code])))


def test_the_sheet_of_2017_shows_both_years_and_the_narrative(reader, client):
    reader("pas-de-calais-2017")
    text = open_page(client, "action", "pas-de-calais-2017", "1-1.5")
    for words in (
        "9 417 536 km",
        "8 642 568 km",
        "−8,2 %",
        "1,56 %",
        "Fiche 2017",
        "Maintien d&#x27;un parc constant de 550 véhicules",
        "Direction des Achats et de la Logistique",
        "550 véhicules",
    ):
        assert words in text, words


def test_missing_is_said_in_words(reader, client):
    reader("pas-de-calais-2017")
    assert "pas de données chiffrées en 2016" in open_page(client, "action", "pas-de-calais-2017", "2-1.1")
    assert "non renseigné" in open_page(client, "action", "pas-de-calais-2017", "2-3.1")


def test_a_composite_indicator_shows_its_measures_together(reader, client):
    reader("pas-de-calais-2017")
    text = open_page(client, "indicator", "pas-de-calais-2017", "1-2.2-1")
    for words in ("144", "1 237", "1 381", "10,43 % (144 / 1 381)", "6,05 % (84 / 1 388)", "−4,38 points"):
        assert words in text, words
    assert "<svg" in text


def test_a_target_without_indicator_shows_on_its_sheet(reader, client):
    reader("nord-2026")
    text = open_page(client, "action", "nord-2026", "IMP-1")
    assert "réduire les consommations d&#x27;énergie finale de 40% par rapport à la cible 2010-2019" in text


def test_a_target_without_year_prints_as_its_stage(reader, client):
    reader("ville-metropole")
    text = open_page(client, "action", "ville-metropole", "TAB-1")
    assert "Cible, étape 1" in text
    assert "Cible, étape 2" in text


def test_partners_are_told_apart_with_what_they_bring(reader, client):
    reader("ville-metropole")
    text = open_page(client, "action", "ville-metropole", "ACT-2")
    assert "apportent leur contribution à la cotation" in text
    assert "partenaire extérieur" in open_page(client, "action", "ville-metropole", "ACT-7")


def test_the_kind_of_indicator_is_shown(reader, client):
    reader("ville-metropole")
    text = open_page(client, "action", "ville-metropole", "ACT-2")
    assert "indicateur de réalisation" in text
    assert "indicateur d’effet" in text


def test_a_line_that_points_elsewhere_and_one_that_repeats(reader, client):
    reader("pas-de-calais-2026")
    text = open_page(client, "action", "pas-de-calais-2026", "ENV-2.2")
    assert "ils se saisissent là-bas, une seule fois" in text
    assert "Nombre de variantes retenues" in text  # an indicator of ECO-1.3, entered once, shown twice
    assert "ne compte dans aucun total" in open_page(client, "action", "pas-de-calais-2026", "ECO-2.3.C")


def test_a_sheet_without_printed_pilot_says_so(reader, client):
    reader("pas-de-calais-2026")
    assert "Non indiqué dans la version numérisée" in open_page(
        client, "action", "pas-de-calais-2026", "SOC-2.B"
    )


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("steering", True),
        ("pilot", True),
        ("contributor", True),
        ("other_pilot", False),
        ("copil_member", False),
    ],
)
def test_a_draft_is_seen_by_those_involved_and_the_steering_team(name, sees, request, client, action):
    measure = MeasureFactory(indicator=IndicatorFactory(action=action), type="count", unit="lot")
    report = ReportFactory(campaign__scheme=action.scheme, action=action, realisation="En brouillon.")
    ReadingFactory(report=report, measure=measure, number=4321)
    client.force_login(request.getfixturevalue(name))
    text = text_of(client.get(action.get_absolute_url()))
    assert ("4 321 lots" in text, "En brouillon." in text) == (sees, sees)


def test_a_stranger_finds_neither_page(client, stranger, action):
    indicator = IndicatorFactory(action=action)
    client.force_login(stranger)
    assert client.get(action.get_absolute_url()).status_code == 404
    assert client.get(indicator.get_absolute_url()).status_code == 404


def test_a_break_in_the_series_is_said_and_stops_the_evolution(client, steering, action):
    measure = MeasureFactory(indicator=IndicatorFactory(action=action), type="count")
    for year, number in ((2026, 10), (2027, 20)):
        report = ReportFactory(action=action, campaign=CampaignFactory(scheme=action.scheme, year=year))
        ReadingFactory(report=report, measure=measure, number=number)
    client.force_login(steering)
    assert "+100,0 %" in text_of(client.get(measure.indicator.get_absolute_url()))
    SeriesBreakFactory(measure=measure, year=2027, note="On compte autrement.")
    text = text_of(client.get(measure.indicator.get_absolute_url()))
    assert "+100,0 %" not in text
    assert "Rupture de série en 2027 : On compte autrement." in text


def test_what_was_typed_is_escaped(client, steering, action):
    indicator = IndicatorFactory(action=action, name="<b>gras</b>")
    ReportFactory(campaign__scheme=action.scheme, action=action, analysis="- <i>puce</i>")
    client.force_login(steering)
    page = client.get(action.get_absolute_url()).content.decode()
    assert "<b>gras</b>" not in page
    assert "&lt;b&gt;gras&lt;/b&gt;" in page
    assert "<li>&lt;i&gt;puce&lt;/i&gt;</li>" in page
    assert indicator.code in page


@pytest.mark.parametrize("page", ["action", "indicator"])
def test_queries_do_not_grow_with_rows(page, client, steering, action, django_assert_max_num_queries):
    indicator = IndicatorFactory(action=action)
    client.force_login(steering)
    address = action.get_absolute_url() if page == "action" else indicator.get_absolute_url()

    def add(count, year):
        report = ReportFactory(action=action, campaign=CampaignFactory(scheme=action.scheme, year=year))
        for _ in range(count):
            measure = MeasureFactory(indicator=indicator)
            ReadingFactory(report=report, measure=measure)
            TargetFactory(measure=measure)
            IndicatorFactory(action=action)

    add(2, 2026)
    with django_assert_max_num_queries(40) as few:
        client.get(address)
    add(30, 2027)
    with django_assert_max_num_queries(len(few)):
        client.get(address)
