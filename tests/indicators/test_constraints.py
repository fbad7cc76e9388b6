"""The constraints of indicators, targets, reports and readings: the database refuses, the form says why in French."""

from datetime import date
from decimal import Decimal

import pytest

from indicators.models import (
    CampaignKind,
    Comparison,
    Computation,
    LegalBasis,
    MeasureType,
    Missing,
    Period,
    ReportStatus,
)
from tests.constraints import (
    assert_accepted,
    assert_database_refuses,
    assert_form_says,
    changed,
    constraint_names,
    itself,
    names_of,
    twin,
)
from tests.factories import (
    SUBMITTED_AT,
    VALIDATED_AT,
    ActionFactory,
    BreakdownFactory,
    BreakdownItemFactory,
    CampaignFactory,
    EvidenceFactory,
    ExtraFigureFactory,
    HighlightFactory,
    IndicatorFactory,
    LegalCategoryFactory,
    MeasureFactory,
    MeasureSourceFactory,
    OrganisationFactory,
    PendingEntryFactory,
    PillarFactory,
    ReadingFactory,
    ReminderFactory,
    ReportFactory,
    SeriesBreakFactory,
    StepStateFactory,
    TargetFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

BEFORE, MIDDLE, AFTER = date(2027, 1, 4), date(2027, 3, 31), date(2027, 6, 30)

CODE_TAKEN = "Ce code est déjà utilisé dans le schéma."
CATEGORY_TAKEN = "Ce code est déjà celui d’une autre catégorie."
VALIDITY = "La validité finit avant de commencer."
BASELINE = "La période de référence finit avant de commencer."
CHOICES = "Les valeurs possibles se donnent pour le type « valeur d’une liste », et lui seul."
FITS_TYPE = "Un taux calculé est de type taux, une évolution est un pourcentage, une somme est un nombre."
LEGAL = "La catégorie légale et son assiette se donnent ensemble."
TARGET_OWNER = "Une cible est celle d’une grandeur, d’une action ou d’un pilier, et d’un seul."
TARGET_VALUE = (
    "« Au moins », « au plus », « égal à » et « entre » demandent une valeur ; les autres, des mots."
)
TARGET_RANGE = "« Entre » demande deux valeurs, dans l’ordre ; les autres, une seule."
NO_DATES = "Une campagne de référence n’a pas de dates : personne n’y est attendu."
SUBMISSION = "Une fiche soumise ou validée dit quand elle l’a été ; un brouillon, non."
VALIDATION = "Une fiche validée, et elle seule, dit quand elle l’a été."
RETURN = "Une fiche renvoyée dit pourquoi."
VALUE_OR_REASON = "Un relevé a une valeur, ou une raison de n’en pas avoir, pas les deux."
ONE_KIND = "Un relevé a une seule sorte de valeur."
TERMS = "Les termes d’un taux ne sont pas négatifs."


def measure(**values):
    return changed(MeasureFactory(), **values)


def target(**values):
    return changed(TargetFactory(), **values)


def reading(**values):
    return changed(ReadingFactory(), **values)


def reference_campaign(**values):
    return changed(CampaignFactory(kind=CampaignKind.REFERENCE), **values)


# constraint, how to make a row that breaks it, what the form says (of all the constraints that the row breaks)
BAD_ROWS = [
    (
        "legal_category_code_unique",
        lambda: twin(LegalCategoryFactory(organisation=OrganisationFactory())),
        [CATEGORY_TAKEN],
    ),
    ("legal_category_common_code_unique", lambda: twin(LegalCategoryFactory()), [CATEGORY_TAKEN]),
    ("breakdown_code_unique", lambda: twin(BreakdownFactory()), [CODE_TAKEN]),
    (
        "breakdown_item_code_unique",
        lambda: twin(BreakdownItemFactory()),
        ["Ce code est déjà celui d’un autre poste de la ventilation."],
    ),
    (
        "breakdown_item_validity_in_order",
        lambda: changed(BreakdownItemFactory(), valid_from=2029, valid_until=2026),
        [VALIDITY],
    ),
    ("indicator_code_unique", lambda: twin(IndicatorFactory()), [CODE_TAKEN]),
    (
        "indicator_not_own_duplicate",
        lambda: itself(IndicatorFactory(), "duplicate_of"),
        ["Un indicateur ne se répète pas lui-même."],
    ),
    (
        "indicator_refers_or_repeats",
        lambda: changed(IndicatorFactory(), refers_to=ActionFactory(), duplicate_of=IndicatorFactory()),
        ["Une ligne renvoie à une autre fiche ou répète un indicateur, pas les deux."],
    ),
    (
        "indicator_validity_in_order",
        lambda: changed(IndicatorFactory(), valid_from=2029, valid_until=2026),
        [VALIDITY],
    ),
    ("measure_code_unique", lambda: twin(MeasureFactory()), [CODE_TAKEN]),
    ("measure_choices_of_a_choice", lambda: measure(type=MeasureType.CHOICE), [CHOICES]),
    ("measure_choices_of_a_choice", lambda: measure(choices="Réuni\nPas réuni"), [CHOICES]),
    ("measure_computation_fits_type", lambda: measure(computation=Computation.RATIO), [FITS_TYPE]),
    ("measure_computation_fits_type", lambda: measure(computation=Computation.EVOLUTION), [FITS_TYPE]),
    (
        "measure_computation_fits_type",
        lambda: measure(computation=Computation.SUM, type=MeasureType.PERCENT),
        [FITS_TYPE],
    ),
    ("measure_computation_fits_type", lambda: measure(computation="moyenne"), [FITS_TYPE]),
    ("measure_legal_basis_with_category", lambda: measure(legal_basis=LegalBasis.VALUE), [LEGAL]),
    (
        "measure_legal_basis_with_category",
        lambda: measure(legal_category=LegalCategoryFactory()),
        [LEGAL],
    ),
    (
        "measure_threshold_not_negative",
        lambda: measure(threshold=Decimal("-0.01")),
        ["Un seuil n’est pas négatif."],
    ),
    (
        "measure_not_own_alternative",
        lambda: itself(MeasureFactory(), "alternative_to"),
        ["Une grandeur ne tient pas lieu d’elle-même."],
    ),
    (
        "measure_not_own_past",
        lambda: itself(MeasureFactory(), "continues"),
        ["Une grandeur ne se prolonge pas elle-même."],
    ),
    ("measure_baseline_in_order", lambda: measure(baseline_from=2019, baseline_to=2010), [BASELINE]),
    ("measure_validity_in_order", lambda: measure(valid_from=2029, valid_until=2026), [VALIDITY]),
    (
        "measure_source_position_unique",
        lambda: twin(MeasureSourceFactory(), source=MeasureFactory()),
        ["Deux sources d’un calcul ont le même rang."],
    ),
    (
        "measure_source_not_itself",
        lambda: changed(link := MeasureSourceFactory(), source=link.measure),
        ["Une grandeur ne se calcule pas à partir d’elle-même."],
    ),
    ("target_code_unique", lambda: twin(TargetFactory()), [CODE_TAKEN]),
    ("target_one_owner", lambda: target(measure=None), [TARGET_OWNER]),
    ("target_one_owner", lambda: target(action=ActionFactory()), [TARGET_OWNER]),
    ("target_one_owner", lambda: target(pillar=PillarFactory()), [TARGET_OWNER]),
    (
        "target_one_owner",
        lambda: target(measure=None, action=ActionFactory(), pillar=PillarFactory()),
        [TARGET_OWNER],
    ),
    (
        "target_value_fits_comparison",
        lambda: target(comparison=Comparison.AT_LEAST, value=None, words="Le plus possible"),
        [TARGET_VALUE],
    ),
    (
        "target_value_fits_comparison",
        lambda: target(comparison=Comparison.INCREASE, words="Augmenter"),
        [TARGET_VALUE],
    ),
    (
        "target_range_in_order",
        lambda: target(comparison=Comparison.BETWEEN, value=20, value_max=10),
        [TARGET_RANGE],
    ),
    ("target_range_in_order", lambda: target(value_max=20), [TARGET_RANGE]),
    (
        "target_range_in_order",
        lambda: target(comparison=Comparison.BETWEEN, value=20, value_max=None),
        [TARGET_RANGE],
    ),
    (
        "target_says_something",
        lambda: target(comparison=Comparison.QUALITATIVE, value=None),
        ["Une cible a une valeur ou des mots."],
    ),
    (
        "target_stage_or_year",
        lambda: target(stage="étape 1", year=2028),
        ["Une cible a une année ou une étape sans année, pas les deux."],
    ),
    ("target_baseline_in_order", lambda: target(baseline_from=2019, baseline_to=2010), [BASELINE]),
    (
        "series_break_unique",
        lambda: twin(SeriesBreakFactory()),
        ["Une rupture est déjà notée cette année-là."],
    ),
    (
        "campaign_unique",
        lambda: twin(CampaignFactory()),
        ["Ce schéma a déjà une campagne pour cette période."],
    ),
    (
        "campaign_opens_before_closing",
        lambda: changed(CampaignFactory(), opens_on=AFTER, closes_on=BEFORE),
        ["La clôture précède l’ouverture."],
    ),
    (
        "campaign_corrections_after_closing",
        lambda: changed(CampaignFactory(), closes_on=AFTER, corrections_until=MIDDLE),
        ["Les corrections finissent après la clôture, qui doit être fixée."],
    ),
    ("campaign_reference_has_no_dates", lambda: reference_campaign(opens_on=BEFORE), [NO_DATES]),
    ("campaign_reference_has_no_dates", lambda: reference_campaign(closes_on=AFTER), [NO_DATES]),
    (
        "campaign_reference_has_no_dates",
        lambda: reference_campaign(closes_on=BEFORE, corrections_until=AFTER),
        [NO_DATES],
    ),
    (
        "campaign_reference_has_no_dates",
        lambda: reference_campaign(closed_at=VALIDATED_AT),
        [NO_DATES],
    ),
    (
        "campaign_corrections_after_closing",
        lambda: changed(CampaignFactory(), corrections_until=AFTER),
        ["Les corrections finissent après la clôture, qui doit être fixée."],
    ),
    (
        "highlight_unique",
        lambda: twin(HighlightFactory()),
        ["Cette action a déjà son zoom dans la campagne."],
    ),
    (
        "highlight_picture_described",
        lambda: changed(HighlightFactory(), picture="highlights/photo.jpg"),
        ["Dites ce que montre l’image, pour qui ne la voit pas."],
    ),
    ("report_unique", lambda: twin(ReportFactory()), ["Cette action a déjà sa fiche dans la campagne."]),
    (
        "report_status_known",
        lambda: changed(ReportFactory(), status="perdue"),
        ["Statut inconnu.", SUBMISSION],
    ),
    (
        "report_submission_stamped",
        lambda: changed(ReportFactory(), submitted_at=SUBMITTED_AT),
        [SUBMISSION],
    ),
    (
        "report_submission_stamped",
        lambda: changed(ReportFactory(submitted=True), submitted_at=None),
        [SUBMISSION],
    ),
    (
        "report_submission_stamped",
        lambda: changed(ReportFactory(validated=True), submitted_at=None),
        [SUBMISSION],
    ),
    (
        "report_validation_stamped",
        lambda: changed(ReportFactory(validated=True), validated_at=None),
        [VALIDATION],
    ),
    (
        "report_validation_stamped",
        lambda: changed(ReportFactory(submitted=True), validated_at=VALIDATED_AT),
        [VALIDATION],
    ),
    (
        "report_validation_stamped",
        lambda: changed(ReportFactory(submitted=True), validated_by=UserFactory()),
        [VALIDATION],
    ),
    ("report_return_has_reason", lambda: changed(ReportFactory(returned=True), return_reason=""), [RETURN]),
    ("report_return_has_reason", lambda: changed(ReportFactory(), return_reason="Il manque…"), [RETURN]),
    (
        "report_return_has_reason",
        lambda: changed(ReportFactory(submitted=True), status=ReportStatus.RETURNED),
        [RETURN],
    ),
    ("step_state_unique", lambda: twin(StepStateFactory()), ["L’état de cette étape est déjà donné."]),
    ("extra_figure_unique", lambda: twin(ExtraFigureFactory()), ["Cette donnée est déjà dans la fiche."]),
    (
        "extra_figure_has_value",
        lambda: changed(ExtraFigureFactory(), value=None),
        ["Une donnée chiffrée a une valeur."],
    ),
    ("reading_unique", lambda: twin(ReadingFactory()), ["Cette grandeur a déjà son relevé dans la fiche."]),
    *(
        (
            "reading_value_or_reason",
            lambda value=value: reading(missing=Missing.NOT_AVAILABLE, **value),
            [VALUE_OR_REASON],
        )
        for value in ({"number": 0}, {"numerator": 0}, {"denominator": 0}, {"boolean": False}, {"text": "x"})
    ),
    (
        "reading_note_with_reason",
        lambda: reading(missing_note="pas de données chiffrées en 2016"),
        ["L’explication accompagne « non disponible » ou « sans objet »."],
    ),
    *(
        ("reading_one_kind_of_value", lambda values=values: reading(**values), [ONE_KIND])
        for values in (
            {"number": 3, "numerator": 3},
            {"number": 3, "denominator": 3},
            {"number": 3, "boolean": False},
            {"number": 3, "text": "trois"},
            {"numerator": 3, "boolean": True},
            {"denominator": 3, "text": "trois"},
            {"boolean": True, "text": "oui"},
        )
    ),
    ("reading_terms_not_negative", lambda: reading(numerator=-1, denominator=4), [TERMS]),
    ("reading_terms_not_negative", lambda: reading(numerator=1, denominator=-4), [TERMS]),
    ("reading_decimals_bounded", lambda: reading(number=1, decimals=7), ["Au plus 6 décimales."]),
    ("evidence_unique", lambda: twin(EvidenceFactory()), ["Ce fichier est déjà joint à la fiche."]),
    (
        "pending_entry_unique",
        lambda: twin(PendingEntryFactory()),
        ["Cette personne a déjà une saisie en attente sur la fiche."],
    ),
    ("reminder_unique", lambda: twin(ReminderFactory()), ["Ce rappel est déjà parti."]),
]
each_bad_row = pytest.mark.parametrize(
    ("name", "make", "sentences"), BAD_ROWS, ids=[getattr(case, "values", case)[0] for case in BAD_ROWS]
)

GOOD_ROWS = {
    "a category of the law under the code of an own one": lambda: twin(
        LegalCategoryFactory(organisation=OrganisationFactory()), organisation=None
    ),
    "the code of an own category of another organisation": lambda: twin(
        LegalCategoryFactory(organisation=OrganisationFactory()), organisation=OrganisationFactory()
    ),
    "a choice with its values": lambda: measure(type=MeasureType.CHOICE, choices="Réuni\nPas réuni"),
    "a computed rate": lambda: measure(computation=Computation.RATIO, type=MeasureType.RATIO),
    "a computed evolution": lambda: measure(computation=Computation.EVOLUTION, type=MeasureType.PERCENT),
    "a sum of amounts": lambda: measure(computation=Computation.SUM, type=MeasureType.AMOUNT),
    "a category and its basis": lambda: measure(
        legal_category=LegalCategoryFactory(), legal_basis=LegalBasis.CONTRACTS
    ),
    "a threshold of 0": lambda: measure(threshold=0),
    "the second source of a computation": lambda: twin(MeasureSourceFactory(), position=1),
    "a target between two values": lambda: target(comparison=Comparison.BETWEEN, value=10, value_max=20),
    "a target between equal values": lambda: target(comparison=Comparison.BETWEEN, value=10, value_max=10),
    "a target in words": lambda: target(comparison=Comparison.QUALITATIVE, value=None, words="Généraliser"),
    "a stage without year": lambda: target(stage="étape 1"),
    "the first half of the same year": lambda: twin(CampaignFactory(), period=Period.HALF),
    "a campaign of one day": lambda: changed(
        CampaignFactory(), opens_on=BEFORE, closes_on=BEFORE, corrections_until=BEFORE
    ),
    "a campaign that is not closed yet": lambda: changed(CampaignFactory(), opens_on=BEFORE),
    "a validated report of a document": lambda: changed(
        ReportFactory(from_document=True), realisation="Dit le document."
    ),
    "a returned report that was never submitted": lambda: changed(
        ReportFactory(), status=ReportStatus.RETURNED, return_reason="Reprendre."
    ),
    "the same figure under another heading": lambda: twin(ExtraFigureFactory(), heading="Collèges"),
    "a figure of 0": lambda: changed(ExtraFigureFactory(), value=0),
    "the same file in another report": lambda: twin(EvidenceFactory(), report=ReportFactory()),
    "a reading of 0": lambda: reading(number=0),
    "a reading with 6 decimals": lambda: reading(number=Decimal("0.000001"), decimals=6),
    "a rate": lambda: reading(numerator=0, denominator=0),
    "half a rate": lambda: reading(numerator=3),
    "a no": lambda: reading(boolean=False),
    "a text": lambda: reading(text="mensuelle"),
    "a reason and its note": lambda: reading(
        missing=Missing.NOT_AVAILABLE, missing_note="pas de données chiffrées en 2016"
    ),
    "a reading not filled in yet": lambda: reading(),
}


def test_every_constraint_has_its_bad_row():
    assert names_of(BAD_ROWS) == constraint_names("indicators")


@each_bad_row
def test_the_database_refuses_a_bad_row(name, make, sentences):
    assert_database_refuses(make(), name)


@each_bad_row
def test_the_form_says_why(name, make, sentences):
    assert_form_says(make(), sentences)


@pytest.mark.parametrize("make", GOOD_ROWS.values(), ids=GOOD_ROWS)
def test_a_good_row_is_accepted(make):
    assert_accepted(make())
