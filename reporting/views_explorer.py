"""The explorer of a scheme's indicators, its files, and two years side by side."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from actions.models import Scheme
from reporting.compare import compared
from reporting.explorer import Explorer
from reporting.export import explorer_csv, explorer_workbook
from spaser.workbooks import XLSX


def _scheme(request, slug):
    schemes = Scheme.objects.visible_to(request.user).select_related("organisation")
    return get_object_or_404(schemes, slug=slug)


@require_safe
def explorer(request, slug):
    """All indicators of a scheme as one table, narrowed, sorted and laid out as the address says."""
    scheme = _scheme(request, slug)
    view = Explorer(scheme, request.user, request.GET)
    context = {"scheme": scheme, "view": view, "campaign": view.campaign}
    return render(request, "reporting/explorer.html", context)


@require_safe
def explorer_export(request, slug, format):
    """What the explorer shows at the same query string, as `format`: xlsx or csv."""
    if format not in ("xlsx", "csv"):
        raise Http404
    scheme = _scheme(request, slug)
    view = Explorer(scheme, request.user, request.GET)
    if format == "csv":
        content, content_type = explorer_csv(view), "text/csv; charset=utf-8"
    else:
        address = request.build_absolute_uri(reverse("explorer", args=[slug]) + view.link())
        content, content_type = explorer_workbook(view, address=address), XLSX
    name = f"indicateurs-{scheme.slug}-{view.year}.{format}"
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(content, content_type=content_type, headers=headers)


@require_safe
def compare(request, slug):
    """Two years of a scheme: what they have in common, what has changed."""
    scheme = _scheme(request, slug)
    context = {"scheme": scheme, "campaign": None, "comparison": compared(scheme, request.user, request.GET)}
    return render(request, "reporting/compare.html", context)
