"""What the document leaves open in the plan itself, for the steering team to settle."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from actions.admin_scope import document_order
from actions.models import Action, Involvement, InvolvementRole, Nature


@dataclass(frozen=True)
class Doubt:
    """A source note, what it is about, and the address of the form where it is settled."""

    where: str
    note: str
    address: str


@dataclass(frozen=True)
class ToSettle:
    without_pilot: list[Action]
    doubts: list[Doubt]

    @property
    def count(self):
        return len(self.without_pilot) + len(self.doubts)


def plan_to_settle(scheme, *, year):
    """What is left to settle on the side of the plan, for the actions in force in `year` or later.

    A constant number of queries.
    """
    return ToSettle(without_pilot=list(_without_pilot(scheme, year)), doubts=list(_doubts(scheme)))


def _without_pilot(scheme, year):
    """The sheets that somebody must fill in and that no direction in activity pilots; not those of shared totals."""
    pilots = Involvement.objects.filter(role=InvolvementRole.PILOT, direction__active=True)
    piloted = pilots.filter(action__scheme=scheme).values("action")
    return (
        scheme.actions.filter(
            Q(valid_until=None) | Q(valid_until__gte=year), nature=Nature.ACTION, parts=None
        )
        .exclude(Q(pk__in=piloted) | Q(parent__in=piloted))  # who pilots an action pilots its parts
        .select_related("scheme", "parent__scheme", "objective")
        .order_by(*document_order(), "pk")
    )


def _doubts(scheme):
    """Of the scheme, then level by level. What has no form on the site is settled in « Gestion »."""
    if scheme.source_note:
        yield Doubt("Le schéma", scheme.source_note, _in_admin(scheme))
    for relation in ("pillars", "objectives", "actions", "steps", "committees"):
        rows = getattr(scheme, relation).exclude(source_note="").select_related("scheme")
        above = {"objectives": "pillar__scheme", "actions": "parent__scheme", "steps": "action__scheme"}
        if relation in above:
            rows = rows.select_related("scheme", above[relation])
        for row in rows:
            yield Doubt(f"{row.code} · {row}", row.source_note, _address(relation, row))


def _address(relation, row):
    if relation == "actions":
        return reverse("action_edit", args=[row.scheme.slug, row.code])
    if relation == "committees":
        return reverse("committee_edit", args=[row.scheme.slug, row.pk])
    return _in_admin(row)


def _in_admin(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
