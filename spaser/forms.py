"""Form fields of French text and numbers, for pages and administration alike."""

import json
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


class ConsiderateForm(forms.ModelForm):
    """A form that undoes nobody's work on a stored row, which another may have saved since the page was shown.

    It carries what it showed. A field that one left as it was shown keeps what is stored now; one that both changed says
    so, with the other's version, and the next save decides.
    """

    OVERTAKEN = "Quelqu’un a changé cela entre-temps : « {theirs} ». Enregistrez de nouveau pour garder votre version."

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["was"] = forms.CharField(required=False, widget=forms.HiddenInput)
            self.initial["was"] = json.dumps(self._stored_texts())

    def _stored_texts(self):
        """{name: text} of the fields, as a page shows what is stored."""
        fields = {name: field for name, field in self.fields.items() if name != "was" and not field.disabled}
        return {
            name: _shown(field.prepare_value(self.get_initial_for_field(field, name)))
            for name, field in fields.items()
        }

    def clean(self):
        data = super().clean()
        if "was" in self.fields:
            self._meet_others()
        return data

    def _meet_others(self):
        try:
            was = json.loads(self.cleaned_data.get("was") or "{}")
        except (json.JSONDecodeError, RecursionError):
            was = None
        taken = {}
        for name, stored in self._stored_texts().items() if isinstance(was, dict) else ():
            typed = _shown(self[name].data)
            if was.get(name, stored) in (stored, typed):
                if was.get(name, stored) != stored and name in self.cleaned_data:
                    self.cleaned_data[name] = getattr(self.instance, name)
                    taken[self.add_prefix(name)] = (
                        stored  # shown again, it is not taken for a change of one's own
                    )
            elif typed != stored:
                self.add_error(name, self.OVERTAKEN.format(theirs=stored))
        self.data = {**self.data.dict(), **taken, self.add_prefix("was"): self.initial["was"]}


def _shown(value):
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
