"""Calculate many molecules: one row each, failures by kind, retries recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import ModuleType
from typing import Any

import polars as pl

from qforge_jupyter.engine.chemistry.interrupts import interrupts_held
from qforge_jupyter.engine.chemistry.method_settings import settings_of
from qforge_jupyter.engine.chemistry.molecule import Molecule
from qforge_jupyter.engine.chemistry.smiles import require_rdkit
from qforge_jupyter.engine.chemistry.unbuilt import Unbuilt
from qforge_jupyter.engine.chemistry.worker import Worker
from qforge_jupyter.engine.predictors import PREDICTORS, CalculationFailed, Rung
from qforge_jupyter.errors import CallError, blaming
from qforge_jupyter.results.calculation import CalculationReport, Failure
from qforge_jupyter.results.progress import Progress, silent

Schema = dict[str, type[pl.DataType] | pl.DataType]
DESCRIPTION: Schema = {
    "name": pl.String,
    "formula": pl.String,
    "smiles": pl.String,
    "inchikey": pl.String,
    "charge": pl.Int64,
    "n_unpaired": pl.Int64,
    "n_atoms": pl.Int64,
    "method": pl.String,
}
BOOKKEEPING: Schema = {
    "converged": pl.Boolean,
    "n_iterations": pl.Int64,
    "attempts": pl.Int64,
    "settings": pl.String,
    "seconds": pl.Float64,
    "failure_kind": pl.String,
    "failure_message": pl.String,
    "numbers": pl.List(pl.Int64),
    "positions": pl.List(pl.List(pl.Float64)),
    "source": pl.String,
}
ATTEMPT: Schema = {
    "row": pl.Int64,
    "name": pl.String,
    "attempt": pl.Int64,
    "settings": pl.String,
    "outcome": pl.String,
    "n_iterations": pl.Int64,
    "seconds": pl.Float64,
}


def calculate(  # noqa: PLR0913 — each is a keyword that the verb shows
    molecules: Sequence[Molecule | Unbuilt],
    *,
    predictor: str = "gfn2-xtb",
    seed: int = 0,
    molecule_limit_s: float | None = None,
    limit_s: float | None = None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.perf_counter,
    **settings: Any,
) -> CalculationReport:
    """Calculate each molecule, with other settings again where it fails.

    Parameters
    ----------
    molecules
        As `read_molecules` gives them; or as `read_unbuilt` does, of which the
        geometry is made here, within the limits.
    predictor
        Which method calculates.
    seed
        Seed of the first embedding; a re-embedding takes ``seed + 1``, ``seed + 2``.
    molecule_limit_s
        Time for all attempts at one molecule; what runs longer is stopped.
    limit_s
        Time for the whole run; what runs longer is stopped and no further
        molecule is begun. Where a limit is set, molecules are calculated in a
        process of their own, which can be killed; starting it costs about two
        seconds, which count for no limit. Geometries are always made there.
    progress
        Told after each molecule. A ``KeyboardInterrupt``, whether raised here
        or sent to the process, ends the run and keeps every finished row.
    clock
        Seconds that only go forward.
    settings
        Fields of the predictor's ``Settings``.

    Raises
    ------
    CallError
        No such predictor or setting.

    Examples
    --------
    >>> from qforge_jupyter.engine.chemistry.molecules import read_molecules
    >>> calculate(read_molecules("g2:H2O")).frame["energy"].round(3).item()
    -137.968

    """
    module = PREDICTORS.get(predictor)
    first = settings_of(module, settings)
    method = module.method_name(first)
    _check_limits(limit_s, molecule_limit_s)
    is_limited = limit_s is not None or molecule_limit_s is not None
    worker = Worker(predictor if is_limited else None)
    if any(isinstance(each, Unbuilt) for each in molecules):
        require_rdkit("rdBase")
    rungs = module.ladder(first)
    run = _Run(module, method, rungs, seed, molecule_limit_s, clock, worker, is_limited)
    started, is_interrupted = clock(), False
    rows: list[dict[str, Any]] = []
    try:
        if is_limited and molecules:
            worker.warm()
        started = clock()
        run.ends_at = None if limit_s is None else started + limit_s
        with module.single_threaded():
            for molecule in molecules:
                is_late = limit_s is not None and clock() - started >= limit_s
                row = run.skip(molecule) if is_late else run.calculate(molecule, len(rows))
                with interrupts_held():
                    rows.append(row)
                    progress(len(rows), len(molecules), molecule.name)
    except KeyboardInterrupt:
        is_interrupted = True
    finally:
        worker.close()
    calculated: Schema = {each.name: each.dtype for each in module.PROPERTIES}
    frame = pl.DataFrame(rows, schema={**DESCRIPTION, **calculated, **BOOKKEEPING})
    finished = [a for a in run.attempts if a["row"] < len(rows)]
    return CalculationReport(
        method=method,
        settings=asdict(first),
        frame=frame,
        attempts=pl.DataFrame(finished, schema=ATTEMPT),
        properties=tuple((p.name, p.unit, p.meaning) for p in module.PROPERTIES),
        n_asked=len(molecules),
        seconds=clock() - started,
        is_interrupted=is_interrupted,
        software=module.versions(),
    )


def _check_limits(limit_s: float | None, molecule_limit_s: float | None) -> None:
    for name, limit in (("limit_s", limit_s), ("molecule_limit_s", molecule_limit_s)):
        if limit is not None and not limit >= 0:
            with blaming(name):
                raise CallError(f"`{name}` is {limit:g}, wanted 0 seconds or more")


@dataclass
class _Run:
    """What stays the same from molecule to molecule, and the attempts so far."""

    module: ModuleType
    method: str
    rungs: tuple[Rung, ...]
    seed: int
    molecule_limit_s: float | None
    clock: Callable[[], float]
    worker: Worker
    is_limited: bool
    ends_at: float | None = None
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def calculate(self, asked: Molecule | Unbuilt, row: int) -> dict[str, Any]:
        """Climb the ladder until a rung holds; give the row."""
        if self.is_limited:
            self.worker.warm()
        started = self.clock()
        molecule = self._built(asked, started) if isinstance(asked, Unbuilt) else asked
        described = self._describe(molecule)
        failure = self.module.check(molecule)
        n_attempts, settings = 0, None
        for rung in () if failure else self._rungs_for(molecule):
            if failure and self._is_late(started):
                late = f"{failure.message}; the time limit left no further attempt"
                failure = Failure("timeout", late)
                break
            n_attempts, settings = n_attempts + 1, rung.name
            geometry = self._geometry(molecule, rung, started)
            found = self._attempt(geometry, rung, row, n_attempts, started)
            failure = found if isinstance(found, Failure) else None
            if not isinstance(found, Failure):
                if geometry is not molecule:
                    described = self._describe(geometry)
                described |= vars(found)
                break
            if failure and failure.kind not in ("scf_not_converged", "embed"):
                break
        return described | _booked(n_attempts, settings, self.clock() - started, failure)

    def skip(self, asked: Molecule | Unbuilt) -> dict[str, Any]:
        """Give the row of a molecule for which no time was left."""
        molecule = asked.bare() if isinstance(asked, Unbuilt) else asked
        failure = Failure("timeout", "The time limit of the run was reached before it")
        return self._describe(molecule) | _booked(0, None, 0.0, failure)

    def _rungs_for(self, molecule: Molecule) -> tuple[Rung, ...]:
        can_move = molecule.smiles is not None and molecule.seed is not None
        return tuple(rung for rung in self.rungs if can_move or not rung.n_reseeds)

    def _is_late(self, started: float) -> bool:
        limit = self.molecule_limit_s
        return limit is not None and self.clock() - started >= limit

    def _geometry(self, molecule: Molecule, rung: Rung, begun: float) -> Molecule:
        """Give the molecule, where the rung says so embedded with another seed."""
        if not rung.n_reseeds:
            return molecule
        name, seed = molecule.name, self.seed + rung.n_reseeds
        again = Unbuilt(name, molecule.smiles, seed=seed, n_unpaired=molecule.n_unpaired)
        return self._built(again, begun)

    def _built(self, asked: Unbuilt, begun: float) -> Molecule:
        """Make the geometry, in the process that can be killed."""
        try:
            return self.worker.build(asked, self._seconds_left(begun))
        except CalculationFailed as error:
            return replace(asked.bare(), failure=Failure(error.kind, error.message))

    def _predict(self, molecule: Molecule, settings: Any, begun: float) -> Any:
        """Calculate; in the process that can be killed where there is a limit."""
        if not self.is_limited:
            with interrupts_held():
                return self.module.predict(molecule, settings)
        return self.worker.predict(molecule, settings, self._seconds_left(begun) or 0.0)

    def _seconds_left(self, begun: float) -> float | None:
        """Give the time until the next limit, None without one."""
        ends = [self.ends_at] if self.ends_at is not None else []
        if self.molecule_limit_s is not None:
            ends.append(begun + self.molecule_limit_s)
        return min(ends) - self.clock() if ends else None

    def _attempt(self, molecule: Molecule, rung: Rung, row: int, number: int, begun: float) -> Any:
        """Try once and keep a line of it; a failure is given, not raised."""
        started = self.clock()
        found: Any
        try:
            found = molecule.failure or self._predict(molecule, rung.settings, begun)
            n_iterations = None if molecule.failure else found.n_iterations
        except CalculationFailed as error:
            found, n_iterations = Failure(error.kind, error.message), error.n_iterations
        self.attempts.append(
            {
                "row": row,
                "name": molecule.name,
                "attempt": number,
                "settings": rung.name,
                "outcome": found.kind if isinstance(found, Failure) else "converged",
                "n_iterations": n_iterations,
                "seconds": self.clock() - started,
            }
        )
        return found

    def _describe(self, molecule: Molecule) -> dict[str, Any]:
        empty = dict.fromkeys(each.name for each in self.module.PROPERTIES)
        return empty | {
            "n_iterations": None,
            "name": molecule.name,
            "formula": molecule.formula,
            "smiles": molecule.smiles,
            "inchikey": molecule.inchikey,
            "charge": molecule.charge,
            "n_unpaired": molecule.n_unpaired,
            "n_atoms": len(molecule.numbers) or None,
            "method": self.method,
            "numbers": list(molecule.numbers) or None,
            "positions": [list(place) for place in molecule.positions] or None,
            "source": molecule.source,
        }


def _booked(
    n_attempts: int, settings: str | None, seconds: float, failure: Failure | None
) -> dict[str, Any]:
    return {
        "converged": failure is None,
        "attempts": n_attempts,
        "settings": settings,
        "seconds": seconds,
        "failure_kind": failure.kind if failure else None,
        "failure_message": failure.message if failure else None,
    }
