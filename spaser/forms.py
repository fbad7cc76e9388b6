"""Form fields of French text and numbers, for pages and administration alike."""

import re

from django import forms
from django.core.exceptions import ValidationError

from spaser.french import format_number, parse_number


class TextAreaField(forms.CharField):
    """A text of several lines, kept as the document has it: browsers end lines with CR LF."""

    widget = forms.Textarea

    def to_python(self, value):
        return re.sub(r"\r\n?", "\n", super().to_python(value))


class FrenchDecimalField(forms.DecimalField):
    """A number as French hands type it, « 1 234,56 », and shown likewise."""

    def __init__(self, **kwargs):
        super().__init__(**{"widget": forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs})

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            return parse_number(value)[0]
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value):
        return value if value is None or isinstance(value, str) else format_number(value)
