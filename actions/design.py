"""The tokens of the style sheets, read back: for the page that shows them and the test that measures them."""

import re
from dataclasses import dataclass

from django.conf import settings

from actions.appearance import SHAPE, TEXT, contrast

TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"

GROUNDS = ("paper", "surface", "surface-strong")
KINDS = ("good", "info", "warn", "bad", "judge", "idle")
PAIRS = [  # (what is seen, on what, the least contrast)
    *((text, ground, TEXT) for text in ("ink", "ink-soft") for ground in GROUNDS),
    *((text, ground, TEXT) for text in ("accent", "accent-strong") for ground in ("paper", "surface")),
    *((text, "accent-soft", TEXT) for text in ("accent", "accent-strong", "ink", "ink-soft")),
    ("on-accent", "accent-fill", TEXT),
    ("on-accent", "accent-fill-hover", TEXT),
    *((shape, ground, SHAPE) for shape in ("accent-fill", "line-strong") for ground in ("paper", "surface")),
    *(("focus", ground, SHAPE) for ground in GROUNDS),
    *((kind, ground, TEXT) for kind in KINDS for ground in ("paper", "surface", f"{kind}-soft")),
    *((text, f"{kind}-soft", TEXT) for kind in KINDS for text in ("ink", "ink-soft")),
]


def read_tokens(text):
    """({name: value} of the light theme, the same of the dark one) of a style sheet of tokens."""
    light, dark = text.split("@media screen and (prefers-color-scheme: dark)")
    light = dict(re.findall(r"--([\w-]+): ([^;]+);", light))
    return light, light | dict(re.findall(r"--([\w-]+): ([^;]+);", dark))


def tokens():
    return read_tokens(TOKENS.read_text(encoding="utf-8"))


def pairs_of(theme):
    """PAIRS, and each fill of a chart on the page."""
    return PAIRS + [(name, "paper", SHAPE) for name in theme if name.startswith("fill-")]


@dataclass(frozen=True)
class Pair:
    """Two colours that meet, and whether they part well enough."""

    front: str
    ground: str
    front_colour: str
    ground_colour: str
    contrast: float
    least: float

    @property
    def holds(self):
        return self.contrast >= self.least


def measured(theme):
    """A Pair for each pair of tokens of `theme`."""
    return [
        Pair(front, ground, theme[front], theme[ground], contrast(theme[front], theme[ground]), least)
        for front, ground, least in pairs_of(theme)
    ]
