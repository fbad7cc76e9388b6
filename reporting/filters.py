"""What the explorer and the comparison can be narrowed by: filters over rows in memory, which all have a `sheet`.

A parameter that is not understood says so beside its field, and the others still hold.
"""

from functools import cached_property

import django_filters
from django import forms
from django.utils.text import capfirst

from actions.models import InvolvementRole
from indicators.models import Measure, MeasureType, ReportStatus
from indicators.outcomes import Outcome
from spaser.text import matches

ANY = "(indifférent)"
TAKING_PART = (InvolvementRole.PILOT, InvolvementRole.SUPPORT)
FILLED = {"oui": True, "non": False}
NOT_OFFERED = {"invalid_choice": "« %(value)s » n’est pas proposé ici."}


def directions_of(sheet):
    """The directions that pilot or support an action, or the whole of which it is a part."""
    involvements = [
        row for action in (sheet.action, sheet.whole) if action for row in action.involvements.all()
    ]
    return {row.direction for row in involvements if row.role in TAKING_PART}


def choice(label, method):
    return django_filters.ChoiceFilter(
        label=label, method=method, empty_label=ANY, error_messages=NOT_OFFERED
    )


class SheetFilter(django_filters.FilterSet):
    """Rows narrowed by pillar and direction. `sheets` are those whose pillars and directions can be chosen."""

    pilier = choice("Pilier", "keep_pillar")
    direction = choice("Direction (pilotage ou appui)", "keep_direction")

    class Meta:
        model = Measure
        fields = ()

    CRITERIA = ("pilier", "direction")

    def __init__(self, data, *, scheme, sheets):
        super().__init__(data, queryset=Measure.objects.none())
        self.filters["pilier"].label = scheme.pillar_label or "Orientation"
        pillars = {sheet.pillar.code: str(sheet.pillar) for sheet in sheets if sheet.pillar}
        directions = {direction for sheet in sheets for direction in directions_of(sheet)}
        named = sorted((row.name, row.code) for row in directions)
        self.offer("pilier", pillars.items())
        self.offer("direction", [(code, f"{name} ({code})") for name, code in named])

    def offer(self, name, choices):
        """Let one choose among `choices`, pairs of value and words; a filter without any is left out."""
        if choices:
            self.filters[name].extra["choices"] = list(choices)
        else:
            del self.filters[name]

    def kept(self, rows):
        """Those of `rows` that fulfil all that is asked and understood."""
        for name, value in self.asked.items():
            if name in self.CRITERIA:
                rows = self.filters[name].filter(rows, value)
        return rows

    @cached_property
    def asked(self):
        """{name: value} of what is asked and understood."""
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value not in ("", [], None)}

    @property
    def criteria(self):
        """[(name, label, words)] of what narrows the rows."""
        fields = self.form.fields
        return [
            (name, fields[name].label, dict(getattr(fields[name], "choices", ())).get(value, value))
            for name, value in self.asked.items()
            if name in self.CRITERIA
        ]

    def keep_pillar(self, rows, name, value):
        return [row for row in rows if row.sheet.pillar and row.sheet.pillar.code == value]

    def keep_direction(self, rows, name, value):
        return [row for row in rows if value in {direction.code for direction in directions_of(row.sheet)}]


class ExplorerFilter(SheetFilter):
    """The lines of the explorer. `categories` are the legal categories of the scheme that the reader may see."""

    q = django_filters.CharFilter(label="Mots", method="keep_words")
    cible = choice("Cible", "keep_outcome")
    rempli = choice("Renseigné", "keep_filled")
    objectif = choice("Objectif", "keep_objective")
    type = choice("Type de valeur", "keep_type")
    statut = choice("Statut de la valeur", "keep_status")
    categorie = choice("Catégorie légale", "keep_category")
    annee = django_filters.ChoiceFilter(label="Année", empty_label=None)
    tri = django_filters.ChoiceFilter(label="Tri", empty_label=None, error_messages=NOT_OFFERED)
    colonnes = django_filters.MultipleChoiceFilter(
        label="Colonnes affichées", widget=forms.CheckboxSelectMultiple, error_messages=NOT_OFFERED
    )

    CRITERIA = ("q", "pilier", "objectif", "direction", "cible", "rempli", "type", "statut", "categorie")
    FIRST = ("q", "pilier", "direction", "cible", "annee", "tri")
    MORE = ("objectif", "rempli", "statut", "type", "categorie")

    def __init__(self, data, *, lines, situation, categories, sorts, columns, wrong_year):
        scheme = situation.scheme
        super().__init__(data, scheme=scheme, sheets=[line.sheet for line in lines])
        self.filters["objectif"].label = scheme.objective_label
        objectives = (line.sheet.action.objective for line in lines)
        self.offer("objectif", {row.code: str(row) for row in objectives if row and row.title}.items())
        types = {line.row.measure.type for line in lines if line.row}
        self.offer("type", [(key, capfirst(label)) for key, label in MeasureType.choices if key in types])
        self.offer("statut", [(key, capfirst(label)) for key, label in ReportStatus.choices])
        self.offer("cible", [(key, capfirst(label)) for key, label in Outcome.choices])
        self.offer("rempli", [(key, capfirst(key)) for key in FILLED])
        self.categories = list(categories)
        self.offer("categorie", {row.code: row.name for row in self.categories}.items())
        self.offer("annee", [(str(year), str(year)) for year in reversed(situation.years)])
        self.offer("tri", sorts)
        self.offer("colonnes", columns)
        if wrong_year and "annee" in self.filters:
            years = ", ".join(map(str, situation.years))
            self.form.add_error("annee", f"Ce schéma n’a de campagne que pour {years}.")

    def bound(self, names):
        return [self.form[name] for name in names if name in self.filters]

    @property
    def first_fields(self):
        return self.bound(self.FIRST)

    @property
    def more_fields(self):
        return self.bound(self.MORE)

    @property
    def more_open(self):
        """Is one of the further filters asked for, or wrong?"""
        return any(name in self.asked or name in self.form.errors for name in self.MORE)

    def keep_words(self, rows, name, value):
        return [row for row in rows if matches(value, *row.words)]

    def keep_objective(self, rows, name, value):
        return [row for row in rows if (found := row.sheet.action.objective) and found.code == value]

    def keep_type(self, rows, name, value):
        return [row for row in rows if row.row and row.row.measure.type == value]

    def keep_status(self, rows, name, value):
        return [row for row in rows if row.row and row.row.status == value]

    def keep_outcome(self, rows, name, value):
        return [row for row in rows if row.row and row.row.outcome == value]

    def keep_filled(self, rows, name, value):
        return [row for row in rows if row.filled is FILLED[value]]

    def keep_category(self, rows, name, value):
        ids = {category.pk for category in self.categories if category.code == value}
        return [row for row in rows if row.row and row.row.measure.legal_category_id in ids]
