"""The plan: Scheme > Pillar > Objective > Action (and its lettered parts), with what each sheet prints."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.models.organisation import Direction, Organisation, Originated, code_validator
from actions.scoping import ScopedQuerySet
from spaser.folding import folded
from spaser.french import NO_BREAK


def years_in_order(first, last, *, name, message):
    """The constraint that year `first` does not come after year `last`, when both are known."""
    condition = Q(**{f"{first}__isnull": True}) | Q(**{f"{last}__isnull": True})
    condition |= Q(**{f"{first}__lte": F(last)})
    return models.CheckConstraint(condition=condition, name=name, violation_error_message=message)


def code_unique_in_scheme(model_name):
    """The constraint that a code is cited once in a scheme."""
    return models.UniqueConstraint(
        fields=["scheme", "code"],
        name=f"{model_name}_code_unique",
        violation_error_message="Ce code est déjà utilisé dans le schéma.",
    )


def not_itself(field, *, name, message):
    """The constraint that a row does not point at itself."""
    condition = Q(**{f"{field}__isnull": True}) | ~Q(**{field: F("id")})
    return models.CheckConstraint(condition=condition, name=name, violation_error_message=message)


class Scheme(models.Model):
    """One SPASER: its period, its level names, its adoption, and the counts that it declares of itself."""

    organisation_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="schemes", verbose_name="collectivité"
    )
    slug = models.SlugField("identifiant", unique=True, max_length=80)
    title = models.CharField("titre", max_length=300)
    starts_year = models.PositiveSmallIntegerField("première année", null=True, blank=True)
    ends_year = models.PositiveSmallIntegerField("dernière année", null=True, blank=True)
    pillar_label = models.CharField(
        "nom du premier niveau",
        max_length=40,
        blank=True,
        help_text="« Pilier », « Axe »… ; vide si le document n’en donne pas.",
    )
    objective_label = models.CharField("nom du deuxième niveau", max_length=40, default="Objectif")
    action_label = models.CharField("nom du troisième niveau", max_length=40, default="Action")
    part_label = models.CharField("nom des parties d’une action", max_length=40, default="Volet")
    step_label = models.CharField("nom des étapes", max_length=40, default="Étape")
    pilot_label = models.CharField("titre des pilotes", max_length=60, default="Pilotage")
    support_label = models.CharField("titre des appuis", max_length=60, default="Appui")
    partner_label = models.CharField("titre des partenaires", max_length=60, default="Partenaires")
    purpose_label = models.CharField(
        "titre de l’objectif d’une fiche", max_length=60, blank=True, default="Objectif"
    )
    implementation_label = models.CharField(
        "titre de la mise en œuvre", max_length=60, blank=True, default="Mise en œuvre"
    )
    declared_pillars = models.PositiveSmallIntegerField("nombre de piliers annoncé", null=True, blank=True)
    declared_objectives = models.PositiveSmallIntegerField(
        "nombre d’objectifs annoncé", null=True, blank=True
    )
    declared_actions = models.PositiveSmallIntegerField("nombre d’actions annoncé", null=True, blank=True)
    adoption_text = models.TextField(
        "adoption", blank=True, help_text="Ce que le document dit de son adoption."
    )
    adopted_on = models.DateField("adopté le", null=True, blank=True)
    deliberation = models.CharField("délibération", max_length=100, blank=True)
    published_url = models.URLField("publié à l’adresse", blank=True)
    predecessor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors", verbose_name="succède à"
    )
    source_note = models.TextField("à éclaircir", blank=True, help_text="Ce que le document laisse obscur.")
    searched = folded("title", "adoption_text")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "schéma"
        ordering = ["organisation__name", F("starts_year").desc(nulls_last=True), "pk"]
        constraints = [
            years_in_order(
                "starts_year",
                "ends_year",
                name="scheme_years_in_order",
                message="La dernière année précède la première.",
            ),
            not_itself(
                "predecessor",
                name="scheme_not_own_predecessor",
                message="Un schéma ne se succède pas à lui-même.",
            ),
        ]

    def __str__(self):
        said = str(self.starts_year) in self.title  # many titles end with their years
        return self.title if said else f"{self.title} {self.period}".strip()

    def get_absolute_url(self):
        return reverse("scheme", args=[self.slug])

    @property
    def period(self):
        """« 2026-2029 », « à partir de 2017 », or nothing when the document prints no year."""
        if self.starts_year and self.ends_year:
            return f"{self.starts_year}-{self.ends_year}"
        if self.ends_year:
            return f"jusqu’en {self.ends_year}"
        return f"à partir de {self.starts_year}" if self.starts_year else ""


class SchemeDocument(models.Model):
    """What the document of a scheme said when it was last loaded: the base on which a corrected file is merged."""

    scheme = models.OneToOneField(Scheme, models.CASCADE, related_name="document", verbose_name="schéma")
    entries = models.JSONField("contenu", default=dict)
    loaded_at = models.DateTimeField("chargé le")

    class Meta:
        verbose_name = "document chargé"
        verbose_name_plural = "documents chargés"

    def __str__(self):
        return f"{self.scheme.slug}, {self.loaded_at:%d/%m/%Y}"


class PlanItem(Originated):
    """What every line of a plan has: a code that people cite, a rank, an origin, and its doubts."""

    organisation_path = "scheme__organisation"

    scheme = models.ForeignKey(Scheme, models.CASCADE, verbose_name="schéma")
    code = models.CharField(
        "code", max_length=40, validators=[code_validator], help_text="Unique dans le schéma ; on le cite."
    )
    position = models.PositiveSmallIntegerField("rang", default=0)
    source_note = models.TextField("à éclaircir", blank=True, help_text="Ce que le document laisse obscur.")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["scheme", "position", "pk"]


def titled(heading, title):
    """« Axe 1 : Développer… », or what there is of the two."""
    return f"{heading}{NO_BREAK}: {title}" if heading and title else heading or title


class Pillar(PlanItem):
    """First level: pilier, axe."""

    number = models.CharField("numéro", max_length=20, blank=True)
    title = models.CharField("intitulé", max_length=300)
    introduction = models.TextField("introduction", blank=True)
    searched = folded("code", "title", "introduction")

    class Meta(PlanItem.Meta):
        verbose_name = "pilier"
        default_related_name = "pillars"
        constraints = [code_unique_in_scheme("pillar")]

    def __str__(self):
        return titled(self.heading, self.title)

    @property
    def heading(self):
        """« Axe 1 », or nothing when the document numbers no pillar."""
        return f"{self.scheme.pillar_label} {self.number}".strip() if self.number else ""


class Objective(PlanItem):
    """Second level: objectif, chantier. Untitled where the document has none, and then shown nowhere."""

    pillar = models.ForeignKey(Pillar, models.CASCADE, verbose_name="pilier")
    number = models.CharField("numéro", max_length=20, blank=True)
    title = models.CharField(
        "intitulé",
        max_length=300,
        blank=True,
        help_text="Vide si le document n’a pas ce niveau : rien ne s’affiche.",
    )
    introduction = models.TextField("introduction", blank=True)
    searched = folded("code", "title", "introduction")

    class Meta(PlanItem.Meta):
        verbose_name = "objectif"
        default_related_name = "objectives"
        ordering = ["scheme", "pillar__position", "position", "pk"]
        constraints = [code_unique_in_scheme("objective")]

    def __str__(self):
        return titled(self.heading, self.title) or f"{self.pillar} (sans titre)"

    @property
    def heading(self):
        """« Objectif 2 »; nothing for an untitled objective."""
        return f"{self.scheme.objective_label} {self.number}".strip() if self.title else ""


class Nature(models.TextChoices):
    """What a sheet is; only an action is counted as one."""

    ACTION = "action", "action"
    SHARED = "shared", "données communes"
    TABLE = "table", "tableau"


class Action(PlanItem):
    """The sheet that carries pilots and indicators, or one of its lettered parts (`parent`, one level)."""

    objective = models.ForeignKey(Objective, models.CASCADE, null=True, blank=True, verbose_name="objectif")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="parts", verbose_name="volet de"
    )
    number = models.CharField("numéro", max_length=20, blank=True)
    title = models.CharField("intitulé", max_length=400)
    nature = models.CharField("nature", max_length=6, choices=Nature.choices, default=Nature.ACTION)
    bonus = models.BooleanField("action bonus", default=False)
    purpose = models.TextField("objectif, enjeux", blank=True)
    implementation = models.TextField("mise en œuvre", blank=True)
    expected_results = models.TextField("résultats attendus", blank=True)
    due_text = models.CharField("échéance imprimée", max_length=200, blank=True)
    due_from = models.PositiveSmallIntegerField("échéance : de", null=True, blank=True)
    due_to = models.PositiveSmallIntegerField("échéance : à", null=True, blank=True)
    valid_from = models.PositiveSmallIntegerField("valable à partir de", null=True, blank=True)
    valid_until = models.PositiveSmallIntegerField("valable jusqu’à", null=True, blank=True)
    searched = folded("code", "title", "purpose", "implementation", "expected_results", "due_text")

    class Meta(PlanItem.Meta):
        verbose_name = "action"
        default_related_name = "actions"
        constraints = [
            code_unique_in_scheme("action"),
            models.CheckConstraint(
                condition=Q(objective__isnull=False) | ~Q(nature=Nature.ACTION),
                name="action_has_objective",
                violation_error_message="Une action relève d’un objectif ; seule une fiche de données s’en passe.",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(nature=Nature.ACTION, bonus=False),
                name="action_part_is_plain",
                violation_error_message="Un volet est une action ordinaire : ni bonus, ni fiche de données.",
            ),
            not_itself(
                "parent", name="action_not_own_parent", message="Une action n’est pas son propre volet."
            ),
            years_in_order(
                "due_from",
                "due_to",
                name="action_due_in_order",
                message="L’échéance finit avant de commencer.",
            ),
            years_in_order(
                "valid_from",
                "valid_until",
                name="action_validity_in_order",
                message="La validité finit avant de commencer.",
            ),
        ]

    def __str__(self):
        return titled(self.heading, self.title)

    def get_absolute_url(self):
        return reverse("action", args=[self.scheme.slug, self.code])

    @property
    def heading(self):
        """« Action 3 », « Volet A », « Action bonus », in the scheme's own words."""
        if self.parent_id:
            return f"{self.scheme.part_label} {self.number}".strip()
        if self.nature != Nature.ACTION:
            return ""
        if self.bonus and not self.number:
            return f"{self.scheme.action_label} bonus"
        return f"{self.scheme.action_label} {self.number}".strip()


class Step(PlanItem):
    """A row under an action, with its bullets as steps of its own (`parent`, one level)."""

    action = models.ForeignKey(Action, models.CASCADE, verbose_name="action")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="steps", verbose_name="sous"
    )
    title = models.TextField("intitulé")
    searched = folded("title")

    class Meta(PlanItem.Meta):
        verbose_name = "étape"
        default_related_name = "steps"
        constraints = [
            code_unique_in_scheme("step"),
            not_itself(
                "parent", name="step_not_own_parent", message="Une étape n’est pas sa propre sous-étape."
            ),
        ]

    def __str__(self):
        return self.title


class Passage(Originated):
    """Another passage of the document: a heading and its text, on a scheme, pillar, objective or action."""

    organisation_path = "scheme__organisation"
    OWNERS = ("pillar", "objective", "action")

    scheme = models.ForeignKey(Scheme, models.CASCADE, verbose_name="schéma")
    pillar = models.ForeignKey(Pillar, models.CASCADE, null=True, blank=True, verbose_name="pilier")
    objective = models.ForeignKey(Objective, models.CASCADE, null=True, blank=True, verbose_name="objectif")
    action = models.ForeignKey(Action, models.CASCADE, null=True, blank=True, verbose_name="action")
    position = models.PositiveSmallIntegerField("rang", default=0)
    heading = models.CharField("titre", max_length=300, blank=True)
    text = models.TextField("texte", blank=True)
    searched = folded("heading", "text")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "passage"
        default_related_name = "passages"
        ordering = ["scheme", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pillar__isnull=True, objective__isnull=True)
                | Q(pillar__isnull=True, action__isnull=True)
                | Q(objective__isnull=True, action__isnull=True),
                name="passage_one_owner",
                violation_error_message="Un passage appartient à un seul niveau du plan.",
            ),
            models.CheckConstraint(
                condition=~Q(heading="", text=""),
                name="passage_says_something",
                violation_error_message="Un passage a un titre ou un texte.",
            ),
        ]

    def __str__(self):
        return self.heading or self.text[:60]


class InvolvementRole(models.TextChoices):
    PILOT = "pilot", "pilotage"
    SUPPORT = "support", "appui"
    PARTNER = "partner", "partenariat"


class Involvement(Originated):
    """A direction's part in an action, with the words printed on what it does or brings."""

    organisation_path = "action__scheme__organisation"

    action = models.ForeignKey(Action, models.CASCADE, verbose_name="action")
    direction = models.ForeignKey(Direction, models.PROTECT, verbose_name="direction")
    role = models.CharField("part prise", max_length=7, choices=InvolvementRole.choices)
    note = models.TextField("précision", blank=True)
    position = models.PositiveSmallIntegerField("rang", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "participation"
        default_related_name = "involvements"
        ordering = ["action", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "direction", "role"],
                name="involvement_unique",
                violation_error_message="Cette direction a déjà cette part dans l’action.",
            )
        ]

    def __str__(self):
        return f"{self.direction.code} : {self.get_role_display()}"


class Committee(PlanItem):
    """COPIL and other bodies: who sits, how often, for what."""

    name = models.CharField("nom", max_length=200)
    composition = models.TextField("composition", blank=True)
    frequency = models.CharField("fréquence", max_length=300, blank=True)
    role = models.TextField("rôle", blank=True)
    searched = folded("name", "composition", "frequency", "role")

    class Meta(PlanItem.Meta):
        verbose_name = "instance"
        default_related_name = "committees"
        constraints = [code_unique_in_scheme("committee")]

    def __str__(self):
        return self.name


class Meeting(models.Model):
    """A meeting of a committee, and what it decided."""

    organisation_path = "committee__scheme__organisation"

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="meetings", verbose_name="instance")
    held_on = models.DateField("tenue le")
    decisions = models.TextField("décisions", blank=True)
    searched = folded("decisions")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "réunion"
        ordering = ["committee", "-held_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "held_on"],
                name="meeting_unique",
                violation_error_message="Une réunion de cette instance est déjà notée à cette date.",
            )
        ]

    def __str__(self):
        return f"{self.committee}, {self.held_on:%d/%m/%Y}"
