"""What fits on the two facing pages of the synthesis, and how many pages stand before them.

Layout is WeasyPrint's; these are estimates on the safe side, in millimetres of height and characters of a line, so that the
synthesis is one spread whatever the plan. Tests print every plan and count.
"""

from dataclasses import dataclass
from math import ceil
from textwrap import shorten

from reporting.editions.bilan import Bilan, Cell

PAGE = 245
TITLED_PAGE = 230  # under the title of a chapter
DOUBT = 0.1  # of a page: what an estimate may miss
LINE, HALF_LINE, CELL_LINE = 90, 50, 38  # characters of a line: of a page, of half its width, of a cell
CONTENTS_LINE, FOREWORD_LINE = 107, 102
MOST_EVOLUTIONS, FEWEST_EVOLUTIONS = 8, 3
LABEL = 130  # characters


@dataclass(frozen=True)
class Change:
    """A value that changed much: where it stands, and the cells of the years."""

    code: str
    label: str
    cells: tuple[Cell, ...]
    evolution: str


@dataclass(frozen=True)
class Spread:
    """What the synthesis shows, and where: what does not fit stands elsewhere (words after it, the table in the annexes)."""

    words: bool
    targets_on_left: bool
    targets_by_pillar: bool
    table: bool
    evolutions: list[Change]


def spread_of(bilan: Bilan):
    """The Spread of `bilan`: its charts always, then its words, its targets, its table and its largest changes as they fit."""
    left, right = 75 + _bars(bilan.pillars), 14 + sum(map(_meter, bilan.pillars))
    if has_spread_words := left + _words(bilan.synthesis) <= PAGE:
        left += _words(bilan.synthesis)
    table = _table(bilan.pillars)
    detailed, plain = 35 + _bars([pillar for pillar in bilan.pillars if pillar.outcomes]), 35
    by_pillar = left + detailed <= PAGE or right + detailed + table <= PAGE
    targets = detailed if by_pillar else plain
    on_left = left + targets <= PAGE
    right += 0 if on_left else targets
    if has_table := right + table <= PAGE:
        right += table
    return Spread(has_spread_words, on_left, by_pillar, has_table, _evolutions(bilan, PAGE - right))


@dataclass(frozen=True)
class Flow:
    """How many pages a text takes; `tight` when it is to be set smaller, so that it takes no more."""

    pages: int
    tight: bool = False


def contents_flow(bilan: Bilan, titles, *, with_words):
    """The Flow of the contents, which list `titles` besides the chapters."""
    chapters = 3 + sum(map(bool, (bilan.foreword, with_words, bilan.zooms, bilan.decisions)))
    return _flow(7 * chapters + sum(1.2 + 4.4 * _lines(title, CONTENTS_LINE) for title in titles))


def foreword_flow(bilan: Bilan):
    if bilan.foreword is None:
        return Flow(0)
    paragraphs = [line for line in bilan.foreword.text.split("\n") if line.strip()]
    signature = 15 if bilan.foreword_author else 0
    return _flow(signature + sum(2 + 6.3 * _lines(words, FOREWORD_LINE) for words in paragraphs))


def _flow(height):
    """The Flow of a text of that height. What an estimate cannot tell is decided by setting it tight."""
    full = height / TITLED_PAGE
    pages = max(1, ceil(full - DOUBT))
    return Flow(pages, tight=full > pages - DOUBT)


def _evolutions(bilan, room):
    """The largest Changes, in the figure that is printed, as many as stand in `room`; none when there are too few."""
    rows = [
        (abs(row.evolution_number), sheet.code, table, row)
        for sheet in bilan.sheets
        for table in sheet.indicators
        for row in table.rows
        if row.evolution_number
    ]
    rows.sort(key=lambda found: -found[0])
    most = min(MOST_EVOLUTIONS, int((room - 18) // 12))
    if min(most, len(rows)) < FEWEST_EVOLUTIONS:
        return []
    return [Change(code, _label(table, row), row.cells, row.evolution) for _, code, table, row in rows[:most]]


def _label(table, row):
    """The words of the indicator, and those of the item where it has several."""
    several = len(table.rows) > 1
    return shorten(f"{table.title} : {row.label}" if several else table.title, LABEL, placeholder=" …")


def _words(text):
    return 5.5 * _lines(text, LINE)


def _bars(pillars):
    """Of a chart of all actions or targets, and of each pillar where there are several."""
    return 15 + (sum(10 + 4.3 * _lines(p.full_title, 80) for p in pillars) if len(pillars) > 1 else 0)


def _meter(pillar):
    return 6.8 + 4.3 * _lines(pillar.full_title, HALF_LINE)


def _table(pillars):
    lines = (_lines(words, CELL_LINE) for pillar in pillars for words in (pillar.full_title, *pillar.targets))
    return 40 + 3 * len(pillars) + 4.6 * sum(lines)


def _lines(text, length):
    return sum(ceil(max(len(line), 1) / length) for line in text.split("\n")) if text else 0
