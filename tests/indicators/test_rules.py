"""The rules across rows of indicators, targets, reports and readings: a row that breaks each, and one that does not."""

from decimal import Decimal

import pytest

from actions.models import Nature
from actions.rules import RULES, check
from indicators.models import Comparison, Computation, Measure, MeasureType, Reading
from tests.constraints import changed
from tests.factories import (
    ActionFactory,
    BreakdownFactory,
    BreakdownItemFactory,
    BuyerFactory,
    EvidenceFactory,
    ExtraFigureFactory,
    HighlightFactory,
    IndicatorFactory,
    LegalCategoryFactory,
    MeasureFactory,
    MeasureSourceFactory,
    OrganisationFactory,
    PillarFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
    SchemeFactory,
    StepFactory,
    StepStateFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db

OTHER_SCHEME = "Cela appartient à un autre schéma."
OTHER_ACTION = "Cette action est celle d’un autre schéma."
ENTERED_ONCE = (
    "Une ligne qui renvoie à une autre ou la répète n’a pas de grandeur : on ne saisit qu’une fois."
)
NOT_IN_FORCE = "Cette grandeur n’est pas en vigueur cette année-là."
SIMPLER_ONLY = (
    "Une somme se fait de grandeurs saisies ; un taux, de grandeurs saisies ou de sommes ; une évolution, "
    "de tout cela, mais pas d’une évolution."
)
NOT_A_NUMBER = "On ne calcule qu’à partir de nombres."
COUNTED = "La publication légale compte des contrats ou des euros : il faut un nombre ou un taux."
ONE_MEASURE = (
    "La grandeur PREMIERE est déjà celle de cette catégorie et de cette assiette, pour le même acheteur et les mêmes années : "
    "une ligne de la publication n’en a qu’une."
)
TOO_LONG = "Au plus 15 chiffres."
SEVENTEEN_DIGITS, FIFTEEN_DIGITS = Decimal("12345678901.234567"), Decimal("123456789012.345000")


def neighbour(row):
    """Another action of the scheme of `row`."""
    return ActionFactory(objective__pillar__scheme=row.scheme)


def indicator_with(field, make):
    """An indicator whose `field` is a row of its own scheme."""
    indicator = IndicatorFactory()
    return changed(indicator, **{field: make(indicator)})


def duplicate(first):
    """An indicator that repeats `first`, elsewhere in the scheme."""
    return IndicatorFactory(action=neighbour(first), duplicate_of=first)


def measure_of_item(item):
    """A measure of `item`, whose breakdown is its indicator's."""
    indicator = IndicatorFactory(
        action__objective__pillar__scheme=item.breakdown.scheme, breakdown=item.breakdown
    )
    return MeasureFactory(indicator=indicator, item=item)


def rival(*, of_another_buyer=False, **fields):
    """A measure beside PREMIERE, which counts the contracts of a category until 2027."""
    tied = {"legal_category": LegalCategoryFactory(), "legal_basis": "contracts"}
    first = MeasureFactory(code="PREMIERE", indicator__valid_until=2027, **tied)
    if of_another_buyer:
        fields["buyer"] = BuyerFactory(organisation=first.scheme.organisation)
    return MeasureFactory(
        indicator__action__objective__pillar__scheme=first.scheme, code="SECONDE", **tied | fields
    )


def reading_of_item(**validity):
    """A reading, in 2026, of an item with this validity."""
    measure = measure_of_item(BreakdownItemFactory(**validity))
    report = ReportFactory(campaign__scheme=measure.scheme, action=measure.indicator.action)
    return ReadingFactory(report=report, measure=measure)


def successor(former, organisation):
    """A measure of a scheme of `organisation` that continues `former`."""
    return MeasureFactory(
        indicator__action__objective__pillar__scheme__organisation=organisation, continues=former
    )


def source(measure=None, source=None, position=0):
    """A link from a measure with the values `measure` to a source with the values `source`."""
    values = {f"measure__{name}": value for name, value in (measure or {}).items()}
    values |= {f"source__{name}": value for name, value in (source or {}).items()}
    return MeasureSourceFactory(position=position, **values)


def action_part():
    return ActionFactory(parent=ActionFactory())


RATIO = {"computation": Computation.RATIO, "type": MeasureType.RATIO}
EVOLUTION = {"computation": Computation.EVOLUTION, "type": MeasureType.PERCENT}
CHOICE = {"measure__type": MeasureType.CHOICE, "measure__choices": "Réuni\nPas réuni"}

# the rule, a row that breaks it, a row that keeps it, the field, the message
RULE_CASES = {
    "indicator in the scheme of its action": (
        lambda: IndicatorFactory(scheme=SchemeFactory()),
        lambda: IndicatorFactory(),
        "action",
        OTHER_SCHEME,
    ),
    "indicator that refers to a sheet of the scheme": (
        lambda: IndicatorFactory(refers_to=ActionFactory()),
        lambda: indicator_with("refers_to", neighbour),
        "refers_to",
        OTHER_SCHEME,
    ),
    "indicator that repeats one of the scheme": (
        lambda: IndicatorFactory(duplicate_of=IndicatorFactory()),
        lambda: duplicate(IndicatorFactory()),
        "duplicate_of",
        OTHER_SCHEME,
    ),
    "indicator split by a breakdown of the scheme": (
        lambda: IndicatorFactory(breakdown=BreakdownFactory()),
        lambda: indicator_with("breakdown", lambda row: BreakdownFactory(scheme=row.scheme)),
        "breakdown",
        OTHER_SCHEME,
    ),
    "indicator that refers to another sheet": (
        lambda: indicator_with("refers_to", lambda row: row.action),
        lambda: indicator_with("refers_to", neighbour),
        "refers_to",
        "Une ligne ne renvoie pas à sa propre fiche.",
    ),
    "indicator that repeats the first": (
        lambda: duplicate(duplicate(IndicatorFactory())),
        lambda: duplicate(IndicatorFactory()),
        "duplicate_of",
        "L’indicateur répété en répète lui-même un autre : indiquez le premier.",
    ),
    "measure in the scheme of its indicator": (
        lambda: MeasureFactory(scheme=SchemeFactory()),
        lambda: MeasureFactory(),
        "indicator",
        "Cet indicateur est celui d’un autre schéma.",
    ),
    "no measure of a line that refers": (
        lambda: MeasureFactory(indicator__refers_to=ActionFactory()),
        lambda: MeasureFactory(indicator__refers_to=None),
        "indicator",
        ENTERED_ONCE,
    ),
    "no measure of a line that repeats": (
        lambda: MeasureFactory(indicator=duplicate(IndicatorFactory())),
        lambda: MeasureFactory(indicator=duplicate(IndicatorFactory()).duplicate_of),
        "indicator",
        ENTERED_ONCE,
    ),
    "item of the indicator's breakdown": (
        lambda: MeasureFactory(item=BreakdownItemFactory()),
        lambda: measure_of_item(BreakdownItemFactory()),
        "item",
        "Ce poste n’est pas de la ventilation de l’indicateur.",
    ),
    "alternative of the same indicator": (
        lambda: MeasureFactory(alternative_to=MeasureFactory()),
        lambda: MeasureFactory(alternative_to=(first := MeasureFactory()), indicator=first.indicator),
        "alternative_to",
        "Une grandeur tient lieu d’une autre du même indicateur.",
    ),
    "alternative to the first": (
        lambda: MeasureFactory(
            indicator=(indicator := IndicatorFactory()),
            alternative_to=MeasureFactory(
                indicator=indicator, alternative_to=MeasureFactory(indicator=indicator)
            ),
        ),
        lambda: MeasureFactory(
            indicator=(indicator := IndicatorFactory()), alternative_to=MeasureFactory(indicator=indicator)
        ),
        "alternative_to",
        "Cette grandeur tient elle-même lieu d’une autre : indiquez la première.",
    ),
    "measure that continues one of another scheme": (
        lambda: MeasureFactory(continues=(former := MeasureFactory()), indicator=former.indicator),
        lambda: successor(former := MeasureFactory(), former.scheme.organisation),
        "continues",
        "Une grandeur prolonge celle d’un schéma précédent, pas du même.",
    ),
    "measure that continues one of the organisation": (
        lambda: successor(MeasureFactory(), OrganisationFactory()),
        lambda: successor(former := MeasureFactory(), former.scheme.organisation),
        "continues",
        "Cette grandeur est celle d’une autre collectivité.",
    ),
    "own legal category": (
        lambda: MeasureFactory(
            legal_category=LegalCategoryFactory(organisation=OrganisationFactory()), legal_basis="value"
        ),
        lambda: MeasureFactory(
            indicator=(line := IndicatorFactory()),
            legal_category=LegalCategoryFactory(organisation=line.scheme.organisation),
            legal_basis="value",
        ),
        "legal_category",
        "Cette catégorie est celle d’une autre collectivité.",
    ),
    "a measure of words in the legal publication": (
        lambda: MeasureFactory(type="text", legal_category=LegalCategoryFactory(), legal_basis="value"),
        lambda: MeasureFactory(type="amount", legal_category=LegalCategoryFactory(), legal_basis="value"),
        "legal_category",
        COUNTED,
    ),
    "an evolution in the legal publication": (
        lambda: MeasureFactory(
            type="percent",
            computation="evolution",
            legal_category=LegalCategoryFactory(),
            legal_basis="value",
        ),
        lambda: MeasureFactory(type="percent", legal_category=LegalCategoryFactory(), legal_basis="value"),
        "legal_category",
        COUNTED,
    ),
    "the buyer of a measure": (
        lambda: MeasureFactory(buyer=BuyerFactory()),
        lambda: MeasureFactory(
            indicator=(line := IndicatorFactory()),
            buyer=BuyerFactory(organisation=line.scheme.organisation),
        ),
        "buyer",
        "Cet acheteur est celui d’une autre collectivité.",
    ),
    "one measure for a line of the legal publication": (
        lambda: rival(valid_from=2027),
        lambda: rival(valid_from=2028),
        "legal_category",
        ONE_MEASURE,
    ),
    "one measure for a line, of one buyer": (
        lambda: rival(),
        lambda: rival(of_another_buyer=True),
        "legal_category",
        ONE_MEASURE,
    ),
    "one measure for a line, on one basis": (
        lambda: rival(),
        lambda: rival(legal_basis="value"),
        "legal_category",
        ONE_MEASURE,
    ),
    "common legal category": (
        lambda: MeasureFactory(
            legal_category=LegalCategoryFactory(organisation=OrganisationFactory()), legal_basis="value"
        ),
        lambda: MeasureFactory(legal_category=LegalCategoryFactory(organisation=None), legal_basis="value"),
        "legal_category",
        "Cette catégorie est celle d’une autre collectivité.",
    ),
    "choices given once": (
        lambda: MeasureFactory(type=MeasureType.CHOICE, choices="Réuni\nPas réuni\n Réuni "),
        lambda: MeasureFactory(type=MeasureType.CHOICE, choices="Réuni\nPas réuni\n\n"),
        "choices",
        "Une valeur est donnée deux fois.",
    ),
    "sources of a computed measure": (
        lambda: source({"computation": ""}),
        lambda: source({"computation": Computation.SUM}),
        "measure",
        "Une grandeur saisie n’a pas de sources.",
    ),
    "source in the scheme": (
        lambda: MeasureSourceFactory(source=MeasureFactory()),
        lambda: MeasureSourceFactory(),
        "source",
        "Cette grandeur est celle d’un autre schéma.",
    ),
    "source that is not a yes or no": (
        lambda: source(source={"type": MeasureType.BOOLEAN}),
        lambda: source(source={"type": MeasureType.AMOUNT}),
        "source",
        NOT_A_NUMBER,
    ),
    "source that is not a choice": (
        lambda: source(source={"type": MeasureType.CHOICE, "choices": "1\n2"}),
        lambda: source(source={"type": MeasureType.RATIO}),
        "source",
        NOT_A_NUMBER,
    ),
    "source that is not a text": (
        lambda: source(source={"type": MeasureType.TEXT}),
        lambda: source(source={"type": MeasureType.PERCENT}),
        "source",
        NOT_A_NUMBER,
    ),
    "two sources of a rate": (
        lambda: source(RATIO, position=2),
        lambda: source(RATIO, position=1),
        "position",
        "Un taux a deux sources : le numérateur, puis le dénominateur.",
    ),
    "one source of an evolution": (
        lambda: source(EVOLUTION, position=1),
        lambda: source(EVOLUTION, position=0),
        "position",
        "Une évolution a une seule source.",
    ),
    "any number of sources of a sum": (
        lambda: source(RATIO, position=5),
        lambda: source({"computation": Computation.SUM}, position=5),
        "position",
        "Un taux a deux sources : le numérateur, puis le dénominateur.",
    ),
    "nothing computed from an evolution": (
        lambda: source(EVOLUTION, source=EVOLUTION),
        lambda: source(EVOLUTION, source=RATIO),
        "source",
        SIMPLER_ONLY,
    ),
    "a rate of rates comes back to itself": (
        lambda: source(RATIO, source=RATIO),
        lambda: source(RATIO, source={"computation": Computation.SUM, "type": MeasureType.COUNT}),
        "source",
        SIMPLER_ONLY,
    ),
    "report of an action that has parts": (
        lambda: ReportFactory(campaign__scheme=(part := action_part()).scheme, action=part.parent),
        lambda: ReportFactory(campaign__scheme=(part := action_part()).scheme, action=part),
        "action",
        "Cette action a des volets : la fiche annuelle est celle de chaque volet.",
    ),
    "evidence of a reading of another report": (
        lambda: EvidenceFactory(reading=ReadingFactory()),
        lambda: EvidenceFactory(report=(reading := ReadingFactory()).report, reading=reading),
        "reading",
        "Ce relevé est celui d’une autre fiche.",
    ),
    "target in the scheme of its measure": (
        lambda: TargetFactory(scheme=SchemeFactory()),
        lambda: TargetFactory(),
        "measure",
        OTHER_SCHEME,
    ),
    "target in the scheme of its action": (
        lambda: TargetFactory(measure=None, action=ActionFactory(), scheme=SchemeFactory()),
        lambda: TargetFactory(measure=None, action=(owner := ActionFactory()), scheme=owner.scheme),
        "action",
        OTHER_SCHEME,
    ),
    "target in the scheme of its pillar": (
        lambda: TargetFactory(measure=None, pillar=PillarFactory(), scheme=SchemeFactory()),
        lambda: TargetFactory(measure=None, pillar=(owner := PillarFactory()), scheme=owner.scheme),
        "pillar",
        OTHER_SCHEME,
    ),
    "numbers aimed at in numbers": (
        lambda: TargetFactory(measure__type=MeasureType.BOOLEAN, value=1),
        lambda: TargetFactory(measure__type=MeasureType.RATIO, value=1),
        "value",
        "Seule une grandeur en nombres a une cible en nombres.",
    ),
    "words aimed at in words": (
        lambda: TargetFactory(measure__type=MeasureType.TEXT, value=0),
        lambda: TargetFactory(
            measure__type=MeasureType.TEXT, comparison=Comparison.QUALITATIVE, value=None, words="Mensuelle"
        ),
        "value",
        "Seule une grandeur en nombres a une cible en nombres.",
    ),
    "report of an action of the scheme": (
        lambda: ReportFactory(action=ActionFactory()),
        lambda: ReportFactory(),
        "action",
        OTHER_ACTION,
    ),
    "report of an action that has begun": (
        lambda: ReportFactory(action__valid_from=2027),
        lambda: ReportFactory(action__valid_from=2026),
        "action",
        "Cette action n’est pas en vigueur cette année-là.",
    ),
    "report of an action that has not ended": (
        lambda: ReportFactory(action__valid_until=2025),
        lambda: ReportFactory(action__valid_until=2026),
        "action",
        "Cette action n’est pas en vigueur cette année-là.",
    ),
    "highlight of an action of the scheme": (
        lambda: HighlightFactory(action=ActionFactory()),
        lambda: HighlightFactory(),
        "action",
        OTHER_ACTION,
    ),
    "highlight of an action": (
        lambda: HighlightFactory(action__nature=Nature.SHARED),
        lambda: HighlightFactory(action__nature=Nature.ACTION),
        "action",
        "Un zoom porte sur une action.",
    ),
    "state of a step of the action": (
        lambda: StepStateFactory(step=StepFactory()),
        lambda: StepStateFactory(),
        "step",
        "Cette étape est celle d’une autre action.",
    ),
    "remark on a line of the report": (
        lambda: RemarkFactory(measure=MeasureFactory()),
        lambda: RemarkFactory(
            report=(report := ReportFactory()), measure=MeasureFactory(indicator__action=report.action)
        ),
        "measure",
        "Cette ligne est celle d’une autre fiche.",
    ),
    "extra figure of 15 digits": (
        lambda: changed(ExtraFigureFactory(), value=SEVENTEEN_DIGITS),
        lambda: changed(ExtraFigureFactory(), value=FIFTEEN_DIGITS),
        "value",
        TOO_LONG,
    ),
    "reading in the report of its action": (
        lambda: ReadingFactory(measure=MeasureFactory()),
        lambda: ReadingFactory(),
        "measure",
        "Cette grandeur est celle d’une autre fiche.",
    ),
    "reading of what is entered": (
        lambda: ReadingFactory(measure__computation=Computation.SUM),
        lambda: ReadingFactory(measure__computation=""),
        "measure",
        "Cette grandeur se calcule : elle ne se saisit pas.",
    ),
    "reading of a measure that has begun": (
        lambda: ReadingFactory(measure__valid_from=2027),
        lambda: ReadingFactory(measure__valid_from=2026),
        "measure",
        NOT_IN_FORCE,
    ),
    "reading of an indicator that has not ended": (
        lambda: ReadingFactory(measure__indicator__valid_until=2025),
        lambda: ReadingFactory(measure__indicator__valid_until=2026),
        "measure",
        NOT_IN_FORCE,
    ),
    "reading of an item in force": (
        lambda: reading_of_item(valid_from=2027),
        lambda: reading_of_item(valid_from=2026, valid_until=2026),
        "measure",
        NOT_IN_FORCE,
    ),
    "reading of a value of the list": (
        lambda: ReadingFactory(**CHOICE, text="Réuni parfois"),
        lambda: ReadingFactory(**CHOICE, text="Pas réuni"),
        "text",
        "Choisissez parmi : Réuni, Pas réuni.",
    ),
    "number of 15 digits": (
        lambda: changed(ReadingFactory(measure__type=MeasureType.QUANTITY), number=SEVENTEEN_DIGITS),
        lambda: changed(ReadingFactory(measure__type=MeasureType.QUANTITY), number=FIFTEEN_DIGITS),
        "number",
        TOO_LONG,
    ),
    "numerator of 15 digits": (
        lambda: changed(ReadingFactory(measure__type=MeasureType.RATIO), numerator=SEVENTEEN_DIGITS),
        lambda: changed(ReadingFactory(measure__type=MeasureType.RATIO), numerator=FIFTEEN_DIGITS),
        "numerator",
        TOO_LONG,
    ),
    "denominator of 15 digits": (
        lambda: changed(ReadingFactory(measure__type=MeasureType.RATIO), denominator=SEVENTEEN_DIGITS),
        lambda: changed(ReadingFactory(measure__type=MeasureType.RATIO), denominator=FIFTEEN_DIGITS),
        "denominator",
        TOO_LONG,
    ),
    "count in whole numbers": (
        lambda: ReadingFactory(number=Decimal("2.5")),
        lambda: ReadingFactory(number=Decimal("2.000000")),
        "number",
        "On attend ici un nombre entier.",
    ),
}


@pytest.mark.parametrize(("bad", "good", "field", "message"), RULE_CASES.values(), ids=RULE_CASES)
def test_a_rule_refuses_one_row_and_accepts_the_other(bad, good, field, message):
    row = bad()
    [(refused, error)] = check([row, good()])
    assert refused is row
    assert error.message_dict == {field: [message]}


def test_every_model_with_rules_is_known_here():
    assert {model.__name__ for model in RULES if model._meta.app_label == "indicators"} == {
        "Indicator",
        "Measure",
        "MeasureSource",
        "Target",
        "Report",
        "Evidence",
        "Highlight",
        "StepState",
        "Remark",
        "ExtraFigure",
        "Reading",
    }


VALUES = {
    "number": Decimal(3),
    "numerator": Decimal(3),
    "denominator": Decimal(4),
    "boolean": False,
    "text": "Oui",
}
# type, what is entered, what the message calls it
EXPECTED_VALUES = [
    (MeasureType.BOOLEAN, {"boolean"}, "oui / non"),
    (MeasureType.COUNT, {"number"}, "nombre entier"),
    (MeasureType.QUANTITY, {"number"}, "quantité"),
    (MeasureType.AMOUNT, {"number"}, "montant en euros"),
    (MeasureType.PERCENT, {"number"}, "pourcentage"),
    (MeasureType.RATIO, {"numerator", "denominator"}, "taux (numérateur et dénominateur)"),
    (MeasureType.CHOICE, {"text"}, "valeur d’une liste"),
    (MeasureType.TEXT, {"text"}, "texte"),
]


@pytest.mark.parametrize(("measure_type", "entered", "words"), EXPECTED_VALUES)
def test_a_reading_has_the_kind_of_value_of_its_measure(measure_type, entered, words):
    choices = "Oui\nNon" if measure_type == MeasureType.CHOICE else ""
    report = ReportFactory()
    measure = MeasureFactory(indicator__action=report.action, type=measure_type, choices=choices)
    accepted = {
        name
        for name, value in VALUES.items()
        if not check([Reading(report=report, measure=measure, **{name: value})])
    }
    assert accepted == entered
    wrong = Reading(report=report, measure=measure, boolean=True, number=Decimal(1))
    [(_, error)] = check([wrong])
    assert error.message_dict == {"measure": [f"On attend ici : {words}."]}


def test_every_type_of_measure_is_known_here():
    assert [measure_type for measure_type, _, _ in EXPECTED_VALUES] == list(MeasureType)


@pytest.mark.parametrize("values", [{}, {"missing": "not_available"}, {"number": Decimal(0)}])
def test_a_reading_of_nothing_a_reason_or_zero_is_accepted(values):
    assert check([ReadingFactory(**values)]) == []


@pytest.mark.parametrize("count", [2, 50])
def test_any_number_of_readings_takes_six_queries(count, django_assert_num_queries):
    for _ in range(count):
        reading_of_item()
    readings = list(Reading.objects.all())
    assert len(readings) == count
    with django_assert_num_queries(6):  # measures, indicators, actions, items, reports, campaigns
        assert check(readings) == []


@pytest.mark.parametrize("count", [2, 50])
def test_any_number_of_measures_takes_twelve_queries(count, django_assert_num_queries):
    for _ in range(count):
        first = measure_of_item(BreakdownItemFactory())
        former = MeasureFactory(
            indicator__action__objective__pillar__scheme__organisation=first.scheme.organisation
        )
        MeasureFactory(
            indicator=first.indicator,
            item=first.item,
            alternative_to=first,
            continues=former,
            legal_category=LegalCategoryFactory(),
            legal_basis="value",
            buyer=BuyerFactory(organisation=first.scheme.organisation),
        )
    measures = list(Measure.objects.exclude(continues=None))
    assert len(measures) == count
    # indicators, items, alternatives, former measures, former schemes, schemes, legal categories and buyers; of the categories,
    # the measures, their indicators, actions and items
    with django_assert_num_queries(12):
        assert check(measures) == []
