"""What is measured, as JSON. Numbers are JSON numbers, exact to their 15 digits; what is missing is null, and says why."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from actions.api.serializers import (
    ActionSerializer,
    ObjectiveSerializer,
    PillarSerializer,
    SchemeSerializer,
)
from indicators import calculations
from indicators.models import Campaign, Indicator, Measure, Missing, Reading, Report, ReportStatus, Target
from indicators.models.campaign import Period, Phase
from indicators.perms import today
from spaser.api.fields import CodeField, NumberField, as_number

VALUE_SCHEMA = {
    "type": ["number", "boolean", "string", "null"],
    "description": (
        "Selon le type de la grandeur : un nombre, true ou false (oui / non), un texte ; le taux en pour cent. "
        "null quand il n’y a pas de valeur : `missing` dit alors pourquoi, s’il y a une raison."
    ),
}


def value_of(reading):
    """The value of a row that has the columns of a reading, as JSON."""
    if reading.boolean is not None:
        return reading.boolean
    if reading.numerator is not None or reading.denominator is not None:
        return as_number(calculations.rate(reading.numerator, reading.denominator))
    return as_number(reading.number) if reading.number is not None else reading.text or None


class IndicatorSerializer(serializers.ModelSerializer):
    """Une ligne du plan, mot pour mot ; ce qu’elle demande est dans ses grandeurs."""

    scheme = CodeField("scheme.slug", help_text="Le schéma.", allow_null=False)
    action = CodeField("action.code", help_text="Le code de l’action ou du volet.", allow_null=False)
    breakdown = CodeField("breakdown.code", help_text="Le code de la ventilation.")
    refers_to = CodeField("refers_to.code", help_text="L’action dont les indicateurs sont montrés ici.")
    duplicate_of = CodeField(
        "duplicate_of.code",
        help_text="L’indicateur que cette ligne répète : elle ne compte dans aucun total.",
    )

    class Meta:
        model = Indicator
        fields = [
            "scheme",
            "code",
            "action",
            "name",
            "kind",
            "definition",
            "breakdown",
            "refers_to",
            "duplicate_of",
            "valid_from",
            "valid_until",
            "origin",
            "source_note",
        ]
        read_only_fields = fields


class SeriesBreakSerializer(serializers.Serializer):
    """Une rupture : les valeurs d’avant ne se comparent pas à celles d’après."""

    year = serializers.IntegerField(help_text="La première année d’après.")
    note = serializers.CharField(help_text="Ce qui change.")


class MeasureSerializer(serializers.ModelSerializer):
    """Une grandeur : ce qui se saisit, ou se calcule."""

    scheme = CodeField("scheme.slug", help_text="Le schéma.", allow_null=False)
    indicator = CodeField("indicator.code", help_text="Le code de l’indicateur.", allow_null=False)
    action = CodeField("indicator.action.code", help_text="Le code de l’action.", allow_null=False)
    item = CodeField("item.code", help_text="Le code du poste de la ventilation.")
    item_name = CodeField("item.name", help_text="Le nom du poste.")
    alternative_to = CodeField("alternative_to.code", help_text="La grandeur dont elle tient lieu.")
    sources = serializers.SerializerMethodField(help_text="Les grandeurs dont elle se calcule, dans l’ordre.")
    baseline_value = NumberField(allow_null=True, help_text="La valeur de référence.")
    continues = CodeField("continues.code", help_text="La grandeur d’un schéma précédent qu’elle prolonge.")
    continues_scheme = CodeField("continues.scheme.slug", help_text="Le schéma de celle-ci.")
    legal_category = CodeField("legal_category.code", help_text="La catégorie de la publication légale.")
    buyer = CodeField("buyer.code", help_text="L’acheteur dont elle est le chiffre.")
    threshold = NumberField(allow_null=True, help_text="Le seuil en euros HT.")
    breaks = SeriesBreakSerializer(many=True, read_only=True)

    class Meta:
        model = Measure
        fields = [
            "scheme",
            "code",
            "indicator",
            "action",
            "name",
            "item",
            "item_name",
            "type",
            "unit",
            "numerator_label",
            "denominator_label",
            "choices",
            "sense",
            "alternative_to",
            "computation",
            "sources",
            "baseline_from",
            "baseline_to",
            "baseline_value",
            "continues",
            "continues_scheme",
            "legal_category",
            "legal_basis",
            "buyer",
            "perimeter",
            "threshold",
            "valid_from",
            "valid_until",
            "breaks",
            "origin",
            "source_note",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_sources(self, measure):
        return [link.source.code for link in measure.source_links.all()]


class TargetSerializer(serializers.ModelSerializer):
    """Une cible : ce qui doit être atteint, et quand."""

    scheme = CodeField("scheme.slug", help_text="Le schéma.", allow_null=False)
    measure = CodeField("measure.code", help_text="La grandeur ; sinon l’action ou le pilier.")
    action = CodeField("action.code", help_text="L’action, tant que la cible n’est pas rattachée.")
    pillar = CodeField("pillar.code", help_text="Le pilier, tant que la cible n’est pas rattachée.")
    value = NumberField(allow_null=True, help_text="La valeur, dans l’unité de la cible ou de la grandeur.")
    value_max = NumberField(allow_null=True, help_text="La valeur haute, pour « entre ».")

    class Meta:
        model = Target
        fields = [
            "scheme",
            "code",
            "measure",
            "action",
            "pillar",
            "comparison",
            "value",
            "value_max",
            "unit",
            "year",
            "each_year",
            "stage",
            "relative",
            "baseline_from",
            "baseline_to",
            "words",
            "set_on",
            "origin",
            "source_note",
        ]
        read_only_fields = fields


class CampaignSerializer(serializers.ModelSerializer):
    """Une campagne : une année de données d’un schéma, ou son premier semestre."""

    scheme = CodeField("scheme.slug", help_text="Le schéma.", allow_null=False)
    key = serializers.CharField(read_only=True, help_text="« 2026 », « 2026-S1 » pour un premier semestre.")
    phase = serializers.SerializerMethodField(help_text="Où elle en est aujourd’hui.")

    class Meta:
        model = Campaign
        fields = [
            "scheme",
            "key",
            "year",
            "period",
            "kind",
            "phase",
            "opens_on",
            "closes_on",
            "corrections_until",
            "demonstration",
            "synthesis",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Phase.choices))
    def get_phase(self, campaign):
        return campaign.phase(today())


class ReportSerializer(serializers.ModelSerializer):
    """La fiche annuelle d’une action dans une campagne."""

    scheme = CodeField("campaign.scheme.slug", help_text="Le schéma.", allow_null=False)
    campaign = CodeField("campaign.key", help_text="La campagne.", allow_null=False)
    action = CodeField("action.code", help_text="L’action ou le volet.", allow_null=False)
    demonstration = serializers.BooleanField(
        source="campaign.demonstration", read_only=True, help_text="Ses valeurs sont inventées."
    )

    class Meta:
        model = Report
        fields = [
            "scheme",
            "campaign",
            "action",
            "status",
            "state",
            "realisation",
            "effectiveness",
            "analysis",
            "outlook",
            "submitted_at",
            "validated_at",
            "return_reason",
            "demonstration",
            "version",
            "changed_at",
        ]
        read_only_fields = fields


class ReadingSerializer(serializers.ModelSerializer):
    """Un relevé : la valeur d’une grandeur dans une campagne, ou la raison de n’en pas avoir."""

    measure = CodeField("measure.code", help_text="La grandeur.", allow_null=False)
    indicator = CodeField("measure.indicator.code", help_text="L’indicateur.", allow_null=False)
    action = CodeField("report.action.code", help_text="L’action ou le volet.", allow_null=False)
    campaign = CodeField("report.campaign.key", help_text="La campagne.", allow_null=False)
    year = serializers.IntegerField(
        source="report.campaign.year", read_only=True, help_text="L’année des données."
    )
    period = serializers.ChoiceField(
        source="report.campaign.period", choices=Period.choices, read_only=True, help_text="La période."
    )
    status = serializers.ChoiceField(
        source="report.status",
        choices=ReportStatus.choices,
        read_only=True,
        help_text="Le statut de la fiche.",
    )
    value = serializers.SerializerMethodField()
    numerator = NumberField(allow_null=True, help_text="Le numérateur d’un taux.")
    denominator = NumberField(allow_null=True, help_text="Le dénominateur d’un taux.")
    demonstration = serializers.BooleanField(
        source="report.campaign.demonstration", read_only=True, help_text="La valeur est inventée."
    )

    class Meta:
        model = Reading
        fields = [
            "measure",
            "indicator",
            "action",
            "campaign",
            "year",
            "period",
            "status",
            "value",
            "numerator",
            "denominator",
            "decimals",
            "missing",
            "missing_note",
            "qualifier",
            "comment",
            "as_of",
            "source",
            "unfilled",
            "confirmed",
            "demonstration",
            "version",
            "door",
            "changed_at",
        ]
        read_only_fields = fields

    @extend_schema_field(VALUE_SCHEMA)
    def get_value(self, reading):
        return value_of(reading)


class ReportWithReadingsSerializer(ReportSerializer):
    """Une fiche annuelle et ses relevés."""

    readings = ReadingSerializer(many=True, read_only=True)

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "readings"]
        read_only_fields = fields


class KnownValueSerializer(serializers.Serializer):
    """Ce que l’on sait d’une grandeur dans une campagne, saisi ou calculé."""

    campaign = serializers.CharField(help_text="La campagne.")
    year = serializers.IntegerField(help_text="L’année des données.")
    period = serializers.ChoiceField(choices=Period.choices)
    status = serializers.ChoiceField(
        choices=ReportStatus.choices,
        help_text="Le statut de la fiche ; pour une valeur calculée, celui de sa source la moins avancée.",
    )
    value = serializers.SerializerMethodField()
    numerator = NumberField(allow_null=True)
    denominator = NumberField(allow_null=True)
    decimals = serializers.IntegerField()
    missing = serializers.ChoiceField(choices=Missing.choices, allow_blank=True)
    missing_note = serializers.CharField(allow_blank=True)
    qualifier = serializers.CharField(allow_blank=True)
    comment = serializers.CharField(allow_blank=True)
    as_of = serializers.DateField(allow_null=True)
    source = serializers.CharField(allow_blank=True)
    unfilled = serializers.IntegerField(allow_null=True)
    computed = serializers.BooleanField(help_text="Calculée, non saisie.")
    points = serializers.BooleanField(help_text="Une évolution en points, et non en pour cent.")
    demonstration = serializers.BooleanField(help_text="Inventée, ou calculée de valeurs qui le sont.")
    version = serializers.IntegerField(
        allow_null=True, help_text="La version du relevé, à rendre dans un envoi ; null quand c’est calculé."
    )

    @extend_schema_field(VALUE_SCHEMA)
    def get_value(self, value): ...


class MeasureInPlanSerializer(MeasureSerializer):
    """Une grandeur et ses valeurs, dans l’ordre du temps."""

    values = KnownValueSerializer(many=True, read_only=True)

    class Meta(MeasureSerializer.Meta):
        fields = [*MeasureSerializer.Meta.fields, "values"]
        read_only_fields = fields


class PlanSerializer(serializers.Serializer):
    """Tout un schéma : les mêmes éléments que dans les listes, avec les valeurs des grandeurs."""

    scheme = SchemeSerializer()
    pillars = PillarSerializer(many=True)
    objectives = ObjectiveSerializer(many=True)
    actions = ActionSerializer(many=True)
    indicators = IndicatorSerializer(many=True)
    measures = MeasureInPlanSerializer(many=True)
    targets = TargetSerializer(many=True)
