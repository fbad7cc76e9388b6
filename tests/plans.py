"""The five plans of `fixtures/`, loaded as `load_scheme` does."""

from datetime import UTC, datetime
from pathlib import Path

from indicators.document.merge import load

FIXTURES = Path(__file__).parent.parent / "fixtures"
SLUGS = ("pas-de-calais-2026", "pas-de-calais-2017", "nord-2026", "ille-et-vilaine-2023", "ville-metropole")
AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def plan_text(slug):
    return (FIXTURES / f"{slug}.yaml").read_text(encoding="utf-8")


def load_plan(slug):
    """The scheme; asserts that the document has nothing to say against what is stored."""
    outcome = load(plan_text(slug), file=f"{slug}.yaml", at=AT)
    assert outcome.notices == []
    return outcome.scheme
