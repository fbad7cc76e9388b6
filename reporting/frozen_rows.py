"""Database triggers that keep what is published as it was, on PostgreSQL and SQLite alike.

Of a published row nothing may change but what is named here; a bare queryset update or hand-written SQL is refused too.
"""

from django.db import connections

from reporting.models import Edition, EditionFile

FROZEN = {Edition: {"public"}, EditionFile: set()}  # the columns that may change
REFUSAL = "a published edition does not change"


def _condition(model, vendor):
    columns = [field.column for field in model._meta.concrete_fields if field.name not in FROZEN[model]]
    cast = "::text" if vendor == "postgresql" else ""  # json has no equality of its own
    return " OR ".join(f'OLD."{column}"{cast} IS DISTINCT FROM NEW."{column}"{cast}' for column in columns)


def _postgresql(model, name, table):
    yield f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {_condition(model, "postgresql")} THEN
                RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$"""
    yield f'CREATE TRIGGER {name} BEFORE UPDATE ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()'


def _sqlite(model, name, table):
    yield (
        f'CREATE TRIGGER {name} BEFORE UPDATE ON "{table}" WHEN {_condition(model, "sqlite")} '
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def before_migrate(using, **kwargs):
    """Drop the triggers: SQLite rebuilds a table to alter it."""
    connection = connections[using]
    with connection.cursor() as cursor:
        known = connection.introspection.table_names(cursor)
        for model in FROZEN:
            table = model._meta.db_table
            if table in known:
                on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS freeze_{table}{on}")


def after_migrate(using, **kwargs):
    """Put the triggers in place, whatever was there."""
    before_migrate(using)
    connection = connections[using]
    statements = {"postgresql": _postgresql, "sqlite": _sqlite}[connection.vendor]
    with connection.cursor() as cursor:
        known = connection.introspection.table_names(cursor)
        for model in FROZEN:
            table = model._meta.db_table
            if table in known:
                for statement in statements(model, f"freeze_{table}", table):
                    cursor.execute(statement)
