"""What the board of a campaign can be narrowed by."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.text import capfirst

from actions.models import Action, Direction, InvolvementRole, Pillar
from indicators.models import Report, ReportStatus
from spaser.text import matches

ANY = "(indifférent)"


def ticked(label, method):
    return django_filters.BooleanFilter(
        label=label, label_suffix="", method=method, widget=forms.CheckboxInput
    )


class BoardFilter(django_filters.FilterSet):
    """Reports of one campaign. `rows`, the rows of its board, know which are late and which lack a pilot."""

    q = django_filters.CharFilter(label="Mots", method="filter_words")
    pillar = django_filters.ModelChoiceFilter(
        field_name="action__objective__pillar",
        to_field_name="code",
        queryset=Pillar.objects.none(),
        empty_label=ANY,
    )
    direction = django_filters.ModelChoiceFilter(
        label="Direction pilote",
        method="filter_direction",
        to_field_name="code",
        queryset=Direction.objects.none(),
        empty_label=ANY,
    )
    status = django_filters.ChoiceFilter(
        label="Statut",
        choices=[(value, capfirst(label)) for value, label in ReportStatus.choices],
        empty_label=ANY,
    )
    late = ticked("En retard", "filter_late")
    without_pilot = ticked("Sans pilote", "filter_without_pilot")

    class Meta:
        model = Report
        fields = ()

    def __init__(self, *args, scheme, rows, steering, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = rows
        pillar, direction = self.filters["pillar"], self.filters["direction"]
        pillar.label = scheme.pillar_label or "Orientation"
        pillar.queryset = scheme.pillars.select_related("scheme")
        piloted = Q(involvements__action__scheme=scheme, involvements__role=InvolvementRole.PILOT)
        direction.queryset = Direction.objects.filter(piloted).distinct()
        if not steering:
            del self.filters["without_pilot"]
        if not (steering or any(row.mine for row in rows)):  # who takes part in nothing chases nobody
            del self.filters["late"], self.filters["status"]

    def filter_words(self, queryset, name, value):
        found = [row for row in self.rows if matches(value, *_words(row))]
        return _only(queryset, found)

    def filter_direction(self, queryset, name, value):
        piloted = Action.objects.filter(
            involvements__direction=value, involvements__role=InvolvementRole.PILOT
        ).values("pk")
        return queryset.filter(Q(action__in=piloted) | Q(action__parent__in=piloted))

    def filter_late(self, queryset, name, value):
        return _only(queryset, [row for row in self.rows if row.days_late]) if value else queryset

    def filter_without_pilot(self, queryset, name, value):
        return _only(queryset, [row for row in self.rows if row.lacks_pilot]) if value else queryset

    @property
    def is_active(self):
        return any(self.data.get(name) for name in self.filters)

    @property
    def kept(self):
        """The rows that are asked for; all of them when what is asked is not understood."""
        if not self.is_active or not self.form.is_valid():
            return self.rows
        kept = set(self.qs.values_list("pk", flat=True))
        return [row for row in self.rows if row.report.pk in kept]


def _only(queryset, rows):
    return queryset.filter(pk__in=[row.report.pk for row in rows])


def _words(row):
    action = row.report.action
    pilots = [words for pilot in row.pilots for words in (pilot.code, pilot.name)]
    return [action.code, action.heading, action.title, str(action.parent or ""), *pilots]
