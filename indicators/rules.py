"""Rules across rows of indicators, targets, reports and readings. See `actions.rules` for how they run."""

from math import inf

from actions.models import Nature
from actions.rules import has_any, points, rules_of, same
from indicators.models import (
    NUMBER_TYPES,
    Computation,
    Evidence,
    ExtraFigure,
    Highlight,
    Indicator,
    Measure,
    MeasureSource,
    MeasureType,
    Reading,
    Remark,
    Report,
    StepState,
    Target,
)
from spaser.french import MAX_DIGITS


def valid_in(item, year):
    """Is this action, indicator, measure or breakdown item in force in `year`?"""
    return (item.valid_from or year) <= year <= (item.valid_until or year)


def in_force(measure, year):
    """Can this measure be filled in for `year`? So must be its indicator, its item and its action."""
    above = (measure, measure.indicator, measure.item, measure.indicator.action)
    return all(valid_in(row, year) for row in above if row is not None)


@rules_of(Indicator, "action__parts", "refers_to", "duplicate_of", "breakdown")
def indicator_rules(indicator):
    if has_any(indicator.action, "parts"):
        yield "action", "Cette action a des volets : l’indicateur est celui d’un volet."
    for name in ("action", "refers_to", "duplicate_of", "breakdown"):
        other = getattr(indicator, name)
        if other and not same(other, indicator, "scheme"):
            yield name, "Cela appartient à un autre schéma."
    if indicator.refers_to and indicator.refers_to == indicator.action:
        yield "refers_to", "Une ligne ne renvoie pas à sa propre fiche."
    if indicator.duplicate_of and points(indicator.duplicate_of, "duplicate_of"):
        yield "duplicate_of", "L’indicateur répété en répète lui-même un autre : indiquez le premier."


def years_in_force(measure):
    """(first, last) year in which a measure can be filled in; infinite where no bound is set."""
    above = [row for row in (measure, measure.indicator, measure.item, measure.indicator.action) if row]
    first = max((row.valid_from for row in above if row.valid_from), default=-inf)
    return first, min((row.valid_until for row in above if row.valid_until), default=inf)


def claims_the_same_line(measure, other):
    """Are both, of one scheme, the figure of the same line of the legal publication in some year?"""
    names = ("scheme_id", "legal_basis", "buyer_id")
    if other.pk == measure.pk or any(getattr(measure, name) != getattr(other, name) for name in names):
        return False
    spans = years_in_force(measure), years_in_force(other)
    return max(first for first, _ in spans) <= min(last for _, last in spans)


@rules_of(
    Measure,
    "indicator",
    "item",
    "alternative_to",
    "continues__scheme",
    "scheme",
    "legal_category__measures__indicator__action",
    "legal_category__measures__item",
    "buyer",
)
def measure_rules(measure):
    indicator, item, alternative = measure.indicator, measure.item, measure.alternative_to
    if not same(indicator, measure, "scheme"):
        yield "indicator", "Cet indicateur est celui d’un autre schéma."
    if points(indicator, "refers_to") or points(indicator, "duplicate_of"):
        yield (
            "indicator",
            "Une ligne qui renvoie à une autre ou la répète n’a pas de grandeur : on ne saisit qu’une fois.",
        )
    if item and not same(item, indicator, "breakdown"):
        yield "item", "Ce poste n’est pas de la ventilation de l’indicateur."
    if alternative and not same(alternative, measure, "indicator"):
        yield "alternative_to", "Une grandeur tient lieu d’une autre du même indicateur."
    if alternative and points(alternative, "alternative_to"):
        yield "alternative_to", "Cette grandeur tient elle-même lieu d’une autre : indiquez la première."
    former = measure.continues
    if former and former.scheme_id == measure.scheme_id:
        yield "continues", "Une grandeur prolonge celle d’un schéma précédent, pas du même."
    if former and not same(former.scheme, measure.scheme, "organisation"):
        yield "continues", "Cette grandeur est celle d’une autre collectivité."
    category = measure.legal_category
    if category and category.organisation_id not in (None, measure.scheme.organisation_id):
        yield "legal_category", "Cette catégorie est celle d’une autre collectivité."
    if category and (
        measure.type not in (*NUMBER_TYPES, MeasureType.RATIO) or measure.computation == Computation.EVOLUTION
    ):
        yield (
            "legal_category",
            "La publication légale compte des contrats ou des euros : il faut un nombre ou un taux.",
        )
    if measure.buyer and not same(measure.buyer, measure.scheme, "organisation"):
        yield "buyer", "Cet acheteur est celui d’une autre collectivité."
    for other in category.measures.all() if category and category.pk else ():
        if claims_the_same_line(measure, other):
            yield (
                "legal_category",
                f"La grandeur {other.code} est déjà celle de cette catégorie et de cette assiette, pour le même acheteur et les "
                "mêmes années : une ligne de la publication n’en a qu’une.",
            )
    if measure.choices and len(set(measure.choice_list)) < len(measure.choice_list):
        yield "choices", "Une valeur est donnée deux fois."


# A value is computed from simpler ones only, so that no computation comes back to itself.
SIMPLER = ("", Computation.SUM, Computation.RATIO, Computation.EVOLUTION)


@rules_of(MeasureSource, "measure", "source")
def measure_source_rules(link):
    measure, source = link.measure, link.source
    if not measure.computation:
        yield "measure", "Une grandeur saisie n’a pas de sources."
    if not same(source, measure, "scheme"):
        yield "source", "Cette grandeur est celle d’un autre schéma."
    if source.type not in (*NUMBER_TYPES, MeasureType.RATIO):
        yield "source", "On ne calcule qu’à partir de nombres."
    if measure.computation == Computation.RATIO and link.position > 1:
        yield "position", "Un taux a deux sources : le numérateur, puis le dénominateur."
    if measure.computation == Computation.EVOLUTION and link.position > 0:
        yield "position", "Une évolution a une seule source."
    if measure.computation and SIMPLER.index(source.computation) >= SIMPLER.index(measure.computation):
        yield (
            "source",
            "Une somme se fait de grandeurs saisies ; un taux, de grandeurs saisies ou de sommes ; une évolution, "
            "de tout cela, mais pas d’une évolution.",
        )


SOURCES = "Un taux a deux sources, une évolution une seule, une somme au moins une."


def has_its_sources(measure, count):
    """Are `count` sources as many as the computation of this measure takes? One that is entered has its own rule."""
    wanted = {Computation.RATIO: count == 2, Computation.EVOLUTION: count == 1, Computation.SUM: count > 0}
    return wanted.get(measure.computation, True)


@rules_of(Target, "measure", "action", "pillar")
def target_rules(target):
    for name in Target.OWNERS:
        owner = getattr(target, name)
        if owner and not same(owner, target, "scheme"):
            yield name, "Cela appartient à un autre schéma."
    if (
        target.measure
        and target.measure.type not in (*NUMBER_TYPES, MeasureType.RATIO)
        and target.value is not None
    ):
        yield "value", "Seule une grandeur en nombres a une cible en nombres."


@rules_of(Report, "campaign", "action__parts")
def report_rules(report):
    campaign, action = report.campaign, report.action
    if not same(action, campaign, "scheme"):
        yield "action", "Cette action est celle d’un autre schéma."
    if not valid_in(action, campaign.year):
        yield "action", "Cette action n’est pas en vigueur cette année-là."
    if has_any(action, "parts"):
        yield "action", "Cette action a des volets : la fiche annuelle est celle de chaque volet."


@rules_of(Highlight, "campaign", "action")
def highlight_rules(highlight):
    if not same(highlight.action, highlight.campaign, "scheme"):
        yield "action", "Cette action est celle d’un autre schéma."
    if highlight.action.nature != Nature.ACTION:
        yield "action", "Un zoom porte sur une action."


@rules_of(StepState, "report", "step")
def step_state_rules(state):
    if not same(state.step, state.report, "action"):
        yield "step", "Cette étape est celle d’une autre action."


@rules_of(Evidence, "report", "reading")
def evidence_rules(evidence):
    if evidence.reading and not same(evidence.reading, evidence, "report"):
        yield "reading", "Ce relevé est celui d’une autre fiche."


@rules_of(Remark, "report", "measure__indicator")
def remark_rules(remark):
    if remark.measure and not same(remark.measure.indicator, remark.report, "action"):
        yield "measure", "Cette ligne est celle d’une autre fiche."


def significant_digits(number):
    return len(number.normalize().as_tuple().digits)


@rules_of(ExtraFigure)
def extra_figure_rules(figure):
    if figure.value is not None and significant_digits(figure.value) > MAX_DIGITS:
        yield "value", f"Au plus {MAX_DIGITS} chiffres."


# The fields that a value of each type fills.
VALUE_FIELDS = {
    MeasureType.BOOLEAN: {"boolean"},
    MeasureType.RATIO: {"numerator", "denominator"},
    MeasureType.CHOICE: {"text"},
    MeasureType.TEXT: {"text"},
    **{number_type: {"number"} for number_type in NUMBER_TYPES},
}


@rules_of(Reading, "measure__indicator__action", "measure__item", "report__campaign")
def reading_rules(reading):
    measure, campaign = reading.measure, reading.report.campaign
    if not same(measure.indicator, reading.report, "action"):
        yield "measure", "Cette grandeur est celle d’une autre fiche."
    if measure.is_computed:
        yield "measure", "Cette grandeur se calcule : elle ne se saisit pas."
    if not in_force(measure, campaign.year):
        yield "measure", "Cette grandeur n’est pas en vigueur cette année-là."
    filled = {name for name in Reading.VALUES if getattr(reading, name) not in (None, "")}
    if filled - VALUE_FIELDS.get(measure.type, filled):  # an unknown type is the measure’s own error
        yield "measure", f"On attend ici : {measure.get_type_display()}."
    if measure.type == MeasureType.CHOICE and reading.text and reading.text not in measure.choice_list:
        yield "text", f"Choisissez parmi : {', '.join(measure.choice_list)}."
    for name in ("number", "numerator", "denominator"):
        number = getattr(reading, name)
        if number is not None and significant_digits(number) > MAX_DIGITS:
            yield name, f"Au plus {MAX_DIGITS} chiffres."
    whole = measure.type == MeasureType.COUNT and reading.number is not None
    if whole and reading.number != reading.number.to_integral_value():
        yield "number", "On attend ici un nombre entier."
