"""Lists as CSV: RFC 4180, UTF-8, commas, numbers with a point, for programs; a spreadsheet takes the site's own exports."""

import csv
import io

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

from spaser.workbooks import harmless

JOINED = " | "


class Negotiation(DefaultContentNegotiation):
    """A `format` that is not there is refused like an Accept that is not: 406."""

    def filter_renderers(self, renderers, format):
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            raise NotAcceptable
        return found


class CSVRenderer(BaseRenderer):
    """The rows of a list, one column a plain field of its serializer; what is nested stays to the JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        view = renderer_context["view"]
        names = view.columns()
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerows([_cell(row[name]) for name in names] for row in data)
        renderer_context["response"]["Content-Disposition"] = f'attachment; filename="{view.file_name()}.csv"'
        return out.getvalue().encode()


def _cell(value):
    """A value as text; what a spreadsheet would take for a formula gets an apostrophe, as everywhere on the site."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return harmless(JOINED.join(map(str, value)))
    return harmless(value) if isinstance(value, str) else value
