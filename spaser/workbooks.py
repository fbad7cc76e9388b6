"""How every workbook of the site is written: one look, real numbers, and texts that stay texts.

Whatever a person typed is written as text: a cell that begins with « = » is never a formula.
"""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAVY, LINE, RED = "1F3A5F", "C9D3DC", "A3231D"
FACE = "Calibri"
BODY_FONT = Font(name=FACE, size=11)
HEADER_FONT = Font(name=FACE, size=11, bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor=NAVY)
BOTTOM = Border(bottom=Side(style="thin", color=LINE))
TOP_LEFT = Alignment(vertical="top", wrap_text=True)
LINE_HEIGHT, MAX_HEIGHT = 15, 409  # points; the second is Excel's own limit
DATE_FORMAT = "dd/mm/yyyy"
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # by which a program takes a text of a CSV for a formula


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading and its width in characters."""

    heading: str
    width: int


def add_sheet(book, name, columns, *, start=1):
    """A sheet ready to print: landscape, one page wide, its headings in row `start`, repeated and frozen."""
    sheet = book.create_sheet(name)
    for index, column in enumerate(columns, 1):
        write_heading(sheet.cell(start, index), column.heading)
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.freeze_panes = f"A{start + 1}"
    sheet.print_title_rows = f"{start}:{start}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.right.text = "&P / &N"
    sheet.auto_filter.ref = f"A{start}:{get_column_letter(len(columns))}{start}" if start == 1 else None
    return sheet


def write_heading(cell, text):
    write_text(cell, text)
    cell.font, cell.fill, cell.border = HEADER_FONT, HEADER_FILL, BOTTOM
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def write(cell, value, number_format=""):
    """A number, a date or a boolean as such, anything else as text; in the body's style."""
    cell.font, cell.alignment, cell.border = BODY_FONT, TOP_LEFT, BOTTOM
    if isinstance(value, datetime.date):
        cell.value, cell.number_format = value, number_format or DATE_FORMAT
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        cell.value, cell.number_format = value, number_format or "General"
    elif value not in (None, ""):
        write_text(cell, value)


def write_text(cell, text):
    """`text` as a text, whatever it begins with; without the control characters that no workbook holds."""
    cell.value = writable(text)
    cell.data_type = "s"


def writable(text):
    """`text` without the control characters that no office document holds, its lines parted by \\n alone."""
    text = str(text)
    if text.isprintable() or text.replace("\n", "").isprintable():  # most of them, and sooner told
        return text
    return NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def number_format(decimals):
    """« 1 234,56 » in a French Excel: the grouping and the comma are the reader's own."""
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def harmless(text):
    """`text` for a CSV, with an apostrophe before what a program would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_row(sheet, values):
    """One more row; a value may be a pair (value, number format)."""
    index = sheet.max_row + 1
    for column, value in enumerate(values, 1):
        value, number_format = value if isinstance(value, tuple) else (value, "")
        write(sheet.cell(index, column), value, number_format)
    fit_height(sheet, index)


def fit_height(sheet, index):
    """Said, not left to the reader's program: not all of them fit a row to its wrapped text."""
    sheet.row_dimensions[index].height = min(MAX_HEIGHT, LINE_HEIGHT * _lines(sheet, index))


def _lines(sheet, index):
    """How many lines the longest text of a row takes in its column."""
    return max(
        lines_in(cell.value or "", sheet.column_dimensions[cell.column_letter].width) for cell in sheet[index]
    )


def lines_in(text, width):
    """How many lines `text` takes in a column of `width` characters."""
    text = str(text)
    if "\n" not in text:
        return 1 + int(len(text) / width)
    return sum([1 + int(len(line) / width) for line in text.split("\n")])


def lock(sheet, *, open_cells):
    """Protect a sheet without password, so that nobody overwrites it by mistake, but for the cells given."""
    sheet.protection.sheet = True
    for cell in open_cells:
        cell.protection = Protection(locked=False)


def as_bytes(book):
    out = BytesIO()
    book.save(out)
    return out.getvalue()
