"""The open data of a legal publication: CSV, JSON, and the Table Schema that says what the columns are.

The columns are stated once, in COLUMNS, and all three files are made of them. A row is a line of the publication; one that is not
followed or not filled in has its row too, with empty figures.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone

from reporting.editions.legal import BuyerTable, LegalLine, Publication
from reporting.editions.legal_words import LICENCE, REFERENCE
from spaser.french import round_half_up
from spaser.workbooks import harmless

DECIMALS = 6  # at most, of what is computed
UNITS = {"contracts": "contrats", "value": "euros HT"}
KEY = ("acheteur_nom", "periode_debut", "categorie_code", "unite")


@dataclass(frozen=True)
class Row:
    """A line with what it belongs to."""

    publication: Publication
    buyer: BuyerTable
    line: LegalLine


@dataclass(frozen=True)
class Column:
    """A column of the open data: its name, Table Schema type, French description, constraints, and its value in a Row."""

    name: str
    title: str
    description: str
    value: Callable
    type: str = "string"
    constraints: dict = field(default_factory=dict)
    example: object = ""


def of_line(name):
    return lambda row: getattr(row.line, name)


REQUIRED = {"required": True}
NOT_NEGATIVE = {"minimum": 0}
PER_CENT = {"minimum": 0, "maximum": 100}
COLUMNS = (
    Column(
        "acheteur_siret",
        "SIRET de l’acheteur",
        "Les quatorze chiffres qui identifient l’acheteur ; vide s’il n’est pas connu.",
        lambda row: row.buyer.siret,
        constraints={"pattern": "^[0-9]{14}$"},
        example="73282932000074",
    ),
    Column(
        "acheteur_nom",
        "Nom de l’acheteur",
        "La personne publique dont ce sont les achats. Un schéma partagé en a plusieurs, et chacune a ses lignes.",
        lambda row: row.buyer.name,
        constraints=REQUIRED,
        example="Métropole d’Armorique",
    ),
    Column(
        "periode_debut",
        "Début de la période",
        "Premier jour de l’année des données.",
        lambda row: date(row.line.year, 1, 1),
        "date",
        REQUIRED,
        "2026-01-01",
    ),
    Column(
        "periode_fin",
        "Fin de la période",
        "Dernier jour de l’année des données.",
        lambda row: date(row.line.year, 12, 31),
        "date",
        REQUIRED,
        "2026-12-31",
    ),
    Column(
        "categorie_code",
        "Code de la catégorie",
        "social, environnemental, esus et insertion-handicap sont les catégories de la loi ; les autres sont celles de "
        "l’acheteur.",
        of_line("category_code"),
        constraints=REQUIRED,
        example="social",
    ),
    Column(
        "categorie_libelle",
        "Libellé de la catégorie",
        "La catégorie d’achats, en toutes lettres.",
        of_line("category"),
        constraints=REQUIRED,
        example="Achats à considération sociale",
    ),
    Column(
        "unite",
        "Unité",
        "Ce que comptent le numérateur, le dénominateur et les non renseignés.",
        lambda row: UNITS[row.line.basis],
        constraints={"required": True, "enum": list(UNITS.values())},
        example="contrats",
    ),
    Column(
        "numerateur",
        "Numérateur",
        "Les achats de la catégorie, dans l’unité de la ligne ; vide si la catégorie n’est pas suivie ou pas renseignée, ce qui "
        "n’est pas zéro.",
        of_line("numerator"),
        "number",
        NOT_NEGATIVE,
        63,
    ),
    Column(
        "denominateur",
        "Dénominateur",
        "Tous les achats du périmètre, dans l’unité de la ligne ; vide s’il n’est pas connu.",
        of_line("denominator"),
        "number",
        NOT_NEGATIVE,
        224,
    ),
    Column(
        "taux",
        "Taux, en pour cent",
        "Cent fois le numérateur divisé par le dénominateur, à six décimales au plus ; vide s’il ne se calcule pas. Un taux sans "
        "numérateur ni dénominateur a été relevé tel quel.",
        lambda row: row.line.rate and rounded(row.line.rate),
        "number",
        PER_CENT,
        28.125,
    ),
    Column(
        "cible",
        "Cible, en pour cent",
        "Le taux à atteindre ; vide si la cible n’est pas un taux, ou s’il n’y en a pas.",
        of_line("target"),
        "number",
        PER_CENT,
        30,
    ),
    Column(
        "cible_echeance",
        "Échéance de la cible",
        "L’année pour laquelle la cible est fixée.",
        of_line("target_year"),
        "year",
        example=2028,
    ),
    Column(
        "non_renseignes",
        "Non renseignés",
        "Parmi les achats du dénominateur, ceux dont on ignore s’ils sont de la catégorie ; vide si leur nombre n’est pas connu.",
        of_line("unfilled"),
        "number",
        NOT_NEGATIVE,
        8,
    ),
    Column(
        "seuil_ht",
        "Seuil, en euros hors taxes",
        "Le montant à partir duquel un contrat est compté ; vide s’il n’est pas indiqué.",
        of_line("threshold"),
        "number",
        NOT_NEGATIVE,
        40000,
    ),
    Column(
        "perimetre",
        "Périmètre",
        "Ce qui est compté, et ce qui ne l’est pas.",
        of_line("perimeter"),
        example="Marchés notifiés dans l’année, hors marchés subséquents",
    ),
    Column(
        "source",
        "Source",
        "D’où viennent les chiffres.",
        of_line("source"),
        example="Logiciel de rédaction des marchés",
    ),
    Column(
        "date_extraction",
        "Date d’extraction",
        "Le jour où les chiffres ont été tirés de leur source ; le dernier s’il y en a plusieurs.",
        of_line("extracted_on"),
        "date",
        example="2027-02-01",
    ),
    Column(
        "date_publication",
        "Date de publication",
        "Le jour où cette version de la publication a été arrêtée.",
        lambda row: timezone.localdate(row.publication.imprint.frozen_at),
        "date",
        REQUIRED,
        "2027-03-15",
    ),
)


def rounded(number):
    return round_half_up(number, DECIMALS)


def rows_of(publication: Publication):
    return [Row(publication, buyer, line) for buyer in publication.buyers for line in buyer.lines]


def legal_csv(publication: Publication):
    """UTF-8, commas, decimal points, CR LF: what the Table Schema describes without any dialect."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in COLUMNS])
    for row in rows_of(publication):
        writer.writerow([_written(column.value(row)) for column in COLUMNS])
    return out.getvalue().encode()


def _written(value):
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else harmless(str(value))


def plain(number):
    """« 28.125 », « 40000 »: without the zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def legal_json(publication: Publication):
    """The rows of the CSV under the same names, each with its status in words, after what the publication is."""
    imprint = publication.imprint
    data = {
        "titre": publication.title,
        "collectivite": publication.organisation,
        "annees": list(publication.years),
        "schemas_de_promotion": list(publication.schemes),
        "reference": REFERENCE,
        "version": imprint.version,
        "apercu": imprint.is_preview,
        "correction": imprint.correction,
        "demonstration": publication.demonstration,
        "arretee_le": timezone.localtime(imprint.frozen_at).isoformat(timespec="seconds"),
        "adresse": imprint.address,
        "licence": LICENCE,
        "schema": f"{imprint.file_stem}-schema.json",
        "avant_propos": publication.foreword.text if publication.foreword else "",
        "signature": publication.foreword_author,
        "lignes": [
            {column.name: _json_value(column.value(row)) for column in COLUMNS} | _said(row.line)
            for row in rows_of(publication)
        ],
    }
    return _json(data)


def _said(line):
    """What a line says besides the columns of the CSV."""
    return {
        "statut": line.status,
        "motif": line.reason,
        "cible_en_mots": line.target_words,
        "ecart_en_points": _json_value(line.gap and rounded(line.gap)),
        "part_non_renseignee": _json_value(line.unfilled_share and rounded(line.unfilled_share)),
        "commentaire": line.comment,
        "grandeur": line.measure,
        "validee": line.validated if line.is_filled else None,
        "demonstration": line.invented,
    }


def _json_value(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def legal_schema(publication: Publication):
    """The Table Schema of the CSV: the same for all publications."""
    return _json(
        {
            "$schema": "https://frictionlessdata.io/schemas/table-schema.json",
            "name": "achats-publics-responsables",
            "title": "Taux réels d’achats publics socialement et écologiquement responsables",
            "description": (
                "Pour chaque acheteur, catégorie d’achats, assiette (nombre de contrats ou valeur) et année : les chiffres que le "
                f"schéma de promotion des achats responsables publie tous les deux ans ({REFERENCE})."
            ),
            "version": "1.0.0",
            "countryCode": "FR",
            "licenses": [LICENCE],
            "missingValues": [""],
            "primaryKey": list(KEY),
            "fields": [_field(column) for column in COLUMNS],
        }
    )


def _field(column):
    described = {
        "name": column.name,
        "title": column.title,
        "description": column.description,
        "type": column.type,
        "example": column.example,
    }
    return described | ({"constraints": column.constraints} if column.constraints else {})


def _json(data):
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
