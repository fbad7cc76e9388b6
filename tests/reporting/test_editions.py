"""Published editions: who sees what, that nothing of them moves, their pages, their files, what a steering team does with them."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.models import Role
from indicators.models import CampaignKind, Period
from indicators.perms import today
from reporting.editions.frozen import freeze, thaw
from reporting.models import Edition, EditionDraft, EditionFile, EditionKind, Making, Posting
from tests.factories import (
    CampaignFactory,
    EditionDraftFactory,
    EditionFileFactory,
    MembershipFactory,
    OrganisationFactory,
    PostingFactory,
    SchemeFactory,
)

from .publishing import HOSTILE, a_bilan, a_sheet, address, latest, latest_file, opened, published, text_of

pytestmark = pytest.mark.django_db
EDITIONS = "/editions/"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


# Who sees what


def test_a_visitor_sees_what_is_public_only(client, organisation):
    shown = published(organisation, public=True, title="Bilan public")
    hidden = published(organisation, slug="interne", title="Bilan interne")
    page = opened(client, None, EDITIONS)
    assert "Bilan public" in page and "Bilan interne" not in page
    assert reverse("draft_add", args=[organisation.slug]) not in page
    assert client.get(shown.get_absolute_url()).status_code == 200
    for path in (hidden.get_absolute_url(), latest(hidden), hidden.files.get().get_absolute_url()):
        assert client.get(path).status_code == 404
    assert client.get(latest_file(hidden, ".pdf")).status_code == 404


def test_a_member_sees_those_of_the_organisation_and_a_stranger_does_not(
    client, organisation, copil_member, stranger
):
    edition = published(organisation, title="Bilan interne")
    assert "Bilan interne" in opened(client, copil_member, EDITIONS)
    page = opened(client, copil_member, edition.get_absolute_url())
    assert "pour les membres seulement" in page and "Corriger par une nouvelle version" not in page
    assert "Licence Ouverte" not in page
    client.force_login(stranger)
    assert client.get(edition.get_absolute_url()).status_code == 404
    assert "Bilan interne" not in opened(client, stranger, EDITIONS)


def test_who_published_it_is_told_to_members_only(client, organisation, copil_member):
    edition = published(organisation, public=True, published_by__first_name="Zélie")
    assert "Zélie" not in opened(client, None, edition.get_absolute_url())
    assert "par Zélie" in opened(client, copil_member, edition.get_absolute_url())


def test_versions_stand_together_the_latest_first(client, organisation):
    first = published(organisation, public=True, title="Bilan 2026")
    second = published(organisation, version=2, public=True, title="Bilan 2026", correction_note="L’axe 2.")
    page = opened(client, None, EDITIONS)
    assert page.count("<h3><a") == 1 and "version 2 · publié le 01/03/2027" in page
    assert "Ce que corrige cette version : L’axe 2." in page
    assert f'href="{first.get_absolute_url()}">version 1</a>' in page
    assert "remplacée par la version 2" in page
    assert second.files.get().get_absolute_url() in page
    assert first.files.get().get_absolute_url() not in page


# Permanent and latest


def test_the_latest_address_shows_the_last_version_that_the_reader_may_see(
    client, organisation, copil_member
):
    first = published(organisation, public=True)
    second = published(organisation, version=2)
    page = opened(client, None, latest(first))
    assert f'rel="canonical" href="http://127.0.0.1:8000{first.get_absolute_url()}"' in page
    assert "remplacée par" not in page
    page = opened(client, copil_member, latest(first))
    assert f'rel="canonical" href="http://127.0.0.1:8000{second.get_absolute_url()}"' in page
    assert client.get(latest_file(first, ".pdf")).getvalue() == b".pdf 2"
    client.logout()
    assert client.get(latest_file(first, ".pdf")).getvalue() == b".pdf 1"


def test_a_replaced_version_stays_and_leads_to_the_one_that_replaces_it(client, organisation):
    first = published(organisation, public=True)
    second = published(organisation, version=3, public=True, correction_note="Un total faux.")
    page = opened(client, None, first.get_absolute_url())
    assert f'remplacée par la <a href="{second.get_absolute_url()}">version 3</a>' in page
    page = opened(client, None, second.get_absolute_url())
    assert "Ce que corrige cette version" in page and "Un total faux." in page
    assert f'href="{first.get_absolute_url()}">version 1</a>' in page
    assert "Licence Ouverte / Open Licence 2.0" in page


def test_an_unknown_edition_is_not_found(client, organisation, copil_member):
    edition = published(organisation, public=True)
    other = OrganisationFactory()
    for path in (
        address("edition", edition, version=2),
        reverse("edition_latest", args=[organisation.slug, "autre"]),
        reverse("edition_latest", args=[other.slug, edition.slug]),
        latest_file(edition, ".xlsx"),
        latest_file(edition, ""),
        address("edition_picture", edition, rank=1),
    ):
        assert client.get(path).status_code == 404, path


# Nothing moves


@pytest.mark.parametrize(
    "change",
    [
        lambda: Edition.objects.update(title="Autre"),
        lambda: Edition.objects.update(data={}),
        lambda: Edition.objects.update(published_at=timezone.now()),
        lambda: Edition.objects.update(published_by=None),
        lambda: EditionFile.objects.update(sha256="0" * 64),
        lambda: EditionFile.objects.update(file="ailleurs"),
        lambda: raw("UPDATE reporting_edition SET version = 9"),
        lambda: raw("UPDATE reporting_editionfile SET size = 1"),
    ],
)
def test_the_database_refuses_to_change_what_is_published(organisation, change):
    edition = published(organisation)
    before = Edition.objects.values().get(), EditionFile.objects.values().get()
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        change()
    assert (Edition.objects.values().get(), EditionFile.objects.values().get()) == before
    Edition.objects.update(public=True, title=edition.title)  # what is said again is no change


def raw(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


# Files


def test_a_file_is_the_same_at_each_time_and_its_sha_256_tells(client, organisation):
    edition = published(organisation, public=True)
    row = edition.files.get()
    answers = [client.get(row.get_absolute_url()) for _ in range(2)]
    contents = [answer.getvalue() for answer in answers]
    assert contents == [b".pdf 1"] * 2
    digest = sha256(contents[0]).hexdigest()
    assert row.sha256 == digest
    assert digest in opened(client, None, edition.get_absolute_url())
    assert answers[0]["ETag"] == f'"{digest}"'
    assert answers[0]["Last-Modified"] == "Mon, 01 Mar 2027 09:00:00 GMT"
    assert answers[0]["Content-Disposition"] == 'attachment; filename="bilan-2026-v1.pdf"'


@pytest.mark.parametrize("where", ["permanent", "latest"])
def test_who_has_the_file_already_is_told_so(client, organisation, where):
    edition = published(organisation, public=True)
    row = edition.files.get()
    path = row.get_absolute_url() if where == "permanent" else latest_file(edition, ".pdf")
    known = client.get(path, headers={"if-none-match": f'"{row.sha256}"'})
    assert (known.status_code, known.content) == (304, b"")
    assert known["ETag"] == f'"{row.sha256}"'
    assert client.get(path, headers={"if-none-match": '"autre"'}).getvalue() == b".pdf 1"
    since = {"if-modified-since": "Mon, 01 Mar 2027 09:00:00 GMT"}
    assert client.get(path, headers=since).status_code == 304
    before = {"if-modified-since": "Mon, 01 Mar 2027 08:59:59 GMT"}
    assert client.get(path, headers=before).getvalue() == b".pdf 1"


def test_a_file_of_the_members_is_kept_by_no_cache_between(client, organisation, copil_member):
    row = published(organisation).files.get()
    client.force_login(copil_member)
    answer = client.get(row.get_absolute_url())
    assert "private" in answer["Cache-Control"] and answer.getvalue()
    client.logout()
    known = client.get(row.get_absolute_url(), headers={"if-none-match": f'"{row.sha256}"'})
    assert known.status_code == 404


def test_only_the_pdf_is_read_in_the_browser(client, organisation):
    edition = published(organisation, public=True, suffixes=[".pdf", ".json"])
    pdf, data = (edition.files.get(name__endswith=suffix).get_absolute_url() for suffix in (".pdf", ".json"))
    page = opened(client, None, edition.get_absolute_url())
    assert page.count("?lire=1") == 1 and f'href="{pdf}?lire=1"' in page
    read = client.get(f"{pdf}?lire=1")
    assert read["Content-Disposition"].startswith("inline")
    assert read["Content-Security-Policy"].startswith("default-src 'none'")
    assert read.getvalue() == b".pdf 1"
    for path in (pdf, f"{data}?lire=1"):
        answer = client.get(path)
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert answer.getvalue()


def test_open_data_may_be_fetched_from_anywhere_and_nothing_else(client, organisation, copil_member):
    suffixes = [".pdf", ".csv", ".json", "-schema.json"]
    public = published(organisation, public=True, suffixes=suffixes, kind=EditionKind.LEGAL)
    private = published(organisation, slug="interne", suffixes=suffixes)
    client.force_login(copil_member)

    def allowed(edition):
        permanent = {suffix: edition.files.get(name__endswith=f"v1{suffix}") for suffix in suffixes}
        paths = [(suffix, row.get_absolute_url()) for suffix, row in permanent.items()]
        paths += [(suffix, latest_file(edition, suffix)) for suffix in suffixes]
        answers = [(suffix, client.get(path)) for suffix, path in paths]
        assert all(answer.getvalue() for _, answer in answers)
        return [suffix for suffix, answer in answers if "Access-Control-Allow-Origin" in answer.headers]

    assert allowed(public) == [".csv", ".json", "-schema.json"] * 2
    assert allowed(private) == []
    answer = client.get(latest_file(public, "-schema.json"))
    assert answer.getvalue() == b"-schema.json 1"
    assert answer["Link"].endswith('bilan-2026-v1-schema.json>; rel="canonical"')


def test_an_open_data_portal_finds_the_addresses_that_last(client, organisation, copil_member):
    suffixes = [".csv", "-schema.json"]
    public = published(organisation, public=True, suffixes=suffixes, kind=EditionKind.LEGAL)
    page = client.get(public.get_absolute_url()).content.decode()
    for suffix in suffixes:
        assert f'href="{latest_file(public, suffix)}"' in page
        assert client.get(latest_file(public, suffix)).getvalue()
    private = published(organisation, slug="interne", suffixes=suffixes)
    page = opened(client, copil_member, private.get_absolute_url())
    assert latest_file(private, ".csv") not in page


def test_hostile_names_are_text(client, organisation, steering):
    edition = published(
        organisation, public=True, version=2, title=HOSTILE, correction_note=HOSTILE, suffixes=[]
    )
    EditionFileFactory(
        edition=edition, name="'><img src=x onerror=alert(1)>.pdf", file=ContentFile(b"x", "x")
    )
    PostingFactory(edition=edition, address="https://x.example/?q=\"'><img src=x>")
    for path in (EDITIONS, edition.get_absolute_url(), address("edition_correct", edition)):
        page = opened(client, steering, path)
        assert "<script>alert" not in page and "<img src=x" not in page, path
    answer = client.get(edition.files.get().get_absolute_url())
    assert answer.getvalue() == b"x" and "\n" not in answer["Content-Disposition"]


@pytest.mark.parametrize("end", ["%00", "a%0Ab", "..%2F..%2Fetc", "%F0%9F%98%80", "x" * 3000, "%25s", "'"])
def test_a_hostile_address_is_not_found(client, organisation, end):
    edition = published(organisation, public=True)
    for path in (f"{edition.get_absolute_url()}{end}", latest_file(edition, end)):
        assert client.get(path).status_code == 404, path
    for version in (0, 9, 10**30):
        assert client.get(address("edition", edition, version=version)).status_code == 404
    assert client.get(address("edition_picture", edition, rank=10**30)).status_code == 404


# Queries


def queries_of(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_a_page_takes_as_many_queries_whatever_it_holds(client, organisation, steering):
    few = published(organisation, slug="peu", data=freeze(a_bilan((a_sheet("1"), a_sheet("2")))))
    PostingFactory(edition=few)
    sheets = tuple(a_sheet(str(rank)) for rank in range(20))
    suffixes = [".pdf", ".csv", ".json", "-schema.json"]
    for version in range(1, 11):
        many = published(
            organisation, slug="tant", version=version, suffixes=suffixes, data=freeze(a_bilan(sheets))
        )
    for _ in range(20):
        PostingFactory(edition=many)
    client.force_login(steering)
    assert queries_of(client, many.get_absolute_url()) == queries_of(client, few.get_absolute_url()) <= 11


def test_the_list_takes_as_many_queries_for_20_editions_as_for_2(client, organisation, steering):
    def more(count, first):
        for rank in range(first, first + count):
            published(organisation, slug=f"bilan-{rank}", suffixes=[".pdf", ".csv"])
            published(OrganisationFactory(), public=True)
            scheme = SchemeFactory(organisation=organisation)
            EditionDraftFactory(scheme=scheme)
            EditionDraftFactory(
                scheme=scheme,
                last_year=2020,
                first_year=2020,
                corrects=published(organisation, slug=f"autre-{rank}"),
                correction_note="Un total.",
            )
            CampaignFactory(scheme=scheme, year=2015)

    client.force_login(steering)
    more(2, 0)
    few = queries_of(client, EDITIONS)
    more(18, 2)
    assert queries_of(client, EDITIONS) == few <= 11


# The list of a steering team


def test_a_steering_team_sees_what_it_prepares_and_what_has_no_bilan(client, scheme, steering, copil_member):
    organisation = scheme.organisation
    EditionDraftFactory(scheme=scheme, title="Bilan en préparation")
    EditionDraftFactory(
        organisation=organisation, legal=True, title="Publication arrêtée", making=Making.FAILED
    )
    EditionDraftFactory(title="Bilan d’ailleurs")
    for year in (2014, 2015, 2016, 2026):
        CampaignFactory(scheme=scheme, year=year)
    printed = CampaignFactory(scheme=scheme, year=2017)
    published(organisation).campaigns.add(printed)
    legal_only = CampaignFactory(scheme=scheme, year=2018)
    published(organisation, slug="loi", kind=EditionKind.LEGAL, public=True).campaigns.add(legal_only)
    CampaignFactory(scheme=scheme, year=2019, period=Period.HALF)
    CampaignFactory(scheme=scheme, year=2020, kind=CampaignKind.REFERENCE)
    page = opened(client, steering, EDITIONS)
    assert "Bilan en préparation" in page and "fabrication interrompue" in page
    assert "Bilan d’ailleurs" not in page
    assert f'href="{reverse("draft_add", args=[organisation.slug])}"' in page
    hinted = page[page.index("Campagnes closes") :].partition("</p>")[0]
    assert [year for year in range(2014, 2027) if f">{year}</a>" in hinted] == [2015, 2016, 2018]
    page = opened(client, copil_member, EDITIONS)
    assert "Bilan en préparation" not in page and "Campagnes closes" not in page
    assert "Préparer une édition" not in page


def test_a_steering_team_without_any_edition_finds_where_to_begin(client, organisation, steering):
    page = opened(client, steering, EDITIONS)
    assert "Aucune édition n’est encore publiée." in page and "Préparer une édition" in page


def test_everybody_finds_the_publications(client, pilot):
    link = f'href="{EDITIONS}"'
    assert link in opened(client, None, "/") and link in opened(client, pilot, reverse("schemes"))


# Corrections


@pytest.fixture
def bilan(scheme):
    """The first version of the bilan of `scheme`, public, with a foreword."""
    edition = published(
        scheme.organisation, public=True, title="Bilan 2026 du Département", data=freeze(a_bilan())
    )
    edition.campaigns.add(CampaignFactory(scheme=scheme, year=2026))
    return edition


def test_a_correction_opens_the_next_version_with_what_this_one_says(client, bilan, scheme, steering):
    client.force_login(steering)
    path = address("edition_correct", bilan)
    assert "Préparer la version 2" in text_of(client.get(path))
    answer = client.post(path, {"correction_note": "Le total de l’axe 2.\r\nEt une faute."})
    draft = EditionDraft.objects.get()
    assert answer.url == draft.get_absolute_url()
    expected = {
        "organisation": scheme.organisation,
        "kind": EditionKind.BILAN,
        "scheme": scheme,
        "first_year": 2026,
        "last_year": 2026,
        "title": "Bilan 2026 du Département",
        "foreword": "Chères lectrices",
        "foreword_author": "La présidente",
        "corrects": bilan,
        "correction_note": "Le total de l’axe 2.\nEt une faute.",
        "public": True,
        "created_by": steering,
        "making": Making.IDLE,
        "slug": bilan.slug,
        "version": 2,
    }
    assert {name: getattr(draft, name) for name in expected} == expected
    assert Edition.objects.get() == bilan


def test_a_correction_must_say_what_it_corrects(client, bilan, steering):
    client.force_login(steering)
    page = text_of(client.post(address("edition_correct", bilan), {"correction_note": "  \n "}))
    assert "Ce champ est obligatoire." in page
    assert not EditionDraft.objects.exists()


def test_a_correction_in_preparation_is_found_again(client, bilan, steering):
    client.force_login(steering)
    path = address("edition_correct", bilan)
    client.post(path, {"correction_note": "Un total."})
    draft = EditionDraft.objects.get()
    assert (
        client.get(path).url
        == client.post(path, {"correction_note": "Autre"}).url
        == draft.get_absolute_url()
    )
    assert EditionDraft.objects.get().correction_note == "Un total."
    page = text_of(client.get(bilan.get_absolute_url()))
    assert "Version 2 en préparation" in page and f'href="{path}"' not in page


def test_only_the_latest_version_is_corrected(client, bilan, steering):
    second = published(bilan.organisation, version=2)
    client.force_login(steering)
    assert (
        client.post(address("edition_correct", bilan), {"correction_note": "x"}).url
        == second.get_absolute_url()
    )
    assert not EditionDraft.objects.exists()
    assert f'href="{address("edition_correct", bilan)}"' not in text_of(client.get(bilan.get_absolute_url()))


def test_a_bilan_of_the_year_in_preparation_stands_in_the_way(client, bilan, scheme, steering):
    EditionDraftFactory(scheme=scheme)
    client.force_login(steering)
    page = text_of(client.post(address("edition_correct", bilan), {"correction_note": "Un total."}))
    assert "Un bilan de cette année est déjà en préparation pour ce schéma." in page
    assert "Un total.</textarea>" in page
    assert EditionDraft.objects.count() == 1


def test_the_draft_of_the_next_version_is_found_from_a_former_one(client, bilan, steering):
    second = published(bilan.organisation, version=2)
    draft = EditionDraftFactory(scheme=bilan.campaigns.get().scheme, corrects=second, correction_note="x")
    client.force_login(steering)
    assert client.get(address("edition_correct", bilan)).url == draft.get_absolute_url()


def test_a_bilan_whose_campaign_is_gone_is_corrected_all_the_same(client, scheme, steering):
    edition = published(scheme.organisation, data=freeze(a_bilan(slug=scheme.slug)))
    client.force_login(steering)
    client.post(address("edition_correct", edition), {"correction_note": "Un total."})
    draft = EditionDraft.objects.get()
    assert draft.scheme == scheme
    page = text_of(client.get(draft.get_absolute_url()))
    assert "Le schéma n’a pas de campagne 2026" in page


def test_a_bilan_whose_scheme_is_gone_is_not_corrected(client, organisation, steering):
    edition = published(organisation)
    client.force_login(steering)
    page = text_of(client.post(address("edition_correct", edition), {"correction_note": "Un total."}))
    assert "Le schéma de ce bilan n’existe plus" in page


# Public or not, and where it was put online


def test_a_bilan_is_made_public_or_not(client, organisation, steering):
    edition = published(organisation)
    client.force_login(steering)
    path = address("edition_visibility", edition)
    for sent, stored in (("1", True), ("peut-être", True), ("", True), ("0", False)):
        assert client.post(path, {"public": sent}).url == edition.get_absolute_url()
        assert Edition.objects.get().public is stored


def test_a_legal_publication_stays_public(client, organisation, steering):
    edition = published(organisation, kind=EditionKind.LEGAL, public=True)
    client.force_login(steering)
    client.post(address("edition_visibility", edition), {"public": "0"})
    assert Edition.objects.get().public


def test_where_it_was_put_online_is_noted_and_taken_back(client, organisation, steering):
    edition = published(organisation, public=True)
    client.force_login(steering)
    sent = {"address": "departement.example/bilan", "posted_on": "2026-03-02"}
    answer = client.post(address("posting_add", edition), sent)
    assert answer.url == f"{edition.get_absolute_url()}#mises-en-ligne"
    posting = Posting.objects.get()
    assert (posting.address, posting.posted_on) == ("https://departement.example/bilan", date(2026, 3, 2))
    assert posting.noted_by == steering
    shown = (
        'href="https://departement.example/bilan">https://departement.example/bilan</a>, depuis le 02/03/2026'
    )
    assert shown in text_of(client.get(edition.get_absolute_url()))
    client.logout()
    page = text_of(client.get(edition.get_absolute_url()))
    assert shown in page and "Retirer" not in page
    client.force_login(steering)
    client.post(address("posting_remove", edition, pk=posting.pk))
    assert not Posting.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"address": "javascript:alert(1)"}, "Donnez une adresse en http:// ou https://."),
        ({"address": "ftp://departement.example/bilan"}, "Donnez une adresse en http:// ou https://."),
        ({"address": "data:text/html,x"}, "Donnez une adresse en http:// ou https://."),
        ({"address": ""}, "Ce champ est obligatoire."),
        ({"address": "https://x.example/" + "a" * 500}, "au plus 500 caractères"),
        ({"address": "https://deja.example/"}, "Cette adresse est déjà notée."),
        ({"posted_on": "hier"}, "Saisissez une date valide."),
        ({"posted_on": f"{today() + timedelta(days=1)}"}, "Cette date est à venir."),
    ],
)
def test_a_bad_posting_is_refused(client, organisation, steering, sent, sentence):
    edition = published(organisation)
    PostingFactory(edition=edition, address="https://deja.example/")
    client.force_login(steering)
    good = {"address": "https://departement.example/bilan", "posted_on": "2026-03-02"}
    assert sentence in text_of(client.post(address("posting_add", edition), good | sent))
    assert Posting.objects.count() == 1


def test_a_posting_of_another_edition_is_not_found(client, organisation, steering):
    edition, other = published(organisation), published(organisation, slug="autre")
    posting = PostingFactory(edition=other)
    client.force_login(steering)
    assert client.post(address("posting_remove", edition, pk=posting.pk)).status_code == 404
    assert Posting.objects.exists()


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("edition_correct", {"correction_note": "Un total."}),
        ("edition_visibility", {"public": "0"}),
        ("posting_add", {"address": "https://x.example/", "posted_on": "2026-03-02"}),
    ],
)
def test_only_its_steering_team_touches_a_public_edition(client, bilan, copil_member, stranger, name, sent):
    both = MembershipFactory(organisation=bilan.organisation, role=Role.COPIL)
    MembershipFactory(user=both.user)  # of another steering team
    for user in (copil_member, stranger, both.user):
        client.force_login(user)
        assert client.post(address(name, bilan), sent).status_code == 403
    assert Edition.objects.get().public
    assert not EditionDraft.objects.exists() and not Posting.objects.exists()


def test_what_is_frozen_is_what_is_thawed():
    assert thaw(freeze(a_bilan())) == a_bilan()
