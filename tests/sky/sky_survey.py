"""A small survey on the disk: fields as FITS files, and a table of what was detected in them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tests.sky.sky_images import noise, wcs_at, write_compressed, write_image

SHAPE = (200, 240)


def make_survey(folder: Path, n_fields: int = 9, n_each: int = 12) -> pl.DataFrame:
    """Write fields with stars of 3 pixels FWHM, every third one compressed, and list the stars."""
    random = np.random.default_rng(7)
    rows = []
    for field in range(n_fields):
        name, ra, dec = f"f{field}.fits", (359.0 + field * 0.5) % 360, 10.0 + field
        pixels, wcs = noise(SHAPE, field), wcs_at(ra, dec, SHAPE)
        if field % 3 == 2:
            wcs = wcs_at(150.0, 2.0, SHAPE)  # where write_compressed puts it
        places = random.uniform([25, 25], [215, 175], (n_each, 2))
        for number, (x, y) in enumerate(places):
            _add_star(pixels, x, y)
            sky = wcs.pixel_to_world(x, y)
            rows.append(
                {
                    "detection_id": f"d{field:02}-{number:02}",
                    "image": name,
                    "ra": float(sky.ra.deg),
                    "dec": float(sky.dec.deg),
                    "field_id": f"field {field}",
                    "survey": "hst" if field % 2 == 0 else "ztf",
                    "observed_at": date(2024, 1, 1) + timedelta(days=20 * field),
                    "anomaly_type": ["transient", "none", "artifact"][number % 3],
                    "confidence": 0.6 + 0.4 * number / n_each,
                    "quality": 0.9,
                    "validation_status": "validated" if number % 4 else "pending",
                }
            )
        if field % 3 == 2:
            write_compressed(folder / name, [pixels])
        else:
            write_image(folder / name, pixels, ra=ra, dec=dec)
    return pl.DataFrame(rows)


def _add_star(pixels: np.ndarray, x: float, y: float, peak: float = 800.0) -> None:
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    sigma = 3 / 2.3548
    pixels += peak * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * sigma**2))
