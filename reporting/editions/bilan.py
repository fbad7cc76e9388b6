"""The annual bilan as one frozen structure: made once by `reporting.editions.build`, then only printed.

Page, PDF, workbook, slides and data print the same `Bilan`, so they cannot disagree. It holds plain values (texts, numbers,
dates, pictures), no model; `reporting.editions.frozen` turns it into JSON and back.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from actions.models.plan import titled
from indicators import calculations
from indicators.models import as_demonstration
from indicators.series import NOT_FILLED
from reporting.editions.imprint import Imprint, Picture


@dataclass(frozen=True)
class Cell:
    """What one measure or figure is worth in one year: as printed, and as a number where it is one."""

    text: str
    number: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    decimals: int = 0
    missing: str = ""
    comment: str = ""
    as_of: date | None = None
    computed: bool = False
    qualifier: str = ""
    source: str = ""
    unfilled: int | None = None
    series_break: str = ""  # what has changed since the year before
    status: str = (
        ""  # how far its review is, as said: « validée », « brouillon »; "" where nothing was entered
    )

    @property
    def is_number(self):
        return self.number is not None


EMPTY = Cell(NOT_FILLED, missing="not_filled")
NOTHING = Cell("—", missing="nothing")  # no report that year, nothing to compute from, or answered beside


@dataclass(frozen=True)
class Row:
    """One measure, or one figure that answers no indicator: its label, its unit, a Cell for each of the years."""

    code: str
    label: str
    unit: str
    type: str
    cells: tuple[Cell, ...]
    evolution: str = ""
    evolution_number: Decimal | None = None
    evolution_in_points: bool = False
    targets: tuple[str, ...] = ()
    note: str = ""
    outcome: str = ""  # what becomes of the target that counts this year: an Outcome value, "" without target
    outcome_label: str = ""
    target_number: Decimal | None = None  # of that target, in the unit of the row, where it is one number
    target_year: int | None = None


@dataclass(frozen=True)
class Table:
    """The rows of one indicator, or of one table of other figures."""

    code: str
    title: str
    kind: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    refers_to: str = ""  # the sheet where a line that only points elsewhere is filled in
    repeats: str = ""  # the indicator that a line repeats by mistake

    @property
    def has_evolution(self):
        return any(row.evolution for row in self.rows)

    @property
    def has_targets(self):
        return any(row.targets for row in self.rows)


@dataclass(frozen=True)
class StepLine:
    """A step of the action and its state in the year, "" when none was given."""

    title: str
    state: str


@dataclass(frozen=True)
class Sheet:
    """One action of the bilan, with the sections of its report."""

    code: str
    heading: str
    title: str
    pillar: str
    objective: str
    pilots: tuple[str, ...]
    supports: tuple[str, ...]
    partners: tuple[str, ...]
    reported: bool  # False: no report was handed in
    state: str
    targets: tuple[str, ...]
    purpose: str
    realisation: str
    effectiveness: str
    analysis: str
    outlook: str
    indicators: tuple[Table, ...]
    figures: tuple[Table, ...]
    notes: tuple[str, ...]
    status: str = ""  # of its report, as said: « validée », « brouillon »; of an action with parts, ""
    validated: bool = False
    steps: tuple[StepLine, ...] = ()
    parent: str = ""  # the code of the action of which it is a part

    @property
    def full_title(self):
        """« Action 3 : Oser les variantes », or the title alone."""
        return titled(self.heading, self.title)


@dataclass(frozen=True)
class PillarCount:
    """How many actions of a pillar are engaged, of those that the bilan holds."""

    heading: str
    title: str
    engaged: int
    actions: int
    targets: tuple[str, ...]
    filled: int = 0  # of the readings that its actions ask for
    expected: int = 0
    states: tuple[tuple[str, str, int], ...] = ()  # (ActionState value or "", as said, count of actions)
    outcomes: tuple[tuple[str, str, int], ...] = ()  # (Outcome value, as said, count of targets)

    @property
    def full_title(self):
        return titled(self.heading, self.title)


@dataclass(frozen=True)
class Zoom:
    action: str
    title: str
    text: str
    picture: Picture | None = None


@dataclass(frozen=True)
class Passage:
    heading: str
    text: str


@dataclass(frozen=True)
class Decision:
    """What a committee decided at a meeting of the year."""

    committee: str
    held_on: date
    text: str


@dataclass(frozen=True)
class Bilan:
    """The annual bilan of one scheme. `years` are those side by side, the bilan's own last."""

    imprint: Imprint
    organisation: str
    scheme: str
    slug: str
    year: int
    years: tuple[int, ...]
    pillar_label: str
    action_label: str
    pilot_label: str
    support_label: str
    partner_label: str
    purpose_label: str
    engaged: int
    counted: int  # actions that the bilan holds
    total: int  # actions of the scheme, as many as it declares
    pillars: tuple[PillarCount, ...]
    states: tuple[tuple[str, int], ...]
    expected: int
    filled: int
    unvalidated: int
    synthesis: str
    passages: tuple[Passage, ...]
    zooms: tuple[Zoom, ...]
    sheets: tuple[Sheet, ...]
    invented: tuple[int, ...] = ()  # the years whose values are a demonstration's
    foreword: Passage | None = None
    foreword_author: str = ""
    outcomes: tuple[tuple[str, str, int], ...] = ()  # (Outcome value, as said, count of targets)
    decisions: tuple[Decision, ...] = ()
    definitions: tuple[tuple[str, str, str], ...] = ()  # (code of the indicator, its words, its definition)
    directions: tuple[
        tuple[str, str], ...
    ] = ()  # (short name, name) of those that pilot, support or are partners

    @property
    def year_labels(self):
        """The headings of `years`: « 2025 », « 2026 (démonstration) »."""
        return tuple(as_demonstration(year) if year in self.invented else str(year) for year in self.years)

    @property
    def demonstration(self):
        """The sentence that says which values are invented; "" when none is."""
        years = " et ".join(map(str, self.invented))
        return f"Démonstration : les valeurs de {years} sont inventées" if years else ""

    @property
    def completeness(self):
        return calculations.completeness(self.filled, self.expected)

    @property
    def missing(self):
        """The values of the bilan's year that are missing: (code of the action, label, reason or that none is given)."""
        return [
            (sheet.code, row.label, row.cells[-1].text)
            for sheet in self.sheets
            for table in sheet.indicators
            for row in table.rows
            if row.cells[-1].missing not in ("", NOTHING.missing)
        ]

    @property
    def notes(self):
        """What stands in the way of a plain reading: (code of the action, note), in the order of the sheets."""
        return [
            (sheet.code, note)
            for sheet in self.sheets
            for note in (*sheet.notes, *(note for table in sheet.indicators for note in table.notes))
        ]
