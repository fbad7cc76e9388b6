"""Files that support a sheet: bounded, of kinds that people exchange, stored under a name of ours."""

import hashlib

from indicators.models import Evidence
from spaser.files import delete_once_committed

MAX_BYTES = 10 * 1024 * 1024
MAX_FILES = 30  # a sheet
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KINDS = {  # extension: how such a file begins; b"" for plain text
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "docx": ZIP,
    "xlsx": ZIP,
    "pptx": ZIP,
    "odt": ZIP,
    "ods": ZIP,
    "odp": ZIP,
    "doc": OLE,
    "xls": OLE,
    "csv": b"",
    "txt": b"",
}


class Refused(ValueError):
    """A file that is not taken; the message says why, in French."""


def attach(file, *, report, reading=None, by, at):
    """Store an uploaded file as Evidence; Refused says why not."""
    content = checked(file)
    if report.evidence.count() >= MAX_FILES:
        raise Refused(f"« {file.name} » : la fiche a déjà {MAX_FILES} fichiers.")
    sha256 = hashlib.sha256(content).hexdigest()
    if report.evidence.filter(sha256=sha256).exists():
        raise Refused(f"« {file.name} » est déjà joint à la fiche.")
    file.seek(0)
    return Evidence.objects.create(
        report=report,
        reading=reading,
        name=file.name[-200:],
        file=file,
        sha256=sha256,
        size=len(content),
        added_by=by,
        added_at=at,
    )


def checked(file):
    """The bytes of an uploaded file of a known kind; Refused when it is too big, empty, or not what its name says."""
    extension = file.name.rpartition(".")[2].lower()
    if extension not in KINDS:
        raise Refused(f"« {file.name} » : joignez un fichier {', '.join(KINDS)}.")
    if file.size > MAX_BYTES:
        raise Refused(f"« {file.name} » dépasse {MAX_BYTES // 1024**2} Mo.")
    content = file.read()
    if not content:
        raise Refused(f"« {file.name} » est vide.")
    if not content.startswith(KINDS[extension]) or (not KINDS[extension] and not _is_text(content)):
        raise Refused(
            f"« {file.name} » n’est pas un fichier .{extension} : ouvrez-le et enregistrez-le de nouveau."
        )
    return content


def _is_text(content):
    """Is it neither binary nor a file of another kind under a new name?"""
    return b"\x00" not in content and not content.startswith(tuple(filter(None, KINDS.values())))


def detach(evidence):
    """Take a file away; it leaves the disk once the transaction is committed, unless the transaction fails."""
    delete_once_committed(evidence.file)
    evidence.delete()
