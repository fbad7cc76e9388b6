"""Pages by which the steering team sets targets, notes breaks in a series and completes breakdowns."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from actions.models import Origin
from actions.views_plan import action_trail, form_page, steered_scheme, typed
from indicators.forms_targets import (
    ItemForms,
    NewItemForm,
    ProposalForms,
    SeriesBreakForm,
    TargetForm,
    TiedTargetForm,
)
from indicators.models import Breakdown, BreakdownItem, SeriesBreak, Target
from indicators.plan_services import add_measures, next_code, proposed_measures, save_items, set_target
from indicators.views_plan import measure_trail, steered_measure

# Targets


@require_http_methods(["GET", "POST"])
def target_add(request, slug, code):
    """Set a target for a measure."""
    measure = steered_measure(request, slug, code)
    taken = set(measure.scheme.targets.values_list("code", flat=True))
    form = TargetForm(
        typed(request),
        instance=Target(scheme=measure.scheme, measure=measure),
        initial={"code": next_code(measure.code, taken, "-C")},
    )
    if form.is_valid():
        set_target(by=request.user, target=form.instance, on=timezone.localdate())
        messages.success(request, "La cible est fixée.")
        return redirect("measure_edit", slug, code)
    return form_page(
        request,
        form,
        scheme=measure.scheme,
        kicker=measure.label,
        title="Fixer une cible",
        trail=measure_trail(measure),
        submit="Fixer la cible",
    )


def steered_target(request, slug, code):
    targets = Target.objects.select_related(
        "scheme__organisation",
        "measure__indicator__action__scheme",
        "measure__indicator__action__parent__scheme",
        "measure__indicator__scheme",
        "measure__item",
        "measure__scheme",
        "action__scheme",
        "action__parent__scheme",
        "pillar__scheme",
    )
    return get_object_or_404(targets, scheme=steered_scheme(request, slug), code=code)


def page_of(target):
    """Where a target is seen."""
    if target.measure:
        return reverse("measure_edit", args=[target.scheme.slug, target.measure.code])
    return target.action.get_absolute_url() if target.action else target.scheme.get_absolute_url()


@require_http_methods(["GET", "POST"])
def target_edit(request, slug, code):
    """Change a target of the site; tie one of the document, whose words stay."""
    target = steered_target(request, slug, code)
    printed = target.origin == Origin.DOCUMENT
    words, trail = str(target), _trail_of(target)
    form = (TiedTargetForm if printed else TargetForm)(typed(request), instance=target)
    if form.is_valid():
        if printed:
            form.save()
        else:
            set_target(by=request.user, target=target, on=timezone.localdate())
        messages.success(request, "La cible est enregistrée.")
        return redirect(page_of(target))
    intro = "Ses mots sont ceux du document : ils ne changent pas. " if printed else ""
    return form_page(
        request,
        form,
        scheme=target.scheme,
        kicker=words,
        title=f"Cible {code}",
        trail=trail,
        intro=f"{intro}Ce que vous changez ici reste quand le document est chargé de nouveau.",
    )


def _trail_of(target):
    if target.measure:
        return measure_trail(target.measure)
    return action_trail(target.action) if target.action else []


@require_POST
def target_remove(request, slug, code):
    """Take away a target that the site has set; those of the document stay."""
    target = steered_target(request, slug, code)
    if target.origin == Origin.DOCUMENT:
        raise PermissionDenied
    page = page_of(target)
    target.delete()
    messages.success(request, "La cible est retirée.")
    return redirect(page)


# Breaks in a series


@require_http_methods(["GET", "POST"])
def break_add(request, slug, code):
    """Note that a series breaks: every table and chart says so from then on."""
    measure = steered_measure(request, slug, code)
    form = SeriesBreakForm(typed(request), instance=SeriesBreak(measure=measure))
    if form.is_valid():
        form.save()
        messages.success(request, "La rupture est notée : les tableaux et les graphiques la montrent.")
        return redirect("measure_edit", slug, code)
    return form_page(
        request,
        form,
        scheme=measure.scheme,
        kicker=measure.label,
        title="Noter une rupture de série",
        trail=measure_trail(measure),
        intro="Quand une définition ou un périmètre change, les valeurs d’après ne se comparent plus à celles "
        "d’avant : aucune évolution ne se calcule à travers la rupture.",
        submit="Noter la rupture",
    )


@require_POST
def break_remove(request, slug, code, year):
    measure = steered_measure(request, slug, code)
    get_object_or_404(SeriesBreak, measure=measure, year=year).delete()
    messages.success(request, f"La rupture de {year} est retirée.")
    return redirect("measure_edit", slug, code)


# Breakdowns


def steered_breakdown(request, slug, code):
    breakdowns = Breakdown.objects.select_related("scheme__organisation")
    return get_object_or_404(breakdowns, scheme=steered_scheme(request, slug), code=code)


@require_http_methods(["GET", "POST"])
def breakdown(request, slug, code):
    """The items of a breakdown: names, order, years; and the indicators that it splits."""
    breakdown = steered_breakdown(request, slug, code)
    rows = ItemForms(typed(request), breakdown=breakdown)
    if request.method == "POST" and rows.is_valid():
        save_items(by=request.user, items=rows.items)
        messages.success(request, "Les postes sont enregistrés.")
        return redirect("breakdown", slug, code)
    context = {
        "breakdown": breakdown,
        "scheme": breakdown.scheme,
        "rows": rows,
        "indicators": breakdown.indicators.select_related("scheme").order_by("code"),
    }
    return render(request, "indicators/plan_breakdown.html", context)


@require_http_methods(["GET", "POST"])
def item_add(request, slug, code):
    """Add an item to a breakdown, then go to the measures that it lacks."""
    breakdown = steered_breakdown(request, slug, code)
    form = NewItemForm(typed(request), instance=BreakdownItem(breakdown=breakdown))
    if form.is_valid():
        item = form.save()
        messages.success(request, f"« {item.name} » est ajouté.")
        return redirect("item_measures", slug, code, item.code)
    return form_page(
        request,
        form,
        scheme=breakdown.scheme,
        kicker=f"Ventilation : {breakdown.name}",
        title="Ajouter un poste",
        trail=[(reverse("breakdown", args=[slug, code]), breakdown.name)],
        intro="Vous choisirez ensuite les grandeurs à créer pour ce poste.",
        submit="Ajouter le poste",
    )


@require_http_methods(["GET", "POST"])
def item_measures(request, slug, code, item_code):
    """The measures that an item lacks in the indicators of its breakdown, to be made with one button."""
    breakdown = steered_breakdown(request, slug, code)
    items = BreakdownItem.objects.select_related("breakdown__scheme")
    item = get_object_or_404(items, breakdown=breakdown, code=item_code)
    rows = ProposalForms(typed(request), scheme=breakdown.scheme, proposals=proposed_measures(item))
    if request.method == "POST" and rows.is_valid():
        add_measures(by=request.user, measures=rows.wanted)
        messages.success(request, f"Grandeurs créées : {len(rows.wanted)}.")
        return redirect("breakdown", slug, code)
    context = {"breakdown": breakdown, "item": item, "scheme": breakdown.scheme, "rows": rows}
    return render(request, "indicators/plan_item_measures.html", context)
