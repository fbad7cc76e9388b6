"""Markdown as HTML: the structure of a page holds whatever is typed, and nothing typed becomes markup."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaser.markdown import Heading, render

TAGS = {
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "ul",
    "ol",
    "li",
    "em",
    "strong",
    "a",
    "code",
    "pre",
    "blockquote",
    "br",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
ATTRIBUTES = {"id", "href", "rel", "class", "role", "tabindex", "aria-label", "scope", "data-label", "start"}


class Seen(HTMLParser):
    """The tags of some HTML with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


def html(text, **options):
    return str(render(text, **options).html)


def levels(text, **options):
    return [heading.level for heading in render(text, **options).headings]


# Headings


def test_headings_begin_at_the_level_of_the_page_and_keep_their_order():
    assert levels("# A\n\n## B\n\n# C") == [2, 3, 2]
    assert levels("### A\n\n###### B\n\n# C", top=3) == [3, 4, 3]


def test_headings_go_no_deeper_than_six():
    assert levels("# A\n\n## B\n\n### C\n\n#### D", top=4) == [4, 5, 6, 6]


def test_a_heading_has_an_anchor_of_its_own():
    rendered = render("## Durée\n\n## Durée\n\n## !", prefix="nord-")
    assert rendered.headings == (
        Heading("nord-duree", "Durée", 2),
        Heading("nord-duree-2", "Durée", 2),
        Heading("nord-partie", "!", 2),
    )
    assert [attrs["id"] for attrs in Seen(rendered.html).all("h2")] == [
        "nord-duree",
        "nord-duree-2",
        "nord-partie",
    ]


def test_an_empty_heading_is_none():
    assert html("##\n\nTexte") == "<p>Texte</p>\n"


# What may be written


def test_lists_and_emphasis():
    assert html("- un **gras**\n- deux") == "<ul>\n<li>un <strong>gras</strong></li>\n<li>deux</li>\n</ul>\n"


def test_words_are_in_french_typography_and_code_is_not():
    assert html("Oui : « non » ! `a : b`") == (
        "<p>Oui\u00a0: «\u00a0non\u00a0»\u202f! <code>a : b</code></p>\n"
    )


def test_a_table_tells_its_columns_and_rows():
    seen = Seen(html("## Durées\n\n| donnée | durée |\n|:--|--:|\n| compte | un an |"))
    assert seen.all("div") == [{"class": "scroll", "role": "region", "tabindex": "0", "aria-label": "Durées"}]
    assert seen.all("th") == [{"scope": "col"}, {"scope": "col"}, {"scope": "row"}]
    assert seen.all("td") == [{"data-label": "durée"}]


def test_two_tables_under_one_heading_have_two_names():
    table = "| a |\n|---|\n| 1 |\n\n"
    names = [attrs["aria-label"] for attrs in Seen(html(f"## T\n\n{table}Puis\n\n{table}")).all("div")]
    assert names == ["T", "T-2"]


def test_an_empty_cell_heads_nothing():
    seen = Seen(html("| | b |\n|---|---|\n| | 1 |"))
    assert seen.all("th") == [{"scope": "col"}]


# Links


@pytest.mark.parametrize(
    ("text", "attrs"),
    [
        ("[a](https://exemple.fr/x)", {"href": "https://exemple.fr/x", "rel": "noopener"}),
        ("[a](HTTP://exemple.fr)", {"href": "HTTP://exemple.fr", "rel": "noopener"}),
        ("<https://exemple.fr>", {"href": "https://exemple.fr", "rel": "noopener"}),
        ("<dpo@exemple.fr>", {"href": "mailto:dpo@exemple.fr"}),
        ("[a](mailto:dpo@exemple.fr)", {"href": "mailto:dpo@exemple.fr"}),
        ("[a](/aide/)", {"href": "/aide/"}),
        ('[a](/aide/ "bulle")', {"href": "/aide/"}),
        ("[a](#durees)", {"href": "#durees"}),
    ],
)
def test_a_link_that_may_be_followed(text, attrs):
    assert Seen(html(text)).all("a") == [attrs]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java&Tab;script:alert(1)",
        "<java script:alert(1)>",
        "\\javascript:alert(1)",
        "vbscript:msgbox(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/png;base64,iVBORw0KGgo=",
        "file:///etc/passwd",
        "ftp://exemple.fr",
        "//exemple.fr",
        "https:///exemple.fr",
        "mailto:",
        "page.html",
    ],
)
def test_a_link_to_anything_else_stays_text(address):
    assert Seen(html(f"[mots]({address})")).all("a") == []


def test_an_address_that_a_browser_could_read_as_another_host_is_encoded():
    assert Seen(html("[a](/\\exemple.fr) [b](/&Tab;/exemple.fr)")).all("a") == [
        {"href": "/%5Cexemple.fr"},
        {"href": "/%09/exemple.fr"},
    ]


@pytest.mark.parametrize("text", ["[](/aide/)", "[ ](/aide/)"])
def test_a_link_without_words_shows_its_address(text):
    seen = Seen(html(text))
    assert (len(seen.all("a")), seen.text.strip()) == (1, "/aide/")


# What nobody may write


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b onclick=alert(1)>gras</b>",
        "<!-- caché -->",
        "<iframe src=https://exemple.fr></iframe>",
        "a <style>*{display:none}</style>",
        "<svg/onload=alert(1)>",
        "</section><h1>Autre titre</h1>",
    ],
)
def test_html_is_shown_as_typed(text):
    seen = Seen(html(text))
    assert {tag for tag, _ in seen.tags} <= {"p"}
    assert seen.text.strip() == text


def test_an_image_is_a_link_that_nobody_fetches():
    seen = Seen(html("![logo](https://exemple.fr/logo.png)"))
    assert [tag for tag, _ in seen.tags] == ["p", "a"]


@pytest.mark.parametrize(
    "text",
    [
        '[a](/x" onmouseover="alert(1))',
        '[a](</x" onmouseover="alert(1)>)',
        '## a" onclick="alert(1)',
        '## <b id=x>\n\n| a" onclick="x |\n|---|\n| 1 |\n| 2 |',
        "[a](/x 'onclick=alert(1)')",
        '```html" onclick="x\n<script>alert(1)</script>\n```',
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_nothing_breaks_out_of_an_attribute(text):
    _assert_harmless(html(text))


def _assert_harmless(text):
    for tag, attrs in Seen(text).tags:
        assert tag in TAGS, (tag, text)
        assert set(attrs) <= ATTRIBUTES, (attrs, text)
        assert re.match(r"https?://|mailto:|[#?]|/(?!/)", attrs.get("href", "#"), re.IGNORECASE), text


@given(st.text(alphabet=st.sampled_from(list("#*-_[]()<>!|`\\&;:/\"'= \nahjsx1.\t")), max_size=80))
def test_whatever_is_typed_makes_only_the_tags_of_a_text_in_order(text):
    rendered = render(text, top=3)
    _assert_harmless(rendered.html)
    before = 2
    for heading in rendered.headings:
        assert 3 <= heading.level <= before + 1
        before = heading.level
