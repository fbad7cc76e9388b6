"""What should be reached, by when, and where a series breaks."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from actions.models import Action, Pillar, PlanItem
from actions.models.plan import code_unique_in_scheme, years_in_order
from actions.scoping import ScopedQuerySet
from indicators.models.indicator import Measure, decimal_field
from spaser.french import format_number, plural, with_unit


class Comparison(models.TextChoices):
    AT_LEAST = "at_least", "au moins"
    AT_MOST = "at_most", "au plus"
    EQUAL = "equal", "égal à"
    BETWEEN = "between", "entre"
    INCREASE = "increase", "augmenter"
    DECREASE = "decrease", "diminuer"
    QUALITATIVE = "qualitative", "en mots"


NUMERIC_COMPARISONS = [Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.EQUAL, Comparison.BETWEEN]


class Target(PlanItem):
    """What should be reached, by when: of a measure, or of an action or pillar until it is tied to one."""

    OWNERS = ("measure", "action", "pillar")

    measure = models.ForeignKey(Measure, models.CASCADE, null=True, blank=True, verbose_name="grandeur")
    action = models.ForeignKey(Action, models.CASCADE, null=True, blank=True, verbose_name="action")
    pillar = models.ForeignKey(Pillar, models.CASCADE, null=True, blank=True, verbose_name="pilier")
    comparison = models.CharField("sens", max_length=11, choices=Comparison.choices)
    value = decimal_field("valeur")
    value_max = decimal_field("valeur haute", help_text="Pour « entre ».")
    unit = models.CharField("unité", max_length=40, blank=True)
    year = models.PositiveSmallIntegerField("échéance", null=True, blank=True)
    each_year = models.BooleanField("chaque année", default=False)
    stage = models.CharField("étape sans année", max_length=100, blank=True)
    relative = models.BooleanField(
        "par rapport à la référence",
        default=False,
        help_text="« -40 % » par rapport à une période de référence.",
    )
    baseline_from = models.PositiveSmallIntegerField("référence : de", null=True, blank=True)
    baseline_to = models.PositiveSmallIntegerField("référence : à", null=True, blank=True)
    words = models.TextField("mots imprimés", blank=True)
    set_by = models.ForeignKey(
        "actions.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="fixée par"
    )
    set_on = models.DateField("fixée le", null=True, blank=True)

    class Meta(PlanItem.Meta):
        verbose_name = "cible"
        default_related_name = "targets"
        ordering = ["scheme", "position", "year", "pk"]
        constraints = [
            code_unique_in_scheme("target"),
            models.CheckConstraint(
                condition=Q(measure__isnull=False, action__isnull=True, pillar__isnull=True)
                | Q(measure__isnull=True, action__isnull=False, pillar__isnull=True)
                | Q(measure__isnull=True, action__isnull=True, pillar__isnull=False),
                name="target_one_owner",
                violation_error_message="Une cible est celle d’une grandeur, d’une action ou d’un pilier, et d’un seul.",
            ),
            models.CheckConstraint(
                condition=Q(comparison__in=NUMERIC_COMPARISONS, value__isnull=False)
                | ~Q(comparison__in=NUMERIC_COMPARISONS) & Q(value__isnull=True),
                name="target_value_fits_comparison",
                violation_error_message="« Au moins », « au plus », « égal à » et « entre » demandent une valeur ; les autres, des mots.",
            ),
            models.CheckConstraint(
                condition=Q(comparison=Comparison.BETWEEN, value_max__isnull=False, value_max__gte=F("value"))
                | ~Q(comparison=Comparison.BETWEEN) & Q(value_max__isnull=True),
                name="target_range_in_order",
                violation_error_message="« Entre » demande deux valeurs, dans l’ordre ; les autres, une seule.",
            ),
            models.CheckConstraint(
                condition=~Q(value__isnull=True, words=""),
                name="target_says_something",
                violation_error_message="Une cible a une valeur ou des mots.",
            ),
            models.CheckConstraint(
                condition=Q(stage="") | Q(year__isnull=True),
                name="target_stage_or_year",
                violation_error_message="Une cible a une année ou une étape sans année, pas les deux.",
            ),
            years_in_order(
                "baseline_from",
                "baseline_to",
                name="target_baseline_in_order",
                message="La période de référence finit avant de commencer.",
            ),
        ]

    def __str__(self):
        return self.words or self.figure

    @property
    def figure(self):
        """« au moins 12,5 % en 2028 », « entre 10 et 20 dossiers chaque année »: what the numbers say."""
        unit = self.unit or (self.measure.shown_unit if self.measure else "")
        numbers = [number for number in (self.value, self.value_max) if number is not None]
        values = " et ".join(format_number(number) for number in numbers)
        parts = [
            self.get_comparison_display(),
            with_unit(values, plural(unit, numbers[-1])) if numbers else "",
        ]
        parts.append(f"en {self.year}" if self.year else self.stage)
        parts.append("chaque année" if self.each_year else "")
        return " ".join(part for part in parts if part)

    @property
    def owner(self):
        return self.measure or self.action or self.pillar


class SeriesBreak(models.Model):
    """A year from which a measure's definition differs: what is before does not compare with what is after."""

    organisation_path = "measure__scheme__organisation"

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="breaks", verbose_name="grandeur")
    year = models.PositiveSmallIntegerField(
        "à partir de", validators=[MinValueValidator(1990), MaxValueValidator(2100)]
    )
    note = models.TextField("ce qui change")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "rupture de série"
        verbose_name_plural = "ruptures de série"
        ordering = ["measure", "year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "year"],
                name="series_break_unique",
                violation_error_message="Une rupture est déjà notée cette année-là.",
            )
        ]

    def __str__(self):
        return f"{self.measure.code}, {self.year}"
