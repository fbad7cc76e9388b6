"""Which schemes are those of today."""

from collections import defaultdict


def current_schemes(schemes, year):
    """Of each organisation the schemes in force in `year` that no other one has taken over; otherwise its last one.

    `schemes` come the latest first, with their successors fetched.
    """
    by_organisation = defaultdict(list)
    for scheme in schemes:
        by_organisation[scheme.organisation_id].append(scheme)
    return [
        scheme
        for own in by_organisation.values()
        for scheme in ([row for row in own if _is_current(row, own, year)] or own[:1])
    ]


def _is_current(scheme, own, year):
    """One that prints no last year is over as soon as another of the `own` ones begins."""
    if not _in_force(scheme, year):
        return False
    after = [*scheme.successors.all()]
    if scheme.ends_year is None and scheme.starts_year:
        after += [row for row in own if (row.starts_year or 0) > scheme.starts_year]
    return not any(_in_force(row, year) for row in after)


def _in_force(scheme, year):
    return (scheme.starts_year or year) <= year <= (scheme.ends_year or year)
