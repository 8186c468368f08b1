"""The record of a picture, as it travels to a view."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Picture:
    """Bytes that a browser can draw, and what is known of them.

    Parameters
    ----------
    data
        The bytes: a picture file, or 16-bit brightnesses, little-endian, 0 for none, with
        the rows from the bottom up as in FITS.
    mime
        What they are.
    width, height
        In pixels, where the bytes do not say it.
    low, high
        Brightness that 1 and 65,535 stand for.
    text
        What was drawn, as in the SMILES of a molecule.

    Examples
    --------
    >>> Picture(b"GIF89a", "image/gif")
    Picture(mime='image/gif', width=None, height=None, low=None, high=None, text=None)

    """

    data: bytes = field(repr=False)
    mime: str
    width: int | None = None
    height: int | None = None
    low: float | None = None
    high: float | None = None
    text: str | None = None

    def facts(self) -> dict[str, Any]:
        """Give what is known of the bytes.

        Examples
        --------
        >>> Picture(b"GIF89a", "image/gif").facts()
        {'mime': 'image/gif'}

        """
        names = ("mime", "width", "height", "low", "high", "text")
        return {name: value for name in names if (value := getattr(self, name)) is not None}
