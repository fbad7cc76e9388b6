"""Bad input, made from seeds so that each run has the same: what is typed, and what a refusal must be.

What is bad is said here by hand, and never asked of the code under test.
"""

import random
import re

from django.apps import apps

from indicators.models import PendingEntry

# How many bad inputs each test sends at the least.
LEAST = {
    "typed": 560,
    "figures": 20,
    "narrative": 8,
    "grid": 60,
    "pasted": 40,
    "forged": 60,
    "workbooks": 170,
    "plans": 45,
    "evidence": 60,
}

RIGHT_TO_LEFT, ZERO_WIDTH, SOFT_HYPHEN = "\u202e", "\u200b", "\u00ad"
JUNK = [
    *"abz_/*=<>'\"&;:!?()[]{}|\\^~#@`$£§",
    "..",
    ",,",
    ",.",
    "--",
    "+-",
    "%%",
    "€€",
    "e5",
    "E+3",
    "🙂",
    "½",
]
JUNK += [
    "²",
    "٣",
    "५",
    "３",
    "Ⅷ",
    "\u0337",
    RIGHT_TO_LEFT,
    ZERO_WIDTH,
    SOFT_HYPHEN,
    "\ufeff",
    "\x01",
    "\x07",
    "\x1b",
]
GOOD_NUMBERS = ["0", "12", "-7", "1 234", "1 234,56", "12.5", "1 250 000,75", "23,30", "+18"]
NOT_NUMBERS = [
    "NaN", "nan", "-nan", "Infinity", "inf", "-inf", "∞", "1e5", "1E-7", "1,5e3", "0x1F", "0b11", "1_000", "1'234",
    "1’234", "1,234.56", "1,234,567", "1.234.567", "1.23,4", "1 23", "12 34", "1 2345", "1 234 5", "1\n2", "12\t13",
    "1,5 6 7 8", "12\x1c3", "1,", ",5", ".5", "5.", "-", "+", "%", "€", "--5", "+-5", "5-", "(5)", "−−5", "5 %%",
    "% 5", "€5", "$5", "5 k€", "5 km", "5 M", "1/2", "½", "1:2", "5²", "٣", "१२", "３", "Ⅻ", "①", "一", "1٣", "🙂",
    "5🙂", "\u200f12", "12\u200e", f"{RIGHT_TO_LEFT}21", f"1{ZERO_WIDTH}2", "\ufeff5", "5\u00ad", "<b>5</b>",
    "<script>alert(1)</script>", "=1+1", "=SOMME(A1:A3)", "=HYPERLINK(\"http://x\")", "@5", "+A1", "{{ 7*7 }}",
    "{% debug %}", "${7}", "%s%s%n", "'; DROP TABLE reading;--", "5; 6", "5 ou 6", "5 à 7", "~5", "≈5", "< 5", ">5",
    "environ 5", "douze", "une douzaine", "oui", "null", "None", "undefined", "true", "#REF!", "#DIV/0!", "-",
    "—", "...", "?", "n/c", "à venir", "1 234,56,78", "12,3456789", "0,0000001", "1" * 16, "9" * 400, "-" + "9" * 20,
    "1 000 000 000 000 000", "123456789012,3456", "31/12/2026", "2026-12-31", "12h30", "0,5,0", "१,५", "x" * 5000,
]  # fmt: skip


def is_number(text):
    """By hand: a sign, digits in one block or in groups of three, a mark and decimals, at most 15 and 6 digits."""
    text = text.strip(" ")
    body = text[1:].strip(" ") if text[:1] in ("+", "-") else text
    if any(character not in "0123456789 ,." for character in body) or body.count(",") + body.count(".") > 1:
        return False
    whole, mark, decimals = body.partition("," if "," in body else ".")
    groups = whole.split(" ")
    grouped = len(groups) == 1 or (
        len(groups[0]) in (1, 2, 3) and all(len(group) == 3 for group in groups[1:])
    )
    if "" in groups or not grouped or (mark and not decimals) or " " in decimals:
        return False
    return len(decimals) <= 6 and len(("".join(groups) + decimals).lstrip("0")) <= 15


def mutated(seeds, is_good, *, count, seed):
    """`count` texts that are not good, each one of `seeds` with one to three places spoilt."""
    chance, found = random.Random(seed), []
    while len(found) < count:
        text = chance.choice(seeds)
        for _ in range(chance.randint(1, 3)):
            at = chance.randint(0, len(text))
            cut = at + chance.choice((0, 0, 1))
            text = text[:at] + chance.choice(JUNK) + text[cut:]
        if not is_good(text) and text not in found:
            found.append(text)
    return found


def bad_numbers(*, count, seed):
    """Texts that are no number, whatever the measure."""
    assert not [text for text in NOT_NUMBERS if is_number(text)]
    return [*NOT_NUMBERS, *mutated(GOOD_NUMBERS, is_number, count=count, seed=seed)]


BAD_DATES = [
    "hier", "31/02/2026", "30/02/2026", "29/02/2026", "31/04/2026", "00/01/2026", "01/00/2026", "32/01/2026",
    "12/31/2026", "2026-13-01", "2026-02-30", "2026/12/31", "31.12.2026", "31-12-2026", "20261231", "46022", "46022,5",
    "31/12/1989", "01/01/2101", "31/12/0026", "31/12/12026", "31/12", "12/2026", "2026", "T4 2026", "31 décembre 2026",
    "31/12/2026 10:00", "2026-12-31T00:00:00Z", "31/12/２０２６", "٣١/١٢/٢٠٢٦", "31/12/2026🙂", f"31/12/2026{RIGHT_TO_LEFT}",
    "<b>31/12/2026</b>", "=AUJOURDHUI()", "31\n12\n2026", "-1/12/2026", "31//12/2026", "31/12/", "/", "now", "0", "NaN",
    "3 1/12/2026", "x" * 3000, "31/12/20 26", "#N/A",
]  # fmt: skip
BAD_REASONS = [
    "inconnu",
    "oui",
    "0",
    "n",
    "non dispo",
    "NULL",
    "not_availableX",
    "s",
    "<b>",
    "🙂",
    "=1",
    "x" * 2000,
]
BAD_YES_NO = [
    "peut-être", "ouii", "nonn", "2", "-1", "y", "yes", "oui non", "0,0", "1.0", "🙂", "<b>oui</b>", "=VRAI()", "NaN",
    f"o{ZERO_WIDTH}ui", "None", "null", "#N/A", "x" * 3000, "oui\x07", f"{RIGHT_TO_LEFT}iuo", "on",
]  # fmt: skip
BAD_CHOICES = [
    "Reporté", "Réuni ou pas", "réun", "Réuni;Pas réuni", "0", "1", "🙂", "<option>", "=A1", "#REF!", "x" * 3000,
    f"Ré{ZERO_WIDTH}uni", "non disponible", "None", "Réuni\x07", "\\", "';--",
]  # fmt: skip
FORMULA_ERRORS = [
    "#DIV/0!",
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#VALEUR!",
    "#NAME?",
    "#NOM?",
    "#NUM!",
    "#NOMBRE!",
    "#NULL!",
]
LONG_TEXT = "x" * 20_001


# what a refusal must be

QUOTED = re.compile(r"«.*?»", re.DOTALL)  # what the person has typed, in a message
ENGLISH = re.compile(
    r"\b(Enter|This|Ensure|Select a|[Ii]nvalid|[Rr]equired|Traceback|Error|Exception|must|cannot|not a|value|"
    r"Bad Request|Forbidden|None|null|NaN|object|line contains|expected)\b"
)
FRENCH = re.compile(
    r"\b(est|n’est|sont|pas|au plus|attend|manque|choisissez|écrivez|donnez|répondez|dépasse|rien|aucune|une|un|le|la|les|"
    r"ce|cette|recommencez|trop|inconnue?|a|modifié)\b",
    re.IGNORECASE,
)


def assert_french(messages):
    """There is something said, in French and in no other language."""
    assert messages, "nothing is said"
    for message in messages:
        own = QUOTED.sub("«»", message)
        assert FRENCH.search(own), message
        assert not ENGLISH.search(own), message


def stored():
    """All that the site keeps of plans and values, but for what somebody typed and did not save."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for app in ("actions", "indicators", "reporting")
        for model in apps.get_app_config(app).get_models()
        if model is not PendingEntry
    }
