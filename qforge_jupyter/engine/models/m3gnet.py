"""M3GNet: absent, since its weights are a TensorFlow checkpoint."""

from __future__ import annotations

from qforge_jupyter.engine.models import Model
from qforge_jupyter.engine.predictors import Property

MODEL = Model(
    "m3gnet",
    (
        Property("energy", "eV/atom", "total energy"),
        Property("forces", "eV/Å", "on each atom, as triples", of="site vector"),
        Property("stress", "GPa", "tensor", of="tensor"),
    ),
    version="0.2.4",
    package="m3gnet",
    licence="BSD-3-Clause",
    reference="C. Chen, S. P. Ong, Nat. Comput. Sci. 2, 718 (2022)",
    absent="the published weights are a TensorFlow checkpoint in the source distribution of "
    "m3gnet, and the torch package matgl ships none",
)
