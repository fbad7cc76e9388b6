"""From the sheets of a workbook to the parsed document that a YAML file gives, each value with its cell.

No rule stands here: what a row must hold and how rows agree is asked by `indicators.document`, of both alike.
Only what a workbook alone can get wrong is: a sheet or column that is missing, a row that hangs on nothing.
"""

import json

from indicators.document.levels import LEVELS
from indicators.document.parsing import Cell, Placed, Problem, Unreadable, shown
from indicators.document.source import DocumentReader
from indicators.plan_workbook.cells import portable, value_of
from indicators.plan_workbook.layout import (
    BY_LEVEL,
    EMPTY_LABEL,
    EXAMPLE,
    SCHEME,
    SCHEME_ROWS,
    SHEETS,
    heading_of,
)
from spaser.spreadsheets import MAX_ROWS, UnreadableFile, cell_name
from spaser.text import fold, storable

MAX_CONTENT = 2_000_000  # bytes of a plan on its way from the preview to the confirmation
INVOLVEMENT_LISTS = {"pilot": "pilots", "support": "supports", "partner": "partners"}


def content_of(sheets):
    """The sheets of a plan as JSON text, for a hidden field; UnreadableFile when there is too much."""
    names = {SCHEME, *(sheet.name for sheet in SHEETS)}
    rows = [[sheet.name, [[portable(cell) for cell in row] for row in sheet.rows]] for sheet in sheets]
    content = json.dumps([[name, cells] for name, cells in rows if name in names], ensure_ascii=False)
    if len(content.encode()) > MAX_CONTENT:
        raise UnreadableFile("Ce plan est trop long : au plus 2 millions de caractères.")
    return content


def sheets_in(content):
    """{name: rows} of what `content_of` made; UnreadableFile when it was not made by it."""
    try:
        sheets = dict(json.loads(content)) if len(content.encode()) <= MAX_CONTENT else None
        for name, rows in sheets.items():
            lists = isinstance(rows, list) and all(isinstance(row, list) for row in rows)
            if not isinstance(name, str) or not lists or len(rows) > MAX_ROWS:
                raise ValueError(name)
            if not all(_is_cell(cell) for row in rows for cell in row):
                raise ValueError(name)
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise UnreadableFile("Le plan n’est pas revenu entier : donnez le fichier de nouveau.") from error
    return sheets


def _is_cell(cell):
    """Is it what `portable` makes, and what a database keeps?"""
    return storable(cell) == cell if isinstance(cell, str) else cell is None or isinstance(cell, int)


def read_plan(sheets, *, file, organisation, refuse=lambda key, value: ""):
    """(entries, problems) of the plan in these sheets, for `load_entries`.

    `refuse(key, value)` may say, in French, why a value of the sheet « Schéma » is not to be had.
    """
    return _Plan(sheets, file, refuse).read(organisation)


class _Plan:
    def __init__(self, sheets, file, refuse):
        self.sheets = {fold(name): (name, rows) for name, rows in sheets.items()}
        self.file = file
        self.refuse = refuse
        self.problems = []
        self.rows = {}  # level → its rows in order
        self.by_code = {}  # level → {code: the first row that has it}

    def read(self, organisation):
        document = self._scheme()
        for sheet in SHEETS:
            self.rows[sheet.level] = list(self._sheet_rows(sheet))
            self.by_code[sheet.level] = by_code = {}
            for row in self.rows[sheet.level]:
                if isinstance(row.get("code"), str):
                    by_code.setdefault(row["code"], row)
        if self.problems and not any(self.rows.values()):
            return {}, self.problems  # not this workbook
        document |= {"organisation": {"slug": organisation.slug, "name": organisation.name}}
        document["directions"], document["committees"] = self.rows["direction"], self.rows["committee"]
        document["pillars"], document["sheets"] = self.rows["pillar"], []
        document["breakdowns"] = self._breakdowns()
        self._nest(document)
        reader = DocumentReader(self.file, heading_of).read(document)
        return reader.entries, self.problems + reader.problems

    # The sheets

    def _scheme(self):
        """The keys of the scheme, from a sheet of headings and values."""
        name, rows = self._found(SCHEME)
        columns = {fold(column.heading): column for column in SCHEME_ROWS}
        document = Placed({}, self._at(SCHEME, 0, 1))
        for number, row in enumerate(rows):
            column = columns.pop(fold(row[0] or ""), None) if row else None
            if column is None:
                continue
            place = document.places[column.key] = self._at(name, number, 1)
            cell = row[1] if len(row) > 1 else None
            if cell is not None:
                value = "" if cell == EMPTY_LABEL else value_of(column, cell, place)
                reason = self.refuse(column.key, value) if isinstance(value, str) else ""
                document[column.key] = Unreadable(reason) if reason else value
        if rows:
            for column in columns.values():
                self._problem(self._at(name, 0, 0), SCHEME, f"il manque la ligne « {column.heading} ».")
        return document

    def _sheet_rows(self, sheet):
        name, rows = self._found(sheet.name)
        columns = self._columns(sheet, name, rows[0]) if rows else {}
        for number, cells in enumerate(rows[1:], start=1):
            if _is_commentary(cells, columns):
                continue
            places = {column.key: self._at(name, number, index) for index, column in columns.items()}
            row = Placed({}, self._at(name, number, 0), places)
            for index, column in columns.items():
                cell = cells[index] if index < len(cells) else None
                if cell is not None:
                    row[column.key] = value_of(column, cell, places[column.key])
            if row:
                yield row

    def _found(self, name):
        found, rows = self.sheets.get(fold(name), (name, []))
        if not rows:
            reason = f"il manque la feuille « {name} » : reprenez le modèle."
            self._problem(self._at(name, 0, 0), "classeur", reason)
        return found, rows

    def _columns(self, sheet, name, headings):
        """{index: Column}; what is missing or unknown among the headings is said."""
        known = {fold(column.heading): column for column in sheet.columns}
        columns = {}
        for index, heading in enumerate(headings):
            column = known.pop(fold(heading or ""), None)
            if column:
                columns[index] = column
            elif heading is not None:
                reason = f"colonne inconnue ou donnée deux fois : « {shown(heading)} »."
                self._problem(self._at(name, 0, index), "intitulés", reason)
        for column in known.values():
            self._problem(self._at(name, 0, 0), "intitulés", f"il manque la colonne « {column.heading} ».")
        return columns

    # Which row hangs on which

    def _breakdowns(self):
        """The breakdowns, each with the rows of its items; a row that has no item only names the breakdown."""
        breakdowns = {}
        for row in self.rows["item"]:
            names = {
                "breakdown": "code",
                "breakdown_name": "name",
                "open": "open",
                "breakdown_note": "source_note",
            }
            places = {key: row.places[old] for old, key in names.items() if old in row.places}
            said = {key: row.pop(old) for old, key in names.items() if old in row}
            code = said.get("code")
            breakdown = breakdowns.setdefault(code, Placed({"items": []}, row.line, places))
            for key, value in said.items():
                if breakdown.setdefault(key, value) != value:
                    heading = heading_of("breakdown", key)
                    reason = (
                        f"{heading} : une autre ligne de cette ventilation dit « {shown(breakdown[key])} »."
                    )
                    self._problem(places[key], f"ventilation {shown(code)}", reason)
            if row:
                breakdown["items"].append(row)
        self.by_code["item"] = breakdowns
        return list(breakdowns.values())

    def _nest(self, document):
        for row in self.rows["objective"]:
            self._hang(row, "objective", {"pillar": ("pillar", "objectives")})
        for row in self.rows["action"]:
            self._hang_action(row, document)
        for row in self.rows["step"]:
            self._hang_step(row)
        for row in self.rows["involvement"]:
            self._hang_involvement(row)
        for row in self.rows["indicator"]:
            self._hang(row, "indicator", {"action": ("action", "indicators")})
        for row in self.rows["measure"]:
            self._hang(row, "measure", {"indicator": ("indicator", "measures")})
        for row in self.rows["target"]:
            owners = {key: (key, "targets") for key in ("measure", "action", "pillar")}
            self._hang(row, "target", owners)
        for row in self.rows["passage"]:
            self._hang_passage(row, document)

    def _hang(self, row, level, owners):
        """Put a row into a list of the row that one of these columns names: {column: (level, list)}."""
        named = {key: row.pop(key) for key in owners if key in row}
        if len(named) != 1:
            headings = " ou ".join(f"« {heading_of(level, key)} »" for key in owners)
            reason = f"il manque {headings}." if not named else f"{headings} : un seul des trois."
            owner, list_name = owners[next(iter(owners))]
            line = row.places.get(next(iter(named or owners)), row.line)
            self._strand(row, level, line, reason, self._some(owner, list_name))
            return
        ((key, code),) = named.items()
        owner, list_name = owners[key]
        parent = self._parent(row, level, key, code, owner, self._some(owner, list_name))
        if parent is not None:
            parent.setdefault(list_name, []).append(row)

    def _some(self, owner, list_name):
        """A list for the rows that do not say where they belong; None when there is no row to hang them on."""
        first = next(iter(self.rows[owner]), None)
        return None if first is None else first.setdefault(list_name, [])

    def _parent(self, row, level, key, code, owner, otherwise=None):
        """The row with this code, or None once it is said that there is none."""
        found = self.by_code[owner].get(code) if isinstance(code, str) else None
        if found is None or found is row:
            sheet = BY_LEVEL[owner].name
            reason = f"{heading_of(level, key)} : « {shown(code)} » n’est pas dans la feuille {sheet}."
            self._strand(row, level, row.places[key], reason, otherwise)
            return None
        return found

    def _hang_action(self, row, document):
        if "parent" not in row:
            if "objective" in row:
                self._hang(row, "action", {"objective": ("objective", "actions")})
            else:
                document["sheets"].append(row)
            return
        code, objective = row.pop("parent"), row.pop("objective", None)
        parent = self._parent(row, "action", "parent", code, "action", document["sheets"])
        if parent is None:
            return
        if objective is not None:
            reason = "laissez « Objectif » vide : un volet relève de celui de son action."
            self._problem(row.places["objective"], _place(row, "action"), reason)
        parent.setdefault("parts", []).append(row)

    def _hang_step(self, row):
        if "parent" in row:
            row.pop("action", None)  # that of the step above
            self._hang(row, "step", {"parent": ("step", "steps")})
        else:
            self._hang(row, "step", {"action": ("action", "steps")})

    def _hang_involvement(self, row):
        role = row.pop("role", None)
        if role not in INVOLVEMENT_LISTS:
            reason = (
                f"Part prise : {role.reason}" if isinstance(role, Unreadable) else "il manque « Part prise »."
            )
            self._problem(row.places.get("role", row.line), _place(row, "involvement"), reason)
            row.stranded = True  # read on, in whichever list
        self._hang(row, "involvement", {"action": ("action", INVOLVEMENT_LISTS.get(role, "partners"))})

    def _hang_passage(self, row, document):
        owner, code = row.pop("owner", None), row.pop("owner_code", None)
        if owner == "scheme":
            document.setdefault("passages", []).append(row)
        elif owner in ("pillar", "objective", "action"):
            parent = self._parent(row, "passage", "owner_code", code or "", owner)
            if parent is not None:
                parent.setdefault("passages", []).append(row)
        else:
            reason = f"Niveau : {owner.reason}" if isinstance(owner, Unreadable) else "il manque « Niveau »."
            self._strand(row, "passage", row.places.get("owner", row.line), reason)

    def _strand(self, row, level, line, reason, otherwise=None):
        """Say why a row hangs on nothing, and put it elsewhere, so that all else that is wrong with it is said too."""
        self._problem(line, _place(row, level), reason)
        if otherwise is not None:
            row.stranded = True
            otherwise.append(row)
            return
        for key, value in row.items():
            if isinstance(value, Unreadable):
                self._problem(
                    row.places[key], _place(row, level), f"{heading_of(level, key)} : {value.reason}"
                )
        for key in LEVELS[level].required:
            if key not in row and key in row.places:
                self._problem(row.places[key], _place(row, level), f"il manque « {heading_of(level, key)} ».")

    # Where

    def _at(self, name, row, column):
        order = [SCHEME, *(sheet.name for sheet in SHEETS)]
        rank = next((rank for rank, known in enumerate(order) if fold(known) == fold(name)), 0)
        words = f"feuille {name}, cellule {cell_name(row, column)}"
        return Cell((rank * MAX_ROWS + row) * 1000 + column, words)

    def _problem(self, line, place, reason):
        self.problems.append(Problem(self.file, line, place, reason))


def _is_commentary(cells, columns):
    """The row that explains the columns, and those of the example."""
    first = next((cell for cell in cells if cell is not None), None)
    if first is None or fold(first).startswith(EXAMPLE):
        return True
    notes = [(cell, column.note) for index, column in columns.items() if (cell := _cell(cells, index))]
    return bool(notes) and all(fold(cell) == fold(note) for cell, note in notes)


def _cell(cells, index):
    return cells[index] if index < len(cells) else None


def _place(row, level):
    code = row.get("code") or row.get("direction") or row.get("heading") or ""
    name = LEVELS[level].model._meta.verbose_name
    return f"{name} {shown(code)}" if isinstance(code, str) and code else name
