"""The deadlines of a scheme, year by year: its campaigns and meetings, the ends of its actions, the years of its targets."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from actions.models import Action
from indicators.models import ActionState
from indicators.outcomes import TargetResult, deadline

OVER = (ActionState.DONE, ActionState.ABANDONED)


@dataclass(frozen=True)
class Dated:
    """What happens on a day: « Ouverture de la campagne 2026 ». Without `address`, there is nothing more to read."""

    on: date
    words: str
    address: str = ""
    is_today: bool = False


@dataclass(frozen=True)
class Ending:
    """An action or part that should end in the year; `late`: the year is over, and it is neither done nor abandoned."""

    action: Action
    state: str
    late: bool

    @property
    def label(self):
        return ActionState(self.state).label if self.state else "sans état indiqué"


@dataclass(frozen=True)
class TimelineYear:
    """What falls in a year; `tense` is past, now or future."""

    year: int
    tense: str
    dated: tuple[Dated, ...]
    endings: tuple[Ending, ...]
    targets: tuple[TargetResult, ...]

    @property
    def late(self):
        return sum(ending.late for ending in self.endings)


def ending_year(action):
    """The year by which it should end, None when the document gives none."""
    return action.due_to or action.due_from


def is_overdue(row, on):
    """Is the year in which the ActionSituation should end over on the date `on`, and it neither done nor abandoned?"""
    year = ending_year(row.action)
    return year is not None and year < on.year and row.state not in OVER


def timeline(situation, *, campaigns, meetings, on):
    """[TimelineYear] in order, the year of the date `on` among them; none when the scheme has no deadline at all.

    `campaigns` are those whose dates count, `meetings` those that the reader may see, with their committee. A target without year
    falls due at the end of the scheme; one that holds each year, and a stage without year, have no place in time.
    """
    dated, endings, targets = defaultdict(list), defaultdict(list), defaultdict(list)
    for event in (*_of_campaigns(campaigns), *_of_meetings(meetings)):
        dated[event.on.year].append(event)
    for row in situation.actions:
        if year := ending_year(row.action):
            endings[year].append(Ending(row.action, row.state, is_overdue(row, on)))
    for result in _results(situation):
        year = None if result.target.each_year else deadline(result.target, situation.year)
        if year:
            targets[year].append(result)
    years = dated.keys() | endings.keys() | targets.keys()
    if years:
        dated[on.year].append(Dated(on, "Aujourd’hui", is_today=True))
    return [
        TimelineYear(
            year=year,
            tense="now" if year == on.year else "past" if year < on.year else "future",
            dated=tuple(sorted(dated[year], key=lambda event: (event.on, event.words))),
            endings=tuple(endings[year]),
            targets=tuple(targets[year]),
        )
        for year in sorted(years | ({on.year} if years else set()))
    ]


def _of_campaigns(campaigns):
    for campaign in campaigns:
        address = campaign.get_absolute_url()
        if campaign.opens_on:
            yield Dated(campaign.opens_on, f"Ouverture de la saisie des données {campaign}", address)
        if campaign.closed_at:
            yield Dated(
                timezone.localdate(campaign.closed_at),
                f"Clôture de la saisie des données {campaign}",
                address,
            )
        elif campaign.closes_on:
            yield Dated(campaign.closes_on, f"Fin de la saisie des données {campaign}", address)
        if campaign.corrections_until:
            yield Dated(campaign.corrections_until, f"Fin des corrections des données {campaign}", address)


def _of_meetings(meetings):
    for meeting in meetings:
        yield Dated(
            meeting.held_on,
            f"Réunion : {meeting.committee}",
            f"{meeting.committee.scheme.get_absolute_url()}#instances",
        )


def _results(situation):
    for row in situation.actions:
        yield from row.results
        for measure in row.measures:
            yield from measure.results
