"""From printed HTML to the PDF of an edition: PDF/UA-1 and PDF/A-3a, with its fonts and the data that it was made of.

WeasyPrint writes tagged PDF/A-3a; `_finish` adds to its objects, before they are written, what PDF/UA-1 asks for besides
(decision 0007). Nothing here depends on the day or on the machine: the same HTML and imprint give the same bytes.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pydyf
import weasyprint
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

from actions.appearance import BLACK, WHITE, mix, palette, readable

NAVY = "#1f4468"  # the accent of an organisation that has chosen none
SOLID = 7  # contrast of white text on a cover
FONT = "fonts/SourceSans3-Regular.ttf.woff2"  # its other weights have the same characters
NO_GLYPH = "□"
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Mn")
CSS_PIXEL = 0.75  # in points
PAGINATION = pydyf.Dictionary({"Type": "/Pagination"})
# XMP knows pdfuaid only once its schema is described in the file itself (ISO 19005-3, 6.6.2.3)
UA_IDENTIFIER = b"""
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
  xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>The part of ISO 14289 that the file follows</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
END_OF_XMP = b"</rdf:RDF>"


@dataclass(frozen=True)
class Attachment:
    """A file that the PDF carries; its type follows from the end of its name."""

    name: str
    content: bytes
    description: str


class StaticFetcher(URLFetcher):
    """Gives WeasyPrint our own static files, as `static:<name>`, and pictures that stand in the page itself; nothing else.

    No network, no other file.
    """

    def fetch(self, url, headers=None):
        if url.startswith("data:image/"):
            return super().fetch(url, headers)
        name = url.removeprefix("static:")
        path = finders.find(name) if url.startswith("static:") else None
        if path is None:
            raise ValueError(f"refused: {url}")
        return super().fetch(Path(path).as_uri(), headers)


def pdf_of(html, *, imprint, attachments=()):
    """The bytes of the PDF of `html`, which names static files as `static:<name>`; the same each time for the same `imprint`.

    Style sheets find the colours of the organisation as custom properties (`colours_of`). The dates are `imprint.frozen_at`.
    `attachments` are Attachments, told to be the data behind the document.
    """
    options = {"pdf_variant": "pdf/a-3a", "pdf_tags": True}
    html = printable(html)
    page = HTML(string=html, base_url="static:", url_fetcher=StaticFetcher())
    document = page.render(stylesheets=[theme_of(imprint.accent)], **options)
    at = imprint.frozen_at.astimezone(UTC)
    metadata = document.metadata
    metadata.created = metadata.modified = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    metadata.attachments = [
        weasyprint.Attachment(
            file_obj=BytesIO(attachment.content),
            name=attachment.name,
            description=attachment.description,
            created=at,
            modified=at,
            relationship="Data",
        )
        for attachment in attachments
    ]
    identifier = sha256(f"{imprint.file_stem} {metadata.created} {html}".encode()).hexdigest()[:32]
    return document.write_pdf(finisher=_finish, pdf_identifier=identifier, **options)


def colours_of(accent):
    """{name: colour} of the print: text, tints and covers that stay readable whatever the organisation chose."""
    chosen = accent or NAVY
    cover = readable(chosen, on=[WHITE], towards=BLACK, least=SOLID)
    return palette(chosen) | {"cover": cover, "cover-deep": mix(cover, BLACK, 0.25)}


def theme_of(accent):
    """The style sheet of an accent, for WeasyPrint: custom properties and nothing else."""
    properties = "".join(f"--{name}: {colour};" for name, colour in colours_of(accent).items())
    return CSS(string=f":root {{ {properties} }}")


def printable(text):
    """`text` with « □ » for each character that the shipped font lacks, and without what is no character.

    So no font of the machine stands in for ours, and no glyph is missing.
    """
    text = unicodedata.normalize("NFC", text)
    return text.translate({ord(char): _printable(char) for char in set(text) if ord(char) not in _glyphs()})


def _printable(char):
    if char.isspace():
        return " " if char != "\n" else char
    return "" if unicodedata.category(char) in UNSEEN else NO_GLYPH


@cache
def _glyphs():
    with TTFont(finders.find(FONT)) as font:
        return frozenset(font.getBestCmap())


def _finish(document, pdf):
    """What PDF/UA-1 asks for and WeasyPrint leaves out, done to the objects of `pdf` before they are written."""
    objects = {element.reference: element for element in pdf.objects}
    elements = _reached(objects, objects[pdf.catalog["StructTreeRoot"]]["K"])
    _mark_pagination(pdf, objects, elements)
    for element in elements.values():
        if element["S"] == "/TH":
            element["A"]["Scope"] = "/Column" if _is_in_head(element, objects) else "/Row"
        elif element["S"] == "/Figure":
            _place(element, document, pdf)
    for stream in pdf.objects:
        if isinstance(stream, pydyf.Stream) and "Interpolate" in stream.extra:
            stream.extra["Interpolate"] = "false"
    _say_accessible(objects[pdf.catalog["Metadata"]])
    if "AF" in pdf.catalog:  # WeasyPrint names each attachment twice
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def _reached(objects, kids):
    """{reference: structure element} of all that can be reached from `kids`."""
    found, waiting = {}, list(kids)
    while waiting:
        reference = waiting.pop()
        if isinstance(reference, bytes) and reference not in found:
            element = objects[reference]
            if element["Type"] == "/StructElem":
                found[reference] = element
                waiting += element["K"]
    return found


def _mark_pagination(pdf, objects, elements):
    """Make artifacts of running heads and page numbers, which WeasyPrint tags without a place in the structure."""
    numbers = objects[objects[pdf.catalog["StructTreeRoot"]]["ParentTree"]]["Nums"]
    of_pages = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for rank, reference in enumerate(pdf.page_references):
        owners = of_pages[rank]
        stray = {mcid for mcid, owner in enumerate(owners) if owner not in elements}
        for mcid in stray:
            owners[mcid] = "null"
        stream = objects[objects[reference]["Contents"]].stream
        for place, part in enumerate(stream):
            if isinstance(part, pydyf.Dictionary) and part.get("MCID") in stray:
                stream[place - 1 : place + 1] = ["/Artifact", PAGINATION]
    for reference, element in objects.items():
        is_element = isinstance(element, pydyf.Dictionary) and element.get("Type") == "/StructElem"
        if is_element and reference not in elements:
            element.clear()


def _is_in_head(cell, objects):
    """Whether a TH stands in a THead: it heads a column; elsewhere it heads its row."""
    return objects[objects[cell["P"]]["P"]]["S"] == "/THead"


def _place(figure, document, pdf):
    """The box of a figure in points from the bottom of its page; WeasyPrint gives pixels from the top."""
    page = document.pages[pdf.page_references.index(figure["Pg"])]
    left, top, right, bottom = figure["A"]["BBox"]
    figure["A"]["BBox"] = pydyf.Array(
        CSS_PIXEL * edge for edge in (left, page.height - bottom, right, page.height - top)
    )


def _say_accessible(metadata):
    """The identifier of PDF/UA-1 in the XMP packet."""
    metadata.stream = [part.replace(END_OF_XMP, UA_IDENTIFIER + END_OF_XMP) for part in metadata.stream]
