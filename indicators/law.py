"""The categories that the law names (Code de la commande publique, L2111-3): in every installation, whoever runs it."""

from django.db import connections

from indicators.models import LegalCategory

CATEGORIES = (
    ("social", "Achats à considération sociale"),
    ("environnemental", "Achats à considération environnementale"),
    ("esus", "Achats aux entreprises solidaires d’utilité sociale agréées (ESUS)"),
    (
        "insertion-handicap",
        "Achats aux employeurs de personnes défavorisées ou vulnérables (insertion, handicap)",
    ),
)


def after_migrate(using, **kwargs):
    """Put the categories in place, or back to their words; those of the organisations are left alone."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if LegalCategory._meta.db_table not in connection.introspection.table_names(cursor):
            return
    for position, (code, name) in enumerate(CATEGORIES):
        LegalCategory.objects.using(using).update_or_create(
            organisation=None, code=code, defaults={"name": name, "position": position}
        )
