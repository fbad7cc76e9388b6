"""Values of measures laid out for a page: one row a measure, one cell a year."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from indicators.charts import Point, TargetLine, Trace, bar_chart, trend_chart
from indicators.figures import MOST_LINES
from indicators.models import Computation, Measure, SeriesBreak
from indicators.rules import in_force
from indicators.series import Evolution, Series, Value
from spaser.french import format_number, plural, typeset, with_unit

CHART_YEARS = 8


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
    """The Charts of `rows`, one for each unit: lines over the years, or bars when there are too many for that.

    Each is called by its measures when there are several. A row shows when it has a number in two of the last years at least, or in one and a target to compare it with.
    """
    by_unit = {}
    for row in rows:
        trace = _trace(row)
        if row.measure.computation != Computation.EVOLUTION and len(trace.known) + len(trace.targets) > 1:
            by_unit.setdefault(row.measure.shown_unit, []).append(trace)
    shown = {unit: traces for unit, traces in by_unit.items() if any(trace.known for trace in traces)}
    return [
        _history_chart(", ".join(trace.label for trace in traces) if len(shown) > 1 else title, traces, unit)
        for unit, traces in shown.items()
    ]


def _history_chart(title, traces, unit):
    if len(traces) > MOST_LINES:
        return bar_chart(title, traces)
    return trend_chart(title, traces, unit="" if unit == "%" else plural(unit, 2))


def _trace(row):
    """The last years of a row, with the breaks since the year before; a year without number is a gap."""
    points, broken = [], []
    for column, value, _, breaks in row.cells:
        broken += breaks
        if column.period != "year":
            continue
        number = value.number if value else None
        note = " ; ".join(found.note for found in broken) if any(p.number is not None for p in points) else ""
        if number is None:
            points.append(Point(column.year, None))
            continue
        points.append(Point(column.year, number, value.display, note, value.demonstration, short_text(value)))
        broken = []
    return Trace(row.measure.label, tuple(points[-CHART_YEARS:]), tuple(_target_lines(row.measure)))


def short_text(value):
    """The number of a Value alone: its unit, or the terms of a rate, stand elsewhere."""
    number = format_number(value.number, value.shown_decimals)
    percent = value.measure.shown_unit == "%"
    return f"{value.qualifier} {with_unit(number, '%' if percent else '')}".strip()


def _target_lines(measure):
    """The targets of a measure that a chart can show: those that are numbers, in its own unit."""
    for target in measure.targets.all():
        if target.value is None or target.relative:
            continue
        year = f" {target.year}" if target.year else ""
        numbers = [number for number in (target.value, target.value_max) if number is not None]
        values = " à ".join(map(format_number, numbers))
        said = with_unit(values, plural(measure.shown_unit, numbers[-1]))
        yield TargetLine(typeset(f"cible{year} : {said}"), numbers[0], target.year)
        if len(numbers) > 1:
            yield TargetLine("", numbers[1], target.year)
