"""What people are told by e-mail: notices of what happened to a sheet, and the reminders of a campaign."""

from django.conf import settings
from django.db import models

from actions.scoping import ScopedQuerySet
from indicators.models.campaign import Campaign
from indicators.models.report import OfReportQuerySet, Report


class NoticeKind(models.TextChoices):
    RETURNED = "returned", "fiche renvoyée"
    SUBMITTED = "submitted", "fiche soumise"
    REMARK = "remark", "question ou réponse"


class Notice(models.Model):
    """Something that happened to a report and that one person is told; waits until `sent_at`."""

    organisation_path = "report__campaign__scheme__organisation"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name="destinataire"
    )
    report = models.ForeignKey(Report, models.CASCADE, related_name="notices", verbose_name="fiche annuelle")
    kind = models.CharField("nature", max_length=9, choices=NoticeKind.choices)
    text = models.TextField("texte", blank=True)
    made_at = models.DateTimeField("faite le")
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        ordering = ["made_at", "pk"]

    def __str__(self):
        return f"{self.get_kind_display()} : {self.report}"


class Occasion(models.TextChoices):
    """When a campaign reminds: at its opening, before its closing, after it."""

    OPENING = "opening", "ouverture"
    BEFORE_30 = "before_30", "30 jours avant la clôture"
    BEFORE_7 = "before_7", "7 jours avant la clôture"
    BEFORE_1 = "before_1", "la veille de la clôture"
    AFTER_1 = "after_1", "le lendemain de la clôture"
    AFTER_7 = "after_7", "7 jours après la clôture"
    AFTER_30 = "after_30", "30 jours après la clôture"


class Reminder(models.Model):
    """One reminder of a campaign sent to one person, once for each occasion."""

    organisation_path = "campaign__scheme__organisation"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", verbose_name="destinataire"
    )
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reminders", verbose_name="campagne")
    occasion = models.CharField("occasion", max_length=9, choices=Occasion.choices)
    sent_at = models.DateTimeField("envoyé le")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "rappel"
        ordering = ["sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "campaign", "occasion"],
                name="reminder_unique",
                violation_error_message="Ce rappel est déjà parti.",
            )
        ]

    def __str__(self):
        return f"{self.campaign}, {self.get_occasion_display()}"
