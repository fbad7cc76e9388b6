"""Office packages (ZIP files of XML) made the same bytes each time: neither entries nor properties tell when they were written."""

import re
import zipfile
from io import BytesIO

OLDEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP file can tell
MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")


def steady(package, *, at):
    """`package` (bytes) and the workbooks inside, as if all of it was written at `at` (a datetime in UTC)."""
    said = f"{at:%Y-%m-%dT%H:%M:%SZ}".encode()
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".xlsx"):
                content = steady(content, at=at)
            elif name == "docProps/core.xml":
                content = MOMENT.sub(rb"\g<1>" + said + rb"\g<2>", content)
            entry = zipfile.ZipInfo(name, OLDEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()
