"""What the figures mean: pure functions on Decimals and plain values, without the ORM and without today.

Missing is None throughout, and is never taken for zero: what is made of something missing is missing.
Each function has its rule and a worked example in docs/calculations.md, under the heading it names.
"""

from collections import Counter
from decimal import Decimal

HUNDRED = Decimal(100)


def rate(numerator, denominator):
    """The rate in per cent; None when a term is missing or the denominator is 0. docs: « Taux »."""
    if numerator is None or not denominator:
        return None
    return numerator * HUNDRED / denominator


def total(values):
    """The sum; None when a value is missing or there is none. docs: « Somme »."""
    values = list(values)
    if not values or None in values:
        return None
    return sum(values)


def evolution(value, before, *, points):
    """The change since the year before. docs: « Évolution ».

    `points`: the values are percentages, and the change is their difference in points; otherwise it is in per
    cent of the former value, whose sign does not count. None when a value is missing or the former one is 0.
    """
    if value is None or before is None:
        return None
    if points:
        return value - before
    if before == 0:
        return None
    return (value - before) * HUNDRED / abs(before)


def progress(value, *, baseline, target):
    """Share of the way from `baseline` to `target` covered by `value`, for rising and falling targets alike.

    All Decimals in one unit. 0 at the baseline, 1 at the target, more beyond, negative when receding; None when
    one is missing. Raises ValueError when baseline equals target. docs: « Avancement ».
    """
    if value is None or baseline is None or target is None:
        return None
    if baseline == target:
        raise ValueError("baseline equals target")
    return (value - baseline) / (target - baseline)


def reached(value, *, comparison, target, target_max=None):
    """Is the target reached? True, False, or None when the value is missing or the target is only words.

    `comparison` is one of at_least, at_most, equal, between (both ends included). docs: « Cible atteinte ».
    """
    if value is None or target is None:
        return None
    return {
        "at_least": value >= target,
        "at_most": value <= target,
        "equal": value == target,
        "between": target_max is not None and target <= value <= target_max,
    }.get(comparison)


def completeness(filled, expected):
    """The share of expected readings that have a value or a reason, in per cent; None when none is expected.

    `filled` and `expected` are counts. docs: « Complétude ».
    """
    if not expected:
        return None
    return Decimal(filled) * HUNDRED / Decimal(expected)


ENGAGED_STATES = frozenset({"engaged", "in_progress", "done"})


def is_engaged(state):
    """Has the action begun? A suspended or abandoned one no longer counts. docs: « Actions engagées »."""
    return state in ENGAGED_STATES


def state_of_parts(states):
    """The state of an action with parts, from those of its parts; "" when none is known.

    What all the known ones are, but done only when all are known; done too when the others are abandoned; in progress
    if one is, or if some are done and others not; engaged if one is. docs: « État d’une action ».
    """
    states = list(states)
    known = {state for state in states if state}
    if known <= {"done", "abandoned"} and "done" in known:
        return "done" if "" not in states else "in_progress"
    if len(known) < 2:
        return next(iter(known), "")
    if known & {"in_progress", "done"}:
        return "in_progress"
    if "engaged" in known:
        return "engaged"
    return "suspended" if "suspended" in known else "not_started"


def count_states(states):
    """How many of each state, as a Counter; "" counts those whose state is not given. docs: « État d’une action »."""
    return Counter(states)


REVIEW_ORDER = ("draft", "returned", "submitted", "validated")


def weakest(statuses):
    """The least advanced review status: that of a computed value is no better. None of none. docs: « Source la plus faible »."""
    return min(statuses, key=REVIEW_ORDER.index, default=None)
