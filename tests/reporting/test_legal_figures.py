"""The legal figures of a draft: what measures follow, what the steering team completes, what the checklist says of both."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from actions.models import Role
from reporting.editions.legal_gaps import is_siret, legal_checks
from reporting.models import LegalFigure
from tests.factories import (
    BuyerFactory,
    EditionDraftFactory,
    LegalCategoryFactory,
    LegalFigureFactory,
    MembershipFactory,
    SchemeFactory,
)
from tests.reporting.exploring import plain
from tests.reporting.legal_world import D, Shared, category, read, tied

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared():
    return Shared()


@pytest.fixture
def draft(shared):
    return EditionDraftFactory(legal=True, organisation=shared.organisation)


@pytest.fixture
def team(client, shared):
    user = MembershipFactory(
        organisation=shared.organisation,
        role=Role.STEERING,
        user__last_name="Le Goff",
        user__first_name="Anne",
    ).user
    client.force_login(user)
    client.user = user
    return client


def address(draft, buyer="VILLE", code="esus", basis="contracts", year=2026):
    return reverse("legal_figure", args=[draft.pk, buyer, code, basis, year])


def stored(shared):
    return LegalFigure.objects.filter(buyer__organisation=shared.organisation)


def told(response):
    return plain(response.content.decode())


GIVEN = {
    "numerator": "1 234",
    "denominator": "5 000",
    "unfilled": "100",
    "target": "30 %",
    "target_year": "2028",
    "threshold": "40 000 €",
    "perimeter": "Marchés notifiés",
    "source": "Tableur",
    "extracted_on": "31/01/2026",
}


# Completing a line


def test_a_line_is_completed_with_french_numbers_and_says_by_whom(team, draft, shared):
    response = team.post(address(draft), GIVEN, follow=True)
    assert "Le chiffre est enregistré." in told(response)
    figure = stored(shared).get()
    assert (figure.buyer, figure.category.code, figure.basis, figure.year) == (
        shared.town,
        "esus",
        "contracts",
        2026,
    )
    assert (figure.numerator, figure.denominator, figure.unfilled) == (1234, 5000, 100)
    assert (figure.target, figure.target_year, figure.threshold) == (30, 2028, 40_000)
    assert (figure.perimeter, figure.source) == ("Marchés notifiés", "Tableur")
    assert figure.extracted_on == date(2026, 1, 31)
    assert figure.changed_by == team.user
    assert timezone.now() - figure.changed_at < timedelta(minutes=1)
    page = told(response)
    assert "24,68 % (1 234 / 5 000)" in page and "100 non renseignés, 2,00 %" in page
    assert "Donné par Anne Le Goff" in page
    shown = team.get(address(draft))
    assert "Donné par Anne Le Goff" in told(shown)
    assert shown.context["form"]["numerator"].value() is not None


def test_a_value_may_have_cents_and_a_reason_stands_alone(team, draft, shared):
    assert team.post(address(draft, basis="value"), {"numerator": "125 000,50"}).status_code == 302
    assert stored(shared).get().numerator == D("125000.50")
    reason = {"not_followed": "Le registre ne dit pas qui est agréé."}
    page = told(team.post(address(draft, year=2025), reason, follow=True))
    assert "Non suivie : Le registre ne dit pas qui est agréé." in page
    assert "1 ligne sur 32 a un chiffre, 1 dit pourquoi" in page
    assert "La raison est enregistrée." in page


def test_one_reason_may_do_for_the_whole_category(team, draft, shared):
    tied(shared.scheme, "esus", buyer=shared.town)  # 2026, contracts
    LegalFigureFactory(buyer=shared.town, category=category("esus"), basis="value", year=2026)
    page = told(team.get(address(draft, year=2025)))
    assert "Donner la même raison pour : valeur 2025" in page
    reason = {"not_followed": "Le registre ne dit pas qui est agréé."}
    team.post(address(draft, year=2025), reason | {"for_others": "on"})
    found = stored(shared).filter(not_followed=reason["not_followed"])
    assert set(found.values_list("basis", "year", "changed_by")) == {
        ("contracts", 2025, team.user.pk),
        ("value", 2025, team.user.pk),
    }
    assert "for_others" not in team.get(address(draft, year=2025)).context["form"].fields


BAD = {
    "nothing": ({}, {"numerator": "Donnez le numérateur, ou dites plus bas"}),
    "words": ({"numerator": "douze"}, {"numerator": "« douze » n’est pas un nombre"}),
    "half a contract": (
        {"numerator": "1,5", "denominator": "4"},
        {"numerator": "Un nombre de contrats est un nombre entier."},
    ),
    "more than all": (
        {"numerator": "5", "denominator": "4"},
        {"numerator": "Le numérateur dépasse le dénominateur."},
    ),
    "too many not filled in": (
        {"numerator": "3", "denominator": "4", "unfilled": "2"},
        {"unfilled": "Avec le numérateur, ils dépassent le dénominateur."},
    ),
    "not filled in of nothing": (
        {"numerator": "3", "unfilled": "2"},
        {"denominator": "Donnez le dénominateur, dont font partie les non renseignés."},
    ),
    "figures and a reason": (
        {"numerator": "3", "not_followed": "Non."},
        {"not_followed": "pas les deux."},
    ),
    "a target beyond": ({"numerator": "3", "target": "130"}, {"target": "Une cible est au plus de 100 %."}),
    "the year of no target": (
        {"numerator": "3", "target_year": "2028"},
        {"target": "Donnez la cible de cette échéance."},
    ),
    "tomorrow": (
        {"numerator": "3", "extracted_on": "31/12/2099"},
        {"extracted_on": "Cette date est à venir."},
    ),
    "all at once": (
        {"numerator": "-1", "denominator": "x", "target": "y", "extracted_on": "hier", "target_year": "20"},
        {
            "numerator": "supérieure ou égale à 0",
            "denominator": "« x »",
            "target": "« y »",
            "extracted_on": "date valide",
            "target_year": "supérieure ou égale à 1990",
        },
    ),
}


@pytest.mark.parametrize(("typed", "errors"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_beside_it_and_nothing_changes(team, draft, shared, typed, errors):
    figure = LegalFigureFactory(buyer=shared.town, category=category("esus"))
    response = team.post(address(draft), typed)
    form = response.context["form"]
    assert set(form.errors) == set(errors)
    for name, words in errors.items():
        assert words in " ".join(form.errors[name]), name
    for name, text in typed.items():
        assert form[name].value() == text
    figure.refresh_from_db()
    assert (figure.numerator, figure.denominator, figure.target) == (12, 48, None)


def test_emptying_is_a_button_of_its_own(team, draft, shared):
    LegalFigureFactory(buyer=shared.town, category=category("esus"))
    response = team.post(address(draft), {"remove": "1"}, follow=True)
    assert "Le chiffre est retiré" in told(response)
    assert not stored(shared).exists()
    assert "Retirer ce chiffre" not in told(team.get(address(draft)))
    assert team.post(address(draft), {"remove": "1"}).status_code == 200  # nothing to take away


def test_what_a_measure_follows_is_not_completed_by_hand(team, draft, shared):
    measure = tied(shared.scheme, "esus", buyer=shared.town, code="ESUS-1")
    shown = told(team.get(address(draft)))
    assert "La grandeur ESUS-1" in shown and "Enregistrer" not in shown
    response = team.post(address(draft), GIVEN)
    assert "La grandeur ESUS-1 suit désormais cette ligne" in str(response.context["form"].errors)
    assert response.context["form"]["numerator"].value() == "1 234"
    assert not stored(shared).exists()
    measure.delete()
    assert team.post(address(draft), GIVEN).status_code == 302


def test_two_people_at_one_line_at_once(team, draft, shared, monkeypatch):
    def taken(form):
        raise IntegrityError

    monkeypatch.setattr("reporting.views_legal.LegalFigureForm.save", taken)
    response = team.post(address(draft), GIVEN)
    assert "Quelqu’un vient de compléter cette ligne" in told(response)
    assert response.context["form"]["source"].value() == "Tableur"


def test_the_work_of_another_is_not_undone(team, draft, shared):
    figure = LegalFigureFactory(buyer=shared.town, category=category("esus"))
    shown = team.get(address(draft)).context["form"]
    typed = {name: shown[name].value() or "" for name in shown.fields}
    typed |= {"was": shown.initial["was"], "numerator": "10", "denominator": "48"}
    LegalFigure.objects.filter(pk=figure.pk).update(numerator=20)
    response = team.post(address(draft), typed)
    assert "Quelqu’un a changé cela entre-temps : « 20 »." in told(response)


@pytest.mark.parametrize(
    "of",
    [
        {"buyer": "AUTRE"},
        {"code": "inconnue"},
        {"basis": "poids"},
        {"year": 2024},
        {"buyer": "VI\0LLE"},
    ],
)
def test_a_line_that_is_not_of_the_publication_is_not_found(team, draft, of):
    assert team.get(address(draft, **of)).status_code == 404


def test_the_draft_of_a_bilan_has_no_legal_figures(team, shared):
    bilan = EditionDraftFactory(scheme=shared.scheme)
    assert team.get(reverse("legal_figures", args=[bilan.pk])).status_code == 404
    assert team.get(address(bilan)).status_code == 404


# The page of all lines


def page_of(team, draft):
    return team.get(reverse("legal_figures", args=[draft.pk]))


def test_each_line_says_where_its_figure_comes_from(team, draft, shared):
    shared.fill()
    tied(shared.scheme, "insertion-handicap", code="PERSONNE")
    response = page_of(team, draft)
    page, html = told(response), response.content.decode()
    assert "28,13 % (63 / 224)" in page and "8 non renseignés, 3,57 %" in page
    assert "30 % en 2028" in page
    assert reverse("measure_edit", args=["armorique-2026", "SOC-2026"]) in html
    sheet = shared.scheme.measures.get(code="SOC-2026").indicator.action.code
    assert reverse("report", args=["armorique-2026", "2026", sheet]) in html
    assert "57 contrats" in page and "Numérateur seul : pas de taux." in page
    assert "Non renseignée : le logiciel ne la compte pas." in page
    assert "Valeur non validée." in page
    assert "5,00 % (125 000,50 / 2 500 000)" in page
    assert address(draft, "METRO", "social", "value", 2025) in html
    assert address(draft, "VILLE", "social", "contracts", 2026) not in html  # a measure follows it
    assert "Achats aux petites entreprises catégorie propre" in page
    assert "Des grandeurs ne nomment pas leur acheteur" in page and "PERSONNE" in page


def test_without_buyer_it_says_to_record_one(client):
    scheme = SchemeFactory(starts_year=2025)
    client.force_login(MembershipFactory(organisation=scheme.organisation, role=Role.STEERING).user)
    draft = EditionDraftFactory(legal=True, organisation=scheme.organisation)
    response = client.get(reverse("legal_figures", args=[draft.pk]))
    assert "Aucun acheteur n’est enregistré" in told(response)
    assert "Compléter :" not in told(response)
    read(tied(scheme, "social"), 2026, numerator=3, denominator=12)
    read(tied(scheme, "environnemental"), 2026, numerator=3, denominator=13)
    [disagreeing] = gaps(draft, "denominators")
    assert disagreeing.startswith("nombre de contrats, 2026 : 12 (Achats à considération sociale) ; 13")
    assert check(draft, "not_followed").gaps[0].address == reverse(
        "admin:actions_organisation_change", args=[scheme.organisation_id]
    )


@pytest.mark.parametrize("count", [1, 8])
def test_its_queries_do_not_grow(team, draft, shared, count, django_assert_num_queries):
    shared.fill()
    for rank in range(count):
        own = LegalCategoryFactory(organisation=shared.organisation, code=f"propre-{rank}")
        LegalFigureFactory(buyer=shared.metropolis, category=own)
        BuyerFactory(organisation=shared.organisation)
        tied(shared.scheme, "social", buyer=BuyerFactory(organisation=shared.organisation))
    page_of(team, draft)  # what a first page reads once for all
    with django_assert_num_queries(16):
        page_of(team, draft)
    with django_assert_num_queries(9):
        legal_checks(draft)


# The checklist


def check(draft, key):
    [found] = [check for check in legal_checks(draft) if check.key == key]
    return found


def gaps(draft, key):
    return [plain(gap.text) for gap in check(draft, key).gaps]


def test_a_whole_publication_has_nothing_to_settle():
    buyer = BuyerFactory(siret="21290019700014")
    draft = EditionDraftFactory(legal=True, organisation=buyer.organisation)
    for code in ("social", "environnemental", "esus", "insertion-handicap"):
        for basis in ("contracts", "value"):
            for year in (2025, 2026):
                LegalFigureFactory(
                    buyer=buyer,
                    category=category(code),
                    basis=basis,
                    year=year,
                    target=30,
                    target_year=2028,
                    unfilled=0,
                )
    assert [check.key for check in legal_checks(draft) if check.gaps] == []


def test_what_lacks_is_listed_with_where_to_settle_it(draft, shared):
    shared.fill()
    assert gaps(draft, "sirets") == ["Métropole : pas de SIRET"]
    assert len(gaps(draft, "not_followed")) == 32  # of 40: 5 have a measure, 1 a figure, 2 a reason
    assert gaps(draft, "not_filled") == [
        "Ville, Achats à considération environnementale, valeur, 2026",
    ]
    assert gaps(draft, "whole_rates") == [
        "Ville, Achats à considération sociale, valeur, 2026 : Taux donné sans ses termes.",
        "Ville, Achats à considération environnementale, nombre de contrats, 2026 : Numérateur seul : pas de taux.",
    ]
    assert gaps(draft, "targets") == [
        "Ville, Achats à considération sociale, valeur, 2026",
        "Ville, Achats à considération environnementale, nombre de contrats, 2026",
    ]
    assert gaps(draft, "unfilled") == [
        "Ville, Achats à considération environnementale, nombre de contrats, 2026"
    ]
    assert gaps(draft, "unvalidated") == ["Ville, Achats à considération sociale, valeur, 2026"]
    assert check(draft, "unvalidated").gaps[0].address == reverse(
        "measure_edit", args=["armorique-2026", "SOC-V"]
    )
    lacking = check(draft, "not_followed").gaps
    assert {gap.address for gap in lacking} >= {
        address(draft, "VILLE", "insertion-handicap", "value", 2025),
        address(draft, "METRO", "social", "contracts", 2026),
    }
    assert [gaps(draft, key) for key in ("over", "denominators", "claims", "buyers")] == [[], [], [], []]


def test_what_does_not_agree_is_listed(draft, shared):
    first = tied(shared.scheme, "social", buyer=shared.town, code="UN")
    read(first, 2026, numerator=300, denominator=224)
    tied(shared.scheme, "social", buyer=shared.town, code="DEUX")
    LegalFigureFactory(buyer=shared.town, category=category("social"))
    LegalFigureFactory(buyer=shared.town, category=category("esus"))
    tied(shared.scheme, "esus", code="PERSONNE", indicator__name="Marchés à des ESUS")
    assert gaps(draft, "over") == [
        "Ville, Achats à considération sociale, nombre de contrats, 2026 : 133,93 % (300 / 224)"
    ]
    assert gaps(draft, "denominators") == [
        "Ville, nombre de contrats, 2026 : 224 (Achats à considération sociale) ; 48 "
        "(Achats aux entreprises solidaires d’utilité sociale agréées (ESUS))"
    ]
    assert gaps(draft, "claims") == [
        "Ville, Achats à considération sociale, nombre de contrats, 2026 : UN compte, et non la grandeur DEUX "
        "ni un chiffre donné à la main"
    ]
    assert gaps(draft, "buyers") == ["PERSONNE Marchés à des ESUS ne compte pour aucun acheteur"]


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("21290019700014", True),
        ("73282932000074", True),
        ("73282932000075", False),
        ("35600000000048", True),  # La Poste, by Luhn too
        ("35600000049837", True),  # La Poste, by its own rule only
        ("35600000049838", False),
        ("7328293200007", False),
        ("²3282932000074", False),
        ("", False),
    ],
)
def test_a_siret_is_checked_by_its_last_digit(text, sound):
    assert is_siret(text) is sound
