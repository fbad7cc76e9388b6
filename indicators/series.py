"""The values of measures over the years: entered ones as they are, computed ones made on reading.

Works in memory on measures and readings that the caller has fetched, and has the user's right to see. The measures
need their sources (`with_sources`), the readings their report and campaign (`with_campaign`).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from indicators import calculations
from indicators.models import (
    Computation,
    Measure,
    MeasureSource,
    MeasureType,
    Missing,
    Reading,
    as_demonstration,
)
from spaser.french import format_number, plural, with_unit

NOT_FILLED = "non renseigné"
RATE_DECIMALS = 2  # of a rate, which is computed and never typed
EVOLUTION_DECIMALS = 1  # of a change in per cent; a change in points has the decimals of what it compares


def with_sources(measures):
    """`measures` (a queryset) with what computing needs, in a constant number of queries."""
    links = MeasureSource.objects.select_related("source").order_by("measure", "position")
    return measures.select_related("indicator", "item", "scheme").prefetch_related(
        "breaks", Prefetch("source_links", queryset=links)
    )


def with_campaign(readings):
    """`readings` (a queryset) with their report and campaign, of which the narratives are left where they are."""
    return readings.select_related("report__campaign").only(
        *(field.attname for field in Reading._meta.concrete_fields),
        "report__status",
        "report__campaign__year",
        "report__campaign__period",
        "report__campaign__demonstration",
    )


def is_known(row):
    """Has this row, with the columns of a reading, a value? A rate whose terms are given is known, even over 0."""
    terms = row.numerator is not None and row.denominator is not None
    return terms or row.number is not None or row.boolean is not None or bool(row.text)


def is_answered(row):
    """A value, or a stated reason why there is none; a comment alone is neither."""
    return is_known(row) or bool(row.missing)


@dataclass(frozen=True)
class Value:
    """What is known of one measure in one year. `number` is in the measure's unit, or a rate in per cent."""

    measure: Measure
    year: int
    number: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    boolean: bool | None = None
    text: str = ""
    decimals: int = 0
    missing: str = ""
    missing_note: str = ""
    qualifier: str = ""
    comment: str = ""
    as_of: date | None = None
    source: str = ""
    unfilled: int | None = None
    status: str = ""
    computed: bool = False
    points: bool = False  # an evolution of a percentage
    demonstration: bool = False  # invented, or made of what is

    @property
    def is_known(self):
        return is_known(self)

    @property
    def is_answered(self):
        return is_answered(self)

    @property
    def shown_decimals(self):
        return RATE_DECIMALS if self.measure.type == MeasureType.RATIO else self.decimals

    @property
    def display(self):
        """The value as it is printed: « 63 % », « 28,1 % (63 / 224) », « oui », « non disponible »."""
        if self.missing:
            return self.missing_note or Missing(self.missing).label
        if self.boolean is not None:
            text = "oui" if self.boolean else "non"
        elif self.number is not None:
            text = self._number_text()
        elif self.numerator is not None or self.denominator is not None:
            text = f"{self._terms()} (taux non calculable)"
        else:
            text = self.text or NOT_FILLED
        return f"{self.qualifier} {text}".strip()

    @property
    def labelled(self):
        """`display`, said to be invented when it is: for a place that does not name the campaign."""
        return as_demonstration(self.display) if self.demonstration else self.display

    def _number_text(self):
        measure = self.measure
        if measure.computation == Computation.EVOLUTION:
            return Evolution(self.number, self.points, self.decimals).display
        number = format_number(self.number, self.shown_decimals)
        if measure.type == MeasureType.RATIO:
            return f"{with_unit(number, '%')} ({self._terms()})"
        return with_unit(number, plural(measure.shown_unit, self.number))

    def _terms(self):
        terms = (self.numerator, self.denominator)
        return " / ".join("…" if term is None else format_number(term) for term in terms)


@dataclass(frozen=True)
class Evolution:
    """The change of a measure since the year before: in points for a percentage, otherwise in per cent."""

    number: Decimal
    points: bool
    decimals: int

    @property
    def display(self):
        """« −8,2 % », « −27,85 points »; always signed."""
        text = format_number(self.number, self.decimals, sign=True)
        return with_unit(text, plural("point", self.number) if self.points else "%")


class Series:
    """All values of the measures asked for: `value(measure, year)`, entered or computed, or None when there is none.

    `others` are the measures from which those are computed, and those that they prolong.
    """

    def __init__(self, asked, readings, others=()):
        self.asked = list(asked)
        self.measures = {measure.pk: measure for measure in (*self.asked, *others)}
        self._values = {}
        for reading in readings:
            campaign = reading.report.campaign
            key = (reading.measure_id, campaign.year, campaign.period)
            told = {"status": reading.report.status, "demonstration": campaign.demonstration}
            self._values[key] = entered(reading, reading.measure, year=campaign.year, **told)

    @classmethod
    def of_values(cls, measures, values):
        """The Series of `values`, {(measure.pk, year, period): Value}, that were read without rows of the ORM."""
        series = cls(measures, [])
        series._values = dict(values)
        return series

    def value(self, measure, year, period="year"):
        key = (measure.pk, year, period)
        if key not in self._values:
            measure = self.measures[measure.pk]
            value = self._computed(measure, year, period) if measure.is_computed else None
            if value is None and measure.continues_id:  # a year before the scheme: what the former one says
                value = self.value(self.measures[measure.continues_id], year, period)
            self._values[key] = value
        return self._values[key]

    def evolution(self, measure, year, period="year", *, since=None):
        """The Evolution since the year before, or since the year `since`, when both are numbers and compare, otherwise None.

        They do not compare across a break in the series.
        """
        since = year - 1 if since is None else since
        if self.breaks(measure, after=since, upto=year):
            return None
        now, before = self.value(measure, year, period), self.value(measure, since, period)
        if now is None or before is None:
            return None
        points = measure.type in (MeasureType.PERCENT, MeasureType.RATIO)
        change = calculations.evolution(now.number, before.number, points=points)
        if change is None:
            return None
        decimals = max(now.shown_decimals, before.shown_decimals) if points else EVOLUTION_DECIMALS
        return Evolution(change, points, decimals)

    def breaks(self, measure, *, after, upto):
        """The breaks of a measure in the years after `after` up to `upto`, in order, with those of what it is made of.

        What is computed from a broken series is broken likewise, and so is what prolongs it.
        """
        measure = self.measures[measure.pk]
        below = [link.source_id for link in measure.source_links.all()]
        below += [measure.continues_id] if measure.continues_id else []
        found = {(own.year, own.note): own for own in measure.breaks.all() if after < own.year <= upto}
        for pk in below:
            for inner in self.breaks(self.measures[pk], after=after, upto=upto):
                found.setdefault((inner.year, inner.note), inner)
        return sorted(found.values(), key=lambda row: (row.year, row.pk))

    def _computed(self, measure, year, period):
        sources = [link.source for link in measure.source_links.all()]
        if measure.computation == Computation.EVOLUTION:
            return self._computed_evolution(measure, sources, year, period)
        values = [self.value(source, year, period) for source in sources]
        expected = 2 if measure.computation == Computation.RATIO else max(1, len(values))
        if len(values) != expected or any(value is None or value.number is None for value in values):
            return None
        status = calculations.weakest([value.status for value in values])
        made = {"measure": measure, "year": year, "status": status, "computed": True}
        made["demonstration"] = any(value.demonstration for value in values)
        if measure.computation == Computation.RATIO:
            numerator, denominator = (value.number for value in values)
            rate = calculations.rate(numerator, denominator)
            if rate is None:
                return None
            return Value(number=rate, numerator=numerator, denominator=denominator, **made)
        decimals = max(value.decimals for value in values)
        return Value(number=calculations.total(value.number for value in values), decimals=decimals, **made)

    def _computed_evolution(self, measure, sources, year, period):
        source = sources[0] if sources else None
        evolution = source and self.evolution(source, year, period)
        if not evolution:
            return None
        values = [self.value(source, year, period), self.value(source, year - 1, period)]
        return Value(
            measure=measure,
            year=year,
            number=evolution.number,
            decimals=evolution.decimals,
            points=evolution.points,
            status=calculations.weakest([value.status for value in values]),
            computed=True,
            demonstration=any(value.demonstration for value in values),
        )


def entered(row, measure, *, year, status, demonstration):
    """The Value of a row that has the columns of a reading."""
    number = row.number
    if row.numerator is not None or row.denominator is not None:
        number = calculations.rate(row.numerator, row.denominator)
    return Value(
        measure=measure,
        year=year,
        number=number,
        status=status,
        demonstration=demonstration,
        **{name: getattr(row, name) for name in ENTERED},
    )


ENTERED = (
    "numerator",
    "denominator",
    "boolean",
    "text",
    "decimals",
    "missing",
    "missing_note",
    "qualifier",
    "comment",
    "as_of",
    "source",
    "unfilled",
)


def series_for(user, measures):
    """The Series of `measures` (a queryset) with the readings that `user` may see."""
    return _series(measures, Reading.objects.visible_to(user))


def full_series(measures):
    """The Series of `measures` with all their readings, for what is printed in the steering team's name."""
    return _series(measures, Reading.objects.all())


def _series(measures, readings):
    asked = list(with_sources(measures))
    known = {measure.pk: measure for measure in asked}
    while missing := _needed(known.values()) - set(
        known
    ):  # three turns at most: a value is made of simpler ones
        known |= {measure.pk: measure for measure in with_sources(Measure.objects.filter(pk__in=missing))}
    found = list(with_campaign(readings.filter(measure__in=known)))
    for reading in found:
        reading.measure = known[reading.measure_id]
    return Series(asked, found, known.values())


def _needed(measures):
    sources = {link.source_id for measure in measures for link in measure.source_links.all()}
    return sources | {measure.continues_id for measure in measures if measure.continues_id}


def due(measures, values):
    """[(measures of which either one answers, answered?)] for each reading that is due.

    `measures` are those in force, `values` maps their ids to a Value or None. What is computed is not due.
    """
    groups = {}
    for measure in measures:
        if not measure.is_computed:
            groups.setdefault(measure.alternative_to_id or measure.pk, []).append(measure)
    return [
        (group, any((value := values.get(measure.pk)) and value.is_answered for measure in group))
        for group in groups.values()
    ]
