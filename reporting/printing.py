"""From a Bilan to paper: what the printed document gathers, and the PDF made of it."""

import dataclasses
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from indicators.charts import Point, Trace, printed_bars
from reporting.bilan import Bilan, Sheet, Table

CHART_ROWS = 6
CHART_SPREAD = 40  # a bar forty times shorter than another says nothing


class StaticFetcher(URLFetcher):
    """Gives WeasyPrint our own static files, as `static:<name>`, and nothing else: no network, no other file."""

    def fetch(self, url, headers=None):
        name = url.removeprefix("static:")
        path = finders.find(name) if url.startswith("static:") else None
        if path is None:
            raise ValueError(f"refused: {url}")
        return super().fetch(Path(path).as_uri(), headers)


def bilan_html(bilan: Bilan):
    """The printed bilan as HTML."""
    sheets = [
        {
            "sheet": sheet,
            "tables": printed_tables(sheet),
            "charts": sheet_charts(sheet, bilan.years, bilan.invented),
        }
        for sheet in bilan.sheets
    ]
    context = {
        "bilan": bilan,
        "sheets": sheets,
        "next_year": bilan.year + 1,
        "counted": "actions engagées" if bilan.engaged > 1 else "action engagée",
        "readings": "relevés renseignés" if bilan.filled > 1 else "relevé renseigné",
    }
    return render_to_string("reporting/bilan.html", context)


def bilan_pdf(bilan: Bilan):
    """The bytes of the printed bilan, tagged for accessibility (PDF/UA)."""
    document = HTML(string=bilan_html(bilan), base_url="static:", url_fetcher=StaticFetcher())
    return document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)


def printed_tables(sheet: Sheet):
    """The tables of a sheet: indicators of one row each stand together, as the document prints them."""
    gathered = []
    for table in sheet.indicators:
        single = len(table.rows) == 1
        if single and gathered and gathered[-1].code == "":
            last = gathered[-1]
            gathered[-1] = dataclasses.replace(
                last, rows=last.rows + _named(table), notes=last.notes + table.notes
            )
        elif single:
            gathered.append(Table("", "", "", _named(table), table.notes))
        else:
            gathered.append(table)
    return gathered


def _named(table):
    """The only row of an indicator, under the indicator's own words."""
    return tuple(dataclasses.replace(row, label=table.title) for row in table.rows)


def sheet_charts(sheet: Sheet, years, invented=()):
    """A chart for each unit whose rows compare across the years; none where bars would say nothing."""
    groups = {}
    for table in printed_tables(sheet):
        for row in table.rows:
            if len(years) > 1 and all(cell.is_number for cell in row.cells):
                groups.setdefault(row.unit, []).append(row)
    charts = []
    for rows in groups.values():
        numbers = {cell.number for row in rows[:CHART_ROWS] for cell in row.cells}
        sizes = [abs(number) for number in numbers if number]
        if len(numbers) > 1 and sizes and max(sizes) <= CHART_SPREAD * min(sizes):
            charts.append(
                _chart(f"{sheet.heading}, {years[0]} et {years[-1]}", rows[:CHART_ROWS], years, invented)
            )
    return charts


def _chart(title, rows, years, invented):
    bars = [
        Trace(
            row.label,
            tuple(
                Point(year, cell.number, cell.text, cell.series_break, year in invented)
                for year, cell in zip(years, row.cells, strict=True)
            ),
        )
        for row in rows
    ]
    return printed_bars(title, bars)
