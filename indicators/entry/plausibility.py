"""What surprises in a value: said to who enters it and to who reviews it; it asks for a confirmation, it forbids nothing."""

from dataclasses import dataclass
from decimal import Decimal

from indicators.models import Campaign, MeasureType, Period
from indicators.series import Series
from spaser.french import format_number

JUMP = Decimal(10)
CUMULATIVE = (
    MeasureType.COUNT,
    MeasureType.QUANTITY,
    MeasureType.AMOUNT,
)  # of a year, at least those of its first half


def warnings_of(measures, series, year, period=Period.YEAR):
    """{measure.pk: [French sentence]} of the `measures` whose value in `series` (a Series) surprises; docs: « Vraisemblance »."""
    surprising = {}
    for measure in measures:
        value = series.value(measure, year, period)
        if value is not None and not value.computed:
            broken = series.breaks(measure, after=year - 1, upto=year)
            before = None if broken else series.value(measure, year - 1, period)
            half = series.value(measure, year, Period.HALF) if period == Period.YEAR else None
            if sentences := list(surprises(value, before, half)):
                surprising[measure.pk] = sentences
    return surprising


def surprises(value, before=None, half=None):
    """The sentences on one Value, beside those of the year before and of the first half of the year, when they are known."""
    measure, number = value.measure, value.number
    if number is None:
        return
    if measure.type == MeasureType.COUNT and number < 0:
        yield "Un nombre ne descend pas sous zéro."
    if measure.type == MeasureType.RATIO and number > 100:
        yield "Le numérateur dépasse le dénominateur : le taux est au-dessus de 100 %."
    if measure.type == MeasureType.PERCENT and number > 100:
        yield "Ce pourcentage dépasse 100 %."
    if before is not None and jumps(number, before.number):
        times = "dix fois plus" if abs(number) > abs(before.number) else "dix fois moins"
        yield f"C’est au moins {times} que l’année précédente ({before.labelled})."
    if measure.type in CUMULATIVE and half is not None and half.number is not None and number < half.number:
        yield f"C’est moins que la valeur du premier semestre ({half.labelled}) : une année ne peut pas compter moins."
    if value.unfilled is not None and value.unfilled > number:
        yield f"Il y aurait plus de non renseignés ({format_number(Decimal(value.unfilled))}) que le total."


def jumps(number, before):
    """Are the two more than ten times apart? 0 jumps to nothing, since it has no multiple."""
    if not number or not before:
        return False
    larger, smaller = max(abs(number), abs(before)), min(abs(number), abs(before))
    return larger >= JUMP * smaller


def warnings_once_saved(readings, series, campaign):
    """As `warnings_of`, for `readings` of one campaign that are not saved yet; `series` has what is beside and before them."""
    measures = [reading.measure for reading in readings]
    once_saved = _OnceSaved(series, Series([], readings), campaign, {measure.pk for measure in measures})
    return warnings_of(measures, once_saved, campaign.year, campaign.period)


@dataclass
class _OnceSaved:
    """A Series as it would be with the values that are `wanted` in one campaign."""

    series: Series
    wanted: Series
    campaign: Campaign
    changed: set[int]

    def breaks(self, measure, *, after, upto):
        return self.series.breaks(measure, after=after, upto=upto)

    def value(self, measure, year, period):
        here = (year, period) == (self.campaign.year, self.campaign.period)
        source = self.wanted if here and measure.pk in self.changed else self.series
        return source.value(measure, year, period)
