"""MEGNet: graph networks, with their authors' weights, run without TensorFlow.

C. Chen et al., Chem. Mater. 31, 3564 (2019). The weights are Keras files in the
source distribution of megnet 1.3.2; the network is written out below in NumPy.
As in its authors' code the memory of the set-to-set read-out stays empty from
step to step, and the last layer of each update is linear.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.models import Answer, Model, Predict
from qforge_jupyter.engine.models._pymatgen import isolated, pymatgen_structure
from qforge_jupyter.engine.models._weights import Weights
from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.canonical import Canonical

Array = NDArray[np.float64]
#: Å; how far an atom looks, and the Gaussians in which a distance is written.
CUTOFF, CENTRES, WIDTH = 4.0, np.linspace(0, 5, 100), 0.5
PROPERTIES = (
    Property("band_gap", "eV", "PBE band gap of a crystal that has one"),
    Property("formation_energy", "eV/atom", "from the elements, as in the Materials Project"),
    Property("bulk_modulus", "GPa", "Voigt-Reuss-Hill average; the network learned its log10"),
    Property("shear_modulus", "GPa", "Voigt-Reuss-Hill average; the network learned its log10"),
)
_FOLDER = "mvl_models/mp-2018.6.1"
FILES = {
    "band_gap": f"{_FOLDER}/band_gap_regression.hdf5",
    "formation_energy": f"{_FOLDER}/formation_energy.hdf5",
    "bulk_modulus": f"{_FOLDER}/log10K.hdf5",
    "shear_modulus": f"{_FOLDER}/log10G.hdf5",
}
WEIGHTS = Weights(
    "megnet==1.3.2",
    "0c2de597860fa3caeefc3591f01fe48e8cc70adbda812f5b72a47c3eb6361a99",
    {
        FILES["band_gap"]: "e149197440863b06e819c3cc11550f7c78eee329b916112dab84d884d21306de",
        FILES[
            "formation_energy"
        ]: "82363f6ef74747f67bccd75fa0237dfaab5f0da519bf5f9cf8f4bcc11c53712b",
        FILES["bulk_modulus"]: "283e249977d9ac718c92a28590f35bf6ba53f49642469b98e11627a03e24dd05",
        FILES["shear_modulus"]: "f62c31daa7a8d984c7f094ea7e70e4940c14417e4368d7297b567a907430dea2",
        "LICENSE.md": "42fb705c113a3f3cfae34b2b93b59fe6c891d1b2412ec56455faeea4c82d4324",
    },
)
_LOGARITHMIC = ("bulk_modulus", "shear_modulus")


def load(parameters: Mapping[str, str], device: str) -> Predict:  # noqa: ARG001 — NumPy's own
    """Read the four networks; they run on the CPU."""
    networks = {name: Network(WEIGHTS.read(file)) for name, file in FILES.items()}

    def predict(structures: Sequence[Canonical]) -> list[Answer]:
        return [_answer(each, networks) for each in structures]

    return predict


def _answer(form: Canonical, networks: Mapping[str, Network]) -> Answer:
    centre, neighbour, _, distance = pymatgen_structure(form).get_neighbor_list(CUTOFF)
    if not len(centre):  # one bond is enough for its authors
        return isolated(CUTOFF)
    bonds = np.exp(-(((distance[:, None] - CENTRES) / WIDTH) ** 2))
    said = {name: net(form.numbers, centre, neighbour, bonds) for name, net in networks.items()}
    return {name: 10**value if name in _LOGARITHMIC else value for name, value in said.items()}


class Network:
    """One trained network, from the bytes of its Keras file."""

    def __init__(self, content: bytes) -> None:
        import h5py

        self.weights: dict[str, Array] = {}
        with h5py.File(BytesIO(content)) as file:
            layers = json.loads(file.attrs["model_config"])["config"]["layers"]
            file["model_weights"].visititems(self._keep)
        self.n_steps = next(
            each["config"]["T"] for each in layers if each["class_name"] == "Set2Set"
        )

    def _keep(self, name: str, item: Any) -> None:
        if hasattr(item, "shape"):
            parts = name.removesuffix(":0").split("/")
            self.weights[f"{parts[0]}/{parts[-1]}"] = np.asarray(item, dtype=float)

    def __call__(
        self,
        numbers: NDArray[np.int64],
        centre: NDArray[np.int64],
        neighbour: NDArray[np.int64],
        bonds: Array,
    ) -> float:
        """Give the value of one crystal."""
        atoms = self.weights["embedding_1/embeddings"][numbers]
        state = np.zeros((1, 2))
        for block in range(3):
            # Six dense layers a block: two each for atoms, bonds and state, in this order.
            first = 6 * block + 1
            dense = [
                self._dense(self._dense(each, first + 2 * at), first + 2 * at + 1)
                for at, each in enumerate((atoms, bonds, state))
            ]
            updated = self._update(f"meg_net_layer_{block + 1}", dense, (centre, neighbour))
            before = dense if block == 0 else [atoms, bonds, state]
            atoms, bonds, state = (old + new for old, new in zip(before, updated, strict=True))
        pooled = [self._set2set("set2_set_1", atoms), self._set2set("set2_set_2", bonds), state]
        hidden = self._dense(self._dense(np.concatenate(pooled, axis=1), 19), 20)
        value = hidden @ self.weights["dense_21/kernel"] + self.weights["dense_21/bias"]
        return float(value[0, 0])

    def _dense(self, given: Array, number: int) -> Array:
        name = f"dense_{number}"
        return softplus2(given @ self.weights[f"{name}/kernel"] + self.weights[f"{name}/bias"])

    def _update(
        self, layer: str, given: Sequence[Array], ends: tuple[NDArray[np.int64], NDArray[np.int64]]
    ) -> tuple[Array, Array, Array]:
        """Update bonds from their atoms, atoms from their bonds, the state from both."""
        (atoms, bonds, state), (centre, neighbour) = given, ends
        joined = atoms[centre], atoms[neighbour], bonds, np.repeat(state, len(bonds), axis=0)
        new_bonds = self._perceptron(layer, "e", np.concatenate(joined, axis=1))
        around = np.zeros((len(atoms), new_bonds.shape[1]))
        np.add.at(around, centre, new_bonds)
        around /= np.maximum(np.bincount(centre, minlength=len(atoms)), 1)[:, None]
        own = around, atoms, np.repeat(state, len(atoms), axis=0)
        new_atoms = self._perceptron(layer, "v", np.concatenate(own, axis=1))
        means = new_bonds.mean(axis=0)[None], new_atoms.mean(axis=0)[None], state
        return new_atoms, new_bonds, self._perceptron(layer, "u", np.concatenate(means, axis=1))

    def _perceptron(self, layer: str, kind: str, given: Array) -> Array:
        for step in range(3):
            given = softplus2(given) if step else given
            given = given @ self.weights[f"{layer}/weight_{kind}_{step}"]
            given = given + self.weights[f"{layer}/bias_{kind}_{step}"]
        return given

    def _set2set(self, layer: str, given: Array) -> Array:
        """Read a set out by attention (O. Vinyals et al., arXiv:1511.06391)."""
        kept = given @ self.weights[f"{layer}/x_to_m_weight"] + self.weights[f"{layer}/x_to_m_bias"]
        n = kept.shape[1]
        state = np.zeros((1, 2 * n))
        for _ in range(self.n_steps):
            gates = state @ self.weights[f"{layer}/recurrent_kernel"]
            gates = gates + self.weights[f"{layer}/recurrent_bias"]
            enter, _, fresh, leave = np.split(gates, 4, axis=1)
            hidden = hard_sigmoid(leave) * np.tanh(hard_sigmoid(enter) * np.tanh(fresh))
            attention = (kept * hidden).sum(axis=1)
            attention = np.exp(attention - attention.max())
            read = (kept * (attention / attention.sum())[:, None]).sum(axis=0)[None]
            state = np.concatenate([hidden, read], axis=1)
        return state


def softplus2(given: Array) -> Array:
    """Give ``log(exp(x) + 1) - log(2)`` without overflow."""
    return np.asarray(np.logaddexp(given, 0.0) - np.log(2.0))


def hard_sigmoid(given: Array) -> Array:
    """Give Keras' piecewise linear sigmoid."""
    return np.clip(0.2 * given + 0.5, 0.0, 1.0)


MODEL = Model(
    "megnet",
    PROPERTIES,
    load,
    version="1.3.2",
    made_for="crystals of the Materials Project of 2018; its band gap is that of crystals with "
    "one, so that a metal is given one too",
    elements=frozenset(range(1, 95)),
    licence="BSD-3-Clause",
    reference="C. Chen et al., Chem. Mater. 31, 3564 (2019)",
    weights=WEIGHTS,
)
