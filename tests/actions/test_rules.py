"""The rules across rows of the plan: for each, a row that breaks it and one that does not."""

import pytest

from actions.models import Action, Nature
from actions.rules import RULES, check
from tests.factories import (
    ActionFactory,
    DirectionFactory,
    InvolvementFactory,
    MembershipFactory,
    ObjectiveFactory,
    OrganisationFactory,
    PassageFactory,
    PillarFactory,
    SchemeFactory,
    StepFactory,
)

pytestmark = pytest.mark.django_db

OTHER_LEVEL = "Ce niveau est celui d’un autre schéma."

# the rule, a row that breaks it, a row that keeps it, the field, the message
RULE_CASES = {
    "direction succeeded in its organisation": (
        lambda: DirectionFactory(succeeded_by=DirectionFactory()),
        lambda: DirectionFactory(succeeded_by=(heir := DirectionFactory()), organisation=heir.organisation),
        "succeeded_by",
        "La direction qui succède est celle d’une autre collectivité.",
    ),
    "membership in a direction of the organisation": (
        lambda: MembershipFactory(direction=DirectionFactory(), organisation=OrganisationFactory()),
        lambda: MembershipFactory(direction=DirectionFactory()),
        "direction",
        "Cette direction est celle d’une autre collectivité.",
    ),
    "predecessor in the organisation": (
        lambda: SchemeFactory(predecessor=SchemeFactory()),
        lambda: SchemeFactory(predecessor=(former := SchemeFactory()), organisation=former.organisation),
        "predecessor",
        "Le schéma précédent est celui d’une autre collectivité.",
    ),
    "objective in the scheme of its pillar": (
        lambda: ObjectiveFactory(scheme=SchemeFactory()),
        lambda: ObjectiveFactory(),
        "pillar",
        "Ce pilier est celui d’un autre schéma.",
    ),
    "action in the scheme of its objective": (
        lambda: ActionFactory(scheme=SchemeFactory()),
        lambda: ActionFactory(),
        "objective",
        "Cet objectif est celui d’un autre schéma.",
    ),
    "parts on one level": (
        lambda: ActionFactory(parent=ActionFactory(parent=ActionFactory())),
        lambda: ActionFactory(parent=ActionFactory()),
        "parent",
        "Un volet n’a pas lui-même de volets.",
    ),
    "part under the objective of its action": (
        lambda: ActionFactory(
            parent=(whole := ActionFactory()), objective=ObjectiveFactory(pillar=whole.objective.pillar)
        ),
        lambda: ActionFactory(parent=(whole := ActionFactory()), objective=whole.objective),
        "parent",
        "Un volet relève du même objectif que son action.",
    ),
    "part of an action": (
        lambda: ActionFactory(parent=ActionFactory(nature=Nature.SHARED)),
        lambda: ActionFactory(parent=ActionFactory(nature=Nature.ACTION)),
        "parent",
        "Une fiche de données n’a pas de volets.",
    ),
    "step in the scheme of its action": (
        lambda: StepFactory(scheme=SchemeFactory()),
        lambda: StepFactory(),
        "action",
        "Cette action est celle d’un autre schéma.",
    ),
    "bullet in the action of its step": (
        lambda: StepFactory(
            parent=(whole := StepFactory()), action=ActionFactory(objective=whole.action.objective)
        ),
        lambda: StepFactory(parent=(whole := StepFactory()), action=whole.action),
        "parent",
        "L’étape de rattachement est celle d’une autre action.",
    ),
    "bullets on one level": (
        lambda: StepFactory(parent=StepFactory(parent=StepFactory())),
        lambda: StepFactory(parent=StepFactory()),
        "parent",
        "Une sous-étape n’a pas elle-même de sous-étapes.",
    ),
    "passage in the scheme of its pillar": (
        lambda: PassageFactory(pillar=PillarFactory()),
        lambda: PassageFactory(pillar=(owner := PillarFactory()), scheme=owner.scheme),
        "pillar",
        OTHER_LEVEL,
    ),
    "passage in the scheme of its objective": (
        lambda: PassageFactory(objective=ObjectiveFactory()),
        lambda: PassageFactory(objective=(owner := ObjectiveFactory()), scheme=owner.scheme),
        "objective",
        OTHER_LEVEL,
    ),
    "passage in the scheme of its action": (
        lambda: PassageFactory(action=ActionFactory()),
        lambda: PassageFactory(action=(owner := ActionFactory()), scheme=owner.scheme),
        "action",
        OTHER_LEVEL,
    ),
    "direction of the action's organisation": (
        lambda: InvolvementFactory(direction=DirectionFactory()),
        lambda: InvolvementFactory(),
        "direction",
        "Cette direction est celle d’une autre collectivité.",
    ),
}


@pytest.mark.parametrize(("bad", "good", "field", "message"), RULE_CASES.values(), ids=RULE_CASES)
def test_a_rule_refuses_one_row_and_accepts_the_other(bad, good, field, message):
    row = bad()
    [(refused, error)] = check([row, good()])
    assert refused is row
    assert error.message_dict == {field: [message]}


def test_every_model_with_rules_is_known_here():
    assert {model.__name__ for model in RULES if model._meta.app_label == "actions"} == {
        "Direction",
        "Membership",
        "Scheme",
        "Objective",
        "Action",
        "Step",
        "Passage",
        "Involvement",
    }


def test_two_broken_rules_give_both_messages():
    part = ActionFactory(parent=ActionFactory(nature=Nature.SHARED), scheme=SchemeFactory())
    [(_, error)] = check([part])
    assert error.message_dict == {
        "objective": ["Cet objectif est celui d’un autre schéma."],
        "parent": ["Une fiche de données n’a pas de volets."],
    }


def test_rows_of_several_models_are_checked_together():
    rows = [ObjectiveFactory(scheme=SchemeFactory()), SchemeFactory(), StepFactory(scheme=SchemeFactory())]
    assert [row for row, _ in check(rows)] == [rows[0], rows[2]]


def test_a_model_without_rules_is_accepted():
    assert check([PillarFactory(), OrganisationFactory()]) == []


def test_rows_not_saved_yet_are_checked():
    action = ActionFactory()
    row = Action(scheme=SchemeFactory(), objective=action.objective, code="N", title="Nouvelle")
    [(_, error)] = check([row])
    assert error.message_dict == {"objective": ["Cet objectif est celui d’un autre schéma."]}


@pytest.mark.parametrize("count", [2, 50])
def test_any_number_of_actions_takes_three_queries(count, django_assert_num_queries):
    ActionFactory.create_batch(count, parent=ActionFactory())
    actions = list(Action.objects.exclude(parent=None))
    assert len(actions) == count
    with django_assert_num_queries(3):  # objectives, parents, parts
        assert check(actions) == []
