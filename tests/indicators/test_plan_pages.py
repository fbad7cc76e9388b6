"""The pages by which a steering team keeps indicators, measures, targets and breakdowns up to date."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from actions.models import Action, Origin
from indicators.document.merge import load
from indicators.models import BreakdownItem, Indicator, Measure, MeasureSource, SeriesBreak, Target
from tests.actions.test_pages import text_of
from tests.factories import (
    ActionFactory,
    BreakdownFactory,
    BreakdownItemFactory,
    BuyerFactory,
    CampaignFactory,
    IndicatorFactory,
    LegalCategoryFactory,
    MeasureFactory,
    MeasureSourceFactory,
    ReadingFactory,
    ReportFactory,
    SchemeFactory,
    SeriesBreakFactory,
    TargetFactory,
)
from tests.plans import AT, load_plan, plan_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def measure(action):
    indicator = IndicatorFactory(action=action, code="I", name="Nombre de marchés")
    return MeasureFactory(indicator=indicator, code="I", type="count", unit="marché")


@pytest.fixture
def team(client, steering):
    client.force_login(steering)
    return client


def read_in(measure, year, **values):
    """A reading of `measure` in the campaign of `year`."""
    action = measure.indicator.action
    campaign = action.scheme.campaigns.filter(year=year).first()
    campaign = campaign or CampaignFactory(scheme=action.scheme, year=year)
    report = action.reports.filter(campaign=campaign).first() or ReportFactory(
        action=action, campaign=campaign
    )
    return ReadingFactory(report=report, measure=measure, **values)


def page(name, *args):
    return reverse(name, args=["spaser-2026", *args])


def filled(client, address):
    """What the form at `address` holds, as a browser would send it back."""
    form = client.get(address).context["form"]
    fields = [field for _, fields in form.fieldsets() for field in fields]
    data = {field.html_name: field.value() for field in fields if not field.field.disabled}
    return {name: value for name, value in data.items() if value not in (None, False)}


def send(client, address, **changes):
    """Send the form at `address` with `changes`; the response."""
    return client.post(address, filled(client, address) | changes)


def errors_of(response):
    assert response.status_code == 200
    form = response.context["form"]
    return [str(error) for errors in form.errors.values() for error in errors]


# Who may


@pytest.fixture
def everything(measure):
    """One row of each kind, and the addresses of all the pages."""
    breakdown = BreakdownFactory(scheme=measure.scheme, code="V")
    BreakdownItemFactory(breakdown=breakdown, code="COL")
    TargetFactory(measure=measure, code="C")
    SeriesBreakFactory(measure=measure, year=2027)
    action = measure.indicator.action.code
    reading = {
        "plan_upkeep": [],
        "scheme_successor": [],
        "indicator_add": [action],
        "indicator_edit": ["I"],
        "measure_add": ["I"],
        "measure_edit": ["I"],
        "measure_computation": ["I"],
        "target_add": ["I"],
        "target_edit": ["C"],
        "break_add": ["I"],
        "breakdown": ["V"],
        "item_add": ["V"],
        "item_measures": ["V", "COL"],
    }
    posting = {"target_remove": ["C"], "break_remove": ["I", 2027]}
    return [page(name, *args) for name, args in reading.items()], [
        page(name, *args) for name, args in posting.items()
    ]


@pytest.mark.parametrize(
    ("name", "status"),
    [("stranger", 404), ("pilot", 403), ("contributor", 403), ("copil_member", 403), ("steering", 200)],
)
def test_the_steering_team_alone_opens_the_pages(name, status, request, client, everything):
    client.force_login(request.getfixturevalue(name))
    opened, posted = everything
    assert {address: client.get(address).status_code for address in opened} == dict.fromkeys(opened, status)
    if status != 200:
        assert {client.post(address).status_code for address in (*opened, *posted)} - {status, 405} == set()
        assert Target.objects.exists()
        assert SeriesBreak.objects.exists()


def test_without_account_one_is_asked_to_log_in(client, everything):
    assert {client.get(address).status_code for address in everything[0]} == {302}


def test_the_links_are_for_the_steering_team(client, steering, pilot, measure):
    pages = {
        measure.scheme.get_absolute_url(): page("plan_upkeep"),
        measure.indicator.get_absolute_url(): page("indicator_edit", "I"),
        measure.indicator.action.get_absolute_url(): page("indicator_add", measure.indicator.action.code),
    }
    for user, shown in ((steering, True), (pilot, False)):
        client.force_login(user)
        for address, link in pages.items():
            assert (f'href="{link}"' in client.get(address).content.decode()) == shown, address


# What is left to settle


def test_what_the_document_leaves_open_is_listed(team, measure):
    scheme, action = measure.scheme, measure.indicator.action
    breakdown = BreakdownFactory(scheme=scheme, name="Grandes familles", open=True)
    BreakdownItemFactory(breakdown=breakdown, name="Papier")
    IndicatorFactory(action=action, name="Ligne sans grandeur")
    TargetFactory(
        measure=None, action=action, scheme=scheme, code="T1", words="Réduire de 40 %", relative=True
    )
    TargetFactory(measure=MeasureFactory(indicator=measure.indicator, name="Avec cible"), code="T2")
    measure.source_note = "Quels marchés ?"
    measure.save()
    response = team.get(page("plan_upkeep"))
    measured = response.context["measured"]
    assert [row.name for row in measured.without_measure] == ["Ligne sans grandeur"]
    assert measured.without_target == [measure]
    assert [row.code for row in measured.without_reference] == ["T1"]
    assert [row.code for row in measured.untied] == ["T1"]
    assert [row.name for row in measured.breakdowns] == ["Grandes familles"]
    text = text_of(response)
    for words in ("Grandes familles", "Papier", "Quels marchés ?", "Réduire de 40 %"):
        assert words in text, words


def test_what_has_ended_or_been_settled_is_not_listed(team, measure):
    measure.valid_until = 2020
    measure.save()
    evolution = MeasureFactory(indicator=measure.indicator, type="percent", computation="evolution")
    followed = MeasureFactory(indicator=measure.indicator)
    MeasureSourceFactory(measure=evolution, source=followed)
    TargetFactory(measure=evolution, relative=True, baseline_from=2022)
    measured = team.get(page("plan_upkeep")).context["measured"]
    assert (measured.without_target, measured.without_reference, measured.untied) == ([], [], [])


@pytest.mark.parametrize("slug", ["pas-de-calais-2017", "nord-2026", "ville-metropole"])
def test_the_real_plans_open(client, slug):
    scheme = load_plan(slug)
    user = scheme.organisation.memberships.model.user.field.related_model.objects.create_user("x@example.org")
    scheme.organisation.memberships.create(user=user, role="steering")
    client.force_login(user)
    response = client.get(reverse("plan_upkeep", args=[slug]))
    assert response.status_code == 200
    for row in scheme.measures.all()[:3]:
        assert client.get(reverse("measure_edit", args=[slug, row.code])).status_code == 200
    for row in scheme.targets.all()[:3]:
        assert client.get(reverse("target_edit", args=[slug, row.code])).status_code == 200


@pytest.mark.parametrize("name", ["plan_upkeep", "indicator_edit", "measure_edit", "measure_computation"])
def test_queries_do_not_grow_with_rows(name, team, measure, django_assert_max_num_queries):
    address = page(name, *([] if name == "plan_upkeep" else ["I"]))

    def add(count):
        for _ in range(count):
            action = ActionFactory(objective=measure.indicator.action.objective)
            other = MeasureFactory(indicator__action=action, item=None, source_note="?")
            IndicatorFactory(action=action, source_note="?")
            MeasureFactory(indicator=measure.indicator)
            MeasureSourceFactory(measure=other, source=measure)
            TargetFactory(measure=measure, relative=True)
            TargetFactory(measure=None, action=action, scheme=measure.scheme, source_note="?")
            SeriesBreakFactory(measure=measure, year=2027 + SeriesBreak.objects.count())
            BreakdownItemFactory(breakdown=BreakdownFactory(scheme=measure.scheme, open=True))

    add(2)
    with django_assert_max_num_queries(40) as few:
        team.get(address)
    add(20)
    with django_assert_max_num_queries(len(few)):
        team.get(address)


# Indicators


def test_an_indicator_comes_with_its_first_measure(team, action, steering):
    address = page("indicator_add", action.code)
    assert filled(team, address)["code"] == f"{action.code}-1"
    response = send(
        team,
        address,
        name="Nombre de clauses",
        kind="follow_up",
        **{"grandeur-type": "count", "grandeur-unit": "clause", "grandeur-sense": "up"},
    )
    indicator = Indicator.objects.get(code=f"{action.code}-1")
    assert response.url == page("indicator_edit", indicator.code)
    assert (indicator.name, indicator.action, indicator.origin) == ("Nombre de clauses", action, Origin.SITE)
    measure = indicator.measures.get()
    assert (measure.code, measure.type, measure.unit, measure.origin) == (
        indicator.code,
        "count",
        "clause",
        Origin.SITE,
    )


def test_an_indicator_is_refused_whole_and_says_all_that_is_wrong(team, action):
    IndicatorFactory(action=action, code="PRIS")
    response = send(
        team,
        page("indicator_add", action.code),
        code="PRIS",
        name="",
        **{"grandeur-type": "choice", "grandeur-unit": "marché"},
    )
    text = text_of(response)
    for words in (
        "Ce code est déjà utilisé dans le schéma.",
        "Ce champ est obligatoire.",
        "Les valeurs possibles se donnent pour le type « valeur d’une liste »",
    ):
        assert words in text, words
    assert response.context["form"].measure["unit"].value() == "marché"
    assert Indicator.objects.count() == 1
    assert not Measure.objects.exists()


def test_an_action_with_parts_takes_no_indicator(team, action):
    ActionFactory(parent=action)
    response = send(team, page("indicator_add", action.code), name="Nombre", **{"grandeur-type": "count"})
    assert "Cette action a des volets" in text_of(response)
    assert not Indicator.objects.exists()


def test_the_words_of_a_document_are_not_to_be_changed(team, measure):
    indicator, address = measure.indicator, page("indicator_edit", "I")
    send(team, address, name="Nombre de contrats")
    indicator.refresh_from_db()
    assert indicator.name == "Nombre de contrats"
    Indicator.objects.update(origin=Origin.DOCUMENT)
    assert "name" not in team.get(address).context["form"].fields
    send(team, address, name="Autre chose", definition="Les marchés notifiés.")
    indicator.refresh_from_db()
    assert (indicator.name, indicator.definition) == ("Nombre de contrats", "Les marchés notifiés.")


def test_an_indicator_ends_and_goes_on_again(team, measure):
    address = page("indicator_edit", "I")
    read_in(measure, 2027, number=12)
    errors = errors_of(send(team, address, valid_until="2026"))
    assert errors == [
        "1 valeur saisie (2027) s’oppose à ce changement : Cette grandeur n’est pas en vigueur cette année-là."
    ]
    for typed, stored in (("2027", 2027), ("", None)):
        assert send(team, address, valid_until=typed).status_code == 302
        assert Indicator.objects.get(code="I").valid_until == stored


# Measures


def test_a_measure_takes_french_numbers_and_its_legal_category(team, measure):
    category = LegalCategoryFactory()
    LegalCategoryFactory(organisation=SchemeFactory().organisation, name="D’ailleurs")
    address = page("measure_edit", "I")
    assert "D’ailleurs" not in text_of(team.get(address))
    response = send(
        team,
        address,
        unit="contrat",
        baseline_from="2022",
        baseline_value="1 234,5",
        legal_category=category.pk,
        legal_basis="contracts",
        threshold="90 000 €",
        perimeter="Hors marchés subséquents.",
    )
    assert response.status_code == 302
    measure.refresh_from_db()
    assert (measure.unit, measure.baseline_from, measure.baseline_value) == ("contrat", 2022, D("1234.5"))
    assert (measure.legal_category, measure.threshold) == (category, D(90000))
    assert filled(team, address)["baseline_value"] == "1\u202f234,5"


def test_in_a_shared_plan_a_measure_is_that_of_one_buyer(team, measure):
    address, organisation = page("measure_edit", "I"), measure.scheme.organisation
    town = BuyerFactory(organisation=organisation, name="Ville")
    assert "buyer" not in team.get(address).context["form"].fields  # one alone buys
    BuyerFactory(organisation=organisation, name="Métropole")
    BuyerFactory(name="D’ailleurs")
    offered = {str(row) for row in team.get(address).context["form"].fields["buyer"].queryset}
    assert offered == {"Ville", "Métropole"}
    category = LegalCategoryFactory()
    tied = {"legal_category": category.pk, "legal_basis": "contracts", "buyer": town.pk}
    assert send(team, address, **tied).status_code == 302
    measure.refresh_from_db()
    assert measure.buyer == town
    MeasureFactory(indicator=measure.indicator, code="J", name="Autre", unit="lot")
    response = send(team, page("measure_edit", "J"), **tied)
    assert "La grandeur I est déjà celle de cette catégorie" in str(response.context["form"].errors)


def test_what_is_wrong_in_a_measure_is_said_beside_it_and_nothing_changes(team, measure):
    response = send(
        team,
        page("measure_edit", "I"),
        baseline_value="douze",
        baseline_from="2023",
        baseline_to="2022",
        unit="lot",
    )
    assert response.context["form"].errors["baseline_value"] == [
        "« douze » n’est pas un nombre : écrivez par exemple 1 234,56."
    ]
    assert "La période de référence finit avant de commencer." in text_of(response)
    assert response.context["form"]["unit"].value() == "lot"
    measure.refresh_from_db()
    assert measure.unit == "marché"


def test_values_that_a_new_type_would_orphan_are_counted(team, measure):
    for year in (2026, 2027):
        read_in(measure, year, number=12)
    errors = errors_of(send(team, page("measure_edit", "I"), type="boolean"))
    assert errors == [
        "2 valeurs saisies (2026, 2027) s’opposent à ce changement : On attend ici : oui / non."
    ]
    measure.refresh_from_db()
    assert measure.type == "count"
    assert send(team, page("measure_edit", "I"), type="quantity").status_code == 302  # the numbers stay good


def test_a_measure_prolongs_one_of_the_former_scheme_and_no_other(team, measure):
    scheme = measure.scheme
    former = SchemeFactory(organisation=scheme.organisation, starts_year=2017)
    assert "continues" not in team.get(page("measure_edit", "I")).context["form"].fields
    scheme.predecessor = former
    scheme.save()
    old = MeasureFactory(indicator__action__objective__pillar__scheme=former)
    assert send(team, page("measure_edit", "I"), continues=old.pk).status_code == 302
    measure.refresh_from_db()
    assert measure.continues == old
    elsewhere = MeasureFactory()
    assert errors_of(send(team, page("measure_edit", "I"), continues=elsewhere.pk))


def test_a_measure_is_added_with_a_code_of_its_own(team, measure):
    address = page("measure_add", "I")
    assert filled(team, address)["code"] == "I-1"
    assert send(team, address, name="Montant", type="amount").url == page("measure_edit", "I-1")
    added = Measure.objects.get(code="I-1")
    assert (added.indicator, added.type, added.position) == (measure.indicator, "amount", 1)


# Computed measures


@pytest.fixture
def shared_total(scheme):
    sheet = Action.objects.create(scheme=scheme, code="COMMUN", title="Données communes", nature="shared")
    return MeasureFactory(indicator__action=sheet, code="TOTAL", type="count", unit="marché")


def test_a_rate_is_computed_from_a_denominator_entered_once_for_the_scheme(team, measure, shared_total):
    rate = MeasureFactory(indicator=measure.indicator, code="TAUX", type="percent")
    address = page("measure_computation", "TAUX")
    groups = team.get(address).context["form"].fields["source_0"].choices
    assert groups[1][0] == "COMMUN · Données communes"  # offered first, after the empty choice
    response = send(team, address, computation="ratio", source_0=measure.pk, source_1=shared_total.pk)
    assert response.url == page("measure_edit", "TAUX")
    rate.refresh_from_db()
    assert (rate.computation, rate.type) == ("ratio", "ratio")
    links = rate.source_links.order_by("position").values_list("source__code", "position")
    assert list(links) == [("I", 0), ("TOTAL", 1)]
    for source, number in ((measure, 63), (shared_total, 224)):
        read_in(source, 2026, number=number)
    assert "28,13 % (63 / 224)" in text_of(team.get(measure.indicator.get_absolute_url()))
    assert send(team, address, computation="").status_code == 302
    rate.refresh_from_db()
    assert (rate.computation, rate.source_links.count()) == ("", 0)


def test_a_sum_takes_as_many_sources_as_needed(team, measure):
    parts = [MeasureFactory(indicator=measure.indicator, unit="tonne", type="quantity") for _ in range(5)]
    address = page("measure_computation", "I")
    data = {"computation": "sum"} | {f"source_{rank}": part.pk for rank, part in enumerate(parts[:3])}
    more = team.post(address, data | {"plus": "1"})
    assert [name for name in more.context["form"].fields if name.startswith("source_")] == [
        f"source_{rank}" for rank in range(6)
    ]
    assert more.context["form"]["source_2"].value() == str(parts[2].pk)
    assert not MeasureSource.objects.exists()
    data |= {"source_3": parts[3].pk, "source_4": parts[4].pk, "source_5": ""}
    assert team.post(address, data).status_code == 302
    measure.refresh_from_db()
    assert (measure.computation, measure.type, measure.source_links.count()) == ("sum", "count", 5)


@pytest.mark.parametrize(
    ("computation", "count", "said"),
    [
        ("ratio", 1, "Un taux a deux sources"),
        ("evolution", 2, "Une évolution a une seule source."),
        ("sum", 0, "une somme au moins une"),
    ],
)
def test_a_computation_with_the_wrong_number_of_sources_is_refused(computation, count, said, team, measure):
    others = MeasureFactory.create_batch(2, indicator=measure.indicator)
    data = {f"source_{rank}": other.pk for rank, other in enumerate(others[:count])}
    response = team.post(page("measure_computation", "I"), {"computation": computation, **data})
    assert said in text_of(response)
    measure.refresh_from_db()
    assert measure.computation == ""


def test_a_measure_is_not_computed_from_one_that_comes_from_it(team, measure):
    total = MeasureFactory(indicator=measure.indicator, code="SOMME", computation="sum")
    MeasureSourceFactory(measure=total, source=measure)
    response = team.post(page("measure_computation", "I"), {"computation": "sum", "source_0": total.pk})
    assert "Une somme se fait de grandeurs saisies" in text_of(response)
    assert response.context["form"].errors["source_0"]


def test_a_measure_with_values_is_not_made_computed(team, measure):
    other = MeasureFactory(indicator=measure.indicator)
    read_in(measure, 2026, number=5)
    response = team.post(page("measure_computation", "I"), {"computation": "sum", "source_0": other.pk})
    assert errors_of(response) == [
        "1 valeur saisie (2026) s’oppose à ce changement : Cette grandeur se calcule : elle ne se saisit pas."
    ]
    measure.refresh_from_db()
    assert (measure.computation, measure.source_links.count()) == ("", 0)


def test_a_source_of_another_scheme_is_not_offered(team, measure):
    response = team.post(
        page("measure_computation", "I"), {"computation": "sum", "source_0": MeasureFactory().pk}
    )
    assert response.context["form"].errors["source_0"]
    assert not MeasureSource.objects.exists()


# Targets


def test_a_target_is_set_changed_and_taken_away(team, measure, steering):
    address = page("target_add", "I")
    assert filled(team, address)["code"] == "I-C1"
    response = send(team, address, comparison="at_least", value="12,5 %", year="2028")
    assert response.url == page("measure_edit", "I")
    target = measure.targets.get()
    assert (target.value, target.year, target.set_by, target.origin) == (
        D("12.5"),
        2028,
        steering,
        Origin.SITE,
    )
    assert target.set_on is not None
    assert "au moins 12,5 marchés en 2028" in text_of(team.get(page("measure_edit", "I")))
    edit = page("target_edit", "I-C1")
    assert send(team, edit, comparison="between", value="10", value_max="20").status_code == 302
    target.refresh_from_db()
    assert (target.comparison, target.value_max) == ("between", D(20))
    assert team.post(page("target_remove", "I-C1")).url == page("measure_edit", "I")
    assert not Target.objects.exists()


def test_a_target_that_says_too_little_is_refused(team, measure):
    response = send(team, page("target_add", "I"), comparison="between", value="20", value_max="10")
    assert "« Entre » demande deux valeurs, dans l’ordre" in text_of(response)
    response = send(team, page("target_add", "I"), comparison="increase")
    assert "Une cible a une valeur ou des mots." in text_of(response)
    assert not Target.objects.exists()


def test_a_target_of_the_document_keeps_its_words_and_is_tied(team, measure):
    action = measure.indicator.action
    target = TargetFactory(
        measure=None,
        action=action,
        scheme=action.scheme,
        code="T",
        words="100 % des marchés",
        origin=Origin.DOCUMENT,
    )
    address = page("target_edit", "T")
    assert send(team, address, owner=f"measure-{measure.pk}", words="Autre").status_code == 302
    target.refresh_from_db()
    assert (target.measure, target.action, target.words) == (measure, None, "100 % des marchés")
    assert (target.set_by, target.set_on) == (None, None)
    assert team.post(page("target_remove", "T")).status_code == 403
    assert send(team, address, owner=f"pillar-{action.objective.pillar.pk}").status_code == 302
    target.refresh_from_db()
    assert target.owner == action.objective.pillar


# Breaks in a series


def test_a_break_shows_in_the_table_and_in_the_chart_from_then_on(team, measure):
    for year, number in ((2026, 10), (2027, 20)):
        read_in(measure, year, number=number)
    address = measure.indicator.get_absolute_url()
    assert "rupture" not in text_of(team.get(address)).lower()
    assert send(team, page("break_add", "I"), year="2027", note="Avec les collèges.").status_code == 302
    content = team.get(address).content.decode()
    assert "<strong>‖ Rupture de série</strong> Avec les collèges." in content
    assert "20 marchés en 2027 (rupture de série : Avec les collèges.)".replace("20 ", "20\u00a0") in content
    assert 'class="chart-break"' in content
    assert team.post(page("break_remove", "I", 2027)).status_code == 302
    content = team.get(address).content.decode()
    assert "‖" not in content
    assert "chart-break" not in content


def test_a_break_in_a_source_breaks_what_is_computed_from_it(team, measure):
    total = MeasureFactory(indicator=measure.indicator, name="Total", computation="sum")
    MeasureSourceFactory(measure=total, source=measure)
    for year, number in ((2026, 10), (2027, 20)):
        read_in(measure, year, number=number)
    address = measure.indicator.get_absolute_url()
    assert text_of(team.get(address)).partition('id="valeurs"')[2].count("+100,0 %") == 2
    SeriesBreakFactory(measure=measure, year=2027, note="Autre logiciel.")
    response = team.get(address)
    assert "+100,0 %" not in text_of(response)
    marked = [len(row.cells[1].breaks) for row in response.context["indicator"].rows]
    assert marked == [1, 1]


def test_a_break_in_a_year_without_campaign_marks_the_next_one(team, measure):
    for year, number in ((2026, 10), (2028, 20)):
        read_in(measure, year, number=number)
    SeriesBreakFactory(measure=measure, year=2027, note="Autre logiciel.")
    assert "‖ Rupture de série en 2027 Autre logiciel." in text_of(
        team.get(measure.indicator.get_absolute_url())
    ).replace("</strong>", "")


def test_a_second_break_in_a_year_is_refused(team, measure):
    SeriesBreakFactory(measure=measure, year=2027)
    response = send(team, page("break_add", "I"), year="2027", note="Encore.")
    assert "Une rupture est déjà notée cette année-là." in text_of(response)


# Breakdowns


@pytest.fixture
def families(scheme):
    breakdown = BreakdownFactory(scheme=scheme, code="FAM", name="Familles", open=True)
    for rank, (code, name) in enumerate((("PAP", "Papier"), ("MOB", "Mobilier"))):
        BreakdownItemFactory(breakdown=breakdown, code=code, name=name, position=rank)
    return breakdown


def test_items_are_renamed_ordered_and_ended(team, families):
    paper, furniture = families.items.all()
    rows = {
        f"poste-{paper.pk}-name": "Papier recyclé",
        f"poste-{paper.pk}-position": "2",
        f"poste-{furniture.pk}-name": "Mobilier",
        f"poste-{furniture.pk}-position": "1",
        f"poste-{furniture.pk}-valid_until": "2027",
    }
    assert team.post(page("breakdown", "FAM"), rows).status_code == 302
    found = list(families.items.values_list("name", "position", "valid_until"))
    assert found == [("Mobilier", 1, 2027), ("Papier recyclé", 2, None)]


def test_an_item_does_not_end_before_its_values(team, families, action):
    paper, furniture = families.items.all()
    indicator = IndicatorFactory(action=action, breakdown=families)
    read_in(MeasureFactory(indicator=indicator, item=paper), 2028, number=3)
    rows = {
        f"poste-{item.pk}-{name}": getattr(item, name)
        for item in (paper, furniture)
        for name in ("name", "position")
    }
    response = team.post(page("breakdown", "FAM"), rows | {f"poste-{paper.pk}-valid_until": "2027"})
    assert "1 valeur saisie (2028) s’oppose à ce changement" in text_of(response)
    assert response.context["rows"].forms[0].non_field_errors()
    paper.refresh_from_db()
    assert paper.valid_until is None


def test_a_new_item_is_given_its_measures(team, families, action):
    paper = families.items.get(code="PAP")
    indicator = IndicatorFactory(action=action, code="DONS", breakdown=families)
    for rank, (code, name, kind) in enumerate((("N", "Nombre de dons", "count"), ("M", "Montant", "amount"))):
        MeasureFactory(
            indicator=indicator,
            code=f"DONS.PAP.{code}",
            name=name,
            type=kind,
            sense="up",
            unit="don" if kind == "count" else "",
            item=paper,
            position=rank,
        )
    response = send(team, page("item_add", "FAM"), name="Informatique", code="INF", valid_from="2027")
    assert response.url == page("item_measures", "FAM", "INF")
    item = BreakdownItem.objects.get(code="INF")
    assert (item.position, item.valid_from, item.origin) == (2, 2027, Origin.SITE)
    forms = team.get(response.url).context["rows"].forms
    assert [form["code"].value() for form in forms] == ["DONS.INF.N", "DONS.INF.M"]
    data = {"grandeur-0-wanted": "on", "grandeur-0-code": "DONS.INFO", "grandeur-1-code": "DONS.INF.M"}
    assert team.post(response.url, data).status_code == 302
    made = item.measures.get()
    assert (made.code, made.name, made.type, made.unit, made.sense, made.position) == (
        "DONS.INFO",
        "Nombre de dons",
        "count",
        "don",
        "up",
        2,
    )
    assert (made.valid_from, made.origin) == (2027, Origin.SITE)
    assert not team.get(response.url).context["rows"].forms


def test_the_measure_of_an_open_list_without_items_serves_as_model(team, families, measure):
    Indicator.objects.update(breakdown=families)
    forms = team.get(page("item_measures", "FAM", "PAP")).context["rows"].forms
    assert [form["code"].value() for form in forms] == ["I.PAP"]
    assert forms[0].measure.unit == "marché"


def test_a_code_that_is_taken_is_refused_beside_its_row(team, families, measure):
    Indicator.objects.update(breakdown=families)
    response = team.post(
        page("item_measures", "FAM", "PAP"), {"grandeur-0-wanted": "on", "grandeur-0-code": "I"}
    )
    assert response.context["rows"].forms[0].errors == {"code": ["Ce code est déjà utilisé dans le schéma."]}
    assert Measure.objects.count() == 1


@pytest.mark.parametrize("name", ["breakdown", "item_measures"])
def test_queries_do_not_grow_with_items(name, team, families, action, django_assert_max_num_queries):
    address = page(name, "FAM", *(["PAP"] if name == "item_measures" else []))

    def add(count):
        for _ in range(count):
            BreakdownItemFactory(breakdown=families)
            MeasureFactory(
                indicator=IndicatorFactory(action=action, breakdown=families), item=families.items.last()
            )

    add(2)
    with django_assert_max_num_queries(20) as few:
        team.get(address)
    add(20)
    with django_assert_max_num_queries(len(few)):
        team.get(address)


# The document, loaded again


def test_what_the_site_changes_stays_when_the_document_is_loaded_again(client, django_user_model):
    scheme = load_plan("nord-2026")
    user = django_user_model.objects.create_user("dmp@example.org")
    scheme.organisation.memberships.create(user=user, role="steering")
    client.force_login(user)
    target = scheme.targets.filter(measure=None, action__indicators__measures__type="count").first()
    tied = Measure.objects.filter(indicator__action=target.action, type="count").first()
    slug = scheme.slug
    assert (
        send(client, reverse("target_edit", args=[slug, target.code]), owner=f"measure-{tied.pk}").status_code
        == 302
    )
    assert (
        send(
            client,
            reverse("measure_edit", args=[slug, tied.code]),
            baseline_from="2024",
            baseline_value="1 200",
            sense="down",
        ).status_code
        == 302
    )
    send(client, reverse("break_add", args=[slug, tied.code]), year="2027", note="Autre logiciel.")
    send(
        client, reverse("target_add", args=[slug, tied.code]), comparison="at_most", value="900", year="2030"
    )
    outcome = load(plan_text("nord-2026"), file="nord-2026.yaml", at=AT)
    assert outcome.changed_nothing
    tied.refresh_from_db()
    assert (tied.baseline_from, tied.baseline_value, tied.sense) == (2024, D(1200), "down")
    assert set(tied.targets.values_list("code", flat=True)) == {target.code, f"{tied.code}-C1"}
    assert tied.breaks.get().note == "Autre logiciel."
