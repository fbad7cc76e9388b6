"""The passage of a text in which words were found, with the words marked as they are written."""

import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from spaser.french import typeset
from spaser.text import FOLDS, fold_letters

LENGTH = 260  # characters of an excerpt, about
BEFORE = 80  # of which before the first word found
WHOLE = 2  # a word of so many letters is marked where it stands alone, not inside others


def spans(text, words):
    """[(start, end)] of the places in `text` where a folded word stands, in order; they do not overlap."""
    if not words:
        return []
    longest_first = sorted(words, key=len, reverse=True)
    found = re.finditer("|".join(map(_pattern, longest_first)), fold_letters(text))
    origin = [place for place, letter in enumerate(text) for _ in FOLDS.get(letter, letter)]
    places = []
    for match in found:
        start, end = origin[match.start()], origin[match.end() - 1] + 1
        while end < len(text) and FOLDS.get(text[end]) == "":  # an accent that stands behind its letter
            end += 1
        if not places or start >= places[-1][1]:  # « œ » holds two letters
            places.append((start, end))
    return places


def _pattern(word):
    return rf"(?<!\w){re.escape(word)}(?!\w)" if len(word) <= WHOLE else re.escape(word)


def marked(text, words):
    """`text` as HTML, typeset, with the `words` in <mark>."""
    text = typeset(" ".join(text.split()))
    return _html(text, spans(text, words))


def excerpt(text, words):
    """About LENGTH characters of `text` where most of the words stand together, or its beginning; as `marked`."""
    text = typeset(" ".join(text.split()))
    found = spans(text, words)
    first, last = _best(text, found) if found else (0, 0)
    start = _word_start(text, first - BEFORE) if first > BEFORE else 0
    end = max(last, _word_end(text, start + LENGTH))
    inside = [(a - start, b - start) for a, b in found if a >= start and b <= end]
    html = _html(text[start:end].rstrip(" ,;:"), inside)
    return format_html("{}{}{}", "… " if start else "", html, "…" if end < len(text) else "")


def _best(text, found):
    """The place from which an excerpt shows most of the different words; the first one when several do."""
    words = [fold_letters(text[start:end]) for start, end in found]

    def told(rank):
        until = found[rank][0] + LENGTH - BEFORE
        after = zip(found[rank:], words[rank:], strict=True)
        return len({word for (_, end), word in after if end <= until})

    return found[max(range(len(found)), key=told)]


def _word_start(text, place):
    space = text.find(" ", place, place + BEFORE)
    return space + 1 if space >= 0 else place


def _word_end(text, place):
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", place - BEFORE, place)
    return space if space >= 0 else place


def _html(text, places):
    """`text`, escaped, with its `places` in <mark>."""
    pieces, done = [], 0
    for start, end in places:
        pieces.append((text[done:start], format_html("<mark>{}</mark>", text[start:end])))
        done = end
    return mark_safe(format_html_join("", "{}{}", [*pieces, (text[done:], "")]))
