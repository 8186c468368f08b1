"""The signature of a check: 512 numbers that know no names, units, order or counts.

Effects are taken per column, per pair, per class and per row, less what chance gives, and told
by quantiles; so the same failure of another table with other columns has a signature near.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.signatures.classes import of_classes
from qforge_jupyter.engine.collapse.signatures.columns import of_columns
from qforge_jupyter.engine.collapse.signatures.dependence import of_dependence
from qforge_jupyter.engine.collapse.signatures.rows import of_rows
from qforge_jupyter.engine.collapse.signatures.summaries import pressed
from qforge_jupyter.engine.collapse.signatures.traces import Traces
from qforge_jupyter.results.signatures import Signature

Floats = NDArray[np.float64]
#: Numbers of a signature.
N_VALUES = 512
#: Which numbers mean what; changes with any change of them, and only equal ones are compared.
LAYOUT = 1
#: Statistics of the check in the order of the layout.
STATISTICS = (
    "earth mover's distance of ranks",
    "earth mover's distance of ranks, worst column",
    "Kolmogorov–Smirnov distance",
    "Kolmogorov–Smirnov distance, worst column",
    "shift of the mean, root mean square",
    "shift of the mean, worst column",
    "log variance, mean of columns",
    "log variance, worst column",
    "log share of the outer 5 %",
    "log share of the outer 1 %",
    "log share of the outer 0.1 %",
    "total variation of levels",
    "total variation of levels, worst column",
    "log share of rare levels",
    "log share of rare levels, worst column",
    "share of nulls, worst column",
    "correlations with the target, root mean square",
    "log energy of correlations with the target",
    "correlations, root mean square",
    "correlations, worst pair",
    "log energy of correlations",
    "pattern of correlations",
    "entropy, mean of columns (nats)",
    "entropy, worst column (nats)",
    "log effective rank",
    "log volume of the correlations",
    "log Vendi score of order 2",
    "log distance to the fifth neighbor",
    "first gradients apart",
    "log length of the first gradient",
    "gradient left at the reference's optimum",
    "log of the steepest curvature",
    "log effective dimension",
    "loss added by the candidate's optimum",
    "spectrum of columns",
    "spectrum of columns, worst column",
    "spectrum of rows, coarse",
    "spectrum of rows, fine",
    "error added by what was learned",
    "error added for the target",
    "rows among their own kind",
    "voids: reference rows without candidates near",
    "candidates without reference rows near",
    "told apart by a classifier (AUC - 1/2)",
    "Anderson–Darling or χ distance",
    "Anderson–Darling or χ distance, worst column",
    "total variation of regions",
    "total variation of regions, worst partition",
    "χ distance of regions",
)


def fingerprint(traces: Traces) -> NDArray[np.float32]:
    """Give the signature of a check, ``float32 [512]`` of length 1.

    Parameters
    ----------
    traces
        What the check left.

    """
    values = np.concatenate(list(described(traces).values()))
    found = np.zeros(N_VALUES)
    found[: len(values)] = values
    length = float(np.linalg.norm(found))
    return (found / (length or 1.0)).astype(np.float32)


def signature_of(traces: Traces) -> Signature:
    """Give the signature of a check as it is kept."""
    return Signature.of(LAYOUT, fingerprint(traces))


def described(traces: Traces) -> dict[str, Floats]:
    """Give the parts of a signature by what they describe, before their length is made 1."""
    return {
        "statistics": _statistics(traces),
        **of_columns(traces),
        **of_dependence(traces),
        **of_rows(traces),
        **of_classes(traces),
    }


def _statistics(traces: Traces) -> Floats:
    """Give the effects that stand out in tolerances, and how far all do from chance."""
    nothing = (0.0, 0.0, 0.0)
    held = np.array([traces.effects.get(name, nothing) for name in STATISTICS])
    shown = np.sign(held[:, 0]) * held[:, 1]
    distances = np.sign(held[:, 2]) * np.log1p(np.abs(held[:, 2]))
    found: Floats = np.concatenate([pressed(shown), distances / 2])
    return found
