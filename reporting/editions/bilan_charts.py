"""The charts of the printed bilan, from its plain values. Each is "" where it would say nothing."""

from actions.appearance import WHITE, mix
from indicators import calculations, svg
from indicators.charts import printed_bars, printed_meters, stacked_chart
from reporting.editions.bilan import Bilan, Table
from reporting.editions.charted import compared, outcome_rows, state_rows, trace_of
from spaser.french import format_number, plural, with_unit

# the widths of a chart alone and of two side by side, in its own units: text of about 9 points
WHOLE, HALF = 700, 340


def shades_of(accent):
    """The colours of bars: of the years before, and of the last."""
    return mix(accent, WHITE, 0.5), accent


def states_chart(bilan: Bilan):
    """The actions by state: all of them, then those of each pillar where there are several; "" where all are alike."""
    return _stacked(f"Actions par état en {bilan.year}", state_rows(bilan))


def engaged_chart(bilan: Bilan, shades):
    """How many actions of each pillar are engaged."""
    rows = [
        (pillar.full_title, pillar.engaged, pillar.actions, f"{pillar.engaged} sur {pillar.actions}")
        for pillar in bilan.pillars
    ]
    return _meters(f"Actions engagées en {bilan.year}", rows, shades)


def completeness_chart(bilan: Bilan, shades):
    """How many of the values of each pillar are filled in."""
    rows = [
        (pillar.full_title, pillar.filled, pillar.expected, _completeness(pillar))
        for pillar in bilan.pillars
        if pillar.expected
    ]
    return _meters(f"Relevés renseignés en {bilan.year}", rows, shades)


def outcomes_chart(bilan: Bilan, *, by_pillar):
    """What becomes of the targets: all of them, then if asked those of each pillar that has some; "" where all are alike."""
    return _stacked(f"Devenir des cibles en {bilan.year}", outcome_rows(bilan, by_pillar=by_pillar))


def sheet_charts(tables: list[Table], heading, years, *, invented=(), shades=svg.SHADES):
    """(title, picture) for each unit of `tables` whose rows compare over the years or with their target."""
    drawn = compared(tables)
    width = HALF if len(drawn) > 1 else WHOLE
    charts = []
    for unit, rows in drawn.items():
        title = f"{_period(years)}{f', en {plural(unit, 2)}' if unit else ''}"
        bars = [trace_of(row, years, invented) for row in rows]
        charts.append((title, printed_bars(f"{heading}, {title}", bars, width=width, shades=shades)))
    return charts


def _completeness(pillar):
    """« 68 % (46 / 67) »."""
    share = format_number(calculations.completeness(pillar.filled, pillar.expected), 0)
    return f"{with_unit(share, '%')} ({pillar.filled} / {pillar.expected})"


def _stacked(title, rows):
    return stacked_chart(title, rows, width=WHOLE).svg if rows else ""


def _meters(title, rows, shades):
    return printed_meters(title, rows, width=HALF, shades=shades) if any(row[1] for row in rows) else ""


def _period(years):
    return f"{years[0]} et {years[-1]}" if len(years) > 1 else str(years[0])
