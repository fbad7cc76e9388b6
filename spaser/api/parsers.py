"""JSON as it is written: numbers stay the decimals that were typed, « 23.30 » is not 23.3; and no more of it than a batch needs."""

import json
from decimal import Decimal

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from spaser.api.problems import Problem

LARGEST = 2_000_000  # bytes of a body


class ExactJSONParser(BaseParser):
    """Reads a JSON body; 413 when it is too long, 400 when it is not JSON."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        body = stream.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise Problem(413, f"Au plus {LARGEST // 1_000_000} Mo par requête.")
        try:
            return json.loads(
                body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once
            )
        except (ValueError, RecursionError) as error:
            raise ParseError("Le corps de la requête n’est pas du JSON en UTF-8.") from error


def _refuse(constant):
    raise ValueError(constant)


def _once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key twice")
    return found
