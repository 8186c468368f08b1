"""File formats: one file each, found by content.

The shape of a format
---------------------
``TITLE``
    Its name in a sentence.
``SUFFIXES``
    Endings of file names that promise it, with the dot.
``IS_LAZY``
    Whether rows are read only when they are used.
``recognises(head: bytes) -> bool``
    Whether the first 64 KiB of a file are of this format.
``read(path, *, …) -> Reading``
    The rows, lazily where that can be, and what was noticed. ``path`` is a
    ``Path`` or a `Source`; options are keyword-only parameters.
``write(frame, path) -> None``
    Only where the format can be written.

Add a format by adding a file of this shape. Names that start with ``_`` are
no formats.
"""

from qforge_jupyter.formats._loading import FORMATS, load, look, unreadable
from qforge_jupyter.formats._reading import Reading, Source

__all__ = ["FORMATS", "Reading", "Source", "load", "look", "unreadable"]
