"""What people are told at once of what happened to a sheet: to whom, when it leaves, and what when it cannot."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.db import transaction
from django.urls import reverse

from actions.models import InvolvementRole, Role
from indicators import review
from indicators.models import CampaignKind, Notice, NoticeKind, Report
from indicators.notices import tell_remark, tell_returned, tell_submitted
from indicators.reminders import send_all
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
)
from tests.smtp import free_port, mailbox, plain, text, use_server  # noqa: F401  # mailbox is a fixture
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)  # messages leave when the transaction holds

MORNING, AFTERNOON, NEXT_DAY = (
    datetime(2027, 3, 2, 7, tzinfo=UTC),
    datetime(2027, 3, 2, 15, tzinfo=UTC),
    datetime(2027, 3, 3, 7, tzinfo=UTC),
)


@pytest.fixture
def now(monkeypatch):
    """Sets the moment: now(MORNING)."""

    def choose(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    choose(MORNING)
    return choose


@pytest.fixture
def campaign(scheme):
    """Open for good and with no reminder due any more: nobody has one in these tests."""
    return CampaignFactory(scheme=scheme, year=2026, opens_on=date(2027, 1, 11), closes_on=date(2027, 3, 31))


@pytest.fixture
def returned(campaign, action, steering):
    return ReportFactory(campaign=campaign, action=action, returned=True)


@pytest.fixture
def submitted(campaign, action, steering):
    return ReportFactory(campaign=campaign, action=action, submitted=True)


def another(report, **traits):
    """A second report of the same campaign and pilot."""
    action = ActionFactory(objective=report.action.objective)
    direction = report.action.involvements.get(role=InvolvementRole.PILOT).direction
    InvolvementFactory(action=action, direction=direction, role=InvolvementRole.PILOT)
    return ReportFactory(campaign=report.campaign, action=action, **traits)


def readers():
    return sorted(message.to[0] for message in mail.outbox)


# sent back


def test_a_sheet_sent_back_is_told_to_its_pilots(returned, pilot, steering, contributor, other_pilot, now):
    tell_returned(returned, by=steering, why="Il manque le total.\nEt la source.")
    (message,) = mail.outbox
    assert message.to == [pilot.email]
    assert message.reply_to == [steering.email]
    assert message.subject == "SPASER\u00a0: 1\u00a0fiche à corriger"
    expected = "À corriger d’ici le 31/03/2027. Motif : Il manque le total.\n  Et la source."
    assert expected in plain(message.body)
    assert reverse("report", args=["spaser-2026", "2026", returned.action.code]) in plain(message.body)
    assert Notice.objects.get().sent_at == MORNING


def test_several_sheets_sent_back_make_one_message(returned, pilot, steering, now):
    reports = [returned, another(returned, returned=True), another(returned, returned=True)]
    tell_returned(reports, by=steering, why="Il manque le total.")
    (message,) = mail.outbox
    assert message.subject == "SPASER\u00a0: 3\u00a0fiches à corriger"
    assert all(report.action.code in plain(message.body) for report in reports)


def test_the_pilots_of_an_action_are_told_of_its_parts(returned, pilot, steering, now):
    part = ReportFactory(
        campaign=returned.campaign, action=ActionFactory(parent=returned.action), returned=True
    )
    tell_returned(part, by=steering, why="Il manque le total.")
    assert readers() == [pilot.email]


def test_a_pilot_of_the_team_who_sends_back_is_not_told(returned, pilot, organisation, now):
    MembershipFactory(user=pilot, organisation=organisation, role=Role.STEERING)
    tell_returned(returned, by=pilot, why="Il manque le total.")
    assert mail.outbox == []


def test_the_review_tells_the_lines_to_correct(submitted, pilot, steering, now):
    measure = MeasureFactory(indicator=IndicatorFactory(action=submitted.action), name="Nombre de dons")
    reports = Report.objects.filter(pk=submitted.pk)
    review.send_back(reports, by=steering, at=MORNING, why="", lines={measure: "Hors taxes ?"})
    (message,) = mail.outbox
    assert f"{measure.code} Nombre de dons : Hors taxes ?" in plain(message.body)


def test_whoever_said_no_is_told_of_sheets_sent_back_and_of_nothing_else(returned, pilot, steering, now):
    pilot.wants_reminders = steering.wants_reminders = False
    pilot.save()
    steering.save()
    tell_returned(returned, by=steering, why="Il manque le total.")
    tell_submitted(returned, by=pilot)
    tell_remark(RemarkFactory(report=returned, author=steering))
    assert readers() == [pilot.email]
    assert Notice.objects.count() == 1


def test_the_inactive_are_told_nothing(returned, pilot, steering, now):
    pilot.is_active = False
    pilot.save()
    tell_returned(returned, by=steering, why="Il manque le total.")
    assert not Notice.objects.exists()


def test_nobody_is_told_of_a_reference_year(action, scheme, steering, now):
    campaign = CampaignFactory(scheme=scheme, kind=CampaignKind.REFERENCE)
    report = ReportFactory(campaign=campaign, action=action, returned=True)
    tell_returned(report, by=steering, why="Il manque le total.")
    assert not Notice.objects.exists()


def test_what_is_undone_is_not_told(returned, pilot, steering, now):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell_returned(returned, by=steering, why="Il manque le total.")
        raise ZeroDivisionError
    assert mail.outbox == []
    assert not Notice.objects.exists()


# submitted


def test_a_submission_is_told_to_the_team_but_not_to_its_author(
    submitted, pilot, steering, organisation, stranger, copil_member, now
):
    colleague = MembershipFactory(organisation=organisation, role=Role.STEERING).user
    tell_submitted(submitted, by=steering)
    (message,) = mail.outbox
    assert message.to == [colleague.email]
    assert message.subject == "SPASER\u00a0: 1\u00a0fiche à relire"
    assert f"Soumise par {steering}." in plain(message.body)


def test_the_second_submission_of_a_day_waits_for_the_daily_round(submitted, pilot, steering, now):
    tell_submitted(submitted, by=pilot)
    now(AFTERNOON)
    reports = [another(submitted, submitted=True), another(submitted, submitted=True)]
    for report in reports:
        tell_submitted(report, by=pilot)
    assert readers() == [steering.email]
    assert Notice.objects.filter(sent_at=None).count() == 2
    mail.outbox.clear()
    # with a reminder due as well: the opening, which is due until the thirtieth day before the closing
    now(NEXT_DAY)
    send_all(at=NEXT_DAY)
    (message,) = [message for message in mail.outbox if message.to == [steering.email]]
    assert "2 fiches attendent votre relecture" in plain(message.body)
    assert all(report.action.code in plain(message.body) for report in reports)


def test_a_sheet_sent_back_never_waits(returned, pilot, steering, now):
    RemarkFactory(report=returned, author=pilot)
    tell_remark(RemarkFactory(report=returned, author=steering))
    now(AFTERNOON)
    tell_remark(RemarkFactory(report=returned, author=steering, text="Et la source ?"))
    tell_returned(returned, by=steering, why="Il manque le total.")
    assert [message.subject for message in mail.outbox] == [
        "SPASER\u00a0: une remarque à lire",
        "SPASER\u00a0: 1\u00a0fiche à corriger",
    ]
    assert "Et la source ?" not in mail.outbox[1].body


def test_a_submission_that_was_reviewed_meanwhile_is_forgotten(submitted, pilot, steering, now):
    tell_submitted(submitted, by=pilot)
    second = another(submitted, submitted=True)
    tell_submitted(second, by=pilot)
    second.validate(by=steering, at=AFTERNOON)
    mail.outbox.clear()
    send_all(at=NEXT_DAY)
    bodies = [plain(message.body) for message in mail.outbox if message.to == [steering.email]]
    assert not any("relecture :" in body for body in bodies)
    assert not Notice.objects.filter(sent_at=None).exists()


def test_who_has_left_the_team_meanwhile_is_not_told(submitted, pilot, steering, stranger, now):
    tell_submitted(submitted, by=pilot)
    tell_submitted(another(submitted, submitted=True), by=pilot)
    steering.memberships.all().delete()
    mail.outbox.clear()
    send_all(at=NEXT_DAY)
    assert steering.email not in readers()


# remarks


def test_a_question_of_a_pilot_goes_to_the_team(submitted, pilot, steering, contributor, now):
    measure = MeasureFactory(indicator=IndicatorFactory(action=submitted.action), name="Nombre de dons")
    tell_remark(RemarkFactory(report=submitted, author=pilot, measure=measure, text="Est-ce hors taxes ?"))
    (message,) = mail.outbox
    assert message.to == [steering.email]
    assert f"{pilot}, {measure.code} Nombre de dons : Est-ce hors taxes ?" in plain(message.body)


def test_an_answer_goes_to_who_asked_or_entered_a_value(submitted, pilot, steering, contributor, action, now):
    ReadingFactory(report=submitted, measure__indicator__action=action, changed_by=contributor)
    tell_remark(RemarkFactory(report=submitted, author=steering))
    assert readers() == [contributor.email]


def test_an_answer_goes_to_the_pilots_when_nobody_has_written_yet(
    submitted, pilot, steering, contributor, now
):
    tell_remark(RemarkFactory(report=submitted, author=steering))
    assert readers() == [pilot.email]


def test_who_wrote_and_has_no_part_in_the_sheet_any_more_is_not_told(
    submitted, pilot, steering, other_pilot, now
):
    RemarkFactory(report=submitted, author=other_pilot)
    tell_remark(RemarkFactory(report=submitted, author=steering))
    assert readers() == [pilot.email]


# the mail server


def test_a_server_that_does_not_answer_breaks_no_page(client, submitted, pilot, steering, settings, caplog):
    submitted.campaign.closes_on = None
    submitted.campaign.save()
    use_server(settings, free_port())
    client.force_login(steering)
    with transaction.atomic():
        submitted.send_back(by=steering, at=MORNING, why="Il manque le total.")
        tell_returned(submitted, by=steering, why="Il manque le total.")
    assert "was not sent" in caplog.text
    notice = Notice.objects.get()
    assert (notice.user, notice.sent_at) == (pilot, None)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_all(at=NEXT_DAY)
    assert "Il manque le total." in next(row.body for row in mail.outbox if row.to == [pilot.email])
    assert Notice.objects.get().sent_at == NEXT_DAY


def test_a_sheet_sent_back_through_a_real_server(returned, pilot, steering, mailbox):  # noqa: F811
    tell_returned(returned, by=steering, why="Précisez l’unité : « kg » ou « t » ?")
    (message,) = mailbox.to(pilot.email)
    assert "Motif : Précisez l’unité : « kg » ou « t » ?" in text(message)


def test_two_submissions_at_once_send_nothing_twice(submitted, pilot, steering):
    second = another(submitted, submitted=True)
    together([lambda report=report: tell_submitted(report, by=pilot) for report in (submitted, second)])
    bodies = "".join(message.body for message in mail.outbox)
    told = [bodies.count(f"- {report.action.code},") for report in (submitted, second)]
    assert max(told) == 1
    assert sum(told) == Notice.objects.exclude(sent_at=None).count()
    assert {notice.kind for notice in Notice.objects.all()} == {NoticeKind.SUBMITTED}
