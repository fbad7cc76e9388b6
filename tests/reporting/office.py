"""What the tests of office files share: small bilans made by hand, what is in a package, and LibreOffice as the judge."""

import re
import subprocess
import zipfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

from lxml import etree
from PIL import Image

from reporting.editions.bilan import Cell, PillarCount, Row, Sheet, Table, Zoom
from reporting.editions.imprint import Picture
from tests.factories import small_bilan

DESCRIBED = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}cNvPr"


def plain(text):
    """Typographic spaces as ordinary ones, to compare with what a person types."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def cell(number, **values):
    return Cell(text=str(number), number=Decimal(number), **values)


def row(code="A-1.G", label="Nombre de dons", cells=(), **values):
    return Row(code=code, label=label, unit="don", type="count", cells=tuple(cells) or (cell(12),), **values)


def table(*rows, title="Nombre de dons", **values):
    return Table(code="A-1", title=title, kind="", rows=rows, **values)


def sheet(code="A", *, indicators=(), **values):
    texts = dict.fromkeys(["purpose", "realisation", "effectiveness", "analysis", "outlook"], "")
    named = {"heading": f"Action {code}", "title": "Donner", "pillar": "Axe 1", "objective": "", "state": ""}
    lists = dict.fromkeys(["pilots", "supports", "partners", "targets", "figures", "notes"], ())
    return Sheet(code=code, reported=True, indicators=tuple(indicators), **texts | named | lists | values)


def pillar(heading="Axe 1", title="", engaged=1, actions=2, **values):
    return PillarCount(heading=heading, title=title, engaged=engaged, actions=actions, targets=(), **values)


def picture(width=300, height=200, **values):
    out = BytesIO()
    Image.new("RGB", (width, height), "#2d6a4f").save(out, "JPEG")
    return Picture(out.getvalue(), "image/jpeg", **values)


def bilan_of(*sheets, **values):
    """A bilan of these sheets; its only year is 2026."""
    return small_bilan(sheets=sheets, **values)


def preview_of(bilan):
    return replace(bilan, imprint=replace(bilan.imprint, version=0))


TYPED = ("=1+1", "@SUM(1)", "+33 1", "http://exemple.test/", "{=1}")


def typed_bilan():
    """One in which everything that people type begins like a formula or is an address."""
    one, two, plus, address, array = TYPED
    given = row(
        label=one,
        cells=[cell(12, comment=two, source=address, qualifier='"env"')],
        targets=(plus,),
        note=array,
    )
    told = sheet(
        title=one,
        pilots=(two,),
        pillar=one,
        realisation=plus,
        outlook=address,
        notes=(array,),
        indicators=[table(given, title=two)],
        figures=(table(row(code="", label=address, note=one), title=plus),),
    )
    zoom = Zoom(action=one, title=two, text=address, picture=picture(alt=one, credit=two))
    return bilan_of(
        told,
        organisation=plus,
        scheme=two,
        pillars=(pillar("", one), pillar("", two)),
        engaged=2,
        counted=4,
        total=4,
        synthesis=one,
        zooms=(zoom,),
        definitions=((one, two, plus),),
    )


def parts_of(package, pattern):
    """{name: bytes} of the parts of an office file whose name matches."""
    with zipfile.ZipFile(BytesIO(package)) as file:
        return {name: file.read(name) for name in file.namelist() if re.search(pattern, name)}


def dates_of(package):
    with zipfile.ZipFile(BytesIO(package)) as file:
        return {entry.date_time for entry in file.infolist()}


def descriptions_of(part, tag=DESCRIBED):
    """The alternative texts of what is drawn in a part, "" where there is none."""
    return [drawn.get("descr", "") for drawn in etree.fromstring(part).iter(tag)]


def as_pdf(folder, **files):
    """{name: path of the PDF} that LibreOffice makes of `files`, {suffix: bytes}, in one go."""
    paths = []
    for name, content in files.items():
        stem, _, suffix = name.rpartition("_")
        paths.append(folder / f"{stem}.{suffix}")
        paths[-1].write_bytes(content)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return {path.stem: folder / f"{path.stem}.pdf" for path in paths}


def pdf_text(path, *options):
    done = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode()
