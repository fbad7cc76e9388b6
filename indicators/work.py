"""What a person has to do in the campaigns that are in progress."""

from dataclasses import dataclass
from datetime import date

from indicators.models import Phase, Report, ReportStatus
from indicators.perms import Act, Place, places_of, refusal
from indicators.progress import Progress, days_late, deadline, progress_of

ACTIVE = (Phase.OPEN, Phase.CORRECTION)


@dataclass(frozen=True)
class Task:
    """A sheet that awaits this person."""

    report: Report
    place: Place
    progress: Progress
    deadline: date | None
    late: int  # days

    @property
    def is_returned(self):
        return self.report.status == ReportStatus.RETURNED


def work_of(user, campaigns, on):
    """([Task], [Report]) of `user` in `campaigns` on the date `on`: what awaits an entry, and all sheets that he or she makes.

    Returned sheets come first, then the nearest deadline. A constant number of queries.
    """
    found = Report.objects.visible_to(user).filter(campaign__in=campaigns).involving(user)
    mine = list(
        found.select_related(
            "campaign__scheme__organisation", "action__scheme", "action__parent__scheme"
        ).order_by("campaign__year", "action__position", "pk")
    )
    places, progress = places_of(user, mine), progress_of(mine)
    tasks = [
        Task(report, places[report.pk], progress[report.pk], deadline(report, on), days_late(report, on))
        for report in mine
        if not refusal(Act.FILL, places[report.pk], report, on)
    ]
    tasks.sort(
        key=lambda task: (not task.is_returned, task.deadline or date.max, task.report.action.position)
    )
    return tasks, mine
