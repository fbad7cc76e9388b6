"""What moved in a scheme since the year before, for who has a minute: the few changes that are worth telling first."""

from dataclasses import dataclass
from itertools import zip_longest

from indicators.models import ActionState
from indicators.outcomes import Outcome, main_result, result_of
from indicators.rules import valid_in
from reporting.changes import Course, course_of
from reporting.situation import JUDGED

FORWARD = [ActionState.NOT_STARTED, ActionState.ENGAGED, ActionState.IN_PROGRESS, ActionState.DONE]


@dataclass(frozen=True)
class Move:
    """One change. `key` is the state, outcome or Course that gives its badge, `label` its words; `before`, `after` what changed."""

    key: str
    label: str
    title: str
    address: str
    before: str
    after: str
    invented: bool = False


def moves(situation, most=3):
    """At most `most` Moves: in turn an action that changed state, a target that was reached or lost, a measure that changed much."""
    kinds = [state_moves(situation), outcome_moves(situation), _measures(situation)]
    in_turn = [move for turn in zip_longest(*kinds) for move in turn if move]
    by_subject = {}
    for move in in_turn:  # a measure that reached its target is not told a second time
        by_subject.setdefault(move.address, move)
    return list(by_subject.values())[:most]


def state_moves(situation):
    """What went furthest forward first, then what was suspended or given up."""
    changed = [
        row for row in situation.whole if row.state and row.state_before and row.state != row.state_before
    ]

    def rank(row):
        return -FORWARD.index(row.state) if row.state in FORWARD else 1

    return [
        Move(
            key=row.state,
            label=ActionState(row.state).label,
            title=str(row.action),
            address=row.action.get_absolute_url(),
            before=ActionState(row.state_before).label,
            after=ActionState(row.state).label,
            invented=situation.campaign.demonstration,
        )
        for row in sorted(changed, key=rank)
    ]


def outcome_moves(situation):
    """The targets reached since the year before, then those that no longer are."""
    found = []
    for row in situation.measures:
        if row.outcome not in JUDGED or not valid_in(row.indicator, situation.year - 1):
            continue
        if row.value is None or not row.value.is_known:  # judged by the value of its deadline: nothing moved
            continue
        results = [
            result_of(target, situation.series, situation.year - 1) for target in row.measure.targets.all()
        ]
        before = main_result(results, situation.year - 1).outcome
        if before in JUDGED and before != row.outcome and row.outcome != Outcome.ON_THE_WAY:
            found.append((row.outcome != Outcome.REACHED, measure_move(row, row.outcome, row.outcome.label)))
    return [move for _, move in sorted(found, key=lambda pair: pair[0])]


def _measures(situation):
    """Those with a known sense that changed most, in per cent; those with a target first."""
    rows = [
        row
        for row in situation.measures
        if row.measure.sense and row.evolution and row.evolution.number and not row.evolution.points
    ]
    rows.sort(key=lambda row: (row.outcome == Outcome.NONE, -abs(row.evolution.number)))
    return [
        measure_move(
            row, (course := course_of(row.measure, row.evolution.number)).value, Course(course).label
        )
        for row in rows
    ]


def measure_move(row, key, label):
    indicator = row.indicator
    several = row.measure.name or row.measure.item
    return Move(
        key=str(key),
        label=label,
        title=f"{indicator.name} : {row.measure.label}" if several else indicator.name,
        address=indicator.get_absolute_url(),
        before=row.before.display if row.before else "",
        after=f"{row.value.display} ({row.evolution.display})" if row.evolution else row.value.display,
        invented=row.value.demonstration,
    )
