"""What comes back from a workbook, a CSV or a pasted table: the cells that somebody changed, whatever became of the file.

Rows and columns may stand in any order, columns may be missing or added; a row is known by its code. No database here.
"""

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from indicators.entry.answers import LABELS, REASONS, TYPED, VALUE
from indicators.entry.workbook import (
    AT_DOWNLOAD,
    CAMPAIGN,
    CODE,
    COLUMNS_AFTER,
    INPUTS,
    SHEET,
    VERSION,
    cleaned,
    columns_before,
    stamp,
)
from spaser.french import MAX_DECIMALS, MAX_DIGITS, format_date, parse_number
from spaser.spreadsheets import Sheet, cell_name
from spaser.text import fold
from spaser.workbooks import FORMULA_STARTS

HEADINGS = {fold(LABELS[name]): name for name in INPUTS}
HEADINGS |= {fold(CODE): "code", fold(VERSION): "seen", fold(AT_DOWNLOAD): "was", fold(CAMPAIGN): "campaign"}
HEADING_WITHIN = 20  # rows from the top
MAX_PASTED = 200_000  # characters
NUMBERS = (*VALUE, "unfilled")


@dataclass(frozen=True)
class TypedRow:
    """What somebody typed for one measure: `typed` has the cells that changed, or are filled where no former state is known.

    `was`: what the cells held when they were shown, None when unknown; `seen`: the version shown, as in Entry. `where`: the
    row, « feuille Saisie, ligne 12 »; `cells`: {name: « J12 »}.
    """

    code: str
    typed: dict
    was: dict | None = None
    seen: int | None = None
    where: str = ""
    cells: dict = field(default_factory=dict)

    def place(self, name):
        """Where a message about `name` points to."""
        if name in self.cells:
            return f"{self.where.rpartition(',')[0]}, cellule {self.cells[name]}"
        return self.where


@dataclass(frozen=True)
class Problem:
    """Something that is wrong in what came back, where, and for which code; all French."""

    where: str
    code: str
    message: str


@dataclass
class Table:
    """The rows of a file, what is wrong with it before any rule of the campaign, and the columns that were left aside."""

    rows: list[TypedRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def read_table(sheets, campaign, *, name_cells=True):
    """The Table of the sheets of a file (`spaser.spreadsheets`). A file of another campaign has one problem and no row."""
    found = [(sheet, *heading) for sheet in sheets if (heading := _heading(sheet))]
    own = [item for item in found if fold(item[0].name) == fold(SHEET)]
    table = Table()
    if not any(sheet.rows for sheet in sheets):
        table.problems.append(Problem("", "", "Le fichier est vide."))
    elif not found:
        words = "Aucune feuille n’a une colonne « Code » et une colonne « Valeur » : repartez du classeur téléchargé."
        table.problems.append(Problem("", "", words))
    known = {fold(column.heading) for column in (*columns_before(campaign), *COLUMNS_AFTER)}
    for sheet, row, columns in own or found:
        if other := _other_campaign(sheet, row, columns, campaign):
            words = f"Ce fichier est celui d’une autre campagne ({other}), et non de celle-ci ({stamp(campaign)})."
            return Table(problems=[Problem(f"feuille {sheet.name}", "", words)])
        _read_sheet(table, sheet, row, columns, known, name_cells)
    return table


def _heading(sheet):
    """(index of the heading row, {column: name}, {column: heading left aside}), or None."""
    for index, row in enumerate(sheet.rows[:HEADING_WITHIN]):
        names = {column: HEADINGS.get(fold(cell)) for column, cell in enumerate(row) if cell is not None}
        if "code" in names.values() and set(names.values()) & set(INPUTS):
            return index, names
    return None


def _other_campaign(sheet, heading, columns, campaign):
    """The campaign that the rows name, when it is not this one."""
    for column in (column for column, name in columns.items() if name == "campaign"):
        for row in sheet.rows[heading + 1 :]:
            said = _text(_at(row, column)).strip()
            if said and said != stamp(campaign):
                return said
    return ""


def _read_sheet(table, sheet, heading, columns, known, name_cells):
    by_name = {}
    for column, name in columns.items():
        words = _text(sheet.rows[heading][column]).strip()
        if name is None:
            if words and fold(words) not in known and words not in table.ignored:
                table.ignored.append(words)
        elif name in by_name:
            where = f"feuille {sheet.name}, cellule {cell_name(heading, column)}"
            table.problems.append(
                Problem(where, "", f"La colonne « {words} » est deux fois dans le tableau.")
            )
        else:
            by_name[name] = column
    for index, row in enumerate(sheet.rows[heading + 1 :], heading + 1):
        where = f"feuille {sheet.name}, ligne {index + 1}"
        code = cleaned(_text(_at(row, by_name["code"]))).strip()
        if code:
            table.rows.append(_row(code, index, row, by_name, where, name_cells))
        elif any(_at(row, by_name[name]) is not None for name in INPUTS if name in by_name):
            table.problems.append(Problem(where, "", "Cette ligne n’a pas de code."))


def _row(code, index, row, by_name, where, name_cells):
    was = _was(_at(row, by_name.get("was")))
    typed, cells = {}, {}
    for name in INPUTS:
        if name not in by_name:
            continue
        text = typed_text(_at(row, by_name[name]), name, (was or {}).get(name, ""))
        if text != (was or {}).get(name, ""):  # an empty cell says nothing where nobody knows what it held
            typed[name] = text
            cells |= {name: cell_name(index, by_name[name])} if name_cells else {}
    return TypedRow(code, typed, was, _version(_at(row, by_name.get("seen"))), where, cells)


def _at(row, column):
    return row[column] if column is not None and column < len(row) else None


def _was(cell):
    """What the cells of a row held at the download; None when the file does not say."""
    try:
        was = json.loads(cell) if isinstance(cell, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(was, dict):
        return None
    return {name: cleaned(text) for name, text in was.items() if name in TYPED and isinstance(text, str)}


def _version(cell):
    text = _text(cell).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def typed_text(cell, name, was=""):
    """The text that stands for a cell: `was` itself when it says the same, so that nothing changes by its form alone."""
    text = cleaned(_text(cell)).strip()
    if name == "missing":
        text = REASONS.get(fold(text), text)
    elif name in NUMBERS and was and text:
        text = _as_before(cell, text, was)
    return was if text == was.strip() else text


def _as_before(cell, text, was):
    """The text of a number beside that which it replaces: the same when equal; a real one shows as many decimals."""
    try:
        (number, decimals), (former, shown) = parse_number(text), parse_number(was)
    except ValueError:
        return text
    if number == former:
        return was
    if isinstance(cell, (int, Decimal)) and decimals < shown:
        return _number_text(number, shown)
    return text


def _text(cell):
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, datetime) and cell.time() == time():
        return format_date(cell.date())
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return format_date(cell)
    if isinstance(cell, (int, Decimal)):
        return _number_text(Decimal(cell))
    text = str(cell)
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text


def _number_text(number, decimals=None):
    """« 1234,5 »: without the noise of binary numbers, such as that of 0.30000000000000004."""
    if number.adjusted() < MAX_DIGITS:
        rounded = round(number, MAX_DECIMALS)
        if abs(number - rounded) <= abs(number) * Decimal("1e-12"):
            number = rounded.normalize()
    return (f"{number:f}" if decimals is None else f"{number:.{decimals}f}").replace(".", ",")


def read_pasted(text, campaign):
    """The Table of a pasted text: lines of a code and a value (or a numerator and a denominator), or a table with its headings."""
    if len(text) > MAX_PASTED:
        words = f"Le tableau collé dépasse {MAX_PASTED // 1000} 000 caractères : passez par le classeur."
        return Table(problems=[Problem("", "", words)])
    name, delimiter = "tableau collé", "\t" if "\t" in text else ";"
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [[cell.strip() or None for cell in row] for row in lines]
    except csv.Error:
        words = "Le tableau collé est mal formé : un guillemet y manque sans doute."
        return Table(problems=[Problem("", "", words)])
    sheet = Sheet(name, rows)
    if _heading(sheet):
        return read_table([sheet], campaign, name_cells=False)
    table = Table()
    for index, row in enumerate(rows, 1):
        where, filled = f"{name}, ligne {index}", [cell for cell in row if cell]
        if not filled:
            continue
        if len(filled) not in (2, 3) or not row[0]:
            words = "On attend sur chaque ligne un code et une valeur, ou un code, un numérateur et un dénominateur."
            table.problems.append(Problem(where, (row[0] or "")[:60], words))
            continue
        names = VALUE[:1] if len(filled) == 2 else VALUE[1:]
        table.rows.append(TypedRow(filled[0], dict(zip(names, filled[1:], strict=True)), where=where))
    return table
