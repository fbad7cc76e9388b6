"""The constraints of editions: the database refuses, the form says why in French."""

import pytest

from tests.constraints import (
    assert_accepted,
    assert_database_refuses,
    assert_form_says,
    changed,
    constraint_names,
    names_of,
    twin,
)
from tests.factories import EditionFactory, EditionFileFactory, OrganisationFactory

pytestmark = pytest.mark.django_db

# constraint, how to make a row that breaks it and no other, what the form says
BAD_ROWS = [
    (
        "edition_version_unique",
        lambda: twin(EditionFactory()),
        "Cette version de l’édition existe déjà.",
    ),
    (
        "edition_correction_said",
        lambda: changed(EditionFactory(), version=2),
        "Une nouvelle version dit ce qu’elle corrige.",
    ),
    (
        "edition_file_name_unique",
        lambda: twin(EditionFileFactory()),
        "L’édition a déjà un fichier de ce nom.",
    ),
]
each_bad_row = pytest.mark.parametrize(
    ("name", "make", "sentence"), BAD_ROWS, ids=[case[0] for case in BAD_ROWS]
)

GOOD_ROWS = {
    "a second version": lambda: twin(EditionFactory(), version=2, correction_note="Le total de l’axe 2."),
    "the same edition elsewhere": lambda: twin(EditionFactory(), organisation=OrganisationFactory()),
    "the same name in another edition": lambda: twin(EditionFileFactory(), edition=EditionFactory()),
}


def test_every_constraint_has_its_bad_row():
    assert names_of(BAD_ROWS) == constraint_names("reporting")


@each_bad_row
def test_the_database_refuses_a_bad_row(name, make, sentence):
    assert_database_refuses(make(), name)


@each_bad_row
def test_the_form_says_why(name, make, sentence):
    assert_form_says(make(), [sentence])


@pytest.mark.parametrize("make", GOOD_ROWS.values(), ids=GOOD_ROWS)
def test_a_good_row_is_accepted(make):
    assert_accepted(make())
