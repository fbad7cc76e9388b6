"""What the lists of what is measured are narrowed by."""

from django.db.models import Q
from django_filters import rest_framework as filters

from indicators.lookups import in_campaign
from indicators.models import Campaign, Indicator, Measure, Reading, Report, Target
from spaser.api.filters import (
    CodeFilter,
    FilterSet,
    MomentFilter,
    TextFilter,
    TrueOrFalseFilter,
    WordsFilter,
    YearFilter,
    ordered_by,
)


class CampaignFilter(TextFilter):
    """By a campaign, « 2026 » or « 2026-S1 »; `path` leads to it."""

    def __init__(self, path):
        super().__init__(
            label="La campagne : « 2026 », ou « 2026-S1 » pour un premier semestre.",
            max_length=7,
            pattern=r"^[0-9]{4}(-S1)?$",
        )
        self.path = path

    def filter(self, queryset, value):
        if not value:
            return queryset
        return queryset.filter(**in_campaign(self.path, value))


class IndicatorFilters(FilterSet):
    action = CodeFilter("action__code", "Le code de l’action ou du volet.")
    pillar = CodeFilter("action__objective__pillar__code", "Le code du pilier.")
    q = WordsFilter()
    ordering = ordered_by(code="code")

    class Meta:
        model = Indicator
        fields = ["kind", "origin"]


class MeasureFilters(FilterSet):
    indicator = CodeFilter("indicator__code", "Le code de l’indicateur.")
    action = CodeFilter("indicator__action__code", "Le code de l’action ou du volet.")
    legal_category = CodeFilter("legal_category__code", "Le code de la catégorie légale.")
    buyer = CodeFilter("buyer__code", "Le code de l’acheteur.")
    computed = TrueOrFalseFilter(method="is_computed", label="Calculée, ou saisie.")
    q = WordsFilter()
    ordering = ordered_by(code="code")

    class Meta:
        model = Measure
        fields = ["type", "legal_basis", "origin"]

    def is_computed(self, queryset, name, value):
        return queryset.exclude(computation="") if value else queryset.filter(computation="")


class TargetFilters(FilterSet):
    measure = CodeFilter("measure__code", "Le code de la grandeur.")
    action = CodeFilter("action__code", "Le code de l’action qui la porte.")
    pillar = CodeFilter("pillar__code", "Le code du pilier qui la porte.")
    year = YearFilter("year", "L’année à laquelle elle doit être atteinte.")
    ordering = ordered_by(code="code", year="year")

    class Meta:
        model = Target
        fields = ["comparison", "origin"]


class CampaignFilters(FilterSet):
    year = YearFilter("year", "L’année des données.")
    ordering = ordered_by(year="year")

    class Meta:
        model = Campaign
        fields = ["period", "kind", "demonstration"]


class ReportFilters(FilterSet):
    campaign = CampaignFilter("campaign")
    year = YearFilter("campaign__year", "L’année des données.")
    action = CodeFilter("action__code", "Le code de l’action ou du volet.")
    direction = TextFilter(
        method="of_direction", max_length=40, label="Le sigle d’une direction qui prend part à l’action."
    )
    ordering = ordered_by(year="campaign__year", action="action__code", changed_at="changed_at")

    class Meta:
        model = Report
        fields = ["status", "state"]

    def of_direction(self, queryset, name, value):
        return queryset.filter(action__involvements__direction__code=value).distinct()


class ReadingFilters(FilterSet):
    campaign = CampaignFilter("report__campaign")
    year = YearFilter("report__campaign__year", "L’année des données.")
    measure = CodeFilter("measure__code", "Le code de la grandeur.")
    indicator = CodeFilter("measure__indicator__code", "Le code de l’indicateur.")
    action = CodeFilter("report__action__code", "Le code de l’action ou du volet.")
    status = filters.ChoiceFilter(
        field_name="report__status",
        choices=Report._meta.get_field("status").choices,
        label="Statut de la fiche.",
    )
    changed_since = MomentFilter(
        method="are_changed_since",
        label="Les relevés changés depuis cette date (ISO 8601), eux-mêmes ou par le statut de leur fiche.",
    )
    ordering = ordered_by(year="report__campaign__year", measure="measure__code", changed_at="changed_at")

    class Meta:
        model = Reading
        fields = ["missing", "door"]

    def are_changed_since(self, queryset, name, value):
        """A reading that its sheet makes visible, by being submitted, is new to whoever reads it."""
        return queryset.filter(Q(changed_at__gte=value) | Q(report__changed_at__gte=value))
