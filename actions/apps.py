from django.apps import AppConfig
from django.db.backends.signals import connection_created

from spaser.folding import register_function


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "Plan et organisation"

    def ready(self):
        connection_created.connect(register_function, dispatch_uid="spaser_fold")
