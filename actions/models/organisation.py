"""Who runs a plan: organisations, their buyers and directions, the people and the roles that they hold."""

from pathlib import PurePath
from uuid import uuid4

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.scoping import ScopedQuerySet, UserQuerySet
from spaser.folding import folded

code_validator = RegexValidator(
    r"^[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*$",
    "Un code s’écrit avec des lettres sans accent, des chiffres, « - » et « . ».",
)


class Origin(models.TextChoices):
    """Who says so: the printed document, or the steering team on the site."""

    DOCUMENT = "document", "document"
    SITE = "site", "site"


class Originated(models.Model):
    """What a document may print and the site may add: which of the two this row comes from."""

    origin = models.CharField("origine", max_length=8, choices=Origin.choices, default=Origin.SITE)

    class Meta:
        abstract = True


colour_validator = RegexValidator(
    r"^#[0-9a-f]{6}\Z",
    "Écrivez la couleur avec # et six chiffres ou lettres de a à f, par exemple #1f5380.",
)


def logo_path(organisation, filename):
    """Where a logo is stored, under a name that owes nothing to the one that it was sent with."""
    return f"logos/{uuid4().hex}.png"


class Organisation(models.Model):
    """The public authority that runs a plan, with the name, logo and colour under which its pages stand."""

    organisation_path = ""

    slug = models.SlugField("identifiant", unique=True, max_length=80)
    name = models.CharField("nom", max_length=200)
    allows_self_validation = models.BooleanField(
        "une même personne peut soumettre et valider",
        default=False,
        help_text="Pour les petites équipes. Sinon, qui a soumis une fiche ne la valide pas.",
    )
    logo = models.FileField("logo", upload_to=logo_path, blank=True)
    accent = models.CharField(
        "couleur",
        max_length=7,
        blank=True,
        validators=[colour_validator],
        help_text="Sous la forme #1f5380. Sans couleur, la collectivité prend celle du site.",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "collectivité"
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name

    @property
    def logo_version(self):
        """What tells this logo from the former ones in its address."""
        return PurePath(self.logo.name).stem[:8]


class Buyer(models.Model):
    """A legal person that buys; the law asks for the figures of each."""

    organisation_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="buyers", verbose_name="collectivité"
    )
    code = models.CharField("code", max_length=40, validators=[code_validator])
    name = models.CharField("nom", max_length=200)
    siret = models.CharField(
        "SIRET",
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^\d{14}$", "Un SIRET a 14 chiffres.")],
    )
    position = models.PositiveSmallIntegerField("rang", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "acheteur"
        ordering = ["organisation", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "code"],
                name="buyer_code_unique",
                violation_error_message="Ce code est déjà celui d’un autre acheteur de la collectivité.",
            ),
            models.UniqueConstraint(
                fields=["organisation", "siret"],
                condition=~Q(siret=""),
                name="buyer_siret_unique",
                violation_error_message="Ce SIRET est déjà celui d’un autre acheteur de la collectivité.",
            ),
        ]

    def __str__(self):
        return self.name


class DirectionKind(models.TextChoices):
    DIRECTION = "direction", "direction"
    SERVICE = "service", "service"
    MISSION = "mission", "mission"
    UNIT = "unit", "cellule ou équipe"
    NETWORK = "network", "réseau"
    POLE = "pole", "pôle"
    COLLECTIVE = "collective", "ensemble de services"
    PARTNER = "partner", "partenaire extérieur"


class Direction(Originated):
    """A direction, service, mission, network or outside partner that pilots or supports actions."""

    organisation_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="directions", verbose_name="collectivité"
    )
    code = models.CharField("sigle", max_length=40, validators=[code_validator])
    name = models.CharField("nom", max_length=200)
    kind = models.CharField(
        "nature", max_length=10, choices=DirectionKind.choices, default=DirectionKind.DIRECTION
    )
    note = models.TextField("note", blank=True)
    active = models.BooleanField("en activité", default=True)
    succeeded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="devenue",
        help_text="La direction qui a repris ses missions.",
    )
    searched = folded("code", "name")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "direction"
        ordering = ["organisation", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "code"],
                name="direction_code_unique",
                violation_error_message="Ce sigle est déjà celui d’une autre direction de la collectivité.",
            ),
            models.CheckConstraint(
                condition=Q(succeeded_by=None) | ~Q(succeeded_by=F("id")),
                name="direction_not_own_successor",
                violation_error_message="Une direction ne se succède pas à elle-même.",
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.code})"

    def get_absolute_url(self):
        """Its page; the organisation should be fetched with it."""
        return reverse("direction", args=[self.organisation.slug, self.code])

    @property
    def is_partner(self):
        return self.kind == DirectionKind.PARTNER


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Accounts are known by their e-mail address, kept in lower case."""

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.clean_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email=self.clean_email(email))

    @staticmethod
    def clean_email(email):
        return email.strip().lower()


class User(AbstractUser):
    """A person, who logs in by e-mail address."""

    username = None
    email = models.EmailField(
        "adresse électronique",
        unique=True,
        error_messages={"unique": "Un compte existe déjà pour cette adresse."},
    )
    wants_reminders = models.BooleanField(
        "reçoit les rappels",
        default=True,
        help_text="Une fiche renvoyée est toujours annoncée à qui doit la corriger.",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        verbose_name = "utilisateur"
        ordering = ["last_name", "first_name", "email"]

    def __str__(self):
        return self.get_full_name() or self.email

    def clean(self):
        self.email = UserManager.clean_email(self.email)


class Role(models.TextChoices):
    """What a member is; people hold the first four (`PEOPLE_ROLES`)."""

    PILOT = "pilot", "pilote"
    CONTRIBUTOR = "contributor", "contributeur"
    STEERING = "steering", "équipe de pilotage"
    COPIL = "copil", "membre du COPIL"
    API_READ = "api_read", "client de l’API, en lecture"
    API_WRITE = "api_write", "client de l’API, qui saisit des relevés"


DIRECTION_ROLES = [Role.PILOT, Role.CONTRIBUTOR]
API_ROLES = [Role.API_READ, Role.API_WRITE]  # of the accounts of credentials; nobody is given them
PEOPLE_ROLES = [role for role in Role if role not in API_ROLES]


class Membership(models.Model):
    """The role that a person holds in an organisation, or in one of its directions."""

    organisation_path = "organisation"

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="utilisateur")
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="memberships", verbose_name="collectivité"
    )
    direction = models.ForeignKey(
        Direction, models.CASCADE, null=True, blank=True, related_name="memberships", verbose_name="direction"
    )
    role = models.CharField("rôle", max_length=11, choices=Role.choices)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "habilitation"
        ordering = ["organisation", "user", "role", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=DIRECTION_ROLES, direction__isnull=False)
                | Q(role__in=[Role.STEERING, Role.COPIL, *API_ROLES], direction__isnull=True),
                name="membership_role_level",
                violation_error_message=(
                    "Un pilote ou un contributeur l’est d’une direction ; l’équipe de pilotage et le COPIL, "
                    "de la collectivité entière."
                ),
            ),
            models.UniqueConstraint(
                fields=["user", "direction", "role"],
                condition=Q(direction__isnull=False),
                name="membership_in_direction_unique",
                violation_error_message="Cette personne a déjà ce rôle dans cette direction.",
            ),
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(direction__isnull=True),
                name="membership_in_organisation_unique",
                violation_error_message="Cette personne a déjà ce rôle dans cette collectivité.",
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_role_display()} ({self.direction or self.organisation})"
