"""What a person types for a measure, and the fields that it makes: expected values by hand."""

from datetime import date
from decimal import Decimal

import pytest

from indicators.entry.answers import EMPTY, TYPED, complete, parse_answer, typed_of
from indicators.models import Measure, Missing, Reading
from spaser.french import NARROW

YES_NO = Measure(code="G1", type="boolean")
COUNT = Measure(code="G2", type="count", unit="marché")
TONNES = Measure(code="G3", type="quantity", unit="tonne")
EUROS = Measure(code="G4", type="amount")
PERCENT = Measure(code="G5", type="percent")
RATE = Measure(code="G6", type="ratio")
CHOICE = Measure(code="G7", type="choice", choices="Réuni\nPas réuni")
TEXT = Measure(code="G8", type="text")

GOOD = [
    (YES_NO, {"value": "Oui"}, {"boolean": True}),
    (YES_NO, {"value": " NON "}, {"boolean": False}),
    (YES_NO, {"value": "x"}, {"boolean": True}),
    (COUNT, {"value": "1 234"}, {"number": Decimal(1234)}),
    (COUNT, {"value": f"1{NARROW}234,0"}, {"number": Decimal(1234)}),
    (COUNT, {"value": "0"}, {"number": Decimal(0)}),
    (COUNT, {"value": "12", "unfilled": "3"}, {"number": Decimal(12), "unfilled": 3}),
    (TONNES, {"value": "12.50"}, {"number": Decimal("12.5"), "decimals": 2}),
    (EUROS, {"value": "1 250,75 €"}, {"number": Decimal("1250.75"), "decimals": 2}),
    (PERCENT, {"value": "-8,2 %"}, {"number": Decimal("-8.2"), "decimals": 1}),
    (
        RATE,
        {"numerator": "63", "denominator": "224"},
        {"numerator": Decimal(63), "denominator": Decimal(224)},
    ),
    (RATE, {"numerator": "0", "denominator": "0"}, {"numerator": Decimal(0), "denominator": Decimal(0)}),
    (CHOICE, {"value": "pas reuni"}, {"text": "Pas réuni"}),
    (TEXT, {"value": "sans objet précis"}, {"text": "sans objet précis"}),
    (TEXT, {"value": "n.d."}, {"text": "n.d."}),
    (COUNT, {"value": "n.d."}, {"missing": Missing.NOT_AVAILABLE}),
    (RATE, {"value": "Sans objet"}, {"missing": Missing.NOT_APPLICABLE}),
    (
        COUNT,
        {"missing": "non disponible", "missing_note": " pas de données chiffrées en 2016 "},
        {"missing": Missing.NOT_AVAILABLE, "missing_note": "pas de données chiffrées en 2016"},
    ),
    (COUNT, {"value": "4", "as_of": "01/03/2018"}, {"number": Decimal(4), "as_of": date(2018, 3, 1)}),
    (COUNT, {"value": "4", "as_of": "2018-03-01"}, {"number": Decimal(4), "as_of": date(2018, 3, 1)}),
    (
        COUNT,
        {
            "value": "4",
            "qualifier": "environ",
            "comment": "Voir la pièce.",
            "source": "SIS",
            "confirmed": "oui",
        },
        {
            "number": Decimal(4),
            "qualifier": "environ",
            "comment": "Voir la pièce.",
            "source": "SIS",
            "confirmed": True,
        },
    ),
    (COUNT, {"comment": "Une valeur\x00 viendra."}, {"comment": "Une valeur viendra."}),
    (COUNT, {}, {}),
]
NOT_A_NUMBER = "« beaucoup » n’est pas un nombre : écrivez par exemple 1 234,56."
BAD = [
    (YES_NO, {"value": "peut-être"}, {"value": "Répondez par oui ou par non."}),
    (COUNT, {"value": "beaucoup"}, {"value": NOT_A_NUMBER}),
    (COUNT, {"value": "3,5"}, {"value": "On attend ici un nombre entier."}),
    (TONNES, {"value": "1,2345678"}, {"value": "Au plus 6 décimales."}),
    (EUROS, {"value": "1234567890123456"}, {"value": "Au plus 15 chiffres."}),
    (RATE, {"numerator": "63"}, {"denominator": "Il manque le dénominateur."}),
    (RATE, {"denominator": "63"}, {"numerator": "Il manque le numérateur."}),
    (RATE, {"numerator": "-1", "denominator": "4"}, {"numerator": "Un terme d’un taux n’est pas négatif."}),
    (
        RATE,
        {"value": "28 %", "numerator": "63", "denominator": "224"},
        {"value": "Donnez le numérateur et le dénominateur : le taux se calcule."},
    ),
    (COUNT, {"value": "4", "numerator": "4"}, {"numerator": "Cette grandeur a une seule valeur."}),
    (CHOICE, {"value": "Reporté"}, {"value": "Choisissez parmi : Réuni, Pas réuni."}),
    (
        COUNT,
        {"value": "4", "missing": "sans objet"},
        {"missing": "Une valeur, ou une raison de n’en pas avoir : pas les deux."},
    ),
    (COUNT, {"missing": "inconnu"}, {"missing": "Écrivez « non disponible » ou « sans objet »."}),
    (
        COUNT,
        {"value": "4", "missing_note": "en attente"},
        {"missing_note": "Choisissez d’abord « non disponible » ou « sans objet »."},
    ),
    (
        COUNT,
        {"as_of": "31/02/2026"},
        {"as_of": "« 31/02/2026 » n’est pas une date : écrivez par exemple 31/12/2026."},
    ),
    (
        COUNT,
        {"as_of": "01/01/1089"},
        {"as_of": "« 01/01/1089 » n’est pas une date : écrivez par exemple 31/12/2026."},
    ),
    (
        COUNT,
        {"value": "4", "unfilled": "-1"},
        {"unfilled": "On attend ici un nombre entier, positif ou nul."},
    ),
    (EUROS, {"value": "12 %"}, {"value": "Cette valeur ne se donne pas en %."}),
    (PERCENT, {"value": "12 €"}, {"value": "Cette valeur ne se donne pas en €."}),
    (EUROS, {"value": "4", "unfilled": "1"}, {"unfilled": "Cela se dit d’un nombre de contrats."}),
    (
        COUNT,  # all that is wrong at once
        {"value": "beaucoup", "as_of": "hier", "unfilled": "quelques-uns"},
        {
            "value": NOT_A_NUMBER,
            "as_of": "« hier » n’est pas une date : écrivez par exemple 31/12/2026.",
            "unfilled": "« quelques-uns » n’est pas un nombre : écrivez par exemple 1 234,56.",
        },
    ),
]


@pytest.mark.parametrize(("measure", "typed", "expected"), GOOD)
def test_what_is_typed_makes_the_fields_of_a_reading(measure, typed, expected):
    fields, errors = parse_answer(measure, typed)
    assert errors == {}
    assert fields == {**EMPTY, **expected}


@pytest.mark.parametrize(("measure", "typed", "expected"), BAD)
def test_what_cannot_be_understood_says_why_beside_it(measure, typed, expected):
    assert parse_answer(measure, typed)[1] == expected


@pytest.mark.parametrize(("measure", "typed", "expected"), [case for case in GOOD if case[2]])
def test_what_is_stored_is_shown_as_it_would_be_typed(measure, typed, expected):
    shown = typed_of(measure, Reading(**{**EMPTY, **expected}))
    assert set(shown) == set(TYPED)
    assert parse_answer(measure, shown) == ({**EMPTY, **expected}, {})


def test_decimals_stay_as_they_were_typed():
    assert typed_of(PERCENT, Reading(number=Decimal("23.3"), decimals=2))["value"] == "23,30"


def test_a_new_value_takes_the_place_of_a_reason():
    stored = dict.fromkeys(TYPED, "") | {"missing": "not_available", "missing_note": "en attente"}
    assert parse_answer(COUNT, complete(stored, {"value": "4"}))[0]["number"] == 4
    assert complete(stored, {"value": "4"})["missing_note"] == ""


def test_a_new_reason_takes_the_place_of_a_value():
    stored = dict.fromkeys(TYPED, "") | {"value": "12"}
    fields, errors = parse_answer(COUNT, complete(stored, {"missing": "sans objet"}))
    assert (errors, fields["number"], fields["missing"]) == ({}, None, Missing.NOT_APPLICABLE)


def test_a_form_that_holds_both_is_asked_which():
    stored = dict.fromkeys(TYPED, "") | {"value": "12"}
    errors = parse_answer(COUNT, complete(stored, {"value": "12", "missing": "sans objet"}))[1]
    assert errors == {"missing": "Une valeur, ou une raison de n’en pas avoir : pas les deux."}
