"""`manage.py remove_demonstration --yes`: takes away what is invented. Run twice, it finds nothing left."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from indicators import demonstration as campaigns
from reporting import demonstration as editions


class Command(BaseCommand):
    help = (
        "Retire les campagnes de démonstration avec leurs fiches, relevés, historique, justificatifs, remarques et rappels, "
        "et les éditions et chiffres légaux inventés. Les comptes de démonstration et le plan restent."
    )

    def add_arguments(self, parser):
        parser.add_argument("--yes", action="store_true", help="Confirme : ce qui est retiré ne revient pas.")

    @transaction.atomic
    def handle(self, *, yes, **options):
        counts = campaigns.what_there_is() | editions.what_there_is()
        if not counts:
            self.stdout.write("Il n’y a rien de la démonstration.")
            return
        held = ", ".join(f"{name} {count}" for name, count in counts.items())
        if not yes:
            raise CommandError(f"Serait retiré : {held}. Rien ne l’est : ajoutez --yes pour confirmer.")
        editions.remove()
        campaigns.remove()
        self.stdout.write(f"Retiré : {held}. Les comptes de démonstration et le plan restent.")
