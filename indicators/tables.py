"""Values of measures laid out for a page: one row a measure, one cell a year."""

from dataclasses import dataclass

from indicators.charts import Bar, BarRow, bar_chart
from indicators.models import Computation, Measure
from indicators.rules import in_force
from indicators.series import Evolution, Series, Value

CHART_YEARS = 8
PAGE_WIDTH = 480  # narrow, so that a phone does not shrink the text


@dataclass(frozen=True)
class Column:
    """A year of data, or its first half, as a table shows it."""

    year: int
    period: str
    label: str


def columns_of(scheme):
    """The campaigns of a scheme as columns, in the order of time."""
    campaigns = sorted(
        scheme.campaigns.all(), key=lambda campaign: (campaign.year, campaign.period != "half")
    )
    return [Column(campaign.year, campaign.period, str(campaign)) for campaign in campaigns]


@dataclass(frozen=True)
class MeasureRow:
    """A measure, its cells in the order of the columns, the change of the last year.

    A cell is (Column, Value or None, is a value due: is there a report that the reader may see?).
    """

    measure: Measure
    cells: tuple[tuple[Column, Value | None, bool], ...]
    evolution: Evolution | None


def measure_rows(measures, columns, series: Series, reported=frozenset()):
    """The rows of `measures`; `reported` holds the (year, period) of the reports that the reader may see."""
    return [
        MeasureRow(
            measure=measure,
            cells=tuple(
                (
                    column,
                    series.value(measure, column.year, column.period),
                    (column.year, column.period) in reported and in_force(measure, column.year),
                )
                for column in columns
            ),
            evolution=_last_change(measure, columns, series),
        )
        for measure in measures
    ]


def _last_change(measure, columns, series):
    if not columns or measure.computation == Computation.EVOLUTION:
        return None
    return series.evolution(measure, columns[-1].year, columns[-1].period)


def history_charts(rows, title):
    """One chart of bars for each unit, of the rows that have a number in two of the last years at least."""
    by_unit = {}
    for row in rows:
        bars = _bars(row)
        if len(bars) > 1 and row.measure.computation != Computation.EVOLUTION:
            by_unit.setdefault(row.measure.shown_unit, []).append(BarRow(row.measure.label, bars))
    return [bar_chart(title, bars, width=PAGE_WIDTH) for bars in by_unit.values()]


def _bars(row):
    known = [value for column, value, _ in row.cells if column.period == "year" and value is not None]
    return tuple(
        Bar(value.year, value.number, value.display)
        for value in known[-CHART_YEARS:]
        if value.number is not None
    )
