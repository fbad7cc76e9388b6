"""What is measured: indicators, their measures, the breakdowns that split them."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.models import Action, Buyer, Organisation, Originated, PlanItem
from actions.models.organisation import code_validator
from actions.models.plan import code_unique_in_scheme, not_itself, years_in_order
from actions.scoping import ScopedQuerySet, organisations_of
from spaser.folding import folded
from spaser.french import MAX_DECIMALS as PLACES
from spaser.french import MAX_DIGITS as DIGITS
from spaser.french import NO_BREAK, format_number, plural, with_unit


def decimal_field(verbose_name, **options):
    """A nullable exact number with at most 15 significant digits (SQLite keeps decimals as doubles) and 6 decimals."""
    return models.DecimalField(
        verbose_name, max_digits=DIGITS + PLACES, decimal_places=PLACES, null=True, blank=True, **options
    )


class LegalBasis(models.TextChoices):
    CONTRACTS = "contracts", "nombre de contrats"
    VALUE = "value", "valeur"


class LegalCategoryQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """The categories of the law, which are everyone's, and those of the organisations of `user`."""
        return self.filter(Q(organisation__isnull=True) | Q(organisation__in=organisations_of(user)))


class LegalCategory(models.Model):
    """A category that the legal publication counts (L2111-3); without organisation, it is everyone's."""

    organisation_path = "organisation"

    organisation = models.ForeignKey(
        Organisation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="legal_categories",
        verbose_name="collectivité",
        help_text="Vide pour une catégorie de la loi, commune à toutes les collectivités.",
    )
    code = models.CharField("code", max_length=40, validators=[code_validator])
    name = models.CharField("nom", max_length=200)
    position = models.PositiveSmallIntegerField("rang", default=0)

    objects = LegalCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = "catégorie légale"
        verbose_name_plural = "catégories légales"
        ordering = ["position", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "code"],
                condition=Q(organisation__isnull=False),
                name="legal_category_code_unique",
                violation_error_message="Ce code est déjà celui d’une autre catégorie.",
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(organisation__isnull=True),
                name="legal_category_common_code_unique",
                violation_error_message="Ce code est déjà celui d’une autre catégorie.",
            ),
        ]

    def __str__(self):
        return self.name


class Breakdown(PlanItem):
    """The items by which an indicator is split; open when the steering team completes them over time."""

    name = models.CharField("nom", max_length=200)
    open = models.BooleanField("liste ouverte", default=False, help_text="Le document ne donne pas la liste.")

    class Meta(PlanItem.Meta):
        verbose_name = "ventilation"
        default_related_name = "breakdowns"
        constraints = [code_unique_in_scheme("breakdown")]

    def __str__(self):
        return self.name


class BreakdownItem(Originated):
    """One item of a breakdown, with its years of validity."""

    organisation_path = "breakdown__scheme__organisation"

    breakdown = models.ForeignKey(Breakdown, models.CASCADE, related_name="items", verbose_name="ventilation")
    code = models.CharField("code", max_length=40, validators=[code_validator])
    name = models.CharField("nom", max_length=200)
    position = models.PositiveSmallIntegerField("rang", default=0)
    valid_from = models.PositiveSmallIntegerField("valable à partir de", null=True, blank=True)
    valid_until = models.PositiveSmallIntegerField("valable jusqu’à", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "poste de ventilation"
        verbose_name_plural = "postes de ventilation"
        ordering = ["breakdown", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["breakdown", "code"],
                name="breakdown_item_code_unique",
                violation_error_message="Ce code est déjà celui d’un autre poste de la ventilation.",
            ),
            years_in_order(
                "valid_from",
                "valid_until",
                name="breakdown_item_validity_in_order",
                message="La validité finit avant de commencer.",
            ),
        ]

    def __str__(self):
        return self.name


class IndicatorKind(models.TextChoices):
    FOLLOW_UP = "follow_up", "indicateur de suivi"
    REALISATION = "realisation", "indicateur de réalisation"
    EFFECT = "effect", "indicateur d’effet"
    TARGETED_ACTION = "targeted_action", "action ciblée"


class Indicator(PlanItem):
    """One line printed in the document, word for word. What it asks for is in its measures."""

    action = models.ForeignKey(Action, models.CASCADE, verbose_name="action")
    name = models.TextField("intitulé", help_text="Mot pour mot, tel que le document l’imprime.")
    kind = models.CharField("nature", max_length=15, choices=IndicatorKind.choices, blank=True)
    definition = models.TextField("définition", blank=True)
    breakdown = models.ForeignKey(
        Breakdown,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name="ventilation",
    )
    refers_to = models.ForeignKey(
        Action,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="referring_indicators",
        verbose_name="renvoie à",
        help_text="La ligne renvoie aux indicateurs d’une autre fiche : saisis une fois, montrés deux.",
    )
    duplicate_of = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="duplicates",
        verbose_name="répète",
        help_text="La ligne répète par erreur celle d’une autre fiche : elle ne compte dans aucun total.",
    )
    valid_from = models.PositiveSmallIntegerField("valable à partir de", null=True, blank=True)
    valid_until = models.PositiveSmallIntegerField("valable jusqu’à", null=True, blank=True)
    searched = folded("code", "name", "definition")

    class Meta(PlanItem.Meta):
        verbose_name = "indicateur"
        default_related_name = "indicators"
        constraints = [
            code_unique_in_scheme("indicator"),
            not_itself(
                "duplicate_of",
                name="indicator_not_own_duplicate",
                message="Un indicateur ne se répète pas lui-même.",
            ),
            models.CheckConstraint(
                condition=Q(refers_to__isnull=True) | Q(duplicate_of__isnull=True),
                name="indicator_refers_or_repeats",
                violation_error_message="Une ligne renvoie à une autre fiche ou répète un indicateur, pas les deux.",
            ),
            years_in_order(
                "valid_from",
                "valid_until",
                name="indicator_validity_in_order",
                message="La validité finit avant de commencer.",
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    def get_absolute_url(self):
        return reverse("indicator", args=[self.scheme.slug, self.code])


class MeasureType(models.TextChoices):
    BOOLEAN = "boolean", "oui / non"
    COUNT = "count", "nombre entier"
    QUANTITY = "quantity", "quantité"
    AMOUNT = "amount", "montant en euros"
    PERCENT = "percent", "pourcentage"
    RATIO = "ratio", "taux (numérateur et dénominateur)"
    CHOICE = "choice", "valeur d’une liste"
    TEXT = "text", "texte"


NUMBER_TYPES = [MeasureType.COUNT, MeasureType.QUANTITY, MeasureType.AMOUNT, MeasureType.PERCENT]


class Sense(models.TextChoices):
    UP = "up", "hausse attendue"
    DOWN = "down", "baisse attendue"


class Computation(models.TextChoices):
    RATIO = "ratio", "taux de deux grandeurs"
    SUM = "sum", "somme de grandeurs"
    EVOLUTION = "evolution", "évolution par rapport à l’année précédente"


class Measure(PlanItem):
    """One quantity of an indicator, and where there is a breakdown one item; entered or computed."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, verbose_name="indicateur")
    name = models.CharField(
        "grandeur", max_length=200, blank=True, help_text="Vide si l’indicateur n’en a qu’une."
    )
    item = models.ForeignKey(
        BreakdownItem, models.RESTRICT, null=True, blank=True, related_name="measures", verbose_name="poste"
    )
    type = models.CharField("type", max_length=8, choices=MeasureType.choices)
    unit = models.CharField("unité", max_length=40, blank=True)
    numerator_label = models.CharField("nom du numérateur", max_length=200, blank=True)
    denominator_label = models.CharField("nom du dénominateur", max_length=200, blank=True)
    choices = models.TextField("valeurs possibles", blank=True, help_text="Une par ligne.")
    sense = models.CharField("sens", max_length=4, choices=Sense.choices, blank=True)
    alternative_to = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="alternatives",
        verbose_name="tient lieu de",
        help_text="L’une ou l’autre grandeur répond : « Oui/Non (ou pourcentage de réalisation) ».",
    )
    computation = models.CharField(
        "calcul",
        max_length=9,
        choices=Computation.choices,
        blank=True,
        help_text="Vide si la valeur est saisie.",
    )
    sources = models.ManyToManyField(
        "self",
        through="MeasureSource",
        symmetrical=False,
        related_name="computed_measures",
        verbose_name="calculée à partir de",
    )
    baseline_from = models.PositiveSmallIntegerField("référence : de", null=True, blank=True)
    baseline_to = models.PositiveSmallIntegerField("référence : à", null=True, blank=True)
    baseline_value = decimal_field("valeur de référence")
    continues = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="continued_by",
        verbose_name="prolonge",
        help_text="La grandeur du schéma précédent, pour retrouver l’année N-1.",
    )
    legal_category = models.ForeignKey(
        LegalCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        verbose_name="catégorie légale",
    )
    legal_basis = models.CharField("assiette", max_length=9, choices=LegalBasis.choices, blank=True)
    buyer = models.ForeignKey(
        Buyer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        verbose_name="acheteur",
        help_text="Dans un schéma partagé, celui dont elle est le chiffre.",
    )
    perimeter = models.TextField("périmètre", blank=True)
    threshold = decimal_field("seuil en euros HT", validators=[MinValueValidator(0)])
    valid_from = models.PositiveSmallIntegerField("valable à partir de", null=True, blank=True)
    valid_until = models.PositiveSmallIntegerField("valable jusqu’à", null=True, blank=True)
    searched = folded("code", "name")

    class Meta(PlanItem.Meta):
        verbose_name = "grandeur"
        default_related_name = "measures"
        constraints = [
            code_unique_in_scheme("measure"),
            models.CheckConstraint(
                condition=Q(type=MeasureType.CHOICE) & ~Q(choices="")
                | ~Q(type=MeasureType.CHOICE) & Q(choices=""),
                name="measure_choices_of_a_choice",
                violation_error_message="Les valeurs possibles se donnent pour le type « valeur d’une liste », et lui seul.",
            ),
            models.CheckConstraint(
                condition=Q(computation="")
                | Q(computation=Computation.RATIO, type=MeasureType.RATIO)
                | Q(computation=Computation.EVOLUTION, type=MeasureType.PERCENT)
                | Q(
                    computation=Computation.SUM,
                    type__in=[MeasureType.COUNT, MeasureType.QUANTITY, MeasureType.AMOUNT],
                ),
                name="measure_computation_fits_type",
                violation_error_message=(
                    "Un taux calculé est de type taux, une évolution est un pourcentage, une somme est un nombre."
                ),
            ),
            models.CheckConstraint(
                condition=Q(legal_basis="", legal_category__isnull=True)
                | ~Q(legal_basis="") & Q(legal_category__isnull=False),
                name="measure_legal_basis_with_category",
                violation_error_message="La catégorie légale et son assiette se donnent ensemble.",
            ),
            models.CheckConstraint(
                condition=Q(threshold__isnull=True) | Q(threshold__gte=0),
                name="measure_threshold_not_negative",
                violation_error_message="Un seuil n’est pas négatif.",
            ),
            not_itself(
                "alternative_to",
                name="measure_not_own_alternative",
                message="Une grandeur ne tient pas lieu d’elle-même.",
            ),
            not_itself(
                "continues", name="measure_not_own_past", message="Une grandeur ne se prolonge pas elle-même."
            ),
            years_in_order(
                "baseline_from",
                "baseline_to",
                name="measure_baseline_in_order",
                message="La période de référence finit avant de commencer.",
            ),
            years_in_order(
                "valid_from",
                "valid_until",
                name="measure_validity_in_order",
                message="La validité finit avant de commencer.",
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.label}"

    @property
    def label(self):
        """Which quantity and which item: « Nombre de dons », « Collèges », or the indicator's own words."""
        parts = [self.name, str(self.item) if self.item_id else ""]
        return ", ".join(part for part in parts if part) or self.indicator.name

    @property
    def is_computed(self):
        return bool(self.computation)

    @property
    def shown_unit(self):
        """The unit that is printed: that of the type goes without saying."""
        return self.unit or {MeasureType.PERCENT: "%", MeasureType.RATIO: "%", MeasureType.AMOUNT: "€"}.get(
            self.type, ""
        )

    @property
    def baseline(self):
        """« référence 2010-2019 : 12,5 % », or nothing."""
        years = "-".join(str(year) for year in dict.fromkeys((self.baseline_from, self.baseline_to)) if year)
        value = ""
        if self.baseline_value is not None:
            value = with_unit(
                format_number(self.baseline_value), plural(self.shown_unit, self.baseline_value)
            )
        said = f"{NO_BREAK}: ".join(part for part in (years, value) if part)
        return f"référence {said}" if said else ""

    @property
    def choice_list(self):
        return [line.strip() for line in self.choices.splitlines() if line.strip()]


class MeasureSource(models.Model):
    """One source of a computed measure; of a rate, position 0 is the numerator and 1 the denominator."""

    organisation_path = "measure__scheme__organisation"

    measure = models.ForeignKey(
        Measure, models.CASCADE, related_name="source_links", verbose_name="grandeur calculée"
    )
    source = models.ForeignKey(Measure, models.RESTRICT, related_name="uses", verbose_name="à partir de")
    position = models.PositiveSmallIntegerField("rang", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "source d’une grandeur"
        verbose_name_plural = "sources d’une grandeur"
        ordering = ["measure", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "position"],
                name="measure_source_position_unique",
                violation_error_message="Deux sources d’un calcul ont le même rang.",
            ),
            models.CheckConstraint(
                condition=~Q(measure=F("source")),
                name="measure_source_not_itself",
                violation_error_message="Une grandeur ne se calcule pas à partir d’elle-même.",
            ),
        ]

    def __str__(self):
        return f"{self.measure.code} ← {self.source.code}"
