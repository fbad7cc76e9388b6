"""The plan and the people, as the steering team maintains them. What is shared is in `admin_base`."""

from django.contrib import admin
from django.db.models import Prefetch

from actions.admin_base import (
    DoubtFilter,
    ScopedAdmin,
    StackedRows,
    SteeredFilter,
    TabularRows,
    links,
    list_address,
)
from actions.admin_forms import RowForm
from actions.admin_scope import document_order
from actions.models import (
    Action,
    Committee,
    Involvement,
    InvolvementRole,
    Meeting,
    Objective,
    Passage,
    Pillar,
    Scheme,
    Step,
)

DOUBTS = ("À éclaircir", {"fields": ["source_note"]})
CODED = ["code", "number", "title"]


# The forms: what a row hangs on, and which rows obey rules that look at it


class PillarForm(RowForm):
    owners = ("scheme",)


class ObjectiveForm(RowForm):
    owners = ("pillar",)


class ActionForm(RowForm):
    owners = ("parent", "objective")
    dependents = ("parts", "reports")

    def clean(self):
        self._follow_parent()
        return super().clean()

    def _follow_parent(self):
        """A part comes under the objective of its action, without being told."""
        parent = self.value_of("parent")
        if parent is None:
            return
        if "objective" not in self.fields:
            self.instance.objective = parent.objective
        elif not self.cleaned_data.get("objective"):
            self.cleaned_data["objective"] = parent.objective
        if self.instance._state.adding and parent.pk and parent.reports.exists():
            self.add_error(
                None, "Cette action a déjà des fiches annuelles : elle ne se divise plus en volets."
            )

    def dependent_rows(self):
        rows = super().dependent_rows()
        for row in rows:
            if isinstance(row, Action):
                row.objective = self.instance.objective  # parts move with their action, see `save_model`
        return rows


class StepForm(RowForm):
    owners = ("parent", "action")
    dependents = ("steps", "states")


class PassageForm(RowForm):
    owners = ("action", "objective", "pillar")


class InvolvementForm(RowForm):
    owners = ("action",)


# Rows under another


class PassageRows(StackedRows):
    model = Passage
    form = PassageForm
    fields = [("heading", "position"), "text", "origin_badge"]
    readonly_fields = ["origin_badge"]
    classes = ["collapse"]
    verbose_name_plural = "autres passages du document"


class SchemePassageForm(RowForm):
    owners = ("scheme",)


class SchemePassageRows(PassageRows):
    """The passages of the scheme itself, and not those of its pillars, objectives and actions."""

    form = SchemePassageForm

    def get_queryset(self, request):
        return super().get_queryset(request).filter(pillar=None, objective=None, action=None)


class ObjectiveRows(TabularRows):
    model = Objective
    form = ObjectiveForm
    fields = [*CODED, "position", "origin_badge"]
    readonly_fields = ["origin_badge"]
    list_select_related = ["scheme", "pillar__scheme"]
    show_change_link = True


class ActionRows(TabularRows):
    """The actions of an objective, without their parts."""

    model = Action
    form = ActionForm
    fields = [*CODED, "position", "origin_badge"]
    readonly_fields = ["origin_badge"]
    list_select_related = ["scheme"]
    show_change_link = True

    def get_queryset(self, request):
        return super().get_queryset(request).filter(parent=None)


class PartRows(TabularRows):
    model = Action
    form = ActionForm
    fk_name = "parent"
    fields = [*CODED, "position", "origin_badge"]
    readonly_fields = ["origin_badge"]
    list_select_related = ["scheme"]
    show_change_link = True
    verbose_name = "volet"
    verbose_name_plural = "volets"


class InvolvementRows(TabularRows):
    model = Involvement
    form = InvolvementForm
    fields = ["role", "direction", "note", "position", "origin_badge"]
    readonly_fields = ["origin_badge"]
    list_select_related = ["direction"]
    verbose_name_plural = "pilotes, appuis et partenaires"


class StepRows(TabularRows):
    model = Step
    form = StepForm
    fields = ["code", "title", "parent", "position", "origin_badge"]
    readonly_fields = ["origin_badge"]
    show_change_link = True

    def choices_of(self, db_field, request):
        queryset = super().choices_of(db_field, request)
        if db_field.name == "parent":
            queryset = queryset.filter(action=request.form_row, parent=None)
        return queryset


class MeetingRows(StackedRows):
    model = Meeting
    fields = ["held_on", "decisions"]


# The levels of the plan


@admin.register(Scheme)
class SchemeAdmin(ScopedAdmin):
    list_display = ["title", "organisation", "period", "adopted_on", "goto"]
    list_filter = [("organisation", SteeredFilter), DoubtFilter]
    search_fields = ["title", "slug"]
    list_select_related = ["organisation"]
    prepopulated_fields = {"slug": ["title"]}
    fixed = ("organisation", "slug")
    inlines = [SchemePassageRows]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "organisation",
                    "title",
                    "slug",
                    ("starts_year", "ends_year"),
                    "predecessor",
                    "goto",
                ]
            },
        ),
        (
            "Noms des niveaux",
            {
                "fields": [
                    ("pillar_label", "objective_label", "action_label"),
                    ("part_label", "step_label"),
                ]
            },
        ),
        ("Adoption", {"fields": [("adopted_on", "deliberation"), "published_url", "adoption_text"]}),
        (
            "Ce que le document annonce",
            {"fields": [("declared_pillars", "declared_objectives", "declared_actions")]},
        ),
        DOUBTS,
    ]
    readonly_fields = ["goto"]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    @admin.display(description="période")
    def period(self, obj):
        return obj.period

    @admin.display(description="aller aux")
    def goto(self, obj):
        if obj.pk is None:
            return "–"
        lists = ["actions_pillar", "actions_objective", "actions_action", "actions_committee"]
        lists += ["indicators_indicator", "indicators_target", "indicators_campaign"]
        words = ["piliers", "objectifs", "actions", "instances", "indicateurs", "cibles", "campagnes"]
        pairs = zip(lists, words, strict=True)
        return links((list_address(label, scheme__id__exact=obj.pk), word) for label, word in pairs)


class PlanItemAdmin(ScopedAdmin):
    """A line of a plan. Its scheme is given once, by what it hangs on where that tells."""

    fixed = ("scheme",)
    readonly_fields = ["origin_badge"]
    list_display_links = ["code", "title"]
    list_select_related = ["scheme"]

    def get_fieldsets(self, request, obj=None):
        """On the page of a stored row the scheme comes first; on that of a new one it is left to its owner."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or "scheme" in admin.utils.flatten_fieldsets(fieldsets):
            return fieldsets
        (name, options), *others = fieldsets
        return [(name, {**options, "fields": ["scheme", *options["fields"]]}), *others]


@admin.register(Pillar)
class PillarAdmin(PlanItemAdmin):
    form = PillarForm
    list_display = [*CODED, "scheme", "objectives_link", "origin_badge"]
    list_filter = [("scheme", SteeredFilter), "origin", DoubtFilter]
    search_fields = ["code", "title"]
    ordering = ["scheme", "position", "pk"]
    inlines = [ObjectiveRows, PassageRows]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "scheme",
                    ("code", "number", "position"),
                    "title",
                    "introduction",
                    "origin_badge",
                ]
            },
        ),
        DOUBTS,
    ]

    @admin.display(description="objectifs")
    def objectives_link(self, obj):
        return links([(list_address("actions_objective", pillar__id__exact=obj.pk), "voir")])


@admin.register(Objective)
class ObjectiveAdmin(PlanItemAdmin):
    form = ObjectiveForm
    list_display = ["code", "number", "title_or_none", "pillar", "actions_link", "origin_badge"]
    list_display_links = ["code", "title_or_none"]
    list_filter = [("scheme", SteeredFilter), ("pillar", SteeredFilter), "origin", DoubtFilter]
    search_fields = ["code", "title", "pillar__title"]
    list_select_related = ["scheme", "pillar__scheme"]
    ordering = ["scheme", "pillar__position", "position", "pk"]
    inlines = [ActionRows, PassageRows]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "pillar",
                    ("code", "number", "position"),
                    "title",
                    "introduction",
                    "origin_badge",
                ]
            },
        ),
        DOUBTS,
    ]

    @admin.display(description="intitulé", ordering="title")
    def title_or_none(self, obj):
        return obj.title or "(sans titre)"

    @admin.display(description="actions")
    def actions_link(self, obj):
        return links([(list_address("actions_action", objective__id__exact=obj.pk), "voir")])


@admin.register(Action)
class ActionAdmin(PlanItemAdmin):
    """The sheet. The rooms above add their own rows to `inlines`."""

    form = ActionForm
    list_display = ["code", "title", "pillar", "sort", "pilots", "origin_badge"]
    list_filter = [
        ("scheme", SteeredFilter),
        ("objective__pillar", SteeredFilter),
        "nature",
        "bonus",
        "origin",
        DoubtFilter,
    ]
    search_fields = ["code", "title"]
    list_select_related = ["scheme", "parent", "objective__pillar__scheme"]
    ordering = [*document_order(), "pk"]
    autocomplete_fields = ["objective", "parent"]
    inlines = [InvolvementRows, PartRows, StepRows, PassageRows]
    fieldsets = [
        (
            "Fiche",
            {
                "fields": [
                    "objective",
                    "parent",
                    ("code", "number", "position"),
                    "title",
                    ("nature", "bonus"),
                    "purpose",
                    "implementation",
                    "expected_results",
                    "origin_badge",
                ]
            },
        ),
        ("Échéance", {"fields": ["due_text", ("due_from", "due_to")]}),
        ("Validité", {"fields": [("valid_from", "valid_until")]}),
        DOUBTS,
    ]

    def get_queryset(self, request):
        pilots = Involvement.objects.filter(role=InvolvementRole.PILOT).select_related("direction")
        return super().get_queryset(request).prefetch_related(Prefetch("involvements", pilots, "pilot_rows"))

    def get_fieldsets(self, request, obj=None):
        """A new sheet without an objective (shared data, a table) has to be told its scheme."""
        if obj:
            return super().get_fieldsets(request, obj)
        (name, options), *others = self.fieldsets
        description = "Le schéma ne se choisit que pour une fiche sans objectif ; sinon il suit l’objectif."
        fields = ["scheme", *options["fields"]]
        return [(name, {**options, "fields": fields, "description": description}), *others]

    def get_inlines(self, request, obj):
        """A part has no parts; a new sheet gets its parts and steps once it is there."""
        inlines = super().get_inlines(request, obj)
        if obj is None:
            return [inline for inline in inlines if inline not in (PartRows, StepRows)]
        return [inline for inline in inlines if inline is not PartRows] if obj.parent_id else inlines

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "objective" in form.changed_data:
            Action.objects.filter(parent=obj).update(objective=obj.objective)

    @admin.display(description="nature", ordering="nature")
    def sort(self, obj):
        if obj.parent_id:
            return "volet"
        return "action bonus" if obj.bonus else obj.get_nature_display()

    @admin.display(description="pilier", ordering="objective__pillar__position")
    def pillar(self, obj):
        return obj.objective.pillar if obj.objective else "–"

    @admin.display(description="pilotes")
    def pilots(self, obj):
        return ", ".join(row.direction.code for row in obj.pilot_rows) or "–"


@admin.register(Step)
class StepAdmin(PlanItemAdmin):
    form = StepForm
    list_display = ["code", "title", "action", "parent", "origin_badge"]
    list_filter = [
        ("scheme", SteeredFilter),
        ("action__objective__pillar", SteeredFilter),
        "origin",
        DoubtFilter,
    ]
    search_fields = ["code", "title", "action__code", "action__title"]
    list_select_related = ["scheme", "action__scheme", "parent"]
    ordering = ["scheme", "action__code", "position", "pk"]
    autocomplete_fields = ["action", "parent"]
    fieldsets = [
        (None, {"fields": ["action", "parent", ("code", "position"), "title", "origin_badge"]}),
        DOUBTS,
    ]


@admin.register(Passage)
class PassageAdmin(ScopedAdmin):
    form = PassageForm
    fixed = ("scheme",)
    list_display = ["__str__", "place", "scheme", "position", "origin_badge"]
    list_filter = [("scheme", SteeredFilter), "origin"]
    search_fields = ["heading", "text"]
    list_select_related = ["scheme", "pillar__scheme", "objective__scheme", "objective__pillar__scheme"]
    list_select_related += ["action__scheme"]
    autocomplete_fields = ["pillar", "objective", "action"]
    readonly_fields = ["origin_badge"]
    fieldsets = [
        (
            "Où",
            {
                "fields": ["scheme", "pillar", "objective", "action", "position"],
                "description": "Un seul niveau ; aucun pour un passage du schéma lui-même.",
            },
        ),
        (None, {"fields": ["heading", "text", "origin_badge"]}),
    ]

    @admin.display(description="sur")
    def place(self, obj):
        return obj.action or obj.objective or obj.pillar or "le schéma"


@admin.register(Committee)
class CommitteeAdmin(PlanItemAdmin):
    form = PillarForm
    list_display = ["code", "name", "frequency", "scheme", "origin_badge"]
    list_display_links = ["code", "name"]
    list_filter = [("scheme", SteeredFilter), "origin", DoubtFilter]
    search_fields = ["code", "name"]
    inlines = [MeetingRows]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "scheme",
                    ("code", "position"),
                    "name",
                    "composition",
                    "frequency",
                    "role",
                    "origin_badge",
                ]
            },
        ),
        DOUBTS,
    ]


from actions import admin_people  # noqa: E402, F401  (the people come after the plan in the menu)
