"""ALIGNN-FF: a line-graph network for energies, with its authors' weights, run without DGL.

K. Choudhary, B. DeCost, npj Comput. Mater. 7, 185 (2021); K. Choudhary et al.,
Digit. Discov. 2, 346 (2023). The weights are plain tensors in the wheel of
alignn 2023.5.3; the network is written out below in torch. Its crystal graph
joins each atom to the whole shell of its twelfth neighbour and each of these
back to it, so that most bonds stand in it twice; here a bond stands once and
counts as often, which gives the same sums of a quarter of the angles.

Where its shell is cut by noise in the last digit of equal distances there, it is
whole here. Only the energy is offered: the forces that the authors' own code takes
from these weights hardly follow those of DFT.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.models import FEATURES, Answer, Model, Predict
from qforge_jupyter.engine.models._pymatgen import check_neighbours, pymatgen_structure
from qforge_jupyter.engine.models._weights import Weights
from qforge_jupyter.engine.models.cgcnn import element_features
from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.canonical import Canonical
from qforge_jupyter.results.calculation import Failure

#: Å; beyond it the network sees no length, and an atom without neighbours is isolated.
RADIUS, NEIGHBOURS = 8.0, 12
#: Distances that differ by less are of one shell, in Å.
SAME = 1e-4
#: How lengths (Å) and cosines are written: between which ends, in how many Gaussians.
LENGTHS, COSINES = (0.0, 8.0, 80), (-1.0, 1.0, 40)
N_LINE_LAYERS, N_GRAPH_LAYERS = 4, 4
FILE = "alignn/ff/best_model.pt"
WEIGHTS = Weights(
    "alignn==2023.5.3",
    "b986660d2246fa19f2f6b4d987cd0b230db82decd4a2811f2a8f85d5a59d7fda",
    {
        FILE: "255b95b24fecb0ed2c6b4d326bfc557acc2ed3b36ad3a36d1cc99276765803b7",
        "alignn-2023.5.3.dist-info/LICENSE.rst": (
            "83c519e315a2da6c78aa822989e896358a870ebb51246b3049f671eb84b6f16e"
        ),
    },
    is_wheel=True,
)


def load(parameters: Mapping[str, str], device: str) -> Predict:  # noqa: ARG001 — it has none
    """Read the network's weights as plain tensors."""
    network = Network(WEIGHTS.read(FILE), device)
    features = element_features()

    def predict(structures: Sequence[Canonical]) -> list[Answer]:
        graphs = [graph_of(each) for each in structures]
        whole = [each for each in graphs if not isinstance(each, Failure)]
        answers = iter(network(joined(whole), features) if whole else ())
        return [each if isinstance(each, Failure) else next(answers) for each in graphs]

    return predict


@dataclass(frozen=True)
class Graph:
    """Bonds of a crystal, or of several: from which atom, to which, how, and how often."""

    numbers: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    vectors: NDArray[np.float64]
    count: NDArray[np.int64]
    sizes: tuple[int, ...]


def graph_of(form: Canonical) -> Graph | Failure:
    """Join each atom to the shells up to that of its twelfth neighbour, and each of these back."""
    if failure := check_neighbours(form, RADIUS):
        return failure
    centre, neighbour, image, distance = _neighbours(form)
    order = np.lexsort((distance, centre))
    first = np.searchsorted(centre[order], np.arange(len(form.numbers)))
    last = distance[order][first + NEIGHBOURS - 1]
    near = distance <= last[centre] + SAME
    one_way = np.column_stack([centre, neighbour, image])[near]
    back = np.column_stack([neighbour, centre, -image])[near]
    bonds, count = np.unique(np.vstack([one_way, back]), axis=0, return_counts=True)
    start, end, image = bonds[:, 0], bonds[:, 1], bonds[:, 2:]
    vectors = form.positions[end] - form.positions[start] + image @ form.lattice
    return Graph(form.numbers, start, end, vectors, count, (len(form.numbers),))


def _neighbours(form: Canonical) -> tuple[NDArray[Any], ...]:
    """Give every pair of atoms as far as it takes for each to have twelve."""
    structure, radius = pymatgen_structure(form), RADIUS
    while True:
        centre, neighbour, image, distance = structure.get_neighbor_list(radius + 2 * SAME)
        if np.bincount(centre, minlength=len(form.numbers)).min() >= NEIGHBOURS:
            return centre, neighbour, image.astype(np.int64), distance
        radius *= 1.5


def joined(graphs: Sequence[Graph]) -> Graph:
    """Put graphs beside each other, as one."""
    starts = np.cumsum([0, *(len(each.numbers) for each in graphs)])[:-1]
    return Graph(
        np.concatenate([each.numbers for each in graphs]),
        np.concatenate([each.start + at for each, at in zip(graphs, starts, strict=True)]),
        np.concatenate([each.end + at for each, at in zip(graphs, starts, strict=True)]),
        np.vstack([each.vectors for each in graphs]),
        np.concatenate([each.count for each in graphs]),
        tuple(len(each.numbers) for each in graphs),
    )


def angles_of(graph: Graph) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair each bond with every bond that starts where it ends, also with its own way back."""
    order = np.argsort(graph.start, kind="stable")
    counts = np.bincount(graph.start, minlength=len(graph.numbers))
    first = np.cumsum(counts) - counts
    n_next = counts[graph.end]
    into = np.repeat(np.arange(len(graph.end)), n_next)
    rank = np.arange(len(into)) - np.repeat(np.cumsum(n_next) - n_next, n_next)
    return into, order[first[graph.end][into] + rank]


class Network:
    """The trained network, from the bytes of its file."""

    def __init__(self, content: bytes, device: str) -> None:
        import torch

        self.device = device
        self.weights = torch.load(BytesIO(content), weights_only=True, map_location=device)

    def __call__(self, graph: Graph, features: NDArray[np.float32]) -> list[Answer]:
        """Give energy per atom and pooled features of each crystal."""
        import torch

        def there(values: Any) -> Any:
            return torch.as_tensor(values, device=self.device)

        into, out_of = angles_of(graph)
        bond_ends = there(graph.start), there(graph.end), there(graph.count.astype(np.float32))
        angle_ends = there(into), there(out_of), bond_ends[2][there(into)]
        vectors = there(graph.vectors.astype(np.float32))
        with torch.inference_mode():
            atoms = self._layer("atom_embedding", there(features[graph.numbers]))
            bonds = self._embedded("edge_embedding", vectors.norm(dim=1), LENGTHS)
            cosines = _cosines(-vectors[angle_ends[0]], vectors[angle_ends[1]])
            angles = self._embedded("angle_embedding", cosines, COSINES)
            for at in range(N_LINE_LAYERS):
                layer = f"alignn_layers.{at}"
                atoms, bonds = self._gated(f"{layer}.node_update", bond_ends, atoms, bonds)
                bonds, angles = self._gated(f"{layer}.edge_update", angle_ends, bonds, angles)
            for at in range(N_GRAPH_LAYERS):
                atoms, bonds = self._gated(f"gcn_layers.{at}", bond_ends, atoms, bonds)
            pooled = torch.stack([each.mean(dim=0) for each in atoms.split(graph.sizes)])
            energies = self._linear("fc", pooled)[:, 0]
        return [
            {"energy": energy, FEATURES: own}
            for energy, own in zip(energies.tolist(), pooled.tolist(), strict=True)
        ]

    def _linear(self, name: str, given: Any) -> Any:
        return given @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _active(self, name: str, given: Any) -> Any:
        from torch.nn import functional

        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return functional.silu(functional.layer_norm(given, weight.shape, weight, bias))

    def _layer(self, name: str, given: Any) -> Any:
        return self._active(f"{name}.layer.1", self._linear(f"{name}.layer.0", given))

    def _embedded(self, name: str, values: Any, basis: tuple[float, float, int]) -> Any:
        """Write numbers in Gaussians whose inverse width, not its square, is their spacing's."""
        low, high, n = basis
        gap = values[:, None] - self.weights[f"{name}.0.centers"]
        spread = (gap**2 * (-(n - 1) / (high - low))).exp()
        return self._layer(f"{name}.2", self._layer(f"{name}.1", spread))

    def _gated(self, name: str, ends: tuple[Any, Any, Any], nodes: Any, edges: Any) -> Any:
        """Update edges from their ends, and nodes from the edges that come in, by their gates."""
        start, end, count = ends
        gates = self._linear(f"{name}.src_gate", nodes)[start]
        gates = gates + self._linear(f"{name}.dst_gate", nodes)[end]
        gates = gates + self._linear(f"{name}.edge_gate", edges)
        share = gates.sigmoid() * count[:, None]
        sent = self._linear(f"{name}.dst_update", nodes)[start] * share
        total = nodes.new_zeros(nodes.shape).index_add_(0, end, sent)
        weight = nodes.new_zeros(nodes.shape).index_add_(0, end, share)
        new = self._linear(f"{name}.src_update", nodes) + total / (weight + 1e-6)
        return (
            nodes + self._active(f"{name}.bn_nodes", new),
            edges + self._active(f"{name}.bn_edges", gates),
        )


def _cosines(one: Any, other: Any) -> Any:
    return ((one * other).sum(dim=1) / (one.norm(dim=1) * other.norm(dim=1))).clamp(-1, 1)


MODEL = Model(
    "alignn",
    (Property("energy", "eV/atom", "total energy of JARVIS-DFT's OptB88vdW calculation"),),
    load,
    version="2023.5.3",
    made_for="crystals near their relaxation paths in JARVIS-DFT; its energy only, since forces "
    "and stresses that its authors' code takes from these weights do not follow those of DFT; no "
    "package brings weights for its gap or formation energy",
    elements=frozenset(range(1, 95)) - {*range(84, 89)},
    licence="MIT, with the terms of use of NIST",
    reference="K. Choudhary et al., Digit. Discov. 2, 346 (2023)",
    weights=WEIGHTS,
    batch=16,
)
