"""The plan as a tree to show: pillars, their objectives, their actions with parts; then the sheets outside."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Coalesce

from actions.models import Action, Nature, Objective, Pillar


@dataclass
class ActionNode:
    action: Action
    parts: list[Action] = field(default_factory=list)


@dataclass
class ObjectiveNode:
    objective: Objective
    actions: list[ActionNode] = field(default_factory=list)


@dataclass
class PillarNode:
    pillar: Pillar
    objectives: list[ObjectiveNode] = field(default_factory=list)


def plan_tree(pillars, objectives, actions, *, shown=None):
    """([PillarNode], [ActionNode] of the sheets outside the pillars).

    `objectives` and `actions` are all those of the scheme, in order; `shown` the ids to keep, with what is above
    them: an action shows when it or one of its parts does, and all its parts when it does itself. Branches without
    any are left out when something is filtered.
    """
    parts = defaultdict(list)
    for action in actions:
        if action.parent_id:
            parts[action.parent_id].append(action)
    by_objective, sheets = defaultdict(list), []
    for action in actions:
        if action.parent_id is None and (node := _node(action, parts[action.pk], shown)):
            (by_objective[action.objective_id] if action.objective_id else sheets).append(node)
    tree = []
    for pillar in pillars:
        below = [objective for objective in objectives if objective.pillar_id == pillar.pk]
        nodes = [ObjectiveNode(objective, by_objective[objective.pk]) for objective in below]
        nodes = [node for node in nodes if node.actions or shown is None]
        if nodes or shown is None:
            tree.append(PillarNode(pillar, nodes))
    return tree, sheets


def _node(action, parts, shown):
    if shown is None or action.pk in shown:
        return ActionNode(action, parts)
    kept = [part for part in parts if part.pk in shown]
    return ActionNode(action, kept) if kept else None


def plan_counts(pillars, actions):
    """What a scheme holds: pillars, titled objectives, actions (bonus among them) and lettered parts."""
    counted = [action for action in actions if action.nature == Nature.ACTION]
    whole = [action for action in counted if action.parent_id is None]
    titled = {action.objective_id for action in counted if action.objective and action.objective.title}
    return {
        "pillars": len(pillars),
        "objectives": len(titled),
        "actions": len(whole),
        "bonus": sum(action.bonus for action in whole),
        "parts": len(counted) - len(whole),
    }


def plan_order(action):
    """A key that sorts actions as the document does: pillar, objective, action, part; sheets outside the pillars come last."""
    objective = action.objective
    above = (0, objective.pillar.position, objective.position) if objective else (1, 0, 0)
    own = (action.parent.position, 1 + action.position) if action.parent else (action.position, 0)
    return (*above, *own, action.pk)


def document_order(path=""):
    """The same order for the database, as arguments of `order_by`; `path` leads to the action."""
    return (
        F(f"{path}objective__pillar__position").asc(nulls_last=True),
        F(f"{path}objective__position").asc(nulls_last=True),
        Coalesce(f"{path}parent__position", f"{path}position"),
        F(f"{path}parent").asc(nulls_first=True),
        f"{path}position",
    )
