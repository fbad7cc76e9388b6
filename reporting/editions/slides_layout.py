"""How a deck of slides looks: its theme in the colours of the organisation, real titles, native charts and tables, one language.

Lengths are in inches, sizes of letters in points. Each title is a placeholder and comes first in the reading order; pictures,
charts and tables carry an alternative text; what only adorns stands on the layouts, where nobody reads it.
"""

import copy
import datetime
import re
from io import BytesIO
from typing import NamedTuple

from lxml import etree
from pptx import Presentation
from pptx.enum.dml import MSO_THEME_COLOR as THEME
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from actions.appearance import LIGHT, palette
from reporting.editions.packages import steady
from reporting.editions.slides_text import shortened, text_width
from spaser.french import typeset
from spaser.workbooks import NAVY, RED, writable

FACE, LANGUAGE = "Arial", "fr-FR"  # LibreOffice has Liberation Sans of the same widths
WIDTH, HEIGHT = 13.333, 7.5
POINTS = 72  # in an inch
MARGIN, TOP, BOTTOM = 0.6, 1.55, 6.85  # of what a slide holds, below its title
INNER = WIDTH - 2 * MARGIN
TITLE_SIZES, TITLE_LINES = (28, 24, 20), 2
KEPT_LAYOUTS = {"Title Slide": "Diapositive de titre", "Title Only": "Titre et contenu"}
PALE, MUTED = "b9c6d3", LIGHT["ink-soft"].removeprefix("#")


class Box(NamedTuple):
    """A rectangle of a slide."""

    left: float
    top: float
    width: float
    height: float

    @property
    def lengths(self):
        return tuple(map(Inches, self))


CONTENT = Box(MARGIN, TOP, INNER, BOTTOM - TOP)


class Deck:
    """The slides of an edition: add them in order, then take the bytes.

    `footer` stands at the foot of each slide, `warning` above its title: that it is a preview, that values are invented.
    """

    def __init__(self, imprint, *, title, author, footer, warning=""):
        self.imprint, self.footer, self.warning = imprint, writable(footer), warning
        self.file = Presentation()
        self.file.slide_width, self.file.slide_height = Inches(WIDTH), Inches(HEIGHT)
        colours = palette(imprint.accent or f"#{NAVY.lower()}")
        self._theme(colours)
        self._layouts()
        self._properties(title, author)
        relations = self.file.part.package._rels
        for key in [key for key, found in relations.items() if found.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
            relations.pop(key)  # of the template: an empty slide

    # The frame: theme, layouts, properties

    def _theme(self, colours):
        part = self.file.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
        ink = LIGHT["ink"]
        part._blob = _themed(
            part.blob,
            dk1=ink,
            lt1="#ffffff",
            dk2=colours["accent-strong"],
            lt2=colours["accent-soft"],
            accent1=colours["accent"],
            accent2=f"#{PALE}",
            accent3="#0d6549",
            accent4="#7a4a00",
            accent5="#5d3f92",
            accent6=f"#{RED}",
            hlink=colours["accent"],
            folHlink=colours["accent-strong"],
        )

    def _layouts(self):
        master = self.file.slide_master
        for layout in list(self.file.slide_layouts):
            if layout.name in KEPT_LAYOUTS:
                layout._element.cSld.set("name", KEPT_LAYOUTS[layout.name])
            else:
                self.file.slide_layouts.remove(layout)
        first, other = self.file.slide_layouts
        places = {
            PP_PLACEHOLDER.TITLE: Box(MARGIN, 0.5, INNER, 0.95),
            PP_PLACEHOLDER.BODY: CONTENT,
            PP_PLACEHOLDER.DATE: Box(MARGIN, 6.98, 0.1, 0.3),
            PP_PLACEHOLDER.FOOTER: Box(MARGIN, 6.98, INNER - 1.2, 0.3),
            PP_PLACEHOLDER.SLIDE_NUMBER: Box(WIDTH - MARGIN - 1, 6.98, 1, 0.3),
            PP_PLACEHOLDER.CENTER_TITLE: Box(MARGIN, 1.1, INNER, 1.6),
            PP_PLACEHOLDER.SUBTITLE: Box(MARGIN, 2.75, INNER, 1.1),
        }
        for holder in (master, first, other):
            for shape in list(holder.placeholders):
                if holder is not master and shape.placeholder_format.type == PP_PLACEHOLDER.DATE:
                    shape._element.getparent().remove(shape._element)
                    continue
                place(shape, places[shape.placeholder_format.type])
        _style_titles(master)
        for shape in master.placeholders:
            if shape.placeholder_format.type in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
                right = shape.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER
                _style_foot(shape, "r" if right else "l")
        _band(first, Box(0, 0, WIDTH, 4.1))
        _band(other, Box(0, 0, WIDTH, 0.14))
        for shape in first.placeholders:
            if shape.placeholder_format.type in (PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.SUBTITLE):
                _style_cover(shape)

    def _properties(self, title, author):
        moment = self.imprint.frozen_at.astimezone(datetime.UTC).replace(tzinfo=None, microsecond=0)
        core = self.file.core_properties
        core.title, core.author, core.last_modified_by = writable(title)[:255], writable(author)[:255], ""
        core.subject, core.keywords, core.comments = "", "", ""
        core.language, core.revision = LANGUAGE, 1
        core.created = core.modified = moment
        self.moment = moment

    # What stands on the slides

    def cover(self, title, subtitle):
        """The first slide, with its coloured head."""
        slide = self.file.slides.add_slide(self.file.slide_layouts[0])
        title_shape, subtitle_shape = slide.placeholders
        title_shape.name, subtitle_shape.name = "Titre", "Sous-titre"
        write_text(title_shape, shortened(writable(title), (INNER - 0.2) * POINTS, 44, 2, bold=True))
        shown = shortened(writable(subtitle), (INNER - 0.2) * POINTS, 24, 2)
        write_text(subtitle_shape, shown)
        return slide

    def slide(self, title, *, notes=""):
        """A slide with its title and foot; `notes` are what the speaker reads."""
        slide = self.file.slides.add_slide(self.file.slide_layouts[1])
        width = (INNER - 0.2) * POINTS
        title = writable(title).replace("\n", " ")
        size = next(
            (size for size in TITLE_SIZES if text_width(title, size, bold=True) < 0.95 * TITLE_LINES * width),
            TITLE_SIZES[-1],
        )
        shown = shortened(title, width, size, TITLE_LINES, bold=True)
        slide.shapes.title.name = "Titre"
        write_text(slide.shapes.title, shown, size=size)
        if self.warning:
            box = Box(MARGIN, 0.22, INNER, 0.32)
            add_text(
                slide, box, [Line(self.warning, 12, bold=True, colour=THEME.ACCENT_6)], name="Avertissement"
            )
        said = notes if shown == title else f"{title}\n\n{notes}".strip()
        if said:
            slide.notes_slide.notes_text_frame.text = writable(said)
        return slide

    def _foot(self, slide):
        """Its own foot and number: a placeholder of the layout shows nothing until a slide has it."""
        for shape in slide.slide_layout.placeholders:
            kind = shape.placeholder_format.type
            if kind not in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
                continue
            element = copy.deepcopy(shape._element)
            slide.shapes._spTree.append(element)
            copied = slide.shapes[-1]
            copied._element.nvSpPr.cNvPr.set("id", str(max(s.shape_id for s in slide.shapes) + 1))
            if kind == PP_PLACEHOLDER.FOOTER:
                copied.name = "Pied de page"
                write_text(copied, shortened(self.footer, (INNER - 1.4) * POINTS, 10, 1))
            else:
                copied.name = "Numéro"

    def as_bytes(self):
        out = BytesIO()
        for slide in self.file.slides:
            self._foot(slide)  # read after what the slide says
            _set_language(slide._element)
            if slide.has_notes_slide:
                _set_language(slide.notes_slide._element)
        masters = [self.file.slide_master, *self.file.slide_layouts]
        if self.file.slides and any(slide.has_notes_slide for slide in self.file.slides):
            masters.append(self.file.notes_master)
        for holder in masters:
            _set_language(holder._element)
        _set_language(self.file._element)
        self.file.save(out)
        return steady(out.getvalue(), at=self.moment)


def place(shape, box):
    shape.left, shape.top, shape.width, shape.height = map(Inches, box)


def _themed(blob, **colours):
    """The theme `blob` with these colours and the one face."""
    theme = etree.fromstring(blob)
    scheme = theme.find(f".//{qn('a:clrScheme')}")
    for name, colour in colours.items():
        slot = scheme.find(qn(f"a:{name}"))
        for old in list(slot):
            slot.remove(old)
        etree.SubElement(slot, qn("a:srgbClr"), val=colour.removeprefix("#").upper())
    for latin in theme.iterfind(f".//{qn('a:fontScheme')}/*/{qn('a:latin')}"):
        latin.set("typeface", FACE)
    return etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _style_titles(master):
    level = master._element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    level.set("algn", "l")
    default = level.find(qn("a:defRPr"))
    default.set("sz", str(100 * TITLE_SIZES[0]))
    default.set("b", "1")
    default.find(f".//{qn('a:schemeClr')}").set("val", "accent1")
    for shape in master.placeholders:
        if shape.placeholder_format.type == PP_PLACEHOLDER.TITLE:
            shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            body = shape.text_frame._txBody.bodyPr
            for fit in list(body):
                body.remove(fit)


def _style_foot(shape, align):
    level = shape._element.find(f".//{qn('a:lvl1pPr')}")
    level.set("algn", align)
    default = level.find(qn("a:defRPr"))
    default.set("sz", "1000")
    for fill in default.findall(qn("a:solidFill")):
        default.remove(fill)
    fill = etree.SubElement(default, qn("a:solidFill"))
    default.insert(0, fill)
    etree.SubElement(fill, qn("a:srgbClr"), val=MUTED.upper())


def _style_cover(shape):
    """White on the coloured head, left, large for the title."""
    is_title = shape.placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE
    shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM if is_title else MSO_ANCHOR.TOP
    body = shape.text_frame._txBody
    for fit in list(body.bodyPr):
        body.bodyPr.remove(fit)
    style = body.find(qn("a:lstStyle"))
    for level in list(style):
        style.remove(level)
    level = etree.SubElement(style, qn("a:lvl1pPr"), marL="0", indent="0", algn="l")
    etree.SubElement(level, qn("a:buNone"))
    default = etree.SubElement(
        level, qn("a:defRPr"), sz="4400" if is_title else "2400", b="1" if is_title else "0"
    )
    etree.SubElement(etree.SubElement(default, qn("a:solidFill")), qn("a:schemeClr"), val="bg1")


def _band(layout, box):
    """A coloured rectangle behind everything on a layout."""
    shape = layout._element.cSld.spTree
    band = etree.fromstring(
        f'<p:sp xmlns:p="{_space("p")}" xmlns:a="{_space("a")}"><p:nvSpPr><p:cNvPr id="90" name="Bandeau"/><p:cNvSpPr/>'
        f'<p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr><a:xfrm><a:off x="{Inches(box.left)}" y="{Inches(box.top)}"/>'
        f'<a:ext cx="{Inches(box.width)}" cy="{Inches(box.height)}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )
    shape.insert(2, band)


def _space(prefix):
    return re.match(r"\{(.*)\}", qn(f"{prefix}:x"))[1]


def _set_language(element):
    """Every run of the texts in `element` is French, for who corrects or reads it aloud."""
    for run in element.iter(qn("a:r"), qn("a:fld")):
        if run.find(qn("a:rPr")) is None:
            run.insert(0, run.makeelement(qn("a:rPr"), {}))
    for name in ("a:rPr", "a:endParaRPr", "a:defRPr"):
        for properties in element.iter(qn(name)):
            properties.set("lang", LANGUAGE)


class Line(NamedTuple):
    """A paragraph of a text box."""

    text: str
    size: int = 16
    bold: bool = False
    colour: object = THEME.TEXT_1
    after: int = 0  # points of room below


def printable(text):
    """`text` as a slide shows it, with the no-break spaces of French."""
    return typeset(writable(text))


def write_text(shape, text, *, size=None):
    frame = shape.text_frame
    frame.word_wrap = True
    frame.text = printable(text)
    if size:
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                run.font.size = Pt(size)


def add_text(slide, box, lines, *, name="Texte", anchor=MSO_ANCHOR.TOP):
    """A text box of Lines; the room that they take is the caller's to measure."""
    shape = slide.shapes.add_textbox(*box.lengths)
    shape.name = name
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, anchor
    frame.margin_left = frame.margin_right = Inches(0.1)
    frame.margin_top = frame.margin_bottom = 0
    for rank, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if rank == 0 else frame.add_paragraph()
        paragraph.text = printable(line.text).replace("\n", "\v")
        paragraph.space_after = Pt(line.after)
        for run in paragraph.runs:
            run.font.size, run.font.bold = Pt(line.size), line.bold
            run.font.color.theme_color = line.colour
    return shape


def add_picture(slide, picture, box, *, name="Image"):
    """A picture as large as fits `box`, its proportions kept; the Box that it takes."""
    shape = slide.shapes.add_picture(BytesIO(picture.content), 0, 0)
    scale = min(Inches(box.width) / shape.width, Inches(box.height) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    shape.left, shape.top = Inches(box.left), Inches(box.top)
    describe(shape, name, picture.alt)
    return Box(*(length / Inches(1) for length in (shape.left, shape.top, shape.width, shape.height)))


def describe(shape, name, text):
    """Its name in the list of objects, and the alternative text of who does not see it."""
    shape.name = name
    shape._element.xpath(".//p:cNvPr")[0].set("descr", writable(text))
