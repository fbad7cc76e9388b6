"""The steering team's way from nothing to a published edition: opened, written, previewed, published, given up."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reporting import views_drafts
from reporting.editions import making, products
from reporting.models import Edition, EditionDraft, EditionKind, Making, Purpose
from tests import factories as make

pytestmark = pytest.mark.django_db
ADD = "/editions/nouvelle/departement/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Two files that take no time; tests/reporting/test_making.py makes the real ones."""
    files = (
        products.Product("Données en JSON", "Données", ".json", products.JSON, lambda *made: b"{}"),
        products.Product("Mise en page du PDF", "Document", ".pdf", products.PDF, lambda *made: b"%PDF-1.7"),
    )
    monkeypatch.setattr(products, "BILAN", files)
    monkeypatch.setattr(products, "LEGAL", files)


@pytest.fixture
def broken(monkeypatch):
    """The last file cannot be made."""

    def broken(*made):
        raise RuntimeError("no more paper")

    last = products.Product("Mise en page du PDF", "Document", ".pdf", products.PDF, broken)
    monkeypatch.setattr(products, "BILAN", (products.BILAN[0], last))


@pytest.fixture
def team(client, steering):
    client.force_login(steering)
    return client


@pytest.fixture
def campaign(scheme):
    return make.CampaignFactory(scheme=scheme, year=2026, synthesis="Une bonne année.")


@pytest.fixture
def draft(scheme, campaign):
    return make.EditionDraftFactory(scheme=scheme, title="Bilan 2026", foreword="Chers collègues,")


def again(draft):
    return EditionDraft.objects.get(pk=draft.pk)


def at(draft, page=""):
    return f"/editions/preparation/{draft.pk}/{page}"


def text(response):
    return re.sub("\N{NO-BREAK SPACE}|\N{NARROW NO-BREAK SPACE}|&nbsp;", " ", response.content.decode())


def publish(client, draft):
    return client.post(at(draft, "fabriquer/"), {"purpose": "publication", "knowingly": "on"}, follow=True)


def texts(draft, page, **changed):
    """What the form of the texts sends, as `page` shows it, but for what is `changed`."""
    sent = {
        field.html_name: field.value() if field.value() is not None else ""
        for form in page.context["forms"]
        for field in form
    }
    return sent | {name.replace("__", "-"): value for name, value in changed.items()}


# Opening one


def test_what_is_on_offer(team, scheme, organisation, campaign):
    make.CampaignFactory(scheme=scheme, year=2026, period="half")
    make.CampaignFactory(scheme=scheme, year=2025, kind="reference", demonstration=True)
    make.CampaignFactory(year=2024)  # of another organisation
    groups = dict(team.get(ADD).context["form"].fields["edition"].choices)
    assert [label for _, label in groups["Bilan annuel"]] == [
        f"2026, {scheme.title}",
        f"2025 (démonstration), {scheme.title}",
    ]
    this_year = timezone.localdate().year
    pairs = [label for _, label in groups["Publication Climat et résilience"]]
    assert pairs[0] == f"{this_year - 1} et {this_year}"
    assert "2024 et 2025" in pairs


def test_a_bilan_is_opened_with_the_title_proposed(team, scheme, campaign, steering):
    response = team.post(ADD, {"edition": f"bilan-{campaign.pk}", "title": ""}, follow=True)
    draft = EditionDraft.objects.get()
    assert response.redirect_chain == [(draft.get_absolute_url(), 302)]
    assert "« Bilan 2026 » est en préparation. Rien n’est publié." in text(response)
    assert (draft.kind, draft.scheme, draft.first_year, draft.last_year) == ("bilan", scheme, 2026, 2026)
    assert (draft.created_by, draft.public, draft.foreword) == (steering, False, "")


def test_a_legal_publication_is_opened_with_the_title_typed(team, organisation, campaign):
    team.post(ADD, {"edition": "legal-2026", "title": "Nos achats"})
    draft = EditionDraft.objects.get()
    assert (draft.kind, draft.scheme, draft.organisation) == ("legal", None, organisation)
    assert (draft.first_year, draft.last_year, draft.title, draft.public) == (2025, 2026, "Nos achats", True)


def test_what_is_invented_says_so_in_the_title_proposed(team, scheme):
    campaign = make.CampaignFactory(scheme=scheme, year=2026, demonstration=True)
    team.post(ADD, {"edition": f"bilan-{campaign.pk}"})
    team.post(ADD, {"edition": "legal-2026"})
    assert set(EditionDraft.objects.values_list("title", flat=True)) == {
        "Bilan 2026 (démonstration)",
        "Achats publics responsables 2025-2026 (démonstration)",
    }


def test_all_errors_are_said_at_once_and_nothing_typed_is_lost(team, campaign):
    response = team.post(ADD, {"edition": "", "title": "Long" * 100})
    assert set(response.context["form"].errors) == {"edition", "title"}
    assert "Long" * 100 in text(response)
    assert not EditionDraft.objects.exists()


@pytest.mark.parametrize("edition", ["bilan-{other}", "bilan-x", "legal-1800", "legal-9999", "x", "\0"])
def test_what_is_not_on_offer_is_refused(team, campaign, edition):
    other = make.CampaignFactory(year=2026)
    response = team.post(ADD, {"edition": edition.format(other=other.pk)})
    assert response.context["form"].errors["edition"]
    assert not EditionDraft.objects.exists()


def test_one_that_is_prepared_already_opens(team, draft, campaign):
    response = team.post(ADD, {"edition": f"bilan-{campaign.pk}", "title": "Autre"}, follow=True)
    assert response.redirect_chain == [(draft.get_absolute_url(), 302)]
    assert "déjà en préparation" in text(response)
    assert again(draft).title == "Bilan 2026"


def test_of_two_who_open_it_at_once_the_second_finds_it(team, draft, campaign, monkeypatch):
    """The first one's row appears after the second has looked for it."""
    found = iter([EditionDraft.objects.none(), EditionDraft.objects.all()])
    monkeypatch.setattr(views_drafts, "_same", lambda wanted: next(found))
    response = team.post(ADD, {"edition": f"bilan-{campaign.pk}"})
    assert response["Location"] == draft.get_absolute_url()
    assert EditionDraft.objects.count() == 1


def test_one_that_is_published_is_to_be_corrected(team, organisation, campaign):
    for version in (1, 2):
        make.EditionFactory(
            organisation=organisation,
            slug="bilan-spaser-2026-2026",
            version=version,
            correction_note="Le total." if version > 1 else "",
        )
    make.EditionFactory(slug="bilan-spaser-2026-2026", version=7, correction_note="Ailleurs.")
    response = team.post(ADD, {"edition": f"bilan-{campaign.pk}"})
    assert response.status_code == 200
    assert "Cette édition est déjà publiée" in text(response)
    assert "/publications/departement/bilan-spaser-2026-2026/v2/corriger/" in text(response)
    assert not EditionDraft.objects.exists()


# Its texts


def test_the_texts_are_written(team, draft, campaign):
    sent = {
        "title": "Bilan de l’année 2026",
        "foreword": "Chers collègues,\r\n\r\nMerci.",
        "foreword_author": "La présidente",
        "public": "tous",
        "campaign-synthesis": "Treize actions engagées.",
    }
    response = team.post(at(draft, "textes/"), sent, follow=True)
    assert response.redirect_chain == [(f"{draft.get_absolute_url()}#textes", 302)]
    assert "Les textes sont enregistrés." in text(response)
    draft = again(draft)
    campaign.refresh_from_db()
    assert (draft.title, draft.foreword) == ("Bilan de l’année 2026", "Chers collègues,\n\nMerci.")
    assert (draft.foreword_author, draft.public) == ("La présidente", True)
    assert campaign.synthesis == "Treize actions engagées."


def test_a_text_that_is_wrong_stores_nothing_of_the_others(team, draft, campaign):
    sent = {
        "title": "",
        "foreword": "Nouveau.",
        "public": "personne",
        "campaign-synthesis": "x" * 20_001,
    }
    response = team.post(at(draft, "textes/"), sent)
    own, synthesis = response.context["forms"]
    assert set(own.errors) == {"title", "public"}
    assert set(synthesis.errors) == {"synthesis"}
    page = text(response)
    assert "Nouveau." in page
    assert "x" * 20_001 in page
    assert "Au plus 20 000 caractères." in page
    assert "<h1>" in page
    assert "Bilan 2026" in page  # its name is what is stored
    campaign.refresh_from_db()
    assert (again(draft).foreword, campaign.synthesis) == ("Chers collègues,", "Une bonne année.")


def test_no_browser_cuts_a_text_that_is_pasted(team, draft, campaign):
    page = text(team.get(at(draft, "textes/")))
    areas = re.findall(r"<textarea[^>]*>", page)
    assert len(areas) == 2
    assert not any("maxlength" in area for area in areas)


def test_the_title_of_a_bilan_says_where_it_stands(team, draft, organisation):
    """The cover of a bilan names its scheme and its year; that of a legal publication its title."""
    legal = make.EditionDraftFactory(organisation=organisation, legal=True)
    said = "la couverture porte le nom du schéma"
    assert said in text(team.get(at(draft, "textes/")))
    assert said not in text(team.get(at(legal, "textes/")))


def test_two_people_at_once_see_both_versions(team, draft, campaign):
    address = at(draft, "textes/")
    page = team.get(address)
    EditionDraft.objects.filter(pk=draft.pk).update(foreword="Le sien.", foreword_author="Son nom")
    campaign.synthesis = "Sa synthèse."
    campaign.save()
    sent = texts(draft, page, foreword="Le mien.", campaign__synthesis="Ma synthèse.", title="Mon titre")
    response = team.post(address, sent)
    shown = text(response)
    for word in ("Le sien.", "Le mien.", "Sa synthèse.", "Ma synthèse."):
        assert word in shown
    assert again(draft).foreword == "Le sien."
    assert again(draft).title == "Bilan 2026"
    sent = texts(draft, response)
    assert team.post(address, sent).status_code == 302  # once more: one knows now
    draft = again(draft)
    campaign.refresh_from_db()
    assert (draft.foreword, draft.title, campaign.synthesis) == ("Le mien.", "Mon titre", "Ma synthèse.")
    assert draft.foreword_author == "Son nom"  # left as it was shown: the other's stays


def test_writing_does_not_disturb_the_making(team, draft):
    """A preview is being made while somebody writes."""
    address = at(draft, "textes/")
    sent = texts(draft, team.get(address), foreword="Merci.")
    EditionDraft.objects.filter(pk=draft.pk).update(making=Making.RUNNING, purpose=Purpose.PREVIEW, step=1)
    assert team.post(address, sent).status_code == 302
    draft = again(draft)
    assert (draft.foreword, draft.making, draft.step) == ("Merci.", "running", 1)


def test_the_synthesis_of_a_document_says_that_it_is(team, draft, campaign):
    assert "Elle vient du document chargé" not in text(team.get(at(draft, "textes/")))
    campaign.origin = "document"
    campaign.save()
    assert "Elle vient du document chargé" in text(team.get(at(draft, "textes/")))


def test_a_legal_publication_is_public_and_has_no_synthesis(team, organisation):
    draft = make.EditionDraftFactory(organisation=organisation, legal=True)
    page = team.get(at(draft, "textes/"))
    assert [form.prefix for form in page.context["forms"]] == [None]
    assert "public" not in page.context["forms"][0].fields
    assert team.post(at(draft, "textes/"), {"title": "Nos achats"}).status_code == 302
    assert again(draft).title == "Nos achats"


def test_a_correction_says_what_it_corrects(team, scheme, organisation, campaign):
    edition = make.EditionFactory(organisation=organisation, slug="bilan-spaser-2026-2026")
    draft = make.EditionDraftFactory(scheme=scheme, corrects=edition, correction_note="Le total.")
    response = team.post(at(draft, "textes/"), {"title": "Bilan", "public": "membres", "correction_note": ""})
    assert set(response.context["forms"][0].errors) == {"correction_note"}
    sent = {"title": "Bilan", "public": "membres", "correction_note": "Le total de l’axe 2."}
    assert team.post(at(draft, "textes/"), sent).status_code == 302
    assert again(draft).correction_note == "Le total de l’axe 2."
    page = text(team.get(draft.get_absolute_url()))
    assert "version 2, qui corrige" in page
    assert "Publier la version 2" in page


# The preview


def test_a_preview_is_made_and_read_in_the_browser(team, draft):
    assert team.get(at(draft, "apercu.pdf")).status_code == 404
    response = team.post(at(draft, "fabriquer/"), {"purpose": "preview"}, follow=True)
    assert "L’aperçu est prêt, avec les données du" in text(response)
    pdf = team.get(at(draft, "apercu.pdf"))
    assert pdf.getvalue() == b"%PDF-1.7"
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"] == 'inline; filename="bilan-spaser-2026-2026-apercu.pdf"'
    assert pdf["X-Content-Type-Options"] == "nosniff"
    page = text(team.get(draft.get_absolute_url()))
    assert "Refaire l’aperçu" in page
    assert not Edition.objects.exists()


def test_a_preview_is_for_the_steering_team_alone(draft, steering, pilot, copil_member, stranger):
    draft.preview.save("apercu.pdf", ContentFile(b"%PDF-1.7"))
    for user, status in ((steering, 200), (pilot, 403), (copil_member, 403), (stranger, 404)):
        client = Client()
        client.force_login(user)
        response = client.get(at(draft, "apercu.pdf"))
        assert (b"%PDF" in response.getvalue(), response.status_code) == (status == 200, status)


def test_a_preview_whose_file_is_lost_is_not_found(team, draft):
    EditionDraft.objects.filter(pk=draft.pk).update(preview="previews/gone.pdf")
    assert team.get(at(draft, "apercu.pdf")).status_code == 404


# The publication


def test_what_is_missing_is_published_knowingly_only(team, draft):
    response = team.post(at(draft, "fabriquer/"), {"purpose": "publication"})
    assert response.status_code == 200
    assert "Cochez cette case pour publier malgré les points de la liste" in text(response)
    assert again(draft).making == Making.IDLE
    response = publish(team, draft)
    edition = Edition.objects.get()
    assert response.redirect_chain[-1] == (edition.get_absolute_url(), 302)
    assert not EditionDraft.objects.exists()
    assert (edition.kind, edition.version, edition.public) == (EditionKind.BILAN, 1, False)
    assert edition.files.count() == 2


def test_the_address_of_a_refusal_leads_to_the_draft(team, draft):
    address = at(draft, "fabriquer/")
    assert team.post(address, {"purpose": "publication"}).status_code == 200
    assert team.get(address).headers["Location"] == draft.get_absolute_url()
    assert again(draft).making == Making.IDLE


def test_a_bilan_that_lacks_nothing_asks_for_no_box(team, scheme, campaign, draft):
    action = make.ActionFactory(objective__pillar__scheme=scheme)
    make.ReportFactory(
        campaign=campaign, action=action, from_document=True, state="done", realisation="Fait."
    )
    make.HighlightFactory(campaign=campaign, action=action)
    draft.foreword_author = "La présidente"
    draft.save()
    campaign.opens_on = campaign.closes_on = timezone.localdate() - timedelta(days=9)
    campaign.save()
    page = team.get(draft.get_absolute_url())
    assert page.context["publish"] is None
    assert "Publier ne se défait pas." in text(page)
    team.post(at(draft, "fabriquer/"), {"purpose": "publication"})
    assert Edition.objects.exists()


def test_the_draft_says_who_will_read_it(team, draft):
    assert "Sera lue par : les membres de la collectivité." in text(team.get(draft.get_absolute_url()))
    draft.public = True
    draft.save()
    assert "Sera lue par : tout le monde, sans compte." in text(team.get(draft.get_absolute_url()))
    publish(team, draft)
    assert Edition.objects.get().public


@pytest.mark.parametrize("purpose", ["", "affiche", "\0"])
def test_nothing_is_made_without_a_purpose(team, draft, purpose):
    response = team.post(at(draft, "fabriquer/"), {"purpose": purpose}, follow=True)
    assert "Rien n’est lancé" in text(response)
    assert again(draft).token is None


def test_a_campaign_that_was_deleted_leaves_nothing_to_print(team, scheme):
    draft = make.EditionDraftFactory(scheme=scheme)
    assert "Le schéma n’a pas de campagne 2026" in text(team.get(draft.get_absolute_url()))
    response = team.post(at(draft, "fabriquer/"), {"purpose": "preview"}, follow=True)
    assert "Le schéma n’a plus de campagne 2026" in text(response)
    assert team.get(at(draft, "textes/")).status_code == 200
    assert again(draft).making == Making.IDLE


def test_a_second_click_starts_nothing(team, draft):
    state = {"making": Making.QUEUED, "purpose": Purpose.PUBLICATION, "beat_at": timezone.now(), "steps": 2}
    EditionDraft.objects.filter(pk=draft.pk).update(frozen_at=timezone.now(), **state)
    for purpose in ("publication", "preview"):
        response = team.post(at(draft, "fabriquer/"), {"purpose": purpose, "knowingly": "on"}, follow=True)
        assert "Cette édition est déjà en fabrication." in text(response)
    assert again(draft).token is None


# While it is being published


@pytest.fixture
def publishing(draft):
    """A publication that waits for the worker."""
    now = timezone.now()
    draft.making, draft.purpose, draft.beat_at, draft.frozen_at = "queued", "publication", now, now
    draft.steps = 5
    draft.save()
    return draft


def test_nothing_is_edited_and_nothing_is_lost(team, publishing):
    response = team.post(
        at(publishing, "textes/"), {"title": "Autre", "public": "tous", "foreword": "Le mien."}
    )
    assert response.status_code == 409
    assert "Cette édition est en cours de publication" in text(response)
    assert "Le mien." in text(response)
    assert again(publishing).foreword == "Chers collègues,"
    assert "rien ne se modifie jusqu’à ce qu’elle soit finie" in text(team.get(publishing.get_absolute_url()))


def test_it_is_not_deleted(team, publishing):
    response = team.post(at(publishing, "supprimer/"), follow=True)
    assert "renoncez-y d’abord" in text(response)
    assert EditionDraft.objects.exists()


def test_the_page_says_how_far_it_is(team, publishing):
    page = text(team.get(at(publishing, "avancement/")))
    assert "En attente : la fabrication commence dans un instant." in page
    assert "db_worker" not in page
    address = f"{at(publishing, 'avancement/')}?edition=departement/bilan-spaser-2026-2026/1"
    assert f'href="{address}">Actualiser</a>' in page
    assert 'aria-live="polite"' in page
    publishing.making, publishing.step, publishing.doing = "running", 1, "Mise en page du PDF"
    publishing.save()
    page = text(team.get(at(publishing, "avancement/")))
    assert "Étape 2 sur 5 : Mise en page du PDF" in page
    assert '<progress value="1" max="5"' in page
    assert "Reprendre" not in page
    assert "Renoncer" in page


def test_a_long_wait_names_the_worker(team, publishing):
    publishing.beat_at -= timedelta(seconds=61)
    publishing.save()
    assert "manage.py db_worker" in text(team.get(at(publishing, "avancement/")))


def test_one_that_gives_no_sign_is_given_up(team, publishing):
    publishing.making, publishing.beat_at = "running", timezone.now() - timedelta(minutes=4)
    publishing.save()
    page = text(team.get(at(publishing, "avancement/")))
    assert "La fabrication ne donne plus signe depuis 4 minutes" in page
    assert "Reprendre" in page
    response = team.post(at(publishing, "renoncer/"), follow=True)
    assert "tout se modifie de nouveau" in text(response)
    assert again(publishing).making == Making.IDLE


def test_giving_up_what_has_just_been_published_leads_to_it(team, publishing, organisation, monkeypatch):
    def give_up(draft):
        draft.delete()
        make.EditionFactory(organisation=organisation, slug="bilan-spaser-2026-2026")
        raise making.NotNow

    monkeypatch.setattr(views_drafts, "give_up", give_up)
    response = team.post(at(publishing, "renoncer/"), follow=True)
    assert response.redirect_chain[-1][0] == Edition.objects.get().get_absolute_url()


def test_the_pages_of_a_draft_leave_what_is_frozen_in_the_database(team, publishing, organisation):
    corrected = make.EditionFactory(organisation=organisation, slug="bilan-spaser-2026-2026")
    EditionDraft.objects.update(corrects=corrected, correction_note="Un total.")
    for address in (at(publishing), at(publishing, "avancement/"), "/editions/", ADD):
        with CaptureQueriesContext(connection) as queries:
            assert team.get(address).status_code == 200
        for column in ('"reporting_editiondraft"."frozen"', '"reporting_edition"."data"'):
            assert not any(column in query["sql"].partition(" FROM ")[0] for query in queries)


def test_what_was_interrupted_is_resumed(team, draft, broken, monkeypatch):
    page = text(publish(team, draft))
    assert "La fabrication a échoué ; rien n’est publié." in page
    assert again(draft).making == Making.FAILED
    whole = (products.BILAN[0], *products.LEGAL[1:])
    monkeypatch.setattr(products, "BILAN", whole)
    page = text(team.get(at(draft, "avancement/")))  # by whatever way one came to it
    address = f"{at(draft, 'reprendre/')}?edition=departement/bilan-spaser-2026-2026/1"
    assert f'action="{address}"' in page
    response = team.post(address, follow=True)
    assert response.redirect_chain[-1] == (Edition.objects.get().get_absolute_url(), 302)


def test_a_preview_that_failed_does_not_stand_in_the_way(team, draft, broken, monkeypatch):
    team.post(at(draft, "fabriquer/"), {"purpose": "preview"})
    assert "La fabrication de l’aperçu s’est interrompue" in text(team.get(draft.get_absolute_url()))
    assert team.post(at(draft, "textes/"), {"title": "Bilan", "public": "tous"}).status_code == 302
    monkeypatch.setattr(products, "BILAN", products.LEGAL)
    publish(team, draft)
    assert Edition.objects.exists()


def test_giving_up_a_preview_of_before_stops_no_publication(team, publishing):
    response = team.post(at(publishing, "renoncer/"), {"purpose": "preview"}, follow=True)
    assert "Rien n’est abandonné" in text(response)
    publishing.refresh_from_db()
    assert publishing.making == Making.QUEUED
    assert 'name="purpose" value="publication"' in response.content.decode()


def test_nothing_to_resume_and_nothing_to_give_up(team, draft):
    assert "n’est pas interrompue" in text(team.post(at(draft, "reprendre/"), follow=True))
    assert "Rien n’était en cours" in text(team.post(at(draft, "renoncer/"), follow=True))


def test_its_address_leads_to_the_edition_once_it_is_published(team, draft, organisation):
    publish(team, draft)
    edition = Edition.objects.get()
    for page in ("avancement/", "reprendre/", "renoncer/"):
        ask = team.get if page == "avancement/" else team.post
        response = ask(f"{at(draft, page)}?edition=departement/{edition.slug}/1")
        assert (response.status_code, response["Location"]) == (302, edition.get_absolute_url())


@pytest.mark.parametrize(
    "edition",
    [
        "",
        "/",
        "a/b/c/d",
        "departement/bilan/x",
        "departement/bilan/99999",
        "ailleurs/bilan/1",
        "ici\0/bilan/1",
    ],
)
def test_an_address_that_names_no_edition_in_sight_is_not_found(team, draft, edition):
    make.EditionFactory(organisation__slug="ailleurs", slug="bilan")
    draft.delete()
    assert team.get("/editions/preparation/999/avancement/", {"edition": edition}).status_code == 404


# Deleting it


def test_what_is_deleted_leaves_the_campaign_and_no_file(
    team, draft, campaign, media, django_capture_on_commit_callbacks
):
    make.HighlightFactory(campaign=campaign)
    draft.preview.save("apercu.pdf", ContentFile(b"%PDF-1.7"))
    assert Path(draft.preview.path).exists()
    with django_capture_on_commit_callbacks(execute=True):
        response = team.post(at(draft, "supprimer/"))
    assert response["Location"] == "/editions/"
    assert not EditionDraft.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]
    assert campaign.highlights.exists()


# Whose page it is


def test_every_page_stands_under_its_organisation(team, steering, organisation, draft):
    """Also for who is of two teams, and on the pages of a legal publication, which has no scheme."""
    make.MembershipFactory(user=steering)
    legal = make.EditionDraftFactory(organisation=organisation, legal=True)
    for row in (draft, legal):
        for page in ("", "textes/", "avancement/"):
            assert '<span class="brand-name">Département</span>' in text(team.get(at(row, page)))
    assert '<span class="brand-name">Département</span>' in text(team.get(at(legal, "chiffres/")))
    assert '<span class="brand-name">Département</span>' in text(team.get(ADD))


@pytest.mark.parametrize("name", ["title", "foreword", "foreword_author", "campaign-synthesis"])
def test_what_no_text_holds_is_refused_beside_the_field(team, draft, campaign, name):
    sent = {"title": "Bilan", "public": "tous", name: "a\0b", "was": "[", "campaign-was": "[["}
    response = team.post(at(draft, "textes/"), sent)
    own, synthesis = response.context["forms"]
    assert set(own.errors) | {f"campaign-{error}" for error in synthesis.errors} == {name}
    assert again(draft).foreword == "Chers collègues,"
