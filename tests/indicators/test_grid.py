"""The grid of a campaign: a plain form that goes to the preview, and a pasted table that goes there too."""

import json
import re
from decimal import Decimal

import pytest

from actions.models import InvolvementRole
from indicators.entry import grid
from indicators.models import Reading
from spaser.tracking import Door
from tests.actions.test_pages import text_of
from tests.factories import (
    ActionFactory,
    DirectionFactory,
    InvolvementFactory,
    ReadingFactory,
    ReportFactory,
)
from tests.indicators.filling import address, change, preview_of, problems, said

pytestmark = pytest.mark.django_db


def fields_of(client, campaign, **query):
    """The fields of the grid's form as a browser would send them untouched."""
    response = client.get(address(campaign, "campaign_grid"), query)
    assert response.status_code == 200
    page = response.content.decode()
    return {"shown": response.context["shown"], "pasted": "", **inputs(page)}


def inputs(page):
    fields = dict(re.findall(r'<input type="text" name="([^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select name="(missing-[^"]+)"[^>]*>(.*?)</select>', page, re.S):
        fields[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    return fields


def post(client, campaign, fields, **more):
    return client.post(address(campaign, "campaign_grid"), {**fields, **more})


def test_an_untouched_grid_changes_nothing(client, pilot, campaign, count):
    client.force_login(pilot)
    response = post(client, campaign, fields_of(client, campaign))
    assert said(response) == []
    assert "Rien ne change" in text_of(response)


def test_a_filled_grid_is_seen_then_saved(client, pilot, campaign, count, measure):
    measure("G-2", type="ratio")
    measure("G-3", type="boolean")
    measure("G-4", type="choice", choices="Réuni\nPas réuni")
    measure("G-5", type="amount")
    client.force_login(pilot)
    fields = fields_of(client, campaign)
    assert set(fields) - {"shown", "pasted"} == {
        "value-G-1",
        "numerator-G-2",
        "denominator-G-2",
        "value-G-3",
        "value-G-4",
        "value-G-5",
        *(f"missing-G-{n}" for n in range(1, 6)),
    }
    assert fields["value-G-1"] == "4"
    fields |= {"value-G-1": "5", "numerator-G-2": "1", "denominator-G-2": "8", "value-G-3": "Oui"}
    fields |= {"value-G-4": "reuni", "missing-G-5": "not_applicable"}
    response = post(client, campaign, fields)
    assert said(response) == [
        ("G-1", "4\xa0réunions", "5\xa0réunions"),
        ("G-2", "", "12,50\xa0% (1 / 8)"),
        ("G-3", "", "oui"),
        ("G-4", "", "Réuni"),
        ("G-5", "", "sans objet"),
    ]
    assert Reading.objects.count() == 1
    answer = client.post(
        address(campaign, "campaign_grid"), {"rows": preview_of(response).packed}, follow=True
    )
    assert "5 valeurs enregistrées." in text_of(answer)
    assert set(Reading.objects.values_list("door", flat=True)) == {Door.GRID}
    assert Reading.objects.get(measure=count).number == 5


def test_an_emptied_cell_erases_its_value(client, pilot, campaign, count):
    client.force_login(pilot)
    response = post(client, campaign, fields_of(client, campaign), **{"value-G-1": ""})
    assert said(response) == [("G-1", "4\xa0réunions", "")]
    assert "effacée" in text_of(response)


def test_what_is_wrong_is_said_and_goes_back_as_typed(client, pilot, campaign, count, measure):
    measure("G-2")
    measure("G-3")
    client.force_login(pilot)
    fields = fields_of(client, campaign)
    fields |= {"value-G-1": "beaucoup", "value-G-2": "7", "pasted": "G-3\tpeu"}
    response = post(client, campaign, fields)
    assert [(where, code) for where, code, _ in problems(response)] == [
        ("", "G-1"),
        ("tableau collé, ligne 1", "G-3"),
    ]
    back = post(
        client,
        campaign,
        {"rows": preview_of(response).packed, "pasted": response.context["pasted"], "back": "1"},
    )
    page = back.content.decode()
    again = inputs(page)
    assert (again["value-G-1"], again["value-G-2"], again["value-G-3"]) == ("beaucoup", "7", "")
    assert "G-3\tpeu</textarea>" in page
    assert "« beaucoup » n’est pas un nombre" in page
    resent = post(client, campaign, {**again, "shown": back.context["shown"], "pasted": ""})
    assert said(resent) == [("G-2", "", "7")]
    assert Reading.objects.get().number == 4


@pytest.mark.parametrize(
    ("pasted", "values"),
    [
        ("G-1\t5\r\nG-2\t1\t8\r\n", [("G-1", "5\xa0réunions"), ("G-2", "12,50\xa0% (1 / 8)")]),
        ("G-1\tn.d.\nG-2\tsans objet", [("G-1", "non disponible"), ("G-2", "sans objet")]),
        ("Valeur\tCode\n1 234\tG-1\n", [("G-1", "1\u202f234\xa0réunions")]),
        ("G-1;5", [("G-1", "5\xa0réunions")]),
    ],
)
def test_a_pasted_table_goes_to_the_same_preview(client, pilot, campaign, count, measure, pasted, values):
    measure("G-2", type="ratio")
    client.force_login(pilot)
    response = post(client, campaign, fields_of(client, campaign), pasted=pasted)
    assert problems(response) == []
    assert [(code, after) for code, _, after in said(response)] == values


def test_pasted_lines_that_cannot_be_read_say_where(client, pilot, campaign, count, measure):
    measure("G-2")
    client.force_login(pilot)
    pasted = "G-1\n\nG-2\t1\t2\t3\nXX\t5\nG-2\t1\t8\nG-1\t5"
    response = post(client, campaign, fields_of(client, campaign), pasted=pasted)
    found = {where: (code, words) for where, code, words in problems(response)}
    expected = (
        "On attend sur chaque ligne un code et une valeur, ou un code, un numérateur et un dénominateur."
    )
    assert found["tableau collé, ligne 1"] == ("G-1", expected)
    assert found["tableau collé, ligne 3"] == ("G-2", expected)
    assert found["tableau collé, ligne 4"] == ("XX", "Ce code n’est celui d’aucune grandeur du schéma.")
    assert "une seule valeur" in found["tableau collé, ligne 5"][1]
    assert said(response) == [("G-1", "4\xa0réunions", "5\xa0réunions")]


def test_a_line_given_in_the_grid_and_pasted_is_refused(client, pilot, campaign, count):
    client.force_login(pilot)
    response = post(client, campaign, fields_of(client, campaign), **{"value-G-1": "5", "pasted": "G-1\t6"})
    words = "Ce code est donné 2 fois : la grille ; tableau collé, ligne 1."
    assert problems(response) == [("tableau collé, ligne 1", "G-1", words)]
    assert json.loads(preview_of(response).packed)[0]["typed"] == {"value": "5"}  # still there to go back to


def test_a_paste_too_long_or_malformed_is_refused(client, pilot, campaign, count):
    client.force_login(pilot)
    fields = fields_of(client, campaign)
    assert "dépasse 200 000 caractères" in text_of(post(client, campaign, fields, pasted="G-1\t5\n" * 40_000))
    assert "mal formé" in text_of(post(client, campaign, fields, pasted='G-1\t"' + "a" * 150_000))


@pytest.mark.parametrize(
    "shown", ["[", "[]", '{"G-1": 4}', '{"G-1": [1, {"value": 4}]}', '{"G-1": [-1, {}]}']
)
def test_a_forged_grid_changes_nothing(client, pilot, campaign, count, shown):
    client.force_login(pilot)
    page = client.post(address(campaign, "campaign_grid"), {"shown": shown, "value-G-1": "9"}, follow=True)
    assert "L’aperçu n’a pas pu être relu" in text_of(page)


def test_a_line_that_another_changed_is_told(client, pilot, campaign, count):
    client.force_login(pilot)
    fields = fields_of(client, campaign)
    change(count, 5, by=None)
    response = post(client, campaign, fields, **{"value-G-1": "6"})
    page = re.sub(r"\s+", " ", text_of(response))
    assert "Modifié depuis l’affichage" in page
    assert "Valeur à l’affichage : 4 réunions" in page
    untouched = post(client, campaign, fields)
    assert said(untouched) == []
    assert preview_of(untouched).conflicts == []


def test_the_grid_has_what_may_be_filled_and_no_more(
    client, pilot, steering, campaign, count, measure, report, scheme
):
    handed = ReportFactory(
        campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme), submitted=True
    )
    InvolvementFactory(action=handed.action, direction=pilot.memberships.get().direction)
    measure("G-8", report=handed)
    other = ReportFactory(campaign=campaign, action=ActionFactory(objective__pillar__scheme=scheme))
    direction = DirectionFactory(organisation=scheme.organisation, code="DEAU")
    InvolvementFactory(action=other.action, direction=direction, role=InvolvementRole.SUPPORT)
    measure("G-9", report=other)
    client.force_login(pilot)
    assert [name for name in fields_of(client, campaign) if name.startswith("value-")] == ["value-G-1"]
    assert "1 fiche hors de la grille" in re.sub(
        r"\s", " ", text_of(client.get(address(campaign, "campaign_grid")))
    )
    client.force_login(steering)
    names = [name for name in fields_of(client, campaign, direction="DEAU") if name.startswith("value-")]
    assert names == ["value-G-9"]


def test_a_grid_too_long_asks_for_a_direction(client, steering, campaign, count, monkeypatch):
    monkeypatch.setattr(grid, "MAX_LINES", 0)
    client.force_login(steering)
    page = text_of(client.get(address(campaign, "campaign_grid")))
    assert "choisissez une direction" in page
    assert "<table" not in page


def test_former_values_and_escaped_texts(client, pilot, campaign, count, measure, report):
    odd = measure("G-2", type="text")
    ReadingFactory(report=report, measure=odd, text='"><script>alert(1)</script>')
    earlier = ReportFactory(
        campaign__scheme=campaign.scheme, campaign__year=2025, action=report.action, from_document=True
    )
    ReadingFactory(report=earlier, measure=count, number=Decimal(3))
    client.force_login(pilot)
    page = client.get(address(campaign, "campaign_grid")).content.decode()
    assert "3\xa0réunions" in page
    assert "<script>alert" not in page
