"""Who asks: another system by its credential, or a person by the session of the site."""

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission

from actions.models import Credential

WORD = "Bearer"


class CredentialAuthentication(BaseAuthentication):
    """`Authorization: Bearer spaser_…` (RFC 6750); `request.auth` is then the Credential, `request.user` its account."""

    def authenticate(self, request):
        word, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if not word:
            return None
        credential = Credential.objects.of_token(token.strip()) if word.lower() == WORD.lower() else None
        if credential is None:
            raise AuthenticationFailed("Cette clé d’accès n’existe pas.")
        now = timezone.now()
        if refusal := credential.refusal(timezone.localdate(now)):
            raise AuthenticationFailed(refusal)
        credential.note_use(now)
        return credential.account, credential

    def authenticate_header(self, request):
        return f'{WORD} realm="SPASER"'


class InScope(BasePermission):
    """Whoever is known reads; a credential writes when it was made for that. What is in sight is another matter."""

    message = "Cette clé d’accès ne donne que la lecture."

    def has_permission(self, request, view):
        if not request.user.is_authenticated:
            return False
        return request.method in SAFE_METHODS or request.auth is None or request.auth.may_write


class CredentialScheme(OpenApiAuthenticationExtension):
    """What the schema says of it."""

    target_class = CredentialAuthentication
    name = "credential"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "La clé d’accès d’une collectivité, que son équipe de pilotage crée sur le site.",
        }
