"""The search: who finds what, without accents or case, with the words marked where they stand."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import InvolvementRole
from reporting.excerpts import excerpt, marked, spans
from reporting.search import KINDS, MANY, PAGE
from spaser.french import NARROW, NO_BREAK
from tests.factories import (
    ActionFactory,
    CampaignFactory,
    CommitteeFactory,
    DirectionFactory,
    ExtraFigureFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    MeetingFactory,
    PassageFactory,
    ReportFactory,
    SchemeFactory,
    StepFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def look_for(client):
    """Ask the page, as a user: {kind: [titles]} of what it shows."""

    def look_for(user, q, **more):
        client.force_login(user)
        response = client.get(reverse("search"), {"q": q, **more})
        assert response.status_code == 200
        look_for.response, look_for.text = response, response.content.decode()
        groups = response.context["groups"] or []
        return {group.kind.key: [result.found.title for result in group.results] for group in groups}

    return look_for


def excerpts(response):
    return [str(result.excerpt) for group in response.context["groups"] for result in group.results]


# Accents, case, signs


@pytest.mark.parametrize(
    "query, title",
    [
        ("ECONOMIE", "Économie circulaire"),
        ("économie", "ECONOMIE CIRCULAIRE"),
        ("oeuvre", "Mise en œuvre"),
        ("ŒUVRE", "mise en oeuvre"),
        ("l'achat", "Développer l’achat durable"),
        ("L’ACHAT", "Développer l'achat durable"),
        ("circulaire economie", "Économie circulaire"),
        ("« circulaire »", "Économie circulaire"),
        ("m2", "Surface en m²"),
        ("100 %", f"Atteindre 100{NO_BREAK}%"),
    ],
)
def test_without_accents_or_case(look_for, steering, action, query, title):
    action.title = title
    action.save()
    assert look_for(steering, query) == {"actions": [f"Action{NO_BREAK}: {title}"]}


def test_all_the_words_stand_in_one_thing(look_for, steering, action):
    ActionFactory(objective=action.objective, title="Papier", purpose="Moins de plastique")
    StepFactory(action=action, title="Papier recyclé")
    IndicatorFactory(action=action, name="Plastique évité")
    found = look_for(steering, "papier plastique")
    assert found == {"actions": [f"Action{NO_BREAK}: Papier"]}
    assert set(look_for(steering, "papier")) == {"actions", "etapes"}


def test_every_kind_is_found_and_leads_to_its_page(look_for, steering, scheme, action):
    action.title, pillar, objective = "Bocage", action.objective.pillar, action.objective
    action.save()
    pillar.title = objective.title = "Bocage"
    pillar.save()
    objective.save()
    scheme.adoption_text = "Le bocage d’abord"
    scheme.save()
    direction = DirectionFactory(organisation=scheme.organisation, name="Mission bocage")
    InvolvementFactory(action=action, direction=direction, role=InvolvementRole.SUPPORT)
    StepFactory(action=action, title="Planter le bocage")
    indicator = IndicatorFactory(action=action, name="Kilomètres de bocage")
    other = MeasureFactory(indicator__action=action, indicator__name="Haies", name="Bocage planté")
    MeasureFactory(indicator=indicator, name="Bocage")
    report = ReportFactory(campaign__scheme=scheme, action=action, analysis="Le bocage revient.")
    ExtraFigureFactory(report=report, label="Mètres de bocage")
    PassageFactory(scheme=scheme, heading="Bocage")
    PassageFactory(scheme=scheme, pillar=pillar, heading="", text="Du bocage partout")
    MeetingFactory(
        committee=CommitteeFactory(scheme=scheme, name="Comité du bocage"), decisions="Étendre le bocage"
    )
    found = look_for(steering, "BOCAGE")
    assert list(found) == [kind.key for kind in KINDS]
    assert found["grandeurs"] == ["Bocage planté"]  # that of an indicator found is not said twice
    plan = scheme.get_absolute_url()
    urls = {
        group.kind.key: [result.found.url for result in group.results]
        for group in look_for.response.context["groups"]
    }
    assert urls == {
        "actions": [action.get_absolute_url()],
        "indicateurs": [indicator.get_absolute_url()],
        "grandeurs": [other.indicator.get_absolute_url()],
        "fiches": [report.get_absolute_url()],
        "chiffres": [report.get_absolute_url()],
        "etapes": [action.get_absolute_url()],
        "piliers": [f"{plan}#pillar-{pillar.code}"],
        "objectifs": [f"{plan}#pillar-{pillar.code}"],
        "passages": [f"{plan}#document", f"{plan}#pillar-{pillar.code}"],
        "instances": [f"{plan}#instances"],
        "reunions": [f"{plan}#instances"],
        "directions": [reverse("direction", args=[scheme.organisation.slug, direction.code])],
        "schemas": [plan],
    }
    for address in {url.partition("#")[0] for found in urls.values() for url in found}:
        assert look_for.response.client.get(address).status_code == 200
    for anchor in (f"pillar-{pillar.code}", "document", "instances"):
        assert f'id="{anchor}"' in look_for.response.client.get(plan).content.decode()


# Who finds what


STATUSES = ("draft", "submitted", "returned", "validated")
READ = {
    "steering": STATUSES,
    "pilot": STATUSES,
    "contributor": STATUSES,
    "other_pilot": ("submitted", "validated"),
    "copil_member": ("validated",),
    "stranger": (),
}


@pytest.mark.parametrize("role", READ)
def test_a_narrative_is_found_by_who_may_read_it(request, look_for, scheme, action, role):
    for year, status in enumerate(STATUSES, 2026):
        report = ReportFactory(
            campaign__scheme=scheme,
            campaign__year=year,
            action=action,
            realisation=f"Récolte {status}",
            **({} if status == "draft" else {status: True}),
        )
        ExtraFigureFactory(report=report, label=f"Récolte {status} en tonnes")
    user = request.getfixturevalue(role)
    found = look_for(user, "recolte")
    said = " ".join(excerpts(look_for.response)) + " ".join(found.get("chiffres", []))
    assert {status for status in STATUSES if status in said} == set(READ[role])
    assert len(found.get("fiches", [])) == len(found.get("chiffres", [])) == len(READ[role])


def test_a_stranger_finds_nothing_of_a_plan(look_for, stranger, copil_member, action):
    assert look_for(copil_member, action.title)
    assert look_for(stranger, action.title) == {}
    assert "Rien de ce que vous pouvez lire" in look_for.text


def test_who_is_not_logged_in_is_led_to_the_login(client, action):
    assert client.get(reverse("search"), {"q": "action"}).status_code == 302


def test_a_scheme_of_others_cannot_be_chosen(look_for, steering):
    other = SchemeFactory()
    assert look_for(steering, "action", scheme=other.slug) == {}
    assert other.title not in look_for.text
    assert "Sélectionnez un choix valide" in look_for.text


# Order, filters, pages


def test_the_title_comes_first_then_the_plan_goes_on(look_for, steering, action):
    objective = action.objective
    for position, (title, purpose) in enumerate(
        [("Déchets", "Réemploi du mobilier"), ("Le réemploi", ""), ("Textiles", "Réemploi"), ("Réemploi", "")]
    ):
        ActionFactory(objective=objective, title=title, purpose=purpose, position=position + 1)
    found = look_for(steering, "reemploi")["actions"]
    assert [title.partition(f"{NO_BREAK}: ")[2] for title in found] == [
        "Le réemploi",
        "Réemploi",
        "Déchets",
        "Textiles",
    ]


def test_latest_year_first(look_for, steering, scheme, action):
    for year in (2026, 2028, 2027):
        ReportFactory(campaign__scheme=scheme, campaign__year=year, action=action, outlook="Poursuivre")
    look_for(steering, "poursuivre")
    shown = [result.found.campaign.year for result in look_for.response.context["groups"][0].results]
    assert shown == [2028, 2027, 2026]


def test_narrowed_to_a_scheme_and_a_kind(look_for, steering, scheme, action):
    other = SchemeFactory(organisation=scheme.organisation)
    elsewhere = ActionFactory(objective__pillar__scheme=other, title="Ailleurs l’action")
    DirectionFactory(organisation=scheme.organisation, name="Mission action")
    assert set(look_for(steering, "action")) == {"actions", "directions"}
    assert look_for(steering, "action", scheme=other.slug) == {"actions": [str(elsewhere)]}
    assert look_for(steering, "action", kind="directions") == {"directions": ["Mission action"]}
    assert look_for(steering, "ailleurs", scheme=scheme.slug) == {}
    assert "Chercher partout" in look_for.text


def test_bounded_and_the_others_by_page(look_for, steering, action):
    for position in range(PAGE + 4):
        StepFactory(action=action, title=f"Semer {position:02}", position=position)
    assert len(look_for(steering, "semer")["etapes"]) == MANY
    assert f"Voir les {PAGE + 4}{NO_BREAK}résultats" in look_for.text
    assert "kind=etapes" in look_for.text
    assert len(look_for(steering, "semer", kind="etapes")["etapes"]) == PAGE
    assert "Page 1 sur 2" in look_for.text
    last = look_for(steering, "semer", kind="etapes", page=2)["etapes"]
    assert last == [f"Semer {position:02}" for position in range(PAGE, PAGE + 4)]
    assert look_for(steering, "semer", kind="etapes", page="x")["etapes"][0] == "Semer 00"


def test_queries_do_not_grow(client, steering, scheme, action):
    def ask():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("search"), {"q": "semer"}).status_code == 200
        return len(queries)

    def sow(numbers):
        for number in numbers:
            sown = ActionFactory(objective=action.objective, title=f"Semer {number}")
            part = ActionFactory(parent=sown, title="Semer encore")
            StepFactory(action=part, title="Semer")
            IndicatorFactory(action=part, name="Semer")
            MeasureFactory(indicator__action=part, name="Semer")
            report = ReportFactory(
                campaign__scheme=scheme, campaign__year=2000 + number, action=part, realisation="Semer"
            )
            ExtraFigureFactory(report=report, label="Semer")
            PassageFactory(scheme=scheme, action=part, heading="Semer")
            MeetingFactory(committee=CommitteeFactory(scheme=scheme, name="Semer"), decisions="Semer")
            DirectionFactory(organisation=scheme.organisation, name="Semer")

    client.force_login(steering)
    sow(range(2))
    few = ask()
    sow(range(2, 20))
    assert ask() == few


# What is typed


def test_nothing_typed_shows_the_form_only(client, steering):
    client.force_login(steering)
    for query in ("", "?q=", "?q=+++", "?kind=fiches", "?q=%C2%AB%C2%A0%C2%BB&x=1"):
        response = client.get(reverse("search") + query)
        assert response.status_code == 200
        assert response.context["groups"] is None
        assert 'type="search"' in response.content.decode()


@pytest.mark.parametrize(
    "query, message",
    [
        ("e", "Écrivez au moins un mot de deux lettres."),
        ("à l d", "Écrivez au moins un mot de deux lettres."),
        ("e" * 201, "Assurez-vous que cette valeur comporte au plus 200"),
        ("ac\x00tion", "Le caractère nul n’est pas autorisé."),
    ],
)
def test_what_cannot_be_looked_for_is_said(look_for, steering, action, query, message):
    assert look_for(steering, query) == {}
    assert message in look_for.text


def test_as_many_words_as_fit_are_looked_for(look_for, steering, action):
    letters = " ".join("abcdefghijklmnopqrstuvwxyz0123456789"[i % 36] for i in range(98)) + " zz"
    assert look_for(steering, letters) == {}
    words = " ".join(f"{number:x}" for number in range(16, 80))
    assert len(words) < 200
    action.purpose = words
    action.save()
    assert list(look_for(steering, words)) == ["actions"]


def test_a_figure_is_a_word(look_for, steering, action):
    StepFactory(action=action, title="Phase 3")
    assert look_for(steering, "3", kind="etapes") == {"etapes": ["Phase 3"]}


def test_what_is_found_and_typed_is_escaped(look_for, steering, action):
    action.title = "Le <script>alert(1)</script> & <b>"
    action.purpose = "<img src=x onerror=alert(1)> & bocage"
    action.save()
    look_for(steering, "<script>alert(1)</script>")
    assert "<script>alert" not in look_for.text
    assert "<mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in look_for.text
    look_for(steering, "bocage")
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; <mark>bocage</mark>" in look_for.text
    look_for(steering, "img")
    assert "&lt;<mark>img</mark> src" in look_for.text


def test_a_demonstration_says_so(look_for, steering, scheme, action):
    campaign = CampaignFactory(scheme=scheme, demonstration=True)
    report = ReportFactory(campaign=campaign, action=action, realisation="Inventé de toutes pièces")
    ExtraFigureFactory(report=report, label="Chiffre inventé")
    look_for(steering, "invente")
    assert look_for.text.count("Données de démonstration") == 2
    ReportFactory(campaign__scheme=scheme, campaign__year=2020, action=action, realisation="Constaté")
    look_for(steering, "constate")
    assert "Données de démonstration" not in look_for.text


# Excerpts


def test_marks_cover_the_letters_as_written():
    assert marked("L’Œuvre, l’œuvre et la manœuvre", ["oeuvre"]) == (
        "L’<mark>Œuvre</mark>, l’<mark>œuvre</mark> et la man<mark>œuvre</mark>"
    )
    assert marked("L’achat", ["l'achat"]) == "<mark>L’achat</mark>"
    decomposed = "E\u0301te\u0301 2026"
    assert marked(decomposed, ["ete"]) == "<mark>E\u0301te\u0301</mark> 2026"
    assert marked("co\u00adopération…", ["cooperation"]) == "<mark>co\u00adopération</mark>…"


def test_marks_do_not_overlap_and_short_words_stand_alone():
    assert marked("Achats, achat", ["achat", "achats"]) == "<mark>Achats</mark>, <mark>achat</mark>"
    assert marked("le village", ["le"]) == "<mark>le</mark> village"
    assert spans("cœurs", ["eur", "urs"]) == [(1, 4)]
    assert spans("œe", ["o", "ee"]) == []
    assert spans("texte", []) == []


def test_marked_text_is_typeset():
    assert (
        marked("Quoi ? 50 % :\n\n oui", ["oui"]) == f"Quoi{NARROW}? 50{NO_BREAK}%{NO_BREAK}: <mark>oui</mark>"
    )


def test_an_excerpt_is_cut_between_words_around_the_first():
    before, after = "avant " * 100, " après" * 100
    html = str(excerpt(f"{before}Réemploi{after}", ["reemploi"]))
    assert re.fullmatch(r"… (avant )+<mark>Réemploi</mark>( après)+…", html)
    assert 200 < len(html) < 300
    assert excerpt("Court réemploi.", ["reemploi"]) == "Court <mark>réemploi</mark>."
    assert excerpt("mot " * 200, ["absent"]).endswith("mot…")
    assert excerpt("", ["mot"]) == ""
    endless = "x" * 5000
    assert str(excerpt(endless, ["absent"])) == "x" * 260 + "…"
    assert str(excerpt(f"{endless} réemploi", ["reemploi"])).endswith("<mark>réemploi</mark>")


def test_an_excerpt_shows_the_words_where_they_stand_together():
    text = f"Économie sociale. {'Autre chose. ' * 40}Économie vraiment circulaire. Fin."
    html = str(excerpt(text, ["economie", "circulaire"]))
    assert html.startswith("… Autre chose. ")
    assert html.endswith("<mark>Économie</mark> vraiment <mark>circulaire</mark>. Fin.")


def test_the_excerpt_is_of_the_section_that_says_most(look_for, steering, scheme, action):
    ReportFactory(
        campaign__scheme=scheme,
        action=action,
        realisation="Du papier recyclé",
        analysis="Le papier et le mobilier",
    )
    look_for(steering, "mobilier papier")
    assert excerpts(look_for.response) == ["Le <mark>papier</mark> et le <mark>mobilier</mark>"]
    assert re.search(r"Analyse qualitative\s*&nbsp;:", look_for.text)
