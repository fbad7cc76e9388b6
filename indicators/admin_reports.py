"""Reports, readings and their history in the administration: read there, written on the site's own pages."""

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.utils.html import format_html_join
from django.utils.text import Truncator

from actions.admin_base import ReadOnly, ScopedAdmin, StackedRows, SteeredFilter, TabularRows
from actions.admin_scope import steered
from indicators.history import differences
from indicators.models import (
    Evidence,
    ExtraFigure,
    Reading,
    ReadingChange,
    Remark,
    Report,
    ReportChange,
    StepState,
)
from indicators.series import Series


class ReadingColumns:
    """A reading in words."""

    @admin.display(description="valeur")
    def shown_value(self, reading):
        campaign = reading.report.campaign
        return Series([], [reading]).value(reading.measure, campaign.year, campaign.period).display or "–"


class ReadingRows(ReadOnly, ReadingColumns, TabularRows):
    model = Reading
    fields = ["measure", "shown_value", "comment", "as_of", "source", "version"]
    readonly_fields = ["shown_value"]
    list_select_related = ["measure__indicator", "measure__item", "report__campaign"]
    show_change_link = True


class ExtraFigureRows(ReadOnly, TabularRows):
    model = ExtraFigure
    fields = ["heading", "label", "shown_value", "note", "origin_badge"]
    readonly_fields = ["shown_value", "origin_badge"]

    @admin.display(description="valeur")
    def shown_value(self, figure):
        return figure.display


class StepStateRows(ReadOnly, TabularRows):
    model = StepState
    fields = ["step", "state"]
    list_select_related = ["step"]


class EvidenceRows(ReadOnly, TabularRows):
    """The files are handed out by the site's own pages, which know who may read them."""

    model = Evidence
    fields = ["name", "size", "reading", "added_by", "added_at"]
    list_select_related = ["reading__measure", "reading__report__campaign", "added_by"]


class RemarkRows(ReadOnly, StackedRows):
    model = Remark
    fields = [("author", "written_at", "measure"), "text"]
    list_select_related = ["author", "measure__indicator", "measure__item"]


@admin.register(Report)
class ReportAdmin(ReadOnly, ScopedAdmin):
    list_display = ["code", "action", "campaign", "status", "state", "submitted_at", "validated_at"]
    list_display_links = ["code", "action"]
    list_filter = [
        ("campaign__scheme", SteeredFilter),
        ("campaign", SteeredFilter),
        ("action__objective__pillar", SteeredFilter),
        "status",
        "state",
        "door",
    ]
    search_fields = ["action__code", "action__title"]
    list_select_related = ["campaign__scheme", "action__scheme", "submitted_by", "validated_by", "changed_by"]
    ordering = ["-campaign__year", "action__code", "pk"]
    inlines = [ReadingRows, ExtraFigureRows, StepStateRows, EvidenceRows, RemarkRows]
    fieldsets = [
        (None, {"fields": ["campaign", "action", ("status", "state"), "return_reason"]}),
        ("Récit", {"fields": list(Report.SECTIONS)}),
        (
            "Circuit",
            {
                "fields": [
                    ("submitted_by", "submitted_at"),
                    ("validated_by", "validated_at"),
                    ("changed_by", "changed_at", "door", "version"),
                ]
            },
        ),
        ("À éclaircir", {"fields": ["source_note"]}),
    ]

    @admin.display(description="code", ordering="action__code")
    def code(self, report):
        return report.action.code


@admin.register(Reading)
class ReadingAdmin(ReadOnly, ReadingColumns, ScopedAdmin):
    list_display = ["code", "quantity", "campaign", "shown_value", "status", "changed_at"]
    list_display_links = ["code", "quantity"]
    list_filter = [
        ("report__campaign__scheme", SteeredFilter),
        ("report__campaign", SteeredFilter),
        "report__status",
        "missing",
        "door",
    ]
    search_fields = ["measure__code", "measure__name", "measure__indicator__name", "report__action__code"]
    list_select_related = [
        "measure__indicator",
        "measure__item",
        "report__campaign",
        "report__action__scheme",
        "changed_by",
    ]
    ordering = ["-report__campaign__year", "measure__code", "pk"]
    fieldsets = [
        (None, {"fields": ["report", "measure", "shown_value"]}),
        (
            "Précisions",
            {"fields": ["comment", ("as_of", "source"), "unfilled", ("missing", "missing_note")]},
        ),
        (
            "Dernière modification",
            {"fields": [("changed_by", "changed_at", "door", "version"), "changed_why"]},
        ),
    ]
    readonly_fields = ["shown_value"]

    @admin.display(description="code", ordering="measure__code")
    def code(self, reading):
        return reading.measure.code

    @admin.display(description="grandeur")
    def quantity(self, reading):
        return Truncator(reading.measure.label).chars(100)

    @admin.display(description="campagne", ordering="report__campaign__year")
    def campaign(self, reading):
        return reading.report.campaign

    @admin.display(description="statut", ordering="report__status")
    def status(self, reading):
        return reading.report.get_status_display()


class ChangeAdmin(ReadOnly, ScopedAdmin):
    """One line of history. The row that it tells of may be gone; a superuser still reads the line."""

    tracked = None  # the model whose history this is
    link = ""  # the relation to it
    named_by = ()  # what the name of the tracked row walks
    list_display = ["changed_at", "subject", "what", "changed_by", "door", "changed_why"]
    list_display_links = ["changed_at", "subject"]
    list_filter = ["door"]
    list_select_related = ["changed_by"]
    ordering = ["-changed_at", "-pk"]
    fields = ["subject", "differences", ("changed_by", "changed_at", "door"), "changed_why", "version"]
    readonly_fields = ["subject", "differences"]

    def scope(self, request, queryset):
        if request.user.is_superuser:
            return queryset
        return queryset.filter(**{f"{self.link}__in": steered(self.tracked, request.user)})

    def get_queryset(self, request):
        # not select_related, whose join would leave out the lines of rows that are gone
        return super().get_queryset(request).prefetch_related(*self.named_by)

    @admin.display(description="sur")
    def subject(self, change):
        try:
            return str(getattr(change, self.link))
        except ObjectDoesNotExist:
            return "(supprimé)"

    @admin.display(description="ce qui change")
    def what(self, change):
        return ", ".join(line.label for line in self._differences(change)) or "–"

    @admin.display(description="avant et après")
    def differences(self, change):
        lines = self._differences(change)
        return format_html_join(
            "", "<div>{} : {} → {}</div>", ((line.label, line.before, line.after) for line in lines)
        )

    def _differences(self, change):
        return differences(change)


@admin.register(ReportChange)
class ReportChangeAdmin(ChangeAdmin):
    tracked, link = Report, "report"
    named_by = ("report__action__scheme", "report__campaign")
    search_fields = ["report__action__code", "changed_why"]


@admin.register(ReadingChange)
class ReadingChangeAdmin(ChangeAdmin):
    tracked, link = Reading, "reading"
    named_by = ("reading__measure", "reading__report__campaign")
    search_fields = ["reading__measure__code", "changed_why"]

    def _differences(self, change):
        try:
            return differences(change, change.reading.measure)
        except ObjectDoesNotExist:
            return differences(change)
