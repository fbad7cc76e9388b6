"""The style sheets: contrast of their tokens, tokens and classes that exist, and nothing that the policy refuses."""

import re
from pathlib import Path

import pytest

from actions.appearance import DARK, LIGHT
from actions.design import measured, read_tokens, tokens
from indicators.models import ActionState, ReportStatus

ROOT = Path(__file__).parent.parent.parent
SHEETS = [ROOT / "static" / "app.css", *sorted((ROOT / "static" / "css").glob("*.css"))]
CSS = "\n".join(path.read_text(encoding="utf-8") for path in SHEETS)


@pytest.mark.parametrize(("number", "name"), [(0, "light"), (1, "dark")])
def test_the_colours_that_meet_part_well_enough(number, name):
    pairs = measured(tokens()[number])
    assert len(pairs) > 60
    assert [(pair.front, pair.ground, pair.contrast) for pair in pairs if not pair.holds] == []


def test_a_weak_colour_would_be_seen():
    light = {name: "#777777" if name == "ink-soft" else value for name, value in tokens()[0].items()}
    assert {pair.front for pair in measured(light) if not pair.holds} == {"ink-soft"}


def test_the_colours_of_an_organisation_are_derived_from_the_same_grounds():
    light, dark = tokens()
    for theme, constants in ((light, LIGHT), (dark, DARK)):
        assert {name: theme[name] for name in constants} == constants


def test_the_dark_theme_redefines_colours_and_nothing_else():
    light, dark = read_tokens(
        ":root { --a: #fff; --b: 1rem; } @media screen and (prefers-color-scheme: dark) { --a: #000; }"
    )
    assert (light, dark) == ({"a": "#fff", "b": "1rem"}, {"a": "#000", "b": "1rem"})
    light, dark = tokens()
    changed = {name for name in light if light[name] != dark[name]}
    assert all(re.fullmatch(r"#[0-9a-f]{6}", dark[name]) for name in changed)


def test_every_token_that_is_used_is_defined():
    used = set(re.findall(r"var\(--([\w-]+)", CSS))
    defined = set(re.findall(r"--([\w-]+)\s*:", CSS))
    assert {name for name in used - defined if not name.startswith("pico-")} == set()


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_brace_is_closed(path):
    depth = 0  # one brace too many, and a browser skips the next rule without a word
    for brace in re.findall(
        r"[{}]", re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", path.read_text(encoding="utf-8"), flags=re.S)
    ):
        depth += 1 if brace == "{" else -1
        assert 0 <= depth <= 2
    assert depth == 0


def test_every_state_and_status_has_a_badge_and_a_fill():
    light, _ = tokens()
    for key in [*ActionState.values, *ReportStatus.values]:
        assert re.search(rf"\.badge-{key} {{[^}}]*--sign:", CSS), key
        assert f"fill-{key}" in light


def test_style_sheets_ask_for_files_of_the_site_only():
    addresses = re.findall(r"url\(\"?([^\")]+)", CSS)
    assert addresses
    assert [address for address in addresses if re.match(r"data:|https?:|//", address)] == []


def test_every_class_that_is_styled_is_used():
    """A rule whose class stands in no template, script or view has outlived its page."""
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("**/*.js")]
    sources += [
        path
        for app in ("spaser", "actions", "indicators", "reporting")
        for path in (ROOT / app).rglob("*.py")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources if "vendor" not in path.parts)
    words = set(re.findall(r"[\w-]+", text))
    rules = re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"", "", CSS, flags=re.S)
    heads = re.findall(r"([^{}]+)\{", rules)
    heads = [head for head in heads if ".swagger-ui" not in head]  # whose classes are its own
    classes = {name for head in heads for name in re.findall(r"\.([a-zA-Z][\w-]*)", head)}
    families = tuple(
        re.findall(r"[ \"]([\w-]+-){[{%]?", text)
    )  # written with a key behind: badge-{{ status }}
    plotly = {"annotation-text", "js-plotly-plot"}
    assert {name for name in classes - words - plotly if not name.startswith(families)} == set()


def shown(text):
    """What a template shows, without its tags, or the text that it only prints for machines."""
    return re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>", "\x00", text, flags=re.S)


MISSING = r"\w'\w| [;!?:»](?!\w)|« "


@pytest.mark.parametrize("text", ["l'action", "Fin !", "Nom : x", "« oui", "oui »"])
def test_an_ordinary_space_or_apostrophe_would_be_seen(text):
    assert re.search(MISSING, shown(f"<p>{text}</p>"))


def test_templates_have_the_spaces_and_apostrophes_of_french():
    """A no-break space stands before « : » and within « », a narrow one before « ; ! ? », and the apostrophe is curved."""
    bilan = {"bilan.html", "bilan_table.html"}  # printed, and measured line by line, by tests of their own
    for path in (ROOT / "templates").rglob("*.html"):
        text = shown(path.read_text(encoding="utf-8"))
        if path.name not in bilan:
            assert [text[found.start() - 20 : found.end()] for found in re.finditer(MISSING, text)] == [], (
                path
            )
