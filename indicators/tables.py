"""Values of measures laid out for a page: one row a measure, one cell a year."""

from dataclasses import dataclass

from indicators.charts import Bar, BarRow, bar_chart
from indicators.models import Computation, Measure
from indicators.series import Evolution, Series, Value

CHART_YEARS = 8
PAGE_WIDTH = 480  # narrow, so that a phone does not shrink the text


@dataclass(frozen=True)
class MeasureRow:
    """A measure, its cells in the order of the years, the change of the last year.

    A cell is (year, Value or None, is there a report that the reader may see?).
    """

    measure: Measure
    cells: tuple[tuple[int, Value | None, bool], ...]
    evolution: Evolution | None


def measure_rows(measures, years, series: Series, reported=frozenset()):
    """The rows of `measures` over `years`; `reported` are the years that have a report to read."""
    return [
        MeasureRow(
            measure=measure,
            cells=tuple((year, series.value(measure, year), year in reported) for year in years),
            evolution=_last_change(measure, years, series),
        )
        for measure in measures
    ]


def _last_change(measure, years, series):
    if not years or measure.computation == Computation.EVOLUTION:
        return None
    return series.evolution(measure, years[-1])


def history_charts(rows, years, title):
    """One chart of bars for each unit, of the rows that have a number in two years at least."""
    years, by_unit = years[-CHART_YEARS:], {}
    for row in rows:
        if len(_known(row)) > 1 and row.measure.computation != Computation.EVOLUTION:
            by_unit.setdefault(row.measure.unit, []).append(BarRow(row.measure.label, _bars(row, years)))
    return [bar_chart(title, bars, width=PAGE_WIDTH) for bars in by_unit.values()]


def _known(row):
    return [value for _, value, _ in row.cells if value is not None and value.number is not None]


def _bars(row, years):
    return tuple(Bar(value.year, value.number, value.display) for value in _known(row) if value.year in years)
