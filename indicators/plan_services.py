"""Writes to indicators and measures that cross their rows, and what the site proposes for new ones."""

import logging

from django.db import transaction

from indicators.models import BreakdownItem, Measure, MeasureSource

logger = logging.getLogger(__name__)


@transaction.atomic
def add_indicator(*, by, indicator, measure):
    """Save a new indicator and its first measure, which points at it."""
    indicator.save()
    measure.indicator, measure.code = indicator, indicator.code
    measure.save()
    logger.info("User %s added indicator %s", by.pk, indicator.pk)


@transaction.atomic
def set_computation(*, by, measure, sources):
    """Save a measure whose computation and type are set, with its sources in order; none when it is entered."""
    measure.save(update_fields=["computation", "type", "unit", "choices"])
    measure.source_links.all().delete()
    MeasureSource.objects.bulk_create(
        MeasureSource(measure=measure, source=source, position=rank) for rank, source in enumerate(sources)
    )
    logger.info("User %s set the computation of measure %s: %s", by.pk, measure.pk, measure.computation)


def set_target(*, by, target, on):
    """Save a target of the steering team, with who has set it and when."""
    target.set_by, target.set_on = by, on
    target.save()


def save_items(*, by, items):
    """Save the names, ranks and years of the items of a breakdown."""
    BreakdownItem.objects.bulk_update(items, ["name", "position", "valid_from", "valid_until"])
    logger.info("User %s changed the items %s of a breakdown", by.pk, [item.pk for item in items])


def add_measures(*, by, measures):
    """Save new measures, in one query."""
    Measure.objects.bulk_create(measures)
    logger.info("User %s added %s measures", by.pk, len(measures))


# New measures for a new item


def next_code(prefix, taken, joint="-"):
    """« ENV-1.1-4 »: `prefix`, `joint` and the first rank that makes a code not among those `taken`."""
    rank = 1
    while f"{prefix}{joint}{rank}" in taken:
        rank += 1
    return f"{prefix}{joint}{rank}"


def proposed_measures(item):
    """The measures, not saved, that an item of a breakdown lacks: one list for the whole scheme, in its order.

    Each indicator split by the breakdown has them for its other items; those of the first of these are copied, with
    their type, unit, name and sense. Where no item has any yet, the indicator's own entered measures are. A computed
    measure is not proposed: its sources are to be chosen. A constant number of queries.
    """
    indicators = (
        item.breakdown.indicators.filter(refers_to=None, duplicate_of=None)
        .select_related("action", "scheme")
        .prefetch_related("measures__item")
        .order_by("action__code", "position", "pk")
    )
    taken = set(Measure.objects.filter(scheme=item.breakdown.scheme_id).values_list("code", flat=True))
    proposed = []
    for indicator in indicators:
        for sibling in _siblings(indicator, item):
            measure = _like(sibling, indicator, item)
            measure.code = _code_like(sibling, indicator, item, taken)
            taken.add(measure.code)
            proposed.append(measure)
    return proposed


def _siblings(indicator, item):
    """The entered measures of the first item that has some, or of no item; none when `item` has its own."""
    measures = sorted(indicator.measures.all(), key=lambda measure: (measure.position, measure.pk))
    if any(measure.item_id == item.pk for measure in measures):
        return []
    entered = [measure for measure in measures if not measure.computation]
    first = next((measure.item_id for measure in entered if measure.item_id), None)
    return [measure for measure in entered if measure.item_id == first and measure.alternative_to_id is None]


def _like(sibling, indicator, item):
    copied = ("name", "type", "unit", "sense", "numerator_label", "denominator_label", "choices")
    return Measure(
        scheme=indicator.scheme,
        indicator=indicator,
        item=item,
        position=max(measure.position for measure in indicator.measures.all()) + 1,
        valid_from=item.valid_from,
        **{name: getattr(sibling, name) for name in copied},
    )


def _code_like(sibling, indicator, item, taken):
    """« ENV-1.1-2.EST » beside « ENV-1.1-2.COL »."""
    own = f".{sibling.item.code}" if sibling.item else ""
    head, found, tail = sibling.code.rpartition(own) if own else (indicator.code, "", "")
    code = f"{head}.{item.code}{tail}" if found else f"{indicator.code}.{item.code}"
    return next_code(code, taken) if code in taken else code
