"""An action's sheet and an indicator's page, as people open them."""

import pytest
from django.urls import reverse

from tests.actions.test_pages import text_of
from tests.factories import (
    ActionFactory,
    BuyerFactory,
    CampaignFactory,
    ExtraFigureFactory,
    IndicatorFactory,
    LegalCategoryFactory,
    MeasureFactory,
    MeasureSourceFactory,
    ReadingFactory,
    ReportFactory,
    SeriesBreakFactory,
    StepFactory,
    StepStateFactory,
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
            ReadingFactory(report=report, measure=measure, number=count)
            TargetFactory(measure=measure)
            IndicatorFactory(action=action)
            ExtraFigureFactory(report=report)
            StepStateFactory(report=report, step=StepFactory(action=action))
            total = MeasureFactory(indicator=indicator, computation="sum")
            MeasureSourceFactory(measure=total, source=measure)

    add(2, 2026)
    with django_assert_max_num_queries(40) as few:
        client.get(address)
    add(30, 2027)
    with django_assert_max_num_queries(len(few)):
        client.get(address)


# The page of an indicator


@pytest.fixture
def counted(action):
    """A measure of `action` with 10 lots in 2026, validated, and 25 in 2027, still a draft."""
    measure = MeasureFactory(
        indicator=IndicatorFactory(action=action, name="Lots réservés"),
        unit="lot",
        sense="up",
        baseline_from=2026,
        baseline_value=10,
    )
    for year, number in ((2026, 10), (2027, 25)):
        campaign = CampaignFactory(scheme=action.scheme, year=year)
        report = ReportFactory(action=action, campaign=campaign, validated=year == 2026)
        ReadingFactory(report=report, measure=measure, number=number)
    return measure


def indicator_page(client, user, measure):
    client.force_login(user)
    return text_of(client.get(measure.indicator.get_absolute_url()))


def test_what_becomes_of_each_target_is_said(client, steering, counted):
    TargetFactory(measure=counted, value=20, year=2027)
    TargetFactory(measure=counted, value=30, year=2027)
    TargetFactory(measure=counted, value=40, year=2029)
    page = indicator_page(client, steering, counted)
    assert "Cibles en 2027" in page
    reached, missed, on_the_way = page.split('class="aims"')[1].split('class="aim-head"')[1:]
    assert "Atteinte" in reached and "au moins 20 lots en 2027" in reached
    assert "Manquée" in missed and "75 % du chemin parcouru" in missed
    assert "En chemin" in on_the_way and "50 % du chemin parcouru" in on_the_way
    assert 'value="50" max="100"' in on_the_way


def test_the_last_value_stands_large_with_its_change(client, steering, copil_member, counted):
    page = indicator_page(client, steering, counted)
    assert "En 2027" in page and "+150,0 % en un an" in page
    page = indicator_page(client, copil_member, counted)  # the draft of 2027 is not theirs to read
    assert "En 2026" in page and "en un an" not in page and "25 lots" not in page


def test_the_definition_says_what_is_measured(client, steering, counted):
    counted.legal_category = LegalCategoryFactory(name="Achats réservés")
    counted.legal_basis, counted.perimeter, counted.threshold = "contracts", "Marchés notifiés", 40_000
    counted.sense, counted.valid_until = "down", 2029
    counted.buyer = BuyerFactory(organisation=counted.scheme.organisation, name="Syndicat mixte")
    counted.save()
    page = indicator_page(client, steering, counted).split('class="meaning"')[1].split("</dl>")[0]
    for words in (
        "nombre entier, en lots",
        "baisse attendue (plus bas est mieux)",
        "2026 : 10 lots",
        "Achats réservés, en nombre de contrats",
        "Syndicat mixte",
        "Marchés notifiés",
        "40 000 € HT",
        "jusqu’en 2029",
    ):
        assert words in page, words


def test_a_computed_measure_says_of_what_it_is_made(client, steering, counted):
    total = MeasureFactory(indicator=counted.indicator, name="Total", computation="sum")
    MeasureSourceFactory(measure=total, source=counted)
    page = indicator_page(client, steering, total)
    assert "somme de grandeurs : Lots réservés" in page


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("steering", {"2026", "2027"}),
        ("pilot", {"2026", "2027"}),
        ("contributor", {"2026", "2027"}),
        ("other_pilot", set()),
        ("copil_member", set()),
    ],
)
def test_who_entered_is_told_to_those_who_prepare(name, years, request, client, counted, pilot):
    for reading in counted.readings.all():
        reading.changed_by, reading.changed_why = pilot, "Recompté sur factures"
        reading.save()
    page = indicator_page(client, request.getfixturevalue(name), counted)
    told = page.partition("Qui a saisi ces valeurs")[2]
    assert {year for year in ("2026", "2027") if f"/{year}/" in told and "/historique/" in told} == years
    assert ("Recompté sur factures" in page, pilot.email in told) == (bool(years), bool(years))


def test_the_sheets_of_the_years_are_linked(client, other_pilot, counted):
    page = indicator_page(client, other_pilot, counted)
    links = page.split('class="sheets-of-years"')[1].split("</p>")[0]
    assert "2026" in links and "2027" not in links  # a draft of others


# The page of an action


@pytest.fixture
def told(action):
    """An action whose sheets of 2025, 2026 and 2027 tell something; returns {year: report}."""
    texts = {2025: "Charte écrite.", 2026: "Charte signée.", 2027: "Charte appliquée."}
    states = {2025: "", 2026: "engaged", 2027: "in_progress"}
    reports = {
        year: ReportFactory(
            action=action,
            campaign=CampaignFactory(scheme=action.scheme, year=year),
            realisation=text,
            state=states[year],
            validated=True,
        )
        for year, text in texts.items()
    }
    ExtraFigureFactory(report=reports[2026], heading="Cantines", label="Repas", value=1200)
    ExtraFigureFactory(report=reports[2027], heading="Cantines", label="Repas", value=1500)
    return reports


def action_page(client, user, action, query=""):
    client.force_login(user)
    return text_of(client.get(action.get_absolute_url() + query))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {2026, 2027}),
        ("?a=2026", {2025, 2026}),
        ("?a=2027&de=2025", {2025, 2027}),
        ("?a=2025&de=2027", {2025, 2027}),
        ("?a=2027&de=", {2027}),
        ("?a=2025", {2025}),
        ("?a=1999&de=charte", {2026, 2027}),
        ("?a=2026&de=2026", {2025, 2026}),
    ],
)
def test_two_years_stand_side_by_side(query, shown, client, steering, action, told):
    page = action_page(client, steering, action, query)
    assert {year for year, report in told.items() if report.realisation in page} == shown


def test_a_former_sheet_that_says_nothing_is_not_put_beside(client, steering, action, told):
    for year, text in ((2028, ""), (2029, "Bilan.")):
        campaign = CampaignFactory(scheme=action.scheme, year=year)
        ReportFactory(action=action, campaign=campaign, analysis=text)
    page = action_page(client, steering, action)
    assert "Fiche 2029, comparée à 2027" in page.replace("</a>", "")
    assert "comparée" not in action_page(client, steering, action, "?a=2029&de=")
    page = action_page(client, steering, action, "?a=2029&de=2028")  # asked for, it is
    assert "Fiche 2029, comparée à 2028" in page.replace("</a>", "")


def test_other_figures_are_paired_by_heading_and_label(client, steering, action, told):
    page = action_page(client, steering, action)
    row = page.split("Cantines : Repas")[1].split("</tr>")[0]
    assert row.index("1 200") < row.index("1 500")


def test_states_completeness_and_sheets_over_the_years(client, steering, action, told):
    measure = MeasureFactory(indicator=IndicatorFactory(action=action))
    MeasureFactory(indicator=measure.indicator)
    ReadingFactory(report=told[2027], measure=measure, number=3)
    rows = action_page(client, steering, action).split('id="annees"')[1].split("<tr>")[2:5]
    assert ["2027" in rows[0], "2026" in rows[1], "2025" in rows[2]] == [True] * 3
    assert "En cours" in rows[0] and "1 sur 2" in rows[0] and "Validée" in rows[0]
    assert "Engagée" in rows[1] and "0 sur 2" in rows[1]
    assert "non indiqué" in rows[2]


def test_steps_show_their_state_and_the_former_one(client, steering, action, told):
    step = StepFactory(action=action, title="Écrire la charte")
    inner = StepFactory(parent=step, title="Consulter")
    for year, state in ((2026, "engaged"), (2027, "done")):
        StepStateFactory(report=told[year], step=step, state=state)
    StepStateFactory(report=told[2027], step=inner, state="suspended")
    page = action_page(client, steering, action)
    steps = page.split('class="steps"')[1].split("</section>")[0]
    assert "Réalisée" in steps and "engagée en 2026" in steps and "Suspendue" in steps
    assert "Réalisée" not in action_page(client, steering, action, "?a=2026").split('class="steps"')[1]


def test_the_state_of_an_action_with_parts_is_that_of_its_parts(client, steering, action):
    campaign = CampaignFactory(scheme=action.scheme, year=2027)
    for state in ("done", "engaged"):
        part = ActionFactory(parent=action)
        ReportFactory(action=part, campaign=campaign, state=state)
        MeasureFactory(indicator=IndicatorFactory(action=part))
    page = action_page(client, steering, action)
    row = page.split('id="annees"')[1].split("<tr>")[2]
    assert "En cours" in row and "0 sur 2" in row
    assert 'id="fiche"' not in page  # it has no sheet of its own


def test_a_colleague_sees_the_years_that_are_settled(client, other_pilot, action, told):
    ReportFactory(
        action=action, campaign=CampaignFactory(scheme=action.scheme, year=2028), analysis="En cours."
    )
    page = action_page(client, other_pilot, action)
    assert "2028" not in page
    assert "Fiche 2027, comparée à 2026" in page.replace("</a>", "")
