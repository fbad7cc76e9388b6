"""Forms of targets, of breaks in a series, and of the items of a breakdown."""

from django import forms
from django.utils.text import capfirst

from actions.admin_scope import document_order
from actions.forms_plan import PlanForm, texts, year_field
from actions.models import Action, Pillar
from actions.models.organisation import code_validator
from actions.rules import check
from indicators.forms_plan import (
    SETTLED,
    by_action,
    in_the_way,
    measures_to_choose,
    readings_with_measures,
)
from indicators.models import BreakdownItem, Comparison, Measure, SeriesBreak, Target
from spaser.forms import FrenchDecimalField


class TargetForm(PlanForm):
    """A target that the steering team sets for a measure."""

    owners = ("measure",)
    groups = {
        "Cible": ["code", "comparison", "value", "value_max", "unit", "words"],
        "Échéance": ["year", "each_year", "stage"],
        "Par rapport à une référence": ["relative", "baseline_from", "baseline_to"],
    }
    year = year_field("En")
    baseline_from = year_field("Référence : de")
    baseline_to = year_field("Référence : à")

    class Meta:
        model = Target
        fields = [
            "code",
            "comparison",
            "value",
            "value_max",
            "unit",
            "words",
            "year",
            "each_year",
            "stage",
            "relative",
            "baseline_from",
            "baseline_to",
        ]
        labels = {"words": "En mots"}
        help_texts = {
            "unit": "Vide : celle de la grandeur.",
            "words": "Ce qui s’affiche ; vide : la cible s’écrit d’après ses nombres.",
        }
        field_classes, widgets = texts("words", rows=2)
        field_classes = {**field_classes, "value": FrenchDecimalField, "value_max": FrenchDecimalField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(value, capfirst(label)) for value, label in Comparison.choices]
        self.fields["comparison"].choices = [("", "Choisir…"), *choices]

    def clean(self):
        super().clean()
        self.put_last()
        return self.cleaned_data


class TiedTargetForm(PlanForm):
    """A document's target: its words stay; it is tied to a measure, and given the reference that it lacks."""

    groups = {
        "Rattachement": ["owner"],
        "Période de référence": ["baseline_from", "baseline_to"],
        "À éclaircir": ["source_note"],
    }
    owner = forms.TypedChoiceField(label="Cible de")
    baseline_from = year_field("De")
    baseline_to = year_field("À")

    class Meta:
        model = Target
        fields = ["baseline_from", "baseline_to", "source_note"]
        labels = {"source_note": "Ce qui reste à éclaircir"}
        help_texts = {"source_note": SETTLED}
        field_classes, widgets = texts("source_note", rows=3)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        scheme, owner = self.instance.scheme, self.instance.owner
        pillars = scheme.pillars.select_related("scheme")
        actions = scheme.actions.select_related("scheme", "parent").order_by(*document_order(), "pk")
        measures = measures_to_choose(scheme)
        rows = {owner_key(row): row for row in (*pillars, *actions, *measures)}
        self.fields["owner"].choices = [
            ("Niveaux du plan", [(owner_key(row), f"{row.code} · {row.title[:90]}") for row in pillars]),
            ("Fiches", [(owner_key(row), f"{row.code} · {row.title[:90]}") for row in actions]),
            *(
                (sheet, [(f"measure-{pk}", words) for pk, words in found])
                for sheet, found in by_action(measures)
            ),
        ]
        self.fields["owner"].coerce = lambda key: rows[key]
        self.initial["owner"] = owner_key(owner)

    def clean(self):
        owner = self.cleaned_data.get("owner")
        if owner is not None:
            for name in Target.OWNERS:
                setattr(self.instance, name, owner if owner_name(owner) == name else None)
        return super().clean()


def owner_name(row):
    return {Measure: "measure", Action: "action", Pillar: "pillar"}[type(row)]


def owner_key(row):
    return f"{owner_name(row)}-{row.pk}"


class SeriesBreakForm(PlanForm):
    year = year_field(
        "À partir de", "La première année qui ne se compare plus aux précédentes.", required=True
    )

    class Meta:
        model = SeriesBreak
        fields = ["year", "note"]
        labels = {"note": "Ce qui change"}
        field_classes, widgets = texts("note", rows=3)


# Breakdowns


class NewItemForm(PlanForm):
    """An item added to a breakdown."""

    owners = ("breakdown",)
    valid_from = year_field("Valable à partir de", "Vide : depuis le début du schéma.")

    class Meta:
        model = BreakdownItem
        fields = ["name", "code", "valid_from"]
        labels = {"name": "Poste à ajouter"}
        help_texts = {"code": "Court : il entre dans le code des grandeurs du poste."}

    def clean(self):
        super().clean()
        self.put_last()
        return self.cleaned_data


class ItemForm(forms.Form):
    """The name, rank and years of one item of a breakdown."""

    name = forms.CharField(label="Poste", max_length=200)
    position = forms.IntegerField(label="Rang", min_value=0, max_value=9999)
    valid_from = year_field("Valable à partir de")
    valid_until = year_field("Valable jusqu’à")

    def __init__(self, data=None, *, item):
        self.item = item
        initial = {name: getattr(item, name) for name in self.base_fields}
        super().__init__(data, prefix=f"poste-{item.pk}", initial=initial)

    def clean(self):
        data = super().clean()
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", "La validité finit avant de commencer.")
        return data


class ItemForms:
    """All the items of a breakdown in one form. A constant number of queries."""

    def __init__(self, data=None, *, breakdown):
        self.breakdown = breakdown
        self.forms = [ItemForm(data, item=item) for item in breakdown.items.all()]

    def is_valid(self):
        if not forms.all_valid(self.forms):
            return False
        for form in self.forms:
            for name, value in form.cleaned_data.items():
                setattr(form.item, name, value)
        self._check_readings()
        return all(form.is_valid() for form in self.forms)

    def _check_readings(self):
        forms_of = {form.item.pk: form for form in self.forms if form.has_changed()}
        found = {pk: [] for pk in forms_of}
        for reading in readings_with_measures(measure__item__in=forms_of):
            reading.measure.item = forms_of[reading.measure.item_id].item
            found[reading.measure.item_id].append(reading)
        for pk, readings in found.items():
            for sentence in in_the_way(readings):
                forms_of[pk].add_error(None, sentence)

    @property
    def items(self):
        return [form.item for form in self.forms if form.has_changed()]


class ProposalForm(forms.Form):
    """Whether to make one of the measures proposed for a new item, and under which code."""

    wanted = forms.BooleanField(label="Créer", required=False)
    code = forms.CharField(label="Code", max_length=40, validators=[code_validator], required=False)

    def __init__(self, data=None, *, rank, measure):
        self.measure = measure
        super().__init__(data, prefix=f"grandeur-{rank}", initial={"wanted": True, "code": measure.code})
        self.fields["code"].widget.attrs["aria-label"] = f"Code de la grandeur de {measure.indicator.code}"
        self.fields["wanted"].widget.attrs["aria-label"] = f"Créer la grandeur de {measure.indicator.code}"

    def clean(self):
        data = super().clean()
        if data.get("wanted") and not data.get("code") and "code" not in self.errors:
            self.add_error("code", "Donnez un code.")
        return data


class ProposalForms:
    """The measures proposed for an item, one row each; their codes are unique in the scheme."""

    def __init__(self, data=None, *, scheme, proposals):
        self.scheme = scheme
        self.forms = [
            ProposalForm(data, rank=rank, measure=measure) for rank, measure in enumerate(proposals)
        ]

    def is_valid(self):
        if not forms.all_valid(self.forms):
            return False
        taken = set(self.scheme.measures.values_list("code", flat=True))
        wanted = [form for form in self.forms if form.cleaned_data["wanted"]]
        for form in wanted:
            code = form.cleaned_data["code"]
            if code in taken:
                form.add_error("code", "Ce code est déjà utilisé dans le schéma.")
            taken.add(code)
            form.measure.code = code
        of_measure = {id(form.measure): form for form in wanted}
        for measure, error in check([form.measure for form in wanted]):
            of_measure[id(measure)].add_error(None, error.messages)
        return all(form.is_valid() for form in self.forms)

    @property
    def wanted(self):
        return [form.measure for form in self.forms if form.cleaned_data["wanted"]]
