"""The explorer as files: what it shows, with the same lines in the same order, as a workbook or as CSV.

In the workbook numbers are numbers and texts are never formulas; a CSV separates by semicolons and writes numbers as French hands do.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from indicators.models import Computation, MeasureType
from indicators.outcomes import Outcome
from indicators.series import NOT_FILLED, Value
from reporting.explorer import Explorer, Line, column_key
from spaser.french import round_half_up
from spaser.workbooks import (
    FACE,
    RED,
    Column,
    add_sheet,
    as_bytes,
    harmless,
    number_format,
    write_row,
    write_text,
)

NOTHING = ""


class Figure(NamedTuple):
    """A number as it is shown: with so many decimals, what is printed before and after it, signed when it is a change."""

    number: Decimal
    decimals: int = 0
    before: str = ""
    after: str = ""
    signed: bool = False

    @property
    def format(self):
        """« environ 1 234,50 € » in a French program: the grouping and the comma are the reader's own."""
        return _format(self.decimals, self.before, self.after, self.signed)

    @property
    def text(self):
        """« 1234,50 », for a CSV: without unit nor spaces, so that it is read as a number."""
        return f"{round_half_up(self.number, self.decimals):.{self.decimals}f}".replace(".", ",")


@lru_cache(maxsize=256)  # a few forms come back in every row
def _format(decimals, before, after, signed):
    form = _quoted(before, " ") + number_format(decimals) + _quoted(" ", after)
    return f"+{form};-{form};{form}" if signed else form


def _quoted(*parts):
    """A text inside a number format, nothing when a part of it is missing."""
    text = "".join(parts).replace('"', "")
    return f'"{text}"' if all(parts) else ""


@dataclass(frozen=True)
class Field:
    """A column of the files: its heading, its width in characters, what it means, and its cell of a line.

    A cell is a text, a Figure, or nothing.
    """

    heading: str
    width: int
    meaning: str
    cell: Callable[[Line], object]


def fields_of(explorer: Explorer):
    """The columns of the files for what `explorer` shows: those of the page, each thing that it tells in a column of its own."""
    shown = explorer.shown
    fields = [
        Field("Code", 15, "Code de la grandeur, ou de l’indicateur qui n’en a pas.", lambda line: line.code),
        Field("Action", 10, "Code de l’action ou du volet.", lambda line: line.sheet.action.code),
        Field("Intitulé de l’action", 30, "Comme le plan l’imprime.", lambda line: line.sheet.action.title),
        Field("Indicateur", 44, "Comme le plan l’imprime.", _indicator),
        Field(
            "Grandeur",
            24,
            "Ce qui est compté, quand l’indicateur compte plusieurs choses.",
            lambda line: line.own_name,
        ),
        Field(
            "Unité", 12, "L’unité des valeurs.", lambda line: line.measure.shown_unit if line.row else NOTHING
        ),
    ]
    optional = {
        "directions": [Field("Pilotage", 28, "Les directions qui pilotent l’action.", _pilots)],
        "type": [Field("Type", 18, "Ce qui se saisit.", _type)],
        "categorie": [
            Field("Catégorie légale", 24, "Ce que compte la publication légale.", lambda line: line.category)
        ],
    }
    after = {
        "evolution": _evolution_fields(explorer),
        "cible": _target_fields(explorer),
        "releve": _filling_fields(explorer),
        "commentaire": [
            Field(
                "Commentaire",
                36,
                f"Ce qui est dit de la valeur de {explorer.year}.",
                lambda line: line.comment,
            )
        ],
    }
    fields += [field for key, some in optional.items() if key in shown for field in some]
    fields += [field for rank in explorer.shown_positions for field in _year_fields(explorer, rank)]
    fields += [field for key, some in after.items() if key in shown for field in some]
    positions = explorer.shown_positions
    said = Field(
        "Précisions", 40, "Ce qui accompagne les valeurs.", lambda line: _precisions(line, positions)
    )
    return [*fields, said]


def _indicator(line):
    if line.indicator.duplicate_of_id:
        return (
            f"{line.indicator.name} (répète {line.indicator.duplicate_of.code} : ne compte dans aucun total)"
        )
    if line.indicator.refers_to_id:
        return f"{line.indicator.name} (renvoie à la fiche {line.indicator.refers_to.code})"
    return line.indicator.name


def _pilots(line):
    return ", ".join(direction.name for direction in line.sheet.pilots)


def _type(line):
    return line.measure.get_type_display() if line.row else NOTHING


def _year_fields(explorer, rank):
    """The values of a year; beside them the terms of the rates, when a line shows one."""
    label = explorer.columns[rank].label

    def value(line):
        return line.cells[rank].value if line.cells else None

    fields = [
        Field(
            label,
            17,
            f"Valeur de {label} ; un mot dit pourquoi elle manque.",
            lambda line: _value(line, rank),
        )
    ]
    if any(line.row and line.measure.type == MeasureType.RATIO for line in explorer.kept):
        fields += [
            Field(
                f"{label}, {name}",
                14,
                f"Le {name} du taux de {label}.",
                lambda line, term=term: _term(value(line), term),
            )
            for term, name in (("numerator", "numérateur"), ("denominator", "dénominateur"))
        ]
    return fields


def _value(line, rank):
    if not line.cells:
        return NOTHING
    cell = line.cells[rank]
    if cell.value is None:
        return NOT_FILLED if cell.due and not line.measure.is_computed else NOTHING
    return _figure(cell.value)


def _figure(value: Value):
    """The number of a value as it is shown, otherwise its words."""
    if value.missing or value.boolean is not None or value.number is None:
        return value.display
    measure, decimals = value.measure, value.shown_decimals
    if measure.computation == Computation.EVOLUTION:
        return Figure(value.number, decimals, after="points" if value.points else "%", signed=True)
    after = {MeasureType.AMOUNT: "€", MeasureType.PERCENT: "%", MeasureType.RATIO: "%"}.get(measure.type, "")
    return Figure(value.number, decimals, value.qualifier, after)


def _term(value, term):
    """A term of a rate, with the decimals that it has."""
    if value is None or value.measure.type != MeasureType.RATIO or getattr(value, term) is None:
        return NOTHING
    number = getattr(value, term).normalize()
    return Figure(number, max(0, -number.as_tuple().exponent))


def _evolution_fields(explorer):
    def number(line):
        if not (line.row and line.row.evolution):
            return NOTHING
        evolution = line.row.evolution
        return Figure(evolution.number, evolution.decimals, after=_in(evolution), signed=True)

    since = f"{explorer.year - 1} à {explorer.year}"
    return [
        Field("Évolution", 15, f"De {since} ; aucune par-dessus une rupture de série.", number),
        Field(
            "Évolution en",
            12,
            "Points pour un pourcentage ou un taux, % de l’ancienne valeur pour le reste.",
            lambda line: _in(line.row.evolution) if line.row and line.row.evolution else NOTHING,
        ),
        Field(
            "Sens",
            14,
            "« S’améliore » ou « se dégrade » quand le sens attendu est connu.",
            lambda line: line.course.label if line.course else NOTHING,
        ),
    ]


def _in(evolution):
    return "points" if evolution.points else "%"


def _target_fields(explorer):
    def target(line):
        return str(line.row.result.target) if line.has_target else NOTHING

    def progress(line):
        return NOTHING if line.progress is None else Figure(line.progress, 0, after="%")

    return [
        Field("Cible", 30, f"Celle qui compte en {explorer.year}.", target),
        Field(
            "Issue",
            14,
            f"Ce que devient la cible en {explorer.year}.",
            lambda line: Outcome(line.row.outcome).label if line.row else NOTHING,
        ),
        Field("Avancement", 13, "Part du chemin faite, de la référence à la cible, en %.", progress),
    ]


def _filling_fields(explorer):
    return [
        Field(
            "Relevé",
            14,
            f"Ce qui était dû en {explorer.year} : renseigné (une valeur, ou la raison de son absence), à renseigner.",
            lambda line: line.filling if line.row else NOTHING,
        ),
        Field("Statut", 12, "Où en est la relecture de la valeur.", lambda line: line.status_label),
    ]


def _precisions(line, positions):
    """What the page marks beside the values of the years shown, year by year."""
    said = []
    for rank in positions if line.cells else ():
        column, value, _, breaks = line.cells[rank]
        notes = [f"rupture de série en {found.year} : {found.note}" for found in breaks]
        if value is not None:
            notes += [value.qualifier] if value.qualifier and not value.missing else []
            notes += ["calculé"] if value.computed else []
            notes += [f"au {value.as_of:%d/%m/%Y}"] if value.as_of else []
            if value.demonstration:
                notes.append(
                    "démonstration, valeur inventée"
                    if column.demonstration
                    else "d’après des valeurs de démonstration"
                )
        if notes:
            said.append(f"{column_key(column)} : {' ; '.join(notes)}")
    return "\n".join(said)


def invented(explorer: Explorer):
    """« Démonstration : les valeurs de 2026 sont inventées », when a column shown is."""
    years = " et ".join(column_key(column) for column in explorer.shown_years if column.demonstration)
    return f"Démonstration : les valeurs de {years} sont inventées" if years else ""


def explorer_csv(explorer: Explorer):
    """The bytes of the table as CSV: semicolons, CR LF, and the mark by which a French Excel knows UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    fields = fields_of(explorer)
    writer.writerow([harmless(field.heading) for field in fields])
    for line in explorer.kept:
        cells = (field.cell(line) for field in fields)
        writer.writerow([cell.text if isinstance(cell, Figure) else harmless(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def explorer_workbook(explorer: Explorer, *, address):
    """The bytes of the workbook: the table, and a sheet that says what it is; `address` is that of the view."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = f"{explorer.scheme.title}, indicateurs {explorer.year}"
    book.properties.creator = explorer.scheme.organisation.name
    fields, warning = fields_of(explorer), invented(explorer)
    columns = [Column(field.heading, field.width) for field in fields]
    start = 2 if warning else 1
    sheet = add_sheet(book, "Indicateurs", columns, start=start)
    if warning:
        write_text(sheet.cell(1, 1), warning)
        sheet.cell(1, 1).font = Font(name=FACE, bold=True, size=12, color=RED)
        sheet.print_title_rows = "1:2"
    sheet.freeze_panes = f"B{start + 1}"
    for line in explorer.kept:
        cells = (field.cell(line) for field in fields)
        write_row(sheet, [(cell.number, cell.format) if isinstance(cell, Figure) else cell for cell in cells])
    last = get_column_letter(len(fields))
    sheet.auto_filter.ref = f"A{start}:{last}{max(start, sheet.max_row)}"
    _about(book, explorer, fields, warning, address)
    return as_bytes(book)


def _about(book, explorer, fields, warning, address):
    sheet = add_sheet(book, "À propos", [Column("Sujet", 30), Column("Texte", 100)])
    scheme = explorer.scheme
    rows = [
        ("Collectivité", scheme.organisation.name),
        ("Schéma", str(scheme)),
        ("Année", explorer.year),
        ("Exporté le", timezone.localdate()),
        ("Démonstration", warning),
        ("Valeurs lues", f"Celles que votre compte peut lire : {explorer.reader}."),
        ("Filtres", "\n".join(f"{label} : {words}" for label, words, _ in explorer.criteria) or "Aucun."),
        ("Tri", explorer.sort_in_words),
        ("Grandeurs", explorer.measures),
        ("Complétude", f"{explorer.completeness}.".capitalize()),
        ("Adresse de la vue", address),
        ("Donnée absente", "Ce n’est pas un zéro : elle n’entre dans aucun calcul."),
        ("Cellule vide", "Pas de fiche cette année-là, ou rien à calculer."),
    ]
    rows += [(f"Colonne « {field.heading} »", field.meaning) for field in fields]
    for subject, text in rows:
        if text != "":
            write_row(sheet, [subject, text])
