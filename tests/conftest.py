"""Fixtures of the whole suite: one organisation with its scheme, and people named by their role in it."""

import pytest
from pytest_django.plugin import blocking_manager_key

from actions.models import InvolvementRole, Role
from indicators.history import TRACKED
from tests.factories import (
    ActionFactory,
    DirectionFactory,
    InvolvementFactory,
    MembershipFactory,
    OrganisationFactory,
    SchemeFactory,
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Take away the history that a flush wrote.

    SQLite empties the tables in any order: when a history goes before what it follows, the triggers of the
    latter write into it again, and the next test would read lines of this one.
    """
    yield
    marker = item.get_closest_marker("django_db")
    flushed = "transactional_db" in item.fixturenames or (marker and marker.kwargs.get("transaction"))
    if flushed and nextitem:  # after the last test the database itself is gone
        with item.config.stash[blocking_manager_key].unblock():
            for model in TRACKED:
                model.objects.all()._raw_delete("default")


@pytest.fixture
def organisation(db):
    return OrganisationFactory(slug="departement", name="Département")


@pytest.fixture
def scheme(organisation):
    return SchemeFactory(organisation=organisation, slug="spaser-2026", starts_year=2026, ends_year=2029)


@pytest.fixture
def steering(organisation):
    return MembershipFactory(organisation=organisation, role=Role.STEERING).user


@pytest.fixture
def copil_member(organisation):
    return MembershipFactory(organisation=organisation, role=Role.COPIL).user


@pytest.fixture
def pilot(organisation):
    """A member of the direction that pilots `action`."""
    direction = DirectionFactory(organisation=organisation, code="DMG")
    return MembershipFactory(direction=direction, role=Role.PILOT).user


@pytest.fixture
def contributor(organisation):
    """A member of the direction that supports `action`."""
    direction = DirectionFactory(organisation=organisation, code="DAS")
    return MembershipFactory(direction=direction, role=Role.CONTRIBUTOR).user


@pytest.fixture
def other_pilot(organisation):
    """A pilot of a direction that has no part in `action`."""
    direction = DirectionFactory(organisation=organisation, code="DEC")
    return MembershipFactory(direction=direction, role=Role.PILOT).user


@pytest.fixture
def stranger(db):
    """A member of the steering team of another organisation."""
    return MembershipFactory(role=Role.STEERING).user


@pytest.fixture
def action(scheme, pilot, contributor):
    """An action of `scheme`, with the directions of `pilot` and `contributor`."""
    action = ActionFactory(objective__pillar__scheme=scheme)
    for user, role in ((pilot, InvolvementRole.PILOT), (contributor, InvolvementRole.SUPPORT)):
        InvolvementFactory(action=action, direction=user.memberships.get().direction, role=role)
    return action
