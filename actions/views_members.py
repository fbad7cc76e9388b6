"""Pages by which a steering team gives and takes roles, and by which anyone sets a password."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordResetDoneView, PasswordResetView
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from actions.forms import FirstOrForgottenPasswordForm, LoginForm, MemberForm
from actions.middleware import typed_before
from actions.models import Membership, Organisation
from actions.models.organisation import PEOPLE_ROLES
from actions.scoping import steers
from actions.services import (
    InvitationNotSent,
    LastOfTheTeam,
    give_role,
    link_days,
    send_invitation,
    take_role,
)


class Login(LoginView):
    """Logs in; a form that was sent after the session had run out is then offered again."""

    form_class = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(resume=self.request.POST.get("resume", ""), **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        typed = typed_before(self.request)
        if not typed:
            return response
        context = {"next": self.get_success_url(), "typed": typed}
        return render(self.request, "registration/resume.html", context)


@method_decorator(login_not_required, name="dispatch")
class PasswordReset(PasswordResetView):
    """Sends the link that sets a password; says the same whether the account exists or not."""

    form_class = FirstOrForgottenPasswordForm
    email_template_name = "mail/password.txt"
    subject_template_name = "mail/password_subject.txt"

    @property
    def extra_email_context(self):
        return {"days": link_days()}


@method_decorator(login_not_required, name="dispatch")
class PasswordResetDone(PasswordResetDoneView):
    def get_context_data(self, **kwargs):
        return super().get_context_data(days=link_days(), **kwargs)


def steered_organisation(request, slug):
    """The organisation, for its steering team only: 404 to a stranger, 403 to its other members."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), slug=slug)
    if not steers(request.user, organisation):
        raise PermissionDenied
    return organisation


def base_url(request):
    return request.build_absolute_uri("/").rstrip("/")


@require_http_methods(["GET", "POST"])
def members(request, slug):
    """Who holds which role, and the form that gives one."""
    organisation = steered_organisation(request, slug)
    form = MemberForm(request.POST if request.method == "POST" else None, organisation=organisation)
    if form.is_valid():
        try:
            membership, invited = give_role(
                by=request.user, base_url=base_url(request), organisation=organisation, **form.cleaned_data
            )
        except InvitationNotSent as error:
            messages.error(request, str(error))
        else:
            letter = f" Une invitation part à {membership.user.email}." if invited else ""
            messages.success(request, f"{membership.user} est {membership.get_role_display()}.{letter}")
        return redirect("members", slug=slug)
    memberships = (
        Membership.objects.steered_by(request.user)
        .filter(organisation=organisation, role__in=PEOPLE_ROLES)
        .select_related("user", "direction", "organisation")
        .order_by("role", "direction__name", "user__last_name", "user__email")
    )
    context = {"organisation": organisation, "memberships": memberships, "form": form}
    return render(request, "actions/members.html", context)


def own_membership(request, slug, pk):
    """The membership of a person; those of keys are given and taken with the keys."""
    organisation = steered_organisation(request, slug)
    people = Membership.objects.filter(role__in=PEOPLE_ROLES)
    memberships = people.select_related("user", "organisation", "direction")
    return get_object_or_404(memberships, organisation=organisation, pk=pk)


@require_POST
def remove(request, slug, pk):
    """Take a role away; the last member of the steering team stays."""
    membership = own_membership(request, slug, pk)
    try:
        take_role(membership)
    except LastOfTheTeam as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{membership.user} n’est plus {membership.get_role_display()}.")
    if not steers(request.user, membership.organisation):  # who has left the team sees this page no more
        return redirect("home")
    return redirect("members", slug=slug)


@require_POST
def invite_again(request, slug, pk):
    """Send the invitation once more to somebody who has not chosen a password yet."""
    membership = own_membership(request, slug, pk)
    if membership.user.has_usable_password():
        messages.info(request, f"{membership.user} a déjà choisi son mot de passe.")
        return redirect("members", slug=slug)
    try:
        send_invitation(membership, by=request.user, base_url=base_url(request))
    except InvitationNotSent:
        messages.error(request, "L’invitation n’est pas partie : réessayez plus tard.")
    else:
        messages.success(request, f"L’invitation repart à {membership.user.email}.")
    return redirect("members", slug=slug)
