"""How much room a text takes on a slide, estimated from the widths of Arial: nothing may run over. Pure functions.

Sizes and lengths are in points. Estimates are a little generous, since programs differ in how they set a line.
"""

import unicodedata
from itertools import islice

from spaser.french import typeset

LEADING = 1.2  # height of a line, in sizes
BOLD = 1.08
_WIDTHS = {  # thousandths of the size, of the letters of Arial; accents take no room of their own
    191: "'",
    222: "ijl’‘",
    278: " I.,:;!/ft\u00a0\u202f",
    333: "-()r–[]",
    389: "*",
    500: "cksvxyzJ",
    556: "abdeghnopquL?«»€0123456789_",
    584: "+=<>~−",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "mM",
    889: "%",
    944: "W",
    1000: "—…@œŒ",
}
WIDTHS = {letter: width / 1000 for width, letters in _WIDTHS.items() for letter in letters}
UNKNOWN = 0.75
GENEROUS = 1.03


def text_width(text, size, *, bold=False):
    """The length of `text` on one line."""
    letters = unicodedata.normalize("NFD", text)
    sizes = sum(WIDTHS.get(letter, UNKNOWN) for letter in letters if not unicodedata.combining(letter))
    return sizes * size * GENEROUS * (BOLD if bold else 1)


def wrapped(text, width, size, *, bold=False):
    """The lines of `text` in a column of `width`, one at a time; words that are longer than a line are cut."""
    for paragraph in typeset(text).split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if text_width(longer, size, bold=bold) <= width:
                line = longer
                continue
            if line:
                yield line
            *full, line = _cut_word(word, width, size, bold)
            yield from full
        yield line


def _cut_word(word, width, size, bold):
    pieces, piece = [], ""
    for letter in word:
        if piece and text_width(piece + letter, size, bold=bold) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


def height_of(text, width, size, *, bold=False):
    return LEADING * size * sum(1 for _ in wrapped(text, width, size, bold=bold))


def paragraphs(text):
    """[(paragraph, points of room below)] of a text: blank lines become room, « - » a bullet."""
    found = []
    for line in text.split("\n"):
        line = line.rstrip()
        if not line.strip():
            if found:
                found[-1] = (found[-1][0], 10)
            continue
        inner = "    " if line.startswith(" ") else ""
        words = line.strip()
        found.append((f"{inner}• {words[2:]}" if words.startswith("- ") else words, 3))
    return found


def shortened(text, width, size, lines, *, bold=False):
    """`text` if it fits `lines` lines of `width`, else as many words as do, and an ellipsis."""
    shown = list(islice(wrapped(text, width, size, bold=bold), lines + 1))
    if len(shown) <= lines:
        return text
    last = shown[lines - 1]
    while text_width(f"{last} […]", size, bold=bold) > width and " " in last:
        last = last[: last.rindex(" ")]
    kept = sum(len(line.split()) for line in shown[: lines - 1]) + len(last.split())
    return _first_words(text, kept) + " […]"


def _first_words(text, count):
    """The beginning of `text` up to its word `count`, with its own lines."""
    paragraphs = []
    for paragraph in text.split("\n"):
        words = paragraph.split()
        paragraphs.append(" ".join(words[:count]))
        count -= len(words)
        if count <= 0:
            break
    return "\n".join(paragraphs).rstrip(" ,;:.")
