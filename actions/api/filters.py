"""What the lists of the plan and the people are narrowed by."""

from actions.models import Action, Direction, Objective, Organisation, Pillar, Scheme
from spaser.api.filters import CodeFilter, FilterSet, TextFilter, WordsFilter, YearFilter, ordered_by


class OrganisationFilters(FilterSet):
    ordering = ordered_by(name="name", slug="slug")

    class Meta:
        model = Organisation
        fields = []


class DirectionFilters(FilterSet):
    q = WordsFilter()
    ordering = ordered_by(name="name", code="code")

    class Meta:
        model = Direction
        fields = ["kind", "active", "origin"]


class SchemeFilters(FilterSet):
    organisation = CodeFilter("organisation__slug", "La collectivité.")
    year = YearFilter(method="of_year", label="Une année de sa période.")
    q = WordsFilter()
    ordering = ordered_by(title="title", starts_year="starts_year", slug="slug")

    class Meta:
        model = Scheme
        fields = []

    def of_year(self, queryset, name, value):
        begun = queryset.exclude(starts_year__gt=value)
        return begun.exclude(ends_year__lt=value)


class PillarFilters(FilterSet):
    q = WordsFilter()
    ordering = ordered_by(code="code")

    class Meta:
        model = Pillar
        fields = ["origin"]


class ObjectiveFilters(FilterSet):
    pillar = CodeFilter("pillar__code", "Le code du pilier.")
    q = WordsFilter()
    ordering = ordered_by(code="code")

    class Meta:
        model = Objective
        fields = ["origin"]


class ActionFilters(FilterSet):
    pillar = CodeFilter("objective__pillar__code", "Le code du pilier.")
    objective = CodeFilter("objective__code", "Le code de l’objectif.")
    parent = CodeFilter("parent__code", "Le code de l’action : ses volets.")
    direction = TextFilter(
        method="of_direction", max_length=40, label="Le sigle d’une direction qui y prend part."
    )
    pilot = TextFilter(method="of_pilot", max_length=40, label="Le sigle d’une direction qui la pilote.")
    due_to = YearFilter("due_to", "L’année de son échéance.")
    q = WordsFilter()
    ordering = ordered_by(code="code", due_to="due_to")

    class Meta:
        model = Action
        fields = ["nature", "bonus", "origin"]

    def of_direction(self, queryset, name, value):
        return queryset.filter(involvements__direction__code=value).distinct()

    def of_pilot(self, queryset, name, value):
        return queryset.filter(involvements__direction__code=value, involvements__role="pilot").distinct()
