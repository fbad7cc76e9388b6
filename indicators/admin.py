"""Indicators, measures, targets and campaigns, as the steering team maintains them; what is read of them is in
`admin_reports`."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import Truncator

from actions.admin import DOUBTS, ActionAdmin, PillarForm, PlanItemAdmin
from actions.admin_base import (
    DoubtFilter,
    ScopedAdmin,
    StackedRows,
    SteeredFilter,
    TabularRows,
    links,
    list_address,
)
from actions.admin_forms import RowForm, RowFormSet
from actions.admin_scope import document_order
from indicators.models import (
    Breakdown,
    BreakdownItem,
    Campaign,
    CampaignPassage,
    Highlight,
    Indicator,
    LegalCategory,
    Measure,
    MeasureSource,
    SeriesBreak,
    Target,
)
from indicators.rules import SOURCES, has_its_sources

VALIDITY = ("Validité", {"fields": [("valid_from", "valid_until")]})


# The forms: what a row hangs on, and which rows obey rules that look at it


class IndicatorForm(RowForm):
    owners = ("action",)
    dependents = ("duplicates",)  # its readings are looked at with its measures, on the same page


class MeasureForm(RowForm):
    owners = ("indicator",)
    dependents = ("readings", "uses", "alternatives", "remarks")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].help_text = "Vide : celui de l’indicateur, quand il n’a qu’une grandeur."

    def clean(self):
        indicator = self.value_of("indicator")
        if "code" not in self.errors and not self.cleaned_data.get("code") and indicator is not None:
            self.cleaned_data["code"] = indicator.code
        return super().clean()


class MeasureRowForm(MeasureForm):
    """A measure on its indicator's page, where its sources and targets are not at hand."""

    dependents = (*MeasureForm.dependents, "source_links", "targets")

    def _post_clean(self):
        super()._post_clean()
        if "computation" in self.changed_data and "computation" not in self.errors:
            count = self.instance.source_links.count() if self.instance.pk else 0
            if not has_its_sources(self.instance, count):
                self.add_error("computation", f"{SOURCES} Donnez-les à la page de la grandeur.")


class MeasureSourceForm(RowForm):
    owners = ("measure",)


class MeasureSourceFormSet(RowFormSet):
    """The sources of a computed measure, as many as its computation takes."""

    def clean(self):
        super().clean()
        if not any(self.errors) and not has_its_sources(self.instance, len(self.kept_forms())):
            raise ValidationError(SOURCES)


class TargetForm(RowForm):
    owners = ("measure", "action", "pillar")


class BreakdownItemForm(RowForm):
    owners = ("breakdown",)


class CampaignForm(RowForm):
    dependents = ("reports",)


class HighlightForm(RowForm):
    owners = ("campaign",)


class LegalCategoryForm(RowForm):
    """A category of an organisation has none of the codes of the law, by which open data tells them apart."""

    owners = ("organisation",)

    def clean_code(self):
        code = self.cleaned_data["code"]
        of_the_law = LegalCategory.objects.filter(organisation=None, code=code).exclude(pk=self.instance.pk)
        if of_the_law.exists():
            raise ValidationError("Ce code est celui d’une catégorie de la loi.")
        return code


# Rows under another


class IndicatorRows(TabularRows):
    """The indicators of an action, in brief; the rest is on their own pages."""

    model = Indicator
    form = IndicatorForm
    fk_name = "action"
    fields = ["code", "name", "kind", "position", "origin_badge"]
    readonly_fields = ["origin_badge"]
    show_change_link = True


ActionAdmin.inlines.insert(1, IndicatorRows)


class MeasureRows(StackedRows):
    model = Measure
    form = MeasureRowForm
    fk_name = "indicator"
    list_select_related = ["indicator", "item"]
    readonly_fields = ["origin_badge"]
    show_change_link = True
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("code", "position", "origin_badge"),
                    ("name", "item"),
                    ("type", "unit", "sense"),
                    "choices",
                    ("numerator_label", "denominator_label"),
                ]
            },
        ),
        (
            "Référence, calcul et validité",
            {
                "classes": ["collapse"],
                "fields": [
                    ("baseline_from", "baseline_to", "baseline_value"),
                    ("computation", "alternative_to"),
                    ("valid_from", "valid_until"),
                ],
            },
        ),
        (
            "Publication légale",
            {
                "classes": ["collapse"],
                "fields": [("legal_category", "legal_basis"), "buyer", "perimeter", "threshold"],
            },
        ),
        ("À éclaircir", {"classes": ["collapse"], "fields": ["source_note"]}),
    ]

    def choices_of(self, db_field, request):
        return measure_choices(super().choices_of(db_field, request), db_field, request.form_row)


def measure_choices(queryset, db_field, indicator):
    """Within an indicator that is known: its own measures, and the items of its breakdown."""
    if indicator is None:
        return queryset
    if db_field.name == "item":
        return queryset.filter(breakdown=indicator.breakdown_id)
    return queryset.filter(indicator=indicator) if db_field.name == "alternative_to" else queryset


class MeasureSourceRows(TabularRows):
    model = MeasureSource
    form = MeasureSourceForm
    formset = MeasureSourceFormSet
    fk_name = "measure"
    fields = ["source", "position"]
    autocomplete_fields = ["source"]
    list_select_related = ["measure", "source__indicator", "source__item"]
    verbose_name_plural = "calculée à partir de (d’un taux : le numérateur, puis le dénominateur)"


class TargetRows(StackedRows):
    model = Target
    form = TargetForm
    readonly_fields = ["origin_badge", "set_by", "set_on"]
    list_select_related = ["set_by"]
    show_change_link = True
    classes = ["collapse"]
    fields = [
        ("code", "position", "origin_badge"),
        ("comparison", "value", "value_max", "unit"),
        ("year", "each_year", "stage"),
        ("relative", "baseline_from", "baseline_to"),
        "words",
        ("set_by", "set_on"),
    ]


class SeriesBreakRows(TabularRows):
    model = SeriesBreak
    fields = ["year", "note"]
    list_select_related = ["measure"]


class BreakdownItemRows(TabularRows):
    model = BreakdownItem
    form = BreakdownItemForm
    fields = ["code", "name", "valid_from", "valid_until", "position", "origin_badge"]
    readonly_fields = ["origin_badge"]


class HighlightRows(StackedRows):
    model = Highlight
    form = HighlightForm
    fields = ["action", ("title", "position"), "text", "origin_badge"]
    readonly_fields = ["origin_badge"]
    autocomplete_fields = ["action"]
    list_select_related = ["action__scheme"]


class CampaignPassageRows(StackedRows):
    model = CampaignPassage
    form = HighlightForm
    fields = [("heading", "position"), "text", "origin_badge"]
    readonly_fields = ["origin_badge"]


# Indicators and measures


@admin.register(Indicator)
class IndicatorAdmin(PlanItemAdmin):
    form = IndicatorForm
    list_display = ["code", "words", "action", "kind", "measures_link", "origin_badge"]
    list_display_links = ["code", "words"]
    list_filter = [
        ("scheme", SteeredFilter),
        ("action__objective__pillar", SteeredFilter),
        "kind",
        "origin",
        DoubtFilter,
    ]
    search_fields = ["code", "name", "action__code", "action__title"]
    list_select_related = ["scheme", "action__scheme"]
    ordering = [*document_order("action__"), "position", "pk"]
    autocomplete_fields = ["action", "breakdown", "refers_to", "duplicate_of"]
    inlines = [MeasureRows]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "action",
                    ("code", "kind", "position"),
                    "name",
                    "definition",
                    "breakdown",
                    "origin_badge",
                ]
            },
        ),
        ("Renvois", {"classes": ["collapse"], "fields": ["refers_to", "duplicate_of"]}),
        VALIDITY,
        DOUBTS,
    ]

    @admin.display(description="intitulé", ordering="name")
    def words(self, obj):
        return Truncator(obj.name).chars(120)

    @admin.display(description="grandeurs")
    def measures_link(self, obj):
        return links([(list_address("indicators_measure", indicator__id__exact=obj.pk), "voir")])


@admin.register(Measure)
class MeasureAdmin(PlanItemAdmin):
    form = MeasureForm
    list_display = ["code", "quantity", "sort", "unit", "legal_category", "origin_badge"]
    list_display_links = ["code", "quantity"]
    list_filter = [
        ("scheme", SteeredFilter),
        ("indicator__action__objective__pillar", SteeredFilter),
        "type",
        "computation",
        ("legal_category", SteeredFilter),
        "origin",
        DoubtFilter,
    ]
    search_fields = ["code", "name", "indicator__code", "indicator__name"]
    list_select_related = ["scheme", "indicator", "item", "legal_category"]
    ordering = [
        *document_order("indicator__action__"),
        "indicator__position",
        "position",
        "pk",
    ]
    autocomplete_fields = ["indicator", "alternative_to", "continues"]
    inlines = [MeasureSourceRows, TargetRows, SeriesBreakRows]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "indicator",
                    ("code", "position"),
                    ("name", "item"),
                    ("type", "unit", "sense"),
                    "choices",
                    ("numerator_label", "denominator_label"),
                    "alternative_to",
                    "computation",
                    "origin_badge",
                ]
            },
        ),
        ("Référence", {"fields": [("baseline_from", "baseline_to", "baseline_value"), "continues"]}),
        (
            "Publication légale",
            {"fields": [("legal_category", "legal_basis"), "buyer", "perimeter", "threshold"]},
        ),
        VALIDITY,
        DOUBTS,
    ]

    def choices_of(self, db_field, request):
        measure = request.form_row
        queryset = super().choices_of(db_field, request)
        return measure_choices(queryset, db_field, measure.indicator if measure else None)

    def save_formset(self, request, form, formset, change):
        for row in formset.forms:
            if isinstance(row.instance, Target) and row.instance._state.adding:
                sign(row.instance, request)
        super().save_formset(request, form, formset, change)

    @admin.display(description="grandeur", ordering="name")
    def quantity(self, obj):
        return Truncator(obj.label).chars(120)

    @admin.display(description="type", ordering="type")
    def sort(self, obj):
        return f"{obj.get_type_display()}, calculé" if obj.is_computed else obj.get_type_display()


def sign(target, request):
    """Who sets a target on the site, and when."""
    target.set_by, target.set_on = request.user, timezone.localdate()


@admin.register(Target)
class TargetAdmin(PlanItemAdmin):
    form = TargetForm
    list_display = ["code", "says", "owner", "year", "stage", "origin_badge"]
    list_display_links = ["code", "says"]
    list_filter = [("scheme", SteeredFilter), "comparison", "each_year", "origin", DoubtFilter]
    search_fields = ["code", "words", "measure__code", "action__code", "pillar__code"]
    list_select_related = [
        "scheme",
        "measure__indicator",
        "measure__item",
        "action__scheme",
        "pillar__scheme",
        "set_by",
    ]
    ordering = ["scheme", "code", "pk"]
    autocomplete_fields = ["measure", "action", "pillar"]
    readonly_fields = ["origin_badge", "set_by", "set_on"]
    fieldsets = [
        (
            "De quoi",
            {
                "fields": ["measure", "action", "pillar"],
                "description": "Une grandeur de préférence ; une action ou un pilier tant qu’aucune ne convient.",
            },
        ),
        (
            "Quoi",
            {
                "fields": [
                    ("code", "position"),
                    ("comparison", "value", "value_max", "unit"),
                    ("relative", "baseline_from", "baseline_to"),
                    "words",
                ]
            },
        ),
        ("Quand", {"fields": [("year", "each_year", "stage")]}),
        ("Origine", {"fields": ["origin_badge", ("set_by", "set_on")]}),
        DOUBTS,
    ]

    def save_model(self, request, obj, form, change):
        if not change:
            sign(obj, request)
        super().save_model(request, obj, form, change)

    @admin.display(description="cible")
    def says(self, obj):
        return Truncator(str(obj)).chars(100)

    @admin.display(description="de")
    def owner(self, obj):
        return Truncator(str(obj.owner)).chars(80)


@admin.register(Breakdown)
class BreakdownAdmin(PlanItemAdmin):
    form = PillarForm
    list_display = ["code", "name", "open", "scheme", "origin_badge"]
    list_display_links = ["code", "name"]
    list_filter = [("scheme", SteeredFilter), "open", "origin", DoubtFilter]
    search_fields = ["code", "name"]
    inlines = [BreakdownItemRows]
    fieldsets = [
        (None, {"fields": ["scheme", ("code", "position"), "name", "open", "origin_badge"]}),
        DOUBTS,
    ]


@admin.register(LegalCategory)
class LegalCategoryAdmin(ScopedAdmin):
    """Those of the law are seen and chosen by all, and maintained by superusers."""

    form = LegalCategoryForm
    list_display = ["code", "name", "of", "position"]
    list_display_links = ["code", "name"]
    search_fields = ["code", "name"]
    ordering = ["position", "code", "pk"]
    list_select_related = ["organisation"]
    fixed = ("organisation",)
    fields = ["organisation", ("code", "position"), "name"]

    def scope(self, request, queryset):
        if request.user.is_superuser:
            return queryset
        return queryset.steered_by(request.user) | queryset.filter(organisation=None)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._is_own(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._is_own(request, obj)

    @staticmethod
    def _is_own(request, category):
        return category is None or category.organisation_id is not None or request.user.is_superuser

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.required = not request.user.is_superuser
        return field

    @admin.display(description="collectivité", ordering="organisation")
    def of(self, obj):
        return obj.organisation or "toutes (la loi)"


# Campaigns


@admin.register(Campaign)
class CampaignAdmin(ScopedAdmin):
    form = CampaignForm
    list_display = ["name", "scheme", "kind", "opens_on", "closes_on", "reports_link", "origin_badge"]
    list_filter = [("scheme", SteeredFilter), "year", "kind", "origin", DoubtFilter]
    search_fields = ["year", "scheme__title"]
    list_select_related = ["scheme"]
    ordering = ["scheme", "-year", "period", "pk"]
    inlines = [CampaignPassageRows, HighlightRows]
    readonly_fields = ["origin_badge"]
    fieldsets = [
        (None, {"fields": ["scheme", ("year", "period"), "kind", "origin_badge"]}),
        ("Calendrier", {"fields": [("opens_on", "closes_on", "corrections_until")]}),
        ("Bilan de l’année", {"fields": ["synthesis"]}),
        DOUBTS,
    ]

    def get_readonly_fields(self, request, obj=None):
        """What the reports of a campaign are about does not change once there are some."""
        readonly = super().get_readonly_fields(request, obj)
        if obj is None:
            return readonly
        return (*readonly, "scheme", *(["year", "period"] if obj.reports.exists() else []))

    @admin.display(description="campagne", ordering="year")
    def name(self, obj):
        return str(obj)

    @admin.display(description="fiches")
    def reports_link(self, obj):
        return links([(list_address("indicators_report", campaign__id__exact=obj.pk), "voir")])


from indicators import admin_reports  # noqa: E402, F401  (the reports come after the campaigns in the menu)
