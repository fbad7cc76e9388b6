"""Text compared as people search it: without accents or case, by one table of characters for Python and the databases."""

import unicodedata

# What no decomposition says: letters with a stroke, what a keyboard or an office suite sets for a plain sign.
_SIGNS = {
    **dict.fromkeys("´`‘’‚‛′ʼ", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    **dict.fromkeys('"«»“”„\u00a0\u202f\u2028\u2029¨¯¸', " "),
    **{chr(code): " " for code in range(0x2000, 0x200B)},
    "\u00ad": "",  # the soft hyphen of a PDF; other signs without width stay: a value that hides one is refused
    **dict(zip("ØøŁłĐđĦħŦŧıº⁄", "oollddhhtti°/", strict=True)),
    **dict(zip("ᵈᵉʳˢᵗ", "derst", strict=True)),
    "œ": "oe",
    "Œ": "oe",
    "æ": "ae",
    "Æ": "ae",
    "…": "...",
}
_RANGES = [
    range(0x41, 0x5B),  # A to Z
    range(0xA0, 0x180),  # Latin-1 and Latin Extended-A
    range(0x218, 0x21C),  # the Romanian Ș and Ț
    range(0x300, 0x370),  # accents that stand behind their letter (NFD)
    range(0x2070, 0x209F),  # m², CO₂
    range(0xFB00, 0xFB07),  # ﬁ, ﬂ
]


def _plain(character):
    """One character without accents or case: nothing, a character, or two to three."""
    if character in _SIGNS:
        return _SIGNS[character]
    parts = unicodedata.normalize("NFKD", character)
    letters = "".join(part for part in parts if not unicodedata.combining(part)).casefold()
    return "".join(_SIGNS.get(letter, letter) for letter in letters)


# {character: what stands for it}, one step: nothing that stands for another is itself replaced. Alphabets other than
# the Latin, and its rarer letters, stay as they are, with their case. The stored columns are made by this table
# (`spaser.folding`): a change of it needs a migration that makes them again.
FOLDS = {
    character: plain
    for character in [*_SIGNS, *(chr(code) for codes in _RANGES for code in codes)]
    if (plain := _plain(character)) != character
}
_TABLE = str.maketrans(FOLDS)


def fold_letters(text):
    """« L’Économie » → « l'economie », character for character: what the databases compute too."""
    return text.translate(_TABLE)


def fold(text):
    """The same of anything, its spaces and lines joined to single spaces."""
    return " ".join(fold_letters(str(text)).split())


def words_of(query):
    """The words that are looked for, folded, each once."""
    return list(dict.fromkeys(fold(query).split()))


def matches(query, *texts):
    """Do the `texts` together hold every word of `query`?"""
    haystack = fold(" ".join(filter(None, texts)))
    return all(word in haystack for word in words_of(query))


def storable(text):
    """`text` without what no database keeps: null characters, halves of a surrogate pair."""
    return str(text).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
