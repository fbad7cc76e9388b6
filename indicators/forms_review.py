"""The forms of the review: the decision on a sheet, that on several, a remark, the filter of a history."""

from django import forms

from indicators.models import Measure
from indicators.review import NO_REASON
from spaser.forms import TextAreaField

MOVES = {
    "submit": "Soumettre à la place des pilotes",
    "validate": "Valider",
    "send_back": "Renvoyer pour correction",
    "reopen": "Rouvrir et renvoyer",
}
TO_CORRECT = "Vous avez écrit ce qui est à corriger : renvoyez la fiche, ou effacez-le pour la valider."


def rows(count):
    return forms.Textarea(attrs={"rows": count})


class DecisionForm(forms.Form):
    """What is decided (the name of the button), and why."""

    what = forms.ChoiceField(
        choices=list(MOVES.items()),
        error_messages={
            "required": "Choisissez une décision.",
            "invalid_choice": "Cette décision n’existe pas.",
        },
    )
    why = TextAreaField(label="Ce qui est à corriger", required=False, widget=rows(3))

    def clean(self):
        data = super().clean()
        if data.get("what") in ("send_back", "reopen") and not self.reasons:
            self.add_error("why", NO_REASON)
        if data.get("what") in ("submit", "validate"):
            for name in self.reasons:
                self.add_error(name, TO_CORRECT)
        return data

    @property
    def reasons(self):
        """{name of the field: what is to be corrected}, of those that somebody wrote in."""
        return {name: text for name, text in self.cleaned_data.items() if name != "what" and text}


class ReviewForm(DecisionForm):
    """The decision on one sheet, with a reason for the whole or for each line to correct."""

    def __init__(self, *args, measures, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields[
            "why"
        ].help_text = "Adressé aux pilotes avec la fiche. Pour une seule ligne, écrivez dans le tableau."
        self.measures = {f"line-{measure.code}": measure for measure in measures}
        for name in self.measures:
            self.fields[name] = TextAreaField(label="À corriger", required=False, widget=rows(2))

    @property
    def lines(self):
        """{measure: what is to be corrected on its line}."""
        return {self.measures[name]: text for name, text in self.reasons.items() if name in self.measures}


class RemarkForm(forms.Form):
    """A question or an answer, on the sheet or on one of its lines."""

    measure = forms.ModelChoiceField(
        label="Sur quoi",
        queryset=Measure.objects.none(),
        required=False,
        to_field_name="code",
        empty_label="Toute la fiche",
        error_messages={"invalid_choice": "Cette ligne n’est pas de la fiche."},
    )
    text = TextAreaField(
        label="Question ou réponse", widget=rows(3), error_messages={"required": "Écrivez votre remarque."}
    )

    def __init__(self, *args, measures, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["measure"].queryset = measures


class HistoryFilterForm(forms.Form):
    """Narrows a history to one line of the sheet."""

    grandeur = forms.ModelChoiceField(
        label="Ligne",
        queryset=Measure.objects.none(),
        required=False,
        to_field_name="code",
        empty_label="Toute la fiche",
    )

    def __init__(self, *args, measures, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["grandeur"].queryset = measures
