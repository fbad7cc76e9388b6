"""Resources of what is measured, to read."""

from django.db.models import Prefetch

from actions.api.views import OfScheme
from actions.tree import document_order
from indicators.api import filters, serializers
from indicators.lookups import by_key, in_campaign
from indicators.models import Campaign, Indicator, Measure, MeasureSource, Reading, Report, Target
from spaser.api.views import ItemView, ListView

MEASURE_ORDER = (*document_order("indicator__action__"), "indicator__position", "position")


def in_plan_order(readings):
    """`readings` by campaign, the latest first, then as the document goes."""
    own = (*document_order("report__action__"), "measure__indicator__position", "measure__position", "pk")
    return readings.order_by("-report__campaign__year", "-report__campaign__period", *own)


class Indicators(OfScheme):
    tag, resource = "Plan", "indicators"
    queryset = Indicator.objects.none()
    serializer_class = serializers.IndicatorSerializer

    def get_queryset(self):
        rows = self.rows(Indicator).order_by(*document_order("action__"), "position", "pk")
        return rows.select_related("scheme", "action", "breakdown", "refers_to", "duplicate_of")


class IndicatorList(Indicators, ListView):
    """Les indicateurs d’un schéma, mot pour mot."""

    filterset_class = filters.IndicatorFilters


class IndicatorItem(Indicators, ItemView):
    """Un indicateur."""

    operation = "get_indicator"
    lookup = (("code", "code"),)


class Measures(OfScheme):
    tag, resource = "Plan", "measures"
    queryset = Measure.objects.none()
    serializer_class = serializers.MeasureSerializer

    def get_queryset(self):
        rows = self.rows(Measure).select_related(
            "scheme",
            "indicator__action",
            "item",
            "alternative_to",
            "continues__scheme",
            "legal_category",
            "buyer",
        )
        links = MeasureSource.objects.select_related("source").order_by("measure", "position")
        rows = rows.prefetch_related("breaks", Prefetch("source_links", queryset=links))
        return rows.order_by(*MEASURE_ORDER, "pk")


class MeasureList(Measures, ListView):
    """Les grandeurs d’un schéma : ce qui se saisit et ce qui se calcule."""

    filterset_class = filters.MeasureFilters


class MeasureItem(Measures, ItemView):
    """Une grandeur."""

    operation = "get_measure"
    lookup = (("code", "code"),)


class Targets(OfScheme):
    tag, resource = "Plan", "targets"
    queryset = Target.objects.none()
    serializer_class = serializers.TargetSerializer

    def get_queryset(self):
        return self.rows(Target).select_related("scheme", "measure", "action", "pillar")


class TargetList(Targets, ListView):
    """Les cibles d’un schéma."""

    filterset_class = filters.TargetFilters


class TargetItem(Targets, ItemView):
    """Une cible."""

    operation = "get_target"
    lookup = (("code", "code"),)


class Campaigns(OfScheme):
    tag, resource = "Campagnes", "campaigns"
    queryset = Campaign.objects.none()
    serializer_class = serializers.CampaignSerializer

    def get_queryset(self):
        return self.rows(Campaign).order_by("-year", "-period", "pk").select_related("scheme")


class CampaignList(Campaigns, ListView):
    """Les campagnes d’un schéma, la dernière d’abord."""

    filterset_class = filters.CampaignFilters


class CampaignItem(Campaigns, ItemView):
    """Une campagne."""

    operation = "get_campaign"

    def get_queryset(self):
        return super().get_queryset().filter(**by_key(self.kwargs["campaign"]))


class Reports(OfScheme):
    tag, resource = "Campagnes", "reports"
    queryset = Report.objects.none()

    def get_queryset(self):
        reports = Report.objects.visible_to(self.request.user).filter(campaign__scheme=self.scheme)
        ordered = reports.order_by("-campaign__year", "-campaign__period", *document_order("action__"), "pk")
        return ordered.select_related("campaign__scheme", "action")


class ReportList(Reports, ListView):
    """Les fiches annuelles que vous lisez."""

    serializer_class = serializers.ReportSerializer
    filterset_class = filters.ReportFilters


class ReportItem(Reports, ItemView):
    """Une fiche annuelle et ses relevés."""

    operation = "get_report"
    serializer_class = serializers.ReportWithReadingsSerializer
    lookup = (("code", "action__code"),)

    def get_queryset(self):
        rows = super().get_queryset().filter(**in_campaign("campaign", self.kwargs["campaign"]))
        readings = in_plan_order(Reading.objects)
        related = readings.select_related("measure__indicator", "report__campaign", "report__action")
        return rows.prefetch_related(Prefetch("readings", queryset=related))


class Readings(OfScheme):
    tag, resource = "Relevés", "readings"
    queryset = Reading.objects.none()
    serializer_class = serializers.ReadingSerializer

    def get_queryset(self):
        rows = Reading.objects.visible_to(self.request.user).filter(report__campaign__scheme=self.scheme)
        return in_plan_order(rows).select_related("measure__indicator", "report__campaign", "report__action")


class ReadingList(Readings, ListView):
    """Les relevés que vous lisez, de toutes les campagnes du schéma. Les valeurs calculées sont dans le plan entier."""

    filterset_class = filters.ReadingFilters
