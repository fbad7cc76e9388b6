"""The legal publication from the database: each line by hand, from measures, from figures given, or said not to be followed."""

from datetime import date

import pytest

from reporting.editions.frozen import freeze, thaw
from tests.factories import (
    BuyerFactory,
    CampaignFactory,
    LegalCategoryFactory,
    LegalFigureFactory,
    MeasureFactory,
    MeasureSourceFactory,
    OrganisationFactory,
    SchemeFactory,
    TargetFactory,
)
from tests.reporting.exploring import plain
from tests.reporting.legal_world import D, Shared, category, line, publication, read, tied

pytestmark = pytest.mark.django_db
LAW = ["social", "environnemental", "esus", "insertion-handicap"]


@pytest.fixture
def shared():
    return Shared()


@pytest.fixture
def alone():
    """The scheme 2025-2028 of an organisation that is the only buyer."""
    buyer = BuyerFactory(code="SEUL")
    return SchemeFactory(organisation=buyer.organisation, starts_year=2025, ends_year=2028)


def social(scheme, year=2026, basis="contracts"):
    return line(scheme.organisation, "SEUL", "social", basis, year)


# Its shape


def test_one_table_a_buyer_with_every_category_basis_and_year(shared):
    LegalCategoryFactory(organisation=shared.organisation, code="local", name="Petites entreprises")
    LegalCategoryFactory(organisation=OrganisationFactory(), code="ailleurs")
    document = publication(shared.organisation)
    assert [(table.code, table.siret) for table in document.buyers] == [
        ("VILLE", "21290019700014"),
        ("METRO", ""),
    ]
    assert document.schemes == ("SPASER 2022-2025", "SPASER 2026-2029")
    assert document.period == "2025-2026"
    for table in document.buyers:
        assert [group.code for group in table.groups] == [*LAW, "local"]
        for group in table.groups:
            assert [(line.basis, line.year, line.unit) for line in group.lines] == [
                ("contracts", 2025, "contrats"),
                ("contracts", 2026, "contrats"),
                ("value", 2025, "€ HT"),
                ("value", 2026, "€ HT"),
            ]
        assert {line.absence for line in table.lines} == {"Non suivie."}


def test_who_records_no_buyer_buys_alone():
    scheme = SchemeFactory(organisation__name="Commune", organisation__slug="commune", starts_year=2025)
    read(tied(scheme, "social"), 2026, numerator=3, denominator=12)
    [table] = publication(scheme.organisation).buyers
    assert (table.code, table.name, table.siret) == ("commune", "Commune", "")
    assert line(scheme.organisation, "commune", "social", "contracts", 2026).rate == 25


def test_what_is_frozen_is_read_back_as_it_was(shared):
    document = publication(shared.fill().organisation)
    assert thaw(freeze(document)) == document


# From a measure


def test_a_rate_has_its_terms_its_target_and_what_is_not_filled_in(alone):
    measure = tied(alone, "social", perimeter="Marchés notifiés", threshold=40_000)
    read(
        measure,
        2026,
        numerator=63,
        denominator=224,
        unfilled=28,
        as_of=date(2027, 2, 1),
        source="Logiciel",
        comment="Hors lots déclarés sans suite.",
    )
    TargetFactory(measure=measure, value=30, year=2028)
    found = social(alone)
    assert (found.status, found.numerator, found.denominator) == ("suivie", 63, 224)
    assert found.rate == D("28.125")  # 63 of 224, as docs/calculations.md has it
    assert (found.target, found.target_year, found.gap) == (30, 2028, D("-1.875"))
    assert (found.unfilled, found.unfilled_share) == (28, D("12.5"))
    assert (found.perimeter, found.threshold, found.source) == ("Marchés notifiés", 40_000, "Logiciel")
    assert (found.extracted_on, found.measure) == (date(2027, 2, 1), measure.code)
    assert found.remarks == ("Hors lots déclarés sans suite.",)
    assert (found.validated, found.invented) == (True, False)


def test_a_threshold_of_nothing_is_said(alone):
    read(tied(alone, "social", threshold=0), 2026, numerator=63, denominator=224)
    assert social(alone).origin == ("Seuil : 0\N{NO-BREAK SPACE}€ HT",)


def test_a_count_has_no_rate_and_a_percentage_no_terms(alone):
    read(tied(alone, "social", type="count"), 2026, number=57)
    read(tied(alone, "social", "value", type="percent"), 2026, number=D("12.5"))
    counted, percent = social(alone), social(alone, basis="value")
    assert (counted.numerator, counted.denominator, counted.rate) == (57, None, None)
    assert counted.remarks == ("Numérateur seul : pas de taux.",)
    assert (percent.numerator, percent.denominator, percent.rate) == (None, None, D("12.5"))
    assert percent.remarks == ("Taux donné sans ses termes.",)


def test_nothing_of_nothing_is_no_rate(alone):
    read(tied(alone, "social"), 2026, numerator=0, denominator=0, unfilled=0)
    found = social(alone)
    assert (found.status, found.numerator, found.rate, found.unfilled_share) == ("suivie", 0, None, None)
    assert found.remarks == ("Dénominateur nul : pas de taux.",)


def test_a_true_zero_is_a_rate(alone):
    read(tied(alone, "social"), 2026, numerator=0, denominator=12)
    assert (social(alone).rate, social(alone).remarks) == (0, ())


def computed(scheme):
    """A rate computed from a count and from the total of the contracts."""
    measure = tied(scheme, "social", computation="ratio")
    terms = [
        MeasureFactory(indicator__action=measure.indicator.action, code=code) for code in ("PART", "TOTAL")
    ]
    for position, term in enumerate(terms):
        MeasureSourceFactory(measure=measure, source=term, position=position)
    return terms


def test_a_computed_rate_has_the_terms_and_the_words_of_its_sources(alone):
    part, whole = computed(alone)
    read(part, 2026, number=84, unfilled=5, source="Grille", as_of=date(2027, 1, 10), qualifier="environ")
    read(whole, 2026, number=336, source="Logiciel", as_of=date(2027, 2, 10))
    found = social(alone)
    assert (found.numerator, found.denominator, found.rate) == (84, 336, 25)
    assert (found.unfilled, found.source) == (5, "Grille ; Logiciel")
    assert found.extracted_on == date(2027, 2, 10)
    assert found.remarks == (
        "Valeur approchée : « environ ». Données extraites à des dates différentes, du 10/01/2027 au 10/02/2027.",
    )


def test_a_computed_rate_that_lacks_a_source_is_missing_and_says_which(alone):
    part, _ = computed(alone)
    read(part, 2026, number=84)
    found = social(alone)
    assert (found.status, found.numerator, found.rate) == ("non renseignée", None, None)
    assert found.absence == "Non renseignée : il manque TOTAL."


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"missing": "not_available", "missing_note": "pas de données en 2026"},
            "Non renseignée : pas de données en 2026.",
        ),
        ({"missing": "not_applicable"}, "Non renseignée : sans objet."),
        ({"comment": "On cherche."}, "Non renseignée."),
    ],
)
def test_a_missing_value_is_not_zero_and_says_why(alone, values, said):
    read(tied(alone, "social"), 2026, **values)
    found = social(alone)
    assert (found.numerator, found.rate, found.absence) == (None, None, said)
    assert social(alone, 2025).absence == "Non renseignée."  # followed since 2025, without campaign


def test_what_is_not_validated_or_invented_is_said(alone):
    measure = tied(alone, "social")
    read(measure, 2025, numerator=1, denominator=4, demonstration=True)
    read(measure, 2026, numerator=1, denominator=4, status="submitted")
    document = publication(alone.organisation)
    before, now = social(alone, 2025), social(alone)
    assert (before.validated, before.invented) == (True, True)
    assert (now.validated, now.invented) == (False, False)
    assert (document.unvalidated, document.invented) == (1, (2025,))
    assert document.demonstration == "Démonstration : les valeurs de 2025 sont inventées"


def test_contracts_not_filled_in_are_no_euros(alone):
    read(tied(alone, "social", "value"), 2026, numerator=500, denominator=1000, unfilled=3)
    found = social(alone, basis="value")
    assert (found.unfilled, found.unfilled_share) == (None, None)
    assert found.remarks == ("Contrats non renseignés : 3.",)


# Targets


@pytest.mark.parametrize(
    ("type", "fields", "expected"),
    [
        ("ratio", {"value": 30, "year": 2028}, (30, "au moins 30 % en 2028", 2028, 5)),
        ("percent", {"value": 40, "each_year": True}, (40, "au moins 40 % chaque année", 2026, -5)),
        ("ratio", {"value": 20, "comparison": "at_most"}, (20, "au plus 20 %", 2028, 15)),
        (
            "ratio",
            {"value": 30, "value_max": 40, "comparison": "between"},
            (None, "entre 30 et 40 %", 2028, None),
        ),
        (
            "ratio",
            {"comparison": "increase", "value": None, "words": "Augmenter"},
            (None, "Augmenter", 2028, None),
        ),
        ("ratio", {"value": 10, "relative": True, "words": "+10 %"}, (None, "+10 %", 2028, None)),
        ("count", {"value": 80, "year": 2027}, (None, "au moins 80 en 2027", 2027, None)),
    ],
)
def test_a_target_in_per_cent_is_compared_and_another_is_in_words(alone, type, fields, expected):
    measure = tied(alone, "social", type=type)
    values = {"numerator": 7, "denominator": 20} if type == "ratio" else {"number": 35}
    read(measure, 2026, **values)  # 35 % whatever the type, or 35 contracts
    TargetFactory(measure=measure, **fields)
    found = social(alone)
    words = plain(found.target_words)
    assert (found.target, words, found.target_year, found.gap) == expected


def test_the_target_that_counts_is_the_next_one(alone):
    measure = tied(alone, "social")
    for year, value in ((2025, 20), (2027, 30), (2028, 40)):
        TargetFactory(measure=measure, value=value, year=year)
    assert [social(alone, year).target for year in (2025, 2026)] == [20, 30]


# From a figure, or from nothing


def test_a_figure_counts_where_no_measure_does(alone):
    buyer = alone.organisation.buyers.get()
    given = {"buyer": buyer, "category": category("social"), "year": 2026}
    LegalFigureFactory(
        **given,
        basis="value",
        numerator=D("125000.50"),
        denominator=2_500_000,
        unfilled=500_000,
        target=10,
        target_year=2028,
        source="Tableur",
        demonstration=True,
    )
    found = social(alone, basis="value")
    assert (found.status, found.measure, found.rate) == ("suivie", "", D("5.00002"))
    assert (found.target, found.gap, found.unfilled_share) == (10, D("-4.99998"), 20)
    assert (found.source, found.invented, found.target_figure) == ("Tableur", True, "10\u00a0%")
    LegalFigureFactory(**given, basis="contracts", numerator=1, denominator=2)
    read(tied(alone, "social"), 2026, numerator=63, denominator=224)
    assert social(alone).rate == D("28.125")


def test_what_is_not_followed_says_why(alone):
    LegalFigureFactory(
        buyer=alone.organisation.buyers.get(),
        category=category("social"),
        numerator=None,
        denominator=None,
        not_followed="Le registre ne le dit pas.",
        target=10,
    )
    found = social(alone)
    assert (found.status, found.absence) == ("non suivie", "Non suivie : Le registre ne le dit pas.")
    assert (found.target, found.gap) == (10, None)


# Several buyers, several schemes


def test_each_buyer_has_its_own_measure(shared):
    for buyer, numerator in ((shared.town, 10), (shared.metropolis, 30)):
        read(tied(shared.scheme, "social", buyer=buyer), 2026, numerator=numerator, denominator=40)
    assert shared.line("VILLE", "social", "contracts", 2026).rate == 25
    assert shared.line("METRO", "social", "contracts", 2026).rate == 75


def test_in_a_shared_plan_a_measure_without_buyer_is_nobodys(shared):
    read(tied(shared.scheme, "social"), 2026, numerator=10, denominator=40)
    for code in ("VILLE", "METRO"):
        assert shared.line(code, "social", "contracts", 2026).absence == "Non suivie."


def test_two_years_may_straddle_two_schemes(shared):
    before = tied(shared.former, "social", buyer=shared.town, code="ANCIENNE")
    after = tied(shared.scheme, "social", buyer=shared.town, code="NOUVELLE")
    read(before, 2025, numerator=48, denominator=160)
    read(after, 2026, numerator=63, denominator=224)
    TargetFactory(measure=before, value=25, year=2025)
    TargetFactory(measure=after, value=30, year=2029)
    found = [shared.line("VILLE", "social", "contracts", year) for year in (2025, 2026)]
    assert [(line.measure, line.rate, line.target, line.gap) for line in found] == [
        ("ANCIENNE", 30, 25, 5),
        ("NOUVELLE", D("28.125"), 30, D("-1.875")),
    ]


def test_a_measure_that_prolongs_one_gives_its_years_too(shared):
    before = MeasureFactory(indicator__action__objective__pillar__scheme=shared.former, type="ratio")
    read(before, 2025, numerator=48, denominator=160)
    tied(shared.scheme, "social", buyer=shared.town, code="NOUVELLE", continues=before)
    found = shared.line("VILLE", "social", "contracts", 2025)
    assert (found.measure, found.numerator, found.rate) == ("NOUVELLE", 48, 30)
    assert shared.line("VILLE", "social", "contracts", 2026).absence == "Non renseignée."


def test_of_two_schemes_that_cover_a_year_one_that_has_a_value_counts(shared):
    CampaignFactory(scheme=shared.former, year=2026)  # prolonged by a year
    before = tied(shared.former, "social", buyer=shared.town, code="ANCIENNE")
    tied(shared.scheme, "social", buyer=shared.town, code="NOUVELLE")
    assert shared.line("VILLE", "social", "contracts", 2026).measure == "NOUVELLE"
    read(before, 2026, numerator=1, denominator=4)
    assert shared.line("VILLE", "social", "contracts", 2026).measure == "ANCIENNE"


def test_a_measure_that_has_ended_follows_nothing_more(shared):
    tied(shared.scheme, "social", buyer=shared.town, valid_from=2027)
    assert shared.line("VILLE", "social", "contracts", 2026).absence == "Non suivie."


@pytest.mark.parametrize("count", [1, 8])
def test_its_queries_are_the_same_whatever_it_holds(shared, count, django_assert_num_queries):
    shared.fill()
    for rank in range(count):
        code = f"propre-{rank}"
        own = LegalCategoryFactory(organisation=shared.organisation, code=code)
        read(
            MeasureFactory(
                indicator__action__objective__pillar__scheme=shared.scheme,
                type="ratio",
                legal_category=own,
                legal_basis="contracts",
                buyer=shared.town,
            ),
            2026,
            numerator=rank,
            denominator=10,
        )
        LegalFigureFactory(buyer=shared.metropolis, category=own)
        BuyerFactory(organisation=shared.organisation)
    # buyers, campaigns, measures, their breaks, sources and targets, readings, figures, categories, schemes
    with django_assert_num_queries(10):
        publication(shared.organisation)
