"""The one reader of spreadsheets that people give: XLSX, ODS and CSV, bounded, for every door.

A file is examined before it is parsed (`spaser.packages`); python-calamine reads XLSX and ODS, the csv module the
rest. Why these: docs/decisions/0004-spreadsheet-reader.md.
"""

import csv
import datetime
import io
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from spaser.packages import (
    BROKEN,
    ENCRYPTED,
    MAX_BYTES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    MAX_UNPACKED,
    NO_SPREADSHEET,
    PERCENT,
    TooLarge,
    UnreadableFile,
    examine,
)

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "MAX_SHEETS",
    "MAX_UNPACKED",
    "Sheet",
    "UnreadableFile",
    "cell_name",
    "read_spreadsheet",
]

ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SEPARATORS = ";,\t"
TEXT_ENDINGS = {".csv", ".tsv", ".txt"}


@dataclass(frozen=True)
class Sheet:
    """One sheet; a CSV’s name is its file’s.

    Cells are str, int, Decimal, bool, date, datetime, or None where empty; rows end at their last filled cell, and the
    sheet at its last filled row. A number is an int where it is whole. One shown in per cent is what is
    read: 12,5 % is Decimal("12.5"). A formula is worth its last result, an error its words: « #DIV/0! ».
    """

    name: str
    rows: list[list[object]]


def read_spreadsheet(file, *, name):
    """The sheets of an uploaded or opened binary file called `name`; UnreadableFile says in French why not."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TooLarge(f"plus de {MAX_BYTES // 2**20} Mo")
    if not data:
        raise UnreadableFile("Le fichier est vide.")
    if data.startswith(ZIP):
        return _read_package(data)
    if data.startswith(OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableFile(ENCRYPTED)
        raise UnreadableFile("Ce format ancien n’est pas lu : enregistrez le fichier en .xlsx ou en .ods.")
    if PurePath(name).suffix.lower() in TEXT_ENDINGS:
        return [Sheet(PurePath(name).name, _csv_rows(data))]
    raise UnreadableFile(NO_SPREADSHEET)


def cell_name(row, column):
    """« B7 », of indexes from 0."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _read_package(data):
    safe, marks = examine(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(safe)) as book:
            return [
                Sheet(sheet.name, _rows(book.get_sheet_by_index(index), marks[index]))
                for index, sheet in enumerate(book.sheets_metadata)
                if sheet.typ == SheetTypeEnum.WorkSheet
            ]
    except PasswordError as error:
        raise UnreadableFile(ENCRYPTED) from error
    except BaseException as error:
        # a panic of the library in Rust comes as a BaseException of its own, which nothing else catches
        panic = type(error).__name__ == "PanicException"
        if panic or isinstance(error, (CalamineError, IndexError, ValueError, OverflowError)):
            raise UnreadableFile(BROKEN) from error
        raise


def _rows(sheet, marks):
    rows = [
        [_value(cell, marks.get((row, column))) for column, cell in enumerate(cells)]
        for row, cells in enumerate(sheet.to_python(skip_empty_area=False))
    ]
    for (row, column), mark in marks.items():  # the library leaves errors empty, and so out at the ends
        if isinstance(mark, str) and mark != PERCENT:
            rows += [[] for _ in range(row + 1 - len(rows))]
            rows[row] += [None] * (column + 1 - len(rows[row]))
            rows[row][column] = mark
    return _cut(rows)


def _value(cell, mark):
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, (int, float)):
        if isinstance(mark, bool):
            return mark
        number = Decimal(repr(cell))  # the shortest decimals that make this number: those typed
        return _number(number * 100 if mark == PERCENT else number) if number.is_finite() else str(cell)
    if isinstance(cell, (datetime.time, datetime.timedelta)):
        return str(cell)
    return None if cell == "" else cell


def _number(number):
    return int(number) if number == number.to_integral_value() else number.normalize()


def _cut(rows):
    """Without what is empty at the ends."""
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _csv_rows(data):
    text = _decoded(data)
    try:
        csv_rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
        rows, cells = [], 0
        for row in csv_rows:
            cells += len(row)
            if len(rows) >= MAX_ROWS:
                raise TooLarge(f"plus de {MAX_ROWS} lignes")
            if len(row) > MAX_COLUMNS:
                raise TooLarge(f"plus de {MAX_COLUMNS} colonnes")
            if cells > MAX_CELLS:
                raise TooLarge(f"plus de {MAX_CELLS} cellules")
            rows.append([cell or None for cell in row])
    except csv.Error as error:
        said = f"Le fichier CSV est mal formé à la ligne {csv_rows.line_num} : un guillemet y manque, ou y est de trop."
        raise UnreadableFile(said) from error
    return _cut(rows)


def _decoded(data):
    """UTF-8, with or without its mark, else Windows-1252 as older French spreadsheets write it."""
    if b"\0" in data:
        raise UnreadableFile(NO_SPREADSHEET)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("Le fichier CSV n’est ni en UTF-8 ni en Windows-1252.")


def _separator(text):
    """The one that stands most often in the heading, outside quotes; a semicolon where there is none."""
    counts = dict.fromkeys(SEPARATORS, 0)
    quoted = False
    for character in text[:100_000]:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "\r\n":
            break
        elif not quoted and character in counts:
            counts[character] += 1
    return max(counts, key=counts.get)
