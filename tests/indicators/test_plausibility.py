"""What surprises in a value: the cases of docs/calculations.md, « Vraisemblance », worked out by hand."""

from decimal import Decimal

import pytest

from indicators.entry.plausibility import surprises
from indicators.models import Measure
from indicators.series import Value


def value(kind="count", number=None, year=2026, **fields):
    measure = Measure(code="G-1", type=kind, unit="" if kind in ("percent", "ratio", "amount") else "repas")
    return Value(measure, year, number=None if number is None else Decimal(number), **fields)


def said(*values):
    return [sentence.partition(" (")[0].rstrip(" .:") for sentence in surprises(*values)]


TEN_TIMES_MORE = "C’est au moins dix fois plus que l’année précédente"
TEN_TIMES_LESS = "C’est au moins dix fois moins que l’année précédente"


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("120", "12", [TEN_TIMES_MORE]),
        ("119", "12", []),
        ("1.2", "12", [TEN_TIMES_LESS]),
        ("1.3", "12", []),
        ("-120", "12", [TEN_TIMES_MORE]),
        ("0", "12", []),  # 0 is no multiple of anything
        ("12", "0", []),
        ("12", None, []),
        (None, "12", []),
    ],
)
def test_a_jump_is_ten_times_either_way(now, before, expected):
    assert said(value("quantity", now), value("quantity", before, year=2025)) == expected


def test_the_first_year_surprises_nobody():
    assert said(value("quantity", "12000")) == []


@pytest.mark.parametrize(
    ("surprising", "expected"),
    [
        (value("percent", "100"), []),
        (value("percent", "100.1"), ["Ce pourcentage dépasse 100 %"]),
        (value("ratio", "100"), []),
        (value("ratio", "105"), ["Le numérateur dépasse le dénominateur : le taux est au-dessus de 100 %"]),
        (value("count", "-1"), ["Un nombre ne descend pas sous zéro"]),
        (value("amount", "-1"), []),  # a gain may be a loss
        (value("count", "12", unfilled=12), []),
        (value("count", "12", unfilled=15), ["Il y aurait plus de non renseignés"]),
    ],
)
def test_a_value_beyond_what_it_is_part_of(surprising, expected):
    assert said(surprising) == expected


@pytest.mark.parametrize(
    ("kind", "year", "half", "expected"),
    [
        ("count", "9", "12", ["C’est moins que la valeur du premier semestre"]),
        ("count", "12", "12", []),
        ("amount", "9", "12", ["C’est moins que la valeur du premier semestre"]),
        ("percent", "9", "12", []),  # a share may fall
    ],
)
def test_a_year_counts_at_least_what_its_first_half_did(kind, year, half, expected):
    assert said(value(kind, year), None, value(kind, half)) == expected
