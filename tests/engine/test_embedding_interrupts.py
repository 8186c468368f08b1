"""RDKit keeps an interrupt to itself while it embeds; here none is lost."""

import os
import signal
import threading
import time

import pytest

from qforge_jupyter.engine.chemistry.calculating import calculate
from qforge_jupyter.engine.chemistry.molecules import read_unbuilt


class InterruptAfterFirst:
    """Sends this process a real SIGINT some time after the first molecule."""

    def __init__(self, wait_s: float) -> None:
        self.timer = threading.Timer(wait_s, lambda: os.kill(os.getpid(), signal.SIGINT))

    def __call__(self, *_done: object) -> None:
        if not self.timer.ident:
            self.timer.start()


def test_an_interrupt_ends_the_embedding_of_a_large_molecule_at_once():
    interrupt = InterruptAfterFirst(1.0)
    started = time.monotonic()
    # Embedded alone, the chain takes minutes.
    report = calculate(read_unbuilt(["O", "C" * 400, "O"]), progress=interrupt)
    interrupt.timer.join()
    assert report.is_interrupted
    assert report.frame["name"].to_list() == ["O"]
    assert time.monotonic() - started < 150


@pytest.mark.parametrize("wait_s", [0.0, 0.01, 0.02, 0.03])
def test_an_interrupt_at_any_moment_of_short_embeddings_is_seen(wait_s):
    interrupt = InterruptAfterFirst(wait_s)
    report = calculate(read_unbuilt(["C" * 22] * 60), progress=interrupt)
    interrupt.timer.join()
    assert report.is_interrupted
    assert 1 <= len(report.frame) < 60
