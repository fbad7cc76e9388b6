"""The annual bilan as a workbook: the figures of the printed one, as real numbers, one sheet for each use."""

from reporting.editions.bilan import NOTHING, Bilan
from reporting.editions.bilan_rows import decimals_of, entries_of, fields_of, own_label
from reporting.editions.bilan_synthesis import synthesis_sheet
from reporting.editions.bilan_texts import (
    METHOD,
    about,
    capitalised,
    general_texts,
    sheet_texts,
    warning_of,
)
from reporting.editions.xlsx import A3, Book, Number, portions
from reporting.export import Figure
from spaser.french import format_date, format_number
from spaser.workbooks import Column, number_format

NARRATIVE = 95  # the width of the texts, in characters


def bilan_workbook(bilan: Bilan):
    """The bytes of the workbook: Synthèse, Indicateurs, Données, Fiches, Méthode; the same each time for the same bilan."""
    title = f"{bilan.scheme}, bilan annuel {bilan.year}"
    book = Book(bilan.imprint, title=title, author=bilan.organisation, warning=warning_of(bilan))
    synthesis_sheet(book, bilan)
    _indicators(book, bilan)
    _data(book, bilan)
    _narratives(book, bilan)
    _method(book, bilan)
    return book.as_bytes()


def _indicators(book, bilan):
    columns = [Column(capitalised(bilan.action_label or "action"), 9), Column("Code", 15)]
    columns += [Column("Indicateur", 44), Column("Grandeur", 22), Column("Unité", 12)]
    columns += [Column(label, 17) for label in bilan.year_labels]
    columns += [Column("Évolution", 13), Column("Cible", 12), Column("Échéance", 10), Column("Issue", 12)]
    columns += [Column("Cibles, en toutes lettres", 24), Column("Précisions", 36)]
    table = book.table("Indicateurs", columns, frozen=3)
    for action in bilan.sheets:
        for indicator in action.indicators:
            if elsewhere := indicator.refers_to or indicator.repeats:
                table.add([action.code, indicator.code, indicator.title, f"voir {elsewhere}"])
            for row in indicator.rows:
                head = [action.code, row.code, indicator.title, own_label(row, indicator), row.unit]
                values = [_value(cell) for cell in row.cells]
                table.add([*head, *values, _evolution(row), *_target(row), _precisions(row, bilan)])
    table.close()


def _value(cell):
    """The number of a cell with its decimals, otherwise its words; what nuances a number stands in its format."""
    if cell.is_number:
        nuance = '"{} "'.format(cell.qualifier.replace('"', "")) if cell.qualifier else ""
        return Number(cell.number, nuance + number_format(cell.decimals))
    return "" if cell.missing == NOTHING.missing else cell.text


def _evolution(row):
    """The change as a number, signed, in % or in points as its format says."""
    if row.evolution_number is None:
        return ""
    unit, decimals = (" points", "00") if row.evolution_in_points else (" %", "0")
    form = f'0.{decimals}"{unit}"'
    return Number(row.evolution_number, f"+{form};-{form};{form}")


def _target(row):
    """The target that counts this year as a number, its year, what becomes of it; then all of them as they are said."""
    number = row.target_number
    level = "" if number is None else Figure(number, decimals_of(number))
    return [level, row.target_year, row.outcome_label, "\n".join(row.targets)]


def _precisions(row, bilan):
    """What stands beside the values of a row, year by year."""
    said = ((year, _precision(cell)) for year, cell in zip(bilan.years, row.cells, strict=True))
    return "\n".join(f"{year} : {text}" for year, text in said if text)


def _precision(cell):
    """What stands beside a value: the terms of a rate, its date, its comment, that it is computed."""
    parts = []
    if cell.series_break:
        parts.append(f"rupture de série : {cell.series_break}")
    if cell.computed:
        parts.append("calculé")
    if cell.numerator is not None and cell.denominator is not None:
        parts.append(f"{format_number(cell.numerator)} / {format_number(cell.denominator)}")
    if cell.as_of:
        parts.append(f"au {format_date(cell.as_of)}")
    if cell.unfilled is not None:
        parts.append(f"{cell.unfilled} non renseigné{'s' if cell.unfilled >= 2 else ''}")
    if cell.source:
        parts.append(f"source : {cell.source}")
    if cell.comment:
        parts.append(cell.comment)
    return " ; ".join(parts)


def _data(book, bilan):
    fields = fields_of(bilan)
    table = book.table("Données", [field.column for field in fields], paper=A3)
    for entry in entries_of(bilan):
        table.add([field.cell(entry) for field in fields])
    table.close()


def _narratives(book, bilan):
    columns = [Column(capitalised(bilan.action_label or "action"), 9), Column("Intitulé", 34)]
    columns += [Column("Pilotage", 28), Column("État", 12), Column("Relecture", 12), Column("Rubrique", 24)]
    table = book.table("Fiches", [*columns, Column("Texte", NARRATIVE)])
    for heading, text in general_texts(bilan):
        _narrative(table, ["", "", "", "", ""], heading, text)
    for sheet in bilan.sheets:
        head = [sheet.code, sheet.title, ", ".join(sheet.pilots), sheet.state, sheet.status]
        for heading, text in sheet_texts(sheet, bilan):
            _narrative(table, head, heading, text)
    table.close()


def _narrative(table, head, heading, text):
    """A text on as many rows as it takes, since none is taller than a program allows."""
    for rank, portion in enumerate(portions(text, NARRATIVE)):
        table.add([*head, heading if rank == 0 else f"{heading} (suite {rank})", portion])


def _method(book, bilan):
    columns = [Column("Sujet", 40), Column(capitalised(bilan.action_label or "action"), 16)]
    table = book.table("Méthode", [*columns, Column("Texte", NARRATIVE)])
    rows = [(subject, "", text) for subject, text in (*about(bilan), *METHOD)]
    rows += [("Valeur manquante", code, f"{label} : {reason}") for code, label, reason in bilan.missing]
    rows += [("Définition", code, f"{words} : {meaning}") for code, words, meaning in bilan.definitions]
    rows += [("Note sur les valeurs et les textes", code, note) for code, note in bilan.notes]
    rows += [(f"Direction {code}", "", name) for code, name in bilan.directions if code != name]
    rows += [(f"Données, colonne « {field.heading} »", "", field.meaning) for field in fields_of(bilan)]
    for subject, code, text in rows:
        for portion in portions(text, NARRATIVE):
            table.add([subject, code, portion])
    table.close()
