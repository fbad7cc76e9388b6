"""Requests that schemathesis makes up from the published schema, over HTTP, for every kind of asker.

None may find a server error, nor an answer that the schema does not announce. API_REQUESTS=50000 asks more of them.
"""

import json
import logging
import os
from collections import Counter
from contextlib import suppress
from math import ceil
from socket import SHUT_RDWR
from threading import enumerate as enumerate_threads
from urllib.request import urlopen

import pytest
import schemathesis
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import Status, events, from_schema

from actions.models import Scope
from tests import factories as make
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS = int(os.environ.get("API_REQUESTS", "5000"))  # at least, of all roles together
SYSTEMATIC = 2500  # of these: the edges of every parameter, one after the other, for who may do most
ROLES = ["anonymous", "read", "write", "pilot", "contributor", "other_pilot", "copil", "steering", "stranger"]

OPEN = {"list_editions", "get_edition", "get_edition_version"}
LISTS = {"list_organisations", "list_schemes"}
OF_ORGANISATION = {"get_organisation", "list_directions", "get_direction"}
OF_PLAN = {"get_scheme", "get_plan"} | {
    f"{verb}_{name}"
    for one in ("pillar", "objective", "action", "indicator", "measure", "target", "campaign", "report", "reading")
    for verb, name in (("get", one), ("list", f"{one}s"))
}  # fmt: skip
READS = OPEN | LISTS | OF_ORGANISATION | OF_PLAN
BATCH, WRITES = {"post_readings"}, {"post_readings", "put_reading"}
# {role: the operations that must succeed for it}; who may not fill gets an answer to a batch too: each reading refused
SUCCEEDS = {
    "anonymous": OPEN,
    "read": READS,
    "write": READS | WRITES,
    "pilot": READS | WRITES,
    "contributor": READS | WRITES,
    "other_pilot": READS | BATCH,
    "copil": READS | BATCH,
    "steering": READS | WRITES,
    "stranger": OPEN | LISTS,
}
# what the code in the address of an operation is the code of
CODES = {
    f"get_{name}": name
    for name in ("direction", "pillar", "objective", "action", "indicator", "measure", "target")
} | {"get_report": "action"}

# Checks are all those of schemathesis but these.
UNFIT = {
    "use_after_free": "nothing is deleted",
    "ensure_resource_availability": "nothing is created under an address that the answer gives",
    "object_level_authorization": "tests/test_api_roles.py knows whose things are whose",
}
RUN = {  # these at least are seen to have judged something
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
    "ignored_auth",
    "batch_tells_what_is_refused",
}


@pytest.fixture
def server(live_server, monkeypatch):
    """The address of the server of the tests, made to answer at once and to leave nothing open behind."""
    taken, setup = [], WSGIRequestHandler.setup

    def remembered(handler):
        taken.append(handler.request)
        setup(handler)

    monkeypatch.setattr(WSGIRequestHandler, "setup", remembered)
    # it sends headers and body apart: without this each answer waits for the client's system
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    yield live_server.url
    for connection in taken:  # that a client keeps, and with it a thread and its connection to the database
        with suppress(OSError):
            connection.shutdown(SHUT_RDWR)
    for thread in enumerate_threads():
        if "process_request_thread" in thread.name:
            thread.join(timeout=10)


@pytest.fixture(autouse=True)
def quietly(caplog):
    """A refusal is no news here."""
    caplog.set_level(logging.ERROR, logger="django.request")


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = World("Armorique", first=41_190_001)
    type(world.edition).objects.filter(pk=world.edition.pk).update(public=True)
    return world


@schemathesis.check
def batch_tells_what_is_refused(ctx, response, case):
    """A batch is judged reading by reading: 200, and each wrong one is told; that is its way of refusing."""
    if case.operation.definition.raw.get("operationId") != "post_readings" or response.status_code != 200:
        return
    body = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    if body is not None and body.mode.is_negative:
        counts = response.json()["counts"]
        assert counts["refused"] + counts["conflict"] > 0, "a batch against the schema, and nothing refused"


def names_of(world):
    """{what stands in an address: those of this world}."""
    return {
        "organisation": [world.organisation.slug],
        "scheme": [world.scheme.slug],
        "direction": [row.code for row in world.directions.values()],
        "pillar": [world.objective.pillar.code],
        "objective": [world.objective.code],
        "action": [row.code for row in world.actions.values()],
        "indicator": [row.code for row in world.indicators.values()],
        "measure": [row.code for row in world.measures.values()],
        "target": [world.target.code],
        "campaign": [world.campaign.key],
        "edition": [world.edition.slug],
        "version": [world.edition.version],
    }


def published(url, names):
    """The schema as the server gives it, with the things of this world as its examples."""
    with urlopen(f"{url}/api/v1/openapi.json") as answer:
        schema = json.load(answer)
    for item in schema["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    named = CODES.get(operation["operationId"]) if parameter["name"] == "code" else None
                    values = names[named or parameter["name"]]
                    parameter.pop("example", None)
                    parameter["examples"] = {str(value): {"value": value} for value in values}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["examples"] = {"an answer": {"value": example_of(operation["operationId"], names)}}
    return schema


def example_of(operation, names):
    if operation == "put_reading":
        return {"value": 12}
    [campaign] = names["campaign"]
    return {
        "readings": [{"measure": code, "campaign": campaign, "value": 7} for code in names["measure"]],
        "dry_run": True,
    }


def configuration(role, url, headers, names):
    """What schemathesis is to do. Four times in five, an address names what there is: what is made up is not found."""

    def often(name):
        return {"dictionary": name, "probability": 0.8}

    return schemathesis.Config.from_dict(
        {
            "base-url": url,
            "headers": headers,
            "seed": 2026,
            "continue-on-failure": True,
            "generation": {
                "max-examples": ceil(share() / len(READS | WRITES)),
                "database": "none",
                "no-shrink": True,
                # a made-up session beside the real one would only log it out
                "with-security-parameters": role in ("anonymous", "read", "write"),
            },
            "phases": {
                "coverage": {"enabled": role == "write"},
                "stateful": {"enabled": False},  # nothing is made here that another operation would need
            },
            "checks": {name: {"enabled": False} for name in UNFIT},
            "dictionaries": {name: {"values": values} for name, values in names.items()},
            "parameters": {
                **{
                    f"path.{name}": often(name)
                    for name in ("organisation", "scheme", "campaign", "measure", "edition", "version")
                },
                "body.readings[*].measure": often("measure"),
                "body.readings[*].campaign": often("campaign"),
            },
            "operations": [
                *(
                    {"include-operation-id": operation, "parameters": {"path.code": often(name)}}
                    for operation, name in CODES.items()
                ),
                {
                    # refused reading by reading: batch_tells_what_is_refused; all of them when that is asked for
                    "include-operation-id": "post_readings",
                    "checks": {
                        "negative_data_rejection": {"enabled": False},
                        "positive_data_acceptance": {
                            "expected-statuses": ["2xx", "401", "403", "404", "422"]
                        },
                    },
                },
                {
                    # what is right depends on the type of the measure, and on what else is given
                    "include-operation-id": "put_reading",
                    "checks": {"positive_data_acceptance": {"enabled": False}},
                },
            ],
        }
    )


def share():
    """The requests of one role."""
    return ceil((REQUESTS - SYSTEMATIC) / len(ROLES))


def headers_of(role, world):
    """How a role says who it is: a key, or the session that the site opened."""
    if role == "anonymous":
        return {}
    steering = world.people["steering"]
    if role in ("read", "write"):
        scope = Scope.READ if role == "read" else Scope.WRITE
        key = make.CredentialFactory(organisation=world.organisation, scope=scope, by=steering)
        return {"Authorization": f"Bearer {key.token}"}
    client, csrf = Client(), "a" * 32
    client.force_login(make.MembershipFactory().user if role == "stranger" else world.people[role])
    session = client.cookies["sessionid"].value
    return {"Cookie": f"sessionid={session}; csrftoken={csrf}", "X-CSRFToken": csrf}


@pytest.mark.parametrize("role", ROLES)
def test_no_request_finds_what_the_schema_does_not_announce(role, server, world):
    names = names_of(world)
    config = configuration(role, server, headers_of(role, world), names)
    schema = schemathesis.openapi.from_dict(published(server, names), config=config)
    answered, judged, wrong = {}, set(), []
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            count(event.recorder, answered)
            judged |= {check.name for checks in event.recorder.checks.values() for check in checks}
            wrong += failures_of(event.recorder)
        elif isinstance(event, events.NonFatalError):
            wrong.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    total = sum(sum(statuses.values()) for statuses in answered.values())
    print(f"{role}: {total} requests")
    assert not wrong, "\n\n".join(wrong[:20]) + f"\n\n{len(wrong)} failures in {total} requests"
    assert judged >= RUN
    assert total >= share() + (SYSTEMATIC if role == "write" else 0)
    succeeded = {name for name, statuses in answered.items() if any(200 <= code < 300 for code in statuses)}
    assert succeeded == SUCCEEDS[role]


def count(recorder, answered):
    """Add the statuses of what was answered: {operation: Counter of statuses}."""
    for key, interaction in recorder.interactions.items():
        operation = recorder.cases[key].value.operation.definition.raw["operationId"]
        status = interaction.response.status_code if interaction.response else 0
        if interaction.request.method not in ("OPTIONS", "HEAD"):
            answered.setdefault(operation, Counter())[status] += 1


def failures_of(recorder):
    """Each failed check as a text: the check, the request, the answer."""
    for key, checks in recorder.checks.items():
        for check in checks:
            if check.status == Status.FAILURE:
                request, response = recorder.interactions[key].request, recorder.interactions[key].response
                failure = check.failure_info.failure
                yield (
                    f"{check.name}: {failure.title}. {failure.message[:600]}\n{request.method} {request.uri}\n"
                    f"{request.headers} {request.body}\n{response and response.status_code} {response and response.text[:300]}"
                )
