"""What holds for the whole tree: imports go down, views are closed, nothing of a machine is committed."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver
from rest_framework.permissions import AllowAny

from actions.api.authentication import InScope

ROOT = Path(__file__).parent.parent
APPS = ["spaser", "actions", "indicators", "reporting"]  # from the bottom up
ALLOWED_UP = {("spaser", "urls.py")}  # the project includes its apps' addresses, by name


def sources(app):
    return [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


def upward(app, names):
    above = APPS[APPS.index(app) + 1 :]
    return {name for name in names if name.partition(".")[0] in above}


@pytest.mark.parametrize("app", APPS)
def test_imports_go_down(app):
    found = {str(path.relative_to(ROOT)): upward(app, imported(path)) for path in sources(app)}
    assert {path: names for path, names in found.items() if names} == {}


def test_an_upward_import_would_be_seen():
    assert upward("actions", ["django.db", "indicators.models", "spaser.french"]) == {"indicators.models"}


def views(resolver, prefix=""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from views(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


# the only pages that answer without an account: one logs in, asks for the link that sets a password, or reads about the site
OPEN = {
    "",  # what is public, for a visitor
    "editions/",  # what was made public
    "publications/<slug:slug>/<slug:edition>/",
    "publications/<slug:slug>/<slug:edition>/v<int:version>/",
    "publications/<slug:slug>/<slug:edition>/v<int:version>/images/<int:rank>/",
    "publications/<slug:slug>/<slug:edition>/v<int:version>/<str:name>",
    "publications/<slug:slug>/<slug:edition>/derniere-version<str:suffix>",
    "connexion/",
    "mot-de-passe/",
    "mot-de-passe/envoye/",
    "mot-de-passe/choisi/",
    "mot-de-passe/<uidb64>/<token>/",
    "aide/",
    "aide/guide/",
    "api/",  # how to use the API
    "nouveautes/",
    "accessibilite/",
    "mentions-legales/",
    "confidentialite/",
    "collectivites/<slug:slug>/theme.css",  # of an organisation that has published something
    "collectivites/<slug:slug>/logo/",
    "style/",  # in the demonstration only
    "rappels/desabonnement/<str:token>/",  # by the signed link of a message
}


# the same of the API: who asks for anything else gives a credential, or is logged in
OPEN_API = {
    "api/v1/openapi.json",
    "api/v1/docs/",
    "api/v1/editions/",  # what was made public
    "api/v1/organisations/<slug:organisation>/editions/<slug:edition>/",
    "api/v1/organisations/<slug:organisation>/editions/<slug:edition>/v<int:version>/",
    "api/v1/",  # nothing is there
}


def test_pages_are_closed_by_default():
    opened = {
        address
        for address, entry in views(get_resolver())
        if not getattr(entry.callback, "login_required", True)
        and not address.startswith(("gestion/", "api/v1/"))
    }
    assert opened == OPEN


def test_the_api_is_closed_by_default():
    asked = {
        address: entry.callback.cls.permission_classes
        for address, entry in views(get_resolver())
        if address.startswith("api/v1/")
    }
    assert {address for address, asked_of in asked.items() if asked_of == [AllowAny]} == OPEN_API
    assert all(asked_of == [InScope] for address, asked_of in asked.items() if address not in OPEN_API)


def test_every_template_compiles():
    for path in (ROOT / "templates").rglob("*.html"):
        get_template(str(path.relative_to(ROOT / "templates")))


def test_every_template_is_used():
    code = "\n".join(path.read_text(encoding="utf-8") for app in APPS for path in sources(app))
    pages = {
        str(path.relative_to(ROOT / "templates")): path.read_text(encoding="utf-8")
        for path in (ROOT / "templates").rglob("*.html")
    }
    text = code + "\n".join(pages.values())
    found_by_django = ("admin/", "registration/", "django/forms/", "400", "403", "404", "500")
    unused = {name for name in pages if f'"{name}"' not in text and f"'{name}'" not in text}
    assert {name for name in unused if not name.startswith(found_by_django)} == set()


def test_templates_have_no_inline_script_style_or_handler():
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", text), path


def committed():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_nothing_of_a_machine_is_committed():
    # spelled in halves, so that this file does not hold what it forbids
    registries = "|".join(["py" + r"pi\.org", "registry" + r"\.npm", "python" + r"hosted\.org"])
    folders = "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me"])
    forbidden = re.compile(rf"/({folders})/|\.\./sha" + r"red|--index" + rf"-url|{registries}")
    for path in committed():
        if (
            path.suffix in {".py", ".md", ".txt", ".toml", ".yml", ".yaml", ".html", ".css"}
            or path.name == "Makefile"
        ):
            found = forbidden.search(path.read_text(encoding="utf-8"))
            assert not found, (path, found and found.group())


def test_dependencies_are_locked_with_hashes_and_pinned_with_a_reason():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = re.findall(r'^    "([^"]+)",(.*)$', text, flags=re.M)
    dependencies = [(name, rest) for name, rest in declared if "==" in name]
    assert len(dependencies) > 10
    for name, rest in dependencies:
        assert re.search(r"#\s*\w", rest) or name.startswith("pytest"), name
    for lock in ("requirements.lock.txt", "requirements-dev.lock.txt"):
        lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
        pins = [line for line in lines if re.match(r"^[a-z0-9]", line)]
        assert pins
        assert all("==" in pin and pin.endswith("\\") for pin in pins)
        assert sum("--hash=sha256:" in line for line in lines) >= len(pins)
