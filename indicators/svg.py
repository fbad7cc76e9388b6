"""The pictures of `indicators.charts`, drawn as SVG without any library.

Colours are attributes, so that they hold where no stylesheet reaches; pages restyle them by class. Nothing is told by colour
alone: lines have their own dashes and markers, parts their own lightness or stripes, and each carries its value as text.
"""

from decimal import Decimal
from textwrap import wrap
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

PRINTED_WIDTH = 640
WIDTH = 480  # of a page: narrow, so that a phone does not shrink the text
LABEL_LINE = 17
CHARACTER = 8  # the mean width of one, in the chart’s own units
NARROW_CHARACTER = 7  # of a figure
PRINTED_CHARACTER = 6.4  # on paper, where the font is known
INVENTED = "* démonstration : valeur inventée"
INK, MUTED, BREAK = "#18222d", "#515d69", "#7a4a00"
SVG = (
    '<svg class="chart" role="img" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" '
    'font-family="Source Sans 3, sans-serif" font-size="13"><title>{}</title>{}</svg>'
)


def picture(width, height, description, parts):
    return format_html(SVG, width, height, description, _joined(parts))


def _joined(parts):
    return format_html_join("", "{}", ((part,) for part in parts))


def text(x, y, words, css, *, fill=INK, weight="400", anchor="start"):
    return format_html(
        '<text class="{}" x="{}" y="{}" fill="{}" font-weight="{}" text-anchor="{}">{}</text>',
        css,
        rounded(x),
        rounded(y),
        fill,
        weight,
        anchor,
        words,
    )


def line(css, x1, y1, x2, y2, *, stroke=MUTED, dash=""):
    return format_html(
        '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"{}/>',
        css,
        *map(rounded, (x1, y1, x2, y2)),
        stroke,
        format_html(' stroke-dasharray="{}"', dash) if dash else "",
    )


def rounded(number):
    return mark_safe(f"{number:.1f}")  # a number: nothing to escape, and no French comma


# Bars by measure and year

BAR = 18
GAP = 5
ROW_GAP = 12
YEAR_WIDTH = 46
SHADES = ("#7f98ad", "#1f5380")  # the earlier years, the last one


def bars(description, rows, *, width=WIDTH, shades=SHADES, character=CHARACTER):
    """Horizontal bars by row and year; what should be reached is a mark across those of the row."""
    points = [point for row in rows for point in row.known]
    numbers = [Decimal(0), *(point.number for point in points)]
    numbers += [target.number for row in rows for target in row.targets]
    low, high = min(numbers), max(numbers)
    room = 12 + round(character * max((len(point.text) for point in points), default=0))
    scale = Decimal(max(width - YEAR_WIDTH - room, width // 4)) / ((high - low) or 1)
    zero = YEAR_WIDTH + -low * scale
    parts, y = [], 4
    for row in rows:
        for words in wrap(row.label, int(width / character)) or [""]:
            y += LABEL_LINE
            parts.append(text(0, y - 4, words, "chart-label"))
        for target in filter(lambda line: line.label, row.targets):
            y += LABEL_LINE
            parts.append(text(0, y - 4, f"◆ {target.label}", "chart-target-name", fill=INK, weight="600"))
        top = y
        for rank, point in enumerate(row.known):
            if point.broken and rank:
                parts.append(_break_between(y + 3, width))
                y += LABEL_LINE
            parts.append(_bar(point, y + 3, zero, scale, shades, last=rank == len(row.known) - 1))
            y += BAR + GAP
        for target in row.targets:
            x = zero + target.number * scale
            parts.append(line("chart-target", x, top, x, y, stroke=INK, dash="4 3"))
        if low < 0:
            parts.append(line("chart-axis", zero, top, zero, y))
        y += ROW_GAP
    if any(point.demonstration for point in points):
        y += LABEL_LINE
        parts.append(text(0, y - 4, INVENTED, "chart-demonstration", weight="600"))
    return picture(width, y, description, parts)


def _bar(point, y, zero, scale, shades, *, last):
    length = abs(point.number) * scale
    left = zero - length if point.number < 0 else zero
    edge = zero + (length if point.number > 0 else 0)
    return format_html(
        '{}<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2" fill="{}"/>{}',
        text(0, y + BAR - 5, point.year_label, "chart-year", fill=MUTED),
        "chart-bar-later" if last else "chart-bar-earlier",
        rounded(left),
        y,
        rounded(max(length, Decimal(1))),
        BAR,
        shades[last],
        text(edge + 6, y + BAR - 5, point.text, "chart-value", weight="600"),
    )


def _break_between(y, width):
    """A dashed line, and its name, between bars that do not compare."""
    name = text(0, y + LABEL_LINE - 4, "‖ rupture de série", "chart-break-name", fill=BREAK)
    return _joined([line("chart-break", 0, y, width, y, stroke=BREAK, dash="5 4"), name])


# Lines over the years

PLOT = 190  # the height between the lowest and the highest number
APART = 15  # between two values of one year, so that they can be read
MARKER = 4.5


class Look(NamedTuple):
    """How a line differs from the others: its colour, its dashes, and the path of its marker around 0, 0."""

    colour: str
    dash: str
    marker: str


LOOKS = (
    Look("#1f5380", "", "M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0Z"),
    Look("#a3330f", "6 3", "M-4,-4h8v8h-8Z"),
    Look("#0d6549", "2 3", "M0,-5.5L5.5,0L0,5.5L-5.5,0Z"),
    Look("#5d3f92", "9 3 2 3", "M0,-5.5L5.5,4.5H-5.5Z"),
)


def trend(description, frame, unit, *, width=WIDTH):
    """Lines with markers and values over the years of `frame`, what should be reached, and where the series breaks."""
    parts, top = _trend_heading(frame, unit, width)
    longest = max((len(p.label) for t in frame.traces for p in t.known), default=0) * NARROW_CHARACTER
    edge = 14 + (longest if len(frame.traces) > 1 else longest / 2)
    left, right = max(edge, 26), width - max(edge, 26)
    step = (right - left) / max(len(frame.years) - 1, 1)
    place = {year: left + rank * step for rank, year in enumerate(frame.years)}
    if len(place) == 1:
        place = dict.fromkeys(place, width / 2)
    scale = PLOT / frame.span
    bottom = top + PLOT

    def height(number):
        return bottom - float(number - frame.low) * scale

    parts.append(line("chart-axis", 0, height(0), width, height(0)))
    for year, x in place.items():
        parts.append(text(x, bottom + 22, frame.year_label(year), "chart-year", fill=MUTED, anchor="middle"))
    for year in frame.breaks:
        x = place[year] - step / 2
        parts.append(line("chart-break", x, top - APART, x, bottom, stroke=BREAK, dash="5 4"))
        parts.append(
            text(x, bottom + 38, "‖ rupture de série", "chart-break-name", fill=BREAK, anchor="middle")
        )
    for trace in frame.traces:
        parts += [_target(target, height(target.number), place, width) for target in trace.targets]
    for rank, trace in enumerate(frame.traces):
        parts += _line_of(trace, rank, place, height)
    parts += _values(frame, place, height, bottom)
    y = bottom + (44 if frame.breaks else 30)
    if frame.invented:
        y += LABEL_LINE
        parts.append(text(0, y - 4, INVENTED, "chart-demonstration", weight="600"))
    return picture(width, y, description, parts)


def _trend_heading(frame, unit, width):
    """The unit, and which line is which when there are several; and the y of the highest number."""
    parts, y = [], 0
    if unit:
        y += LABEL_LINE
        parts.append(text(0, y - 4, f"en {unit}", "chart-unit", fill=MUTED))
    if len(frame.traces) > 1:
        for rank, trace in enumerate(frame.traces):
            parts.append(
                line(
                    f"chart-line chart-line-{rank}",
                    0,
                    y + 9,
                    26,
                    y + 9,
                    stroke=LOOKS[rank].colour,
                    dash=LOOKS[rank].dash,
                )
            )
            parts.append(_marker(rank, 13, y + 9))
            for words in wrap(trace.label, (width - 34) // CHARACTER) or [""]:
                y += LABEL_LINE
                parts.append(text(34, y - 4, words, "chart-label"))
    return parts, y + 2 * APART


def _line_of(trace, rank, place, height):
    look = LOOKS[rank]
    for run in trace.runs:
        points = " ".join(f"{place[point.year]:.1f},{height(point.number):.1f}" for point in run)
        if len(run) > 1:
            yield format_html(
                '<polyline class="chart-line chart-line-{}" points="{}" fill="none" stroke="{}" stroke-width="2.5" '
                'stroke-linejoin="round" stroke-dasharray="{}"/>',
                rank,
                points,
                look.colour,
                look.dash or "none",
            )
        yield from (_marker(rank, place[point.year], height(point.number)) for point in run)


def _marker(rank, x, y):
    return format_html(
        '<path class="chart-marker chart-line-{}" d="{}" transform="translate({} {})" fill="{}"/>',
        rank,
        LOOKS[rank].marker,
        rounded(x),
        rounded(y),
        LOOKS[rank].colour,
    )


def _values(frame, place, height, bottom):
    """The value of each point, on a halo of the background, beside its marker where it hides no other."""
    for year, x in place.items():
        found = [
            (rank, point)
            for rank, trace in enumerate(frame.traces)
            for point in trace.known
            if point.year == year
        ]
        heights = [height(point.number) for _, point in found]
        for (rank, point), y, where in zip(found, heights, places(heights, bottom), strict=True):
            right, down, anchor = PLACES[where]
            css = f"chart-value chart-line-{rank}"
            value = text(
                x + right, y + down, point.label, css, fill=LOOKS[rank].colour, weight="600", anchor=anchor
            )
            yield _haloed(value)


PLACES = {"above": (0, -10, "middle"), "below": (0, 20, "middle"), "beside": (9, 4, "start")}


def places(heights, floor):
    """Where the value of each marker of one year stands: « above » it, « below », or « beside » when others are on both sides.

    `heights` are those of the markers, downwards is more; under `floor` stand the years.
    """
    taken = [(height - MARKER, height + MARKER) for height in heights] + [(floor + 6, floor + 99)]
    chosen = {}
    for rank in sorted(range(len(heights)), key=heights.__getitem__):
        height = heights[rank]
        above, below = (height - APART - 8, height - 8), (height + 8, height + APART + 8)
        for where, (first, last) in (("above", above), ("below", below)):
            if all(last <= upper or lower <= first for upper, lower in taken):
                chosen[rank] = where
                taken.append((first, last))
                break
        else:
            chosen[rank] = "beside"
    return [chosen[rank] for rank in range(len(heights))]


def _haloed(part):
    """Text on a halo of the background, where a line crosses it: drawn twice, since printing has no `paint-order`."""
    halo = part.replace(
        "<text ", '<text aria-hidden="true" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" ', 1
    )
    return mark_safe(halo.replace('class="', 'class="chart-halo ', 1) + part)


def _target(target, y, place, width):
    """A dashed line up to the year of its term, a lozenge there, and its name above."""
    end = place.get(target.year, width)
    parts = [line("chart-target", 0, y, end, y, stroke=INK, dash="7 4")]
    if target.year in place:
        mark = (
            '<path class="chart-target-mark" d="M0,-6L6,0L0,6L-6,0Z" transform="translate({} {})" fill="{}"/>'
        )
        parts.append(format_html(mark, rounded(end), rounded(y), INK))
    if target.label:
        parts.append(_haloed(text(0, y - 6, target.label, "chart-target-name", fill=INK, weight="600")))
    return _joined(parts)


# Shares of a whole


class Paint(NamedTuple):
    """What a category looks like: its colour, whether that is dark, and whether it is full, hollow or striped."""

    colour: str
    dark: bool
    kind: str = "full"

    @property
    def is_striped(self):
        return self.kind == "striped"

    @property
    def is_hollow(self):
        return self.kind == "hollow"


NOT_YET = Paint("#74808c", False, "hollow")
BEGUN = Paint("#4a90c8", False)
REACHED = Paint("#0b5a41", True)
AMISS = Paint("#b3730a", False, "striped")
CATEGORIES = {  # in the order of bars and legends; "": nothing is said
    "done": REACHED,
    "in_progress": Paint("#1b5689", True),
    "engaged": BEGUN,
    "not_started": NOT_YET,
    "suspended": AMISS,
    "abandoned": Paint("#6c5a80", True, "striped"),
    "validated": REACHED,
    "submitted": BEGUN,
    "returned": AMISS,
    "draft": NOT_YET,
    "reached": REACHED,
    "on_the_way": BEGUN,
    "missed": Paint("#c2551e", True, "striped"),
    "words": Paint("#7d5fb2", True),
    "unknown": NOT_YET,
    "none": Paint("#8a95a0", False),
    "": Paint("#8a95a0", False, "hollow"),
}
THICK = 26


def stacked(description, rows, legend, *, width=WIDTH):
    """Bars of 100 % with the counts in them: `rows` of (label, segments), `legend` {key: label}."""
    parts, y = [], 0
    for label, segments in rows:
        total = sum(segment.count for segment in segments)
        for words in wrap(label, (width - 40) // CHARACTER) or [""]:
            y += LABEL_LINE
            parts.append(text(0, y - 4, words, "chart-label"))
        parts.append(text(width, y - 4, total, "chart-total", fill=MUTED, anchor="end"))
        x = 1
        for segment in segments:
            part = (width - 2) * segment.count / total
            parts.append(_segment(segment, x, y + 2, part))
            x += part
        y += THICK + ROW_GAP
    items, height = _stacked_legend(legend, y, width)
    return picture(width, height, description, [*parts, *items])


def _segment(segment, x, y, part):
    parts = [_swatch(segment.key, x, y, part, THICK)]
    number = str(segment.count)
    if part > len(number) * CHARACTER + 8:
        paint = CATEGORIES[segment.key]
        css, ink = ("chart-on-dark", "#ffffff") if paint.dark else ("chart-on-light", "#0c1116")
        if paint.is_hollow:
            css, ink = "chart-label", INK
        parts.append(
            text(x + part / 2, y + 18, number, f"chart-count {css}", fill=ink, weight="600", anchor="middle")
        )
    return _joined(parts)


def category(key):
    """The name of a category in classes and colours."""
    return key or "none"


def _swatch(key, x, y, width, height):
    paint = CATEGORIES[key]
    x, width = x + 1, max(width - 2, 1)  # a thin gap of the background between two
    box = format_html(
        '<rect class="chart-category chart-{} chart-{}" x="{}" y="{}" width="{}" height="{}" rx="2" fill="{}" stroke="{}"/>',
        paint.kind,
        category(key),
        *map(rounded, (x, y, width, height)),
        "#ffffff" if paint.is_hollow else paint.colour,
        paint.colour,
    )
    if not paint.is_striped:
        return box
    return _joined([box, _stripes(x, y, width, height)])


def _stripes(x, y, width, height):
    """Upright stripes at both edges, so that a number may stand between."""
    band = min(height / 2, 5)
    return _joined(
        format_html(
            '<line class="chart-stripes" x1="{}" x2="{}" y1="{}" y2="{}" stroke="#ffffff" stroke-width="{}" '
            'stroke-dasharray="2 4"/>',
            *map(rounded, (x + 2, x + width - 1, middle, middle, band)),
        )
        for middle in (y + band / 2, y + height - band / 2)
    )


def _stacked_legend(legend, top, width):
    """The names of the categories, in lines as long as the picture allows; and where they end."""
    parts, x = [], 0
    for key, label in legend.items():
        needed = 30 + NARROW_CHARACTER * len(label) + 14
        if x and x + needed > width:
            x, top = 0, top + LABEL_LINE + 2
        parts += [_swatch(key, x + 1, top + 2, 22, 11), text(x + 29, top + 12, label, "chart-label")]
        x += needed
    return parts, top + LABEL_LINE + 1


# Parts of a whole, a row each

METER = 14


def meters(description, rows, *, width=WIDTH, shades=SHADES):
    """A bar a row, filled as far as its share: `rows` of (label, share from 0 to 1, what is printed at its end)."""
    parts, y = [], 0
    length = width - 10 - round(PRINTED_CHARACTER * max((len(words) for _, _, words in rows), default=0))
    for label, share, words in rows:
        for part in wrap(label, int(width / PRINTED_CHARACTER)) or [""]:
            y += LABEL_LINE
            parts.append(text(0, y - 4, part, "chart-label"))
        parts.append(_meter(y + 2, length, "#ffffff", shades[0]))
        if share:
            parts.append(_meter(y + 2, max(length * share, 2), shades[1], shades[1]))
        parts.append(text(width, y + METER - 1, words, "chart-value", weight="600", anchor="end"))
        y += METER + ROW_GAP
    return picture(width, y, description, parts)


def _meter(y, length, fill, stroke):
    return format_html(
        '<rect class="chart-meter" x="0.5" y="{}" width="{}" height="{}" rx="2" fill="{}" stroke="{}"/>',
        rounded(y),
        rounded(length - 1),
        METER,
        fill,
        stroke,
    )


# A tiny line in a row of a table

SPARK = (96, 24)


def sparkline(values, breaks, title):
    """The line of `values` without axis or text; its last value is a dot."""
    width, height = SPARK
    numbers = [value for value in values if value is not None]
    low, span = min(numbers), (max(numbers) - min(numbers)) or 1
    step = (width - 8) / max(len(values) - 1, 1)
    spots = [
        None if value is None else (4 + rank * step, height - 5 - float((value - low) / span) * (height - 10))
        for rank, value in enumerate(values)
    ]
    runs = [[]]
    for rank, spot in enumerate(spots):
        if spot is None or rank in breaks:
            runs.append([])
        if spot is not None:
            runs[-1].append(spot)
    parts = [_spark(run) for run in runs if run]
    parts += [
        line(
            "chart-break",
            4 + (rank - 0.5) * step,
            1,
            4 + (rank - 0.5) * step,
            height - 1,
            stroke=BREAK,
            dash="3 2",
        )
        for rank in sorted(breaks)
        if 0 < rank < len(values)
    ]
    x, y = next(spot for spot in reversed(spots) if spot)
    last = format_html(
        '<circle class="spark-last" cx="{}" cy="{}" r="3.2" fill="#1f5380"/>', rounded(x), rounded(y)
    )
    named = format_html('role="img"><title>{}</title>', title) if title else mark_safe('aria-hidden="true">')
    return format_html(
        '<svg class="sparkline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}" {}{}</svg>',
        width,
        height,
        width,
        height,
        named,
        _joined([*parts, last]),
    )


def _spark(run):
    if len(run) == 1:
        return format_html(
            '<circle class="spark-dot" cx="{}" cy="{}" r="1.8" fill="#1f5380"/>', *map(rounded, run[0])
        )
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
    return format_html(
        '<polyline class="spark-line" points="{}" fill="none" stroke="#1f5380" stroke-width="1.8" stroke-linejoin="round"/>',
        points,
    )
