"""The cases that ship: signatures of checks whose damage was planted, with their modes.

``python -m benchmarks.collapse.signatures --write`` makes ``modes.npz`` from the development
tables of the benchmark; no row of them is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np

from qforge_jupyter.engine.collapse.signatures.fingerprinting import LAYOUT
from qforge_jupyter.engine.collapse.signatures.metric import Metric
from qforge_jupyter.engine.collapse.signatures.nearest import Nearest


@dataclass(frozen=True)
class Reference:
    """Known cases by id, and the metric that was fitted to them.

    Parameters
    ----------
    layout
        Of their signatures.
    modes, tables
        By a case's id: what was done, and to which table.

    """

    layout: int
    metric: Metric = field(repr=False)
    index: Nearest = field(repr=False)
    modes: dict[str, str] = field(repr=False)
    tables: dict[str, str] = field(repr=False)


@cache
def reference() -> Reference:
    """Read the cases that ship, once.

    Examples
    --------
    >>> "variance shrunk" in reference().modes.values()
    True

    """
    with (files(__package__) / "modes.npz").open("rb") as file:
        held = np.load(file, allow_pickle=False)
        if int(held["layout"]) != LAYOUT:
            raise AssertionError("modes.npz was made for another layout: write it again")
        names = [str(each) for each in held["names"]]
        modes = [names[at] for at in held["modes"]]
        tables = [str(held["table_names"][at]) for at in held["tables"]]
        signatures = held["signatures"].astype(np.float32)
        metric = Metric(held["center"], held["axes"])
    ids = [f"{at:05d}" for at in range(len(modes))]
    index = Nearest(metric)
    index.add(ids, signatures)
    pairs = zip(ids, modes, strict=True), zip(ids, tables, strict=True)
    return Reference(LAYOUT, metric, index, dict(pairs[0]), dict(pairs[1]))
