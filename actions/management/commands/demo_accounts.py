"""`manage.py demo_accounts`: accounts for every role, for a demonstration only. Run again, it changes nothing."""

import secrets

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from actions.models import Direction, Membership, Organisation, Role, User

DIRECTIONS_OF = "departement-du-pas-de-calais"
ACCOUNTS = [  # e-mail, name, role, direction; without direction, the role is held in every organisation
    ("pilote@demo.example", "Pilote Démonstration", Role.PILOT, "DMG"),
    ("pilote.daaj@demo.example", "Pilote DAAJ", Role.PILOT, "DAAJ"),
    ("pilote.ddae@demo.example", "Pilote DDAE", Role.PILOT, "DDAE"),
    ("contributeur@demo.example", "Contributeur Démonstration", Role.CONTRIBUTOR, "DDAE"),
    ("caap@demo.example", "CAAP Démonstration", Role.STEERING, None),
    ("caap2@demo.example", "CAAP Relecture", Role.STEERING, None),  # who submits does not validate
    ("copil@demo.example", "COPIL Démonstration", Role.COPIL, None),
]


class Command(BaseCommand):
    help = "Crée les comptes de démonstration, pour chaque rôle, et les imprime."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Réservé à une démonstration (SPASER_DEMO=1).")
        password = demo_password()
        self.stdout.write(f"Comptes de démonstration (mot de passe commun : {password})")
        for email, name, role, code in ACCOUNTS:
            user = User.objects.filter(email=email).first()
            if user is None:
                first, last = name.split(" ")
                user = User.objects.create_user(email, password, first_name=first, last_name=last)
            where = list(self._grant(user, role, code))
            self.stdout.write(f"  {email:<28} {role.label} ({', '.join(where)})")

    def _grant(self, user, role, code):
        if code:
            direction = Direction.objects.get(organisation__slug=DIRECTIONS_OF, code=code)
            places = [(direction.organisation, direction)]
        else:
            places = [(organisation, None) for organisation in Organisation.objects.all()]
        for organisation, direction in places:
            Membership.objects.get_or_create(
                user=user, organisation=organisation, direction=direction, role=role
            )
            yield str(direction or organisation)


def demo_password():
    """Drawn at the first start and kept beside the database: nothing to guess, nothing in the source."""
    path = settings.VAR_DIR / "demo-password"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(9), encoding="utf-8")
        path.chmod(0o600)
    return path.read_text(encoding="utf-8")
