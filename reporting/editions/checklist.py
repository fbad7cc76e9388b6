"""What stands in the way of an edition: what is missing, not validated, or inconsistent. It may be published all the same, knowingly."""

from dataclasses import dataclass
from enum import Enum

SHOWN = 5  # gaps of a check that are read at once; the others open


class Kind(Enum):
    """What the gaps of a check have in common, as the page heads them."""

    MISSING = "Ce qui manque"
    UNVALIDATED = "Ce qui n’est pas validé"
    INCONSISTENT = "Ce qui surprend ou ne concorde pas"


@dataclass(frozen=True)
class Gap:
    """One thing to settle, and the address where it is settled ("" when there is none)."""

    text: str
    address: str = ""
    count: int = 1  # how many it stands for: the values that one sheet lacks
    note: str = ""  # what exactly


@dataclass(frozen=True)
class Check:
    """One question of the checklist with what answers it; nothing found is a good answer."""

    key: str  # its own: « values », « not_handed_in », …
    question: str
    gaps: tuple[Gap, ...]
    kind: Kind = Kind.MISSING

    @property
    def count(self):
        return sum(gap.count for gap in self.gaps)

    @property
    def first(self):
        return self.gaps[:SHOWN]

    @property
    def others(self):
        return self.gaps[SHOWN:]


def checklist(draft):
    """The Checks of `draft`, from the data as it is now, in a constant number of queries."""
    # each kind of edition builds its Checks in a module that needs this one
    from reporting.editions.bilan_gaps import bilan_checks
    from reporting.editions.legal_gaps import legal_checks

    return legal_checks(draft) if draft.is_legal else bilan_checks(draft)


def by_kind(checks):
    """[(Kind, its Checks that found something)], the Kinds without any left out."""
    found = {kind: [check for check in checks if check.kind == kind and check.gaps] for kind in Kind}
    return [(kind, rows) for kind, rows in found.items() if rows]
