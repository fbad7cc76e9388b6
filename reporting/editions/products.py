"""The files of an edition, in the order in which they are made: data first, since the PDF carries it."""

from collections.abc import Callable
from dataclasses import dataclass

from reporting.editions.bilan import Bilan
from reporting.editions.bilan_data import bilan_csv, bilan_json
from reporting.editions.bilan_pdf import bilan_pdf
from reporting.editions.bilan_slides import bilan_slides
from reporting.editions.bilan_workbook import bilan_workbook
from reporting.editions.legal_data import legal_csv, legal_json, legal_schema
from reporting.editions.legal_pdf import legal_pdf
from reporting.editions.legal_workbook import legal_workbook
from spaser.workbooks import XLSX

PDF, JSON, CSV = "application/pdf", "application/json", "text/csv; charset=utf-8"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@dataclass(frozen=True)
class Product:
    """A file to make. `make(document, made)` gives its bytes; `made` maps the suffixes of the files made before to their bytes."""

    doing: str  # what is said while it is made: « Mise en page du PDF »
    label: str  # what the file is, for who downloads it
    suffix: str  # after the file stem of the imprint: « .pdf », « -schema.json »
    content_type: str
    make: Callable

    def name(self, document):
        return f"{document.imprint.file_stem}{self.suffix}"


def alone(write):
    """A file that needs no other."""
    return lambda document, made: write(document)


BILAN = (
    Product("Données en JSON", "Données (JSON)", ".json", JSON, alone(bilan_json)),
    Product("Données en CSV", "Données (CSV)", ".csv", CSV, alone(bilan_csv)),
    Product("Mise en page du PDF", "Document (PDF)", ".pdf", PDF, bilan_pdf),
    Product("Classeur", "Classeur (Excel)", ".xlsx", XLSX, alone(bilan_workbook)),
    Product("Diaporama", "Diaporama (PowerPoint)", ".pptx", PPTX, alone(bilan_slides)),
)
LEGAL = (
    Product("Données en JSON", "Données ouvertes (JSON)", ".json", JSON, alone(legal_json)),
    Product("Données en CSV", "Données ouvertes (CSV)", ".csv", CSV, alone(legal_csv)),
    Product(
        "Schéma des données", "Schéma des données (Table Schema)", "-schema.json", JSON, alone(legal_schema)
    ),
    Product("Mise en page du PDF", "Document (PDF)", ".pdf", PDF, legal_pdf),
    Product("Classeur", "Classeur (Excel)", ".xlsx", XLSX, alone(legal_workbook)),
)


def products_of(document):
    return BILAN if isinstance(document, Bilan) else LEGAL
