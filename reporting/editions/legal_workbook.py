"""The legal publication as a workbook: a sheet to read for each buyer, the open data as one table, the method.

Numbers are real numbers; whatever a person typed is a text.
"""

import re

from reporting.editions.legal import Publication
from reporting.editions.legal_data import COLUMNS, rows_of
from reporting.editions.legal_words import METHOD
from reporting.editions.xlsx import A3, Book, Number
from spaser.workbooks import Column

RATE, WHOLE, MONEY, POINTS = "0.00", "#,##0", "#,##0.00", "+0.00;-0.00;0.00"
READ = (
    Column("Catégorie", 38),
    Column("Assiette", 18),
    Column("Année", 8),
    Column("Unité", 10),
    Column("Numérateur", 14),
    Column("Dénominateur", 14),
    Column("Taux (%)", 10),
    Column("Cible (%)", 10),
    Column("Échéance", 10),
    Column("Écart (points)", 10),
    Column("Non renseignés", 13),
    Column("Part non renseignée (%)", 14),
    Column("Seuil (€ HT)", 12),
    Column("Périmètre", 34),
    Column("Source", 28),
    Column("Extraction", 12),
    Column("Précisions", 40),
)


def legal_workbook(publication: Publication):
    """The bytes of the workbook: one sheet a buyer, Données, Manques, Méthode."""
    imprint = publication.imprint
    preview = "Aperçu, non publié" if imprint.is_preview else ""
    book = Book(
        imprint,
        title=publication.title,
        author=publication.organisation,
        warning=" · ".join(filter(None, [preview, publication.demonstration])),
    )
    taken = {"données", "manques", "méthode"}
    for buyer in publication.buyers:
        _buyer(book, buyer, sheet_name(buyer, taken))
    _data(book, publication)
    _absences(book, publication)
    _method(book, publication)
    return book.as_bytes()


def sheet_name(buyer, taken):
    """A name that Excel takes for the sheet of a buyer, that no other sheet has; added to `taken`."""
    wanted = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", buyer.name).strip(" '")[:31].strip() or "Acheteur"
    name, rank = wanted, 1
    while name.casefold() in taken or name.casefold() in ("history", "historique"):
        rank += 1
        name = f"{wanted[:27].strip()} {rank}"
    taken.add(name.casefold())
    return name


def _buyer(book, buyer, name):
    table = book.table(name, list(READ), paper=A3, frozen=4)
    for line in buyer.lines:
        amount = MONEY if line.basis == "value" else WHOLE
        table.add(
            [
                line.category,
                line.basis_label,
                Number(line.year, "General"),
                line.unit,
                number(line.numerator, amount),
                number(line.denominator, amount),
                number(line.rate, RATE),
                number(line.target, RATE),
                number(line.target_year, "General"),
                number(line.gap, POINTS),
                number(line.unfilled, amount),
                number(line.unfilled_share, RATE),
                number(line.threshold, WHOLE),
                line.perimeter,
                line.source,
                line.extracted_on,
                _precisions(line),
            ]
        )
    table.close()


def number(value, form):
    return None if value is None else Number(value, form)


def _precisions(line):
    """What the other columns leave unsaid: why there is no figure, a target in words, the remarks."""
    words = f"Cible : {line.target_words}" if line.target is None and line.target_words else ""
    return "\n".join(filter(None, [line.absence, words, *line.remarks]))


def _data(book, publication):
    """The open data as one table, under the names of the CSV."""
    widths = {"categorie_libelle": 40, "perimetre": 34, "source": 28, "acheteur_nom": 28}
    table = book.table(
        "Données",
        [Column(column.name, widths.get(column.name, 16)) for column in COLUMNS],
        paper=A3,
    )
    for row in rows_of(publication):
        table.add([_cell(column, column.value(row)) for column in COLUMNS])
    table.close()


def _cell(column, value):
    if column.type in ("number", "year"):
        return number(value, "General")
    return value


def _absences(book, publication):
    columns = [Column("Acheteur", 28), Column("Catégorie", 48), Column("Lignes", 40), Column("Raison", 60)]
    table = book.table("Manques", columns)
    for absence in publication.absences:
        table.add([absence.buyer, absence.category, absence.lines, absence.text])
    table.close()


def _method(book, publication):
    table = book.table("Méthode", [Column("Sujet", 34), Column("Ce qu’il faut savoir", 110)])
    for subject, text in (*publication.about, *METHOD):
        table.add([subject, text])
    table.close()
