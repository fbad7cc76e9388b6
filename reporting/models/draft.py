"""An edition in preparation: its editorial parts, and how far the making of its files is."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.models import Organisation, Scheme
from actions.scoping import ScopedQuerySet
from reporting.models.edition import Edition, EditionKind

STALLED_AFTER = timedelta(
    minutes=3
)  # the longest step, the PDF of a hundred pages, takes a few tens of seconds


class Making(models.TextChoices):
    """Whether its files are being made: not at all, waiting for the worker, under way, or given up."""

    IDLE = "idle", "en préparation"
    QUEUED = "queued", "en attente de fabrication"
    RUNNING = "running", "en cours de fabrication"
    FAILED = "failed", "fabrication interrompue"


class Purpose(models.TextChoices):
    PREVIEW = "preview", "aperçu"
    PUBLICATION = "publication", "publication"


def preview_path(draft, filename):
    return f"previews/{draft.token}.pdf"


class EditionDraft(models.Model):
    """What the steering team prepares before it becomes an Edition; deleted when that is published.

    `frozen` is the document that files are being made of, as `reporting.editions.frozen` writes it; `token` tells one making
    from another, so that one that was given up cannot finish.
    """

    organisation_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="edition_drafts", verbose_name="collectivité"
    )
    kind = models.CharField("nature", max_length=5, choices=EditionKind.choices)
    scheme = models.ForeignKey(
        Scheme,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="edition_drafts",
        verbose_name="schéma",
        help_text="Celui du bilan. Une publication légale est celle de la collectivité, quels que soient ses schémas.",
    )
    first_year = models.PositiveSmallIntegerField("première année des données")
    last_year = models.PositiveSmallIntegerField("dernière année des données")
    title = models.CharField("titre", max_length=300)
    foreword = models.TextField("avant-propos", blank=True)
    foreword_author = models.CharField(
        "signature", max_length=200, blank=True, help_text="Qui signe l’avant-propos, et à quel titre."
    )
    corrects = models.ForeignKey(
        Edition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections_in_preparation",
        verbose_name="corrige",
    )
    correction_note = models.TextField("ce que corrige cette version", blank=True)
    public = models.BooleanField("lisible sans compte", default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="ouverte par"
    )
    created_at = models.DateTimeField("ouverte le")

    making = models.CharField("fabrication", max_length=7, choices=Making.choices, default=Making.IDLE)
    purpose = models.CharField("en vue de", max_length=11, choices=Purpose.choices, blank=True)
    token = models.UUIDField("fabrication n°", null=True, blank=True)
    step = models.PositiveSmallIntegerField("étapes faites", default=0)
    steps = models.PositiveSmallIntegerField("étapes en tout", default=0)
    doing = models.CharField("étape", max_length=100, blank=True)
    error = models.TextField("ce qui l’a interrompue", blank=True)
    beat_at = models.DateTimeField("dernier signe", null=True, blank=True)
    frozen = models.JSONField("données figées", null=True, blank=True)
    frozen_at = models.DateTimeField("figées le", null=True, blank=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="figées par",
    )
    preview = models.FileField("aperçu", upload_to=preview_path, blank=True)
    preview_at = models.DateTimeField("aperçu des données du", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "édition en préparation"
        verbose_name_plural = "éditions en préparation"
        ordering = ["organisation", "-created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "last_year"],
                condition=Q(kind=EditionKind.BILAN),
                name="draft_bilan_unique",
                violation_error_message="Un bilan de cette année est déjà en préparation pour ce schéma.",
            ),
            models.UniqueConstraint(
                fields=["organisation", "first_year", "last_year"],
                condition=Q(kind=EditionKind.LEGAL),
                name="draft_legal_unique",
                violation_error_message="Une publication de ces années est déjà en préparation.",
            ),
            models.CheckConstraint(
                condition=Q(kind=EditionKind.BILAN, scheme__isnull=False, first_year=F("last_year"))
                | Q(kind=EditionKind.LEGAL, scheme__isnull=True, first_year=F("last_year") - 1),
                name="draft_years_fit_kind",
                violation_error_message=(
                    "Un bilan est celui d’un schéma et d’une année ; une publication légale, de deux années qui se suivent."
                ),
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(correction_note=""),
                name="draft_correction_said",
                violation_error_message="Une nouvelle version dit ce qu’elle corrige.",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("draft", args=[self.pk])

    @property
    def is_legal(self):
        return self.kind == EditionKind.LEGAL

    @property
    def year(self):
        """The year of a bilan; the last one of a legal publication."""
        return self.last_year

    @property
    def slug(self):
        """What all versions of the edition are called in addresses."""
        if self.corrects:
            return self.corrects.slug
        if self.is_legal:
            return f"climat-resilience-{self.first_year}-{self.last_year}"
        return f"bilan-{self.scheme.slug}-{self.year}"

    @property
    def version(self):
        """The number that it will have once published."""
        return self.corrects.version + 1 if self.corrects else 1

    @property
    def is_being_made(self):
        return self.making in (Making.QUEUED, Making.RUNNING)

    @property
    def is_being_published(self):
        """Its data is frozen for good: nothing of it changes until it is published, resumed or given up."""
        return self.purpose == Purpose.PUBLICATION and self.making != Making.IDLE

    def is_stalled(self, at):
        """Has the worker that makes it given no sign for a while at the datetime `at`?"""
        return self.making == Making.RUNNING and self.beat_at < at - STALLED_AFTER
