"""What a scheme's document leaves open in what is measured, for the steering team to settle."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from actions.admin_scope import document_order
from actions.plan_upkeep import Doubt
from indicators.models import NUMBER_TYPES, Breakdown, Indicator, Measure, MeasureType, Target


@dataclass(frozen=True)
class MeasuresToSettle:
    """Lists of rows, each with a page where it is settled."""

    doubts: list[Doubt]
    breakdowns: list[Breakdown]  # open ones, with their items
    without_measure: list[Indicator]
    without_target: list[Measure]
    without_reference: list[Target]
    untied: list[Target]


def measures_to_settle(scheme, *, year):
    """What is left to settle of indicators, measures and targets in force in `year` or later.

    A constant number of queries.
    """
    return MeasuresToSettle(
        doubts=list(_doubts(scheme)),
        breakdowns=list(
            scheme.breakdowns.filter(open=True).select_related("scheme").prefetch_related("items")
        ),
        without_measure=list(_without_measure(scheme, year)),
        without_target=list(_without_target(scheme, year)),
        without_reference=list(_without_reference(scheme)),
        untied=list(
            scheme.targets.filter(measure=None).select_related(
                "scheme", "measure", "action__scheme", "action__parent__scheme", "pillar__scheme"
            )
        ),
    )


def _going_on(year, path=""):
    return Q(**{f"{path}valid_until": None}) | Q(**{f"{path}valid_until__gte": year})


def _without_measure(scheme, year):
    indicators = scheme.indicators.filter(
        _going_on(year), measures=None, refers_to=None, duplicate_of=None
    ).select_related("scheme", "action")
    return indicators.order_by(*document_order("action__"), "position", "pk")


def _without_target(scheme, year):
    """Measures in numbers of which neither they nor what is computed from them has a target."""
    of_evolution = Target.objects.filter(measure__source_links__source=OuterRef("pk"))
    measures = scheme.measures.filter(
        _going_on(year),
        _going_on(year, "indicator__"),
        _going_on(year, "indicator__action__"),
        ~Exists(of_evolution),
        type__in=[*NUMBER_TYPES, MeasureType.RATIO],
        computation="",
        targets=None,
    )
    return measures.select_related("scheme", "item", "indicator__action").order_by(
        *document_order("indicator__action__"), "indicator__position", "position", "pk"
    )


def _without_reference(scheme):
    targets = scheme.targets.filter(relative=True, baseline_from=None)
    targets = targets.filter(Q(measure=None) | Q(measure__baseline_value=None))
    return targets.select_related("scheme", "measure")


def _doubts(scheme):
    pages = {
        "indicators": "indicator_edit",
        "measures": "measure_edit",
        "breakdowns": "breakdown",
        "targets": "target_edit",
    }
    for relation, page in pages.items():
        rows = getattr(scheme, relation).exclude(source_note="")
        also = {"measures": ["item", "indicator"], "targets": ["measure"]}.get(relation, [])
        for row in rows.select_related("scheme", *also):
            words = str(row) if str(row).startswith(row.code) else f"{row.code} · {row}"
            yield Doubt(words, row.source_note, reverse(page, args=[scheme.slug, row.code]))
