"""The picture of a zoom: what is sent is read with care, and stored as a JPEG of our own making."""

from actions.pictures import made_again, on_white, read_picture

MAX_BYTES = 10 * 1024**2
MAX_PIXELS = 25_000_000  # a photograph of today’s telephones
SIZE = (1600, 1600)  # as wide as a printed page asks for
QUALITY = 85


def jpeg_of(file):
    """The bytes of the JPEG made from an uploaded picture; RefusedPicture when it is too big, or no picture that we read."""
    picture = on_white(read_picture(file, max_bytes=MAX_BYTES, max_pixels=MAX_PIXELS))
    return made_again(picture, SIZE, "JPEG", quality=QUALITY, progressive=True)
