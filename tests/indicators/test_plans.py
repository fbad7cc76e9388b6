"""The five documents hold what was counted by hand in the printed ones, and come back word for word."""

from collections import Counter

import pytest

from actions.models import Action, Nature, Step
from indicators.document.export import export
from indicators.document.merge import load
from indicators.models import Indicator, Measure, Reading, Target
from tests.plans import AT, FIXTURES, SLUGS, load_plan, plan_text

pytestmark = pytest.mark.django_db


def test_every_fixture_is_one_of_the_five():
    assert {path.stem for path in FIXTURES.glob("*.yaml")} == set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_load_export_load_is_the_identity(slug):
    scheme = load_plan(slug)
    printed = export(scheme)
    assert printed == plan_text(slug)
    assert load(printed, file="printed.yaml", at=AT).changed_nothing


def test_all_five_load_together_in_either_order():
    for slug in (*SLUGS, *reversed(SLUGS)):
        load_plan(slug)


# Counted by hand in the documents: level by level, then the printed indicator lines by kind.
COUNTS = {
    "pas-de-calais-2026": {
        "pillars": 4,
        "titled objectives": 8,
        "actions": 27,
        "bonus": 3,
        "parts": 32,
        "steps": 0,
        "committees": 0,
        "indicators": {"": 139},
        "indicators by pillar": {"ENV": 53, "ECO": 42, "SOC": 38, "TRA": 6},
        "targets": {"action": 5},
    },
    "pas-de-calais-2017": {
        "pillars": 3,
        "titled objectives": 0,
        "actions": 13,
        "bonus": 0,
        "parts": 0,
        "steps": 0,
        "committees": 1,
        "indicators": {"": 32},
        "indicators by pillar": {"AXE-1": 19, "AXE-2": 6, "AXE-3": 7},
        "targets": {"measure": 1},
    },
    "nord-2026": {
        "pillars": 4,
        "titled objectives": 0,
        "actions": 11,
        "bonus": 0,
        "parts": 0,
        "steps": 28,
        "committees": 2,
        "indicators": {"follow_up": 30},
        "indicators by pillar": {"GOUV": 4, "BES": 8, "IMP": 13, "MOB": 5},
        "targets": {"action": 18},
    },
    "ille-et-vilaine-2023": {
        "pillars": 3,
        "titled objectives": 5,
        "actions": 20,
        "bonus": 0,
        "parts": 0,
        "steps": 0,
        "committees": 3,
        "indicators": {"": 14, "targeted_action": 7},
        "indicators by pillar": {"AXE-1": 8, "AXE-2": 3, "AXE-3": 10},
        "targets": {"measure": 8, "action": 6, "pillar": 3},
    },
    "ville-metropole": {
        "pillars": 4,
        "titled objectives": 8,
        "actions": 26,
        "bonus": 0,
        "parts": 0,
        "steps": 0,
        "committees": 1,
        "indicators": {"realisation": 34, "effect": 63, "": 6},
        "indicators by pillar": {"OPE": 17, "SOC": 20, "ECO": 33, "ENV": 27, None: 6},
        "targets": {"measure": 12},
    },
}


def counted(scheme):
    actions = Action.objects.filter(scheme=scheme, nature=Nature.ACTION)
    indicators = Indicator.objects.filter(scheme=scheme)
    owners = Target.objects.filter(scheme=scheme).values_list("measure", "action", "pillar")
    return {
        "pillars": scheme.pillars.count(),
        "titled objectives": scheme.objectives.exclude(title="").count(),
        "actions": actions.filter(parent=None).count(),
        "bonus": actions.filter(bonus=True).count(),
        "parts": actions.exclude(parent=None).count(),
        "steps": Step.objects.filter(scheme=scheme, parent=None).count(),
        "committees": scheme.committees.count(),
        "indicators": dict(Counter(indicators.values_list("kind", flat=True))),
        "indicators by pillar": dict(
            Counter(indicators.values_list("action__objective__pillar__code", flat=True))
        ),
        "targets": dict(
            Counter(
                "measure" if measure else "action" if action else "pillar" for measure, action, _ in owners
            )
        ),
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_counts_are_those_of_the_printed_document(slug):
    assert counted(load_plan(slug)) == COUNTS[slug]


def test_what_the_documents_declare_of_themselves_agrees():
    scheme = load_plan("pas-de-calais-2026")
    assert (scheme.declared_actions, scheme.declared_objectives) == (27, 8)
    assert load_plan("pas-de-calais-2017").declared_actions == 21


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_asks_for_something_or_says_where_it_is_asked(slug):
    scheme = load_plan(slug)
    asked = Measure.objects.filter(scheme=scheme).values("indicator")
    silent = Indicator.objects.filter(scheme=scheme).exclude(pk__in=asked)
    assert not silent.filter(refers_to=None, duplicate_of=None).exists()


def test_nord_bullets_are_steps_under_their_line():
    load_plan("nord-2026")
    assert Step.objects.exclude(parent=None).count() == 76


def test_lines_that_point_elsewhere_or_repeat():
    load_plan("pas-de-calais-2026")
    assert list(Indicator.objects.exclude(refers_to=None).values_list("action__code", "refers_to__code")) == [
        ("ENV-2.2", "ECO-1.3")
    ]
    assert list(
        Indicator.objects.exclude(duplicate_of=None).values_list("action__code", "duplicate_of__action__code")
    ) == [("ECO-2.3.C", "ECO-2.3.B"), ("ECO-2.3.C", "ECO-2.3.B")]


def test_targets_as_printed():
    load_plan("ille-et-vilaine-2023")
    numbers = ("comparison", "value", "value_max", "year", "each_year", "relative")
    rows = {
        code: tuple(rest)
        for code, *rest in Target.objects.filter(scheme__slug="ille-et-vilaine-2023").values_list(
            "code", *numbers
        )
    }
    assert rows["OBJ-1-1-C1"] == ("at_least", 70, None, None, False, False)
    assert [row for row in rows.values() if row[0] == "between"] == [("between", 10, 20, None, True, False)]
    assert rows["OBJ-9-C1"] == ("at_least", 100_000, None, 2028, True, False)
    path = {row[3]: row[1] for code, row in rows.items() if code.startswith("AXE-3")}
    assert path == {2028: -25, 2035: -50, 2050: None}
    halves = {(row[1], row[3]) for code, row in rows.items() if code.startswith("OBJ-18")}
    assert halves == {(50, 2024), (100, 2025)}


def test_targets_relative_to_a_period_and_by_stage():
    load_plan("nord-2026")
    energy = Target.objects.get(relative=True)
    assert (energy.value, energy.year, energy.baseline_from, energy.baseline_to) == (-40, 2030, 2010, 2019)
    load_plan("ville-metropole")
    stages = Target.objects.filter(scheme__slug="ville-metropole")
    assert set(stages.values_list("stage", "year")) == {("étape 1", None), ("étape 2", None)}
    pairs = stages.order_by("measure__indicator__position", "stage").values_list("value", flat=True)
    assert list(pairs) == [30, 70, 50, 100, 50, 80, 30, 60, 50, 80, 50, 80]


def test_who_is_not_named_is_not_named():
    scheme = load_plan("ille-et-vilaine-2023")
    assert scheme.organisation.name == "Département (non nommé dans le document)"
    text = plan_text("ille-et-vilaine-2023").replace("slug: ille-et-vilaine-2023", "")
    assert "ille-et-vilaine" not in text.lower()
    scheme = load_plan("ville-metropole")
    assert (scheme.starts_year, scheme.ends_year) == (None, None)
    assert list(scheme.organisation.buyers.values_list("name", flat=True)) == ["Ville", "Métropole"]
    assert "non nommées dans le document" in scheme.organisation.name


def test_pilots_and_supports_of_an_action():
    load_plan("pas-de-calais-2026")
    action = Action.objects.get(scheme__slug="pas-de-calais-2026", code="ENV-1.1")
    assert [(i.role, i.direction.code) for i in action.involvements.order_by("role", "position")] == [
        ("pilot", "DDAE"),
        ("support", "DEC"),
        ("support", "DMG"),
    ]


def test_the_2017_readings_are_all_there():
    load_plan("pas-de-calais-2017")
    years = Counter(Reading.objects.values_list("report__campaign__year", flat=True))
    assert years == {2016: 33, 2017: 44}
    assert Reading.objects.filter(missing="not_available").count() == 4
    assert set(Reading.objects.values_list("report__status", flat=True)) == {"validated"}
