"""Whose page this is: the organisation whose name, logo and colour the frame of a page carries."""

from django import template

from actions.models import Organisation, Scheme

register = template.Library()


@register.simple_tag(takes_context=True)
def identity(context):
    """The organisation of the page (of its `scheme`, `campaign` or `organisation`), or the only one of the user; or None.

    No query where the page has already selected it, one at most otherwise.
    """
    scheme = context.get("scheme") or getattr(context.get("campaign"), "scheme", None)
    if isinstance(scheme, Scheme):
        return scheme.organisation
    if isinstance(organisation := context.get("organisation"), Organisation):
        return organisation
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return None
    mine = list(Organisation.objects.visible_to(user)[:2])
    return mine[0] if len(mine) == 1 else None
