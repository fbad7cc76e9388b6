"""What is asked of one row before it is written, and before it is removed."""

from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import models, router
from django.db.models.deletion import Collector

from actions.models import Origin
from indicators.models import Reading


def check_fields(instance, faulty):
    relations = {field.name for field in instance._meta.fields if field.is_relation}
    instance.clean_fields(exclude=relations | faulty)


def check_constraints(instance):
    """The same-row constraints only; for uniqueness see `beyond_key`."""
    errors = []
    with parents_as_saved(instance):
        for constraint in instance._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                try:
                    constraint.validate(type(instance), instance)
                except ValidationError as error:
                    errors.append(error)
    if errors:
        raise ValidationError(errors)


def beyond_key(level):
    """The uniqueness that the keys of the document do not bring about by themselves."""
    key = {*level.identity, *(name for _, name in level.parents), "scheme"}
    return [
        constraint
        for constraint in level.model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and not set(constraint.fields) <= key
    ]


def unique_values(constraint, instance):
    """What a row must not share with another; the ids of parents that are not saved yet are stand-ins."""
    with parents_as_saved(instance):
        return [getattr(instance, instance._meta.get_field(name).attname) for name in constraint.fields]


def applies(constraint, instance):
    written = [field for field in instance._meta.concrete_fields if not field.generated]
    values = {field.name: getattr(instance, field.attname) for field in written}
    return constraint.condition is None or constraint.condition.check(values)


@contextmanager
def parents_as_saved(instance):
    """Rows that are not saved yet have no id; for the constraints that compare ids, each has one of its own."""

    def stand_in(row):
        return -(id(row) % 2**31)

    relations = [field for field in instance._meta.fields if field.is_relation and field.is_cached(instance)]
    pending = {
        field.attname: stand_in(parent)
        for field in relations
        if (parent := getattr(instance, field.name)) is not None and parent.pk is None
    }
    if instance.pk is None:
        pending[instance._meta.pk.attname] = stand_in(instance)
    vars(instance).update(pending)  # not setattr, which would forget the parent itself
    try:
        yield
    finally:
        vars(instance).update(dict.fromkeys(pending))


def readings_on(instance):
    """How many readings hang on this row."""
    paths = {
        "indicators.measure": "measure",
        "indicators.indicator": "measure__indicator",
        "indicators.report": "report",
        "indicators.campaign": "report__campaign",
        "actions.action": "report__action",
        "actions.objective": "report__action__objective",
        "actions.pillar": "report__action__objective__pillar",
    }
    if isinstance(instance, Reading):
        return 1
    path = paths.get(instance._meta.label_lower)
    return Reading.objects.filter(**{path: instance}).count() if path else 0


def carries_site_rows(instance):
    """Would removing this row take with it what the site has added under it? Raises as `delete` does."""
    collector = Collector(using=router.db_for_write(type(instance)), origin=instance)
    collector.collect([instance])
    gone = [row for rows in collector.data.values() for row in rows]
    gone += [row for rows in collector.fast_deletes for row in rows]
    return any(getattr(row, "origin", None) == Origin.SITE for row in gone)
