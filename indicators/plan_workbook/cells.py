"""One cell, both ways: the words a person reads or types, and the value of the document."""

import datetime
import re
from decimal import Decimal

from indicators.document.parsing import PlacedText, Unreadable, shown
from indicators.plan_workbook.layout import CODES, DATE, INTEGER, LONG, NUMBER, YES_NO
from spaser.french import format_date, parse_number
from spaser.text import fold, storable

YES, NO = {"oui", "x", "vrai", "1"}, {"non", "faux", "0"}


def portable(cell):
    """A cell of a spreadsheet as JSON holds it: a text, a whole number, a boolean or nothing."""
    if isinstance(cell, datetime.datetime):
        cell = cell.date() if cell.time() == datetime.time() else f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, datetime.date):
        return format_date(cell)
    if isinstance(cell, Decimal):
        return format(cell, "f").replace(".", ",")
    if isinstance(cell, str):
        return re.sub(r"\r\n?", "\n", storable(cell)).strip() or None
    return cell


def value_of(column, cell, place):
    """What the document says with this cell; `Unreadable` with the reason where it cannot say anything."""
    try:
        return _read(column, cell, place)
    except ValueError as error:
        return Unreadable(str(error))


def _read(column, cell, place):
    text = {True: "oui", False: "non"}.get(cell) if isinstance(cell, bool) else str(cell)
    if column.choices:
        return _choice(column, text)
    if column.kind == INTEGER:
        return _integer(text)
    if column.kind == NUMBER:
        return parse_number(text)[0]
    if column.kind == YES_NO:
        return _yes_no(text)
    if column.kind == DATE:
        return _date(text)
    if column.kind == CODES:
        return [PlacedText(part.strip(), place) for part in re.split(r"[;\n]", text) if part.strip()]
    if column.kind != LONG and "\n" in text:
        text = " ".join(text.split())
    return text


def _choice(column, text):
    for value, label in column.choices:
        if fold(text) in (fold(label), value):
            return value
    labels = ", ".join(f"« {label} »" for _, label in column.choices)
    raise ValueError(f"« {shown(text)} » n’est pas dans la liste : {labels}.")


def _integer(text):
    if not re.fullmatch(r"-?[0-9]{1,9}", text.strip()):
        raise ValueError(f"« {shown(text)} » n’est pas un nombre entier.")
    return int(text)


def _yes_no(text):
    if fold(text) in YES | NO:
        return fold(text) in YES
    raise ValueError(f"écrivez « oui » ou « non », et non « {shown(text)} ».")


def _date(text):
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip())
    try:
        day, month, year = map(int, found.groups())
        return datetime.date(year, month, day)
    except (AttributeError, ValueError):
        raise ValueError(f"« {shown(text)} » n’est pas une date : écrivez jj/mm/aaaa.") from None


def cell_of(column, value):
    """What to write in the cell for a value of the document: words, a number or a date."""
    if value in (None, ""):
        return ""
    if column.choices:
        return dict(column.choices)[value]
    if column.kind == YES_NO:
        return "oui" if value else ""
    if column.kind == CODES:
        return " ; ".join(value)
    return value
