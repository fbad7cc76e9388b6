"""`manage.py demo_editions`: the editions of the demonstration. Run again, it changes nothing."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting.demonstration import create


class Command(BaseCommand):
    help = "Publie les éditions de la démonstration, après ses comptes : le bilan 2017, et une publication légale inventée."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Réservé à une démonstration (SPASER_DEMO=1).")
        editions = create()
        if not editions:
            self.stdout.write("Éditions de démonstration : elles existent déjà.")
        for edition in editions:
            self.stdout.write(f"Édition {edition} : {settings.SITE_URL}{edition.get_absolute_url()}")
