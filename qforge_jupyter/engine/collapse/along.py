"""What comes at which frequency along an order of the rows that was declared.

The rows of a table have an order only where somebody says so. Then each side is cut into
segments of consecutive rows, which are the buckets that are dealt: what neighbors in time have
in common stays together. In a window of each segment the cross-spectra of the columns' normal
scores are taken and averaged over octaves; a side's spectrum is the mean over its segments
(Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.columns import in_microseconds
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.keys import contents
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table

Floats = NDArray[np.float64]
#: Consecutive rows of a window at most, and at least: with fewer there is no spectrum.
LONGEST, SHORTEST = 512, 8
#: Rows of a segment at least: neighbors in time depend on each other.
SEGMENT = 40
#: Columns whose spectra are taken at most.
MOST_COLUMNS = 24


@dataclass(frozen=True)
class Axis:
    """The order of one side's rows, cut into segments.

    Parameters
    ----------
    name
        The column that orders the rows.
    values
        Its values in order, as numbers, ``[n]``.
    n_segments, length
        Segments, and rows of each that are summed.

    """

    name: str
    values: Floats = field(repr=False)
    n_segments: int
    length: int

    @classmethod
    def of(cls, table: Table, name: str, n_segments: int, most: int | None = None) -> Axis:
        """Read the column that orders the rows.

        Raises
        ------
        DataError
            It holds no numbers or moments, not one for each row, or so few different ones that
            segments begin at the same place.

        """
        dtype = table.schema[name]
        if not (dtype.is_numeric() or dtype.is_temporal()):
            raise DataError(
                f"{name!r} of {table.name} is {dtype} and orders no rows: "
                f"name a column of numbers or moments as `order`"
            )
        held = _numbers(table.lazy.select(exact(name)).collect().to_series())
        if np.isnan(held).any():
            raise DataError(
                f"{name!r} of {table.name} is missing in {int(np.isnan(held).sum()):,} rows, which "
                f"have no place in the order then: leave these rows out, or name another column"
            )
        held.sort()
        axis = cls(name, held, n_segments, min(most or len(held), len(held)) // n_segments)
        if len(np.unique(axis.starts)) < n_segments:
            raise DataError(
                f"{name!r} of {table.name} has so few different values that whole segments of "
                f"rows stand at one of them: name a column that tells the rows apart in time, or "
                f"say  groups: {name}"
            )
        return axis

    @property
    def starts(self) -> Floats:
        """Where the segments begin."""
        places = np.linspace(0, len(self.values), self.n_segments + 1)[:-1].astype(int)
        found: Floats = self.values[places]
        return found

    def ends(self, length: int) -> Floats:
        """Where the first so many rows of each segment end."""
        places = np.linspace(0, len(self.values), self.n_segments + 1)[:-1].astype(int)
        found: Floats = self.values[np.minimum(places + length, len(self.values)) - 1]
        return found

    def segments(self, frame: pl.DataFrame) -> NDArray[np.int64]:
        """Give the segment of each row."""
        places = np.searchsorted(self.starts[1:], _numbers(frame[self.name]), side="right")
        return places.astype(np.int64)

    def is_summed(self, frame: pl.DataFrame, segments: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which rows are among the first of their segment: runs as long on either side."""
        found: NDArray[np.bool_] = _numbers(frame[self.name]) <= self.ends(self.length)[segments]
        return found

    def window(self, longest: int) -> int:
        """Rows of a window: a power of two that fits into each segment."""
        room = min(self.length, longest)
        return int(2 ** np.floor(np.log2(room))) if room else 0

    def windows(self, table: Table, names: list[str], length: int) -> pl.DataFrame:
        """Read the rows of all windows, segment by segment, each in its order."""
        low, high = self.starts, self.ends(length)
        parts = []
        for frame in table.batches(list(dict.fromkeys([*names, self.name]))):
            held = _numbers(frame[self.name])
            at = np.searchsorted(low, held, side="right") - 1
            parts.append(frame.filter(pl.Series((at >= 0) & (held <= high[at]))))
        rows = pl.concat(parts)
        held = _numbers(rows[self.name])
        # Rows at one place stand in an order that their content decides.
        order = np.lexsort((contents(rows), held))
        # Where several rows stand at one place there are more of them than a window takes.
        first = np.searchsorted(held[order], low)
        places = np.minimum(first[:, None] + np.arange(length), len(order) - 1)
        found: pl.DataFrame = rows[order[places.ravel()]]
        return found


def _numbers(values: pl.Series) -> Floats:
    return in_microseconds(values.alias("value")).cast(pl.Float64).to_numpy().copy()


@dataclass(frozen=True)
class Along:
    """Cross-spectra of the columns along the order, segment by segment.

    Parameters
    ----------
    name
        The column that orders the rows.
    columns
        Places of the columns, ``[d]``.
    spectra
        Means over each octave, ``complex [K, octaves, d, d]``.

    """

    name: str
    columns: NDArray[np.int64]
    spectra: NDArray[np.complex128] = field(repr=False)

    @classmethod
    def read(cls, encoder: Encoder, sides: list[tuple[Table, Axis]]) -> Along | None:
        """Take the spectra of both sides; None where a segment is too short or no number."""
        columns = np.flatnonzero([each.is_number for each in encoder.columns])[:MOST_COLUMNS]
        length = min(axis.window(LONGEST) for _, axis in sides)
        if length < SHORTEST or not len(columns):
            return None
        names = [each.name for each in encoder.columns]
        spectra = []
        for table, axis in sides:
            cells = encoder.encode(axis.windows(table, names, length)).cells
            scores = np.stack([encoder.columns[i].table[cells[:, i], 0] for i in columns], axis=1)
            spectra.append(_octaves(scores.reshape(axis.n_segments, length, len(columns))))
        return cls(sides[0][1].name, columns, np.concatenate(spectra))

    def compared(self, dealt: Floats) -> tuple[Floats, Floats]:
        """Give log ratios of power and differences of coherency, candidate to reference.

        Returns
        -------
        powers
            ``[b, octaves, d]``.
        coherencies
            Moduli of the differences, of all pairs, ``[b, octaves, pairs]``.

        """
        sides = []
        flat = self.spectra.reshape(len(self.spectra), -1)
        for own in (dealt, 1 - dealt):
            mean = (own @ flat) / own.sum(axis=1, keepdims=True)
            sides.append(mean.reshape(len(dealt), *self.spectra.shape[1:]))
        powers = [np.diagonal(each, axis1=2, axis2=3).real + 1e-3 for each in sides]
        first, second = np.triu_indices(len(self.columns), 1)
        coherencies = [
            each[:, :, first, second] / np.sqrt(power[:, :, first] * power[:, :, second])
            for each, power in zip(sides, powers, strict=True)
        ]
        return np.log(powers[0] / powers[1]), np.abs(coherencies[0] - coherencies[1])


def _octaves(scores: NDArray[np.float32]) -> NDArray[np.complex128]:
    """Average cross-periodograms of windows, ``[K, length, d]``, over octaves of frequency."""
    length = scores.shape[1]
    taper = np.hanning(length + 1)[:length, None]
    waves = np.fft.rfft((scores - scores.mean(axis=1, keepdims=True)) * taper, axis=1)
    waves /= np.sqrt((taper**2).sum())
    means = []
    start = 1
    while start < waves.shape[1]:
        band = waves[:, start : 2 * start]
        means.append(np.einsum("kfi,kfj->kij", band, band.conj()) / band.shape[1])
        start *= 2
    return np.stack(means, axis=1)
