"""Pages by which the steering team keeps indicators and measures up to date while the plan runs."""

from dataclasses import replace

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.plan_upkeep import plan_to_settle
from actions.views_plan import action_trail, form_page, steered_action, steered_scheme, typed
from indicators.forms_plan import (
    ComputationForm,
    IndicatorForm,
    IndicatorWithMeasure,
    MeasureForm,
    NewMeasureForm,
    SuccessorForm,
)
from indicators.models import Indicator, Measure
from indicators.plan_copy import copy_structure
from indicators.plan_services import add_indicator, next_code, set_computation
from indicators.plan_upkeep import measures_to_settle

KEPT = "Ce que vous changez ici reste quand le document est chargé de nouveau."
ADDED = "Le document chargé ne change pas : ce qui s’ajoute ici est noté comme venant du site."


@require_safe
def plan_upkeep(request, slug):
    """What the document leaves open, in lists, each row with the page where it is settled."""
    scheme = steered_scheme(request, slug)
    year = timezone.localdate().year
    in_plan, measured = plan_to_settle(scheme, year=year), measures_to_settle(scheme, year=year)
    context = {
        "scheme": scheme,
        "to_settle": replace(in_plan, doubts=[*in_plan.doubts, *measured.doubts]),
        "measured": measured,
        "successors": scheme.successors.all(),
    }
    return render(request, "indicators/plan_upkeep.html", context)


def plan_page(request, template, form, *, scheme, title, kicker, trail, intro=KEPT, **more):
    """A form of the plan with, on the same page, what `template` adds to it."""
    context = {
        "form": form,
        "scheme": scheme,
        "title": title,
        "kicker": kicker,
        "trail": [(scheme.get_absolute_url(), scheme.title), *trail],
        "intro": intro,
        "submit": "Enregistrer",
    }
    return render(request, template, context | more)


# Indicators


def indicator_trail(indicator):
    return [*action_trail(indicator.action), (indicator.get_absolute_url(), indicator.code)]


def steered_indicator(request, slug, code):
    indicators = Indicator.objects.select_related(
        "scheme__organisation", "action__scheme", "action__parent__scheme", "breakdown"
    )
    return get_object_or_404(indicators, scheme=steered_scheme(request, slug), code=code)


@require_http_methods(["GET", "POST"])
def indicator_add(request, slug, code):
    """Add an indicator to an action, with its first measure."""
    action = steered_action(request, slug, code)
    taken = set(action.scheme.indicators.values_list("code", flat=True))
    form = IndicatorWithMeasure(typed(request), action=action, code=next_code(action.code, taken))
    if form.is_valid():
        indicator = form.indicator.instance
        add_indicator(by=request.user, indicator=indicator, measure=form.measure.instance)
        messages.success(request, "L’indicateur est dans le plan.")
        return redirect("indicator_edit", slug, indicator.code)
    return form_page(
        request,
        form,
        scheme=action.scheme,
        kicker=str(action),
        title="Ajouter un indicateur",
        trail=action_trail(action),
        intro=ADDED,
        submit="Ajouter l’indicateur",
    )


@require_http_methods(["GET", "POST"])
def indicator_edit(request, slug, code):
    """What the site may change of an indicator, and the way to its measures."""
    indicator = steered_indicator(request, slug, code)
    words, breakdown, trail = indicator.name, indicator.breakdown, indicator_trail(indicator)
    form = IndicatorForm(typed(request), instance=indicator)
    if form.is_valid():
        form.save()
        messages.success(request, "L’indicateur est enregistré.")
        return redirect("indicator_edit", slug, code)
    measures = indicator.measures.select_related("indicator", "item", "scheme").prefetch_related("targets")
    return plan_page(
        request,
        "indicators/plan_indicator.html",
        form,
        scheme=indicator.scheme,
        kicker=words,
        title="Modifier l’indicateur",
        trail=trail,
        indicator=indicator,
        breakdown=breakdown,
        measures=measures.order_by("position", "pk"),
    )


# Measures


def steered_measure(request, slug, code):
    measures = Measure.objects.select_related(
        "scheme__organisation",
        "scheme__predecessor",
        "indicator__scheme",
        "indicator__breakdown",
        "indicator__action__scheme",
        "indicator__action__parent__scheme",
        "item",
    )
    return get_object_or_404(measures, scheme=steered_scheme(request, slug), code=code)


def measure_trail(measure):
    page = reverse("measure_edit", args=[measure.scheme.slug, measure.code])
    return [*indicator_trail(measure.indicator), (page, f"Grandeur {measure.code}")]


@require_http_methods(["GET", "POST"])
def measure_add(request, slug, code):
    """Add a measure to an indicator."""
    indicator = steered_indicator(request, slug, code)
    taken = set(indicator.scheme.measures.values_list("code", flat=True))
    proposed = indicator.code if indicator.code not in taken else next_code(indicator.code, taken)
    form = NewMeasureForm(typed(request), indicator=indicator, initial={"code": proposed})
    if form.is_valid():
        measure = form.save()
        messages.success(request, "La grandeur est ajoutée.")
        return redirect("measure_edit", slug, measure.code)
    return form_page(
        request,
        form,
        scheme=indicator.scheme,
        kicker=indicator.name,
        title="Ajouter une grandeur",
        trail=indicator_trail(indicator),
        intro="Une grandeur est une valeur à donner chaque année ; un indicateur en a une ou plusieurs.",
        submit="Ajouter la grandeur",
    )


@require_http_methods(["GET", "POST"])
def measure_edit(request, slug, code):
    """A measure, and the way to its computation, its targets and the breaks in its series."""
    measure = steered_measure(request, slug, code)
    label, trail, computation = measure.label, indicator_trail(measure.indicator), measure.computation
    form = MeasureForm(typed(request), instance=measure)
    if form.is_valid():
        measure = form.save()
        messages.success(request, "La grandeur est enregistrée.")
        return redirect("measure_edit", slug, measure.code)
    return plan_page(
        request,
        "indicators/plan_measure.html",
        form,
        scheme=measure.scheme,
        kicker=label,
        title=f"Grandeur {code}",
        trail=trail,
        code=code,
        computation=computation and measure.get_computation_display(),
        sources=measure.source_links.select_related("source__indicator", "source__item"),
        targets=measure.targets.select_related("measure", "set_by"),
        breaks=measure.breaks.all(),
    )


@require_http_methods(["GET", "POST"])
def measure_computation(request, slug, code):
    """Make a measure computed from others, or entered again."""
    measure = steered_measure(request, slug, code)
    label, trail = measure.label, measure_trail(measure)
    form = ComputationForm(typed(request), measure=measure)
    if "plus" not in request.POST and form.is_valid():
        set_computation(by=request.user, measure=measure, sources=form.cleaned_data["sources"])
        messages.success(
            request, "La grandeur se calcule." if measure.is_computed else "La grandeur se saisit."
        )
        return redirect("measure_edit", slug, code)
    return plan_page(
        request,
        "indicators/plan_computation.html",
        form,
        scheme=measure.scheme,
        kicker=label,
        title="Calcul de la grandeur",
        trail=trail,
        intro="Ce qui se calcule ne se saisit plus. Une donnée commune à plusieurs taux, comme le nombre de "
        "marchés de l’année, se saisit une fois sur la fiche de données communes et sert partout.",
    )


# The scheme that follows


@require_http_methods(["GET", "POST"])
def scheme_successor(request, slug):
    """Copy the structure of a scheme into the one that follows it; the page says what is left out."""
    scheme = steered_scheme(request, slug)
    start = scheme.ends_year and scheme.ends_year + 1
    form = SuccessorForm(typed(request), scheme=scheme, initial={"starts_year": start})
    if form.is_valid():
        new = copy_structure(by=request.user, scheme=scheme, **form.cleaned_data)
        messages.success(request, "Le schéma est créé, avec la structure du précédent.")
        return redirect("plan_upkeep", new.slug)
    return plan_page(
        request,
        "indicators/plan_successor.html",
        form,
        scheme=scheme,
        kicker=scheme.title,
        title="Préparer le schéma qui suit",
        trail=[(reverse("plan_upkeep", args=[slug]), "Tenir le plan à jour")],
        intro="",
        submit="Créer le schéma",
        successors=scheme.successors.all(),
    )
