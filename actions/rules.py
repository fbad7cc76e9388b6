"""Rules across rows of the plan: one validator, for one object or for a batch.

`check(objects)` returns the (object, ValidationError) pairs of those that break a rule. Whatever the number of objects,
the rows that the rules look at are fetched with one query for each relation in `NEEDS`. Same-row rules
are database constraints on the models.
"""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects

from actions.models import (
    Action,
    Direction,
    Involvement,
    Membership,
    Nature,
    Objective,
    Passage,
    Scheme,
    Step,
)

RULES = {}
NEEDS = {}


def rules_of(model, *needs):
    """Register the generator of (field, message) pairs for `model`, and the relations that it walks."""

    def register(function):
        RULES[model] = function
        NEEDS[model] = needs
        return function

    return register


def check(objects):
    """The (object, ValidationError) pairs of the `objects` that break a rule across rows; [] when all is well."""
    by_model, errors = defaultdict(list), []
    for obj in objects:
        by_model[type(obj)].append(obj)
    for model, batch in by_model.items():
        if model not in RULES:
            continue
        for path in NEEDS[model]:
            fetch_missing(batch, path)
        for obj in batch:
            found = defaultdict(list)
            for field, message in RULES[model](obj):
                found[field].append(message)
            if found:
                errors.append((obj, ValidationError(dict(found))))
    return errors


def fetch_missing(objects, path):
    """Follow the relations of `path` for all `objects` together, keeping what is already in memory."""
    for name in path.split("__"):
        field = objects[0]._meta.get_field(name)
        if field.one_to_many:
            prefetch_related_objects([obj for obj in objects if obj.pk], name)
            return
        missing = [
            obj for obj in objects if not field.is_cached(obj) and getattr(obj, field.attname) is not None
        ]
        if missing:
            prefetch_related_objects(missing, name)
        objects = [related for obj in objects if (related := getattr(obj, name)) is not None]
        if not objects:
            return


def has_any(obj, relation):
    """Has a stored row anything in this reverse relation, which its `NEEDS` has fetched?"""
    return bool(obj.pk) and bool(getattr(obj, relation).all())


@rules_of(Direction, "succeeded_by")
def direction_rules(direction):
    successor = direction.succeeded_by
    if successor and successor.organisation_id != direction.organisation_id:
        yield "succeeded_by", "La direction qui succède est celle d’une autre collectivité."


@rules_of(Membership, "direction")
def membership_rules(membership):
    if membership.direction and membership.direction.organisation_id != membership.organisation_id:
        yield "direction", "Cette direction est celle d’une autre collectivité."


@rules_of(Scheme, "predecessor")
def scheme_rules(scheme):
    former = scheme.predecessor
    if former and former.organisation_id != scheme.organisation_id:
        yield "predecessor", "Le schéma précédent est celui d’une autre collectivité."


@rules_of(Objective, "pillar")
def objective_rules(objective):
    if objective.pillar.scheme_id != objective.scheme_id:
        yield "pillar", "Ce pilier est celui d’un autre schéma."


@rules_of(Action, "objective", "parent", "parts")
def action_rules(action):
    objective, parent = action.objective, action.parent
    if objective and objective.scheme_id != action.scheme_id:
        yield "objective", "Cet objectif est celui d’un autre schéma."
    if parent and parent.parent_id:
        yield "parent", "Un volet n’a pas lui-même de volets."
    if parent and has_any(action, "parts"):
        yield "parent", "Cette action a des volets : elle n’est pas elle-même un volet."
    if parent and parent.objective_id != action.objective_id:
        yield "parent", "Un volet relève du même objectif que son action."
    if parent and parent.nature != Nature.ACTION:
        yield "parent", "Une fiche de données n’a pas de volets."


@rules_of(Step, "action", "parent", "steps")
def step_rules(step):
    if step.action.scheme_id != step.scheme_id:
        yield "action", "Cette action est celle d’un autre schéma."
    if step.parent and step.parent.action_id != step.action_id:
        yield "parent", "L’étape de rattachement est celle d’une autre action."
    if step.parent and step.parent.parent_id:
        yield "parent", "Une sous-étape n’a pas elle-même de sous-étapes."
    if step.parent and has_any(step, "steps"):
        yield "parent", "Cette étape a des sous-étapes : elle n’en est pas une."


@rules_of(Passage, "pillar", "objective", "action")
def passage_rules(passage):
    for name in Passage.OWNERS:
        owner = getattr(passage, name)
        if owner and owner.scheme_id != passage.scheme_id:
            yield name, "Ce niveau est celui d’un autre schéma."


@rules_of(Involvement, "action__scheme", "direction")
def involvement_rules(involvement):
    if involvement.direction.organisation_id != involvement.action.scheme.organisation_id:
        yield "direction", "Cette direction est celle d’une autre collectivité."
