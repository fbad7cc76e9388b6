"""Where the document is written more simply than the tables are: both ways, side by side.

`unfold_*` turns what is written into the plain items of a level; `fold_*` turns them back. Each works on
dictionaries and raises ValueError, in French, for what cannot be read.
"""

from actions.models import InvolvementRole
from indicators.document.levels import LEVELS
from indicators.document.parsing import shown
from indicators.models import NUMBER_TYPES, MeasureType
from spaser.french import format_number, parse_number

INVOLVEMENT_KEYS = {
    "pilots": InvolvementRole.PILOT,
    "supports": InvolvementRole.SUPPORT,
    "partners": InvolvementRole.PARTNER,
}
BOOLEANS = {"oui": True, "non": False}


def plain(text):
    """A number as the document writes it: no grouping, a comma, an ordinary minus."""
    return text.replace("\u202f", "").replace("\u2212", "-")


def unfold_involvement(key, item):
    """In pilots, supports or partners: a code, or {direction, note} → an item with its role."""
    item = {"direction": item} if isinstance(item, str) else item
    if not isinstance(item, dict) or set(item) - {"direction", "note"}:
        raise ValueError(f"{key} : un sigle, ou « direction » et « note ».")
    return {"role": str(INVOLVEMENT_KEYS[key]), **item}


def fold_involvements(involvements):
    folded = {}
    for key, role in INVOLVEMENT_KEYS.items():
        items = [item for item in involvements if item["role"] == role]
        if items:
            folded[key] = [
                {"direction": item["direction"], "note": item["note"]}
                if item.get("note")
                else item["direction"]
                for item in items
            ]
    return folded


# What an indicator with a single measure writes of it directly, instead of under `measures`.
INLINE_KEYS = LEVELS["measure"].keys - LEVELS["indicator"].keys


def unfold_measures(indicator):
    """An indicator that has its only measure's keys written directly → (indicator, measures)."""
    inline = {key: indicator[key] for key in indicator if key in INLINE_KEYS}
    if not inline:
        return indicator, indicator.get("measures", [])
    if "measures" in indicator:
        raise ValueError("« measures », ou les clés d’une seule grandeur, pas les deux.")
    rest = {key: value for key, value in indicator.items() if key not in inline}
    return rest, [{"code": indicator.get("code"), **inline}]


def fold_measures(indicator, measures):
    """The inverse: inline when there is one measure, which has the indicator's code and nothing that clashes."""
    if len(measures) == 1:
        (measure,) = measures
        inline = {key: value for key, value in measure.items() if key != "code"}
        if measure["code"] == indicator["code"] and not set(inline) - INLINE_KEYS:
            return {**indicator, **inline}
    return {**indicator, "measures": measures} if measures else indicator


def unfold_campaign(report):
    """year, and period when it is not the whole year → the campaign's key."""
    year, period = report.get("year"), report.get("period", "year")
    if year is None:
        raise ValueError("il manque « year ».")
    if isinstance(year, bool) or not isinstance(year, int):
        raise ValueError("year : on attend un nombre entier.")
    if not isinstance(period, str):
        raise ValueError("period : on attend un texte.")
    return f"{year} {period}"


def fold_campaign(key):
    year, period = key.split(" ")
    return {"year": int(year)} if period == "year" else {"year": int(year), "period": period}


def unfold_number(text):
    """« 23,30 » → (Decimal, 2)."""
    if isinstance(text, (bool, list, dict)):
        raise ValueError("on attend un nombre, entre guillemets.")
    if not isinstance(text, str):
        raise ValueError(
            f"Écrivez le nombre entre guillemets, pour garder ses décimales : « {shown(text)} »."
        )
    return parse_number(text)


def fold_number(value, decimals=None):
    return plain(format_number(value, decimals))


def unfold_reading(written, measure_type):
    """« 8 », « 63 / 224 », « oui », or a mapping with `value` and the rest → the fields of a reading."""
    fields = dict(written) if isinstance(written, dict) else {"value": written}
    if "measure" in fields:
        raise ValueError("clé inconnue : « measure ».")
    value = fields.pop("value", None)
    if value is None:
        return fields
    if measure_type in NUMBER_TYPES:
        fields["number"], fields["decimals"] = unfold_number(value)
    elif measure_type == MeasureType.RATIO:
        terms = str(value).split("/")
        if len(terms) != 2:
            raise ValueError("Un taux s’écrit « numérateur / dénominateur ».")
        (fields["numerator"], first), (fields["denominator"], second) = map(unfold_number, terms)
        fields["decimals"] = max(first, second)
    elif measure_type == MeasureType.BOOLEAN:
        if not isinstance(value, str) or value not in BOOLEANS:
            raise ValueError("Écrivez « oui » ou « non », entre guillemets.")
        fields["boolean"] = BOOLEANS[value]
    else:
        fields["text"] = value
    return fields


def fold_reading(fields):
    """The inverse: a bare string when there is nothing but the value."""
    rest = dict(fields)
    decimals = rest.pop("decimals", 0)
    number, numerator, denominator = (rest.pop(name, None) for name in ("number", "numerator", "denominator"))
    boolean, text = rest.pop("boolean", None), rest.pop("text", None)
    if number is not None:
        value = fold_number(number, decimals)
    elif numerator is not None or denominator is not None:
        value = " / ".join(fold_number(term, decimals) for term in (numerator, denominator))
    elif boolean is not None:
        value = "oui" if boolean else "non"
    else:
        value = text
    if not rest and value is not None:
        return value
    return {"value": value, **rest} if value is not None else rest
