"""RDKit keeps an interrupt to itself; here it is raised."""

import os
import signal
import threading

import pytest

from qforge_jupyter.engine.chemistry.unbuilt import Unbuilt


def test_an_interrupt_while_a_molecule_is_embedded_is_raised():
    interrupt = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    Unbuilt(smiles="C").build()  # imports and caches first
    interrupt.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            Unbuilt(smiles="C" * 90).build()
    finally:
        interrupt.join()
