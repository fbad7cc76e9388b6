"""How the workbooks of editions are written with XlsxWriter: the look of `spaser.workbooks`, native charts, the same bytes each time.

Whatever a person typed is written as text: a cell that begins with « = » is never a formula, an address never a link.
"""

import datetime
from decimal import Decimal
from io import BytesIO
from typing import NamedTuple

from xlsxwriter import Workbook

from actions.appearance import WHITE, palette
from reporting.editions.imprint import Imprint
from reporting.export import Figure
from spaser.workbooks import (
    DATE_FORMAT,
    FACE,
    LINE,
    LINE_HEIGHT,
    MAX_HEIGHT,
    NAVY,
    RED,
    Column,
    lines_in,
    writable,
)

MAX_TEXT = 32_767  # UTF-16 units in a cell, Excel's own limit
CUT = " […] (texte coupé : une cellule n’en tient pas plus ; il est entier dans les données en JSON)"
A3, A4 = 8, 9
AS_TEXTS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
FONT = {"font_name": FACE, "font_size": 11}
BODY = FONT | {"valign": "top", "text_wrap": True}


def styles(accent):
    """{name: the fields of an XlsxWriter format}, in the colour `accent`, on which white can be read."""
    one_line = {"text_wrap": False}  # whose formats begin as that of every cell, BODY
    rule = {"bottom": 1, "bottom_color": f"#{LINE}"}
    heading = {"bold": True, "font_color": WHITE, "bg_color": accent, "valign": "vcenter", "text_wrap": True}
    return {
        "body": BODY,
        "lined": BODY | rule,
        "total": BODY | rule | {"bold": True, "top": 1, "top_color": accent},
        "rule": rule,
        "heading": FONT | heading,
        "number heading": FONT | heading | {"align": "right"},
        "title": FONT | one_line | {"font_size": 16, "bold": True, "font_color": accent},
        "subtitle": FONT | one_line | {"font_size": 12, "font_color": accent},
        "warning": FONT | one_line | {"font_size": 12, "bold": True, "font_color": f"#{RED}"},
    }


class Number(NamedTuple):
    """A number with the format in which it is shown."""

    number: Decimal | int
    format: str


class Book:
    """A workbook of an edition: add sheets and rows, then take its bytes.

    `warning` is said at the top of each sheet: that it is a preview, that values are invented.
    """

    def __init__(self, imprint: Imprint, *, title, author, warning=""):
        self.out = BytesIO()
        # the format of every cell that has none of its own: most are texts
        options = {"in_memory": True, "default_format_properties": BODY, **AS_TEXTS}
        self.book = Workbook(self.out, options)
        self.warning = warning
        self.footer = "&L&8{}&R&8&P / &N".format(writable(title).replace("&", "&&")[:180])
        self.accent = palette(imprint.accent)["accent"] if imprint.accent else f"#{NAVY}"
        self.styles, self.formats = styles(self.accent), {}
        moment = imprint.frozen_at.astimezone(datetime.UTC).replace(tzinfo=None, microsecond=0)
        self.book.set_properties({"title": writable(title), "author": writable(author), "created": moment})

    def style(self, name, number_format=""):
        """The XlsxWriter format of one of the styles; each is made once."""
        key = name, number_format
        if key not in self.formats:
            fields = self.styles[name] | ({"num_format": number_format} if number_format else {})
            self.formats[key] = self.book.add_format(fields)
        return self.formats[key]

    def sheet(self, name, *, paper=A4):
        """A sheet ready to print: landscape, one page wide, its pages numbered."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(paper)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(self.footer)
        sheet.hide_gridlines(2)
        return sheet

    def table(self, name, columns: list[Column], *, paper=A4, frozen=1):
        """A Table: one sheet with its headings frozen, `frozen` columns too, repeated on each page, and a filter."""
        return Table(self, self.sheet(name, paper=paper), columns, frozen=frozen)

    def as_bytes(self):
        self.book.close()
        return self.out.getvalue()


class Table:
    """A sheet of rows under headings, that can be filtered once it is closed."""

    def __init__(self, book: Book, sheet, columns, *, frozen):
        self.book, self.sheet, self.columns = book, sheet, columns
        self.known = [{} for _ in columns]  # of each, {text: (as its cells hold it, the lines that it takes)}
        if book.warning:
            sheet.write_string(0, 0, book.warning, book.style("warning"))
        self.top = self.row = 1 if book.warning else 0  # index from 0 of the headings, of the row to write
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(self.row, index, writable(column.heading), book.style("heading"))
        self._set_height(max(lines_in(column.heading, column.width) for column in columns))
        sheet.freeze_panes(self.row + 1, frozen)
        sheet.repeat_rows(0, self.row)

    def add(self, values):
        """One more row, below the headings; a value is a text, a number, a Number, a date, or nothing."""
        self.row = row = self.row + 1
        most, known, write_string = 1, self.known, self.sheet.write_string
        for index, value in enumerate(values):
            if type(value) is str:
                if value:
                    text, lines = known[index].get(value) or self._know(index, value)
                    write_string(row, index, text)
                    if lines > most:
                        most = lines
            elif value is not None:
                write(self.book, self.sheet, row, index, value)
        if most > 1:
            self._set_height(most)

    def _know(self, index, text):
        """Said once of each text of a column: most come back often."""
        held = within(writable(text))
        self.known[index][text] = known = held, lines_in(held, self.columns[index].width)
        return known

    def _set_height(self, lines):
        """The height is said, not left to the reader's program: not all of them fit a row to its wrapped text."""
        self.sheet.set_row(self.row, min(MAX_HEIGHT, LINE_HEIGHT * lines))

    def close(self):
        """The filter, and a line below each row: one rule, where a format of every empty cell would take as long as the rest."""
        last = len(self.columns) - 1
        if self.row > self.top:
            rule = {"type": "formula", "criteria": "=1", "format": self.book.style("rule")}
            self.sheet.conditional_format(self.top + 1, 0, self.row, last, rule)
        self.sheet.autofilter(self.top, 0, self.row, last)


def write(book, sheet, row, column, value, style="body"):
    """A number or a date as such, anything else but nothing as text."""
    if isinstance(value, (Number, Figure)):
        sheet.write_number(row, column, float(value.number), book.style(style, value.format))
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, column, value, book.style(style, DATE_FORMAT))
    elif isinstance(value, int):
        sheet.write_number(row, column, value, book.style(style))
    elif value:
        sheet.write_string(row, column, within(writable(value)), book.style(style))


def within(text):
    """`text` cut where a cell ends, saying so."""
    if len(text) <= MAX_TEXT // 2 or units(text) <= MAX_TEXT:
        return text
    return text.encode("utf-16-le")[: 2 * (MAX_TEXT - len(CUT))].decode("utf-16-le", "ignore") + CUT


def units(text):
    """Its length as Excel counts it, in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def portions(text, width):
    """`text` in portions that each fit the tallest row of a column of `width` characters, parted between lines, words at the worst."""
    most = int(MAX_HEIGHT / LINE_HEIGHT)
    text = text.strip()
    if 1 + text.count("\n") + len(text) // width <= most:  # no more lines than that
        yield text
        return
    portion, used = [], 0
    for line in _pieces(writable(text), width * (most - 1)):
        needed = lines_in(line, width)
        if portion and used + needed > most:
            yield "\n".join(portion).strip()
            portion, used = [], 0
        portion.append(line)
        used += needed
    if portion:
        yield "\n".join(portion).strip()


def _pieces(text, longest):
    """The lines of `text`, those longer than `longest` characters cut between words where there are any."""
    for line in text.split("\n"):
        while len(line) > longest:
            end = line.rfind(" ", 1, longest) + 1 or longest
            yield line[:end].rstrip()
            line = line[end:]
        yield line
