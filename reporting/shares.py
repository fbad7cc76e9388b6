"""Counts as shares of a whole: a bar in segments, with under it each count in words and the way to the list behind it."""

from dataclasses import dataclass

from indicators.models import ActionState, ReportStatus
from indicators.outcomes import Outcome
from spaser.french import plural

WHOLE = 1000  # the length of the bar, in its own units
ALIKE = (Outcome.ON_THE_WAY, Outcome.UNKNOWN, Outcome.WORDS, Outcome.NONE)  # in the plural as in the singular
STATES = {  # what has gone furthest first
    state: state.of
    for state in (
        ActionState.DONE,
        ActionState.IN_PROGRESS,
        ActionState.ENGAGED,
        ActionState.NOT_STARTED,
        ActionState.SUSPENDED,
        ActionState.ABANDONED,
    )
}


@dataclass(frozen=True)
class Share:
    """One category: `start` and `width` place its segment in a bar of 1000; without `address`, nothing stands behind it."""

    key: str
    label: str
    count: int
    start: int
    width: int
    address: str = ""


def state_shares(tally, addresses=None):
    """The actions of a Tally by state. `addresses` maps keys to the list behind each."""
    parts = [
        (state.value, label(count), count)
        for state, label in STATES.items()
        if (count := tally.states[state])
    ]
    unknown = tally.states[""]
    return _shares([*parts, ("", "sans état indiqué", unknown)], addresses)


def outcome_shares(tally, addresses=None):
    """The measures with a target by what becomes of it."""
    parts = [
        (outcome.value, _agreed(outcome, tally.outcomes[outcome]), tally.outcomes[outcome])
        for outcome in Outcome
        if outcome != Outcome.NONE
    ]
    return _shares(parts, addresses)


def status_shares(by_status, addresses=None):
    """Sheets by status, from {ReportStatus: count}."""
    order = (ReportStatus.VALIDATED, ReportStatus.SUBMITTED, ReportStatus.RETURNED, ReportStatus.DRAFT)
    parts = [(status.value, plural(status.label, by_status[status]), by_status[status]) for status in order]
    return _shares(parts, addresses)


def _agreed(outcome, count):
    return outcome.label if outcome in ALIKE else plural(outcome.label, count)


def _shares(parts, addresses):
    parts = [part for part in parts if part[2]]
    total = sum(count for _, _, count in parts)
    shares, done = [], 0
    for key, label, count in parts:
        start, done = WHOLE * done // total, done + count
        address = (addresses or {}).get(key, "")
        shares.append(Share(key, label, count, start, WHOLE * done // total - start, address))
    return shares
