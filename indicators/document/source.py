"""Reads a scheme's YAML into entries, and says everything that is wrong with it, line by line."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError

from indicators.document import shapes
from indicators.document.levels import LEVELS, NESTED, Level
from spaser.french import parse_number


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where, and why. Prints as « fichier:ligne : lieu : raison »."""

    file: str
    line: int
    place: str
    reason: str

    def __str__(self):
        return f"{self.file}:{self.line} : {self.place} : {self.reason}"


class DocumentErrors(Exception):
    """Everything that is wrong with a document, in the order of its lines."""

    def __init__(self, problems):
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


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
    ref_lines: dict = field(default_factory=dict)  # field → line where it is written

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


class DocumentReader:
    """Walks one YAML document; `entries` in document order, parents first, and `problems`."""

    def __init__(self, text, file):
        self.text = text
        self.file = file
        self.entries = {}
        self.problems = []
        self.measure_types = {}

    def read(self):
        try:
            document = YAML(typ="rt").load(self.text)
        except MarkedYAMLError as error:
            mark = error.problem_mark
            line = mark.line + 1 if mark else 0
            double = isinstance(error, DuplicateKeyError)
            reason = "une clé est donnée deux fois" if double else "le YAML ne se lit pas"
            raise DocumentErrors(
                [Problem(self.file, line, "YAML", f"{reason} ({error.problem}).")]
            ) from error
        if not isinstance(document, dict):
            raise DocumentErrors([Problem(self.file, 1, "document", "On attend un schéma : slug, title…")])
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
            self._problem(
                line, parent.place if parent else name, f"{name} : on attend des clés et des valeurs."
            )
            return None
        place = self._place(level, data, parent, position)
        try:
            data, nested = self._unfold(name, data)
        except ValueError as error:
            self._problem(line, place, str(error))
            return None
        entry = Entry(level, "", parent, position, line, place)
        self._fill(entry, data)
        entry.key = self._key(entry)
        if entry.key in self.entries:
            self._problem(line, place, f"déjà donné ligne {self.entries[entry.key].line}.")
            return None
        self.entries[entry.key] = entry
        if name == "measure":
            self.measure_types[entry.values.get("code")] = entry.values.get("type")
        for key, child_name in NESTED.get(name, ()):
            self._children(nested.get(key, data.get(key)), child_name, entry, key)
        return entry

    def _children(self, items, name, parent, key):
        if items is None:
            return
        if not isinstance(items, list):
            self._problem(parent.line, parent.place, f"« {key} » : on attend une liste.")
            return
        owner = parent.parent if name == "direction" else parent  # directions outlive a scheme
        for position, item in enumerate(items):
            self._item(name, item, owner, position, parent.line)

    def _unfold(self, name, data):
        """(data, nested lists) once the shorter ways of writing are spelled out."""
        if name == "action":
            unfolded = shapes.unfold_involvements(data)
            involvements = [_At(item, data[key].lc.item(rank)[0] + 1) for key, rank, item in unfolded]
            return data, {"involvements": involvements}
        if name == "indicator":
            rest, measures = shapes.unfold_measures(data)
            inline = "measures" not in data
            return _with_line(rest, data), {
                "measures": [_with_line(item, data) for item in measures] if inline else measures
            }
        if name == "measure" and "sources" in data:
            return data, {"sources": [_with_line({"source": code}, data) for code in data["sources"] or []]}
        if name == "report":
            rest = {key: value for key, value in data.items() if key not in ("year", "period", "readings")}
            rest["campaign"] = shapes.unfold_campaign(data)
            return _with_line(rest, data), {"readings": list(self._readings(data.get("readings")))}
        if name == "extra_figure" and "value" in data:
            value, decimals = shapes.unfold_number(data["value"])
            return _with_line({**data, "value": value, "decimals": decimals}, data), {}
        return data, {}

    def _readings(self, readings):
        for code, written in (readings or {}).items():
            line = readings.lc.key(code)[0] + 1
            try:
                fields = shapes.unfold_reading(written, self.measure_types.get(code))
            except ValueError as error:
                self._problem(line, f"relevé {code}", str(error))
                continue
            yield _At({"measure": code, **fields}, line)

    # Values

    def _fill(self, entry, data):
        level = entry.level
        for key, value in data.items():
            line = _key_line(data, key, entry.line)
            if key not in level.keys:
                self._problem(line, entry.place, f"clé inconnue : « {key} ».")
            elif key in level.fields:
                try:
                    entry.values[key] = convert(level.field(key), value)
                except ValueError as error:
                    self._problem(line, entry.place, f"{key} : {error}")
            elif any(key == name for name, _ in level.refs) and value is not None:
                entry.refs[key] = str(value)
                entry.ref_lines[key] = line
        for key in level.required:
            if data.get(key) in (None, ""):
                self._problem(entry.line, entry.place, f"il manque « {key} ».")
        for name in level.fields:  # a key that is left out says the field's blank
            entry.values.setdefault(name, blank_of(level.field(name)))

    def _key(self, entry):
        values = {**entry.values, **entry.refs}
        identity = [values.get(name, "") for name in entry.level.identity] or [entry.position]
        return entry_key(entry.level, entry.parent.key if entry.parent else "", identity)

    def _resolve(self):
        """Turn the codes that entries point to into keys, and say which point nowhere."""
        organisation = next(iter(self.entries))
        scheme = next(key for key in self.entries if key.startswith("scheme "))
        for entry in list(self.entries.values()):
            for name, target in entry.level.refs:
                if name not in entry.refs or target == "scheme":
                    continue
                code = entry.refs[name]
                parent = {"direction": organisation, "campaign": scheme}.get(target, "")
                if target == "item":
                    parent = entry.parent.refs.get("breakdown", "")
                    parent = parent if parent.startswith("breakdown ") else f"breakdown {parent}"
                key = entry_key(LEVELS[target], parent, [code])
                if key not in self.entries:
                    line = entry.ref_lines[name]
                    self._problem(line, entry.place, f"{name} : « {code} » n’est pas dans le document.")
                entry.refs[name] = key

    # Where

    def _problem(self, line, place, reason):
        self.problems.append(Problem(self.file, line, place, reason))

    @staticmethod
    def _place(level, data, parent, position):
        name = level.model._meta.verbose_name
        own = data.get("code") or data.get("slug") or data.get("measure") or data.get("year")
        own = own or data.get("direction") or data.get("heading") or position + 1
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
    if isinstance(data, _At):
        return data.line
    return data.lc.line + 1 if hasattr(data, "lc") else default


def _key_line(data, key, default):
    data = getattr(data, "origin", data)
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
    if isinstance(field_, models.BooleanField):
        if not isinstance(value, bool):
            raise ValueError("écrivez true ou false.")
        return value
    if isinstance(field_, models.DecimalField):
        return value if isinstance(value, Decimal) else parse_number(value)[0]
    if isinstance(field_, models.IntegerField):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("on attend un nombre entier.")
        return int(value)
    if isinstance(field_, models.DateField):
        if isinstance(value, datetime.date):
            return datetime.date(value.year, value.month, value.day)
        raise ValueError("on attend une date, AAAA-MM-JJ.")
    if field_.name == "choices" and isinstance(value, list):
        return "\n".join(str(choice) for choice in value)
    if not isinstance(value, str):
        raise ValueError("on attend un texte : mettez-le entre guillemets.")
    return str(value).strip()


def read_document(text, file):
    """The entries of a document, keyed and in order; raises DocumentErrors with all that the reading alone shows."""
    reader = DocumentReader(text, file).read()
    return reader.entries, reader.problems
