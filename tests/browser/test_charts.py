"""Charts in a real browser: plotly takes the place of the picture, within the policy; without it the picture and the table stay."""

import gzip
import os

import pytest

from indicators import svg
from tests.browser.window import PASSWORD
from tests.factories import MembershipFactory, TargetFactory, UserFactory
from tests.plans import load_plan

PAGE = "/schemas/pas-de-calais-2017/indicateurs/1-2.2-1/"
PICTURE, CHART = ".chart-figure > svg.chart", ".chart-figure.is-drawn > .chart-plot"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # what a browser shows does not depend on the database: one engine is enough
    pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs on SQLite"),
]


@pytest.fixture
def reader(db):
    scheme = load_plan("pas-de-calais-2017")
    TargetFactory(measure=scheme.measures.get(code="1-2.2-1.PART"), value=15, year=2020, origin="site")
    user = UserFactory(email="lectrice@exemple.test")
    user.set_password(PASSWORD)
    user.save()
    MembershipFactory(user=user, organisation=scheme.organisation, role="steering")
    return user


def drawn(window, *, charts=2):
    """Open the page and wait until its charts are drawn."""
    window.open(PAGE)
    for number in range(charts):
        window.page.locator(".chart-figure").nth(number).scroll_into_view_if_needed()
        window.page.locator(".chart-plot .main-svg").nth(number).wait_for(state="attached")
    window.page.wait_for_function(f"document.querySelectorAll('{CHART}').length == {charts}")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_plotly_takes_the_place_of_the_picture(visit, reader, colours):
    window = visit(colours=colours)
    window.log_in(reader.email)
    for width in (320, 768, 1440):
        window.page.set_viewport_size({"width": width, "height": 900})
        drawn(window)
        assert (
            window.page.locator(PICTURE).evaluate_all("all => all.map(one => getComputedStyle(one).display)")
            == ["none"] * 2
        )
        assert window.violations() == [], width
        assert window.overflow() <= 0, width
    said = window.page.locator(CHART).evaluate_all("all => all.map(one => [one.role, one.ariaLabel])")
    words = window.page.locator(f"{PICTURE} > title").all_text_contents()
    assert said == [["img", text] for text in words]
    assert "cible 2020" in words[1]
    assert window.page.locator(".chart-plot :is(a, button, [tabindex])").count() == 0
    assert window.faults == []


def test_the_one_style_that_plotly_adds_is_the_hash_of_the_policy(visit, reader):
    window = visit()
    window.log_in(reader.email)
    drawn(window)
    assert window.page.locator("style").evaluate_all("all => all.map(one => one.textContent)") == [""]


def test_without_javascript_the_picture_and_the_table(visit, reader):
    window = visit(java_script_enabled=False)
    window.log_in(reader.email)
    window.open(PAGE)
    assert window.page.locator(PICTURE).count() == 2
    assert all(picture.is_visible() for picture in window.page.locator(PICTURE).all())
    assert window.page.get_by_role("img").first.text_content().startswith("Réemploi, Acquisition, Total. ")
    row = window.page.get_by_role("row", name="Acquisition nombre entier")
    assert "1\u202f237" in row.inner_text()


def test_plotly_is_fetched_when_a_chart_comes_near_and_the_page_is_light(visit, reader):
    window = visit()
    window.log_in(reader.email)
    window.page.set_viewport_size({"width": 1440, "height": 100})
    window.open("/connexion/")
    sizes = {}
    window.page.on(
        "requestfinished", lambda one: sizes.update({one.url: len(gzip.compress(one.response().body()))})
    )
    window.open(PAGE)
    window.page.wait_for_load_state("networkidle")
    assert not [url for url in sizes if "plotly" in url]
    light = sum(sizes.values())
    for figure in window.page.locator(".chart-figure").all():
        figure.scroll_into_view_if_needed()
    window.page.locator(CHART).first.wait_for()
    window.page.wait_for_load_state("networkidle")
    assert [url for url in sizes if "plotly" in url]
    whole = sum(sizes.values())
    assert light < 150_000 and light < whole < 600_000, (light, whole)


def test_on_paper_the_picture_is_printed(visit, reader):
    window = visit()
    window.log_in(reader.email)
    drawn(window)
    window.page.emulate_media(media="print")
    assert all(picture.is_visible() for picture in window.page.locator(PICTURE).all())
    assert not any(chart.is_visible() for chart in window.page.locator(".chart-plot").all())


def test_a_page_without_chart_asks_for_no_script(visit, reader):
    window = visit()
    window.log_in(reader.email)
    window.open("/schemas/pas-de-calais-2017/")
    assert window.page.locator("script[data-plotly]").count() == 0


def test_a_chart_takes_the_colours_of_the_scheme_when_it_changes(visit, reader):
    window = visit(colours="light")
    window.log_in(reader.email)
    drawn(window)
    name = ".chart-plot .xtick text"
    light = window.page.locator(name).first.evaluate("one => getComputedStyle(one).fill")
    window.page.emulate_media(color_scheme="dark")
    changed = "([name, light]) => getComputedStyle(document.querySelector(name)).fill != light"
    window.page.wait_for_function(changed, arg=[name, light])
    assert window.faults == []


# Contrast: shapes 3 to 1, text 4.5 to 1

SHAPES = [
    "not_started",
    "engaged",
    "in_progress",
    "done",
    "suspended",
    "abandoned",
    "missed",
    "words",
    "none",
    "earlier",
    "later",
]
TEXTS = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--ink", "--ink-soft", "--warn"]
VALUE = """name => { const probe = document.createElement("span"); probe.style.color = `var(${name})`; document.body.append(probe);
  const colour = getComputedStyle(probe).color; probe.remove(); return colour.match(/[0-9]+/g).slice(0, 3).map(Number); }"""


def luminance(colour):
    parts = [part / 255 for part in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_colours_stand_out_and_what_is_written_on_them_can_be_read(visit, reader, colours):
    window = visit(colours=colours)
    window.open("/connexion/")
    worth = lambda name: window.page.evaluate(VALUE, name)  # noqa: E731
    paper = worth("--paper")
    for name in TEXTS:
        assert contrast(worth(name), paper) >= 4.5, name
    for key in SHAPES:
        assert contrast(worth(f"--fill-{key}"), paper) >= 3, key
    for key, paint in svg.CATEGORIES.items():
        if not paint.is_hollow:
            ink = worth("--on-fill-dark" if paint.dark else "--on-fill-light")
            assert contrast(worth(f"--fill-{svg.category(key)}"), ink) >= 4.5, key
