"""Native charts and tables of the slides, which one can edit in PowerPoint, measured so that nothing runs over."""

from io import BytesIO
from typing import NamedTuple

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_THEME_COLOR as THEME
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt
from xlsxwriter import Workbook

from reporting.editions.slides_layout import LANGUAGE, POINTS, describe, printable
from reporting.editions.slides_text import LEADING, shortened, wrapped
from reporting.editions.xlsx import AS_TEXTS
from spaser.workbooks import LINE, writable

SIDE, ABOVE = 0.08, 0.05  # inches of room in a cell, beside and above its text
LABEL_SIZE = 12


class Series(NamedTuple):
    """One series of a chart: its name, a number for each category, its colour and that of the numbers on it."""

    name: str
    values: tuple[int, ...]
    colour: object = THEME.ACCENT_1
    ink: object = THEME.BACKGROUND_1


class Heading(NamedTuple):
    """A column of a table: its heading, its share of the width, and whether it holds numbers."""

    text: str
    share: float
    is_number: bool = False


def add_bars(slide, box, title, categories, series, *, description, stacked=False):
    """Horizontal bars, the first category above, each with its number; no label where there is none."""
    data = CategoryChartData(number_format="0;;")
    data.categories = [writable(category) for category in categories]
    for one in series:
        data.add_series(writable(one.name), one.values)
    kind = XL_CHART_TYPE.BAR_STACKED if stacked else XL_CHART_TYPE.BAR_CLUSTERED
    frame = slide.shapes.add_chart(kind, *box.lengths, data)
    describe(frame, f"Graphique : {title}", description)
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(data))
    chart.has_title = True
    chart.chart_title.include_in_layout = False
    _letters(chart.chart_title.text_frame, title)
    chart.font.size, chart.font.color.theme_color = Pt(LABEL_SIZE), THEME.TEXT_1
    chart.has_legend = len(series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _axes(chart)
    plot = chart.plots[0]
    plot.gap_width = 45
    if stacked:
        plot.overlap = 100
    for drawn, one in zip(plot.series, series, strict=True):
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.theme_color = one.colour
        labels = drawn.data_labels
        labels.show_value, labels.number_format, labels.number_format_is_linked = True, "0;;", False
        labels.position = XL_LABEL_POSITION.CENTER if stacked else XL_LABEL_POSITION.OUTSIDE_END
        labels.font.size, labels.font.bold = Pt(LABEL_SIZE), True
        labels.font.color.theme_color = one.ink if stacked else THEME.TEXT_1
    _say_language(chart)
    return frame


def _workbook(data):
    """The numbers behind a chart as python-pptx lays them out, its texts as texts: its own makes formulas of them."""
    out = BytesIO()
    book = Workbook(out, {"in_memory": True, **AS_TEXTS})
    sheet = book.add_worksheet("Sheet1")  # the name that the chart refers to
    for rank, category in enumerate(data.categories, 1):
        sheet.write_string(rank, 0, category.label)
    for column, series in enumerate(data, 1):
        sheet.write_string(0, column, series.name)
        sheet.write_column(1, column, series.values)
    book.close()
    return out.getvalue()


def _letters(frame, title):
    frame.text = writable(title)
    font = frame.paragraphs[0].runs[0].font
    font.size, font.bold, font.color.theme_color = Pt(14), True, THEME.TEXT_1


def _axes(chart):
    values, categories = chart.value_axis, chart.category_axis
    values.visible, values.has_major_gridlines, values.minimum_scale = False, False, 0
    categories.reverse_order = True
    categories.major_tick_mark, categories.minor_tick_mark = XL_TICK_MARK.NONE, XL_TICK_MARK.NONE
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    categories.format.line.color.theme_color = THEME.ACCENT_2


def _say_language(chart):
    space = chart._chartSpace
    language = etree.Element(qn("c:lang"), val=LANGUAGE)
    before = space.find(qn("c:date1904"))
    space.insert(0 if before is None else space.index(before) + 1, language)


def pages_of(rows, headings, width, height, size, *, most_lines=4, most_pages=None):
    """(pages, rest): `rows` in pages that each fit `height` (inches) under their headings, no cell over `most_lines` lines.

    What `most_pages` do not hold is the rest.
    """
    widths = [heading.share * width for heading in headings]
    room = height - _row_height([heading.text for heading in headings], widths, size, bold=True)
    pages, used, rows = [[]], 0.0, [tuple(map(writable, row)) for row in rows]
    for rank, row in enumerate(rows):
        shown = _shown(row, widths, size, most_lines)
        needed = _row_height(shown, widths, size)
        if pages[-1] and used + needed > room:
            if most_pages and len(pages) == most_pages:
                return pages, rows[rank:]
            pages.append([])
            used = 0.0
        pages[-1].append(shown)
        used += needed
    return pages, []


def _shown(row, widths, size, lines):
    cells = zip(row, widths, strict=True)
    return [shortened(text, _inner(width), size, lines) for text, width in cells]


def _inner(width):
    return (width - 2 * SIDE) * POINTS


def _row_height(texts, widths, size, *, bold=False):
    """In inches, of the tallest cell."""
    lines = max(
        sum(1 for _ in wrapped(text, _inner(width), size, bold=bold))
        for text, width in zip(texts, widths, strict=True)
    )
    return lines * size * LEADING / POINTS + 2 * ABOVE


def add_table(slide, box, headings, rows, *, name, description, size):
    """A real table, its headings marked as such; `rows` are of a page of `pages_of`."""
    frame = slide.shapes.add_table(len(rows) + 1, len(headings), *box.lengths)
    describe(frame, name, description)
    table = frame.table
    table.first_row, table.horz_banding = True, False
    widths = [heading.share * box.width for heading in headings]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Inches(width)
    texts = [[heading.text for heading in headings], *rows]
    for rank, row in enumerate(texts):
        table.rows[rank].height = Inches(_row_height(row, widths, size, bold=rank == 0))
        for cell, text, heading in zip(table.rows[rank].cells, row, headings, strict=True):
            _write_cell(cell, text, size, heading=rank == 0, right=heading.is_number)
    return frame


def _write_cell(cell, text, size, *, heading, right):
    cell.margin_left = cell.margin_right = Inches(SIDE)
    cell.margin_top = cell.margin_bottom = Inches(ABOVE)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE if heading else MSO_ANCHOR.TOP
    cell.text = printable(text).replace("\n", "\v")
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    for run in paragraph.runs:
        run.font.size, run.font.bold = Pt(size), heading
        run.font.color.theme_color = THEME.BACKGROUND_1 if heading else THEME.TEXT_1
    if heading:
        cell.fill.solid()
        cell.fill.fore_color.theme_color = THEME.ACCENT_1
    else:
        cell.fill.background()
        _underline(cell)


def _underline(cell):
    """A thin line above and below the cell; lines come before the fill."""
    properties = cell._tc.get_or_add_tcPr()
    for rank, side in enumerate(("a:lnT", "a:lnB")):
        line = etree.Element(qn(side), w="6350")
        etree.SubElement(etree.SubElement(line, qn("a:solidFill")), qn("a:srgbClr"), val=LINE)
        properties.insert(rank, line)
