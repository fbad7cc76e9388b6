"""The guide of the API: what it promises is there, and every example of it does what it says."""

import json
import re
import shlex

import pytest
from django.conf import settings as configured
from django.urls import reverse

from actions import site_pages
from spaser.api.documents import SCHEMA
from spaser.api.problems import ANCHOR, KINDS
from tests.demonstration import run
from tests.factories import CredentialFactory
from tests.plans import load_plan

TEXT = site_pages.API_GUIDE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.fixture
def page(client, db):
    response = client.get(reverse("api_guide"))
    assert response.status_code == 200
    return response.content.decode()


def test_every_kind_of_error_is_explained_where_its_type_leads(page):
    anchors = set(re.findall(r'\sid="([^"]+)"', page))
    assert ANCHOR.startswith(reverse("api_guide") + "#")
    for status, (kind, _) in KINDS.items():
        anchor = ANCHOR.partition("#")[2] + kind
        assert anchor in anchors
        assert f"<strong>{status}.</strong>" in page.split(f'id="{anchor}"')[1].partition("<h")[0]


def test_its_links_lead_somewhere(client, page):
    addresses = set(re.findall(r'<a [^>]*href="(/[^"#]*)', page))
    assert {reverse("api:schema"), reverse("api:docs"), reverse("help")} <= addresses
    for address in addresses:
        assert client.get(address).status_code in (200, 302), address
    help_page = client.get(reverse("help")).content.decode()
    anchors = re.findall(r'href="/aide/#([^"]+)"', page)
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in help_page] == []
    assert f'href="{reverse("api_guide")}"' in help_page


def test_its_examples_ask_this_site_and_no_other(page):
    assert site_pages.EXAMPLE_SITE not in page
    assert f"{configured.SITE_URL}/api/v1/schemes/" in page
    hosts = set(re.findall(r"https?://[\w.-]+", "".join(code for _, code in BLOCKS)))
    assert hosts == {site_pages.EXAMPLE_SITE}


def test_its_rates_are_those_of_the_site():
    rates = configured.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    for asker, rate in (("une clé", "client"), ("une personne", "person"), ("un visiteur", "visitor")):
        assert re.search(rf"^\| {asker}[^|]*\| {rates[rate].partition('/')[0]} \|$", TEXT, re.MULTILINE)


def test_its_change_log_speaks_of_the_published_version():
    assert f"### {configured.SPECTACULAR_SETTINGS['VERSION']}, le " in TEXT


# The examples, one after the other, on the demonstration


def asked(command, token):
    """A curl command of the guide as arguments of the test client."""
    line, _, typed = command.partition(" <<'FIN'\n")
    words = iter(shlex.split(line.replace("$CLE", token))[1:])
    request = {"method": "GET", "path": "", "data": "", "headers": {}}
    for word in words:
        if word == "-X":
            request["method"] = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            request["headers"][name] = value
        elif word == "-d":
            request["data"] = next(words)
        elif word == "-o":
            next(words)
        elif word != "-i":
            request["path"] = word.removeprefix(site_pages.EXAMPLE_SITE)
    if request["data"] == "@-":
        request["data"] = typed.removesuffix("FIN\n")
    return request | {"content_type": "application/json"}


def within(shown, told):
    """Is what the guide shows, shortened, in what was answered?"""
    if isinstance(shown, dict):
        return isinstance(told, dict) and all(
            name in told and within(value, told[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(told, list) and all(any(within(one, other) for other in told) for one in shown)
    return shown == told


@pytest.fixture
def demonstration(db, settings, tmp_path):
    """The two plans of the Pas-de-Calais with the invented campaigns, and the token of a credential to write with."""
    settings.VAR_DIR, settings.DEMO = tmp_path, True
    scheme = load_plan("pas-de-calais-2026")
    load_plan("pas-de-calais-2017")
    run("demo_accounts")
    run("demo_campaign")
    return CredentialFactory(organisation=scheme.organisation, name="SIS Marchés", scope="api_write").token


def test_every_example_answers_what_the_guide_shows(client, demonstration):
    site, example = configured.SITE_URL, site_pages.EXAMPLE_SITE
    answers, compared = {}, 0
    for (kind, code), (follows, shown) in zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True):
        if kind != "sh" or "/editions/" in code:
            continue
        request = asked(code, demonstration)
        if "If-Match" in request["headers"]:  # somebody else was faster
            other = asked(code, demonstration) | {"data": '{"numerator": 431900, "denominator": 1830000}'}
            assert client.generic(**other).status_code == 200
        response = client.generic(**request)
        answers[request["path"]] = response.status_code
        if follows == "json":
            told = json.loads(response.content.decode().replace(site, example))
            assert within(json.loads(shown), told), (code, told)
            compared += 1
    assert set(answers.values()) == {200, 422}
    assert compared == 6


def test_what_the_guide_shows_of_an_edition_is_in_the_schema():
    shown = next(json.loads(code) for kind, code in BLOCKS if kind == "json" and '"sha256"' in code)
    schemas = json.loads(SCHEMA.read_text(encoding="utf-8"))["components"]["schemas"]
    [edition] = shown["results"]
    assert set(edition) <= set(schemas["Edition"]["properties"])
    assert set(edition["files"][0]) <= set(schemas["EditionFile"]["properties"])


def test_no_other_example_is_broken():
    assert {kind for kind, _ in BLOCKS} == {"sh", "json"}
    for kind, code in BLOCKS:
        if kind == "json":
            json.loads(code)
