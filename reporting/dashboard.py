"""What the dashboard of a scheme says of a year: its counts by pillar, direction and year, what moved, and what to look at.

All of it is made in memory of one Situation, and so of what its reader may see.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from actions.models import Direction, Nature, Objective, Pillar
from indicators.charts import Point, Trace, stacked_chart, trend_chart
from indicators.models import ActionState
from indicators.outcomes import Outcome
from indicators.progress import HANDED_IN, days_late
from indicators.rules import in_force
from reporting.action_list import NOBODY
from reporting.changes import course_of
from reporting.lists import Lists, PilotLists
from reporting.moves import Move, measure_move, outcome_moves, state_moves
from reporting.shares import outcome_shares
from reporting.situation import ActionSituation, Situation, Tally, tally
from spaser.french import with_unit

FIRST = 5  # of a list; the whole of it stands on another page
CHART_LABEL = 60  # characters of a pillar’s name that a chart has room for


@dataclass(frozen=True)
class Sheets:
    """How the sheets to be filled in stand: how many there are, how many of them are handed in, and late on the day asked."""

    total: int
    handed_in: int
    late: int

    @property
    def missing(self):
        return self.total - self.handed_in


@dataclass(frozen=True)
class Part:
    """A part of the plan with its count and the lists behind it: a pillar or one of its objectives."""

    item: Pillar | Objective
    tally: Tally
    lists: Lists

    @property
    def outcomes(self):
        return outcome_shares(self.tally, self.lists.outcomes)


@dataclass(frozen=True)
class PillarRow:
    pillar: Part
    objectives: tuple[Part, ...]


@dataclass(frozen=True)
class DirectionRow:
    """A direction and what it pilots; `direction` None gathers what nobody does."""

    direction: Direction | None
    tally: Tally
    lists: Lists
    sheets: Sheets

    @property
    def outcomes(self):
        return outcome_shares(self.tally, self.lists.outcomes)


@dataclass(frozen=True)
class YearRow:
    """A year that has a campaign."""

    situation: Situation
    tally: Tally

    @property
    def year(self):
        return self.situation.year

    @property
    def campaign(self):
        return self.situation.campaign

    @property
    def engaged_share(self) -> Decimal | None:
        """Of all actions; None as long as the state of none is known."""
        return _percent(self.tally.engaged, self.tally.actions) if self.tally.told else None

    @property
    def reached_share(self) -> Decimal | None:
        """Of the targets that can be told."""
        return _percent(self.tally.outcomes[Outcome.REACHED], self.tally.judged)


@dataclass(frozen=True)
class Disagreement:
    """Where what people say of an action and what its targets come to do not go together: `why` says how."""

    sheet: ActionSituation
    outcome: Outcome
    count: int

    @property
    def state(self):
        return ActionState(self.sheet.state)


def _percent(part, whole):
    return Decimal(part) * 100 / whole if whole else None


def pillar_rows(situation, lists):
    """[PillarRow] in the order of the plan; objectives without title are shown nowhere."""
    by_objective = defaultdict(list)
    for row in situation.actions:
        if row.action.objective:
            by_objective[row.action.objective].append(row)
    by_pillar = defaultdict(dict)
    for objective, rows in by_objective.items():
        by_pillar[objective.pillar][objective] = rows
    return [
        PillarRow(
            Part(
                pillar,
                tally(row for rows in objectives.values() for row in rows),
                lists.narrowed(pilier=pillar.code),
            ),
            tuple(
                Part(objective, tally(rows), lists.narrowed(objectif=objective.code))
                for objective, rows in objectives.items()
                if objective.title
            ),
        )
        for pillar, objectives in by_pillar.items()
    ]


def direction_rows(situation, on):
    """[DirectionRow] by name, what has no pilot last. What two directions pilot counts for both."""
    by_direction, known = defaultdict(dict), {row.action.pk: row for row in situation.actions}
    for row in situation.actions:
        if row.action.nature != Nature.ACTION:  # shared data are the steering team’s
            continue
        for direction in row.pilots or ([] if row.parts else [None]):
            rows = by_direction[direction]
            if row.whole:  # who pilots a part alone takes part in the action
                rows.setdefault(row.whole.pk, known[row.whole.pk])
            rows[row.action.pk] = row
    rows = [
        DirectionRow(
            direction,
            tally(found.values()),
            PilotLists(situation.scheme, situation.year, pilote=direction.code if direction else NOBODY),
            sheets_of(found.values(), on),
        )
        for direction, found in by_direction.items()
    ]
    return sorted(rows, key=lambda row: (row.direction is None, str(row.direction)))


def sheets_of(rows, on):
    """The Sheets of some ActionSituations on the date `on`; those that the reader may not see count as not handed in."""
    due = [row for row in rows if not row.parts]
    return Sheets(
        total=len(due),
        handed_in=sum(row.status in HANDED_IN for row in due),
        late=sum(days_late(row.report, on) > 0 for row in due if row.report),
    )


def year_rows(situation):
    """[YearRow] of all years that have a campaign, the first one first."""
    return [YearRow(other, tally(other.actions)) for other in situation.by_year.values()]


def disagreements(situation):
    """[Disagreement]: « réalisée » with a target missed, « non engagée » with one reached. Something to look at, not an error."""
    unexpected = {ActionState.DONE: Outcome.MISSED, ActionState.NOT_STARTED: Outcome.REACHED}
    found = []
    for row in situation.actions:
        outcome = unexpected.get(row.state)
        count = sum(measure.outcome == outcome for measure in row.measures) if outcome else 0
        if count:
            found.append(Disagreement(row, outcome, count))
    return found


@dataclass(frozen=True)
class MoveList:
    """What moved in one way: the `first` Moves to read, how many there are in all, the address of the whole list."""

    title: str
    moves: tuple[Move, ...]
    address: str

    @property
    def first(self):
        return self.moves[:FIRST]

    @property
    def others(self):
        return max(0, len(self.moves) - FIRST)


def what_moved(situation, lists):
    """The MoveLists of what moved since the year before, without those in which nothing did; `lists` has their addresses."""
    found = [
        MoveList("États qui ont changé", tuple(state_moves(situation)), lists.changed),
        MoveList("Cibles atteintes ou manquées", tuple(outcome_moves(situation)), lists.compare),
        MoveList("Plus fortes évolutions", tuple(evolutions(situation)), lists.evolutions),
        MoveList("Nouvelles valeurs", tuple(newly_filled(situation)), lists.filled),
    ]
    return [moved for moved in found if moved.moves]


def evolutions(situation):
    """The Moves of the measures that changed, the largest change first, in the figure that is printed; those that compare only."""
    rows = [row for row in situation.measures if row.evolution and row.evolution.number]
    rows.sort(key=lambda row: -abs(row.evolution.number))
    courses = [course_of(row.measure, row.evolution.number) for row in rows]
    return [measure_move(row, course.value, course.label) for row, course in zip(rows, courses, strict=True)]


def newly_filled(situation):
    """The Moves of the measures that are entered and known, and were not the year before although they were in force."""
    return [
        measure_move(row, "", "")
        for row in situation.measures
        if not row.measure.is_computed
        and in_force(row.measure, situation.year - 1)
        and _is_known(row.value)
        and not _is_known(row.before)
    ]


def _is_known(value):
    return value is not None and value.is_known


# Charts


def states_chart(rows):
    """The Chart of the actions of each pillar by state, None when there are not two to compare."""
    labels = dict(ActionState.choices) | {"": "sans état indiqué"}
    return _by_pillar("Actions par état", rows, labels, lambda count: count.states)


def outcomes_chart(rows):
    """The Chart of the targets of each pillar by what becomes of them, None when there are not two to compare."""
    labels = {outcome.value: outcome.label for outcome in Outcome if outcome != Outcome.NONE}
    return _by_pillar("Cibles par résultat", rows, labels, lambda count: count.outcomes)


def _by_pillar(title, rows, labels, counts):
    groups = [
        (
            _short(row.pillar.item),
            [(key, label, counts(row.pillar.tally)[key]) for key, label in labels.items()],
        )
        for row in rows
    ]
    groups = [(label, parts) for label, parts in groups if any(count for *_, count in parts)]
    return stacked_chart(title, groups) if len(groups) > 1 else None


def _short(pillar):
    words = str(pillar)
    return words if len(words) <= CHART_LABEL else f"{words[: CHART_LABEL - 1].rstrip()}…"


def years_chart(rows):
    """The Chart of the shares over the years; None when no share is known in two years, and other than 0."""
    shares = {
        "Actions engagées": lambda row: row.engaged_share,
        "Données renseignées": lambda row: row.tally.progress.percent,
        "Cibles atteintes, de celles qui se jugent": lambda row: row.reached_share,
    }
    traces = [Trace(label, tuple(_point(row, share(row)) for row in rows)) for label, share in shares.items()]
    traces = [
        trace for trace in traces if len(trace.known) > 1 and any(point.number for point in trace.known)
    ]
    return trend_chart("D’année en année", traces, unit="%") if traces else None


def _point(row, share):
    text = with_unit(f"{share:.0f}", "%") if share is not None else ""
    return Point(row.year, share, text, demonstration=row.campaign.demonstration)
