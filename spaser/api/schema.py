"""What the published OpenAPI schema says of every operation, beyond its own serializer: errors, CSV, conditional requests.

`make schema` writes it into openapi.json. The examples of examples.json, one a component, are answers that the
demonstration gave.
"""

import json
from pathlib import Path

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from spaser.api.problems import KINDS, MEDIA_TYPE
from spaser.api.renderers import CSVRenderer

EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
HEADERS = {  # of answers
    "ETag": "L’empreinte de la réponse, à rendre dans If-None-Match ou If-Match.",
    "RateLimit": "Ce qu’il reste de requêtes (r), et dans combien de secondes le compte repart (t).",
    "RateLimit-Policy": "Le nombre de requêtes permises (q) en tant de secondes (w).",
    "Retry-After": "Dans combien de secondes réessayer.",
    "WWW-Authenticate": "Comment s’identifier.",
}
QUOTA = ["RateLimit", "RateLimit-Policy"]
OF_STATUS = {401: ["WWW-Authenticate"], 429: [*QUOTA, "Retry-After"]}  # headers of refusals
PLACES = {  # parts of addresses: what they are, and one of the demonstration
    "organisation": ("La collectivité.", "departement-du-pas-de-calais"),
    "scheme": ("Le schéma.", "pas-de-calais-2026"),
    "code": ("Son code, tel qu’on le cite.", None),  # the example of its component has it
    "measure": ("Le code de la grandeur.", "ENV-1.1-5"),
    "campaign": ("La campagne : « 2026 », ou « 2026-S1 » pour un premier semestre.", "2026"),
    "edition": (
        "L’identifiant commun aux versions d’une même édition.",
        EXAMPLES["Edition"]["slug"],
    ),
    "version": ("Le numéro de la version.", EXAMPLES["Edition"]["version"]),
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

    def get_summary(self):
        return self._words()[0]

    def get_description(self):
        return self._words()[1]

    def _words(self):
        """(the first sentence of the docstring, the others)."""
        first, _, others = super().get_description().partition(". ")
        return first.removesuffix("."), others

    def _resolve_path_parameters(self, variables):
        parameters = super()._resolve_path_parameters(variables)
        for parameter in parameters:
            meaning, example = PLACES[parameter["name"]]
            parameter["description"] = meaning
            parameter["example"] = example or self._example_code()
        return parameters

    def _example_code(self):
        """Of an item that its own code names, or of a sheet that the code of its action names."""
        shown = EXAMPLES[self.view.serializer_class.__name__.removesuffix("Serializer")]
        return shown.get("code") or shown["action"]

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

    def _get_filter_parameters(self):
        parameters = super()._get_filter_parameters()
        for parameter in parameters:
            if parameter["schema"]["type"] == "array":
                parameter["schema"]["minItems"] = 1  # an empty value is refused
                parameter["description"] = parameter["description"].partition("\n")[
                    0
                ]  # the names are in its enum
            if not parameter.get(
                "description"
            ):  # of a column: its name, which the filter knows with its model
                filters = self.view.filterset_class(queryset=self.view.queryset).filters
                parameter["description"] = f"{filters[parameter['name']].label}."
        return parameters

    def _get_format_parameters(self):
        described = "`csv` donne tout le tableau, sans pages ; l’en-tête Accept fait de même."
        return [{**parameter, "description": described} for parameter in super()._get_format_parameters()]

    def _map_serializer_field(self, field, direction, bypass_extensions=False):
        """A choice of a model may be blank in an answer where its column may; the framework says so of what is sent only."""
        model = getattr(getattr(field.parent, "Meta", None), "model", None)
        if (
            model
            and field.read_only
            and isinstance(field, serializers.ChoiceField)
            and "." not in field.source
        ):
            field.allow_blank = model._meta.get_field(field.source).blank
        return super()._map_serializer_field(field, direction, bypass_extensions)

    def _map_basic_serializer(self, serializer, direction):
        schema = super()._map_basic_serializer(serializer, direction)
        if getattr(serializer, "refuses_unknown", False):
            schema["additionalProperties"] = False
        return schema

    def _get_request_body(self, direction="request"):
        body = super()._get_request_body(direction)
        return body and {**body, "required": True}  # even where every field may be left out

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        if direction != "response":
            return bodies
        for status, body in bodies.items():
            if CSVRenderer.media_type in body.get("content", {}):
                body["content"][CSVRenderer.media_type] = {"schema": {"type": "string"}}
            if status in ("200", "201"):
                one = self.method in ("GET", "PUT")
                body["headers"] = _headers(["ETag", *QUOTA] if one else QUOTA)
        if self.method == "GET":
            bodies["304"] = {"description": "Rien n’a changé depuis l’ETag donné."}
        self.resolve_serializer(ProblemSerializer, direction)
        for status, meaning in self._refusals().items():
            shared = {"$ref": f"#/components/responses/{KINDS[status][0]}"}
            bodies.setdefault(str(status), _refusal(status, meaning) if meaning else shared)
        return dict(sorted(bodies.items()))

    def _refusals(self):
        """{status: what it means here, None where it means what it always does}."""
        own = getattr(self.view, "refusals", {}).get(self.method, {})
        statuses = {400, 406, 429}
        statuses.add(401)  # a wrong credential is told even where none is needed
        if AllowAny not in self.view.permission_classes:
            statuses.add(403)
        if "{" in self.path or self._is_list_view():
            statuses.add(404)
        if self.method in ("PUT", "POST"):
            statuses |= {413, 415}
        return dict.fromkeys(sorted(statuses)) | own


def _headers(names):
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusal(status, meaning):
    """The answer that a problem of this status is; `meaning` says in one sentence when it comes."""
    kind, title = KINDS[status]
    address = EXAMPLES["Problem"]["type"].partition("#")[0]
    example = {"type": f"{address}#erreur-{kind}", "title": title, "status": status, "instance": "/api/v1/…"}
    if status == EXAMPLES["Problem"]["status"]:
        example = EXAMPLES["Problem"]
    told = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    headers = {"headers": _headers(OF_STATUS[status])} if status in OF_STATUS else {}
    return {"description": meaning, "content": {MEDIA_TYPE: told}, **headers}


def add_shared_parts(result, **_):
    """A hook of the generator: the examples, and what the operations refer to, headers and common refusals."""
    components = result["components"]
    for name, example in EXAMPLES.items():
        components["schemas"][name]["examples"] = [example]
    components["headers"] = {
        name: {"schema": {"type": "string"}, "description": meaning} for name, meaning in HEADERS.items()
    }
    components["responses"] = {kind: _refusal(status, title) for status, (kind, title) in KINDS.items()}
    return result


class SessionScheme(OpenApiAuthenticationExtension):
    """A person who is logged in to the site; the name of its cookie is all that OpenAPI can say."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "La session d’une personne connectée au site. Pour écrire, ajoutez l’en-tête X-CSRFToken.",
        }
