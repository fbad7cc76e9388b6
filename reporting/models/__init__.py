"""What is published, what is being prepared for it, and the legal figures that no plan follows."""

from reporting.models.draft import EditionDraft, Making, Purpose
from reporting.models.edition import Edition, EditionFile, EditionKind, Posting
from reporting.models.legal import LegalFigure

__all__ = [
    "Edition",
    "EditionDraft",
    "EditionFile",
    "EditionKind",
    "LegalFigure",
    "Making",
    "Posting",
    "Purpose",
]
