from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = "Indicateurs et campagnes"

    def ready(self):
        import indicators.rules  # noqa: F401  # registers its rules: `check` must know them, whoever calls it
        from indicators import law
        from indicators.tracked import after_migrate, before_migrate

        # SQLite rebuilds a table to alter it, and loses its triggers: they are put back after every migrate.
        pre_migrate.connect(before_migrate, sender=self)
        post_migrate.connect(after_migrate, sender=self)
        post_migrate.connect(law.after_migrate, sender=self)
