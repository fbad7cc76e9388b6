"""What the tests of the workbook and of the grid do alike: give a file, read the preview, confirm it."""

import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from indicators.entry.workbook import HEADING_ROW
from indicators.models import Reading
from tests.actions.test_pages import text_of


def address(campaign, name="campaign_workbook"):
    return reverse(name, args=[campaign.scheme.slug, campaign.key])


def download(client, campaign, **query):
    response = client.get(address(campaign, "campaign_workbook_download"), query)
    assert response.status_code == 200, response
    return response.content


class Filled:
    """A downloaded workbook that a test fills: `set("G-1", "Valeur", 5)`."""

    def __init__(self, content):
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.sheet = self.book["Saisie"]

    @property
    def columns(self):
        return {str(cell.value): cell.column for cell in self.sheet[HEADING_ROW] if cell.value is not None}

    def row(self, code):
        column = self.columns["Code"]
        rows = range(HEADING_ROW + 1, self.sheet.max_row + 1)
        return next(row for row in rows if self.sheet.cell(row, column).value == code)

    def cell(self, code, heading):
        return self.sheet.cell(self.row(code), self.columns[heading])

    def set(self, code, heading, value, number_format=None):
        cell = self.cell(code, heading)
        cell.value = value
        if number_format:
            cell.number_format = number_format
        return self

    @property
    def content(self):
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def upload(client, campaign, content, name="saisie.xlsx"):
    return client.post(address(campaign), {"file": SimpleUploadedFile(name, content)})


def preview_of(response):
    assert "preview" in response.context, text_of(response)
    return response.context["preview"]


def said(response):
    """[(code, before, after)] of the lines that the preview shows as changing."""
    return [(item.row.code, item.line.before, item.line.after) for item in preview_of(response).changes]


def problems(response):
    return [(problem.where, problem.code, problem.message) for problem in preview_of(response).problems]


def confirm(client, response, campaign, name="campaign_workbook", **choices):
    return client.post(address(campaign, name), {"rows": preview_of(response).packed, **choices}, follow=True)


def change(measure, number, by):
    reading = Reading.objects.get(measure=measure)
    Reading.objects.filter(pk=reading.pk).update(
        number=number, version=reading.version + 1, changed_by=by, changed_at=timezone.now()
    )
