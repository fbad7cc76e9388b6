"""Bad input, typed or forged, through the doors that people use: a French reason beside it, and nothing stored moves.

Files are in `test_bad_files`; together they send at least 500.
"""

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils.html import escape

from indicators.entry.grid import shown_of
from indicators.entry.scope import scope_of
from indicators.models import Reading
from indicators.perms import today
from tests.factories import LegalCategoryFactory, ReadingFactory, StepFactory
from tests.indicators.bad import (
    BAD_CHOICES,
    BAD_DATES,
    BAD_REASONS,
    BAD_YES_NO,
    FORMULA_ERRORS,
    LEAST,
    LONG_TEXT,
    NOT_NUMBERS,
    assert_french,
    bad_numbers,
    is_number,
    stored,
)
from tests.indicators.filling import address, preview_of, problems, said
from tests.indicators.test_sheet import fields_of, messages, text_of

pytestmark = pytest.mark.django_db

TYPES = {
    "boolean": {"boolean": True},
    "count": {"number": Decimal(4)},
    "quantity": {"number": Decimal("4.5"), "decimals": 1},
    "amount": {"number": Decimal("1250.75"), "decimals": 2},
    "percent": {"number": Decimal("23.3"), "decimals": 1},
    "ratio": {"numerator": Decimal(1), "denominator": Decimal(8)},
    "choice": {"text": "Réuni"},
    "text": {"text": "Le réseau s’est réuni."},
}


def extras(kind):
    """What a measure of this type has besides."""
    return {"choices": "Réuni\nPas réuni"} if kind == "choice" else {}


OTHER_UNITS = {
    "count": ["12 %", "12 €"],
    "quantity": ["1 234,5 €", "12 %"],
    "amount": ["12 %"],
    "percent": ["12 €"],
}


def test_at_least_five_hundred_bad_inputs_are_sent():
    assert sum(LEAST.values()) >= 500
    assert (LEAST["typed"], LEAST["workbooks"], LEAST["evidence"]) >= (250, 150, 60)


# the sheet


def typed_badly(kind, seed):
    """[({field: text typed}, the field beside which the reason stands)] of one type of measure."""
    numbers = bad_numbers(count=25, seed=seed)
    values = {
        "boolean": BAD_YES_NO,
        "count": [*numbers, "3,5", "0,1", "-2,000001", *OTHER_UNITS["count"]],
        "quantity": [*numbers[seed::3], *OTHER_UNITS["quantity"]],
        "amount": [*numbers[seed::3], *OTHER_UNITS["amount"]],
        "percent": [*numbers[seed::3], *OTHER_UNITS["percent"]],
        "choice": BAD_CHOICES,
        "text": [*FORMULA_ERRORS, LONG_TEXT],
    }
    found = [({"value": text}, "value") for text in values.get(kind, ())]
    if kind == "ratio":
        found = [
            ({"numerator": text, "denominator": "8"}, "numerator") for text in [*numbers[::4], "-1", "1 %"]
        ]
        found += [({"denominator": text}, "denominator") for text in [*numbers[2::4], "-0,5", "", "8 %"]]
    if kind == "count":
        found += [({"as_of": text}, "as_of") for text in BAD_DATES]
        found += [
            ({"unfilled": text}, "unfilled") for text in [*NOT_NUMBERS[::5], "-1", "1,5", "2147483648", "3 %"]
        ]
        reasons = [*BAD_REASONS, "sans objet"]  # the last is one, but there is a value too
        found += [({"value": "5", "missing": text}, "missing") for text in reasons]
        found += [
            ({"value": "5", "missing_note": text}, "missing_note") for text in ("en cours", "🙂", "<b>")
        ]
        found += [({"confirmed": text}, "confirmed") for text in ("peut-être", "2", "🙂", "on")]
    found += [({"qualifier": "x" * 61}, "qualifier"), ({"source": "é" * 301}, "source")]
    found += [
        ({"comment": LONG_TEXT}, "comment"),
        ({"comment": "#REF!"}, "comment"),
        ({"source": "#N/A"}, "source"),
    ]
    found += [({"as_of": text}, "as_of") for text in BAD_DATES[:3]]
    return found


CASES = {kind: typed_badly(kind, seed) for seed, kind in enumerate(TYPES)}


def test_the_sheet_is_given_enough():
    assert sum(map(len, CASES.values())) >= LEAST["typed"]


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_typed_badly_is_said_beside_it_kept_and_not_stored(client, report, measure, pilot, kind):
    """Each in a line of its own; every other line has a value already, which stays."""
    changes, contracts = {}, {"legal_category": LegalCategoryFactory(), "legal_basis": "contracts"}
    for rank, (typed, field) in enumerate(CASES[kind]):
        of_contracts = contracts if field == "unfilled" else {}
        line = measure(f"T-{rank}", type=kind, **extras(kind), **of_contracts)
        if rank % 2:
            ReadingFactory(report=report, measure=line, as_of=date(2026, 6, 30), **TYPES[kind])
        changes |= {f"l-T-{rank}-{name}": text for name, text in typed.items()}
    client.force_login(pilot)
    page = report.get_absolute_url()
    before = stored()
    response = client.post(page, fields_of(client, page) | changes, follow=True)
    assert response.status_code == 200
    assert_french(messages(response))
    forms, content = {form.measure.code: form for form in response.context["sheet"].lines}, text_of(response)
    for rank, (typed, field) in enumerate(CASES[kind]):
        form = forms[f"T-{rank}"]
        assert field in form.errors, (kind, typed)
        for said_beside in form.errors.values():
            assert_french(said_beside)
        for name, text in typed.items():
            assert name == "confirmed" or form[name].value() == text  # a box is ticked, whatever it sends
            chosen = name in ("missing", "confirmed") or (name == "value" and kind in ("boolean", "choice"))
            assert chosen or escape(text) in content, (name, text)
        assert escape(form.errors[field][0]) in content
    assert stored() == before


def figures_badly():
    """[({field: text}, field)] of the other figures of a sheet."""
    right = {"label": "Repas servis", "value": "12"}
    values = [{**right, "value": text} for text in bad_numbers(count=10, seed=5)[::8]]
    found = [(typed, "value") for typed in [*values, {"label": "Repas servis"}]]
    found += [
        ({"value": "12"}, "label"),
        ({**right, "label": "x" * 301}, "label"),
        ({**right, "label": " "}, "label"),
    ]
    found += [({**right, "unit": "x" * 41}, "unit"), ({**right, "qualifier": "x" * 61}, "qualifier")]
    found += [({**right, "heading": "x" * 201}, "heading"), ({**right, "note": LONG_TEXT}, "note")]
    return found


def test_another_figure_that_is_wrong_is_said_and_kept(client, report, pilot):
    client.force_login(pilot)
    page = report.get_absolute_url()
    fields, before, cases = fields_of(client, page), stored(), figures_badly()
    assert len(cases) >= LEAST["figures"]
    for typed, field in cases:
        changes = {f"d-nouvelle-0-{name}": text for name, text in typed.items()}
        response = client.post(page, fields | changes, follow=True)
        form = next(form for form in response.context["sheet"].figures if form.prefix == "d-nouvelle-0")
        assert_french(form.errors[field])
        for name, text in typed.items():
            assert form[name].value() == text
            assert escape(text) in text_of(response)
    assert stored() == before


NARRATIVE = [
    ("fiche-state", "fini"),
    ("fiche-state", "<b>done</b>"),
    ("fiche-state", "DONE"),
    ("fiche-state", "x" * 200),
    ("fiche-realisation", LONG_TEXT),
    ("fiche-outlook", "é" * 20_001),
    ("e-E-1-state", "fini"),
    ("e-E-1-state", "🙂" * 50),
]


def test_a_narrative_or_a_step_that_is_wrong_is_said_and_kept(client, report, action, pilot):
    StepFactory(action=action, code="E-1")
    client.force_login(pilot)
    page = report.get_absolute_url()
    fields, before = fields_of(client, page), stored()
    assert len(NARRATIVE) >= LEAST["narrative"]
    for name, text in NARRATIVE:
        response = client.post(page, fields | {name: text}, follow=True)
        prefix, _, field = name.rpartition("-")
        form = next(form for form in response.context["sheet"].forms if form.prefix == prefix)
        assert_french(form.errors[field])
        assert form[field].value() == text
    assert stored() == before


# the grid


def shown_in_a_cell(text):
    """A cell has no control characters: a space stands for each."""
    return re.sub("[\x01-\x08\x0b\x0c\x0e-\x1f]", " ", text).strip()


PER_TYPE = {  # what may be typed in the cells of each type
    "count": [text for text in bad_numbers(count=10, seed=8)[::3] if not is_number(shown_in_a_cell(text))],
    "amount": [*bad_numbers(count=10, seed=9)[1::9], "12 %"],
    "boolean": BAD_YES_NO[:12],
    "choice": BAD_CHOICES[:10],
}


@pytest.fixture
def lines(report, measure):
    """{code: text typed badly}: a line for each, every other one with a value."""
    typed = {}
    for kind, texts in PER_TYPE.items():
        for rank, text in enumerate(texts):
            line = measure(f"{kind}-{rank}", type=kind, **extras(kind))
            if rank % 2:
                ReadingFactory(report=report, measure=line, **TYPES[kind])
            typed[line.code] = text
    return typed


def test_what_is_typed_badly_in_the_grid_is_said_by_line_and_kept(client, campaign, pilot, lines):
    client.force_login(pilot)
    where, before = address(campaign, "campaign_grid"), stored()
    assert len(lines) >= LEAST["grid"]
    shown = client.get(where).context["shown"]
    fields = {"shown": shown} | {f"value-{code}": text for code, text in lines.items()}
    response = client.post(where, fields)
    assert (response.status_code, said(response)) == (200, [])
    assert {code for _, code, _ in problems(response)} == set(lines)
    for _, code, message in problems(response):
        assert_french([message])
        assert message.startswith("Valeur : "), (code, message)
        assert escape(message) in text_of(response)
    packed = preview_of(response).packed
    back = client.post(where, {"rows": packed, "back": "1"})
    for _, rows in back.context["groups"]:
        for row in rows:
            assert_french(row.errors)
            typed = shown_in_a_cell(lines[row.slot.measure.code])
            assert row.cells[0].text == typed
    confirmed = client.post(where, {"rows": packed}, follow=True)
    assert len(problems(confirmed)) == len(lines)
    assert stored() == before


PASTED = [
    "G-1", "G-1\t", "\t5", "G-1\t5\t6\t7", "G-1\t1\t2", "5", "G-9\t5", "=G-1\t5", "<b>G-1</b>\t5", "🙂\t5", "G-1\tdouze",
    "G-1\t5\nG-1\t6", "g-1\t5\nG-1\t5", "G-1 5", "G-1:5", "G-1,5", "G-1|5", "\x00\t5", "Code\tValeur\nG-9\t5",
    "Code\tValeur\tValeur\nG-9\t5\t6", "Valeur\tCode\n5\t", "Code\tValeur\nG-1\tdouze", 'G-1\t"5', 'G-1\t"5"6', "{}", "[1]",
    "SELECT 1", "G-1\t#REF!", "G-1\t=5", "G-1\t1e5", "G-1\t1,234.56", "G-1\t-", "G-1\t3,5", "G-1\t12 %", "G-1\t12 34",
    f"G-{'1' * 3000}\t5", "G-1\t" + "9" * 3000, "x" * 200_001, "G-9\t5\n" * 500, "\ufeffG-9\t5", "G\u200b-1\t5", "<html>",
    "%PDF-1.7", "G-1\t5\x1c6",
]  # fmt: skip


def test_what_is_pasted_badly_is_said(client, campaign, pilot, count):
    client.force_login(pilot)
    where, before = address(campaign, "campaign_grid"), stored()
    assert len(PASTED) >= LEAST["pasted"]
    for rank, text in enumerate(PASTED):
        response = client.post(where, {"shown": "", "pasted": text})
        assert response.status_code == 200
        assert said(response) == [], text
        assert problems(response), text
        assert_french([message for _, _, message in problems(response)])
        assert response.context["pasted"] == text
        if rank % 4 == 0:
            rows = preview_of(response).packed
            client.post(where, {"rows": rows})
            back = client.post(where, {"rows": rows, "pasted": text, "back": "1"})
            assert back.context["pasted"] == text
    assert stored() == before


# what a page hides, forged

DEEP, LONG_NUMBER = "[" * 100_000, "9" * 5000
FORGED_WAS = [
    "", "{", "null", "true", "1", LONG_NUMBER, "NaN", "[]", '"x"', DEEP, '{"value":' * 5000, '{"value": ["12"]}',
    '{"value": null}', '{"value": {"a": {}}}', f'{{"value": {LONG_NUMBER}}}', '{"value": 1e999}', '{"value": NaN}',
    '{"value": "\\u0000"}', '{"value": "\\ud800"}', '{"number": 5}', '{"__class__": "x"}', '{"": ""}', "\x00", "\ufeff{}",
    '{"value": "' + "x" * 100_000 + '"}', '{"value":' + "[" * 900 + "]" * 900 + "}",
]  # fmt: skip
FORGED_SEEN = ["", "-1", "1e3", "zéro", "9" * 400, "٣", "0x1", "1;2", "None", "\x00", "🙂", " 1 "]


def test_a_forged_memory_of_a_line_lets_nothing_through(client, report, count, pilot):
    """Whatever the page pretends to have shown, what is typed badly is refused, and kept."""
    client.force_login(pilot)
    page = report.get_absolute_url()
    fields, before = fields_of(client, page), stored()
    forged = [{"was": text} for text in FORGED_WAS] + [{"was": "{}", "seen": text} for text in FORGED_SEEN]
    forged += [{"met": text, "line_keep": "mine"} for text in FORGED_SEEN]
    assert len(forged) >= 50
    for hidden in forged:
        data = fields | {f"l-G-1-{name}": text for name, text in hidden.items()} | {"l-G-1-value": "beaucoup"}
        response = client.post(page, data, follow=True)
        [form] = response.context["sheet"].lines
        assert_french(form.errors["value"])
        assert form["value"].value() == "beaucoup"
    assert stored() == before


def test_a_forged_version_is_a_conflict_and_nobody_is_overwritten(client, report, count, pilot):
    client.force_login(pilot)
    page = report.get_absolute_url()
    fields, before = fields_of(client, page), stored()
    for seen in ("0", "2", "999999999", "zéro"):
        response = client.post(page, fields | {"l-G-1-value": "5", "l-G-1-seen": seen}, follow=True)
        [form] = response.context["sheet"].lines
        assert "a changé cette ligne pendant que vous la remplissiez" in text_of(response)
        assert form["value"].value() == "5"
        assert form.conflict.before == "4\xa0réunions"
    assert stored() == before


NAMES = [
    "l-\x00-value",
    "\x00",
    "l-\ud800-value",
    "d--1-label",
    "d-nouvelle-99-value",
    "e-\x00-state",
    "l-G-9-value",
]
NAMES += [
    "fiche-is_staff",
    "fiche-status",
    "l-G-1-version",
    "q-\x00",
    "q-G-9",
    "report",
    "x" * 500,
    "🙂",
    "",
]


def test_forged_names_of_fields_change_nothing(client, report, count, pilot):
    client.force_login(pilot)
    page = report.get_absolute_url()
    fields, before = fields_of(client, page), stored()
    for name in [name.encode("utf-8", "replace").decode() for name in NAMES]:
        data = fields | {name: "5", f"{name}-was": "{}"}
        assert client.post(page, data | {"then": "submit", "carry": f"{name}\r\nX: y"}).status_code == 302
        assert client.post(page, data | {"autosave": "1"}).status_code in (200, 204)
    assert client.get(page).status_code == 200
    assert stored() == before


ROW = '{"code": "G-1", "typed": {"value": "5"}'
ROWS = [
    "", " ", "null", "true", "1", LONG_NUMBER, "NaN", '"x"', "{}", "[1]", "[null]", "[[]]", '["G-1"]', DEEP, '[{"a":' * 3000,
    '[{"code": 1, "typed": {}}]', '[{"typed": {"value": "5"}}]', '[{"code": "G-1"}]', '[{"code": null, "typed": {}}]',
    '[{"code": "G-1", "typed": null}]', '[{"code": "G-1", "typed": []}]', '[{"code": "G-1", "typed": "value"}]',
    '[{"code": "G-1", "typed": {"number": "5"}}]', '[{"code": "G-1", "typed": {"value": 5}}]',
    '[{"code": "G-1", "typed": {"value": null}}]', '[{"code": "G-1", "typed": {"value": ["5"]}}]', f'[{ROW}, "seen": true}}]',
    f'[{ROW}, "seen": "1"}}]', f'[{ROW}, "seen": -1}}]', f'[{ROW}, "seen": 1.0}}]', f'[{ROW}, "seen": 2147483648}}]',
    f'[{ROW}, "seen": {LONG_NUMBER}}}]', f'[{ROW}, "was": []}}]', f'[{ROW}, "was": {{"x": "1"}}}}]', f'[{ROW}, "where": 5}}]',
    f'[{ROW}, "was": {{"value": 5}}}}]', f'[{ROW}, "cells": null}}]', f'[{ROW}, "cells": {{"value": 5}}}}]',
    f'[{ROW}, "is_staff": true}}]', f"[{ROW}", f"[{ROW}}},]", "[" + '"' + "a" * 2_000_001 + '"]',
    # well made, and refused for what they say
    '[{"code": "G-9", "typed": {"value": "5"}}]', '[{"code": "\\u0000", "typed": {"value": "5"}}]',
    '[{"code": "\\ud800", "typed": {"value": "5"}}]', '[{"code": "G-1", "typed": {"value": "beaucoup"}}]',
    '[{"code": "G-1", "typed": {"value": "\\ud800"}}]', '[{"code": "G-1", "typed": {"numerator": "5"}}]',
    f"[{ROW}}}, {ROW}}}]", f'[{ROW}, "seen": 0}}]', f'[{ROW}, "seen": 7, "was": {{"value": "\\ud800"}}}}]',
    '[{"code": "' + "G" * 5000 + '", "typed": {"value": "5"}}]',
]  # fmt: skip


@pytest.mark.parametrize("door", ["campaign_workbook", "campaign_grid"])
def test_a_forged_preview_is_refused(client, campaign, pilot, count, door):
    client.force_login(pilot)
    before, where = stored(), address(campaign, door)
    assert len(ROWS) >= 50
    for rank, rows in enumerate(ROWS):
        response = client.post(where, {"rows": rows}, follow=True)
        assert response.status_code == 200
        told = messages(response)
        if "preview" in response.context:
            told += [message for _, _, message in problems(response)]
            conflicts = preview_of(response).conflicts
            assert all(item.line.before == "4\xa0réunions" for item in conflicts)
            told += ["Ce qu’une autre personne a modifié" for _ in conflicts]
        assert_french(told)
        if door == "campaign_grid" and rank % 4 == 0:
            assert client.post(where, {"rows": rows, "back": "1"}).status_code in (200, 302)
    assert stored() == before


SHOWN = [
    "null", "[]", "1", LONG_NUMBER, DEEP, '{"G-1":' * 3000, '{"G-1": 1}', '{"G-1": []}', '{"G-1": [1]}', '{"G-1": [1, 2]}',
    '{"G-1": [1, {"value": 4}]}', '{"G-1": ["1", {}]}', '{"G-1": [true, {}]}', '{"G-1": [-1, {}]}', '{"G-1": [1.0, {}]}',
    '{"G-1": [2147483648, {}]}', "x" * 1_000_001,
]  # fmt: skip


def test_a_forged_memory_of_the_grid_is_refused(client, campaign, pilot, count):
    client.force_login(pilot)
    before, where = stored(), address(campaign, "campaign_grid")
    for shown in SHOWN:
        response = client.post(where, {"shown": shown, "value-G-1": "5"}, follow=True)
        assert messages(response) == ["L’aperçu n’a pas pu être relu : recommencez."], shown
    for was in ("\\u0000", "\\ud800", "🙂"):
        shown = f'{{"G-1": [7, {{"value": "{was}"}}]}}'
        assert len(preview_of(client.post(where, {"shown": shown, "value-G-1": "5"})).conflicts) == 1
    for name in ("value-\x00", "value-", "missing-🙂", "value-" + "x" * 500):
        response = client.post(where, {"shown": "{}", name: "5"})
        assert_french([message for _, _, message in problems(response)])
        client.post(where, {"rows": preview_of(response).packed}, follow=True)
    assert stored() == before


def test_the_grid_shows_what_it_remembers(campaign, pilot, count):
    """So that the forged ones above are refused for what they are, and not for their form."""
    shown = json.loads(shown_of(scope_of(pilot, campaign, on=today())))
    assert shown == {"G-1": [Reading.objects.get().version, {"value": "4"}]}


def test_a_request_that_is_too_large_or_broken_is_refused_in_french(client, report, campaign, count, pilot):
    client.force_login(pilot)
    before = stored()
    broken = {"content_type": "multipart/form-data"}
    for where in (report.get_absolute_url(), address(campaign), address(campaign, "campaign_grid")):
        for response in (
            client.post(where, {"l-G-1-comment": "x" * 2_700_000}),
            client.post(where, {f"l-{rank}": "" for rank in range(5001)}),
            client.post(where, "pas du multipart", **broken),
        ):
            assert response.status_code == 400
            assert "Rien n’a été enregistré" in text_of(response)
            assert '<html lang="fr">' in text_of(response)
    assert stored() == before
