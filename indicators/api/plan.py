"""A whole scheme in one request: the same elements as in the lists, and the values of the measures, entered or computed.

One query a table, with the small rows that hang from it as JSON, and no object of the ORM but for what is computed.
"""

from django.db.models import Exists, F, Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from actions.api.serializers import ActionSerializer, ObjectiveSerializer, PillarSerializer, SchemeSerializer
from actions.api.views import OfScheme
from actions.models import Action, Involvement, InvolvementRole, Objective, Pillar, Step
from actions.tree import document_order
from indicators.api.serializers import (
    IndicatorSerializer,
    MeasureSerializer,
    PlanSerializer,
    TargetSerializer,
    value_of,
)
from indicators.api.views import MEASURE_ORDER
from indicators.models import (
    Indicator,
    Measure,
    MeasureSource,
    Reading,
    SeriesBreak,
    Target,
)
from indicators.models.campaign import campaign_key
from indicators.series import ENTERED, Series, entered, is_answered
from spaser.api.fields import as_number
from spaser.api.problems import Problem, fault
from spaser.api.tables import rows_of, table
from spaser.api.views import ApiView

LATEST, ALL, NONE = "latest", "all", "none"
VALUES = {
    LATEST: "la dernière réponse de chacune",
    ALL: "toutes",
    NONE: "aucune",
}


class Plan(OfScheme, ApiView):
    """Tout un schéma en une requête."""

    tag, resource, operation = "Plan", "plan", "get_plan"
    parameters = frozenset({"values"})

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "values",
                enum=list(VALUES),
                default=LATEST,
                description="Les valeurs des grandeurs : "
                + " ; ".join(f"`{name}`, {meaning}" for name, meaning in VALUES.items())
                + ".",
            )
        ],
        responses=PlanSerializer,
    )
    def get(self, request, **kwargs):
        """Tout un schéma en une requête : piliers, objectifs, actions, indicateurs, grandeurs et leurs valeurs, cibles."""
        wanted = request.query_params.get("values", LATEST)
        if wanted not in VALUES:
            raise Problem(400, errors=[fault(f"Une de : {', '.join(VALUES)}.", parameter="values")])
        return Response(plan_of(request.user, self.scheme, wanted))


def plan_of(user, scheme, wanted=LATEST):
    """The plan as JSON, with the values that `user` may read: `wanted` is one of VALUES. Six queries at most."""
    rows = _measures(scheme)
    if wanted != NONE:
        _add_values(rows, user, scheme, latest=wanted == LATEST)
    pillars, objectives = _pillars(scheme)
    indicators = Indicator.objects.filter(scheme=scheme).order_by(
        *document_order("action__"), "position", "pk"
    )
    return {
        "scheme": SchemeSerializer(scheme).data,
        "pillars": pillars,
        "objectives": objectives,
        "actions": _actions(scheme),
        "indicators": table(indicators, IndicatorSerializer),
        "measures": [_told(row) for row in rows if row["scheme"] == scheme.slug],
        "targets": table(Target.objects.filter(scheme=scheme), TargetSerializer),
    }


def _pillars(scheme):
    """The pillars and the objectives; one query."""
    columns = [name for name in ObjectiveSerializer.Meta.fields if name not in ("scheme", "pillar")]
    objectives = rows_of(Objective.objects, "pillar", pk="pk", position="position", **{c: c for c in columns})
    pillars = table(
        Pillar.objects.filter(scheme=scheme).annotate(below=objectives), PillarSerializer, below="below"
    )
    found = []
    for pillar in pillars:
        for row in _in_order(pillar.pop("below")):
            found.append({"scheme": scheme.slug, "pillar": pillar["code"], **row})
    return pillars, found


def _in_order(rows):
    """JSON rows by position, which is taken out of them."""
    rows = sorted(rows or [], key=lambda row: (row["position"], row["pk"]))
    return [{name: value for name, value in row.items() if name not in ("position", "pk")} for row in rows]


def _actions(scheme):
    """The actions with who takes part and their steps; one query."""
    involvements = rows_of(
        Involvement.objects,
        "action",
        pk="pk",
        position="position",
        direction="direction__code",
        role="role",
        note="note",
    )
    steps = rows_of(
        Step.objects,
        "action",
        pk="pk",
        position="position",
        code="code",
        parent="parent__code",
        title="title",
        origin="origin",
    )
    queryset = Action.objects.filter(scheme=scheme).order_by(*document_order(), "pk")
    queryset = queryset.annotate(parts_taken=involvements, steps_below=steps)
    actions = table(queryset, ActionSerializer, involvements="parts_taken", steps="steps_below")
    for action in actions:
        action["involvements"] = _in_order(action["involvements"])
        action["steps"] = _in_order(action["steps"])
        action["pilots"] = [
            row["direction"] for row in action["involvements"] if row["role"] == InvolvementRole.PILOT
        ]
    return actions


def _measures(scheme):
    """The measures of a scheme, and when it prolongs others those of its organisation, without values yet; one query."""
    sources = rows_of(
        MeasureSource.objects,
        "measure",
        pk="pk",
        position="position",
        code="source__code",
        source="source_id",
    )
    breaks = rows_of(SeriesBreak.objects, "measure", pk="pk", position="year", year="year", note="note")
    prolonging = Exists(Measure.objects.filter(scheme=scheme, continues__isnull=False))
    former = Q(
        prolonging, scheme__organisation=scheme.organisation_id
    )  # `continues` stays in an organisation
    queryset = Measure.objects.filter(Q(scheme=scheme) | former).order_by(*MEASURE_ORDER, "pk")
    rows = table(
        queryset.annotate(source_rows=sources, break_rows=breaks),
        MeasureSerializer,
        pk="pk",
        continues_id="continues_id",
        made_of="source_rows",
        breaks="break_rows",
    )
    for row in rows:
        row["made_of"] = _in_order(row["made_of"])
        row["sources"] = [source["code"] for source in row["made_of"]]
        row["breaks"] = _in_order(row["breaks"])
        row["values"] = []
    return rows


def _told(row):
    """A measure without what only served to compute it."""
    return {name: value for name, value in row.items() if name not in ("pk", "continues_id", "made_of")}


# The values


ROW = ("number", "version", *ENTERED)
ABOVE = {
    "year": F("report__campaign__year"),
    "period": F("report__campaign__period"),
    "status": F("report__status"),
    "demonstration": F("report__campaign__demonstration"),
}


def _add_values(rows, user, scheme, *, latest):
    """Put into the rows of `scheme` their values in the order of time, or the latest answer of each; one query."""
    own = {row["pk"]: row for row in rows if row["scheme"] == scheme.slug}
    needed = _needed(rows, own)
    others = Q(measure__in=needed - set(own))
    readings = Reading.objects.visible_to(user).filter(Q(measure__scheme=scheme) | others)
    ordered = readings.annotate(**ABOVE).order_by("year", "period")
    found = list(ordered.values_list("measure_id", *ROW, *ABOVE, named=True))
    moments = set()
    for reading in found:
        if reading.measure_id in own:
            told = _told_of(reading, reading.period, value_of(reading), version=reading.version)
            _add(own[reading.measure_id], reading, told, latest=latest)
            moments.add((reading.year, reading.period))
    computed = [row for row in own.values() if row["computation"]]
    if computed:
        _add_computed(computed, _series(rows, needed, found), moments, latest=latest)


def _add(row, value, told, *, latest):
    """Add to a row what is told of a value, which has the columns of a reading; alone when it is the latest answer."""
    if not latest:
        row["values"].append(told)
    elif is_answered(value):
        row["values"] = [told]


def _needed(rows, own):
    """The ids of the measures from which those computed in `own` are made, down to what is entered, other schemes included."""
    below = {row["pk"]: [source["source"] for source in row["made_of"]] for row in rows}
    for row in rows:
        below[row["pk"]] += [row["continues_id"]] if row["continues_id"] else []
    waiting, needed = [pk for pk, row in own.items() if row["computation"]], set()
    while waiting:
        pk = waiting.pop()
        if pk not in needed:
            needed.add(pk)
            waiting += below[pk]
    return needed


def _told_of(value, period, number, *, version=None):
    """What is known of a measure in a campaign, as JSON; `value` has the columns of a reading, without version when computed."""
    computed = version is None
    return {
        "campaign": campaign_key(value.year, period),
        "year": value.year,
        "period": period,
        "status": value.status,
        "value": number,
        "numerator": as_number(value.numerator),
        "denominator": as_number(value.denominator),
        "decimals": value.decimals,
        "missing": value.missing,
        "missing_note": value.missing_note,
        "qualifier": value.qualifier,
        "comment": value.comment,
        "as_of": value.as_of.isoformat() if value.as_of else None,
        "source": value.source,
        "unfilled": value.unfilled,
        "computed": computed,
        "points": computed and value.points,
        "demonstration": value.demonstration,
        "version": version,
    }


def _series(rows, needed, readings):
    """The Series of the measures `needed`, from readings that were read as plain rows."""
    rows = [row for row in rows if row["pk"] in needed]
    measures = {row["pk"]: _measure(row) for row in rows}
    for row in rows:
        measure = measures[row["pk"]]
        links = [
            MeasureSource(measure=measure, source=measures[source["source"]]) for source in row["made_of"]
        ]
        breaks = [SeriesBreak(measure=measure, **found) for found in row["breaks"]]
        measure._prefetched_objects_cache = {"source_links": links, "breaks": breaks}
    values = {
        (row.measure_id, row.year, row.period): entered(
            row, measures[row.measure_id], year=row.year, status=row.status, demonstration=row.demonstration
        )
        for row in readings
        if row.measure_id in needed
    }
    return Series.of_values(measures.values(), values)


def _measure(row):
    return Measure(
        pk=row["pk"],
        type=row["type"],
        unit=row["unit"],
        computation=row["computation"],
        continues_id=row["continues_id"],
    )


def _add_computed(rows, series, moments, *, latest):
    """The values of the computed `rows` in each of the `moments`, (year, period) pairs."""
    for row in rows:
        measure = series.measures[row["pk"]]
        for year, period in sorted(moments):
            value = series.value(measure, year, period)
            if value is not None and value.computed:
                _add(row, value, _told_of(value, period, as_number(value.number)), latest=latest)
