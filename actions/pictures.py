"""Pictures that people send: read with care, made again by Pillow, stored in place of the former one."""

import io
import warnings

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageOps

from spaser.files import delete_once_committed

FORMATS = ("PNG", "JPEG", "WEBP")


class RefusedPicture(ValueError):
    """A file that is not taken; the message says why, in French."""


def read_picture(file, *, max_bytes, max_pixels):
    """The uploaded `file` as an upright picture; RefusedPicture when it is too big, or no picture that we read.

    The number of points is read from the header, before anything is decoded.
    """
    if file.size > max_bytes:
        raise RefusedPicture(
            f"« {file.name} » dépasse {max_bytes // 1024**2} Mo : enregistrez-le en plus petit."
        )
    content = file.read()
    if b"<svg" in content[:4096].lower():
        raise RefusedPicture(
            f"« {file.name} » est un dessin SVG. Un SVG peut contenir des scripts : exportez-le en PNG."
        )
    try:
        return _decoded(content, file.name, max_pixels)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, RefusedPicture):
            raise
        raise RefusedPicture(
            f"« {file.name} » n’est pas une image lisible : donnez un fichier PNG, JPEG ou WebP."
        ) from error


def _decoded(content, name, max_pixels):
    too_large = RefusedPicture(
        f"« {name} » a trop de points : donnez une image de {max_pixels // 10**6} millions de points au plus."
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise too_large from None
    with picture:
        if picture.width * picture.height > max_pixels:
            raise too_large
        # WeasyPrint lets Pillow take files that are cut short, in the whole process: a PNG is checked to its end here
        Image.open(io.BytesIO(content), formats=FORMATS).verify()
        upright = ImageOps.exif_transpose(picture)
        return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def made_again(picture, size, kind, **options):
    """The bytes of a file of the Pillow format `kind`: `picture` within `size`, and nothing of the former file but its points."""
    picture.thumbnail(size, Image.Resampling.LANCZOS)
    picture.info.clear()  # neither place nor author
    out = io.BytesIO()
    picture.save(out, kind, optimize=True, **options)
    return out.getvalue()


def on_white(picture):
    """`picture` without transparency, for a format that has none."""
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("RGB")


@transaction.atomic
def replace_file(row, name, content=None):
    """Put `content` (bytes) in the file field `name` of `row`, or nothing; the caller saves the row.

    The former file leaves the disk once the transaction is committed.
    """
    stored = getattr(row, name)
    delete_once_committed(stored)
    if content:
        stored.save(name, ContentFile(content), save=False)
    else:
        setattr(row, name, "")
