"""Closed by default; and when a session has run out while somebody typed, what was typed comes back after the login."""

import json

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.shortcuts import render, resolve_url

from actions.forms import LoginForm


class ResumableLoginMiddleware(LoginRequiredMiddleware):
    """As Django's own, but a form sent without a session is not thrown away: the login page carries it along."""

    def handle_no_permission(self, request, view_func):
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        typed = [
            [name, text]
            for name, texts in request.POST.lists()
            for text in texts
            if name != "csrfmiddlewaretoken"
        ]
        context = {
            "form": LoginForm(request),
            "next": request.get_full_path(),
            "resume": json.dumps(typed),
            "login_url": resolve_url(settings.LOGIN_URL),
            "lost_files": bool(request.FILES),
        }
        return render(request, "registration/expired.html", context, status=403)


def typed_before(request):
    """[(name, text)] of the form that waits behind the login, from the login form's `resume`; [] when there is none."""
    try:
        pairs = json.loads(request.POST.get("resume", "[]"))
        return [(str(name), str(text)) for name, text in pairs]
    except (ValueError, TypeError, RecursionError):
        return []
