"""What a plan can be narrowed by: pillar, direction, words."""

import django_filters

from actions.models import Action, Direction, DirectionKind, Pillar
from spaser.text import matches

SEARCHED = ("code", "title", "purpose", "implementation", "expected_results")


class PlanFilter(django_filters.FilterSet):
    """Actions and parts of one scheme. Words are found in the sheet, its steps and its indicators."""

    q = django_filters.CharFilter(label="Mots", method="filter_words")
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
        found = [
            action.pk
            for action in queryset.prefetch_related("steps", "indicators")
            if matches(
                value,
                *(getattr(action, field) for field in SEARCHED),
                *(step.title for step in action.steps.all()),
                *(indicator.name for indicator in action.indicators.all()),
            )
        ]
        return queryset.filter(pk__in=found)

    @property
    def is_active(self):
        return any(self.data.get(name) for name in self.filters)

    @property
    def narrows(self):
        """Is something asked for, and understood?"""
        return self.is_active and self.form.is_valid()
