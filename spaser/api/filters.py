"""Filters of lists: what is not a filter, or not a value of one, is refused rather than ignored."""

from datetime import UTC, datetime

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django_filters import rest_framework as filters
from django_filters.fields import BaseCSVField, IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import set_override

from spaser.api.problems import Problem, fault
from spaser.folding import holds
from spaser.text import words_of

YEARS = 1900, 2200  # the first and the last that may be asked for


class StrictFilters(DjangoFilterBackend):
    """django-filter, with the faults of the whole query told at once."""

    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        known = view.parameters | (set(filterset.form.fields) if filterset else set())
        query = request.query_params
        faults = [*faults_of_query(query, known), *view.paginator.faults(query)]
        if filterset is not None and not filterset.is_valid():
            faults += [
                fault(str(message), parameter=name)
                for name, messages in filterset.errors.items()
                for message in messages
            ]
        if faults:
            raise Problem(400, errors=faults)
        return queryset if filterset is None else filterset.qs


def faults_of_query(query, known):
    """What is wrong with a query before its values are looked at; `known` are the names that it may have."""
    for name, values in query.lists():
        if name not in known:
            yield fault(f"Paramètre inconnu. Ceux d’ici : {', '.join(sorted(known))}.", parameter=name)
        elif len(values) > 1:
            yield fault("Ce paramètre est donné plusieurs fois.", parameter=name)
        elif not values[0]:
            yield fault("La valeur manque. Sans ce paramètre, rien n’est filtré.", parameter=name)


class TrueOrFalseField(forms.NullBooleanField):
    """« true » or « false »; anything else is refused, where the usual one takes it for no answer."""

    widget = forms.TextInput
    default_error_messages = {"invalid": "Donnez true ou false."}

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if value not in ("true", "false"):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return value == "true"


class TrueOrFalseFilter(filters.BooleanFilter):
    field_class = TrueOrFalseField

    def __init__(self, *args, **options):
        super().__init__(*args, **{"widget": forms.TextInput, **options})


class FilterSet(filters.FilterSet):
    """The filters of a list."""

    FILTER_DEFAULTS = {
        **filters.FilterSet.FILTER_DEFAULTS,
        models.BooleanField: {"filter_class": TrueOrFalseFilter},
    }


class YearFilter(filters.NumberFilter):
    """By a year: a whole number from 1900 to 2200."""

    field_class = forms.IntegerField

    def __init__(self, field=None, label="", **options):
        low, high = YEARS
        super().__init__(field_name=field, label=label, min_value=low, max_value=high, **options)
        _told(self, {"type": "integer", "minimum": low, "maximum": high})


class MomentField(IsoDateTimeField):
    """A moment of any year: one that is out of all calendars in UTC is their beginning or end."""

    def to_python(self, value):
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            return (datetime.min if moment.year == 1 else datetime.max).replace(tzinfo=UTC)


class MomentFilter(filters.IsoDateTimeFilter):
    """By a moment, ISO 8601."""

    field_class = MomentField


class TextFilter(filters.CharFilter):
    """By a text of `max_length` characters at most, without NUL, which no database keeps; or by one of that `pattern`."""

    def __init__(self, *, max_length, pattern=r"^[^\u0000]*$", **options):
        wrong = f"Ceci n’est pas ce qui est attendu : {options.get('label', '')}"
        super().__init__(max_length=max_length, validators=[RegexValidator(pattern, wrong)], **options)
        _told(self, {"type": "string", "minLength": 1, "maxLength": max_length, "pattern": pattern})


def _told(filter_, schema):
    """Say to the published schema what a filter takes; it does not see it by itself."""
    set_override(filter_, "field", {**schema, "description": filter_.label})


class CodeFilter(TextFilter):
    """By the code of what a row belongs to; one that nothing has finds nothing."""

    def __init__(self, field, label):
        super().__init__(field_name=field, label=label, max_length=80)


class WordsFilter(TextFilter):
    """Rows that hold all these words, whatever their accents and case."""

    def __init__(self):
        super().__init__(label="Des mots, sans égard aux accents ni à la casse.", max_length=200)

    def filter(self, queryset, value):
        words = words_of(value or "")
        return queryset.filter(holds(words)) if words else queryset


class NamesField(BaseCSVField):
    """Names with commas between them, and no comma for nothing."""

    def clean(self, value):
        if value and "" in value:
            raise forms.ValidationError("Un nom manque avant ou après une virgule.")
        return super().clean(value)


def ordered_by(**fields):
    """The `ordering` parameter: {name: field}; « -name » turns it round. Rows that are equal keep the list's own order."""

    class Ordering(filters.OrderingFilter):
        base_field_class = NamesField

        def filter(self, queryset, value):
            own = queryset.query.order_by or queryset.model._meta.ordering
            ordered = super().filter(queryset, value)
            return ordered.order_by(*ordered.query.order_by, *own) if value else ordered

    return Ordering(
        fields={field: name for name, field in fields.items()},
        label="Tri ; « - » devant un nom pour l’ordre inverse, des virgules entre plusieurs.",
    )
