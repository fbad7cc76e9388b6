"""The reminders of a campaign, shown before they leave and afterwards; and each person's choice to have them or not."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from indicators.lookups import steered_campaign
from indicators.mail.letters import token_of, user_of
from indicators.models import Reminder
from indicators.perms import today
from indicators.reminders import Agenda, choose, occasions, send_of
from spaser.templatetags.french import count_of

HIDDEN = "…"  # in a preview, in place of what lets its reader choose for another person


@require_http_methods(["GET", "POST"])
def campaign_reminders(request, slug, key):
    """What leaves next, when, to whom and in which words; what has left. A POST sends what is due today."""
    campaign = steered_campaign(request.user, slug, key)
    if request.method == "POST":
        _report(request, send_of(campaign, at=timezone.now()))
        return redirect("campaign_reminders", slug=slug, key=key)
    agenda = Agenda(today(), campaign.scheme.organisation)
    day, letters = agenda.next_letters(campaign, today())
    context = {
        "campaign": campaign,
        "scheme": campaign.scheme,
        "day": day,
        "is_today": day == today(),
        "letters": [(letter, letter.body(token=HIDDEN)) for letter in letters],
        "unreached": agenda.unreached(campaign, today()),
        "calendar": _calendar(campaign),
    }
    return render(request, "indicators/reminders.html", context)


def _report(request, delivery):
    if delivery.failed:
        rest = "le serveur de courrier ne répond pas" if delivery.stopped else "une adresse est refusée"
        messages.error(
            request,
            f"{count_of(len(delivery.sent), 'courriel envoyé')}, puis {rest} : le reste partira au prochain envoi.",
        )
    elif delivery.sent:
        messages.success(request, f"{count_of(len(delivery.sent), 'courriel envoyé')}.")
    else:
        messages.info(request, "Rien à envoyer aujourd’hui : ces rappels sont déjà partis.")


def _calendar(campaign):
    """[(day, occasion, [Reminder])] of the campaign's occasions and what left on each, in order."""
    days = {occasion: day for day, occasion in occasions(campaign)}
    sent = {}
    for reminder in (
        Reminder.objects.filter(campaign=campaign).select_related("user").order_by("sent_at", "pk")
    ):
        sent.setdefault(reminder.occasion, []).append(reminder)
    rows = [(day, occasion.label, sent.pop(occasion, [])) for occasion, day in days.items()]
    # what left before the dates were changed
    rows += [(None, reminders[0].get_occasion_display(), reminders) for reminders in sent.values()]
    return rows


@require_safe
def my_reminders(request):
    return redirect("reminders_unsubscribe", token=token_of(request.user))


# The signed token of the link says whose choice it is and that it came by that person's own mail; a mail program posts here
# without a cookie or a page before (RFC 8058), so that there is no CSRF token to ask for.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def reminders_unsubscribe(request, token):
    """The page that asks before it stops reminders, or takes them up again; opening it changes nothing."""
    user = user_of(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        choose(user, wants_reminders=request.POST.get("wants") == "1")
        if "List-Unsubscribe" in request.POST:
            return HttpResponse("Les rappels sont arrêtés.", content_type="text/plain; charset=utf-8")
        return redirect("reminders_unsubscribe", token=token)
    return render(request, "indicators/reminders_choice.html", {"reader": user})
