"""One message to one person: what happened to sheets, and the reminders of campaigns, as plain French text."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from actions.models import User
from indicators.models import (
    Campaign,
    NoticeKind,
    Occasion,
    Phase,
    Report,
    ReportStatus,
    as_demonstration,
)
from indicators.perms import pilots_may_write
from indicators.progress import Progress, closing, deadline
from spaser.french import NO_BREAK, format_date, typeset
from spaser.templatetags.french import count_of

SIGNER = signing.Signer(salt="reminders")


def absolute(path):
    """The address of a page outside any request."""
    return settings.SITE_URL + path


def token_of(user):
    """What lets `user`, and nobody else, choose by a link whether reminders come."""
    return SIGNER.sign(user.pk)


def user_of(token):
    """The active user of a token; None when it was not made here, or the account is closed."""
    try:
        pk = SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk, is_active=True).first()


def when(last_day, on):
    """« d’ici demain », « d’ici le 31/03/2027 »: the last day, seen from the date `on`."""
    left = (last_day - on).days
    return {0: "aujourd’hui", 1: "d’ici demain"}.get(left, f"d’ici le {format_date(last_day)}")


def indented(text):
    """A text of several lines, as the item of a list."""
    return "\n  ".join(text.strip().splitlines())


@dataclass(frozen=True)
class Sheet:
    """A report that its pilots have still to hand in, as seen on the date `on`."""

    report: Report
    progress: Progress
    on: date

    @property
    def link(self):
        return absolute(self.report.get_absolute_url())

    @property
    def returned(self):
        return self.report.status == ReportStatus.RETURNED

    @property
    def writable(self):
        """May its pilots still write in it?"""
        return pilots_may_write(self.report, self.on)

    @property
    def deadline(self):
        return deadline(self.report, self.on) if self.writable else None

    @property
    def when(self):
        return when(self.deadline, self.on) if self.deadline else ""

    @property
    def reason(self):
        return indented(self.report.return_reason)

    @property
    def missing(self):
        """« il manque 3 valeurs sur 7 »."""
        missing, due = len(self.progress.missing), self.progress.due
        if not due:
            return "aucune valeur n’y est attendue"
        if not missing:
            return "toutes les valeurs y sont"
        return f"il manque {count_of(missing, 'valeur')} sur {due}"


@dataclass(frozen=True)
class Told:
    """A notice as it is printed: its sheet and its text."""

    sheet: Sheet
    text: str


@dataclass(frozen=True)
class Owing:
    """What a piloting direction still owes: counts of sheets, and who of it is reminded. No direction: no pilot is named."""

    direction: object | None
    sheets: int
    returned: int
    pilots: tuple[User, ...]


@dataclass(frozen=True)
class Summary:
    """Where a campaign stands, for its steering team: counts of sheets."""

    total: int
    drafts: int
    returned: int
    submitted: int
    validated: int
    owing: tuple[Owing, ...]

    @property
    def outstanding(self):
        return self.drafts + self.returned


@dataclass(frozen=True)
class Chapter:
    """What one campaign has to say to one person on the date `on`."""

    campaign: Campaign
    occasion: Occasion
    on: date
    sheets: tuple[Sheet, ...] = ()
    summary: Summary | None = None
    team: tuple[User, ...] = ()

    @property
    def link(self):
        return absolute(self.campaign.get_absolute_url())

    @property
    def closes_on(self):
        return closing(self.campaign)

    @property
    def is_open(self):
        return self.campaign.phase(self.on) == Phase.OPEN

    @property
    def days_left(self):
        """Days until the closing, which are negative after it; None without one."""
        return (self.closes_on - self.on).days if self.closes_on else None

    @property
    def lost(self):
        """The sheets in which their pilots may no longer write."""
        return [sheet for sheet in self.sheets if not sheet.writable]

    @property
    def to_hand_in(self):
        return [sheet for sheet in self.sheets if sheet.writable]


@dataclass
class Letter:
    """One message to one person. `news`: unsent Notices, with their `team`; `chapters`: reminders, one a campaign."""

    user: User
    on: date
    news: list = field(default_factory=list)
    chapters: list[Chapter] = field(default_factory=list)

    def of(self, kind):
        return [notice for notice in self.news if notice.kind == kind]

    @property
    def teams(self):
        """{organisation: its steering team}, of those that the letter speaks of, without the reader."""
        teams = {notice.report.campaign.scheme.organisation: notice.team for notice in self.news}
        teams |= {chapter.campaign.scheme.organisation: chapter.team for chapter in self.chapters}
        others = {name: [user for user in team if user != self.user] for name, team in teams.items()}
        return {organisation: team for organisation, team in others.items() if team}

    @property
    def reply_to(self):
        """The steering team; nobody when the letter speaks of two organisations, which share nothing."""
        return [user.email for team in self.teams.values() for user in team] if len(self.teams) == 1 else []

    @property
    def demonstration(self):
        """Does it speak of a campaign whose values are invented?"""
        campaigns = [notice.report.campaign for notice in self.news]
        campaigns += [chapter.campaign for chapter in self.chapters]
        return any(campaign.demonstration for campaign in campaigns)

    @property
    def subject(self):
        """What there is to do, the most pressing first."""
        name = as_demonstration("SPASER") if self.demonstration else "SPASER"
        return f"{name}{NO_BREAK}: {self._what_to_do()}"

    def _what_to_do(self):
        returned, submitted = self.of(NoticeKind.RETURNED), self.of(NoticeKind.SUBMITTED)
        if returned:
            return f"{count_of(len(returned), 'fiche')} à corriger"
        sheets = [sheet for chapter in self.chapters for sheet in chapter.to_hand_in]
        if sheets:
            days = [sheet.deadline for sheet in sheets if sheet.deadline]
            return f"{count_of(len(sheets), 'fiche')} à rendre" + (
                f" {when(min(days), self.on)}" if days else ""
            )
        lost = sum(len(chapter.lost) for chapter in self.chapters)
        if lost:
            return (
                f"{count_of(lost, 'fiche')} non {'rendues' if lost > 1 else 'rendue'}, dites où vous en êtes"
            )
        if self.chapters:
            left = sum(chapter.summary.outstanding for chapter in self.chapters)
            review = sum(chapter.summary.submitted for chapter in self.chapters)
            if left:
                return f"où en est la campagne, {count_of(left, 'fiche')} à rendre par les directions"
            return f"{count_of(review, 'fiche')} à relire"
        if submitted:
            return f"{count_of(len(submitted), 'fiche')} à relire"
        return "une remarque à lire" if len(self.news) == 1 else f"{len(self.news)} remarques à lire"

    def body(self, token=None):
        """The text; `token` stands for the personal one in the link that stops reminders."""
        link = absolute(reverse("reminders_unsubscribe", args=["jeton"]))
        context = {
            "letter": self,
            "user": self.user,
            "returned": self._told(NoticeKind.RETURNED),
            "submitted": self._told(NoticeKind.SUBMITTED),
            "remarks": self._told(NoticeKind.REMARK),
            "first_password": absolute(reverse("password_reset")),
            "unsubscribe": link.replace("jeton", token or token_of(self.user)),
        }
        text = render_to_string("mail/letter.txt", context)
        return typeset(re.sub(r"\n{3,}", "\n\n", text).strip()) + "\n"

    def _told(self, kind):
        return [
            Told(Sheet(notice.report, Progress(), self.on), indented(notice.text)) for notice in self.of(kind)
        ]

    def message(self, connection=None):
        """The e-mail, with the headers by which mail programs offer to unsubscribe (RFC 2369 and RFC 8058)."""
        link = absolute(reverse("reminders_unsubscribe", args=[token_of(self.user)]))
        return EmailMessage(
            self.subject,
            self.body(),
            to=[self.user.email],
            reply_to=self.reply_to,
            headers={
                "List-Unsubscribe": f"<{link}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
            connection=connection,
        )
