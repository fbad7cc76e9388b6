"""Review by the steering team: sheets validated, sent back or reopened, one or many at a time; remarks on their lines.

What may not be done is told in French, never raised: each move returns an Outcome. `reports` is a queryset of what `by` may
see; its rows stay locked to the end of the transaction, so that of two who decide at once, the second is told.
"""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from indicators.entry.lines import reports_for_entry
from indicators.entry.submission import hand_in, obstacles_of
from indicators.models import IllegalMove, Remark, Report, ReportStatus
from indicators.notices import tell_remark, tell_returned, tell_submitted
from indicators.perms import Act, may_validate_own, place_of, places_of, refusal
from spaser.french import format_date, plural

OWN = "Vous avez soumis cette fiche : un autre membre de l’équipe de pilotage la valide."
NO_REASON = "Dites ce qui est à corriger : ici, ou sur une ligne au moins."
SEE_LINES = "Voir les corrections demandées sur les lignes."  # the reason of a return that only lines explain


@dataclass
class Outcome:
    """What a review did. `done`: the reports as they are now; `refused`: (report, French reason) pairs."""

    done: list = field(default_factory=list)
    refused: list = field(default_factory=list)

    @property
    def reasons(self):
        """{reason: the codes of the sheets refused for it}."""
        found = {}
        for report, reason in self.refused:
            found.setdefault(reason, []).append(report.action.code)
        return found


@transaction.atomic
def validate(reports, *, by, at, seen=None):
    """Accept submitted reports. `seen`: {report.pk: version that was shown}; another one is not validated unread."""
    return _move_each(
        reports, Act.VALIDATE, lambda report: report.validate(by=by, at=at), by=by, at=at, seen=seen
    )


@transaction.atomic
def submit(reports, *, by, at, seen=None):
    """Hand in several drafts, in their pilots' stead; one where something is missing stays, and says how much."""
    waiting = list(reports_for_entry(reports.select_for_update(of=("self",)).order_by("pk")))
    places = places_of(by, waiting)
    stops = {pk: _missing(left) for pk, left in obstacles_of(waiting, by).items() if left}

    def move(report):
        hand_in(report, by=by, at=at, place=places[report.pk])

    outcome = _move_each(reports, Act.SUBMIT, move, by=by, at=at, seen=seen, stops=stops)
    if outcome.done:
        tell_submitted(outcome.done, by=by)
    return outcome


def _missing(obstacles):
    count = len(obstacles)
    return f"il reste {count} {plural('point', count)} à compléter avant de soumettre."


def send_back(reports, *, by, at, why, lines=None, seen=None):
    """Return submitted reports to their pilots, with a reason for the whole, or for `lines`: {measure: reason}."""
    return _return(reports, Report.send_back, by=by, at=at, why=why, lines=lines, seen=seen)


def reopen(reports, *, by, at, why, lines=None, seen=None):
    """Take validations back, with a reason likewise."""
    return _return(reports, Report.reopen, by=by, at=at, why=why, lines=lines, seen=seen)


@transaction.atomic
def _return(reports, move, *, by, at, why, lines, seen):
    lines = {measure: text.strip() for measure, text in (lines or {}).items() if text.strip()}
    why = why.strip() or (SEE_LINES if lines else "")
    if not why:
        return Outcome(refused=[(report, NO_REASON) for report in reports.select_related("action")])
    outcome = _move_each(
        reports,
        Act.SEND_BACK,
        lambda report: move(report, by=by, at=at, why=why),
        by=by,
        at=at,
        seen=seen,
    )
    Remark.objects.bulk_create(
        Remark(report=report, measure=measure, author=by, written_at=at, text=text, asks_correction=True)
        for report in outcome.done
        for measure, text in lines.items()
        if measure.indicator.action_id == report.action_id
    )
    if outcome.done:
        tell_returned(outcome.done, by=by, why=why)
    return outcome


def _move_each(reports, act, move, *, by, at, seen, stops=None):
    reports = reports_for_entry(reports).select_related("submitted_by", "validated_by")
    reports = list(reports.select_for_update(of=("self",)).order_by("pk"))
    places, on, outcome = places_of(by, reports), timezone.localdate(at), Outcome()
    for report in reports:
        around = report.campaign, report.action
        reason = _refusal(act, places[report.pk], report, by, on, (seen or {}).get(report.pk))
        reason = reason or (stops or {}).get(report.pk, "")
        if not reason:
            try:
                move(report)
            except IllegalMove:  # a page that offers one move, after another has been made
                reason = standing(report)
            report.campaign, report.action = around  # a move reads the row again and forgets them
        if reason:
            outcome.refused.append((report, reason))
        else:
            outcome.done.append(report)
    return outcome


def _refusal(act, place, report, by, on, seen):
    if place.steering and seen is not None and seen != report.version:
        return standing(report)
    if act == Act.VALIDATE and not refusal(act, place, report, on):
        return "" if may_validate_own(place, report, by) else OWN
    return refusal(act, place, report, on)


def standing(report):
    """Where the report stands and who put it there, for somebody who was shown it otherwise."""
    if report.status == ReportStatus.VALIDATED:
        return f"Entre-temps, la fiche a été validée{_by(report.validated_by, report.validated_at)}."
    if report.status == ReportStatus.SUBMITTED:
        return f"Entre-temps, la fiche a été soumise de nouveau{_by(report.submitted_by, report.submitted_at)} : relisez-la."
    if report.status == ReportStatus.RETURNED:
        return f"Entre-temps, la fiche a été renvoyée pour correction : « {report.return_reason} »."
    return "Cette fiche est un brouillon : elle n’est pas encore soumise."


def _by(user, at):
    """« par Anne Petit, le 02/03/2027 »; nothing of what is not known."""
    who = f" par {user}" if user else ""
    return f"{who}, le {format_date(timezone.localtime(at))}" if at else who


@transaction.atomic
def ask(report, *, by, at, text, measure=None):
    """Write a question or an answer, on the sheet or on one of its lines; returns "" or the French reason why not."""
    refused = refusal(Act.ASK, place_of(by, report), report, timezone.localdate(at))
    if not refused:
        tell_remark(
            Remark.objects.create(report=report, measure=measure, author=by, written_at=at, text=text)
        )
    return refused
