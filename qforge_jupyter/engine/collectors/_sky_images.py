"""The images of detections: each cut-out read once, measured, and found good or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.documents.galleries import MOST_PICTURES
from qforge_jupyter.engine.collectors import CollectCase
from qforge_jupyter.engine.collectors._sky_chunks import FOUND, Asked, read_chunks
from qforge_jupyter.engine.collectors._sky_plan import Plan
from qforge_jupyter.engine.collectors._sky_roles import FIELD, ID, IMAGE, OBJECT
from qforge_jupyter.engine.sieve import Sieve
from qforge_jupyter.errors import DataError
from qforge_jupyter.sky.cutting import wanted_of
from qforge_jupyter.sky.positions import objects_of
from qforge_jupyter.sky.preprocessing import Preprocessing

#: What a detection is called, and its picture.
Samples = tuple[tuple[str, bytes], ...]


def read_images(
    case: CollectCase, plan: Plan, preprocessing: Preprocessing, sieve: Sieve, rows: pl.DataFrame
) -> tuple[pl.DataFrame, Samples]:
    """Cut every detection out of its image; those that have none fall, each for its kind.

    Parameters
    ----------
    case, plan
        What is asked.
    preprocessing
        How arrays are made.
    sieve
        Told which rows fall.
    rows
        Detections under the names of a dataset, one for each row that the sieve holds.

    """
    has_masks = plan.has_masks or bool(preprocessing.classes)
    if has_masks and "labels" not in rows.columns:
        raise DataError(
            f"{case.table.name} has no column of labels to make masks of: name it with  "
            "roles: {labels: COLUMN}"
        )
    shown = frozenset(np.linspace(0, rows.height - 1, 3 * MOST_PICTURES).astype(int).tolist())
    labels = rows["labels"].to_list() if has_masks else [None] * rows.height
    asked = [
        Asked(wanted_of(row, place), labels[place], has_masks, place in shown)
        for place, row in enumerate(rows.iter_rows(named=True))
    ]
    places, read = read_chunks(case, preprocessing, asked)
    found = read.with_columns(pl.Series("place", places, dtype=pl.Int64)).sort("place")
    kinds = found["kind"].to_numpy()
    reasons = {str(kind): kinds == kind for kind in sorted(set(kinds) - {""})}
    stays = sieve.drop("image", reasons)
    kept = rows.filter(pl.Series(stays))
    with_field = kept if FIELD in kept.columns else kept.with_columns(pl.col(IMAGE).alias(FIELD))
    measured = found.filter(pl.Series(stays)).select(list(FOUND))
    names = rows[ID].cast(pl.String)
    pictures = zip(names, found["picture"], strict=True)
    chosen = [(str(name), picture) for name, picture in pictures if picture is not None]
    step = max(1, -(-len(chosen) // MOST_PICTURES))
    return with_field.with_columns(measured.get_columns()), tuple(chosen[::step])


def with_objects(
    rows: pl.DataFrame, held: pl.DataFrame | None, radius_arcsec: float
) -> pl.DataFrame:
    """Name the object of each detection that has none: the first detection at its place.

    Parameters
    ----------
    rows
        New detections.
    held
        Those of the dataset; they come first, and keep their objects.
    radius_arcsec
        Up to which distance two positions are one object.

    """
    names = [ID, "ra", "dec", *([OBJECT] if OBJECT in rows.columns else [])]
    kinds = {ID: pl.String, "ra": pl.Float64, "dec": pl.Float64, OBJECT: pl.String}
    before = rows.clear() if held is None else held
    every = pl.concat(
        [
            pl.DataFrame(
                [
                    each[n].cast(kinds[n]) if n in each.columns else _nothing(n, each.height, kinds)
                    for n in kinds
                ]
            )
            for each in (before, rows.select(names))
        ]
    )
    ra, dec = (every[name].fill_null(float("nan")).to_numpy() for name in ("ra", "dec"))
    first = objects_of(ra, dec, radius_arcsec)
    own = every[OBJECT].fill_null(every[ID])
    named = pl.Series(OBJECT, own.gather(first))
    objects = every[OBJECT].fill_null(named).slice(before.height).alias(OBJECT)
    return rows.with_columns(objects)


def _nothing(name: str, height: int, kinds: dict[str, Any]) -> pl.Series:
    return pl.Series(name, [None] * height, dtype=kinds[name])
