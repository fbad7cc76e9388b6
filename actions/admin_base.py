"""What the pages of the administration share: rows, permissions and choices limited to what the user steers."""

import json

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db import models
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html_join
from django.utils.text import capfirst

from actions.admin_forms import (
    RowChoiceField,
    RowForm,
    RowFormSet,
    SchemeAutocomplete,
)
from actions.admin_scope import id_in, may_enter, scheme_of, steered, within
from spaser.forms import FrenchDecimalField, TextAreaField


def text_areas(rows):
    widget = AdminTextareaWidget(attrs={"rows": rows})
    return {models.TextField: {"form_class": TextAreaField, "widget": widget}}


class OperationForm(ActionForm):
    """What to do with the rows that are ticked; « action » is a word of the plan."""

    action = forms.ChoiceField(label="Opération :")


class Scoped:
    """What lists of rows and rows under another have in common. Comes before a class of `django.contrib.admin`."""

    form = RowForm
    list_select_related = ()  # what the name of a row walks, fetched with it everywhere
    formfield_overrides = {
        models.DecimalField: {
            "form_class": FrenchDecimalField,
            "widget": AdminTextInputWidget(attrs={"inputmode": "decimal"}),
        },
        models.URLField: {"assume_scheme": "https"},
        **text_areas(4),
    }

    def scope(self, request, queryset):
        """The rows of `queryset` that the user sees here."""
        return queryset if request.user.is_superuser else queryset.steered_by(request.user)

    def get_queryset(self, request):
        queryset = self.scope(request, super().get_queryset(request))
        return queryset.select_related(*self.list_select_related) if self.list_select_related else queryset

    def choices_of(self, db_field, request):
        """The rows that a relation of this form may point to."""
        model, scheme = db_field.remote_field.model, getattr(request, "known_scheme", None)
        if self.admin_site.is_registered(model):
            queryset = self.admin_site.get_model_admin(model).get_queryset(request)
        else:
            queryset = steered(model, request.user)
        return within(queryset, scheme, db_field.name) if scheme else queryset

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        scheme = getattr(request, "known_scheme", None)
        queryset = kwargs.setdefault("queryset", self.choices_of(db_field, request))
        searched = db_field.name in self.get_autocomplete_fields(request)
        if searched:
            kwargs["widget"] = SchemeAutocomplete(db_field, self.admin_site, scheme=scheme)
        elif db_field.name in ("scheme", "organisation"):
            only = list(queryset.values_list("pk", flat=True)[:2])
            kwargs.setdefault("initial", only[0] if len(only) == 1 else None)
        field = super().formfield_for_foreignkey(db_field, request, form_class=RowChoiceField, **kwargs)
        field.with_scheme = scheme is None
        if not searched and isinstance(self, admin.options.InlineModelAdmin):
            field.choices = list(field.choices)  # fetched once, whatever the number of rows
        return field

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = False  # one deletes a row from its own page
        return field

    @admin.display(description="origine", ordering="origin")
    def origin_badge(self, obj):
        """Who says so, and whether there is a question about it."""
        if obj.pk is None:
            return "–"
        badges = [(obj.origin, obj.get_origin_display())]
        if getattr(obj, "source_note", ""):
            badges.append(("doubt", "à éclaircir"))
        return format_html_join(" ", '<span class="badge {}">{}</span>', badges)


class ScopedAdmin(Scoped, admin.ModelAdmin):
    """The list and the page of rows that the steering team maintains. `fixed` fields do not change once given."""

    fixed = ()
    list_per_page = 50
    action_form = OperationForm

    class Media:
        css = {"all": ["actions/admin.css"]}

    # Who may

    def _in_scope(self, request, obj):
        if not may_enter(request) or obj is None or obj.pk is None or request.user.is_superuser:
            return may_enter(request)
        known = request.__dict__.setdefault("_in_scope", {})
        if (self.model, obj.pk) not in known:
            known[self.model, obj.pk] = self.get_queryset(request).filter(pk=obj.pk).exists()
        return known[self.model, obj.pk]

    def has_module_permission(self, request):
        return may_enter(request)

    def has_view_permission(self, request, obj=None):
        return self._in_scope(request, obj)

    def has_add_permission(self, request):
        return may_enter(request)

    def has_change_permission(self, request, obj=None):
        return self._in_scope(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._in_scope(request, obj)

    def get_object(self, request, object_id, from_field=None):
        obj = super().get_object(request, object_id, from_field)
        if obj is None:
            raise Http404
        return obj

    # Forms

    def view_on_site(self, obj):
        """The row's page on the site, when it has one."""
        try:
            return obj.get_absolute_url()
        except (AttributeError, NoReverseMatch):
            return None

    def get_form(self, request, obj=None, change=False, **kwargs):
        request.form_row = obj
        request.known_scheme = scheme_of(obj) if obj else self._scheme_asked(request)
        return super().get_form(request, obj, change=change, **kwargs)

    def _scheme_asked(self, request):
        """The scheme of the owner named in the address, as in « add/?action=12 »."""
        for name in ("scheme", *getattr(self.form, "owners", ())):
            pk = id_in(request, name)
            if pk is not None:
                model = self.opts.get_field(name).remote_field.model
                return scheme_of(steered(model, request.user).filter(pk=pk).first())
        return None

    def get_readonly_fields(self, request, obj=None):
        readonly = super().get_readonly_fields(request, obj)
        return (*readonly, *self.fixed) if obj else readonly

    def changelist_view(self, request, extra_context=None):
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        name = self.opts.verbose_name
        title = capfirst(name) if object_id else f"Ajouter : {name}"
        context = {"title": title, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def get_inline_formsets(self, request, formsets, inline_instances, obj=None, **kwargs):
        shown = super().get_inline_formsets(request, formsets, inline_instances, obj, **kwargs)
        for rows in shown:
            data = json.loads(rows.inline_formset_data())
            data["options"]["addText"] = f"Ajouter : {rows.opts.verbose_name}"
            rows.inline_formset_data = json.dumps(data)
        return shown


class ScopedRows:
    """Rows under another one: what is allowed there is what is allowed on the row above."""

    formset = RowFormSet
    extra = 0
    view_on_site = False

    def has_add_permission(self, request, obj=None):
        return may_enter(request)

    def has_view_permission(self, request, obj=None):
        return may_enter(request)

    has_change_permission = has_delete_permission = has_view_permission


class TabularRows(ScopedRows, Scoped, admin.TabularInline):
    formfield_overrides = {**Scoped.formfield_overrides, **text_areas(2)}


class StackedRows(ScopedRows, Scoped, admin.StackedInline):
    pass


class ReadOnly:
    """Read, never written: what the site's own pages enter, or what is frozen. Comes first among the bases."""

    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


# Filters


class SteeredFilter(admin.RelatedFieldListFilter):
    """By a related row: those that the user steers, and those of the scheme chosen beside it."""

    def field_choices(self, field, request, model_admin):
        model = field.remote_field.model
        queryset = model_admin.admin_site.get_model_admin(model).get_queryset(request)
        scheme = id_in(request, "scheme__id__exact")
        if scheme is not None and any(f.name == "scheme" for f in model._meta.fields):
            queryset = queryset.filter(scheme=scheme)
        return [(row.pk, str(row)) for row in queryset]


class DoubtFilter(admin.SimpleListFilter):
    """By what the document leaves unclear."""

    title = "à éclaircir"
    parameter_name = "doubt"

    def lookups(self, request, model_admin):
        return [("1", "avec une question"), ("0", "sans question")]

    def queryset(self, request, queryset):
        if self.value() == "1":
            return queryset.exclude(source_note="")
        return queryset.filter(source_note="") if self.value() == "0" else queryset


# Links


def links(pairs):
    """« objectifs · actions · cibles » from (address, words) pairs."""
    return format_html_join(" · ", '<a href="{}">{}</a>', pairs)


def list_address(model_label, **filters):
    """The list of « app_model » with these filters."""
    return reverse(f"admin:{model_label}_changelist", query=filters)
