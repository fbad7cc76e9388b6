"""Whose rows a member of a steering team sees, chooses and maintains, whatever the page of the administration."""

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from actions.models import Scheme
from actions.scoping import is_steering

# The relations that lead to a former scheme of the same organisation, where the others stay within one scheme.
TO_FORMER_SCHEMES = {"continues", "predecessor"}


def may_enter(request):
    """May this user maintain a plan at all? Superusers and steering teams; asked once a request."""
    if not hasattr(request, "_may_enter"):
        user = request.user
        request._may_enter = user.is_active and (user.is_superuser or is_steering(user))
    return request._may_enter


def steered(model, user):
    """The rows of `model` that `user` maintains: those of the organisations steered, all for a superuser."""
    queryset = model._default_manager.all()
    return queryset if user.is_superuser else queryset.steered_by(user)


def id_in(request, name):
    """The id that the address gives under `name`, or None when it is none: « ² », or more than a database counts."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def scheme_of(row):
    """The scheme to which a row belongs, itself if it is one, or None."""
    return row if isinstance(row, Scheme) else getattr(row, "scheme", None)


def within(queryset, scheme, field_name=""):
    """What the field `field_name` of a row of `scheme` may point to: rows of the scheme, or of its organisation."""
    path = getattr(queryset.model, "organisation_path", None)
    if path is None:
        return queryset
    if field_name in TO_FORMER_SCHEMES:
        own = {"pk" if queryset.model is Scheme else "scheme": scheme.pk}
        return queryset.filter(**{path: scheme.organisation_id}).exclude(**own)
    if queryset.model is Scheme:
        return queryset.filter(pk=scheme.pk)
    if path.endswith("scheme__organisation"):
        return queryset.filter(**{path.removesuffix("__organisation"): scheme})
    of_organisation = Q(**{path or "pk": scheme.organisation_id})
    if path and queryset.model._meta.get_field(path).null:
        of_organisation |= Q(**{f"{path}__isnull": True})  # what is common to all organisations
    return queryset.filter(of_organisation)


def choice_label(row, *, with_scheme=False):
    """How a row reads in a choice list: its code, its name, and its scheme where several may be meant."""
    text, code = str(row), getattr(row, "code", "")
    if code and not (text.startswith(f"{code} ") or text.endswith(f"({code})")):
        text = f"{code} · {text}"
    scheme = scheme_of(row) if with_scheme and not isinstance(row, Scheme) else None
    return f"{text} ({scheme.period or scheme.slug})" if scheme else text


def document_order(path=""):
    """The order in which the document prints actions, for rows that reach them by `path`."""
    return (
        f"{path}scheme",
        f"{path}objective__pillar__position",
        f"{path}objective__position",
        Coalesce(f"{path}parent__position", f"{path}position"),
        F(f"{path}parent").asc(nulls_first=True),
        f"{path}position",
    )
