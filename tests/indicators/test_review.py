"""The review of sheets by the steering team, one or many at a time, and the remarks on their lines."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Role
from indicators import review
from indicators.models import Remark, Report, ReportStatus
from spaser.tracking import Door
from tests.actions.test_pages import text_of
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    EvidenceFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    MembershipFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
    StepStateFactory,
    TargetFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime(2027, 3, 2, 9, tzinfo=UTC)
OPENED = {"opens_on": date(2020, 1, 1)}  # and never closed


@pytest.fixture
def campaign(scheme):
    return CampaignFactory(scheme=scheme, year=2026, **OPENED)


@pytest.fixture
def measure(action):
    return MeasureFactory(indicator=IndicatorFactory(action=action), code="G-1", unit="réunion")


@pytest.fixture
def report(campaign, action, measure):
    report = ReportFactory(campaign=campaign, action=action, submitted=True)
    ReadingFactory(report=report, measure=measure, number=12)
    return report


def address(name, report):
    return reverse(name, args=[report.campaign.scheme.slug, report.campaign.key, report.action.code])


def only(report):
    return Report.objects.filter(pk=report.pk)


def status_of(report):
    return only(report).values_list("status", flat=True).get()


def decide(client, report, what, *, seen=None, **typed):
    """Press the button `what` on the page that showed version `seen`, by default the stored one."""
    data = {"what": what, "version": report.version if seen is None else seen, **typed}
    return client.post(address("report_review", report), data)


# one sheet


def test_validating_stamps_the_sheet(client, steering, report):
    client.force_login(steering)
    response = decide(client, report, "validate")
    assert response.url == address("report_review", report)
    report.refresh_from_db()
    assert (report.status, report.validated_by, report.version) == ("validated", steering, 3)
    assert "est validée" in text_of(client.get(response.url))


def test_sending_back_says_why_for_the_whole_and_for_a_line(client, steering, report, measure):
    client.force_login(steering)
    decide(client, report, "send_back", why="Il manque le total.", **{"line-G-1": "Est-ce 12 ou 21 ?"})
    report.refresh_from_db()
    assert (report.status, report.return_reason) == ("returned", "Il manque le total.")
    [remark] = report.remarks.all()
    assert (remark.measure, remark.author, remark.asks_correction) == (measure, steering, True)
    assert (remark.text, remark.written_at) == ("Est-ce 12 ou 21 ?", report.changed_at)


def test_a_line_alone_is_a_reason(client, steering, report):
    client.force_login(steering)
    decide(client, report, "send_back", **{"line-G-1": "Est-ce 12 ou 21 ?"})
    assert only(report).get().return_reason == "Voir les corrections demandées sur les lignes."


def test_reopening_takes_the_validation_back(client, steering, campaign, action):
    report = ReportFactory(campaign=campaign, action=action, validated=True)
    client.force_login(steering)
    decide(client, report, "reopen", why="Le montant est en TTC.")
    report.refresh_from_db()
    assert (report.status, report.validated_by, report.validated_at) == ("returned", None, None)


def test_a_return_without_reason_is_refused_beside_the_field(client, steering, report):
    client.force_login(steering)
    response = decide(client, report, "send_back", why="  ")
    assert response.context["form"].errors == {"why": [review.NO_REASON]}
    assert review.NO_REASON in text_of(response)
    assert status_of(report) == "submitted"


def test_validating_with_corrections_typed_is_refused_and_loses_nothing(client, steering, report):
    client.force_login(steering)
    response = decide(client, report, "validate", why="À revoir.", **{"line-G-1": "Est-ce 12 ?"})
    assert set(response.context["form"].errors) == {"why", "line-G-1"}
    text = text_of(response)
    assert "À revoir." in text
    assert "Est-ce 12 ?" in text
    assert (status_of(report), Remark.objects.count()) == ("submitted", 0)


@pytest.mark.parametrize("what", ["", "valider"])
def test_an_unknown_decision_is_said(what, client, steering, report):
    client.force_login(steering)
    response = decide(client, report, what)
    assert response.status_code == 200
    assert "what" in response.context["form"].errors
    assert status_of(report) == "submitted"


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("steering", "draft", 200),
        ("steering", "submitted", 200),
        ("steering", "returned", 200),
        ("steering", "validated", 200),
        ("pilot", "draft", 403),
        ("pilot", "submitted", 403),
        ("contributor", "submitted", 403),
        ("other_pilot", "draft", 404),
        ("other_pilot", "validated", 403),
        ("copil_member", "submitted", 404),
        ("copil_member", "validated", 403),
        ("stranger", "validated", 404),
    ],
)
def test_only_the_steering_team_reviews(name, status, code, request, client, campaign, action):
    trait = {} if status == "draft" else {status: True}
    report = ReportFactory(campaign=campaign, action=action, **trait)
    client.force_login(request.getfixturevalue(name))
    assert client.get(address("report_review", report)).status_code == code
    if code != 200:
        assert decide(client, report, "validate").status_code == code
    assert status_of(report) == status


@pytest.mark.parametrize(
    ("status", "what", "after"),
    [
        ("draft", "validate", "draft"),
        ("draft", "send_back", "draft"),
        ("draft", "reopen", "draft"),
        ("submitted", "validate", "validated"),
        ("submitted", "send_back", "returned"),
        ("submitted", "reopen", "submitted"),
        ("returned", "validate", "returned"),
        ("returned", "send_back", "returned"),
        ("returned", "reopen", "returned"),
        ("validated", "validate", "validated"),
        ("validated", "send_back", "validated"),
        ("validated", "reopen", "returned"),
    ],
)
def test_each_decision_from_each_status(status, what, after, client, steering, campaign, action):
    trait = {} if status == "draft" else {status: True}
    report = ReportFactory(campaign=campaign, action=action, **trait)
    client.force_login(steering)
    response = decide(client, report, what, why="" if what == "validate" else "À revoir.")
    assert status_of(report) == after
    assert response.status_code == (200 if after == status else 302)
    if after == status:
        assert response.context["form"].non_field_errors()


@pytest.mark.parametrize("allowed", [False, True])
def test_who_submitted_validates_only_where_the_organisation_allows_it(
    allowed, client, steering, campaign, action, organisation
):
    organisation.allows_self_validation = allowed
    organisation.save()
    report = ReportFactory(campaign=campaign, action=action, submitted=True, submitted_by=steering)
    client.force_login(steering)
    page = text_of(client.get(address("report_review", report)))
    assert (review.OWN in page, "Valider la fiche" in page) == (not allowed, allowed)
    response = decide(client, report, "validate")
    assert status_of(report) == ("validated" if allowed else "submitted")
    if not allowed:
        assert response.context["form"].non_field_errors() == [review.OWN]


def test_after_the_closing_a_sheet_is_validated_but_not_sent_back(client, steering, scheme, action):
    campaign = CampaignFactory(scheme=scheme, opens_on=date(2020, 1, 1), closes_on=date(2020, 2, 1))
    report = ReportFactory(campaign=campaign, action=action, submitted=True)
    client.force_login(steering)
    response = decide(client, report, "send_back", why="À revoir.")
    assert "est close" in response.context["form"].non_field_errors()[0]
    assert "À revoir." in text_of(response)
    decide(client, report, "validate")
    assert status_of(report) == "validated"


# races


def test_validating_what_a_colleague_sent_back_says_so_and_changes_nothing(client, steering, report):
    colleague = UserFactory()
    seen = report.version
    report.send_back(by=colleague, at=AT, why="Il manque le total.")
    before = only(report).values().get()
    client.force_login(steering)
    response = decide(client, report, "validate", seen=seen)
    [reason] = response.context["form"].non_field_errors()
    assert reason == "Entre-temps, la fiche a été renvoyée pour correction : « Il manque le total. »."
    assert only(report).values().get() == before


def test_a_sheet_submitted_again_is_not_validated_unread(client, steering, report):
    seen = report.version
    report.send_back(by=UserFactory(), at=AT, why="Il manque le total.")
    report.submit(by=UserFactory(first_name="Anne", last_name="Petit"), at=AT.replace(day=3))
    client.force_login(steering)
    response = decide(client, report, "validate", seen=seen)
    assert response.context["form"].non_field_errors() == [
        "Entre-temps, la fiche a été soumise de nouveau par Anne Petit, le 03/03/2027 : relisez-la."
    ]
    assert status_of(report) == "submitted"
    decide(client, report, "validate", seen=response.context["report"].version)
    assert status_of(report) == "validated"


def test_what_was_typed_survives_a_colleague_who_validated_first(client, steering, report):
    seen = report.version
    report.validate(by=UserFactory(first_name="Luc", last_name="Bon"), at=AT)
    client.force_login(steering)
    response = decide(client, report, "send_back", seen=seen, why="À revoir.", **{"line-G-1": "12 ?"})
    text = text_of(response)
    for words in ("validée par Luc Bon, le 02/03/2027", "À revoir.", "12 ?"):
        assert words in text
    assert (status_of(report), Remark.objects.count()) == ("validated", 0)


def test_a_page_that_does_not_say_what_it_showed_is_refused(client, steering, report):
    client.force_login(steering)
    for seen in ("", "x", "99", "²", "9" * 30):
        decide(client, report, "validate", seen=seen)
        assert status_of(report) == "submitted"


def test_the_wrong_move_is_refused_without_exception(steering, report):
    report.validate(by=UserFactory(), at=AT)
    outcome = review.send_back(only(report), by=steering, at=AT, why="À revoir.")
    assert outcome.done == []
    [(_, reason)] = outcome.refused
    assert reason.startswith("Entre-temps, la fiche a été validée")


def test_the_service_refuses_whoever_is_not_of_the_team(pilot, report):
    for move, extra in ((review.validate, {}), (review.send_back, {"why": "Non."})):
        outcome = move(only(report), by=pilot, at=AT, **extra)
        assert [reason for _, reason in outcome.refused] == ["Seule l’équipe de pilotage relit les fiches."]
    assert status_of(report) == "submitted"


# the page


def test_the_page_puts_former_values_targets_and_warnings_side_by_side(
    client, steering, scheme, action, campaign, report, measure
):
    TargetFactory(measure=measure, value=10, year=2028)
    former = ReportFactory(
        campaign=CampaignFactory(scheme=scheme, year=2025),
        action=action,
        validated=True,
        analysis="Un début.",
    )
    ReadingFactory(report=former, measure=measure, number=1)
    MeasureFactory(indicator=measure.indicator, code="G-2")  # not answered
    only(report).update(analysis="Un grand pas.", version=F("version") + 1, changed_at=AT)
    RemarkFactory(report=report, measure=measure, text="Est-ce l’année civile ?")
    RemarkFactory(report=report, text="Merci de votre envoi.")
    EvidenceFactory(report=report, name="feuilles.pdf")
    StepStateFactory(report=report, step__title="Recenser les besoins")
    client.force_login(steering)
    text = text_of(client.get(address("report_review", report)))
    for words in (
        "12 réunions",
        "1 réunion",
        "+1 100,0 %",
        "au moins 10 réunions en 2028",
        "que l’année précédente (1 réunion).",
        "Valeur non confirmée.",
        "Est-ce l’année civile ?",
        "Merci de votre envoi.",
        "feuilles.pdf",
        "Recenser les besoins : réalisée",
        "Un grand pas.",
        "Un début.",
        "1 sur 2 données",
        "1 point à vérifier",
        "non renseigné",
    ):
        assert words in text, words


def test_the_page_leads_to_the_submitted_sheets_before_and_after(client, steering, campaign, scheme):
    actions = [ActionFactory(objective__pillar__scheme=scheme, code=f"N-{rank}") for rank in range(4)]
    for rank, action in enumerate(actions):
        action.objective.pillar.position = rank
        action.objective.pillar.save()
    sheets = [
        ReportFactory(campaign=campaign, action=action, **({} if rank == 2 else {"submitted": True}))
        for rank, action in enumerate(actions)
    ]
    client.force_login(steering)
    queue = client.get(address("report_review", sheets[1])).context["queue"]
    assert (queue.before.action.code, queue.after.action.code, queue.waiting) == ("N-0", "N-3", 3)
    queue = client.get(address("report_review", sheets[3])).context["queue"]
    assert (queue.before.action.code, queue.after, queue.waiting) == ("N-1", None, 3)


def test_a_first_year_still_shows_the_year_before(client, steering, report, scheme):
    client.force_login(steering)
    columns = client.get(address("report_review", report)).context["columns"]
    assert [column.label for column in columns] == ["2025", "2026"]


def test_queries_of_the_page_do_not_grow(client, steering, report, measure, django_assert_max_num_queries):
    client.force_login(steering)

    def add(count):
        for _ in range(count):
            other = MeasureFactory(indicator=IndicatorFactory(action=report.action))
            reading = ReadingFactory(report=report, measure=other, number=3)
            TargetFactory(measure=other)
            RemarkFactory(report=report, measure=other)
            EvidenceFactory(report=report, reading=reading)
            StepStateFactory(report=report)
            ReportFactory(
                campaign=report.campaign,
                action=ActionFactory(objective__pillar__scheme=report.campaign.scheme),
                submitted=True,
            )

    add(2)
    with django_assert_max_num_queries(60) as few:
        client.get(address("report_review", report))
    add(18)
    with django_assert_max_num_queries(len(few)):
        client.get(address("report_review", report))


# several sheets


@pytest.fixture
def several(campaign, scheme, steering, pilot):
    """Sheets of one pilot: two submitted, one submitted by `steering`, one draft."""
    traits = [{"submitted": True}, {"submitted": True}, {"submitted": True, "submitted_by": steering}, {}]
    sheets = []
    for rank, trait in enumerate(traits):
        action = ActionFactory(objective__pillar__scheme=scheme, code=f"N-{rank}")
        InvolvementFactory(action=action, direction=pilot.memberships.get().direction)
        sheets.append(ReportFactory(campaign=campaign, action=action, **trait))
    return sheets


def choose(client, sheets, what, **typed):
    """Post the choice of `sheets`, with the versions that are stored when `typed` confirms."""
    campaign = sheets[0].campaign
    versions = {f"version-{sheet.pk}": sheet.version for sheet in sheets} if "confirmed" in typed else {}
    data = {"what": what, "report": [sheet.pk for sheet in sheets], **versions, **typed}
    return client.post(reverse("campaign_review", args=[campaign.scheme.slug, campaign.key]), data)


def statuses(sheets):
    return [status_of(sheet) for sheet in sheets]


def test_several_sheets_are_listed_before_anything_happens(client, steering, several):
    measure = MeasureFactory(indicator=IndicatorFactory(action=several[0].action), type="percent")
    ReadingFactory(report=several[0], measure=measure, number=120)
    client.force_login(steering)
    text = text_of(choose(client, several, "validate"))
    for words in ("4 fiches", "1 / 1", "0 / 0", f"{measure.code} : Ce pourcentage dépasse 100 %."):
        assert words in text, words
    ticked = [f'value="{sheet.pk}" checked' in text for sheet in several]
    assert ticked == [True, True, True, False]
    assert text.count("Elle ne peut pas être validée.") == 1
    assert statuses(several) == ["submitted", "submitted", "submitted", "draft"]


def test_several_sheets_are_validated_and_each_refusal_is_told(client, steering, several):
    client.force_login(steering)
    response = choose(client, several, "validate", confirmed="1")
    assert statuses(several) == ["validated", "validated", "submitted", "draft"]
    assert response.url == several[0].campaign.get_absolute_url()
    text = text_of(client.get(response.url))
    for words in ("2 fiches validées.", f"N-2 : {review.OWN}", "N-3 : Seule une fiche soumise se valide."):
        assert words in text, words


def test_several_sheets_sent_back_make_one_message_a_pilot(
    client, steering, several, pilot, django_capture_on_commit_callbacks
):
    client.force_login(steering)
    with django_capture_on_commit_callbacks(execute=True):
        choose(client, several[:2], "send_back", confirmed="1", why="Les montants sont en TTC.")
    assert statuses(several[:2]) == ["returned", "returned"]
    [message] = mail.outbox
    assert message.to == [pilot.email]
    for words in ("N-0", "N-1", "Les montants sont en TTC."):
        assert words in message.body


def test_several_sheets_without_reason_are_asked_for_one(client, steering, several):
    client.force_login(steering)
    response = choose(client, several[:2], "send_back", confirmed="1")
    assert response.context["form"].errors == {"why": [review.NO_REASON]}
    assert statuses(several[:2]) == ["submitted", "submitted"]


def test_a_sheet_that_changed_since_the_list_was_shown_is_left_alone(client, steering, several):
    shown = list(several[:2])
    Report.objects.get(pk=shown[0].pk).send_back(by=UserFactory(), at=AT, why="Il manque le total.")
    client.force_login(steering)
    choose(client, shown, "validate", confirmed="1")
    assert statuses(shown) == ["returned", "validated"]


def test_choosing_nothing_or_what_is_not_there_does_nothing(client, steering, several, campaign):
    client.force_login(steering)
    elsewhere = ReportFactory(submitted=True)
    other_year = ReportFactory(
        campaign=CampaignFactory(scheme=campaign.scheme, year=2027, **OPENED), submitted=True
    )
    url = reverse("campaign_review", args=[campaign.scheme.slug, campaign.key])
    for chosen in ([], ["x", "", "-1", "9" * 30], [elsewhere.pk, other_year.pk]):
        response = client.post(url, {"what": "validate", "report": chosen, "confirmed": "1"})
        assert response.url == campaign.get_absolute_url()
    assert statuses([elsewhere, other_year]) == ["submitted", "submitted"]
    assert choose(client, several[:2], "abandonner", confirmed="1").url == campaign.get_absolute_url()
    assert statuses(several[:2]) == ["submitted", "submitted"]


@pytest.mark.parametrize(
    ("name", "code"), [("pilot", 403), ("copil_member", 403), ("other_pilot", 403), ("stranger", 404)]
)
def test_only_the_steering_team_reviews_several(name, code, request, client, several):
    client.force_login(request.getfixturevalue(name))
    assert choose(client, several, "validate", confirmed="1").status_code == code
    assert statuses(several) == ["submitted", "submitted", "submitted", "draft"]


def test_the_list_of_several_has_constant_queries(client, steering, campaign, django_assert_max_num_queries):
    client.force_login(steering)

    def sheets(count):
        for _ in range(count):
            action = ActionFactory(objective__pillar__scheme=campaign.scheme)
            report = ReportFactory(campaign=campaign, action=action, submitted=True)
            ReadingFactory(report=report, number=3)
        return list(campaign.reports.all())

    chosen = sheets(2)
    with django_assert_max_num_queries(40) as few:
        choose(client, chosen, "validate")
    chosen = sheets(18)
    with django_assert_max_num_queries(len(few)):
        choose(client, chosen, "validate")


def test_each_sheet_validated_costs_four_statements(steering, campaign, django_assert_max_num_queries):
    def validate(count, statements):
        made = [
            ReportFactory(
                campaign=campaign,
                action=ActionFactory(objective__pillar__scheme=campaign.scheme),
                submitted=True,
            )
            for _ in range(count)
        ]
        chosen = Report.objects.filter(pk__in=[report.pk for report in made])
        with django_assert_max_num_queries(statements) as captured:
            assert len(review.validate(chosen, by=steering, at=AT).done) == count
        return len(captured)

    few = validate(2, 20)
    validate(20, few + 18 * 4)


# remarks


def ask(client, report, **typed):
    return client.post(address("report_remark", report), {"text": "Est-ce HT ?", **typed})


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("steering", "draft", 302),
        ("pilot", "draft", 302),
        ("pilot", "validated", 302),
        ("contributor", "submitted", 302),
        ("other_pilot", "submitted", 403),
        ("other_pilot", "draft", 404),
        ("copil_member", "validated", 403),
        ("copil_member", "submitted", 404),
        ("stranger", "validated", 404),
    ],
)
def test_remarks_are_between_the_team_and_the_directions_involved(
    name, status, code, request, client, campaign, action
):
    trait = {} if status == "draft" else {status: True}
    report = ReportFactory(campaign=campaign, action=action, **trait)
    remark = RemarkFactory(report=report, text="Entre nous.")
    user = request.getfixturevalue(name)
    client.force_login(user)
    page = client.get(address("report_remark", report))
    assert page.status_code == (200 if code == 302 else code)
    assert ("Entre nous." in text_of(page)) == (code == 302)
    assert ask(client, report).status_code == code
    assert Remark.objects.count() == (2 if code == 302 else 1)
    assert Remark.objects.visible_to(user).filter(pk=remark.pk).exists() == (code == 302)


def test_a_question_on_a_line_is_kept_with_its_line(client, pilot, report, measure):
    client.force_login(pilot)
    page = client.get(address("report_remark", report), {"ligne": "G-1"})
    assert '<option value="G-1" selected>' in page.content.decode()
    response = ask(client, report, measure="G-1")
    assert response.url == f"{address('report_remark', report)}#remarques"
    [remark] = report.remarks.all()
    assert (remark.measure, remark.author, remark.asks_correction) == (measure, pilot, False)
    assert status_of(report) == ReportStatus.SUBMITTED
    assert "Est-ce HT ?" in text_of(client.get(response.url))


def test_a_question_goes_back_to_the_page_it_came_from(client, steering, report):
    client.force_login(steering)
    for back, name in (("relecture", "report_review"), ("fiche", "report"), ("//ailleurs", "report_remark")):
        response = client.post(f"{address('report_remark', report)}?retour={back}", {"text": "Oui."})
        assert response.url == f"{address(name, report)}#remarques"


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"text": " "}, "text"), ({"measure": "AILLEURS"}, "measure"), ({"text": "a\0"}, "text")],
)
def test_a_remark_that_cannot_be_kept_is_said_beside_the_field(typed, field, client, pilot, report):
    MeasureFactory(code="AILLEURS")
    client.force_login(pilot)
    response = ask(client, report, **typed)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {field}
    assert Remark.objects.count() == 0


def test_what_somebody_asks_is_told_by_mail(
    client, steering, pilot, report, django_capture_on_commit_callbacks
):
    client.force_login(pilot)
    with django_capture_on_commit_callbacks(execute=True):
        ask(client, report)
    [message] = mail.outbox
    assert message.to == [steering.email]
    assert "Est-ce HT ?" in message.body.replace("\u202f", " ")


def test_nobody_but_the_team_asks_on_a_reference_year(client, pilot, scheme, action):
    campaign = CampaignFactory(scheme=scheme, year=2020, kind="reference")
    report = ReportFactory(campaign=campaign, action=action, status="validated", door=Door.DOCUMENT)
    client.force_login(pilot)
    response = ask(client, report)
    assert "reprise par l’équipe de pilotage" in response.context["form"].non_field_errors()[0]
    assert "Est-ce HT ?" in text_of(response)
    assert Remark.objects.count() == 0


def test_what_is_typed_is_escaped(client, steering, report):
    RemarkFactory(report=report, text="<b>gras</b>")
    client.force_login(steering)
    for name in ("report_review", "report_remark", "report_history"):
        page = client.get(address(name, report)).content.decode()
        assert "<b>gras</b>" not in page, name
        assert "&lt;b&gt;gras&lt;/b&gt;" in page, name


def test_a_member_of_another_team_is_no_reviewer_here(client, stranger, organisation, report):
    MembershipFactory(user=stranger, organisation=organisation, role=Role.COPIL)
    client.force_login(stranger)
    assert decide(client, report, "validate").status_code == 404
    assert status_of(report) == "submitted"


# in the pilots' stead


def test_several_drafts_are_handed_in_in_the_pilots_stead_and_incomplete_ones_stay(
    client, campaign, action, measure, steering
):
    whole = ReportFactory(campaign=campaign, action=action, state="done")
    ReadingFactory(report=whole, measure=measure, number=12)
    other = ActionFactory(objective=action.objective, code="Z-9")
    MeasureFactory(indicator__action=other)
    lacking = ReportFactory(campaign=campaign, action=other)
    client.force_login(steering)
    board = reverse("campaign_review", args=[campaign.scheme.slug, campaign.key])
    data = {"what": "submit", "report": [whole.pk, lacking.pk]}
    assert "Soumettre à la place des pilotes" in text_of(client.post(board, data))
    data |= {f"version-{report.pk}": report.version for report in (whole, lacking)}
    response = client.post(board, {**data, "confirmed": "1"}, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "1 fiche soumise.",
        "Z-9 : il reste 2 points à compléter avant de soumettre.",  # its state and its one measure
    ]
    whole.refresh_from_db()
    lacking.refresh_from_db()
    assert (whole.status, whole.submitted_by, lacking.status) == ("submitted", steering, "draft")
    assert whole.changed_why == "Soumise par l’équipe de pilotage, à la place du pilote."


def test_handing_in_many_costs_as_many_questions_for_two_as_for_ten(campaign, action, steering):
    def cost(count):
        reports = []
        for _ in range(count):
            other = ActionFactory(objective=action.objective)
            measure = MeasureFactory(indicator__action=other)
            report = ReportFactory(campaign=campaign, action=other, state="done")
            ReadingFactory(report=report, measure=measure, number=1)
            reports.append(report.pk)
        with CaptureQueriesContext(connection) as queries:
            outcome = review.submit(Report.objects.filter(pk__in=reports), by=steering, at=AT)
        assert len(outcome.done) == count
        return len([query for query in queries if query["sql"].startswith("SELECT")])

    assert (
        cost(10) - cost(2) <= 8 * 2
    )  # the moves and notices of eight more sheets, nothing of their measures
