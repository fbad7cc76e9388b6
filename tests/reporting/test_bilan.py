"""The 2017 bilan: one frozen structure, printed as PDF, with the figures that were published."""

import json
import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from indicators.models import Reading
from reporting.editions.bilan_pdf import bilan_html, bilan_pdf
from reporting.editions.build import build_bilan
from reporting.editions.frozen import freeze, thaw
from reporting.editions.pdf import StaticFetcher
from reporting.situation import NoCampaign
from tests.plans import load_plan

from .figures_2017 import EVOLUTIONS, EXTRA_FIGURES, ND, READINGS

pytestmark = pytest.mark.django_db

NARROW, NO_BREAK = "\u202f", "\u00a0"


def plain(text):
    """Typographic spaces as ordinary ones, to compare with what a person types."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


@pytest.fixture
def scheme():
    return load_plan("pas-de-calais-2017")


@pytest.fixture
def bilan(scheme):
    return build_bilan(scheme, year=2017)


def rows_of(bilan):
    return {
        row.code: row
        for sheet in bilan.sheets
        for table in sheet.indicators
        for row in table.rows
        if row.code
    }


def test_synthesis(bilan):
    assert (bilan.engaged, bilan.total, bilan.years) == (13, 21, (2016, 2017))
    assert [(p.heading, p.engaged) for p in bilan.pillars] == [("Axe 1", 7), ("Axe 2", 3), ("Axe 3", 3)]
    assert [zoom.action for zoom in bilan.zooms] == ["Action 1-1.3", "Action 2-3.1", "Action 3-3.2"]
    assert (bilan.filled, bilan.expected) == (44, 47)
    assert bilan.unvalidated == 0


def test_every_value_of_the_document(bilan):
    rows = rows_of(bilan)
    assert set(rows) == set(READINGS)
    for code, printed in READINGS.items():
        for cell, expected in zip(rows[code].cells, printed, strict=True):
            text = plain(cell.text)
            if expected is None:
                assert cell.number is None, (code, text)
            elif expected == ND:
                assert (text, cell.missing) == (ND, "not_available"), code
            else:
                assert re.match(rf"{re.escape(expected)}(?![\d,])", text), (code, text, expected)


def test_missing_says_so_and_is_not_zero(bilan):
    rows = rows_of(bilan)
    assert [cell.text for cell in rows["2-3.1-1"].cells] == ["—", "non renseigné"]
    assert rows["3-2.1-1.TP"].cells[0].text == "—"
    assert {(heading, reason) for heading, _, reason in bilan.missing} == {
        ("2-3.1", "non renseigné"),
        ("3-2.1", "non renseigné"),
    }


def test_evolutions_are_computed_where_both_are_numbers(bilan):
    rows = rows_of(bilan)
    for code, expected in EVOLUTIONS.items():
        assert plain(rows[code].evolution) == expected
    assert rows["2-1.2-1"].evolution == ""
    assert rows["3-1.2-1"].evolution == ""


def test_a_rate_keeps_its_terms(bilan):
    cell = rows_of(bilan)["2-1.2-1"].cells[1]
    assert (cell.numerator, cell.denominator) == (63, 224)
    assert plain(cell.text) == "28,13 % (63 / 224)"
    assert "28" in cell.comment


def test_extra_figures_are_paired_across_years(bilan):
    sheets = {sheet.code: sheet for sheet in bilan.sheets}
    for action, words, *printed in EXTRA_FIGURES:
        found = [
            row
            for table in sheets[action].figures
            for row in table.rows
            if words in row.label or words in f"{table.title} {row.label}"
        ]
        assert found, (action, words)
        cells = [[plain(cell.text) for cell in row.cells] for row in found]
        for wanted in printed:
            if wanted:
                assert any(
                    re.search(rf"(?<![\d,]){re.escape(wanted)}(?![\d,])", " | ".join(row)) for row in cells
                )


def test_sections_of_a_sheet_are_those_of_the_document(bilan):
    sheet = next(sheet for sheet in bilan.sheets if sheet.code == "1-3.3")
    assert sheet.pilots == ("Direction des Achats et de la Logistique", "Restauration")
    assert sheet.purpose.startswith("Développer l'achat de produits issus de l'agriculture biologique")
    assert sheet.realisation.startswith("Les activités du restaurant administratif pour l'année 2017")
    assert sheet.effectiveness == "Une diminution de -7,88% est constatée entre 2016 et 2017."
    assert sheet.analysis.startswith("Cette diminution se justifie principalement")
    assert sheet.outlook.startswith("Notification des marchés permettant l'acquisition")
    assert any("points" in note for note in sheet.notes)


def test_frozen_as_json_it_is_the_same_again(bilan):
    data = json.loads(json.dumps(freeze(bilan)))
    assert data["document"]["engaged"] == 13
    assert data["document"]["sheets"][0]["indicators"][0]["rows"][0]["cells"][1]["number"] == "10.000000"
    assert thaw(data) == bilan


def test_a_year_without_campaign_is_an_error(scheme):
    with pytest.raises(NoCampaign):
        build_bilan(scheme, year=2031)


def test_queries_do_not_grow_with_the_actions(scheme, django_assert_max_num_queries):
    with django_assert_max_num_queries(18):
        build_bilan(scheme, year=2017)


def pdf_text(data):
    done = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True)
    return plain(done.stdout.decode())


def test_the_pdf_carries_every_value(bilan):
    text = pdf_text(bilan_pdf(bilan))
    for code, printed in READINGS.items():
        for value in printed:
            if value and value != ND:
                assert re.search(rf"(?<![\d,]){re.escape(value)}(?![\d,])", text), (code, value)
    assert text.count(ND) == 4
    for words in (
        "13 actions engagées sur les 21 actions",
        "−8,2 %",
        "−27,85 points",
        "10,43 %",
        "(144 / 1 381)",
    ):
        assert words in text, words


def test_the_pdf_has_its_sections_in_the_order_of_the_document(bilan):
    text = pdf_text(bilan_pdf(bilan))
    sheet = text[text.rindex("Action 1-3.2 : Recourir à l'approvisionnement local") :]
    headings = [
        "Pilotage de l'action",
        "Objectif de l'action",
        "Réalisation 2017",
        "Indicateurs",
        "Mesure de l’efficacité",
        "Analyse qualitative",
        "Perspectives 2018",
    ]
    places = [sheet.index(heading) for heading in headings]
    assert places == sorted(places)


def test_the_pdf_is_tagged_titled_and_in_french(bilan, tmp_path):
    path = tmp_path / "bilan.pdf"
    path.write_bytes(bilan_pdf(bilan))
    info = subprocess.run(["pdfinfo", str(path)], capture_output=True, check=True, text=True).stdout
    assert re.search(r"Tagged:\s+yes", info)
    assert re.search(r"Title:\s+Bilan de la 1ère année, bilan 2017", info)
    fonts = subprocess.run(
        ["pdffonts", str(path)], capture_output=True, check=True, text=True
    ).stdout.splitlines()
    assert len(fonts) > 2
    assert all("Source-Sans-3" in line for line in fonts[2:]), fonts


def test_what_a_user_typed_never_becomes_markup(scheme):
    scheme.campaigns.filter(year=2017).update(synthesis="<script>alert(1)</script> & « guillemets »")
    html = bilan_html(build_bilan(scheme, year=2017))
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; «\u00a0guillemets\u00a0»" in html


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/x.css", "file:///etc/passwd", "static:../spaser/settings.py", "static:absent.css"],
)
def test_printing_reads_nothing_but_our_static_files(url):
    with pytest.raises(Exception, match="refused|SuspiciousFileOperation|outside"):
        StaticFetcher().fetch(url)


def test_the_command_writes_both_and_says_where(scheme, tmp_path):
    out = StringIO()
    call_command("bilan", "pas-de-calais-2017", 2017, output=tmp_path / "bilans", stdout=out)
    written = out.getvalue().split()
    assert [path.rsplit(".")[-1] for path in written] == ["pdf", "xlsx"]
    for path in written:
        assert Path(path).stat().st_size > 10_000


def test_the_command_says_what_is_known_instead(scheme, tmp_path):
    with pytest.raises(CommandError, match="années connues : 2016, 2017"):
        call_command("bilan", "pas-de-calais-2017", 2020, output=tmp_path)
    with pytest.raises(CommandError, match="Pas de schéma « x »"):
        call_command("bilan", "x", 2017, output=tmp_path)


def test_a_missing_reading_is_not_counted_as_engaged_or_filled(scheme):
    Reading.objects.filter(measure__code="1-1.1-1", report__campaign__year=2017).delete()
    bilan = build_bilan(scheme, year=2017)
    assert (bilan.filled, bilan.expected) == (43, 47)
    assert rows_of(bilan)["1-1.1-1"].evolution == ""
