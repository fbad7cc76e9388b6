"""Parts of an address as the API takes them: what no code can be is not even looked for."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class CodeConverter(StringConverter):
    """A code that people cite: « ENV-2.3.A-2 »."""

    regex = r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*"


class CampaignKeyConverter(StringConverter):
    """A campaign: « 2026 », or « 2026-S1 » for a first half."""

    regex = r"[0-9]{4}(?:-S1)?"


register_converter(CodeConverter, "code")
register_converter(CampaignKeyConverter, "campaign")
