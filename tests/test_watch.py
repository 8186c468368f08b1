from __future__ import annotations

import time

import pytest

from qforge_jupyter.watch import MemoryWatch


@pytest.mark.parametrize("samples", [False, True])
def test_memory_held_before_is_no_part_of_the_peak(samples: bool):
    with MemoryWatch(samples=samples) as before:
        held = bytearray(300_000_000)
        time.sleep(0.1)
    del held
    with MemoryWatch(samples=samples) as after:
        held = bytearray(50_000_000)
        time.sleep(0.1)
    assert before.peak_bytes - after.peak_bytes > 200_000_000
    assert len(held) == 50_000_000


@pytest.mark.parametrize("samples", [False, True])
def test_it_costs_less_than_five_milliseconds(samples: bool):
    began_s = time.process_time()
    for _ in range(20):
        MemoryWatch(samples=samples).start().stop()
    assert (time.process_time() - began_s) / 20 < 0.005
