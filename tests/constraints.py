"""What the tests of constraints share: rows that break one, and what the database and a form answer to them."""

from copy import copy
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from indicators.models.report import Signed


def changed(row, **values):
    """The saved `row` with `values` set and not saved; signed, when its changes are tracked."""
    if isinstance(row, Signed):
        values = {
            "version": row.version + 1,
            "changed_at": row.changed_at + timedelta(days=1),
            **values,
        }
    for name, value in values.items():
        setattr(row, name, value)
    return row


def itself(row, field):
    """The saved `row` with `field` pointing at the row."""
    return changed(row, **{field: row})


def twin(row, **values):
    """An unsaved copy of the saved `row`, with `values` set."""
    other = copy(row)
    other.pk, other._state = None, copy(row._state)
    other._state.adding = True
    for name, value in values.items():
        setattr(other, name, value)
    return other


def constraint_names(app):
    return {
        constraint.name
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }


def names_of(cases):
    """The constraints that a table of cases breaks, in a set."""
    return {getattr(case, "values", case)[0] for case in cases}


def assert_database_refuses(row, name):
    """Saving `row` breaks the constraint `name`, on SQLite too, which names no unique constraint."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        row.save()
    unnamed = connection.vendor == "sqlite" and name.endswith("_unique")
    assert ("UNIQUE constraint failed" if unnamed else name) in str(refusal.value)


def assert_form_says(row, sentences):
    """Validating `row` gives these `sentences` and no other."""
    with pytest.raises(ValidationError) as refusal:
        row.validate_constraints()
    assert refusal.value.messages == sentences


def assert_accepted(row):
    row.validate_constraints()
    row.save()
