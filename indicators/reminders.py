"""The reminders of campaigns: when, to whom, about what. `indicators.mail.post` sends them and keeps what left.

An occasion is due from its day until the next one's, so that a day on which the command did not run is caught up while
it still makes sense. Each leaves at most once a person and campaign, and REST days lie between two reminders to one
person, over all campaigns; what is due meanwhile leaves after these days, in one message.

Pilots hear of their own sheets that are not handed in; after the closing, of those sent back while corrections last, and
of drafts, which they can no longer write (« non rendue »). The steering team hears on the same occasions where the
campaign stands. Nobody is reminded of a reference year, nor who is inactive or has said no. Who has no password yet is
reminded too, with the address of the page that sends a first link.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from actions.admin_scope import document_order
from indicators.entry.lines import reports_for_entry
from indicators.mail.addressees import addressees_of
from indicators.mail.letters import Chapter, Letter, Owing, Sheet, Summary
from indicators.mail.news import waiting
from indicators.mail.post import REST, send, too_soon
from indicators.models import (
    Campaign,
    CampaignKind,
    Notice,
    NoticeKind,
    Occasion,
    Phase,
    Reminder,
    Report,
    ReportStatus,
)
from indicators.progress import closing, progress_of

BEFORE = {Occasion.BEFORE_30: 30, Occasion.BEFORE_7: 7, Occasion.BEFORE_1: 1}
AFTER = {Occasion.AFTER_1: 1, Occasion.AFTER_7: 7, Occasion.AFTER_30: 30}
LAST = timedelta(days=7)  # for how long the last occasion, which no other ends, is caught up

WITH_PILOTS = (ReportStatus.DRAFT, ReportStatus.RETURNED)


def occasions(campaign):
    """[(day, Occasion)] of a campaign, in order: from its opening on, and before the closing only while it is to come."""
    if campaign.kind == CampaignKind.REFERENCE or campaign.opens_on is None:
        return []
    closed_on = closing(campaign)
    found = [(campaign.opens_on, Occasion.OPENING)]
    if closed_on:
        planned = campaign.closes_on or closed_on
        days = [(planned - timedelta(days=days), occasion) for occasion, days in BEFORE.items()]
        found += [(day, occasion) for day, occasion in days if campaign.opens_on < day <= closed_on]
        found += [(closed_on + timedelta(days=days), occasion) for occasion, days in AFTER.items()]
    return found


def due_occasion(campaign, on):
    """The Occasion on which the campaign reminds on the date `on`; None when there is none."""
    past = [(day, occasion) for day, occasion in occasions(campaign) if day <= on]
    if not past:
        return None
    day, occasion = past[-1]
    if occasion == Occasion.AFTER_30 and on >= day + LAST:
        return None
    # one closed by hand on its last day is over, and its first reminder afterwards is for the next day
    return occasion if (occasion in AFTER) == (campaign.phase(on) != Phase.OPEN) else None


@dataclass(frozen=True)
class Standing:
    """A campaign with its reports, and who is written to about each."""

    campaign: Campaign
    reports: list[Report]
    people: dict
    progress: dict

    @property
    def team(self):
        return self.people[self.reports[0].pk].team if self.reports else ()

    def owed(self, on):
        """The reports of which pilots are reminded on the date `on`."""
        phase = self.campaign.phase(on)
        kept = {ReportStatus.DRAFT} if phase == Phase.CLOSED else set(WITH_PILOTS)
        return [report for report in self.reports if report.status in kept]

    def summary(self):
        counts = {status: sum(report.status == status for report in self.reports) for status in ReportStatus}
        return Summary(
            total=len(self.reports),
            drafts=counts[ReportStatus.DRAFT],
            returned=counts[ReportStatus.RETURNED],
            submitted=counts[ReportStatus.SUBMITTED],
            validated=counts[ReportStatus.VALIDATED],
            owing=self._owing(),
        )

    def _owing(self):
        """What each piloting direction owes, the most first; a sheet of two directions is owed by both."""
        by_direction = defaultdict(list)
        for report in self.reports:
            if report.status in WITH_PILOTS:
                for direction in self.people[report.pk].piloting or (None,):
                    by_direction[direction].append(report)
        rows = [self._owing_of(direction, reports) for direction, reports in by_direction.items()]
        return tuple(sorted(rows, key=lambda row: (-row.sheets, str(row.direction or ""))))

    def _owing_of(self, direction, reports):
        pilots = self.people[reports[0].pk].piloting.get(direction, ())
        return Owing(
            direction=direction,
            sheets=len(reports),
            returned=sum(report.status == ReportStatus.RETURNED for report in reports),
            pilots=pilots,
        )


class Agenda:
    """What campaigns, people and past reminders are now: enough to say who is reminded of what on any coming day.

    `on` is the day from which it looks, `organisation` limits it to one. A constant number of queries.
    """

    def __init__(self, on, organisation=None):
        campaigns = Campaign.objects.filter(kind=CampaignKind.COLLECTION, opens_on__isnull=False)
        notices = Notice.objects.all()
        if organisation:
            campaigns = campaigns.filter(scheme__organisation=organisation)
            notices = notices.filter(report__campaign__scheme__organisation=organisation)
        campaigns = campaigns.filter(pk__in=[row.pk for row in campaigns if not _long_over(row, on)])
        self.news, _ = waiting(notices)
        self.standings = _standings(campaigns)
        reminders = Reminder.objects.all()
        # of all organisations: the days between two reminders are the person's
        self.last = dict(reminders.values("user").annotate(last=Max("sent_at")).values_list("user", "last"))
        self.sent = set(reminders.filter(campaign__in=campaigns).values_list("user", "campaign", "occasion"))

    def letters(self, on):
        """[Letter] that the daily round of the date `on` would send, by the address of its reader."""
        letters = {user: Letter(user, on, news=news) for user, news in self.news.items()}
        for standing in self.standings:
            occasion = due_occasion(standing.campaign, on)
            if occasion:
                for user, chapter in _chapters(standing, occasion, on).items():
                    if self._may_remind(user, chapter):
                        letters.setdefault(user, Letter(user, on)).chapters.append(chapter)
        return sorted(letters.values(), key=lambda letter: letter.user.email)

    def next_letters(self, campaign, on):
        """(day, the letters that speak of `campaign`) of the next day, from `on`, with a reminder; (None, []) without any."""
        days = [day for day, _ in occasions(campaign)]
        last = max([*days, on]) + max(LAST, timedelta(days=REST))
        day = on
        while day <= last:
            letters = [letter for letter in self.letters(day) if speaks_of(letter, campaign)]
            if letters:
                return day, letters
            day += timedelta(days=1)
        return None, []

    def unreached(self, campaign, on):
        """{French reason: [Report]} of the reports that are owed and of which nobody is reminded."""
        standing = next((row for row in self.standings if row.campaign == campaign), None)
        found = defaultdict(list)
        for report in standing.owed(on) if standing else ():
            if reason := _why_nobody(standing.people[report.pk]):
                found[reason].append(report)
        return dict(found)

    def _may_remind(self, user, chapter):
        if not user.wants_reminders or (user.pk, chapter.campaign.pk, chapter.occasion) in self.sent:
            return False
        last = self.last.get(user.pk)
        return last is None or not too_soon(last, chapter.on)


def _why_nobody(people):
    if not people.piloting:
        return "Aucune direction pilote"
    if not people.pilots:
        return f"Aucun compte de pilote : {', '.join(direction.code for direction in people.piloting)}"
    if not any(user.wants_reminders for user in people.pilots):
        return "Les pilotes ne veulent pas de rappels"
    return ""


def speaks_of(letter, campaign):
    return any(chapter.campaign == campaign for chapter in letter.chapters)


def send_all(*, at):
    """The daily round: every reminder due at that day and every notice that waits, one message a person. Returns the Delivery."""
    on = timezone.localdate(at)
    return send(Agenda(on).letters(on), at=at)


def send_of(campaign, *, at):
    """The letters of today that speak of `campaign`, without waiting for the daily round; the same rules."""
    on = timezone.localdate(at)
    agenda = Agenda(on, campaign.scheme.organisation)
    return send([letter for letter in agenda.letters(on) if speaks_of(letter, campaign)], at=at)


@transaction.atomic
def choose(user, *, wants_reminders):
    """The person's own choice; after a no, what waits is forgotten, but for sheets sent back."""
    type(user).objects.filter(pk=user.pk).update(wants_reminders=wants_reminders)
    if not wants_reminders:
        user.notices.filter(sent_at=None).exclude(kind=NoticeKind.RETURNED).delete()


def _long_over(campaign, on):
    days = [day for day, occasion in occasions(campaign) if occasion == Occasion.AFTER_30]
    return bool(days) and on >= days[0] + LAST


def _standings(campaigns):
    """[Standing] of `campaigns`, a queryset, those that close first before the others."""
    reports = Report.objects.filter(campaign__in=campaigns).order_by(*document_order("action__"), "pk")
    reports = list(reports_for_entry(reports))
    people = addressees_of(reports)
    progress = progress_of(report for report in reports if report.status in WITH_PILOTS)
    by_campaign = defaultdict(list)
    for report in reports:
        by_campaign[report.campaign].append(report)
    standings = [Standing(campaign, rows, people, progress) for campaign, rows in by_campaign.items()]
    return sorted(standings, key=lambda row: (closing(row.campaign) or date.max, row.campaign.pk))


def _chapters(standing, occasion, on):
    """{user: Chapter} of one campaign: the pilots who owe sheets, and the steering team."""
    sheets = defaultdict(list)
    for report in standing.owed(on):
        for user in standing.people[report.pk].pilots:
            sheets[user].append(Sheet(report, standing.progress[report.pk], on))
    summary = standing.summary()
    to_do = summary.outstanding or summary.submitted
    readers = dict.fromkeys([*sheets, *(standing.team if to_do else ())])
    return {
        user: Chapter(
            campaign=standing.campaign,
            occasion=occasion,
            on=on,
            sheets=tuple(sheets.get(user, ())),
            summary=summary if user in standing.team else None,
            team=standing.team,
        )
        for user in readers
    }
