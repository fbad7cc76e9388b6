"""Sending letters: each notice and each reminder is claimed under a lock, sent, and given back when it could not leave.

Two runs at once, or a run and a page, therefore send nothing twice; a process killed between claiming and sending loses one letter,
it never doubles one.
"""

import logging
import smtplib
from contextlib import suppress
from dataclasses import dataclass, field, replace

from django.core.mail import get_connection
from django.db import transaction
from django.utils import timezone

from actions.models import User
from indicators.mail.letters import Letter
from indicators.mail.news import waiting
from indicators.models import Notice, NoticeKind, Reminder

REST = 5  # days at least between two reminders to one person, over all campaigns

# what a server says of one letter only; after anything else it answers no more, and the others wait
OF_ONE_LETTER = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)

logger = logging.getLogger(__name__)


@dataclass
class Delivery:
    """What a round did. `stopped`: the mail server did not answer, and the rest of the letters waits unclaimed."""

    sent: list[Letter] = field(default_factory=list)
    failed: list[Letter] = field(default_factory=list)
    stopped: bool = False


def send(drafts, *, at, at_once=False, timeout=None):
    """Send to the user of each draft its chapters and what waits for that person, as far as they may leave now.

    `at_once`: between two daily rounds (see `indicators.notices`). `timeout`: seconds for the mail server to answer, or EMAIL_TIMEOUT.
    """
    delivery = Delivery()
    connection = get_connection(timeout=timeout)
    try:
        for draft in drafts:
            letter, claims = _claim(draft, at=at, at_once=at_once)
            if not claims:
                continue
            try:
                connection.open()
                letter.message(connection).send()
            except Exception as error:  # what a mail server answers, or one letter that cannot be written
                _give_back(claims)
                logger.exception("The letter to user %s was not sent", letter.user.pk)
                delivery.failed.append(letter)
                if isinstance(error, OSError) and not isinstance(error, OF_ONE_LETTER):
                    delivery.stopped = True
                    break
            except BaseException:
                _give_back(claims)
                raise
            else:
                delivery.sent.append(letter)
    finally:
        with suppress(OSError):
            connection.close()
    return delivery


@transaction.atomic
def _claim(draft, *, at, at_once):
    """(the letter as it may leave, the rows that say that it has left). The person's row stays locked meanwhile."""
    user = User.objects.select_for_update().get(pk=draft.user.pk)
    if not user.is_active:
        return draft, []
    news = _claim_news(user, at, at_once)
    chapters, reminders = _claim_reminders(user, draft.chapters, at)
    letter = replace(draft, user=user, news=news, chapters=chapters)
    return letter, [*news, *reminders]


def _claim_news(user, at, at_once):
    found, stale = waiting(user.notices.all())
    Notice.objects.filter(pk__in=[notice.pk for notice in stale]).delete()
    news = found.get(user, [])
    if at_once and _told_today(user, at):
        news = [notice for notice in news if notice.kind == NoticeKind.RETURNED]
    Notice.objects.filter(pk__in=[notice.pk for notice in news]).update(sent_at=at)
    return news


def _told_today(user, at):
    """Has a submission or a remark left to this person today? Compared in Paris, as a day is for its reader."""
    last = (
        user.notices.exclude(kind=NoticeKind.RETURNED)
        .filter(sent_at__isnull=False)
        .order_by("sent_at")
        .last()
    )
    return last is not None and timezone.localdate(last.sent_at) == timezone.localdate(at)


def _claim_reminders(user, chapters, at):
    last = user.reminders.order_by("sent_at").last()
    if not user.wants_reminders or not chapters or (last and too_soon(last.sent_at, timezone.localdate(at))):
        return [], []
    sent = set(user.reminders.values_list("campaign", "occasion"))
    chapters = [chapter for chapter in chapters if (chapter.campaign.pk, chapter.occasion) not in sent]
    reminders = [
        Reminder(user=user, campaign=chapter.campaign, occasion=chapter.occasion, sent_at=at)
        for chapter in chapters
    ]
    return chapters, Reminder.objects.bulk_create(reminders)


def too_soon(sent_at, on):
    """Is the date `on` within REST days of a reminder?"""
    return (on - timezone.localdate(sent_at)).days < REST


@transaction.atomic
def _give_back(claims):
    reminders = [row.pk for row in claims if isinstance(row, Reminder)]
    notices = [row.pk for row in claims if isinstance(row, Notice)]
    Reminder.objects.filter(pk__in=reminders).delete()
    Notice.objects.filter(pk__in=notices).update(sent_at=None)
