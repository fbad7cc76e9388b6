"""The page of the search."""

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.models import Scheme
from reporting.search import KINDS, search
from spaser.text import words_of

MAX_QUERY = 200  # characters: each word is a condition


class SearchForm(forms.Form):
    """What is looked for, and where; nothing is asked until words are typed."""

    q = forms.CharField(
        label="Mots cherchés",
        required=False,
        max_length=MAX_QUERY,
        help_text="Tous les mots, avec ou sans accents ni majuscules.",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    scheme = forms.ModelChoiceField(
        label="Schéma",
        required=False,
        queryset=Scheme.objects.none(),
        to_field_name="slug",
        empty_label="(tous)",
    )
    kind = forms.ChoiceField(
        label="Dans", required=False, choices=[("", "(tout)"), *((kind.key, kind.label) for kind in KINDS)]
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scheme"].queryset = Scheme.objects.visible_to(user).select_related("organisation")

    def clean_q(self):
        """The words, as typed. One letter is in every text: at least one word has two, or is a figure."""
        typed = self.cleaned_data["q"]
        if typed and not any(len(word) > 1 or word.isdigit() for word in words_of(typed)):
            raise ValidationError("Écrivez au moins un mot de deux lettres.")
        return typed

    @property
    def words(self):
        return words_of(self.cleaned_data["q"])

    @property
    def chosen_kind(self):
        return next((kind for kind in KINDS if kind.key == self.cleaned_data["kind"]), None)


@require_safe
def found(request):
    """What the reader may see that holds all the words, by kind; one kind at a time goes on by pages."""
    form = SearchForm(request.GET or None, user=request.user)
    context = {"form": form, "groups": None}
    if form.is_valid() and form.words:
        context["groups"] = search(
            form.words,
            user=request.user,
            scheme=form.cleaned_data["scheme"],
            kind=form.chosen_kind,
            page=request.GET.get("page"),
        )
        context["total"] = sum(group.total for group in context["groups"])
        context["narrowed"] = bool(form.cleaned_data["scheme"] or form.chosen_kind)
    return render(request, "reporting/search.html", context)
