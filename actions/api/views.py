"""Resources of the plan and the people, to read."""

from django.utils.functional import cached_property
from rest_framework.exceptions import NotFound

from actions.api import filters, serializers
from actions.models import Action, Direction, Objective, Organisation, Pillar, Scheme
from actions.tree import document_order
from spaser.api.views import ItemView, ListView


class OfOrganisation:
    """What stands under an organisation in the address: 404 when the reader sees nothing of it."""

    @cached_property
    def organisation(self):
        organisations = Organisation.objects.visible_to(self.request.user)
        row = organisations.filter(slug=self.kwargs["organisation"]).first()
        if row is None:
            raise NotFound
        return row


class OfScheme:
    """What stands under a scheme in the address: 404 when the reader does not see it."""

    @cached_property
    def scheme(self):
        schemes = Scheme.objects.visible_to(self.request.user).select_related("organisation")
        row = schemes.filter(slug=self.kwargs["scheme"]).first()
        if row is None:
            raise NotFound
        return row

    def rows(self, model):
        """The rows of a model of the plan in this scheme."""
        return model.objects.visible_to(self.request.user).filter(scheme=self.scheme)


class Organisations:
    tag, resource = "Collectivités", "organisations"
    queryset = Organisation.objects.none()
    serializer_class = serializers.OrganisationSerializer

    def get_queryset(self):
        return Organisation.objects.visible_to(self.request.user).prefetch_related("buyers")


class OrganisationList(Organisations, ListView):
    """Les collectivités dont vous lisez le plan."""

    filterset_class = filters.OrganisationFilters


class OrganisationItem(Organisations, ItemView):
    """Une collectivité et ses acheteurs."""

    operation = "get_organisation"
    lookup = (("organisation", "slug"),)


class Directions(OfOrganisation):
    tag, resource = "Collectivités", "directions"
    queryset = Direction.objects.none()
    serializer_class = serializers.DirectionSerializer

    def get_queryset(self):
        rows = Direction.objects.visible_to(self.request.user).filter(organisation=self.organisation)
        return rows.select_related("organisation", "succeeded_by")


class DirectionList(Directions, ListView):
    """Les directions d’une collectivité, partenaires compris."""

    filterset_class = filters.DirectionFilters


class DirectionItem(Directions, ItemView):
    """Une direction."""

    operation = "get_direction"
    lookup = (("code", "code"),)


class Schemes:
    tag, resource = "Plan", "schemes"
    queryset = Scheme.objects.none()
    serializer_class = serializers.SchemeSerializer

    def get_queryset(self):
        return Scheme.objects.visible_to(self.request.user).select_related("organisation", "predecessor")


class SchemeList(Schemes, ListView):
    """Les schémas que vous lisez."""

    filterset_class = filters.SchemeFilters


class SchemeItem(Schemes, ItemView):
    """Un schéma."""

    operation = "get_scheme"
    lookup = (("scheme", "slug"),)


class Pillars(OfScheme):
    tag, resource = "Plan", "pillars"
    queryset = Pillar.objects.none()
    serializer_class = serializers.PillarSerializer

    def get_queryset(self):
        return self.rows(Pillar).select_related("scheme")


class PillarList(Pillars, ListView):
    """Les piliers (axes) d’un schéma."""

    filterset_class = filters.PillarFilters


class PillarItem(Pillars, ItemView):
    """Un pilier."""

    operation = "get_pillar"
    lookup = (("code", "code"),)


class Objectives(OfScheme):
    tag, resource = "Plan", "objectives"
    queryset = Objective.objects.none()
    serializer_class = serializers.ObjectiveSerializer

    def get_queryset(self):
        return self.rows(Objective).select_related("scheme", "pillar")


class ObjectiveList(Objectives, ListView):
    """Les objectifs (chantiers) d’un schéma."""

    filterset_class = filters.ObjectiveFilters


class ObjectiveItem(Objectives, ItemView):
    """Un objectif."""

    operation = "get_objective"
    lookup = (("code", "code"),)


class Actions(OfScheme):
    tag, resource = "Plan", "actions"
    queryset = Action.objects.none()
    serializer_class = serializers.ActionSerializer

    def get_queryset(self):
        rows = self.rows(Action).select_related("scheme", "objective__pillar", "parent")
        rows = rows.prefetch_related("involvements__direction", "steps__parent")
        return rows.order_by(*document_order(), "pk")


class ActionList(Actions, ListView):
    """Les actions d’un schéma et leurs volets, avec les directions qui y prennent part et leurs étapes."""

    filterset_class = filters.ActionFilters


class ActionItem(Actions, ItemView):
    """Une action ou un volet."""

    operation = "get_action"
    lookup = (("code", "code"),)
