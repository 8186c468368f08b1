"""MEGNet: absent, since its weights are Keras files that no installed package brings."""

from __future__ import annotations

from qforge_jupyter.engine.models import Model
from qforge_jupyter.engine.predictors import Property

MODEL = Model(
    "megnet",
    (
        Property("band_gap", "eV", "PBE band gap"),
        Property("formation_energy", "eV/atom", "from the elements"),
    ),
    version="1.3.2",
    package="megnet",
    licence="BSD-3-Clause",
    reference="C. Chen et al., Chem. Mater. 31, 3564 (2019)",
    absent="its weights are Keras files in the source distribution of megnet, not in its wheel",
)
