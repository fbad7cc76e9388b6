"""Each rule of docs/calculations.md, with the numbers of its worked examples."""

from decimal import Decimal as D

import pytest

from indicators import calculations
from spaser.french import round_half_up


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (D(63), D(224), D("28.125")),
        (D(0), D(12), D(0)),
        (D(5), D(0), None),
        (D(0), D(0), None),
        (None, D(12), None),
        (D(5), None, None),
    ],
)
def test_rate(numerator, denominator, expected):
    assert calculations.rate(numerator, denominator) == expected


@pytest.mark.parametrize(
    ("reused", "total", "printed"), [(D(144), D(1381), D("10.43")), (D(84), D(1388), D("6.05"))]
)
def test_rate_agrees_with_the_printed_share_of_furniture(reused, total, printed):
    assert round_half_up(calculations.rate(reused, total), 2) == printed


@pytest.mark.parametrize(
    ("values", "expected"),
    [([D(144), D(1237)], D(1381)), ([D(84), None], None), ([], None), ([D(0), D(0)], D(0))],
)
def test_total(values, expected):
    assert calculations.total(values) == expected


@pytest.mark.parametrize(
    ("before", "value", "points", "decimals", "expected"),
    [
        (D(9417536), D(8642568), False, 1, D("-8.2")),
        (D(552631), D(496739), False, 1, D("-10.1")),
        (D(35372), D(32891), False, 1, D("-7.0")),
        (D("61.88"), D("34.03"), True, 2, D("-27.85")),
        (D("23.30"), D("15.42"), True, 2, D("-7.88")),
        (D(-50), D(-25), False, 0, D(50)),
        (D(0), D(7), True, 0, D(7)),
    ],
)
def test_evolution(before, value, points, decimals, expected):
    assert round_half_up(calculations.evolution(value, before, points=points), decimals) == expected


@pytest.mark.parametrize(("before", "value"), [(D(0), D(7)), (None, D(7)), (D(7), None)])
def test_evolution_that_cannot_be_computed_is_missing(before, value):
    assert calculations.evolution(value, before, points=False) is None


@pytest.mark.parametrize(
    ("baseline", "target", "value", "expected"),
    [
        (D(20), D(50), D(35), D("0.5")),
        (D(100), D(60), D(70), D("0.75")),
        (D(100), D(60), D(110), D("-0.25")),
        (D(20), D(50), D(56), D("1.2")),
        (D(20), D(50), None, None),
        (None, D(50), D(35), None),
        (D(20), None, D(35), None),
    ],
)
def test_progress(baseline, target, value, expected):
    assert calculations.progress(value, baseline=baseline, target=target) == expected


def test_progress_towards_where_one_stands_is_an_error():
    with pytest.raises(ValueError, match="baseline equals target"):
        calculations.progress(D(3), baseline=D(5), target=D(5))


@pytest.mark.parametrize(
    ("value", "comparison", "target", "target_max", "expected"),
    [
        (D("34.03"), "at_least", D(50), None, False),
        (D(50), "at_least", D(50), None, True),
        (D(50), "at_most", D(50), None, True),
        (D(51), "at_most", D(50), None, False),
        (D(100), "equal", D(100), None, True),
        (D(12), "between", D(10), D(20), True),
        (D(10), "between", D(10), D(20), True),
        (D(20), "between", D(10), D(20), True),
        (D(21), "between", D(10), D(20), False),
        (None, "at_least", D(50), None, None),
        (D(12), "increase", None, None, None),
        (D(12), "qualitative", None, None, None),
    ],
)
def test_reached(value, comparison, target, target_max, expected):
    assert (
        calculations.reached(value, comparison=comparison, target=target, target_max=target_max) is expected
    )


def test_completeness():
    assert round_half_up(calculations.completeness(44, 47), 1) == D("93.6")
    assert calculations.completeness(0, 47) == 0
    assert calculations.completeness(0, 0) is None


@pytest.mark.parametrize(
    ("state", "engaged"),
    [
        ("engaged", True),
        ("in_progress", True),
        ("done", True),
        ("not_started", False),
        ("suspended", False),
        ("abandoned", False),
        ("", False),
    ],
)
def test_is_engaged(state, engaged):
    assert calculations.is_engaged(state) is engaged


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["done", "done"], "done"),
        (["done", "engaged"], "in_progress"),
        (["done", ""], "in_progress"),
        (["done", "abandoned"], "done"),
        (["done", "abandoned", ""], "in_progress"),
        (["abandoned", ""], "abandoned"),
        (["engaged", "not_started"], "engaged"),
        (["engaged", ""], "engaged"),
        (["not_started", "not_started"], "not_started"),
        (["not_started", ""], "not_started"),
        (["suspended", "not_started"], "suspended"),
        (["suspended", "abandoned"], "suspended"),
        (["abandoned", "abandoned"], "abandoned"),
        (["abandoned", "not_started"], "not_started"),
        (["", ""], ""),
        ([], ""),
    ],
)
def test_state_of_parts(parts, expected):
    assert calculations.state_of_parts(parts) == expected


def test_count_states():
    assert calculations.count_states(["done", "done", "engaged", ""]) == {"done": 2, "engaged": 1, "": 1}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["validated", "submitted"], "submitted"),
        (["validated", "draft", "returned"], "draft"),
        (["returned", "submitted"], "returned"),
        (["validated"], "validated"),
        ([], None),
    ],
)
def test_weakest(statuses, expected):
    assert calculations.weakest(statuses) == expected
