"""The annual bilan as a workbook: the figures of the printed one, as real numbers, one sheet for each use.

Whatever a person typed is written as text: a cell that begins with « = » stays a text, never a formula.
"""

from openpyxl import Workbook
from openpyxl.styles import Border, Font
from openpyxl.utils import get_column_letter

from reporting.bilan import NOTHING, Bilan
from spaser.french import format_number
from spaser.workbooks import FACE, NAVY, RED, Column, add_sheet, as_bytes, write, write_row, write_text


def bilan_workbook(bilan: Bilan):
    """The bytes of the workbook: Synthèse, Indicateurs, Autres données, Fiches, Méthode."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = f"{bilan.scheme}, {_title(bilan)}"
    book.properties.creator = bilan.organisation
    _synthesis(book, bilan)
    _indicators(book, bilan)
    _figures(book, bilan)
    _narratives(book, bilan)
    _method(book, bilan)
    return as_bytes(book)


def number_format(decimals):
    """« 1 234,56 » in a French Excel: the grouping and the comma are the reader's own."""
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _cell_value(cell):
    """The number of a cell with its decimals, otherwise its words."""
    if cell.is_number and not cell.qualifier:
        return cell.number, number_format(cell.decimals)
    return "" if cell.missing == NOTHING.missing else cell.text


def _sheet(book, name, columns, bilan):
    """A sheet with its headings in the first row, or in the second under the words that say what is invented."""
    if not bilan.demonstration:
        return add_sheet(book, name, columns)
    sheet = add_sheet(book, name, columns, start=2)
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(columns))}2"
    write_text(sheet.cell(1, 1), bilan.demonstration)
    sheet.cell(1, 1).font = Font(name=FACE, bold=True, size=12, color=RED)
    sheet.print_title_rows = "1:2"
    return sheet


def _title(bilan):
    title = f"Bilan annuel {bilan.year}"
    return f"{title}. {bilan.demonstration}" if bilan.demonstration else title


def _synthesis(book, bilan):
    columns = [Column("Synthèse", 90), Column("Nombre", 14), Column("Sur", 14)]
    sheet = add_sheet(book, "Synthèse", columns, start=4)
    for index, (text, size) in enumerate(
        ((bilan.organisation, 12), (bilan.scheme, 16), (_title(bilan), 14)), start=1
    ):
        write(sheet.cell(index, 1), text)
        sheet.cell(index, 1).font = Font(name=FACE, bold=True, size=size, color=NAVY)
        sheet.cell(index, 1).border = Border()
        sheet.row_dimensions[index].height = 26
    for pillar in bilan.pillars:
        write_row(sheet, [f"Actions engagées, {pillar.full_title}", pillar.engaged, pillar.actions])
    write_row(sheet, ["Actions engagées, ensemble du schéma", bilan.engaged, bilan.total])
    write_row(sheet, ["Relevés renseignés", bilan.filled, bilan.expected])
    for state, count in bilan.states if len(bilan.states) > 1 else ():
        write_row(sheet, [f"Actions {state}", count, bilan.counted])
    texts = [bilan.synthesis, *(f"{passage.heading}\n\n{passage.text}" for passage in bilan.passages)]
    texts += [f"Zoom, {zoom.action} : {zoom.title}\n\n{zoom.text}" for zoom in bilan.zooms]
    for text in filter(None, texts):
        write_row(sheet, [text])


def _indicators(book, bilan):
    columns = [Column("Action", 9), Column("Code", 15), Column("Indicateur", 44), Column("Grandeur", 22)]
    columns += [Column("Unité", 12), *(Column(label, 17) for label in bilan.year_labels)]
    columns += [Column("Évolution", 15), Column("Cibles", 18), Column("Précisions", 36)]
    sheet = _sheet(book, "Indicateurs", columns, bilan)
    sheet.freeze_panes = f"D{sheet.max_row + 1}"
    for action in bilan.sheets:
        for table in action.indicators:
            if elsewhere := table.refers_to or table.repeats:
                write_row(sheet, [action.code, table.code, table.title, f"voir {elsewhere}"])
            for row in table.rows:
                label = row.label if row.label != table.title else ""
                head = [action.code, row.code, table.title, label, row.unit]
                values = [_cell_value(cell) for cell in row.cells]
                write_row(
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
        f"rupture de série : {cell.series_break}" if cell.series_break else "",
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
    columns += [Column(label, 16) for label in bilan.year_labels]
    sheet = _sheet(book, "Autres données", [*columns, Column("Précision", 44)], bilan)
    for action in bilan.sheets:
        for table in action.figures:
            for row in table.rows:
                values = [_cell_value(cell) for cell in row.cells]
                write_row(sheet, [action.code, table.title, row.label, row.unit, *values, row.note])


SECTIONS = (
    ("purpose", "Objectif de l’action"),
    ("realisation", "Réalisation"),
    ("effectiveness", "Mesure de l’efficacité"),
    ("analysis", "Analyse qualitative"),
    ("outlook", "Perspectives"),
)


def _narratives(book, bilan):
    columns = [Column("Action", 9), Column("Intitulé", 34), Column("Pilotage", 28), Column("État", 12)]
    sheet = _sheet(book, "Fiches", [*columns, Column("Rubrique", 22), Column("Texte", 95)], bilan)
    for action in bilan.sheets:
        head = [action.code, action.title, ", ".join(action.pilots), action.state]
        for name, heading in SECTIONS:
            if text := getattr(action, name):
                write_row(sheet, [*head, heading, text])


def _method(book, bilan):
    columns = [Column("Sujet", 40), Column("Action", 16), Column("Texte", 90)]
    sheet = _sheet(book, "Méthode", columns, bilan)
    for subject, text in (
        (
            "Évolution",
            "Calculée entre deux nombres : en points pour un pourcentage ou un taux, en % pour le reste.",
        ),
        ("Donnée absente", "Ce n’est pas un zéro : elle n’entre dans aucun calcul."),
        ("Cellule vide", "Pas de fiche cette année-là, ou rien à calculer."),
        ("Complétude", f"{bilan.filled} relevés renseignés sur {bilan.expected} attendus."),
    ):
        write_row(sheet, [subject, "", text])
    for heading, label, reason in bilan.missing:
        write_row(sheet, ["Valeur manquante", heading, f"{label} : {reason}"])
    for heading, note in bilan.notes:
        write_row(sheet, ["Note sur les valeurs et les textes", heading, note])
