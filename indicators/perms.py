"""May this person write this now: one rule for the form, the grid, the workbook, the review and the API.

`refusal(act, place, report, on)` is the rule; `places_of(user, reports)` says what a person is for each report.
Nothing here asks the clock: the date of the moment is passed in.
"""

from dataclasses import dataclass
from enum import Enum, auto

from django.utils import timezone

from actions.models import Involvement, InvolvementRole, Membership, Role
from actions.models.organisation import DIRECTION_ROLES
from indicators.models import Phase, ReportStatus
from spaser.french import format_date


class Act(Enum):
    """What somebody wants to do with a report."""

    FILL = auto()  # readings and evidence
    WRITE = auto()  # the state of the action, the narrative, the steps, the extra figures
    SUBMIT = auto()
    ASK = auto()  # a question or an answer, on the sheet or on a line
    VALIDATE = auto()
    SEND_BACK = auto()  # also reopening: what was validated goes back


ENTRY = {Act.FILL, Act.WRITE, Act.SUBMIT}
REVIEW = {Act.VALIDATE, Act.SEND_BACK}


@dataclass(frozen=True)
class Place:
    """What a person is with regard to one report."""

    steering: bool = False
    pilot: bool = False
    contributor: bool = False
    client: bool = False  # another system, by the API

    @property
    def involved(self):
        return self.steering or self.pilot or self.contributor or self.client

    @property
    def in_stead(self):
        """Does what this person enters stand in a pilot's stead?"""
        return self.steering and not self.pilot


def today():
    return timezone.localdate()


def places_of(user, reports):
    """{report.pk: Place} of `user`; two queries whatever the number of reports, which need campaign, scheme and action."""
    memberships = list(Membership.objects.filter(user=user)) if user.is_active else []
    steered = {row.organisation_id for row in memberships if row.role == Role.STEERING}
    fed = {row.organisation_id for row in memberships if row.role == Role.API_WRITE}
    held = {row.direction_id: set() for row in memberships if row.role in DIRECTION_ROLES}
    for row in memberships:
        if row.direction_id:
            held[row.direction_id].add(row.role)
    by_action = {}
    if held:
        sheets = {report.action_id for report in reports} | {report.action.parent_id for report in reports}
        rows = Involvement.objects.filter(action__in=sheets - {None}, direction__in=held)
        for action, direction, role in rows.values_list("action", "direction", "role"):
            by_action.setdefault(action, []).append((direction, role))
    places = {}
    for report in reports:
        parts = [
            part for sheet in (report.action_id, report.action.parent_id) for part in by_action.get(sheet, ())
        ]
        # a pilot is a pilot of a piloting direction; a contributor of it, or anybody of a supporting one, fills
        pilot = any(
            role == InvolvementRole.PILOT and Role.PILOT in held[direction] for direction, role in parts
        )
        fills = any(role in (InvolvementRole.PILOT, InvolvementRole.SUPPORT) for _, role in parts)
        places[report.pk] = Place(
            steering=report.campaign.scheme.organisation_id in steered,
            pilot=pilot,
            contributor=fills,
            client=report.campaign.scheme.organisation_id in fed,
        )
    return places


def place_of(user, report):
    return places_of(user, [report])[report.pk]


def refusal(act, place, report, on):
    """Why this may not be done on the date `on`, as a French sentence; "" when it may."""
    return _by_role(act, place) or _by_phase(act, place, report, on) or _by_status(act, report)


def _by_role(act, place):
    if act in REVIEW and not place.steering:
        return "Seule l’équipe de pilotage relit les fiches."
    if not place.involved:
        return "Cette fiche est celle d’autres directions : vous pouvez la lire."
    if act in {Act.WRITE, Act.SUBMIT} and not (place.pilot or place.steering):
        return "Ceci revient aux pilotes de l’action ; vous pouvez renseigner les indicateurs et joindre des fichiers."
    return ""


def _by_phase(act, place, report, on):
    campaign = report.campaign
    phase = campaign.phase(on)
    if phase == Phase.REFERENCE:
        return "" if place.steering else "Une année de référence est reprise par l’équipe de pilotage."
    if act in {Act.ASK, Act.VALIDATE} or phase == Phase.OPEN:
        return ""
    if phase == Phase.PLANNED:
        return f"La campagne {campaign} n’est pas encore ouverte{_from(campaign.opens_on)}."
    if phase == Phase.CORRECTION and (place.steering or report.status == ReportStatus.RETURNED):
        return ""
    return closed_message(campaign)


def pilots_may_write(report, on):
    """Do the dates let the pilots of `report` write in it on the date `on`, once it is with them?"""
    return not _by_phase(Act.FILL, Place(pilot=True), report, on)


def closed_message(campaign):
    """What every door answers once the campaign is over."""
    return (
        f"La campagne {campaign} est close : rien ne s’y modifie plus. L’équipe de pilotage peut la rouvrir."
    )


def _from(date):
    return f" : elle ouvre le {format_date(date)}" if date else ""


def _by_status(act, report):
    if act in ENTRY and report.status == ReportStatus.SUBMITTED:
        return "Cette fiche est soumise : elle attend la relecture de l’équipe de pilotage."
    if act in ENTRY and report.status == ReportStatus.VALIDATED:
        return "Cette fiche est validée : l’équipe de pilotage peut la rouvrir."
    if act == Act.VALIDATE and report.status != ReportStatus.SUBMITTED:
        return "Seule une fiche soumise se valide."
    if act == Act.SEND_BACK and report.status not in (ReportStatus.SUBMITTED, ReportStatus.VALIDATED):
        return "Seule une fiche soumise ou validée se renvoie."
    return ""


def may_validate_own(place, report, user):
    """Who submitted does not validate, unless the organisation allows it."""
    return report.submitted_by_id != user.pk or report.campaign.scheme.organisation.allows_self_validation
