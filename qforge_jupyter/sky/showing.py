"""A cut-out as a small picture: drawn as it is trained on, and upright."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.documents.galleries import MOST_SIDE, grey_png
from qforge_jupyter.sky.cutting import CutOut
from qforge_jupyter.sky.preprocessing import Preprocessing


def drawn(cut: CutOut, preprocessing: Preprocessing) -> bytes:
    """Draw a cut-out as a PNG; a large one by every few pixels."""
    array = preprocessing.apply(cut.pixels, cut.inside, is_whole=cut.is_whole)
    grey = array if preprocessing.dtype == "uint8" else np.rint(255 * array)
    step = -(-preprocessing.size // MOST_SIDE)
    upright = grey[:: step if cut.is_upside_down else -step, ::step]
    return grey_png([row.tobytes() for row in upright.astype(np.uint8)])
