"""Kinds of sources that examples are collected from, one file each.

A member gives ``Plan``, a `CollectPlan` with the keys of the body that it takes
and what each says; ``OWN_KEYS``, those of them that no other kind has, by which
it is known; ``KEYS``, the columns that name an example of it; and ``collect(case)``,
which sieves a source and returns the `Harvest`. The verb reads the source and the
dataset before it and commits after it; what else a kind needs, its plan says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, create_model

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.frames.table import Table
from qforge_jupyter.registry import Family
from qforge_jupyter.results.chunks import Chunks, in_place
from qforge_jupyter.results.harvest import Harvest
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.split import Split
from qforge_jupyter.sky.cutting import CutOut, Wanted
from qforge_jupyter.sky.troubles import Trouble

Cutting = CutOut | tuple[Wanted, Trouble]
CutReader = Callable[[Iterable[Wanted], int], Iterator[Cutting]]
COLLECTORS = Family("collector", "qforge_jupyter.engine.collectors")
#: What a source is taken for that no key of a body says more of.
USUAL = "decisions"


class CollectPlan(BaseModel):
    """The keys that every kind takes, and what the verb has to know of it."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, Any] = Field(
        default_factory=dict,
        description="What `:name` stands for in the query; it is bound, a number as one.",
    )

    @property
    def pictures(self) -> str | None:
        """Folder of the pictures that rows name; None where rows have no pictures."""
        return None

    @property
    def split_plan(self) -> SplitPlan | None:
        """How the dataset is parted once it is committed; None leaves it whole."""
        return None

    def check(self) -> None:
        """Refuse what cannot be done, before anything is read."""

    def require(self, found: Harvest) -> None:
        """Refuse examples that are not good enough to be kept."""

    def parted(self, found: Harvest, frame: pl.DataFrame, made: Split) -> Harvest:  # noqa: ARG002 — a kind that has parts looks at both
        """Give a harvest with the parts of its dataset, or refuse them."""
        return found


def none_forgotten(examples: pl.DataFrame) -> pl.Series:
    """Know of no example that somebody asked to forget."""
    return pl.repeat(value=False, n=examples.height, eager=True)


def no_stamp(path: str) -> str:  # noqa: ARG001 — there is no file
    """Tell no two states of a file apart."""
    return ""


def no_cutouts(wanted: Iterable[Wanted], size: int) -> Iterator[Cutting]:  # noqa: ARG001
    """Read no images: for sources that have none."""
    return iter(())


@dataclass(frozen=True)
class CollectCase:
    """A source and the dataset that its examples are for.

    Parameters
    ----------
    table
        The source.
    plan
        What is asked; the ``Plan`` of its kind.
    dataset
        What the dataset is called.
    keys
        Columns that name its rows.
    source
        What the source is called in ``source_table``.
    held
        What the dataset holds; None where there is none yet.
    where
        A rule that picks rows, beside what the plan asks.
    seeks_near, within
        Whether near duplicates are left out, and up to which distance; calibrated when None.
    is_forgotten
        Says of examples which ones somebody asked to forget.
    read_cutouts
        Cuts squares of some size out of images.
    stamp_of
        Tells two states of a file apart.
    chunk
        Does a piece of the work, or gives what is kept of it.

    """

    table: Table
    plan: Any
    dataset: str
    keys: tuple[str, ...]
    source: str
    held: pl.DataFrame | None = field(default=None, repr=False)
    where: str = ""
    seeks_near: bool = False
    within: float | None = None
    is_forgotten: Callable[[pl.DataFrame], pl.Series] = field(default=none_forgotten, repr=False)
    read_cutouts: CutReader = field(default=no_cutouts, repr=False)
    stamp_of: Callable[[str], str] = field(default=no_stamp, repr=False)
    chunk: Chunks = field(default=in_place, repr=False)
    seed: int = 42
    progress: Progress = field(default=silent, repr=False)


def any_plan() -> type[CollectPlan]:
    """Make the model of a body that may be of any kind.

    Examples
    --------
    >>> {"columns", "confidence", "region"} <= set(any_plan().model_fields)
    True

    """
    fields: dict[str, Any] = {}
    for member in COLLECTORS.members().values():
        for name, known in member.Plan.model_fields.items():
            fields.setdefault(name, (known.annotation, known))
    made: type[CollectPlan] = create_model("CollectPlan", __base__=CollectPlan, **fields)
    return made


def collector_of(keys: Collection[str]) -> ModuleType:
    """Find the kind of source that these keys of a body are about.

    Examples
    --------
    >>> collector_of(["confidence"]).__name__.rpartition(".")[2]
    'decisions'

    """
    members = COLLECTORS.members()
    asked = (each for each in members.values() if not set(keys).isdisjoint(each.OWN_KEYS))
    return next(asked, members[USUAL])
