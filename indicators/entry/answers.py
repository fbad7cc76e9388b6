"""What a person types for one measure, and the fields of a reading that it makes; both ways, without the database."""

import re
from datetime import date, datetime
from decimal import Decimal

from indicators.models import MeasureType, Missing
from spaser.french import format_date, format_number, parse_number
from spaser.text import fold, storable

# What may be typed for a measure, whatever the door. `value` is a ratio's only to say that there is none.
TYPED = (
    "value",
    "numerator",
    "denominator",
    "missing",
    "missing_note",
    "qualifier",
    "comment",
    "as_of",
    "source",
    "unfilled",
    "confirmed",
)
LABELS = {
    "value": "Valeur",
    "numerator": "Numérateur",
    "denominator": "Dénominateur",
    "missing": "Pas de valeur",
    "missing_note": "Pourquoi",
    "qualifier": "Nuance",
    "comment": "Commentaire",
    "as_of": "Situation au",
    "source": "Source",
    "unfilled": "Non renseignés",
    "confirmed": "Valeur confirmée",
}
LONG = 20_000  # characters of a text
# what a spreadsheet shows of a formula that fails, in English and in French
FORMULA_ERROR = re.compile(
    r"#N/A|#(?:DIV/0|REF|VALUE|VALEUR|NAME|NOM|NUM|NOMBRE|NULL?)\s?[!?]|Err\s?:\d{3}", re.IGNORECASE
)
VALUE = ("value", "numerator", "denominator")
REASON = ("missing", "missing_note")
ONE_LINE = ("qualifier", "source")
TEXTS = ("missing_note", "qualifier", "comment", "source")  # kept as typed, ends trimmed
YES, NO = {"oui", "o", "vrai", "true", "1", "x"}, {"non", "n", "faux", "false", "0"}
REASONS = {  # as people write them in a cell
    "non disponible": Missing.NOT_AVAILABLE,
    "n.d.": Missing.NOT_AVAILABLE,
    "nd": Missing.NOT_AVAILABLE,
    "n/d": Missing.NOT_AVAILABLE,
    "not_available": Missing.NOT_AVAILABLE,
    "sans objet": Missing.NOT_APPLICABLE,
    "s.o.": Missing.NOT_APPLICABLE,
    "so": Missing.NOT_APPLICABLE,
    "s/o": Missing.NOT_APPLICABLE,
    "not_applicable": Missing.NOT_APPLICABLE,
}
EMPTY = {
    "number": None,
    "numerator": None,
    "denominator": None,
    "boolean": None,
    "text": "",
    "decimals": 0,
    "missing": "",
    "missing_note": "",
    "qualifier": "",
    "comment": "",
    "as_of": None,
    "source": "",
    "unfilled": None,
    "confirmed": False,
}


def typed_of(measure, reading):
    """{name: text} of TYPED that stands for what is stored; all empty when `reading` is None."""
    if reading is None:
        return dict.fromkeys(TYPED, "")
    return {
        "value": _value_text(measure, reading),
        "numerator": _number_text(reading.numerator),
        "denominator": _number_text(reading.denominator),
        "missing": reading.missing,
        "as_of": format_date(reading.as_of) if reading.as_of else "",
        "unfilled": "" if reading.unfilled is None else str(reading.unfilled),
        "confirmed": "oui" if reading.confirmed else "",
        **{name: getattr(reading, name) for name in TEXTS},
    }


def _value_text(measure, reading):
    if reading.boolean is not None:
        return "oui" if reading.boolean else "non"
    return reading.text if reading.number is None else _number_text(reading.number, reading.decimals)


def _number_text(number, decimals=None):
    return "" if number is None else format_number(number, decimals).replace("\u202f", " ")


def complete(stored, typed):
    """All of TYPED: what is `typed` over what is `stored`; a new value alone takes the place of a reason, and back."""
    merged = {**stored, **typed}
    if any(typed.get(name) for name in VALUE) and not typed.keys() & set(REASON):
        merged |= dict.fromkeys(REASON, "")
    if typed.get("missing") and not typed.keys() & set(VALUE):
        merged |= dict.fromkeys(VALUE, "")
    return merged


def parse_answer(measure, typed):
    """(fields, errors): the fields of a Reading (those of EMPTY), and {name of TYPED: French message} of all that is wrong.

    `typed` has the names of TYPED, each with a text; the fields are whole only when there is no error.
    """
    fields, errors = dict(EMPTY), {}
    typed = {name: storable(typed.get(name) or "").strip() for name in TYPED}
    typed |= {name: " ".join(typed[name].split()) for name in ONE_LINE if "\n" in typed[name]}
    _take_reason(measure, typed)
    fields |= {name: typed[name] for name in TEXTS}
    for name, parse in PARSERS.items():
        try:
            fields[name] = parse(typed[name]) if typed[name] else EMPTY[name]
        except ValueError as error:
            errors[name] = str(error)
    errors |= {name: message for name in TEXTS if (message := _text_error(typed[name]))}
    if any(typed[name] for name in VALUE):
        _parse_value(measure, typed, fields, errors)
        if typed["missing"]:
            errors.setdefault("missing", "Une valeur, ou une raison de n’en pas avoir : pas les deux.")
    if typed["missing_note"] and not typed["missing"]:
        errors.setdefault("missing_note", "Choisissez d’abord « non disponible » ou « sans objet ».")
    if typed["unfilled"] and measure.type != MeasureType.COUNT:
        errors.setdefault("unfilled", "Cela se dit d’un nombre de contrats.")
    return fields, errors


def _take_reason(measure, typed):
    """« n.d. » or « sans objet » typed in the cell of a value that is not words."""
    reason = REASONS.get(fold(typed["value"]))
    if reason and not typed["missing"] and measure.type not in (MeasureType.TEXT, MeasureType.CHOICE):
        typed |= {"missing": reason, "value": ""}


def _parse_value(measure, typed, fields, errors):
    ratio = measure.type == MeasureType.RATIO
    names, others = (VALUE[1:], VALUE[:1]) if ratio else (VALUE[:1], VALUE[1:])
    for name in others:
        if typed[name]:
            errors[name] = RATIO_TERMS if ratio else "Cette grandeur a une seule valeur."
    for name in names:
        try:
            if typed[name]:
                fields |= _parsed(measure, name, typed[name])
            elif not typed["value"]:
                errors[name] = f"Il manque le {LABELS[name].lower()}."
        except ValueError as error:
            errors[name] = str(error)


def _parsed(measure, name, text):
    """The fields that the text of a value makes."""
    if measure.type == MeasureType.BOOLEAN:
        return {"boolean": _yes_or_no(text)}
    if measure.type == MeasureType.CHOICE:
        return {"text": _choice(measure.choice_list, text)}
    if measure.type == MeasureType.TEXT:
        if message := _text_error(text):
            raise ValueError(message)
        return {"text": text}
    number, decimals = parse_number(text)
    if text[-1] in _other_signs(measure):
        raise ValueError(f"Cette valeur ne se donne pas en {text[-1]}.")
    if name != "value":
        if number < 0:
            raise ValueError("Un terme d’un taux n’est pas négatif.")
        return {name: number}
    if measure.type == MeasureType.COUNT:
        if number != number.to_integral_value():
            raise ValueError("On attend ici un nombre entier.")
        decimals = 0
    return {"number": number, "decimals": decimals}


def _text_error(text):
    """What is wrong with a text; "" when nothing is."""
    if FORMULA_ERROR.fullmatch(text):
        return f"« {text} » est l’erreur d’une formule : écrivez ce qu’elle devait donner."
    return f"Au plus {format_number(Decimal(LONG))} caractères." if len(text) > LONG else ""


def _other_signs(measure):
    """The signs that a number of this measure does not bear: « 12 % » is no number of contracts, « 12 € » no thousands of €."""
    if measure.type == MeasureType.RATIO:
        return "%"
    percent = measure.type == MeasureType.PERCENT or measure.shown_unit.startswith("%")
    return ("" if percent else "%") + ("" if fold(measure.shown_unit).startswith(("€", "euro")) else "€")


def _yes_or_no(text):
    word = fold(text)
    if word in YES or word in NO:
        return word in YES
    raise ValueError("Répondez par oui ou par non.")


def _choice(choices, text):
    for choice in choices:
        if fold(choice) == fold(text):
            return choice
    raise ValueError(f"Choisissez parmi : {', '.join(choices)}.")


def _missing(text):
    reason = REASONS.get(fold(text))
    if reason is None:
        raise ValueError("Écrivez « non disponible » ou « sans objet ».")
    return reason


def _whole(text):
    number, _ = parse_number(text)
    if text[-1] in "%€":
        raise ValueError(f"Un nombre de contrats ne se donne pas en {text[-1]}.")
    if number != number.to_integral_value() or not 0 <= number <= 2_147_483_647:
        raise ValueError("On attend ici un nombre entier, positif ou nul.")
    return int(number)


def _date(text):
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y") if text.isascii() else ():
        try:
            found = datetime.strptime(text, pattern).date()
        except ValueError:
            continue
        if date(1990, 1, 1) <= found <= date(2100, 12, 31):
            return found
    raise ValueError(f"« {text[:20]} » n’est pas une date : écrivez par exemple 31/12/2026.")


RATIO_TERMS = "Donnez le numérateur et le dénominateur : le taux se calcule."
PARSERS = {
    "missing": _missing,
    "as_of": _date,
    "unfilled": _whole,
    "confirmed": _yes_or_no,
}
