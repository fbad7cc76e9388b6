"""Every address of the API for every asker: what it answers, that it tells nothing of others, that a refusal changes nothing.

Who may see what is decided where it is for the pages (tests/test_roles.py); an asker is a person, by the session of the
site, or another system, by a credential. A new address fails here until somebody has written down what each gets from it.
"""

import json

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from actions.models import Credential, Role, Scope
from actions.services import revoke_credential
from indicators.models import Reading
from tests import factories as make
from tests.test_roles import READS as PEOPLE_READ
from tests.test_roles import everything, found_in, named, table, text_of, undone
from tests.world import FRUIT, World

pytestmark = pytest.mark.django_db

# 200 shown; 401 not known: neither credential nor session, or one that opens nothing; 404 out of sight, or not there;
# 405 not an address to read. "read" and "write" are credentials of the organisation, "foreign" writes in another one,
# "broken" is one whose secret was mistyped; "superuser" has no membership. A session opens what a role opens on the site.
GET = table(
    """
                          anonymous inactive pilot contributor other_pilot copil steering stranger superuser read write foreign expired revoked broken
root                      200       200      200   200         200         200   200      200      200       200  200   200     401     401     401
schema                    200       200      200   200         200         200   200      200      200       200  200   200     200     200     200
docs                      200       200      200   200         200         200   200      200      200       200  200   200     200     200     200
nothing                   404       404      404   404         404         404   404      404      404       404  404   404     401     401     401
organisation_list         401       401      200   200         200         200   200      200      200       200  200   200     401     401     401
organisation_item         401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
direction_list            401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
direction_item            401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
scheme_list               401       401      200   200         200         200   200      200      200       200  200   200     401     401     401
scheme_item               401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
plan                      401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
pillar_list               401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
pillar_item               401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
objective_list            401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
objective_item            401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
action_list               401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
action_item               401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
indicator_list            401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
indicator_item            401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
measure_list              401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
measure_item              401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
target_list               401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
target_item               401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
campaign_list             401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
campaign_item             401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
report_list               401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
report_item@draft         401       401      200   200         404         404   200      404      404       404  200   404     401     401     401
report_item@submitted     401       401      200   200         200         404   200      404      404       200  200   404     401     401     401
report_item@returned      401       401      200   200         404         404   200      404      404       404  200   404     401     401     401
report_item@validated     401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
reading_list              401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
reading_item@draft        401       401      200   200         404         404   200      404      404       404  200   404     401     401     401
reading_item@submitted    401       401      200   200         200         404   200      404      404       200  200   404     401     401     401
reading_item@returned     401       401      200   200         404         404   200      404      404       404  200   404     401     401     401
reading_item@validated    401       401      200   200         200         200   200      404      404       200  200   404     401     401     401
reading_batch             401       401      405   405         405         405   405      405      405       405  405   405     401     401     401
edition_list              200       200      200   200         200         200   200      200      200       200  200   200     401     401     401
edition_latest            404       404      200   200         200         200   200      404      404       200  200   404     401     401     401
edition_item              404       404      200   200         200         200   200      404      404       200  200   404     401     401     401
edition_latest@public     200       200      200   200         200         200   200      200      200       200  200   200     401     401     401
edition_item@public       200       200      200   200         200         200   200      200      200       200  200   200     401     401     401
"""
)
# A value for the measure of the sheet of each status: 200 written; 403 in sight, but not for this asker, or not now.
PUT = table(
    """
                          anonymous inactive pilot contributor other_pilot copil steering stranger superuser read write foreign expired revoked broken
reading_item@draft        401       401      200   200         404         404   200      404      404       403  200   404     401     401     401
reading_item@submitted    401       401      403   403         403         404   403      404      404       403  403   404     401     401     401
reading_item@returned     401       401      200   200         404         404   200      404      404       403  200   404     401     401     401
reading_item@validated    401       401      403   403         403         403   403      404      404       403  403   404     401     401     401
"""
)
# The same four in one batch: who may send one is answered 200, reading by reading.
POST = table(
    """
                          anonymous inactive pilot contributor other_pilot copil steering stranger superuser read write foreign expired revoked broken
reading_batch             401       401      200   200         200         200   200      404      404       403  200   404     401     401     401
"""
)
ASKERS = list(GET["plan"])
FILLS = {"pilot", "contributor", "steering", "write"}  # of these, the sheets that are open are written
OPENED = {"draft", "returned"}
READS = {role: PEOPLE_READ.get(role, set()) for role in ASKERS} | {
    "read": {"submitted", "validated"},
    "write": set(FRUIT),
}
PUBLISHED = {
    "edition_list",
    "edition_latest@public",
    "edition_item@public",
}  # tells all of what was made public
KEYS = ("read", "write", "foreign", "expired", "revoked", "broken")


@pytest.fixture
def world(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = World("Armorique", first=41_190_001)
    world.public = make.EditionFactory(organisation=world.organisation, slug="bilan-ouvert", public=True)
    return world


@pytest.fixture
def twin(world):
    """The same under other names, of which nobody here but "stranger" and "foreign" may hear."""
    return World("Zanzibar", first=87_650_001)


@pytest.fixture
def ask(world, twin):
    """A client that asks as one of ASKERS, without the help that a test client gives against CSRF."""
    tokens = {name: token_of(name, twin if name == "foreign" else world) for name in KEYS}

    def ask(asker):
        if asker in KEYS:
            return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {tokens[asker]}"})
        client, token = Client(enforce_csrf_checks=True), "a" * 32
        if asker != "anonymous":
            client.force_login(twin.people["steering"] if asker == "stranger" else world.people[asker])
        client.cookies["csrftoken"] = token
        client.defaults["HTTP_X_CSRFTOKEN"] = token
        return client

    return ask


def token_of(name, world):
    """The token of a new credential of an organisation, used an hour from now: its use is not to be noted in these tests."""
    key = make.CredentialFactory(
        organisation=world.organisation,
        scope=Scope.READ if name == "read" else Scope.WRITE,
        by=world.people["steering"],
    )
    now = timezone.now()
    if name == "revoked":
        revoke_credential(key, by=world.people["steering"], at=now)
    Credential.objects.filter(pk=key.pk).update(last_used_at=now + timezone.timedelta(hours=1))
    if name == "expired":
        yesterday = timezone.localdate(now) - timezone.timedelta(days=1)
        Credential.objects.filter(pk=key.pk).update(expires_on=yesterday)
    return key.token[:-1] + ("A" if key.token[-1] != "A" else "B") if name == "broken" else key.token


def addresses(world):
    """{name, or name@which: what the address of an object of this world is made of}."""
    organisation, scheme = {"organisation": world.organisation.slug}, {"scheme": world.scheme.slug}
    draft, campaign = world.actions["draft"], {"campaign": world.campaign.key}
    lists = "pillar objective action indicator measure target campaign report reading"
    found = {
        "root": {},
        "schema": {},
        "docs": {},
        "nothing": {},
        "organisation_list": {},
        "organisation_item": organisation,
        "direction_list": organisation,
        "direction_item": organisation | {"code": world.directions["DAS"].code},
        "scheme_list": {},
        "scheme_item": scheme,
        "plan": scheme,
        **{f"{name}_list": scheme for name in lists.split()},
        "pillar_item": scheme | {"code": world.objective.pillar.code},
        "objective_item": scheme | {"code": world.objective.code},
        "action_item": scheme | {"code": draft.code},
        "indicator_item": scheme | {"code": world.indicators["draft"].code},
        "measure_item": scheme | {"code": world.measures["draft"].code},
        "target_item": scheme | {"code": world.target.code},
        "campaign_item": scheme | campaign,
        "reading_batch": scheme,
        "edition_list": {},
        "edition_latest": organisation | {"edition": world.edition.slug},
        "edition_item": organisation | {"edition": world.edition.slug, "version": 1},
    }
    for status in FRUIT:
        found[f"report_item@{status}"] = scheme | campaign | {"code": world.actions[status].code}
        found[f"reading_item@{status}"] = scheme | campaign | {"measure": world.measures[status].code}
    if hasattr(world, "public"):
        found["edition_latest@public"] = organisation | {"edition": world.public.slug}
        found["edition_item@public"] = organisation | {"edition": world.public.slug, "version": 1}
    return found


def address(key, kwargs):
    if key == "nothing":
        return "/api/v1/nowhere"
    return reverse(f"api:{key.partition('@')[0]}", kwargs=kwargs)


def urls(world):
    return {key: address(key, kwargs) for key, kwargs in addresses(world).items()}


def told(response, url):
    """All that an answer tells, but for the address that it was asked for."""
    return text_of(response).replace(url.lower(), "")


def readable(asker):
    """What of `World.read_in` is read by the API, which tells no questions."""
    statuses = READS[asker]
    found = {(status, kind) for status in statuses for kind in ("value", "narrative")}
    return found | ({("total", "value")} if {"draft", "validated"} <= statuses else set())


def test_every_address_is_in_the_tables(world):
    names = {name.removeprefix("api:") for name in named(get_resolver()) if name.startswith("api:")}
    assert {key.partition("@")[0] for key in GET} == names
    assert set(GET) == set(addresses(world))


# What each asker gets


@pytest.mark.parametrize("asker", ASKERS)
def test_what_each_address_answers_each_asker(asker, ask, world, twin):
    """The status of the table, nothing of another organisation, and of the sheets what the asker reads, all told."""
    client, answered, leaks, read = ask(asker), {}, {}, set()
    others = {"stranger": world.words, "foreign": world.words}.get(asker, twin.words)
    if not READS[asker] and asker not in ("stranger", "foreign"):
        others = twin.words | world.words
    for key, url in urls(world).items():
        response = client.get(url)
        answered[key] = response.status_code
        texts = [told(response, url)]
        if response.status_code == 200:
            texts += [told(client.get(url + query), url) for query in queries(key)]
        if key not in PUBLISHED:
            leaks[key] = set().union(*(found_in(text, others) for text in texts))
        read = read.union(*(world.read_in(text) for text in texts))
    assert answered == {key: GET[key][asker] for key in answered}
    assert {key: found for key, found in leaks.items() if found} == {}
    assert read == readable(asker)


def queries(key):
    """What more is asked of an address by who gets 200 from it."""
    if key == "plan":
        return ["?values=all", "?values=none"]
    return ["?format=csv", "?page_size=1"] if key.endswith("_list") else []


@pytest.mark.parametrize("asker", ["stranger", "foreign"])
def test_who_is_of_the_other_organisation_finds_that_and_nothing_of_this_one(asker, ask, world, twin):
    client, same = ask(asker), {"stranger": "steering", "foreign": "write"}[asker]
    for key, url in urls(twin).items():
        response = client.get(url)
        assert response.status_code == GET[key][same], key
        assert key in PUBLISHED or found_in(text_of(response), world.words) == set(), key


@pytest.mark.parametrize("asker", [asker for asker in ASKERS if READS[asker]])
def test_where_the_sheets_are_read(asker, ask, world):
    """Address by address, all that is read of any sheet."""
    client, asked = ask(asker), urls(world)
    may, statuses = readable(asker), READS[asker]
    values = {what for what in may if what[1] == "value"}
    entered = values - {("total", "value")}
    narratives = {what for what in may if what[1] == "narrative"}
    expected = {
        f"{asked['plan']}?values=all": values,
        f"{asked['plan']}?values=latest": values,
        f"{asked['plan']}?values=none": set(),
        asked["reading_list"]: entered,
        f"{asked['reading_list']}?format=csv": entered,
        asked["report_list"]: narratives,
        f"{asked['report_list']}?format=csv": narratives,
    }
    for status in FRUIT:
        seen = status in statuses
        expected[asked[f"report_item@{status}"]] = (
            {(status, "value"), (status, "narrative")} if seen else set()
        )
        expected[asked[f"reading_item@{status}"]] = {(status, "value")} if seen else set()
    assert {url: world.read_in(told(client.get(url), url)) for url in expected} == expected


# Writing


def send(client, method, url, body):
    return client.generic(method, url, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("asker", ASKERS)
def test_who_may_write_a_reading_and_a_refusal_changes_nothing(asker, ask, world, twin):
    client, asked, answered, before = ask(asker), urls(world), {}, everything()
    for key in PUT:
        with undone():
            answered[key] = send(client, "PUT", asked[key], {"value": 77}).status_code
            written = everything() != before
        assert written == (answered[key] == 200), key
    assert answered == {key: PUT[key][asker] for key in PUT}


@pytest.mark.parametrize("asker", ASKERS)
def test_who_may_send_a_batch_and_what_is_refused_changes_nothing(asker, ask, world, twin):
    client, url, before = ask(asker), urls(world)["reading_batch"], everything()
    batch = {
        "readings": [
            {"measure": row.code, "campaign": "2026", "value": 77} for row in world.measures.values()
        ]
    }
    with undone():
        response = send(client, "POST", url, batch)
        now = {status: reading.number for status, reading in readings(world).items()}
    assert response.status_code == POST["reading_batch"][asker]
    open_to_asker = OPENED if asker in FILLS else set()
    assert {status for status, number in now.items() if number == 77} == open_to_asker
    assert everything() == before
    if response.status_code == 200:
        outcomes = [result["outcome"] for result in response.json()["results"]]
        assert outcomes == ["updated" if status in open_to_asker else "refused" for status in FRUIT]
        unseen = (
            set(FRUIT) - READS[asker]
        )  # nothing tells a sheet that is out of sight from one that is not there
        assert all(
            ("pas que vous puissiez lire" in str(result["errors"])) == (status in unseen)
            for status, result in zip(FRUIT, response.json()["results"], strict=True)
        )


def readings(world):
    """{status: the reading of the sheet of that status}."""
    return {
        status: Reading.objects.get(report=world.reports[status], measure=world.measures[status])
        for status in FRUIT
    }


@pytest.mark.parametrize("asker", ASKERS)
def test_nothing_else_is_written_by_any_method(asker, ask, world, twin):
    """405, but for who is not known (401), for a credential to read with (403), and where there is nothing (404)."""
    client, before = ask(asker), everything()
    unknown = asker in ("anonymous", "inactive", "expired", "revoked", "broken")
    for key, url in urls(world).items():
        for method in ("PUT", "POST", "PATCH", "DELETE"):
            if (key.partition("@")[0], method) in (("reading_item", "PUT"), ("reading_batch", "POST")):
                continue
            status = send(client, method, url, {}).status_code
            allowed = {401} if unknown else {403} if asker == "read" else {405}
            if GET[key]["anonymous"] in (
                200,
                404,
            ):  # open to all: only a credential that opens nothing is refused
                allowed = {405, 404} | ({401} if asker in KEYS and unknown else set())
            assert status in allowed, (key, method)
    assert everything() == before


def test_a_batch_takes_nothing_of_another_organisation(ask, world, twin):
    codes = [row.code for row in twin.measures.values()]
    batch = {"readings": [{"measure": code, "campaign": "2026", "value": 77} for code in codes]}
    before = everything()
    response = send(ask("write"), "POST", urls(world)["reading_batch"], batch)
    assert response.json()["counts"]["refused"] == len(codes)
    text = text_of(response)
    for code in codes:
        text = text.replace(code.lower(), "")
    assert found_in(text, twin.words) == set()
    assert everything() == before


# Addresses that mix


@pytest.mark.parametrize("of_both", [False, True])
def test_what_is_not_of_the_place_is_not_found_there(of_both, ask, world, twin):
    client = ask("steering")
    if of_both:  # even who steers both organisations
        make.MembershipFactory(
            user=world.people["steering"], organisation=twin.organisation, role=Role.STEERING
        )
    others, answered, before = addresses(twin), {}, everything()
    for key, kwargs in addresses(world).items():
        for name, value in others.get(key, {}).items():
            mix = kwargs | {name: value}
            if mix not in (kwargs, others[key]):
                url = address(key, mix)
                answered[url] = client.get(url).status_code
                if key.startswith("reading_item"):
                    answered[f"PUT {url}"] = send(client, "PUT", url, {"value": 77}).status_code
    assert answered and set(answered.values()) == {404}
    assert everything() == before


# Cross-site request forgery


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_session_writes_with_the_token_of_the_site_only(method, ask, world):
    key, body = ("reading_item@draft", {"value": 77})
    if method == "POST":
        reading = {"measure": world.measures["draft"].code, "campaign": "2026", "value": 77}
        key, body = "reading_batch", {"readings": [reading]}
    client, before = ask("steering"), everything()
    del client.defaults["HTTP_X_CSRFTOKEN"]
    response = send(client, method, urls(world)[key], body)
    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert "CSRF" in response.json()["detail"]
    assert everything() == before
    assert send(ask("steering"), method, urls(world)[key], body).status_code == 200


def test_a_credential_needs_no_token_and_is_who_asks_even_beside_a_session(ask, world):
    client = ask("steering")
    del client.defaults["HTTP_X_CSRFTOKEN"]
    key = ask("write").defaults["HTTP_AUTHORIZATION"]
    url = urls(world)["reading_item@draft"]
    body = json.dumps({"value": 77})
    response = client.put(url, body, content_type="application/json", headers={"Authorization": key})
    assert response.status_code == 200
    reader = ask("read").defaults["HTTP_AUTHORIZATION"]
    assert (
        client.get(url, headers={"Authorization": reader}).status_code == 404
    )  # though the session reads it
