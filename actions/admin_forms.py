"""The forms of the administration: a row is checked whole, with the rules across rows, before it is saved."""

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from django.db.models import Max
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField
from django.utils.text import capfirst

from actions.admin_scope import choice_label, scheme_of
from actions.models import Origin
from actions.rules import check

MAX_DEPENDENT_ERRORS = 5


class RowForm(forms.ModelForm):
    """A row of a plan. It takes its scheme from what it hangs on, and its rank after its neighbours.

    `owners` are the relations to what the row hangs on, nearest first. `dependents` are the reverse relations whose
    rows obey rules that look at this one: they are checked with the change before it is made.
    """

    owners = ()
    dependents = ()
    rows = None  # the set of rows of which this is one, on the page of the row above

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "position" in self.fields:
            self.fields["position"].required = False
            self.fields["position"].help_text = "Vide : en dernier."
            if self.instance._state.adding:
                self.initial["position"] = None
        if "scheme" in self.fields and self.owners:
            self.fields["scheme"].required = False
        if "code" in self.fields:
            self._explain_code(self.fields["code"])

    def _explain_code(self, field):
        if getattr(self.instance, "origin", None) == Origin.DOCUMENT:
            field.disabled = True
            field.help_text = "Identifiant repris du document ; il sert à le recharger."
        elif hasattr(self.instance, "scheme_id"):
            field.help_text = "Unique dans le schéma."

    def clean(self):
        super().clean()
        owner_name, owner = self._owner()
        if hasattr(self.instance, "scheme_id"):
            self._take_scheme(owner)
        if "position" in self.fields and self.cleaned_data.get("position") is None:
            self.cleaned_data["position"] = (
                self.rows.next_position() if self.rows else self._last_position(owner_name, owner)
            )
        return self.cleaned_data

    def value_of(self, name):
        """What the form, or else the row, says of the relation `name`."""
        return self.cleaned_data.get(name) if name in self.fields else getattr(self.instance, name, None)

    def _owner(self):
        """(name, row) of the nearest owner; ("", None) when there is none."""
        for name in self.owners:
            owner = self.value_of(name)
            if owner is not None:
                return name, owner
        return "", None

    def _take_scheme(self, owner):
        if self.cleaned_data.get("scheme") or not self.instance._state.adding:
            return
        scheme = scheme_of(owner) if owner is not None else None
        if scheme is not None:
            self.instance.scheme = scheme
            if "scheme" in self.fields:
                self.cleaned_data["scheme"] = scheme
        elif "scheme" in self.fields and not self.errors:
            self.add_error("scheme", "Choisissez un schéma, ou ce dont la ligne relève.")

    def _last_position(self, owner_name, owner):
        """One more than the last rank under the same owner."""
        if owner is None or owner.pk is None:
            return 0
        siblings = type(self.instance)._default_manager.filter(**{owner_name: owner})
        last = siblings.aggregate(last=Max("position"))["last"]
        return 0 if last is None else last + 1

    # Checks

    def _get_validation_exclusions(self):
        """The row is saved whole, so it is checked whole: also the fields that the form does not show."""
        exclude = {name for name in super()._get_validation_exclusions() if name in self.fields}
        exclude.add(self.instance._meta.pk.name)
        if getattr(self.instance, "scheme", None) is None and not self.cleaned_data.get("scheme"):
            exclude.add("scheme")  # that it is missing is said elsewhere
        return exclude

    def _post_clean(self):
        super()._post_clean()
        inline = any(isinstance(field, InlineForeignKeyField) for field in self.fields.values())
        if inline and not self.errors:
            self._check_with_parent()
        if not self.errors:
            self._check_rules()

    def _check_with_parent(self):
        """The constraints that involve the row above, which Django leaves out of a form under its parent."""
        unsaved = {
            field.name
            for field in self.instance._meta.fields
            if field.is_relation
            and field.is_cached(self.instance)
            and (above := getattr(self.instance, field.name)) is not None
            and above.pk is None
        }
        try:
            self.instance.validate_constraints(exclude=self._get_validation_exclusions() | unsaved)
        except ValidationError as error:
            self._update_errors(error)

    def _check_rules(self):
        dependents = [] if self.instance._state.adding else self.dependent_rows()
        try:
            broken = check([self.instance, *dependents])
        except ObjectDoesNotExist:
            return  # the row above lacks a relation, and says so itself
        for row, error in broken:
            if row is self.instance:
                self._update_errors(error)
        said = [
            f"{capfirst(row._meta.verbose_name)} « {row} » : {message}"
            for row, error in broken
            if row is not self.instance
            for message in error.messages
        ]
        if said:
            more = len(said) - MAX_DEPENDENT_ERRORS
            rest = [f"… et {more} autre{'s' if more > 1 else ''}."] if more > 0 else []
            self.add_error(None, said[:MAX_DEPENDENT_ERRORS] + rest)

    def dependent_rows(self):
        """The stored rows whose rules look at this one, each of them pointing at it as it is about to be."""
        return [row for name in self.dependents for row in getattr(self.instance, name).all()]

    def _update_errors(self, errors):
        """What is said of a field that the form does not show goes on top."""
        if hasattr(errors, "error_dict"):
            shown = {}
            for name, found in errors.error_dict.items():
                shown.setdefault(name if name in self.fields else NON_FIELD_ERRORS, []).extend(found)
            errors = ValidationError(shown)
        super()._update_errors(errors)


class RowFormSet(BaseInlineFormSet):
    """Rows under another. Those left without a rank come after the others, in the order of the page."""

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        form.rows = self
        return form

    def next_position(self):
        """The rank after those typed here, those stored elsewhere, and those already handed out."""
        if not hasattr(self, "_last"):
            self._last = max([*self._typed_positions(), *self._positions_elsewhere()], default=-1)
        self._last += 1
        return self._last

    def _typed_positions(self):
        for form in self.forms:
            deleted = self.can_delete and form["DELETE"].data
            typed = "" if deleted else str(form["position"].data or "").strip()
            if typed.isdecimal():
                yield int(typed)

    def _positions_elsewhere(self):
        """Those of the rows under the same row that this page does not show, as parts among actions."""
        if not self.instance.pk:
            return []
        neighbours = self.model._default_manager.filter(**{self.fk.name: self.instance})
        shown = [form.instance.pk for form in self.initial_forms]
        return neighbours.exclude(pk__in=shown).values_list("position", flat=True)

    def kept_forms(self):
        """The forms of the rows that there are once the page is saved."""
        deleted = self.deleted_forms
        return [form for form in self.forms if form not in deleted and getattr(form, "cleaned_data", None)]


class DistinctFormSet(RowFormSet):
    """Refuses two rows alike in `told_apart_by` in one form, where the database only says so under a condition."""

    told_apart_by = ()
    message = "Cette ligne est donnée deux fois."

    def clean(self):
        super().clean()
        seen = set()
        for form in self.kept_forms():
            values = tuple(getattr(form.instance, name) for name in self.told_apart_by)
            if any(value not in (None, "") for value in values) and values in seen:
                form.add_error(None, self.message)
            seen.add(values)


class RowChoiceField(forms.ModelChoiceField):
    """A row among those that the user may choose, with its code."""

    with_scheme = False

    def label_from_instance(self, obj):
        return choice_label(obj, with_scheme=self.with_scheme)


class SchemeAutocomplete(AutocompleteSelect):
    """A searched choice list, limited to the scheme of the form when it is known."""

    def __init__(self, field, admin_site, *, scheme=None, **kwargs):
        super().__init__(field, admin_site, **kwargs)
        self.scheme = scheme

    def get_url(self):
        url = super().get_url()
        return f"{url}?scheme={self.scheme.pk}" if self.scheme else url
