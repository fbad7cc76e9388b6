"""What explains the API to programs and people: the published schema and the interactive documentation."""

from functools import cache
from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from spaser.api.views import ApiView

SCHEMA = Path(__file__).parent / "openapi.json"


@cache
def schema_text():
    """The committed schema (`make schema`), as bytes of JSON."""
    return SCHEMA.read_bytes()


class Root(ApiView):
    """Where everything begins, for who tries the address of the API in a browser."""

    schema = None
    permission_classes = [AllowAny]
    throttle_classes = ()

    def get(self, request):
        site = settings.SITE_URL
        starts = ("organisation_list", "scheme_list", "edition_list", "docs", "schema")
        found = {name.removesuffix("_list"): site + reverse(f"api:{name}") for name in starts}
        return Response({"guide": site + reverse("api_guide"), **found})


class Schema(ApiView):
    """The OpenAPI schema, for whoever asks, in whatever format they ask: it is JSON."""

    schema = None
    permission_classes = [AllowAny]
    authentication_classes = throttle_classes = ()

    def check_parameters(self, request):
        """Whatever is asked."""

    def perform_content_negotiation(self, request, force=False):
        return JSONRenderer(), JSONRenderer.media_type

    def get(self, request):
        return HttpResponse(schema_text(), content_type=JSONRenderer.media_type)


@method_decorator(csp_update({"img-src": [SELF, "data:"]}), name="dispatch")  # the icons of its style sheet
class Documentation(SpectacularSwaggerSplitView):
    """Swagger UI over the schema: who is logged in, or gives a credential there, tries the operations."""

    url_name = "api:schema"
    authentication_classes = throttle_classes = ()
    template_name = "api/docs.html"
