"""An XLSX or ODS file, examined before any library parses it.

Both formats are zipped XML. Every XML member is read once, piece by piece, by a strict parser that knows no entity:
what is too large, nested, malformed or encrypted stops it. What passes is packed again, so that the reading
library sees those bytes and no others. On the way, what that library does not tell is noted: cells shown in per
cent, cells that hold an error, ODS booleans that are written as numbers.
"""

import posixpath
import struct
import zipfile
import zlib
from array import array
from io import BytesIO
from xml.parsers import expat

MAX_BYTES = 10 * 2**20  # of the file
MAX_UNPACKED = 64 * 2**20  # of all its XML, unpacked
MAX_TEXT = 20_000_000  # characters of all cells, a text that several cells share counted for each
MAX_MEMBERS = 1_000
MAX_ELEMENTS = 3_000_000  # of XML
MAX_RATIO = 300  # unpacked to packed, of a member of more than SMALL bytes
MAX_SHEETS, MAX_ROWS, MAX_COLUMNS = 60, 20_000, 300
MAX_CELLS = 1_000_000  # of the rectangles of all sheets that hold something
SMALL = 2**20
PIECE = 2**16

ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
ODS_MEMBERS = {"mimetype", "content.xml", "META-INF/manifest.xml"}
# attributes that say where a cell stands, or how many times
POSITIONS = {"r", "c", "number-rows-repeated", "number-columns-repeated"}
COUNTS = {"count", "uniqueCount"}
BOOLEANS = {"TRUE": True, "VRAI": True, "FALSE": False, "FAUX": False}
PERCENT = "%"  # the mark of a cell shown in per cent; of an error, its words; of a boolean, True or False

BROKEN = "Le fichier est abîmé ou incomplet : enregistrez-le de nouveau depuis votre tableur."
ENCRYPTED = "Le fichier est protégé par un mot de passe : enregistrez-le sans mot de passe."
NO_SPREADSHEET = "Ce fichier n’est pas un classeur : donnez un fichier .xlsx, .ods ou .csv."
# what the zip and the XML of a damaged file make the standard library raise
MALFORMED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, ArithmeticError)
MALFORMED += (NotImplementedError, OSError, ValueError)


class UnreadableFile(ValueError):
    """A file that cannot be read; the message says why, in French, to the person who gave it."""


class TooLarge(UnreadableFile):
    def __init__(self, what):
        super().__init__(f"Le fichier est trop grand : {what}.")


def examine(data):
    """(bytes safe to parse, [{(row, column): mark}] a sheet in order), rows and columns from 0.

    Raises UnreadableFile.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            members = _members(package)
            if "xl/workbook.xml" in members:
                return _examine_xlsx(package, members)
            if members.get("mimetype") and _unpack(package, members["mimetype"]).strip() == ODS_TYPE:
                return _examine_ods(package, members)
    except UnreadableFile:
        raise
    except MALFORMED as error:
        raise UnreadableFile(BROKEN) from error
    raise UnreadableFile(NO_SPREADSHEET)


def _members(package):
    """The XML members by name, when what the package declares of itself is within bounds."""
    listed = package.infolist()
    if len(listed) > MAX_MEMBERS:
        raise TooLarge(f"plus de {MAX_MEMBERS} éléments")
    kept = {
        info.filename: info
        for info in listed
        if info.filename.lower().endswith((".xml", ".rels")) or info.filename == "mimetype"
    }
    if any(info.flag_bits & 1 for info in kept.values()):
        raise UnreadableFile(ENCRYPTED)
    if sum(info.file_size for info in kept.values()) > MAX_UNPACKED:
        raise TooLarge(f"plus de {MAX_UNPACKED // 2**20} Mo une fois décompressé")
    if any(i.file_size > SMALL and i.file_size > MAX_RATIO * i.compress_size for i in kept.values()):
        raise TooLarge("il est compressé à l’excès")
    return kept


def _unpack(package, info, scan=None):
    """The bytes of a member, handed to `scan` as they come; never more than it declares."""
    pieces, size = [], 0
    with package.open(info) as member:
        while piece := member.read(PIECE):
            size += len(piece)
            if size > info.file_size:
                raise UnreadableFile(BROKEN)
            pieces.append(piece)
            if scan:
                scan.feed(piece)
    if scan:
        scan.feed(b"", final=True)
    return b"".join(pieces)


def _pack(members):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return out.getvalue()


class _Totals:
    """What all members of one file add up to."""

    def __init__(self):
        self.elements = self.cells = self.text = 0

    def count_element(self):
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise TooLarge("trop d’éléments")

    def count_sheet(self, rows, columns):
        if rows > MAX_ROWS:
            raise TooLarge(f"une feuille a plus de {MAX_ROWS} lignes")
        if columns > MAX_COLUMNS:
            raise TooLarge(f"une feuille a plus de {MAX_COLUMNS} colonnes")
        self.cells += rows * columns
        if self.cells > MAX_CELLS:
            raise TooLarge(f"plus de {MAX_CELLS} cellules")

    def count_text(self, characters):
        self.text += characters
        if self.text > MAX_TEXT:
            raise TooLarge("trop de texte")


class _Scan:
    """One XML member. Names are taken without their prefix, as whoever parses it next may do."""

    def __init__(self, totals):
        self.totals = totals
        # whatever the file declares: the reading library takes it for UTF-8 too
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = lambda name: self.end(name.rpartition(":")[2])
        self.parser.CharacterDataHandler = self.characters

    def feed(self, piece, final=False):
        try:
            self.parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise UnreadableFile(BROKEN) from error

    def _doctype(self, *args):
        raise UnreadableFile(
            "Le fichier déclare des entités XML, ce qu’aucun tableur n’écrit : il est refusé."
        )

    def _start(self, name, attributes):
        self.totals.count_element()
        plain = {}
        for key, value in attributes.items():
            key = key.rpartition(":")[2]
            if key in plain and key in POSITIONS:  # which of the two would the library follow?
                raise UnreadableFile(BROKEN)
            if key in COUNTS and int(value) > MAX_ELEMENTS:  # the library sets memory aside for as many
                raise UnreadableFile(BROKEN)
            plain[key] = value
        self.start(name.rpartition(":")[2], plain)

    def start(self, name, attributes):
        pass

    def end(self, name):
        pass

    def characters(self, text):
        pass


class _XlsxScan(_Scan):
    """Any member of an XLSX file: a sheet, the shared texts, the styles, the workbook or relations."""

    def __init__(self, totals):
        super().__init__(totals)
        self.sheets, self.targets = [], {}  # relation ids in order; relation id → target
        self.formats, self.styles, self.in_styles = {}, [], False
        self.lengths, self.used = array("L"), array("L")  # of shared texts; their indexes in cells
        self.cells = {}  # (row, column) → (style, type, value), of those with a style or an error
        self.row = self.column = -1
        self.rows = self.columns = 0
        self.cell = self.value = None
        self.shared = None

    def start(self, name, attributes):
        self.value = "" if name == "v" else None
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif name == "c":
            self.column += 1
            if "r" in attributes:
                self.row, self.column = _position(attributes["r"], self.row)
            self.cell = attributes
        elif self.cell is not None:  # anything in a cell fills it
            self.rows, self.columns = max(self.rows, self.row + 1), max(self.columns, self.column + 1)
            if self.rows > MAX_ROWS or self.columns > MAX_COLUMNS:
                self.totals.count_sheet(self.rows, self.columns)
        elif name == "si":
            self.shared = 0
        elif name == "sheet" and "id" in attributes:
            self.sheets.append(attributes["id"])
        elif name == "Relationship":
            self.targets[attributes["Id"]] = attributes["Target"]
        elif name == "numFmt":
            self.formats[attributes["numFmtId"]] = attributes["formatCode"]
        elif name == "cellXfs":
            self.in_styles = True
        elif name == "xf" and self.in_styles:
            self.styles.append(attributes.get("numFmtId", "0"))

    def characters(self, text):
        if self.shared is not None:
            self.shared += len(text)
        elif self.value is not None:
            self.value += text

    def end(self, name):
        if name == "v" and self.cell is not None:
            self._note(self.cell.get("t"), self.value.strip())
        elif name == "c":
            self.cell = None
        elif name == "si":
            self.lengths.append(self.shared)
            self.shared = None
        elif name == "cellXfs":
            self.in_styles = False
        elif name == "sheetData":
            self.totals.count_sheet(self.rows, self.columns)
        self.value = None

    def _note(self, kind, value):
        if kind == "s":
            self.used.append(int(value))
        elif kind == "e":
            self.cells[self.row, self.column] = value
        elif kind in (None, "n") and "s" in self.cell:
            self.cells[self.row, self.column] = int(self.cell["s"])


def _position(reference, row):
    """« C4 » → (3, 2); of letters alone, the row that it stands in."""
    letters = reference.rstrip("0123456789")
    if not (letters.isascii() and letters.isalpha()) or len(reference) > 12:
        raise UnreadableFile(BROKEN)
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    digits = reference[len(letters) :]
    return (int(digits) - 1 if digits else row), column - 1


def _examine_xlsx(package, members):
    totals = _Totals()
    scans, kept = {}, {}
    for name, info in members.items():
        scans[name] = _XlsxScan(totals)
        kept[name] = _unpack(package, info, scans[name])
    lengths = [scan.lengths for scan in scans.values() if scan.lengths]
    for scan in scans.values():
        for index in scan.used:
            totals.count_text(max((texts[index] for texts in lengths if index < len(texts)), default=0))
    workbook = scans["xl/workbook.xml"]
    if len(workbook.sheets) > MAX_SHEETS:
        raise TooLarge(f"plus de {MAX_SHEETS} feuilles")
    relations = scans.get("xl/_rels/workbook.xml.rels")
    targets = relations.targets if relations else {}
    paths = [posixpath.join("/xl", targets.get(relation, "")).lstrip("/") for relation in workbook.sheets]
    percents = {index for index, number in enumerate(_styles(scans)) if _is_percent(number, _formats(scans))}
    return _pack(kept), [_xlsx_marks(scans[path].cells if path in scans else {}, percents) for path in paths]


def _styles(scans):
    return next((scan.styles for scan in scans.values() if scan.styles), [])


def _formats(scans):
    return next((scan.formats for scan in scans.values() if scan.formats), {})


def _is_percent(number, formats):
    """Does this number format show a value in per cent? 9 and 10 are the built-in ones."""
    return number in ("9", "10") or "%" in formats.get(number, "").partition(";")[0]


def _xlsx_marks(cells, percents):
    marks = {}
    for position, noted in cells.items():
        if isinstance(noted, str):
            marks[position] = noted
        elif noted in percents:
            marks[position] = PERCENT
    return marks


class _OdsScan(_Scan):
    """content.xml: rows and cells with their repetitions; a tail of empty ones counts for nothing."""

    def __init__(self, totals):
        super().__init__(totals)
        self.marks = []
        self.in_table = False
        self.rows = self.columns = 0  # up to the last one that holds something
        self.row = self.column = 0  # where the next one starts
        self.filled = []  # of the row: (column, how many, mark, characters)
        self.repeated = 1
        self.cell = None
        self.text = ""

    def start(self, name, attributes):
        if name == "table":
            if self.in_table:
                raise UnreadableFile(BROKEN)
            self.in_table, self.rows, self.columns, self.row = True, 0, 0, 0
            self.marks.append({})
            if len(self.marks) > MAX_SHEETS:
                raise TooLarge(f"plus de {MAX_SHEETS} feuilles")
        elif name == "table-row":
            self.repeated, self.column, self.filled = _repeated(attributes, "number-rows-repeated"), 0, []
        elif name in ("table-cell", "covered-table-cell"):
            self.cell, self.text = dict(attributes), ""
            if {"value-type", "formula"} & set(attributes):
                self.cell["filled"] = True
        elif self.cell is not None:
            self.cell["filled"] = True
            if name == "s":
                self.text += " " * min(_repeated(attributes, "c"), MAX_TEXT)
                self.totals.count_text(len(self.text))

    def characters(self, text):
        if self.cell is not None:
            self.text += text

    def end(self, name):
        if name in ("table-cell", "covered-table-cell") and self.cell is not None:
            times = _repeated(self.cell, "number-columns-repeated")
            if "filled" in self.cell:
                self.filled.append((self.column, times, self._mark(), self._characters()))
            self.column += times
            self.cell = None
        elif name == "table-row":
            self._end_row()
        elif name == "table":
            self.in_table = False
            self.totals.count_sheet(self.rows, self.columns)

    def _end_row(self):
        if self.filled:
            column, times, _, _ = self.filled[-1]
            self.rows, self.columns = self.row + self.repeated, max(self.columns, column + times)
            if self.rows > MAX_ROWS or self.columns > MAX_COLUMNS or self.rows * self.columns > MAX_CELLS:
                self.totals.count_sheet(self.rows, self.columns)  # before a few bytes become as many marks
        for column, times, mark, characters in self.filled:
            self.totals.count_text(characters * times * self.repeated)
            if mark is not None:
                for row in range(self.row, self.row + self.repeated):
                    self.marks[-1].update(dict.fromkeys(((row, column + i) for i in range(times)), mark))
        self.row += self.repeated

    def _characters(self):
        return max(len(self.text), len(self.cell.get("string-value", "")))

    def _mark(self):
        kind, shown = self.cell.get("value-type"), self.text.strip()
        if kind == "error":
            return shown or "#ERREUR"
        if kind == "percentage":
            return PERCENT
        if kind == "float" and shown.upper() in BOOLEANS:
            return BOOLEANS[shown.upper()]
        return None


def _repeated(attributes, name):
    """How many times an element stands for itself."""
    return max(1, int(attributes.get(name, "1")))


def _examine_ods(package, members):
    kept = {name: info for name, info in members.items() if name in ODS_MEMBERS}
    totals = _Totals()
    unpacked = {
        name: _unpack(package, info, _Scan(totals) if name.endswith("manifest.xml") else None)
        for name, info in kept.items()
        if name != "content.xml"
    }
    if b"encryption-data" in unpacked.get("META-INF/manifest.xml", b""):
        raise UnreadableFile(ENCRYPTED)
    scan = _OdsScan(totals)
    unpacked["content.xml"] = _unpack(package, kept["content.xml"], scan)
    return _pack(unpacked), scan.marks
