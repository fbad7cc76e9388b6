"""The demonstration's editions: a real bilan, and an invented legal publication with a category that lacks and a correction."""

from decimal import Decimal
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError

from actions.models import Buyer
from reporting.editions import products
from reporting.editions.frozen import thaw
from reporting.models import Edition, EditionDraft, EditionFile, LegalFigure
from tests.factories import CampaignFactory, EditionDraftFactory

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
pytestmark = pytest.mark.django_db


def run(*command):
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


@pytest.fixture
def planned(settings, tmp_path):
    settings.DEMO, settings.VAR_DIR, settings.MEDIA_ROOT = True, tmp_path, tmp_path / "media"
    names = ("pas-de-calais-2017", "pas-de-calais-2026", "ville-metropole")
    run("load_scheme", *(str(FIXTURES / f"{name}.yaml") for name in names))
    run("demo_accounts")


@pytest.fixture
def published(planned, monkeypatch):
    """With the data of the bilan alone: its other files take long, and `test_the_bilan_of_2017…` makes them all."""
    monkeypatch.setattr(products, "BILAN", products.BILAN[:2])
    return run("demo_editions")


def line(edition, buyer, category, basis, year):
    table = next(table for table in thaw(edition.data).buyers if table.code == buyer)
    found = [
        line for line in table.lines if (line.category_code, line.basis, line.year) == (category, basis, year)
    ]
    assert len(found) == 1
    return found[0]


def test_the_bilan_of_2017_is_real_and_public(planned):
    published = run("demo_editions")
    edition = Edition.objects.get(slug="bilan-pas-de-calais-2017-2017")
    assert (edition.version, edition.public) == (1, True)
    assert not thaw(edition.data).demonstration
    assert edition.files.count() == 5
    assert "/publications/departement-du-pas-de-calais/bilan-pas-de-calais-2017-2017/v1/" in published


def test_the_legal_publication_says_that_it_is_invented(published):
    for edition in Edition.objects.filter(kind="legal"):
        document = thaw(edition.data)
        assert document.demonstration == "Démonstration : les valeurs de 2024 et 2025 sont inventées"
        assert all(
            one.invented for table in document.buyers for one in table.lines if one.numerator is not None
        )


def test_each_buyer_has_its_table_and_what_lacks_is_said(published):
    edition = Edition.objects.get(slug="climat-resilience-2024-2025", version=2)
    assert [table.code for table in thaw(edition.data).buyers] == ["VILLE", "METROPOLE"]
    social = line(edition, "VILLE", "social", "contracts", 2025)
    assert (social.numerator, social.denominator, social.unfilled) == (52, 198, 4)
    assert round(social.rate, 2) == Decimal("26.26")  # 52 / 198
    assert (social.target, round(social.gap, 2)) == (30, Decimal("-3.74"))
    esus = line(edition, "VILLE", "esus", "value", 2024)
    assert (esus.status, esus.rate) == ("non suivie", None)
    assert esus.reason.startswith("Le logiciel des marchés")
    nobody = line(edition, "METROPOLE", "insertion-handicap", "contracts", 2024)
    assert (nobody.status, nobody.rate, nobody.reason) == ("non suivie", None, "")


def test_the_correction_is_version_two_and_the_first_stays(published):
    first, second = Edition.objects.filter(kind="legal").order_by("version")
    assert line(first, "METROPOLE", "social", "contracts", 2025).numerator == 97
    assert line(second, "METROPOLE", "social", "contracts", 2025).numerator == 79
    assert "79, et non 97" in second.correction_note
    assert not EditionDraft.objects.exists()


def test_run_again_it_changes_nothing(published):
    before = list(EditionFile.objects.order_by("pk").values_list("name", "sha256"))
    assert run("demo_editions") == "Éditions de démonstration : elles existent déjà.\n"
    assert list(EditionFile.objects.order_by("pk").values_list("name", "sha256")) == before


def test_what_is_invented_is_taken_away_and_the_rest_stays(published, django_capture_on_commit_callbacks):
    real = Edition.objects.get(kind="bilan")
    scheme = real.campaigns.get().scheme
    CampaignFactory(scheme=scheme, year=2018, demonstration=True)
    EditionDraftFactory(
        scheme=scheme, first_year=2018, last_year=2018, token=uuid4(), preview=ContentFile(b"%PDF", "x")
    )
    kept = EditionDraftFactory(scheme=scheme)
    real_figure = LegalFigure.objects.filter(buyer__code="VILLE").first()
    LegalFigure.objects.filter(pk=real_figure.pk).update(demonstration=False)
    with pytest.raises(CommandError, match=r"éditions 2, chiffres légaux \d+"):
        run("remove_demonstration")
    with django_capture_on_commit_callbacks(execute=True):
        run("remove_demonstration", "--yes")
    assert list(Edition.objects.all()) == [real]
    assert list(LegalFigure.objects.all()) == [real_figure]
    assert list(EditionDraft.objects.all()) == [kept]
    media = Path(django_settings.MEDIA_ROOT)
    assert {path for path in media.rglob("*") if path.is_file()} == {
        media / row.file.name for row in EditionFile.objects.all()
    }
    assert run("remove_demonstration", "--yes") == "Il n’y a rien de la démonstration.\n"


def test_never_outside_a_demonstration(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="Réservé à une démonstration"):
        run("demo_editions")
    assert not Buyer.objects.exists()
