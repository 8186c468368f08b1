"""A process of its own for geometries and calculations, so that one can be abandoned.

RDKit takes SIGINT for itself while it embeds, so that an interrupt is lost.
Geometries are therefore made in one warm process, which an interrupt kills;
where a time limit is set, molecules are calculated there too, and it is killed
at the limit and started again for the next molecule.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from qforge_jupyter.engine.chemistry.line_process import (
    LineProcess,
    LineTooLate,
    ProcessEnded,
    answer_lines,
)
from qforge_jupyter.engine.chemistry.molecule import Molecule
from qforge_jupyter.engine.chemistry.unbuilt import Unbuilt
from qforge_jupyter.engine.predictors import PREDICTORS, CalculationFailed
from qforge_jupyter.errors import MissingPackage
from qforge_jupyter.results.calculation import Failure

#: What stands for a predictor where only geometries are made.
BUILDS = "-"


class Worker:
    """One process that answers for one predictor, or only builds; `close` it at the end."""

    def __init__(self, predictor: str | None) -> None:
        self._process = LineProcess(__name__, predictor or BUILDS)

    def warm(self) -> None:
        """Have the process started and its packages loaded."""
        try:
            self._process.warm()
        except ProcessEnded:
            message = "The calculation's process ended without a result"
            raise CalculationFailed(message, kind="other") from None

    def predict(self, molecule: Molecule, settings: Any, limit_s: float) -> Any:
        """Calculate within the limit; what takes longer is killed.

        Raises
        ------
        CalculationFailed
            As the predictor's own; ``timeout`` at the limit.

        """
        question = {"molecule": asdict(molecule), "settings": asdict(settings)}
        answer = self._ask(question, limit_s)
        if "found" in answer:
            return SimpleNamespace(**answer["found"])
        raise CalculationFailed(**answer)

    def build(self, unbuilt: Unbuilt, limit_s: float | None) -> Molecule:
        """Make a geometry, where there is a limit within it; what takes longer is killed.

        Raises
        ------
        CalculationFailed
            ``timeout`` at the limit.

        """
        return _molecule(self._ask({"unbuilt": asdict(unbuilt)}, limit_s)["built"])

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _ask(self, question: dict[str, Any], limit_s: float | None) -> dict[str, Any]:
        self.warm()
        try:
            self._process.send(question)
            answer: dict[str, Any] = self._process.answer(limit_s)
        except LineTooLate:
            message = "It took longer than the time limit and was stopped"
            raise CalculationFailed(message, kind="timeout") from None
        except ProcessEnded:
            message = "The calculation's process ended without a result"
            raise CalculationFailed(message, kind="other") from None
        return answer


def main(predictor: str) -> None:
    """Answer questions until there are none."""
    module = None if predictor == BUILDS else PREDICTORS.get(predictor)

    def warm() -> None:
        if module is not None:
            with suppress(CalculationFailed):  # The first one loads the packages.
                module.predict(Molecule("hydrogen", (1, 1), ((0.0, 0.0, 0.0), (0.0, 0.0, 0.74))))
        with suppress(MissingPackage):
            Unbuilt(smiles="C").build()

    answer_lines(lambda question: _answered(module, question), warm)


def _answered(module: Any, question: dict[str, Any]) -> dict[str, Any]:
    if "unbuilt" in question:
        return {"built": asdict(Unbuilt(**question["unbuilt"]).build())}
    try:
        found = module.predict(
            _molecule(question["molecule"]), module.Settings(**question["settings"])
        )
    except CalculationFailed as failed:
        return {
            "message": failed.message,
            "kind": failed.kind,
            "n_iterations": failed.n_iterations,
        }
    return {"found": vars(found)}


def _molecule(given: dict[str, Any]) -> Molecule:
    """Make a molecule of what JSON leaves of it."""
    failure = given.pop("failure")
    numbers, positions = tuple(given.pop("numbers")), tuple(map(tuple, given.pop("positions")))
    return Molecule(
        **given,
        numbers=numbers,
        positions=positions,
        failure=Failure(**failure) if failure else None,
    )


if __name__ == "__main__":
    main(sys.argv[1])
