"""The lists of the API: every filter, every order, pages, searches, queries that do not grow, values that nobody should send."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver

from actions.models import InvolvementRole, Pillar
from indicators.models import Campaign, Report
from spaser.api.views import ListView
from tests.factories import (
    ActionFactory,
    BuyerFactory,
    CampaignFactory,
    CredentialFactory,
    DirectionFactory,
    EditionFactory,
    EditionFileFactory,
    IndicatorFactory,
    InvolvementFactory,
    LegalCategoryFactory,
    MeasureFactory,
    MeasureSourceFactory,
    ObjectiveFactory,
    OrganisationFactory,
    PillarFactory,
    ReadingFactory,
    ReportFactory,
    SchemeFactory,
    SeriesBreakFactory,
    StepFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db

PLAN = "/api/v1/schemes/spaser-2026"
ADDRESSES = {
    "organisations": "/api/v1/organisations/",
    "directions": "/api/v1/organisations/departement/directions/",
    "schemes": "/api/v1/schemes/",
    "editions": "/api/v1/editions/",
    **{
        name: f"{PLAN}/{name}/"
        for name in [
            "pillars",
            "objectives",
            "actions",
            "indicators",
            "measures",
            "targets",
            "campaigns",
            "reports",
            "readings",
        ]
    },
}
# what a row is known by in the tables below
IDENTITY = {
    "organisations": "slug",
    "schemes": "slug",
    "campaigns": "key",
    "reports": "action",
    "readings": "measure",
    "editions": "title",
}


@pytest.fixture
def api(organisation):
    key = CredentialFactory(organisation=organisation, scope="api_write")
    return Client(headers={"Authorization": f"Bearer {key.token}"})


@pytest.fixture
def rows(scheme, organisation):
    """Two or more rows in each list, which differ in all that the lists are filtered and ordered by."""
    SchemeFactory(
        organisation=organisation, slug="spaser-2020", title="Éco-schéma", starts_year=2020, ends_year=2025
    )
    two = DirectionFactory(
        organisation=organisation, code="D2", name="Équité", kind="network", origin="document"
    )
    one = DirectionFactory(organisation=organisation, code="D1", name="Zones humides", active=False)
    p1 = PillarFactory(scheme=scheme, code="P1", title="Équité", position=2)
    p2 = PillarFactory(scheme=scheme, code="P2", title="Zones", position=1, origin="document")
    o1 = ObjectiveFactory(pillar=p1, code="O1", title="Équité", position=2)
    o2 = ObjectiveFactory(pillar=p2, code="O2", title="Zones", position=1, origin="document")
    a1 = ActionFactory(objective=o1, code="A1", title="Équité", position=3, due_to=2027, nature="shared")
    a1a = ActionFactory(parent=a1, code="A1.A", title="Volet", position=2, due_to=2028)
    a2 = ActionFactory(
        objective=o2, code="A2", title="Zones", position=1, due_to=2029, bonus=True, origin="document"
    )
    InvolvementFactory(action=a1, direction=one, role=InvolvementRole.PILOT)
    InvolvementFactory(action=a1, direction=one, role=InvolvementRole.SUPPORT)
    InvolvementFactory(action=a2, direction=two, role=InvolvementRole.PILOT)
    InvolvementFactory(action=a2, direction=one, role=InvolvementRole.SUPPORT)
    i1 = IndicatorFactory(action=a1, code="I1", name="Équité", position=2, kind="effect")
    i2 = IndicatorFactory(action=a2, code="I2", name="Zones", position=1, kind="follow_up", origin="document")
    legal = {"legal_category": LegalCategoryFactory(code="SOCIAL"), "legal_basis": "value"}
    buyer = BuyerFactory(organisation=organisation, code="VILLE")
    g1 = MeasureFactory(
        indicator=i1, code="G1", name="Équité", position=2, type="amount", buyer=buyer, **legal
    )
    g2 = MeasureFactory(
        indicator=i2, code="G2", name="Zones", position=1, origin="document", computation="sum"
    )
    MeasureSourceFactory(
        measure=g2, source=MeasureFactory(indicator=i2, code="G3", name="Volume", position=3)
    )
    TargetFactory(measure=g1, code="C1", year=2027, position=3, comparison="at_most")
    TargetFactory(measure=None, scheme=scheme, action=a2, code="C2", year=2028, position=2, origin="document")
    TargetFactory(measure=None, scheme=scheme, pillar=p1, code="C3", year=2029, position=1)
    c1 = CampaignFactory(scheme=scheme, year=2026, demonstration=True)
    c2 = CampaignFactory(scheme=scheme, year=2027, kind="reference")
    CampaignFactory(scheme=scheme, year=2027, period="half")
    early, late = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
    r1 = ReportFactory(campaign=c1, action=a1, state="done", validated=True, changed_at=late)
    r2 = ReportFactory(campaign=c2, action=a2, changed_at=early)
    ReadingFactory(report=r1, measure=g1, number=3, changed_at=late, door="api")
    ReadingFactory(
        report=r2, measure=MeasureFactory(indicator=i2, code="G4"), missing="not_available", changed_at=early
    )
    bilan = {"organisation": organisation, "slug": "bilan", "public": True}
    EditionFactory(**bilan, version=1, title="E1", first_year=2026, last_year=2026, published_at=early)
    EditionFactory(
        **bilan,
        version=2,
        title="E2",
        correction_note="Un total.",
        first_year=2026,
        last_year=2026,
        published_at=late,
    )
    EditionFactory(
        organisation=organisation,
        slug="publication",
        kind="legal",
        title="E3",
        first_year=2027,
        last_year=2028,
        published_at=early,
        version=3,
        correction_note="Une source.",
    )
    return {"action": a1a}


# {list: {filter: (a value, who is found)}}, in the order of the list
FILTERS = {
    "organisations": {},
    "directions": {
        "q": ("EQUITE", ["D2"]),
        "kind": ("network", ["D2"]),
        "active": ("false", ["D1"]),
        "origin": ("document", ["D2"]),
    },
    "schemes": {
        "organisation": ("ailleurs", []),
        "year": ("2022", ["spaser-2020"]),
        "q": ("eco schema", ["spaser-2020"]),
    },
    "pillars": {"q": ("equite", ["P1"]), "origin": ("document", ["P2"])},
    "objectives": {"pillar": ("P2", ["O2"]), "q": ("equite", ["O1"]), "origin": ("document", ["O2"])},
    "actions": {
        "pillar": ("P1", ["A1", "A1.A"]),
        "objective": ("O2", ["A2"]),
        "parent": ("A1", ["A1.A"]),
        "direction": ("D1", ["A2", "A1"]),
        "pilot": ("D1", ["A1"]),
        "due_to": ("2028", ["A1.A"]),
        "q": ("ÉQUITE", ["A1"]),
        "nature": ("shared", ["A1"]),
        "bonus": ("true", ["A2"]),
        "origin": ("document", ["A2"]),
    },
    "indicators": {
        "action": ("A1", ["I1"]),
        "pillar": ("P2", ["I2"]),
        "q": ("equite", ["I1"]),
        "kind": ("effect", ["I1"]),
        "origin": ("document", ["I2"]),
    },
    "measures": {
        "indicator": ("I1", ["G1"]),
        "action": ("A1", ["G1"]),
        "legal_category": ("SOCIAL", ["G1"]),
        "buyer": ("VILLE", ["G1"]),
        "computed": ("true", ["G2"]),
        "q": ("equite", ["G1"]),
        "type": ("amount", ["G1"]),
        "legal_basis": ("value", ["G1"]),
        "origin": ("document", ["G2"]),
    },
    "targets": {
        "measure": ("G1", ["C1"]),
        "action": ("A2", ["C2"]),
        "pillar": ("P1", ["C3"]),
        "year": ("2028", ["C2"]),
        "comparison": ("at_most", ["C1"]),
        "origin": ("document", ["C2"]),
    },
    "campaigns": {
        "year": ("2026", ["2026"]),
        "period": ("half", ["2027-S1"]),
        "kind": ("reference", ["2027"]),
        "demonstration": ("true", ["2026"]),
    },
    "reports": {
        "campaign": ("2027", ["A2"]),
        "year": ("2026", ["A1"]),
        "action": ("A1", ["A1"]),
        "direction": ("D2", ["A2"]),
        "status": ("validated", ["A1"]),
        "state": ("done", ["A1"]),
    },
    "readings": {
        "campaign": ("2026", ["G1"]),
        "year": ("2027", ["G4"]),
        "measure": ("G1", ["G1"]),
        "indicator": ("I1", ["G1"]),
        "action": ("A2", ["G4"]),
        "status": ("draft", ["G4"]),
        "changed_since": ("2027-06-01T00:00:00Z", ["G1"]),
        "missing": ("not_available", ["G4"]),
        "door": ("api", ["G1"]),
    },
    "editions": {
        "organisation": ("ailleurs", []),
        "edition": ("publication", ["E3"]),
        "first_year": ("2027", ["E3"]),
        "last_year": ("2028", ["E3"]),
        "latest": ("false", ["E1"]),
        "kind": ("legal", ["E3"]),
        "public": ("false", ["E3"]),
    },
}


def list_views(resolver):
    """{resource: view class} of the lists of the API."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from list_views(entry)
        elif issubclass(getattr(entry.callback, "cls", object), ListView):
            yield entry.callback.cls.resource, entry.callback.cls


def views():
    [api] = [entry for entry in get_resolver().url_patterns if getattr(entry, "namespace", "") == "api"]
    return dict(list_views(api))


def found(api, name, query=""):
    response = api.get(f"{ADDRESSES[name]}{query}")
    assert response.status_code == 200, response.content
    return [row[IDENTITY.get(name, "code")] for row in response.json()["results"]]


def test_every_list_and_every_filter_is_in_the_table():
    filters = {name: set(view.filterset_class.base_filters) - {"ordering"} for name, view in views().items()}
    assert {name: set(table) for name, table in FILTERS.items()} == filters
    assert set(ADDRESSES) == set(FILTERS)


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_narrows_its_list(name, api, rows):
    whole = found(api, name)
    for field, (value, expected) in FILTERS[name].items():
        narrowed = found(api, name, f"?{field}={value}")
        assert narrowed == expected, field
        assert len(narrowed) < len(whole), field


def test_filters_add_up(api, rows):
    assert found(api, "actions", "?direction=D1&pilot=D2") == ["A2"]
    assert found(api, "actions", "?direction=D1&bonus=false") == ["A1"]
    assert found(api, "schemes", "?organisation=departement&year=2027") == ["spaser-2026"]
    assert found(api, "readings", "?campaign=2026-S1") == []
    refused = api.get(f"{ADDRESSES['readings']}?campaign=2O26")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "campaign")


@pytest.mark.parametrize(
    "name", [name for name in FILTERS if name != "organisations"]
)  # one sees but one's own
def test_each_order_goes_both_ways(name, api, rows):
    view = views()[name]

    def values(order):
        field = order.removeprefix("-")
        for row in api.get(f"{ADDRESSES[name]}?ordering={order}").json()["results"]:
            # a sheet has its year in its campaign
            yield row.get(field, row.get("campaign"))

    for field in view.filterset_class.base_filters["ordering"].param_map:
        up = list(values(field))
        assert up == sorted(up) and len(set(up)) > 1, field
        assert list(values(f"-{field}")) == up[::-1], field


def test_orders_add_up_and_equal_rows_keep_the_order_of_the_list(api, rows):
    assert found(api, "campaigns", "?ordering=-year") == ["2027", "2027-S1", "2026"]
    assert found(api, "editions", "?ordering=published_at,-version") == ["E3", "E1", "E2"]
    assert found(api, "pillars", "?ordering=-code") == ["P2", "P1"]
    assert api.get(f"{ADDRESSES['pillars']}?ordering=title").status_code == 400


def test_a_search_minds_neither_accents_nor_case_nor_the_order_of_words(api, scheme):
    PillarFactory(scheme=scheme, code="P1", title="L’Économie circulaire, œuvre d’équipe")
    for words in ("economie", "CIRCULAIRE économie", "oeuvre", "l'economie"):
        assert found(api, "pillars", f"?q={words}") == ["P1"], words
    for words in ("economies", "economie sociale", "%", "_"):
        assert found(api, "pillars", f"?q={words.replace('%', '%25')}") == [], words


# Pages


@pytest.fixture
def many(scheme):
    """205 pillars, of which many are equal to all that a list is ordered by but their codes."""
    Pillar.objects.bulk_create(
        PillarFactory.build(scheme=scheme, code=f"P{n:03}", position=4 - n // 50) for n in range(205)
    )


def test_pages_follow_each_other_without_gap_or_repetition(api, many):
    asked, codes = f"{ADDRESSES['pillars']}?page_size=40", []
    pages = 0
    while asked:
        page = api.get(asked).json()
        assert page["count"] == 205
        codes += [row["code"] for row in page["results"]]
        asked, pages = page["next"], pages + 1
    assert pages == 6 and len(codes) == len(set(codes)) == 205
    assert codes == [f"P{n:03}" for n in sorted(range(205), key=lambda n: (-(n // 50), n))]


def test_a_page_is_of_a_hundred_and_leads_to_its_neighbours(api, many):
    address = f"http://testserver{ADDRESSES['pillars']}"
    first = api.get(ADDRESSES["pillars"]).json()
    assert (len(first["results"]), first["next"], first["previous"]) == (100, f"{address}?page=2", None)
    last = api.get(first["next"]).json()["next"]
    last = api.get(last).json()
    assert (len(last["results"]), last["next"], last["previous"]) == (5, None, f"{address}?page=2")
    assert len(api.get(f"{ADDRESSES['pillars']}?page_size=1000").json()["results"]) == 205


@pytest.mark.parametrize(
    ("query", "status"),
    [
        *((f"?page={value}", 400) for value in ("0", "-1", "1.5", "last", "²", "", "9" * 1001)),
        *((f"?page_size={value}", 400) for value in ("0", "-1", "1001", "x", "１", "")),
        *((f"?page={value}", 404) for value in ("4", "9" * 30, "9" * 1000)),
    ],
)
def test_a_page_that_is_none_is_refused(api, many, query, status):
    assert api.get(f"{ADDRESSES['pillars']}{query}").status_code == status


# Queries


def grow(name, scheme, campaign, n):
    """One more row of a list, with all that hangs from it."""
    organisation = scheme.organisation
    if name == "directions":
        heir = DirectionFactory(organisation=organisation)
        DirectionFactory(organisation=organisation, active=False, succeeded_by=heir)
    elif name == "schemes":
        SchemeFactory(organisation=organisation, predecessor=scheme, starts_year=2030)
    elif name == "pillars":
        PillarFactory(scheme=scheme)
    elif name == "objectives":
        ObjectiveFactory(pillar__scheme=scheme)
    elif name == "actions":
        action = ActionFactory(parent=ActionFactory(objective__pillar__scheme=scheme))
        InvolvementFactory(action=action, direction__organisation=organisation)
        StepFactory(parent=StepFactory(action=action))
    elif name == "indicators":
        indicator = IndicatorFactory(action__objective__pillar__scheme=scheme)
        IndicatorFactory(action=indicator.action, duplicate_of=indicator)
    elif name == "measures":
        measure = MeasureSourceFactory(measure__indicator__action__objective__pillar__scheme=scheme).measure
        SeriesBreakFactory(measure=measure)
    elif name == "targets":
        TargetFactory(measure__indicator__action__objective__pillar__scheme=scheme)
    elif name == "campaigns":
        CampaignFactory(scheme=scheme, year=2030 + n)
    elif name == "reports":
        ReportFactory(campaign=campaign)
    elif name == "readings":
        ReadingFactory(report__campaign=campaign)
    elif name == "editions":
        EditionFileFactory(edition__organisation=organisation)


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name != "organisations"])
@pytest.mark.parametrize("query", ["", "?format=csv"])
def test_the_queries_of_a_list_do_not_grow_with_its_rows(name, query, api, scheme):
    campaign = CampaignFactory(scheme=scheme)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert api.get(f"{ADDRESSES[name]}{query}").status_code == 200
        return [row["sql"] for row in captured]

    for n in range(2):
        grow(name, scheme, campaign, n)
    queries()  # the first use of the key is noted
    few = queries()
    for n in range(2, 20):
        grow(name, scheme, campaign, n)
    assert len(queries()) == len(few) < 12


def test_the_queries_of_the_organisations_do_not_grow(client, steering, organisation):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESSES["organisations"]).status_code == 200
        return len(captured)

    client.force_login(steering)
    BuyerFactory(organisation=organisation)
    few = queries()
    for _ in range(18):
        other = OrganisationFactory()
        BuyerFactory(organisation=other)
        steering.memberships.create(organisation=other, role="copil")
    assert queries() == few
    assert client.get(ADDRESSES["organisations"]).json()["count"] == 19


# What nobody should send


ODD = ["%00", "a%00b", "9" * 40, "-1", "1e400", "NaN", "Infinity", "%C2%B2", "%D9%A3", "%F0%9F%8D%92", "%ff%fe", "%ed%a0%80",
       "'--", "0x10", "2026-13-45", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59.999999",
       "0001-01-01T00:00:00", "0001-01-01T00:00:00%2B23:59", "{}", "[1]", "%0d%0aX: y",
       "a" * 5000]  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_no_value_of_a_parameter_breaks_a_list(name, api, rows):
    for field in [*FILTERS[name], "ordering", "page", "page_size", "format", "unknown"]:
        for value in ODD:
            status = api.get(f"{ADDRESSES[name]}?{field}={value}").status_code
            assert status in ((406,) if field == "format" else (200, 400, 404)), (field, value)
            if field not in FILTERS[name] and status == 200:
                raise AssertionError((field, value))


@pytest.mark.parametrize("values", ODD)
def test_no_value_of_a_parameter_breaks_the_plan(values, api, rows):
    assert api.get(f"{PLAN}/plan/?values={values}").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "organisations/{}/",
        "organisations/departement/directions/{}/",
        "organisations/departement/editions/{}/",
        "organisations/departement/editions/bilan/v{}/",
        "schemes/{}/plan/",
        *(f"schemes/spaser-2026/{name}/{{}}/" for name in ("pillars", "actions", "measures", "campaigns")),
        "schemes/spaser-2026/reports/{}/A1/",
        "schemes/spaser-2026/reports/2026/{}/",
        "schemes/spaser-2026/readings/{}/2026/",
        "schemes/spaser-2026/readings/G1/{}/",
    ],
)
def test_no_part_of_an_address_breaks_it(address, api, rows):
    assert Campaign.objects.exists() and Report.objects.exists()
    for value in [*ODD, "9999", "0000", "2026-S2", "1.5", "..", "a..b", "-a", "."]:
        assert api.get(f"/api/v1/{address.format(value)}").status_code in (400, 404), value


@pytest.mark.parametrize("name", ["If-None-Match", "If-Match", "Accept", "Range", "X-Forwarded-For"])
def test_no_header_breaks_an_answer(name, api, rows):
    for value in [
        "\x00",
        "*",
        '"',
        "W/",
        ",,,",
        "é" * 1000,
        "a/b;q=x",
        "*/*;q=9",
        "text/csv;q=0",
        "bytes=0-1",
    ]:
        for address in (ADDRESSES["readings"], f"{PLAN}/readings/G1/2026/"):
            assert api.get(address, headers={name: value}).status_code in (200, 304, 406, 412), value
