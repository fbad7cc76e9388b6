"""A plan that comes as a workbook: the template, what it would make, and its loading."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Scheme
from actions.views_members import steered_organisation
from indicators.document.merge import WouldOrphan
from indicators.document.source import DocumentErrors
from indicators.plan_workbook.layout import UNHELD
from indicators.plan_workbook.parse import MAX_CONTENT, content_of, sheets_in
from indicators.plan_workbook.preview import load_plan, preview_plan
from indicators.plan_workbook.template import plan_workbook
from spaser.spreadsheets import MAX_BYTES, UnreadableFile, read_spreadsheet
from spaser.workbooks import XLSX

CSV = "Un fichier CSV n’a qu’une feuille, et le plan en a plusieurs : donnez un classeur .xlsx ou .ods."


class PlanFileForm(forms.Form):
    """The workbook; `cleaned_data["content"]` is what it says, as text."""

    file = forms.FileField(
        label="Classeur du plan",
        help_text=f"Le modèle rempli, en .xlsx ou .ods ; {MAX_BYTES // 2**20} Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.name.lower().endswith((".csv", ".tsv", ".txt")):
            raise forms.ValidationError(CSV)
        try:
            self.cleaned_data["content"] = content_of(read_spreadsheet(file, name=file.name))
        except UnreadableFile as error:
            raise forms.ValidationError(str(error)) from error
        return file


class ConfirmForm(forms.Form):
    """What the preview showed, on its way back; all of it is checked again."""

    content = forms.CharField(widget=forms.HiddenInput, max_length=MAX_CONTENT, strip=False)
    name = forms.CharField(widget=forms.HiddenInput, max_length=255, required=False)
    prune = forms.BooleanField(
        label="Retirer ces lignes du schéma",
        help_text="Celles qui portent des relevés ou des ajouts du site restent.",
        required=False,
    )


@require_http_methods(["GET", "POST"])
def plan_import(request, slug):
    """The template and the file to give; then what it would make, or all that is wrong with it."""
    organisation = steered_organisation(request, slug)
    if "content" in request.POST:
        return _confirm(request, organisation)
    form = PlanFileForm(*([request.POST, request.FILES] if request.method == "POST" else []))
    if form.is_valid():
        name = form.cleaned_data["file"].name
        return _preview(request, organisation, form, form.cleaned_data["content"], name)
    return _page(request, organisation, form)


@require_safe
def plan_template(request, slug):
    """The workbook to fill in; with ?schema=, one that holds this scheme."""
    organisation = steered_organisation(request, slug)
    scheme, name = None, "modele-plan"
    if "schema" in request.GET:
        schemes = Scheme.objects.steered_by(request.user).filter(organisation=organisation)
        scheme = get_object_or_404(schemes, slug=request.GET["schema"])
        name = scheme.slug
    response = HttpResponse(plan_workbook(organisation, scheme), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _preview(request, organisation, form, content, name):
    options = {"file": name, "organisation": organisation, "at": timezone.now()}
    try:
        preview = preview_plan(sheets_in(content), **options)
    except DocumentErrors as errors:
        return _page(request, organisation, form, problems=errors.problems)
    confirm = ConfirmForm(initial={"content": content, "name": name})
    if not preview.lost:
        del confirm.fields["prune"]
    context = {"organisation": organisation, "preview": preview, "form": confirm, "unheld": UNHELD}
    return render(request, "indicators/plan_import_preview.html", context)


def _confirm(request, organisation):
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Le plan n’est pas revenu entier : donnez le fichier de nouveau.")
        return redirect("plan_import", slug=organisation.slug)
    name, prune = form.cleaned_data["name"], form.cleaned_data["prune"]
    options = {"file": name, "organisation": organisation, "at": timezone.now(), "prune": prune}
    try:
        outcome = load_plan(sheets_in(form.cleaned_data["content"]), **options)
    except UnreadableFile as error:
        messages.error(request, str(error))
        return redirect("plan_import", slug=organisation.slug)
    except DocumentErrors as errors:
        return _page(request, organisation, PlanFileForm(), problems=errors.problems)
    except WouldOrphan:
        messages.error(
            request, "Rien n’est enregistré : cochez « Retirer ces lignes du schéma » pour confirmer."
        )
        return _preview(request, organisation, PlanFileForm(), form.cleaned_data["content"], name)
    said = f"{outcome.created} lignes ajoutées, {outcome.updated} modifiées, {outcome.removed} retirées"
    messages.success(request, f"Le plan est enregistré : {said}, {outcome.unchanged} inchangées.")
    if outcome.notices:
        said = "Sur certains points, le site et le classeur ne disent pas la même chose : le site garde sa version."
        messages.info(request, said)  # the preview has told them one by one
    return redirect(outcome.scheme)


def _page(request, organisation, form, problems=()):
    schemes = Scheme.objects.steered_by(request.user).filter(organisation=organisation)
    context = {
        "organisation": organisation,
        "form": form,
        "problems": problems,
        "schemes": schemes,
        "unheld": UNHELD,
    }
    return render(request, "indicators/plan_import.html", context, status=422 if problems else 200)
