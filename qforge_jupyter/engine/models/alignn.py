"""ALIGNN: absent, since its code and its weights come in two versions of one package."""

from __future__ import annotations

from qforge_jupyter.engine.models import Model
from qforge_jupyter.engine.predictors import Property

MODEL = Model(
    "alignn",
    (Property("energy", "eV/atom", "total energy of ALIGNN-FF"),),
    version="2023.5.3",
    package="alignn",
    licence="MIT",
    reference="K. Choudhary, B. DeCost, npj Comput. Mater. 7, 185 (2021)",
    absent="the only packaged weights are those of ALIGNN-FF's energy in the wheel of alignn "
    "2023.5.3, and what reads them is a later alignn with DGL, which cannot be installed beside it",
)
