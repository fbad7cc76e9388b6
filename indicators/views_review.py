"""Review by the steering team, remarks, and the history of a sheet."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.admin_scope import document_order
from actions.scoping import steers
from indicators import review
from indicators.entry.lines import reports_for_entry
from indicators.forms_review import MOVES, DecisionForm, HistoryFilterForm, RemarkForm, ReviewForm
from indicators.history import timeline
from indicators.lookups import report_or_404, steered_campaign
from indicators.models import Remark, Report
from indicators.perms import Act, place_of, refusal, today
from indicators.review_page import measures_of, review_context, summaries
from spaser.french import format_number, plural

DONE = {
    "submit": "soumise",
    "validate": "validée",
    "send_back": "renvoyée pour correction",
    "reopen": "rouverte",
}


def decide(form, reports, *, by, seen):
    """Do what a valid DecisionForm says of `reports`; the Outcome."""
    what, common = form.cleaned_data["what"], {"by": by, "at": timezone.now(), "seen": seen}
    if what in ("submit", "validate"):
        return getattr(review, what)(reports, **common)
    move = review.send_back if what == "send_back" else review.reopen
    return move(reports, why=form.cleaned_data["why"], lines=getattr(form, "lines", None), **common)


def version_of(text):
    """The version that a page said it had shown; -1, which is none's, when it says something else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


@require_http_methods(["GET", "POST"])
def report_review(request, slug, key, code):
    """One sheet as the steering team reviews it, and the decision on it."""
    report = report_or_404(request.user, slug, key, code)
    if not steers(request.user, report.campaign.scheme):
        raise PermissionDenied
    context = review_context(request.user, report, today())
    measures = [line.measure for line in context["lines"] if not line.measure.is_computed]
    form = ReviewForm(request.POST if request.method == "POST" else None, measures=measures)
    if form.is_valid():
        mine = Report.objects.visible_to(request.user).filter(pk=report.pk)
        seen = {report.pk: version_of(request.POST.get("version"))}
        outcome = decide(form, mine, by=request.user, seen=seen)
        if outcome.done:
            messages.success(request, f"La fiche {code} est {DONE[form.cleaned_data['what']]}.")
            return redirect("report_review", slug, key, code)
        for reason in outcome.reasons or ["Cette fiche n’est plus de celles que vous voyez."]:
            form.add_error(None, reason)
        report = report_or_404(request.user, slug, key, code)  # as it is now, which the refusal tells of
        context = review_context(request.user, report, today())
    context |= {
        "report": report,
        "form": form,
        "indicators": by_indicator(context.pop("lines"), form),
        "ask_url": address("report_remark", report),
        "history_url": address("report_history", report),
        "can_ask": not refusal(Act.ASK, place_of(request.user, report), report, today()),
        "steering": True,
        **around(report),
    }
    return render(request, "indicators/review.html", context)


def by_indicator(lines, form):
    """[(indicator, [(line, its field, None of a computed one)])] in the order of the lines."""
    found = {}
    for line in lines:
        name = f"line-{line.measure.code}"
        field = form[name] if name in form.fields else None
        found.setdefault(line.measure.indicator, []).append((line, field))
    return list(found.items())


def around(report):
    """What the pages of a report have in common."""
    return {
        "scheme": report.campaign.scheme,
        "campaign": report.campaign,
        "action": report.action,
    }


def address(name, report):
    return reverse(name, args=[report.campaign.scheme.slug, report.campaign.key, report.action.code])


@require_POST
def campaign_review(request, slug, key):
    """Validate or send back several sheets: first what is about to happen, then, `confirmed`, the moves."""
    campaign = steered_campaign(request.user, slug, key)
    what = request.POST.get("what")
    chosen = [pk for pk in request.POST.getlist("report") if version_of(pk) > 0]
    reports = Report.objects.visible_to(request.user).filter(campaign=campaign, pk__in=chosen)
    sheets = reports_for_entry(reports).select_related("submitted_by")
    sheets = list(sheets.order_by(*document_order("action__"), "pk"))
    if not sheets or what not in MOVES:
        messages.warning(request, "Cochez d’abord des fiches, puis choisissez une décision.")
        return redirect(campaign)
    form = DecisionForm(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        seen = {sheet.pk: version_of(request.POST.get(f"version-{sheet.pk}")) for sheet in sheets}
        tell(request, decide(form, reports, by=request.user, seen=seen), what)
        return redirect(campaign)
    context = {
        "campaign": campaign,
        "scheme": campaign.scheme,
        "form": form,
        "what": what,
        "label": MOVES[what],
        "done": DONE[what],
        "unfit": [sheet.pk for sheet in sheets if sheet.status not in Report.MOVES[what][0]],
        "summaries": summaries(request.user, sheets),
    }
    return render(request, "indicators/review_confirm.html", context)


def tell(request, outcome, what):
    """How many sheets were moved; of the others, which and why."""
    count = len(outcome.done)
    if count:
        words = plural(f"fiche {DONE[what]}", count)
        messages.success(request, f"{format_number(Decimal(count))} {words}.")
    for reason, codes in outcome.reasons.items():
        messages.warning(request, f"{', '.join(codes)} : {reason}")


@require_http_methods(["GET", "POST"])
def report_remark(request, slug, key, code):
    """The remarks of a sheet, and the form that adds one; for those involved."""
    report = report_or_404(request.user, slug, key, code)
    place = place_of(request.user, report)
    if not place.involved:
        raise PermissionDenied
    measures = measures_of([report]).filter(computation="")
    form = RemarkForm(
        request.POST if request.method == "POST" else None,
        measures=measures,
        initial={"measure": request.GET.get("ligne", "")},
    )
    if form.is_valid():
        refused = review.ask(report, by=request.user, at=timezone.now(), **form.cleaned_data)
        if not refused:
            messages.success(request, "Votre remarque est envoyée.")
            return redirect(f"{came_from(request, report)}#remarques")
        form.add_error(None, refused)
    remarks = Remark.objects.visible_to(request.user).filter(report=report)
    context = {
        "report": report,
        "form": form,
        "groups": by_line(remarks.select_related("author", "measure__indicator", "measure__item")),
        "refused": refusal(Act.ASK, place, report, today()),
        **around(report),
    }
    return render(request, "indicators/remarks.html", context)


def by_line(remarks):
    """[{measure, remarks}]: those on the whole sheet first, then line by line, oldest first."""
    found = {None: []}
    for remark in remarks.order_by(
        "measure__indicator__position", "measure__position", "measure", "written_at", "pk"
    ):
        found.setdefault(remark.measure, []).append(remark)
    return [{"measure": measure, "remarks": group} for measure, group in found.items() if group]


def came_from(request, report):
    """The page to which a remark goes back: that of the sheet or of its review, by default that of the remarks."""
    back = {"fiche": "report", "relecture": "report_review"}.get(request.GET.get("retour"), "report_remark")
    return address(back, report)


@require_safe
def report_history(request, slug, key, code):
    """All that happened to a sheet and its lines, for those involved: others read what is validated, not how it was made."""
    report = report_or_404(request.user, slug, key, code)
    if not place_of(request.user, report).involved:
        raise PermissionDenied
    form = HistoryFilterForm(request.GET, measures=measures_of([report]).filter(computation=""))
    measure = form.cleaned_data["grandeur"] if form.is_valid() else None
    context = {
        "report": report,
        "form": form,
        "measure": measure,
        "page": timeline(report, request.GET.get("page"), measure=measure),
        **around(report),
    }
    return render(request, "indicators/history.html", context)
