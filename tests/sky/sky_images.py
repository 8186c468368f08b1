"""Real FITS files, and files that astropy writes for one test."""

from __future__ import annotations

from pathlib import Path

import astropy
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

_DATA = Path(astropy.__file__).parent / "io" / "fits" / "hdu" / "compressed" / "tests" / "data"
#: The globular cluster M13 of the Digitized Sky Survey, 300 × 300 pixels.
M13 = _DATA / "m13.fits"
M13_RICE = _DATA / "m13_rice.fits"


def wcs_at(ra: float, dec: float, shape: tuple[int, int], arcsec: float = 1.0) -> WCS:
    """Make a gnomonic projection whose middle pixel is a place of the sky."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [ra, dec]
    wcs.wcs.crpix = [(shape[1] + 1) / 2, (shape[0] + 1) / 2]
    wcs.wcs.cdelt = [-arcsec / 3600, arcsec / 3600]
    return wcs


def noise(shape: tuple[int, int] = (200, 240), seed: int = 0) -> np.ndarray:
    """Draw a sky of noise around 100 with scatter 5."""
    return np.random.default_rng(seed).normal(100.0, 5.0, shape).astype(np.float32)


def write_image(path: Path, pixels: np.ndarray, *, ra: float | None = 150.0, dec: float = 2.0):
    """Write a plain image, with a WCS unless ra is None."""
    header = None if ra is None else wcs_at(ra, dec, pixels.shape).to_header()
    fits.PrimaryHDU(pixels, header).writeto(path)
    return path


def write_compressed(path: Path, planes: list[np.ndarray], kind: str = "RICE_1") -> Path:
    """Write several tile-compressed extensions named SCI1, SCI2 …"""
    units = [
        fits.CompImageHDU(
            pixels,
            wcs_at(150.0, 2.0, pixels.shape).to_header(),
            name=f"SCI{number}",
            compression_type=kind,
        )
        for number, pixels in enumerate(planes, start=1)
    ]
    fits.HDUList([fits.PrimaryHDU(), *units]).writeto(path)
    return path
