"""What a PDF holds, read back with poppler and pikepdf: its text in reading order, its words where they stand, its outline, its tags."""

import re
import subprocess
from dataclasses import dataclass
from io import BytesIO
from xml.etree import ElementTree

import pikepdf

XHTML = "{http://www.w3.org/1999/xhtml}"


def plain(text):
    """Typographic spaces as ordinary ones, to compare with what a person types."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", text).strip()


def poppler(tool, *options, pdf):
    return subprocess.run(
        [tool, *options, "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def pages_of(pdf):
    """The text of each page, in the order of its content."""
    return [plain(page) for page in poppler("pdftotext", "-raw", pdf=pdf).split("\f")[:-1]]


@dataclass(frozen=True)
class Line:
    """A line of text on a page (from 1): its words, and its edges in points from the top left."""

    page: int
    text: str
    left: float
    top: float
    bottom: float


def lines_of(pdf):
    root = ElementTree.fromstring(poppler("pdftotext", "-bbox-layout", pdf=pdf))
    return [
        Line(
            number,
            plain(" ".join(word.text or "" for word in line.iter(f"{XHTML}word"))),
            *(float(line.get(edge)) for edge in ("xMin", "yMin", "yMax")),
        )
        for number, page in enumerate(root.iter(f"{XHTML}page"), start=1)
        for line in page.iter(f"{XHTML}line")
    ]


def outline_of(pdf):
    """[(depth from 0, title, number of the page)] of the bookmarks."""
    with pikepdf.open(BytesIO(pdf)) as document, document.open_outline() as outline:
        numbers = {page.objgen: number for number, page in enumerate(document.pages, start=1)}

        def walk(items, depth):
            for item in items:
                yield depth, plain(item.title), numbers[item.destination[0].objgen]
                yield from walk(item.children, depth + 1)

        return list(walk(outline.root, 0))


def elements_of(pdf):
    """[(type, page, attributes as {name: text})] of the structure, in reading order; types are those of PDF: « H2 », « TH »."""
    with pikepdf.open(BytesIO(pdf)) as document:
        numbers = {page.objgen: number for number, page in enumerate(document.pages, start=1)}
        found, waiting = [], [document.Root.StructTreeRoot.K]
        while waiting:
            node = waiting.pop()
            if isinstance(node, pikepdf.Array):
                waiting += reversed(list(node))
            elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
                page = numbers.get(node.Pg.objgen) if "/Pg" in node else None
                said = {name: str(node[f"/{name}"]) for name in ("Alt",) if f"/{name}" in node}
                said |= {"Scope": str(node.A.Scope)} if "/A" in node and "/Scope" in node.A else {}
                found.append((str(node.S)[1:], page, said))
                if "/K" in node:
                    waiting.append(node.K)
        return found


def attachments_of(pdf):
    """{name: (bytes, relationship)}."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return {
            name: (spec.get_file().read_bytes(), str(spec.obj.AFRelationship))
            for name, spec in document.attachments.items()
        }
