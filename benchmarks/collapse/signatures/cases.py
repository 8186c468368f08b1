"""Signatures of checks of planted damage, kept in a file so that a run goes on where it stopped."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.collapse.cases import Spec, drawn
from benchmarks.collapse.damages.catalogue import FAMILIES
from benchmarks.collapse.draw import DoesNotApply, Family
from benchmarks.collapse.protocol import FLUSH_EVERY, write
from benchmarks.collapse.signatures.otherwise import FAMILIES as OTHERWISE
from benchmarks.collapse.tables import load, names_of

#: What is done to a table, by how it is done: as in ``damages``, or otherwise.
WAYS: dict[str, dict[str, Family]] = {
    "same": FAMILIES,
    "other": {family.name: family for family in OTHERWISE},
}
STRENGTHS = ("moderate", "severe")
#: One mode for whatever generator was fed its own rows.
GENERATIONS = "trained on own output"


def mode_of(family: str) -> str:
    """Name the mode of a family of damage."""
    return GENERATIONS if family.startswith("generations of ") else family


@dataclass(frozen=True)
class Signed:
    """Checks that were made: one row each, and their signatures."""

    frame: pl.DataFrame

    @property
    def values(self) -> np.ndarray:
        """Give the signatures, ``float32 [n, 512]``."""
        joined = b"".join(self.frame["signature"])
        return np.frombuffer(joined, dtype="<f4").reshape(self.frame.height, -1)

    def where(self, *conditions: pl.Expr) -> Signed:
        """Take some."""
        return Signed(self.frame.filter(*conditions))


def specs_of(part: str, way: str, sizes: Iterable[int], seed: int) -> list[Spec]:
    """List the cases, in an order that hangs on their names only."""
    found = [
        Spec(part, table, n, family, "damage", strength, seed)
        for table in names_of(part)
        for n in sizes
        if load(table).frame.height >= 2 * n
        for family in WAYS[way]
        for strength in STRENGTHS
    ]
    return sorted(found, key=lambda spec: zlib.crc32(f"o{spec.id}".encode()))


def collect(specs: list[Spec], way: str, path: Path, *, seconds: float) -> Signed:
    """Check cases until time is up; what the file holds is not checked again."""
    frames = [pl.read_parquet(path)] if path.exists() else []
    done = set(frames[0]["id"]) if frames else set()
    rows: list[dict[str, object]] = []
    began = time.monotonic()
    for spec in specs:
        if spec.id in done:
            continue
        if time.monotonic() - began > seconds:
            break
        rows.append(checked(spec, way))
        if len(rows) >= FLUSH_EVERY:
            frames, rows = [pl.concat([*frames, pl.DataFrame(rows)], how="vertical_relaxed")], []
            write(frames[0], path)
    if rows:
        frames = [pl.concat([*frames, pl.DataFrame(rows)], how="vertical_relaxed")]
        write(frames[0], path)
    return Signed(frames[0].filter(pl.col("signature").is_not_null()))


def checked(spec: Spec, way: str) -> dict[str, object]:
    """Check one case; without a signature where the damage does not apply."""
    from qforge_jupyter.engine.collapse.case import CollapseCase
    from qforge_jupyter.engine.collapse.checking import check
    from qforge_jupyter.frames import Table

    row: dict[str, object] = {
        "id": spec.id, "table": spec.table, "n": spec.n, "family": spec.family,
        "mode": mode_of(spec.family), "strength": spec.strength,
        "verdict": "", "signature": None, "why": "",
    }  # fmt: skip
    draw = drawn(spec)
    try:
        made = WAYS[way][spec.family](draw, spec.strength)
        sides = Table.of_frame("candidate", made), Table.of_frame("reference", draw.reference)
        verdict = check(CollapseCase(*sides, target=draw.target))
    except DoesNotApply as reason:
        return {**row, "why": str(reason)}
    except Exception as raised:  # noqa: BLE001 — a case that fails is counted, not fatal
        return {**row, "why": f"{type(raised).__name__}: {raised}", "verdict": "error"}
    assert verdict.signature is not None
    return {**row, "verdict": verdict.verdict, "signature": verdict.signature.vector}
