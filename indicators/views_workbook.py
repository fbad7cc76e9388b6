"""Filling many lines at once: the campaign's workbook, its grid, and the preview that both pass through."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Direction
from actions.scoping import steers
from indicators.entry import grid, preview, workbook
from indicators.entry.scope import Scope, directions_of, scope_of
from indicators.entry.upload import Table, read_pasted
from indicators.forms_workbook import DirectionForm, UploadForm
from indicators.lookups import campaign_or_404
from indicators.models import Campaign
from indicators.perms import today
from spaser.french import plural
from spaser.text import storable
from spaser.tracking import Door
from spaser.workbooks import XLSX

UNREADABLE = "L’aperçu n’a pas pu être relu : recommencez."
MAX_PROBLEMS = 200  # shown; the rest is counted


@dataclass
class Desk:
    """One person's lines of one campaign, the address from which they are filled, and the door that this is."""

    campaign: Campaign
    scope: Scope
    steering: bool
    direction: Direction | None
    door: Door
    here: str

    @property
    def context(self):
        return {
            "campaign": self.campaign,
            "scheme": self.campaign.scheme,
            "scope": self.scope,
            "here": self.here,
        }


def desk_of(request, slug, key, name, door):
    """The Desk: 404 out of sight, 403 to who has no sheet in the campaign. Only the steering team chooses a direction."""
    campaign = campaign_or_404(request.user, slug, key)
    steering, direction, here = steers(request.user, campaign.scheme), None, reverse(name, args=[slug, key])
    if steering and (code := storable(request.GET.get("direction", ""))):
        direction = get_object_or_404(directions_of(campaign), code=code)
        here = f"{here}?direction={direction.code}"
    scope = scope_of(request.user, campaign, direction=direction, on=today())
    if not steering and not scope.own_reports:
        raise PermissionDenied
    return Desk(campaign, scope, steering, direction, door, here)


@require_http_methods(["GET", "POST"])
def campaign_workbook(request, slug, key):
    """Download the workbook, bring it back; what it changes is shown before anything is saved."""
    desk = desk_of(request, slug, key, "campaign_workbook", Door.WORKBOOK)
    posted = request.method == "POST" and not desk.scope.closed
    if posted and "rows" in request.POST:
        return confirm(request, desk)
    form = UploadForm(*([request.POST, request.FILES] if posted else []), campaign=desk.campaign)
    if form.is_valid():
        return show_preview(request, desk, form.table)
    directions = DirectionForm(campaign=desk.campaign) if desk.steering else None
    return render(
        request, "indicators/workbook.html", {**desk.context, "form": form, "directions": directions}
    )


@require_safe
def campaign_workbook_download(request, slug, key):
    """The workbook of the person's own sheets, as XLSX or, with `?format=csv`, as CSV."""
    desk = desk_of(request, slug, key, "campaign_workbook", Door.WORKBOOK)
    if desk.scope.closed:
        messages.error(request, desk.scope.closed)
        return redirect("campaign_workbook", slug, key)
    as_csv = request.GET.get("format") == "csv"
    ending, content_type = ("csv", "text/csv; charset=utf-8") if as_csv else ("xlsx", XLSX)
    content = (workbook.campaign_csv if as_csv else workbook.campaign_workbook)(desk.scope)
    part = f"-{desk.direction.code}" if desk.direction else ""
    name = f"saisie-{desk.campaign.key}-{slug}{part}.{ending}"
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(content, content_type=content_type, headers=headers)


@require_http_methods(["GET", "POST"])
def campaign_grid(request, slug, key):
    """All the lines that the person may fill, on one page; what they change is shown before anything is saved."""
    desk = desk_of(request, slug, key, "campaign_grid", Door.GRID)
    if request.method == "POST" and not desk.scope.closed:
        if "back" in request.POST:
            return back_to_grid(request, desk)
        return confirm(request, desk) if "rows" in request.POST else preview_grid(request, desk)
    return show_grid(request, desk)


def preview_grid(request, desk):
    pasted = request.POST.get("pasted", "")
    try:
        table = grid.read_grid(request.POST)
    except ValueError:
        messages.error(request, UNREADABLE)
        return redirect(desk.here)
    if pasted.strip():
        table = joined(table, read_pasted(workbook.cleaned(pasted, " "), desk.campaign))
    return show_preview(request, desk, table)


def joined(table, pasted):
    """The two as one; lines of the grid that nobody touched do not stand against a pasted one."""
    rows = [row for row in table.rows if row.typed] + pasted.rows
    return Table(rows, table.problems + pasted.problems, pasted.ignored)


def back_to_grid(request, desk):
    """The grid with all that was typed in it, and under each line what is wrong with it."""
    try:
        rows = [row for row in preview.unpacked(request.POST.get("rows", "")) if not row.where]
    except ValueError:
        messages.error(request, UNREADABLE)
        return redirect(desk.here)
    found = preview.preview_of(Table(rows), desk.scope, at=timezone.now())
    errors = {}
    for problem in found.problems:
        errors.setdefault(problem.code, []).append(problem.message)
    typed = {row.code: row.typed for row in rows}
    return show_grid(request, desk, typed, errors, pasted=request.POST.get("pasted", ""))


def show_grid(request, desk, typed=None, errors=None, pasted=""):
    scope = desk.scope
    too_long = len(scope.open_slots) > grid.MAX_LINES
    groups = [] if too_long else grid.grid_lines(scope, typed)
    for _, lines in groups:
        for line in lines:
            line.errors = (errors or {}).get(line.slot.measure.code, [])
    context = {
        **desk.context,
        "groups": groups,
        "too_long": too_long,
        "rates": grid.has_rates(scope),
        "shown": grid.shown_of(scope),
        "pasted": pasted,
        "missing_choices": grid.MISSING_CHOICES,
        "closed_sheets": len({slot.report.pk for slot in scope.own_slots if slot.refusal}),
        "directions": DirectionForm(request.GET or None, campaign=desk.campaign) if desk.steering else None,
    }
    return render(request, "indicators/grid.html", context)


def show_preview(request, desk, table):
    found = preview.preview_of(table, desk.scope, at=timezone.now())
    return render_preview(request, desk, found)


def render_preview(request, desk, found, saved=0):
    context = {
        **desk.context,
        "preview": found,
        "problems": found.problems[:MAX_PROBLEMS],
        "more_problems": max(0, len(found.problems) - MAX_PROBLEMS),
        "from_grid": desk.door == Door.GRID,
        "pasted": request.POST.get("pasted", ""),
        "saved": saved,
    }
    return render(request, "indicators/entry_preview.html", context)


def confirm(request, desk):
    """Save what the preview showed; what could not be saved is shown again."""
    try:
        rows = preview.unpacked(request.POST["rows"])
    except ValueError:
        messages.error(request, UNREADABLE)
        return redirect(desk.here)
    answers = {row.code: request.POST.get(f"take-{row.code}", "") for row in rows}
    kept = [row for row in rows if answers[row.code] != "keep"]
    choices = {
        code: int(said)
        for code, said in answers.items()
        if said.isascii() and said.isdigit() and len(said) < 10
    }
    saved = preview.save_rows(kept, choices, desk.scope, at=timezone.now(), door=desk.door)
    if saved.left.problems or saved.left.conflicts:
        return render_preview(request, desk, saved.left, saved.count)
    said = (
        f"{saved.count} {plural('valeur enregistrée', saved.count)}." if saved.count else "Rien n’a changé."
    )
    messages.success(request, said)
    return redirect(desk.here)
