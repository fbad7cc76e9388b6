"""`manage.py load_scheme FILE…`: bring schemes' documents into the database. Messages are for the steering team."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from indicators.document.merge import WouldOrphan, load
from indicators.document.source import DocumentErrors


class Command(BaseCommand):
    help = "Charge un ou plusieurs documents YAML de schéma ; tout ou rien."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FICHIER")
        parser.add_argument(
            "--prune",
            action="store_true",
            help="retire ce que le document n’a plus, sauf ce qui porte des relevés",
        )

    def handle(self, *, files, prune, **options):
        problems = []
        with transaction.atomic():
            for path in files:
                try:
                    self._load(path, prune)
                except DocumentErrors as errors:
                    problems += [str(problem) for problem in errors.problems]
                except WouldOrphan as lost:
                    problems += [f"{path} : {line}" for line in lost.lines]
                    problems.append(f"{path} : ajoutez --prune pour retirer ce qui n’a pas de relevé.")
                except (OSError, UnicodeDecodeError) as error:
                    problems.append(f"{path} : ne peut être lu ({error}).")
            if problems:
                raise CommandError("Rien n’a été chargé :\n" + "\n".join(problems))

    def _load(self, path, prune):
        outcome = load(path.read_text(encoding="utf-8"), file=str(path), at=timezone.now(), prune=prune)
        for notice in outcome.notices:
            self.stdout.write(self.style.WARNING(notice))
        if outcome.changed_nothing:
            self.stdout.write(f"{outcome.scheme.slug} : rien n’a changé.")
            return
        self.stdout.write(
            f"{outcome.scheme.slug} : {outcome.created} créés, {outcome.updated} modifiés, "
            f"{outcome.removed} retirés, {outcome.unchanged} inchangés."
        )
