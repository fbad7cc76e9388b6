"""Editions in the administration: read only, since what is published is frozen and what is prepared has pages of its own."""

from django.contrib import admin
from django_tasks_db.admin import DBTaskResult

from actions.admin_base import ReadOnly, ScopedAdmin, SteeredFilter, TabularRows
from reporting.models import Edition, EditionDraft, EditionFile, LegalFigure, Posting

admin.site.unregister(DBTaskResult)  # how far a making is stands on the page of its draft


class EditionFileRows(ReadOnly, TabularRows):
    model = EditionFile
    fields = ["name", "content_type", "size", "sha256"]


class PostingRows(ReadOnly, TabularRows):
    model = Posting
    fields = ["address", "posted_on", "noted_by"]
    list_select_related = ["noted_by"]


@admin.register(Edition)
class EditionAdmin(ReadOnly, ScopedAdmin):
    list_display = ["title", "kind", "version", "public", "published_at", "published_by", "organisation"]
    list_filter = [("organisation", SteeredFilter), "kind", "public"]
    search_fields = ["title", "slug"]
    list_select_related = ["organisation", "published_by"]
    ordering = ["-published_at", "pk"]
    inlines = [EditionFileRows, PostingRows]
    fields = [
        "organisation",
        ("kind", "version"),
        "title",
        "slug",
        ("first_year", "last_year"),
        "campaigns",
        "correction_note",
        "public",
        ("published_at", "published_by"),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("data")


@admin.register(EditionFile)
class EditionFileAdmin(ReadOnly, ScopedAdmin):
    list_display = ["name", "edition", "content_type", "size", "sha256"]
    list_filter = [("edition", SteeredFilter)]
    search_fields = ["name", "edition__title", "sha256"]
    list_select_related = ["edition"]
    ordering = ["-edition__published_at", "name", "pk"]
    fields = ["edition", "name", "content_type", "size", "sha256"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("edition__data")


@admin.register(Posting)
class PostingAdmin(ReadOnly, ScopedAdmin):
    list_display = ["address", "edition", "posted_on", "noted_by"]
    list_filter = [("edition", SteeredFilter)]
    search_fields = ["address", "edition__title"]
    list_select_related = ["edition", "noted_by"]
    ordering = ["-posted_on", "pk"]
    fields = ["edition", "address", "posted_on", "noted_by"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("edition__data")


@admin.register(EditionDraft)
class EditionDraftAdmin(ReadOnly, ScopedAdmin):
    """Without what is frozen for the making, which is long, and the token, which is nobody's business."""

    list_display = ["title", "kind", "first_year", "last_year", "making", "created_at", "organisation"]
    list_filter = [("organisation", SteeredFilter), "kind", "making"]
    search_fields = ["title"]
    list_select_related = ["organisation", "scheme", "corrects", "created_by", "frozen_by"]
    ordering = ["-created_at", "pk"]
    fields = [
        "organisation",
        ("kind", "scheme"),
        ("first_year", "last_year"),
        "title",
        ("corrects", "correction_note"),
        ("foreword", "foreword_author"),
        "public",
        ("created_at", "created_by"),
        ("making", "purpose", "doing", "error"),
        ("beat_at", "frozen_at", "frozen_by"),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("frozen", "corrects__data")


@admin.register(LegalFigure)
class LegalFigureAdmin(ReadOnly, ScopedAdmin):
    list_display = ["category", "basis", "year", "buyer", "numerator", "denominator", "changed_by"]
    list_filter = ["basis", "year"]
    search_fields = ["category__name", "buyer__name", "source"]
    list_select_related = ["buyer", "category", "changed_by"]
    ordering = ["-year", "buyer", "category", "basis", "pk"]
    fields = [
        ("buyer", "category"),
        ("basis", "year"),
        ("numerator", "denominator", "unfilled"),
        ("target", "target_year"),
        "threshold",
        "perimeter",
        ("source", "extracted_on"),
        "not_followed",
        "demonstration",
        ("changed_by", "changed_at"),
    ]
