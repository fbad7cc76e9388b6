"""Editions in the administration: frozen once published, so only read."""

from django.contrib import admin

from actions.admin_base import ReadOnly, ScopedAdmin, SteeredFilter, TabularRows
from reporting.models import Edition, EditionFile


class EditionFileRows(ReadOnly, TabularRows):
    model = EditionFile
    fields = ["name", "content_type", "size", "sha256"]


@admin.register(Edition)
class EditionAdmin(ReadOnly, ScopedAdmin):
    list_display = ["title", "kind", "version", "public", "published_at", "published_by", "organisation"]
    list_filter = [("organisation", SteeredFilter), "kind", "public"]
    search_fields = ["title", "slug"]
    list_select_related = ["organisation", "published_by"]
    ordering = ["-published_at", "pk"]
    inlines = [EditionFileRows]
    fields = [
        "organisation",
        ("kind", "version"),
        "title",
        "slug",
        "campaigns",
        "correction_note",
        "public",
        ("published_at", "published_by"),
    ]


@admin.register(EditionFile)
class EditionFileAdmin(ReadOnly, ScopedAdmin):
    list_display = ["name", "edition", "content_type", "size", "sha256"]
    list_filter = [("edition", SteeredFilter)]
    search_fields = ["name", "edition__title", "sha256"]
    list_select_related = ["edition"]
    ordering = ["-edition__published_at", "name", "pk"]
    fields = ["edition", "name", "content_type", "size", "sha256"]
