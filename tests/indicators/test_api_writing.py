"""Readings that another system sends: the rules, messages, statuses and history of the form, one at a time and by batches."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators.models import (
    Campaign,
    Computation,
    Indicator,
    Measure,
    Reading,
    ReadingChange,
    Report,
    ReportStatus,
)
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    CredentialFactory,
    MeasureSourceFactory,
    ReadingFactory,
    ReportFactory,
)

pytestmark = pytest.mark.django_db
BATCH = "/api/v1/schemes/spaser-2026/readings/batch/"


@pytest.fixture
def key(organisation):
    return CredentialFactory(organisation=organisation, name="SIS Marchés", scope="api_write")


@pytest.fixture
def send(client, key):
    """A function that sends JSON as the finance system does; a text is sent as it is."""

    def send(method, address, body, by=key, **headers):
        content = body if isinstance(body, str) else json.dumps(body)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if by:
            headers["Authorization"] = f"Bearer {by.token}"
        return client.generic(method, address, content, content_type="application/json", headers=headers)

    return send


@pytest.fixture
def put(send):
    def put(measure, body, campaign="2026", **options):
        address = f"/api/v1/schemes/spaser-2026/readings/{measure.code}/{campaign}/"
        return send("PUT", address, body, **options)

    return put


@pytest.fixture
def post(send):
    def post(*readings, **options):
        headers = {name: options.pop(name) for name in ("by",) if name in options}
        return send("POST", BATCH, {"readings": list(readings), **options}, **headers)

    return post


def item(measure, value, campaign="2026", **more):
    return {"measure": measure.code, "campaign": campaign, "value": value, **more}


# One


def test_a_value_is_created_then_changed_with_its_history(put, count, measure, key):
    new = measure("G-2", unit="marché")
    answer = put(new, {"value": 63, "comment": "Extraction du 1er mars"})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["value"], told["comment"], told["version"]) == (63, "Extraction du 1er mars", 1)
    assert (told["measure"], told["campaign"], told["status"], told["door"]) == (
        "G-2",
        "2026",
        "draft",
        "api",
    )
    answer = put(new, {"value": 64})
    assert (answer.status_code, answer.json()["version"], answer.json()["value"]) == (200, 2, 64)
    reading = Reading.objects.get(measure=new)
    assert (reading.number, reading.changed_by, str(reading.changed_by)) == (64, key.account, "SIS Marchés")
    lines = ReadingChange.objects.filter(reading=reading).order_by("pk")
    assert [(line.version, line.door, line.changed_by_id) for line in lines] == [
        (1, "api", key.account_id),
        (2, "api", key.account_id),
    ]


def test_the_same_value_twice_changes_nothing_the_second_time(put, measure):
    new = measure("G-2")
    first, second = put(new, {"value": "12,50"}), put(new, {"value": "12,50"})
    assert (first.status_code, second.status_code) == (422, 422)  # a count is whole
    first, second = put(new, {"value": 12}), put(new, {"value": 12})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first["ETag"] == second["ETag"]
    assert ReadingChange.objects.filter(reading__measure=new).count() == 1


def test_what_accompanies_an_answer_stays_unless_it_is_named(put, count, report):
    Reading.objects.filter(measure=count).delete()
    ReadingFactory(report=report, measure=count, number=Decimal(4), comment="Du pilote", source="OMNIA")
    told = put(count, {"value": 5, "source": None}).json()
    assert (told["value"], told["comment"], told["source"]) == (5, "Du pilote", "")


def test_the_answer_is_replaced_as_a_whole(put, measure):
    rate = measure("G-2", type="ratio")
    told = put(rate, {"numerator": 63, "denominator": 224}).json()
    assert (told["value"], told["numerator"], told["denominator"]) == (28.125, 63, 224)
    told = put(rate, {"missing": "not_available", "missing_note": "Logiciel arrêté"}).json()
    assert (told["value"], told["numerator"], told["missing"]) == (None, None, "not_available")
    told = put(rate, {"numerator": 1, "denominator": 2}).json()
    assert (told["value"], told["missing"], told["missing_note"]) == (50, "", "")
    told = put(rate, {"numerator": None, "denominator": None}).json()
    assert (told["value"], told["missing"]) == (None, "")


@pytest.mark.parametrize(
    ("fields", "sent", "read", "decimals"),
    [
        ({"type": "percent"}, "23.30", 23.3, 2),  # a number of JSON, written so
        ({"type": "percent"}, '"23,30 %"', 23.3, 2),
        ({"type": "amount"}, '"1 234 567,8 €"', 1234567.8, 1),
        ({"type": "amount"}, "1e3", 1000, 0),
        ({"type": "quantity", "unit": "tonne"}, "-0.000001", -0.000001, 6),
        ({"type": "boolean"}, "true", True, 0),
        ({"type": "boolean"}, '"non"', False, 0),
        ({"type": "choice", "choices": "Réuni\nPas réuni"}, '"réuni"', "Réuni", 0),
        ({"type": "text"}, '"Deux fois par an"', "Deux fois par an", 0),
    ],
)
def test_each_type_takes_its_values(put, measure, fields, sent, read, decimals):
    told = put(measure("G-2", **fields), f'{{"value": {sent}}}').json()
    assert (told["value"], told["decimals"]) == (read, decimals)


@pytest.mark.parametrize(
    ("fields", "body", "faults"),
    [
        ({"type": "count"}, {"value": "beaucoup"}, {"#/value"}),
        ({"type": "count"}, {"value": 12.5}, {"#/value"}),
        ({"type": "count"}, {"value": 1, "missing": "not_applicable"}, {"#/missing"}),
        ({"type": "ratio"}, {"numerator": 3}, {"#/denominator"}),
        ({"type": "ratio"}, {"numerator": -3, "denominator": "deux"}, {"#/numerator", "#/denominator"}),
        ({"type": "boolean"}, {"value": "peut-être", "unfilled": 3}, {"#/value", "#/unfilled"}),
        ({"type": "amount"}, {"value": 10**20}, {"#/value"}),
    ],
)
def test_a_refused_value_says_where_and_changes_nothing(put, measure, fields, body, faults):
    answer = put(measure("G-2", **fields), body)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert {fault["pointer"] for fault in answer.json()["errors"]} == faults
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"#"}),
        ({"comment": "Rien d’autre"}, {"#"}),
        ({"value": 1, "valeur": 2, "Comment": ""}, {"#/valeur", "#/Comment"}),
        ({"value": [1], "as_of": "hier", "confirmed": "oui?"}, {"#/value", "#/as_of", "#/confirmed"}),
        ({"value": 1, "comment": 12 * 10**400, "source": True}, {"#/comment", "#/source"}),
        ('{"value": 1, "value": 2}', None),
        ('{"value": NaN}', None),
        ("[" * 100_000, None),
        ([{"value": 1}], {"#"}),
        ('{"value": 1e999999}', {"#/value"}),
        ({"value": 1, "comment": "\x00"}, {"#/comment"}),
        ('{"value": "\\ud800"}', None),  # half a character
        ('{"\\udc00": 1}', None),
        ('{"missing": "\\ud83d"}', None),
        ('{"value": 0E-3000000}', {"#/value"}),
        ("null", {"#"}),
    ],
)
def test_a_body_of_another_shape_is_told_all_its_faults(put, measure, body, faults):
    answer = put(measure("G-2"), body)
    assert answer.status_code == 400
    if faults:
        assert {fault["pointer"] for fault in answer.json()["errors"]} == faults


def test_an_overtaken_write_is_refused_and_shows_what_is_there(put, client, count, report, pilot, key):
    address = f"/api/v1/schemes/spaser-2026/readings/{count.code}/2026/"
    read = client.get(address, headers={"Authorization": f"Bearer {key.token}"})
    assert read["ETag"] == '"1-draft"'
    Reading.objects.filter(measure=count).update(
        number=7, version=2, changed_by=pilot, changed_at=timezone.now()
    )
    answer = put(count, {"value": 9}, If_Match=read["ETag"])
    assert answer.status_code == 412
    assert (answer.json()["current"]["value"], answer.json()["current"]["version"]) == (7, 2)
    assert Reading.objects.get(measure=count).number == 7
    assert put(count, {"value": 9}, If_Match='"2-draft"').status_code == 200
    assert put(count, {"value": 10}, If_Match="*").status_code == 200
    assert put(count, {"value": 11}, If_None_Match="*").status_code == 412


def test_a_condition_that_cannot_be_read_is_refused(put, count):
    for headers in ({"If_Match": "1-draft"}, {"If_Match": '"1-draft", 2-draft'}, {"If_None_Match": '"1"'}):
        answer = put(count, {"value": 9}, **headers)
        assert (answer.status_code, "parameter" in answer.json()["errors"][0]) == (400, True)
    assert Reading.objects.get().number == 4


def test_a_tag_that_a_proxy_has_weakened_counts(put, count):
    assert put(count, {"value": 9}, If_Match='W/"1-draft"').status_code == 200
    assert put(count, {"value": 10}, If_Match='W/"1-draft"').status_code == 412


def test_a_conditional_write_may_be_sent_again(put, count, measure):
    assert put(count, {"value": 9}, If_Match='"1-draft"').status_code == 200
    again = put(count, {"value": 9}, If_Match='"1-draft"')  # as after an answer that was lost
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert put(measure("G-2"), {"value": 1}, If_None_Match="*").status_code == 201
    assert put(Measure.objects.get(code="G-2"), {"value": 1}, If_None_Match="*").status_code == 200


def test_so_many_unknown_names_are_counted(put, measure):
    answer = put(measure("G-2"), {"value": 1, **{f"champ-{n}": n for n in range(5000)}})
    faults = answer.json()["errors"]
    assert (answer.status_code, len(faults)) == (400, 21)
    assert "Et 4980 autres champs inconnus." in [fault["detail"] for fault in faults]


def test_a_reading_that_must_be_new(put, measure):
    new = measure("G-2")
    assert put(new, {"value": 1}, If_Match="*").status_code == 412
    assert put(new, {"value": 1}, If_Match='"1-draft"').status_code == 412
    assert put(new, {"value": 1}, If_None_Match="*").status_code == 201


@pytest.mark.parametrize("status", ["submitted", "validated"])
def test_a_sheet_that_is_handed_in_is_left_alone(put, count, report, status):
    now = timezone.now()
    stamps = {"validated_at": now} if status == "validated" else {}
    Report.objects.filter(pk=report.pk).update(
        status=status, version=2, changed_at=now, submitted_at=now, **stamps
    )
    answer = put(count, {"value": 9})
    assert answer.status_code == 403
    assert "Cette fiche est " in answer.json()["detail"]
    assert put(count, {"value": 4}).status_code == 200  # what is there already
    assert Reading.objects.get().number == 4


def test_a_closed_campaign_is_left_alone(put, count, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(closed_at=timezone.now())
    answer = put(count, {"value": 9})
    assert (answer.status_code, "est close" in answer.json()["detail"]) == (403, True)


def test_a_computed_measure_is_not_written(put, count, measure):
    total = measure("G-T", computation=Computation.SUM)
    MeasureSourceFactory(measure=total, source=count)
    answer = put(total, {"value": 9})
    assert answer.status_code == 422
    assert not Reading.objects.filter(measure=total).exists()


def test_what_is_not_in_sight_is_not_found(put, count, organisation):
    other = CredentialFactory(scope="api_write")
    assert put(count, {"value": 9}, by=other).status_code == 404
    reader = CredentialFactory(organisation=organisation, scope="api_read")
    assert put(count, {"value": 9}, by=reader).status_code == 403
    assert put(count, {"value": 9}, by=None).status_code == 401
    assert put(count, {"value": 9}, campaign="2031").status_code == 404
    assert put(count, {"value": 9}, campaign="2026-S1").status_code == 404
    assert Reading.objects.get().number == 4


def test_a_person_writes_under_his_or_her_own_name(client, count, pilot, other_pilot, steering):
    def write(user, value):
        client.force_login(user)
        address = f"/api/v1/schemes/spaser-2026/readings/{count.code}/2026/"
        return client.put(address, {"value": value}, content_type="application/json").status_code

    assert write(pilot, 5) == 200
    assert write(other_pilot, 6) == 404  # a draft of other directions
    assert write(steering, 7) == 200
    lines = ReadingChange.objects.order_by("pk")[1:]
    assert [(line.changed_by, line.door) for line in lines] == [(pilot, "api"), (steering, "api")]
    assert "à la place du pilote" in lines[1].changed_why


def test_what_surprises_is_said_and_stored(put, count, report, scheme, action):
    former = ReportFactory(campaign=CampaignFactory(scheme=scheme, year=2025), action=action)
    ReadingFactory(report=former, measure=count, number=Decimal(3))
    told = put(count, {"value": 4000}).json()
    assert told["warnings"] == ["C’est au moins dix fois plus que l’année précédente (3\u00a0réunions)."]
    assert put(count, {"value": 4000, "confirmed": True}).json()["warnings"] == told["warnings"]
    explained = {"value": 4000, "confirmed": True, "comment": "Nouveau périmètre"}
    assert put(count, explained).json()["warnings"] == []


def test_a_dry_run_says_what_would_surprise(post, count, report, scheme, action):
    former = ReportFactory(campaign=CampaignFactory(scheme=scheme, year=2025), action=action)
    ReadingFactory(report=former, measure=count, number=Decimal(3))
    [result] = post(item(count, 4000), dry_run=True).json()["results"]
    assert result["warnings"] == ["C’est au moins dix fois plus que l’année précédente (3\u00a0réunions)."]
    assert Reading.objects.get(report=report).number == 4


def test_an_address_without_its_slash_says_so(send, count):
    answer = send("PUT", f"/api/v1/schemes/spaser-2026/readings/{count.code}/2026", {"value": 5})
    assert (answer.status_code, "finissent par « / »" in answer.json()["detail"]) == (404, True)


# Many


def test_a_batch_says_what_became_of_each(post, count, measure):
    fresh, rate = measure("G-2"), measure("G-3", type="ratio")
    answer = post(
        item(count, 4),
        item(fresh, 12),
        item(rate, None, numerator=1, denominator="x"),
        {"measure": "G-99", "campaign": "2026", "value": 1},
        item(count, 5, campaign="2031"),
        {"measure": "G-2", "campaign": "2026", "valeur": 1},
        "rien",
        None,
        {"measure": "G-99", "campaign": 2026, "value": 1, "version": -1},
    )
    assert answer.status_code == 200
    told = answer.json()
    assert [result["outcome"] for result in told["results"]] == [
        "unchanged",
        "created",
        *["refused"] * 7,
    ]
    assert told["counts"]["refused"] == 7
    assert [sorted(fault["pointer"] for fault in result["errors"]) for result in told["results"][2:]] == [
        ["#/readings/2/denominator"],
        ["#/readings/3/measure"],
        ["#/readings/4/campaign"],
        ["#/readings/5/valeur"],
        ["#/readings/6"],
        ["#/readings/7"],
        ["#/readings/8/campaign", "#/readings/8/measure", "#/readings/8/version"],
    ]
    assert (Reading.objects.get(measure=fresh).number, Reading.objects.count()) == (12, 2)


def test_all_or_nothing(post, count, measure):
    fresh = measure("G-2")
    answer = post(item(fresh, 12), item(count, "x"), all_or_nothing=True)
    assert answer.status_code == 422
    told = answer.json()
    assert [result["outcome"] for result in told["results"]] == ["not_stored", "refused"]
    assert not told["stored"]
    assert not Reading.objects.filter(measure=fresh).exists()
    assert ReadingChange.objects.count() == 1  # of the reading that was there
    assert post(item(fresh, 12), item(count, 5), all_or_nothing=True).json()["stored"]
    assert Reading.objects.count() == 2


def test_a_dry_run_stores_nothing(post, count, measure):
    fresh = measure("G-2")
    told = post(item(fresh, 12), item(count, 5), dry_run=True).json()
    assert [result["outcome"] for result in told["results"]] == ["created", "updated"]
    assert not told["stored"]
    assert Reading.objects.get().number == 4


def test_a_batch_overwrites_nothing_that_it_has_not_seen(post, count, measure):
    fresh = measure("G-2")
    told = post(item(count, 9, version=0), item(fresh, 3, version=0)).json()
    assert [(result["outcome"], result["version"]) for result in told["results"]] == [
        ("conflict", 1),
        ("created", 1),
    ]
    assert (told["results"][0]["current"]["value"], told["results"][1]["current"]) == (4, None)
    assert Reading.objects.get(measure=count).number == 4
    assert post(item(count, 9, version=1)).json()["results"][0]["outcome"] == "updated"


def test_the_same_measure_twice_in_a_batch_is_refused_twice(post, count):
    told = post(item(count, 5), item(count, 6)).json()
    assert [result["outcome"] for result in told["results"]] == ["refused", "refused"]
    assert Reading.objects.get().number == 4


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"readings": []}, "#/readings"),
        ({"readings": [{}] * 1001}, "#/readings"),
        ({"readings": [{}], "all_or_nothing": "peut-être"}, "#/all_or_nothing"),
        ({"readings": [{}], "tout": True}, "#/tout"),
        ({"readings": {"a": 1}}, "#/readings"),
        ([], "#"),
    ],
)
def test_a_batch_of_another_shape_is_refused(send, scheme, body, place):
    answer = send("POST", BATCH, body)
    assert answer.status_code == 400
    assert place in {fault["pointer"] for fault in answer.json()["errors"]}


def test_a_body_that_is_too_long_is_not_read(send, scheme):
    assert send("POST", BATCH, '{"readings": "' + "x" * 2_000_001 + '"}').status_code == 413


def test_ten_thousand_readings_take_the_same_queries_for_each_batch(post, scheme, action):
    """A thousand measures over ten years, a year a batch."""
    today = timezone.localdate()
    actions = [ActionFactory(objective=action.objective, code=f"SHEET-{n}") for n in range(10)]
    campaigns = [
        CampaignFactory(scheme=scheme, year=year, opens_on=today - timedelta(1), closes_on=today)
        for year in range(2026, 2036)
    ]
    now = timezone.now()
    Report.objects.bulk_create(
        Report(campaign=campaign, action=sheet, status=ReportStatus.DRAFT, changed_at=now)
        for campaign in campaigns
        for sheet in actions
    )
    indicators = Indicator.objects.bulk_create(
        Indicator(scheme=scheme, action=actions[n % 10], code=f"I-{n}", name="Marchés") for n in range(1000)
    )
    measures = Measure.objects.bulk_create(
        Measure(scheme=scheme, indicator=indicator, code=f"G-{n}", type="count")
        for n, indicator in enumerate(indicators)
    )
    post(item(measures[0], 10), dry_run=True)  # the use of the key is noted once a minute
    counts = set()
    for campaign in campaigns:
        with CaptureQueriesContext(connection) as queries:
            answer = post(*(item(row, 10, campaign=campaign.key) for row in measures))
        assert answer.json()["counts"]["created"] == 1000
        counts.add(len(queries))
    assert len(counts) == 1
    assert Reading.objects.filter(number=10, door="api").count() == 10_000
    assert ReadingChange.objects.count() == 10_000
    if connection.vendor == "postgresql":  # SQLite takes few values in one statement
        assert counts.pop() <= 30


def test_a_batch_keeps_the_decimals_that_were_written(send, measure):
    measure("G-2", type="percent")
    answer = send("POST", BATCH, '{"readings": [{"measure": "G-2", "campaign": "2026", "value": 23.30}]}')
    assert answer.json()["counts"]["created"] == 1
    assert (Reading.objects.get().number, Reading.objects.get().decimals) == (Decimal("23.3"), 2)
