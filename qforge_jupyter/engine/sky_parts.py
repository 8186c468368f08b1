"""What must not be in two parts of a sky dataset: positions, fields, and pixels."""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.sky.positions import shared_positions


def shared_between(
    frame: pl.DataFrame, part_of: pl.Series, radius_arcsec: float
) -> tuple[tuple[str, int], ...]:
    """Count what stands in more than one part.

    Parameters
    ----------
    frame
        Detections with ``ra``, ``dec``, ``field`` and ``digest``.
    part_of
        The part of each; null for none.
    radius_arcsec
        Up to which distance two positions are the same.

    Examples
    --------
    >>> frame = pl.DataFrame({"ra": [0.0, 359.9999], "dec": [0.0, 0.0], "field": ["a", "b"],
    ...                       "digest": ["1", "2"]})
    >>> shared_between(frame, pl.Series(["train", "test"]), 1.0)
    (('positions within 1 arcsec', 2), ('fields', 0), ('equal cut-outs', 0))

    """
    names = part_of.drop_nulls().unique().sort()
    codes = part_of.replace_strict(names, range(len(names)), default=None, return_dtype=pl.Int64)
    ra, dec = (frame[name].fill_null(float("nan")).to_numpy() for name in ("ra", "dec"))
    near = shared_positions(ra, dec, np.asarray(codes.fill_null(-1)), radius_arcsec)
    return (
        (f"positions within {radius_arcsec:g} arcsec", len(near)),
        ("fields", _in_two(frame["field"], part_of)),
        ("equal cut-outs", _in_two(frame["digest"], part_of)),
    )


def _in_two(values: pl.Series, part_of: pl.Series) -> int:
    """Count the values that stand in more than one part."""
    table = pl.DataFrame({"value": values, "part": part_of}).drop_nulls()
    counts = table.group_by("value").agg(pl.col("part").n_unique())
    return int((counts["part"] > 1).sum())
