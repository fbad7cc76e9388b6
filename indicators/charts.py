"""Charts of values over the years and of counts: for each a picture made on the server, and the plotly figure drawn over it.

The picture (SVG) is what a PDF prints and what a page shows without JavaScript; `static/charts.js` puts the figure in its
place on screen. Both come from the same points, and say the same in words. The table of the values stands beside, on the page.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.safestring import SafeString

from indicators import figures, svg
from indicators.models import as_demonstration

ORDER = list(svg.CATEGORIES)
LONGEST_AXIS = 12  # years in a row; beyond, only those that have something to show


@dataclass(frozen=True)
class Point:
    """One year of a trace: the number that gives its place, and the value as it is printed; without number, a gap.

    `broken` says what has changed since the point before, where the series breaks; `demonstration`, that the value is
    invented. `short` is printed beside the point where the whole text takes too much room.
    """

    year: int
    number: Decimal | None
    text: str = ""
    broken: str = ""
    demonstration: bool = False
    short: str = ""

    @property
    def label(self):
        return self.short or self.text

    @property
    def year_label(self):
        """« 2026 », « 2026 * » where the value is invented: what * means stands under the chart."""
        return f"{self.year} *" if self.demonstration else str(self.year)

    @property
    def words(self):
        broken = f" (rupture de série : {self.broken})" if self.broken else ""
        text = f"{self.text} en {self.year}{broken}"
        return as_demonstration(text) if self.demonstration else text


@dataclass(frozen=True)
class TargetLine:
    """What should be reached: a level, « cible 2028 : 30 % », and the year of its term if it has one."""

    label: str
    number: Decimal
    year: int | None = None


@dataclass(frozen=True)
class Trace:
    """The points of one measure, in the order of the years, and what they should reach."""

    label: str
    points: tuple[Point, ...]
    targets: tuple[TargetLine, ...] = ()

    @property
    def known(self):
        return tuple(point for point in self.points if point.number is not None)

    @property
    def runs(self):
        """The points in rows without gap and without break: what a line may join."""
        runs, joined = [], False
        for point in self.points:
            if point.number is None:
                joined = False
                continue
            if not joined or point.broken:
                runs.append([])
            runs[-1].append(point)
            joined = True
        return runs

    @property
    def words(self):
        """« Marchés : 144 en 2016, 84 en 2017, cible 2028 : 200 »."""
        said = [*(point.words for point in self.known), *(line.label for line in self.targets if line.label)]
        return f"{self.label} : " + ", ".join(said)


@dataclass(frozen=True)
class Segment:
    """A part of a stacked bar: how many of a category, whose key is a state, a status or an outcome."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class Chart:
    """A chart of a page: `svg` shows without JavaScript and prints, `figure` is plotly's, `description` says it in words."""

    title: str
    svg: SafeString
    figure: dict | None
    description: str


@dataclass(frozen=True)
class Frame:
    """What a picture and its figure share: the years of the axis, and the lowest and highest number, 0 between them."""

    years: tuple[int, ...]
    low: Decimal
    high: Decimal
    traces: tuple[Trace, ...]

    @property
    def span(self):
        return float(self.high - self.low) or 1.0

    @property
    def invented(self):
        """The years of which a value is invented."""
        return {point.year for trace in self.traces for point in trace.known if point.demonstration}

    @property
    def breaks(self):
        """{year: what changes from it}; those of several traces together."""
        found = {}
        for trace in self.traces:
            for point in trace.points:
                if point.broken and point.broken not in found.setdefault(point.year, []):
                    found[point.year].append(point.broken)
        return {year: " ; ".join(notes) for year, notes in found.items()}

    def year_label(self, year):
        return f"{year} *" if year in self.invented else str(year)


def sparkline(values, breaks=(), title=""):
    """A tiny picture of `values` (Decimals, None where there is none) in the order of time, for a row of a table.

    `breaks` are the positions from which the series breaks. Without `title` it is hidden from screen readers: the numbers
    stand in the same row. Empty when there is no number.
    """
    values = list(values)
    return svg.sparkline(values, frozenset(breaks), title) if any(v is not None for v in values) else ""


def stacked_chart(title, rows, *, width=svg.WIDTH):
    """The Chart of shares: `rows` of (label, [(category key, category label, count)]), one horizontal bar a row.

    Every row is as long; the counts stand in it. The keys are those of `svg.CATEGORIES`; a row without anything is left out.
    """
    bars = [
        (label, sorted((Segment(*part) for part in parts if part[2]), key=lambda part: ORDER.index(part.key)))
        for label, parts in rows
        if any(count for _, _, count in parts)
    ]
    description = f"{title}. " + " ; ".join(
        f"{label} : " + ", ".join(f"{part.label} {part.count}" for part in parts) for label, parts in bars
    )
    legend = _legend([(key, label) for _, parts in rows for key, label, count in parts if count])
    picture = svg.stacked(description, bars, legend, width=width)
    return Chart(title, picture, figures.stacked(bars, legend) if bars else None, description)


def _legend(parts):
    """{key: label}, in the order of the categories."""
    labels = dict(parts)
    return {key: labels[key] for key in svg.CATEGORIES if key in labels}


def trend_chart(title, series, *, unit, target=None):
    """The Chart of lines over the years, at most `figures.MOST_LINES` of them.

    `series` are Traces, or (label, points) whose points are Points or (year, Decimal or None, text); `target` is a TargetLine
    of the first. Where a value is missing the line has a gap, and it stops at a break of the series.
    """
    traces = [given if isinstance(given, Trace) else _trace(*given) for given in series]
    if target:
        traces[0] = replace(traces[0], targets=(*traces[0].targets, target))
    frame = _frame(tuple(traces))
    description = _in_words(title, traces)
    picture = svg.trend(description, frame, unit)
    return Chart(title, picture, figures.trend(frame, unit), description)


def bar_chart(title, rows):
    """The Chart of horizontal bars by Trace and year, for what is too much for lines."""
    description = _in_words(title, rows)
    return Chart(title, svg.bars(description, rows), figures.bars(rows), description)


def printed_bars(title, rows, *, width=svg.PRINTED_WIDTH, shades=svg.SHADES):
    """The picture of `bar_chart` alone, as wide as a printed page; `shades` are those of the earlier years and of the last."""
    description = _in_words(title, rows)
    return svg.bars(description, rows, width=width, shades=shades, character=svg.PRINTED_CHARACTER)


def printed_meters(title, rows, *, width=svg.PRINTED_WIDTH, shades=svg.SHADES):
    """The picture of how far each row is: `rows` of (label, part, whole, what is printed beside), the whole at least 1."""
    description = f"{title}. " + " ; ".join(f"{label} : {words}" for label, _, _, words in rows)
    shares = [(label, part / whole, words) for label, part, whole, words in rows]
    return svg.meters(description, shares, width=width, shades=shades)


def _in_words(title, traces):
    return f"{title}. " + " ; ".join(trace.words for trace in traces)


def _trace(label, points):
    return Trace(label, tuple(given if isinstance(given, Point) else Point(*given) for given in points))


def _frame(traces):
    """Zero always stands in the frame: a line that falls by a tenth must not look as if it fell to nothing."""
    targets = [line for trace in traces for line in trace.targets]
    years = {point.year for trace in traces for point in trace.points}
    years |= {line.year for line in targets if line.year}
    if years and max(years) - min(years) < LONGEST_AXIS:
        years = range(min(years), max(years) + 1)
    numbers = [point.number for trace in traces for point in trace.known]
    numbers += [Decimal(0), *(line.number for line in targets)]
    return Frame(tuple(sorted(years)), min(numbers), max(numbers), traces)
