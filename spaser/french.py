"""French numbers, read and written: every form, workbook, document, page and PDF passes through here."""

import re
from decimal import ROUND_HALF_UP, Decimal

NARROW = "\u202f"  # narrow no-break space, between thousands
NO_BREAK = "\u00a0"  # no-break space, before a unit
MINUS = "\u2212"

MAX_DIGITS = 15
MAX_DECIMALS = 6

_SPACES = re.compile("[ \u00a0\u2007\u2009\u202f]+")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?) ?(?P<digits>(?:\d+|\d{1,3}(?: \d{3})+)(?:[.,]\d+)?|\d{1,3}(?:\.\d{3})+,\d+) ?[%€]?",
    re.ASCII,
)


def parse_number(text):
    """(value, decimals) of a number as a French hand types it: « 1 234,56 », « 23,30 % », « 12.5 », « -7 ».

    Spaces of any kind between thousands, one « % » or « € » at the end and a comma or a point are understood; the
    number of decimals is the one typed. A space elsewhere makes two numbers, or a mistyped one. Raises ValueError
    with a French message that says what to type instead.
    """
    cleaned = _SPACES.sub(" ", str(text).strip()).replace(MINUS, "-").replace("–", "-")
    if cleaned in ("", "%", "€"):
        raise ValueError("Il manque un nombre.")
    found = _NUMBER.fullmatch(cleaned)
    if not found:
        raise ValueError(f"« {str(text).strip()[:40]} » n’est pas un nombre : écrivez par exemple 1 234,56.")
    cleaned = found["sign"] + found["digits"].replace(" ", "")
    if "," in cleaned:
        cleaned = cleaned.replace(".", "").replace(",", ".")
    decimals = len(cleaned.partition(".")[2])
    if decimals > MAX_DECIMALS:
        raise ValueError(f"Au plus {MAX_DECIMALS} décimales.")
    value = Decimal(cleaned)
    if len(value.as_tuple().digits) > MAX_DIGITS:
        raise ValueError(f"Au plus {MAX_DIGITS} chiffres.")
    return value, decimals


def round_half_up(value, decimals):
    """`value` rounded as French accounts do (half away from zero), with exactly `decimals` decimals."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def format_number(value, decimals=None, *, sign=False):
    """« 1 234,56 »: narrow no-break spaces between thousands. Without `decimals`, only the significant ones."""
    if decimals is None:
        value = value.normalize()
        decimals = max(0, -value.as_tuple().exponent)
    rounded = round_half_up(value, decimals)
    text = f"{abs(rounded):,.{decimals}f}".replace(",", NARROW).replace(".", ",")
    if rounded < 0:
        return MINUS + text
    return f"+{text}" if sign and rounded > 0 else text


def with_unit(text, unit):
    """« 12,5 % »: the unit, if any, after a no-break space."""
    return f"{text}{NO_BREAK}{unit}" if unit else text


NO_PLURAL_FROM = {"par", "de", "du", "des", "à", "en", "pour", "sur", "hors", "/"}
INVARIABLE = {"min"}  # abbreviations that look like words


def plural(words, value):
    """A unit or a level's name in the plural, when `value` is at least 2 in absolute value.

    Words and their adjectives take the mark up to the first preposition: « réponses par marché », « axes stratégiques »,
    « opérations ou chantiers », « niveaux »; symbols (km, kg, %, kWh) do not.
    """
    if abs(value) < 2:
        return words
    parts = words.split(" ")
    end = next((rank for rank, word in enumerate(parts) if word in NO_PLURAL_FROM or "'" in word), len(parts))
    return " ".join([*map(_in_plural, parts[:end]), *parts[end:]])


def _in_plural(word):
    plain = len(word) > 2 and word.isalpha() and word[1:] == word[1:].lower() and word not in INVARIABLE
    if not plain or word[-1] in "sxz" or word in ("ou", "et"):
        return word
    if word.endswith(("eau", "eu", "au")):
        return f"{word}x"
    return f"{word[:-2]}aux" if word.endswith("al") else f"{word}s"


def typeset(text):
    """`text` with the no-break spaces of French before « : ; ? ! » » and after « « », where a space stands."""
    text = re.sub(r" ([;?!])", NARROW + r"\1", text)
    return re.sub(r" ([:»%€])", NO_BREAK + r"\1", text).replace("« ", "«" + NO_BREAK)


def format_date(date):
    """« 31/12/2026 »."""
    return f"{date:%d/%m/%Y}"


def format_time(time):
    """« 9 h 05 », of a time or a datetime."""
    return f"{time.hour}{NO_BREAK}h{NO_BREAK}{time:%M}"
