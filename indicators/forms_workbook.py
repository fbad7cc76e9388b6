"""The forms of the workbook and of the grid: the file that comes back, the direction whose lines are shown."""

from django import forms
from django.core.exceptions import ValidationError

from indicators.entry.scope import directions_of
from indicators.entry.upload import read_table
from spaser.packages import MAX_BYTES
from spaser.spreadsheets import UnreadableFile, read_spreadsheet

NO_ROW = "Le tableau n’a aucune ligne remplie sous ses titres."


class UploadForm(forms.Form):
    """A filled workbook. Once valid, `table` holds what it says."""

    file = forms.FileField(
        label="Fichier rempli",
        help_text=f"XLSX, ODS ou CSV, {MAX_BYTES // 2**20} Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
        allow_empty_file=True,  # the reader says so in its own words
    )

    def __init__(self, *args, campaign, **kwargs):
        super().__init__(*args, **kwargs)
        self.campaign = campaign

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            self.table = read_table(read_spreadsheet(file, name=file.name), self.campaign)
        except UnreadableFile as error:
            raise ValidationError(str(error)) from error
        if not self.table.rows:
            raise ValidationError([problem.message for problem in self.table.problems] or [NO_ROW])
        return file


class DirectionForm(forms.Form):
    """Which direction's lines; all of them when none is chosen."""

    direction = forms.ModelChoiceField(
        label="Direction", queryset=None, required=False, to_field_name="code", empty_label="toutes"
    )

    def __init__(self, *args, campaign, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["direction"].queryset = directions_of(campaign)
