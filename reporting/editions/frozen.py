"""A document of an edition to JSON and back: what is kept in the database, and what every file is made of.

Decimals become strings, so that none loses a digit; datetimes and dates ISO 8601; pictures base 85.
"""

from decimal import Decimal

from cattrs.preconf.json import make_converter

from reporting.editions.bilan import Bilan
from reporting.editions.legal import Publication
from reporting.models import EditionKind

FORMAT = 1  # of the frozen data; an edition of a former one is still read
DOCUMENTS = {EditionKind.BILAN: Bilan, EditionKind.LEGAL: Publication}

converter = make_converter()
converter.register_unstructure_hook(Decimal, lambda value: format(value, "f"))
converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))


def freeze(document):
    """`document`, a Bilan or a Publication, as plain JSON values."""
    kind = next(kind for kind, made in DOCUMENTS.items() if isinstance(document, made))
    return {"format": FORMAT, "kind": kind.value, "document": converter.unstructure(document)}


def thaw(data):
    """The document that `freeze` has written; equal to what was frozen."""
    return converter.structure(data["document"], DOCUMENTS[EditionKind(data["kind"])])
