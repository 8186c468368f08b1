"""A process of its own for geometries and calculations, so that one can be abandoned.

Compiled code cannot be stopped inside its thread, and RDKit takes SIGINT for
itself while it embeds, so that an interrupt is lost. Geometries are therefore
made in one warm process, which an interrupt kills; where a time limit is set,
molecules are calculated there too, and it is killed at the limit and started
again for the next molecule. Questions and answers are lines of JSON.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from qforge_jupyter.engine.chemistry.molecule import Molecule
from qforge_jupyter.engine.chemistry.unbuilt import Unbuilt
from qforge_jupyter.engine.predictors import PREDICTORS, CalculationFailed
from qforge_jupyter.errors import MissingPackage
from qforge_jupyter.results.calculation import Failure

#: What the process says when it is ready for the first question.
READY = "ready"

#: What stands for a predictor where only geometries are made.
BUILDS = "-"


class Worker:
    """One process that answers for one predictor, or only builds; `close` it at the end."""

    def __init__(self, predictor: str | None) -> None:
        self.predictor = predictor
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def warm(self) -> None:
        """Have the process started and its packages loaded."""
        if self._process is not None:
            return
        root = str(Path(__file__).parents[3])
        paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603 — this very module, in this very Python
            [sys.executable, "-m", __name__, self.predictor or BUILDS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,  # An interrupt of the notebook is for us, not for it.
        )
        self._lines = queue.Queue()
        listening = threading.Thread(
            target=_listen, args=(self._process.stdout, self._lines), daemon=True
        )
        listening.start()
        self._answer(None)

    def predict(self, molecule: Molecule, settings: Any, limit_s: float) -> Any:
        """Calculate within the limit; what takes longer is killed.

        Raises
        ------
        CalculationFailed
            As the predictor's own; ``timeout`` at the limit.

        """
        self.warm()
        question = {"molecule": asdict(molecule), "settings": asdict(settings)}
        answer = json.loads(self._ask(json.dumps(question), limit_s))
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
        self.warm()
        answer = json.loads(self._ask(json.dumps({"unbuilt": asdict(unbuilt)}), limit_s))
        return _molecule(answer["built"])

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _ask(self, question: str, limit_s: float | None) -> str:
        process = self._process
        if process is None or process.stdin is None:
            raise CalculationFailed("The calculation's process is not running", kind="other")
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
            return self._answer(None if limit_s is None else max(limit_s, 0.0))
        except queue.Empty:
            self.close()
            message = "It took longer than the time limit and was stopped"
            raise CalculationFailed(message, kind="timeout") from None
        except KeyboardInterrupt:  # Its answer would be taken for the next one's.
            self.close()
            raise
        except BrokenPipeError:
            self.close()
            raise CalculationFailed("The calculation's process ended", kind="other") from None

    def _answer(self, limit_s: float | None) -> str:
        line = self._lines.get(timeout=limit_s)
        if not line:
            self.close()
            message = "The calculation's process ended without a result"
            raise CalculationFailed(message, kind="other")
        return line


def _listen(stream: Any, lines: queue.Queue[str]) -> None:
    """Pass lines on; an empty one says that there are no more."""
    try:
        for line in stream:
            lines.put(line)
    except ValueError:  # The pipe was closed while it was read.
        pass
    lines.put("")


def main(predictor: str) -> None:
    """Answer questions until there are none."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # What a library prints must not be taken for an answer.
    module = None if predictor == BUILDS else PREDICTORS.get(predictor)
    if module is not None:
        with suppress(CalculationFailed):  # The first one loads the packages.
            module.predict(Molecule("hydrogen", (1, 1), ((0.0, 0.0, 0.0), (0.0, 0.0, 0.74))))
    with suppress(MissingPackage):
        Unbuilt(smiles="C").build()
    answers.write(READY + "\n")
    answers.flush()
    for question in sys.stdin:
        answers.write(json.dumps(_answered(module, json.loads(question))) + "\n")
        answers.flush()


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
