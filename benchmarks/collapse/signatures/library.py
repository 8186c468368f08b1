"""Write the reference cases that ship with the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.collapse.signatures.cases import Signed
from qforge_jupyter.engine.collapse.signatures import reference
from qforge_jupyter.engine.collapse.signatures.fingerprinting import LAYOUT
from qforge_jupyter.engine.collapse.signatures.metric import Metric

#: Where the package reads them.
PLACE = Path(reference.__file__).with_name("modes.npz")


def save(library: Signed, path: Path = PLACE) -> int:
    """Write signatures as half-precision numbers, with modes, tables and the metric; give bytes."""
    modes, mode_at = np.unique(library.frame["mode"].to_numpy().astype(str), return_inverse=True)
    tables, table_at = np.unique(library.frame["table"].to_numpy().astype(str), return_inverse=True)
    metric = Metric.fit(library.values, list(library.frame["mode"]))
    np.savez_compressed(
        path,
        layout=np.int64(LAYOUT),
        signatures=library.values.astype(np.float16),
        names=modes,
        modes=mode_at.astype(np.uint16),
        table_names=tables,
        tables=table_at.astype(np.uint16),
        center=metric.center,
        axes=metric.axes,
    )
    return path.stat().st_size
