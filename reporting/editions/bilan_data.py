"""The data of a bilan for other programs: everything as JSON, one row a value as CSV."""

import csv
import io
import json
from hashlib import sha256

from reporting.editions.bilan import Bilan
from reporting.editions.bilan_rows import entries_of, fields_of
from reporting.editions.frozen import freeze
from reporting.editions.imprint import Picture
from reporting.export import Figure
from spaser.french import format_date
from spaser.workbooks import harmless


def bilan_json(bilan: Bilan):
    """Everything that was frozen, pictures as what tells them apart: their name, size and SHA-256."""
    data = freeze(bilan)
    document = data["document"]
    document["imprint"]["logo"] = _picture(bilan.imprint.logo, "logo")
    for rank, zoom in enumerate(bilan.zooms):
        document["zooms"][rank]["picture"] = _picture(zoom.picture, f"zoom-{rank + 1}")
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _picture(picture: Picture | None, name):
    if picture is None:
        return None
    return {
        "name": f"{name}.{picture.content_type.removeprefix('image/')}",
        "content_type": picture.content_type,
        "size": len(picture.content),
        "sha256": sha256(picture.content).hexdigest(),
        "alt": picture.alt,
        "credit": picture.credit,
    }


def bilan_csv(bilan: Bilan):
    """The figures, for a French Excel: semicolons, decimal commas, CR LF, and the mark by which it knows UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    fields = fields_of(bilan)
    writer.writerow([harmless(field.heading) for field in fields])
    for entry in entries_of(bilan):
        writer.writerow([_written(field.cell(entry)) for field in fields])
    return out.getvalue().encode("utf-8-sig")


def _written(value):
    if isinstance(value, Figure):
        return value.text
    if hasattr(value, "year"):
        return format_date(value)
    return "" if value is None else harmless(str(value))
