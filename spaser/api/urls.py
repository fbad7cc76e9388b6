"""All addresses of the API under /api/v1/; each app brings its own."""

from django.urls import include, path, re_path

from spaser.api.views import NothingHere

app_name = "api"
urlpatterns = [
    path("", include("actions.api.urls")),
    path("", include("indicators.api.urls")),
    path("", include("reporting.api.urls")),
    re_path("", NothingHere.as_view(), name="nothing"),
]
