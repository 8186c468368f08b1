"""What runs on a device comes out the same in batches, on every device, as in double precision."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch

from qforge_jupyter import device_memory
from qforge_jupyter.engine.collapse.cascade.proxies import predict
from qforge_jupyter.engine.collapse.cascade.targets import Target
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.diversity.vendi import vendi_of_order_1, vendi_of_order_2
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import influence
from qforge_jupyter.engine.collapse.moments import Folding
from qforge_jupyter.engine.collapse.partitions import Partitions
from qforge_jupyter.engine.collapse.waves import Waves
from qforge_jupyter.errors import ResourceError
from qforge_jupyter.frames import Table

DEVICES = [
    "cpu",
    pytest.param(
        "cuda",
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
    ),
]


BOUNDS = ["as much as there is", "a few rows at once", "memory that runs out"]


@pytest.fixture(params=BOUNDS)
def bound(request, monkeypatch):
    """Bound the batches: not at all, by their size, or by an allocator that refuses more."""
    limit(monkeypatch, request.param)


def limit(monkeypatch, bound):
    if bound == "a few rows at once":
        monkeypatch.setattr(device_memory, "MOST_ON_CPU", 20_000)
        monkeypatch.setattr(device_memory, "SHARE_OF_FREE", 1e-6)
    if bound == "memory that runs out":
        tried = device_memory.DeviceMemory._tried

        def refusing(work, rows):
            def limited(rows):
                if rows.stop - rows.start > 37:
                    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
                return work(rows)

            return tried(limited, rows)

        monkeypatch.setattr(device_memory.DeviceMemory, "_tried", staticmethod(refusing))


def frame_of(seed, n):
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(n, 3))
    return pl.DataFrame(
        {
            "x": x[:, 0],
            "y": x[:, 0] + x[:, 1],
            "z": x[:, 2],
            "plan": np.where(x[:, 0] + 0.3 * x[:, 2] > 0.3, "a", "b"),
        }
    )


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("device", DEVICES)
def test_sums_of_a_check_are_those_of_double_precision(device):
    frame, buckets = frame_of(0, 900), np.random.default_rng(1).integers(0, 5, 900)
    buckets[buckets == 3] = 4
    encoder = Encoder.fit(frame, frame)
    rows = encoder.encode(frame)
    shares = np.full(int(encoder.offsets[-1]), 0.01)
    kept = np.arange(rows.features.shape[1])
    folding = Folding(
        encoder, Partitions.draw(encoder, shares, 7), Waves.draw(rows.coarse, 7), kept, device
    )
    sums = folding.relate(folding.count(rows, buckets, 5), rows, buckets, 5)
    for bucket in range(5):
        own = rows.features[buckets == bucket].astype(float)
        turned = rows.coarse[buckets == bucket].astype(float) @ folding.waves.frequencies
        leaves = folding.partitions.leaves(rows.cells[buckets == bucket])
        np.testing.assert_allclose(sums.features[bucket], own.sum(axis=0), atol=1e-4)
        np.testing.assert_allclose(sums.products[bucket], own.T @ own, atol=1e-3)
        waves = np.hstack([np.cos(turned), np.sin(turned)]).sum(axis=0)
        np.testing.assert_allclose(sums.waves[bucket], waves, atol=1e-3)
        assert leaves.size == sums.leaves[bucket].sum()
        for tree, leaf in [(0, 0), (3, 5), (7, 15)]:
            inside = own[leaves[:, tree] == leaf]
            assert len(inside) == sums.leaves[bucket, tree, leaf]
            found = sums.leaf_features[bucket, tree, leaf]
            np.testing.assert_allclose(found, inside.sum(axis=0), atol=1e-4)


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("device", DEVICES)
def test_vendi_scores_are_those_of_double_precision(device):
    metric = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32)
    apart = ((metric[:, None, :].astype(float) - metric[None, :, :]) ** 2).sum(axis=2)
    alike = np.exp(-apart / 2)
    values = np.clip(np.linalg.eigvalsh(alike / 400), 1e-15, None)
    buckets = np.arange(400) % 20
    found = vendi_of_order_1(metric, buckets, 1.0, device).value
    assert np.exp(-(values * np.log(values)).sum()) == pytest.approx(found, rel=1e-5)
    mean = ((alike**2).sum() - 400) / (400 * 399)
    found = vendi_of_order_2(metric, buckets, 1.0, device).value
    assert 1 / mean == pytest.approx(found, rel=1e-5)


def harm_in_double_precision(case, block):
    """Train the proxy of each fold in numpy, and ask it about rows of the other folds."""
    blocks = [side.sample for side in (case.candidate, case.reference)]
    labels = influence.labels_of(case)
    classes = np.unique(labels.values(blocks[1]))

    def numbers(block, kept):
        rows = labels.features(block)[kept].astype(float)
        wanted = (labels.values(block)[kept][:, None] == classes).astype(float)
        return np.hstack([rows, np.ones((len(rows), 1))]), wanted

    def error(x, y, weights):
        chances = np.exp(x @ weights)
        return chances / chances.sum(axis=1, keepdims=True) - y

    harm = np.zeros(len(block))
    for fold in range(4):
        (a, b), (v, w) = (numbers(each, each.fold != fold) for each in blocks)
        x, y = np.vstack([a, v]), np.vstack([b, w])
        rate = 0.5 / np.linalg.norm(x.T @ x / len(x), 2)
        weights = np.zeros((x.shape[1], y.shape[1]))
        asked = block.fold == fold
        own, given = numbers(block, asked)
        for step in range(1, influence.N_STEPS + 1):
            slope = x.T @ error(x, y, weights) / len(x)
            weights = weights - rate * (slope + influence.DECAY * weights)
            if step in influence.CHECKPOINTS:
                mean = v.T @ error(v, w, weights) / len(v)
                harm[asked] -= (error(own, given, weights) * (own @ mean)).sum(axis=1)
    return harm


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("device", DEVICES)
def test_influence_of_rows_is_that_of_double_precision(device):
    sides = [Table.of_frame(name, frame_of(i, 300)) for i, name in enumerate(("synth", "real"))]
    case = RowCase.of(CollapseCase(*sides, target="plan", device=device))
    block = next(case.candidate.blocks())
    found = influence.prepare(case).score(block)
    wanted = harm_in_double_precision(case, block)
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("device", DEVICES)
def test_a_network_learns_the_same_in_batches(device, bound, monkeypatch):
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(500, 6)).astype(np.float32)
    truth = rows[:, 0] ** 2 + rows[:, 1].astype(float)
    target = Target("x", "r2", (), np.arange(6))

    def foretold(device):
        return predict(
            "network", target, rows[:300], truth[:300], rows[300:], seed=3, device=device
        )

    whole = foretold("cpu")
    assert ((whole - truth[300:]) ** 2).mean() < 0.5 * truth.var()
    limit(monkeypatch, bound)
    np.testing.assert_allclose(foretold(device), whole, atol=0.02)


def test_a_device_without_room_for_a_row_is_said_in_a_sentence(monkeypatch):
    metric = np.zeros((50, 2), dtype=np.float32)
    monkeypatch.setattr(device_memory.DeviceMemory, "_tried", staticmethod(lambda *_: ()))
    with pytest.raises(ResourceError, match=r"'cpu' has too little free memory .*: close what"):
        vendi_of_order_2(metric, np.arange(50) % 5, 1.0)
