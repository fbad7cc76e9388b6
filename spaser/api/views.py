"""The shapes that resources take: a list, one item; each tells what it is to the schema by its serializer and filters."""

from django.http import HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework import generics
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, NotFound
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from spaser.api.conditional import answer_conditionally
from spaser.api.filters import StrictFilters, faults_of_query
from spaser.api.problems import Problem
from spaser.api.renderers import CSVRenderer


class ApiView(APIView):
    """Any view of the API: `parameters` are those of the query that it knows. An answer has an ETag, made of its content."""

    renderer_classes = [JSONRenderer]
    parameters = frozenset()

    def initial(self, request, *args, **kwargs):
        try:
            super().initial(request, *args, **kwargs)
        except (AuthenticationFailed, NotAuthenticated):
            self.check_throttles(request)  # whoever tries keys has no more requests than any visitor
            raise
        self.check_parameters(request)

    def check_parameters(self, request):
        if faults := list(faults_of_query(request.query_params, self.parameters | {"format"})):
            raise Problem(400, errors=faults)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Accept", "Authorization", "Cookie"])
        patch_cache_control(response, no_cache=True, private=True)
        if quota := getattr(request, "quota", None):
            for name, value in quota.headers.items():
                response[name] = value
        if hasattr(response, "add_post_render_callback"):
            response.add_post_render_callback(lambda rendered: answer_conditionally(request, rendered))
        else:
            answer_conditionally(request, response)
        return response


class ItemView(ApiView, generics.RetrieveAPIView):
    """One item, found by `lookup` (what the address names) among what the reader may see (`get_queryset`)."""

    filter_backends = []
    pagination_class = None
    lookup = ()  # (name in the address, field) pairs

    def get_object(self):
        rows = self.get_queryset().filter(**{field: self.kwargs[name] for name, field in self.lookup})
        row = rows.first()
        if row is None:
            raise NotFound
        self.check_object_permissions(self.request, row)
        return row


class ListView(ApiView, generics.ListAPIView):
    """A list: filtered, ordered, in pages; as CSV whole, since one reads a table in one piece."""

    filter_backends = [StrictFilters]
    renderer_classes = [JSONRenderer, CSVRenderer]
    parameters = frozenset({"page", "page_size", "format"})

    def check_parameters(self, request):
        """The filters do it, with their own faults."""

    def paginate_queryset(self, queryset):
        if self.request.accepted_renderer.format == CSVRenderer.format:
            return None
        return super().paginate_queryset(queryset)

    def columns(self):
        """The names of the columns of the CSV: the fields that are not nested."""
        fields = self.get_serializer_class()().fields
        return [name for name, field in fields.items() if not _is_nested(field)]

    def file_name(self):
        return self.resource


def _is_nested(field):
    return isinstance(getattr(field, "child", field), BaseSerializer)


class OpenToAll:
    """What anyone reads, from any site: the pages of other hosts may ask for it, without credentials."""

    permission_classes = [AllowAny]

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, RateLimit, RateLimit-Policy, Retry-After"
        return response

    def options(self, request, *args, **kwargs):
        """What a browser asks before it lets another site send If-None-Match."""
        headers = {
            "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Headers": "Accept, If-None-Match",
            "Access-Control-Max-Age": "86400",
            "Allow": "GET, HEAD, OPTIONS",
        }
        return HttpResponse(status=204, headers=headers)


class NothingHere(ApiView):
    """Any other address of the API: a problem, where the site would answer with a page."""

    schema = None
    permission_classes = [AllowAny]

    def check_parameters(self, request):
        """Whatever is asked."""

    def _nothing(self, request, *args, **kwargs):
        if not request.path.endswith("/"):
            raise Problem(404, "Les adresses de l’API finissent par « / ».")
        raise NotFound

    get = post = put = patch = delete = _nothing
