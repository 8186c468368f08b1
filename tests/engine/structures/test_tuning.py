"""A network learns further of real crystals as long as others of them show that it gets better."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from jarvis_crystals import crystals

from qforge_jupyter.device_memory import DeviceMemory
from qforge_jupyter.engine.models import find
from qforge_jupyter.engine.models._trainable import Trainable
from qforge_jupyter.engine.structures.canonical import canonical
from qforge_jupyter.engine.structures.reading import read_structures
from qforge_jupyter.engine.structures.tuning import Known, Schedule, _step, tune
from qforge_jupyter.errors import ModelError


def line(slope=0.0):
    """Open a network of one weight, that says its input times it."""
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(network.weight, slope)

    def answer(given):
        return network(torch.as_tensor(np.array(given), dtype=torch.float32)[:, None])[:, 0]

    return Trainable(network, float, answer)


def twice(*values: float):
    return Known(list(values), 2.0 * np.array(values))


def test_real_gaps_are_nearer_on_crystals_that_were_not_learned():
    """On three random parts the published network's error falls by more than a tenth in all."""
    table = crystals()
    forms = [canonical(each) for each in read_structures(table)]
    gaps = table["band_gap"].to_numpy()
    before, after = [], []
    for seed in (1, 2, 3):
        opened = find("cgcnn").opened("band_gap", "cpu")
        inputs = [opened.encode(each) for each in forms]
        dealt = np.random.default_rng(seed).permutation(len(forms))
        train, validation = (
            Known([inputs[at] for at in part], gaps[part]) for part in (dealt[:30], dealt[30:40])
        )
        made = tune(opened, train, validation, Schedule(epochs=12, seed=seed))
        before.append(made.epochs[0].validation)
        after.append(made.epochs[made.best].validation)
        assert after[-1] <= before[-1]
    assert sum(after) < 0.9 * sum(before)


def test_it_stops_where_validation_gets_no_better_and_goes_back_to_the_best():
    opened = line(1.0)
    wrong = Known([1.0, 2.0], np.array([-5.0, -10.0]))
    made = tune(opened, twice(1.0, 2.0), wrong, Schedule(epochs=50, patience=3, learning_rate=0.1))
    assert (0, 4) == (made.best, len(made.epochs))
    assert 1.0 == opened.network.weight.item()


def test_it_finds_what_there_is_to_find():
    opened = line()
    tune(opened, twice(1.0, 2.0, 3.0), twice(4.0), Schedule(epochs=200, learning_rate=0.05))
    assert opened.network.weight.item() == pytest.approx(2.0, abs=0.05)


def test_a_stop_keeps_the_best_so_far():
    def stop(done, total, note=""):  # noqa: ARG001 — as every progress
        if done == 3:
            raise KeyboardInterrupt

    opened = line()
    schedule = Schedule(epochs=50, learning_rate=0.1)
    made = tune(opened, twice(1.0), twice(4.0), schedule, progress=stop)
    assert (True, 3, 4) == (made.is_interrupted, made.best, len(made.epochs))
    assert opened.network.weight.item() == pytest.approx(0.3, abs=0.01)


def test_a_step_that_does_not_fit_is_made_in_parts_with_the_same_gradient():
    whole, parted = line(1.0), line(1.0)
    usual, sizes = parted.answer, []

    def narrow(given):
        sizes.append(len(given))
        if len(given) > 2:
            raise MemoryError
        return usual(given)

    parted = Trainable(parted.network, float, narrow)
    for opened in (whole, parted):
        weights = list(opened.network.parameters())
        inputs = [1.0, 2.0, 3.0, 4.0, 5.0]
        _step(opened, inputs, 2 * np.array(inputs), weights, DeviceMemory("cpu", 1 << 20))
    assert [5, 2, 2, 1] == sizes
    assert whole.network.weight.grad.item() == pytest.approx(parted.network.weight.grad.item())


def test_numbers_that_run_away_are_one_sentence():
    schedule = Schedule(epochs=3, learning_rate=1.0)
    with pytest.raises(ModelError, match="take a smaller `learning_rate`"):
        tune(line(), twice(1e38), Known([1e38], np.array([np.inf])), schedule)


def test_running_statistics_stay_as_they_were_learned():
    opened = find("cgcnn").opened("band_gap", "cpu")
    form = canonical(*read_structures(crystals().head(1)))
    known = Known([opened.encode(form)], np.array([1.0]))
    before = {
        key: value.clone() for key, value in opened.network.state_dict().items() if "running" in key
    }
    tune(opened, known, known, Schedule(epochs=2))
    after = opened.network.state_dict()
    assert before
    assert all(torch.equal(value, after[key]) for key, value in before.items())
