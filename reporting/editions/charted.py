"""What of a bilan is worth a chart, in print and on its page alike: bars that compare, shares that differ."""

from collections import Counter
from textwrap import shorten

from indicators.charts import Point, TargetLine, Trace
from reporting.editions.bilan import Bilan, Table
from spaser.french import format_number, with_unit

CHART_ROWS = 6
CHART_SPREAD = 40  # a bar forty times shorter than another says nothing
LABEL = 110  # characters; the table beside has the whole words
NO_SHEET = "sans fiche dans ce bilan"


def state_rows(bilan: Bilan):
    """(label, parts) of the actions by state: all of them, then those of each pillar where there are several; [] where all are alike."""
    rows = [(pillar.full_title, _said(pillar.states)) for pillar in bilan.pillars]
    absent = bilan.total - bilan.counted
    whole = _summed([parts for _, parts in rows]) + ([("none", NO_SHEET, absent)] if absent else [])
    return [("Ensemble", whole), *(rows if len(rows) > 1 else [])] if len(whole) > 1 else []


def outcome_rows(bilan: Bilan, *, by_pillar=True):
    """(label, parts) of the targets by what becomes of them: all, then those of each pillar where several have some; [] where all are alike."""
    rows = [(pillar.full_title, list(pillar.outcomes)) for pillar in bilan.pillars if pillar.outcomes]
    if len(bilan.outcomes) < 2:
        return []
    return [("Ensemble", list(bilan.outcomes)), *(rows if by_pillar and len(rows) > 1 else [])]


def compared(tables: list[Table]):
    """{unit: its Rows} that compare over the years or with their target; without those whose bars would say nothing."""
    groups = {}
    for row in (row for table in tables for row in table.rows if _compares(row)):
        groups.setdefault(row.unit, []).append(row)
    return {unit: rows[:CHART_ROWS] for unit, rows in groups.items() if _tells(rows[:CHART_ROWS])}


def trace_of(row, years, invented):
    """The bars of a Row, and its target."""
    points = tuple(
        Point(year, cell.number, cell.text, cell.series_break, year in invented)
        for year, cell in zip(years, row.cells, strict=True)
    )
    targets = ()
    if row.target_number is not None:
        when = f" {row.target_year}" if row.target_year else ""
        label = f"cible{when} : {with_unit(format_number(row.target_number), row.unit)}"
        targets = (TargetLine(label, row.target_number, row.target_year),)
    return Trace(shorten(row.label, LABEL, placeholder=" …"), points, targets)


def _said(states):
    """A pillar's states; one that nobody gave is said so."""
    return [(key, label or "sans état indiqué", count) for key, label, count in states]


def _summed(parts):
    """[(key, label, count)] of several lists together."""
    counts, labels = Counter(), {}
    for key, label, count in (part for found in parts for part in found):
        counts[key] += count
        labels[key] = label
    return [(key, labels[key], count) for key, count in counts.items()]


def _compares(row):
    """Whether the bilan's own year has a number, and something to stand beside: another year or a target."""
    return row.cells[-1].is_number and len(_numbers(row)) > 1


def _tells(rows):
    """Whether bars of `rows` differ, and none is too short to be seen beside another."""
    numbers = {number for row in rows for number in _numbers(row)}
    sizes = [abs(number) for number in numbers if number]
    return len(numbers) > 1 and bool(sizes) and max(sizes) <= CHART_SPREAD * min(sizes)


def _numbers(row):
    known = [cell.number for cell in row.cells if cell.is_number]
    return known if row.target_number is None else [*known, row.target_number]
