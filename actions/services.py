"""What crosses models or leaves the process: giving a role or taking it away, and the letter that invites."""

import logging

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from actions.models import Credential, Membership, Role, User
from actions.models.credential import digest_of, new_token

logger = logging.getLogger(__name__)


class InvitationNotSent(Exception):
    """The letter could not leave. The role that it tells of is given all the same."""

    def __init__(self):
        super().__init__(
            "Le rôle est donné, mais l’invitation n’est pas partie : réessayez avec « Inviter de nouveau »."
        )


class LastOfTheTeam(Exception):
    """An organisation would be left without a steering team."""

    def __init__(self):
        super().__init__("L’équipe de pilotage garde au moins un membre : nommez d’abord quelqu’un d’autre.")


@transaction.atomic
def give_role(*, by, base_url, organisation, email, role, direction=None, first_name="", last_name=""):
    """Make the membership, and the account when there is none; invite who cannot log in yet.

    Returns (membership, invited). `base_url` is the site's own address, for the link; the letter leaves once the
    transaction is committed, and raises InvitationNotSent when it cannot.
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


@transaction.atomic
def keep_a_team(leaving):
    """Refuse, with LastOfTheTeam, that the memberships `leaving` be the whole steering team of an organisation.

    The teams stay locked until the end of the transaction: of two members who leave at once, the second is refused.
    """
    left = {row.pk for row in leaving}
    organisations = {row.organisation_id for row in leaving if row.role == Role.STEERING}
    team = Membership.objects.filter(organisation__in=organisations, role=Role.STEERING)
    locked = team.select_for_update().order_by("pk").values_list("organisation", "pk")
    if organisations - {organisation for organisation, pk in locked if pk not in left}:
        raise LastOfTheTeam


@transaction.atomic
def take_role(membership):
    """Take a role away; LastOfTheTeam when the organisation would be left without a steering team."""
    keep_a_team([membership])
    membership.delete()


def send_invitation(membership, *, by, base_url):
    """The letter with the link by which a new member chooses a first password; InvitationNotSent when it cannot leave."""
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
        "days": link_days(),
    }
    body = render_to_string("mail/invitation.txt", context)
    subject = f"SPASER : {membership.organisation} vous invite"
    try:
        EmailMessage(subject, body, to=[user.email], reply_to=[by.email]).send()
    except OSError as error:  # also what a mail server answers: SMTPException is one
        logger.exception("The invitation of user %s was not sent", user.pk)
        raise InvitationNotSent from error


def link_days():
    """For how many days a link that sets a password serves."""
    return settings.PASSWORD_RESET_TIMEOUT // 86400


@transaction.atomic
def create_credential(*, organisation, name, scope, expires_on, by, at):
    """(credential, token) of another system: the token is told here and never again.

    What it writes is signed by an account of its own, that has no password and gets no letter.
    """
    prefix, secret, token = new_token()
    account = User(email=f"api-{prefix}@client.invalid", last_name=name)
    account.set_unusable_password()
    account.save()
    Membership.objects.create(user=account, organisation=organisation, role=scope)
    credential = Credential(
        organisation=organisation,
        account=account,
        name=name,
        scope=scope,
        prefix=prefix,
        digest=digest_of(secret),
        expires_on=expires_on,
        created_by=by,
        created_at=at,
    )
    credential.save()
    return credential, token


@transaction.atomic
def revoke_credential(credential, *, by, at):
    """Close a credential for good; what it wrote stays signed with its name. Twice is once."""
    open_ones = Credential.objects.filter(pk=credential.pk, revoked_at=None)
    if open_ones.update(revoked_at=at, revoked_by=by):
        Membership.objects.filter(user=credential.account_id).delete()
        User.objects.filter(pk=credential.account_id).update(is_active=False)
