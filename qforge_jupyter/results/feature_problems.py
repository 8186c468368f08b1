"""What is wrong with rows of which features were made: by kind, with the rows."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.documents.blocks import Grid
from qforge_jupyter.results.failed_rows import N_ROWS_SHOWN
from qforge_jupyter.results.run import Finding

#: A line for each thing that is wrong with a row.
PROBLEM: dict[str, type[pl.DataType]] = {"row": pl.Int64, "kind": pl.String, "note": pl.String}

#: What each kind is, and whether the row has features all the same.
KINDS = {
    "empty": ("there is no SMILES", False),
    "parse": ("RDKit cannot read the SMILES", False),
    "too_large": ("too large to be described", False),
    "timeout": ("RDKit took too long", False),
    "crashed": ("RDKit crashed", False),
    "mixture_left_out": ("several molecules in one SMILES, as it was asked", False),
    "mixture": ("several molecules in one SMILES", True),
    "not_finite": ("a descriptor is infinite or no number: null", True),
    "failed": ("RDKit cannot compute a descriptor: null", True),
}
#: Those of rows that have no features at all.
WITHOUT = tuple(kind for kind, (_, has_features) in KINDS.items() if not has_features)


def problem_findings(problems: pl.DataFrame, method: str) -> tuple[Finding, ...]:
    """Name each kind with its rows."""
    found = []
    for kind, rows in _by_kind(problems):
        meaning, has_features = KINDS.get(kind, (kind, False))
        found.append(
            Finding(
                "features_missing" if not has_features else "features_incomplete",
                kind,
                len(rows),
                severity="low" if has_features else "medium",
                method=method,
                rows=tuple(rows.head(100).to_list()),
                note=f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}: {meaning}",
            )
        )
    return tuple(found)


def problem_grids(problems: pl.DataFrame) -> tuple[Grid, Grid]:
    """Count each kind, and list the first rows with the reason."""
    counts = tuple(
        (kind, len(rows), KINDS.get(kind, ("", False))[0]) for kind, rows in _by_kind(problems)
    )
    shown = tuple(problems.head(N_ROWS_SHOWN).iter_rows())
    n_more = problems.height - len(shown)
    return Grid(("kind", "rows", "meaning"), counts), Grid(
        ("row", "kind", "reason"), shown, n_more=n_more
    )


def _by_kind(problems: pl.DataFrame) -> list[tuple[str, pl.Series]]:
    parts = problems.partition_by("kind", as_dict=True, include_key=True)
    return [(str(kind), part["row"].unique().sort()) for (kind,), part in sorted(parts.items())]
