"""What a published document says of itself, and what any document of an edition is made with."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Picture:
    """A picture as it is printed: its bytes, what it shows, whose it is."""

    content: bytes
    content_type: str
    alt: str = ""
    credit: str = ""


@dataclass(frozen=True)
class Imprint:
    """Which edition this is. `version` 0 is one that is not published: a preview, which says so on every page.

    `frozen_at` is when its data was read; `accent` a colour as #rrggbb or ""; `address` the permanent address of the edition.
    """

    name: str  # that of the edition in addresses and of its files: « bilan-pas-de-calais-2017-2017 »
    version: int
    frozen_at: datetime
    correction: str = ""
    accent: str = ""
    logo: Picture | None = None
    address: str = ""

    @property
    def is_preview(self):
        return self.version == 0

    @property
    def file_stem(self):
        """« bilan-nord-2026-2026-v1 », which begins the name of each of its files."""
        return f"{self.name}-apercu" if self.is_preview else f"{self.name}-v{self.version}"
