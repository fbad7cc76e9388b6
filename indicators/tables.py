"""Values of measures laid out for a page: one row a measure, one cell a year."""

from dataclasses import dataclass

from indicators.charts import Bar, BarRow, bar_chart
from indicators.models import Computation, Measure
from indicators.series import Evolution, Series, Value

CHART_YEARS = 8


@dataclass(frozen=True)
class MeasureRow:
    """A measure, its values in the order of the years (None where there is none), the change of the last year."""

    measure: Measure
    values: tuple[Value | None, ...]
    evolution: Evolution | None
    breaks: frozenset[int]


def measure_rows(measures, years, series: Series):
    """The rows of `measures` over `years`; the caller has prefetched `targets` and `breaks`."""
    return [
        MeasureRow(
            measure=measure,
            values=tuple(series.value(measure, year) for year in years),
            evolution=_last_change(measure, years, series),
            breaks=frozenset(found.year for found in measure.breaks.all()),
        )
        for measure in measures
    ]


def _last_change(measure, years, series):
    if not years or measure.computation == Computation.EVOLUTION:
        return None
    return series.evolution(measure, years[-1])


def history_chart(rows, years, title):
    """Bars of the rows that have a number in two years at least, for one unit; None when there is none."""
    unit = next((row.measure.unit for row in rows if _numbers(row) > 1), None)
    chosen = [row for row in rows if _numbers(row) > 1 and row.measure.unit == unit]
    if not chosen:
        return None
    years = years[-CHART_YEARS:]
    return bar_chart(title, [BarRow(row.measure.label, _bars(row, years)) for row in chosen])


def _numbers(row):
    return sum(value is not None and value.number is not None for value in row.values)


def _bars(row, years):
    known = [value for value in row.values if value and value.number is not None and value.year in years]
    return tuple(Bar(value.year, value.number, value.display) for value in known)
