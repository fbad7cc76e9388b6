"""Notices that wait: those that are still true, for people who may still be told."""

from collections import defaultdict

from indicators.mail.addressees import addressees_of
from indicators.models import Notice, NoticeKind, ReportStatus

STATUS = {NoticeKind.RETURNED: ReportStatus.RETURNED, NoticeKind.SUBMITTED: ReportStatus.SUBMITTED}


def waiting(notices=None):
    """({user: [Notice]}, [Notice that has lost its object]) of the unsent `notices`, or of all; three queries.

    Meanwhile the sheet may have moved on, a role may have been taken away, or the person may have said no to notices.
    Each notice comes with `team`, the people to whom an answer goes.
    """
    notices = (Notice.objects.all() if notices is None else notices).filter(sent_at=None)
    notices = list(
        notices.select_related(
            "user",
            "report__campaign__scheme__organisation",
            "report__action__scheme",
            "report__action__parent",
        )
    )
    people = addressees_of(notice.report for notice in notices)
    found, stale, told = defaultdict(list), [], set()
    for notice in reversed(notices):  # of two returns of one sheet, the last one is told
        addressees = people[notice.report_id]
        notice.team = addressees.team
        about = (notice.user_id, notice.report_id, notice.kind)
        repeated = notice.kind != NoticeKind.REMARK and about in told
        if repeated or not _still_true(notice, addressees):
            stale.append(notice)
        else:
            told.add(about)
            found[notice.user].insert(0, notice)
    return dict(found), stale


def _still_true(notice, addressees):
    user, report = notice.user, notice.report
    if notice.kind in STATUS and report.status != STATUS[notice.kind]:
        return False
    if notice.kind == NoticeKind.RETURNED:
        return user in addressees.pilots
    allowed = user in addressees.team or (notice.kind == NoticeKind.REMARK and user in addressees.involved)
    return allowed and user.wants_reminders
