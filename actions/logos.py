"""The logo of an organisation: what is sent is read with care, and stored as a small PNG of our own making."""

import io
import warnings

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 2 * 1024**2
MAX_PIXELS = 12_000_000  # 4 000 × 3 000: read from the header, before anything is decoded
SIZE = (480, 160)  # twice what the header of a page shows, for fine screens


class RefusedLogo(ValueError):
    """A file that is not taken; the message says why, in French."""


def png_of(file):
    """The bytes of the PNG made from an uploaded picture; RefusedLogo when it is too big, or no picture that we read."""
    if file.size > MAX_BYTES:
        raise RefusedLogo(
            f"« {file.name} » dépasse {MAX_BYTES // 1024**2} Mo : enregistrez-le en plus petit."
        )
    content = file.read()
    if b"<svg" in content[:4096].lower():
        raise RefusedLogo(
            f"« {file.name} » est un dessin SVG. Un SVG peut contenir des scripts : exportez le logo en PNG."
        )
    try:
        return _made_again(content, file.name)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, RefusedLogo):
            raise
        raise RefusedLogo(
            f"« {file.name} » n’est pas une image lisible : donnez un fichier PNG, JPEG ou WebP."
        ) from error


def _made_again(content, name):
    too_large = RefusedLogo(
        f"« {name} » a trop de points : donnez une image de {MAX_PIXELS // 10**6} millions de points au plus."
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise too_large from None
    with picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise too_large
        # WeasyPrint lets Pillow take files that are cut short, in the whole process: a PNG is checked to its end here
        Image.open(io.BytesIO(content), formats=FORMATS).verify()
        upright = ImageOps.exif_transpose(picture)
        made = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    made.thumbnail(SIZE, Image.Resampling.LANCZOS)
    made.info.clear()  # nothing of the file but its points: neither place nor author
    out = io.BytesIO()
    made.save(out, "PNG", optimize=True)
    return out.getvalue()


@transaction.atomic
def change_logo(organisation, png=None):
    """Store `png` (bytes) as the logo, or none; the former file leaves the disk once the transaction is committed."""
    storage, former = organisation.logo.storage, organisation.logo.name
    if png:
        organisation.logo.save("logo.png", ContentFile(png), save=False)
    else:
        organisation.logo = ""
    organisation.save(update_fields=["logo"])
    if former:
        transaction.on_commit(lambda: storage.delete(former))
