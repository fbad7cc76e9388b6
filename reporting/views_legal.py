"""The legal figures of an edition in preparation: what measures follow, and what the steering team completes."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.views_plan import typed
from indicators.models import LegalBasis, Measure, Report
from reporting.editions.legal import LegalLine
from reporting.editions.legal_build import LegalSources
from reporting.forms_legal import LegalFigureForm
from reporting.models import LegalFigure
from reporting.views_drafts import steered_draft

TAKEN = "Quelqu’un vient de compléter cette ligne : rouvrez-la pour voir ce qu’il a donné."


def steered_publication(request, pk):
    """The draft of a legal publication, for the steering team only."""
    draft = steered_draft(request, pk)
    if not draft.is_legal:
        raise Http404
    return draft


def sources_of(draft):
    return LegalSources(draft.organisation, (draft.first_year, draft.last_year))


@dataclass(frozen=True)
class Row:
    """A line of the publication with where it comes from: a measure and its sheet, a figure given, or nothing yet."""

    line: LegalLine
    measure: Measure | None
    sheet: str  # the address of the annual sheet that holds the value; "" when there is none
    figure: LegalFigure | None
    address: str  # of the form that completes it; "" when there is nobody to complete it for


@require_safe
def legal_figures(request, pk):
    """For each buyer, what is followed by a measure, what was completed by hand, what is not followed."""
    draft = steered_publication(request, pk)
    sources = sources_of(draft)
    sheets = _sheets(draft)
    buyers = [
        (
            buyer,
            [
                (
                    category,
                    [
                        _row(draft, sources, sheets, (buyer, category, basis, year))
                        for basis in LegalBasis
                        for year in sources.years
                    ],
                )
                for category in sources.categories
            ],
        )
        for buyer in sources.buyers
    ]
    rows = [row for _, categories in buyers for _, rows in categories for row in rows]
    context = {
        "draft": draft,
        "organisation": draft.organisation,
        "buyers": buyers,
        "schemes": sources.schemes,
        "unassigned": sources.unassigned,
        "total": len(rows),
        "filled": sum(row.line.is_filled for row in rows),
        "explained": sum(not row.line.is_filled and bool(row.line.reason) for row in rows),
    }
    return render(request, "reporting/legal_figures.html", context)


def _sheets(draft):
    """{(action id, year): the address of its annual sheet} of the years of the publication."""
    rows = Report.objects.filter(
        campaign__scheme__organisation=draft.organisation,
        campaign__year__range=(draft.first_year, draft.last_year),
        campaign__period="year",
        action__indicators__measures__legal_category__isnull=False,
    ).values_list("action", "campaign__year", "campaign__scheme__slug", "action__code")
    return {
        (action, year): reverse("report", args=[slug, str(year), code]) for action, year, slug, code in rows
    }


def _row(draft, sources, sheets, key):
    buyer, category, basis, year = key
    measure, address = sources.measure_of(*key), ""
    if buyer.pk and not measure:
        address = reverse("legal_figure", args=[draft.pk, buyer.code, category.code, basis.value, year])
    return Row(
        line=sources.line(*key),
        measure=measure,
        sheet=sheets.get((measure.indicator.action_id, year), "") if measure else "",
        figure=sources.figure_of(*key),
        address=address,
    )


def _line_asked(draft, sources, buyer, category, basis, year):
    """The (Buyer, LegalCategory, LegalBasis, year) that an address names; a category of the law before one's own."""
    found = (
        next((row for row in sources.buyers if row.pk and row.code == buyer), None),
        next((row for row in sources.categories if row.code == category), None),
    )
    if None in found or basis not in LegalBasis.values or year not in sources.years:
        raise Http404
    return *found, LegalBasis(basis), year


@require_http_methods(["GET", "POST"])
def legal_figure(request, pk, buyer, category, basis, year):
    """Complete one line, or say why it is not followed. What a measure follows is not completed by hand."""
    draft = steered_publication(request, pk)
    sources = sources_of(draft)
    key = _line_asked(draft, sources, buyer, category, basis, year)
    stored, measure = sources.figure_of(*key), sources.measure_of(*key)
    if stored and "remove" in request.POST:
        stored.delete()
        messages.success(request, "Le chiffre est retiré : la ligne est de nouveau à compléter.")
        return redirect("legal_figures", pk)
    given = (stored.changed_by, stored.changed_at) if stored else None
    figure = stored or LegalFigure(buyer=key[0], category=key[1], basis=basis, year=year)
    figure.changed_by, figure.changed_at = request.user, timezone.now()
    others = [
        (other, when)
        for other in LegalBasis
        for when in sources.years
        if (other, when) != (basis, year)
        and not sources.figure_of(*key[:2], other, when)
        and not sources.measure_of(*key[:2], other, when)
    ]
    form = LegalFigureForm(typed(request), instance=figure, followed_by=measure, others=others)
    if form.is_valid():
        try:
            with transaction.atomic():
                form.save()
            given_now = "La raison est enregistrée." if figure.not_followed else "Le chiffre est enregistré."
            messages.success(request, given_now)
            return redirect("legal_figures", pk)
        except IntegrityError:
            form.add_error(None, TAKEN)
    context = {
        "draft": draft,
        "organisation": draft.organisation,
        "form": form,
        "title": f"{LegalBasis(basis).label.capitalize()}, {year}",
        "kicker": " · ".join([*([key[0].name] if sources.is_shared else []), key[1].name]),
        "measure": measure,
        "stored": stored,
        "given": given,
        "line": sources.line(*key),
    }
    return render(request, "reporting/legal_figure.html", context)
