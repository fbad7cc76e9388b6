"""Forms by which a steering team keeps its plan up to date: actions, involvements, directions, committees."""

import json

from django import forms
from django.utils.text import capfirst

from actions.admin_forms import RowChoiceField, RowForm
from actions.admin_scope import document_order
from actions.models import (
    Action,
    Committee,
    Direction,
    DirectionKind,
    Involvement,
    InvolvementRole,
    Meeting,
    Nature,
)
from actions.rules import check
from spaser.forms import ConsiderateForm, TextAreaField

FIRST_YEAR, LAST_YEAR = 1990, 2100
TAKEN_BY_AN_ADDRESS = {"ajouter"}  # the address of the form that adds an action


def texts(*names, rows=4):
    """`field_classes` and `widgets` of a form's long texts."""
    return dict.fromkeys(names, TextAreaField), {name: forms.Textarea(attrs={"rows": rows}) for name in names}


def year_field(label, help_text="", *, required=False):
    return forms.IntegerField(
        label=label, help_text=help_text, required=required, min_value=FIRST_YEAR, max_value=LAST_YEAR
    )


class PlanForm(ConsiderateForm, RowForm):
    """A row of the plan, checked whole before it is saved. `groups`: legend, and the fields under it."""

    groups = {}

    def fieldsets(self):
        """(legend, bound fields) in the order of the page; without `groups`, all fields under no legend."""
        groups = self.groups or {"": [field.name for field in self.visible_fields()]}
        return [
            (legend, [self[name] for name in names if name in self.fields])
            for legend, names in groups.items()
        ]

    def put_last(self):
        """Give a new row the rank after those under the same owner."""
        if self.instance._state.adding:
            self.instance.position = self._last_position(*self._owner())


# Actions


class ActionForm(PlanForm):
    """What the site may change of a sheet, printed or added. Its years leave no annual report outside."""

    dependents = ("reports",)
    groups = {
        "Fiche": ["code", "number", "title", "purpose", "implementation", "expected_results"],
        "Échéance": ["due_text", "due_from", "due_to"],
        "Validité": ["valid_from"],
        "À éclaircir": ["source_note"],
    }
    due_from = year_field("De")
    due_to = year_field("À")
    valid_from = year_field(
        "Valable à partir de", "Première année suivie ; vide : depuis le début du schéma."
    )

    class Meta:
        model = Action
        fields = [
            "code",
            "number",
            "title",
            "purpose",
            "implementation",
            "expected_results",
            "due_text",
            "due_from",
            "due_to",
            "valid_from",
            "source_note",
        ]
        labels = {"due_text": "Échéance, en toutes lettres", "source_note": "Ce qui reste à éclaircir"}
        help_texts = {"source_note": "Videz ce champ quand la question est réglée."}
        field_classes, widgets = texts("purpose", "implementation", "expected_results", "source_note")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        scheme = self.instance.scheme
        for name in ("purpose", "implementation"):
            label = getattr(scheme, f"{name}_label")
            if label and label != scheme.objective_label:  # which is also that of a level, beside it
                self.fields[name].label = label

    def clean_code(self):
        code = self.cleaned_data["code"]
        if code in TAKEN_BY_AN_ADDRESS:
            raise forms.ValidationError("Ce code ne peut pas servir : choisissez-en un autre.")
        return code


class NewActionForm(ActionForm):
    """An action of an objective, or a part of an action, added while the plan runs."""

    owners = ("parent", "objective")
    groups = {
        "Place dans le plan": ["nature", "parent", "objective"],
        "Fiche": ["code", "number", "title", "purpose", "implementation", "expected_results"],
        "Validité": ["valid_from"],
    }
    due_from = due_to = None
    nature = forms.ChoiceField(
        label="Nature",
        choices=[
            (Nature.ACTION, "Action ou volet"),
            (Nature.SHARED, "Données communes : des totaux du schéma, saisis une fois, sans pilote"),
        ],
        initial=Nature.ACTION,
        required=False,
    )

    class Meta(ActionForm.Meta):
        fields = [
            "nature",
            "parent",
            "objective",
            "code",
            "number",
            "title",
            "purpose",
            "implementation",
            "expected_results",
            "valid_from",
        ]
        field_classes = {
            **ActionForm.Meta.field_classes,
            "parent": RowChoiceField,
            "objective": RowChoiceField,
        }

    def __init__(self, *args, scheme, **kwargs):
        super().__init__(*args, instance=Action(scheme=scheme), **kwargs)
        parent, objective = self.fields["parent"], self.fields["objective"]
        parent.queryset = (
            scheme.actions.filter(parent=None, nature=Nature.ACTION, valid_until=None)
            .select_related("scheme", "objective")
            .order_by(*document_order(), "pk")
        )
        parent.label = f"{scheme.part_label} de"
        parent.empty_label = "(aucune : une fiche entière)"
        objective.queryset = scheme.objectives.select_related("scheme", "pillar__scheme")
        objective.label = scheme.objective_label
        objective.empty_label = "Choisir…"
        objective.help_text = "Inutile pour une partie d’action : c’est celui de l’action entière."

    def clean(self):
        parent, objective = self.cleaned_data.get("parent"), self.cleaned_data.get("objective")
        shared = self.cleaned_data.get("nature") == Nature.SHARED
        if parent and shared:
            self.add_error("parent", "Une fiche de données communes n’est le volet d’aucune action.")
        elif parent:
            self._check_divisible(parent)
            if not objective:
                self.cleaned_data["objective"] = parent.objective
        elif not objective and not shared and not {"parent", "objective"} & set(self.errors):
            self.add_error("objective", "Choisissez-le, ou bien l’action dont la fiche est un volet.")
        super().clean()
        self.put_last()
        return self.cleaned_data

    def clean_nature(self):
        return self.cleaned_data["nature"] or Nature.ACTION

    def _check_divisible(self, parent):
        """Indicators and annual reports are those of the parts, once there are some."""
        for relation, words in (("indicators", "indicateurs"), ("reports", "fiches annuelles")):
            if getattr(parent, relation).exists():
                self.add_error(
                    "parent", f"Cette action a déjà des {words} : elle ne se divise plus en volets."
                )


class ActionEndForm(PlanForm):
    """The last year of an action, and of its parts with it; no annual report may be left after it."""

    valid_until = year_field("Dernière année", "La dernière dont on rend encore compte.", required=True)

    class Meta:
        model = Action
        fields = ["valid_until"]

    def clean_valid_until(self):
        year = self.cleaned_data["valid_until"]
        late = [part for part in self._parts() if (part.valid_from or year) > year]
        if late:
            raise forms.ValidationError(
                [f"{part.heading} ne commence qu’en {part.valid_from}." for part in late]
            )
        return year

    def _parts(self):
        parts = self.instance.parts
        return parts.select_related("scheme", "parent__scheme").prefetch_related("reports")

    def dependent_rows(self):
        reports, year = list(self.instance.reports.all()), self.instance.valid_until
        for part in self._parts():
            part.valid_until = min(part.valid_until or year, year)
            reports += part.reports.all()
        return reports


# Involvements


SHOWN = ("direction", "role", "note")


class InvolvementForm(forms.Form):
    """One row: a direction, its part, what it does or brings. `row` is the id of a stored one."""

    row = forms.CharField(required=False, widget=forms.HiddenInput)
    was = forms.CharField(required=False, widget=forms.HiddenInput)  # what the page showed of it
    direction = forms.ChoiceField(label="Direction")
    role = forms.ChoiceField(label="Part prise")
    note = TextAreaField(label="Précision", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, directions, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["direction"].choices = [
            ("", "Choisir…"),
            *((pk, str(row)) for pk, row in directions.items()),
        ]
        self.fields["role"].choices = [("", "Choisir…"), *InvolvementRole.choices]

    @property
    def involvement(self):
        """The stored row that this form shows; None for a new one."""
        return self.rows.get(self["row"].value())

    def clean_row(self):
        if self.cleaned_data["row"] and not self.involvement:
            raise forms.ValidationError(
                "Cette participation a été retirée entre-temps : cochez « Retirer », ou revenez à la fiche."
            )
        return self.cleaned_data["row"]

    @property
    def touched(self):
        """Is the row not as the page showed it? What one left alone undoes nobody's work."""
        typed = {name: str(self[name].value() or "").replace("\r\n", "\n") for name in SHOWN}
        return not self.involvement or json.dumps(typed) != self["was"].value()

    def has_changed(self):
        """A row of the page always counts; an empty one does not."""
        return bool(self["row"].value()) or super().has_changed()


class InvolvementForms(forms.BaseFormSet):
    """All the involvements of an action, and three empty rows. A constant number of queries."""

    def __init__(self, *args, action, **kwargs):
        self.action = action
        stored = list(action.involvements.select_related("direction"))
        used = {row.direction for row in stored}
        active = action.scheme.organisation.directions.filter(active=True)
        directions = sorted({*active, *used}, key=lambda row: (row.name, row.pk))
        self.rows = {str(row.pk): row for row in stored}
        self.directions = {row.pk: row for row in directions}
        kwargs["initial"] = None if args and args[0] is not None else [self._initial(row) for row in stored]
        super().__init__(*args, prefix="participations", **kwargs)

    @staticmethod
    def _initial(row):
        shown = {"direction": str(row.direction_id), "role": row.role, "note": row.note}
        return {"row": str(row.pk), "was": json.dumps(shown), **shown}

    def get_form_kwargs(self, index):
        return {"directions": self.directions, "rows": self.rows}

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Retirer"

    def clean(self):
        shown = {form["row"].value() for form in self.forms}
        seen = {(row.direction_id, row.role) for pk, row in self.rows.items() if pk not in shown}
        for form, row in self._kept():
            if (row.direction_id, row.role) in seen:
                form.add_error("direction", "Cette direction a déjà cette part dans l’action.")
            seen.add((row.direction_id, row.role))
        form_of = {id(row): form for form, row in self._kept()}
        for row, error in check([row for _, row in self._kept()]):
            form_of[id(row)].add_error(None, error.messages)

    def _kept(self):
        """(form, involvement as it is to be) of the sound rows that are neither empty nor taken away."""
        if not hasattr(self, "_rows"):
            self._rows = [
                (form, self._wanted(form))
                for form in self.forms
                if form.is_valid() and form.has_changed() and not self._should_delete_form(form)
            ]
        return self._rows

    def _wanted(self, form):
        data, stored = form.cleaned_data, form.involvement
        if not form.touched:
            return stored
        wanted = Involvement(action=self.action)
        if stored:
            wanted.pk, wanted.origin, wanted.position = stored.pk, stored.origin, stored.position
        wanted.direction = self.directions[int(data["direction"])]
        wanted.role, wanted.note = data["role"], data["note"]
        return wanted

    def changes(self):
        """{"removed": stored rows to take away, "wanted": those to write, changed or new}."""
        removed = [form.involvement for form in self.deleted_forms if form.involvement]
        wanted = [
            row
            for form, row in self._kept()
            if not form.involvement or self._initial(row) != self._initial(form.involvement)
        ]
        return {"removed": removed, "wanted": wanted}


InvolvementFormSet = forms.formset_factory(
    InvolvementForm, formset=InvolvementForms, extra=3, can_delete=True, can_delete_extra=False
)


# Directions


class DirectionForm(PlanForm):
    """A direction, service, network or partner. To be active again is to have no successor."""

    owners = ("organisation",)

    class Meta:
        model = Direction
        fields = ["name", "code", "kind", "note", "active"]
        help_texts = {
            "active": "Sinon, elle n’est plus proposée dans les listes ; ses membres et ses participations lui restent."
        }
        field_classes, widgets = texts("note", rows=3)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(value, capfirst(label)) for value, label in DirectionKind.choices]
        if self.instance._state.adding:
            del self.fields["active"]

    def clean(self):
        super().clean()
        if self.cleaned_data.get("active"):
            self.instance.succeeded_by = None
        return self.cleaned_data


class MergeForm(forms.Form):
    """Which direction takes over from another: active, and inside the organisation unless both are partners."""

    into = forms.ModelChoiceField(
        label="Devenue", queryset=Direction.objects.none(), empty_label="Choisir une direction…"
    )

    def __init__(self, *args, direction, **kwargs):
        super().__init__(*args, **kwargs)
        others = Direction.objects.filter(organisation=direction.organisation_id, active=True)
        others = others.filter(succeeded_by=None).exclude(pk=direction.pk)
        if not direction.is_partner:
            others = others.exclude(kind=DirectionKind.PARTNER)
        self.fields["into"].queryset = others


# Committees


class CommitteeForm(PlanForm):
    owners = ("scheme",)

    class Meta:
        model = Committee
        fields = ["name", "code", "frequency", "composition", "role", "source_note"]
        labels = {"source_note": "Ce qui reste à éclaircir"}
        field_classes, widgets = texts("composition", "role", "source_note", rows=3)

    def clean(self):
        super().clean()
        self.put_last()
        return self.cleaned_data


class MeetingForm(PlanForm):
    class Meta:
        model = Meeting
        fields = ["held_on", "decisions"]
        field_classes, widgets = texts("decisions", rows=8)
        widgets["held_on"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        help_texts = {"decisions": "Lues par tous les membres de la collectivité. « - » commence une puce."}
