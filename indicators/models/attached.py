"""What hangs from a report: evidence files, remarks on its lines, what somebody typed and has not saved yet."""

from django.conf import settings
from django.db import models

from indicators.models.indicator import Measure
from indicators.models.report import OfReportQuerySet, Reading, Report


class PreparationQuerySet(OfReportQuerySet):
    def visible_to(self, user):
        """How a sheet is made is between the steering team and the directions involved, whatever its status."""
        return self.filter(report__in=Report.objects.prepared_with(user))


def evidence_path(evidence, filename):
    """A stored name that owes nothing to what the user typed: report, content hash and a known extension."""
    extension = filename.rpartition(".")[2].lower()
    suffix = f".{extension}" if extension.isalnum() and len(extension) <= 5 else ""
    return f"evidence/{evidence.report_id}/{evidence.sha256}{suffix}"


class Evidence(models.Model):
    """A file that supports a report, or one reading of it."""

    organisation_path = "report__campaign__scheme__organisation"

    report = models.ForeignKey(Report, models.CASCADE, related_name="evidence", verbose_name="fiche annuelle")
    reading = models.ForeignKey(
        Reading, models.SET_NULL, null=True, blank=True, related_name="evidence", verbose_name="relevé"
    )
    name = models.CharField("nom du fichier", max_length=200)
    file = models.FileField("fichier", upload_to=evidence_path)
    sha256 = models.CharField("empreinte", max_length=64)
    size = models.PositiveBigIntegerField("taille en octets")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="ajouté par"
    )
    added_at = models.DateTimeField("ajouté le")

    objects = PreparationQuerySet.as_manager()

    class Meta:
        verbose_name = "justificatif"
        ordering = ["report", "added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "sha256"],
                name="evidence_unique",
                violation_error_message="Ce fichier est déjà joint à la fiche.",
            )
        ]

    def __str__(self):
        return self.name


class Remark(models.Model):
    """A question, an answer or a point to correct, on a report or on one of its lines."""

    organisation_path = "report__campaign__scheme__organisation"

    report = models.ForeignKey(Report, models.CASCADE, related_name="remarks", verbose_name="fiche annuelle")
    measure = models.ForeignKey(
        Measure, models.RESTRICT, null=True, blank=True, related_name="remarks", verbose_name="grandeur"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="remarks", verbose_name="auteur"
    )
    written_at = models.DateTimeField("écrite le")
    text = models.TextField("texte")
    asks_correction = models.BooleanField(
        "demande une correction", default=False, help_text="La fiche a été renvoyée pour cela."
    )

    objects = PreparationQuerySet.as_manager()

    class Meta:
        verbose_name = "remarque"
        ordering = ["report", "written_at", "pk"]

    def __str__(self):
        return self.text[:60]


class PendingEntry(models.Model):
    """What a person typed in a sheet and has not saved, or could not: kept as typed, for that person alone.

    `data` maps the names of the form's fields to what was typed in them.
    """

    organisation_path = "report__campaign__scheme__organisation"

    report = models.ForeignKey(
        Report, models.CASCADE, related_name="pending_entries", verbose_name="fiche annuelle"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="pending_entries", verbose_name="utilisateur"
    )
    data = models.JSONField("saisie", default=dict, blank=True)
    typed_at = models.DateTimeField("tapée le")

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = "saisie en attente"
        verbose_name_plural = "saisies en attente"
        ordering = ["report", "user", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "user"],
                name="pending_entry_unique",
                violation_error_message="Cette personne a déjà une saisie en attente sur la fiche.",
            )
        ]

    def __str__(self):
        return f"{self.report}, {self.user}"
