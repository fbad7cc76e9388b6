"""The order of a list, as an address says it: the plan's, or that of one column, turned over by a « - » before its name."""

import re
from dataclasses import dataclass

from spaser.text import fold

PLAN = "plan"


def natural(code):
    """A key that sorts « 1-1.2 » before « 1-1.10 »."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", fold(code))]


def sort_choices(sorts):
    """What « Tri » offers. `sorts` maps a name to (words, key of a row, None for what comes last)."""
    return [(PLAN, "Ordre du plan")] + [
        choice
        for name, (words, _) in sorts.items()
        for choice in ((name, f"{words}, croissant"), (f"-{name}", f"{words}, décroissant"))
    ]


def ordered(rows, sort, sorts):
    """`rows` in the order of `sort`, a name of `sorts` with « - » before it to turn it over; those without key come last."""
    name = sort.removeprefix("-")
    if name not in sorts:
        return rows
    key = sorts[name][1]
    keyed = [row for row in rows if key(row) is not None]
    return sorted(keyed, key=key, reverse=sort.startswith("-")) + [row for row in rows if key(row) is None]


@dataclass(frozen=True)
class Head:
    """The head of a column: the address that sorts by it, and « ascending » or « descending » when the lines are."""

    key: str
    label: str
    href: str = ""
    sorted: str = ""
    judged: bool = False  # the column of the year that is judged
    numeric: bool = False
