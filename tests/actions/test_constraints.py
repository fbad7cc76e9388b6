"""The constraints of the plan and the people: the database refuses, the form says why in French."""

import pytest
from django.core.exceptions import ValidationError

from actions.models import InvolvementRole, Nature, Role
from actions.models.organisation import API_ROLES
from tests.constraints import (
    assert_accepted,
    assert_database_refuses,
    assert_form_says,
    changed,
    constraint_names,
    itself,
    names_of,
    twin,
)
from tests.factories import (
    ENTERED_AT,
    ActionFactory,
    BuyerFactory,
    CommitteeFactory,
    CredentialFactory,
    DirectionFactory,
    InvolvementFactory,
    MeetingFactory,
    MembershipFactory,
    ObjectiveFactory,
    OrganisationFactory,
    OrganisationPageFactory,
    PassageFactory,
    PillarFactory,
    SchemeFactory,
    StepFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CODE_TAKEN = "Ce code est déjà utilisé dans le schéma."
ROLE_LEVEL = (
    "Un pilote ou un contributeur l’est d’une direction ; "
    "l’équipe de pilotage et le COPIL, de la collectivité entière."
)
VALIDITY = "La validité finit avant de commencer."
PLAIN_PART = "Un volet est une action ordinaire : ni bonus, ni fiche de données."
ONE_OWNER = "Un passage appartient à un seul niveau du plan."

# constraint, how to make a row that breaks it and no other, what the form says
BAD_ROWS = [
    (
        "buyer_code_unique",
        lambda: twin(BuyerFactory()),
        "Ce code est déjà celui d’un autre acheteur de la collectivité.",
    ),
    (
        "buyer_siret_unique",
        lambda: twin(BuyerFactory(siret="22620001200012"), code="AUTRE"),
        "Ce SIRET est déjà celui d’un autre acheteur de la collectivité.",
    ),
    (
        "direction_code_unique",
        lambda: twin(DirectionFactory()),
        "Ce sigle est déjà celui d’une autre direction de la collectivité.",
    ),
    (
        "direction_not_own_successor",
        lambda: itself(DirectionFactory(), "succeeded_by"),
        "Une direction ne se succède pas à elle-même.",
    ),
    (
        "organisation_page_unique",
        lambda: twin(OrganisationPageFactory()),
        "La collectivité a déjà un texte sur cette page.",
    ),
    (
        "organisation_page_known",
        lambda: changed(OrganisationPageFactory(), page="plan-du-site"),
        "Cette page n’existe pas.",
    ),
    (
        "organisation_page_version",
        lambda: changed(OrganisationPageFactory(), version=0),
        "La première version a le numéro 1.",
    ),
    ("membership_role_level", lambda: changed(MembershipFactory(), role=Role.PILOT), ROLE_LEVEL),
    ("membership_role_level", lambda: changed(MembershipFactory(), role=Role.CONTRIBUTOR), ROLE_LEVEL),
    (
        "membership_role_level",
        lambda: changed(MembershipFactory(direction=DirectionFactory()), role=Role.STEERING),
        ROLE_LEVEL,
    ),
    (
        "membership_role_level",
        lambda: changed(MembershipFactory(direction=DirectionFactory()), role=Role.COPIL),
        ROLE_LEVEL,
    ),
    *(
        (
            "membership_role_level",
            lambda role=role: changed(MembershipFactory(direction=DirectionFactory()), role=role),
            ROLE_LEVEL,
        )
        for role in API_ROLES
    ),
    ("membership_role_level", lambda: changed(MembershipFactory(), role="chef"), ROLE_LEVEL),
    (
        "membership_in_direction_unique",
        lambda: twin(MembershipFactory(direction=DirectionFactory())),
        "Cette personne a déjà ce rôle dans cette direction.",
    ),
    (
        "membership_in_organisation_unique",
        lambda: twin(MembershipFactory()),
        "Cette personne a déjà ce rôle dans cette collectivité.",
    ),
    (
        "credential_name_unique",
        lambda: twin(CredentialFactory(), account=UserFactory(), prefix="0a1b2c3d"),
        "Une clé de la collectivité porte déjà ce nom.",
    ),
    (
        "credential_scope_known",
        lambda: changed(CredentialFactory(), scope=Role.STEERING),
        "Droits inconnus.",
    ),
    (
        "scheme_years_in_order",
        lambda: changed(SchemeFactory(), starts_year=2029, ends_year=2026),
        "La dernière année précède la première.",
    ),
    (
        "scheme_not_own_predecessor",
        lambda: itself(SchemeFactory(), "predecessor"),
        "Un schéma ne se succède pas à lui-même.",
    ),
    ("pillar_code_unique", lambda: twin(PillarFactory()), CODE_TAKEN),
    ("objective_code_unique", lambda: twin(ObjectiveFactory()), CODE_TAKEN),
    ("action_code_unique", lambda: twin(ActionFactory()), CODE_TAKEN),
    ("step_code_unique", lambda: twin(StepFactory()), CODE_TAKEN),
    ("committee_code_unique", lambda: twin(CommitteeFactory()), CODE_TAKEN),
    (
        "action_has_objective",
        lambda: changed(ActionFactory(), objective=None),
        "Une action relève d’un objectif ; seule une fiche de données s’en passe.",
    ),
    (
        "action_part_is_plain",
        lambda: changed(ActionFactory(parent=ActionFactory()), bonus=True),
        PLAIN_PART,
    ),
    (
        "action_part_is_plain",
        lambda: changed(ActionFactory(parent=ActionFactory()), nature=Nature.SHARED),
        PLAIN_PART,
    ),
    (
        "action_not_own_parent",
        lambda: itself(ActionFactory(), "parent"),
        "Une action n’est pas son propre volet.",
    ),
    (
        "action_due_in_order",
        lambda: changed(ActionFactory(), due_from=2026, due_to=2024),
        "L’échéance finit avant de commencer.",
    ),
    (
        "action_validity_in_order",
        lambda: changed(ActionFactory(), valid_from=2029, valid_until=2026),
        VALIDITY,
    ),
    (
        "step_not_own_parent",
        lambda: itself(StepFactory(), "parent"),
        "Une étape n’est pas sa propre sous-étape.",
    ),
    (
        "passage_one_owner",
        lambda: changed(PassageFactory(), pillar=PillarFactory(), objective=ObjectiveFactory()),
        ONE_OWNER,
    ),
    (
        "passage_one_owner",
        lambda: changed(PassageFactory(), pillar=PillarFactory(), action=ActionFactory()),
        ONE_OWNER,
    ),
    (
        "passage_one_owner",
        lambda: changed(PassageFactory(), objective=ObjectiveFactory(), action=ActionFactory()),
        ONE_OWNER,
    ),
    (
        "passage_says_something",
        lambda: changed(PassageFactory(), heading="", text=""),
        "Un passage a un titre ou un texte.",
    ),
    (
        "involvement_unique",
        lambda: twin(InvolvementFactory()),
        "Cette direction a déjà cette part dans l’action.",
    ),
    (
        "meeting_unique",
        lambda: twin(MeetingFactory()),
        "Une réunion de cette instance est déjà notée à cette date.",
    ),
]
each_bad_row = pytest.mark.parametrize(
    ("name", "make", "sentence"), BAD_ROWS, ids=[case[0] for case in BAD_ROWS]
)

GOOD_ROWS = {
    "the code of a buyer of another organisation": lambda: twin(
        BuyerFactory(), organisation=OrganisationFactory()
    ),
    "two buyers without SIRET": lambda: twin(BuyerFactory(siret=""), code="AUTRE"),
    "the code of a pillar of another scheme": lambda: twin(PillarFactory(), scheme=SchemeFactory()),
    "two roles in one direction": lambda: twin(
        MembershipFactory(direction=DirectionFactory()), role=Role.CONTRIBUTOR
    ),
    "two roles in one organisation": lambda: twin(MembershipFactory(), role=Role.COPIL),
    "a text on another page": lambda: twin(OrganisationPageFactory(), page="aide"),
    "a text that has been taken back": lambda: changed(OrganisationPageFactory(), text=""),
    "a role of the API in an organisation": lambda: twin(MembershipFactory(), role=Role.API_WRITE),
    "the name of a revoked key": lambda: twin(
        changed(CredentialFactory(), revoked_at=ENTERED_AT), account=UserFactory(), prefix="0a1b2c3d"
    ),
    "one role for two people": lambda: twin(MembershipFactory(), user=UserFactory()),
    "a scheme of one year": lambda: changed(SchemeFactory(), starts_year=2026, ends_year=2026),
    "a scheme without end": lambda: changed(SchemeFactory(), starts_year=2017),
    "a sheet of data without objective": lambda: changed(
        ActionFactory(), objective=None, nature=Nature.SHARED
    ),
    "a due date of one year": lambda: changed(ActionFactory(), due_from=2026, due_to=2026),
    "a passage without heading": lambda: changed(PassageFactory(), heading="", text="Ce texte."),
    "a passage of the whole scheme": lambda: twin(PassageFactory()),
    "a direction that pilots and supports": lambda: twin(InvolvementFactory(), role=InvolvementRole.SUPPORT),
    "another committee on the same day": lambda: twin(MeetingFactory(), committee=CommitteeFactory()),
}


def test_every_constraint_has_its_bad_row():
    assert names_of(BAD_ROWS) == constraint_names("actions")


@each_bad_row
def test_the_database_refuses_a_bad_row(name, make, sentence):
    assert_database_refuses(make(), name)


@each_bad_row
def test_the_form_says_why(name, make, sentence):
    assert_form_says(make(), [sentence])


@pytest.mark.parametrize("make", GOOD_ROWS.values(), ids=GOOD_ROWS)
def test_a_good_row_is_accepted(make):
    assert_accepted(make())


def test_email_address_in_use_is_refused_by_the_form():
    user = UserFactory.build(email=UserFactory(email="agent@example.org").email, password="x")
    with pytest.raises(ValidationError) as refusal:
        user.full_clean()
    assert refusal.value.message_dict == {"email": ["Un compte existe déjà pour cette adresse."]}


@pytest.mark.parametrize("code", ["É1", "A 1", "A_1", "-A", "A-", "A..1"])
def test_badly_written_code_is_refused(code):
    with pytest.raises(ValidationError) as refusal:
        changed(PillarFactory(), code=code).full_clean()
    assert refusal.value.message_dict == {
        "code": ["Un code s’écrit avec des lettres sans accent, des chiffres, « - » et « . »."]
    }


def test_siret_of_thirteen_digits_is_refused():
    with pytest.raises(ValidationError) as refusal:
        changed(BuyerFactory(), siret="2262000120001").full_clean()
    assert refusal.value.message_dict == {"siret": ["Un SIRET a 14 chiffres."]}
