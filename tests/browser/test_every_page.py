"""Every page that answers, for every role, light and dark, on a phone, a tablet and a desk: accessible, light, self-contained.

The addresses and who gets them are the tables of tests/test_roles.py, so a new page is walked as soon as it is listed
there. What two addresses give a role alike is looked at once. `make audit` runs this walk and keeps what it finds for the
accessibility statement.
"""

import gzip
import os
import re
from datetime import date
from itertools import product

import pytest
from django.test import Client

from actions.audit import View, read_audit, write_audit
from actions.site_pages import AUDIT
from tests.browser.window import RULES, Window
from tests.test_roles import GET
from tests.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # what a browser shows does not depend on the database: one engine is enough
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]
WIDTHS, COLOURS = (1440, 768, 320), ("light", "dark")
ROLES = ["steering", "pilot", "contributor", "other_pilot", "copil", "anonymous"]
NOT_PAGES = {"admin:index"}  # Django's own administration has its own look
LIGHT, WITH_PLOTLY = 150_000, 600_000  # bytes, gzipped


@pytest.fixture
def world(db, settings, tmp_path):
    settings.MEDIA_ROOT, settings.DEMO = tmp_path, True
    return World("Armorique", first=41_190_001)


@pytest.fixture(scope="module")
def audit():
    """The views of the whole walk; written down at its end when AUDIT=1 asks for it."""
    found = {"views": [], "axe": ""}
    yield found
    if os.environ.get("AUDIT") == "1":
        write_audit(found["views"], AUDIT, on=date.today(), axe=found["axe"], rules=RULES)


def pages_of(role, world):
    """{name: address} of the HTML pages that this role is given, each once."""
    client = Client()
    if role != "anonymous":
        client.force_login(world.people[role])
    found, seen = {}, set()
    for name, url in world.urls().items():
        if GET[name][role] != 200 or name in NOT_PAGES:
            continue
        response = client.get(url)
        if response.streaming or not response["Content-Type"].startswith("text/html"):
            response.close()
            continue
        same = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        if same not in seen:
            seen.add(same)
            found[name] = url
    return found


def logged_in(window, role, world):
    """`window` with the session of `role`, as the login page would have given it."""
    if role != "anonymous":
        client = Client()
        client.force_login(world.people[role])
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": window.base}
        window.page.context.add_cookies([cookie])
    return window


def weights(responses, known):
    """(bytes without plotly, bytes with it) of what a page fetched, gzipped as the site sends it."""
    light = heavy = 0
    for response in responses:
        if response.url not in known or "/static/" not in response.url:
            body = response.body()
            known[response.url] = len(body) if response.url.endswith("woff2") else len(gzip.compress(body))
        heavy += known[response.url]
        light += 0 if "plotly" in response.url else known[response.url]
    return light, heavy


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(role, visit, world, audit):
    pages = pages_of(role, world)
    window: Window = logged_in(visit(reduced_motion="reduce"), role, world)  # a colour on its way is no fault
    page, fetched, known, faults = window.page, [], {}, []
    page.on("response", lambda response: fetched.append(response))
    for name, path in pages.items():
        fetched.clear()
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        window.open(path)
        page.wait_for_load_state("networkidle")
        light, heavy = weights(list(fetched), known)
        if light > LIGHT or heavy > WITH_PLOTLY:
            faults.append((name, "weight", light, heavy))
        for colours, width in product(COLOURS, WIDTHS):
            page.emulate_media(color_scheme=colours)
            page.set_viewport_size({"width": width, "height": 900})
            broken = window.violations()
            faults += [(name, colours, width, *found) for found in broken]
            rules = tuple({rule for rule, *_ in broken})
            audit["views"].append(View(name.partition("@")[0], role, width, colours, rules))
            if window.overflow() > 0:
                faults.append((name, colours, width, "scrolls sideways"))
    audit["axe"] = page.evaluate("axe.version")
    assert faults == []
    assert window.faults == []
    assert len(pages) > 3


def test_the_accessibility_statement_speaks_of_every_page(world):
    """A page that is new, or gone, asks for another audit: `make audit`."""
    walked = {name.partition("@")[0] for role in ROLES for name in pages_of(role, world)}
    assert set(read_audit(AUDIT).pages) == walked
