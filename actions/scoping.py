"""Who sees what, once, on the queryset: each query that serves a request starts here."""

from django.contrib.auth import get_user_model
from django.db import models


def organisations_of(user, *roles):
    """The organisations in which `user` holds a role (one of `roles`, or any), as a subquery of ids."""
    from actions.models import Membership  # the memberships are themselves scoped by this module

    if not user.is_authenticated or not user.is_active:
        return Membership.objects.none().values("organisation")
    memberships = Membership.objects.filter(user=user)
    if roles:
        memberships = memberships.filter(role__in=roles)
    return memberships.values("organisation")


class ScopedQuerySet(models.QuerySet):
    """Rows that belong to an organisation, found by the model's `organisation_path`."""

    def of_organisations(self, organisations):
        path = self.model.organisation_path
        return self.filter(**{f"{path}__in" if path else "pk__in": organisations})

    def visible_to(self, user):
        """What `user` may read: the plan of the organisations of which he or she is a member."""
        return self.of_organisations(organisations_of(user))

    def steered_by(self, user):
        """What `user` may maintain, as a member of the steering team."""
        from actions.models import Role

        return self.of_organisations(organisations_of(user, Role.STEERING))


class UserQuerySet(models.QuerySet):
    def steered_by(self, user):
        """The members of the organisations that `user` steers."""
        from actions.models import Role

        organisations = organisations_of(user, Role.STEERING)
        return self.filter(memberships__organisation__in=organisations).distinct()


def is_steering(user):
    """True for a member of some organisation's steering team."""
    from actions.models import Role

    return isinstance(user, get_user_model()) and organisations_of(user, Role.STEERING).exists()


def steers(user, scheme):
    """Is `user` of the steering team of this scheme's organisation?"""
    return type(scheme).objects.steered_by(user).filter(pk=scheme.pk).exists()
