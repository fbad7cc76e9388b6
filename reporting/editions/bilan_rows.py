"""The figures of a bilan as rows, one a reading or other figure and year: what the « Données » of the workbook and the CSV hold."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import NamedTuple

from indicators.models import MeasureType, Missing
from reporting.editions.bilan import EMPTY, NOTHING, Bilan, Cell, Row, Sheet, Table
from reporting.editions.bilan_texts import capitalised
from reporting.export import Figure
from spaser.workbooks import Column

TYPES, REASONS = dict(MeasureType.choices), dict(Missing.choices)
ABSENCES = {"": "", EMPTY.missing: EMPTY.text, NOTHING.missing: "pas attendue", **REASONS}


class Entry(NamedTuple):
    """A row: what is said of one measure or figure of an action in one year."""

    sheet: Sheet
    table: Table
    row: Row
    year: int
    cell: Cell
    invented: bool
    current: bool  # of the year of the bilan, of which targets and reviews are told


class Field(NamedTuple):
    """A column: its heading, its width in characters, what it means, and its cell of an Entry.

    A cell is a text, an int, a date, a Figure, or nothing.
    """

    heading: str
    width: int
    meaning: str
    cell: Callable[[Entry], object]

    @property
    def column(self):
        return Column(self.heading, self.width)


def entries_of(bilan: Bilan) -> Iterator[Entry]:
    """The rows, in the order of the plan; of an action, its indicators and then its other figures."""
    for sheet in bilan.sheets:
        for table in (*sheet.indicators, *sheet.figures):
            for row in table.rows:
                for year, cell in zip(bilan.years, row.cells, strict=True):
                    yield Entry(sheet, table, row, year, cell, year in bilan.invented, year == bilan.year)


def fields_of(bilan: Bilan) -> list[Field]:
    """The columns, with the names that the scheme gives to its levels."""
    pillar = capitalised(bilan.pillar_label or "orientation")
    action = capitalised(bilan.action_label or "action")
    return [
        Field(pillar, 16, "Premier niveau du schéma.", attrgetter("sheet.pillar")),
        Field(f"{action} : code", 9, "Code de la fiche, ou du volet.", attrgetter("sheet.code")),
        Field(f"{action} : intitulé", 34, "Comme le plan l’imprime.", attrgetter("sheet.title")),
        *FIELDS,
    ]


def own_label(row: Row, table: Table):
    """What the row counts, unless its table says it already."""
    return "" if row.label == table.title or not table.title else row.label


def value_of(entry: Entry):
    cell = entry.cell
    if cell.is_number:
        return Figure(cell.number, cell.decimals)
    return "" if cell.missing else cell.text


def _term(number):
    """A term of a rate, with the decimals that it has."""
    return "" if number is None else Figure(number, decimals_of(number))


def decimals_of(number):
    return max(0, -number.normalize().as_tuple().exponent)


def absence(entry: Entry):
    return ABSENCES[entry.cell.missing]


def reason(entry: Entry):
    cell = entry.cell
    return cell.text if cell.missing in REASONS and cell.text != REASONS[cell.missing] else ""


def review(entry: Entry):
    """That of the value, else that of the sheet in which it should stand."""
    return entry.cell.status or (entry.sheet.status if entry.current else "")


def _comment(entry: Entry):
    return " ".join(filter(None, (entry.cell.comment, entry.row.note)))


def _target(entry: Entry):
    number = entry.row.target_number if entry.current else None
    return "" if number is None else Figure(number, decimals_of(number))


def yes(said):
    return "oui" if said else ""


FIELDS = (  # all but those that a scheme names
    Field("Pilotage", 26, "Qui pilote.", lambda entry: ", ".join(entry.sheet.pilots)),
    Field(
        "Nature",
        11,
        "« Indicateur » du plan, ou « autre donnée » qui ne répond à aucun indicateur.",
        lambda entry: "indicateur" if entry.row.code else "autre donnée",
    ),
    Field("Code", 14, "Code de la grandeur ; une autre donnée n’en a pas.", attrgetter("row.code")),
    Field(
        "Indicateur",
        30,
        "Comme le plan l’imprime, ou le tableau d’une autre donnée.",
        lambda entry: entry.table.title or entry.row.label,
    ),
    Field(
        "Grandeur",
        16,
        "Ce qui est compté, quand l’indicateur compte plusieurs choses.",
        lambda entry: own_label(entry.row, entry.table),
    ),
    Field("Type", 11, "Ce qui se saisit.", lambda entry: TYPES[entry.row.type]),
    Field("Unité", 9, "L’unité de la valeur.", attrgetter("row.unit")),
    Field("Année", 7, "L’année de la donnée.", attrgetter("year")),
    Field("Valeur", 12, "Un nombre, ou les mots qui répondent ; vide quand elle manque.", value_of),
    Field(
        "Nuance",
        8,
        "Ce qui nuance le nombre : « environ », « plus de ».",
        attrgetter("cell.qualifier"),
    ),
    Field("Numérateur", 11, "Du taux.", lambda entry: _term(entry.cell.numerator)),
    Field("Dénominateur", 13, "Du taux.", lambda entry: _term(entry.cell.denominator)),
    Field(
        "Donnée absente",
        13,
        "En quoi elle manque, ce qui n’est pas un zéro ; « pas attendue » : pas de fiche cette année-là, rien à calculer, ou une autre grandeur répond.",
        absence,
    ),
    Field("Motif", 14, "Pourquoi elle manque, quand c’est dit.", reason),
    Field("Calculée", 9, "« Oui » quand elle se déduit d’autres.", lambda e: yes(e.cell.computed)),
    Field("Relecture", 10, "Où en est la valeur : seule « validée » est définitive.", review),
    Field("En date du", 11, "La date que la valeur décrit.", attrgetter("cell.as_of")),
    Field(
        "Non renseignés",
        11,
        "Combien de marchés sont sans réponse, dans un décompte.",
        attrgetter("cell.unfilled"),
    ),
    Field("Source", 13, "D’où vient la valeur.", attrgetter("cell.source")),
    Field(
        "Rupture de série",
        14,
        "Ce qui a changé depuis l’année précédente.",
        attrgetter("cell.series_break"),
    ),
    Field("Commentaire", 28, "Ce qui est dit de la valeur.", _comment),
    Field("Cible", 10, "Le nombre à atteindre, quand la cible en est un.", _target),
    Field(
        "Échéance",
        10,
        "L’année de la cible.",
        lambda entry: entry.row.target_year if entry.current else None,
    ),
    Field(
        "Issue",
        10,
        "Ce que devient la cible cette année-là.",
        lambda entry: entry.row.outcome_label if entry.current else "",
    ),
    Field(
        "Démonstration",
        14,
        "« Oui » quand la valeur est inventée, pour l’exemple.",
        lambda entry: yes(entry.invented),
    ),
)
