"""Pages of an action's sheet and of an indicator, with the values of all years that the reader may see."""

from collections import defaultdict

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from actions.models import Action, InvolvementRole, Step
from actions.scoping import steers
from indicators.models import Indicator, Measure, Report
from indicators.series import series_for
from indicators.tables import history_charts, measure_rows


def years_of(scheme):
    """The years of data of a scheme, in order."""
    return sorted(set(scheme.campaigns.filter(period="year").values_list("year", flat=True)))


def measures_of(indicators):
    """The measures of `indicators`, with what a row shows, in order."""
    return (
        Measure.objects.filter(indicator__in=indicators)
        .prefetch_related("targets")
        .order_by("indicator__position", "position", "pk")
    )


def fill_indicators(user, indicators, years):
    """Give each indicator its `rows` of values; a constant number of queries whatever their number."""
    series = series_for(user, measures_of(indicators))
    by_indicator, reported = defaultdict(list), defaultdict(set)
    for measure in series.measures.values():
        by_indicator[measure.indicator_id].append(measure)
    reports = Report.objects.visible_to(user).filter(
        action__indicators__in=indicators, campaign__period="year"
    )
    for action, year in reports.values_list("action", "campaign__year").distinct():
        reported[action].add(year)
    for indicator in indicators:
        measures = by_indicator[indicator.pk]
        indicator.rows = measure_rows(measures, years, series, reported[indicator.action_id])
    return indicators


def with_those_referred_to(user, indicators, years):
    """Fill `indicators`, and under a line that points to another sheet, show that sheet's own."""
    sheets = {indicator.refers_to_id for indicator in indicators if indicator.refers_to_id}
    elsewhere = list(
        Indicator.objects.filter(action__in=sheets).select_related("scheme").order_by("position")
    )
    fill_indicators(user, [*indicators, *elsewhere], years)
    for indicator in indicators:
        indicator.shown = [other for other in elsewhere if other.action_id == indicator.refers_to_id]
    return indicators


@require_safe
def action(request, slug, code):
    """An action's sheet: what the document says of it, its indicators over the years, its reports."""
    steps = Step.objects.filter(parent=None).prefetch_related("steps").order_by("position")
    parts = Action.objects.select_related("scheme", "parent__scheme").order_by("position")
    action = get_object_or_404(
        Action.objects.visible_to(request.user)
        .select_related(
            "scheme__organisation", "objective__scheme", "objective__pillar__scheme", "parent__scheme"
        )
        .prefetch_related(
            "involvements__direction",
            "passages",
            "targets",
            Prefetch("parts", parts),
            Prefetch("steps", steps, to_attr="top_steps"),
        ),
        scheme__slug=slug,
        code=code,
    )
    scheme, years = action.scheme, years_of(action.scheme)
    indicators = Indicator.objects.filter(action=action).select_related(
        "refers_to__scheme", "refers_to__parent__scheme", "duplicate_of__action", "breakdown", "scheme"
    )
    context = {
        "action": action,
        "scheme": scheme,
        "involved": _by_role(action),
        "indicators": with_those_referred_to(
            request.user, list(indicators.order_by("position", "pk")), years
        ),
        "years": years,
        "reports": _reports(request.user, action),
        "neighbours": _neighbours(action),
        "steering": steers(request.user, scheme),
    }
    return render(request, "indicators/action.html", context)


def _by_role(action):
    involvements = list(action.involvements.all())
    return {
        role.value: [involvement for involvement in involvements if involvement.role == role]
        for role in InvolvementRole
    }


def _reports(user, action):
    reports = Report.objects.visible_to(user).filter(action=action)
    return (
        reports.select_related("campaign").prefetch_related("extra_figures").order_by("-campaign__year", "pk")
    )


def _neighbours(action):
    """The sheets before and after this one, as the document orders them."""
    order = ("objective__pillar__position", "objective__position", "parent_id", "position")
    siblings = list(
        Action.objects.filter(scheme=action.scheme, parent=action.parent_id)
        .select_related("scheme", "parent__scheme")
        .order_by(*order)
    )
    here = next(index for index, sibling in enumerate(siblings) if sibling.pk == action.pk)
    before = siblings[here - 1] if here else None
    return before, siblings[here + 1] if here + 1 < len(siblings) else None


@require_safe
def indicator(request, slug, code):
    """An indicator: its words, its definition, the values of its measures over the years as table and chart."""
    indicator = get_object_or_404(
        Indicator.objects.visible_to(request.user).select_related(
            "scheme__organisation",
            "action__scheme",
            "action__parent__scheme",
            "action__objective__pillar__scheme",
            "refers_to__scheme",
            "refers_to__parent__scheme",
            "duplicate_of__scheme",
            "breakdown",
        ),
        scheme__slug=slug,
        code=code,
    )
    years = years_of(indicator.scheme)
    fill_indicators(request.user, [indicator], years)
    context = {
        "indicator": indicator,
        "action": indicator.action,
        "scheme": indicator.scheme,
        "years": years,
        "charts": history_charts(indicator.rows, years, indicator.name),
        "steering": steers(request.user, indicator.scheme),
    }
    return render(request, "indicators/indicator.html", context)
