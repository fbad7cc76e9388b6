"""The reminders of campaigns: the rhythm over a whole year, who gets one, what it says, and that none leaves twice."""

import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import InvolvementRole, Role
from indicators.mail.letters import token_of, user_of
from indicators.models import CampaignKind, Notice, NoticeKind, Occasion, Reminder
from indicators.reminders import due_occasion, occasions, send_all
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    DirectionFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    NoticeFactory,
    ReadingFactory,
    ReminderFactory,
    ReportFactory,
    SchemeFactory,
)
from tests.smtp import free_port, header, mailbox, plain, text, use_server  # noqa: F401  # mailbox is a fixture
from tests.together import together

pytestmark = pytest.mark.django_db

OPENS, CLOSES, CORRECTIONS = date(2027, 1, 11), date(2027, 3, 31), date(2027, 4, 30)


def at(day):
    """Seven in the morning, in Paris, of « 03-24 » in 2027."""
    return datetime.fromisoformat(f"2027-{day}T06:00:00+00:00")


@pytest.fixture
def campaign(scheme):
    dates = {"opens_on": OPENS, "closes_on": CLOSES, "corrections_until": CORRECTIONS}
    return CampaignFactory(scheme=scheme, year=2026, **dates)


@pytest.fixture
def report(campaign, action, steering):
    """A draft of the pilot's, with two measures due and one answered; its organisation has a steering team."""
    indicator = IndicatorFactory(action=action)
    answered = MeasureFactory(indicator=indicator)
    MeasureFactory(indicator=indicator)
    report = ReportFactory(campaign=campaign, action=action)
    ReadingFactory(report=report, measure=answered, number=12)
    return report


def piloted_by(user, scheme):
    """An action that the user's direction pilots."""
    action = ActionFactory(objective__pillar__scheme=scheme)
    InvolvementFactory(action=action, direction=user.memberships.get().direction, role=InvolvementRole.PILOT)
    return action


def run(day):
    """The addresses to which the daily round of that day sends."""
    return [letter.user.email for letter in send_all(at=at(day)).sent]


def days_of(user, first, last):
    """The days, « 03-24 », on which the user gets a message, the command being run every day."""
    days, day = [], first
    while day <= last:
        before = len(mail.outbox)
        send_all(at=datetime(day.year, day.month, day.day, 6, tzinfo=UTC))
        days += [f"{day:%m-%d}" for message in mail.outbox[before:] if message.to == [user.email]]
        day += timedelta(days=1)
    return days


# the rhythm


def test_occasions_of_a_campaign(campaign):
    assert occasions(campaign) == [
        (date(2027, 1, 11), Occasion.OPENING),
        (date(2027, 3, 1), Occasion.BEFORE_30),
        (date(2027, 3, 24), Occasion.BEFORE_7),
        (date(2027, 3, 30), Occasion.BEFORE_1),
        (date(2027, 4, 1), Occasion.AFTER_1),
        (date(2027, 4, 7), Occasion.AFTER_7),
        (date(2027, 4, 30), Occasion.AFTER_30),
    ]


def test_a_short_campaign_has_no_occasion_before_it_opens():
    short = CampaignFactory.build(scheme=None, opens_on=date(2027, 3, 24), closes_on=CLOSES)
    assert [occasion for _, occasion in occasions(short)][:2] == [Occasion.OPENING, Occasion.BEFORE_1]


def test_closed_by_hand_reminds_from_that_day_on():
    early = CampaignFactory.build(scheme=None, opens_on=OPENS, closes_on=CLOSES, closed_at=at("03-10"))
    found = {occasion: day for day, occasion in occasions(early)}
    assert Occasion.BEFORE_7 not in found
    assert found[Occasion.AFTER_1] == date(2027, 3, 11)
    assert due_occasion(early, date(2027, 3, 10)) is None
    assert due_occasion(early, date(2027, 3, 11)) == Occasion.AFTER_1


def test_the_last_occasion_is_caught_up_for_a_week(campaign):
    assert due_occasion(campaign, date(2027, 5, 6)) == Occasion.AFTER_30
    assert due_occasion(campaign, date(2027, 5, 7)) is None


def test_rhythm_of_a_sheet_never_handed_in(report, pilot):
    days = days_of(pilot, date(2027, 1, 1), date(2027, 6, 30))
    # 1 April falls two days after 30 March, and waits for the fifth; 7 April likewise
    assert days == ["01-11", "03-01", "03-24", "03-30", "04-04", "04-09", "04-30"]


def test_rhythm_of_the_steering_team(report, steering):
    days = days_of(steering, date(2027, 1, 1), date(2027, 6, 30))
    assert days == ["01-11", "03-01", "03-24", "03-30", "04-04", "04-09", "04-30"]


def test_a_sheet_sent_back_is_reminded_as_long_as_it_can_be_corrected(campaign, scheme, other_pilot):
    campaign.corrections_until = date(2027, 4, 15)
    campaign.save()
    ReportFactory(campaign=campaign, action=piloted_by(other_pilot, scheme), returned=True)
    assert days_of(other_pilot, date(2027, 3, 25), date(2027, 5, 31)) == ["03-25", "03-30", "04-04", "04-09"]


@pytest.mark.parametrize("status", ["submitted", "validated"])
def test_a_sheet_handed_in_is_not_reminded(status, campaign, action, pilot):
    ReportFactory(campaign=campaign, action=action, **{status: True})
    assert days_of(pilot, date(2027, 3, 1), date(2027, 5, 10)) == []


def test_a_missed_day_is_caught_up_until_the_next_occasion(report, pilot):
    assert pilot.email in run("03-27")  # the command did not run on the 24th
    assert Reminder.objects.get(user=pilot).occasion == Occasion.BEFORE_7


def test_never_two_within_five_days_over_all_campaigns(report, pilot, organisation):
    other = SchemeFactory(organisation=organisation)
    elsewhere = CampaignFactory(scheme=other, opens_on=date(2027, 3, 26), closes_on=date(2027, 9, 30))
    ReportFactory(campaign=elsewhere, action=piloted_by(pilot, other))
    assert days_of(pilot, date(2027, 3, 24), date(2027, 3, 31)) == ["03-24", "03-29"]
    # on the 29th the other campaign's opening is due; the eve of the closing waits for the fifth day
    assert list(Reminder.objects.filter(user=pilot).values_list("campaign", "occasion")) == [
        (report.campaign_id, Occasion.BEFORE_7),
        (elsewhere.pk, Occasion.OPENING),
    ]


def test_a_reminder_of_another_organisation_counts_too(report, pilot):
    ReminderFactory(user=pilot, sent_at=at("03-20"))
    assert pilot.email not in run("03-24")
    assert pilot.email in run("03-25")


# who


def test_nobody_is_reminded_of_a_reference_year(report, pilot):
    type(report.campaign).objects.update(
        kind=CampaignKind.REFERENCE, opens_on=None, closes_on=None, corrections_until=None
    )
    assert [run(day) for day in ("01-11", "03-24", "04-01")] == [[], [], []]


@pytest.mark.parametrize("field", ["is_active", "wants_reminders"])
def test_who_is_inactive_or_has_said_no_gets_none(field, report, pilot, steering):
    type(pilot).objects.filter(pk=pilot.pk).update(**{field: False})
    assert run("03-24") == [steering.email]


def test_others_get_none(report, pilot, steering, contributor, other_pilot, copil_member, stranger):
    assert run("03-24") == sorted([pilot.email, steering.email])


def test_the_pilots_of_an_action_are_reminded_of_its_parts(campaign, action, pilot):
    part = ActionFactory(parent=action)
    ReportFactory(campaign=campaign, action=part)
    assert pilot.email in run("03-24")
    assert part.code in mail.outbox[0].body


def test_without_anything_left_the_team_hears_nothing(campaign, action, steering):
    ReportFactory(campaign=campaign, action=action, validated=True)
    assert run("03-24") == []


# once


def test_run_twice_sends_once(report, pilot, steering):
    assert len(run("03-24")) == 2
    assert run("03-24") == []
    assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_once(report, pilot, steering):
    deliveries = together([lambda: send_all(at=at("03-24"))] * 2)
    sent = sorted(letter.user.email for delivery in deliveries for letter in delivery.sent)
    assert sent == sorted([pilot.email, steering.email])
    assert len(mail.outbox) == 2
    assert Reminder.objects.count() == 2


def test_a_server_that_does_not_answer_keeps_nothing(report, pilot, steering, settings, caplog):
    use_server(settings, free_port())
    delivery = send_all(at=at("03-24"))
    assert (len(delivery.sent), len(delivery.failed), delivery.stopped) == (0, 1, True)
    assert not Reminder.objects.exists()
    assert "was not sent" in caplog.text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(run("03-24")) == 2  # and all leaves with the next round


def test_a_refused_address_stops_nobody_else(report, pilot, steering, mailbox, caplog):  # noqa: F811
    mailbox.refused.add(pilot.email)
    delivery = send_all(at=at("03-24"))
    assert [letter.user for letter in delivery.failed] == [pilot]
    assert [message["To"] for message in mailbox.messages] == [steering.email]
    assert list(Reminder.objects.values_list("user", flat=True)) == [steering.pk]


def test_a_failure_is_told_to_who_runs_the_command(report, settings, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at("03-24"))
    use_server(settings, free_port())
    with pytest.raises(CommandError, match="Le serveur de courrier n’a pas répondu : le reste attend."):
        call_command("send_reminders", stdout=StringIO())


# what it says


def test_the_text_of_a_pilot(report, pilot, steering, action, settings):
    settings.SITE_URL = "https://spaser.example.org"
    run("03-24")
    message = next(message for message in mail.outbox if message.to == [pilot.email])
    assert message.subject == "SPASER\u00a0: 1\u00a0fiche à rendre d’ici le 31/03/2027"
    assert message.reply_to == [steering.email]
    assert "La saisie est ouverte jusqu’au mercredi 31 mars 2027 inclus, dans 7 jours." in plain(message.body)
    assert f"- {action.code}, {plain(str(action))}" in plain(message.body)
    assert "Brouillon : il manque 1 valeur sur 2." in plain(message.body)
    address = reverse("report", args=["spaser-2026", "2026", action.code])
    assert f"https://spaser.example.org{address}" in plain(message.body)
    assert steering.email in plain(message.body)
    assert "mot de passe" not in plain(message.body)


def test_the_day_itself(report, pilot):
    run("03-31")
    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert subjects[pilot.email] == "SPASER\u00a0: 1\u00a0fiche à rendre aujourd’hui"


def test_after_the_closing_a_draft_is_told_as_not_handed_in(report, pilot, steering):
    run("04-01")
    message = next(message for message in mail.outbox if message.to == [pilot.email])
    assert message.subject == "SPASER\u00a0: 1\u00a0fiche non rendue, dites où vous en êtes"
    assert "La saisie est close depuis le mercredi 31 mars 2027." in plain(message.body)
    assert "vous ne pouvez plus y écrire" in plain(message.body)
    assert message.reply_to == [steering.email]


def test_a_sheet_sent_back_says_why_and_until_when(campaign, scheme, other_pilot, steering):
    ReportFactory(campaign=campaign, action=piloted_by(other_pilot, scheme), returned=True)
    run("04-01")
    message = next(message for message in mail.outbox if message.to == [other_pilot.email])
    assert message.subject == "SPASER\u00a0: 1\u00a0fiche à rendre d’ici le 30/04/2027"
    assert "À corriger d’ici le 30/04/2027. Motif : Il manque le total." in plain(message.body)


def test_the_summary_of_the_steering_team(report, campaign, scheme, pilot, steering):
    orphan = ActionFactory(objective__pillar__scheme=scheme)
    ReportFactory(campaign=campaign, action=orphan, returned=True)
    ReportFactory(campaign=campaign, action=ActionFactory(objective=orphan.objective), submitted=True)
    run("03-24")
    message = next(message for message in mail.outbox if message.to == [steering.email])
    assert message.subject == "SPASER\u00a0: où en est la campagne, 2\u00a0fiches à rendre par les directions"
    expected = "sur 3 fiches, 1 en brouillon, 1 à corriger, 1 à relire, 0 validée."
    assert expected in plain(message.body)
    direction = pilot.memberships.get().direction
    assert f"- {direction} : 1 fiche à rendre ({pilot})" in plain(message.body)
    assert "- Sans direction pilote : 1 fiche à rendre, dont 1 à corriger" in plain(message.body)
    assert reverse("campaign", args=["spaser-2026", "2026"]) in plain(message.body)
    assert message.reply_to == []


def test_two_campaigns_make_one_message(report, pilot, organisation):
    other = SchemeFactory(organisation=organisation, title="SPASER bis")
    elsewhere = CampaignFactory(scheme=other, opens_on=OPENS, closes_on=CLOSES)
    action = piloted_by(pilot, other)
    ReportFactory(campaign=elsewhere, action=action)
    assert run("03-24").count(pilot.email) == 1
    message = next(message for message in mail.outbox if message.to == [pilot.email])
    assert message.subject.startswith("SPASER\u00a0: 2\u00a0fiches à rendre")
    assert report.action.code in plain(message.body)
    assert action.code in plain(message.body)
    assert Reminder.objects.filter(user=pilot).count() == 2


def test_two_organisations_share_no_answer(report, pilot, steering):
    other_team = MembershipFactory(role=Role.STEERING)
    scheme = SchemeFactory(organisation=other_team.organisation)
    elsewhere = CampaignFactory(scheme=scheme, opens_on=OPENS, closes_on=CLOSES)
    MembershipFactory(user=pilot, organisation=other_team.organisation)
    ReportFactory(campaign=elsewhere, action=ActionFactory(objective__pillar__scheme=scheme))
    run("03-24")
    message = next(message for message in mail.outbox if message.to == [pilot.email])
    assert message.reply_to == []
    assert steering.email in plain(message.body)
    assert other_team.user.email in plain(message.body)


def test_waiting_notices_leave_in_the_same_message(report, steering, campaign):
    submitted = ReportFactory(
        campaign=campaign, action=ActionFactory(objective=report.action.objective), submitted=True
    )
    NoticeFactory(user=steering, report=submitted, kind=NoticeKind.SUBMITTED, text="par Anne Petit")
    run("03-24")
    (message,) = [message for message in mail.outbox if message.to == [steering.email]]
    assert "Une fiche attend votre relecture" in plain(message.body)
    assert "Soumise par Anne Petit." in plain(message.body)
    assert Notice.objects.get().sent_at == at("03-24")


def test_who_has_no_password_is_told_where_to_ask_for_one(report, pilot):
    pilot.set_unusable_password()
    pilot.save()
    run("03-24")
    message = next(message for message in mail.outbox if message.to == [pilot.email])
    assert f"demandez le lien avec l’adresse {pilot.email}" in plain(message.body)
    assert reverse("password_reset") in plain(message.body)


def test_queries_of_the_page_do_not_grow(client, report, scheme, steering, organisation, on_24_march):
    def count():
        with CaptureQueriesContext(connection) as captured:
            page_of(client, report.campaign)
        return len(captured)

    client.force_login(steering)
    NoticeFactory(user=steering, report=report, kind=NoticeKind.REMARK)
    ReminderFactory(user=steering, campaign=report.campaign, sent_at=at("01-11"))
    page_of(client, report.campaign)
    before = count()
    for _ in range(20):
        person = MembershipFactory(direction=DirectionFactory(organisation=organisation)).user
        other = ReportFactory(campaign=report.campaign, action=piloted_by(person, scheme))
        NoticeFactory(user=person, report=other, kind=NoticeKind.REMARK)
        ReminderFactory(user=person, campaign=report.campaign, sent_at=at("01-11"))
    assert count() == before


# the message as a mail program receives it


def test_a_message_through_a_real_server(report, pilot, steering, action, mailbox, client, settings):  # noqa: F811
    settings.SITE_URL = "http://testserver"
    run("03-24")
    (message,) = mailbox.to(pilot.email)
    body = text(message)
    assert header(message, "Subject") == "SPASER\u00a0: 1\u00a0fiche à rendre d’ici le 31/03/2027"
    assert message["Reply-To"] == steering.email
    assert message.get_content_charset() == "utf-8"
    assert "La saisie est ouverte jusqu’au mercredi 31 mars 2027 inclus" in body
    links = re.findall(r"http://testserver(\S+)", body)
    client.force_login(pilot)
    assert [client.get(link).status_code for link in links] == [200, 200]
    assert links[0] == report.get_absolute_url()
    client.logout()
    one_click = header(message, "List-Unsubscribe").strip("<>").removeprefix("http://testserver")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.post(one_click, {"List-Unsubscribe": "One-Click"}).status_code == 200
    pilot.refresh_from_db()
    assert not pilot.wants_reminders


# the choice


def test_opening_the_link_changes_nothing_and_posting_does(client, pilot):
    link = reverse("reminders_unsubscribe", args=[token_of(pilot)])
    page = client.get(link).content.decode()
    assert pilot.email in page
    assert "une fiche qui vous est renvoyée" in page
    pilot.refresh_from_db()
    assert pilot.wants_reminders
    assert client.post(link, {"wants": "0"}).status_code == 302
    pilot.refresh_from_db()
    assert not pilot.wants_reminders
    assert "Recevoir de nouveau les rappels" in client.get(link).content.decode()
    client.post(link, {"wants": "1"})
    pilot.refresh_from_db()
    assert pilot.wants_reminders


def test_a_form_of_the_page_needs_no_cookie(pilot):
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("reminders_unsubscribe", args=[token_of(pilot)])).status_code == 302


def test_a_forged_token_is_unknown(client, pilot, other_pilot):
    signature = token_of(pilot).partition(":")[2]
    forged = f"{other_pilot.pk}:{signature}"
    assert user_of(forged) is None
    assert client.post(reverse("reminders_unsubscribe", args=[forged])).status_code == 404
    other_pilot.refresh_from_db()
    assert other_pilot.wants_reminders


def test_saying_no_forgets_what_waits_but_sheets_sent_back(client, pilot, report):
    NoticeFactory(user=pilot, report=report, kind=NoticeKind.REMARK)
    NoticeFactory(user=pilot, report=report, kind=NoticeKind.RETURNED)
    client.post(reverse("reminders_unsubscribe", args=[token_of(pilot)]))
    assert [notice.kind for notice in Notice.objects.all()] == [NoticeKind.RETURNED]


def test_my_reminders_leads_to_ones_own_choice(client, pilot):
    address = reverse("my_reminders")
    assert client.get(address).status_code == 302
    client.force_login(pilot)
    assert client.get(address).url == reverse("reminders_unsubscribe", args=[token_of(pilot)])


# the page of a campaign


def page_of(client, campaign):
    return client.get(reverse("campaign_reminders", args=[campaign.scheme.slug, campaign.key]))


@pytest.fixture
def on_24_march(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at("03-24"))


@pytest.mark.parametrize(
    ("who", "status"),
    [("steering", 200), ("pilot", 403), ("contributor", 403), ("copil_member", 403), ("stranger", 404)],
)
def test_who_sees_the_page(who, status, client, request, report, on_24_march):
    client.force_login(request.getfixturevalue(who))
    assert page_of(client, report.campaign).status_code == status


def test_the_preview_is_what_is_sent(client, report, pilot, steering, on_24_march):
    client.force_login(steering)
    response = page_of(client, report.campaign)
    assert response.context["day"] == date(2027, 3, 24)
    shown = {letter.user.email: (letter.subject, body) for letter, body in response.context["letters"]}
    run("03-24")
    sent = {message.to[0]: (message.subject, message.body) for message in mail.outbox}
    assert set(sent) == {pilot.email, steering.email}
    for user in (pilot, steering):
        subject, body = sent[user.email]
        assert shown[user.email] == (subject, body.replace(token_of(user), "…"))
    assert token_of(pilot) not in response.content.decode()


def test_the_preview_looks_ahead(client, report, steering, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at("03-24"))
    run("03-24")
    monkeypatch.setattr("django.utils.timezone.now", lambda: at("03-25"))
    client.force_login(steering)
    response = page_of(client, report.campaign)
    assert response.context["day"] == date(2027, 3, 30)
    assert "Envoyer maintenant" not in response.content.decode()
    assert "2\u00a0personnes" in response.content.decode()  # to whom the last one went


def test_the_preview_shows_nothing_of_another_organisation(client, report, pilot, steering, on_24_march):
    other = SchemeFactory(title="Schéma d’ailleurs")
    elsewhere = CampaignFactory(scheme=other, opens_on=OPENS, closes_on=CLOSES)
    InvolvementFactory(
        action=(action := ActionFactory(objective__pillar__scheme=other)), role=InvolvementRole.PILOT
    )
    MembershipFactory(user=pilot, direction=action.involvements.get().direction)
    ReportFactory(campaign=elsewhere, action=action)
    client.force_login(steering)
    assert "Schéma d’ailleurs" not in page_of(client, report.campaign).content.decode()


def test_send_now_obeys_the_same_rules(client, report, pilot, steering, on_24_march):
    client.force_login(steering)
    ReminderFactory(user=pilot, sent_at=at("03-21"))
    address = reverse("campaign_reminders", args=[report.campaign.scheme.slug, report.campaign.key])
    client.post(address)
    assert [message.to for message in mail.outbox] == [[steering.email]]
    response = client.post(address, follow=True)
    assert "déjà partis" in response.content.decode()
    assert len(mail.outbox) == 1


def test_only_the_steering_team_sends(client, report, pilot, on_24_march):
    client.force_login(pilot)
    address = reverse("campaign_reminders", args=[report.campaign.scheme.slug, report.campaign.key])
    assert client.post(address).status_code == 403
    assert mail.outbox == []


def test_the_page_says_which_sheets_reach_nobody(client, report, campaign, scheme, steering, on_24_march):
    ReportFactory(campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme))
    client.force_login(steering)
    page = page_of(client, campaign).content.decode()
    assert "Aucune direction pilote" in page


def test_a_reference_year_has_no_reminders(client, scheme, steering):
    campaign = CampaignFactory(scheme=scheme, year=2016, kind=CampaignKind.REFERENCE)
    client.force_login(steering)
    assert "Une année de référence ne rappelle personne." in page_of(client, campaign).content.decode()


# the command


def test_dry_run_prints_and_sends_nothing(report, pilot, steering):
    out = StringIO()
    call_command("send_reminders", "--date", "2027-03-24", "-v", "2", stdout=out)
    printed = out.getvalue()
    assert "Le 24/03/2027 : 2\u00a0courriels ; rien n’est envoyé." in printed
    assert f"  {pilot.email} : SPASER\u00a0: 1\u00a0fiche à rendre d’ici le 31/03/2027" in printed
    assert "il manque 1\u00a0valeur sur 2" in printed
    assert mail.outbox == []
    assert not Reminder.objects.exists()


def test_the_command_sends(report, pilot, steering, on_24_march):
    out = StringIO()
    call_command("send_reminders", stdout=out)
    assert "2\u00a0courriels envoyés." in out.getvalue()
    assert len(mail.outbox) == 2
