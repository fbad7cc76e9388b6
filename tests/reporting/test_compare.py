"""Two years of a scheme side by side: the figures, what changed, and why some things are not compared."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Role
from indicators.models import Report
from indicators.series import series_for
from reporting.changes import Course, change_of, course_of
from spaser.tracking import Door
from tests import factories as make
from tests.plans import load_plan
from tests.reporting.exploring import errors, line_of, plain, small_scheme

from .figures_2017 import EVOLUTIONS, READINGS

pytestmark = pytest.mark.django_db
ADDRESS = "/schemas/petit/comparaison/"


@pytest.fixture
def small(organisation):
    return small_scheme(organisation)


@pytest.fixture
def reader(client, steering):
    client.force_login(steering)
    return client


def give_states(small, before, after):
    """States of the sheets in both years, {code of the action: state}; the rows are made anew, since they are tracked."""
    for campaign, states in ((small.before, before), (small.now, after)):
        for code, state in states.items():
            report = campaign.reports.get(action__code=code)
            Report.objects.filter(pk=report.pk).update(
                state=state, version=report.version + 1, changed_at=timezone.now(), door=Door.FORM
            )


def synthesis(response):
    """{label: (before, after, difference)}."""
    return {
        row.label: (row.before, row.after, row.difference) for row in response.context["comparison"].synthesis
    }


def courses(response):
    return {
        course: [pair.measure.code for pair in (*first, *others)]
        for course, _, first, others in response.context["comparison"].courses
    }


# The figures


def test_the_bilan_of_2017_compared_with_2016(client):
    scheme = load_plan("pas-de-calais-2017")
    client.force_login(make.MembershipFactory(organisation=scheme.organisation, role=Role.COPIL).user)
    response = client.get("/schemas/pas-de-calais-2017/comparaison/")
    assert "De 2016 à 2017" in response.content.decode()
    for code, printed in EVOLUTIONS.items():
        assert line_of(response, code)["Évolution"].startswith(printed), code
    shown = {code: line_of(response, code) for code in READINGS}
    assert (shown["1-2.2-1.TOTAL"]["2016"], shown["1-2.2-1.TOTAL"]["2017"]) == ("1 381", "1 388")
    told = synthesis(response)
    assert told["Relevés renseignés"][1].replace("\u00a0", " ") == "44 sur 47 (93,6 %)"
    assert told["Relevés renseignés"][0] == "année de référence, rien n’est dû"
    assert told["Actions engagées"] == ("non indiqué", "13 sur 13", "")


def test_states_completeness_and_targets_of_both_years(reader, small):
    give_states(
        small,
        {"A2": "engaged", "A10": "not_started", "B1": "suspended"},
        {"A2": "in_progress", "A10": "engaged", "B1": "suspended"},
    )
    told = synthesis(reader.get(ADDRESS))
    assert told["Actions"] == ("3", "3", "=")
    assert told["Actions engagées"] == ("1 sur 3", "2 sur 3", "+1")
    assert told["Engagée"] == ("1", "1", "=")
    assert told["Non engagée"] == ("1", "0", "−1")
    assert told["En cours"] == ("0", "1", "+1")
    assert told["Cibles suivies"] == ("2", "2", "=")
    assert told["Cibles : manquée"] == ("1", "1", "=")
    assert "État non indiqué" not in told


def test_completeness_differs_in_points(reader, small):
    small.before.kind = "collection"
    small.before.save()
    before, after, difference = synthesis(reader.get(ADDRESS))["Relevés renseignés"]
    # 4 of 6 (66,7 %), then 5 of 6 (83,3 %): 16,7 points
    assert (plain(before), plain(after), plain(difference)) == (
        "4 sur 6 (66,7 %)",
        "5 sur 6 (83,3 %)",
        "+16,7 points",
    )


def test_what_changed_state(reader, small):
    give_states(small, {"A2": "engaged", "A10": "engaged"}, {"A2": "done", "A10": "engaged", "B1": "engaged"})
    response = reader.get(ADDRESS)
    comparison = response.context["comparison"]
    assert [pair.sheet.action.code for pair in comparison.moved] == ["A2"]
    assert comparison.moved[0].states == [("engaged", "engagée"), ("done", "réalisée")]
    assert (comparison.unmoved, comparison.state_unknown) == (1, 1)
    assert "1 action dont l’état n’est pas indiqué les deux années" in plain(response.content.decode())


# What rises and falls


def test_better_or_worse_is_said_only_where_the_sense_is_known(reader, small):
    """Meals up (sense up), paper down (sense down), rate up (sense up); the guide has no sense: it is only up."""
    assert courses(reader.get(ADDRESS)) == {
        Course.BETTER: ["A2-1", "A2-2", "A10-1"],
        Course.UP: ["B1-1"],
    }
    small.measures["papier"].sense = "up"
    small.measures["papier"].save()
    small.measures["repas"].sense = ""
    small.measures["repas"].save()
    assert courses(reader.get(ADDRESS)) == {
        Course.BETTER: ["A10-1"],
        Course.WORSE: ["A2-2"],
        Course.UP: ["A2-1", "B1-1"],
    }


@pytest.mark.parametrize(
    ("sense", "difference", "expected"),
    [
        ("up", 1, Course.BETTER),
        ("up", -1, Course.WORSE),
        ("down", 1, Course.WORSE),
        ("down", -1, Course.BETTER),
        ("", 1, Course.UP),
        ("", -1, Course.DOWN),
        ("up", 0, Course.STABLE),
        ("", 0, Course.STABLE),
    ],
)
def test_the_course_of_a_measure(sense, difference, expected):
    assert (
        course_of(make.MeasureFactory.build(indicator=None, scheme=None, sense=sense), difference) == expected
    )


def test_a_line_of_the_table(reader, small):
    response = reader.get(ADDRESS)
    assert line_of(response, "A2-1") == {
        "Code": "A2-1",
        "2025": "100 repas",
        "2026": "environ 150 repas",
        "Évolution": "+50,0 % s’améliore",
        "Cible 2025": "au moins 200 repas en 2028 en chemin",
        "Cible 2026": "en chemin",
    }
    assert line_of(response, "B1-1")["Évolution"] == "de non à oui"
    assert line_of(response, "A10-2")["Évolution"] == ""
    assert line_of(response, "B1-2")["2026"] == "—"


def test_nothing_compares_across_a_break(reader, small):
    make.SeriesBreakFactory(measure=small.measures["papier"], year=2026, note="Le papier recyclé compte.")
    response = reader.get(ADDRESS)
    assert line_of(response, "A2-2")["Évolution"] == "rupture de série en 2026"
    assert courses(response)[Course.BETTER] == ["A2-1", "A10-1"]


def test_from_zero_there_is_no_per_cent_but_a_rise(organisation, steering, small):
    measure = make.MeasureFactory(indicator=small.measures["vide"].indicator, code="Z", sense="up")
    for campaign, number in ((small.before, 0), (small.now, 7)):
        report = campaign.reports.get(action__code="B1")
        make.ReadingFactory(report=report, measure=measure, number=number)
    series = series_for(steering, type(measure).objects.filter(pk=measure.pk))
    change = change_of(series.asked[0], series, since=2025, year=2026)
    assert (change.evolution, change.course, change.why) == (
        None,
        Course.BETTER,
        "part de 0 : pas de pourcentage",
    )


# Years


def test_several_years_apart(reader, small):
    far = make.CampaignFactory(scheme=small.scheme, year=2028)
    report = make.ReportFactory(campaign=far, action=small.sheets["A2"], validated=True)
    make.ReadingFactory(report=report, measure=small.measures["repas"], number=210)
    response = reader.get(ADDRESS, {"de": "2025", "a": "2028"})
    assert line_of(response, "A2-1")["Évolution"] == "+110,0 % s’améliore"
    assert line_of(response, "A2-1")["Cible 2028"] == "atteinte"
    assert "Les évolutions portent sur 3 ans." in plain(response.content.decode())
    assert "De 2026 à 2028" in reader.get(ADDRESS).content.decode()
    assert "De 2025 à 2026" in reader.get(ADDRESS, {"a": "2026"}).content.decode()
    assert "De 2026 à 2028" in reader.get(ADDRESS, {"de": "2026"}).content.decode()
    assert "De 2026 à 2028" in reader.get(ADDRESS, {"de": "2028", "a": "2026"}).content.decode()


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"de": "1789"}, "de"),
        ({"a": "demain"}, "a"),
        ({"de": "2026", "a": "2026"}, "de"),
        ({"pilier": "P9"}, "pilier"),
        ({"direction": "'"}, "direction"),
    ],
)
def test_what_is_not_understood_is_said_and_the_rest_is_shown(reader, small, query, wrong):
    response = reader.get(ADDRESS, query)
    assert response.status_code == 200
    assert list(errors(response)) == [wrong]
    assert "De 2025 à 2026" in response.content.decode()


def test_a_single_year_does_not_compare(reader, small):
    scheme = make.SchemeFactory(organisation=small.scheme.organisation, slug="neuf")
    make.CampaignFactory(scheme=scheme, year=2026)
    make.CampaignFactory(scheme=scheme, year=2026, period="half")
    response = reader.get("/schemas/neuf/comparaison/")
    assert "Il faut deux années de données" in response.content.decode()


def test_what_is_new_and_what_is_over(reader, small):
    objective = small.sheets["A2"].objective
    make.MeasureFactory(
        code="N-1",
        indicator__action__objective=objective,
        indicator__action__code="N",
        indicator__action__valid_from=2026,
    )
    make.MeasureFactory(
        code="V-1", name="Ancienne", indicator=small.measures["vide"].indicator, valid_until=2025
    )
    comparison = reader.get(ADDRESS).context["comparison"]
    assert [sheet.action.code for sheet in comparison.new_actions] == ["N"]
    assert comparison.ended_actions == []
    assert comparison.new_measures == []
    assert [pair.measure.code for pair in comparison.ended_measures] == ["V-1"]
    assert synthesis(reader.get(ADDRESS))["Actions"] == ("3", "4", "+1")


# Filters, and who sees what


def test_it_is_narrowed_by_pillar_and_direction(reader, small):
    response = reader.get(ADDRESS, {"pilier": "P2"})
    assert [pair.measure.code for pair in response.context["comparison"].pairs] == ["B1-1", "B1-2"]
    assert synthesis(response)["Actions"] == ("1", "1", "=")
    response = reader.get(ADDRESS, {"direction": "DAS", "de": "2025", "a": "2026"})
    assert [pair.measure.code for pair in response.context["comparison"].pairs] == ["A10-1", "A10-2"]
    response = reader.get(ADDRESS, {"direction": "DAS", "pilier": "P2"})
    assert "Aucune fiche ne répond à ces critères." in response.content.decode()


def test_values_are_those_that_the_reader_may_see(client, small, steering, copil_member, stranger):
    small.now.reports.get(action__code="A2").reopen(by=steering, at=timezone.now(), why="À revoir.")
    client.force_login(copil_member)
    response = client.get(ADDRESS)
    assert line_of(response, "A2-1")["2026"] == "—"
    assert courses(response) == {Course.BETTER: ["A10-1"], Course.UP: ["B1-1"]}
    assert not re.search(r"150|8,5", response.content.decode())
    client.force_login(stranger)
    assert client.get(ADDRESS).status_code == 404


def test_invented_years_say_so(reader, small):
    small.now.demonstration = True
    small.now.save()
    response = reader.get(ADDRESS)
    assert "2026 (démonstration)" in line_of(response, "A2-1")
    assert "Démonstration : les valeurs de 2026 sont inventées" in plain(response.content.decode())


def test_as_many_queries_for_twenty_lines_as_for_two(reader, small):
    def count():
        with CaptureQueriesContext(connection) as found:
            reader.get(ADDRESS, {"pilier": "P1"})
        return len(found)

    reader.get(ADDRESS)
    few = count()
    for rank in range(20):
        action = make.ActionFactory(objective=small.sheets["A2"].objective, code=f"N{rank}")
        make.InvolvementFactory(action=action)
        measure = make.MeasureFactory(indicator__action=action, code=f"N{rank}-1")
        make.TargetFactory(measure=measure, code=f"CN{rank}")
        for campaign in (small.before, small.now):
            report = make.ReportFactory(campaign=campaign, action=action, validated=True)
            make.ReadingFactory(report=report, measure=measure, number=rank + 1)
    assert count() == few
