"""A part of a collection of sky detections: its rows, and the cut-out of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.results.tabular import Tabular
from qforge_jupyter.sky.cutting import wanted_of
from qforge_jupyter.sky.preprocessing import COLUMN, Preprocessing

if TYPE_CHECKING:
    from torch.utils.data import DataLoader

    from qforge_jupyter.sky.torch_dataset import CutOutDataset


@dataclass(frozen=True, repr=False, eq=False)
class SkyPart(Tabular):
    """Detections of one part: a table that can be used like a Polars frame.

    Parameters
    ----------
    name
        Of the part.
    frame
        Its detections.
    folders
        Where their images are looked for.
    source
        The detections of all parts, in which classes are numbered.

    """

    name: str
    frame: pl.DataFrame
    folders: tuple[str, ...] = field(default=())
    source: pl.LazyFrame = field(default_factory=pl.LazyFrame)

    def n_of(self, name: str) -> int:
        """Count the distinct values of a column; 0 where there is none."""
        return self.frame[name].n_unique() if name in self.frame.columns else 0

    @property
    def preprocessing(self) -> Preprocessing:
        """How arrays are made of the cut-outs: the record that the dataset keeps.

        Raises
        ------
        DataError
            There is none.

        """
        if COLUMN not in self.frame.columns or not self.frame.height:
            raise DataError(
                f"The part {self.name!r} holds no cut-outs: collect some with `collect`"
            )
        return Preprocessing.of(str(self.frame[COLUMN][0]))

    def torch(
        self,
        *,
        target: str | None = None,
        masks: bool = False,
        classes: tuple[str, ...] = (),
        cache: str = "",
        folder: str = "",
    ) -> CutOutDataset:
        """Give the cut-outs as a torch Dataset.

        Parameters
        ----------
        target
            Column to predict: numbers as they are, classes by their number in the whole dataset.
        masks
            Whether each image comes with the mask of what was marked in it.
        classes
            Labels that become 1, 2 … in a mask; those that the dataset keeps by default, and
            every mark becomes 1 where it keeps none.
        cache
            A folder for the arrays, shared by workers and later runs.
        folder
            Where the images lie now, if not where they were.

        Raises
        ------
        DataError
            There is no such column, or a row lacks a value.

        """
        from qforge_jupyter.sky.torch_dataset import CutOutDataset, Detections

        preprocessing = self.preprocessing
        if masks and "labels" not in self.frame.columns:
            raise DataError("Masks are made of the column 'labels', and the dataset has none")
        rows = self.frame.iter_rows(named=True)
        detections = Detections(
            tuple(wanted_of(row, place) for place, row in enumerate(rows)),
            tuple(self.frame["digest"]),
            tuple(self.frame["labels"].to_list()) if masks else None,
            tuple(classes) or preprocessing.classes,
            None if target is None else self._targets(target),
        )
        folders = (folder, *self.folders) if folder else self.folders
        return CutOutDataset(detections, preprocessing, folders or (".",), cache)

    def loader(
        self,
        *,
        batch_size: int = 64,
        shuffle: bool = True,
        workers: int = 0,
        seed: int = 42,
        **dataset: Any,
    ) -> DataLoader[Any]:
        """Give a torch DataLoader; further keywords are those of `torch`.

        Parameters
        ----------
        batch_size
            Cut-outs at a time.
        shuffle
            Whether they are mixed: those of eight files with each other, the files among all.
        workers
            Processes that read; they are spawned.
        seed
            Of the mixing.

        """
        from qforge_jupyter.sky.torch_dataset import loader_of

        made = self.torch(**dataset)
        return loader_of(made, batch_size=batch_size, shuffle=shuffle, workers=workers, seed=seed)

    def _targets(self, target: str) -> tuple[int | float, ...]:
        if target not in self.frame.columns:
            raise CallError(f"No column named {target[:60]!r}{nearest(target, self.frame.columns)}")
        values = self.frame[target]
        if values.null_count():
            raise DataError(f"{target!r} lacks a value in {values.null_count():,} rows of the part")
        if values.dtype.is_numeric() or values.dtype == pl.Boolean:
            kind = pl.Float32 if values.dtype.is_float() else pl.Int64
            return tuple(values.cast(kind).to_list())
        every = self.source.select(column(target).cast(pl.String).unique().sort()).collect()
        codes = {name: code for code, name in enumerate(every.to_series().drop_nulls())}
        return tuple(codes[str(each)] for each in values.cast(pl.String))

    def __repr__(self) -> str:
        n = self.frame.height
        return f"{self.name}: {n:,} detection{'s' * (n != 1)}"


def holds_cutouts(source: pl.LazyFrame) -> bool:
    """Say whether rows are detections as `collect` keeps them.

    Examples
    --------
    >>> holds_cutouts(pl.LazyFrame({"x": [1.0]}))
    False

    """
    return {COLUMN, "image", "digest"} <= set(source.collect_schema().names())
