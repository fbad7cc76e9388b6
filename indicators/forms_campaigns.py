"""The forms by which a steering team makes and conducts its campaigns."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import capfirst

from indicators.models import CampaignKind, Period

FIRST_YEAR, LAST_YEAR = 1990, 2100


def choices_of(kinds):
    return [(value, capfirst(label)) for value, label in kinds.choices]


def date_field(label, help_text="", *, required=False):
    message = "Cette date est hors de portée : vérifiez l’année."
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[
            MinValueValidator(date(FIRST_YEAR, 1, 1), message),
            MaxValueValidator(date(LAST_YEAR, 12, 31), message),
        ],
    )


class DatesForm(forms.Form):
    """The dates of a collection, each of which may be set later."""

    opens_on = date_field("Ouverture", "Premier jour de saisie. Vide : la campagne reste à venir.")
    closes_on = date_field("Clôture", "Dernier jour pour soumettre une fiche. Vide : sans limite.")
    corrections_until = date_field(
        "Fin des corrections", "Dernier jour pour corriger une fiche renvoyée. Vide : à la clôture."
    )

    def clean(self):
        data = super().clean()
        opens, closes, corrections = (data.get(name) for name in DatesForm.base_fields)
        if opens and closes and closes < opens:
            self.add_error("closes_on", "La clôture précède l’ouverture.")
        if corrections and not closes and "closes_on" not in self.errors:
            self.add_error("closes_on", "Fixez la clôture : des corrections la suivent.")
        if corrections and closes and corrections < closes:
            self.add_error("corrections_until", "Les corrections finissent après la clôture.")
        return data


class CampaignForm(DatesForm):
    """A new campaign of a scheme. A collection outside the years of the scheme is made once somebody says that it is meant."""

    year = forms.IntegerField(
        label="Année des données",
        help_text="Celle dont on rend compte : 2026 se saisit en général début 2027.",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
    )
    period = forms.ChoiceField(label="Période", choices=choices_of(Period))
    kind = forms.ChoiceField(
        label="Nature",
        choices=choices_of(CampaignKind),
        help_text="Collecte : les directions saisissent, avec des dates. Référence : une année passée, que l’équipe de "
        "pilotage reprend ; personne n’y est attendu.",
    )
    outside_years = forms.BooleanField(label="Créer tout de même cette campagne", required=False)

    field_order = ["year", "period", "kind", "outside_years"]

    def __init__(self, *args, scheme, **kwargs):
        super().__init__(*args, **kwargs)
        self.scheme = scheme

    def clean(self):
        data = super().clean()
        year, reference = data.get("year"), data.get("kind") == CampaignKind.REFERENCE
        if self.scheme.campaigns.filter(year=year, period=data.get("period")).exists():
            self.add_error("year", "Ce schéma a déjà une campagne pour cette période.")
        for name in DatesForm.base_fields:
            if reference and data.get(name):
                self.add_error(name, "Une année de référence n’a pas de dates : videz ce champ.")
        if year and not reference and self._is_outside(year) and not data.get("outside_years"):
            self.add_error(
                "outside_years",
                f"{year} est hors des années du schéma ({self.scheme.period}). Pour une année passée, choisissez "
                "« référence » ; sinon, cochez cette case.",
            )
        return data

    def _is_outside(self, year):
        return not (self.scheme.starts_year or year) <= year <= (self.scheme.ends_year or year)

    @property
    def shown_fields(self):
        """The fields of the page: the confirmation only once it is asked for."""
        asked = "outside_years" in self.errors or self.data.get("outside_years")
        return [field for field in self if field.name != "outside_years" or asked]


class ReopenForm(DatesForm):
    """Until when entries, then corrections, are taken again."""

    opens_on = None
    closes_on = date_field("Nouvelle clôture", "Dernier jour pour soumettre une fiche.", required=True)

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_closes_on(self):
        closes_on = self.cleaned_data["closes_on"]
        if closes_on < self.on:
            raise forms.ValidationError("Cette date est passée : la campagne ne rouvrirait pas.")
        return closes_on


class ConfirmForm(forms.Form):
    """A box to tick before something that is not undone by another click."""

    confirmed = forms.BooleanField(error_messages={"required": "Cochez cette case pour confirmer."})

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["confirmed"].label = label
