"""Template filters for French text and numbers. Built in: no `{% load %}` needed."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from spaser import french

register = template.Library()


@register.filter
def number(value, decimals=None):
    """« 1 234,56 »."""
    return "" if value is None else french.format_number(value, decimals)


@register.filter
def count_of(count, word):
    """« 3 actions », « 1 action », « 0 action »: a count and its word, which takes an s from 2 on."""
    return french.with_unit(french.format_number(french.Decimal(count)), french.plural(word, count))


@register.filter
def typeset(text):
    return french.typeset(str(text))


@register.filter(expects_localtime=True)
def moment(value):
    """« 31/12/2026 à 9 h 05 »."""
    return f"{french.format_date(value)} à {french.format_time(value)}"


@register.filter(expects_localtime=True)
def hour(value):
    """« 9 h 05 »."""
    return french.format_time(value)


@register.filter
def count_label(unit):
    """« réunions », for « nombre entier, en réunions »; a symbol stays as it is."""
    return french.plural(unit, 2)


@register.filter
def level(label, count):
    """« 3 axes », from a level's own name; see `french.plural`."""
    return french.plural(label, count)


@register.filter
def prose(text):
    """A document's own text as HTML: blank lines part paragraphs, « - » begins a bullet, two spaces a sub-bullet."""
    blocks, bullets = [], []
    for line in [*french.typeset(str(text or "")).split("\n"), ""]:
        stripped = line.strip()
        if stripped.startswith("- "):
            bullets.append((line.startswith(" "), stripped[2:]))
            continue
        if bullets and stripped:  # a blank line may stand between two bullets
            blocks.append(_list(bullets))
            bullets = []
        if not stripped:
            blocks.append(None)
        elif blocks and isinstance(blocks[-1], list):
            blocks[-1].append(stripped)
        else:
            blocks.append([stripped])
    if bullets:
        blocks.append(_list(bullets))
    return format_html_join("", "{}", ((_block(block),) for block in blocks if block))


def _block(block):
    if isinstance(block, list):
        return format_html(
            "<p>{}</p>", format_html_join(mark_safe("<br>"), "{}", ((line,) for line in block))
        )
    return block


def _list(bullets):
    """A list of (is a sub-bullet, text), the sub-bullets inside the bullet that they follow."""
    items = []
    for inner, text in bullets:
        if inner and items:
            items[-1][1].append(text)
        else:
            items.append((text, []))
    return format_html(
        "<ul>{}</ul>", format_html_join("", "<li>{}{}</li>", ((text, _inner(sub)) for text, sub in items))
    )


def _inner(texts):
    return (
        format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((text,) for text in texts)))
        if texts
        else ""
    )
