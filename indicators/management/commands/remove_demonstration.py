"""`manage.py remove_demonstration --yes`: takes the campaigns of invented values away. Run twice, it finds nothing left."""

from django.core.management.base import BaseCommand, CommandError

from indicators.demonstration import remove, what_there_is


class Command(BaseCommand):
    help = (
        "Retire les campagnes de démonstration avec leurs fiches, relevés, historique, justificatifs, remarques et rappels. "
        "Les comptes de démonstration et le plan restent."
    )

    def add_arguments(self, parser):
        parser.add_argument("--yes", action="store_true", help="Confirme : ce qui est retiré ne revient pas.")

    def handle(self, *, yes, **options):
        counts = what_there_is()
        if not counts:
            self.stdout.write("Il n’y a pas de campagne de démonstration.")
            return
        held = ", ".join(f"{name} {count}" for name, count in counts.items())
        if not yes:
            raise CommandError(f"Serait retiré : {held}. Rien ne l’est : ajoutez --yes pour confirmer.")
        remove()
        self.stdout.write(f"Retiré : {held}. Les comptes de démonstration et le plan restent.")
