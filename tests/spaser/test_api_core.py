"""What every resource of the API shares: errors as problem details, CSV, conditional requests, quotas, other sites, credentials."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from actions.api import authentication
from actions.api.views import PillarList
from actions.models import Scope
from actions.services import revoke_credential
from spaser.api.problems import KINDS
from spaser.api.throttling import Quota
from tests.factories import (
    CampaignFactory,
    CredentialFactory,
    DirectionFactory,
    EditionFactory,
    MeasureFactory,
    PillarFactory,
    ReadingFactory,
    ReportFactory,
)

pytestmark = pytest.mark.django_db

PLAN = "/api/v1/schemes/spaser-2026"
BATCH = f"{PLAN}/readings/batch/"
FIELDS = {"type", "title", "status", "detail", "instance", "errors"}


@pytest.fixture
def key(organisation):
    return CredentialFactory(organisation=organisation, scope=Scope.WRITE)


def client_of(key, **options):
    return Client(headers={"Authorization": f"Bearer {key.token}"}, **options)


@pytest.fixture
def api(key):
    return client_of(key)


@pytest.fixture
def edition(organisation):
    return EditionFactory(organisation=organisation, slug="bilan-2026", public=True)


def problem(response, status):
    """The problem that an answer tells, once it is one."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    kind, title = KINDS[status]
    assert set(told) <= FIELDS
    assert told["type"] == f"{site.SITE_URL}/api/#erreur-{kind}"
    assert (told["title"], told["status"]) == (title, status)
    assert told["instance"] == response.wsgi_request.path
    return told


def post(client, address, body, **options):
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(address, content, **{"content_type": "application/json"} | options)


# Errors


def test_all_that_is_wrong_with_a_query_is_told_at_once(api, scheme):
    told = problem(
        api.get(f"{PLAN}/campaigns/?year=1&demonstration=oui&couleur=1&page=0&page_size=5000&kind=x"), 400
    )
    assert {fault["parameter"] for fault in told["errors"]} == {
        "year",
        "demonstration",
        "couleur",
        "page",
        "page_size",
        "kind",
    }
    assert all(set(fault) == {"parameter", "detail"} for fault in told["errors"])
    [unknown] = [fault["detail"] for fault in told["errors"] if fault["parameter"] == "couleur"]
    assert unknown.startswith("Paramètre inconnu. Ceux d’ici : demonstration, format, kind, ordering, page,")


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("?year=", "La valeur manque. Sans ce paramètre, rien n’est filtré."),
        ("?year=2025&year=2026", "Ce paramètre est donné plusieurs fois."),
        ("?demonstration=oui", "Donnez true ou false."),
        ("?ordering=year,", "Un nom manque avant ou après une virgule."),
        ("?page=last", "Un nombre entier, à partir de 1."),
        ("?page_size=1001", "Un nombre entier, de 1 à 1000."),
        ("?format=csv&page_size=1001", "Un nombre entier, de 1 à 1000."),
    ],
)
def test_what_is_no_value_of_a_parameter_is_refused_rather_than_passed_over(api, scheme, query, detail):
    [fault] = problem(api.get(f"{PLAN}/campaigns/{query}"), 400)["errors"]
    assert fault["detail"] == detail


def test_an_item_refuses_parameters_that_it_does_not_know(api, scheme):
    [fault] = problem(api.get(f"{PLAN}/?champs=titre"), 400)["errors"]
    assert fault == {"parameter": "champs", "detail": "Paramètre inconnu. Ceux d’ici : format."}


@pytest.mark.parametrize(
    "body", ["{", "[1, 2", '{"readings": [], "readings": []}', "NaN", b"\xff\xfe", "[" * 100_000]
)
def test_what_is_no_json_is_told_so(api, scheme, body):
    assert (
        problem(post(api, BATCH, body), 400)["detail"] == "Le corps de la requête n’est pas du JSON en UTF-8."
    )


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ([], ["#"]),
        ({}, ["#/readings"]),
        ("", ["#/readings"]),
        ({"readings": {}, "all_or_nothing": "peut-être", "force": 1}, ["#/readings", "#/all_or_nothing", "#/force"]),
        ({"readings": [], "a/b~c": 1}, ["#/readings", "#/a~1b~0c"]),
    ],
)  # fmt: skip
def test_a_body_of_another_shape_is_told_where(api, scheme, body, pointers):
    errors = problem(post(api, BATCH, body), 400)["errors"]
    assert [fault["pointer"] for fault in errors] == pointers
    assert all(set(fault) == {"pointer", "detail"} and fault["detail"] for fault in errors)


def test_who_is_not_known_is_asked_for_a_credential(client, scheme):
    response = client.get(f"{PLAN}/")
    assert problem(response, 401)["detail"].startswith("Donnez une clé d’accès")
    assert response["WWW-Authenticate"] == 'Bearer realm="SPASER"'


def test_a_credential_to_read_with_writes_nothing(organisation, scheme):
    reader = client_of(CredentialFactory(organisation=organisation, scope=Scope.READ))
    told = problem(post(reader, BATCH, {"readings": [{}]}), 403)
    assert told["detail"] == "Cette clé d’accès ne donne que la lecture."


@pytest.mark.parametrize(
    "address",
    [
        "nowhere/",
        "schemes/ailleurs/",
        "schemes/spaser-2026/pillars/P_1/",
        "schemes/spaser-2026/pillars/P%00/",
        "schemes/spaser-2026/campaigns/26/",
        "schemes/spaser-2026/campaigns/9999/",
        "schemes/spaser-2026/readings/G1/2026/",
        f"organisations/departement/editions/bilan/v{'9' * 30}/",
    ],
)
def test_where_there_is_nothing_a_problem_says_so(api, scheme, address):
    told = problem(api.get(f"/api/v1/{address}"), 404)
    assert told["detail"] == "Rien à cette adresse, ou rien que vous puissiez lire."


@pytest.mark.parametrize("address", ["nowhere", "schemes/spaser-2026/pillars"])
def test_an_address_without_its_slash_is_told_of_it(api, scheme, address):
    told = problem(api.get(f"/api/v1/{address}"), 404)
    assert told["detail"] == "Les adresses de l’API finissent par « / »."


def test_a_method_that_is_not_meant_is_named_beside_those_that_are(api, scheme):
    response = api.delete(f"{PLAN}/pillars/")
    assert problem(response, 405)["detail"] == "La méthode DELETE n’est pas prévue à cette adresse."
    assert "GET" in response["Allow"] and "DELETE" not in response["Allow"]


def test_a_format_that_is_not_there_is_refused(api, scheme):
    told = problem(api.get(f"{PLAN}/", headers={"Accept": "application/xml"}), 406)
    assert told["detail"] == "Aucun des formats demandés n’est disponible ici."
    problem(api.get(f"{PLAN}/", headers={"Accept": "text/csv"}), 406)  # an item is no table
    problem(api.get(f"{PLAN}/pillars/?format=xml"), 406)


def test_a_body_that_is_too_long_is_refused(api, scheme):
    told = problem(post(api, BATCH, '{"readings": ["' + "x" * 2_000_000 + '"]}'), 413)
    assert told["detail"] == "Au plus 2 Mo par requête."


def test_a_body_that_is_not_json_is_refused(api, scheme):
    response = post(api, BATCH, "measure,value", content_type="text/csv")
    assert problem(response, 415)["detail"] == "Envoyez du JSON (Content-Type: application/json)."


def test_an_error_of_the_server_tells_nothing_of_the_code(key, scheme, monkeypatch, caplog):
    def broken(view):
        raise RuntimeError("mot de passe de la base")

    monkeypatch.setattr(PillarList, "get_queryset", broken)
    response = client_of(key, raise_request_exception=False).get(f"{PLAN}/pillars/")
    assert problem(response, 500)["detail"] == "L’erreur est notée. Réessayez plus tard."
    assert b"mot de passe" not in response.content and b"RuntimeError" not in response.content
    assert "mot de passe de la base" in caplog.text  # whoever runs the site reads it


# CSV


def rows_of(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode()
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_table_is_given_whole_and_as_it_is_written(api, scheme):
    for n in range(105):
        PillarFactory(scheme=scheme, code=f"P{n:03}", position=n)
    title, text = 'Clauses « sociales », "vertes"', "Une ligne,\nune autre ; et\tune fin"
    PillarFactory(scheme=scheme, code="P105", title=title, introduction=text, position=105)
    response = api.get(f"{PLAN}/pillars/?format=csv&page_size=10&page=7")
    rows = rows_of(response)
    assert [row["code"] for row in rows] == [f"P{n:03}" for n in range(106)]
    assert list(rows[0]) == ["scheme", "code", "number", "title", "introduction", "origin", "source_note"]
    assert (rows[-1]["title"], rows[-1]["introduction"], rows[-1]["scheme"]) == (title, text, "spaser-2026")
    assert response["Content-Disposition"] == 'attachment; filename="pillars.csv"'


def test_a_table_is_also_negotiated_filtered_and_ordered(api, organisation):
    for code, active in (("DMG", True), ("DAS", True), ("DEC", False)):
        DirectionFactory(organisation=organisation, code=code, active=active)
    address = f"/api/v1/organisations/{organisation.slug}/directions/?active=true&ordering=-code"
    rows = rows_of(api.get(address, headers={"Accept": "text/csv"}))
    assert [(row["code"], row["active"]) for row in rows] == [("DMG", "true"), ("DAS", "true")]


def test_values_of_a_table_are_for_programs(api, scheme, action):
    report = ReportFactory(campaign=CampaignFactory(scheme=scheme), action=action)
    measure = MeasureFactory(indicator__action=action, code="G1", type="amount")
    reading = ReadingFactory(report=report, measure=measure, number="1234.5", comment="=SOMME(A1:A9)")
    [row] = rows_of(api.get(f"{PLAN}/readings/?format=csv"))
    assert (row["measure"], row["value"], row["numerator"], row["confirmed"]) == ("G1", "1234.5", "", "false")
    assert row["comment"] == "'=SOMME(A1:A9)"  # to a spreadsheet, no formula
    assert row["version"] == str(reading.version)


def test_a_table_has_no_column_for_what_is_nested_and_joins_lists(api, action, contributor):
    rows = rows_of(api.get(f"{PLAN}/actions/?format=csv"))
    assert not {"involvements", "steps"} & set(rows[0])
    assert rows[0]["pilots"] == "DMG"


# Conditional requests


@pytest.fixture
def addresses(scheme, action, edition):
    CampaignFactory(scheme=scheme)
    return [
        f"{PLAN}/pillars/",
        f"{PLAN}/pillars/?format=csv",
        f"{PLAN}/",
        f"{PLAN}/plan/",
        f"{PLAN}/actions/{action.code}/",
        f"{PLAN}/campaigns/2026/",
        "/api/v1/editions/",
        "/api/v1/organisations/departement/editions/bilan-2026/",
        "/api/v1/organisations/departement/editions/bilan-2026/v1/",
    ]


def test_what_has_not_changed_is_not_sent_again(api, addresses):
    for address in addresses:
        first = api.get(address)
        assert first.status_code == 200 and first["ETag"], address
        again = api.get(address, headers={"If-None-Match": f'"other", {first["ETag"]}'})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"]), address
        assert api.get(address, headers={"If-None-Match": '"other"'}).status_code == 200, address


def test_what_has_changed_has_another_etag(api, scheme, action):
    asked = [f"{PLAN}/pillars/", f"{PLAN}/plan/", f"{PLAN}/pillars/?format=csv"]
    before = {address: api.get(address)["ETag"] for address in asked}
    action.objective.pillar.title = "Un autre titre"
    action.objective.pillar.save()
    for address, etag in before.items():
        assert api.get(address, headers={"If-None-Match": etag}).status_code == 200, address


def test_no_cache_in_between_keeps_an_answer(api, client, addresses):
    for asker in (api, client):
        for address in [*addresses, "/api/v1/nowhere"]:
            response = asker.get(address)
            assert set(response["Cache-Control"].split(", ")) == {"no-cache", "private"}, address
            assert {"Accept", "Authorization", "Cookie"} <= set(response["Vary"].split(", ")), address


# Quotas


@pytest.fixture
def quotas(settings, monkeypatch):
    """Three requests a minute for a credential, two for a person, one for a visitor."""
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": memory, "LOCATION": "quotas"}}
    rates = {"client": "3/min", "person": "2/min", "visitor": "1/min"}
    monkeypatch.setattr(Quota, "THROTTLE_RATES", rates)
    cache.clear()
    yield
    cache.clear()


def test_a_credential_is_told_what_is_left_and_then_to_wait(api, quotas, scheme):
    left = []
    for _ in range(3):
        response = api.get(f"{PLAN}/")
        assert response.status_code == 200
        assert response["RateLimit-Policy"] == '"client";q=3;w=60'
        left.append(response["RateLimit"])
    assert [told.split(";t=")[0] for told in left] == ['"client";r=2', '"client";r=1', '"client";r=0']
    refused = api.get(f"{PLAN}/")
    assert problem(refused, 429)["detail"].startswith("Réessayez plus tard")
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert refused["RateLimit"].startswith('"client";r=0;t=')


def test_each_asker_has_a_quota_of_its_own(
    api, quotas, organisation, scheme, steering, copil_member, edition
):
    assert [api.get(f"{PLAN}/").status_code for _ in range(4)] == [200, 200, 200, 429]
    other = client_of(CredentialFactory(organisation=organisation))
    assert other.get(f"{PLAN}/").status_code == 200
    for person in (steering, copil_member):
        browser = Client()
        browser.force_login(person)
        assert [browser.get(f"{PLAN}/").status_code for _ in range(3)] == [200, 200, 429]
    for address in ("192.0.2.1", "192.0.2.2"):
        visitor = Client(REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR="198.51.100.7")  # which anyone may write
        assert [visitor.get("/api/v1/editions/").status_code for _ in range(2)] == [200, 429]


def test_behind_a_proxy_a_visitor_is_who_the_proxy_says(quotas, edition, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    for address in ("192.0.2.1", "192.0.2.2"):
        visitor = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"203.0.113.9, {address}")
        assert [visitor.get("/api/v1/editions/").status_code for _ in range(2)] == [200, 429]


# Other sites


def test_only_published_editions_are_open_to_other_sites(client, api, addresses):
    published = {address for address in addresses if "editions" in address}
    assert published
    for asker in (client, api):
        for address in [*addresses, "/api/v1/", "/api/v1/openapi.json", "/api/v1/docs/", "/api/v1/nowhere"]:
            allowed = asker.get(address, headers={"Origin": "https://ailleurs.example"}).headers.get(
                "Access-Control-Allow-Origin"
            )
            assert allowed == ("*" if address in published else None), address


@pytest.mark.parametrize("query", ["", "?format=csv", "?kind=bilan"])
def test_a_browser_may_ask_beforehand(client, edition, query):
    asked = {"Origin": "https://ailleurs.example", "Access-Control-Request-Method": "GET"}
    response = client.options(f"/api/v1/editions/{query}", headers=asked)
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_a_browser_is_let_nowhere_else(client, api, scheme):
    for asker in (client, api):
        response = asker.options(BATCH, headers={"Origin": "https://ailleurs.example"})
        assert response.status_code in (401, 405)
        assert "Access-Control-Allow-Origin" not in response


# Credentials


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer spaser_",
        "Bearer spaser__",
        "Bearer spaser_0a1b2c3d_no-such-secret",
        "Bearer autre_{prefix}_{secret}",
        "Bearer spaser_{prefix}_{secret}x",
        "Bearer spaser_{prefix}_",
        "Bearer spaser_{prefix}_é",
        "Bearer spaser_\x00_{secret}",
        "Basic c3Bhc2VyOnNwYXNlcg==",
        "{token}",
    ],
)
def test_what_is_no_credential_opens_nothing(client, key, scheme, header):
    _, prefix, secret = key.token.split("_", 2)
    header = header.replace("{prefix}", prefix).replace("{secret}", secret).replace("{token}", key.token)
    response = client.get(f"{PLAN}/", headers={"Authorization": header})
    assert problem(response, 401)["detail"] == "Cette clé d’accès n’existe pas."
    assert response["WWW-Authenticate"] == 'Bearer realm="SPASER"'


def test_the_word_before_a_token_is_read_in_any_case(client, key, scheme):
    assert client.get(f"{PLAN}/", headers={"Authorization": f"bearer {key.token}"}).status_code == 200


def test_a_credential_that_is_revoked_expired_or_without_its_account_says_so(
    organisation, scheme, steering, key
):
    today = timezone.localdate()
    last = CredentialFactory(organisation=organisation, expires_on=today)
    assert client_of(last).get(f"{PLAN}/").status_code == 200  # through its last day
    last.expires_on = today - timedelta(days=1)
    last.save(update_fields=["expires_on"])
    told = problem(client_of(last).get(f"{PLAN}/"), 401)
    assert told["detail"] == f"Cette clé d’accès a expiré le {last.expires_on:%d/%m/%Y}."
    revoke_credential(key, by=steering, at=timezone.now())
    assert problem(client_of(key).get(f"{PLAN}/"), 401)["detail"] == "Cette clé d’accès est révoquée."
    closed = CredentialFactory(organisation=organisation)
    closed.account.is_active = False
    closed.account.save()
    assert problem(client_of(closed).get(f"{PLAN}/"), 401)["detail"] == "Cette clé d’accès est révoquée."
    assert last.last_used_at is None and closed.last_used_at is None


def test_the_last_use_is_kept_to_the_minute(api, key, scheme, monkeypatch):
    noon = timezone.now().replace(microsecond=0)
    moments = {0: noon, 59: noon, 60: noon + timedelta(seconds=60), 61: noon + timedelta(seconds=60)}
    for seconds, kept in moments.items():
        monkeypatch.setattr(authentication.timezone, "now", lambda s=seconds: noon + timedelta(seconds=s))
        api.get(f"{PLAN}/")
        key.refresh_from_db()
        assert key.last_used_at == kept, seconds
