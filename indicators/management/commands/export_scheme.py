"""`manage.py export_scheme SLUG`: print the document that would load this scheme."""

from django.core.management.base import BaseCommand, CommandError

from actions.models import Scheme
from indicators.document.export import export


class Command(BaseCommand):
    help = "Imprime le document YAML d’un schéma."

    def add_arguments(self, parser):
        parser.add_argument("slug", metavar="SCHEMA")

    def handle(self, *, slug, **options):
        scheme = Scheme.objects.select_related("organisation").filter(slug=slug).first()
        if scheme is None:
            known = ", ".join(Scheme.objects.values_list("slug", flat=True)) or "aucun"
            raise CommandError(f"Pas de schéma « {slug} ». Schémas chargés : {known}.")
        self.stdout.write(export(scheme), ending="")
