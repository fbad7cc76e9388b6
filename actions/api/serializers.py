"""The plan and the people as JSON. Identifiers are those that people cite: slugs and codes, never keys of the database."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from actions.models import (
    Action,
    Buyer,
    Direction,
    Involvement,
    Objective,
    Organisation,
    Pillar,
    Scheme,
    Step,
)
from spaser.api.fields import CodeField


class BuyerSerializer(serializers.ModelSerializer):
    """Un acheteur : une personne morale dont la loi demande les chiffres."""

    class Meta:
        model = Buyer
        fields = ["code", "name", "siret"]
        read_only_fields = fields


class OrganisationSerializer(serializers.ModelSerializer):
    """Une collectivité."""

    buyers = BuyerSerializer(many=True, read_only=True)

    class Meta:
        model = Organisation
        fields = ["slug", "name", "buyers"]
        read_only_fields = fields


class DirectionSerializer(serializers.ModelSerializer):
    """Une direction, un service, une mission, un réseau ou un partenaire, qui pilote ou appuie des actions."""

    organisation = CodeField("organisation.slug", help_text="La collectivité.", allow_null=False)
    succeeded_by = CodeField("succeeded_by.code", help_text="Le sigle de celle qui a repris ses missions.")

    class Meta:
        model = Direction
        fields = ["organisation", "code", "name", "kind", "note", "active", "succeeded_by", "origin"]
        read_only_fields = fields


class SchemeSerializer(serializers.ModelSerializer):
    """Un schéma (SPASER) : sa période, le nom de ses niveaux, son adoption."""

    organisation = CodeField("organisation.slug", help_text="La collectivité.", allow_null=False)
    predecessor = CodeField("predecessor.slug", help_text="Le schéma auquel il succède.")
    published_url = serializers.CharField(read_only=True, help_text="L’adresse où il est publié, ou rien.")

    class Meta:
        model = Scheme
        fields = [
            "organisation",
            "slug",
            "title",
            "starts_year",
            "ends_year",
            "pillar_label",
            "objective_label",
            "action_label",
            "part_label",
            "step_label",
            "declared_pillars",
            "declared_objectives",
            "declared_actions",
            "adoption_text",
            "adopted_on",
            "deliberation",
            "published_url",
            "predecessor",
            "source_note",
        ]
        read_only_fields = fields


class PillarSerializer(serializers.ModelSerializer):
    """Le premier niveau d’un plan : pilier, axe."""

    scheme = CodeField("scheme.slug", help_text="Le schéma.", allow_null=False)

    class Meta:
        model = Pillar
        fields = ["scheme", "code", "number", "title", "introduction", "origin", "source_note"]
        read_only_fields = fields


class ObjectiveSerializer(serializers.ModelSerializer):
    """Le deuxième niveau d’un plan : objectif, chantier. Sans intitulé là où le document n’a pas ce niveau."""

    scheme = CodeField("scheme.slug", help_text="Le schéma.", allow_null=False)
    pillar = CodeField("pillar.code", help_text="Le code du pilier.", allow_null=False)

    class Meta:
        model = Objective
        fields = ["scheme", "code", "pillar", "number", "title", "introduction", "origin", "source_note"]
        read_only_fields = fields


class InvolvementSerializer(serializers.ModelSerializer):
    """La part qu’une direction prend dans une action."""

    direction = CodeField("direction.code", help_text="Le sigle de la direction.", allow_null=False)

    class Meta:
        model = Involvement
        fields = ["direction", "role", "note"]
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer):
    """Une étape d’une action ; `parent` est celle dont elle fait partie."""

    parent = CodeField("parent.code", help_text="Le code de l’étape dont elle fait partie.")

    class Meta:
        model = Step
        fields = ["code", "parent", "title", "origin"]
        read_only_fields = fields


class ActionSerializer(serializers.ModelSerializer):
    """Une action, ou un de ses volets (`parent`)."""

    scheme = CodeField("scheme.slug", help_text="Le schéma.", allow_null=False)
    objective = CodeField("objective.code", help_text="Le code de l’objectif.")
    pillar = CodeField("objective.pillar.code", help_text="Le code du pilier.")
    parent = CodeField("parent.code", help_text="Le code de l’action dont elle est un volet.")
    pilots = serializers.SerializerMethodField(help_text="Les sigles des directions qui la pilotent.")
    involvements = InvolvementSerializer(many=True, read_only=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Action
        fields = [
            "scheme",
            "code",
            "pillar",
            "objective",
            "parent",
            "number",
            "title",
            "nature",
            "bonus",
            "purpose",
            "implementation",
            "expected_results",
            "due_text",
            "due_from",
            "due_to",
            "valid_from",
            "valid_until",
            "pilots",
            "involvements",
            "steps",
            "origin",
            "source_note",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_pilots(self, action):
        return [row.direction.code for row in action.involvements.all() if row.role == "pilot"]
