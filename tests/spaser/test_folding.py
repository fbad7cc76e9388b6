"""Without accents or case: by hand, and the same from Python and from the database at hand."""

import hashlib
import json
import unicodedata

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Value
from django.db.models.functions import Cast

from actions.models import Action, Direction
from indicators.models import Report
from spaser.folding import Fold, folded, holds
from spaser.text import FOLDS, fold, fold_letters, matches, words_of
from tests.factories import ActionFactory, DirectionFactory, ReportFactory

PANGRAM = (
    "Dès Noël, où un zéphyr haï me vêt de glaçons würmiens, je dîne d’exquis rôtis de bœuf au kir, à l’aÿ d’âge mûr, "
    "&cætera ! VOIX AMBIGUË D’UN CŒUR QUI, AU ZÉPHYR, PRÉFÈRE LES JATTES DE KIWIS."
)
PLAIN_PANGRAM = (
    "des noel, ou un zephyr hai me vet de glacons wurmiens, je dine d'exquis rotis de boeuf au kir, a l'ay d'age mur, "
    "&caetera ! voix ambigue d'un coeur qui, au zephyr, prefere les jattes de kiwis."
)
LATIN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x218, 0x219, 0x21A, 0x21B]))
SIGNS = "«\u00a0guillemets\u202f» “ ” „ ‘ ’ ‚ … ‰ € ™ № – — ‑ − ′ ´ ` \u2009\u200a\u200b\u00ad\u2060\ufeff ﬁn ﬂot m² CO₂ 1ᵉʳ 50\u00a0% it's \\ _ ; -- \t\n"
OTHER_ALPHABETS = "ΩμЖ中"


@pytest.mark.parametrize(
    "text, plain",
    [
        ("Économie circulaire", "economie circulaire"),
        ("ŒUVRE et Cæcum", "oeuvre et caecum"),
        ("l’achat", "l'achat"),
        ("« Marchés »\u202f: 50\u00a0%", "marches : 50 %"),
        ("  une\n ligne\tou deux ", "une ligne ou deux"),
        ("éco‑conception – 2026—2029", "eco-conception - 2026-2029"),
        ("m² de CO₂, 1ᵉʳ ½", "m2 de co2, 1er 1/2"),
        ("Straße, Łódź, Đà, Ørsted, İzmir, Čapek", "strasse, lodz, da, orsted, izmir, capek"),
        ("co\u00adopération", "cooperation"),
        (unicodedata.normalize("NFD", "Économie à Noël"), "economie a noel"),
        (PANGRAM, PLAIN_PANGRAM),
        (2026, "2026"),
    ],
)
def test_fold_by_hand(text, plain):
    assert fold(text) == plain


def test_no_accent_or_capital_is_left_of_latin():
    letters = [c for c in fold_letters(LATIN) if c.isalpha()]
    assert not [c for c in letters if c != c.lower() or unicodedata.decomposition(c)]
    assert {c for c in letters if not c.isascii()} == {"ð", "þ", "ŋ", "ĸ", "μ"}  # letters of their own


def test_folding_twice_changes_nothing():
    assert not {character for plain in FOLDS.values() for character in plain} & set(FOLDS)


def test_words_are_each_looked_for_once():
    assert words_of(" Achats  ACHATS « l’achat » ") == ["achats", "l'achat"]
    assert words_of(" « » ") == []


def test_matches_in_several_texts():
    assert matches("ECONOMIE sociale", "L’économie", None, "Clauses sociales")
    assert not matches("economie sociale", "L’économie")


def test_the_table_is_that_of_the_stored_columns():
    """Changed? Then a migration must remove and add the `searched` columns again, and this is the new sum."""
    table = json.dumps(sorted(FOLDS.items()), ensure_ascii=True)
    assert hashlib.sha256(table.encode()).hexdigest()[:16] == "f07394a3877a8ac2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", [LATIN, SIGNS, PANGRAM, unicodedata.normalize("NFD", LATIN), OTHER_ALPHABETS, ""]
)
def test_the_database_folds_as_python_does(text):
    DirectionFactory()
    asked = Direction.objects.values_list(Fold(Cast(Value(text), models.TextField())), flat=True)
    assert asked.get() == fold_letters(text)


@pytest.mark.django_db
def test_every_character_of_the_table_is_folded_by_the_database():
    direction = DirectionFactory(name="-")
    for start in range(0, len(FOLDS), 100):
        characters = list(FOLDS)[start : start + 100]
        Direction.objects.filter(pk=direction.pk).update(name="|".join(characters))
        stored = Direction.objects.values_list("searched", flat=True).get(pk=direction.pk)
        assert stored.partition("\n")[2] == "|".join(FOLDS[c] for c in characters)


@pytest.mark.django_db
def test_whatever_writes_the_row_the_stored_text_follows(scheme):
    action = ActionFactory(
        objective__pillar__scheme=scheme, code="ENV-1", title="Économie", purpose="L’œuvre"
    )
    assert action.searched.split("\n") == ["env-1", "economie", "l'oeuvre", "", "", ""]
    stored = Action.objects.filter(pk=action.pk).values_list("searched", flat=True)
    action.title = "Équité"
    action.save()
    assert "equite" in stored.get()
    Action.objects.update(title="Égalité")
    assert "egalite" in stored.get()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE actions_action SET title = 'Écologie'")
    assert "ecologie" in stored.get()
    action = Action(scheme=scheme, objective=action.objective, code="ENV-2", title="Forêt")
    Action.objects.bulk_create([action])
    action.title = "Bocage détruit"
    Action.objects.bulk_update([action], ["title"])
    assert Action.objects.get(pk=action.pk).searched.startswith("env-2\nbocage detruit\n")


@pytest.mark.django_db
def test_nothing_but_the_database_writes_it():
    report = ReportFactory(realisation="Livré")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE indicators_report SET searched = 'autre'")
    assert Report.objects.get(pk=report.pk).searched.startswith("livre")


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["%", "_", "\\", "'"])
def test_the_signs_of_like_are_letters(sign):
    kept, other = DirectionFactory(name=f"Taux {sign}x"), DirectionFactory(name="Taux axx")
    assert list(Direction.objects.filter(holds(words_of(f"taux {sign}x")))) == [kept]
    assert list(Direction.objects.filter(holds(["axx"]))) == [other]


def test_the_column_names_its_fields():
    assert folded("code", "name").deconstruct()[3]["expression"] == Fold("code", "name")
