"""Markdown to HTML for the texts of the site's pages: nothing that was typed becomes markup, script or a fetched address."""

import itertools
import re
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from spaser.french import typeset

LAST_LEVEL = 6
ALLOWED = [
    *("heading", "list", "blockquote", "table", "fence"),
    *("emphasis", "link", "autolink", "backticks", "escape", "entity", "newline"),
]
ELSEWHERE = re.compile(r"https?://[^/\\]", re.IGNORECASE)
ADDRESS = re.compile(r"https?://[^/\\]|mailto:.|[#?]|/(?![/\\])", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """A heading of a rendered text; `level` is that of the page, `id` its anchor."""

    id: str
    text: str
    level: int


@dataclass(frozen=True)
class Rendered:
    """`html` may stand in a page as it is; `headings` in their order."""

    html: SafeString
    headings: tuple[Heading, ...]


def render(text, *, top=2, prefix=""):
    """`text` as HTML: headings, lists, paragraphs, emphasis, quotations, code, tables, and links that a click follows.

    HTML in the text is shown as typed, and so is a link to anything but http, https, mailto or this site; there are no
    images. The first heading gets the level `top`, and none is more than one below the last, so that those of the page stay in order.
    `prefix` begins every anchor: two texts of one page need different ones. Spaces become those of French typography.
    """
    parser = _parser()
    tokens = parser.parse(text)
    headings = _place_headings(tokens, top, prefix)
    tokens = _without_empty_headings(tokens)
    _tell_tables(tokens)
    for token in tokens:
        _finish(token)
    return Rendered(mark_safe(parser.renderer.render(tokens, parser.options, {})), tuple(headings))


def _parser():
    parser = MarkdownIt("zero", {"html": False}).enable(ALLOWED)
    parser.validateLink = lambda address: bool(ADDRESS.match(address))
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", lambda *args: "</table></div>\n")
    return parser


def _words(token):
    """The text of an inline token, without its marks."""
    return "".join(child.content for child in token.children or [])


# Headings


def _place_headings(tokens, top, prefix):
    """Give the headings their level in the page and an anchor; the list of them, without the empty ones."""
    above, headings, taken = [], [], set()
    for token, inside, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.type != "heading_open" or not _words(inside).strip():
            continue
        written = int(token.tag[1])
        while above and above[-1] >= written:
            above.pop()
        above.append(written)
        level = min(top + len(above) - 1, LAST_LEVEL)
        words = typeset(_words(inside))
        heading = Heading(_anchor(prefix + (slugify(words) or "partie"), taken), words, level)
        token.tag = closing.tag = f"h{level}"
        token.attrSet("id", heading.id)
        headings.append(heading)
    return headings


def _anchor(wanted, taken):
    """`wanted`, or with a number behind it when another part of the text has it."""
    anchor, rank = wanted, 1
    while anchor in taken:
        rank += 1
        anchor = f"{wanted}-{rank}"
    taken.add(anchor)
    return anchor


def _without_empty_headings(tokens):
    empty = {
        rank + place
        for rank, token in enumerate(tokens)
        if token.type == "heading_open" and token.attrGet("id") is None
        for place in range(3)
    }
    return [token for rank, token in enumerate(tokens) if rank not in empty]


# Tables: named by the heading above them, rows by their first cell; on a phone each cell says its column


def _tell_tables(tokens):
    name, names, labels, place = "Tableau", set(), [], 0
    for rank, token in enumerate(tokens):
        if token.type == "heading_open":
            name = typeset(_words(tokens[rank + 1]))
        elif token.type == "table_open":
            token.meta["label"], labels = _anchor(name, names), []
        elif token.type == "tr_open":
            place = 0
        elif token.type in ("th_open", "td_open"):
            cell = _words(tokens[rank + 1]).strip()
            _tell_cell(token, tokens[rank + 2], cell, place, labels)
            place += 1


def _tell_cell(opening, closing, words, place, labels):
    opening.attrs.clear()  # no alignment: it would be a style
    if opening.type == "th_open":
        labels.append(typeset(words))
        if words:
            opening.attrSet("scope", "col")
        else:  # an empty cell heads nothing
            opening.tag = closing.tag = "td"
    elif place == 0 and words:
        opening.tag = closing.tag = "th"
        opening.attrSet("scope", "row")
    else:
        opening.attrSet("data-label", labels[place])


def _open_table(renderer, tokens, rank, options, env):
    wrap = Token("wrap_open", "div", 1, attrs={"class": "scroll", "role": "region", "tabindex": "0"})
    wrap.attrSet("aria-label", tokens[rank].meta["label"])
    tokens[rank].attrSet("class", "values")
    return renderer.renderToken([wrap], 0, options, env) + renderer.renderToken(tokens, rank, options, env)


# Words and links


def _finish(token):
    """The words of an inline token in French typography, and its links."""
    children = token.children or []
    for rank, child in enumerate(children):
        if child.type == "text":
            child.content = typeset(child.content)
        elif child.type == "link_open":
            _finish_link(children, rank)


def _finish_link(children, rank):
    """A link elsewhere gives that site no hold on this one; one without words shows its address."""
    address = children[rank].attrGet("href")
    children[rank].attrs.pop("title", None)  # a bubble that neither keyboard nor touch opens
    if ELSEWHERE.match(address):
        children[rank].attrSet("rel", "noopener")
    inside = itertools.takewhile(lambda child: child.type != "link_close", children[rank + 1 :])
    if not "".join(child.content for child in inside).strip():
        children.insert(rank + 1, Token("text", "", 0, content=address))
