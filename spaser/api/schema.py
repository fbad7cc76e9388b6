"""What the published OpenAPI schema says of every operation, beyond its own serializer: errors, CSV, conditional requests."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from spaser.api.problems import KINDS, MEDIA_TYPE
from spaser.api.renderers import CSVRenderer

ETAG = {
    "schema": {"type": "string"},
    "description": "L’empreinte de la réponse, à rendre dans If-None-Match ou If-Match.",
}


class FaultSerializer(serializers.Serializer):
    """Une chose qui ne va pas, et où."""

    pointer = serializers.CharField(
        required=False, help_text="L’endroit du corps envoyé (JSON Pointer, RFC 6901, précédé de #)."
    )
    parameter = serializers.CharField(required=False, help_text="Le paramètre de l’adresse.")
    detail = serializers.CharField(help_text="Ce qui ne va pas, en une phrase.")


class ProblemSerializer(serializers.Serializer):
    """Une erreur (RFC 9457), avec tout ce qui ne va pas dans la requête."""

    type = serializers.URLField(help_text="L’adresse où cette sorte d’erreur est expliquée.")
    title = serializers.CharField(help_text="La sorte d’erreur.")
    status = serializers.IntegerField(help_text="Le code HTTP.")
    detail = serializers.CharField(required=False, help_text="Ce qui s’est passé, en une phrase.")
    instance = serializers.CharField(help_text="L’adresse demandée.")
    errors = FaultSerializer(many=True, required=False, help_text="Tout ce qui ne va pas, d’un coup.")


class ApiSchema(AutoSchema):
    """A view may name its own refusals in `refusals`: {method: {status: what it means}}."""

    def get_tags(self):
        return [getattr(self.view, "tag", "Autres")]

    def get_operation_id(self):
        if name := getattr(self.view, "operation", None):
            return name if isinstance(name, str) else name[self.method.lower()]
        kind = "list" if self._is_list_view() else "get"
        return f"{kind}_{self.view.resource.replace('-', '_')}"

    def get_override_parameters(self):
        parameters = super().get_override_parameters()
        if self.method == "GET":
            parameters = [
                *parameters,
                OpenApiParameter(
                    "If-None-Match",
                    OpenApiTypes.STR,
                    OpenApiParameter.HEADER,
                    description="L’ETag d’une réponse que l’on a déjà : 304 si rien n’a changé.",
                ),
            ]
        return parameters

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        if direction != "response":
            return bodies
        for status, body in bodies.items():
            if CSVRenderer.media_type in body.get("content", {}):
                body["content"][CSVRenderer.media_type] = {"schema": {"type": "string"}}
            if self.method == "GET" and status == "200":
                body.setdefault("headers", {})["ETag"] = ETAG
        if self.method == "GET":
            bodies["304"] = {"description": "Rien n’a changé depuis l’ETag donné."}
        for status, meaning in self._refusals().items():
            if str(status) not in bodies:
                told = OpenApiResponse(ProblemSerializer, meaning)
                bodies[str(status)] = self._get_response_for_code(told, str(status), [MEDIA_TYPE])
        return dict(sorted(bodies.items()))

    def _refusals(self):
        own = getattr(self.view, "refusals", {}).get(self.method, {})
        statuses = {400, 406, 429}
        if AllowAny not in self.view.permission_classes:
            statuses |= {401, 403}
        if "{" in self.path or self._is_list_view():
            statuses.add(404)
        if self.method in ("PUT", "POST"):
            statuses |= {413, 415}
        return {status: KINDS[status][1] for status in sorted(statuses)} | own
