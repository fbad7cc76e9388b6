"""The legal figures that no measure of a plan follows, and that the steering team gives itself."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from actions.models import Buyer
from actions.scoping import ScopedQuerySet
from indicators.models import LegalBasis, LegalCategory
from indicators.models.indicator import decimal_field


class LegalFigure(models.Model):
    """Of one buyer, legal category, basis and year: the figures, or why they are not followed.

    `numerator` and `denominator` are contracts or euros excluding tax, as `basis` says; `unfilled` counts those of the
    denominator of which nobody said whether they belong to the category.
    """

    organisation_path = "buyer__organisation"

    buyer = models.ForeignKey(Buyer, models.CASCADE, related_name="legal_figures", verbose_name="acheteur")
    category = models.ForeignKey(
        LegalCategory, models.PROTECT, related_name="figures", verbose_name="catégorie légale"
    )
    basis = models.CharField("assiette", max_length=9, choices=LegalBasis.choices)
    year = models.PositiveSmallIntegerField(
        "année", validators=[MinValueValidator(1990), MaxValueValidator(2100)]
    )
    numerator = decimal_field("numérateur", validators=[MinValueValidator(0)])
    denominator = decimal_field("dénominateur", validators=[MinValueValidator(0)])
    unfilled = decimal_field("non renseignés", validators=[MinValueValidator(0)])
    target = decimal_field("cible en %", validators=[MinValueValidator(0)])
    target_year = models.PositiveSmallIntegerField("échéance de la cible", null=True, blank=True)
    threshold = decimal_field("seuil en euros HT", validators=[MinValueValidator(0)])
    perimeter = models.TextField("périmètre", blank=True)
    source = models.CharField("source", max_length=300, blank=True)
    extracted_on = models.DateField("données extraites le", null=True, blank=True)
    not_followed = models.TextField(
        "pourquoi elle n’est pas suivie",
        blank=True,
        help_text="Imprimé tel quel dans la publication, à la place des chiffres.",
    )
    demonstration = models.BooleanField("démonstration", default=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="donné par"
    )
    changed_at = models.DateTimeField("donné le")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "chiffre légal"
        verbose_name_plural = "chiffres légaux"
        ordering = ["buyer", "category", "basis", "year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["buyer", "category", "basis", "year"],
                name="legal_figure_unique",
                violation_error_message="Ce chiffre est déjà donné.",
            ),
            models.CheckConstraint(
                condition=Q(not_followed="") | Q(numerator__isnull=True, denominator__isnull=True),
                name="legal_figure_or_reason",
                violation_error_message="Donnez les chiffres ou la raison pour laquelle ils ne sont pas suivis, pas les deux.",
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True)
                | Q(denominator__isnull=True)
                | Q(numerator__lte=F("denominator")),
                name="legal_figure_part_of_whole",
                violation_error_message="Le numérateur dépasse le dénominateur.",
            ),
        ]

    def __str__(self):
        return f"{self.buyer}, {self.category}, {self.get_basis_display()}, {self.year}"
