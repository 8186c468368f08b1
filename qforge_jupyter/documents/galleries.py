"""Small pictures in a page: grey ones are written as PNG here, and drawn side by side."""

from __future__ import annotations

import base64
import struct
import zlib

from qforge_jupyter.documents.blocks import Gallery
from qforge_jupyter.documents.markup import LABEL, Limits, draw_caption, draw_more, draw_text

#: Pictures of a page, at most, and pixels along each side of one.
MOST_PICTURES = 10
MOST_SIDE = 48
_IN_A_ROW = 5


def grey_png(rows: list[bytes]) -> bytes:
    r"""Write a picture of grey levels, the uppermost row first.

    Examples
    --------
    >>> grey_png([b"\x00\xff", b"\xff\x00"])[:8]
    b'\x89PNG\r\n\x1a\n'

    """
    size = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    pieces = ((b"IHDR", size), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(held)) + name + held + struct.pack(">I", zlib.crc32(name + held))
        for name, held in pieces
    )


def draw_gallery(gallery: Gallery, limits: Limits) -> str:
    r"""Draw pictures in rows of five, each with its name below it.

    Examples
    --------
    >>> drawn = draw_gallery(Gallery((("a<b", grey_png([b"\\x00"])),)), Limits(9, 9, 9, 9))
    >>> drawn.count("<img"), "a&lt;b" in drawn
    (1, True)

    """
    shown = gallery.pictures[: min(MOST_PICTURES, limits.n_items)]
    cells = [_draw_picture(name, data) for name, data in shown]
    rows = "".join(
        f"<tr>{''.join(cells[start : start + _IN_A_ROW])}</tr>"
        for start in range(0, len(cells), _IN_A_ROW)
    )
    drawn = f"<table>{draw_caption(gallery.caption)}<tbody>{rows}</tbody></table>"
    return drawn + draw_more(len(gallery.pictures) - len(shown), "pictures")


def _draw_picture(name: str, data: bytes) -> str:
    said = draw_text(name, LABEL)
    held = base64.b64encode(data).decode("ascii")
    return (
        f'<td align="center"><img src="data:image/png;base64,{held}" alt="{said}" width="96" '
        f'height="96" style="image-rendering:pixelated"/><br/>{said}</td>'
    )
