"""What the page of an indicator gathers: where it stands, what each measure means, what it should reach, who entered it."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from indicators.models import Computation, Measure, MeasureType, Reading, Report
from indicators.outcomes import TargetResult, main_result, result_of
from indicators.series import Evolution, Series, Value
from indicators.tables import MeasureRow, short_text
from spaser.french import NO_BREAK, format_number, plural, with_unit

MOST_CARDS = 4
SENSES = {"up": "hausse attendue (plus haut est mieux)", "down": "baisse attendue (plus bas est mieux)"}


def year_shown(rows):
    """The last year in which one of `rows` has a value; None without any."""
    return max(
        (cell.column.year for row in rows for cell in row.cells if cell.value and cell.value.is_known),
        default=None,
    )


@dataclass(frozen=True)
class Aim:
    """A target of a measure, and what becomes of it in the year shown; `counts` of several, the one that is counted."""

    measure: Measure
    result: TargetResult
    counts: bool

    @property
    def percent(self):
        """How much of the way is done, from 0 to 100 for a meter; None when nobody can say."""
        done = self.result.progress
        return None if done is None else round(min(max(done, Decimal(0)), Decimal(1)) * 100)

    @property
    def way(self):
        """« 62 % du chemin », « recul par rapport à la référence »."""
        if self.result.receding:
            return "s’éloigne de la cible"
        return "" if self.percent is None else f"{with_unit(str(self.percent), '%')} du chemin parcouru"


def aims_of(rows, series: Series, year):
    """The Aims of the measures of `rows` in `year`, in their order."""
    aims = []
    for row in rows:
        results = [result_of(target, series, year) for target in row.measure.targets.all()]
        main = main_result(results, year)
        aims += [Aim(row.measure, result, result is main) for result in results]
    return aims


@dataclass(frozen=True)
class Card:
    """The last value of a measure in large: its number, its unit or terms, its change."""

    measure: Measure
    value: Value
    number: str
    unit: str
    evolution: Evolution | None


def cards_of(rows, series: Series, year):
    """The Cards of `rows` in `year`, when they are few and numbers; otherwise none, and the table tells.

    An evolution has no card of its own beside what it is made of, whose card says it.
    """
    rows = [row for row in rows if row.measure.computation != Computation.EVOLUTION] or rows
    cards = [_card(row.measure, value, series) for row in rows if (value := series.value(row.measure, year))]
    return cards if 0 < len(cards) <= MOST_CARDS and all(cards) else []


def _card(measure, value, series):
    if value.number is None and value.boolean is None:
        return None
    if value.boolean is not None or measure.computation == Computation.EVOLUTION:
        return Card(measure, value, value.display, "", None)
    unit = "" if measure.shown_unit == "%" else plural(measure.shown_unit, value.number)
    if measure.type == MeasureType.RATIO:
        unit = f"{format_number(value.numerator)} / {format_number(value.denominator)}"
    return Card(measure, value, short_text(value), unit, series.evolution(measure, value.year))


@dataclass(frozen=True)
class Meaning:
    """What several measures have in common: (term, words) pairs."""

    measures: tuple[Measure, ...]
    facts: tuple[tuple[str, str], ...]


def meanings_of(rows: list[MeasureRow], series: Series):
    """What each measure means, those that mean the same together; of several, without what the table of values says of each."""
    found = {}
    for row in rows:
        measure = row.measure
        facts = ([] if len(rows) > 1 else _own_facts(measure)) + _facts(measure, series)
        if facts := tuple((term, words) for term, words in facts if words):
            found.setdefault(facts, []).append(measure)
    return [Meaning(tuple(measures), facts) for facts, measures in found.items()]


def _own_facts(measure):
    return [
        ("Type", _type(measure)),
        ("Sens", SENSES.get(measure.sense, "")),
        ("Référence", measure.baseline.removeprefix("référence ")),
    ]


def _facts(measure, series):
    return [
        ("Calcul", _computation(measure, series)),
        ("Tient lieu de", _label(measure.alternative_to_id, series)),
        ("Prolonge", _continued(measure, series)),
        ("Catégorie légale", _legal(measure)),
        ("Acheteur", measure.buyer.name if measure.buyer else ""),
        ("Périmètre", measure.perimeter),
        ("Seuil", with_unit(format_number(measure.threshold), "€ HT") if measure.threshold else ""),
        ("Valable", _validity(measure)),
    ]


def _type(measure):
    said = measure.get_type_display()
    if measure.numerator_label and measure.denominator_label:
        return f"{said}{NO_BREAK}: {measure.numerator_label} / {measure.denominator_label}"
    if measure.choice_list:
        return f"{said}{NO_BREAK}: {', '.join(measure.choice_list)}"
    counted = measure.type in (MeasureType.COUNT, MeasureType.QUANTITY) and measure.unit
    return f"{said}, en {plural(measure.unit, 2)}" if counted else said


def _label(pk, series):
    return series.measures[pk].label if pk in series.measures else ""


def _computation(measure, series):
    if not measure.is_computed:
        return ""
    sources = [_label(link.source_id, series) for link in measure.source_links.all()]
    sign = " / " if measure.computation == Computation.RATIO else " + "
    return f"{measure.get_computation_display()}{NO_BREAK}: {sign.join(sources)}"


def _continued(measure, series):
    former = series.measures.get(measure.continues_id)
    return f"{former.code} {former.label} ({former.scheme})" if former else ""


def _legal(measure):
    return (
        f"{measure.legal_category}, en {measure.get_legal_basis_display()}" if measure.legal_category else ""
    )


def _validity(measure):
    since = f"à partir de {measure.valid_from}" if measure.valid_from else ""
    until = f"jusqu’en {measure.valid_until}" if measure.valid_until else ""
    return ", ".join(filter(None, (since, until)))


@dataclass(frozen=True)
class Entered:
    """Who gave the value of one measure in one campaign, and where its whole history stands."""

    reading: Reading
    measure: Measure
    value: Value
    history_url: str


def entered(user, rows, series: Series):
    """Who entered what, the last year first: of the sheets whose making `user` may read."""
    readings = (
        Reading.objects.filter(
            measure__in=[row.measure for row in rows], report__in=Report.objects.prepared_with(user)
        )
        .select_related("report__campaign__scheme", "report__action", "changed_by")
        .order_by("-report__campaign__year", "report__campaign__period", "measure__position", "measure__pk")
    )
    return [_entered(reading, series) for reading in readings]


def _entered(reading, series):
    campaign, measure = reading.report.campaign, series.measures[reading.measure_id]
    address = reverse("report_history", args=[campaign.scheme.slug, campaign.key, reading.report.action.code])
    value = series.value(measure, campaign.year, campaign.period)
    return Entered(reading, measure, value, f"{address}?grandeur={measure.code}")
