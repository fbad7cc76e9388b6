"""Closed by default; and when a session has run out while somebody typed, what was typed comes back after the login."""

import json
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.shortcuts import render, resolve_url
from django.views.csrf import csrf_failure

from actions.forms import LoginForm


class ResumableLoginMiddleware(LoginRequiredMiddleware):
    """As Django's own, but a form sent without a session is not thrown away: the login page carries it along."""

    def handle_no_permission(self, request, view_func):
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        context = {
            "form": LoginForm(request),
            "next": request.get_full_path(),
            "resume": json.dumps(typed_in(request)),
            "login_url": resolve_url(settings.LOGIN_URL),
            "lost_files": bool(request.FILES),
        }
        return render(request, "registration/expired.html", context, status=403)


def form_of_another_session(request, reason=""):
    """What Django calls instead of a view whose CSRF token is wrong (CSRF_FAILURE_VIEW).

    A page of ours that was opened before one logged in again, in another tab, has an old token: what was typed in it is offered
    again. A browser lets no other site pretend to be ours in Origin; without it, and for passwords, the answer is a plain no.
    """
    ours = urlsplit(request.META.get("HTTP_ORIGIN", "")).netloc == request.get_host()
    typed = typed_in(request) if ours and request.user.is_authenticated else []
    if not typed or any("password" in name for name, _ in typed):
        return csrf_failure(request, reason)
    context = {"next": request.get_full_path(), "typed": typed}
    return render(request, "registration/resume.html", context, status=403)


def typed_in(request):
    """[(name, text)] of the form that was sent."""
    pairs = [(name, text) for name, texts in request.POST.lists() for text in texts]
    return [(name, text) for name, text in pairs if name != "csrfmiddlewaretoken"]


def typed_before(request):
    """[(name, text)] of the form that waits behind the login, from the login form's `resume`; [] when there is none."""
    try:
        pairs = json.loads(request.POST.get("resume", "[]"))
        return [(str(name), str(text)) for name, text in pairs]
    except (ValueError, TypeError, RecursionError):
        return []
