"""A whole scheme in one request: what it says, who reads which values in it, in how many queries."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Role
from indicators.models import Computation
from tests.factories import (
    ActionFactory,
    BreakdownFactory,
    BreakdownItemFactory,
    CampaignFactory,
    CredentialFactory,
    InvolvementFactory,
    MeasureFactory,
    MeasureSourceFactory,
    MembershipFactory,
    ObjectiveFactory,
    PillarFactory,
    ReadingFactory,
    ReportFactory,
    SchemeFactory,
    SeriesBreakFactory,
    StepFactory,
    TargetFactory,
)
from tests.world import FRUIT, World

pytestmark = pytest.mark.django_db
RESOURCES = ("pillars", "objectives", "actions", "indicators", "measures", "targets")


@pytest.fixture
def read(client):
    """A function that reads an address of a scheme as the holder of a key."""

    def read(key, path, **query):
        return client.get(f"/api/v1/schemes/{path}", query, headers={"Authorization": f"Bearer {key.token}"})

    return read


def values_of(plan, code):
    [measure] = [row for row in plan["measures"] if row["code"] == code]
    return {value["campaign"]: value for value in measure["values"]}


@pytest.fixture
def years(scheme, action):
    """Two years of an action, with their measures and what is computed from them."""
    reports = [
        ReportFactory(campaign=CampaignFactory(scheme=scheme, year=year), action=action, validated=True)
        for year in (2026, 2027)
    ]
    made = {"indicator__action": action, "indicator__code": "I-1"}
    social = MeasureFactory(code="SOC", unit="marché", **made)
    whole = MeasureFactory(code="TOT", indicator=social.indicator, unit="marché")
    rate = MeasureFactory(
        code="TAUX", indicator=social.indicator, type="ratio", computation=Computation.RATIO
    )
    for position, source in enumerate((social, whole)):
        MeasureSourceFactory(measure=rate, source=source, position=position)
    change = MeasureFactory(
        code="EVO", indicator=social.indicator, type="percent", computation=Computation.EVOLUTION
    )
    MeasureSourceFactory(measure=change, source=social)
    points = MeasureFactory(
        code="PTS", indicator=social.indicator, type="percent", computation=Computation.EVOLUTION
    )
    MeasureSourceFactory(measure=points, source=rate)
    for report, numbers in zip(reports, ((20, 80), (63, 224)), strict=True):
        for measure, number in zip((social, whole), numbers, strict=True):
            ReadingFactory(report=report, measure=measure, number=Decimal(number))
    return reports


@pytest.fixture
def key(organisation):
    return CredentialFactory(organisation=organisation)


def test_values_are_entered_or_computed(read, key, years):
    plan = read(key, "spaser-2026/plan/", values="all").json()
    assert [(value["value"], value["version"]) for value in values_of(plan, "SOC").values()] == [
        (20, 1),
        (63, 1),
    ]
    rates = values_of(plan, "TAUX")
    assert [(rate["value"], rate["numerator"], rate["denominator"]) for rate in rates.values()] == [
        (25, 20, 80),
        (28.125, 63, 224),
    ]
    assert (rates["2027"]["computed"], rates["2027"]["status"]) == (True, "validated")
    assert rates["2027"]["version"] is None
    [change] = values_of(plan, "EVO").values()  # 2026 has no year before
    assert (change["campaign"], change["value"], change["points"]) == ("2027", 215, False)
    [points] = values_of(plan, "PTS").values()
    assert (points["value"], points["points"]) == (3.125, True)


def test_the_latest_answer_of_each_measure(read, key, years, action):
    half = CampaignFactory(scheme=action.scheme, year=2027, period="half")
    report = ReportFactory(campaign=half, action=action, validated=True)
    reason = MeasureFactory(code="N.D.", indicator__action=action)
    ReadingFactory(report=years[0], measure=reason, number=Decimal(1))
    ReadingFactory(
        report=report, measure=reason, number=None, missing="not_available", missing_note="Logiciel arrêté"
    )
    ReadingFactory(report=years[1], measure=reason, number=None, comment="À venir")  # no answer
    plan = read(key, "spaser-2026/plan/").json()
    assert list(values_of(plan, "SOC")) == ["2027"]
    told = values_of(plan, "N.D.")
    assert list(told) == ["2027-S1"]
    assert (told["2027-S1"]["value"], told["2027-S1"]["missing"]) == (None, "not_available")
    assert values_of(read(key, "spaser-2026/plan/", values="none").json(), "SOC") == {}


def test_a_broken_series_and_a_former_scheme(read, key, years, organisation):
    """No evolution across a break; the year before the first one is found in the measure that this one prolongs."""
    former = SchemeFactory(organisation=organisation, slug="spaser-2022", starts_year=2022, ends_year=2025)
    old = MeasureFactory(code="OLD", indicator__action__objective__pillar__scheme=former)
    last = ReportFactory(
        campaign=CampaignFactory(scheme=former, year=2025), action=old.indicator.action, validated=True
    )
    ReadingFactory(report=last, measure=old, number=Decimal(10))
    social = years[0].readings.get(measure__code="SOC").measure
    type(social).objects.filter(pk=social.pk).update(continues=old)
    plan = read(key, "spaser-2026/plan/", values="all").json()
    assert "OLD" not in {row["code"] for row in plan["measures"]}
    assert {name: value["value"] for name, value in values_of(plan, "EVO").items()} == {
        "2026": 100,
        "2027": 215,
    }
    SeriesBreakFactory(measure=social, year=2027, note="Nouveau périmètre")
    plan = read(key, "spaser-2026/plan/", values="all").json()
    assert list(values_of(plan, "EVO")) == ["2026"]


def test_a_sum_that_prolongs_a_sum_is_whole(read, key, organisation, scheme, action):
    """Of the year before only the former total is known, made of a measure that nothing prolongs: 10 + 12; 33 is half more."""
    former = SchemeFactory(organisation=organisation, slug="spaser-2022", starts_year=2022, ends_year=2025)
    sheet = ActionFactory(objective__pillar__scheme=former)
    old = [MeasureFactory(indicator__action=sheet, code=f"OLD-{name}") for name in "AB"]
    total = MeasureFactory(indicator__action=sheet, code="OLD", computation=Computation.SUM)
    new = MeasureFactory(indicator__action=action, code="NEW-A", continues=old[0])
    sum_ = MeasureFactory(indicator__action=action, code="NEW", computation=Computation.SUM, continues=total)
    fresh = MeasureFactory(indicator__action=action, code="NEW-C")
    for position, source in enumerate((new, fresh)):
        MeasureSourceFactory(measure=sum_, source=source, position=position)
    change = MeasureFactory(
        indicator__action=action, code="EVO", type="percent", computation=Computation.EVOLUTION
    )
    MeasureSourceFactory(measure=change, source=sum_)
    before = ReportFactory(campaign=CampaignFactory(scheme=former, year=2025), action=sheet, validated=True)
    for position, (source, number) in enumerate(zip(old, (10, 12), strict=True)):
        MeasureSourceFactory(measure=total, source=source, position=position)
        ReadingFactory(report=before, measure=source, number=Decimal(number))
    now = ReportFactory(campaign=CampaignFactory(scheme=scheme, year=2026), action=action, validated=True)
    ReadingFactory(report=now, measure=new, number=Decimal(20))
    ReadingFactory(report=now, measure=fresh, number=Decimal(13))
    plan = read(key, "spaser-2026/plan/", values="all").json()
    assert {name: value["value"] for name, value in values_of(plan, "NEW").items()} == {"2026": 33}
    assert {name: value["value"] for name, value in values_of(plan, "EVO").items()} == {"2026": 50}
    [told] = [row for row in plan["measures"] if row["code"] == "NEW"]
    assert (told["continues_scheme"], told["continues"]) == ("spaser-2022", "OLD")


def full(scheme, action):
    """Something in every list of the plan, with all that hangs from it."""
    sheet = ActionFactory(objective=action.objective, code="A-FULL", due_from=2026, due_to=2027)
    ActionFactory(objective=action.objective, parent=sheet, code="A-FULL.A")
    whole = StepFactory(action=sheet, code="E-1", position=2)
    StepFactory(action=sheet, code="E-2", parent=whole, position=1)
    breakdown = BreakdownFactory(scheme=scheme, code="V-1")
    item = BreakdownItemFactory(breakdown=breakdown, code="COL")
    measure = MeasureFactory(
        indicator__action=action,
        indicator__breakdown=breakdown,
        code="G-FULL",
        item=item,
        baseline_value=Decimal("12.5"),
        threshold=Decimal(25000),
    )
    total = MeasureFactory(indicator=measure.indicator, code="G-SUM", computation=Computation.SUM)
    MeasureSourceFactory(measure=total, source=measure)
    SeriesBreakFactory(measure=measure, year=2027)
    TargetFactory(measure=measure, code="C-1", value=Decimal("12.5"))
    return sheet


def test_its_elements_are_those_of_the_lists(read, key, scheme, action, contributor):
    sheet = full(scheme, action)
    direction = contributor.memberships.get().direction
    InvolvementFactory(action=sheet, direction=direction, role="pilot", position=2, note="3DE : appui")
    InvolvementFactory(action=sheet, direction=direction, role="support", position=1)
    plan = read(key, "spaser-2026/plan/").json()
    assert plan["scheme"] == read(key, "spaser-2026/").json()
    for name in RESOURCES:
        listed = read(key, f"spaser-2026/{name}/").json()["results"]
        told = [{field: value for field, value in row.items() if field != "values"} for row in plan[name]]
        assert len(told) > 0
        assert told == listed, name
    [own] = [row for row in plan["actions"] if row["code"] == "A-FULL"]
    assert [row["role"] for row in own["involvements"]] == ["support", "pilot"]
    assert [step["code"] for step in own["steps"]] == ["E-2", "E-1"]


def test_all_goes_as_the_document_does(read, key, scheme):
    """Pillars, their objectives, their actions and the parts of these, each in its order; data sheets come last."""
    shared = ActionFactory(scheme=scheme, objective=None, nature="shared", code="COMMUN", position=0)
    codes = {}
    for pillar in (2, 1):
        above = PillarFactory(scheme=scheme, code=f"P{pillar}", position=pillar)
        objective = ObjectiveFactory(pillar=above, code=f"O{pillar}", position=1)
        for rank in (2, 1):
            code = f"A{pillar}{rank}"
            sheet = ActionFactory(objective=objective, code=code, position=rank)
            part = ActionFactory(objective=objective, parent=sheet, code=f"{code}.A", position=1)
            codes[code] = MeasureFactory(
                indicator__action=part, indicator__code=f"I-{code}", code=f"G-{code}"
            )
    MeasureFactory(indicator__action=shared, indicator__code="I-COMMUN", code="G-COMMUN")
    order = ["A11", "A12", "A21", "A22"]
    plan = read(key, "spaser-2026/plan/").json()
    assert [row["code"] for row in plan["actions"]] == [
        *(code for own in order for code in (own, f"{own}.A")),
        "COMMUN",
    ]
    assert [row["code"] for row in plan["indicators"]] == [f"I-{code}" for code in [*order, "COMMUN"]]
    assert [row["code"] for row in plan["measures"]] == [f"G-{code}" for code in [*order, "COMMUN"]]
    for name in RESOURCES[2:5]:
        listed = read(key, f"spaser-2026/{name}/").json()["results"]
        assert [row["code"] for row in listed] == [row["code"] for row in plan[name]]


def test_eight_queries_whatever_the_plan(read, key, scheme, action, years):
    full(scheme, action)
    read(key, "spaser-2026/plan/")  # the use of the key is noted once a minute

    def queries():
        with CaptureQueriesContext(connection) as found:
            plan = read(key, "spaser-2026/plan/", values="all").json()
        return len(found), len(plan["measures"]), len(found.captured_queries)

    count, few, _ = queries()
    assert count == 8
    for number in range(20):
        sheet = ActionFactory(objective=action.objective, code=f"A-{number}")
        report = ReportFactory(campaign=years[0].campaign, action=sheet, validated=True)
        measure = MeasureFactory(indicator__action=sheet, code=f"G-{number}")
        ReadingFactory(report=report, measure=measure, number=Decimal(number))
        total = MeasureFactory(indicator=measure.indicator, code=f"T-{number}", computation=Computation.SUM)
        MeasureSourceFactory(measure=total, source=measure)
    again, many, _ = queries()
    assert (again, many) == (8, few + 40)


# a reading key reads what a direction without part reads; one that writes, all that it may have to fill
READ = {
    "pilot": {"draft", "submitted", "returned", "validated"},
    "other_pilot": {"submitted", "validated"},
    "copil": {"validated"},
    "steering": {"draft", "submitted", "returned", "validated"},
    "api_read": {"submitted", "validated"},
    "api_write": {"draft", "submitted", "returned", "validated"},
}


@pytest.mark.parametrize("role", READ)
def test_who_reads_the_values_of_which_sheets(role, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = World("Vergers", 70101)
    headers = {}
    if role.startswith("api"):
        key = CredentialFactory(organisation=world.organisation, scope=role)
        headers["Authorization"] = f"Bearer {key.token}"
    else:
        client.force_login(world.people[role])
    address = f"/api/v1/schemes/{world.scheme.slug}/plan/"
    plan = client.get(address, {"values": "all"}, headers=headers).json()
    found = {value["value"] for measure in plan["measures"] for value in measure["values"]}
    expected = {world.value(status) for status in READ[role]}
    if {"draft", "validated"} <= READ[role]:
        expected.add(world.total)
    assert found == expected
    assert set(FRUIT) == {"draft", "submitted", "returned", "validated"}


def test_a_plan_of_others_is_not_found(read, scheme, client):
    assert read(CredentialFactory(), "spaser-2026/plan/").status_code == 404
    client.force_login(MembershipFactory(role=Role.STEERING).user)
    assert client.get("/api/v1/schemes/spaser-2026/plan/").status_code == 404


def test_what_is_asked_for_otherwise_is_refused(read, key, scheme):
    answer = read(key, "spaser-2026/plan/", values="dernières")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "values")
    assert read(key, "spaser-2026/plan/", valeurs="all").status_code == 400


def test_nothing_is_sent_again_when_nothing_has_changed(read, client, key, years):
    first = read(key, "spaser-2026/plan/")
    headers = {"Authorization": f"Bearer {key.token}", "If-None-Match": first["ETag"]}
    again = client.get("/api/v1/schemes/spaser-2026/plan/", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    InvolvementFactory(action=years[0].action)
    assert client.get("/api/v1/schemes/spaser-2026/plan/", headers=headers).status_code == 200
