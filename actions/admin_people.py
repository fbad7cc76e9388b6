"""Organisations, directions, accounts and roles in the administration. Imported by `actions.admin`."""

import secrets

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Prefetch
from django.utils.html import format_html

from actions.admin_base import DistinctFormSet, RowForm, ScopedAdmin, SteeredFilter, TabularRows
from actions.admin_scope import may_enter, steered
from actions.models import Buyer, Direction, Membership, Organisation, Role, User

admin.site.unregister(Group)  # roles are memberships here, and nobody holds Django's permissions


class UnderOrganisationForm(RowForm):
    owners = ("organisation",)


class BuyerFormSet(DistinctFormSet):
    told_apart_by = ("siret",)
    message = "Deux acheteurs ont ce SIRET."


class BuyerRows(TabularRows):
    model = Buyer
    form = UnderOrganisationForm
    formset = BuyerFormSet
    fields = ["code", "name", "siret", "position"]


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """The steering team maintains its organisation; only a superuser makes or removes one."""

    list_display = ["name", "slug", "allows_self_validation"]
    search_fields = ["name", "slug"]
    ordering = ["name", "pk"]
    prepopulated_fields = {"slug": ["name"]}
    fixed = ("slug",)
    fields = ["name", "slug", "allows_self_validation"]
    inlines = [BuyerRows]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_add_permission(self, request):
        return may_enter(request) and request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return may_enter(request) and request.user.is_superuser


@admin.register(Direction)
class DirectionAdmin(ScopedAdmin):
    list_display = ["code", "name", "kind", "active", "succeeded_by", "organisation", "origin_badge"]
    list_display_links = ["code", "name"]
    list_filter = [("organisation", SteeredFilter), "kind", "active", "origin"]
    search_fields = ["code", "name"]
    ordering = ["organisation", "name", "pk"]
    list_select_related = ["organisation", "succeeded_by"]
    fixed = ("organisation",)
    readonly_fields = ["origin_badge"]
    fields = [
        "organisation",
        ("code", "kind"),
        "name",
        "note",
        ("active", "succeeded_by"),
        "origin_badge",
    ]

    def choices_of(self, db_field, request):
        queryset = super().choices_of(db_field, request)
        direction = request.form_row
        if db_field.name == "succeeded_by" and direction:
            queryset = queryset.filter(organisation=direction.organisation_id).exclude(pk=direction.pk)
        return queryset


class MembershipForm(RowForm):
    owners = ("organisation",)


class MembershipFormSet(DistinctFormSet):
    told_apart_by = ("organisation_id", "direction_id", "role")
    message = "Ce rôle est donné deux fois."


class MembershipRows(TabularRows):
    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    fields = ["organisation", "role", "direction"]
    list_select_related = ["organisation", "direction", "user"]

    def get_min_num(self, request, obj=None, **kwargs):
        return 1 if self._role_needed(request, obj) else 0

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, validate_min=self._role_needed(request, obj), **kwargs)

    @staticmethod
    def _role_needed(request, obj):
        """A steering team makes accounts for its own members: one without a role would be out of its sight."""
        return obj is None and not request.user.is_superuser


class NewAccountForm(forms.ModelForm):
    """An account known by its address. It starts with a password that nobody knows."""

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name"]

    def save(self, commit=True):
        self.instance.set_password(secrets.token_urlsafe(32))
        return super().save(commit)


class RoleFilter(admin.SimpleListFilter):
    """By a role held in an organisation that the user steers."""

    title = "rôle"
    parameter_name = "role"

    def lookups(self, request, model_admin):
        return Role.choices

    def queryset(self, request, queryset):
        if self.value() not in Role.values:
            return queryset
        holders = steered(Membership, request.user).filter(role=self.value())
        return queryset.filter(pk__in=holders.values("user"))


@admin.register(User)
class UserAdmin(ScopedAdmin, DjangoUserAdmin):
    """Accounts. A steering team sees its members, and changes those who are nobody else's and no superuser."""

    form = forms.ModelForm
    add_form = NewAccountForm
    add_form_template = None
    list_display = ["email", "last_name", "first_name", "roles", "is_active", "last_login"]
    list_filter = ["is_active", RoleFilter]
    search_fields = ["email", "last_name", "first_name"]
    ordering = ["last_name", "first_name", "email", "pk"]
    filter_horizontal = []
    readonly_fields = ["password_link", "last_login", "date_joined"]
    inlines = [MembershipRows]
    add_fieldsets = [
        (
            None,
            {
                "fields": ["email", "first_name", "last_name"],
                "description": "La page suivante permet de donner un mot de passe au compte.",
            },
        ),
    ]

    def scope(self, request, queryset):
        if request.user.is_superuser:
            return queryset
        return queryset.filter(pk__in=User.objects.steered_by(request.user).values("pk"))

    def get_queryset(self, request):
        rows = steered(Membership, request.user).select_related("organisation", "direction")
        return (
            super().get_queryset(request).prefetch_related(Prefetch("memberships", rows, "seen_memberships"))
        )

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._is_own(request, obj)

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj) and self._is_own(request, obj)
        return allowed and obj != request.user

    def _is_own(self, request, user):
        """Who could rename or re-password the account of another organisation's team would act in its name."""
        if user is None or request.user.is_superuser:
            return True
        steered_rows = steered(Membership, request.user).values("pk")
        return not (user.is_superuser or user.memberships.exclude(pk__in=steered_rows).exists())

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.add_fieldsets
        own = self.has_change_permission(request, obj)
        names = ["email", ("first_name", "last_name"), *(["password_link"] if own else [])]
        rights = ["is_active", *(["is_superuser"] if request.user.is_superuser else [])]
        return [
            (None, {"fields": names}),
            ("Accès", {"fields": [*rights, ("last_login", "date_joined")]}),
        ]

    @admin.display(description="mot de passe")
    def password_link(self, obj):
        return format_html('<a class="button" href="../password/">{}</a>', "Donner un nouveau mot de passe")

    @admin.display(description="rôles")
    def roles(self, obj):
        return ", ".join(
            f"{row.get_role_display()} ({row.direction.code if row.direction else row.organisation})"
            for row in obj.seen_memberships
        )


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    form = MembershipForm
    list_display = ["user", "role", "direction", "organisation"]
    list_filter = ["role", ("organisation", SteeredFilter), ("direction", SteeredFilter)]
    search_fields = [
        "user__email",
        "user__last_name",
        "user__first_name",
        "direction__name",
        "direction__code",
    ]
    list_select_related = ["user", "organisation", "direction"]
    ordering = ["organisation", "user__last_name", "user__email", "role", "pk"]
    autocomplete_fields = ["user", "direction"]
    fixed = ("user", "organisation")
    fields = ["user", "organisation", "role", "direction"]
