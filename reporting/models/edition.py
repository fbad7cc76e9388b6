"""What is published: an edition freezes its data and files, and never changes again.

The database keeps it so (`reporting.frozen_rows`): of a published row only `public` may change.
"""

from django.conf import settings
from django.db import models
from django.urls import reverse

from actions.models import Organisation
from actions.scoping import ScopedQuerySet, organisations_of
from indicators.models import Campaign


class EditionKind(models.TextChoices):
    BILAN = "bilan", "bilan annuel"
    LEGAL = "legal", "publication Climat et résilience"


class EditionQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """What is published: to the members of the organisation, and to anyone what was made public."""
        return self.filter(models.Q(public=True) | models.Q(organisation__in=organisations_of(user)))


class EditionFileQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(edition__in=Edition.objects.visible_to(user))


class Edition(models.Model):
    """A frozen, numbered, published bilan or legal publication, of one or more campaigns."""

    organisation_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="editions", verbose_name="collectivité"
    )
    kind = models.CharField("nature", max_length=5, choices=EditionKind.choices)
    slug = models.SlugField(
        "identifiant", max_length=100, help_text="Commun aux versions d’une même édition."
    )
    version = models.PositiveSmallIntegerField("version", default=1)
    title = models.CharField("titre", max_length=300)
    campaigns = models.ManyToManyField(Campaign, related_name="editions", verbose_name="campagnes")
    data = models.JSONField("données figées")
    correction_note = models.TextField("ce que corrige cette version", blank=True)
    first_year = models.PositiveSmallIntegerField("première année des données", null=True)
    last_year = models.PositiveSmallIntegerField("dernière année des données", null=True)
    public = models.BooleanField("lisible sans compte", default=False)
    published_at = models.DateTimeField("publiée le")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="publiée par"
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = "édition"
        ordering = ["organisation", "-published_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "slug", "version"],
                name="edition_version_unique",
                violation_error_message="Cette version de l’édition existe déjà.",
            ),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(correction_note=""),
                name="edition_correction_said",
                violation_error_message="Une nouvelle version dit ce qu’elle corrige.",
            ),
        ]

    def __str__(self):
        return f"{self.title}, version {self.version}"

    def get_absolute_url(self):
        """The permanent address of this version; the organisation should be fetched with it."""
        return reverse("edition", args=[self.organisation.slug, self.slug, self.version])

    @property
    def is_legal(self):
        return self.kind == EditionKind.LEGAL


def stored_path(row, filename):
    """Where a file of an edition is stored: its name there is that of its content."""
    return f"editions/{row.sha256[:2]}/{row.sha256}"


class EditionFile(models.Model):
    """One file of an edition, with the SHA-256 of its bytes."""

    organisation_path = "edition__organisation"

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="files", verbose_name="édition")
    name = models.CharField("nom du fichier", max_length=200)
    content_type = models.CharField("type", max_length=100)
    file = models.FileField("fichier", upload_to=stored_path)
    sha256 = models.CharField("empreinte", max_length=64)
    size = models.PositiveBigIntegerField("taille en octets")

    objects = EditionFileQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier d’une édition"
        verbose_name_plural = "fichiers d’une édition"
        ordering = ["edition", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "name"],
                name="edition_file_name_unique",
                violation_error_message="L’édition a déjà un fichier de ce nom.",
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where it is downloaded; the edition and its organisation should be fetched with it."""
        edition = self.edition
        return reverse(
            "edition_file", args=[edition.organisation.slug, edition.slug, edition.version, self.name]
        )


class Posting(models.Model):
    """Where a published edition was put online, and since when: the law asks that it be, wherever that is."""

    organisation_path = "edition__organisation"

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="postings", verbose_name="édition")
    address = models.URLField("adresse", max_length=500)
    posted_on = models.DateField("mise en ligne le")
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="notée par"
    )

    objects = EditionFileQuerySet.as_manager()

    class Meta:
        verbose_name = "mise en ligne"
        verbose_name_plural = "mises en ligne"
        ordering = ["edition", "posted_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "address"],
                name="posting_unique",
                violation_error_message="Cette adresse est déjà notée.",
            )
        ]

    def __str__(self):
        return self.address
