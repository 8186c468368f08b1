"""With torch in the place of scikit-learn and FAISS the suggestions are the same."""

from __future__ import annotations

import inspect
import re

import numpy as np
import polars as pl
import pytest
import scipy.stats
import sklearn.metrics
from sklearn.datasets import load_digits

from qforge_jupyter import device_memory
from qforge_jupyter.engine.active_learning.asked import Asked
from qforge_jupyter.engine.active_learning.describing import Description
from qforge_jupyter.engine.active_learning.directions import main_directions
from qforge_jupyter.engine.active_learning.matrices import make_matrices
from qforge_jupyter.engine.active_learning.spreading import spread
from qforge_jupyter.engine.active_learning.suggesting import SuggestCase, suggest
from qforge_jupyter.frames import Table

#: Torch's own name for the CPU: the same code that runs on a GPU.
TORCH = "cpu:0"


def digits(n=600):
    """Real digits of which every tenth label is wrong."""
    bunch = load_digits()
    labels = [(code + 3) % 10 if row % 10 == 4 else code for row, code in enumerate(bunch.target)]
    frame = pl.DataFrame(bunch.data, schema=[f"x{n}" for n in range(64)], orient="row")
    return frame.with_columns(digit=pl.Series(labels)).head(n)


def sentences():
    """Real sentences, by which package documents itself with them; every tenth is misfiled."""
    rows = []
    for topic, module in (("stats", scipy.stats), ("metrics", sklearn.metrics)):
        parts = {
            re.sub(r"\s+", " ", part).strip()
            for _, member in sorted(vars(module).items())
            if callable(member)
            for part in (inspect.getdoc(member) or "").split("\n\n")[:6]
        }
        rows += [(each, topic) for each in sorted(parts) if 60 < len(each) < 400][:250]
    other = {"stats": "metrics", "metrics": "stats"}
    rows = [(body, other[name] if n % 10 == 4 else name) for n, (body, name) in enumerate(rows)]
    return pl.DataFrame(rows, schema=["body", "topic"], orient="row")


def asked(frame, target, device, **options):  # noqa: ANN003 — fields of the question
    table = Table.of_frame("t", frame)
    return suggest(SuggestCase(table, Asked(target, **options), device=device))


@pytest.mark.parametrize(
    ("make", "target", "near"),
    # Of texts the last digits of a direction differ, and a tree in a hundred splits elsewhere.
    [(digits, "digit", 1e-3), (sentences, "topic", 1e-2)],
)
def test_the_same_labels_are_suspected(make, target, near):
    frame = make()
    here, there = (
        asked(frame, target, device, find="errors", top=frame.height) for device in ("cpu", TORCH)
    )
    assert here.rows.height > frame.height * 0.05
    assert set(here.rows["row"]) == set(there.rows["row"])
    both = here.rows.join(there.rows, on="row", suffix="_there")
    assert (both["proposed"] == both["proposed_there"]).all()
    np.testing.assert_allclose(both["self_confidence_there"], both["self_confidence"], atol=near)
    assert here.share_wrong == there.share_wrong


@pytest.mark.parametrize("strategy", ["uncertainty-diversity", "density"])
def test_the_same_rows_come_next(strategy):
    frame = digits(200).with_columns(
        digit=pl.when(pl.int_range(pl.len()) % 2 == 0).then("digit").otherwise(None)
    )
    here, there = (
        asked(frame, "digit", device, strategy=strategy, top=12) for device in ("cpu", TORCH)
    )
    assert here.rows["row"].to_list() == there.rows["row"].to_list()
    np.testing.assert_allclose(here.rows["score"], there.rows["score"], rtol=1e-3)
    assert here.should_stop == there.should_stop


@pytest.mark.parametrize("room", [2**30, 60_000])
@pytest.mark.parametrize("n_taken", [0, 1, 40])
def test_distances_are_those_of_faiss_in_batches_too(n_taken, room, monkeypatch):
    monkeypatch.setattr(device_memory, "MOST_ON_CPU", room)
    points = load_digits().data[:400].astype(np.float32)
    weights = np.random.default_rng(0).random(360)
    here, there = (
        spread(points[40:], points[:n_taken], weights, 20, device=device)
        for device in ("cpu", TORCH)
    )
    np.testing.assert_allclose(here, there, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("n_words", [40, 4_000])
def test_texts_are_reduced_to_the_same_directions(n_words, monkeypatch):
    texts = make_matrices(sentences(), Description(texts=("body",)), seed=1).texts
    words = texts[:, :n_words].tocsr()
    here = main_directions(words, seed=1)
    np.testing.assert_allclose(main_directions(words, seed=1, device=TORCH), here, atol=1e-3)
    monkeypatch.setattr(device_memory, "MOST_ON_CPU", 100_000)
    np.testing.assert_allclose(main_directions(words, seed=1, device=TORCH), here, atol=1e-3)


def test_images_in_smaller_batches_are_described_alike(monkeypatch):
    cells = pl.Series("image", load_digits().images[:50])
    described = Description(images=("image",))
    whole = make_matrices(pl.DataFrame({"image": cells}), described, seed=1)
    monkeypatch.setattr(device_memory, "MOST_ON_CPU", 9_000)
    in_parts = make_matrices(pl.DataFrame({"image": cells}), described, seed=1, device=TORCH)
    np.testing.assert_allclose(in_parts.points, whole.points, atol=1e-6)
