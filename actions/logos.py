"""The logo of an organisation: what is sent is read with care, and stored as a small PNG of our own making."""

from django.db import transaction

from actions.pictures import made_again, read_picture, replace_file

MAX_BYTES = 2 * 1024**2
MAX_PIXELS = 12_000_000  # 4 000 × 3 000
SIZE = (480, 160)  # twice what the header of a page shows, for fine screens


def png_of(file):
    """The bytes of the PNG made from an uploaded picture; RefusedPicture when it is too big, or no picture that we read."""
    return made_again(read_picture(file, max_bytes=MAX_BYTES, max_pixels=MAX_PIXELS), SIZE, "PNG")


@transaction.atomic
def change_logo(organisation, png=None):
    """Store `png` (bytes) as the logo, or none."""
    replace_file(organisation, "logo", png)
    organisation.save(update_fields=["logo"])
