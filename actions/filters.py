"""What a plan can be narrowed by: pillar, direction, words."""

import django_filters
from django.db.models import Q

from actions.models import Action, Direction, DirectionKind, Pillar
from spaser.text import words_of

MAX_QUERY = 200  # characters: each word is a condition


class PlanFilter(django_filters.FilterSet):
    """Actions and parts of one scheme. Words are found in the sheet, its steps and its indicators."""

    q = django_filters.CharFilter(label="Mots", method="filter_words", max_length=MAX_QUERY)
    pillar = django_filters.ModelChoiceFilter(
        label="Pilier", field_name="objective__pillar", to_field_name="code", queryset=Pillar.objects.none()
    )
    direction = django_filters.ModelChoiceFilter(
        label="Direction",
        field_name="involvements__direction",
        to_field_name="code",
        queryset=Direction.objects.none(),
        distinct=True,
    )

    class Meta:
        model = Action
        fields = ()

    def __init__(self, *args, scheme, **kwargs):
        super().__init__(*args, **kwargs)
        pillar, direction = self.filters["pillar"], self.filters["direction"]
        pillar.queryset = scheme.pillars.select_related("scheme")
        pillar.extra["empty_label"] = direction.extra["empty_label"] = "(indifférent)"
        pillar.label = scheme.pillar_label or "Orientation"
        direction.queryset = Direction.objects.filter(involvements__action__scheme=scheme).distinct()
        if direction.queryset.filter(kind=DirectionKind.PARTNER).exists():
            direction.label = "Direction ou partenaire"
        if not direction.queryset.exists():
            del self.filters["direction"]  # the document names none on its sheets

    def filter_words(self, queryset, name, value):
        """All the words, together in the sheet, its steps and its indicators."""
        for word in words_of(value):
            said = Q(searched__contains=word)
            for rows in ("steps", "indicators"):
                under = Action.objects.filter(**{f"{rows}__searched__contains": word})
                said |= Q(pk__in=under.values("pk"))
            queryset = queryset.filter(said)
        return queryset

    @property
    def is_active(self):
        return any(self.data.get(name) for name in self.filters)

    @property
    def narrows(self):
        """Is something asked for, and understood?"""
        return self.is_active and self.form.is_valid()
