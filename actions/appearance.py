"""The colours of an organisation: its accent, made readable on light and on dark pages. Pure functions.

Colours are written `#rrggbb`, in lower case. Contrast is that of WCAG 2.1: 1 to 21, at least 4.5 for text and 3 for what is
large or is no text.
"""

import re

TEXT, SHAPE = 4.5, 3  # WCAG 2.1 AA, 1.4.3 and 1.4.11
BLACK, WHITE = "#000000", "#ffffff"

# Of static/css/tokens.css, which a test compares: what colours stand on, and the text that stands on their tint.
LIGHT = {"paper": "#ffffff", "surface": "#f4f6f8", "ink": "#18222d", "ink-soft": "#515d69"}
DARK = {"paper": "#11171e", "surface": "#19212a", "ink": "#e7ecf1", "ink-soft": "#aab6c2"}


def read_colour(text):
    """« #1F5380 » or « 1f5380 » as `#1f5380`; None for anything else."""
    found = re.fullmatch(r"#?([0-9a-f]{6})", text.strip().lower(), flags=re.ASCII)
    return f"#{found[1]}" if found else None


def channels(colour):
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def luminance(colour):
    """Relative luminance, 0 (black) to 1 (white)."""
    shares = [channel / 255 for channel in channels(colour)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Contrast of two colours, 1 to 21, in any order."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour, other, share):
    """`colour` with `share` (0 to 1) of `other` in it."""
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable(colour, *, on, towards, least):
    """`colour`, moved `towards` black or white no further than needed for a contrast of `least` on each colour of `on`."""
    steps = (mix(colour, towards, step / 50) for step in range(51))
    return next(shade for shade in steps if all(contrast(shade, ground) >= least for ground in on))


def palette(accent, *, dark=False):
    """{name of the token: colour} of one theme, derived from the colour that the organisation chose."""
    theme, towards = (DARK, WHITE) if dark else (LIGHT, BLACK)
    grounds = [theme["paper"], theme["surface"]]
    soft = _tint(accent, theme)
    text = readable(accent, on=[*grounds, soft], towards=towards, least=TEXT)
    fill = readable(accent, on=grounds, towards=towards, least=SHAPE)
    on_fill = WHITE if contrast(WHITE, fill) >= TEXT else BLACK
    return {
        "accent": text,
        "accent-strong": mix(text, theme["ink"], 0.35),
        "accent-fill": fill,
        # under the pointer a button moves away from its own text, never towards it
        "accent-fill-hover": mix(fill, BLACK if on_fill == WHITE else WHITE, 0.15),
        "on-accent": on_fill,
        "accent-soft": soft,
    }


def _tint(accent, theme):
    """A tint of the page in the accent: as strong as the theme's quietest text stays readable on it."""
    for share in (0.12, 0.1, 0.08, 0.06, 0.04):
        tint = mix(theme["paper"], accent, share)
        if contrast(theme["ink-soft"], tint) >= TEXT:
            return tint
    return theme["surface"]


def theme_css(accent):
    """The style sheet of an accent: custom properties and nothing else."""

    def block(dark):
        return "".join(f"--{name}:{colour};" for name, colour in palette(accent, dark=dark).items())

    return (
        f":root{{{block(False)}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{block(True)}}}}}\n"
    )
