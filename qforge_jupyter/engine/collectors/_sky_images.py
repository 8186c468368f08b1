"""The images of detections: each cut-out read once, measured, and found good or not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.documents.galleries import MOST_PICTURES
from qforge_jupyter.engine.collectors import CollectCase
from qforge_jupyter.engine.collectors._sky_plan import Plan
from qforge_jupyter.engine.collectors._sky_roles import FIELD, ID, IMAGE, OBJECT
from qforge_jupyter.engine.sieve import Sieve
from qforge_jupyter.errors import DataError
from qforge_jupyter.sky.cutting import CutOut, wanted_of
from qforge_jupyter.sky.masks import mask_of
from qforge_jupyter.sky.measuring import measure
from qforge_jupyter.sky.positions import objects_of
from qforge_jupyter.sky.preprocessing import Preprocessing
from qforge_jupyter.sky.showing import drawn
from qforge_jupyter.sky.troubles import Trouble

#: What a detection is called, and its picture.
Samples = tuple[tuple[str, bytes], ...]
#: Columns that are found in the image; those of the sky stay as the source has them.
_FOUND = {
    "x": pl.Float64, "y": pl.Float64, "ra": pl.Float64, "dec": pl.Float64,
    "background": pl.Float64, "noise": pl.Float64, "saturated": pl.Float64,
    "blank": pl.Float64, "beyond": pl.Float64, "fwhm": pl.Float64, "digest": pl.String,
}  # fmt: skip


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
    samples: dict[int, bytes] = {}
    shown = frozenset(np.linspace(0, rows.height - 1, 3 * MOST_PICTURES).astype(int).tolist())
    found: list[dict[str, Any] | None] = [None] * rows.height
    kinds = np.full(rows.height, "", dtype=object)
    wanted = (wanted_of(row, place) for place, row in enumerate(rows.iter_rows(named=True)))
    labels = rows["labels"].to_list() if has_masks else None
    for n_done, cut in enumerate(case.read_cutouts(wanted, preprocessing.size), start=1):
        place = cut.wanted.row if isinstance(cut, CutOut) else cut[0].row
        try:
            if not isinstance(cut, CutOut):
                raise cut[1]
            preprocessing.check(cut.pixels, cut.inside)
            if labels is not None:
                mask_of(labels[place], cut, preprocessing.classes)
            found[place] = _measured(cut)
            if place in shown:
                samples[place] = drawn(cut, preprocessing)
        except Trouble as trouble:
            kinds[place] = trouble.kind
        case.progress(n_done, rows.height, "cut-outs read")
    reasons = {str(kind): kinds == kind for kind in sorted(set(kinds) - {""})}
    stays = sieve.drop("image", reasons)
    measured = pl.DataFrame([each for each in found if each is not None], schema=_FOUND)
    kept = rows.filter(pl.Series(stays))
    with_field = kept if FIELD in kept.columns else kept.with_columns(pl.col(IMAGE).alias(FIELD))
    names = rows[ID].cast(pl.String)
    chosen = [(str(names[place]), samples[place]) for place in sorted(samples)]
    step = max(1, -(-len(chosen) // MOST_PICTURES))
    return with_field.with_columns(measured.get_columns()), tuple(chosen[::step])


def _measured(cut: CutOut) -> dict[str, Any]:
    sky = cut.sky_position or (None, None)
    place = {"x": cut.x, "y": cut.y, "ra": sky[0], "dec": sky[1]}
    return place | asdict(measure(cut, cut.saturation))


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
