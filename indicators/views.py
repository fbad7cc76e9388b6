"""Pages of an action's sheet and of an indicator, with the values of all years that the reader may see."""

from collections import defaultdict

from django.db.models import F, Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from actions.models import Action, InvolvementRole, Step
from actions.scoping import steers
from indicators.action_page import comparison_of, with_states, years_of
from indicators.indicator_page import aims_of, cards_of, entered, meanings_of, year_shown
from indicators.models import CampaignKind, Indicator, Measure, Report, Target
from indicators.series import series_for
from indicators.tables import columns_of, history_charts, measure_rows


def measures_of(indicators):
    """The measures of `indicators`, with what a row shows, in order."""
    return (
        Measure.objects.filter(indicator__in=indicators)
        .select_related("indicator__action", "legal_category", "buyer")
        .prefetch_related(Prefetch("targets", Target.objects.select_related("scheme")))
        .order_by("indicator__position", "position", "pk")
    )


def fill_indicators(user, indicators, columns):
    """Give each indicator its `rows` of values; returns their Series. A constant number of queries whatever their number."""
    series = series_for(user, measures_of(indicators))
    by_indicator, reported = defaultdict(list), defaultdict(set)
    for measure in series.asked:
        by_indicator[measure.indicator_id].append(measure)
    reports = Report.objects.visible_to(user).filter(action__indicators__in=indicators)
    expected = reports.exclude(campaign__kind=CampaignKind.REFERENCE).distinct()
    for action, *when in expected.values_list("action", "campaign__year", "campaign__period"):
        reported[action].add(tuple(when))
    for indicator in indicators:
        measures = by_indicator[indicator.pk]
        indicator.rows = measure_rows(measures, columns, series, reported[indicator.action_id])
    return series


def with_those_referred_to(user, indicators, columns):
    """Fill `indicators`, and under a line that points to another sheet, show that sheet's own."""
    sheets = {indicator.refers_to_id for indicator in indicators if indicator.refers_to_id}
    elsewhere = list(
        Indicator.objects.filter(action__in=sheets).select_related("scheme").order_by("position")
    )
    fill_indicators(user, [*indicators, *elsewhere], columns)
    for indicator in indicators:
        indicator.shown = [other for other in elsewhere if other.action_id == indicator.refers_to_id]
    return indicators


@require_safe
def action(request, slug, code):
    """An action's sheet: what the document says of it, its indicators over the years, its sheet of the year `a` beside that `de`."""
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
    scheme, columns = action.scheme, columns_of(action.scheme)
    years = years_of(request.user, action, list(action.parts.all()))
    asked = request.GET
    comparison = comparison_of(years, now=asked.get("a"), before=asked.get("de"))
    with_states(action.top_steps, comparison)
    indicators = Indicator.objects.filter(action=action).select_related(
        "refers_to__scheme", "refers_to__parent__scheme", "duplicate_of__scheme", "breakdown", "scheme"
    )
    context = {
        "action": action,
        "scheme": scheme,
        "involved": _by_role(action),
        "indicators": with_those_referred_to(
            request.user, list(indicators.order_by("position", "pk")), columns
        ),
        "columns": columns,
        "years": years,
        "sheets": [year for year in years if year.report],
        "comparison": comparison,
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


def _neighbours(action):
    """The sheets before and after this one, as the document orders them."""
    levels = ("objective__pillar__position", "objective__position", "position")
    order = [F(level).asc(nulls_last=True) for level in levels]  # sheets outside the pillars come last
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
    columns = columns_of(indicator.scheme)
    series = fill_indicators(request.user, [indicator], columns)
    year = year_shown(indicator.rows)
    reports = Report.objects.visible_to(request.user).filter(action=indicator.action)
    context = {
        "indicator": indicator,
        "action": indicator.action,
        "scheme": indicator.scheme,
        "columns": columns,
        "charts": history_charts(indicator.rows, indicator.name),
        "year": year,
        "cards": cards_of(indicator.rows, series, year) if year else [],
        "aims": aims_of(indicator.rows, series, year or columns[-1].year) if columns else [],
        "meanings": meanings_of(indicator.rows, series),
        "entered": entered(request.user, indicator.rows, series),
        "reports": reports.select_related("campaign__scheme", "action").order_by("campaign__year"),
        "steering": steers(request.user, indicator.scheme),
    }
    return render(request, "indicators/indicator.html", context)
