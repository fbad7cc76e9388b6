"""`manage.py send_reminders`: once a day. Run twice, it sends nothing twice."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from indicators.perms import today
from indicators.reminders import Agenda, send_all
from spaser.french import format_date
from spaser.templatetags.french import count_of


class Command(BaseCommand):
    help = "Envoie les rappels des campagnes et les avis en attente, un seul message par personne. À lancer chaque jour."

    def add_arguments(self, parser):
        parser.add_argument(
            "--date",
            type=date.fromisoformat,
            help="Montre ce qui partirait à cette date (AAAA-MM-JJ), sans rien envoyer.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Montre ce qui partirait aujourd’hui, sans rien envoyer."
        )

    def handle(self, **options):
        if options["dry_run"] or options["date"]:
            self._show(options["date"] or today(), with_text=options["verbosity"] > 1)
        else:
            self._send()

    def _show(self, on, *, with_text):
        letters = Agenda(on).letters(on)
        self.stdout.write(f"Le {format_date(on)} : {count_of(len(letters), 'courriel')} ; rien n’est envoyé.")
        for letter in letters:
            self.stdout.write(f"  {letter.user.email} : {letter.subject}")
            if with_text:
                self.stdout.write(letter.body(token="…"))

    def _send(self):
        delivery = send_all(at=timezone.now())
        for letter in delivery.sent:
            self.stdout.write(f"  {letter.user.email} : {letter.subject}")
        self.stdout.write(f"{count_of(len(delivery.sent), 'courriel envoyé')}.")
        if delivery.failed:
            unsent = ", ".join(letter.user.email for letter in delivery.failed)
            rest = " Le serveur de courrier n’a pas répondu : le reste attend." if delivery.stopped else ""
            raise CommandError(f"Non envoyé, repris au prochain passage : {unsent}.{rest}")
