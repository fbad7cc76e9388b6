"""What crosses models or leaves the process: giving a role, and the letter that invites."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from actions.models import Membership, User


@transaction.atomic
def give_role(*, by, base_url, organisation, email, role, direction=None, first_name="", last_name=""):
    """Make the membership, and the account when there is none; invite who cannot log in yet.

    Returns (membership, invited). `base_url` is the site's own address, for the link; the letter leaves once the
    transaction is committed.
    """
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, first_name=first_name, last_name=last_name)
    membership = Membership.objects.create(
        user=user, organisation=organisation, role=role, direction=direction
    )
    invited = not user.has_usable_password()
    if invited:
        transaction.on_commit(lambda: send_invitation(membership, by=by, base_url=base_url))
    return membership, invited


def send_invitation(membership, *, by, base_url):
    """The letter with the link by which a new member chooses a first password."""
    user = membership.user
    link = reverse(
        "password_reset_confirm",
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
        },
    )
    context = {
        "membership": membership,
        "by": by,
        "link": base_url + link,
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    body = render_to_string("mail/invitation.txt", context)
    subject = f"SPASER : {membership.organisation} vous invite"
    EmailMessage(subject, body, to=[user.email], reply_to=[by.email]).send()
