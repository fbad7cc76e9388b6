"""The forms of an entry sheet: one a line, one for the narrative, one a step, one an extra figure.

They hold text as it was typed; what it means is said by `indicators.entry`. Each remembers what it showed (`was`), so that what
nobody touched is left alone, and the version that it saw (`seen`).
"""

import json
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError

from indicators.entry.answers import LABELS, LONG, VALUE, typed_of
from indicators.models import ActionState, ExtraFigure, MeasureType, Missing, Report
from spaser.french import format_number, parse_number, plural
from spaser.text import storable

STATES = [("", "à indiquer"), *ActionState.choices]
KEEP = [("mine", "Garder ma version"), ("theirs", "Garder l’autre version")]
DETAILS = ("comment", "as_of", "source", "qualifier", "unfilled")  # in the order of the page
TOO_LONG = f"Au plus {format_number(Decimal(LONG))} caractères."


def text_field(label, *, long=False, help_text="", **attrs):
    widget = (
        forms.Textarea({"rows": 2, **attrs}) if long else forms.TextInput({"autocomplete": "off", **attrs})
    )
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text, strip=False)


def choice_field(label, choices, widget=forms.Select):
    return forms.CharField(label=label, required=False, widget=widget(choices=choices))


def whole_number(text):
    text = text or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class TypedForm(forms.Form):
    """A form of texts. `shown` is what stands in the database, as {name: text}; `data` what somebody typed, or None."""

    title = ""  # what a message calls it, before the name of the field
    conflict = None

    was = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, prefix, shown, seen=0):
        bound = data is not None and f"{prefix}-was" in data
        initial = {**shown, "was": json.dumps(shown), "seen": str(seen)}
        super().__init__(data if bound else None, prefix=prefix, initial=initial, auto_id="%s")
        self.shown = shown
        self.build()

    def build(self):
        """Add the fields."""

    @property
    def anchor(self):
        return self.add_prefix("was")

    @property
    def typed(self):
        """{name: text} of the fields, as typed, or as shown when nobody typed."""
        if not self.is_bound:
            return self.shown
        names = [name for name in self.fields if name in self.shown or name == "remove"]
        return {
            name: storable(self.data.get(self.add_prefix(name)) or "").replace("\r\n", "\n") for name in names
        }

    @property
    def was_shown(self):
        """What it showed to who typed; what stands there now, when the page does not say."""
        try:
            was = json.loads(self.data.get(self.add_prefix("was")) or "{}")
        except (ValueError, RecursionError):
            was = None
        if not isinstance(was, dict):
            return self.shown
        return {name: str(was.get(name, text)) for name, text in self.shown.items()}

    @property
    def version_seen(self):
        """The version that the page showed; of a conflict, that of the other's, once it was shown (`met`)."""
        return whole_number(self.data.get(self.add_prefix("met")) or self.data.get(self.add_prefix("seen")))

    def choice(self, name):
        """« mine », « theirs » or "": what this person chose between two versions."""
        return self.data.get(self.add_prefix(f"{name}_keep")) or ""

    def ask_to_choose(self, name, version):
        """Add the question that a conflict asks, and what it showed."""
        self.fields[f"{name}_keep"] = choice_field(
            "Deux versions : laquelle garder ?", KEEP, forms.RadioSelect
        )
        self.fields["met"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.data = {**self.data, self.add_prefix("met"): str(version)}

    @property
    def changed(self):
        """{name: text} of what was typed and is not as it was shown, nor left to the other's version."""
        if not self.is_bound:
            return {}
        was = self.was_shown
        return {
            name: text
            for name, text in self.typed.items()
            if text.strip() != was.get(name, "").strip() and self.choice(name) != "theirs"
        }

    @property
    def overtaken(self):
        """{name: what stands there now} of what was typed over what another has changed since it was shown."""
        was = self.was_shown
        return {
            name: self.shown[name]
            for name, text in self.changed.items()
            if name in self.shown and self.shown[name].strip() not in (was[name].strip(), text.strip())
        }

    @property
    def is_news(self):
        """Was something typed that does not stand there already?"""
        return any(text.strip() != self.shown.get(name, "").strip() for name, text in self.changed.items())

    def follow(self):
        """Show, of what nobody typed in, what stands there now and not what stood there when the page was opened."""
        untouched = {name: text for name, text in self.shown.items() if name not in self.changed}
        texts = {self.add_prefix(name): text for name, text in untouched.items()}
        was = {self.add_prefix("was"): json.dumps(self.was_shown | untouched)}
        self.data = {**self.data, **texts, **was}

    def show_again(self):
        """Take all that stands there now for what was shown: who then sends the same again has seen it."""
        self.follow()
        self.data = {**self.data, self.add_prefix("was"): json.dumps(self.shown)}

    @property
    def is_touched(self):
        """As `changed`, of the texts alone: is one of those that `was` names, or the box that removes, another now?"""
        try:
            was = json.loads(self.data.get(self.add_prefix("was")) or "{}")
        except (ValueError, RecursionError):
            was = None
        if not isinstance(was, dict):
            return True
        typed = {
            name: (self.data.get(self.add_prefix(name)) or "").replace("\r\n", "\n")
            for name in (*was, "remove")
        }
        return any(text.strip() != str(was.get(name, "")).strip() for name, text in typed.items())

    def say(self, errors):
        """Put {name: message} beside the fields; what has no field here goes above them."""
        for name, message in errors.items():
            self.add_error(name if name in self.fields else None, message)


class LineForm(TypedForm):
    """One measure of a sheet: the value in the input of its type, or why there is none, and what goes with it."""

    def __init__(self, data, *, measure, reading, warnings=()):
        self.measure, self.reading, self.warnings = measure, reading, warnings
        shown = typed_of(measure, reading)
        super().__init__(
            data, prefix=f"l-{measure.code}", shown=shown, seen=reading.version if reading else 0
        )

    @property
    def anchor(self):
        return f"ligne-{self.measure.code}"

    @property
    def title(self):
        return f"{self.measure.code} : "

    def build(self):
        self.fields |= self._value_fields()
        self.fields["missing"] = choice_field("Pas de valeur", [("", "–"), *Missing.choices])
        # a browser would join the lines of a text in an input of one line
        self.fields["missing_note"] = text_field("Pourquoi", long="\n" in self.shown["missing_note"])
        self.fields["comment"] = text_field("Commentaire", long=True)
        self.fields["as_of"] = text_field("Situation au", help_text="jj/mm/aaaa", inputmode="numeric")
        self.fields["source"] = text_field("Source", help_text="d’où vient le chiffre", maxlength=300)
        self.fields["qualifier"] = text_field("Nuance", help_text="« environ », « plus de »…", maxlength=60)
        if self.measure.legal_basis == "contracts" or self.shown["unfilled"]:
            self.fields["unfilled"] = text_field(
                "Non renseignés", help_text="Contrats dont on ne sait pas.", inputmode="numeric"
            )
        if self.warnings or self.shown["confirmed"] or self.data.get(self.add_prefix("confirmed")):
            label = "Cette valeur est exacte ; le commentaire dit pourquoi elle surprend"
            box = forms.CheckboxInput({"value": "oui"}, check_test=lambda value: value == "oui")
            self.fields["confirmed"] = forms.CharField(label=label, required=False, widget=box)
        # « was » holds what is on the page, and no more
        self.shown = {name: text for name, text in self.shown.items() if name in self.fields}
        self.initial["was"] = json.dumps(self.shown)

    def _value_fields(self):
        measure = self.measure
        if measure.type == MeasureType.RATIO:
            return {
                name: text_field(getattr(measure, f"{name}_label") or LABELS[name], inputmode="decimal")
                for name in VALUE[1:]
            }
        if measure.type == MeasureType.BOOLEAN:
            choices = [("oui", "Oui"), ("non", "Non"), ("", "Pas encore répondu")]
            return {"value": choice_field("Réponse", choices, forms.RadioSelect)}
        if measure.type == MeasureType.CHOICE:
            choices = [("", "–"), *((choice, choice) for choice in measure.choice_list)]
            return {"value": choice_field("Réponse", choices)}
        if measure.type == MeasureType.TEXT:
            return {"value": text_field("Réponse", long=True)}
        unit = f" ({plural(measure.shown_unit, 2)})" if measure.shown_unit else ""
        return {"value": text_field(f"Valeur{unit}", inputmode="decimal")}

    @property
    def changed(self):
        """As of any form; two versions of a line are chosen between as a whole."""
        return {} if self.is_bound and self.choice("line") == "theirs" else super().changed

    @property
    def version_seen(self):
        """A conflict is over when somebody has chosen; until then, the version is the one first seen."""
        return super().version_seen if self.choice("line") else self._first_seen

    @property
    def _first_seen(self):
        return whole_number(self.data.get(self.add_prefix("seen")))

    @property
    def value_fields(self):
        return [self[name] for name in VALUE if name in self.fields]

    @property
    def detail_fields(self):
        return [self[name] for name in DETAILS if name in self.fields]

    @property
    def has_details(self):
        return any(field.value() or field.errors for field in self.detail_fields)

    @property
    def reason_fields(self):
        return [self["missing"], self["missing_note"]]


class NarrativeForm(TypedForm):
    """The state of the action and the sections of the sheet."""

    PREFIX = "fiche"

    def __init__(self, data, *, report):
        shown = {name: getattr(report, name) for name in ("state", *Report.SECTIONS)}
        super().__init__(data, prefix=self.PREFIX, shown=shown, seen=report.version)

    def build(self):
        self.fields["state"] = choice_field("État de l’action", STATES)
        for name in Report.SECTIONS:
            label = Report._meta.get_field(name).verbose_name.capitalize()
            self.fields[name] = text_field(label, long=True, rows=4)

    @property
    def sections(self):
        return [self[name] for name in Report.SECTIONS]

    @property
    def errors_found(self):
        found = {name: TOO_LONG for name, text in self.changed.items() if len(text) > LONG}
        if self.typed["state"] not in dict(STATES):
            found["state"] = "Choisissez un état de la liste."
        return found


class StepForm(TypedForm):
    """The state of one step of the action this year."""

    def __init__(self, data, *, step, stored):
        self.step, self.stored = step, stored
        super().__init__(data, prefix=f"e-{step.code}", shown={"state": stored.state if stored else ""})

    def build(self):
        self.fields["state"] = choice_field(f"État : {self.step.title}", STATES)

    @property
    def errors_found(self):
        return {} if self.typed["state"] in dict(STATES) else {"state": "Choisissez un état de la liste."}


class FigureForm(TypedForm):
    """A figure of the year that answers no indicator; an empty form adds one, the box takes one away.

    `gone`: the id of a figure that was shown and that another has taken away since.
    """

    NAMES = ("heading", "label", "value", "unit", "qualifier", "note")

    def __init__(self, data, *, figure=None, rank=0, gone=None):
        self.figure, self.gone = figure, gone
        shown = dict.fromkeys(self.NAMES, "")
        if figure:
            shown |= {name: getattr(figure, name) for name in self.NAMES if name != "value"}
            shown["value"] = format_number(figure.value, figure.decimals)
        prefix = f"d-{figure.pk if figure else gone}" if figure or gone else f"d-nouvelle-{rank}"
        super().__init__(data, prefix=prefix, shown=shown)

    def build(self):
        self.fields["label"] = text_field("Intitulé", help_text="ce qui est compté", maxlength=300)
        self.fields["value"] = text_field("Valeur", help_text="un nombre", inputmode="decimal")
        self.fields["unit"] = text_field("Unité", help_text="kg, m², agent…", maxlength=40)
        self.fields["qualifier"] = text_field("Nuance", help_text="« environ », « plus de »…", maxlength=60)
        self.fields["heading"] = text_field(
            "Titre du tableau", help_text="le même pour des données à grouper", maxlength=200
        )
        several = "\n" in self.shown["note"]  # lines, which a browser would join in an input of one
        self.fields["note"] = text_field(
            "Précision", long=several, help_text="ce qu’il faut savoir pour la lire"
        )
        if self.figure:
            box = forms.CheckboxInput({"value": "oui"}, check_test=lambda value: value == "oui")
            self.fields["remove"] = forms.CharField(label="Retirer cette donnée", required=False, widget=box)

    @property
    def visible(self):
        return [field for field in self.visible_fields() if field.name != "remove"]

    @property
    def overtaken(self):
        """As of any form; what another has changed is not taken away unseen either, nor comes back what is gone."""
        was = self.was_shown if self.removes or self.gone else self.shown
        moved = {name: text for name, text in self.shown.items() if text.strip() != was[name].strip()}
        if self.gone:
            return {"label": ""} if moved else {}
        return super().overtaken | moved

    @property
    def removes(self):
        return bool(self.is_bound and self.data.get(self.add_prefix("remove")))

    def follow(self):
        if not self.gone:  # of which nothing stands there any more
            super().follow()

    def apply(self, report):
        """(figure, errors): the ExtraFigure that the changed texts make, and {name: message} of what is wrong."""
        made = self.figure or ExtraFigure(report=report)
        changed = {name: text.strip() for name, text in self.changed.items() if name in self.NAMES}
        errors = {}
        if "value" in changed or not self.figure:
            try:
                made.value, made.decimals = parse_number(changed.pop("value", ""))
            except ValueError as error:
                errors["value"] = str(error)
        for name, text in changed.items():
            setattr(made, name, text)
        try:
            made.clean_fields(exclude={"report", "value", "decimals"})
        except ValidationError as error:
            errors |= {name: " ".join(messages) for name, messages in error.message_dict.items()}
        if len(made.note) > LONG:
            errors["note"] = TOO_LONG
        return made, errors
