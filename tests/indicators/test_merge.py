"""Loading a scheme's document: all or nothing, and never over what the site owns."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction
from ruamel.yaml import YAML

from actions.models import Action, Direction, Involvement, Organisation, Origin, Passage, Pillar, Scheme, Step
from indicators.document.export import dump, export
from indicators.document.merge import WouldOrphan, load
from indicators.document.source import DocumentErrors
from indicators.models import Indicator, Measure, Reading, ReadingChange, Report, ReportStatus, Target
from spaser.tracking import Door

from .small_document import SMALL, mutations

pytestmark = pytest.mark.django_db
AT = datetime(2031, 5, 2, 9, 30, tzinfo=UTC)


def load_small(text=SMALL, at=AT, **options):
    return load(text, file="essai.yaml", at=at, **options)


def edited(old, new):
    assert SMALL.count(old) == 1, f"{old!r} must stand once in the document"
    return SMALL.replace(old, new)


def problems_of(text, **options):
    with pytest.raises(DocumentErrors) as caught:
        load_small(text, **options)
    return [str(problem) for problem in caught.value.problems]


def line_of(words):
    return next(number for number, line in enumerate(SMALL.splitlines(), 1) if words in line)


def test_the_whole_document_is_in_the_tables():
    outcome = load_small()
    scheme = outcome.scheme
    assert (scheme.starts_year, scheme.ends_year, scheme.pillar_label) == (2030, 2033, "Axe")
    assert list(scheme.actions.values_list("code", "number", "parent__code", "objective__code")) == [
        ("A-1.1", "1", None, "A-1"),
        ("A-1.2.A", "A", "A-1.2", "A-1"),
        ("A-1.2", "2", None, "A-1"),
    ]
    assert set(Involvement.objects.values_list("role", "direction__code", "note")) == {
        ("pilot", "DAJ", ""),
        ("partner", "DMG", "prête la salle"),
    }
    assert list(scheme.steps.values_list("code", "parent__code", "action__code")) == [
        ("A-1.1.a", None, "A-1.1"),
        ("A-1.1.a.1", "A-1.1.a", "A-1.1"),
    ]
    assert Measure.objects.get(code="A-1.1-2.COL").item.name == "Collèges"
    assert Measure.objects.get(code="A-1.1-3").sources.get().code == "A-1.1-1"
    assert Measure.objects.get(code="A-1.2.A-1").choice_list == ["Réuni", "Pas réuni"]
    assert Indicator.objects.get(code="A-1.2.A-2").refers_to.code == "A-1.1"
    assert set(Target.objects.values_list("code", "value", "measure__code", "pillar__code")) == {
        ("A-C1", D(-25), None, "A"),
        ("A-1.1-1-C1", D(100), "A-1.1-1", None),
    }
    assert set(scheme.pillars.values_list("origin", flat=True)) == {Origin.DOCUMENT}


def test_readings_come_in_by_the_document_door_as_validated_and_with_history():
    load_small()
    report = Report.objects.get(campaign__year=2031)
    assert (report.status, report.door, report.state) == (ReportStatus.VALIDATED, Door.DOCUMENT, "engaged")
    readings = {reading.measure.code: reading for reading in report.readings.select_related("measure")}
    assert readings["A-1.1-1"].number == D(150)
    assert readings["A-1.1-1"].comment == "imprimé « 150 »"
    assert (readings["A-1.1-2.COL"].numerator, readings["A-1.1-2.COL"].denominator) == (D(3), D(8))
    assert (readings["A-1.1-2.RES"].missing, readings["A-1.1-2.RES"].number) == ("not_available", None)
    assert ReadingChange.objects.count() == 4
    assert set(ReadingChange.objects.values_list("door", "changed_at", "before")) == {("document", AT, None)}


def test_load_then_export_then_load_changes_nothing():
    text = export(load_small().scheme)
    again = load_small(text)
    assert again.changed_nothing
    assert export(again.scheme) == text


def test_export_loads_the_same_scheme_into_an_empty_database():
    text = export(load_small().scheme)
    Reading.objects.all().delete()
    Report.objects.all().delete()
    Scheme.objects.all().delete()
    Direction.objects.all().delete()
    assert export(load_small(text).scheme) == text


def test_loading_again_writes_no_history():
    load_small()
    load_small()
    assert ReadingChange.objects.count() == 4


def test_a_corrected_document_updates_what_it_owns():
    load_small()
    outcome = load_small(edited("name: Nombre de ramettes", "name: Nombre de ramettes achetées"))
    assert (outcome.created, outcome.updated, outcome.removed) == (0, 1, 0)
    assert Indicator.objects.get(code="A-1.1-1").name == "Nombre de ramettes achetées"


def test_a_corrected_reading_is_history():
    load_small()
    load_small(edited("A-1.1-1: '200'", "A-1.1-1: '210'"), at=AT + timedelta(days=1))
    reading = Reading.objects.get(measure__code="A-1.1-1", report__campaign__year=2030)
    assert (reading.number, reading.version) == (D(210), 2)
    change = reading.changes.get(version=2)
    assert (D(str(change.before["number"])), D(str(change.after["number"]))) == (D(200), D(210))
    assert (change.changed_why, change.door) == ("document chargé de nouveau", "document")


def test_a_blank_that_the_document_no_longer_fills_is_emptied():
    load_small()
    load_small(edited("    frequency: une fois par an\n", ""))
    assert Scheme.objects.get().committees.get().frequency == ""


def test_a_reference_that_the_document_no_longer_makes_is_emptied():
    load_small()
    load_small(edited("                    refers_to: A-1.1\n", "                    type: text\n"))
    assert Indicator.objects.get(code="A-1.2.A-2").refers_to is None


def test_what_the_site_changed_stays_and_is_said_only_when_both_speak():
    load_small()
    Pillar.objects.filter(code="A").update(title="Environnement et climat")
    assert load_small().notices == []
    outcome = load_small(edited("title: Environnement", "title: Écologie"))
    assert Pillar.objects.get(code="A").title == "Environnement et climat"
    assert outcome.notices == [
        "pilier A : title : le document dit « Écologie », le site garde « Environnement et climat »."
    ]


def test_what_the_site_adds_stays():
    load_small()
    action = Action.objects.get(code="A-1.1")
    other = Direction.objects.get(code="DMG")
    Involvement.objects.create(action=action, direction=other, role="pilot")
    Passage.objects.create(scheme=action.scheme, action=action, heading="Du site", text="Ajouté.")
    outcome = load_small(edited("title: Papier", "title: Papier et carton"))
    assert Involvement.objects.filter(origin=Origin.SITE).count() == 1
    assert Passage.objects.filter(origin=Origin.SITE).count() == 1
    assert "Du site" not in export(outcome.scheme)


def test_what_the_site_moved_stays_moved():
    load_small()
    elsewhere = Action.objects.get(code="A-1.2.A")
    Indicator.objects.filter(code="A-1.1-3").update(action=elsewhere)
    assert load_small().changed_nothing
    assert Indicator.objects.get(code="A-1.1-3").action == elsewhere


def test_what_the_document_moves_moves():
    load_small()
    start = SMALL.index("                  - code: A-1.2.A-1\n")
    block = SMALL[start : SMALL.index("                  - code: A-1.2.A-2\n")]
    moved = "".join(line[4:] for line in block.splitlines(keepends=True))
    reports = "            reports:\n              - year: 2030\n"
    outcome = load_small(edited(block, "").replace(reports, moved + reports))
    assert Indicator.objects.get(code="A-1.2.A-1").action.code == "A-1.1"
    assert outcome.created == 0


def test_what_the_site_removed_stays_removed():
    load_small()
    Action.objects.get(code="A-1.2").delete()
    outcome = load_small()
    assert outcome.changed_nothing
    assert outcome.notices == ["action A-1.2 : dans le document, mais retiré sur le site."]
    assert not Action.objects.filter(code__startswith="A-1.2").exists()


def test_a_reading_changed_on_the_site_is_the_sites(django_user_model):
    load_small()
    user = django_user_model.objects.create_user("a@b.fr")
    reading = Reading.objects.filter(measure__code="A-1.1-1", report__campaign__year=2030)
    reading.update(number=D(205), version=2, changed_by=user, changed_at=datetime.now(UTC), door=Door.FORM)
    outcome = load_small(edited("A-1.1-1: '200'", "A-1.1-1: '210'"))
    assert reading.get().number == D(205)
    assert len(outcome.notices) == 1
    assert "le document dit « 210 », le site garde « 205 »" in outcome.notices[0]


REMOVED_STEP = """
                steps:
                  - code: A-1.1.a.1
                    title: les feuilles"""


def test_what_leaves_the_document_is_said_and_refused():
    load_small()
    with pytest.raises(WouldOrphan) as caught:
        load_small(edited(REMOVED_STEP, ""))
    assert caught.value.lines == ["étape « les feuilles » n’est plus dans le document."]
    assert Scheme.objects.get().steps.count() == 2


def test_prune_removes_what_left_the_document():
    load_small()
    outcome = load_small(edited(REMOVED_STEP, ""), prune=True)
    assert outcome.removed == 1
    assert Scheme.objects.get().steps.count() == 1


READ_INDICATOR = SMALL[
    SMALL.index("              - code: A-1.1-1\n") : SMALL.index("              - code: A-1.1-2\n")
]


def without_read_indicator():
    """The document without the indicator that has readings, nor what points to it."""
    text = SMALL.replace(READ_INDICATOR, "")
    evolution = text[text.index("              - code: A-1.1-3\n") : text.index("            reports:\n")]
    text = text.replace(evolution, "")
    text = text.replace("                  A-1.1-1: '200'\n", "                  A-1.1-2.COL: 1 / 4\n")
    return text.replace(
        "                  A-1.1-1:\n                    value: '150'\n                    comment: imprimé « 150 »\n",
        "",
    )


def test_what_carries_readings_is_refused_with_their_number():
    load_small()
    with pytest.raises(WouldOrphan) as caught:
        load_small(without_read_indicator())
    assert (
        "indicateur « A-1.1-1 Nombre de ramettes » n’est plus dans le document ; 2 relevé(s) en dépendent."
        in (caught.value.lines)
    )


def test_prune_never_removes_a_reading():
    load_small()
    before = set(Reading.objects.values_list("pk", flat=True))
    outcome = load_small(without_read_indicator(), prune=True)
    assert before <= set(Reading.objects.values_list("pk", flat=True))
    assert Indicator.objects.get(code="A-1.1-1").origin == Origin.SITE
    assert any("Gardé, désormais au nom du site" in notice for notice in outcome.notices)
    assert not Indicator.objects.filter(code="A-1.1-3").exists()  # computed: nothing was read of it


def test_prune_keeps_what_the_site_has_added_to():
    load_small()
    step = Scheme.objects.get().steps.get(code="A-1.1.a.1")
    parent = step.parent
    Step.objects.create(scheme=step.scheme, action=step.action, parent=parent, code="SITE-1", title="Du site")
    steps = SMALL[
        SMALL.index("            steps:\n") : SMALL.index(
            "            indicators:\n              - code: A-1.1-1"
        )
    ]
    load_small(edited(steps, ""), prune=True)
    assert set(Step.objects.values_list("code", "origin")) == {("A-1.1.a", "site"), ("SITE-1", "site")}


def test_prune_keeps_an_action_on_which_the_site_has_a_report():
    load_small()
    action = Action.objects.get(code="A-1.2.A")
    campaign = Scheme.objects.get().campaigns.get(year=2031)
    Report.objects.create(action=action, campaign=campaign, changed_at=AT)
    whole = SMALL[SMALL.index("          - code: A-1.2\n") :]
    outcome = load_small(SMALL.replace(whole, ""), prune=True)
    assert Report.objects.filter(action=action).exists()
    assert Action.objects.get(code="A-1.2.A").origin == Origin.SITE
    assert any("Gardé" in notice for notice in outcome.notices)


def test_all_errors_at_once_with_line_place_and_reason():
    text = SMALL
    for old, new in (
        ("ends_year: 2033", "ends_year: bientôt"),
        ("sense: down", "sens: down"),
        ("              - DAJ\n", "              - DAX\n"),
        ("A-1.1-2.COL: 3 / 8", "A-1.1-2.COL: 3 sur 8"),
        ("A-1.1-1: '200'", "A-1.1-1: deux cents"),
        ("code: A-1.1.a.1", "code: A-1.1.a"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    expected = [
        (line_of("ends_year"), "schéma essai-2030", "ends_year : on attend un nombre entier."),
        (line_of("sense: down"), "indicateur A-1.1-1", "clé inconnue : « sens »."),
        (
            line_of("- DAJ"),
            "action A-1.1 › participation DAX",
            "direction : « DAX » n’est pas dans le document.",
        ),
        (line_of("A-1.1.a.1"), "étape A-1.1.a", f"déjà donné ligne {line_of('code: A-1.1.a')}."),
        (
            line_of("'200'"),
            "relevé A-1.1-1",
            "« deux cents » n’est pas un nombre : écrivez par exemple 1 234,56.",
        ),
        (line_of("3 / 8"), "relevé A-1.1-2.COL", "Un taux s’écrit « numérateur / dénominateur »."),
    ]
    assert problems_of(text) == [
        f"essai.yaml:{line} : {place} : {reason}" for line, place, reason in sorted(expected)
    ]
    assert not Scheme.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("type: count", "type: nombre", "n’est pas un choix valide"),
        ("code: A-1.1-1-C1", "code: cible 1", "Un code s’écrit avec des lettres sans accent"),
        ("A-1.1-1: '200'", "A-1.1-1: '200,5'", "On attend ici un nombre entier."),
        ("A-1.1-2.COL: 3 / 8", "A-1.1-3: '3'", "Cette grandeur se calcule : elle ne se saisit pas."),
        ('comparison: at_most\n        value: "-25"', "comparison: at_most", "demandent une valeur"),
        ("item: COL", "item: CANTINE", "« CANTINE » n’est pas dans le document"),
        ("ends_year: 2033", "ends_year: 2029", "La dernière année précède la première."),
        ("refers_to: A-1.1\n", "refers_to: A-1.2.A\n", "Une ligne ne renvoie pas à sa propre fiche."),
        ("title: Environnement", "number: '2'", "une clé est donnée deux fois"),
        ("title: Papier", "bonus: false", "il manque « title »"),
        ("year: 2031\n    synthesis", "year: '2031'\n    synthesis", "year : on attend un nombre entier."),
        ("refers_to: A-1.1\n", "duplicate_of: A-1.2.A-2\n", "Un indicateur ne se répète pas lui-même."),
        (
            "refers_to: A-1.1\n",
            "refers_to: A-1.1\n                    type: text\n",
            "on ne saisit qu’une fois",
        ),
        (
            "                  A-1.1-2.COL: 3 / 8\n",
            "                  A-1.2.A-1: Réuni\n",
            "Cette grandeur est celle d’une autre fiche.",
        ),
        (
            "                    item: RES\n",
            "                    alternative_to: A-1.1-1\n                    item: RES\n",
            "Une grandeur tient lieu d’une autre du même indicateur.",
        ),
        (
            "            title: Encre\n",
            "            title: Encre\n            reports:\n              - year: 2031\n",
            "la fiche annuelle est celle de chaque volet",
        ),
        (
            "type: choice",
            "type: text",
            "Les valeurs possibles se donnent pour le type « valeur d’une liste »",
        ),
    ],
)
def test_what_is_refused_says_why(old, new, reason):
    found = problems_of(edited(old, new))
    assert any(reason in problem for problem in found), found


def test_a_sheet_outside_the_pillars_is_not_an_action():
    sheet = "sheets:\n  - code: T\n    title: Tableau\n"
    assert any("Une action relève d’un objectif" in problem for problem in problems_of(SMALL + sheet))
    load_small(SMALL + sheet + "    nature: table\n")
    assert Action.objects.get(code="T").objective is None


@pytest.mark.parametrize(
    "text", ["", "- une liste\n", "slug: [\n", "slug: a\nslug: b\n", "\ttab: 1\n", "slug: x\n"]
)
def test_what_is_no_document_is_refused_in_words(text):
    assert problems_of(text)


def test_two_documents_of_one_organisation_share_its_directions():
    load_small()
    second = edited("slug: essai-2030", "slug: essai-2034").replace(
        "name: Direction des moyens généraux", "name: Moyens"
    )
    outcome = load_small(second)
    assert Direction.objects.count() == 2
    assert Direction.objects.get(code="DMG").name == "Direction des moyens généraux"
    assert "le document dit « Moyens », le site garde « Direction des moyens généraux »" in outcome.notices[0]


def test_queries_do_not_grow_with_the_readings_of_an_unchanged_document(django_assert_max_num_queries):
    load_small()
    with django_assert_max_num_queries(40):
        load_small()


# What cannot be read is said in French, with its line


BAD_VALUES = [
    ("    kind: reference\n", "    kind: reference\n    synthesis: 2030-02-30\n", "YAML", "2030-02-30"),
    ("text: Un mot.", "text: Un \x07mot.", "YAML", "caractère interdit (U+0007)."),
    ("text: Un mot.", 'text: "Un \\0 mot."', "passage Préambule", "text : caractère interdit."),
    ("text: Un mot.", 'text: "Un \\uD800 mot."', "passage Préambule", "text : caractère interdit."),
    ("text: Un mot.", "text: [un, mot]", "passage Préambule", "text : on attend un texte"),
    ("text: Un mot.", "text: {un: mot}", "passage Préambule", "text : on attend un texte"),
    ("text: Un mot.", "text: &mot Un mot.", "YAML", "ni ancre (&) ni renvoi (*)"),
    ("text: Un mot.", "text: &mot [*mot]", "YAML", "ni ancre (&) ni renvoi (*)"),
    ("text: Un mot.", "text: !!binary mot", "YAML", "pas de type (!)"),
    ("text: Un mot.", "text: Un : mot : .", "YAML", "un « : » de trop"),
    ("text: Un mot.", "<<: {text: Un mot.}", "YAML", "« << » n’est pas une valeur"),
    ("text: Un mot.", "2030: Un mot.", "passage Préambule", "clé inconnue : « 2030 »."),
    ("relative: true", "relative: [true]", "cible A-C1", "relative : écrivez true ou false."),
    ("sources:\n                  - A-1.1-1", "sources: 3", "grandeur A-1.1-3", "« sources » : on attend une liste."),
    ("choices:\n                      - Réuni\n                      - Pas réuni", "choices: 3", "A-1.2.A-1", "choices : "),
    ("- Pas réuni", "- 3", "A-1.2.A-1", "choices : on attend un texte"),
    ("pilots:\n              - DAJ", "pilots: DAJ", "action A-1.1", "« pilots » : on attend une liste."),
    ("              - DAJ\n", "              -\n", "action A-1.1", "pilots : un sigle"),
    ("readings:\n                  A-1.1-1: '200'", "readings: [A-1.1-1]", "fiche annuelle", "« readings » : on attend"),
    ("readings:\n                  A-1.1-1: '200'", "readings: A-1.1-1", "fiche annuelle", "« readings » : on attend"),
    ("A-1.1-2.COL: 3 / 8", "A-1.1-2.COL: {measure: A-1.1-1, value: 3 / 8}", "relevé A-1.1-2.COL", "clé inconnue"),
    ("computation: evolution", "computation: moyenne", "grandeur A-1.1-3", "n’est pas un choix valide"),
    ("starts_year: 2030", "starts_year: 999999999999999999999", "schéma essai-2030", "starts_year : "),
    ("starts_year: 2030", f"starts_year: {'9' * 5000}", "YAML", "n’est pas une valeur possible"),
    ("starts_year: 2030", f"starts_year: 0x{'f' * 5000}", "YAML", "nombre trop grand"),
    ("refers_to: A-1.1\n", "refers_to: [A-1.1]\n", "indicateur A-1.2.A-2", "refers_to : on attend un texte"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "reason"), BAD_VALUES)
def test_what_cannot_be_read_is_the_one_problem_and_says_where(old, new, place, reason):
    (problem,) = problems_of(edited(old, new))
    assert re.match(r"essai\.yaml:\d+ : ", problem)
    assert place in problem
    assert reason in problem


def test_a_campaign_without_its_year_is_said_once_beside_what_it_leaves_hanging():
    text = edited("  - year: 2030\n    kind: reference\n", "  - kind: reference\n")
    text = text.replace(
        "            title: Papier\n", "            title: Papier\n            valid_from: 2030\n"
    )
    assert problems_of(text) == [
        f"essai.yaml:{line_of('- year: 2030')} : schéma essai-2030 › campagne de saisie 1 : il manque « year ».",
        f"essai.yaml:{line_of('              - year: 2030')} : action A-1.1 › fiche annuelle 2030 : "
        "campaign : « 2030 » n’est pas dans le document.",
    ]


@pytest.mark.parametrize("text", ["[" * 5_000_000, "- " * 100_000 + "a", "{a: " * 100_000])
def test_a_document_nested_without_end_is_refused_in_words(text):
    assert problems_of(text) == ["essai.yaml:1 : YAML : plus de 50 listes ou clés l’une dans l’autre."]


ENGLISH = re.compile(r"\b(None|True|False|expected|found|must|not|object|Error|is|the)\b")


@pytest.mark.parametrize("share", range(8))
def test_a_spoilt_document_loads_or_is_refused_in_french_and_leaves_nothing(share):
    mutants = list(mutations(YAML(typ="safe", pure=True).load(SMALL)))[share::24]
    assert len(mutants) >= 25
    for what, document in mutants:
        problems = []
        try:
            with transaction.atomic():
                load_small(dump(document))
                transaction.set_rollback(True)
        except DocumentErrors as errors:
            problems = [str(problem) for problem in errors.problems]
            assert not Organisation.objects.exists(), what
        for problem in problems:
            assert re.match(r"essai\.yaml:[1-9]\d* : [^:]+ : .*\S", problem), (what, problem)
            assert not ENGLISH.search(problem), (what, problem)


@pytest.mark.parametrize("share", range(4))
def test_a_spoilt_document_over_a_loaded_one_changes_all_or_nothing(share):
    before = export(load_small().scheme)
    for what, document in list(mutations(YAML(typ="safe", pure=True).load(SMALL)))[share::40]:
        try:
            with transaction.atomic():
                load_small(dump(document), at=AT + timedelta(days=1), prune=bool(share % 2))
                transaction.set_rollback(True)
        except (DocumentErrors, WouldOrphan):
            assert export(Scheme.objects.get()) == before, what


def test_the_scheme_of_another_organisation_is_refused():
    load_small()
    assert any(
        "ce schéma est celui de la collectivité « essai »." in problem
        for problem in problems_of(edited("  slug: essai\n", "  slug: autre\n"))
    )


# Uniqueness beyond the document's keys

SECOND = "      name: Centre d’action sociale\n"
SAME_SIRET = SECOND + "      siret: '21350238800019'\n"


def test_two_buyers_with_one_siret_are_refused():
    assert problems_of(edited(SECOND, SAME_SIRET)) == [
        f"essai.yaml:{line_of('code: CCAS')} : collectivité essai › acheteur CCAS : "
        f"Ce SIRET est déjà celui d’un autre acheteur de la collectivité, ligne {line_of('code: VILLE')}."
    ]


def test_the_siret_of_a_stored_buyer_is_refused():
    load_small()
    (problem,) = problems_of(edited(SECOND, SAME_SIRET))
    assert "acheteur CCAS : Ce SIRET est déjà celui d’un autre acheteur de la collectivité." in problem


# Pruning saves first, then removes, and what stays is the site's


def test_prune_removes_what_the_same_document_no_longer_points_to():
    load_small()
    text = edited("      - code: RES\n", "      - code: REX\n").replace("item: RES\n", "item: REX\n")
    with pytest.raises(WouldOrphan, match="poste de ventilation « Restaurant »"):
        load_small(text)
    assert Measure.objects.get(code="A-1.1-2.RES").item.code == "RES"
    outcome = load_small(text, prune=True)
    assert (outcome.removed, outcome.notices) == (1, [])
    assert Measure.objects.get(code="A-1.1-2.RES").item.code == "REX"


def test_prune_keeps_what_moved_away_from_what_it_removes():
    load_small()
    text = edited("      - code: A-1\n        actions:\n", "      - code: A-2\n        actions:\n")
    outcome = load_small(text, prune=True)
    assert outcome.removed == 1
    assert list(Scheme.objects.get().actions.values_list("objective__code", flat=True)) == ["A-2"] * 3
    assert Reading.objects.count() == 4


def test_what_prune_keeps_of_the_readings_is_signed_over_to_the_site():
    load_small()
    outcome = load_small(without_read_indicator(), prune=True, at=AT + timedelta(days=1))
    kept = Reading.objects.filter(measure__code="A-1.1-1")
    assert set(kept.values_list("version", "door", "changed_why", "changed_at")) == {
        (2, Door.FORM, "n’est plus dans le document", AT + timedelta(days=1))
    }
    printed = export(outcome.scheme)
    assert "'150'" not in printed
    assert "'200'" not in printed
    again = load_small(printed, at=AT + timedelta(days=2))
    assert (again.changed_nothing, again.notices) == (True, [])


def test_a_report_that_prune_keeps_is_signed_over_and_stays_validated():
    load_small()
    second = SMALL[SMALL.index("              - year: 2030\n") : SMALL.index("              - year: 2031\n")]
    outcome = load_small(SMALL.replace(second, ""), prune=True, at=AT + timedelta(days=1))
    report = Report.objects.get(campaign__year=2030)
    assert (report.status, report.door, report.version) == (ReportStatus.VALIDATED, Door.FORM, 2)
    assert (report.submitted_at, report.validated_at, report.changed_at) == (AT, AT, AT + timedelta(days=1))
    assert [line for line in outcome.notices if "fiche annuelle" in line]
    assert second not in export(outcome.scheme)
