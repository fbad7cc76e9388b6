"""The pages open to everybody: the product's text, the organisations' parts, and the figures of the accessibility checks."""

import itertools
import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions import site_pages
from actions.audit import Audit, View, audit_of, read_audit, write_audit
from actions.models import OrganisationPage, Overtaken, PageName
from tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    OrganisationPageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAGES = ["help", "news", "accessibility", "legal_notice", "privacy"]
LEGAL = "/mentions-legales/"
NOT_YET = "La collectivité n’a pas encore publié ses mentions légales"
ON = datetime(2026, 12, 1, 9, tzinfo=UTC)


def page_of(client, address, **asked):
    response = client.get(address, asked)
    assert response.status_code == 200
    return response.content.decode()


def edit_url(organisation, page="mentions-legales"):
    return reverse("page_edit", args=[organisation.slug, page])


# Reading


@pytest.mark.parametrize("name", [*PAGES, "guide"])
def test_a_page_needs_no_login_and_has_one_title_and_ordered_headings(client, name):
    html = page_of(client, reverse(name))
    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    anchors = re.findall(r'\sid="([^"]+)"', html)
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(anchors)
    assert not re.search(r"\{\w+\}|\]\(", html)  # no placeholder, no link that was not understood


@pytest.mark.parametrize("page", PageName)
def test_every_page_has_a_text_with_one_place_for_the_organisations(page):
    text = (site_pages.FOLDER / f"{page.value}.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.count("{collectivite}") == 1
    assert site_pages.ORGANISATION_HERE not in site_pages.site_text(page).after


def test_links_from_page_to_page_lead_somewhere(client):
    for name in [*PAGES, "guide"]:
        for address in re.findall(r'<a href="(/[^"#]*)', page_of(client, reverse(name))):
            assert client.get(address).status_code in (200, 302), address


def test_the_words_of_the_help_are_those_of_the_targets(client):
    help_page = page_of(client, "/aide/")
    for word in (
        "cible atteinte",
        "cible en chemin",
        "cible manquée",
        "cible à apprécier",
        "cible sans valeur",
    ):
        assert word in help_page


def test_a_visitor_reads_the_text_of_the_only_organisation(client, organisation):
    OrganisationPageFactory(organisation=organisation, text="Éditeur : **le Département**.")
    assert "<strong>le Département</strong>" in page_of(client, LEGAL)


def test_what_the_only_organisation_has_not_written_is_said(client, organisation):
    assert NOT_YET in page_of(client, LEGAL)
    assert "n’a pas encore publié son information sur les données" in page_of(client, "/confidentialite/")
    assert "n’a pas encore publié sa part" in page_of(client, "/accessibilite/")
    assert "n’a pas encore publié" not in page_of(client, "/aide/")


def test_of_several_organisations_a_visitor_chooses_among_those_that_wrote(client, organisation):
    OrganisationPageFactory(organisation=organisation, text="Notre texte.")
    OrganisationFactory(slug="muette", name="Collectivité muette")
    OrganisationPageFactory(organisation__slug="autre", page=PageName.HELP, text="Aide d’ailleurs.")
    html = page_of(client, LEGAL)
    assert re.findall(r'\?collectivite=([\w-]+)"', html) == ["departement"]
    assert "Notre texte." not in html
    chosen = page_of(client, LEGAL, collectivite="departement")
    assert "Notre texte." in chosen
    assert 'href="?collectivite=departement" aria-current="true"' in chosen


def test_when_no_organisation_wrote_the_page_says_so(client):
    OrganisationFactory.create_batch(2)
    assert "Aucune collectivité de ce site n’a encore publié ses mentions légales" in page_of(client, LEGAL)
    assert "Aucune collectivité" not in page_of(client, "/aide/")


@pytest.mark.parametrize("slug", ["inconnue", "muette", "a\0b"])
def test_an_organisation_that_is_not_to_be_read_there_is_not_found(client, organisation, slug):
    OrganisationFactory(slug="muette")
    assert client.get(LEGAL, {"collectivite": slug}).status_code == 404


def test_a_member_reads_the_texts_of_his_or_her_organisations_and_no_other(client, pilot, organisation):
    OrganisationPageFactory(organisation=organisation, text="Texte du Département.")
    second = MembershipFactory(user=pilot, organisation__name="Métropole").organisation
    OrganisationPageFactory(organisation=second, text="Texte de la Métropole.")
    OrganisationPageFactory(text="Texte d’ailleurs.")
    client.force_login(pilot)
    html = page_of(client, LEGAL)
    assert "Texte du Département." in html
    assert "Texte de la Métropole." in html
    assert "ailleurs" not in html


def test_only_the_steering_team_is_led_to_the_form(client, organisation, steering, pilot):
    for user, led in ((pilot, False), (steering, True)):
        client.force_login(user)
        html = page_of(client, LEGAL)
        assert NOT_YET in html
        assert (edit_url(organisation) in html) is led
    client.logout()
    assert edit_url(organisation) not in page_of(client, LEGAL)


def test_a_text_makes_no_markup_of_its_own(client, organisation):
    OrganisationPageFactory(organisation=organisation, text="# Titre\n\n<script>alert(1)</script>")
    html = page_of(client, LEGAL)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert '<h3 id="departement-titre">Titre</h3>' in html


def test_as_many_queries_for_twenty_organisations_as_for_two(client, django_assert_num_queries):
    user = UserFactory()
    client.force_login(user)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page_of(client, LEGAL)
        return len(seen)

    def join(count):
        for _ in range(count):
            page = OrganisationPageFactory()
            MembershipFactory(user=user, organisation=page.organisation)

    join(2)
    few = queries()
    join(18)
    assert queries() == few


# Writing


def post(client, organisation, page="mentions-legales", **typed):
    return client.post(edit_url(organisation, page), {"text": "", "seen": "0", **typed})


def stored(organisation):
    return list(organisation.pages.values_list("page", "text", "version"))


def test_the_steering_team_publishes_a_text(client, organisation, steering):
    client.force_login(steering)
    response = post(client, organisation, text="Éditeur : nous.\r\n\r\nMerci.")
    assert response["Location"] == LEGAL
    page = organisation.pages.get()
    assert (page.text, page.version, page.changed_by) == ("Éditeur : nous.\n\nMerci.", 1, steering)
    assert "Votre texte est publié." in page_of(client, LEGAL)


def test_a_preview_publishes_nothing_and_keeps_what_was_typed(client, organisation, steering):
    client.force_login(steering)
    html = post(client, organisation, text="**Nous** < vous", preview="1").content.decode()
    assert "<p><strong>Nous</strong> &lt; vous</p>" in html
    assert "**Nous** &lt; vous</textarea>" in html
    assert stored(organisation) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("a" * 20_001, "Au plus 20 000 caractères."), ("nul\0", "caractère nul")],
)
def test_a_text_that_cannot_be_kept_is_refused_beside_the_field(
    client, organisation, steering, text, sentence
):
    client.force_login(steering)
    response = post(client, organisation, text=text)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert stored(organisation) == []


def test_a_text_is_changed_and_taken_back(client, organisation, steering):
    OrganisationPageFactory(organisation=organisation, text="Ancien.")
    client.force_login(steering)
    post(client, organisation, text="Nouveau.", seen="1")
    assert stored(organisation) == [("mentions-legales", "Nouveau.", 2)]
    post(client, organisation, text="", seen="2")
    assert stored(organisation) == [("mentions-legales", "", 3)]
    assert NOT_YET in page_of(client, LEGAL)


@pytest.mark.parametrize("seen", ["1", "0", "", "x", "99999999999999999999", "-1"])
def test_the_second_of_two_editors_sees_both_versions_and_loses_nothing(client, organisation, steering, seen):
    other = UserFactory(first_name="Anne", last_name="Martin")
    OrganisationPageFactory(organisation=organisation, text="D’Anne.", version=2, changed_by=other)
    client.force_login(steering)
    html = post(client, organisation, text="De moi.", seen=seen).content.decode()
    assert "Anne Martin a publié une autre version entre-temps" in html
    assert "D’Anne.</pre>" in html
    assert "De moi.</textarea>" in html
    assert stored(organisation) == [("mentions-legales", "D’Anne.", 2)]
    again = re.search(r'name="seen" value="(\d+)"', html)[1]
    assert post(client, organisation, text="De nous deux.", seen=again).status_code == 302
    assert stored(organisation) == [("mentions-legales", "De nous deux.", 3)]


def test_two_first_texts_at_once_do_not_overwrite_each_other(organisation, steering):
    write = {"organisation": organisation, "page": PageName.HELP, "seen": 0, "by": steering, "at": ON}
    OrganisationPage.objects.write(text="Premier.", **write)
    with pytest.raises(Overtaken) as overtaken:
        OrganisationPage.objects.write(text="Second.", **write)
    assert overtaken.value.theirs.text == "Premier."
    assert OrganisationPage.objects.write(text="Premier.", **write).version == 1  # both said the same


def test_what_the_law_asks_is_proposed_until_something_is_written(client, organisation, steering):
    client.force_login(steering)
    for page, words in [
        ("mentions-legales", ["Éditeur", "Directeur de la publication", "Hébergeur", "Contact"]),
        (
            "confidentialite",
            ["Responsable de traitement", "Finalités", "Base légale", "Durées", "Délégué", "droits", "CNIL"],
        ),
        ("accessibilite", ["schéma pluriannuel", "Signaler"]),
    ]:
        html = page_of(client, edit_url(organisation, page))
        field = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)[1]
        assert [word for word in words if word not in field] == []
        assert "Rien n’est encore publié." in html
    OrganisationPageFactory(organisation=organisation, text="Éditeur : nous.")
    html = page_of(client, edit_url(organisation))
    assert "Rien n’est encore publié." not in html
    assert "Directeur" not in html


def test_blanks_that_are_left_are_told(client, organisation, steering):
    client.force_login(steering)
    post(client, organisation, text="SIRET : [à compléter].")
    assert "Il y reste des passages «\u00a0à compléter\u00a0»" in page_of(client, LEGAL).replace(
        "« ", "«\u00a0"
    ).replace(" »", "\u00a0»")


def test_who_may_write(client, organisation, steering, pilot, copil_member, stranger):
    for user, status in ((pilot, 403), (copil_member, 403), (stranger, 404)):
        client.force_login(user)
        assert client.get(edit_url(organisation)).status_code == status
        assert post(client, organisation, text="Intrus.").status_code == status
    client.force_login(steering)
    assert client.get(edit_url(organisation, "plan-du-site")).status_code == 404
    assert stored(organisation) == []


# The accessibility statement


VIEWS = [
    View("accueil", "visiteur", 320, "light"),
    View("accueil", "pilote", 320, "dark", ("color-contrast",)),
    View("plan", "pilote", 1440, "dark", ("region", "color-contrast", "region")),
    View("plan", "pilote", 1440, "light"),
]
FOUND = Audit(
    made_on=date(2026, 12, 1),
    axe="4.14.1",
    rules=("wcag2a", "wcag21aa"),
    views=4,
    pages=("accueil", "plan"),
    roles=("pilote", "visiteur"),
    widths=(320, 1440),
    themes=("dark", "light"),
    broken={"color-contrast": 2, "region": 1},
    pages_with_violations=("accueil", "plan"),
)


@pytest.fixture
def statement(client, monkeypatch, tmp_path):
    """The text of the statement, without tags, over an audit file made of `views`."""

    def statement(views, **audit):
        path = tmp_path / "audit.json"
        write_audit(views, path, **{"on": FOUND.made_on, "axe": FOUND.axe, "rules": FOUND.rules, **audit})
        monkeypatch.setattr(site_pages, "AUDIT", path)
        site_pages.site_text.cache_clear()
        return " ".join(re.sub(r"<[^>]+>", " ", page_of(client, "/accessibilite/")).split())

    yield statement
    site_pages.site_text.cache_clear()


def test_an_audit_counts_views_by_rule_and_names_the_pages(tmp_path):
    assert audit_of(VIEWS, on=FOUND.made_on, axe="4.14.1", rules=["wcag2a", "wcag21aa"]) == FOUND


def test_an_audit_file_reads_back_as_it_was_written(tmp_path):
    path = tmp_path / "audit.json"
    for _ in range(2):
        write_audit(reversed(VIEWS), path, on=FOUND.made_on, axe=FOUND.axe, rules=FOUND.rules)
        assert read_audit(path) == FOUND


def test_the_statement_says_the_figures_of_the_file(statement):
    text = statement(VIEWS)
    assert (
        "Le 01/12/2026, axe-core 4.14.1 a vérifié ses règles (WCAG 2.0 niveau A et WCAG 2.1 niveau AA)"
        in text
    )
    for figure in (
        "2 pages du site",
        "2 profils",
        "2 largeurs d’écran (320 et 1440 pixels)",
        "2 thèmes (sombre et clair)",
    ):
        assert figure in text
    assert "4 vues en tout" in text
    assert "enfreintes sur 2 pages (accueil et plan)" in text
    assert "color-contrast 2 region 1" in text
    assert "Aucune de ces règles" not in text


def test_the_statement_of_a_walk_without_fault_says_so(statement):
    assert "Aucune de ces règles n’y est enfreinte." in statement(VIEWS[:1])


def test_the_statement_is_that_of_the_shipped_file(client):
    site_pages.site_text.cache_clear()
    audit = read_audit(site_pages.AUDIT)
    text = " ".join(re.sub(r"<[^>]+>", " ", page_of(client, "/accessibilite/")).split())
    if audit.made_on is None:
        assert "Aucune vérification automatique n’a encore été enregistrée" in text
    else:
        assert f"Le {audit.made_on:%d/%m/%Y}, axe-core {audit.axe} a vérifié" in text
        assert f"{len(audit.pages)} pages du site" in text


@pytest.mark.parametrize("views", [VIEWS, VIEWS[:1]])
def test_without_an_audit_of_conformity_the_statement_never_claims_any(statement, views):
    text = statement(views)
    assert "Ce site est non conforme avec le référentiel général" in text
    assert "aucun audit de conformité n’a encore été fait" in text
    assert not re.search(r"(totalement|partiellement|pleinement) conforme", text)
    assert "Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07" in text
