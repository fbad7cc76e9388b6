"""What an organisation adds to the pages of the site that everybody reads: help, news, accessibility, legal notice, privacy."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.models.organisation import Organisation
from actions.scoping import ScopedQuerySet


class PageName(models.TextChoices):
    """The pages, by the names that their addresses and files have."""

    HELP = "aide", "Aide"
    NEWS = "nouveautes", "Nouveautés"
    ACCESSIBILITY = "accessibilite", "Accessibilité"
    LEGAL_NOTICE = "mentions-legales", "Mentions légales"
    PRIVACY = "confidentialite", "Données personnelles"

    @property
    def address(self):
        return reverse(self.name.lower())


class Overtaken(Exception):
    """Somebody else saved the text meanwhile: `theirs` is what is stored now."""

    def __init__(self, theirs):
        super().__init__(theirs)
        self.theirs = theirs


class OrganisationPageQuerySet(ScopedQuerySet):
    def published(self, page):
        """The texts that anybody may read on `page`, whoever wrote them: these pages ask for no login."""
        return self.filter(page=page).exclude(text="").select_related("organisation")

    def write(self, *, organisation, page, text, seen, by, at):
        """Store `text` over the version `seen` (0: there was none yet), and return the row.

        Raises Overtaken when another version is stored, unless it says the same.
        """
        signed = {"text": text, "changed_by": by, "changed_at": at}
        rows = self.filter(organisation=organisation, page=page)
        if rows.filter(version=seen).exclude(text=text).update(version=F("version") + 1, **signed):
            return rows.get()
        stored, made = self.get_or_create(organisation=organisation, page=page, defaults=signed)
        if not made and stored.text != text:
            raise Overtaken(stored)
        return stored


class OrganisationPage(models.Model):
    """The text of one organisation on one page, in Markdown; empty when it has been taken back."""

    organisation_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="pages", verbose_name="collectivité"
    )
    page = models.CharField("page", max_length=16, choices=PageName.choices)
    text = models.TextField("texte", blank=True)
    version = models.PositiveIntegerField("version", default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="modifié par"
    )
    changed_at = models.DateTimeField("modifié le")

    objects = OrganisationPageQuerySet.as_manager()

    class Meta:
        verbose_name = "texte d’une page"
        verbose_name_plural = "textes des pages"
        ordering = ["organisation", "page", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "page"],
                name="organisation_page_unique",
                violation_error_message="La collectivité a déjà un texte sur cette page.",
            ),
            models.CheckConstraint(
                condition=Q(page__in=PageName.values),
                name="organisation_page_known",
                violation_error_message="Cette page n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1),
                name="organisation_page_version",
                violation_error_message="La première version a le numéro 1.",
            ),
        ]

    def __str__(self):
        return f"{self.get_page_display()} ({self.organisation})"
