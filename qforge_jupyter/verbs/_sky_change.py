"""What a diff of two versions of a sky dataset shows beside their rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.context import Context
from qforge_jupyter.documents.galleries import MOST_PICTURES
from qforge_jupyter.engine.sky_changes import compare_sky
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.results.diff import DiffReport
from qforge_jupyter.results.sky_part import holds_cutouts
from qforge_jupyter.sky.cutting import CutOut, cut_outs, wanted_of
from qforge_jupyter.sky.measuring import digest_of
from qforge_jupyter.sky.preprocessing import COLUMN, Preprocessing
from qforge_jupyter.sky.showing import drawn


def with_sky(context: Context, report: DiffReport) -> DiffReport:
    """Compare quality, counts, distributions and cut-outs, where both versions hold cut-outs."""
    sides = (report.before, report.after)
    if report.is_empty or not all(holds_cutouts(each.lazy()) and each.height for each in sides):
        return report
    change = compare_sky(report.name, *sides)
    folders = (*context.store.lineage.folders(report.name), str(Path.cwd()))
    samples, n_unread = _samples(report, Pictures(folders))
    return replace(report, sky=replace(change, samples=samples, n_unread=n_unread))


def _samples(report: DiffReport, folders: Pictures) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """Draw up to ten cut-outs that came or went; each is told by a word before its id."""
    sides = (("new: ", report.after, report.came), ("gone: ", report.before, report.gone))
    n_came = min(report.came.size, max(MOST_PICTURES // 2, MOST_PICTURES - report.gone.size))
    wished = (n_came, MOST_PICTURES - n_came)
    made: list[tuple[str, bytes]] = []
    n_unread = 0
    for (word, frame, rows), n in zip(sides, wished, strict=True):
        chosen = frame[_spread(rows, n)]
        pictures = _pictures(chosen, folders)
        n_unread += chosen.height - len(pictures)
        names = chosen["detection_id"].cast(pl.String)
        made += [(f"{word}{names[row]}", picture) for row, picture in pictures.items()]
    return tuple(made), n_unread


def _spread(rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Take some rows from the first to the last."""
    places = np.unique(np.linspace(0, rows.size - 1, min(n, rows.size)).astype(np.int64))
    chosen: NDArray[np.int64] = rows[places]
    return chosen


def _pictures(rows: pl.DataFrame, folders: Pictures) -> dict[int, bytes]:
    """Draw what can be read and still holds the pixels that were collected."""
    if not rows.height:
        return {}
    preprocessing = Preprocessing.of(str(rows[COLUMN][0]))
    asked = [wanted_of(row, place) for place, row in enumerate(rows.iter_rows(named=True))]
    found = {
        cut.wanted.row: drawn(cut, preprocessing)
        for cut in cut_outs(asked, preprocessing.size, folders)
        if isinstance(cut, CutOut) and digest_of(cut) == rows["digest"][cut.wanted.row]
    }
    return dict(sorted(found.items()))
