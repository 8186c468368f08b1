"""SevenNet: an equivariant potential that learned energies, forces and stresses.

Y. Park et al., J. Chem. Theory Comput. 20, 4857 (2024); network, graphs and
checkpoints are those of the package sevenn. Its own loader unpickles whatever a
file holds; here only tensors and NumPy's plain arrays are let in.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from importlib.resources import as_file, files
from io import StringIO
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.engine.models import Answer, Model, Predict
from qforge_jupyter.engine.models._pymatgen import check_neighbours
from qforge_jupyter.engine.models._registering import atoms_of
from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.canonical import Canonical

_ROWS = pl.List(pl.List(pl.Float64()))
PROPERTIES = (
    Property("energy", "eV/atom", "total energy of the Materials Project's PBE and PBE+U"),
    Property("forces", "eV/Å", "on each atom, as triples", _ROWS, "site vector"),
    Property("stress", "GPa", "tensor, three rows", _ROWS, "tensor"),
)
FILES = {
    "7net-0": "SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth",
    "7net-l3i5": "SevenNet_l3i5/checkpoint_l3i5.pth",
}


def load(parameters: Mapping[str, str], device: str) -> Predict:
    """Load one of the two checkpoints."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.simplefilter("ignore")  # sevenn's dependencies use what torch deprecates
        calculator = _calculator(parameters["checkpoint"], device)
    GPa = import_module("ase.units").GPa  # noqa: N806 — the unit is named as it is written

    def predict(structures: Sequence[Canonical]) -> list[Answer]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [_answer(calculator, each, GPa) for each in structures]

    return predict


def _answer(calculator: Any, form: Canonical, unit: float) -> Answer:
    if failure := check_neighbours(form, float(calculator.cutoff)):
        return failure
    calculator.calculate(atoms_of(form))
    said = calculator.results
    xx, yy, zz, yz, xz, xy = np.asarray(said["stress"], dtype=float) / unit
    return {
        "energy": float(said["energy"]) / len(form.numbers),
        "forces": np.asarray(said["forces"], dtype=float).tolist(),
        "stress": [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]],
    }


def _calculator(name: str, device: str) -> Any:
    checkpoint = import_module("sevenn.checkpoint")
    with as_file(files("sevenn") / "pretrained_potentials" / FILES[name]) as path:
        kept = _weights(path)
        read = checkpoint.SevenNetCheckpoint(path)
    # What its own `_load` does, with what was read here.
    read._config_original = kept["config"]  # noqa: SLF001
    read._config = checkpoint._config_cp_routine(kept["config"])  # noqa: SLF001
    read._model_state_dict = kept["model_state_dict"]  # noqa: SLF001
    read._loaded = True  # noqa: SLF001
    network = read.build_model()
    network.set_is_batch_data(False)
    calculator = import_module("sevenn.calculator").SevenNetCalculator
    return calculator(
        network, file_type="model_instance", device=device, sevennet_config=read.config
    )


def _weights(path: Any) -> Any:
    """Read tensors and plain NumPy arrays; anything else is refused."""
    import torch

    # As files of NumPy 1 call them; an array of objects is refused like any object.
    multiarray = import_module("numpy._core.multiarray")
    allowed: list[Any] = [
        (multiarray._reconstruct, "numpy.core.multiarray._reconstruct"),  # noqa: SLF001
        np.ndarray,
        np.dtype,
        *(type(np.dtype(kind)) for kind in (np.float32, np.float64, np.int64)),
    ]
    with torch.serialization.safe_globals(allowed):
        return torch.load(path, weights_only=True, map_location="cpu")


MODEL = Model(
    "sevennet",
    PROPERTIES,
    load,
    version="0.13.0",
    package="sevenn",
    made_for="inorganic crystals near their relaxation paths in the Materials Project",
    elements=frozenset(range(1, 95)) - {*range(84, 89)},
    licence="MIT",
    reference="Y. Park et al., J. Chem. Theory Comput. 20, 4857 (2024)",
    choices={"checkpoint": tuple(FILES)},
    batch=16,
)
