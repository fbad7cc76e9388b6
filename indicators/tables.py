"""Values of measures laid out for a page: one row a measure, one cell a year."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from indicators.charts import Bar, BarRow, bar_chart
from indicators.models import Computation, Measure, SeriesBreak
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
    demonstration: bool = False  # its values are invented, and its label says so


def columns_of(scheme):
    """The campaigns of a scheme as columns, in the order of time."""
    campaigns = sorted(
        scheme.campaigns.all(), key=lambda campaign: (campaign.year, campaign.period != "half")
    )
    return [column_of(campaign) for campaign in campaigns]


def column_of(campaign):
    return Column(campaign.year, campaign.period, str(campaign), campaign.demonstration)


class YearCell(NamedTuple):
    """One measure in one column. `due`: is there a report, which the reader may see, that should give a value?

    `breaks` are those of the series since the column before: the value does not compare with what stands there.
    """

    column: Column
    value: Value | None
    due: bool
    breaks: tuple[SeriesBreak, ...] = ()


@dataclass(frozen=True)
class MeasureRow:
    """A measure, its cells in the order of the columns, the change of the last year."""

    measure: Measure
    cells: tuple[YearCell, ...]
    evolution: Evolution | None


def measure_rows(measures, columns, series: Series, reported=frozenset()):
    """The rows of `measures`; `reported` holds the (year, period) of the reports that the reader may see."""
    years = [columns[0].year - 1, *(column.year for column in columns)] if columns else []
    return [
        MeasureRow(
            measure=measure,
            cells=tuple(
                YearCell(
                    column,
                    series.value(measure, column.year, column.period),
                    (column.year, column.period) in reported and in_force(measure, column.year),
                    tuple(series.breaks(measure, after=before, upto=upto)),
                )
                for column, (before, upto) in zip(columns, pairwise(years), strict=True)
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
    """The last years that have a number, each with the breaks since the bar before."""
    bars, broken = [], []
    for column, value, _, breaks in row.cells:
        broken += breaks
        if column.period == "year" and value is not None and value.number is not None:
            note = " ; ".join(found.note for found in broken) if bars else ""
            bars.append(Bar(value.year, value.number, value.display, note, value.demonstration))
            broken = []
    return tuple(bars[-CHART_YEARS:])
