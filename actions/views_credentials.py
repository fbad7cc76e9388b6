"""Pages by which a steering team makes and closes the keys with which other systems speak to the API."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms_credentials import NAME_TAKEN, CredentialForm
from actions.models import Credential
from actions.services import create_credential, revoke_credential
from actions.views_members import base_url, steered_organisation
from actions.views_plan import form_page, typed

STATES = ["active", "expirée", "révoquée"]  # in the order of the list
SOON = 30  # days before its end from which the list counts them


@dataclass(frozen=True)
class Line:
    """A key in the list, and what it is on the day; `soon`: « expire dans 12 jours », or "" when that is far."""

    credential: Credential
    state: str
    soon: str


def line_of(credential, on):
    state, left = credential.state(on), (credential.expires_on - on).days
    soon = ""
    if state == "active" and left <= SOON:
        soon = {0: "expire aujourd’hui", 1: "expire demain"}.get(left, f"expire dans {left} jours")
    return Line(credential, state, soon)


@require_safe
def credentials(request, slug):
    """All the keys of an organisation, those that open nothing any more last."""
    organisation = steered_organisation(request, slug)
    on = timezone.localdate()
    rows = organisation.credentials.select_related("created_by", "revoked_by")
    lines = sorted((line_of(row, on) for row in rows), key=lambda line: STATES.index(line.state))
    context = {"organisation": organisation, "lines": lines}
    return render(request, "actions/credentials.html", context)


def credentials_trail(organisation):
    return [(reverse("credentials", args=[organisation.slug]), "Clés d’accès")]


@never_cache
@require_http_methods(["GET", "POST"])
def credential_add(request, slug):
    """Make a key. The answer shows its token, which is stored nowhere: no page can show it again."""
    organisation = steered_organisation(request, slug)
    form = CredentialForm(typed(request), organisation=organisation, on=timezone.localdate())
    if form.is_valid():
        try:
            credential, token = create_credential(
                organisation=organisation, by=request.user, at=timezone.now(), **form.cleaned_data
            )
        except IntegrityError:  # the same form was sent twice at once
            form.add_error("name", NAME_TAKEN)
        else:
            context = {
                "organisation": organisation,
                "credential": credential,
                "token": token,
                "base_url": base_url(request),
            }
            return render(request, "actions/credential_made.html", context)
    return form_page(
        request,
        form,
        kicker=organisation.name,
        title="Créer une clé d’accès",
        intro="Une clé ouvre l’API à un seul système. Elle donne un jeton, montré une seule fois.",
        trail=credentials_trail(organisation),
        submit="Créer la clé",
    )


@require_http_methods(["GET", "POST"])
def credential_revoke(request, slug, prefix):
    """Say what closing a key means, then close it for good."""
    organisation = steered_organisation(request, slug)
    credential = get_object_or_404(organisation.credentials, prefix=prefix)
    if credential.revoked_at is not None:
        messages.info(request, f"La clé « {credential} » est déjà révoquée.")
        return redirect("credentials", slug)
    if request.method == "POST":
        revoke_credential(credential, by=request.user, at=timezone.now())
        messages.success(request, f"La clé « {credential} » est révoquée : elle n’ouvre plus rien.")
        return redirect("credentials", slug)
    context = {
        "organisation": organisation,
        "credential": credential,
        "trail": credentials_trail(organisation),
    }
    return render(request, "actions/credential_revoke.html", context)
