"""What kind of picture some bytes are: by their content, whatever a name says."""

from __future__ import annotations

import re

FITS = "image/fits"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"SIMPLE  =", FITS),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_SVG = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s/>]", re.DOTALL
)
_HEAD = 4096


def mime_of(data: bytes) -> str | None:
    r"""Name the kind of picture; None where it is none that is known.

    Examples
    --------
    >>> mime_of(b"\x89PNG\r\n\x1a\n"), mime_of(b"<svg xmlns='x'/>"), mime_of(b"root:x:0:0")
    ('image/png', 'image/svg+xml', None)

    """
    for magic, mime in _MAGIC:
        if data.startswith(magic):
            return mime
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return "image/svg+xml" if _SVG.match(data[:_HEAD].removeprefix(b"\xef\xbb\xbf")) else None
