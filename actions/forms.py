"""Forms of accounts and members."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm

from actions.models import Direction, Membership, User
from actions.models.organisation import DIRECTION_ROLES, PEOPLE_ROLES

ROLE_CHOICES = [(role.value, role.label) for role in PEOPLE_ROLES]


def email_of_person(email):
    """The address as accounts are known by it; ValidationError when it is that of another system's account."""
    email = User.objects.clean_email(email)
    if User.objects.filter(email=email, credential__isnull=False).exists():
        raise forms.ValidationError("Cette adresse est celle d’une clé d’accès, pas d’une personne.")
    return email


class LoginForm(AuthenticationForm):
    """Logs in by e-mail address, whatever its case."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "Adresse électronique ou mot de passe incorrect.",
    }


class FirstOrForgottenPasswordForm(PasswordResetForm):
    """Asks for the link that sets a password: a forgotten one, or the first one of an invited person."""

    def get_users(self, email):
        people = User.objects.filter(credential__isnull=True)  # the account of a credential has no password
        return people.filter(email=User.objects.clean_email(email), is_active=True)


class MemberForm(forms.Form):
    """A person to invite, or who already has an account, and the role to hold in an organisation."""

    email = forms.EmailField(label="Adresse électronique")
    first_name = forms.CharField(label="Prénom", max_length=150, required=False)
    last_name = forms.CharField(label="Nom", max_length=150, required=False)
    role = forms.ChoiceField(label="Rôle", choices=ROLE_CHOICES)
    direction = forms.ModelChoiceField(
        label="Direction",
        queryset=Direction.objects.none(),
        required=False,
        empty_label="Toute la collectivité",
        help_text="Pour un pilote ou un contributeur.",
    )

    def __init__(self, *args, organisation, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        self.fields["direction"].queryset = organisation.directions.filter(active=True).exclude(
            kind="partner"
        )

    def clean_email(self):
        return email_of_person(self.cleaned_data["email"])

    def clean(self):
        data = super().clean()
        role, direction = data.get("role"), data.get("direction")
        if role in DIRECTION_ROLES and not direction and "direction" not in self.errors:
            self.add_error(
                "direction", "Choisissez la direction : un pilote ou un contributeur l’est d’une direction."
            )
        if role and role not in DIRECTION_ROLES and direction:
            self.add_error("direction", "Ce rôle vaut pour toute la collectivité : laissez ce champ vide.")
        held = Membership.objects.filter(
            organisation=self.organisation, user__email=data.get("email"), role=role, direction=direction
        )
        if not self.errors and held.exists():
            self.add_error("email", "Cette personne a déjà ce rôle.")
        return data
