"""From text to YAML: texts, numbers, dates, lists and mappings, each with its line; the rest is refused in words."""

import re
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.reader import ReaderError

MAX_DEPTH = 50  # a document of ours goes some twenty deep
MAX_BITS = 256
SHOWN = 60

# What neither a database nor a workbook holds: control characters except tab and line end, half characters.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Cell(int):
    """A cell of a workbook, where a YAML file has a line: a number that orders the cells, and their words."""

    def __new__(cls, number, words):
        cell = super().__new__(cls, number)
        cell.words = words
        return cell


def where(line):
    """« ligne 12 », or « feuille Actions, cellule C7 »."""
    return getattr(line, "words", f"ligne {line}")


class Placed(dict):
    """A mapping that remembers where it stands, and where its keys do.

    `stranded`: it does not say under which item it belongs, and stands where it does only to be read to the end.
    """

    def __init__(self, data, line, places=()):
        super().__init__(data)
        self.line = line
        self.places = dict(places)
        self.stranded = False


class PlacedText(str):
    """One text of a list, which remembers where it stands."""

    def __new__(cls, text, line):
        placed = super().__new__(cls, text)
        placed.line = line
        return placed


@dataclass(frozen=True)
class Unreadable:
    """Stands where a value should: what was written there cannot be one, for a reason in French."""

    reason: str


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where, and why. Prints as « fichier:ligne : lieu : raison »."""

    file: str
    line: int
    place: str
    reason: str

    @property
    def where(self):
        return where(self.line)

    def __str__(self):
        place = (
            f"{self.file}, {self.line.words}" if isinstance(self.line, Cell) else f"{self.file}:{self.line}"
        )
        return f"{place} : {self.place} : {self.reason}"


class DocumentErrors(Exception):
    """Everything that is wrong with a document, in the order of its lines."""

    def __init__(self, problems):
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Refused(MarkedYAMLError):
    """Well-formed YAML that a document does without; `problem` says so in French."""

    def __init__(self, problem, mark):
        super().__init__(None, None, problem, mark)


class _Composer(Composer):
    def compose_node(self, parent, index):
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise Refused(
                "ni ancre (&) ni renvoi (*) : un texte qui commence ainsi se met entre guillemets",
                event.start_mark,
            )
        if event.ctag is not None:
            raise Refused(
                "pas de type (!) : un texte qui commence ainsi se met entre guillemets", event.start_mark
            )
        node = super().compose_node(parent, index)
        if node.tag in ("tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"):
            raise Refused(
                f"« {node.value} » n’est pas une valeur : mettez-le entre guillemets", node.start_mark
            )
        return node


class _Constructor(RoundTripConstructor):
    def construct_object(self, node, deep=False):
        try:
            value = super().construct_object(node, deep)
        except (
            ValueError,
            ArithmeticError,
            LookupError,
        ) as error:  # 2030-02-30, 0b_, a number of 5000 digits
            raise Refused(
                f"« {shown(node.value)} » n’est pas une valeur possible", node.start_mark
            ) from error
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise Refused("nombre trop grand", node.start_mark)
        return value


# What ruamel says, and what to say of it; the first that fits.
REASONS = (
    ("found duplicate key", "une clé est donnée deux fois"),
    ("another document", "un fichier ne contient qu’un document"),
    (r"'\t'", "une tabulation : les retraits se font avec des espaces"),
    ("mapping values are not allowed", "un « : » de trop : mettez le texte entre guillemets"),
    ("could not find expected ':'", "il manque un « : » après une clé"),
)
OTHERWISE = "le YAML ne se lit pas : vérifiez les retraits, les « : » et les guillemets"


def parse(text, file):
    """The mapping that `text` writes, with the lines of ruamel; DocumentErrors says in French why there is none."""
    yaml = YAML(typ="rt")
    yaml.Composer, yaml.Constructor, yaml.max_depth = _Composer, _Constructor, MAX_DEPTH
    try:
        document = yaml.load(text)
    except (YAMLError, ValueError) as error:
        line, reason = _told(error, text)
        raise DocumentErrors([Problem(file, line, "YAML", f"{reason}.")]) from error
    if not isinstance(document, dict):
        raise DocumentErrors([Problem(file, 1, "document", "On attend un schéma : slug, title…")])
    return document


def _told(error, text):
    """(line, French reason) of an error of ruamel."""
    if isinstance(error, ReaderError):
        return text.count("\n", 0, error.position) + 1, f"caractère interdit (U+{error.character:04X})"
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    if isinstance(error, Refused):
        return line, error.problem
    if isinstance(error, MaxDepthExceededError):
        return line, f"plus de {MAX_DEPTH} listes ou clés l’une dans l’autre"
    said = str(getattr(error, "problem", error))
    return line, next((reason for words, reason in REASONS if words in said), OTHERWISE)


def shown(value):
    """What is written, on one line and short enough to be quoted in a message."""
    text = FORBIDDEN.sub("?", " ".join(str(value).split()))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
