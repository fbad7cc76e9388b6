"""Each factory makes a row that the forms, the rules and the database accept: a bad row is then bad for one reason."""

import inspect

import pytest
from factory.django import DjangoModelFactory

from actions.rules import check
from tests import factories

ALL = [
    made
    for made in vars(factories).values()
    if inspect.isclass(made) and issubclass(made, DjangoModelFactory) and made is not DjangoModelFactory
]
REPORTS = ["submitted", "returned", "validated", "from_document"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("made", "traits"),
    [*((made, {}) for made in ALL), *((factories.ReportFactory, {name: True}) for name in REPORTS)],
)
def test_a_factory_makes_a_valid_row(made, traits):
    row = made(**traits)
    row.full_clean(exclude=["password"])
    assert check([row]) == []


@pytest.mark.django_db
def test_report_traits_give_their_status():
    statuses = [factories.ReportFactory(**{name: True}).status for name in REPORTS]
    assert statuses == ["submitted", "returned", "validated", "validated"]
