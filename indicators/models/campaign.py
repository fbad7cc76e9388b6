"""A year of data of a scheme: its campaign, the passages and highlights of its synthesis."""

from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.models import Action, Scheme
from actions.models.organisation import Originated
from actions.scoping import ScopedQuerySet


def as_demonstration(text):
    """`text`, said to be invented: « 2026 (démonstration) »."""
    return f"{text} (démonstration)"


class CampaignKind(models.TextChoices):
    COLLECTION = "collection", "collecte"
    REFERENCE = "reference", "référence"


class Period(models.TextChoices):
    YEAR = "year", "année"
    HALF = "half", "premier semestre"


def campaign_key(year, period):
    return str(year) if period == Period.YEAR else f"{year}-S1"


class Phase(models.TextChoices):
    """Where a campaign stands on a day; what may be written follows from it (`indicators.perms`)."""

    REFERENCE = "reference", "année de référence"
    PLANNED = "planned", "à venir"
    OPEN = "open", "ouverte"
    CORRECTION = "correction", "en correction"
    CLOSED = "closed", "close"


class Campaign(Originated):
    """One year of data of a scheme; `year` is that of the data. A reference campaign chases nobody."""

    organisation_path = "scheme__organisation"

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="campaigns", verbose_name="schéma")
    year = models.PositiveSmallIntegerField(
        "année des données", validators=[MinValueValidator(1990), MaxValueValidator(2100)]
    )
    period = models.CharField("période", max_length=4, choices=Period.choices, default=Period.YEAR)
    kind = models.CharField(
        "nature", max_length=10, choices=CampaignKind.choices, default=CampaignKind.COLLECTION
    )
    opens_on = models.DateField("ouverture", null=True, blank=True)
    closes_on = models.DateField("clôture", null=True, blank=True)
    corrections_until = models.DateField("fin des corrections", null=True, blank=True)
    closed_at = models.DateTimeField(
        "close le", null=True, blank=True, help_text="Close par l’équipe de pilotage, avant la date ou après."
    )
    demonstration = models.BooleanField(
        "démonstration", default=False, help_text="Ses valeurs sont inventées, et le disent partout."
    )
    synthesis = models.TextField("synthèse générale", blank=True)
    source_note = models.TextField("à éclaircir", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "campagne de saisie"
        verbose_name_plural = "campagnes de saisie"
        ordering = ["scheme", "-year", "period", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "year", "period"],
                name="campaign_unique",
                violation_error_message="Ce schéma a déjà une campagne pour cette période.",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True)
                | Q(closes_on__isnull=True)
                | Q(opens_on__lte=F("closes_on")),
                name="campaign_opens_before_closing",
                violation_error_message="La clôture précède l’ouverture.",
            ),
            models.CheckConstraint(
                condition=Q(corrections_until__isnull=True)
                | Q(closes_on__isnull=False, corrections_until__gte=F("closes_on")),
                name="campaign_corrections_after_closing",
                violation_error_message="Les corrections finissent après la clôture, qui doit être fixée.",
            ),
            models.CheckConstraint(
                condition=~Q(kind=CampaignKind.REFERENCE)
                | Q(
                    opens_on__isnull=True,
                    closes_on__isnull=True,
                    corrections_until__isnull=True,
                    closed_at__isnull=True,
                ),
                name="campaign_reference_has_no_dates",
                violation_error_message="Une campagne de référence n’a pas de dates : personne n’y est attendu.",
            ),
        ]

    def __str__(self):
        """« 2026 », « 2026, premier semestre », and wherever it is named that its values are invented, when they are."""
        name = str(self.year) if self.period == Period.YEAR else f"{self.year}, {self.get_period_display()}"
        return as_demonstration(name) if self.demonstration else name

    @property
    def key(self):
        """« 2026 », « 2026-S1 »: the campaign in addresses and files."""
        return campaign_key(self.year, self.period)

    def get_absolute_url(self):
        return reverse("campaign", args=[self.scheme.slug, self.key])

    def phase(self, on):
        """The Phase on the date `on`. Dates are inclusive; one closed by hand is no longer open, whatever its dates.

        Without an opening date it is still to come until the year after its data is over; then it is closed, as one that
        was known from a document.
        """
        if self.kind == CampaignKind.REFERENCE:
            return Phase.REFERENCE
        if self.closed_at is None and self.opens_on is None:
            return Phase.PLANNED if on.year <= self.year + 1 else Phase.CLOSED
        if self.closed_at is None:
            if on < self.opens_on:
                return Phase.PLANNED
            if self.closes_on is None or on <= self.closes_on:
                return Phase.OPEN
        return Phase.CORRECTION if self.corrections_until and on <= self.corrections_until else Phase.CLOSED


class CampaignPassage(Originated):
    """A passage of a published bilan that belongs to the year, not to an action: heading and text, in order."""

    organisation_path = "campaign__scheme__organisation"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="passages", verbose_name="campagne")
    position = models.PositiveSmallIntegerField("rang", default=0)
    heading = models.CharField("titre", max_length=300)
    text = models.TextField("texte", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "passage de la synthèse"
        verbose_name_plural = "passages de la synthèse"
        ordering = ["campaign", "position", "pk"]

    def __str__(self):
        return self.heading


def picture_path(highlight, filename):
    """Where a picture is stored, under a name that owes nothing to the one that it was sent with."""
    return f"highlights/{uuid4().hex}.jpg"


class Highlight(Originated):
    """A remarkable action of the year (« zoom »)."""

    organisation_path = "campaign__scheme__organisation"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="highlights", verbose_name="campagne")
    action = models.ForeignKey(Action, models.CASCADE, related_name="highlights", verbose_name="action")
    position = models.PositiveSmallIntegerField("rang", default=0)
    title = models.CharField("titre", max_length=300, blank=True)
    text = models.TextField("texte")
    picture = models.FileField("image", upload_to=picture_path, blank=True)
    picture_alt = models.CharField(
        "ce que montre l’image",
        max_length=300,
        blank=True,
        help_text="Pour qui ne la voit pas.",
    )
    picture_credit = models.CharField("crédit", max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "zoom"
        ordering = ["campaign", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "action"],
                name="highlight_unique",
                violation_error_message="Cette action a déjà son zoom dans la campagne.",
            ),
            models.CheckConstraint(
                condition=Q(picture="") | ~Q(picture_alt=""),
                name="highlight_picture_described",
                violation_error_message="Dites ce que montre l’image, pour qui ne la voit pas.",
            ),
        ]

    def __str__(self):
        return self.title or str(self.action)
