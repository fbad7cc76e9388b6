"""Reads a scheme's YAML into entries, and says everything that is wrong with it, line by line."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models

from indicators.document import shapes
from indicators.document.levels import LEVELS, NESTED, Level
from indicators.document.parsing import (
    FORBIDDEN,
    DocumentErrors,
    Placed,
    Problem,
    Unreadable,
    parse,
    shown,
    where,
)
from spaser.french import parse_number

__all__ = ["DocumentErrors", "Entry", "Problem", "blank_of", "entry_key", "read_document", "serialise"]


@dataclass
class Entry:
    """One item of the document: its level, its values, what it points to, and where it stands."""

    level: Level
    key: str
    parent: "Entry | None"
    position: int
    line: int
    place: str
    values: dict = field(default_factory=dict)  # field → Python value
    refs: dict = field(default_factory=dict)  # field → key of another entry
    lines: dict = field(default_factory=dict)  # field → line where it is written
    faulty: set = field(default_factory=set)  # the keys that something is wrong with

    @property
    def usable(self):
        """Are the values that it holds those that are written? An unknown key leaves them so."""
        return not self.faulty & {*self.level.fields, *dict(self.level.refs), "parent"}

    def serialised(self):
        """What the document says here, as JSON: the base of the next merge."""
        written = {name: serialise(value) for name, value in self.values.items()}
        parent = self.parent.key if self.parent else None
        return {**written, **self.refs, "parent": parent}


def serialise(value):
    """A JSON value that is equal when, and only when, the field's value is."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def entry_key(level, parent_key, identity):
    """The key of an item: by its code where the code is enough, otherwise by its place under its parent."""
    own = " ".join(str(part) for part in identity)
    return f"{level.name} {own}" if level.coded else f"{level.name} {own} < {parent_key}"


def as_written(level, key):
    """What a message calls a key: in YAML, itself."""
    return key


class DocumentReader:
    """Walks one parsed document; `entries` in document order, parents first, and `problems`.

    `name_of` says what its author calls a key of a level.
    """

    def __init__(self, file, name_of=as_written):
        self.file = file
        self.name_of = name_of
        self.entries = {}
        self.problems = []
        self.measure_types = {}

    def read(self, document):
        organisation = self._item("organisation", document.get("organisation"), None, 0, 1)
        if organisation:
            self._item("scheme", document, organisation, 0, 1)
            self._resolve()
        return self

    # One item, then what is nested in it

    def _item(self, name, data, parent, position, line):
        level = LEVELS[name]
        line = _line(data, line)
        if not isinstance(data, dict):
            what = level.model._meta.verbose_name
            self._problem(
                line, parent.place if parent else what, f"{what} : on attend des clés et des valeurs."
            )
            return None
        entry = Entry(level, "", parent, position, line, self._place(level, data, parent, position))
        if getattr(getattr(data, "origin", None) or data, "stranded", False):
            entry.faulty.add("parent")
        unfold = getattr(self, f"_unfold_{name}", None)
        data, nested = unfold(entry, data) if unfold else (data, {})
        self._fill(entry, data)
        entry.key = self._key(entry)
        if entry.key in self.entries:
            self._problem(line, entry.place, f"déjà donné {where(self.entries[entry.key].line)}.")
            return None
        self.entries[entry.key] = entry
        if name == "measure" and entry.usable:
            self.measure_types[entry.values["code"]] = entry.values["type"]
        for key, child_name in NESTED.get(name, ()):
            self._children(nested if key in nested else data, child_name, entry, key)
        return entry

    def _children(self, data, name, parent, key):
        owner = parent.parent if name == "direction" else parent  # directions outlive a scheme
        for position, (item, line) in enumerate(self._list(parent, data, key)):
            self._item(name, item, owner, position, line)

    def _list(self, entry, data, key):
        """The (item, line) pairs of a list that may be left out."""
        items = data.get(key)
        if items is None:
            return []
        if not isinstance(items, list):
            self._fault(entry, key, _key_line(data, key, entry.line), f"« {key} » : on attend une liste.")
            return []
        return [
            (item, items.lc.item(rank)[0] + 1 if hasattr(items, "lc") else _line(item, entry.line))
            for rank, item in enumerate(items)
        ]

    # The shorter ways of writing, spelled out: (data, nested lists)

    def _unfold_action(self, entry, data):
        involvements = []
        for key in shapes.INVOLVEMENT_KEYS:
            for item, line in self._list(entry, data, key):
                try:
                    involvements.append(_At(shapes.unfold_involvement(key, item), line, item))
                except ValueError as error:
                    self._fault(entry, key, line, str(error))
        return data, {"involvements": involvements}

    def _unfold_indicator(self, entry, data):
        try:
            rest, measures = shapes.unfold_measures(data)
        except ValueError as error:
            self._fault(entry, "measures", entry.line, str(error))
            rest = {key: value for key, value in data.items() if key not in shapes.INLINE_KEYS}
            return _with_line(rest, data), {}
        if "measures" not in data:
            measures = [_with_line(item, data) for item in measures]
        return _with_line(rest, data), {"measures": measures}

    def _unfold_measure(self, entry, data):
        return data, {
            "sources": [_At({"source": code}, line) for code, line in self._list(entry, data, "sources")]
        }

    def _unfold_report(self, entry, data):
        rest = {key: value for key, value in data.items() if key not in ("year", "period", "readings")}
        if "campaign" in rest:
            self._unknown(entry, data, "campaign")
        try:
            rest["campaign"] = shapes.unfold_campaign(data)
        except ValueError as error:
            self._fault(entry, "campaign", entry.line, str(error))
            rest["campaign"] = None
        return _with_line(rest, data), {"readings": list(self._readings(entry, data))}

    def _unfold_extra_figure(self, entry, data):
        if data.get("value") is None:
            return data, {}
        try:
            value, decimals = shapes.unfold_number(data["value"])
        except ValueError as error:
            self._fault(entry, "value", _key_line(data, "value", entry.line), f"value : {error}")
            value = decimals = None
        return _with_line({**data, "value": value, "decimals": decimals}, data), {}

    def _readings(self, entry, data):
        readings = data.get("readings")
        if readings is None:
            return
        if not isinstance(readings, dict):
            reason = "« readings » : on attend des codes de grandeurs et leurs valeurs."
            self._fault(entry, "readings", _key_line(data, "readings", entry.line), reason)
            return
        for code, written in readings.items():
            line = _key_line(readings, code, entry.line)
            try:
                fields = shapes.unfold_reading(written, self.measure_types.get(code))
            except ValueError as error:
                self._problem(line, f"relevé {shown(code)}", str(error))
                continue
            yield _At({**fields, "measure": code}, line)

    # Values

    def _fill(self, entry, data):
        level = entry.level
        refs = dict(level.refs)
        for key, value in data.items():
            line = entry.lines[key] = _key_line(data, key, entry.line)
            if key not in level.keys:
                self._unknown(entry, data, key)
            elif key in level.fields or (key in refs and value is not None):
                try:
                    if key in refs:
                        entry.refs[key] = text_of(value)
                    else:
                        entry.values[key] = convert(level.field(key), value)
                except ValueError as error:
                    self._fault(entry, key, line, f"{self.name_of(level.name, key)} : {error}")
        for key in level.required:
            if key not in entry.faulty and data.get(key) in (None, ""):
                line = _key_line(data, key, entry.line)
                self._fault(entry, key, line, f"il manque « {self.name_of(level.name, key)} ».")
        for name in level.fields:  # a key that is left out says the field's blank
            entry.values.setdefault(name, blank_of(level.field(name)))

    def _key(self, entry):
        if entry.faulty & set(entry.level.identity):
            return f"{entry.level.name} ? {len(self.entries)}"  # nothing can point to it
        values = {**entry.values, **entry.refs}
        identity = [values.get(name, "") for name in entry.level.identity] or [entry.position]
        return entry_key(entry.level, entry.parent.key if entry.parent else "", identity)

    def _resolve(self):
        """Turn the codes that entries point to into keys, and say which point nowhere."""
        organisation = next(iter(self.entries))
        scheme = next(key for key in self.entries if key.startswith("scheme "))
        for entry in list(self.entries.values()):
            for name, target in entry.level.refs:
                if name not in entry.refs or name in entry.faulty or target == "scheme":
                    continue
                code = entry.refs[name]
                parent = {"direction": organisation, "campaign": scheme}.get(target, "")
                if target == "item" and "parent" in entry.faulty:
                    continue
                if target == "item":
                    parent = entry.parent.refs.get("breakdown", "")
                    parent = parent if parent.startswith("breakdown ") else f"breakdown {parent}"
                key = entry_key(LEVELS[target], parent, [code])
                if key not in self.entries:
                    said = shown(code.removesuffix(" year") if target == "campaign" else code)
                    reason = (
                        f"{self.name_of(entry.level.name, name)} : « {said} » n’est pas dans le document."
                    )
                    self._fault(entry, name, entry.lines[name], reason)
                entry.refs[name] = key

    # Where

    def _unknown(self, entry, data, key):
        self._fault(entry, key, _key_line(data, key, entry.line), f"clé inconnue : « {shown(key)} ».")

    def _fault(self, entry, key, line, reason):
        entry.faulty.add(key)
        self._problem(line, entry.place, reason)

    def _problem(self, line, place, reason):
        self.problems.append(Problem(self.file, line, place, reason))

    @staticmethod
    def _place(level, data, parent, position):
        name = level.model._meta.verbose_name
        keys = ("code", "slug", "measure", "year", "direction", "heading")
        own = next(
            (
                shown(value)
                for key in keys
                if (value := data.get(key)) and type(value) is not bool and isinstance(value, (str, int))
            ),
            position + 1,
        )
        if level.coded or not parent:
            return f"{name} {own}"
        return f"{parent.place} › {name} {own}"


class _At(dict):
    """A mapping made from a written one, `origin`, that remembers where that stands."""

    def __init__(self, data, line, origin=None):
        super().__init__(data)
        self.line = line
        self.origin = origin


def _with_line(data, origin):
    return _At(data, _line(origin, 0), origin)


def _line(data, default):
    if hasattr(data, "line"):
        return data.line
    return data.lc.line + 1 if hasattr(data, "lc") else default


def _key_line(data, key, default):
    data = getattr(data, "origin", None) or data
    if isinstance(data, Placed):
        return data.places.get(key, default)
    if hasattr(data, "lc") and key in (data.lc.data or {}):
        return data.lc.key(key)[0] + 1
    return default


def blank_of(field_):
    """What a field holds when the document says nothing of it."""
    if field_.null:
        return None
    return field_.get_default() if field_.has_default() else ""


def convert(field_, value):
    """The Python value of what is written for a model field; ValueError says in French what is expected."""
    if value is None:
        return blank_of(field_)
    if isinstance(value, Unreadable):
        raise ValueError(value.reason)
    if isinstance(field_, models.BooleanField):
        if not isinstance(value, bool):
            raise ValueError("écrivez true ou false.")
        return value
    if isinstance(field_, models.DecimalField):
        if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
            raise ValueError("on attend un nombre, entre guillemets.")
        return value if isinstance(value, Decimal) else parse_number(value)[0]
    if isinstance(field_, models.IntegerField):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("on attend un nombre entier.")
        return int(value)
    if isinstance(field_, models.DateField):
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return value
        raise ValueError("on attend une date, AAAA-MM-JJ.")
    if field_.name == "choices" and isinstance(value, list):
        return "\n".join(text_of(choice) for choice in value)
    return text_of(value)


def text_of(value):
    """What is written, as a text without spaces around it."""
    if isinstance(value, Unreadable):
        raise ValueError(value.reason)
    if not isinstance(value, str):
        raise ValueError("on attend un texte : mettez-le entre guillemets.")
    if FORBIDDEN.search(value):
        raise ValueError("caractère interdit.")
    return str(value).strip()


def read_document(text, file):
    """The entries of a document, keyed and in order; raises DocumentErrors with all that the reading alone shows."""
    reader = DocumentReader(file).read(parse(text, file))
    return reader.entries, reader.problems
