"""What a cascade is asked about."""

from __future__ import annotations

from dataclasses import dataclass, field

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.results.progress import Progress, silent

MODELS = ("linear", "trees", "network")
METRICS = ("auto", "auc", "accuracy", "r2", "mae")
#: Fewer rows than this would not fill a single rung.
LEAST_LIMIT = 200


@dataclass(frozen=True)
class CascadeCase:
    """A candidate that a model could be trained on, and real data to train and judge by.

    Parameters
    ----------
    candidate, reference
        The data that is to be trained on, and real data; a third of it is held out.
    target
        The column that will be predicted; without one, other columns are in turn.
    metric
        ``auc``, ``accuracy``, ``r2``, ``mae``, or ``auto`` by the type of the target.
    tolerance
        The cost that does not matter, in the metric; None takes 0.02, or of ``mae`` a
        twentieth of the target's mean deviation.
    ignore
        Columns that are left out.
    groups
        A column whose equal values belong together; they are held out together.
    rows
        Rows that the largest rung has at most.
    models
        Of ``linear``, ``trees`` and ``network``; those that suit the device if none is named.

    """

    candidate: Table
    reference: Table
    target: str = ""
    metric: str = "auto"
    tolerance: float | None = None
    ignore: tuple[str, ...] = ()
    groups: str = ""
    rows: int = 20_000
    models: tuple[str, ...] = ()
    seed: int = 42
    device: str = "cpu"
    progress: Progress = field(default=silent, repr=False)

    def __post_init__(self) -> None:
        self._check_columns()
        self._check_numbers()

    def _check_columns(self) -> None:
        for name in (self.target, self.groups, *self.ignore):
            for table in (self.candidate, self.reference):
                if name and name not in table.schema:
                    raise CallError(
                        f"No column named {name!r} in {table.name}{nearest(name, table.columns)}"
                    )
        if self.target and self.target in (self.groups, *self.ignore):
            raise CallError(f"The target {self.target!r} is also left out: name another target")

    def _check_numbers(self) -> None:
        if self.metric not in METRICS:
            raise CallError(f"No metric named {self.metric[:40]!r}{nearest(self.metric, METRICS)}")
        if self.metric != "auto" and not self.target:
            raise CallError(f"`metric: {self.metric}` needs a `target` column to predict")
        if self.tolerance is not None and not 0 < self.tolerance < float("inf"):
            raise CallError(f"`tolerance` is {self.tolerance:g}, wanted a number above 0")
        for model in self.models:
            if model not in MODELS:
                raise CallError(f"No proxy model named {model[:40]!r}{nearest(model, MODELS)}")
        if self.rows < LEAST_LIMIT:
            raise CallError(f"`rows` is {self.rows}, wanted at least {LEAST_LIMIT}")
