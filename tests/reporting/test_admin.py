"""Editions in the administration: each organisation's own, read and never written."""

import pytest

from reporting.models import Edition, EditionDraft, EditionFile, LegalFigure, Posting
from tests.administration import address, list_queries, superuser
from tests.factories import (
    BuyerFactory,
    CampaignFactory,
    EditionDraftFactory,
    EditionFactory,
    EditionFileFactory,
    LegalFigureFactory,
    PostingFactory,
    SchemeFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(organisation, scheme):
    edition = EditionFactory(organisation=organisation, title="Bilan 2026", data={"secret": "brut"})
    edition.campaigns.add(CampaignFactory(scheme=scheme))
    EditionFileFactory(edition=edition, sha256="ab" * 32)
    return edition


@pytest.fixture
def steering_client(client, steering):
    client.force_login(steering)
    return client


def test_an_edition_is_shown_with_its_files(steering_client, edition):
    html = steering_client.get(address(edition, "change")).content.decode()
    assert "Bilan 2026" in html and "ab" * 32 in html and "2026" in html
    assert "brut" not in html


@pytest.mark.parametrize("who", ["steering", "superuser"])
def test_editions_are_not_added_changed_or_deleted(client, edition, steering, who):
    client.force_login(steering if who == "steering" else superuser())
    for row in (edition, edition.files.get()):
        assert client.get(address(row, "add")).status_code == 403
        assert client.post(address(row, "add"), {"title": "Autre"}).status_code == 403
        assert client.post(address(row, "change"), {"title": "Autre", "name": "autre"}).status_code == 403
        assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    assert Edition.objects.get().title == "Bilan 2026"
    assert EditionFile.objects.get().name == "bilan.pdf"


def test_another_organisation_sees_none_of_it_even_public(client, edition, stranger):
    Edition.objects.update(public=True)
    client.force_login(stranger)
    for row in (edition, edition.files.get()):
        assert client.get(address(row, "change")).status_code == 404
        assert not client.get(address(row, "changelist")).context["cl"].result_count


def test_what_is_frozen_of_a_draft_is_not_shown(steering_client, scheme):
    draft = EditionDraftFactory(scheme=scheme, title="Bilan à venir", frozen={"secret": "brut"})
    html = steering_client.get(address(draft, "change")).content.decode()
    assert "Bilan à venir" in html and "brut" not in html


def test_where_an_edition_was_put_online_is_shown_with_it(steering_client, edition):
    PostingFactory(edition=edition, address="https://departement.example/bilan")
    html = steering_client.get(address(edition, "change")).content.decode()
    assert "https://departement.example/bilan" in html


def row_of_each(organisation):
    edition = EditionFactory(organisation=organisation)
    EditionFileFactory(edition=edition)
    PostingFactory(edition=edition)
    EditionDraftFactory(scheme=SchemeFactory(organisation=organisation))
    LegalFigureFactory(buyer=BuyerFactory(organisation=organisation))


@pytest.mark.parametrize(
    "model", [Edition, EditionFile, Posting, EditionDraft, LegalFigure], ids=lambda model: model.__name__
)
def test_a_list_takes_as_many_queries_for_20_rows_as_for_2(steering_client, organisation, model):
    for _ in range(2):
        row_of_each(organisation)
    few = list_queries(steering_client, model)
    for _ in range(18):
        row_of_each(organisation)
    assert list_queries(steering_client, model) == few
