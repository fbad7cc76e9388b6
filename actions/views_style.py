"""The living style page: every part that pages are made of, as it is now. For those who build the site."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.design import measured, tokens

STATES = [
    ("not_started", "non engagée"),
    ("engaged", "engagée"),
    ("in_progress", "en cours"),
    ("done", "réalisée"),
    ("suspended", "suspendue"),
    ("abandoned", "abandonnée"),
]
STATUSES = [
    ("draft", "brouillon"),
    ("submitted", "soumise"),
    ("returned", "à corriger"),
    ("validated", "validée"),
]
OUTCOMES = [
    ("reached", "atteinte"),
    ("on_the_way", "en chemin"),
    ("missed", "manquée"),
    ("unknown", "sans valeur"),
    ("words", "à apprécier"),
    ("none", "sans cible"),
]


@require_safe
@login_not_required
def style(request):
    """Only where the site is built or shown: with DEBUG or in the demonstration."""
    if not settings.DEBUG and not settings.DEMO:
        raise Http404
    light, dark = tokens()
    context = {
        "sizes": _named(light, "text-"),
        "spaces": _named(light, "space-"),
        "themes": [("Thème clair", measured(light)), ("Thème sombre", measured(dark))],
        "badges": [
            ("État d’une action", STATES),
            ("Statut d’une fiche", STATUSES),
            ("Issue d’une cible", OUTCOMES),
        ],
    }
    return render(request, "actions/style.html", context)


def _named(theme, prefix):
    return [(name.removeprefix(prefix), value) for name, value in theme.items() if name.startswith(prefix)]
