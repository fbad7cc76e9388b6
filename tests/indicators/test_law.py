"""The categories of the law are in every installation, in the words of the law, beside those of each organisation."""

import pytest
from django.core.management import call_command

from indicators import law
from indicators.models import LegalCategory
from tests.factories import LegalCategoryFactory, OrganisationFactory

NAMES = {
    "social": "Achats à considération sociale",
    "environnemental": "Achats à considération environnementale",
    "esus": "Achats aux entreprises solidaires d’utilité sociale agréées (ESUS)",
    "insertion-handicap": (
        "Achats aux employeurs de personnes défavorisées ou vulnérables (insertion, handicap)"
    ),
}


def of_the_law():
    return dict(LegalCategory.objects.filter(organisation=None).values_list("code", "name"))


@pytest.mark.django_db
def test_they_are_there_from_the_start_in_the_order_of_the_law():
    assert of_the_law() == NAMES
    assert list(of_the_law()) == list(NAMES)


@pytest.mark.django_db
def test_a_migration_keeps_them_and_touches_no_other():
    own = LegalCategoryFactory(organisation=OrganisationFactory(), code="social", name="Nos achats sociaux")
    before = set(LegalCategory.objects.values_list("pk", "code"))
    LegalCategory.objects.filter(code="esus").update(name="Autre chose")
    LegalCategory.objects.filter(code="environnemental").update(code="env")
    law.after_migrate("default")
    assert of_the_law() == NAMES | {"env": NAMES["environnemental"]}
    own.refresh_from_db()
    assert own.name == "Nos achats sociaux"
    law.after_migrate("default")
    assert len(before) + 1 == LegalCategory.objects.count()


@pytest.mark.django_db(transaction=True)
def test_a_flush_brings_them_back():
    call_command("flush", interactive=False)
    assert of_the_law() == NAMES
