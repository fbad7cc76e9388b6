"""`manage.py bilan SLUG YEAR --output DIR`: the annual bilan as PDF and as workbook."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from actions.models import Scheme
from reporting.editions.bilan_pdf import bilan_pdf
from reporting.editions.bilan_workbook import bilan_workbook
from reporting.editions.build import build_bilan
from reporting.situation import NoCampaign


class Command(BaseCommand):
    help = "Écrit le bilan annuel d’un schéma, en PDF et en classeur."

    def add_arguments(self, parser):
        parser.add_argument("slug", metavar="SCHEMA")
        parser.add_argument("year", type=int, metavar="ANNEE")
        parser.add_argument("--output", type=Path, required=True, metavar="DOSSIER")

    def handle(self, *, slug, year, output, **options):
        scheme = Scheme.objects.select_related("organisation").filter(slug=slug).first()
        if scheme is None:
            raise CommandError(f"Pas de schéma « {slug} ».")
        try:
            bilan = build_bilan(scheme, year=year)
        except NoCampaign:
            years = (
                ", ".join(
                    str(campaign.year) for campaign in scheme.campaigns.filter(period="year").order_by("year")
                )
                or "aucune"
            )
            raise CommandError(f"Pas de campagne {year} pour ce schéma ; années connues : {years}.") from None
        output.mkdir(parents=True, exist_ok=True)
        for suffix, write in (("pdf", bilan_pdf), ("xlsx", bilan_workbook)):
            path = output / f"bilan-{slug}-{year}.{suffix}"
            path.write_bytes(write(bilan))
            self.stdout.write(str(path))
