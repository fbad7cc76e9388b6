"""`load_scheme` and `export_scheme` as they are typed."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from actions.models import Scheme

from .small_document import SMALL

pytestmark = pytest.mark.django_db


def run(name, *arguments, **options):
    out = StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "essai.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_load_says_what_it_did_and_export_prints_a_document_that_loads(small, tmp_path):
    assert "essai-2030 : 44 créés, 0 modifiés, 0 retirés, 0 inchangés." in run("load_scheme", str(small))
    again = tmp_path / "again.yaml"
    again.write_text(run("export_scheme", "essai-2030"), encoding="utf-8")
    assert run("load_scheme", str(again)) == "essai-2030 : rien n’a changé.\n"


def test_one_bad_file_leaves_everything_out_and_names_all_errors(small, tmp_path):
    bad = tmp_path / "mauvais.yaml"
    bad.write_text(
        SMALL.replace("essai-2030", "autre-2030").replace("type: count", "type: x"), encoding="utf-8"
    )
    with pytest.raises(CommandError, match=r"(?s)Rien n’a été chargé.*mauvais\.yaml:\d+ : grandeur A-1\.1-1"):
        run("load_scheme", str(small), str(bad))
    assert not Scheme.objects.exists()


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(CommandError, match="absent.yaml : ne peut être lu"):
        run("load_scheme", str(tmp_path / "absent.yaml"))


def test_a_file_that_cannot_be_read_hides_no_error_of_the_others(small, tmp_path):
    small.write_text(SMALL.replace("type: count", "type: x"), encoding="utf-8")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("title: é".encode("latin-1"))
    with pytest.raises(CommandError) as caught:
        run("load_scheme", str(small), str(latin), str(tmp_path / "absent.yaml"))
    for words in (
        r"essai\.yaml:\d+ : grandeur",
        "latin.yaml : ne peut être lu",
        "absent.yaml : ne peut être lu",
    ):
        assert re.search(words, str(caught.value))


def test_orphans_are_refused_with_what_to_type(small):
    run("load_scheme", str(small))
    small.write_text(
        SMALL.replace("  - code: DMG\n    name: Direction des moyens généraux\n", "").replace(
            "            partners:\n              - direction: DMG\n                note: prête la salle\n",
            "",
        ),
        encoding="utf-8",
    )
    with pytest.raises(CommandError, match="(?s)DMG.*n’est plus dans le document.*--prune"):
        run("load_scheme", str(small))
    assert "2 retirés" in run("load_scheme", str(small), prune=True)


def test_an_unknown_scheme_is_answered_with_the_known_ones(small):
    run("load_scheme", str(small))
    with pytest.raises(CommandError, match="Pas de schéma « x ». Schémas chargés : essai-2030."):
        run("export_scheme", "x")
