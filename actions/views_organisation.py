"""The page by which the installation's administrator opens an organisation, and hands it to its steering team."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from actions.forms import email_of_person
from actions.models import Buyer, Organisation, Role
from actions.services import InvitationNotSent, give_role
from actions.views_members import base_url


class OrganisationForm(forms.ModelForm):
    """An organisation, and the first member of its steering team."""

    groups = {
        "Collectivité": ["name", "slug"],
        "Premier membre de l’équipe de pilotage": ["email", "first_name", "last_name"],
    }

    email = forms.EmailField(
        label="Adresse électronique",
        help_text="Sans compte, cette personne reçoit une invitation. Elle charge le plan et invite les autres.",
    )
    first_name = forms.CharField(label="Prénom", max_length=150, required=False)
    last_name = forms.CharField(label="Nom", max_length=150, required=False)

    class Meta:
        model = Organisation
        fields = ["name", "slug"]
        help_texts = {"slug": "Sert d’adresse : minuscules sans accent, chiffres et tirets."}

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if slug == "ajouter":
            raise ValidationError(
                "« ajouter » est l’adresse de cette page : choisissez un autre identifiant."
            )
        return slug

    def clean_email(self):
        return email_of_person(self.cleaned_data["email"])

    @property
    def grouped(self):
        return [(title, [self[name] for name in names]) for title, names in self.groups.items()]


class BuyerForm(forms.ModelForm):
    class Meta:
        model = Buyer
        fields = ["code", "name", "siret"]
        help_texts = {"code": "Court, sans accent ni espace."}


class BaseBuyerFormSet(forms.BaseFormSet):
    """The buyers, no two of which have the same code or SIRET; a row left empty is none."""

    def clean(self):
        given = [(form, dict(form.cleaned_data)) for form in self.forms if form.is_valid()]
        for field, said in (("code", "Ce code"), ("siret", "Ce SIRET")):
            seen = set()
            for form, values in given:
                value = values.get(field)
                if value and value in seen:
                    form.add_error(field, f"{said} est déjà celui d’un autre acheteur.")
                seen.add(value)

    @property
    def filled(self):
        return [form for form in self.forms if form.has_changed()]


BuyerFormSet = forms.formset_factory(BuyerForm, formset=BaseBuyerFormSet, extra=3, max_num=3, absolute_max=3)


@require_http_methods(["GET", "POST"])
def organisation_add(request):
    """Open an organisation: the only page that is the installation's administrator's, and nobody else's."""
    if not request.user.is_superuser:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form, buyers = OrganisationForm(data), BuyerFormSet(data, prefix="acheteurs")
    valid = [form.is_valid(), buyers.is_valid() and not any(row.errors for row in buyers.forms)]
    if not all(valid):
        return render(request, "actions/organisation_add.html", {"form": form, "buyers": buyers})
    try:
        organisation = _open(form, buyers, by=request.user, base_url=base_url(request))
    except InvitationNotSent as error:
        messages.error(request, str(error))
    else:
        said = (
            f"« {organisation.name} » est ouverte. {form.cleaned_data['email']} en est l’équipe de pilotage."
        )
        messages.success(request, said)
    return redirect("schemes")


@transaction.atomic
def _open(form, buyers, *, by, base_url):
    """The organisation with its buyers, and its first steering member, whose invitation leaves at the end."""
    organisation = form.save()
    for position, row in enumerate(buyers.filled):
        buyer = row.save(commit=False)
        buyer.organisation, buyer.position = organisation, position
        buyer.save()
    person = {name: form.cleaned_data[name] for name in ("email", "first_name", "last_name")}
    give_role(by=by, base_url=base_url, organisation=organisation, role=Role.STEERING, **person)
    return organisation
