"""The published OpenAPI schema: it is what the code says today, and whoever integrates the API can read it."""

import json
import re

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from spaser.api.documents import SCHEMA

ADDRESS = "/api/v1/openapi.json"
RENEW = (
    "The committed schema is not that of the code: run `make schema`, and say what changed in docs/api.md."
)


@pytest.fixture(scope="module")
def published():
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def test_the_committed_schema_is_that_of_the_code():
    GENERATOR_STATS.reset()
    made = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(made)
    assert not GENERATOR_STATS, "drf-spectacular warns: `make schema` says of what."
    assert OpenApiJsonRenderer().render(made, renderer_context={}) == SCHEMA.read_bytes(), RENEW


def test_anyone_reads_the_schema(client, published):
    response = client.get(ADDRESS, HTTP_ACCEPT="application/vnd.oai.openapi+json")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert not response.has_header(
        "Access-Control-Allow-Origin"
    )  # open to other sites are published editions alone
    assert response.json() == published
    assert client.get(ADDRESS, HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    assert client.post(ADDRESS).status_code == 405


def test_the_schema_is_that_of_whatever_site_serves_it(published):
    assert published["openapi"].startswith("3.1")
    assert [server["url"] for server in published["servers"]] == ["/"]


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_every_operation_says_what_it_does_and_where_it_belongs(published):
    found = dict(operations(published))
    names = [operation["operationId"] for operation in found.values()]
    assert len(found) >= 30
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in published["tags"]}
    for place, operation in found.items():
        assert operation["summary"] and not operation["summary"].endswith("."), place
        assert set(operation["tags"]) <= tags, place
        assert all(parameter["description"] for parameter in operation["parameters"]), place


def test_who_must_be_known_is_said_of_each_operation(published):
    known = [{"credential": []}, {"session": []}]
    for place, operation in operations(published):
        assert operation["security"] == ([*known, {}] if "editions" in place else known), place


def test_what_is_referred_to_exists(published):
    def references(part):
        if isinstance(part, dict):
            yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    for address in set(references(published)):
        found = published
        for step in address.removeprefix("#/").split("/"):
            assert step in found, address
            found = found[step]


def test_the_examples_are_what_the_schema_says(published):
    shown = 0
    for name, schema in published["components"]["schemas"].items():
        for example in schema.get("examples", []):
            shown += 1
            whole = {"$ref": f"#/components/schemas/{name}", "components": published["components"]}
            judge = Draft202012Validator(whole)
            assert [error.message for error in judge.iter_errors(example)] == [], name
    assert shown > 15


def test_the_documentation_asks_no_other_host(client):
    response = client.get("/api/v1/docs/")
    assert response.status_code == 200
    text = response.content.decode() + client.get("/api/v1/docs/?script=").content.decode()
    assert not re.search(r"https?://", text)
    assert '"validatorUrl": null' in text
    policy = response["Content-Security-Policy"]
    assert "img-src 'self' data:" in policy
    assert "unsafe" not in policy
