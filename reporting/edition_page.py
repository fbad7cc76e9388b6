"""What the page of a published bilan shows beside its plain values: charts and anchors, from the frozen document alone."""

from dataclasses import dataclass, replace

from django.utils.safestring import SafeString

from indicators import svg
from indicators.charts import Chart, printed_bars, stacked_chart
from reporting.editions.bilan import Bilan, Cell, Row, Sheet, Table
from reporting.editions.bilan_texts import judged
from reporting.editions.charted import compared, outcome_rows, state_rows, trace_of


@dataclass(frozen=True)
class Line:
    """One row of a table: how it is called there, and a (year label, Cell) for each year."""

    label: str
    row: Row
    cells: list[tuple[str, Cell]]


@dataclass(frozen=True)
class Body:
    """The lines of one Table; `title` stands above them, "" where the only line says it."""

    table: Table
    title: str
    lines: list[Line]


@dataclass(frozen=True)
class SheetPart:
    """One action of the page: its Sheet, its tables, the charts of its indicators."""

    sheet: Sheet
    indicators: list[Body]
    figures: list[Body]
    charts: list[SafeString]
    has_parts: bool  # whose own sheets say who pilots

    @property
    def anchor(self):
        return f"action-{self.sheet.code}"

    @property
    def values(self):
        """How many values of the bilan's year it gives."""
        bodies = (*self.indicators, *self.figures)
        return sum(not line.row.cells[-1].missing for body in bodies for line in body.lines)


@dataclass(frozen=True)
class BilanPage:
    """All that `templates/reporting/bilan_page.html` prints of a Bilan."""

    bilan: Bilan
    parts: list[SheetPart]
    states: Chart | None
    outcomes: Chart | None
    reached: int  # targets, of the `judged` ones, that a number could be held against
    judged: int

    @property
    def next_year(self):
        return self.bilan.year + 1

    @property
    def columns(self):
        """How many columns its tables of values have: the labels, the years, the evolution between two."""
        return 2 if len(self.bilan.years) == 1 else 2 + len(self.bilan.years)


def bilan_page(bilan):
    reached, held = judged(bilan.outcomes)
    return BilanPage(
        bilan=bilan,
        parts=[_part(sheet, bilan) for sheet in bilan.sheets],
        states=_shares(f"Actions par état en {bilan.year}", state_rows(bilan)),
        outcomes=_shares(f"Devenir des cibles en {bilan.year}", outcome_rows(bilan)),
        reached=reached,
        judged=held,
    )


def _part(sheet, bilan):
    indicators = [_body(table, bilan, named=len(table.rows) == 1) for table in sheet.indicators]
    figures = [_body(table, bilan, named=False) for table in sheet.figures]
    has_parts = any(other.parent == sheet.code for other in bilan.sheets)
    return SheetPart(sheet, indicators, figures, _charts(sheet, indicators, bilan), has_parts)


def _body(table, bilan, *, named):
    """`named`: the only row goes by the words of the indicator."""
    lines = [
        Line(
            table.title if named else row.label,
            row,
            list(zip(bilan.year_labels, row.cells, strict=True)),
        )
        for row in table.rows
    ]
    return Body(table, "" if named else table.title, lines)


def _shares(title, rows):
    return stacked_chart(title, rows) if rows else None


def _charts(sheet, bodies, bilan):
    """A picture for each unit whose lines compare, under the names that they have on the page."""
    tables = [
        replace(body.table, rows=tuple(replace(line.row, label=line.label) for line in body.lines))
        for body in bodies
    ]
    years = " et ".join(str(year) for year in bilan.years)
    return [
        printed_bars(
            f"{sheet.full_title}, {years}{f', en {unit}' if unit else ''}",
            [trace_of(row, bilan.years, bilan.invented) for row in rows],
            width=svg.WIDTH,
        )
        for unit, rows in compared(tables).items()
    ]
