"""Rows to be labeled, one table for each way to show an item, with what is asked of them."""

import io

import numpy as np
import polars as pl
from astropy.io import fits
from PIL import Image

WIDE, HIGH = 360, 240
TIER = {"choose tier": {"a": "A", "c": "C", "q": "neither of them"}}
TEXT = (
    "Dr. Ada Okafor of the Lagos Institute told reporters on Tuesday that the new detector had "
    "been cooled to 12 mK. The team around Prof. Li Wei in Hefei will repeat it next spring. "
) * 2
RECORD = {
    "title": "Head of People Operations", "company": "Kestrel Bearings Ltd", "size": 1240,
    "industry": "manufacturing", "remote": True, "score": 0.8125, "text": TEXT, "salary": None,
}  # fmt: skip
MORE = {
    "several tags": ["urgent", "spam", "follow up"], "rate stars": "1 .. 5", "rate sure": "0 .. 1",
    "number price": "0 .. 1000 eV", "text why": "200",
}  # fmt: skip


def sky(chance):
    """Give a faint sky with three sources."""
    down, right = np.mgrid[:HIGH, :WIDE]
    sources = [(90, 80, 14, 200), (240, 150, 30, 120), (300, 40, 5, 250)]
    return chance.normal(20, 6, (HIGH, WIDE)) + sum(
        light * np.exp(-((right - x) ** 2 + (down - y) ** 2) / (2 * wide**2))
        for x, y, wide, light in sources
    )


def png(pixels):
    made = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(made, "PNG")
    return made.getvalue()


def cut_out(pixels):
    made = io.BytesIO()
    fits.PrimaryHDU((100 + 40 * pixels).astype(np.float32)).writeto(made)
    return made.getvalue()


def points(chance, n=400):
    """Give clouds of points, each a survey's."""
    nth = np.arange(n)
    return pl.DataFrame(
        {
            "id": nth,
            "x": chance.normal(0, 1, n) + nth % 3 * 4,
            "y": chance.normal(0, 1, n) + nth % 2 * 3,
            "survey": np.array(["hst", "euclid", "lsst"])[nth % 3],
        }
    )


def alike(**cells: object):
    return pl.DataFrame([{"id": n, **cells} for n in range(3)], infer_schema_length=None)


def views(seed=3):
    """Give a table and what is asked of it, by the name of the view."""
    chance = np.random.default_rng(seed)
    pixels = sky(chance)
    return {
        "record": (alike(**RECORD), {"show": {"record": list(RECORD)}, **TIER, **MORE}),
        "text": (
            alike(body=TEXT),
            {
                "show": {"text": "body"},
                "spans names in body": {"p": "person", "o": "organisation", "t": "time"},
            },
        ),
        "image": (
            alike(image=png(pixels)),
            {
                "show": {"image": "image"},
                "boxes objects in image": ["star", "galaxy"],
                "brush halo in image": ["light", "trail"],
            },
        ),
        "fits": (
            alike(image=cut_out(pixels)),
            {"show": {"fits": "image"}, "circles stars in image": ["star", "artefact"]},
        ),
        "molecule": (
            alike(smiles="CC(=O)Oc1ccccc1C(=O)O"),
            {"show": {"molecule": "smiles"}, **TIER},
        ),
        "map": (points(chance), {"show": {"map": ["x", "y", "survey"]}, **TIER}),
    }
