"""Text compared as people search it: without accents or case, on every database engine alike."""

import unicodedata


def fold(text):
    """« Économie » → « economie »: decomposed, stripped of accents, ligatures opened, lower case, spaces joined."""
    text = (
        str(text)
        .replace("œ", "oe")
        .replace("Œ", "oe")
        .replace("æ", "ae")
        .replace("Æ", "ae")
        .replace("’", "'")
    )
    stripped = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(stripped).casefold().split())


def matches(query, *texts):
    """Do the `texts` together hold every word of `query`?"""
    haystack = fold(" ".join(filter(None, texts)))
    return all(word in haystack for word in fold(query).split())


def storable(text):
    """`text` without what no database keeps: null characters, halves of a surrogate pair."""
    return str(text).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
