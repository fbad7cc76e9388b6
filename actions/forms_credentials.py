"""The form by which a steering team makes a key for another system."""

from django import forms

from actions.models import Scope
from spaser.french import format_date

LONGEST_YEARS, USUAL_YEARS = 2, 1  # a key that is forgotten closes by itself
NAME_TAKEN = (
    "Une clé de la collectivité porte déjà ce nom : choisissez-en un autre, ou révoquez-la d’abord. "
    "Son jeton ne peut pas être revu."
)


def years_after(date, years):
    """The same day `years` later; the 28th after a 29 February."""
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return date.replace(year=date.year + years, day=28)


class CredentialForm(forms.Form):
    """A key of `organisation`, as it may be made on the date `on`."""

    name = forms.CharField(
        label="Nom",
        max_length=100,
        help_text="Le système qui s’en sert, par exemple « SIS Marchés ». Ce qu’il enregistre porte ce nom dans l’historique.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label="Droits",
        initial=Scope.READ,
        choices=[
            (
                Scope.READ,
                "Lecture : les plans, et les fiches soumises ou validées avec leurs valeurs.",
            ),
            (
                Scope.WRITE,
                "Lecture et saisie : toutes les fiches, brouillons compris, et leurs relevés à remplir. "
                "Soumettre et valider reste à des personnes.",
            ),
        ],
        widget=forms.RadioSelect,
    )
    expires_on = forms.DateField(label="Valable jusqu’au")

    def __init__(self, *args, organisation, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation, self.on, self.last_day = organisation, on, years_after(on, LONGEST_YEARS)
        field = self.fields["expires_on"]
        field.initial = years_after(on, USUAL_YEARS)
        field.help_text = (
            f"Au plus tard le {format_date(self.last_day)}. Ce jour passé, la clé n’ouvre plus rien."
        )
        bounds = {"min": on.isoformat(), "max": self.last_day.isoformat()}
        field.widget = forms.DateInput(attrs={"type": "date", **bounds}, format="%Y-%m-%d")

    def fieldsets(self):
        """All the fields under no legend, as the page of the forms of a plan asks for them."""
        return [("", list(self))]

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if self.organisation.credentials.filter(name=name, revoked_at=None).exists():
            raise forms.ValidationError(NAME_TAKEN)
        return name

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        if day < self.on:
            raise forms.ValidationError("Cette date est passée.")
        if day > self.last_day:
            raise forms.ValidationError(
                f"Une clé vaut deux ans au plus : choisissez une date jusqu’au {format_date(self.last_day)}."
            )
        return day
