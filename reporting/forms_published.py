"""What the steering team says of a published edition: what a new version corrects, where it was put online."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from actions.models import Scheme
from indicators.perms import today
from reporting.editions.frozen import thaw
from reporting.models import EditionDraft, Posting
from spaser.forms import TextAreaField

NO_SCHEME = "Le schéma de ce bilan n’existe plus : il ne peut plus être préparé."


class CorrectionForm(forms.ModelForm):
    """Opens the draft of the version that follows `edition`, with what that one says."""

    class Meta:
        model = EditionDraft
        fields = ["correction_note"]
        field_classes = {"correction_note": TextAreaField}
        widgets = {"correction_note": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "correction_note": "Ce qui change et pourquoi, tel que les lecteurs le liront : « Le total de l’axe 2 comptait deux "
            "fois les marchés réservés. »"
        }

    def __init__(self, data, *, edition, by):
        super().__init__(data, instance=_next_version(edition, by))
        self.fields["correction_note"].required = True

    def clean(self):
        data = super().clean()
        draft = self.instance
        if data.get("correction_note"):
            if not draft.is_legal and draft.scheme is None:
                raise ValidationError(NO_SCHEME)
            draft.correction_note = data["correction_note"]
            draft.validate_constraints()
        return data


def _next_version(edition, by):
    document = thaw(edition.data)
    scheme = None if edition.is_legal else _scheme_of(edition, document)
    foreword = document.foreword.text if document.foreword else ""
    years = document.years if edition.is_legal else (document.year,)
    return EditionDraft(
        organisation=edition.organisation,
        kind=edition.kind,
        scheme=scheme,
        first_year=years[0],
        last_year=years[-1],
        title=edition.title,
        foreword=foreword,
        foreword_author=document.foreword_author,
        corrects=edition,
        public=edition.public,
        created_by=by,
        created_at=timezone.now(),
    )


def _scheme_of(edition, document):
    """That of its campaign; when somebody has deleted this one, that of its name. None when the scheme is gone too."""
    schemes = Scheme.objects.filter(organisation=edition.organisation)
    return schemes.filter(campaigns__editions=edition).first() or schemes.filter(slug=document.slug).first()


class WebAddressField(forms.URLField):
    """An address that a browser opens: http or https."""

    default_validators = [URLValidator(schemes=["http", "https"])]
    default_error_messages = {"invalid": "Donnez une adresse en http:// ou https://."}


class PostingForm(forms.ModelForm):
    """Where `edition` was put online, and when. The address is only shown: the site never fetches it."""

    address = WebAddressField(
        label="Adresse",
        max_length=500,
        assume_scheme="https",
        help_text="Celle de la page ou du fichier où le public la trouve.",
    )
    posted_on = forms.DateField(
        label="Mise en ligne le",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = Posting
        fields = ["address", "posted_on"]

    def __init__(self, data, *, edition, by):
        super().__init__(data, instance=Posting(edition=edition, noted_by=by), initial={"posted_on": today()})

    def clean_posted_on(self):
        day = self.cleaned_data["posted_on"]
        if day > today():
            raise ValidationError("Cette date est à venir.")
        return day

    def clean(self):
        data = super().clean()
        if "address" in data:
            self.instance.address = data["address"]
            self.instance.validate_constraints()
        return data
