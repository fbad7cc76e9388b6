"""The rows of a scheme as entries of its document: what `merge` compares with and `export` prints."""

from dataclasses import dataclass

from django.db import models

from actions.models import Organisation, Origin, Scheme
from indicators.document.levels import LEVELS, Level
from indicators.document.source import entry_key, serialise
from spaser.tracking import Door


@dataclass
class Stored:
    """One row of the database, under the key that its document gives it."""

    level: Level
    key: str
    instance: models.Model
    parent_key: str

    @property
    def from_document(self):
        """Does the document own this row, or has the site made or changed it since?"""
        if hasattr(self.instance, "origin"):
            return self.instance.origin == Origin.DOCUMENT
        return getattr(self.instance, "door", Door.DOCUMENT) == Door.DOCUMENT

    def serialised(self, keys):
        """The same shape as `Entry.serialised`; `keys` are those of rows by (model, id)."""
        written = {name: serialise(getattr(self.instance, name)) for name in self.level.fields}
        for name, target in self.level.refs:
            pk = getattr(self.instance, f"{name}_id")
            if pk is not None:
                written[name] = keys.get((LEVELS[target].model, pk), str(pk))
        return {**written, "parent": self.parent_key or None}


def stored_rows(organisation, scheme=None):
    """({key: Stored}, {(model, id): key}) of an organisation and its scheme, parents first, one query a level."""
    rows, keys = {}, {}
    for level in LEVELS.values():
        for instance in _instances(level, organisation, scheme):
            parent_key = _parent_key(level, instance, keys)
            key = entry_key(level, parent_key, _identity(level, instance, keys))
            stored = Stored(level, key, instance, parent_key)
            if not level.identity and not stored.from_document:
                continue  # a rank is the document's own; what the site adds has another
            rows[key] = stored
            keys[level.model, instance.pk] = key
    return rows, keys


def _instances(level, organisation, scheme):
    if level.model is Organisation:
        return [organisation]
    if level.model is Scheme:
        return [scheme] if scheme else []
    path = level.model.organisation_path
    if "scheme" not in path:
        queryset = level.model._base_manager.filter(organisation=organisation)
    elif scheme:
        queryset = level.model._base_manager.filter(**{path.removesuffix("__organisation"): scheme})
    else:
        return []
    top_first = [f"{name}_id" for owner, name in level.parents if LEVELS[owner] is level]
    order = [models.F(name).asc(nulls_first=True) for name in top_first]
    order += ["position"] if level.has_position else []
    return queryset.order_by(*order, "pk")


def _parent_key(level, instance, keys):
    found = ""
    for owner, name in level.parents:
        pk = getattr(instance, f"{name}_id")
        if pk is not None:
            found = keys[LEVELS[owner].model, pk]  # the last one wins: a part's parent is its action
    if not found and level.name not in ("organisation", "scheme"):
        found = keys[LEVELS["scheme"].model, instance.scheme_id]
    return found


def _identity(level, instance, keys):
    if not level.identity:
        return [instance.position]
    refs = dict(level.refs)
    parts = []
    for name in level.identity:
        if name in refs:
            key = keys[LEVELS[refs[name]].model, getattr(instance, f"{name}_id")]
            parts.append(key.split(" < ")[0].partition(" ")[2])  # « direction DAAJ < … » → « DAAJ »
        else:
            parts.append(getattr(instance, name))
    return parts
