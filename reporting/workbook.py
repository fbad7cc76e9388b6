"""The annual bilan as a workbook: the figures of the printed one, as real numbers, one sheet for each use.

Whatever a person typed is written as text: a cell that begins with « = » stays a text, never a formula.
"""

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from reporting.bilan import NOTHING, Bilan
from spaser.french import format_number

NAVY, LINE = "1F3A5F", "C9D3DC"
FACE = "Calibri"
BODY_FONT = Font(name=FACE, size=11)
HEADER_FONT = Font(name=FACE, size=11, bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor=NAVY)
BOTTOM = Border(bottom=Side(style="thin", color=LINE))
TOP_LEFT = Alignment(vertical="top", wrap_text=True)
LINE_HEIGHT, MAX_HEIGHT = 15, 409  # points; the second is Excel's own limit


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading and its width in characters."""

    heading: str
    width: int


def bilan_workbook(bilan: Bilan):
    """The bytes of the workbook: Synthèse, Indicateurs, Autres données, Fiches, Méthode."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = f"{bilan.scheme}, bilan {bilan.year}"
    book.properties.creator = bilan.organisation
    _synthesis(book, bilan)
    _indicators(book, bilan)
    _figures(book, bilan)
    _narratives(book, bilan)
    _method(book, bilan)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book, name, columns, *, start=1):
    """A sheet ready to print: landscape, one page wide, headings repeated and frozen."""
    sheet = book.create_sheet(name)
    for index, column in enumerate(columns, 1):
        cell = sheet.cell(start, index)
        _write(cell, column.heading)
        cell.font, cell.fill = HEADER_FONT, HEADER_FILL
        cell.alignment = Alignment(vertical="center", wrap_text=True)
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


def _write(cell, value, number_format=""):
    """A number as such, anything else as text."""
    cell.font, cell.alignment, cell.border = BODY_FONT, TOP_LEFT, BOTTOM
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        cell.value = value
        cell.number_format = number_format or "General"
    elif value not in (None, ""):
        cell.value = str(value)
        cell.data_type = "s"


def _row(sheet, values):
    """One row; a value may be a pair (value, number format)."""
    index = sheet.max_row + 1
    for column, value in enumerate(values, 1):
        value, number_format = value if isinstance(value, tuple) else (value, "")
        _write(sheet.cell(index, column), value, number_format)
    # said, not left to the reader's program: not all of them fit a row to its wrapped text
    sheet.row_dimensions[index].height = min(MAX_HEIGHT, LINE_HEIGHT * _lines(sheet, index))


def _lines(sheet, index):
    """How many lines the longest text of a row takes in its column."""

    def lines(cell):
        width = sheet.column_dimensions[cell.column_letter].width
        return sum(1 + int(len(line) / width) for line in str(cell.value or "").split("\n"))

    return max(lines(cell) for cell in sheet[index])


def number_format(decimals):
    """« 1 234,56 » in a French Excel: the grouping and the comma are the reader's own."""
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _cell_value(cell):
    """The number of a cell with its decimals, otherwise its words."""
    if cell.is_number and not cell.qualifier:
        return cell.number, number_format(cell.decimals)
    return "" if cell is NOTHING else cell.text


def _synthesis(book, bilan):
    columns = [Column("Synthèse", 90), Column("Nombre", 14), Column("Sur", 14)]
    sheet = _sheet(book, "Synthèse", columns, start=4)
    for index, (text, size) in enumerate(
        ((bilan.organisation, 12), (bilan.scheme, 16), (f"Bilan annuel {bilan.year}", 14)), start=1
    ):
        _write(sheet.cell(index, 1), text)
        sheet.cell(index, 1).font = Font(name=FACE, bold=True, size=size, color=NAVY)
        sheet.cell(index, 1).border = Border()
        sheet.row_dimensions[index].height = 26
    for pillar in bilan.pillars:
        _row(sheet, [f"Actions engagées, {pillar.full_title}", pillar.engaged, pillar.actions])
    _row(sheet, ["Actions engagées, ensemble du schéma", bilan.engaged, bilan.total])
    _row(sheet, ["Relevés renseignés", bilan.filled, bilan.expected])
    for state, count in bilan.states if len(bilan.states) > 1 else ():
        _row(sheet, [f"Actions {state}", count, bilan.counted])
    texts = [bilan.synthesis, *(f"{passage.heading}\n\n{passage.text}" for passage in bilan.passages)]
    texts += [f"Zoom, {zoom.action} : {zoom.title}\n\n{zoom.text}" for zoom in bilan.zooms]
    for text in filter(None, texts):
        _row(sheet, [text])


def _indicators(book, bilan):
    columns = [Column("Action", 9), Column("Code", 15), Column("Indicateur", 44), Column("Grandeur", 22)]
    columns += [Column("Unité", 12), *(Column(str(year), 17) for year in bilan.years)]
    columns += [Column("Évolution", 15), Column("Cibles", 18), Column("Précisions", 36)]
    sheet = _sheet(book, "Indicateurs", columns)
    sheet.freeze_panes = "D2"
    for action in bilan.sheets:
        for table in action.indicators:
            if elsewhere := table.refers_to or table.repeats:
                _row(sheet, [action.code, table.code, table.title, f"voir {elsewhere}"])
            for row in table.rows:
                label = row.label if row.label != table.title else ""
                head = [action.code, row.code, table.title, label, row.unit]
                values = [_cell_value(cell) for cell in row.cells]
                _row(
                    sheet, [*head, *values, _evolution(row), "\n".join(row.targets), _precisions(row, bilan)]
                )


def _evolution(row):
    """The change as a number, signed, in % or in points as its format says."""
    if row.evolution_number is None:
        return ""
    unit, decimals = (" points", "00") if row.evolution_in_points else (" %", "0")
    form = f'0.{decimals}"{unit}"'
    return row.evolution_number, f"+{form};-{form};{form}"


def _precisions(row, bilan):
    """What stands beside the values of a row, year by year."""
    said = ((year, _precision(cell)) for year, cell in zip(bilan.years, row.cells, strict=True))
    return "\n".join(f"{year} : {text}" for year, text in said if text)


def _precision(cell):
    """What stands beside a value: the terms of a rate, its date, its comment, that it is computed."""
    terms = ""
    if cell.numerator is not None:
        terms = f"{format_number(cell.numerator)} / {format_number(cell.denominator)}"
    parts = [
        "calculé" if cell.computed else "",
        terms,
        f"au {cell.as_of:%d/%m/%Y}" if cell.as_of else "",
        f"{cell.unfilled} non renseignés" if cell.unfilled is not None else "",
        f"source : {cell.source}" if cell.source else "",
        cell.comment,
    ]
    return " ; ".join(part for part in parts if part)


def _figures(book, bilan):
    columns = [Column("Action", 9), Column("Tableau", 26), Column("Donnée", 52), Column("Unité", 12)]
    columns += [Column(str(year), 16) for year in bilan.years]
    sheet = _sheet(book, "Autres données", [*columns, Column("Précision", 44)])
    for action in bilan.sheets:
        for table in action.figures:
            for row in table.rows:
                values = [_cell_value(cell) for cell in row.cells]
                _row(sheet, [action.code, table.title, row.label, row.unit, *values, row.note])


SECTIONS = (
    ("purpose", "Objectif de l’action"),
    ("realisation", "Réalisation"),
    ("effectiveness", "Mesure de l’efficacité"),
    ("analysis", "Analyse qualitative"),
    ("outlook", "Perspectives"),
)


def _narratives(book, bilan):
    columns = [Column("Action", 9), Column("Intitulé", 34), Column("Pilotage", 28), Column("État", 12)]
    sheet = _sheet(book, "Fiches", [*columns, Column("Rubrique", 22), Column("Texte", 95)])
    for action in bilan.sheets:
        head = [action.code, action.title, ", ".join(action.pilots), action.state]
        for name, heading in SECTIONS:
            if text := getattr(action, name):
                _row(sheet, [*head, heading, text])


def _method(book, bilan):
    sheet = _sheet(book, "Méthode", [Column("Sujet", 40), Column("Action", 16), Column("Texte", 90)])
    for subject, text in (
        (
            "Évolution",
            "Calculée entre deux nombres : en points pour un pourcentage ou un taux, en % pour le reste.",
        ),
        ("Donnée absente", "Ce n’est pas un zéro : elle n’entre dans aucun calcul."),
        ("Cellule vide", "Pas de fiche cette année-là, ou rien à calculer."),
        ("Complétude", f"{bilan.filled} relevés renseignés sur {bilan.expected} attendus."),
    ):
        _row(sheet, [subject, "", text])
    for heading, label, reason in bilan.missing:
        _row(sheet, ["Valeur manquante", heading, f"{label} : {reason}"])
    for heading, note in bilan.notes:
        _row(sheet, ["Note sur les valeurs et les textes", heading, note])
