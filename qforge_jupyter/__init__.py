"""Q-Forge: score, certify and keep the proof of training data, in the notebook.

``%load_ext qforge_jupyter`` gives a notebook the ``%qforge`` magics;
``qf.open("./lab")`` gives the same verbs as plain Python.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from qforge_jupyter.engine.chemistry.experiments import g2_reference as g2_reference
    from qforge_jupyter.engine.chemistry.experiments import (
        with_atomization_energies as with_atomization_energies,
    )
    from qforge_jupyter.engine.comparing import compare as compare
    from qforge_jupyter.engine.models._ensembles import register_ensemble as register_ensemble
    from qforge_jupyter.engine.models._registering import register_model as register_model
    from qforge_jupyter.engine.scorecard import Scorecard as Scorecard
    from qforge_jupyter.engine.uncertainty.intervals import bootstrap as bootstrap
    from qforge_jupyter.engine.uncertainty.propagation import propagate as propagate
    from qforge_jupyter.engine.uncertainty.propagation import weighted_mean as weighted_mean
    from qforge_jupyter.frames.fingerprint import fingerprint as fingerprint
    from qforge_jupyter.orchestration import prefect_flow as prefect_flow
    from qforge_jupyter.results.uncertainty import Measured as Measured
    from qforge_jupyter.widgets.opening import widget as widget
    from qforge_jupyter.workspace import Workspace as Workspace
    from qforge_jupyter.workspace import load_preprocessing as load_preprocessing
    from qforge_jupyter.workspace import load_training_data as load_training_data
    from qforge_jupyter.workspace import open as open  # noqa: A004 - reads as qf.open

from qforge_jupyter import errors as errors
from qforge_jupyter.version import __version__

#: Public names and the modules that hold them, imported on first use.
_HOMES = {
    "Measured": "results.uncertainty",
    "Scorecard": "engine.scorecard",
    "Workspace": "workspace",
    "bootstrap": "engine.uncertainty.intervals",
    "compare": "engine.comparing",
    "fingerprint": "frames.fingerprint",
    "g2_reference": "engine.chemistry.experiments",
    "load_preprocessing": "workspace",
    "load_training_data": "workspace",
    "open": "workspace",
    "prefect_flow": "orchestration",
    "propagate": "engine.uncertainty.propagation",
    "register_ensemble": "engine.models._ensembles",
    "register_model": "engine.models._registering",
    "weighted_mean": "engine.uncertainty.propagation",
    "widget": "widgets.opening",
    "with_atomization_energies": "engine.chemistry.experiments",
}
__all__ = [
    "Measured",
    "Scorecard",
    "Workspace",
    "__version__",
    "bootstrap",
    "compare",
    "errors",
    "fingerprint",
    "g2_reference",
    "load_preprocessing",
    "load_training_data",
    "open",
    "prefect_flow",
    "propagate",
    "register_ensemble",
    "register_model",
    "weighted_mean",
    "widget",
    "with_atomization_energies",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Give a notebook the ``%qforge`` magics."""
    from qforge_jupyter.magics.magic import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics away and close the open workspace."""
    from qforge_jupyter.magics.magic import unload

    unload(shell)
