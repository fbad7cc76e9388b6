"""Forms by which a steering team keeps indicators, their measures and breakdowns up to date."""

from collections import defaultdict

from django import forms
from django.db.models import Q

from actions.admin_scope import document_order
from actions.forms_plan import PlanForm, texts, year_field
from actions.models import Nature, Scheme
from actions.rules import check
from indicators import rules
from indicators.models import (
    NUMBER_TYPES,
    BreakdownItem,
    Computation,
    Indicator,
    LegalCategory,
    Measure,
    MeasureSource,
    MeasureType,
    Reading,
)
from spaser.forms import FrenchDecimalField
from spaser.french import plural

SETTLED = "Videz ce champ quand la question est réglée."
FROM = "Première année suivie ; vide : depuis le début du schéma."
UNTIL = "Dernière année suivie. Videz ce champ pour annuler la fin."


# What stands in the way of a change


def in_the_way(readings):
    """One sentence for each rule that `readings`, as they would be after a change, no longer follow."""
    broken = defaultdict(list)
    for reading, error in check(readings):
        for message in error.messages:
            broken[message].append(reading.report.campaign.year)
    return [
        f"{len(years)} {plural('valeur saisie', len(years))} ({', '.join(map(str, sorted(set(years))))}) "
        f"{'s’opposent' if len(years) > 1 else 's’oppose'} à ce changement : {message}"
        for message, years in broken.items()
    ]


def readings_with_measures(**of):
    """Readings with all that their rules look at, in one query."""
    return Reading.objects.filter(**of).select_related(
        "measure__indicator__action", "measure__item", "report__campaign"
    )


class ReadForm(PlanForm):
    """A row on which readings depend: a change that would leave one of them wrong is refused, and says how many."""

    def readings(self):
        """The stored readings, pointing at the row as it is about to be."""
        raise NotImplementedError

    def _check_rules(self):
        super()._check_rules()
        if not self.errors and not self.instance._state.adding:
            for sentence in in_the_way(self.readings()):
                self.add_error(None, sentence)


# Choosing a measure among many


def measures_to_choose(scheme):
    """The measures of a scheme as a list offers them: shared data first, then in the order of the document."""
    measures = scheme.measures.select_related(
        "indicator__action__scheme", "indicator__action__parent", "item"
    )
    in_order = measures.order_by(
        *document_order("indicator__action__"), "indicator__position", "position", "pk"
    )
    return sorted(in_order, key=lambda measure: measure.indicator.action.nature != Nature.SHARED)


def by_action(measures):
    """[(sheet, [(id, measure in words)])], for a list in groups."""
    groups = defaultdict(list)
    for measure in measures:
        action = measure.indicator.action
        unit = f" ({measure.shown_unit})" if measure.shown_unit else ""
        groups[f"{action.code} · {action.title[:70]}"].append(
            (str(measure.pk), f"{measure.code} · {measure.label[:90]}{unit}")
        )
    return list(groups.items())


class MeasureField(forms.TypedChoiceField):
    """One of `measures`, in groups by sheet. No query of its own, so that a form may have many."""

    def __init__(self, *, measures, choices=None, **kwargs):
        rows = {str(measure.pk): measure for measure in measures}
        super().__init__(
            choices=[("", "—"), *(choices or by_action(measures))],
            coerce=lambda pk: rows[str(pk)],
            empty_value=None,
            **kwargs,
        )


# Indicators


class IndicatorForm(ReadForm):
    """What the site may change of an indicator. The words of a document stay word for word."""

    dependents = ("duplicates", "measures")
    groups = {
        "Indicateur": ["name", "kind", "definition", "breakdown"],
        "Validité": ["valid_from", "valid_until"],
        "À éclaircir": ["source_note"],
    }
    valid_from = year_field("Valable à partir de", FROM)
    valid_until = year_field("Valable jusqu’à", UNTIL)

    class Meta:
        model = Indicator
        fields = ["name", "kind", "definition", "breakdown", "valid_from", "valid_until", "source_note"]
        labels = {"source_note": "Ce qui reste à éclaircir"}
        help_texts = {"source_note": SETTLED, "name": ""}
        field_classes, widgets = texts("name", "definition", "source_note", rows=3)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["breakdown"].queryset = self.instance.scheme.breakdowns.all()
        if self.instance.origin == "document":
            del self.fields["name"]

    def readings(self):
        readings = list(readings_with_measures(measure__indicator=self.instance))
        for reading in readings:
            reading.measure.indicator = self.instance
        return readings


class NewIndicatorForm(IndicatorForm):
    """An indicator that the steering team adds to an action."""

    owners = ("action",)
    groups = {"Indicateur": ["code", "name", "kind", "definition", "breakdown", "valid_from"]}
    valid_until = None

    class Meta(IndicatorForm.Meta):
        fields = ["code", "name", "kind", "definition", "breakdown", "valid_from"]

    def __init__(self, *args, action, **kwargs):
        instance = Indicator(scheme=action.scheme, action=action)
        super().__init__(*args, instance=instance, **kwargs)

    def clean(self):
        super().clean()
        self.put_last()
        return self.cleaned_data


# Measures


class MeasureForm(ReadForm):
    """A measure, except how it is computed, which has its own page."""

    dependents = ("uses", "alternatives", "remarks", "source_links", "targets")
    groups = {
        "Grandeur": ["code", "name", "item", "type", "unit", "sense", "choices"],
        "Termes d’un taux": ["numerator_label", "denominator_label"],
        "Période de référence": ["baseline_from", "baseline_to", "baseline_value"],
        "Liens avec d’autres grandeurs": ["continues", "alternative_to"],
        "Publication légale": ["legal_category", "legal_basis", "buyer", "perimeter", "threshold"],
        "Validité": ["valid_from", "valid_until"],
        "À éclaircir": ["source_note"],
    }
    baseline_from = year_field("De")
    baseline_to = year_field("À")
    valid_from = year_field("Valable à partir de", FROM)
    valid_until = year_field("Valable jusqu’à", UNTIL)

    class Meta:
        model = Measure
        fields = [
            "code",
            "name",
            "item",
            "type",
            "unit",
            "sense",
            "choices",
            "numerator_label",
            "denominator_label",
            "baseline_from",
            "baseline_to",
            "baseline_value",
            "continues",
            "alternative_to",
            "legal_category",
            "legal_basis",
            "buyer",
            "perimeter",
            "threshold",
            "valid_from",
            "valid_until",
            "source_note",
        ]
        labels = {
            "name": "Intitulé",
            "baseline_value": "Valeur",
            "source_note": "Ce qui reste à éclaircir",
        }
        help_texts = {
            "source_note": SETTLED,
            "choices": "Pour une valeur d’une liste : une par ligne.",
            "unit": "Au singulier : « marché », « tonne », « km ».",
            "legal_basis": "Elle se donne avec la catégorie.",
        }
        field_classes, widgets = texts("choices", "perimeter", "source_note", rows=3)
        field_classes = {
            **field_classes,
            "baseline_value": FrenchDecimalField,
            "threshold": FrenchDecimalField,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        measure = self.instance
        indicator, scheme = measure.indicator, measure.scheme
        if "item" in self.fields:
            self.fields["item"].queryset = BreakdownItem.objects.filter(
                breakdown=indicator.breakdown_id
            ).exclude(breakdown=None)
        if "alternative_to" in self.fields:
            others = Measure.objects.filter(indicator=indicator, alternative_to=None).exclude(pk=measure.pk)
            self.fields["alternative_to"].queryset = others.select_related("item", "indicator")
        if "legal_category" in self.fields:
            mine = Q(organisation=None) | Q(organisation=scheme.organisation_id)
            self.fields["legal_category"].queryset = LegalCategory.objects.filter(mine)
        if "buyer" in self.fields:
            self._offer_buyers(scheme)
        if "continues" in self.fields:
            self._offer_former_measures(scheme)
        if measure.is_computed:
            self.fields["type"].disabled = True
            self.fields["type"].help_text = "Celui de son calcul."

    def _offer_buyers(self, scheme):
        """Where one alone buys, everything is his."""
        buyers = scheme.organisation.buyers.all()
        if len(buyers) < 2 and self.instance.buyer_id is None:
            del self.fields["buyer"]
            return
        self.fields["buyer"].queryset = buyers

    def _offer_former_measures(self, scheme):
        if scheme.predecessor is None:
            del self.fields["continues"]
            return
        old = self.fields["continues"]
        self.fields["continues"] = MeasureField(
            measures=measures_to_choose(scheme.predecessor),
            label=old.label,
            help_text=old.help_text,
            required=False,
        )

    def readings(self):
        return pointing_at(self.instance)


def pointing_at(measure):
    """The readings of `measure`, which they see as it is about to be."""
    readings = list(readings_with_measures(measure=measure))
    for reading in readings:
        reading.measure = measure
    return readings


class NewMeasureForm(MeasureForm):
    """A measure added to an indicator; `first` for that of an indicator that is made in the same form."""

    owners = ("indicator",)
    groups = {
        "Grandeur": ["code", "name", "item", "type", "unit", "sense", "choices"],
        "Termes d’un taux": ["numerator_label", "denominator_label"],
    }
    baseline_from = baseline_to = valid_from = valid_until = None

    class Meta(MeasureForm.Meta):
        fields = [
            "code",
            "name",
            "item",
            "type",
            "unit",
            "sense",
            "choices",
            "numerator_label",
            "denominator_label",
        ]

    def __init__(self, *args, indicator, first=False, **kwargs):
        self.first = first
        super().__init__(*args, instance=Measure(scheme=indicator.scheme, indicator=indicator), **kwargs)
        if first:
            self.groups = {"Sa première grandeur": [*self.fields]}
            del self.fields["item"], self.fields["code"]

    def clean(self):
        if self.first:
            self.instance.code = self.instance.indicator.code
        super().clean()
        self.put_last()
        return self.cleaned_data

    def _get_validation_exclusions(self):
        """The indicator of a first measure is saved with it; without a code, it is the indicator's that is wrong."""
        exclude = super()._get_validation_exclusions()
        if self.first:
            exclude |= {"indicator"} if self.instance.code else {"indicator", "code"}
        return exclude


class IndicatorWithMeasure:
    """A new indicator and its first measure, as one form."""

    def __init__(self, data=None, *, action, code):
        self.indicator = NewIndicatorForm(data, action=action, initial={"code": code})
        self.measure = NewMeasureForm(data, indicator=self.indicator.instance, first=True, prefix="grandeur")

    def is_valid(self):
        return forms.all_valid([self.indicator, self.measure])  # in this order: the measure takes its code

    def fieldsets(self):
        return [*self.indicator.fieldsets(), *self.measure.fieldsets()]

    def non_field_errors(self):
        return [*self.indicator.non_field_errors(), *self.measure.non_field_errors()]


# How a measure is computed


def type_when(computation, measure, sources):
    """The type of a measure once it is computed in this way."""
    fixed = {Computation.RATIO: MeasureType.RATIO, Computation.EVOLUTION: MeasureType.PERCENT}
    if computation != Computation.SUM:
        return fixed.get(computation, measure.type)
    summed = (MeasureType.COUNT, MeasureType.QUANTITY, MeasureType.AMOUNT)
    own = [measure.type, *(source.type for source in sources)]
    return next((found for found in own if found in summed), MeasureType.QUANTITY)


ROWS = 3
OF_A_RATE = [" (d’un taux, le numérateur)", " (d’un taux, le dénominateur)"]


class ComputationForm(forms.Form):
    """Entered, or computed from other measures: which ones, one a row. `plus` in the data asks for three more rows."""

    computation = forms.ChoiceField(
        label="Calcul", required=False, choices=[("", "aucun : la valeur est saisie"), *Computation.choices]
    )

    def __init__(self, data=None, *, measure):
        self.measure = measure
        links = list(measure.source_links.order_by("position"))
        super().__init__(data, initial={"computation": measure.computation})
        offered = [
            other
            for other in measures_to_choose(measure.scheme)
            if other.pk != measure.pk and other.type in (*NUMBER_TYPES, MeasureType.RATIO)
        ]
        groups = by_action(offered)
        for rank in range(self._rows(data, len(links))):
            self.fields[f"source_{rank}"] = MeasureField(
                measures=offered,
                choices=groups,
                label=f"Grandeur {rank + 1}{OF_A_RATE[rank] if rank < 2 else ''}",
                initial=links[rank].source_id if rank < len(links) else "",
                required=False,
            )

    @staticmethod
    def _rows(data, stored):
        if data is None:
            return max(ROWS, stored)
        sent = sum(name.startswith("source_") for name in data)
        return min(sent, 60) + (ROWS if "plus" in data else 0)

    def fieldsets(self):
        return [("", [self["computation"]]), ("À partir de", [self[name] for name in self._source_names()])]

    def _source_names(self):
        return [name for name in self.fields if name.startswith("source_")]

    def clean(self):
        data = super().clean()
        chosen = {name: data[name] for name in self._source_names() if data.get(name)}
        sources = list(chosen.values())
        computation = data.get("computation", "")
        if self.errors:
            return data
        self._take(computation, sources)
        if not computation:
            chosen, sources = {}, []
        if not rules.has_its_sources(self.measure, len(sources)):
            self.add_error("computation", rules.SOURCES)
        self._check_sources(chosen)
        stored = [*self.measure.uses.select_related("measure"), *self.measure.targets.all()]
        for row in stored:
            setattr(row, "source" if isinstance(row, MeasureSource) else "measure", self.measure)
        for row, error in check(stored):
            self.add_error(None, f"{row} : {' '.join(error.messages)}")
        for sentence in in_the_way(pointing_at(self.measure)):
            self.add_error(None, sentence)
        return {"computation": computation, "sources": sources}

    def _take(self, computation, sources):
        """The measure as it would be: its type follows from its computation, and a rate has no unit of its own."""
        measure, kind = self.measure, type_when(computation, self.measure, sources)
        if kind != measure.type:
            measure.unit = sources[0].unit if computation == Computation.SUM and sources else ""
            measure.choices = ""
        measure.type, measure.computation = kind, computation

    def _check_sources(self, chosen):
        links = {
            name: MeasureSource(measure=self.measure, source=source, position=rank)
            for rank, (name, source) in enumerate(chosen.items())
        }
        named = {id(link): name for name, link in links.items()}
        for link, error in check(links.values()):
            self.add_error(named[id(link)], error.messages)
        seen = set()
        for name, source in chosen.items():
            if source in seen:
                self.add_error(name, "Cette grandeur est déjà dans le calcul.")
            seen.add(source)


# The scheme that follows


class SuccessorForm(PlanForm):
    """What identifies the scheme that follows another one."""

    starts_year = year_field("Première année", required=True)
    ends_year = year_field("Dernière année")

    class Meta:
        model = Scheme
        fields = ["title", "slug", "starts_year", "ends_year"]
        help_texts = {"slug": "Il fait l’adresse de ses pages : minuscules, chiffres et tirets."}

    def __init__(self, *args, scheme, **kwargs):
        instance = Scheme(organisation=scheme.organisation, predecessor=scheme)
        super().__init__(*args, instance=instance, **kwargs)

    def clean_starts_year(self):
        year, former = self.cleaned_data["starts_year"], self.instance.predecessor
        if former.starts_year and year <= former.starts_year:
            raise forms.ValidationError(f"Le schéma qu’il suit commence en {former.starts_year}.")
        return year
