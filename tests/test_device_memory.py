"""Work is done in batches that fit the memory, in smaller ones where they do not."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from qforge_jupyter.device_memory import DeviceMemory, borrowed, is_out_of_memory
from qforge_jupyter.errors import ResourceError

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


def holding(most, asked):
    """Give work that torch's own error ends where it is given more than so many rows."""

    def work(rows):
        asked.append(rows.stop - rows.start)
        if asked[-1] > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return list(range(rows.start, rows.stop))

    return work


def test_a_batch_that_does_not_fit_is_halved_and_no_row_is_left_out_or_done_twice():
    asked = []
    parts = list(DeviceMemory("cpu", 1_000).batches(holding(7, asked), 50, 10))
    assert list(range(50)) == [each for part in parts for each in part]
    assert [50, 25, 12] == asked[:3]
    assert {6} == set(asked[3:-1])


def test_what_did_not_fit_once_is_not_tried_again():
    asked = []
    memory = DeviceMemory("cpu", 1_000)
    list(memory.batches(holding(7, asked), 50, 10))
    asked.clear()
    list(memory.batches(holding(7, asked), 50, 10))
    assert 6 == max(asked)


def test_where_one_row_does_not_fit_it_is_said_in_a_sentence():
    with pytest.raises(ResourceError, match="'cpu' has too little free memory for this"):
        list(DeviceMemory("cpu", 1_000).batches(holding(0, []), 50, 10))
    with pytest.raises(ResourceError, match="too little"), borrowed("cpu"):
        raise torch.OutOfMemoryError("CUDA out of memory.")


def test_what_torch_and_numpy_raise_is_known_and_other_errors_pass():
    with pytest.raises(RuntimeError, match="allocate") as found:
        torch.empty(10**15)
    assert is_out_of_memory(found.value)

    def wrong(rows):
        return torch.ones(2, 3) @ torch.ones(2, rows.stop)

    with pytest.raises(RuntimeError, match="shapes"), borrowed("cpu") as memory:
        list(memory.batches(wrong, 5, 8))


def test_a_device_works_in_full_precision_whatever_was_chosen_before():
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        with borrowed("cpu"):
            assert torch.get_float32_matmul_precision() == "highest"
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)


LIMITED = """
import resource, sys
import torch
from qforge_jupyter import device_memory
from qforge_jupyter.device_memory import borrowed

torch.set_num_threads(1)
rows = torch.arange(400_000.0).reshape(-1, 4)
wide = torch.ones(4, 1_000)
(rows[:10] @ wide).sum()
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
# A batch of all rows would take 400 MB, and there are 200.
device_memory.MOST_ON_CPU = 1 << 30
resource.setrlimit(resource.RLIMIT_AS, (held + (200 << 20), -1))
sizes = []

def work(part):
    found = (rows[part] @ wide).sum(1, dtype=torch.float64)
    sizes.append(len(found))
    return found

with borrowed("cpu") as memory:
    found = torch.cat(list(memory.batches(work, len(rows), 4_000)))
assert torch.equal(found, 1_000 * rows.sum(1, dtype=torch.float64)), "other sums"
print(len(sizes), max(sizes))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of the address space are Linux's")
def test_memory_that_a_process_really_lacks_is_answered_by_smaller_batches():
    done = subprocess.run(  # noqa: S603 — this very interpreter, on a text of ours
        [sys.executable, "-c", LIMITED], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    n_batches, largest = map(int, done.stdout.split())
    assert n_batches >= 3
    assert largest <= 50_000


@needs_cuda
def test_cuda_memory_is_shared_out_by_what_is_free_and_given_back():
    free, held = torch.cuda.mem_get_info()[0], torch.cuda.memory_reserved()
    with borrowed("cuda") as memory:
        assert memory.most <= free
        # Ten times what there is, asked for at once, is done in parts.
        parts = memory.batches(
            lambda rows: torch.empty((rows.stop - rows.start, 1 << 20), device="cuda").sum().item(),
            10 * free // (1 << 22),
            1 << 10,
        )
        assert len(list(parts)) > 10
    assert torch.cuda.memory_reserved() <= held
