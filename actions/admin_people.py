"""Organisations, directions, accounts and roles in the administration. Imported by `actions.admin`."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.utils.html import format_html

from actions.admin_base import ScopedAdmin, SteeredFilter, TabularRows
from actions.admin_forms import DistinctFormSet, RowForm
from actions.admin_scope import may_enter, steered
from actions.forms import ROLE_CHOICES
from actions.models import Buyer, Direction, Membership, Organisation, User
from actions.models.organisation import PEOPLE_ROLES
from actions.scoping import is_steering
from actions.services import InvitationNotSent, LastOfTheTeam, keep_a_team, send_invitation
from actions.views_members import base_url

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


def invite(request, membership):
    """Send the invitation with this new role, as the members page does, to who has not chosen a password yet."""
    user = membership.user
    if user.has_usable_password():
        return

    def send():
        try:
            send_invitation(membership, by=request.user, base_url=base_url(request))
        except InvitationNotSent as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"Une invitation part à {user.email}.")

    transaction.on_commit(send)


def refuse_the_last(leaving):
    """ValidationError when the memberships `leaving` are the whole steering team of an organisation."""
    try:
        keep_a_team(leaving)
    except LastOfTheTeam as error:
        raise ValidationError(str(error)) from error


class MembershipForm(RowForm):
    owners = ("organisation",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.fields["role"].choices = [("", "---------"), *ROLE_CHOICES]

    def clean(self):
        if not self.rows:
            refuse_the_last(self.leaving())
        return super().clean()

    def leaving(self):
        """The stored row, when the form changes what it says; read again, as the form has changed the one it has."""
        if self.instance._state.adding or not {"role", "organisation"} & set(self.changed_data):
            return []
        return [Membership.objects.get(pk=self.instance.pk)]


class MembershipFormSet(DistinctFormSet):
    told_apart_by = ("organisation_id", "direction_id", "role")
    message = "Ce rôle est donné deux fois."

    def clean(self):
        super().clean()
        deleted = [form.instance for form in self.deleted_forms if form.instance.pk]
        refuse_the_last(deleted + [row for form in self.kept_forms() for row in form.leaving()])


class KeepsTeam:
    """Deletions, one by one or many at once, that leave each organisation a steering team. Comes first."""

    def roles_of(self, objs):
        """The memberships that go with these rows."""
        raise NotImplementedError

    def get_deleted_objects(self, objs, request):
        listed, counts, lacking, protected = super().get_deleted_objects(objs, request)
        try:
            keep_a_team(self.roles_of(objs))
        except LastOfTheTeam as error:
            protected = [*protected, str(error)]
        return listed, counts, lacking, protected

    @transaction.atomic
    def response_action(self, request, queryset):
        """In one transaction, as Django's deletion of one row is: the team is still locked when its rows go."""
        return super().response_action(request, queryset)


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
    """An account known by its address. Its holder chooses the first password, by the link of the invitation."""

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name"]

    def save(self, commit=True):
        self.instance.set_unusable_password()
        return super().save(commit)


class RoleFilter(admin.SimpleListFilter):
    """By a role held in an organisation that the user steers."""

    title = "rôle"
    parameter_name = "role"

    def lookups(self, request, model_admin):
        return ROLE_CHOICES

    def queryset(self, request, queryset):
        return self.held(request, queryset) if self.value() in PEOPLE_ROLES else queryset

    def held(self, request, accounts):
        holders = steered(Membership, request.user).filter(role=self.value())
        return accounts.filter(pk__in=holders.values("user"))


class OwnRoleFilter(RoleFilter):
    """By the role that a membership gives."""

    def held(self, request, memberships):
        return memberships.filter(role=self.value())


@admin.register(User)
class UserAdmin(KeepsTeam, ScopedAdmin, DjangoUserAdmin):
    """Accounts of people. A steering team sees its members, and changes those who are nobody else's and no superuser."""

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
                "description": (
                    "Avec son premier rôle, la personne reçoit par courriel une invitation à choisir son mot de passe."
                ),
            },
        ),
    ]

    def scope(self, request, queryset):
        people = queryset.filter(credential__isnull=True)  # the accounts of keys live and end with the keys
        if request.user.is_superuser:
            return people
        return people.filter(pk__in=User.objects.steered_by(request.user).values("pk"))

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for membership in [row for rows in formsets for row in rows.new_objects][:1]:
            invite(request, membership)  # one letter, whatever the number of roles

    def roles_of(self, objs):
        return list(Membership.objects.filter(user__in=[user.pk for user in objs]))

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
class MembershipAdmin(KeepsTeam, ScopedAdmin):
    form = MembershipForm
    list_display = ["user", "role", "direction", "organisation"]
    list_filter = [OwnRoleFilter, ("organisation", SteeredFilter), ("direction", SteeredFilter)]
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

    def scope(self, request, queryset):
        return super().scope(request, queryset).filter(role__in=PEOPLE_ROLES)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            invite(request, obj)

    def roles_of(self, objs):
        return list(objs)

    def response_delete(self, request, obj_display, obj_id):
        """Who has left the team sees this site no more."""
        response = super().response_delete(request, obj_display, obj_id)
        return response if request.user.is_superuser or is_steering(request.user) else redirect("home")
