"""`manage.py demo_campaign`: campaigns of invented values, for a demonstration only. Run again, it changes nothing."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from indicators.demonstration import Unfit, create
from indicators.models import CampaignKind
from indicators.perms import today
from spaser.french import format_date


class Command(BaseCommand):
    help = "Crée les campagnes de démonstration, aux valeurs inventées, après les comptes de démonstration."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Réservé à une démonstration (SPASER_DEMO=1).")
        try:
            campaigns = create(on=today())
        except Unfit as error:
            raise CommandError(str(error)) from error
        if not campaigns:
            self.stdout.write("Campagnes de démonstration : elles existent déjà.")
        for campaign in campaigns:
            until = (
                "année de référence"
                if campaign.kind == CampaignKind.REFERENCE
                else f"saisie ouverte jusqu’au {format_date(campaign.closes_on)}"
            )
            self.stdout.write(f"Campagne {campaign} de {campaign.scheme} : {until}, valeurs inventées.")
