"""Small charts drawn on the server as SVG: what a PDF prints and what a page shows without JavaScript.

Colours are attributes, so that they hold where no stylesheet reaches; pages restyle them by class. Two series are
told apart by lightness, not hue alone, and each bar carries its year and value as text.
"""

from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from indicators.models import as_demonstration

WIDTH = 640
LABEL_LINE = 17
BAR = 18
GAP = 5
ROW_GAP = 12
YEAR_WIDTH = 46
CHARACTER = 8  # the mean width of one, in the chart’s own units
INVENTED = "* démonstration : valeur inventée"
SHADES = ("#9db4c8", "#1f5a8a")  # the earlier year, the later one


@dataclass(frozen=True)
class Bar:
    """One bar: the year, the number that gives its length, and the value as it is printed.

    `broken` says what has changed since the bar before, where the series breaks; `demonstration`, that the value is invented.
    """

    year: int
    number: Decimal
    text: str
    broken: str = ""
    demonstration: bool = False

    @property
    def year_label(self):
        """« 2026 », « 2026 * » where the value is invented: what * means stands under the chart."""
        return f"{self.year} *" if self.demonstration else str(self.year)


@dataclass(frozen=True)
class BarRow:
    """The bars of one measure, in the order of the years."""

    label: str
    bars: tuple[Bar, ...]


def bar_chart(title, rows, *, width=WIDTH):
    """Horizontal bars by row and year, as an SVG whose title says in words what it shows."""
    numbers = [bar.number for row in rows for bar in row.bars]
    low, high = min([Decimal(0), *numbers]), max([Decimal(0), *numbers])
    room = 12 + CHARACTER * max((len(bar.text) for row in rows for bar in row.bars), default=0)
    scale = Decimal(max(width - YEAR_WIDTH - room, width // 4)) / ((high - low) or 1)
    zero = YEAR_WIDTH + -low * scale
    parts, y = [], 4
    for row in rows:
        for line in wrap(row.label, width // CHARACTER) or [""]:
            y += LABEL_LINE
            parts.append(_text(0, y - 4, line, "chart-label"))
        top = y
        for rank, bar in enumerate(row.bars):
            if bar.broken and rank:
                parts.append(_break(y + 3, width))
                y += LABEL_LINE
            parts.append(_bar(bar, y + 3, zero, scale, later=rank == len(row.bars) - 1))
            y += BAR + GAP
        if low < 0:
            parts.append(_axis(zero, top, y))
        y += ROW_GAP
    if any(bar.demonstration for row in rows for bar in row.bars):
        y += LABEL_LINE
        parts.append(_text(0, y - 4, INVENTED, "chart-demonstration", weight="600"))
    description = f"{title}. " + " ; ".join(
        f"{row.label} : " + ", ".join(map(_in_words, row.bars)) for row in rows
    )
    return format_html(
        '<svg class="chart" role="img" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" '
        'font-family="Source Sans 3, sans-serif" font-size="13"><title>{}</title>{}</svg>',
        width,
        y,
        description,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _bar(bar, y, zero, scale, *, later):
    length = abs(bar.number) * scale
    left = zero - length if bar.number < 0 else zero
    edge = zero + (length if bar.number > 0 else 0)
    return format_html(
        '{}<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2" fill="{}"/>{}',
        _text(0, y + BAR - 5, bar.year_label, "chart-year", fill="#52606d"),
        "chart-bar-later" if later else "chart-bar-earlier",
        _round(left),
        y,
        _round(max(length, Decimal(1))),
        BAR,
        SHADES[later],
        _text(_round(edge + 6), y + BAR - 5, bar.text, "chart-value", weight="600"),
    )


def _in_words(bar):
    broken = f" (rupture de série : {bar.broken})" if bar.broken else ""
    text = f"{bar.text} en {bar.year}{broken}"
    return as_demonstration(text) if bar.demonstration else text


def _break(y, width):
    """A dashed line, and its name, between bars that do not compare."""
    return format_html(
        '<line class="chart-break" x1="0" x2="{}" y1="{}" y2="{}" stroke="#8a5a00" stroke-dasharray="5 4"/>{}',
        width,
        y,
        y,
        _text(0, y + LABEL_LINE - 4, "‖ rupture de série", "chart-break-name", fill="#8a5a00"),
    )


def _axis(x, top, bottom):
    """Where zero is, when some bars go the other way."""
    return format_html(
        '<line class="chart-axis" x1="{}" x2="{}" y1="{}" y2="{}" stroke="#52606d"/>',
        _round(x),
        _round(x),
        top,
        bottom,
    )


def _text(x, y, text, css, *, fill="#1c2733", weight="400"):
    return format_html(
        '<text class="{}" x="{}" y="{}" fill="{}" font-weight="{}">{}</text>', css, x, y, fill, weight, text
    )


def _round(number):
    return mark_safe(f"{number:.1f}")  # a number: nothing to escape, and no French comma
