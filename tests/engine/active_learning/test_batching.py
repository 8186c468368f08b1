"""Rows in batches: bounded, and smaller ones where memory runs out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from qforge_jupyter.engine.active_learning.batching import bytes_of_row, cut, in_batches, uses_torch
from qforge_jupyter.errors import ResourceError

DEVICE = "cpu:0"


def holding(n_held, seen):
    """Do work that has memory for so many rows."""

    def work(n):
        seen.append(n)
        if n > n_held:
            raise torch.OutOfMemoryError
        return n

    return work


def test_batches_are_halved_until_memory_holds_them():
    seen: list[int] = []
    assert 125 == in_batches(holding(130, seen), 1_000, row_bytes=8, device=DEVICE)
    assert [1_000, 500, 250, 125] == seen


def test_no_room_for_a_row_is_one_sentence():
    with pytest.raises(ResourceError, match="too little free memory"):
        in_batches(holding(0, []), 100, row_bytes=8, device=DEVICE)


def test_a_batch_takes_no_more_than_there_is_room_for():
    assert 256 == in_batches(lambda n: n, 10**9, row_bytes=2**20, device=DEVICE)
    assert 7 == in_batches(lambda n: n, 100, row_bytes=8, device=DEVICE, most=7)
    assert 1 == in_batches(lambda n: n, 0, row_bytes=0, device=DEVICE)


def test_every_row_is_in_one_batch():
    rows = np.arange(14, dtype=np.float32).reshape(7, 2)
    batches = cut(rows, 3, DEVICE)
    assert rows.tolist() == torch.cat([each.rows for each in batches]).tolist()
    assert all(each.turned.tolist() == each.rows.T.tolist() for each in batches)
    assert 8 == bytes_of_row(rows)


def test_torch_works_on_every_device_but_the_cpu():
    assert [False, True, True] == [uses_torch(each) for each in ("cpu", "cuda:1", "mps")]
    assert not uses_torch("mps", is_sparse=True)
