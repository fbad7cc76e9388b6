"""Who is written to about a report: the people who may act on it, as their roles are today."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from actions.models import Involvement, InvolvementRole, Membership, Role, User
from actions.models.organisation import DIRECTION_ROLES


@dataclass(frozen=True)
class Addressees:
    """Active accounts only. `contributors` may fill the report without being its pilots.

    `piloting`: {piloting direction: its pilots}.
    """

    piloting: dict
    contributors: tuple[User, ...]
    team: tuple[User, ...]

    @property
    def pilots(self):
        return tuple(dict.fromkeys(user for pilots in self.piloting.values() for user in pilots))

    @property
    def involved(self):
        return {*self.pilots, *self.contributors}


def addressees_of(reports):
    """{report.pk: Addressees}; two queries whatever the number of reports, which need campaign, scheme and action."""
    reports = list(reports)
    sheets = {report.action_id for report in reports} | {report.action.parent_id for report in reports}
    parts = defaultdict(list)
    involvements = Involvement.objects.filter(
        action__in=sheets - {None}, role__in=[InvolvementRole.PILOT, InvolvementRole.SUPPORT]
    )
    for row in involvements.select_related("direction"):
        parts[row.action_id].append(row)
    organisations = {report.campaign.scheme.organisation_id for report in reports}
    people, teams = _members(organisations)
    return {report.pk: _of_report(report, parts, people, teams) for report in reports}


def _members(organisations):
    """({direction id: memberships}, {organisation id: users of the team})."""
    memberships = (
        Membership.objects.filter(Q(role__in=DIRECTION_ROLES) | Q(role=Role.STEERING))
        .filter(organisation__in=organisations, user__is_active=True)
        .select_related("user")
        .order_by("user__last_name", "user__first_name", "user__email")
    )
    people, teams = defaultdict(list), defaultdict(list)
    for row in memberships:
        if row.role == Role.STEERING:
            teams[row.organisation_id].append(row.user)
        else:
            people[row.direction_id].append(row)
    return people, teams


def _of_report(report, parts, people, teams):
    """Who pilots an action pilots its parts; a pilot is a pilot of a piloting direction (see `perms.places_of`)."""
    piloting, fills = {}, {}
    for sheet in (report.action_id, report.action.parent_id):
        for part in parts.get(sheet, ()):
            members = people[part.direction_id]
            fills |= dict.fromkeys(row.user for row in members)
            if part.role == InvolvementRole.PILOT:
                piloting[part.direction] = tuple(row.user for row in members if row.role == Role.PILOT)
    pilots = {user for users in piloting.values() for user in users}
    return Addressees(
        piloting=piloting,
        contributors=tuple(user for user in fills if user not in pilots),
        team=tuple(teams[report.campaign.scheme.organisation_id]),
    )
