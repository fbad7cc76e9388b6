"""Text stored as it is searched: a column that the database itself folds, whatever door writes the row.

The function is `spaser.text.fold_letters`. PostgreSQL computes it from its own immutable functions; SQLite calls Python,
by a function that every connection of the site registers. Why not unaccent or collations: docs/decisions/0006-search.md.
"""

from django.db import models
from django.db.models import Func, Q

from spaser.text import FOLDS, fold_letters

NAME = "spaser_fold"  # of the function on SQLite


def register_function(connection, **kwargs):
    """Teach one connection to SQLite to fold; deterministic, or it would be refused in a generated column."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(NAME, 1, fold_letters, deterministic=True)


def _literal(text):
    """A string constant of SQL, in a template where a per cent sign is doubled."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def _postgresql():
    """One `replace` for each character that opens into several, then one `translate` for all the others."""
    expression = "(%(expressions)s)"
    for character, plain in FOLDS.items():
        if len(plain) > 1:
            expression = f"replace({expression}, {_literal(character)}, {_literal(plain)})"
    # `translate` drops the characters of the first list that have no counterpart in the second: they come last
    single = sorted((pair for pair in FOLDS.items() if len(pair[1]) < 2), key=lambda pair: pair[1] == "")
    return f"translate({expression}, {_literal(''.join(key for key, _ in single))}, {_literal(''.join(plain for _, plain in single))})"


class Fold(Func):
    """Columns that are never null, joined by line breaks, without accents or case."""

    output_field = models.TextField()
    arg_joiner = " || '\n' || "
    template = f"{NAME}(%(expressions)s)"

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template=_postgresql(), **extra)


def folded(*fields):
    """The generated column that keeps the text of `fields` as it is searched."""
    return models.GeneratedField(
        verbose_name="texte cherché",
        expression=Fold(*fields),
        output_field=models.TextField(),
        db_persist=True,
    )


def holds(words, path="searched"):
    """The condition that the column at `path` holds every one of the folded `words`."""
    found = Q()
    for word in words:
        found &= Q(**{f"{path}__contains": word})
    return found
