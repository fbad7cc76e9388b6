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
            objects = [obj for obj in objects if obj.pk]
            prefetch_related_objects(objects, name)
            objects = [row for obj in objects for row in getattr(obj, name).all()]
            if not objects:
                return
            continue
        missing = [
            obj for obj in objects if not field.is_cached(obj) and getattr(obj, field.attname) is not None
        ]
        if missing:
            prefetch_related_objects(missing, name)
        objects = [related for obj in objects if (related := getattr(obj, name)) is not None]
        if not objects:
            return


def same(one, other, name):
    """Do two rows point at the same row by their foreign key `name`? Rows that are not saved yet are told apart too."""
    one_id, other_id = getattr(one, f"{name}_id"), getattr(other, f"{name}_id")
    if one_id is None and other_id is None:
        return getattr(one, name) is getattr(other, name)
    return one_id == other_id


def points(row, name):
    """Does the foreign key `name` of this row point at something, saved or not?"""
    return getattr(row, f"{name}_id") is not None or getattr(row, name) is not None


def has_any(obj, relation):
    """Has a stored row anything in this reverse relation, which its `NEEDS` has fetched?"""
    return bool(obj.pk) and bool(getattr(obj, relation).all())


@rules_of(Direction, "succeeded_by")
def direction_rules(direction):
    successor = direction.succeeded_by
    if successor and not same(successor, direction, "organisation"):
        yield "succeeded_by", "La direction qui succède est celle d’une autre collectivité."


@rules_of(Membership, "direction")
def membership_rules(membership):
    if membership.direction and not same(membership.direction, membership, "organisation"):
        yield "direction", "Cette direction est celle d’une autre collectivité."


@rules_of(Scheme, "predecessor")
def scheme_rules(scheme):
    former = scheme.predecessor
    if former and not same(former, scheme, "organisation"):
        yield "predecessor", "Le schéma précédent est celui d’une autre collectivité."


@rules_of(Objective, "pillar")
def objective_rules(objective):
    if not same(objective.pillar, objective, "scheme"):
        yield "pillar", "Ce pilier est celui d’un autre schéma."


@rules_of(Action, "objective", "parent", "parts")
def action_rules(action):
    objective, parent = action.objective, action.parent
    if objective and not same(objective, action, "scheme"):
        yield "objective", "Cet objectif est celui d’un autre schéma."
    if parent and points(parent, "parent"):
        yield "parent", "Un volet n’a pas lui-même de volets."
    if parent and has_any(action, "parts"):
        yield "parent", "Cette action a des volets : elle n’est pas elle-même un volet."
    if parent and not same(parent, action, "objective"):
        yield "parent", "Un volet relève du même objectif que son action."
    if parent and parent.nature != Nature.ACTION:
        yield "parent", "Une fiche de données n’a pas de volets."


@rules_of(Step, "action", "parent", "steps")
def step_rules(step):
    if not same(step.action, step, "scheme"):
        yield "action", "Cette action est celle d’un autre schéma."
    if step.parent and not same(step.parent, step, "action"):
        yield "parent", "L’étape de rattachement est celle d’une autre action."
    if step.parent and points(step.parent, "parent"):
        yield "parent", "Une sous-étape n’a pas elle-même de sous-étapes."
    if step.parent and has_any(step, "steps"):
        yield "parent", "Cette étape a des sous-étapes : elle n’en est pas une."


@rules_of(Passage, "pillar", "objective", "action")
def passage_rules(passage):
    for name in Passage.OWNERS:
        owner = getattr(passage, name)
        if owner and not same(owner, passage, "scheme"):
            yield name, "Ce niveau est celui d’un autre schéma."


@rules_of(Involvement, "action__scheme", "direction")
def involvement_rules(involvement):
    if not same(involvement.direction, involvement.action.scheme, "organisation"):
        yield "direction", "Cette direction est celle d’une autre collectivité."
