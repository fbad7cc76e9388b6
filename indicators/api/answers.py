"""What another system sends for one measure: the shape of its JSON, and the same as text, as every other door gives it."""

from decimal import Decimal

from django.core.validators import ProhibitNullCharactersValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from indicators.entry.answers import LONG, REASON, TYPED, VALUE
from indicators.entry.lines import Entry
from indicators.models import Missing

WHOLE = (*VALUE, *REASON)  # an answer is given as a whole: what it does not name is emptied
TOLD = 20  # unknown names that are told one by one
WIDEST = 40  # digits of a number, before and after its point: more is no figure of ours


class TypedField(serializers.Field):
    """A number, a yes or no, or a text, as the text that a person would type."""

    default_error_messages = {"shape": "On attend ici {expected}."}
    expected = "un nombre, un texte, true, false ou null"
    accepts = (str, bool, int, Decimal)

    def __init__(self, **options):
        super().__init__(required=False, allow_null=True, **options)
        self.validators.append(ProhibitNullCharactersValidator())

    def to_internal_value(self, data):
        if not isinstance(data, self.accepts) or (isinstance(data, bool) and bool not in self.accepts):
            self.fail("shape", expected=self.expected)
        if isinstance(data, bool):
            return "oui" if data else "non"
        if isinstance(data, int):
            data = Decimal(data)
        if isinstance(data, Decimal):
            if not -WIDEST < data.adjusted() < WIDEST:
                self.fail("shape", expected="un nombre de quinze chiffres au plus")
            return format(data, "f")
        return data


@extend_schema_field(
    {
        "type": ["number", "boolean", "string"],
        "description": (
            "Selon le type de la grandeur : un nombre, true ou false, un texte. Un nombre se donne aussi en texte, "
            "« 1 234,5 » compris. null vide la valeur. D’un taux, donnez le numérateur et le dénominateur."
        ),
        "maxLength": LONG,
        "examples": [12, "23,30", True, "Réuni", None],
    }
)
class ValueField(TypedField):
    pass


@extend_schema_field(
    {
        "type": ["number", "string"],
        "minimum": 0,
        "description": "Un terme d’un taux.",
        "examples": [63],
    }
)
class TermField(TypedField):
    expected = "un nombre ou null"
    accepts = (str, int, Decimal)


class OnlyText:
    """A field that takes texts, and makes none of what is a number or a yes."""

    def to_internal_value(self, data):
        if not isinstance(data, str):
            raise serializers.ValidationError("On attend ici un texte.")
        return super().to_internal_value(data)


class NameField(OnlyText, serializers.CharField):
    """A code or a key."""


class WordsField(OnlyText, serializers.CharField):
    """A text; null empties it."""

    def __init__(self, max_length=LONG, **options):
        super().__init__(
            required=False,
            allow_null=True,
            allow_blank=True,
            trim_whitespace=False,
            max_length=max_length,
            **options,
        )


class Strict(serializers.Serializer):
    """A serializer that refuses what it does not know: a misspelt name would otherwise be lost without a word."""

    refuses_unknown = True  # for the schema

    def run_validation(self, data=serializers.empty):
        if not isinstance(data, dict):
            raise serializers.ValidationError({"non_field_errors": ["On attend ici un objet : { … }."]})
        return super().run_validation(data)

    def to_internal_value(self, data):
        unknown = sorted(set(data) - set(self.fields))
        known = f"Ceux d’ici : {', '.join(self.fields)}."
        faults = {name: [f"Champ inconnu. {known}"] for name in unknown[:TOLD]}
        if len(unknown) > TOLD:
            faults["non_field_errors"] = [f"Et {len(unknown) - TOLD} autres champs inconnus."]
        try:
            found = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**error.detail, **faults}) from error
        if faults:
            raise serializers.ValidationError(faults)
        return found


class AnswerSerializer(Strict):
    """Une réponse : une valeur, ou la raison de n’en pas avoir. Elle remplace en entier celle d’avant.

    Ce qui l’accompagne (nuance, commentaire, date, source…) reste comme il est quand on ne le nomme pas ; null le vide.
    """

    value = ValueField()
    numerator = TermField()
    denominator = TermField()
    missing = serializers.ChoiceField(
        choices=Missing.choices,
        required=False,
        allow_null=True,
        allow_blank=True,
        error_messages={"invalid_choice": f"Choisissez {' ou '.join(Missing.values)}."},
        help_text="La raison de ne pas avoir de valeur.",
    )
    missing_note = WordsField(help_text="Pourquoi.")
    qualifier = WordsField(max_length=60, help_text="« environ », « plus de »…")
    comment = WordsField(help_text="Un commentaire.")
    as_of = serializers.DateField(
        required=False,
        allow_null=True,
        error_messages={"invalid": "Écrivez la date ainsi : 2026-12-31."},
        help_text="La date de la situation.",
    )
    source = WordsField(max_length=300, help_text="D’où vient la valeur.")
    unfilled = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2_147_483_647,
        help_text="D’un nombre de contrats : combien ne sont pas renseignés.",
    )
    confirmed = serializers.BooleanField(
        required=False,
        allow_null=True,
        error_messages={"invalid": "Donnez true ou false."},
        help_text="La valeur surprend, mais elle est exacte : le commentaire dit pourquoi.",
    )

    def validate(self, data):
        if not data.keys() & {*VALUE, "missing"}:
            raise serializers.ValidationError(
                "Donnez une valeur (value, ou numerator et denominator), ou la raison de n’en pas avoir (missing)."
            )
        return data


def typed_of_answer(data):
    """{name of TYPED: text} of a valid answer."""
    given = {name: _text(data[name]) for name in TYPED if name in data}
    return {**dict.fromkeys(WHOLE, ""), **given}


def _text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else ""
    return value if isinstance(value, str) else str(value)


def entry_of(report, measure, data, *, seen):
    """The Entry of a valid answer; `seen` is the version that the other system knows, None when it says nothing of it."""
    return Entry(report=report.pk, measure=measure.pk, typed=typed_of_answer(data), seen=seen)
