"""The grid of a campaign: its lines as a table of cells, and what comes back from them."""

import json
from dataclasses import dataclass, field

from indicators.entry.answers import LABELS, VALUE
from indicators.entry.scope import Scope, Slot, value_names
from indicators.entry.upload import Table, TypedRow
from indicators.entry.workbook import cleaned
from indicators.models import MeasureType, Missing

NAMES = (*VALUE, "missing")  # the columns that the grid fills, in the order of the workbook's
SHOWN = (*NAMES, "missing_note", "qualifier")  # what a printed value says
MAX_LINES = 1_500  # three fields a line stay under what a request may hold
MAX_SHOWN = 1_000_000  # characters


@dataclass(frozen=True)
class Cell:
    """One input: the name of its field, its text, and the id of its list of choices, if any."""

    column: str
    name: str
    text: str
    choices: str = ""

    @property
    def label(self):
        return LABELS[self.column]


@dataclass
class GridLine:
    """One row of the grid; `cells` has None where the measure has no such value."""

    slot: Slot
    former: str
    cells: list[Cell | None]
    missing: str
    errors: list[str] = field(default_factory=list)

    @property
    def missing_name(self):
        return f"missing-{self.slot.measure.code}"


def grid_lines(scope: Scope, typed=None):
    """[(report, its GridLines)] of what may be filled; `typed`: {code: {name: text}} laid over what is stored."""
    groups, typed = [], typed or {}
    for slot in scope.open_slots:
        texts = slot.typed | typed.get(slot.measure.code, {})
        line = GridLine(slot, scope.former(slot.measure, 1), _cells(slot, texts), texts["missing"])
        if not groups or groups[-1][0] != slot.report:
            groups.append((slot.report, []))
        groups[-1][1].append(line)
    return groups


def _cells(slot, texts):
    measure = slot.measure
    lists = {MeasureType.BOOLEAN: "oui-non", MeasureType.CHOICE: f"choices-{measure.code}"}
    names = value_names(measure)
    return [
        Cell(name, f"{name}-{measure.code}", texts[name], lists.get(measure.type, ""))
        if name in names
        else None
        for name in VALUE
    ]


def has_rates(scope):
    return any(slot.measure.type == MeasureType.RATIO for slot in scope.open_slots)


def shown_of(scope):
    """What the grid shows, as the JSON that comes back with it: {code: [version, {name: text}]}."""
    shown = {
        slot.measure.code: [slot.version, {name: slot.typed[name] for name in SHOWN if slot.typed[name]}]
        for slot in scope.open_slots
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def read_grid(post):
    """The Table of a posted grid; ValueError when it is not one."""
    shown = _shown(post.get("shown", ""))
    typed = {}
    for key, text in post.items():
        name, dash, code = cleaned(key).partition("-")
        if dash and name in NAMES:
            typed.setdefault(code, {})[name] = cleaned(text, " ").strip()
    table = Table()
    for code, texts in typed.items():
        version, was = shown.get(code, (None, None))
        changed = {name: text for name, text in texts.items() if text != (was or {}).get(name, "").strip()}
        table.rows.append(TypedRow(code, changed, was, version))
    return table


def _shown(text):
    """{code: (version, what its cells held)} of `shown_of`, as far as it is whole."""
    if len(text) > MAX_SHOWN:
        raise ValueError("too long")
    try:
        shown = json.loads(text or "{}")
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(shown, dict):
        raise ValueError("not what the grid shows")
    found = {}
    for code, pair in shown.items():
        version, was = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
        whole = isinstance(was, dict) and all(isinstance(text, str) for text in was.values())
        if type(version) is not int or not 0 <= version < 2**31 or not whole:
            raise ValueError("not what the grid shows")
        found[code] = (version, {name: cleaned(text) for name, text in was.items()})
    return found


MISSING_CHOICES = [("", ""), *Missing.choices]
