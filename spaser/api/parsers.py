"""JSON as it is written: numbers stay the decimals that were typed, « 23.30 » is not 23.3; and no more of it than a batch needs."""

import json
import re
from decimal import Decimal

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from spaser.api.problems import Problem

LARGEST = 2_000_000  # bytes of a body
HALF = re.compile(r"\\u[dD][89abAB]|\\u[dD][c-fC-F]")  # of a pair of surrogates, escaped


class ExactJSONParser(BaseParser):
    """Reads a JSON body; 413 when it is too long, 400 when it is not JSON."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        body = stream.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise Problem(413, f"Au plus {LARGEST // 1_000_000} Mo par requête.")
        try:
            text = body.decode("utf-8")
            found = json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once)
            if HALF.search(text):
                _refuse_halves(found)
            return found
        except (ValueError, RecursionError) as error:
            raise ParseError("Le corps de la requête n’est pas du JSON en UTF-8.") from error


def _refuse(constant):
    raise ValueError(constant)


def _once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key twice")
    return found


def _refuse_halves(found):
    """ValueError for a text with half a surrogate pair, which is no character and can be written nowhere."""
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
