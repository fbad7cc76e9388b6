"""Fixtures of what is filled in a campaign: one that is open, a report of `action` in it, and its measures."""

from datetime import timedelta
from decimal import Decimal
from itertools import count as count_from

import pytest
from django.utils import timezone

from tests.factories import CampaignFactory, MeasureFactory, ReadingFactory, ReportFactory


@pytest.fixture
def campaign(scheme):
    today = timezone.localdate()
    opened, closes = today - timedelta(days=10), today + timedelta(days=10)
    return CampaignFactory(scheme=scheme, year=2026, opens_on=opened, closes_on=closes)


@pytest.fixture
def report(campaign, action):
    return ReportFactory(campaign=campaign, action=action)


@pytest.fixture
def measure(report):
    """A function that adds a measure to the report's action, in order."""

    ranks = count_from(1)

    def add(code, report=report, **fields):
        fields.setdefault("indicator__name", f"Intitulé de {code}")
        return MeasureFactory(
            code=code,
            indicator__action=report.action,
            indicator__code=f"I-{code}",
            indicator__position=next(ranks),
            **fields,
        )

    return add


@pytest.fixture
def count(measure, report):
    measure = measure("G-1", name="Réunions", unit="réunion")
    ReadingFactory(report=report, measure=measure, number=Decimal(4))
    return measure
