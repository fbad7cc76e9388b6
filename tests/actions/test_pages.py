"""Home and the plan of a scheme, as people open them."""

import pytest
from django.urls import reverse

from actions.models import Scheme
from tests.factories import ActionFactory, IndicatorFactory, InvolvementFactory, PassageFactory, StepFactory
from tests.plans import load_plan

pytestmark = pytest.mark.django_db


def text_of(response):
    page = response.content.decode().replace("&nbsp;", " ").replace("&#8239;", " ")
    return " ".join(page.replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.mark.parametrize("name", ["steering", "pilot", "contributor", "copil_member"])
def test_members_see_the_plan(name, request, client, scheme, action):
    client.force_login(request.getfixturevalue(name))
    assert scheme.title in text_of(client.get(reverse("schemes")))
    assert action.title in text_of(client.get(scheme.get_absolute_url()))


def test_a_stranger_finds_nothing(client, stranger, scheme):
    client.force_login(stranger)
    assert scheme.title not in text_of(client.get(reverse("schemes")))
    assert client.get(scheme.get_absolute_url()).status_code == 404


def test_a_visitor_is_asked_to_log_in(client, scheme):
    for address in (reverse("schemes"), scheme.get_absolute_url()):
        response = client.get(address)
        assert response.status_code == 302
        assert response.url == f"{reverse('login')}?next={address}"


def test_logging_in_by_email_whatever_its_case(client, pilot):
    pilot.set_password("une phrase assez longue")
    pilot.save()
    response = client.post(
        reverse("login"), {"username": pilot.email.upper(), "password": "une phrase assez longue"}
    )
    assert response.url == reverse("home")


def test_a_wrong_password_is_said_in_french(client, pilot):
    response = client.post(reverse("login"), {"username": pilot.email, "password": "non"})
    assert "Adresse électronique ou mot de passe incorrect." in text_of(response)
    assert response.status_code == 200


def test_only_reading_is_answered(client, steering, scheme):
    client.force_login(steering)
    assert client.post(scheme.get_absolute_url()).status_code == 405


def test_someone_without_membership_is_told_what_to_do(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("seul@exemple.test"))
    assert "demandez une habilitation" in text_of(client.get(reverse("schemes")))


def test_doubts_are_for_the_steering_team(client, steering, pilot, scheme):
    Scheme.objects.filter(pk=scheme.pk).update(source_note="Page déchirée.")
    client.force_login(steering)
    assert "Page déchirée." in text_of(client.get(scheme.get_absolute_url()))
    client.force_login(pilot)
    assert "Page déchirée." not in text_of(client.get(scheme.get_absolute_url()))


@pytest.fixture
def plan(client, django_user_model):
    """A function that loads a plan and opens its page, with a query."""

    def open_page(slug, query=""):
        scheme = load_plan(slug)
        user = django_user_model.objects.filter(email="lecteur@exemple.test").first()
        user = user or django_user_model.objects.create_user("lecteur@exemple.test")
        scheme.organisation.memberships.get_or_create(user=user, role="steering")
        client.force_login(user)
        return client.get(scheme.get_absolute_url() + query)

    return open_page


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        (
            "pas-de-calais-2026",
            ["4 piliers", "8 objectifs", "27 actions dont 3 bonus", "32 volets", "Action bonus"],
        ),
        ("pas-de-calais-2017", ["3 axes", "13 actions", "annonce 21 actions", "Groupe de suivi"]),
        ("nord-2026", ["4 axes", "11 objectifs", "Réuni tous les deux ans", "Une fois par semestre"]),
        ("ille-et-vilaine-2023", ["3 axes", "5 chantiers", "20 objectifs", "Objectif n°20", "-25%"]),
        (
            "ville-metropole",
            ["4 orientations", "8 objectifs", "26 actions", "Déploiement échelonné du SPASER"],
        ),
    ],
)
def test_each_plan_shows_under_its_own_names(plan, slug, words):
    response = plan(slug)
    text = text_of(response)
    for expected in words:
        assert expected in text, expected


def test_an_untitled_objective_shows_nowhere(plan):
    response = plan("nord-2026")
    assert "(sans titre)" not in text_of(response)
    plan_section = response.content.decode().split('id="plan"')[1].split('id="document"')[0]
    assert "Objectif 1" in plan_section
    assert "<h4>" not in plan_section


def found(response):
    """The codes of the actions and parts that the tree shows."""
    tree, sheets = response.context["tree"], response.context["sheets"]
    nodes = [
        node for pillar in tree for objective in pillar.objectives for node in objective.actions
    ] + sheets
    return [code for node in nodes for code in (node.action.code, *(part.code for part in node.parts))]


def test_filter_by_pillar(plan):
    assert set(found(plan("pas-de-calais-2026", "?pillar=TRA"))) == {"TRA-1.1", "TRA-1.2"}


def test_filter_by_direction_keeps_the_parts_concerned_and_what_is_above(plan):
    codes = found(plan("pas-de-calais-2026", "?direction=DIRCOM"))
    assert codes == ["SOC-2.1", "SOC-2.1.B"]


@pytest.mark.parametrize("words", ["énergie", "ENERGIE", "energie"])
def test_filter_by_words_without_regard_to_accents_or_case(plan, words):
    codes = found(plan("nord-2026", f"?q={words}"))
    assert "IMP-1" in codes
    assert "MOB-3" not in codes


def test_words_are_found_in_steps_and_indicators(plan):
    assert found(plan("nord-2026", "?q=perturbateurs+endocriniens")) == ["IMP-2"]
    assert found(plan("nord-2026", "?q=certifications+hqe")) == ["IMP-1"]


def test_nothing_found_is_said_with_a_way_back(plan):
    text = text_of(plan("nord-2026", "?q=zzz"))
    assert "Aucune fiche ne répond à ces critères." in text
    assert "Tout afficher" in text


def test_an_unknown_choice_shows_nothing_and_does_not_break(plan):
    assert plan("nord-2026", "?pillar=XXX&direction=%00").status_code == 200


def test_many_words_are_looked_for_and_too_many_are_said(client, steering, scheme, action):
    client.force_login(steering)
    words = " ".join(f"mot{number}" for number in range(30))
    StepFactory(action=action, title=words)
    address = scheme.get_absolute_url()
    assert "1 fiche sur 1" in text_of(client.get(address, {"q": words}))
    assert "au plus 200" in client.get(address, {"q": f"{words} {words}"}).content.decode()


def test_queries_do_not_grow_with_the_plan(client, steering, scheme, action, django_assert_num_queries):
    client.force_login(steering)

    def add(count):
        for _ in range(count):
            sheet = ActionFactory(objective=action.objective)
            ActionFactory(parent=sheet)
            InvolvementFactory(action=sheet)
            IndicatorFactory(action=sheet)
            PassageFactory(scheme=scheme)

    add(2)
    with django_assert_num_queries(20):
        client.get(scheme.get_absolute_url() + "?q=a")
    add(20)
    with django_assert_num_queries(20):
        client.get(scheme.get_absolute_url() + "?q=a")
