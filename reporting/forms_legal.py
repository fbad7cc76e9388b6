"""The form by which the steering team completes a legal figure that no plan follows."""

from decimal import Decimal

from django import forms
from django.utils import timezone

from actions.forms_plan import PlanForm, texts, year_field
from indicators.models import LegalBasis
from reporting.models import LegalFigure
from spaser.forms import FrenchDecimalField

COUNTED = {LegalBasis.CONTRACTS: "Contrats", LegalBasis.VALUE: "Euros HT"}
NUMBERS = ("numerator", "denominator", "unfilled", "target", "threshold")


class LegalFigureForm(PlanForm):
    """The figures of one buyer, category, basis and year, or why there are none.

    `followed_by` is the measure that follows that line; `others` are the (basis, year) of the same category of which nothing is
    known yet, to which the same reason may be given.
    """

    groups = {
        "Chiffres": ["numerator", "denominator", "unfilled"],
        "Cible": ["target", "target_year"],
        "D’où viennent ces chiffres": ["perimeter", "threshold", "source", "extracted_on"],
        "Ou bien, sans chiffres": ["not_followed", "for_others"],
    }
    target_year = year_field("Échéance de la cible")
    for_others = forms.BooleanField(required=False)

    class Meta:
        model = LegalFigure
        fields = [
            "numerator",
            "denominator",
            "unfilled",
            "target",
            "target_year",
            "perimeter",
            "threshold",
            "source",
            "extracted_on",
            "not_followed",
        ]
        labels = {"target": "Cible, en %", "threshold": "Seuil, en euros HT"}
        help_texts = {
            "perimeter": "Ce qui est compté : « marchés notifiés dans l’année, hors marchés subséquents ».",
            "threshold": "Le montant à partir duquel un contrat est compté.",
            "source": "« Logiciel de rédaction des marchés », « données essentielles de la commande publique ».",
            "not_followed": "Imprimé tel quel dans la publication, à la place des chiffres.",
        }
        field_classes, widgets = texts("perimeter", "not_followed", rows=3)
        field_classes |= dict.fromkeys(NUMBERS, FrenchDecimalField)
        widgets["extracted_on"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, *args, followed_by=None, others=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.followed_by, self.others = followed_by, others
        if others:
            said = ", ".join(f"{basis.label} {year}" for basis, year in others)
            self.fields["for_others"].label = f"Donner la même raison pour : {said}"
        else:
            del self.fields["for_others"]
        counted = COUNTED[LegalBasis(self.instance.basis)]
        self.fields["numerator"].label = f"{counted} de la catégorie (numérateur)"
        self.fields["denominator"].label = f"{counted} en tout (dénominateur)"
        self.fields["unfilled"].label = f"{counted} non renseignés"
        self.fields[
            "unfilled"
        ].help_text = "Parmi ceux du dénominateur, ceux dont on ignore s’ils sont de la catégorie."

    def clean(self):
        data = super().clean()
        if self.followed_by:
            self.add_error(
                None,
                f"La grandeur {self.followed_by.code} suit désormais cette ligne : ce chiffre ne compterait pas.",
            )
        self._check_numbers(data)
        self._check_target(data)
        reason, numbers = data.get("not_followed"), [data.get("numerator"), data.get("denominator")]
        if reason and any(number is not None for number in numbers):
            self.add_error(
                "not_followed",
                "Donnez les chiffres, ou la raison pour laquelle ils ne sont pas suivis, pas les deux.",
            )
        elif (
            not reason
            and data.get("numerator") is None
            and not {"numerator", "not_followed"} & set(self.errors)
        ):
            self.add_error(
                "numerator", "Donnez le numérateur, ou dites plus bas pourquoi la catégorie n’est pas suivie."
            )
        if (data.get("extracted_on") or timezone.localdate()) > timezone.localdate():
            self.add_error("extracted_on", "Cette date est à venir.")
        return data

    def save(self, commit=True):
        """With the same reason for the other lines, when that is asked."""
        figure = super().save(commit)
        if figure.not_followed and self.cleaned_data.get("for_others"):
            LegalFigure.objects.bulk_create(
                LegalFigure(
                    buyer=figure.buyer,
                    category=figure.category,
                    basis=basis,
                    year=year,
                    not_followed=figure.not_followed,
                    changed_by=figure.changed_by,
                    changed_at=figure.changed_at,
                )
                for basis, year in self.others
            )
        return figure

    def _check_numbers(self, data):
        numerator, denominator = data.get("numerator"), data.get("denominator")
        unfilled = data.get("unfilled")
        if self.instance.basis == LegalBasis.CONTRACTS:
            for name in ("numerator", "denominator", "unfilled"):
                if data.get(name) is not None and data[name] != data[name].to_integral_value():
                    self.add_error(name, "Un nombre de contrats est un nombre entier.")
        if denominator is None:
            if unfilled is not None and "denominator" not in self.errors:
                self.add_error("denominator", "Donnez le dénominateur, dont font partie les non renseignés.")
        elif numerator is not None and numerator > denominator:
            self.add_error("numerator", "Le numérateur dépasse le dénominateur.")
        elif (numerator or Decimal(0)) + (unfilled or Decimal(0)) > denominator:
            self.add_error("unfilled", "Avec le numérateur, ils dépassent le dénominateur.")

    def _check_target(self, data):
        if data.get("target") is not None and data["target"] > 100:
            self.add_error("target", "Une cible est au plus de 100 %.")
        if data.get("target_year") and data.get("target") is None and "target" not in self.errors:
            self.add_error("target", "Donnez la cible de cette échéance.")
