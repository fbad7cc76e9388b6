"""What a plan would become: it is brought in whole, looked at, and taken back."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count

from actions.models import Nature, Scheme
from indicators.document.levels import LEVELS
from indicators.document.merge import Outcome, WouldOrphan, load_entries
from indicators.plan_workbook.layout import HELD, heading_of
from indicators.plan_workbook.parse import read_plan

TAKEN = "« {} » est déjà l’identifiant d’un autre schéma : choisissez-en un autre."
NO_PREDECESSOR = "« {} » n’est pas l’identifiant d’un schéma de votre collectivité."


@dataclass(frozen=True)
class Node:
    """A line of the plan with what hangs on it."""

    title: str
    code: str
    indicators: int = 0
    measures: int = 0
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """The plan as it would be, and what loading it would do."""

    title: str
    is_new: bool
    outcome: Outcome
    lost: list[str]  # the lines that the workbook no longer has
    tree: list[Node]
    sheets: list[Node]  # what stands outside the pillars
    counts: list[tuple[int, str]]


def load_plan(sheets, *, file, organisation, at, prune):
    """The Outcome of bringing in these sheets; raises DocumentErrors or WouldOrphan, and then changes nothing."""

    def refuse(key, value):
        """Identifiers are those of the whole site: no word on whose they are."""
        own = Scheme.objects.filter(organisation=organisation, slug=value)
        if key == "slug" and not own.exists() and Scheme.objects.filter(slug=value).exists():
            return TAKEN.format(value)
        return NO_PREDECESSOR.format(value) if key == "predecessor" and not own.exists() else ""

    entries, problems = read_plan(sheets, file=file, organisation=organisation, refuse=refuse)
    return load_entries(entries, problems, file=file, at=at, prune=prune, levels=HELD, name_of=heading_of)


def preview_plan(sheets, *, file, organisation, at):
    """The Preview of these sheets; raises DocumentErrors. Nothing is stored."""
    known = set(Scheme.objects.filter(organisation=organisation).values_list("pk", flat=True))
    options = {"file": file, "organisation": organisation, "at": at}
    lost = []
    with transaction.atomic():
        try:
            outcome = load_plan(sheets, prune=False, **options)
        except WouldOrphan as orphans:
            lost = orphans.lines
            outcome = load_plan(sheets, prune=True, **options)
        preview = _seen(outcome, outcome.scheme.pk not in known, lost)
        transaction.set_rollback(True)
    return preview


def _seen(outcome, is_new, lost):
    scheme = outcome.scheme
    actions = list(
        scheme.actions.select_related("scheme").annotate(
            indicator_count=Count("indicators", distinct=True),
            measure_count=Count("indicators__measures", distinct=True),
        )
    )
    objectives = list(scheme.objectives.select_related("scheme"))
    pillars = list(scheme.pillars.select_related("scheme"))
    tree = [
        Node(
            str(pillar),
            pillar.code,
            children=[
                Node(
                    str(objective) if objective.title else "",
                    objective.code,
                    children=_actions(actions, objective_id=objective.pk, parent_id=None),
                )
                for objective in objectives
                if objective.pillar_id == pillar.pk
            ],
        )
        for pillar in pillars
    ]
    whole = [action for action in actions if action.parent_id is None and action.nature == Nature.ACTION]
    counts = [
        (len(pillars), scheme.pillar_label.lower() or LEVELS["pillar"].model._meta.verbose_name),
        (sum(bool(objective.title) for objective in objectives), scheme.objective_label.lower()),
        (len(whole), scheme.action_label.lower()),
        (sum(action.indicator_count for action in actions), "indicateur"),
        (sum(action.measure_count for action in actions), "grandeur"),
        (scheme.targets.count(), "cible"),
    ]
    sheets = _actions(actions, objective_id=None, parent_id=None)
    return Preview(str(scheme), is_new, outcome, lost, tree, sheets, counts)


def _actions(actions, **place):
    return [
        Node(
            str(action),
            action.code,
            action.indicator_count,
            action.measure_count,
            _actions(actions, parent_id=action.pk),
        )
        for action in actions
        if all(getattr(action, name) == value for name, value in place.items())
    ]
