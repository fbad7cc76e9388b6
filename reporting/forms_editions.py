"""The forms by which a steering team prepares an edition: which one, its texts, its zooms, its publication."""

from decimal import Decimal

from django import forms
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from actions.admin_forms import RowChoiceField
from actions.admin_scope import document_order
from actions.models import Action, Origin
from actions.pictures import RefusedPicture, replace_file
from indicators.models import Campaign, Highlight, Period, as_demonstration
from indicators.pictures import MAX_BYTES, SIZE, jpeg_of
from indicators.rules import valid_in
from reporting.models import EditionDraft, EditionKind
from spaser.forms import ConsiderateForm, TextAreaField
from spaser.french import format_number

FOREWORD, SYNTHESIS, ZOOM, NOTE = 8_000, 20_000, 4_000, 4_000  # characters: what a page, or a few, can hold
FIRST_YEAR = 1990
TITLE_OF_BILAN = "Celui de l’édition dans « Publications » et sur sa page ; la couverture porte le nom du schéma et l’année."


def in_french(count):
    return format_number(Decimal(count))


def long_text(label, most, help_text="", *, rows, required=False):
    field = TextAreaField(
        label=label,
        required=required,
        max_length=most,
        help_text=help_text,
        error_messages={"max_length": f"Au plus {in_french(most)} caractères."},
        widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "true"}),
    )
    del field.widget.attrs["maxlength"]  # a browser would cut a pasted text short without a word
    return field


# Which edition


class NewDraftForm(forms.Form):
    """Which edition to prepare, among those that `organisation` can publish: the bilan of a campaign, or two years of the law.

    `draft` is then what would be opened, not saved yet.
    """

    edition = forms.ChoiceField(
        label="Édition",
        help_text="Un bilan est celui d’une campagne d’une année entière ; une publication légale couvre deux années qui se "
        "suivent, quels que soient les schémas.",
    )
    title = forms.CharField(
        label="Titre",
        required=False,
        max_length=300,
        help_text="Vide : « Bilan » ou « Achats publics responsables », et les années. Il se change encore ensuite.",
    )

    def __init__(self, *args, organisation, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        campaigns = Campaign.objects.filter(scheme__organisation=organisation, period=Period.YEAR)
        self.campaigns = {
            f"bilan-{campaign.pk}": campaign
            for campaign in campaigns.select_related("scheme").order_by("-year", "scheme__title", "pk")
        }
        years = {campaign.year for campaign in self.campaigns.values()}
        self.pairs = {f"legal-{last}": (last - 1, last) for last in _last_years(years)}
        bilans = [(key, f"{campaign}, {campaign.scheme.title}") for key, campaign in self.campaigns.items()]
        pairs = [(key, f"{first} et {last}") for key, (first, last) in self.pairs.items()]
        groups = [("Bilan annuel", bilans), ("Publication Climat et résilience", pairs)]
        self.fields["edition"].choices = [("", "Choisissez…"), *(group for group in groups if group[1])]

    def draft(self, *, by, at):
        chosen, title = self.cleaned_data["edition"], self.cleaned_data["title"]
        draft = EditionDraft(organisation=self.organisation, title=title, created_by=by, created_at=at)
        if campaign := self.campaigns.get(chosen):
            draft.kind, draft.scheme = EditionKind.BILAN, campaign.scheme
            draft.first_year = draft.last_year = campaign.year
            proposed = f"Bilan {campaign}"
        else:
            draft.kind, draft.public = EditionKind.LEGAL, True
            draft.first_year, draft.last_year = self.pairs[chosen]
            proposed = f"Achats publics responsables {draft.first_year}-{draft.last_year}"
            years = (draft.first_year, draft.last_year)
            invented = (row.demonstration for row in self.campaigns.values() if row.year in years)
            proposed = as_demonstration(proposed) if any(invented) else proposed
        draft.title = title or proposed
        return draft


def _last_years(years):
    """The last years of the pairs on offer, latest first: the two latest, and those of which one year has a campaign."""
    now = timezone.localdate().year
    offered = {now, now - 1, *years, *(year + 1 for year in years)}
    return sorted((year for year in offered if FIRST_YEAR < year <= now), reverse=True)


# Its texts


class AudienceField(forms.TypedChoiceField):
    """Who may read it once it is published: True for everybody."""

    CHOICES = (
        ("membres", "Les membres de la collectivité"),
        ("tous", "Tout le monde, sans compte"),
    )

    def __init__(self, **kwargs):
        super().__init__(
            label="Qui pourra la lire",
            help_text="Vous pourrez encore en changer après la publication.",
            choices=self.CHOICES,
            coerce=lambda value: value == "tous",
            widget=forms.RadioSelect,
        )

    def prepare_value(self, value):
        return {True: "tous", False: "membres"}.get(value, value)


class TextsForm(ConsiderateForm):
    """The editorial parts of a draft. What corrects says what it corrects; a legal publication is always public."""

    foreword = long_text(
        "Avant-propos",
        FOREWORD,
        "Une page au plus. Une ligne vide sépare deux paragraphes ; « - » commence un point de liste.",
        rows=12,
    )
    correction_note = long_text(
        "Ce que corrige cette version",
        NOTE,
        "Imprimé dans le document et affiché à côté de la version précédente, qui reste lisible.",
        rows=4,
        required=True,
    )
    public = AudienceField()

    class Meta:
        model = EditionDraft
        fields = ["title", "correction_note", "foreword", "foreword_author", "public"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self._unasked():
            del self.fields[name]
        if not self.instance.is_legal:
            self.fields["title"].help_text = TITLE_OF_BILAN

    def _unasked(self):
        if self.instance.is_legal:
            yield "public"
        if not self.instance.corrects_id:
            yield "correction_note"

    def save(self, commit=True):
        """These columns only: the others say how far the making of the files is."""
        self.instance.save(update_fields=[name for name in self.fields if name != "was"])
        return self.instance


class SynthesisForm(ConsiderateForm):
    """The general synthesis of the campaign, which the bilan prints."""

    synthesis = long_text(
        "Synthèse générale de l’année",
        SYNTHESIS,
        "Imprimée en tête du bilan, à côté des graphiques.",
        rows=14,
    )

    class Meta:
        model = Campaign
        fields = ["synthesis"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.origin == Origin.DOCUMENT:
            self.fields["synthesis"].help_text += (
                " Elle vient du document chargé : ce que vous changez ici reste quand il est chargé de nouveau ; s’il dit "
                "alors autre chose, le chargement le signale et garde votre version."
            )

    def save(self, commit=True):
        self.instance.save(update_fields=["synthesis"])
        return self.instance


# Its zooms


class HighlightForm(ConsiderateForm):
    """A remarkable action of the year; its picture is made again before it is stored, and says what it shows."""

    action = RowChoiceField(
        Action.objects.none(), label="Action", to_field_name="code", empty_label="Choisissez…"
    )
    text = long_text(
        "Texte",
        ZOOM,
        "Ce qui a été fait, et ce que cela change. Une ligne vide sépare deux paragraphes.",
        rows=9,
        required=True,
    )
    new_picture = forms.FileField(
        label="Image",
        required=False,
        help_text=f"PNG, JPEG ou WebP, {MAX_BYTES // 1024**2} Mo au plus. Elle est réduite à {in_french(SIZE[0])} points de large et "
        "débarrassée de ce que l’appareil y a noté (lieu, date, auteur).",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    remove_picture = forms.BooleanField(label="Retirer l’image", required=False)
    field_order = [
        "action",
        "title",
        "text",
        "new_picture",
        "remove_picture",
        "picture_alt",
        "picture_credit",
        "position",
    ]

    class Meta:
        model = Highlight
        fields = ["action", "title", "text", "picture_alt", "picture_credit", "position"]
        help_texts = {
            "title": "Vide : celui de l’action.",
            "picture_alt": "Pour qui ne voit pas l’image : ce qu’elle montre, en une phrase.",
            "picture_credit": "Qui a pris ou fait l’image.",
            "position": "Vide : le dernier.",
        }

    def __init__(self, *args, instance, **kwargs):
        stored = {"action": instance.action} if instance.pk else {"position": None}
        super().__init__(*args, instance=instance, initial=stored, **kwargs)
        campaign = instance.campaign
        actions = campaign.scheme.actions.select_related("scheme", "parent__scheme")
        offered = [row.pk for row in actions if valid_in(row, campaign.year) or row.pk == instance.action_id]
        self.fields["action"].queryset = actions.filter(pk__in=offered).order_by(*document_order())
        self.fields["position"].required = False
        if not instance.picture:
            del self.fields["remove_picture"]

    def clean_action(self):
        action = self.cleaned_data["action"]
        others = Highlight.objects.filter(campaign=self.instance.campaign, action=action)
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Cette action a déjà son zoom dans la campagne.")
        return action

    def clean_new_picture(self):
        file = self.cleaned_data["new_picture"]
        try:
            return jpeg_of(file) if file else None
        except RefusedPicture as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self):
        data = super().clean()
        kept = self.instance.picture and not data.get("remove_picture")
        if (data.get("new_picture") or kept) and not data.get("picture_alt"):
            self.add_error("picture_alt", "Dites ce que montre l’image, pour qui ne la voit pas.")
        return data

    @transaction.atomic
    def save(self, commit=True):
        zoom, picture = self.instance, self.cleaned_data["new_picture"]
        if zoom.position is None:
            last = zoom.campaign.highlights.aggregate(last=Max("position"))["last"]
            zoom.position = 0 if last is None else last + 1
        if self.cleaned_data.get("remove_picture") and not picture:
            zoom.picture_alt = zoom.picture_credit = ""
            replace_file(zoom, "picture")
        elif picture:
            replace_file(zoom, "picture", picture)
        zoom.save()
        return zoom

    @property
    def loses_picture(self):
        """Was a picture sent that the browser will not send again by itself?"""
        return bool(self.errors and self.files)


# Its publication


class PublishForm(forms.Form):
    """Asked for only when the checklist found something."""

    knowingly = forms.BooleanField(
        label="Publier en sachant ce qui manque",
        label_suffix="",
        error_messages={
            "required": "Cochez cette case pour publier malgré les points de la liste, ou réglez-les d’abord."
        },
    )
