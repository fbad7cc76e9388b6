"""French numbers, by hand: what is typed, what is refused and why, what is printed."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaser.french import (
    MINUS,
    NARROW,
    NO_BREAK,
    format_date,
    format_number,
    format_time,
    parse_number,
    plural,
    round_half_up,
    with_unit,
)

THIN = "\u2009"

# what is typed, the value, the decimals
UNDERSTOOD = [
    ("0", "0", 0),
    ("12", "12", 0),
    ("  12\n", "12", 0),
    ("007", "7", 0),
    ("1 234,56", "1234.56", 2),
    (f"1{NARROW}234,56", "1234.56", 2),
    (f"1{NO_BREAK}234,56", "1234.56", 2),
    (f"1{THIN}234,56", "1234.56", 2),
    ("1 234 567", "1234567", 0),
    ("1.234,56", "1234.56", 2),
    ("1.234.567,8", "1234567.8", 1),
    ("1234,5", "1234.5", 1),
    ("12.5", "12.5", 1),
    ("1.234", "1.234", 3),  # a point without a comma is the decimal one
    ("23,30 %", "23.30", 2),
    (f"23,30{NARROW}%", "23.30", 2),
    ("100%", "100", 0),
    ("12 €", "12", 0),
    (f"1 200,00{NO_BREAK}€", "1200.00", 2),
    ("-7,3", "-7.3", 1),
    ("−7", "-7", 0),
    ("– 7", "-7", 0),
    ("+1,8", "1.8", 1),
    ("-0", "0", 0),
    ("0,000001", "0.000001", 6),
    ("123456789012345", "123456789012345", 0),
    ("123 456 789 012,345", "123456789012.345", 3),
    ("000123456789012345", "123456789012345", 0),  # the leading zeros are no digits of the number
]

NOT_A_NUMBER = "« {} » n’est pas un nombre : écrivez par exemple 1 234,56."
MISSING = "Il manque un nombre."
TOO_MANY_DECIMALS = "Au plus 6 décimales."
TOO_MANY_DIGITS = "Au plus 15 chiffres."

# what is typed, why it is refused
REFUSED = [
    ("", MISSING),
    ("   ", MISSING),
    (f"{NARROW}{NO_BREAK}", MISSING),
    ("%", MISSING),
    ("€", MISSING),
    ("douze", NOT_A_NUMBER.format("douze")),
    ("environ 12", NOT_A_NUMBER.format("environ 12")),
    ("12 réunions", NOT_A_NUMBER.format("12 réunions")),
    (" 12 k€ ", NOT_A_NUMBER.format("12 k€")),
    ("€ 12", NOT_A_NUMBER.format("€ 12")),
    ("12 % %", NOT_A_NUMBER.format("12 % %")),
    ("12 % €", NOT_A_NUMBER.format("12 % €")),
    ("-", NOT_A_NUMBER.format("-")),
    ("--7", NOT_A_NUMBER.format("--7")),
    ("7-", NOT_A_NUMBER.format("7-")),
    (",5", NOT_A_NUMBER.format(",5")),
    ("5,", NOT_A_NUMBER.format("5,")),
    ("1,2,3", NOT_A_NUMBER.format("1,2,3")),
    ("1,234.56", NOT_A_NUMBER.format("1,234.56")),
    ("1.234.567", NOT_A_NUMBER.format("1.234.567")),
    ("12.34,5", NOT_A_NUMBER.format("12.34,5")),
    ("1e5", NOT_A_NUMBER.format("1e5")),
    ("1_000", NOT_A_NUMBER.format("1_000")),
    ("0x10", NOT_A_NUMBER.format("0x10")),
    ("NaN", NOT_A_NUMBER.format("NaN")),
    ("Infinity", NOT_A_NUMBER.format("Infinity")),
    ("10/20", NOT_A_NUMBER.format("10/20")),
    ("=1+1", NOT_A_NUMBER.format("=1+1")),
    ("１２", NOT_A_NUMBER.format("１２")),  # full-width digits
    ("12²", NOT_A_NUMBER.format("12²")),
    ("12 34", NOT_A_NUMBER.format("12 34")),  # two numbers, or one mistyped
    ("1 2345", NOT_A_NUMBER.format("1 2345")),
    ("1\n2", NOT_A_NUMBER.format("1\n2")),
    ("1 234,5 6", NOT_A_NUMBER.format("1 234,5 6")),
    ("x" * 60, NOT_A_NUMBER.format("x" * 40)),  # quoted, but not at any length
    ("0,1234567", TOO_MANY_DECIMALS),
    ("1.0000000", TOO_MANY_DECIMALS),
    ("1234567890123456", TOO_MANY_DIGITS),
    ("1 000 000 000 000 000", TOO_MANY_DIGITS),
    ("1234567890123,456", TOO_MANY_DIGITS),
    ("9" * 5000, TOO_MANY_DIGITS),
]


@pytest.mark.parametrize(("text", "value", "decimals"), UNDERSTOOD)
def test_a_number_is_understood(text, value, decimals):
    assert parse_number(text) == (Decimal(value), decimals)


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_says_why(text, message):
    with pytest.raises(ValueError) as refusal:
        parse_number(text)
    assert str(refusal.value) == message


def test_decimals_are_those_typed():
    value, decimals = parse_number("23,30 %")
    assert (str(value), decimals) == ("23.30", 2)


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        ("0", None, "0"),
        ("0.000000", None, "0"),
        ("12", None, "12"),
        ("12.500000", None, "12,5"),
        ("1000", None, f"1{NARROW}000"),
        ("1E+3", None, f"1{NARROW}000"),
        ("1234.56", None, f"1{NARROW}234,56"),
        ("1234567.891", None, f"1{NARROW}234{NARROW}567,891"),
        ("-7.3", None, f"{MINUS}7,3"),
        ("-1234.5", None, f"{MINUS}1{NARROW}234,5"),
        ("0.000001", None, "0,000001"),
        ("999.999", 2, f"1{NARROW}000,00"),
        ("23.3", 2, "23,30"),
        ("28.125", 0, "28"),
        ("28.125", 1, "28,1"),
        ("28.125", 2, "28,13"),
        ("-0.04", 1, "0,0"),
        ("-0.05", 1, f"{MINUS}0,1"),
    ],
)
def test_a_number_is_printed(value, decimals, printed):
    assert format_number(Decimal(value), decimals) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [("1.8", "+1,8"), ("-7.3", f"{MINUS}7,3"), ("0", "0,0"), ("0.04", "0,0"), ("-0.04", "0,0")],
)
def test_a_change_is_printed_with_its_sign(value, printed):
    assert format_number(Decimal(value), 1, sign=True) == printed


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        ("28.125", 0, "28"),
        ("28.125", 2, "28.13"),
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("-0.5", 0, "-1"),
        ("-2.5", 0, "-3"),
        ("0.49", 0, "0"),
        ("2.675", 2, "2.68"),
        ("66.66666666666666666666666667", 2, "66.67"),
        ("12", 2, "12.00"),
    ],
)
def test_half_is_rounded_away_from_zero(value, decimals, rounded):
    assert str(round_half_up(Decimal(value), decimals)) == rounded


@st.composite
def storable_numbers(draw):
    """A number that can be typed: at most 15 digits, of which at most 6 decimals."""
    decimals = draw(st.integers(0, 6))
    return Decimal(draw(st.integers(-(10**15) + 1, 10**15 - 1))).scaleb(-decimals), decimals


@settings(deadline=None, database=None)
@given(storable_numbers())
def test_what_is_printed_is_understood_again(number):
    value, decimals = number
    assert parse_number(format_number(value, decimals)) == (value, decimals)
    assert parse_number(format_number(value, decimals, sign=True)) == (value, decimals)
    assert parse_number(format_number(value)) == (value, -min(0, value.normalize().as_tuple().exponent))


@settings(deadline=None, database=None)
@given(st.text())
def test_any_text_is_a_number_or_a_french_refusal(text):
    try:
        value, decimals = parse_number(text)
    except ValueError as refusal:
        assert str(refusal).endswith(".")
    else:
        assert value.is_finite()
        assert 0 <= decimals <= 6


@pytest.mark.parametrize(
    ("unit", "value", "written"),
    [
        ("réunion", 0, "réunion"),
        ("réunion", 1, "réunion"),
        ("réunion", "1.99", "réunion"),
        ("réunion", 2, "réunions"),
        ("réunion", -2, "réunions"),
        ("réunion", "-1.5", "réunion"),
        ("tonne", "12.5", "tonnes"),
        ("don", 3, "dons"),
        ("lot", 3, "lots"),
        ("repas", 3, "repas"),
        ("prix", 3, "prix"),
        ("gaz", 3, "gaz"),
        ("km", 3, "km"),
        ("L", 3, "L"),
        ("kWh", 3, "kWh"),
        ("DCE", 3, "DCE"),
        ("%", 3, "%"),
        ("€", 3, "€"),
        ("", 3, ""),
        ("rendez-vous", 3, "rendez-vous"),
        ("g par convive", 3, "g par convive"),
    ],
)
def test_the_unit_agrees_with_its_number(unit, value, written):
    assert plural(unit, Decimal(value)) == written


def test_the_unit_follows_a_no_break_space():
    assert with_unit("12,5", "%") == f"12,5{NO_BREAK}%"
    assert with_unit("12", "") == "12"


def test_a_date_is_day_month_year():
    assert format_date(date(2026, 3, 1)) == "01/03/2026"


def test_a_time_has_its_minutes_and_no_leading_zero():
    assert format_time(time(9, 5)) == "9\u00a0h\u00a005"
