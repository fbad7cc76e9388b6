"""The board of a campaign: each sheet with its pilots, progress and delay; each direction with its sheets; their counts."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from actions.admin_scope import document_order
from actions.models import Direction, Involvement, InvolvementRole, Membership, Nature, Role
from indicators.models import Phase, Remark, Report, ReportStatus
from indicators.perms import Place, pilots_may_write, places_of
from indicators.progress import HANDED_IN, Progress, days_late, deadline, progress_of, together

OVER = (Phase.CORRECTION, Phase.CLOSED)
LACKING = "Sans pilote"
TEAM = "Équipe de pilotage"  # nobody else pilots the sheets of shared data
WORK = (ReportStatus.RETURNED, ReportStatus.DRAFT, ReportStatus.SUBMITTED, ReportStatus.VALIDATED)


@dataclass(frozen=True)
class Row:
    """A sheet on the board, on a day. `to_team`, `to_pilots`: the questions that wait for the answer of each."""

    report: Report
    place: Place
    pilots: tuple[Direction, ...]
    progress: Progress
    deadline: date | None
    days_late: int
    days_left: int | None  # until the deadline, while its pilots may write in it
    not_handed_in: bool  # still a draft when the campaign is over
    to_team: int
    to_pilots: int

    @property
    def mine(self):
        return self.place.pilot or self.place.contributor

    @property
    def is_handed_in(self):
        return self.report.status in HANDED_IN

    @property
    def lacks_pilot(self):
        """Does no direction in activity pilot this action? Shared data are the steering team's."""
        return not self.pilots and self.report.action.nature == Nature.ACTION


@dataclass(frozen=True)
class DirectionRow:
    """The sheets that a direction pilots; without `direction`, those that nobody does, under `name`."""

    name: str
    direction: Direction | None
    rows: tuple[Row, ...]

    @property
    def progress(self):
        return together(row.progress for row in self.rows)

    @property
    def handed_in(self):
        return sum(row.is_handed_in for row in self.rows)

    @property
    def late(self):
        return sum(row.days_late > 0 for row in self.rows)

    @property
    def days_late(self):
        return max(row.days_late for row in self.rows)

    @property
    def to_team(self):
        return sum(row.to_team for row in self.rows)

    @property
    def to_pilots(self):
        return sum(row.to_pilots for row in self.rows)


@dataclass(frozen=True)
class Summary:
    """What the sheets of the board come to: counts of them, and their progress as one."""

    total: int
    by_status: dict[ReportStatus, int]
    late: int
    lacking_pilot: int
    progress: Progress


def reports_of_board(user, campaign):
    """The reports of the campaign that `user` may see, in the order of the document."""
    reports = Report.objects.visible_to(user).filter(campaign=campaign)
    related = ("campaign__scheme__organisation", "action__scheme", "action__parent__scheme")
    order = document_order("action__")[1:]  # of one scheme
    return reports.select_related(*related).order_by(*order, "pk")


def board_rows(user, reports, *, campaign, on):
    """The Rows of `reports` on the date `on`, in their order; a constant number of queries."""
    reports = list(reports)
    places, pilots, progress = places_of(user, reports), pilots_of(reports), progress_of(reports)
    to_team, to_pilots = open_questions(reports, campaign.scheme.organisation)
    phase = campaign.phase(on)
    return [
        Row(
            report=report,
            place=places[report.pk],
            pilots=pilots[report.pk],
            progress=progress[report.pk],
            deadline=deadline(report, on),
            days_late=days_late(report, on),
            days_left=_days_left(report, on),
            not_handed_in=phase in OVER and report.status == ReportStatus.DRAFT,
            to_team=to_team[report.pk],
            to_pilots=to_pilots[report.pk],
        )
        for report in reports
    ]


def _days_left(report, on):
    last_day = deadline(report, on)
    if report.status in HANDED_IN or not pilots_may_write(report, on) or last_day is None:
        return None
    return (last_day - on).days


def pilots_of(reports):
    """{report.pk: the directions in activity that pilot its action, or the action of which it is a part}; one query."""
    actions = {report.action_id for report in reports} | {report.action.parent_id for report in reports}
    parts = Involvement.objects.filter(
        role=InvolvementRole.PILOT, direction__active=True, action__in=actions - {None}
    )
    by_action = defaultdict(list)
    for part in parts.select_related("direction").order_by("position", "pk"):
        by_action[part.action_id].append(part.direction)
    return {
        report.pk: tuple(
            dict.fromkeys([*by_action[report.action_id], *by_action.get(report.action.parent_id, ())])
        )
        for report in reports
    }


def open_questions(reports, organisation):
    """Two Counters by report: the threads in which the steering team, and in which the directions, should answer.

    A thread is what was written on the sheet, or on one line of it: who did not write last should answer. A point to correct is
    no question. Two queries.
    """
    team = set(
        Membership.objects.filter(organisation=organisation, role=Role.STEERING).values_list(
            "user", flat=True
        )
    )
    remarks = Remark.objects.filter(report__in=reports).order_by("written_at", "pk")
    last = {
        (report, measure): (author, asks_correction)
        for report, measure, author, asks_correction in remarks.values_list(
            "report", "measure", "author", "asks_correction"
        )
    }
    to_team, to_pilots = Counter(), Counter()
    for (report, _), (author, asks_correction) in last.items():
        if not asks_correction:
            (to_pilots if author in team else to_team)[report] += 1
    return to_team, to_pilots


def by_urgency(rows, *, own_first):
    """`rows` with the latest first, then what is not handed in, what waits for review, what is validated.

    `own_first` puts before all else the sheets in which the user takes part.
    """
    return sorted(
        rows, key=lambda row: (own_first and not row.mine, -row.days_late, WORK.index(row.report.status))
    )


def by_direction(rows, *, own_first):
    """The DirectionRows of `rows`: those with the most late sheets first, then by name. Two pilots have the sheet both."""
    groups = defaultdict(list)
    for row in rows:
        for direction in row.pilots:
            groups[(direction.name, direction)].append(row)
        if not row.pilots:
            groups[(LACKING if row.lacks_pilot else TEAM, None)].append(row)
    found = [DirectionRow(name, direction, tuple(group)) for (name, direction), group in groups.items()]
    return sorted(
        found,
        key=lambda group: (
            own_first and not any(row.mine for row in group.rows),
            -group.late,
            -group.days_late,
            group.direction is None,
            group.name,
        ),
    )


def summary_of(rows):
    statuses = Counter(row.report.status for row in rows)
    return Summary(
        total=len(rows),
        by_status={status: statuses[status] for status in ReportStatus},
        late=sum(row.days_late > 0 for row in rows),
        lacking_pilot=sum(row.lacks_pilot for row in rows),
        progress=together(row.progress for row in rows),
    )
