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
from tests.factories import (
    EditionDraftFactory,
    EditionFactory,
    EditionFileFactory,
    LegalFigureFactory,
    OrganisationFactory,
    PostingFactory,
)

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
        lambda: twin(EditionFactory(), version=2),
        "Une nouvelle version dit ce qu’elle corrige.",
    ),
    (
        "edition_file_name_unique",
        lambda: twin(EditionFileFactory()),
        "L’édition a déjà un fichier de ce nom.",
    ),
    ("posting_unique", lambda: twin(PostingFactory()), "Cette adresse est déjà notée."),
    (
        "draft_bilan_unique",
        lambda: twin(EditionDraftFactory()),
        "Un bilan de cette année est déjà en préparation pour ce schéma.",
    ),
    (
        "draft_legal_unique",
        lambda: twin(legal_draft()),
        "Une publication de ces années est déjà en préparation.",
    ),
    (
        "draft_years_fit_kind",
        lambda: changed(EditionDraftFactory(), first_year=2025),
        "Un bilan est celui d’un schéma et d’une année ; une publication légale, de deux années qui se suivent.",
    ),
    (
        "draft_correction_said",
        lambda: changed(EditionDraftFactory(), corrects=EditionFactory()),
        "Une nouvelle version dit ce qu’elle corrige.",
    ),
    ("legal_figure_unique", lambda: twin(LegalFigureFactory()), "Ce chiffre est déjà donné."),
    (
        "legal_figure_or_reason",
        lambda: changed(LegalFigureFactory(), not_followed="Rien ne permet de le compter."),
        "Donnez les chiffres ou la raison pour laquelle ils ne sont pas suivis, pas les deux.",
    ),
    (
        "legal_figure_part_of_whole",
        lambda: changed(LegalFigureFactory(), numerator=49),
        "Le numérateur dépasse le dénominateur.",
    ),
]


def legal_draft():
    return EditionDraftFactory(legal=True, organisation=OrganisationFactory())


each_bad_row = pytest.mark.parametrize(
    ("name", "make", "sentence"), BAD_ROWS, ids=[case[0] for case in BAD_ROWS]
)

GOOD_ROWS = {
    "a second version": lambda: twin(EditionFactory(), version=2, correction_note="Le total de l’axe 2."),
    "the same edition elsewhere": lambda: twin(EditionFactory(), organisation=OrganisationFactory()),
    "the bilan of another year": lambda: twin(EditionDraftFactory(), first_year=2027, last_year=2027),
    "the publication of other years": lambda: twin(legal_draft(), first_year=2027, last_year=2028),
    "the figure of another year": lambda: twin(LegalFigureFactory(), year=2027),
    "a reason without figures": lambda: changed(
        LegalFigureFactory(), numerator=None, denominator=None, not_followed="Rien ne permet de le compter."
    ),
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
