"""Telling people at once what happened to a sheet.

One rule says when a notice leaves (`indicators.mail.post` applies it, under a lock of the person's row):
- a sheet sent back to its own pilots leaves at once, always;
- a submission, a question or an answer leaves at once when the person has had no such message today; otherwise it
  waits for the next daily `send_reminders`, which gathers all that waits in one message a person;
- whoever has said no to reminders is told of sheets sent back only.
A mail server that does not answer breaks no page: the notice stays unsent and leaves with the next daily run.
"""

from django.db import transaction
from django.utils import timezone

from actions.models import User
from indicators.mail.addressees import addressees_of
from indicators.mail.letters import Letter
from indicators.mail.post import send
from indicators.models import (
    CampaignKind,
    Notice,
    NoticeKind,
    ReadingChange,
    Remark,
    Report,
    ReportChange,
)

PATIENCE = 5  # seconds that a page waits for the mail server


def tell_returned(reports, *, by, why):
    """Tell the pilots of each of `reports` (one or many) that it is sent back, why, and on which lines."""
    reports = _many(reports)
    lines = _lines_to_correct(reports)
    texts = {report.pk: "\n".join([why, *lines[report.pk]]) for report in reports}
    _tell(texts, reports, NoticeKind.RETURNED, lambda report, people: people.pilots, by=by)


def tell_submitted(reports, *, by):
    """Tell the steering team that `reports` (one or many) are to be reviewed."""
    reports = _many(reports)
    texts = {report.pk: f"par {by}" for report in reports}
    _tell(texts, reports, NoticeKind.SUBMITTED, lambda report, people: people.team, by=by)


def tell_remark(remark):
    """A question goes to the steering team; what the team writes, to those who worked on the sheet, or to its pilots."""

    def readers(report, people):
        if remark.author not in people.team:
            return people.team
        return people.involved & _who_worked_on(report) or people.pilots

    line = f", {remark.measure}" if remark.measure_id else ""
    texts = {remark.report_id: f"{remark.author}{line} : {remark.text}"}
    _tell(texts, [remark.report], NoticeKind.REMARK, readers, by=remark.author)


def _many(reports):
    return [reports] if isinstance(reports, Report) else list(reports)


def _tell(texts, reports, kind, readers, *, by):
    """Store the notices of `readers(report, addressees)`, all but `by`, and send them once the transaction holds."""
    reports = [report for report in reports if report.campaign.kind != CampaignKind.REFERENCE]
    people, now = addressees_of(reports), timezone.now()
    notices = [
        Notice(user=user, report=report, kind=kind, text=texts[report.pk], made_at=now)
        for report in reports
        for user in readers(report, people[report.pk])
        if user != by and (user.wants_reminders or kind == NoticeKind.RETURNED)
    ]
    Notice.objects.bulk_create(notices)
    users = {notice.user for notice in notices}
    # robust: what goes wrong in a message is logged, and the page that made it answers all the same
    transaction.on_commit(lambda: deliver(users), robust=True)


def deliver(users):
    """Send what may leave at once to `users`."""
    on = timezone.localdate()
    drafts = [Letter(user, on) for user in sorted(users, key=lambda user: user.pk)]
    return send(drafts, at=timezone.now(), at_once=True, timeout=PATIENCE)


def _lines_to_correct(reports):
    """{report.pk: the corrections asked on its lines by the move that has just sent it back}."""
    lines = {report.pk: [] for report in reports}
    moved_at = {report.pk: report.changed_at for report in reports}
    asked = Remark.objects.filter(report__in=reports, asks_correction=True, measure__isnull=False)
    for remark in asked.select_related("measure__indicator", "measure__item"):
        if remark.written_at == moved_at[remark.report_id]:
            lines[remark.report_id].append(f"{remark.measure} : {remark.text}")
    return lines


def _who_worked_on(report):
    """The users who wrote in the report, entered a value, or wrote a remark."""
    ids = {
        *Remark.objects.filter(report=report).values_list("author", flat=True),
        *ReportChange.objects.filter(report=report).values_list("changed_by", flat=True),
        *ReadingChange.objects.filter(reading__report=report).values_list("changed_by", flat=True),
    }
    return set(User.objects.filter(pk__in=ids - {None}))
