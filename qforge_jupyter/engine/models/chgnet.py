"""CHGNet: a potential that learned energies, forces, stresses and magnetic moments.

B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023); network and checkpoints are
those of the package chgnet. Its own loader unpickles whatever a file holds,
so that the checkpoints are read here, as plain weights.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from importlib.resources import files
from io import StringIO
from typing import Any

import polars as pl

from qforge_jupyter.engine.models import FEATURES, Answer, Model, Predict
from qforge_jupyter.engine.models._pymatgen import isolated, pymatgen_structure
from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.canonical import Canonical
from qforge_jupyter.results.calculation import Failure

_LIST = pl.List(pl.Float64())
PROPERTIES = (
    Property("energy", "eV/atom", "total energy, as the Materials Project corrects PBE and PBE+U"),
    Property("forces", "eV/Å", "on each atom, as triples", pl.List(_LIST), "site vector"),
    Property("stress", "GPa", "tensor, three rows", pl.List(_LIST), "tensor"),
    Property("magnetic_moments", "μB", "size of each atom's moment", _LIST, "site"),
)
FILES = {
    "0.3.0": "0.3.0/chgnet_0.3.0_e29f68s314m37.pth.tar",
    "0.2.0": "0.2.0/chgnet_0.2.0_e30f77s348m32.pth.tar",
    "r2scan": "r2scan/chgnet_r2scan_transfer_learning_e15f36s161m23.pth.tar",
}


def load(parameters: Mapping[str, str], device: str) -> Predict:
    """Load one of the three checkpoints."""
    network = _network(parameters["checkpoint"], device)

    def predict(structures: Sequence[Canonical]) -> list[Answer]:
        graphs = [_graph(network, each) for each in structures]
        whole = [each for each in graphs if not isinstance(each, Failure)]
        if not whole:
            return [each for each in graphs if isinstance(each, Failure)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, on how the network takes volumes
            said = network.predict_graph(
                whole, task="efsm", batch_size=MODEL.batch, return_crystal_feas=True
            )
        answers = iter([said] if isinstance(said, dict) else said)
        return [each if isinstance(each, Failure) else _answer(next(answers)) for each in graphs]

    return predict


def _graph(network: Any, form: Canonical) -> Any:
    try:
        return network.graph_converter(pymatgen_structure(form))
    except ValueError as problem:
        if "isolated atom" not in str(problem):
            raise
        return isolated(6.0)


def _answer(said: Mapping[str, Any]) -> Answer:
    names = {"energy": "e", "forces": "f", "stress": "s", "magnetic_moments": "m"}
    names[FEATURES] = "crystal_fea"
    return {name: said[key].tolist() for name, key in names.items()}


def _network(checkpoint: str, device: str) -> Any:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # chgnet's dependencies use what Python deprecates
        network_class = import_module("chgnet.model.model").CHGNet
    with (files("chgnet") / "pretrained" / FILES[checkpoint]).open("rb") as opened:
        kept = torch.load(opened, weights_only=True, map_location="cpu")["model"]
    # As the package's loader has it: only the oldest checkpoint has this bias.
    is_oldest = checkpoint == "0.2.0"
    with redirect_stdout(StringIO()):  # it says how large it is
        network = network_class.from_dict(kept, mlp_out_bias=is_oldest, version=checkpoint)
    return network.to(device).eval()


MODEL = Model(
    "chgnet",
    PROPERTIES,
    load,
    version="0.4.2",
    package="chgnet",
    made_for="inorganic crystals near their relaxation paths in the Materials Project; r2scan "
    "gives energies of another functional, which are not comparable",
    elements=frozenset(range(1, 95)) - {*range(84, 89)},
    licence="BSD-3-Clause",
    reference="B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023)",
    choices={"checkpoint": tuple(FILES)},
    batch=16,
)
