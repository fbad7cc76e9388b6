"""Who sees what: each role, a stranger, an inactive account and nobody at all."""

import pytest
from django.contrib.auth.models import AnonymousUser

from actions.models import Action, InvolvementRole, Organisation, Role, Scheme, User
from actions.scoping import is_steering, steers
from indicators.models import (
    Evidence,
    ExtraFigure,
    LegalCategory,
    Reading,
    Remark,
    Report,
    StepState,
)
from tests.factories import (
    ActionFactory,
    DirectionFactory,
    EvidenceFactory,
    ExtraFigureFactory,
    InvolvementFactory,
    LegalCategoryFactory,
    MembershipFactory,
    ReadingFactory,
    RemarkFactory,
    ReportFactory,
    StepStateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MEMBERS = ["steering", "pilot", "contributor", "other_pilot", "copil_member"]
EVERY_STATUS = {"draft", "submitted", "returned", "validated"}
# role: the statuses of the reports of `action` that it reads
READ_STATUSES = {
    "steering": EVERY_STATUS,
    "pilot": EVERY_STATUS,
    "contributor": EVERY_STATUS,
    "other_pilot": {"submitted", "validated"},
    "other_contributor": {"submitted", "validated"},
    "partner": {"submitted", "validated"},
    "copil_member": {"validated"},
    "stranger": set(),
    "stranger_of_every_role": set(),
    "anonymous": set(),
    "inactive_steering": set(),
    "inactive_pilot": set(),
    "former_member": set(),
}


@pytest.fixture
def anonymous():
    return AnonymousUser()


@pytest.fixture
def inactive_steering(steering):
    return deactivated(steering)


@pytest.fixture
def inactive_pilot(pilot):
    return deactivated(pilot)


def deactivated(user):
    user.is_active = False
    user.save()
    return user


@pytest.fixture
def former_member(steering):
    """Somebody whose only membership was withdrawn."""
    steering.memberships.all().delete()
    return steering


@pytest.fixture
def other_contributor(organisation):
    direction = DirectionFactory(organisation=organisation)
    return MembershipFactory(direction=direction, role=Role.CONTRIBUTOR).user


@pytest.fixture
def partner(action):
    """A member of a direction that is named on the sheet as a partner only."""
    involvement = InvolvementFactory(action=action, role=InvolvementRole.PARTNER)
    return MembershipFactory(direction=involvement.direction).user


@pytest.fixture
def stranger_of_every_role(stranger):
    """Steering team, COPIL, pilot and contributor, all of another organisation."""
    elsewhere = stranger.memberships.get().organisation
    direction = DirectionFactory(organisation=elsewhere)
    MembershipFactory(user=stranger, organisation=elsewhere, role=Role.COPIL)
    for role in (Role.PILOT, Role.CONTRIBUTOR):
        MembershipFactory(user=stranger, direction=direction, role=role)
    return stranger


@pytest.fixture
def person(request, action):
    """The person of the role that the test names, asked for once the action has its directions."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def reports(action):
    """A report of `action` in each status, by status."""
    return {
        status: ReportFactory(
            action=action,
            campaign__scheme=action.scheme,
            campaign__year=2026 + rank,
            **({} if status == "draft" else {status: True}),
        )
        for rank, status in enumerate(sorted(EVERY_STATUS))
    }


@pytest.fixture
def elsewhere(stranger):
    """A scheme and an action of the stranger's organisation."""
    organisation = stranger.memberships.get().organisation
    return ActionFactory(objective__pillar__scheme__organisation=organisation)


# The plan


@pytest.mark.parametrize("person", MEMBERS, indirect=True)
def test_a_member_sees_the_plan_of_the_organisation_and_no_other(person, action, elsewhere):
    assert list(Scheme.objects.visible_to(person)) == [action.scheme]
    assert list(Action.objects.visible_to(person)) == [action]
    assert list(Organisation.objects.visible_to(person)) == [action.scheme.organisation]


@pytest.mark.parametrize("person", ["anonymous", "inactive_steering", "former_member"], indirect=True)
def test_nobody_else_sees_a_plan(person, action, elsewhere):
    assert not Scheme.objects.visible_to(person).exists()
    assert not Action.objects.visible_to(person).exists()
    assert not Organisation.objects.visible_to(person).exists()


def test_a_stranger_sees_another_plan_only(stranger, action, elsewhere):
    assert list(Scheme.objects.visible_to(stranger)) == [elsewhere.scheme]
    assert list(Action.objects.visible_to(stranger)) == [elsewhere]


def test_a_member_of_two_organisations_sees_both_plans_once(stranger, organisation, action, elsewhere):
    for role in (Role.STEERING, Role.COPIL):
        MembershipFactory(user=stranger, organisation=organisation, role=role)
    assert set(Action.objects.visible_to(stranger)) == {action, elsewhere}
    assert Action.objects.visible_to(stranger).count() == 2


# What one maintains


def test_the_steering_team_maintains_its_plan_and_its_reports(steering, action, elsewhere):
    report = ReportFactory(action=action, campaign__scheme=action.scheme)
    reading = ReadingFactory(report=report)
    assert list(Scheme.objects.steered_by(steering)) == [action.scheme]
    assert list(Action.objects.steered_by(steering)) == [action]
    assert list(Report.objects.steered_by(steering)) == [report]
    assert list(Reading.objects.steered_by(steering)) == [reading]


@pytest.mark.parametrize(
    "person",
    [
        "pilot",
        "contributor",
        "other_pilot",
        "copil_member",
        "stranger",
        "anonymous",
        "inactive_steering",
        "former_member",
    ],
    indirect=True,
)
def test_nobody_else_maintains_it(person, action):
    ReadingFactory(report=ReportFactory(action=action, campaign__scheme=action.scheme))
    for model in (Scheme, Action, Report, Reading):
        assert not model.objects.steered_by(person).exists()
    assert not steers(person, action.scheme)


def test_steering_elsewhere_gives_nothing_to_a_pilot_here(pilot, action):
    MembershipFactory(user=pilot, role=Role.STEERING)
    assert not Scheme.objects.steered_by(pilot).exists()
    assert not steers(pilot, action.scheme)
    assert is_steering(pilot)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("steering", True), ("pilot", False), ("copil_member", False), ("anonymous", False)],
)
def test_is_steering(name, expected, request):
    assert is_steering(request.getfixturevalue(name)) is expected


def test_steers_its_scheme_and_not_another(steering, stranger, scheme, elsewhere):
    assert steers(steering, scheme)
    assert not steers(steering, elsewhere.scheme)


def test_the_steering_team_sees_each_member_once(steering, pilot, stranger, organisation):
    MembershipFactory(user=pilot, organisation=organisation, role=Role.COPIL)
    assert set(User.objects.steered_by(steering)) == {steering, pilot}
    assert User.objects.steered_by(steering).count() == 2
    assert not User.objects.steered_by(pilot).exists()
    assert not User.objects.steered_by(AnonymousUser()).exists()


# Reports, by status, and what hangs from them


@pytest.mark.parametrize(
    ("person", "statuses"), READ_STATUSES.items(), indirect=["person"], ids=READ_STATUSES
)
def test_reports_are_read_by_status(person, statuses, reports):
    assert {report.status for report in Report.objects.visible_to(person)} == statuses
    assert Report.objects.visible_to(person).count() == len(statuses)


PARTS_OF_A_REPORT = {
    Reading: ReadingFactory,
    StepState: StepStateFactory,
    ExtraFigure: ExtraFigureFactory,
}
PREPARATION = {Evidence: EvidenceFactory, Remark: RemarkFactory}
INVOLVED = {"steering", "pilot", "contributor"}


@pytest.mark.parametrize(("model", "made"), PARTS_OF_A_REPORT.items())
@pytest.mark.parametrize(
    ("person", "statuses"), READ_STATUSES.items(), indirect=["person"], ids=READ_STATUSES
)
def test_what_hangs_from_a_report_is_read_as_the_report_is(person, statuses, reports, model, made):
    for report in reports.values():
        made(report=report)
    assert {row.report.status for row in model.objects.visible_to(person)} == statuses
    assert model.objects.visible_to(person).count() == len(statuses)


@pytest.mark.parametrize(("model", "made"), PREPARATION.items())
@pytest.mark.parametrize(("who", "person"), [(who, who) for who in READ_STATUSES], indirect=["person"])
def test_how_a_report_is_made_is_read_by_those_involved(who, person, reports, model, made):
    for report in reports.values():
        made(report=report)
    seen = {row.report.status for row in model.objects.visible_to(person)}
    assert seen == (EVERY_STATUS if who in INVOLVED else set())


def test_a_pilot_does_not_read_the_draft_of_another_action(pilot, scheme):
    report = ReportFactory(campaign__scheme=scheme)
    assert report not in Report.objects.visible_to(pilot)


def test_a_pilot_who_is_of_the_copil_too_reads_more(pilot, organisation, scheme, action):
    draft = ReportFactory(campaign__scheme=scheme, action=action)
    validated = ReportFactory(campaign=draft.campaign, validated=True)
    MembershipFactory(user=pilot, organisation=organisation, role=Role.COPIL)
    assert set(Report.objects.visible_to(pilot)) == {draft, validated}


# Legal categories


def test_common_legal_categories_are_everyones(pilot, organisation, stranger):
    common = LegalCategoryFactory()
    own = LegalCategoryFactory(organisation=organisation)
    of_the_law = set(LegalCategory.objects.filter(organisation=None))
    assert common in of_the_law
    assert set(LegalCategory.objects.visible_to(pilot)) == {own, *of_the_law}
    assert set(LegalCategory.objects.visible_to(stranger)) == of_the_law
    assert not LegalCategory.objects.visible_to(UserFactory()).filter(pk=own.pk).exists()


def test_common_legal_categories_are_maintained_by_no_organisation(steering, organisation):
    LegalCategoryFactory()
    own = LegalCategoryFactory(organisation=organisation)
    assert list(LegalCategory.objects.steered_by(steering)) == [own]
