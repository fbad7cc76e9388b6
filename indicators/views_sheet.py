"""The sheet of one action in one campaign: entered by its pilots, read by the others; its evidence; « Mon travail »."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from indicators.entry import evidence as files
from indicators.entry.plausibility import warnings_of
from indicators.entry.sheet import Sheet, keep, pending_of
from indicators.entry.submission import obstacles, obstacles_of, submit
from indicators.forms_sheet import LineForm
from indicators.lookups import report_or_404
from indicators.models import Evidence, Indicator, Measure, MeasureType, Remark, Report
from indicators.notices import tell_remark, tell_submitted
from indicators.perms import Act, place_of, today
from indicators.progress import HANDED_IN, deadline
from indicators.review_page import former_report
from indicators.rules import in_force
from indicators.series import Value, series_for
from spaser.french import format_time
from spaser.text import storable

FORMER_YEARS = 2
REPEATED = (
    MeasureType.BOOLEAN,
    MeasureType.CHOICE,
    MeasureType.TEXT,
)  # what may well be the same as last year


@dataclass
class Row:
    """One measure as the sheet shows it: its former values, its form or its value, what was said of it."""

    measure: Measure
    former: list[tuple[int, Value | None]]
    value: Value | None
    form: LineForm | None = None
    warnings: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    question: str = ""  # typed and not asked yet

    @property
    def repeatable(self):
        """Last year's value, when one gesture may carry it forward."""
        last = self.former[0][1] if self.former else None
        known = last is not None and last.is_known and self.measure.type in REPEATED
        return (
            last
            if known and self.form and not any(self.form.typed.get(name) for name in ("value", "missing"))
            else None
        )


@require_http_methods(["GET", "POST"])
def report(request, slug, key, code):
    """The sheet. What is typed is saved as it comes; what cannot be is kept as typed and shown again with the reason."""
    if request.method == "POST":
        return _save(request, slug, key, code)
    report = report_or_404(request.user, slug, key, code)
    return render(request, "indicators/sheet.html", sheet_page(request.user, report))


def sheet_page(user, report):
    """The context of the sheet: what the document asks, what former years say, the forms or the values."""
    year, period = report.campaign.year, report.campaign.period
    prefetch_related_objects(
        [report], "remarks__author", "evidence__reading", "extra_figures", "campaign__scheme"
    )
    indicators = list(
        Indicator.objects.filter(action=report.action)
        .select_related("scheme", "refers_to__scheme", "refers_to__parent__scheme", "duplicate_of__scheme")
        .order_by("position", "pk")
    )
    measures = (
        Measure.objects.filter(indicator__in=indicators)
        .select_related("indicator__action")
        .prefetch_related("targets__measure")
        .order_by("indicator__position", "position", "pk")
    )
    series = series_for(user, measures)
    shown = [measure for measure in series.asked if in_force(measure, year)]
    warnings = warnings_of(shown, series, year, period)
    pending = pending_of(report, user)
    sheet = Sheet(report, user=user, on=today(), data=pending and pending.data, warnings=warnings)
    editable, involved = sheet.may(Act.FILL), sheet.place.involved
    if editable and pending:
        sheet.say()
    rows = _rows(sheet, shown, series)
    to_fill = [measure for measure in shown if not measure.is_computed]
    may_submit = sheet.may(Act.SUBMIT)
    return {
        "report": report,
        "campaign": report.campaign,
        "scheme": report.campaign.scheme,
        "action": report.action,
        "sheet": sheet,
        "indicators": [(indicator, rows[indicator.pk]) for indicator in indicators],
        "editable": editable,
        "may_write": editable and sheet.may(Act.WRITE),
        "may_submit": may_submit,
        "may_ask": editable and sheet.may(Act.ASK),
        "ask_apart": not editable and sheet.may(Act.ASK),  # a locked sheet has no form of its own
        "refusal": "" if editable else sheet.refusals[Act.FILL],
        "typed_at": pending and pending.typed_at if sheet.restored else None,
        "unsaved": [] if editable else sheet.unsaved,
        "faults": sheet.faults if editable else [],
        "former_years": [year - back for back in range(1, FORMER_YEARS + 1)],
        "former": former_report(user, report),
        "evidence": [row for row in report.evidence.all() if involved and row.reading_id is None],
        "remarks": [row for row in report.remarks.all() if involved and row.measure_id is None],
        "question": sheet.question("fiche"),
        "obstacles": obstacles(report, to_fill, sheet.readings, series, warnings) if may_submit else [],
        "max_megabytes": files.MAX_BYTES // 1024**2,
        "accepted": ",".join(f".{kind}" for kind in files.KINDS),
        "deadline": None if report.status in HANDED_IN else deadline(report, today()),
        "to_correct": _to_correct(report, rows),
    }


def _rows(sheet, measures, series):
    """{indicator pk: [Row]}; who has no part in the sheet sees neither remarks, nor evidence, nor warnings."""
    report, involved = sheet.report, sheet.place.involved
    forms = {form.measure.pk: form for form in sheet.lines} if sheet.may(Act.FILL) else {}
    remarks, evidence = defaultdict(list), defaultdict(list)
    for remark in report.remarks.all() if involved else ():
        remarks[remark.measure_id].append(remark)
    for row in report.evidence.all() if involved else ():
        evidence[row.reading and row.reading.measure_id].append(row)
    year, period = report.campaign.year, report.campaign.period
    rows = defaultdict(list)
    for measure in measures:
        former = [
            (year - back, series.value(measure, year - back, period)) for back in range(1, FORMER_YEARS + 1)
        ]
        row = Row(
            measure=measure,
            former=former,
            value=series.value(measure, year, period),
            form=forms.get(measure.pk),
            warnings=sheet.warnings.get(measure.pk, []) if involved else [],
            remarks=remarks[measure.pk],
            evidence=evidence[measure.pk],
            question=sheet.question(measure.code),
        )
        rows[measure.indicator_id].append(row)
    return rows


def _to_correct(report, rows):
    """The measures on which a correction was asked since the sheet was last handed in."""
    return [
        row.measure
        for of_indicator in rows.values()
        for row in of_indicator
        if any(
            remark.asks_correction and (not report.submitted_at or remark.written_at > report.submitted_at)
            for remark in row.remarks
        )
    ]


def _save(request, slug, key, code):
    at = timezone.now()
    data = {
        storable(name): storable(text) for name, text in request.POST.items() if name != "csrfmiddlewaretoken"
    }
    with transaction.atomic():
        report = report_or_404(request.user, slug, key, code, lock=True)
        sheet = Sheet(report, user=request.user, on=timezone.localdate(at), data=data)
        if not sheet.place.involved:
            raise PermissionDenied
        if "autosave" in data:
            typing = sheet.unsaved_typing
            keep(report, request.user, typing, at)
            return HttpResponse(status=204 if typing else 200)
        if "abandon" in data:
            keep(report, request.user, {}, at)
            messages.success(request, "La saisie non enregistrée est abandonnée.")
            return redirect(report)
        carried = data.get("carry", "")
        if carried:
            former = _carried(request.user, report, carried)
            data |= {name: text for name, text in former.items() if not data.get(name, "").strip()}
        whole = sheet.save(at=at)
        _save_questions(request, sheet, data, at)
        _save_files(request, sheet, at)  # last: a file on the disk does not roll back
    if sheet.refusals[Act.FILL]:
        messages.error(request, sheet.refusals[Act.FILL])
        return redirect(report)
    if not whole:
        messages.error(
            request,
            "Ce qui était juste est enregistré. Le reste est gardé tel que vous l’avez tapé : voyez ce qui est signalé.",
        )
        return redirect(f"{report.get_absolute_url()}#a-revoir")
    if data.get("then") == "submit":
        return _submit(request, report)
    messages.success(
        request, f"Fiche enregistrée à {format_time(timezone.localtime(at))}. Elle n’est pas encore soumise."
    )
    anchor = {"fiche": "fiche"}.get(carried.partition("-")[0], f"ligne-{carried.removeprefix('l-')}")
    return redirect(f"{report.get_absolute_url()}#{anchor}" if carried else report)


def _carried(user, report, what):
    """{name of the field: text} that carries last year's answer forward; empty when there is none."""
    former = former_report(user, report)
    name = what.removeprefix("fiche-")
    if what.startswith("fiche-") and name in Report.SECTIONS:
        text = getattr(former, name) if former else ""
        return {what: text} if text else {}
    measures = Measure.objects.filter(indicator__action=report.action, code=what.removeprefix("l-"))
    series = series_for(user, measures)
    for measure in series.asked:
        value = series.value(measure, report.campaign.year - 1, report.campaign.period)
        if value is not None and value.is_known and measure.type in REPEATED:
            text = value.text if value.boolean is None else "oui" if value.boolean else "non"
            return {f"{what}-value": text}
    return {}


def _save_files(request, sheet, at):
    """Attach the files sent, and take away those whose box is ticked; each refusal is said."""
    if not sheet.may(Act.FILL):
        return
    removed = [
        pk for pk in request.POST.getlist("remove-evidence") if pk.isascii() and pk.isdigit() and len(pk) < 19
    ]
    if removed:
        for row in sheet.report.evidence.filter(pk__in=removed[: files.MAX_FILES]):
            files.detach(row)
    for name, uploads in request.FILES.lists():
        reading = _reading(sheet, storable(name).removeprefix("f-"))
        for upload in uploads:
            try:
                files.attach(upload, report=sheet.report, reading=reading, by=request.user, at=at)
            except files.Refused as refused:
                messages.error(request, str(refused))


def _reading(sheet, code):
    """The stored reading of a line, for its evidence; a line without value yet leaves it to the sheet."""
    return sheet.report.readings.filter(measure__code=code).first()


def _save_questions(request, sheet, data, at):
    if not sheet.may(Act.ASK):
        return
    codes = {measure.code: measure for measure in sheet.measures}
    for name, text in data.items():
        code = name.removeprefix("q-")
        if name.startswith("q-") and text.strip() and (code == "fiche" or code in codes):
            remark = Remark.objects.create(
                report=sheet.report,
                measure=codes.get(code),
                author=request.user,
                written_at=at,
                text=text.strip(),
            )
            tell_remark(remark)


def _submit(request, report):
    """Hand the sheet in, or list all that is missing; nobody changes it between the two."""
    where = report.campaign.scheme.slug, report.campaign.key, report.action.code
    with transaction.atomic():
        report = report_or_404(request.user, *where, lock=True)
        left = obstacles_of([report], request.user)[report.pk]
        refused = "" if left else submit(report, by=request.user, at=timezone.now(), on=today())
        if not left and not refused:
            tell_submitted(report, by=request.user)
    if left:
        messages.error(request, "La fiche est enregistrée, mais pas soumise : voyez ce qui manque.")
        return redirect(f"{report.get_absolute_url()}?manque=1#manque")
    if refused:
        messages.error(request, refused)
    else:
        messages.success(
            request,
            "Fiche soumise : l’équipe de pilotage est prévenue. Elle ne se modifie plus, sauf renvoi.",
        )
    return redirect(report)


@require_safe
def evidence(request, slug, key, code, pk):
    """A file that supports the sheet, for who has a part in it: always downloaded, never shown as a page of the site."""
    report = report_or_404(request.user, slug, key, code)
    if not place_of(request.user, report).involved:
        raise PermissionDenied
    row = get_object_or_404(Evidence.objects.visible_to(request.user), report=report, pk=pk)
    response = FileResponse(row.file.open("rb"), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=row.name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
