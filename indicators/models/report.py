"""What is said of a year: Report (one action, its status) > Reading (one measure, its value), and their history."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from actions.models import Action, InvolvementRole, Originated, Role, Step
from actions.models.organisation import DIRECTION_ROLES
from actions.scoping import ScopedQuerySet, organisations_of
from indicators.models.campaign import Campaign
from indicators.models.indicator import PLACES, Measure, decimal_field
from spaser.folding import folded
from spaser.french import format_number, plural, with_unit
from spaser.tracking import Door


class IllegalMove(Exception):
    """The stored status does not allow this move; another one came first, or it was never possible."""


class ActionState(models.TextChoices):
    NOT_STARTED = "not_started", "non engagée"
    ENGAGED = "engaged", "engagée"
    IN_PROGRESS = "in_progress", "en cours"
    DONE = "done", "réalisée"
    SUSPENDED = "suspended", "suspendue"
    ABANDONED = "abandoned", "abandonnée"

    def of(self, count):
        """« engagée », « 3 engagées » : the label agreed with a number of actions."""
        return self.label if count < 2 or self == ActionState.IN_PROGRESS else f"{self.label}s"


class ReportStatus(models.TextChoices):
    DRAFT = "draft", "brouillon"
    SUBMITTED = "submitted", "soumise"
    RETURNED = "returned", "à corriger"
    VALIDATED = "validated", "validée"


class Signed(models.Model):
    """The columns by which a tracked row says who changed it last (see `spaser.tracking`)."""

    version = models.PositiveIntegerField("version", default=1)
    door = models.CharField("porte d’entrée", max_length=8, choices=Door.choices, default=Door.FORM)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="modifié par",
    )
    changed_at = models.DateTimeField("modifié le")
    changed_why = models.TextField("motif", blank=True)

    class Meta:
        abstract = True


class ReportQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Drafts to the steering team, the directions involved and who feeds them; the rest by role (docs: who does what)."""
        settled = [ReportStatus.SUBMITTED, ReportStatus.VALIDATED]
        read_as_direction = Q(
            campaign__scheme__organisation__in=organisations_of(user, *DIRECTION_ROLES, Role.API_READ),
            status__in=settled,
        )
        read_as_copil = Q(
            campaign__scheme__organisation__in=organisations_of(user, Role.COPIL),
            status=ReportStatus.VALIDATED,
        )
        fed = Q(campaign__scheme__organisation__in=organisations_of(user, Role.API_WRITE))
        return self.filter(
            self._steered(user) | read_as_direction | read_as_copil | fed | self._involved(user)
        )

    def prepared_with(self, user):
        """Those whose making `user` may read, remarks and history: the steering team and the directions involved."""
        return self.filter(self._steered(user) | self._involved(user))

    @staticmethod
    def _steered(user):
        return Q(campaign__scheme__organisation__in=organisations_of(user, Role.STEERING))

    def involving(self, user):
        """Those of the actions that the directions of `user` pilot or support."""
        return self.filter(self._involved(user))

    @staticmethod
    def _involved(user):
        if not user.is_authenticated or not user.is_active:
            return Q(pk__in=[])
        directions = user.memberships.filter(role__in=DIRECTION_ROLES).values("direction")
        involved = Action.objects.filter(
            involvements__direction__in=directions,
            involvements__role__in=[InvolvementRole.PILOT, InvolvementRole.SUPPORT],
        )
        involved = involved.values("pk")
        return Q(action__in=involved) | Q(
            action__parent__in=involved
        )  # who pilots an action pilots its parts


class Report(Signed):
    """What the pilots of one action say of one campaign: its state, its narrative, its readings."""

    organisation_path = "campaign__scheme__organisation"
    MOVES = {  # name: (from, to)
        "submit": ({ReportStatus.DRAFT, ReportStatus.RETURNED}, ReportStatus.SUBMITTED),
        "validate": ({ReportStatus.SUBMITTED}, ReportStatus.VALIDATED),
        "send_back": ({ReportStatus.SUBMITTED}, ReportStatus.RETURNED),
        "reopen": ({ReportStatus.VALIDATED}, ReportStatus.RETURNED),
    }
    SECTIONS = ("realisation", "effectiveness", "analysis", "outlook")
    TRACKED = ("campaign", "action", "status", "state", *SECTIONS)

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reports", verbose_name="campagne")
    action = models.ForeignKey(Action, models.RESTRICT, related_name="reports", verbose_name="action")
    status = models.CharField(
        "statut", max_length=9, choices=ReportStatus.choices, default=ReportStatus.DRAFT
    )
    state = models.CharField("état de l’action", max_length=11, choices=ActionState.choices, blank=True)
    realisation = models.TextField("réalisation", blank=True)
    effectiveness = models.TextField("mesure de l’efficacité", blank=True)
    analysis = models.TextField("analyse qualitative", blank=True)
    outlook = models.TextField("perspectives", blank=True)
    source_note = models.TextField("à éclaircir", blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="soumise par",
    )
    submitted_at = models.DateTimeField("soumise le", null=True, blank=True)
    validated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="validée par",
    )
    validated_at = models.DateTimeField("validée le", null=True, blank=True)
    return_reason = models.TextField("motif du renvoi", blank=True)
    searched = folded(*SECTIONS)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche annuelle"
        verbose_name_plural = "fiches annuelles"
        ordering = ["campaign", "action__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "action"],
                name="report_unique",
                violation_error_message="Cette action a déjà sa fiche dans la campagne.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ReportStatus.values),
                name="report_status_known",
                violation_error_message="Statut inconnu.",
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.DRAFT, submitted_at__isnull=True)
                | Q(status=ReportStatus.RETURNED)
                | Q(status__in=[ReportStatus.SUBMITTED, ReportStatus.VALIDATED])
                & (Q(submitted_at__isnull=False) | Q(door=Door.DOCUMENT)),
                name="report_submission_stamped",
                violation_error_message="Une fiche soumise ou validée dit quand elle l’a été ; un brouillon, non.",
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.VALIDATED)
                & (Q(validated_at__isnull=False) | Q(door=Door.DOCUMENT))
                | ~Q(status=ReportStatus.VALIDATED) & Q(validated_at__isnull=True, validated_by__isnull=True),
                name="report_validation_stamped",
                violation_error_message="Une fiche validée, et elle seule, dit quand elle l’a été.",
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.RETURNED) & ~Q(return_reason="")
                | ~Q(status=ReportStatus.RETURNED) & Q(return_reason=""),
                name="report_return_has_reason",
                violation_error_message="Une fiche renvoyée dit pourquoi.",
            ),
        ]

    def __str__(self):
        return f"{self.action} ({self.campaign})"

    def get_absolute_url(self):
        return reverse("report", args=[self.campaign.scheme.slug, self.campaign.key, self.action.code])

    @property
    def sections(self):
        """[(name, text)] of the narrative."""
        return [(name, getattr(self, name)) for name in self.SECTIONS]

    @property
    def narrative(self):
        """[(French label, text)] of the sections that say something."""
        labels = {name: self._meta.get_field(name).verbose_name.capitalize() for name in self.SECTIONS}
        return [(labels[name], text) for name, text in self.sections if text]

    def submit(self, *, by, at, door=Door.FORM, why=""):
        """Hand the report in: draft or returned → submitted; `why` says in whose stead."""
        self._move(
            "submit", by=by, at=at, door=door, why=why, submitted_by=by, submitted_at=at, return_reason=""
        )

    def validate(self, *, by, at, door=Door.FORM):
        """Accept the report: submitted → validated. Who submitted does not, unless the organisation allows it."""
        # asked of the stored row, as the status is: the page may have been shown before the submission
        allowed = Q() if self.campaign.scheme.organisation.allows_self_validation else ~Q(submitted_by=by)
        self._move("validate", by=by, at=at, door=door, only=allowed, validated_by=by, validated_at=at)

    def send_back(self, *, by, at, why, door=Door.FORM):
        """Ask for corrections: submitted → returned, with a reason."""
        self._move("send_back", by=by, at=at, door=door, why=why, return_reason=why)

    def reopen(self, *, by, at, why, door=Door.FORM):
        """Take a validation back: validated → returned, with a reason."""
        stamps = {"validated_by": None, "validated_at": None}
        self._move("reopen", by=by, at=at, door=door, why=why, return_reason=why, **stamps)

    @transaction.atomic
    def _move(self, name, *, by, at, door, why="", only=Q(), **stamps):  # noqa: B008  # a Q is never changed
        """Take one line of MOVES in a single conditional UPDATE; the trigger writes the history."""
        sources, target = self.MOVES[name]
        if "return_reason" in stamps and target == ReportStatus.RETURNED and not why.strip():
            raise IllegalMove(name)
        moved = Report.objects.filter(only, pk=self.pk, status__in=sources).update(
            status=target,
            version=F("version") + 1,
            changed_by=by,
            changed_at=at,
            changed_why=why,
            door=door,
            **stamps,
        )
        if not moved:
            raise IllegalMove(name)
        self.refresh_from_db()


class OfReportQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """What hangs from the reports that `user` may see."""
        return self.filter(report__in=Report.objects.visible_to(user))


class StepState(models.Model):
    """The state of one step of the action, as given in one report."""

    organisation_path = "report__campaign__scheme__organisation"

    report = models.ForeignKey(
        Report, models.CASCADE, related_name="step_states", verbose_name="fiche annuelle"
    )
    step = models.ForeignKey(Step, models.RESTRICT, related_name="states", verbose_name="étape")
    state = models.CharField("état", max_length=11, choices=ActionState.choices)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = "état d’une étape"
        verbose_name_plural = "états des étapes"
        ordering = ["report", "step__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "step"],
                name="step_state_unique",
                violation_error_message="L’état de cette étape est déjà donné.",
            )
        ]

    def __str__(self):
        return f"{self.step} : {self.get_state_display()}"


class ExtraFigure(Originated):
    """A figure of a report that answers no indicator, paired across years by its heading and label."""

    organisation_path = "report__campaign__scheme__organisation"

    report = models.ForeignKey(
        Report, models.CASCADE, related_name="extra_figures", verbose_name="fiche annuelle"
    )
    position = models.PositiveSmallIntegerField("rang", default=0)
    heading = models.CharField("titre du tableau", max_length=200, blank=True)
    label = models.CharField("intitulé", max_length=300)
    value = decimal_field("valeur")
    decimals = models.PositiveSmallIntegerField(
        "décimales", default=0, validators=[MaxValueValidator(PLACES)]
    )
    unit = models.CharField("unité", max_length=40, blank=True)
    qualifier = models.CharField("nuance", max_length=60, blank=True, help_text="« environ », « plus de »…")
    note = models.TextField("précision", blank=True)
    searched = folded("heading", "label", "note")

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = "autre donnée chiffrée"
        verbose_name_plural = "autres données chiffrées"
        ordering = ["report", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "heading", "label"],
                name="extra_figure_unique",
                violation_error_message="Cette donnée est déjà dans la fiche.",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False),
                name="extra_figure_has_value",
                violation_error_message="Une donnée chiffrée a une valeur.",
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def display(self):
        """« plus de 34 000 heures »."""
        text = with_unit(format_number(self.value, self.decimals), plural(self.unit, self.value))
        return f"{self.qualifier} {text}".strip()


class Missing(models.TextChoices):
    """A stated reason why there is no value. Missing is not zero, and neither counts as the other."""

    NOT_AVAILABLE = "not_available", "non disponible"
    NOT_APPLICABLE = "not_applicable", "sans objet"


class Reading(Signed):
    """The value of one measure in one report, or a stated reason why there is none."""

    organisation_path = "report__campaign__scheme__organisation"
    VALUES = ("number", "numerator", "denominator", "boolean", "text")
    TRACKED = (
        "report",
        "measure",
        *VALUES,
        "decimals",
        "missing",
        "missing_note",
        "qualifier",
        "comment",
        "as_of",
        "source",
        "unfilled",
        "confirmed",
    )

    # PROTECT twice: nothing that is deleted elsewhere takes a reading with it
    report = models.ForeignKey(Report, models.PROTECT, related_name="readings", verbose_name="fiche annuelle")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="readings", verbose_name="grandeur")
    number = decimal_field("valeur")
    numerator = decimal_field("numérateur", validators=[MinValueValidator(0)])
    denominator = decimal_field("dénominateur", validators=[MinValueValidator(0)])
    boolean = models.BooleanField("oui / non", null=True, blank=True)
    text = models.TextField("texte", blank=True)
    decimals = models.PositiveSmallIntegerField(
        "décimales saisies",
        default=0,
        validators=[MaxValueValidator(PLACES)],
        help_text="« 23,30 » le reste.",
    )
    missing = models.CharField("pas de valeur", max_length=14, choices=Missing.choices, blank=True)
    missing_note = models.TextField("pourquoi", blank=True)
    qualifier = models.CharField("nuance", max_length=60, blank=True, help_text="« environ », « plus de »…")
    comment = models.TextField("commentaire", blank=True)
    as_of = models.DateField("situation au", null=True, blank=True)
    source = models.CharField("source", max_length=300, blank=True)
    unfilled = models.PositiveIntegerField(
        "non renseignés",
        null=True,
        blank=True,
        help_text="Pour un compte de contrats : combien ne sont pas renseignés.",
    )
    confirmed = models.BooleanField(
        "valeur confirmée", default=False, help_text="Surprenante, mais exacte : le commentaire dit pourquoi."
    )

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = "relevé"
        ordering = ["report", "measure__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "measure"],
                name="reading_unique",
                violation_error_message="Cette grandeur a déjà son relevé dans la fiche.",
            ),
            models.CheckConstraint(
                condition=Q(missing="")
                | Q(
                    number__isnull=True,
                    numerator__isnull=True,
                    denominator__isnull=True,
                    boolean__isnull=True,
                    text="",
                ),
                name="reading_value_or_reason",
                violation_error_message="Un relevé a une valeur, ou une raison de n’en pas avoir, pas les deux.",
            ),
            models.CheckConstraint(
                condition=Q(missing_note="") | ~Q(missing=""),
                name="reading_note_with_reason",
                violation_error_message="L’explication accompagne « non disponible » ou « sans objet ».",
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True, boolean__isnull=True, text="")
                | Q(number__isnull=True, boolean__isnull=True, text="")
                | Q(number__isnull=True, numerator__isnull=True, denominator__isnull=True, text="")
                | Q(
                    number__isnull=True,
                    numerator__isnull=True,
                    denominator__isnull=True,
                    boolean__isnull=True,
                ),
                name="reading_one_kind_of_value",
                violation_error_message="Un relevé a une seule sorte de valeur.",
            ),
            models.CheckConstraint(
                condition=(Q(numerator__isnull=True) | Q(numerator__gte=0))
                & (Q(denominator__isnull=True) | Q(denominator__gte=0)),
                name="reading_terms_not_negative",
                violation_error_message="Les termes d’un taux ne sont pas négatifs.",
            ),
            models.CheckConstraint(
                condition=Q(decimals__lte=PLACES),
                name="reading_decimals_bounded",
                violation_error_message=f"Au plus {PLACES} décimales.",
            ),
        ]

    def __str__(self):
        return f"{self.measure.code} ({self.report.campaign})"


class Change(Signed):
    """One line of history, written by the database: the tracked fields before and after."""

    before = models.JSONField("avant", null=True)
    after = models.JSONField("après", null=True)

    class Meta:
        abstract = True
        ordering = ["pk"]


class ReportChange(Change):
    report = models.ForeignKey(
        Report, models.DO_NOTHING, db_constraint=False, related_name="changes", verbose_name="fiche annuelle"
    )

    class Meta(Change.Meta):
        verbose_name = "modification d’une fiche"
        verbose_name_plural = "modifications des fiches"

    def __str__(self):
        return f"{self.report_id}, version {self.version}"


class ReadingChange(Change):
    reading = models.ForeignKey(
        Reading, models.DO_NOTHING, db_constraint=False, related_name="changes", verbose_name="relevé"
    )

    class Meta(Change.Meta):
        verbose_name = "modification d’un relevé"
        verbose_name_plural = "modifications des relevés"

    def __str__(self):
        return f"{self.reading_id}, version {self.version}"
