"""The pulse of a campaign: what its steering team wants to know each morning, and what it has to do next."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.utils import timezone

from actions.models import User
from actions.plan_upkeep import plan_to_settle
from indicators.board import (
    DirectionRow,
    Row,
    Summary,
    board_rows,
    by_direction,
    reports_of_board,
    summary_of,
)
from indicators.history import report_title
from indicators.models import Campaign, Phase, ReadingChange, Report, ReportChange
from indicators.plan_upkeep import measures_to_settle
from indicators.progress import closing
from reporting.lists import Lists
from reporting.shares import Share, status_shares

AWAITED = 5  # directions shown
LATEST = 6  # events shown
READ_BACK = 200  # lines of history from which these are made
SAVED = "Saisie enregistrée"


@dataclass(frozen=True)
class Event:
    """What one person did to one sheet, on one day."""

    at: datetime
    by: User
    report: Report
    title: str


@dataclass(frozen=True)
class Pulse:
    """A campaign in progress, on a day. `days_left` until the closing, or until the end of the corrections; None without a date."""

    campaign: Campaign
    phase: Phase
    last_day: date | None
    days_left: int | None
    summary: Summary
    statuses: list[Share]
    to_review: int
    questions: list[Row]  # the sheets with a question that waits for the steering team
    awaited: list[DirectionRow]  # the directions that have most to hand in
    others_awaited: int
    events: list[Event]
    doubts: int
    lists: Lists

    @property
    def to_answer(self):
        return sum(row.to_team for row in self.questions)

    @property
    def handed_in(self):
        return self.summary.by_status["submitted"] + self.summary.by_status["validated"]

    @property
    def is_idle(self):
        """Is there nothing that the steering team itself has to do?"""
        return not (self.to_review or self.questions or self.summary.lacking_pilot or self.doubts)


def pulse_of(user, campaign, on):
    """The Pulse of `campaign`, which `user` steers and which has its scheme and organisation; a constant number of queries."""
    phase = campaign.phase(on)
    rows = board_rows(user, reports_of_board(user, campaign), campaign=campaign, on=on)
    summary = summary_of(rows)
    last_day = campaign.corrections_until if phase == Phase.CORRECTION else closing(campaign)
    awaited = sorted(
        (row for row in by_direction(rows, own_first=False) if _remaining(row)),
        key=lambda row: (-row.late, -_remaining(row)),
    )
    page = campaign.get_absolute_url()
    return Pulse(
        campaign=campaign,
        phase=phase,
        last_day=last_day,
        days_left=(last_day - on).days if last_day else None,
        summary=summary,
        statuses=status_shares(
            summary.by_status, {status.value: f"{page}?status={status}" for status in summary.by_status}
        ),
        to_review=summary.by_status["submitted"],
        questions=[row for row in rows if row.to_team],
        awaited=awaited[:AWAITED],
        others_awaited=len(awaited[AWAITED:]),
        events=latest_events(user, campaign),
        doubts=_doubts(campaign.scheme, on.year),
        lists=Lists(campaign.scheme, campaign.year),
    )


def _remaining(row):
    return len(row.rows) - row.handed_in


def _doubts(scheme, year):
    return len(plan_to_settle(scheme, year=year).doubts) + len(measures_to_settle(scheme, year=year).doubts)


def latest_events(user, campaign):
    """The last Events of a campaign that `user` steers, newest first, made of the latest lines of its history; three queries.

    All that one person saved in one sheet in one day is one Event; each change of status is one of its own.
    """
    reports = Report.objects.visible_to(user).filter(campaign=campaign)
    by_people = {"changed_by__isnull": False, "before__isnull": False}  # an opened sheet is no news
    moved = ReportChange.objects.filter(report__in=reports, **by_people).annotate(sheet=F("report"))
    saved = ReadingChange.objects.filter(reading__report__in=reports, changed_by__isnull=False)
    saved = saved.annotate(sheet=F("reading__report"))
    lines = [
        line
        for rows in (moved, saved)
        for line in rows.select_related("changed_by").order_by("-pk")[:READ_BACK]
    ]
    lines.sort(key=lambda line: line.changed_at, reverse=True)
    latest = {}
    for line in lines:
        title = _title(line)
        key = (line.sheet, line.changed_by_id, timezone.localdate(line.changed_at), title)
        latest.setdefault(key, (line, title))
    shown = list(latest.values())[:LATEST]
    sheets = reports.select_related("campaign__scheme", "action__scheme", "action__parent__scheme").in_bulk(
        {line.sheet for line, _ in shown}
    )
    return [Event(line.changed_at, line.changed_by, sheets[line.sheet], title) for line, title in shown]


def _title(line):
    """« Fiche soumise » and the like; « Saisie enregistrée » for what leaves the status as it was."""
    if isinstance(line, ReadingChange) or line.before["status"] == line.after["status"]:
        return SAVED
    return report_title(line)
