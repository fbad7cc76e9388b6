"""Filters of lists: what is not a filter, or not a value of one, is refused rather than ignored."""

from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend

from spaser.api.problems import Problem, fault
from spaser.folding import holds
from spaser.text import words_of


class StrictFilters(DjangoFilterBackend):
    """django-filter, with the faults of the whole query told at once."""

    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        known = view.parameters | (set(filterset.form.fields) if filterset else set())
        faults = [unknown(name, known) for name in request.query_params if name not in known]
        if filterset is not None and not filterset.is_valid():
            faults += [
                fault(str(message), parameter=name)
                for name, messages in filterset.errors.items()
                for message in messages
            ]
        if faults:
            raise Problem(400, errors=faults)
        return queryset if filterset is None else filterset.qs


def unknown(name, known):
    return fault(f"Paramètre inconnu. Ceux d’ici : {', '.join(sorted(known))}.", parameter=name)


def year_filter(field, label):
    return filters.NumberFilter(field_name=field, label=label, min_value=1900, max_value=2200)


class CodeFilter(filters.CharFilter):
    """By the code of what a row belongs to; one that nothing has finds nothing."""

    def __init__(self, field, label):
        super().__init__(field_name=field, label=label, max_length=80)


class WordsFilter(filters.CharFilter):
    """Rows that hold all these words, whatever their accents and case."""

    def __init__(self):
        super().__init__(label="Des mots, sans égard aux accents ni à la casse.", max_length=200)

    def filter(self, queryset, value):
        words = words_of(value or "")
        return queryset.filter(holds(words)) if words else queryset


def ordered_by(**fields):
    """The `ordering` parameter: {name: field}; « -name » turns it round. Rows that are equal keep the list's own order."""

    class Ordering(filters.OrderingFilter):
        def filter(self, queryset, value):
            own = queryset.query.order_by or queryset.model._meta.ordering
            ordered = super().filter(queryset, value)
            return ordered.order_by(*ordered.query.order_by, *own) if value else ordered

    return Ordering(
        fields={field: name for name, field in fields.items()},
        label="Tri ; « - » devant un nom pour l’ordre inverse, des virgules entre plusieurs.",
    )
