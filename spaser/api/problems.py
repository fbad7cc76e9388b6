"""Errors as RFC 9457 problem details, in French: every fault of a request at once, each with the place of what is wrong."""

import logging

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
ANCHOR = "/api/#erreur-"  # of the guide of the API, where each kind is explained
# {status: (the kind, in the address of its explanation; what it is called)}
KINDS = {
    400: ("requete", "La requête ne se comprend pas"),
    401: ("identification", "Il faut s’identifier"),
    403: ("interdit", "Ceci n’est pas permis"),
    404: ("introuvable", "Introuvable"),
    405: ("methode", "Cette méthode n’est pas prévue ici"),
    406: ("format-demande", "Ce format n’existe pas ici"),
    412: ("version", "La valeur a changé entre-temps"),
    413: ("taille", "La requête est trop volumineuse"),
    415: ("format-envoye", "Ce format ne se lit pas"),
    422: ("valeurs", "Des valeurs sont refusées"),
    429: ("debit", "Trop de requêtes"),
    500: ("panne", "Le serveur a rencontré une erreur"),
}
DETAILS = {  # of the exceptions of the framework, whose own words are for developers
    exceptions.NotAuthenticated: "Donnez une clé d’accès dans l’en-tête Authorization, ou connectez-vous au site.",
    exceptions.MethodNotAllowed: "La méthode {method} n’est pas prévue à cette adresse.",
    exceptions.NotAcceptable: "Aucun des formats demandés n’est disponible ici.",
    exceptions.UnsupportedMediaType: "Envoyez du JSON (Content-Type: application/json).",
    exceptions.Throttled: "Réessayez plus tard ; l’en-tête Retry-After dit quand.",
}


class Problem(exceptions.APIException):
    """A refusal with all its reasons. `errors`: [Fault]; `more`: other members of the answer, with their JSON values."""

    def __init__(self, status, detail="", errors=(), **more):
        super().__init__(detail)
        self.status_code, self.text, self.errors, self.more = status, detail, list(errors), more


def fault(detail, *, pointer=None, parameter=None):
    """One thing that is wrong: `pointer` is a JSON pointer into the body, `parameter` the name of one of the address."""
    place = {"pointer": f"#{pointer}"} if pointer is not None else {}
    if parameter is not None:
        place = {"parameter": parameter}
    return {**place, "detail": detail}


def pointer(*steps):
    """The JSON pointer (RFC 6901) of these keys and indexes: ("readings", 3, "value") → « /readings/3/value »."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def faults_of(detail, steps=()):
    """The faults of a `ValidationError.detail`, which nests as the body does."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = () if name == "non_field_errors" else (name,)
            yield from faults_of(inner, (*steps, *own))
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for index, inner in enumerate(detail):
            if inner:
                yield from faults_of(inner, (*steps, index))
    else:
        for message in detail if isinstance(detail, list) else [detail]:
            yield fault(str(message).replace("'", "’"), pointer=pointer(*steps))


def problem_response(error, context):
    """The answer to an exception in a view of the API (REST_FRAMEWORK["EXCEPTION_HANDLER"])."""
    request = context["request"]
    status, detail, errors, more, headers = _told(error, request)
    if status >= 500:
        logger.error("%s %s", request.method, request.path, exc_info=error)
        got_request_exception.send(sender=type(context["view"]), request=request)
    kind, title = KINDS[status]
    body = {"type": f"{settings.SITE_URL}{ANCHOR}{kind}", "title": title, "status": status}
    body |= {"detail": detail} if detail else {}
    body |= {"instance": request.path, **({"errors": errors} if errors else {}), **more}
    # whatever table or text was asked for, a refusal is told in JSON
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), MEDIA_TYPE
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def _told(error, request):
    """(status, detail, errors, other members, headers) of an exception."""
    headers = {}
    if isinstance(error, Problem):
        return error.status_code, error.text, error.errors, error.more, headers
    if isinstance(error, Http404 | exceptions.NotFound):
        return 404, "Rien à cette adresse, ou rien que vous puissiez lire.", [], {}, headers
    if isinstance(error, exceptions.ValidationError):
        return 400, "", list(faults_of(error.detail)), {}, headers
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return 403, _forbidden(error), [], {}, headers
    if not isinstance(error, exceptions.APIException):
        return 500, "L’erreur est notée. Réessayez plus tard.", [], {}, headers
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if isinstance(error, exceptions.Throttled) and error.wait is not None:
        headers["Retry-After"] = str(int(error.wait) + 1)
    words = DETAILS.get(type(error))
    detail = words.format(method=request.method) if words else str(error.detail)
    return error.status_code if error.status_code in KINDS else 400, detail, [], {}, headers


def _forbidden(error):
    text = str(getattr(error, "detail", error))
    if text.startswith("CSRF"):
        return "Le jeton CSRF manque ou a changé (en-tête X-CSRFToken). Une clé d’accès s’en passe."
    return text or "Vos droits ne le permettent pas."
