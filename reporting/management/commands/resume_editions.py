"""`manage.py resume_editions`: takes up the editions that a stopped worker left unfinished. Safe to run at any time."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from reporting.editions.making import NotNow, resume
from reporting.models import EditionDraft, Making


class Command(BaseCommand):
    help = "Reprend les éditions dont la fabrication s’est interrompue ; à lancer au démarrage du service de fabrication."

    def add_arguments(self, parser):
        parser.add_argument(
            "--no-worker",
            action="store_true",
            help="Aucun service de fabrication ne tourne : ce qui est en cours est donc interrompu.",
        )

    def handle(self, *, no_worker, **options):
        now = timezone.now()
        for draft in EditionDraft.objects.filter(making=Making.RUNNING):
            if no_worker or draft.is_stalled(now):
                try:
                    resume(draft, dead=no_worker)
                except NotNow:  # somebody was quicker
                    continue
                self.stdout.write(f"Reprise : {draft}")
