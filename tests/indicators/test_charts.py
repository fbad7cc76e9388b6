"""Charts: what is missing is a gap, a break is not crossed, and picture and figure say the same in words."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.html import escape
from plotly.offline import get_plotlyjs_version

from indicators import figures, svg
from indicators.charts import (
    Point,
    TargetLine,
    Trace,
    bar_chart,
    printed_bars,
    printed_meters,
    sparkline,
    stacked_chart,
    trend_chart,
)
from indicators.series import series_for
from indicators.tables import columns_of, history_charts, measure_rows
from indicators.views import measures_of
from tests.factories import (
    CampaignFactory,
    IndicatorFactory,
    MeasureFactory,
    ReadingFactory,
    ReportFactory,
    SeriesBreakFactory,
    TargetFactory,
)

GAP = [
    (2024, Decimal(10), "10 lots"),
    (2025, None, ""),
    (2026, Decimal(20), "20 lots"),
    (2027, Decimal(30), "30 lots"),
]


def drawn(picture, name):
    """How many elements of the class `name` stand in a picture."""
    return len(re.findall(rf'class="[^"]*(?<![\w-]){name}(?![\w-])', picture))


def texts(figure):
    return [note["text"] for note in figure["layout"]["annotations"]]


# Lines over the years


def test_a_missing_year_is_a_gap_and_never_zero():
    chart = trend_chart("Lots", [("Lots réservés", GAP)], unit="lots")
    assert [run["x"] for run in chart.figure["data"]] == [["2024"], ["2026", "2027"]]
    assert [run["y"] for run in chart.figure["data"]] == [[10.0], [20.0, 30.0]]
    assert chart.svg.count("<polyline") == 1  # of 2026 and 2027; a lone year is a marker
    assert drawn(chart.svg, "chart-marker") == 3
    assert chart.figure["layout"]["xaxis"]["categoryarray"] == ["2024", "2025", "2026", "2027"]
    assert chart.description == "Lots. Lots réservés : 10 lots en 2024, 20 lots en 2026, 30 lots en 2027"


def test_a_line_stops_at_a_break_which_is_named():
    points = (
        Point(2026, Decimal(10), "10"),
        Point(2027, Decimal(30), "30", broken="On compte les collèges."),
        Point(2028, Decimal(31), "31"),
    )
    chart = trend_chart("Lots", [Trace("Lots", points)], unit="")
    assert [run["x"] for run in chart.figure["data"]] == [["2026"], ["2027", "2028"]]
    assert drawn(chart.svg, "chart-break") == 1
    [dashed] = [shape for shape in chart.figure["layout"]["shapes"] if shape.get("line", {}).get("dash")]
    assert dashed["x0"] == 0.5  # between the first year and the second
    assert "‖ rupture de série" in texts(chart.figure)
    assert "30 en 2027 (rupture de série : On compte les collèges.)" in chart.description


def test_a_target_is_a_level_up_to_its_year():
    target = TargetLine("cible 2028 : 40 %", Decimal(40), 2028)
    points = [(2026, Decimal(10), "10 %"), (2027, Decimal(20), "20 %")]
    chart = trend_chart("Part", [("Part", points)], unit="", target=target)
    assert chart.figure["layout"]["xaxis"]["categoryarray"] == ["2026", "2027", "2028"]
    [line] = [shape for shape in chart.figure["layout"]["shapes"] if shape["y0"] == 40]
    assert (line["x0"], line["x1"], line["y1"]) == (-0.5, 2, 40.0)
    assert drawn(chart.svg, "chart-target") == drawn(chart.svg, "chart-target-mark") == 1
    assert "cible 2028 : 40 %" in texts(chart.figure)
    assert chart.description.endswith("20 % en 2027, cible 2028 : 40 %")


def test_an_invented_year_is_starred_in_the_picture_the_figure_and_the_words():
    points = (Point(2026, Decimal(1), "1 lot", demonstration=True), Point(2027, Decimal(2), "2 lots"))
    chart = trend_chart("Lots", [Trace("Lots", points)], unit="lots")
    assert ">2026 *</text>" in chart.svg and ">2027</text>" in chart.svg
    assert svg.INVENTED in chart.svg and svg.INVENTED in texts(chart.figure)
    assert chart.figure["data"][0]["x"] == ["2026 *", "2027"]
    assert "1 lot en 2026 (démonstration)" in chart.description


def test_values_stand_where_they_hide_no_other():
    assert svg.places([100, 50], floor=190) == ["above", "above"]
    assert svg.places([52, 50], floor=190) == ["below", "above"]
    assert svg.places([189, 180], floor=190) == ["beside", "above"]  # under the lowest stand the years
    assert svg.places([50, 56, 62], floor=190) == ["above", "beside", "below"]


def test_several_lines_differ_by_more_than_colour():
    rows = [
        (f"Poste {rank}", [(2026, Decimal(rank), str(rank)), (2027, Decimal(9), "9")]) for rank in range(1, 5)
    ]
    data = trend_chart("Postes", rows, unit="").figure["data"]
    assert len({run["line"]["dash"] for run in data}) == 4
    assert len({run["marker"]["symbol"] for run in data}) == 4
    assert len({look.dash for look in svg.LOOKS}) == len({look.marker for look in svg.LOOKS}) == 4


def test_what_was_typed_is_no_markup():
    name = '<a href="https://ailleurs.example">gras</a> & « fin »'
    chart = trend_chart(
        name, [(name, [(2026, Decimal(1), "<b>1</b>"), (2027, Decimal(2), "2")])] * 2, unit="<i>"
    )
    assert "<a href" not in chart.svg and escape(name) in chart.svg and "<b>" not in chart.svg
    said = json.dumps(chart.figure, ensure_ascii=False)
    assert "<a" not in said and "<b>" not in said and "<i>" not in said
    assert "&lt;b&gt;1&lt;/b&gt;" in said and "&amp;lt;" not in said


# Bars and shares


def test_bars_keep_the_last_year_apart_and_mark_the_target():
    row = Trace("Collèges", tuple(Point(*point) for point in GAP), (TargetLine("cible : 40", Decimal(40)),))
    chart = bar_chart("Lots", [row])
    earlier, later = chart.figure["data"]
    assert (earlier["x"], later["x"]) == ([10.0, 20.0], [30.0])
    assert drawn(chart.svg, "chart-bar-earlier") == 2 and drawn(chart.svg, "chart-bar-later") == 1
    [mark] = chart.figure["layout"]["shapes"]
    assert mark["x0"] == mark["x1"] == 40.0
    assert "◆ cible : 40" in texts(chart.figure) and "◆ cible : 40" in chart.svg
    assert 'viewBox="0 0 480 ' in chart.svg
    assert 'viewBox="0 0 640 ' in printed_bars("Lots", [row])


def test_a_meter_is_filled_as_far_as_its_share():
    rows = [("Axe 1", 3, 4, "3 sur 4"), ("Axe 2", 0, 2, "0 sur 2")]
    drawn = printed_meters("Actions engagées", rows, width=100, shades=("#aaaaaa", "#111111"))
    assert "<title>Actions engagées. Axe 1 : 3 sur 4 ; Axe 2 : 0 sur 2</title>" in drawn
    widths = re.findall(r'width="([\d.]+)" height="14" rx="2" fill="(#\w+)"', drawn)
    # 45 are left to « 3 sur 4 »; the border takes one of the rest
    assert widths == [("44.0", "#ffffff"), ("32.8", "#111111"), ("44.0", "#ffffff")]


def test_shares_carry_their_counts_in_the_order_of_the_categories():
    rows = [
        ("Pilier 1", [("not_started", "non engagées", 1), ("done", "réalisées", 3)]),
        ("Pilier 2", [("done", "réalisées", 0), ("suspended", "suspendues", 4)]),
        ("Pilier vide", [("done", "réalisées", 0)]),
    ]
    chart = stacked_chart("Actions par état", rows)
    assert chart.description == (
        "Actions par état. Pilier 1 : réalisées 3, non engagées 1 ; Pilier 2 : suspendues 4"
    )
    data = {part["name"]: part for part in chart.figure["data"]}
    assert list(data) == ["réalisées", "non engagées", "suspendues"]
    assert (data["réalisées"]["x"], data["réalisées"]["text"]) == ([0.75], ["3"])
    assert data["suspendues"]["marker"]["pattern"]["shape"] == "/"
    assert data["réalisées"]["customdata"] == ["Pilier 1 : réalisées 3 sur 4"]
    assert "Pilier vide" not in chart.svg
    assert drawn(chart.svg, "chart-category") == 3 + 3  # the parts, and the legend


def test_nothing_to_share_is_no_figure():
    assert stacked_chart("Actions", [("Pilier 1", [("done", "réalisées", 0)])]).figure is None


# Sparklines


def test_a_sparkline_has_gaps_and_breaks():
    line = sparkline([Decimal(1), Decimal(3), None, Decimal(2), Decimal(6)], breaks=[4])
    assert line.count("<polyline") == 1  # the first two; then a dot, and behind the break the last
    assert drawn(line, "spark-dot") == 2 and drawn(line, "spark-last") == 1
    assert drawn(line, "chart-break") == 1
    assert 'aria-hidden="true"' in line


def test_a_sparkline_says_its_title_or_nothing():
    assert sparkline([None, None]) == ""
    assert "<title>en &lt;baisse&gt;</title>" in sparkline([Decimal(2), Decimal(1)], title="en <baisse>")
    assert 'role="img"' in sparkline([Decimal(2)], title="en baisse")


# Figures


def test_a_figure_is_checked_and_is_all_ours():
    figure = trend_chart("Lots", [("Lots", GAP)], unit="lots").figure
    assert json.loads(json.dumps(figure)) == figure
    assert "template" not in figure["layout"]
    assert figure["layout"]["separators"] == ",\u202f"
    assert figure["layout"]["xaxis"]["type"] == "category"
    assert "http" not in json.dumps(figure)
    with pytest.raises(ValueError, match="lignes"):
        figures.checked([{"type": "scatter", "mode": "lignes"}], {"margin": {"t": 0, "b": 0}}, 100)


def test_the_vendored_plotly_is_the_one_that_figures_are_checked_for():
    vendored = Path(settings.BASE_DIR, "static", "vendor", "plotly", "plotly-basic.min.js")
    assert f"v{get_plotlyjs_version()}\n" in vendored.read_text(encoding="utf-8")[:200]


# The history of an indicator


@pytest.fixture
def history(db, steering, action):
    """A function that gives measures their values by year, and returns the charts that the steering team sees of them."""
    indicator = IndicatorFactory(action=action, name="Lots réservés")

    def charts(*measures, breaks=()):
        made = []
        for number, (fields, values) in enumerate(measures):
            measure = MeasureFactory(indicator=indicator, position=number, **fields)
            made.append(measure)
            for year, value in values.items():
                report = reports[year]
                ReadingFactory(report=report, measure=measure, number=value)
        for year in breaks:
            SeriesBreakFactory(measure=made[0], year=year, note="On compte autrement.")
        for measure, target in targets.items():
            TargetFactory(measure=made[measure], **target)
        columns = columns_of(action.scheme)
        series = series_for(steering, measures_of([indicator]))
        return history_charts(measure_rows(series.asked, columns, series), indicator.name)

    targets = charts.targets = {}
    reports = {
        year: ReportFactory(action=action, campaign=CampaignFactory(scheme=action.scheme, year=year))
        for year in (2026, 2027, 2028)
    }
    return charts


def test_one_chart_a_unit_called_by_its_measures(history):
    lots, amount = {"name": "Lots", "unit": "lot"}, {"name": "Montant", "type": "amount"}
    charts = history((lots, {2026: 1, 2027: 2}), (amount, {2026: 1000, 2028: 2500}))
    assert [chart.title for chart in charts] == ["Lots", "Montant"]
    assert [texts(chart.figure)[-1] for chart in charts] == ["en lots", "en €"]
    assert [run["x"] for run in charts[1].figure["data"]] == [["2026"], ["2028"]]
    assert "2\u202f500\u00a0€ en 2028" in charts[1].description


def test_one_value_says_something_beside_a_target_only(history):
    assert history(({"name": "Lots"}, {2026: 1})) == []
    history.targets[0] = {"value": Decimal(5), "year": 2027, "code": "C-1"}
    [chart] = history(({"name": "Volumes"}, {2026: 1}))
    assert chart.title == "Lots réservés"
    assert "cible 2027\u00a0: 5" in chart.description
    assert chart.figure["layout"]["xaxis"]["categoryarray"] == ["2026", "2027", "2028"]


def test_a_target_relative_to_the_baseline_is_no_level(history):
    history.targets[0] = {"value": Decimal(-40), "comparison": "at_most", "relative": True}
    [chart] = history(({}, {2026: 1, 2027: 2}))
    assert "cible" not in chart.description


def test_a_range_is_two_levels_under_one_name(history):
    history.targets[0] = {"value": Decimal(10), "value_max": Decimal(20), "comparison": "between"}
    [chart] = history(({"unit": "dossier"}, {2026: 1, 2027: 2}))
    levels = [shape["y0"] for shape in chart.figure["layout"]["shapes"] if shape["y0"]]
    assert levels == [10.0, 20.0]
    assert chart.description.count("cible") == 1
    assert "10 à 20\u00a0dossiers" in chart.description


def test_more_than_four_lines_are_bars(history):
    values = {2026: 1, 2027: 2}
    [four] = history(*[({"name": f"Poste {rank}"}, values) for rank in range(4)])
    assert {run["type"] for run in four.figure["data"]} == {"scatter"}
    [eight] = history(*[({"name": f"Poste {rank}"}, values) for rank in range(4, 8)])
    assert {run["type"] for run in eight.figure["data"]} == {"bar"}


def test_a_break_stands_before_the_next_value_even_after_a_gap(history):
    [chart] = history(({}, {2026: 1, 2028: 2}), breaks=[2027])
    assert "2 en 2028 (rupture de série : On compte autrement.)" in chart.description


def test_drawing_asks_the_database_nothing(history, action, steering, django_assert_num_queries):
    history(*[({"name": f"Poste {rank}"}, {2026: 1, 2027: 2}) for rank in range(6)])
    series = series_for(steering, measures_of(action.indicators.all()))
    rows = measure_rows(series.asked, columns_of(action.scheme), series)
    with django_assert_num_queries(0):
        assert history_charts(rows, "Lots réservés")
