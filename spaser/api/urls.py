"""All addresses of the API under /api/v1/; each app brings its own."""

from django.urls import include, path, re_path

from spaser.api.documents import Documentation, Root, Schema
from spaser.api.views import NothingHere

app_name = "api"
urlpatterns = [
    path("", Root.as_view(), name="root"),
    path("", include("actions.api.urls")),
    path("", include("indicators.api.urls")),
    path("", include("reporting.api.urls")),
    path("openapi.json", Schema.as_view(), name="schema"),
    path("docs/", Documentation.as_view(), name="docs"),
    re_path("", NothingHere.as_view(), name="nothing"),
]
