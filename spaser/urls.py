"""All addresses of the site; each app brings its own."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("gestion/", admin.site.urls),
]
