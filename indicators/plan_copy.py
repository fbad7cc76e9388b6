"""The structure of a scheme copied into the one that follows it."""

import logging
from collections import defaultdict

from django.db import transaction

from actions.models import Action, Committee, Direction, Involvement, Objective, Origin, Pillar, Scheme, Step
from indicators.models import Breakdown, BreakdownItem, Computation, Indicator, Measure, MeasureSource

logger = logging.getLogger(__name__)

LABELS = (
    "pillar_label",
    "objective_label",
    "action_label",
    "part_label",
    "step_label",
    "pilot_label",
    "support_label",
    "partner_label",
    "purpose_label",
    "implementation_label",
)

# What a copy does not take from its origin, whatever the model.
AFRESH = {"id": None, "origin": Origin.SITE, "source_note": "", "valid_from": None, "valid_until": None}


@transaction.atomic
def copy_structure(*, by, scheme, slug, title, starts_year, ends_year):
    """The new Scheme that follows `scheme`, with its structure, all of it the site's own. A constant number of queries.

    Copied: level names, pillars, objectives, the sheets that have not ended, their parts, steps and involvements (a
    direction that has become another stands under its new name, one that is gone is left out), committees, breakdowns,
    indicators and measures with their sources, each prolonging its origin. Not copied, since they are the former
    plan's: readings, targets, references, due dates, passages, doubts, adoption. A line that pointed to something that
    is not copied is left out; a measure that cannot be computed any more is entered.
    """
    new = Scheme.objects.create(
        organisation=scheme.organisation,
        predecessor=scheme,
        slug=slug,
        title=title,
        starts_year=starts_year,
        ends_year=ends_year,
        **{name: getattr(scheme, name) for name in LABELS},
    )
    _Copy(scheme, new, starts_year).run()
    logger.info("User %s copied scheme %s into scheme %s", by.pk, scheme.pk, new.pk)
    return new


class _Copy:
    """`made` maps, for each model, the id of a row to its copy."""

    def __init__(self, scheme, new, year):
        self.scheme, self.new, self.year = scheme, new, year
        self.made = defaultdict(dict)

    def run(self):
        scheme = self.scheme
        self.copy(Pillar, scheme.pillars.all())
        self.copy(Objective, scheme.objectives.all(), pillar=Pillar)
        blank = {"due_text": "", "due_from": None, "due_to": None}
        self.copy(Action, scheme.actions.all(), within="parent", blank=blank, objective=Objective)
        self.copy(Step, scheme.steps.all(), within="parent", action=Action)
        self._copy_involvements()
        self.copy(Committee, scheme.committees.all())
        self.copy(Breakdown, scheme.breakdowns.all())
        items = BreakdownItem.objects.filter(breakdown__scheme=scheme)
        self.copy(BreakdownItem, items, breakdown=Breakdown)
        self.copy(
            Indicator,
            scheme.indicators.all(),
            within="duplicate_of",
            action=Action,
            breakdown=Breakdown,
            refers_to=Action,
        )
        self._copy_measures()

    def copy(self, model, rows, *, within="", blank=(), **owners):
        """Copy the `rows` that go on and whose `owners` (field=model) are copied; first those that stand alone.

        `within` is the relation to another row of the same model, one step deep.
        """
        rows = [row for row in rows if self._goes_on(row)]
        for inner in (False, True) if within else (False,):
            links = {**owners, within: model} if within else owners
            batch = {
                row.pk: self._copied(row, links, dict(blank))
                for row in rows
                if (bool(within) and getattr(row, f"{within}_id") is not None) == inner
                and all(self._is_there(row, name, owner) for name, owner in links.items())
            }
            model.objects.bulk_create(batch.values())
            self.made[model] |= batch

    def _goes_on(self, row):
        """Is this row still in force when the new scheme begins?"""
        return getattr(row, "valid_until", None) is None or row.valid_until >= self.year

    def _is_there(self, row, name, owner):
        pk = getattr(row, f"{name}_id")
        return pk is None or pk in self.made[owner]

    def _copied(self, row, links, changes):
        written = [field for field in row._meta.concrete_fields if not field.generated]
        values = {field.attname: getattr(row, field.attname) for field in written}
        afresh = AFRESH | {"scheme_id": self.new.pk, "continues_id": row.pk}
        values |= {name: value for name, value in afresh.items() if name in values} | changes
        for name, owner in links.items():
            if (pk := values[f"{name}_id"]) is not None:
                values[f"{name}_id"] = self.made[owner][pk].pk
        return type(row)(**values)

    def _copy_involvements(self):
        """Each with the direction that has taken over, once an action, direction and part."""
        directions = Direction.objects.filter(organisation=self.scheme.organisation_id).in_bulk()
        found = {}
        for row in Involvement.objects.filter(action__scheme=self.scheme):
            direction = _today(directions[row.direction_id], directions)
            if direction and row.action_id in self.made[Action]:
                action = self.made[Action][row.action_id]
                changes = {"action_id": action.pk, "direction_id": direction.pk}
                found.setdefault((action.pk, direction.pk, row.role), self._copied(row, {}, changes))
        Involvement.objects.bulk_create(found.values())

    def _copy_measures(self):
        blank = {"baseline_from": None, "baseline_to": None, "baseline_value": None}
        rest = {"indicator": Indicator, "item": BreakdownItem}
        self.copy(Measure, self.scheme.measures.all(), within="alternative_to", blank=blank, **rest)
        made = self.made[Measure]
        links = defaultdict(list)
        for link in MeasureSource.objects.filter(measure__scheme=self.scheme):
            links[link.measure_id].append(link)
        new_links, entered = [], []
        for pk, copy in made.items():
            kept = [link for link in links[pk] if link.source_id in made]
            if not kept or (copy.computation != Computation.SUM and len(kept) < len(links[pk])):
                entered.append(copy.pk)
                kept = []
            new_links += [self._copied(link, {"measure": Measure, "source": Measure}, {}) for link in kept]
        Measure.objects.filter(pk__in=entered).exclude(computation="").update(computation="")
        MeasureSource.objects.bulk_create(new_links)


def _today(direction, directions):
    """The direction in activity that this one has become; None when it has gone. Stops at one already met."""
    met = set()
    while not direction.active and direction.succeeded_by_id and direction.pk not in met:
        met.add(direction.pk)
        direction = directions[direction.succeeded_by_id]
    return direction if direction.active else None
