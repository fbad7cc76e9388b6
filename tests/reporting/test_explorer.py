"""All indicators of a scheme as one table: what it shows, how it is narrowed, sorted and laid out."""

import gzip
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Role
from indicators.models import Reading
from tests import factories as make
from tests.plans import load_plan
from tests.reporting.exploring import codes, errors, line_of, plain, small_scheme

from .figures_2017 import EVOLUTIONS, ND, READINGS

pytestmark = pytest.mark.django_db
ADDRESS = "/schemas/petit/indicateurs/"


@pytest.fixture
def small(organisation):
    return small_scheme(organisation)


@pytest.fixture
def reader(client, steering):
    client.force_login(steering)
    return client


@pytest.fixture
def of_2017(client):
    scheme = load_plan("pas-de-calais-2017")
    client.force_login(make.MembershipFactory(organisation=scheme.organisation, role=Role.COPIL).user)
    return client.get("/schemas/pas-de-calais-2017/indicateurs/")


def status_of(response):
    return plain(
        re.search(r'<div class="found-line" role="status">(.*?)</div>', response.content.decode(), re.S)[1]
    )


# What it shows


def test_every_figure_of_the_bilan_of_2017_stands_in_its_year(of_2017):
    assert set(codes(of_2017)) >= set(READINGS)
    for code, printed in READINGS.items():
        line = line_of(of_2017, code)
        for year, expected in zip(("2016", "2017"), printed, strict=True):
            if expected is None:
                assert line[year] in ("—", "non renseigné"), code
            elif expected == ND:
                assert line[year] == ND, code
            else:
                assert re.match(rf"{re.escape(expected)}(?![\d,])", line[year]), (code, line[year])


def test_the_evolutions_of_2017_are_those_that_it_prints(of_2017):
    shown = {code: line_of(of_2017, code)["Évolution"] for code in EVOLUTIONS}
    assert {
        code: text.removesuffix(" s’améliore").removesuffix(" se dégrade") for code, text in shown.items()
    } == EVOLUTIONS


def test_the_completeness_of_2017(of_2017):
    assert "44 relevés renseignés sur 47 dus en 2017" in status_of(of_2017)
    assert "les fiches validées" in status_of(of_2017)


def test_a_page_of_the_biggest_scheme_is_light(client):
    scheme = load_plan("pas-de-calais-2026")
    client.force_login(make.MembershipFactory(organisation=scheme.organisation).user)
    response = client.get("/schemas/pas-de-calais-2026/indicateurs/")
    assert len(codes(response)) > 139
    assert len(gzip.compress(response.content)) < 150_000


def test_a_line_tells_its_values_change_target_and_review(reader, small):
    response = reader.get(ADDRESS)
    assert codes(response) == ["A2-1", "A2-2", "A10-1", "A10-2", "B1-1", "B1-2", "I-B1-3"]
    assert line_of(response, "A2-1") == {
        "Code": "A2-1",
        "Tendance": "",
        "2025": "100 repas",
        "2026": "environ 150 repas",
        "Évolution": "+50,0 % s’améliore",
        "Cible": "au moins 200 repas en 2028 en chemin 50 % du chemin",
        "Relevé": "validée",
    }
    assert line_of(response, "A2-2")["Évolution"] == "−15,0 % s’améliore"
    assert line_of(response, "A2-2")["Cible"] == "au plus 5 tonnes chaque année manquée"
    assert line_of(response, "A10-1")["2026"] == "75,00 % (3 / 4)"
    assert line_of(response, "A10-1")["Évolution"] == "+41,67 points s’améliore"
    assert line_of(response, "A10-2")["2026"] == "comptes non arrêtés"
    assert line_of(response, "B1-1")["2026"] == "oui"
    assert line_of(response, "B1-2") | {"Code": ""} == {
        "Code": "", "Tendance": "", "2025": "—", "2026": "non renseigné", "Évolution": "", "Cible": "", "Relevé": "à renseigner",
    }  # fmt: skip


def test_a_line_that_repeats_another_is_counted_in_no_total(reader, small):
    response = reader.get(ADDRESS)
    assert "Répète A2-1" not in plain(response.content.decode())
    assert "Répète I-A2-1 : ne compte dans aucun total." in plain(response.content.decode())
    assert status_of(response).startswith("6 grandeurs · 5 relevés renseignés sur 6 dus en 2026")
    assert "1 ligne sans valeur propre n’est comptée dans aucun total." in status_of(response)


def test_a_line_that_refers_elsewhere_leads_there(reader, small):
    small.repeats.duplicate_of = None
    small.repeats.refers_to = small.sheets["A10"]
    small.repeats.save()
    html = reader.get(ADDRESS).content.decode()
    assert '<a href="/schemas/petit/actions/A10/#indicateurs">A10</a>' in html


def test_either_of_two_alternatives_answers_for_both(reader, small):
    make.MeasureFactory(
        indicator=small.measures["vide"].indicator, code="B1-2.B", name="Part", type="percent",
        alternative_to=small.measures["vide"],
    )  # fmt: skip
    assert "5 relevés renseignés sur 6 dus" in status_of(reader.get(ADDRESS))


def test_a_break_is_marked_and_nothing_compares_across_it(reader, small):
    make.SeriesBreakFactory(measure=small.measures["papier"], year=2026, note="Le papier recyclé compte.")
    line = line_of(reader.get(ADDRESS), "A2-2")
    assert line["2026"] == "‖ Rupture de série : Le papier recyclé compte. 8,5 tonnes"
    assert line["Évolution"] == "rupture de série"


def test_invented_values_say_so(reader, small):
    small.now.demonstration = True
    small.now.save()
    response = reader.get(ADDRESS)
    assert "2026 (démonstration)" in line_of(response, "A2-1")
    assert "valeurs inventées" in plain(response.content.decode())


def test_the_first_half_of_a_year_is_a_column(reader, small):
    half = make.CampaignFactory(scheme=small.scheme, year=2026, period="half")
    report = make.ReportFactory(campaign=half, action=small.sheets["A2"], validated=True)
    make.ReadingFactory(report=report, measure=small.measures["repas"], number=60)
    response = reader.get(ADDRESS)
    assert line_of(response, "A2-1")["2026, premier semestre"] == "60 repas"
    alone = reader.get(ADDRESS, {"colonnes": ["code", "2026-S1"]})
    assert line_of(alone, "A2-1") == {"Code": "A2-1", "2026, premier semestre": "60 repas"}


def test_a_scheme_without_campaign_shows_its_plan(reader, organisation):
    scheme = make.SchemeFactory(organisation=organisation, slug="petit", starts_year=2026)
    make.MeasureFactory(code="G", unit="repas", indicator__action__objective__pillar__scheme=scheme)
    response = reader.get(ADDRESS, {"annee": "2026", "tri": "-valeur"})
    assert line_of(response, "G")["Type et unité"] == "nombre entier repas"
    assert "aucune valeur n’a encore été demandée" in status_of(response)
    assert reader.get("/schemas/petit/indicateurs.xlsx").status_code == 200


def test_another_year_is_judged(reader, small):
    response = reader.get(ADDRESS, {"annee": "2025"})
    assert "2025 est une année de référence : aucun relevé n’y est dû" in status_of(response)
    assert line_of(response, "A2-1")["Cible"] == "au moins 200 repas en 2028 en chemin 0 % du chemin"
    assert line_of(response, "A2-1")["Évolution"] == ""


# What it is narrowed by


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "VEGETARIENS ecole"}, ["A2-1"]),
        ({"q": "a10 dons"}, ["A10-2"]),
        ({"pilier": "P2"}, ["B1-1", "B1-2", "I-B1-3"]),
        ({"objectif": "O-P1"}, ["A2-1", "A2-2", "A10-1", "A10-2"]),
        ({"direction": "DMG"}, ["A2-1", "A2-2"]),
        ({"direction": "DAS"}, ["A10-1", "A10-2"]),
        ({"type": "boolean"}, ["B1-1"]),
        ({"statut": "validated"}, ["A2-1", "A2-2", "A10-1", "A10-2", "B1-1"]),
        ({"statut": "draft"}, []),
        ({"cible": "missed"}, ["A2-2"]),
        ({"cible": "on_the_way"}, ["A2-1"]),
        ({"cible": "none", "pilier": "P1"}, ["A10-1", "A10-2"]),
        ({"rempli": "non"}, ["B1-2"]),
        ({"rempli": "oui", "pilier": "P2"}, ["B1-1"]),
        ({"categorie": "SOCIAL"}, ["A10-1"]),
        ({"annee": "2025", "rempli": "non"}, ["A10-2", "B1-2"]),
    ],
)
def test_each_filter(reader, small, query, expected):
    assert codes(reader.get(ADDRESS, query)) == expected


def test_the_count_is_that_of_what_is_left(reader, small):
    assert status_of(reader.get(ADDRESS, {"pilier": "P2"})).startswith(
        "2 grandeurs sur 6 · 1 relevé renseigné sur 2 dus en 2026"
    )
    assert "Aucun indicateur ne répond" in reader.get(ADDRESS, {"q": "introuvable"}).content.decode()


def test_a_part_is_found_by_the_direction_of_its_whole(reader, small):
    part = make.ActionFactory(parent=small.sheets["A2"], code="A2.A")
    make.MeasureFactory(indicator__action=part, code="A2.A-1")
    assert "A2.A-1" in codes(reader.get(ADDRESS, {"direction": "DMG"}))


def test_each_criterion_is_named_and_can_be_taken_back(reader, small):
    view = reader.get(ADDRESS, {"pilier": "P1", "q": "papier", "tri": "plan"}).context["view"]
    assert view.criteria == [
        ("Axe", "Axe P1", "?q=papier"),
        ("Mots", "papier", "?pilier=P1"),
    ]


WRONG = {
    "pilier": "P9",
    "direction": "é'\"<b>",
    "cible": "x",
    "annee": "1789",
    "tri": "hasard",
    "colonnes": "prix",
    "statut": "x",
    "type": "x",
    "categorie": "x",
    "objectif": "x",
    "rempli": "peut-être",
    "q": "a\x00b",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_understood_is_said_beside_it_and_the_rest_holds(reader, small, name):
    other = {"q": "papier"} if name != "q" else {"pilier": "P1", "type": "quantity"}
    response = reader.get(ADDRESS, {name: WRONG[name], **other})
    assert response.status_code == 200
    assert list(errors(response)) == [name]
    assert codes(response) == ["A2-2"]


def test_a_wrong_year_says_which_there_are(reader, small):
    for wrong in ("1789", "deux mille", "２０２６", "9" * 5000):
        response = reader.get(ADDRESS, {"annee": wrong})
        assert errors(response) == {"annee": ["Ce schéma n’a de campagne que pour 2025, 2026."]}
        assert response.context["view"].year == 2026


def test_unknown_parameters_are_ignored(reader, small):
    response = reader.get(ADDRESS, {"utm_source": "mail", "page": "-1"})
    assert errors(response) == {}
    assert len(codes(response)) == 7


# Its order


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("code", ["A2-1", "A2-2", "A10-1", "A10-2", "B1-1", "B1-2", "I-B1-3"]),
        ("-code", ["I-B1-3", "B1-2", "B1-1", "A10-2", "A10-1", "A2-2", "A2-1"]),
        # Guide, Heures, Marchés, Montant, Papier, Repas végétariens, Repas, encore: a space comes before a comma
        ("nom", ["B1-1", "B1-2", "A10-1", "A10-2", "A2-2", "A2-1", "I-B1-3"]),
        # 8,5 ; 75 ; 150 ; then those without number, in the plan's order
        ("valeur", ["A2-2", "A10-1", "A2-1", "A10-2", "B1-1", "B1-2", "I-B1-3"]),
        ("-valeur", ["A2-1", "A10-1", "A2-2", "A10-2", "B1-1", "B1-2", "I-B1-3"]),
        # −15 ; 41,67 ; 50
        ("evolution", ["A2-2", "A10-1", "A2-1", "A10-2", "B1-1", "B1-2", "I-B1-3"]),
        ("avancement", ["A2-1", "A2-2", "A10-1", "A10-2", "B1-1", "B1-2", "I-B1-3"]),
        ("completude", ["B1-2", "A2-1", "A2-2", "A10-1", "A10-2", "B1-1", "I-B1-3"]),
    ],
)
def test_each_order_and_what_has_no_key_comes_last(reader, small, sort, expected):
    response = reader.get(ADDRESS, {"tri": sort})
    assert codes(response) == expected


def test_the_head_says_its_order_and_turns_it_over(reader, small):
    def sorted_head(**query):
        html = reader.get(ADDRESS, query).content.decode()
        return re.findall(r'<th scope="col" class="col-(\w+)[^>]*aria-sort="(\w+)"><a href="([^"]+)"', html)

    assert sorted_head() == []
    assert sorted_head(tri="evolution") == [("evolution", "ascending", "?tri=-evolution")]
    assert sorted_head(tri="-valeur", q="a") == [("2026", "descending", "?q=a&amp;tri=valeur")]


# Its columns and its link


def test_the_columns_that_are_chosen_are_shown_in_their_order(reader, small):
    response = reader.get(ADDRESS, {"colonnes": ["commentaire", "2026", "code", "directions", "categorie"]})
    assert list(line_of(response, "A2-2")) == ["Code", "Pilotage", "Catégorie légale", "2026", "Commentaire"]
    assert line_of(response, "A2-2")["Commentaire"] == "=1+1"
    assert line_of(response, "A10-1")["Catégorie légale"] == "Considération sociale"
    boxes = re.findall(r'name="colonnes" value="([^"]+)"[^>]*checked', response.content.decode())
    assert sorted(boxes) == sorted(["commentaire", "2026", "code", "directions", "categorie"])


def test_the_link_reproduces_the_view(reader, small):
    query = {"pilier": "P1", "tri": "-valeur", "colonnes": ["code", "2026"], "q": "", "direction": ""}
    response = reader.get(ADDRESS, query)
    link = response.context["view"].link()
    assert link == "?pilier=P1&tri=-valeur&colonnes=code&colonnes=2026"
    again = reader.get(ADDRESS + link)
    assert [line_of(again, code) for code in codes(again)] == [
        line_of(response, code) for code in codes(response)
    ]
    for kind in ("xlsx", "csv"):
        assert (
            f'href="/schemas/petit/indicateurs.{kind}{link.replace("&", "&amp;")}"'
            in response.content.decode()
        )


# Who sees what, at what cost


def test_values_are_those_that_the_reader_may_see(client, small, steering, copil_member, stranger):
    report = small.now.reports.get(action=small.sheets["A2"])
    report.reopen(by=steering, at=timezone.now(), why="À revoir.")
    client.force_login(copil_member)
    response = client.get(ADDRESS)
    assert line_of(response, "A2-1")["2026"] == "—"
    assert line_of(response, "A2-1")["Relevé"] == "à renseigner"
    assert "3 relevés renseignés sur 6 dus en 2026" in status_of(response)
    client.force_login(stranger)
    assert client.get(ADDRESS).status_code == 404


def test_as_many_queries_for_twenty_lines_as_for_two(reader, organisation):
    small = small_scheme(organisation)

    def count():
        with CaptureQueriesContext(connection) as found:
            reader.get(ADDRESS, {"q": "a", "tri": "valeur"})
        return len(found)

    reader.get(ADDRESS)
    few = count()
    for rank in range(20):
        action = make.ActionFactory(objective=small.sheets["A2"].objective, code=f"N{rank}")
        make.InvolvementFactory(action=action)
        measure = make.MeasureFactory(
            indicator__action=action, code=f"N{rank}-1", legal_category=small.category, legal_basis="value"
        )
        make.TargetFactory(measure=measure, code=f"CN{rank}")
        make.IndicatorFactory(action=action, duplicate_of=small.measures["repas"].indicator)
        make.IndicatorFactory(action=action, refers_to=small.sheets["A2"])
        report = make.ReportFactory(campaign=small.now, action=action, validated=True)
        make.ReadingFactory(report=report, measure=measure, number=rank)
    assert Reading.objects.count() > 25
    assert count() == few
