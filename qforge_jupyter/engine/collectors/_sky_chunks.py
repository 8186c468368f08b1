"""Cut-outs in chunks: what is read of one is measured once, whatever becomes of the others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import polars as pl

from qforge_jupyter.engine.collectors import CollectCase
from qforge_jupyter.sky.cutting import CutOut, Wanted
from qforge_jupyter.sky.masks import mask_of
from qforge_jupyter.sky.measuring import measure
from qforge_jupyter.sky.preprocessing import Preprocessing
from qforge_jupyter.sky.showing import drawn
from qforge_jupyter.sky.troubles import Trouble
from qforge_jupyter.version import __version__

#: A chunk ends with a file once it has so many cut-outs, and within one at the most.
LEAST, MOST = 128, 1_024
#: Columns that are found in the image; those of the sky stay as the source has them.
FOUND = {
    "x": pl.Float64, "y": pl.Float64, "ra": pl.Float64, "dec": pl.Float64,
    "background": pl.Float64, "noise": pl.Float64, "saturated": pl.Float64,
    "blank": pl.Float64, "beyond": pl.Float64, "fwhm": pl.Float64, "digest": pl.String,
}  # fmt: skip
#: What is wrong with a cut-out, empty of a good one, and its picture where one is shown.
_TOLD = {"kind": pl.String, "picture": pl.Binary}


@dataclass(frozen=True)
class Asked:
    """A cut-out, the labels of its mask where it has one, and whether its picture is shown."""

    wanted: Wanted
    labels: Any = None
    has_mask: bool = False
    is_shown: bool = False


def read_chunks(
    case: CollectCase, preprocessing: Preprocessing, asked: Sequence[Asked]
) -> tuple[list[int], pl.DataFrame]:
    """Cut out and measure; give places of cut-outs, and what was found of each in that order."""
    places: list[int] = []
    found = [pl.DataFrame(schema={**_TOLD, **FOUND})]
    for chunk in chunks_of(asked):
        key = key_of(case, preprocessing, chunk)
        found.append(case.chunk(key, partial(_read, case, preprocessing, chunk, len(places),
                                             len(asked))))  # fmt: skip
        places += [each.wanted.row for each in chunk]
        case.progress(len(places), len(asked), "cut-outs read")
    return places, pl.concat(found)


def chunks_of(asked: Sequence[Asked]) -> Iterator[list[Asked]]:
    """Put cut-outs of the same files together, in an order that their rows do not decide.

    Examples
    --------
    >>> many = [Asked(Wanted(n, f"{n % 2}.fits", x=0.0, y=float(n))) for n in range(1_500)]
    >>> [len(chunk) for chunk in chunks_of(many)]
    [750, 750]

    """

    def order(each: Asked) -> tuple[str, str, float, float, str]:
        one = each.wanted
        at = (one.x, one.y) if one.y is not None else (one.ra, one.dec)
        across, along = (0.0 if value is None else value for value in at)
        return one.path, str(one.hdu), along, across, str(each.labels)

    chunk: list[Asked] = []
    for each in sorted(asked, key=order):
        is_new = bool(chunk) and chunk[-1].wanted.path != each.wanted.path
        if len(chunk) >= MOST or (is_new and len(chunk) >= LEAST):
            yield chunk
            chunk = []
        chunk.append(each)
    if chunk:
        yield chunk


def key_of(case: CollectCase, preprocessing: Preprocessing, chunk: Sequence[Asked]) -> str:
    """Hash all that decides what is found: code, files as they are, places, and how it is cut."""
    rows = [
        (each.wanted.path, each.wanted.hdu, each.wanted.x, each.wanted.y, each.wanted.ra,
         each.wanted.dec, each.labels, each.has_mask, each.is_shown)
        for each in chunk
    ]  # fmt: skip
    files = {path: case.stamp_of(path) for path in sorted({each.wanted.path for each in chunk})}
    said = json.dumps([__version__, preprocessing.record, rows, files], default=str)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _read(
    case: CollectCase, preprocessing: Preprocessing, chunk: Sequence[Asked], before: int, total: int
) -> pl.DataFrame:
    place_of = {each.wanted.row: place for place, each in enumerate(chunk)}
    found: list[dict[str, Any]] = [{} for _ in chunk]
    wanted = [each.wanted for each in chunk]
    for n_done, cut in enumerate(case.read_cutouts(wanted, preprocessing.size), start=1):
        place = place_of[cut.wanted.row if isinstance(cut, CutOut) else cut[0].row]
        try:
            found[place] = _found(cut, chunk[place], preprocessing)
        except Trouble as trouble:
            found[place] = {"kind": trouble.kind}
        case.progress(before + n_done, total, "cut-outs read")
    return pl.DataFrame(found, schema={**_TOLD, **FOUND})


def _found(
    cut: CutOut | tuple[Wanted, Trouble], asked: Asked, preprocessing: Preprocessing
) -> dict[str, Any]:
    if not isinstance(cut, CutOut):
        raise cut[1]
    preprocessing.check(cut.pixels, cut.inside)
    if asked.has_mask:
        mask_of(asked.labels, cut, preprocessing.classes)
    sky = cut.sky_position or (None, None)
    picture = drawn(cut, preprocessing) if asked.is_shown else None
    found = {"kind": "", "picture": picture, "x": cut.x, "y": cut.y, "ra": sky[0], "dec": sky[1]}
    return found | asdict(measure(cut, cut.saturation))
