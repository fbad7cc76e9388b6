"""Writes to a plan that cross its rows: involvements, the end of an action, a direction that becomes another."""

import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Q

from actions.models import Direction, Involvement, Membership

logger = logging.getLogger(__name__)


@transaction.atomic
def change_involvements(*, by, action, removed, wanted):
    """Take the stored rows `removed` out of the action, and write those `wanted`, changed or new.

    A changed row is taken out and put in again under its own id: two rows may exchange their directions, which the
    database would refuse half-way. New ones come last, in the order given.
    """
    rank = action.involvements.aggregate(last=Max("position"))["last"]
    for row in wanted:
        if row.pk is None:
            row.position = rank = 0 if rank is None else rank + 1
    gone = [row.pk for row in [*removed, *wanted] if row.pk is not None]
    action.involvements.filter(pk__in=gone).delete()
    Involvement.objects.bulk_create(wanted)
    logger.info(
        "User %s changed the involvements of action %s: %s out, %s in",
        by.pk,
        action.pk,
        len(removed),
        len(wanted),
    )


@transaction.atomic
def end_action(*, by, action, year):
    """Make `year` the last one of an action and, where they do not end before, of its parts."""
    action.valid_until = year
    action.save(update_fields=["valid_until"])
    action.parts.filter(Q(valid_until=None) | Q(valid_until__gt=year)).update(valid_until=year)
    logger.info("User %s ended action %s in %s", by.pk, action.pk, year)


class EndsWithItsAction(Exception):
    """A part cannot go on when the action to which it belongs has ended."""

    def __init__(self, parent):
        super().__init__(
            f"{parent.heading} prend fin en {parent.valid_until} : annulez d’abord la fin de l’action entière."
        )


@transaction.atomic
def resume_action(*, by, action):
    """Undo the end of an action, and of the parts that ended in the same year."""
    if action.parent and action.parent.valid_until:
        raise EndsWithItsAction(action.parent)
    action.parts.filter(valid_until=action.valid_until).update(valid_until=None)
    action.valid_until = None
    action.save(update_fields=["valid_until"])
    logger.info("User %s resumed action %s", by.pk, action.pk)


@dataclass(frozen=True)
class Succession:
    """What a direction hands over to another, row by row."""

    members: list[Membership]  # go to the successor
    members_there: list[Membership]  # the same person has the same role there: go out
    involvements: list[Involvement]  # go to the successor
    involvements_there: list[tuple[Involvement, Involvement]]  # (goes out, the successor's own that stays)
    staying: list[Involvement]  # of what is over: keep the former name


class NotMerged(Exception):
    """Somebody has meanwhile given one of the two directions a successor, or put it out of use."""

    def __init__(self):
        super().__init__("Rien n’a changé : l’une des deux directions a été modifiée entre-temps.")


def first_year_open(scheme, schemes, *, on):
    """The first year of which something may still be entered in `scheme` on the date `on`; None when it is over.

    A scheme that prints no last year is over once a later one of `schemes`, those of its organisation, has begun.
    A campaign without an opening date, such as a document brings, waits for nothing.
    """
    years = [row.year for row in scheme.campaigns.all() if row.opens_on and row.phase(on) != "closed"]
    last = scheme.ends_year
    if last is None and scheme.starts_year:
        later = [row.starts_year for row in schemes if (row.starts_year or 0) > scheme.starts_year]
        last = min(later) - 1 if later else None
    if last is None or last >= on.year:
        years.append(on.year)
    return min(years, default=None)


def succession(direction, into, *, on):
    """What would go from `direction` to `into` on the date `on`.

    An involvement has no dates, and the bilan of a year prints the pilots that it finds. So only what can still be
    entered goes to the successor: the actions not ended of the schemes that run, or that have a campaign not closed
    (the figures of a last year are given in the next). What is over keeps the name under which it was done. In a
    scheme that runs, the bilans of its former years are kept by their editions, which are frozen.
    """
    roles = {(row.user_id, row.role) for row in into.memberships.all()}
    members = list(direction.memberships.select_related("user"))
    schemes = list(direction.organisation.schemes.prefetch_related("campaigns"))
    first_years = {scheme.pk: first_year_open(scheme, schemes, on=on) for scheme in schemes}
    its_own = {(row.action_id, row.role): row for row in into.involvements.all()}
    moving, there, staying = [], [], []
    involvements = direction.involvements.select_related("action__scheme", "action__parent__scheme")
    for row in involvements.order_by("action__scheme", "action__code", "role"):
        first = first_years[row.action.scheme_id]
        if first is None or (row.action.valid_until or first) < first:
            staying.append(row)
        elif (row.action_id, row.role) in its_own:
            there.append((row, its_own[row.action_id, row.role]))
        else:
            moving.append(row)
    return Succession(
        members=[row for row in members if (row.user_id, row.role) not in roles],
        members_there=[row for row in members if (row.user_id, row.role) in roles],
        involvements=moving,
        involvements_there=there,
        staying=staying,
    )


@transaction.atomic
def merge_direction(*, by, direction, into, on):
    """`direction` has become `into`, of the same organisation: hand over what `succession` says. Returns that.

    The direction goes out of use and names its successor. Raises NotMerged when one of them no longer allows it.
    """
    both = Direction.objects.select_for_update().filter(pk__in=[direction.pk, into.pk]).order_by("pk")
    locked = {row.pk: row for row in both}
    if locked[direction.pk].succeeded_by_id or locked[into.pk].succeeded_by_id or not locked[into.pk].active:
        raise NotMerged
    handed = succession(direction, into, on=on)
    Membership.objects.filter(pk__in=[row.pk for row in handed.members_there]).delete()
    Membership.objects.filter(pk__in=[row.pk for row in handed.members]).update(direction=into)
    for out, stays in handed.involvements_there:
        stays.note = "\n".join(dict.fromkeys(note for note in (stays.note, out.note) if note))
    Involvement.objects.bulk_update([stays for _, stays in handed.involvements_there], ["note"])
    Involvement.objects.filter(pk__in=[out.pk for out, _ in handed.involvements_there]).delete()
    Involvement.objects.filter(pk__in=[row.pk for row in handed.involvements]).update(direction=into)
    direction.active, direction.succeeded_by = False, into
    direction.save(update_fields=["active", "succeeded_by"])
    logger.info("User %s merged direction %s into %s", by.pk, direction.pk, into.pk)
    return handed
