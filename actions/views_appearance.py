"""The name, logo and colour of an organisation: the page that sets them, and the two files that pages ask for."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from actions.appearance import read_colour, theme_css
from actions.logos import change_logo, png_of
from actions.models import Organisation
from actions.pictures import RefusedPicture
from actions.scoping import organisations_of
from actions.views_members import steered_organisation

A_YEAR = 365 * 24 * 3600


class AppearanceForm(forms.ModelForm):
    """Name and colour are columns of the organisation; a logo is made again before it is stored."""

    new_logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG ou WebP, 2 Mo au plus. Il est réduit à 480 × 160 points.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    remove_logo = forms.BooleanField(label="Retirer le logo", required=False)

    class Meta:
        model = Organisation
        fields = ["name", "accent"]
        widgets = {"accent": forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.logo:
            del self.fields["remove_logo"]

    def clean_accent(self):
        accent = self.cleaned_data["accent"]
        return read_colour(accent) or accent  # what cannot be read is refused by the model's own validator

    def clean_new_logo(self):
        file = self.cleaned_data["new_logo"]
        try:
            return png_of(file) if file else None
        except RefusedPicture as error:
            raise forms.ValidationError(str(error)) from error

    @transaction.atomic
    def save(self, commit=True):
        organisation = super().save(commit)
        png = self.cleaned_data["new_logo"]
        if png or self.cleaned_data.get("remove_logo"):
            change_logo(organisation, png)
        return organisation


@require_http_methods(["GET", "POST"])
def appearance(request, slug):
    """What the pages of an organisation look like; a colour can be tried before it is kept."""
    organisation = steered_organisation(request, slug)
    posted = request.method == "POST"
    form = AppearanceForm(
        request.POST if posted else None, request.FILES if posted else None, instance=organisation
    )
    if form.is_valid() and "preview" not in request.POST:
        form.save()
        messages.success(request, "L’apparence est enregistrée.")
        return redirect("appearance", slug=organisation.slug)
    if form.errors:
        organisation.refresh_from_db()  # the frame of the page shows what is stored, the form what was typed
    context = {"organisation": organisation, "form": form, "tried": posted and form.is_valid()}
    return render(request, "actions/appearance.html", context)


@require_safe
@login_not_required
def organisation_theme(request, slug):
    """The accent as custom properties. `?couleur=1f5380` names one, so that its address never changes meaning."""
    organisation = _shown(request.user, slug)
    named = read_colour(request.GET.get("couleur", ""))
    accent = named or read_colour(organisation.accent)
    response = HttpResponse(theme_css(accent) if accent else "", content_type="text/css; charset=utf-8")
    return _cached(response, for_good=named is not None)


@require_safe
@login_not_required
def organisation_logo(request, slug):
    """The logo, whose address changes with it by `?v=`."""
    organisation = _shown(request.user, slug)
    if not organisation.logo or not organisation.logo.storage.exists(organisation.logo.name):
        raise Http404
    with organisation.logo.open("rb") as file:
        response = HttpResponse(file.read(), content_type="image/png")
    return _cached(response, for_good=request.GET.get("v") == organisation.logo_version)


def _shown(user, slug):
    """The organisation: for its members, and for anyone once it has published an edition; else 404."""
    seen = Q(pk__in=organisations_of(user)) | Q(editions__public=True)
    return get_object_or_404(Organisation.objects.filter(seen).distinct(), slug=slug)


def _cached(response, *, for_good):
    if for_good:
        patch_cache_control(response, private=True, max_age=A_YEAR, immutable=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response
