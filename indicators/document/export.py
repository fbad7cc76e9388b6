"""Prints a scheme back as the YAML document that would load it: what the document owns, in its order."""

from collections import defaultdict
from decimal import Decimal
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from actions.models import SchemeDocument
from indicators.document import shapes
from indicators.document.levels import NESTED
from indicators.document.source import blank_of
from indicators.document.stored import stored_rows


def export(scheme):
    """The document of `scheme`, as text."""
    rows, keys = stored_rows(scheme.organisation, scheme)
    spoken_of = SchemeDocument.objects.filter(scheme=scheme).values_list("entries", flat=True).first() or {}
    children = defaultdict(list)
    for stored in rows.values():
        parent = stored.parent_key
        if stored.level.name == "direction":  # an organisation's directions serve all its schemes
            if stored.key not in spoken_of:
                continue
            parent = _key_of(scheme, keys)
        if stored.from_document:
            children[parent, stored.level.name].append(stored)
    organisation = _Printer(children, keys).item(rows[_key_of(scheme.organisation, keys)])
    document = _Printer(children, keys).item(rows[_key_of(scheme, keys)])
    first = {key: document.pop(key) for key in ("slug", "title") if key in document}
    return dump({**first, "organisation": organisation, **document})


def _key_of(instance, keys):
    return keys[type(instance), instance.pk]


class _Printer:
    def __init__(self, children, keys):
        self.children = children
        self.keys = keys

    def item(self, stored):
        """One row as it is written, with what is nested in it."""
        level = stored.level
        written = {}
        for name in level.fields:
            value = getattr(stored.instance, name)
            if value != blank_of(level.field(name)):
                written[name] = value
        for name, value in stored.serialised(self.keys).items():
            if name in dict(level.refs):
                written[name] = value.split(" < ")[0].partition(" ")[2]
        written = {name: written.pop(name) for name in level.identity if name in written} | written
        nested = {
            key: [self.item(child) for child in self.children.get((stored.key, name), ())]
            for key, name in NESTED.get(level.name, ())
        }
        nested = {key: items for key, items in nested.items() if items}
        return self._fold(level.name, written, nested, stored)

    def _fold(self, name, written, nested, stored):
        if name == "action":
            nested = {**shapes.fold_involvements(nested.pop("involvements", [])), **nested}
        elif name == "indicator":
            return shapes.fold_measures(written, nested.get("measures", []))
        elif name == "measure" and "sources" in nested:
            nested["sources"] = [source["source"] for source in nested["sources"]]
        elif name == "report":
            written = {**shapes.fold_campaign(written.pop("campaign")), **written}
            if "readings" in nested:
                nested["readings"] = {
                    reading.pop("measure"): shapes.fold_reading(reading) for reading in nested["readings"]
                }
        elif name == "extra_figure":
            written["value"] = shapes.fold_number(stored.instance.value, stored.instance.decimals)
            written.pop("decimals", None)
        elif name == "measure" and "choices" in written:
            written["choices"] = written["choices"].splitlines()
        note = {"source_note": written.pop("source_note")} if "source_note" in written else {}
        return {**written, **note, **nested}


def dump(document):
    """YAML that a person reads and a diff follows: one line a paragraph, blocks for long texts, quotes where needed."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100_000
    yaml.allow_unicode = True
    out = StringIO()
    yaml.dump(_styled(document), out)
    return out.getvalue()


def _styled(value):
    if isinstance(value, dict):
        return {key: _styled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_styled(item) for item in value]
    if isinstance(value, Decimal):
        return DoubleQuotedScalarString(shapes.fold_number(value))
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    return value
