"""By what another system speaks to the API: a named credential of an organisation, of which only a digest is kept."""

import hashlib
import secrets

from django.conf import settings
from django.db import models

from actions.models.organisation import Organisation, Role
from actions.scoping import ScopedQuerySet

KIND = "spaser"  # the first word of every token: a scanner of leaked secrets knows it by that


class Scope(models.TextChoices):
    """What a credential may do; the account that it acts as holds the role of the same name."""

    READ = Role.API_READ.value, "lecture"
    WRITE = Role.API_WRITE.value, "lecture et saisie des relevés"


def digest_of(secret):
    """The digest that is stored. The secret is random and long: a slow hash would protect it no better."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token():
    """(prefix, secret, token): the token is shown once; its prefix is what it is known by afterwards."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    return prefix, secret, f"{KIND}_{prefix}_{secret}"


class CredentialQuerySet(ScopedQuerySet):
    def of_token(self, token):
        """The credential of a token, with its account; None when there is none of that secret."""
        kind, _, rest = token.partition("_")
        prefix, _, secret = rest.partition("_")
        if kind != KIND or not prefix.isalnum() or not secret.isascii():
            return None
        row = self.select_related("account").filter(prefix=prefix).first()
        matches = row is not None and secrets.compare_digest(row.digest, digest_of(secret))
        return row if matches else None


class Credential(models.Model):
    """A named, scoped, expiring key of an organisation. What it does is signed by an account of its own."""

    organisation_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="credentials", verbose_name="collectivité"
    )
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="credential", verbose_name="compte technique"
    )
    name = models.CharField(
        "nom", max_length=100, help_text="Le système qui s’en sert, par exemple « SIS Marchés »."
    )
    scope = models.CharField("droits", max_length=11, choices=Scope.choices, default=Scope.READ)
    prefix = models.CharField("début", max_length=8, unique=True)
    digest = models.CharField("empreinte", max_length=64)
    created_at = models.DateTimeField("créée le")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="créée par"
    )
    expires_on = models.DateField("valable jusqu’au")
    revoked_at = models.DateTimeField("révoquée le", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="révoquée par",
    )
    last_used_at = models.DateTimeField("dernier usage", null=True, blank=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        verbose_name = "clé d’accès"
        verbose_name_plural = "clés d’accès"
        ordering = ["organisation", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                condition=models.Q(revoked_at__isnull=True),
                name="credential_name_unique",
                violation_error_message="Une clé de la collectivité porte déjà ce nom.",
            ),
            models.CheckConstraint(
                condition=models.Q(scope__in=Scope.values),
                name="credential_scope_known",
                violation_error_message="Droits inconnus.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def may_write(self):
        return self.scope == Scope.WRITE

    def refusal(self, on):
        """Why it opens nothing on the date `on`, as a French sentence; "" when it does."""
        if self.revoked_at is not None or not self.account.is_active:
            return "Cette clé d’accès est révoquée."
        if on > self.expires_on:
            return f"Cette clé d’accès a expiré le {self.expires_on:%d/%m/%Y}."
        return ""

    def note_use(self, at):
        """Remember that it was used, to the minute: most requests write nothing."""
        if self.last_used_at is None or (at - self.last_used_at).total_seconds() >= 60:
            Credential.objects.filter(pk=self.pk).update(last_used_at=at)
            self.last_used_at = at

    def state(self, on):
        """« active », « expirée » or « révoquée »."""
        if self.revoked_at is not None:
            return "révoquée"
        return "expirée" if on > self.expires_on else "active"
