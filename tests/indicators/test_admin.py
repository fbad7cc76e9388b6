"""The administration of indicators, measures, targets and campaigns; reports and their history are read there."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from actions.models import Nature
from indicators.models import (
    Breakdown,
    BreakdownItem,
    Campaign,
    Comparison,
    Computation,
    Indicator,
    LegalCategory,
    Measure,
    MeasureType,
    Reading,
    ReadingChange,
    Report,
    ReportChange,
    Target,
)
from tests.administration import (
    READ_ONLY,
    address,
    all_errors,
    form_data,
    list_queries,
    new_row,
    row_of_each_model,
    superuser,
)
from tests.factories import (
    ActionFactory,
    BreakdownFactory,
    BreakdownItemFactory,
    CampaignFactory,
    EvidenceFactory,
    ExtraFigureFactory,
    HighlightFactory,
    IndicatorFactory,
    LegalCategoryFactory,
    MeasureFactory,
    MeasureSourceFactory,
    ObjectiveFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
    SchemeFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def steering_client(client, steering):
    client.force_login(steering)
    return client


@pytest.fixture
def measure(action):
    return MeasureFactory(indicator__action=action)


@pytest.fixture
def reading(measure):
    """A reading of 12, in 2026."""
    action = measure.indicator.action
    campaign = CampaignFactory(scheme=action.scheme)
    return ReadingFactory(
        report__campaign=campaign, report__action=action, measure=measure, number=Decimal(12)
    )


def change(client, row, **values):
    page = address(row, "change")
    return client.post(page, form_data(client.get(page)) | values)


def add(client, model, **values):
    page = address(model, "add")
    return client.post(page, form_data(client.get(page)) | values)


# Indicators and measures


def test_adding_an_indicator_with_a_measure(steering_client, action):
    response = add(
        steering_client,
        Indicator,
        action=action.pk,
        code="I-1",
        name="Nombre de dons",
        **new_row("measures", 0, type=MeasureType.COUNT, unit="don"),
    )
    assert response.status_code == 302
    indicator = Indicator.objects.get(code="I-1")
    measure = indicator.measures.get()
    assert (indicator.scheme, indicator.origin) == (action.scheme, "site")
    assert (measure.code, measure.scheme, measure.origin) == ("I-1", action.scheme, "site")


def test_two_measures_of_one_code_are_refused(steering_client, action):
    measures = new_row("measures", 0, type="count", code="G-1") | new_row(
        "measures", 1, type="count", code="G-1"
    )
    response = add(steering_client, Indicator, action=action.pk, code="I-1", name="Dons", **measures)
    assert response.status_code == 200
    assert all_errors(response)
    assert not Indicator.objects.exists()


def test_a_code_used_elsewhere_in_the_scheme_is_refused_in_a_row(steering_client, measure):
    action = measure.indicator.action
    row = new_row("measures", 0, type="count", code=measure.code)
    response = add(steering_client, Indicator, action=action.pk, code="I-1", name="Dons", **row)
    assert all_errors(response) == ["Ce code est déjà utilisé dans le schéma."]


def test_editing_an_indicator_keeps_its_origin_and_its_measures(steering_client, measure):
    for model in (Indicator, Measure):
        model.objects.update(origin="document")
    assert change(steering_client, measure.indicator, name="Nombre de dons").status_code == 302
    indicator = Indicator.objects.get()
    assert (indicator.name, indicator.origin) == ("Nombre de dons", "document")
    assert indicator.measures.get().origin == "document"


def test_indicators_are_added_on_the_sheet(steering_client, action):
    row = new_row("indicators", 0, code="I-1", name="Nombre de dons", position="")
    assert change(steering_client, action, **row).status_code == 302
    assert action.indicators.get().scheme == action.scheme


def test_an_item_of_another_breakdown_is_told_beside_the_field(steering_client, action):
    breakdown = BreakdownFactory(scheme=action.scheme)
    item = BreakdownItemFactory(breakdown=BreakdownFactory(scheme=action.scheme))
    response = add(
        steering_client,
        Indicator,
        action=action.pk,
        code="I-1",
        name="Dons",
        breakdown=breakdown.pk,
        **new_row("measures", 0, type="count", item=item.pk),
    )
    (rows,) = response.context["inline_admin_formsets"]
    assert rows.formset.errors == [{"item": ["Ce poste n’est pas de la ventilation de l’indicateur."]}]


def test_the_items_offered_are_those_of_the_indicator(steering_client, action):
    item = BreakdownItemFactory(breakdown__scheme=action.scheme)
    BreakdownItemFactory(breakdown__scheme=action.scheme)
    indicator = IndicatorFactory(action=action, breakdown=item.breakdown)
    (rows,) = steering_client.get(address(indicator, "change")).context["inline_admin_formsets"]
    assert set(rows.formset.empty_form.fields["item"].queryset) == {item}


def test_a_constraint_is_told_in_the_row_not_by_the_database(steering_client, action):
    row = new_row("measures", 0, type=MeasureType.CHOICE, choices="")
    response = add(steering_client, Indicator, action=action.pk, code="I-1", name="Dons", **row)
    assert all_errors(response) == [
        "Les valeurs possibles se donnent pour le type « valeur d’une liste », et lui seul."
    ]


def test_a_measure_with_readings_keeps_its_type(steering_client, reading):
    for row in (reading.measure, reading.measure.indicator):
        name = "type" if isinstance(row, Measure) else "measures-0-type"
        (error,) = all_errors(change(steering_client, row, **{name: MeasureType.TEXT}))
        assert error.startswith("Relevé «") and error.endswith("On attend ici : texte.")


def test_an_indicator_with_readings_stays_on_its_sheet(steering_client, reading):
    indicator = reading.measure.indicator
    elsewhere = ActionFactory(objective=indicator.action.objective)
    (error,) = all_errors(change(steering_client, indicator, action=elsewhere.pk))
    assert error.endswith("Cette grandeur est celle d’une autre fiche.")


def test_deleting_what_readings_hang_on_is_refused(steering_client, reading):
    for row in (reading.measure, reading.measure.indicator, reading.report.campaign):
        assert steering_client.get(address(row, "delete")).context["protected"]
        steering_client.post(address(row, "delete"), {"post": "yes"})
    data = {"measures-0-DELETE": "on"}
    assert "relevé" in all_errors(change(steering_client, reading.measure.indicator, **data))[0].lower()
    assert Reading.objects.count() == 1


def test_sources_of_a_computed_measure(steering_client, measure):
    words = MeasureFactory(indicator=measure.indicator, type=MeasureType.TEXT)
    total = MeasureFactory(indicator=measure.indicator, computation=Computation.SUM)
    row = new_row("source_links", 0, source=words.pk, position="")
    assert "On ne calcule qu’à partir de nombres." in all_errors(change(steering_client, total, **row))
    row = new_row("source_links", 0, source=measure.pk, position="")
    assert change(steering_client, total, **row).status_code == 302
    assert total.sources.get() == measure
    row = new_row("source_links", 0, source=total.pk, position="")
    assert "Une grandeur saisie n’a pas de sources." in all_errors(change(steering_client, measure, **row))


SOURCES = "Un taux a deux sources, une évolution une seule, une somme au moins une."


def sources_of(*measures):
    rows = {}
    for index, measure in enumerate(measures):
        rows |= new_row("source_links", index, source=measure.pk, position="")
    return rows


@pytest.mark.parametrize(
    ("computation", "type_", "counts"),
    [("ratio", "ratio", [2]), ("evolution", "percent", [1]), ("sum", "count", [1, 2, 3])],
)
def test_a_computation_has_its_sources(steering_client, measure, computation, type_, counts):
    numbers = MeasureFactory.create_batch(3, indicator=measure.indicator)
    for count in range(4):
        made = MeasureFactory(indicator=measure.indicator, type=type_, computation=computation)
        response = change(steering_client, made, **sources_of(*numbers[:count]))
        if count in counts:
            assert response.status_code == 302, all_errors(response)
            assert list(made.source_links.values_list("source", "position")) == [
                (source.pk, rank) for rank, source in enumerate(numbers[:count])
            ]
        else:
            assert all_errors(response)
            assert not made.source_links.exists()
            if count < 2:
                assert all_errors(response) == [SOURCES]


def test_a_rate_keeps_its_two_sources(steering_client, measure):
    made = MeasureFactory(indicator=measure.indicator, type="ratio", computation="ratio")
    for rank, source in enumerate(MeasureFactory.create_batch(2, indicator=measure.indicator)):
        MeasureSourceFactory(measure=made, source=source, position=rank)
    response = change(steering_client, made, **{"source_links-1-DELETE": "on"})
    assert all_errors(response) == [SOURCES]
    assert made.sources.count() == 2


def test_a_computation_without_sources_is_not_chosen_on_the_page_of_the_indicator(steering_client, measure):
    values = {"measures-0-computation": Computation.SUM}
    (error,) = all_errors(change(steering_client, measure.indicator, **values))
    assert error == f"{SOURCES} Donnez-les à la page de la grandeur."
    row = new_row("measures", 1, code="G-2", type="count", computation=Computation.SUM, position="")
    (error,) = all_errors(change(steering_client, measure.indicator, **row))
    assert error == f"{SOURCES} Donnez-les à la page de la grandeur."


def test_a_measure_prolongs_one_of_a_former_scheme_of_the_organisation(steering_client, measure):
    former = MeasureFactory(
        indicator__action__objective__pillar__scheme=SchemeFactory(organisation=measure.scheme.organisation)
    )
    MeasureFactory()
    form = steering_client.get(address(measure, "change")).context["adminform"].form
    assert set(form.fields["continues"].queryset) == {former}
    assert set(form.fields["indicator"].queryset) == {measure.indicator}
    source = {"app_label": "indicators", "model_name": "measure", "field_name": "continues", "term": ""}
    response = steering_client.get(reverse("admin:autocomplete"), source | {"scheme": measure.scheme_id})
    assert [result["id"] for result in response.json()["results"]] == [str(former.pk)]


def test_an_item_in_use_is_not_deleted(steering_client, measure):
    item = BreakdownItemFactory(breakdown__scheme=measure.scheme)
    Measure.objects.filter(pk=measure.pk).update(item=item)
    response = change(steering_client, item.breakdown, **{"items-0-DELETE": "on"})
    assert "grandeur" in all_errors(response)[0].lower()
    assert BreakdownItem.objects.count() == 1


def test_items_complete_an_open_breakdown(steering_client, scheme):
    breakdown = BreakdownFactory(scheme=scheme, open=True)
    row = new_row("items", 0, code="MOB", name="Mobilier", position="")
    assert change(steering_client, breakdown, **row).status_code == 302
    assert breakdown.items.get().origin == "site"


# Targets


def test_a_target_takes_its_scheme_and_says_who_set_it(steering_client, measure, steering):
    response = add(
        steering_client,
        Target,
        measure=measure.pk,
        code="C-1",
        comparison=Comparison.AT_LEAST,
        value="1 234,5 %",
        year=2029,
    )
    assert response.status_code == 302
    target = Target.objects.get()
    assert (target.scheme, target.value, target.origin) == (measure.scheme, Decimal("1234.5"), "site")
    assert (target.set_by, target.set_on) == (steering, timezone.localdate())
    assert form_data(steering_client.get(address(target, "change")))["value"] == "1\u202f234,5"


def test_a_target_is_added_with_its_measure(steering_client, action, steering):
    indicator = IndicatorFactory(action=action)
    response = add(
        steering_client,
        Measure,
        indicator=indicator.pk,
        type="count",
        **new_row("targets", 0, code="C-1", comparison="at_least", value="10", year=2029, position=""),
    )
    assert response.status_code == 302, all_errors(response)
    assert (Target.objects.get().scheme, Target.objects.get().set_by) == (action.scheme, steering)


def test_what_is_not_a_number_is_refused_in_french(steering_client, measure):
    response = add(
        steering_client, Target, measure=measure.pk, code="C-1", comparison="at_least", value="beaucoup"
    )
    errors = response.context["adminform"].form.errors
    assert errors["value"] == ["« beaucoup » n’est pas un nombre : écrivez par exemple 1 234,56."]


@pytest.mark.parametrize("owners", [[], ["measure", "action"]])
def test_a_target_has_one_owner(steering_client, measure, owners):
    rows = {"measure": measure.pk, "action": measure.indicator.action_id}
    owner = {name: rows[name] for name in owners}
    response = add(steering_client, Target, code="C-1", comparison="at_least", value="10", **owner)
    assert all_errors(response) == [
        "Une cible est celle d’une grandeur, d’une action ou d’un pilier, et d’un seul."
    ]


def test_a_number_for_a_measure_in_words_is_refused_beside_the_field(steering_client, action):
    measure = MeasureFactory(indicator__action=action, type=MeasureType.TEXT)
    response = add(steering_client, Target, measure=measure.pk, code="C-1", comparison="at_least", value="10")
    errors = response.context["adminform"].form.errors
    assert errors == {"value": ["Seule une grandeur en nombres a une cible en nombres."]}


# Legal categories


def test_categories_of_the_law_are_chosen_and_not_changed(steering_client, measure, organisation):
    common, own = LegalCategoryFactory(), LegalCategoryFactory(organisation=organisation)
    foreign = LegalCategoryFactory(organisation=SchemeFactory().organisation)
    form = steering_client.get(address(measure, "change")).context["adminform"].form
    offered = set(form.fields["legal_category"].queryset)
    assert {common, own} < offered and foreign not in offered
    assert steering_client.get(address(common, "change")).status_code == 200
    assert steering_client.post(address(common, "change"), {"name": "À moi"}).status_code == 403
    assert steering_client.get(address(common, "delete")).status_code == 403
    assert steering_client.get(address(foreign, "change")).status_code == 404


def test_selecting_categories_of_the_law_does_not_delete_them(steering_client):
    common = LegalCategoryFactory()
    page = address(common, "changelist")
    data = {"action": "delete_selected", "_selected_action": common.pk, "post": "yes"}
    assert steering_client.post(page, data).status_code == 403
    assert LegalCategory.objects.exists()


def test_a_steering_team_adds_a_category_of_its_own_only(steering_client, client, organisation):
    page = address(LegalCategory, "add")
    data = {"organisation": "", "code": "LOCAL", "name": "Produits locaux", "position": ""}
    response = steering_client.post(page, data)
    assert "organisation" in response.context["adminform"].form.errors
    assert steering_client.post(page, data | {"organisation": organisation.pk}).status_code == 302
    client.force_login(superuser())
    assert client.post(page, data | {"code": "LOI"}).status_code == 302
    assert LegalCategory.objects.get(code="LOI").organisation is None


def test_a_category_of_ones_own_has_no_code_of_the_law(steering_client, organisation):
    data = {"organisation": organisation.pk, "code": "social", "name": "Nos achats", "position": ""}
    response = steering_client.post(address(LegalCategory, "add"), data)
    errors = response.context["adminform"].form.errors
    assert errors == {"code": ["Ce code est celui d’une catégorie de la loi."]}
    assert not LegalCategory.objects.filter(organisation=organisation).exists()


# Campaigns


def test_adding_a_campaign_with_a_highlight(steering_client, action):
    highlight = new_row("highlights", 0, action=action.pk, text="Le réemploi a doublé.", position="")
    values = {"scheme": action.scheme_id, "year": 2026, "opens_on": "04/01/2027", "closes_on": "26/02/2027"}
    assert add(steering_client, Campaign, **values, **highlight).status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.opens_on, campaign.highlights.get().action) == (date(2027, 1, 4), action)


def test_a_highlight_of_a_data_sheet_is_told_beside_the_field(steering_client, scheme):
    sheet = ActionFactory(scheme=scheme, objective=None, nature=Nature.SHARED)
    campaign = CampaignFactory(scheme=scheme)
    row = new_row("highlights", 0, action=sheet.pk, text="Le total.", position="")
    response = change(steering_client, campaign, **row)
    errors = response.context["inline_admin_formsets"][1].formset.errors
    assert errors == [{"action": ["Un zoom porte sur une action."]}]


def test_dates_out_of_order_are_refused(steering_client, scheme):
    campaign = CampaignFactory(scheme=scheme)
    response = change(steering_client, campaign, opens_on="26/02/2027", closes_on="04/01/2027")
    assert all_errors(response) == ["La clôture précède l’ouverture."]


def test_the_year_of_a_campaign_with_reports_does_not_change(steering_client, scheme, reading):
    empty = CampaignFactory(scheme=scheme, year=2027)
    form = steering_client.get(address(empty, "change")).context["adminform"].form
    assert "year" in form.fields
    form = steering_client.get(address(reading.report.campaign, "change")).context["adminform"].form
    assert not {"scheme", "year", "period"} & set(form.fields)


# Reports and their history are read only


@pytest.mark.parametrize("who", ["steering", "superuser"])
def test_reports_readings_and_history_are_only_read(client, organisation, steering, who):
    rows = row_of_each_model(organisation)
    client.force_login(steering if who == "steering" else superuser())
    for label in sorted(READ_ONLY):
        row = rows[label]
        before = type(row).objects.values().get(pk=row.pk)
        assert client.post(address(row, "add"), {"name": "x"}).status_code == 403, label
        assert client.post(address(row, "change"), {"status": "validated"}).status_code == 403, label
        assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 403, label
        selected = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        client.post(address(row, "changelist"), selected)
        assert type(row).objects.values().get(pk=row.pk) == before, label
        html = client.get(address(row, "change")).content.decode()
        assert 'name="_save"' not in html, label


def test_a_report_shows_what_hangs_on_it(steering_client, reading):
    report = reading.report
    ExtraFigureFactory(report=report, label="Repas servis", value=Decimal(1200), unit="repas servi")
    EvidenceFactory(report=report, name="factures.pdf")
    RemarkFactory(report=report, text="Hors taxes ?")
    html = steering_client.get(address(report, "change")).content.decode()
    for words in (">12<", "1\u202f200\u00a0repas servis", "factures.pdf", "Hors taxes ?"):
        assert words in html
    assert "evidence/" not in html


def test_history_says_before_and_after(steering_client, reading):
    Reading.objects.filter(pk=reading.pk).update(
        number=Decimal("23.5"),
        decimals=1,
        comment="Compté deux fois",
        as_of=date(2018, 3, 1),
        version=2,
        changed_at=datetime(2027, 3, 1, tzinfo=UTC),
        changed_why="Erreur de saisie",
    )
    line = ReadingChange.objects.latest("pk")
    html = steering_client.get(address(line, "change")).content.decode()
    assert "<div>valeur : 12 → 23,5</div>" in html
    assert "<div>commentaire : – → Compté deux fois</div>" in html
    assert " : – → 01/03/2018</div>" in html
    html = steering_client.get(address(ReadingChange, "changelist")).content.decode()
    assert "valeur, commentaire, " in html and "Erreur de saisie" in html


def test_history_of_a_report_names_its_statuses(steering_client, action, steering):
    report = ReportFactory(campaign__scheme=action.scheme, action=action)
    report.submit(by=steering, at=datetime(2027, 2, 1, tzinfo=UTC))
    line = ReportChange.objects.latest("pk")
    html = steering_client.get(address(line, "change")).content.decode()
    assert "<div>statut : brouillon → soumise</div>" in html


def test_history_of_a_report_that_is_gone_is_a_superuser_s(client, action, steering):
    report = ReportFactory(campaign__scheme=action.scheme, action=action)
    report.delete()
    client.force_login(superuser())
    html = client.get(address(ReportChange, "changelist")).content.decode()
    assert html.count("(supprimé)") == 2
    client.force_login(steering)
    assert "(supprimé)" not in client.get(address(ReportChange, "changelist")).content.decode()


# Lists


def many_measures(action):
    item = BreakdownItemFactory(breakdown__scheme=action.scheme)
    measure = MeasureFactory(indicator__action=action, indicator__breakdown=item.breakdown, item=item)
    MeasureSourceFactory(
        measure=MeasureFactory(indicator=measure.indicator, computation="sum"), source=measure
    )


def many_targets(action):
    TargetFactory(measure__indicator__action=action, value=None, words="Augmenter", comparison="increase")
    TargetFactory(scheme=action.scheme, measure=None, action=ActionFactory(parent=action))
    TargetFactory(scheme=action.scheme, measure=None, pillar=action.objective.pillar)


def many_readings(action):
    campaign = Campaign.objects.filter(scheme=action.scheme).first() or CampaignFactory(scheme=action.scheme)
    action = ActionFactory(objective=ObjectiveFactory(pillar=action.objective.pillar))
    report = ReportFactory(campaign=campaign, action=action, submitted=True)
    ReadingFactory(report=report, measure__type="ratio", numerator=Decimal(1), denominator=Decimal(4))


MANY = {
    Indicator: lambda action: IndicatorFactory(action=ActionFactory(parent=action)),
    Measure: many_measures,
    Target: many_targets,
    Breakdown: lambda action: BreakdownFactory(scheme=action.scheme),
    LegalCategory: lambda action: LegalCategoryFactory(organisation=action.scheme.organisation),
    Campaign: lambda action: HighlightFactory(
        campaign=CampaignFactory(scheme=action.scheme, year=1990 + Campaign.objects.count()), action=action
    ),
    Report: many_readings,
    Reading: many_readings,
    ReportChange: many_readings,
    ReadingChange: many_readings,
}


@pytest.mark.parametrize("model", MANY, ids=lambda model: model.__name__)
def test_a_list_takes_as_many_queries_for_20_rows_as_for_2(steering_client, action, model):
    for _ in range(2):
        MANY[model](action)
    few = list_queries(steering_client, model)
    for _ in range(18):
        MANY[model](action)
    assert list_queries(steering_client, model) == few
