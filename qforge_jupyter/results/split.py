"""What splitting a table gives: parts, folds, and what there is to say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import CallError, SealedError, nearest
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change, NewSplit
from qforge_jupyter.results.cross_validation import CrossValidation
from qforge_jupyter.results.leaks import LeakReport
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric

if TYPE_CHECKING:
    from torch.utils.data import TensorDataset

    from qforge_jupyter.documents.blocks import Document
    from qforge_jupyter.sky.torch_dataset import CutOutDataset

Mask = NDArray[np.bool_]
#: Rows of more memory are not kept beside the assignment.
MOST_BYTES = 2 * 2**30


@dataclass(frozen=True, repr=False, eq=False)
class Split(CrossValidation, Result):
    """Which row belongs to which part and fold, and why the others to none.

    Attributes
    ----------
    assignment
        One line per row of the table, in its order: ``mark_a`` and ``mark_b``
        (what names the row), ``part``, ``reason`` (why it has none), and for
        each repeat ``fold_1`` ...; in order of time also ``from_1`` ..., the
        first fold for which a row may be trained on.
    summary
        One line per part: ``rows``, ``share``, ``asked``, ``units``.
    classes, numbers
        Classes, and means and quantiles, of the stratified columns by part.
    folding
        Rows that each fold validates, and trains on.

    """

    kind: ClassVar[str] = "split"

    name: str
    table: str
    source: pl.LazyFrame
    n_rows: int
    strategy: str
    seed: int
    plan: dict[str, Any]
    shares: dict[str, float]
    assignment: pl.DataFrame
    n_folds: int = 0
    n_repeats: int = 0
    sealed: tuple[str, ...] = ()
    n_units: int = 0
    unit: str = "row"
    n_moved: int = 0
    n_remembered: int = 0
    n_forgotten: int = 0
    #: Units whose rows stand in more than one part or fold, since old rows stay.
    n_divided: int = 0
    edges: dict[str, tuple[float, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    noticed: tuple[Finding, ...] = ()
    summary: pl.DataFrame = field(default_factory=pl.DataFrame)
    classes: pl.DataFrame = field(default_factory=pl.DataFrame)
    numbers: pl.DataFrame = field(default_factory=pl.DataFrame)
    folding: pl.DataFrame = field(default_factory=pl.DataFrame)
    #: How often each sealed part was opened so far.
    looks: dict[str, int] = field(default_factory=dict)
    #: The certificate of the search for leaks between the parts, where there was one.
    leaks: LeakReport | None = None
    #: Rows that were placed under this name before and are not placed now.
    remembered: pl.DataFrame = field(default_factory=pl.DataFrame)
    #: Whether the name was made from the dataset and the settings.
    has_made_name: bool = False
    #: Id of the split of this name that was the last one when this was made.
    follows: str = ""
    fingerprint: str = ""
    #: Content of each part that holds rows, by which its lineage is found again.
    contents: dict[str, str] = field(default_factory=dict)
    commit_id: str | None = None
    id: str = ""

    @property
    def is_first(self) -> bool:
        """Whether no split of this name was kept before."""
        return not self.follows

    @property
    def part_names(self) -> tuple[str, ...]:
        """Names of the parts, in the order in which they were asked."""
        return tuple(self.shares)

    @property
    def parts(self) -> tuple[pl.DataFrame, ...]:
        """The rows of each part that is not sealed, in the order of the parts."""
        return tuple(self[name] for name in self.part_names if name not in self.sealed)

    @property
    def part_of(self) -> pl.Series:
        """Part of every row of the table, null where it has none."""
        return self.assignment["part"]

    @property
    def excluded(self) -> pl.DataFrame:
        """Rows that were left out: their position in the table, and the reason."""
        left_out = self.assignment.select("reason").with_row_index("row")
        return left_out.filter(pl.col("reason").is_not_null())

    @property
    def n_placed(self) -> int:
        """Count of rows that have a part, or a fold."""
        return self.n_rows - self.excluded.height

    def rows_of(self, part: str) -> Mask:
        """Say which rows of the table belong to a part.

        Raises
        ------
        SealedError
            The part is sealed.
        CallError
            There is no such part.

        """
        if part not in self.shares:
            raise CallError(f"No part named {str(part)[:60]!r}{nearest(str(part), self.shares)}")
        if part in self.sealed:
            raise sealed(self.name, part)
        return self._holds(part)

    def _holds(self, part: str) -> Mask:
        held: Mask = (self.part_of == part).fill_null(value=False).to_numpy()
        return held

    def __getitem__(self, part: str) -> pl.DataFrame:
        """Give the rows of a part, in the order of the table."""
        return self.source.filter(pl.Series(self.rows_of(part))).collect()

    def torch(
        self,
        part: str,
        *,
        features: list[str] | None = None,
        target: str | None = None,
        folder: str = "",
    ) -> TensorDataset | CutOutDataset:
        """Give a part as a torch Dataset of numbers; of sky detections, of their cut-outs.

        Parameters
        ----------
        part
            Its name.
        features
            Columns to learn from, as float32; every other numeric column when
            None.
        target
            Column to predict: float32 for floats, else long; classes are
            numbered in their order in the whole table.
        folder
            Where the images of sky detections lie, if not beside the notebook.

        """
        from qforge_jupyter.results.sky_part import SkyPart, holds_cutouts

        if features is None and holds_cutouts(self.source):
            cutouts = SkyPart(part, self[part], (folder or ".",), self.source)
            return cutouts.torch(target=target)
        from qforge_jupyter.results.split_tensors import tensors_of

        return tensors_of(self.source, self.rows_of(part), features, target)

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self

    def document(self) -> Document:
        """Describe the split as a page."""
        from qforge_jupyter.results.split_page import page_of

        return page_of(self)

    def payload(self) -> dict[str, Any]:
        """Give the split's numbers without its rows."""
        from qforge_jupyter.results.split_page import payload_of

        return payload_of(self)

    def identity(self) -> dict[str, Any]:
        """Which content was split."""
        return {"fingerprint": self.fingerprint}

    def metrics(self) -> tuple[Metric, ...]:
        """Rows and shares of the parts, and what was moved."""
        whole = (
            Metric("n_rows", float(self.n_rows)),
            Metric("n_excluded", float(self.n_rows - self.n_placed)),
            Metric("n_units", float(self.n_units)),
            Metric("n_moved", float(self.n_moved)),
        )
        parts = tuple(
            Metric(name, float(line[name]), line["part"])
            for line in self.summary.iter_rows(named=True)
            for name in ("rows", "share")
        )
        off = self.classes.filter(pl.col("overall") > 0)
        worst = (off["share"] - off["overall"]).abs().max() if off.height else None
        return whole + parts + (() if worst is None else (Metric("worst_imbalance", float(worst)),))  # type: ignore[arg-type]

    def findings(self) -> tuple[Finding, ...]:
        """What is not as it should be."""
        return (*self.noticed, *(self.leaks.findings() if self.leaks else ()))

    def lineage(self) -> tuple[LineageStep, ...]:
        """How the parts came about: first that the table was split, then each part."""
        how = {"strategy": self.strategy, "seed": self.seed, **self.plan}
        source = f"split of {self.table}"
        whole = LineageStep(self.table, self.fingerprint, source, "split", how)
        parts = (
            LineageStep(
                f"{self.name}/{part}" if self.name else f"{part} of {self.table}",
                content,
                source,
                "split",
                {**how, "part": part},
                inputs=(self.fingerprint,),
                input_names=(self.table,),
            )
            for part, content in self.contents.items()
            if content != self.fingerprint
        )
        return (whole, *parts)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The assignment of every row; with a name also the rows, to find the parts again."""
        kept = {"assignment": self.assignment}
        if self.name and self.remembered.height:
            kept["remembered"] = self.remembered
        if not self.name or (self.has_made_name and self.commit_id):
            return kept  # the version has the rows
        rows = self.source.collect()
        if rows.estimated_size() > MOST_BYTES:
            return kept
        return {**kept, "rows": rows}

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember what was sealed."""
        if not self.sealed or not self.is_first:
            return ()
        after = {"parts": list(self.sealed)}
        return (Event(actor, "seal", f"split/{self.name}", None, after),)

    def changes(self) -> tuple[Change, ...]:
        """Keep the split under its name, if it has one."""
        if not self.name:
            return ()
        counts = dict(self.summary.select("part", "rows").iter_rows()) if self.shares else {}
        return (
            NewSplit(
                id=self.id,
                name=self.name,
                fingerprint=self.fingerprint,
                strategy=self.strategy,
                seed=self.seed,
                fractions=self.shares,
                counts={**counts, "excluded": self.n_rows - self.n_placed},
                assignment="assignment",
                follows=self.follows,
                commit_id=self.commit_id,
                stratify_by=", ".join(self.plan.get("stratify", ())),
                group_by=", ".join(self.plan.get("group", ())),
                n_folds=self.n_folds,
                quality_threshold=self.plan.get("quality"),
                row_filter=self.plan.get("only", ""),
                sealed=self.sealed,
                leakage=self.leaks.payload() if self.leaks else {},
                detail={
                    "plan": self.plan,
                    "table": self.table,
                    "n_repeats": self.n_repeats,
                    "n_moved": self.n_moved,
                    "n_remembered": self.n_remembered,
                    "edges": {name: list(edges) for name, edges in self.edges.items()},
                },
            ),
        )


def sealed(name: str, part: str) -> SealedError:
    """Refuse a sealed part in one sentence."""
    return SealedError(
        f"The part {part!r} of {name} is sealed: give a reason to open it, which is counted, as in "
        f'%qforge unseal {name}/{part} --reason "final evaluation", or with --unseal "reason"'
    )
