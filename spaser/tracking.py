"""Database triggers that keep the history of a table, on PostgreSQL and SQLite alike.

Every insert, change and deletion of a tracked row writes one line into its history table: who, when, by
which door, why, the version, and the tracked columns before and after. The row itself carries the who and
the why (`changed_by`, `changed_at`, `changed_why`, `door`, `version`); a change of a tracked column that does
not raise `version` by one and restate `changed_at` is refused by the database, so a bare queryset update,
a bulk update or hand-written SQL can neither slip past the history nor borrow somebody else's name.
Why not a library: docs/decisions/0002-history.md.
"""

from dataclasses import dataclass

from django.db import connections, models

STAMPS = ("version", "door", "changed_why", "changed_by_id", "changed_at")


class Door(models.TextChoices):
    """The way by which a value or a status came in."""

    FORM = "form", "formulaire"
    GRID = "grid", "grille"
    WORKBOOK = "workbook", "classeur"
    API = "api", "API"
    DOCUMENT = "document", "document"


@dataclass(frozen=True)
class Tracked:
    """A tracked model, its history model, the history's foreign key to it, and the fields that are history."""

    model: type[models.Model]
    history: type[models.Model]
    link: str
    fields: tuple[str, ...]

    @property
    def table(self):
        return self.model._meta.db_table

    @property
    def history_table(self):
        return self.history._meta.db_table

    @property
    def columns(self):
        return [self.model._meta.get_field(name).column for name in self.fields]

    def insert(self, *, vendor, old, new):
        """The INSERT into the history table; `old` and `new` say which of OLD and NEW exists."""
        row = "NEW" if new else "OLD"
        values = [f"{row}.id", _snapshot(vendor, self.columns, "OLD") if old else "NULL"]
        values.append(_snapshot(vendor, self.columns, "NEW") if new else "NULL")
        values += [f'{row}."{stamp}"' for stamp in STAMPS]
        if not new:  # a deletion has no author in the row: the old one's name must not be borrowed
            values[3:] = ["OLD.version", "OLD.door", "''", "NULL", "CURRENT_TIMESTAMP"]
        names = [f"{self.link}_id", "before", "after", *STAMPS]
        columns = ", ".join(f'"{name}"' for name in names)
        return f'INSERT INTO "{self.history_table}" ({columns}) VALUES ({", ".join(values)});'


def _snapshot(vendor, columns, row):
    function = "jsonb_build_object" if vendor == "postgresql" else "json_object"
    pairs = ", ".join(f"'{column}', {row}.\"{column}\"" for column in columns)
    return f"{function}({pairs})"


def _changed(columns):
    return " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)


def _unsigned():
    return "NEW.version <> OLD.version + 1 OR NEW.changed_at = OLD.changed_at"


KEPT = "history is not rewritten"
REFUSAL = "a tracked change must raise version by one and restate changed_at"


def _postgresql(tracked):
    name = f"track_{tracked.table}"
    yield f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                {tracked.insert(vendor="postgresql", old=False, new=True)}
            ELSIF TG_OP = 'DELETE' THEN
                {tracked.insert(vendor="postgresql", old=True, new=False)}
            ELSIF {_changed(tracked.columns)} THEN
                IF {_unsigned()} THEN
                    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                {tracked.insert(vendor="postgresql", old=True, new=True)}
            END IF;
            RETURN NULL;
        END $$"""
    yield (
        f'CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON "{tracked.table}" '
        f"FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    yield f"""
        CREATE OR REPLACE FUNCTION {name}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation';
        END $$"""
    yield (
        f'CREATE TRIGGER {name}_keep BEFORE UPDATE ON "{tracked.history_table}" '
        f"FOR EACH ROW EXECUTE FUNCTION {name}_keep()"
    )


def _sqlite(tracked):
    name, table = f"track_{tracked.table}", tracked.table
    for event, old, new in (("INSERT", False, True), ("DELETE", True, False)):
        body = tracked.insert(vendor="sqlite", old=old, new=new)
        yield f'CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON "{table}" BEGIN {body} END'
    yield (
        f'CREATE TRIGGER {name}_refuse BEFORE UPDATE ON "{table}" '
        f"WHEN ({_changed(tracked.columns)}) AND ({_unsigned()}) "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    body = tracked.insert(vendor="sqlite", old=True, new=True)
    yield f'CREATE TRIGGER {name}_update AFTER UPDATE ON "{table}" WHEN {_changed(tracked.columns)} BEGIN {body} END'
    yield (
        f'CREATE TRIGGER {name}_keep BEFORE UPDATE ON "{tracked.history_table}" '
        f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    )


def remove_triggers(tracked, using):
    """Drop the triggers of one table. Runs before migrations: SQLite rebuilds a table to alter it."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if tracked.table not in connection.introspection.table_names(cursor):
            return
        name = f"track_{tracked.table}"
        if connection.vendor == "postgresql":
            cursor.execute(f'DROP TRIGGER IF EXISTS {name} ON "{tracked.table}"')
            cursor.execute(f'DROP TRIGGER IF EXISTS {name}_keep ON "{tracked.history_table}"')
        else:
            for suffix in ("insert", "delete", "refuse", "update", "keep"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}_{suffix}")


def install_triggers(tracked, using):
    """Put the triggers of one table in place, whatever was there. Runs after every `migrate`."""
    remove_triggers(tracked, using)
    connection = connections[using]
    statements = {"postgresql": _postgresql, "sqlite": _sqlite}[connection.vendor]
    with connection.cursor() as cursor:
        if tracked.table in connection.introspection.table_names(cursor):
            for statement in statements(tracked):
                cursor.execute(statement)
