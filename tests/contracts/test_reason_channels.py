"""What every reason channel keeps, whoever wrote it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.localizing.calibrating import evidence
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import CHANNELS
from qforge_jupyter.frames import Table
from qforge_jupyter.results.uncertainty import NotApplicable

MEMBERS = CHANNELS.members()


def drawn(n, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, n))
    return pl.DataFrame({
        "x": x, "y": x + y, "z": np.where(rng.random(n) < 0.1, None, rng.lognormal(size=n)),
        "plan": rng.choice(list("ABC"), n),
        "target": np.where(x + rng.normal(size=n) > 0, "yes", "no"),
    }, strict=False)  # fmt: skip


def case_of(candidate, reference, target="target"):
    tables = Table.of_frame("synth", candidate), Table.of_frame("real", reference)
    return RowCase.of(CollapseCase(*tables, target))


@pytest.fixture(scope="module")
def sound():
    return case_of(drawn(400, 1), drawn(400, 2))


@pytest.mark.parametrize("name", MEMBERS)
def test_a_channel_says_in_a_phrase_what_it_holds_against_a_row(name):
    said = MEMBERS[name].SAID
    assert (said[0].islower() or said[0] == "a", said[-1] != ".", len(said) <= 32) == (True,) * 3


def test_no_two_channels_say_the_same():
    assert len(MEMBERS) == len({module.SAID for module in MEMBERS.values()})


@pytest.mark.parametrize("name", MEMBERS)
def test_rows_of_sound_data_are_as_suspect_as_those_of_the_reference(sound, name):
    scorer = MEMBERS[name].prepare(sound)
    if isinstance(scorer, NotApplicable):
        return
    null = scorer.score(sound.reference.sample)
    found = evidence(scorer.score(sound.candidate.sample), null)
    assert 0.01 <= (found > -np.log(0.05)).mean() <= 0.1
    assert 0.8 <= found.mean() <= 1.2


@pytest.mark.parametrize("name", MEMBERS)
def test_a_channel_blames_columns_that_are_there(sound, name):
    scorer = MEMBERS[name].prepare(sound)
    if isinstance(scorer, NotApplicable):
        return
    some = sound.candidate.sample.take(slice(7))
    blamed = scorer.blame(some)
    assert (7, 2) == blamed.shape
    assert blamed.min() >= -1
    assert blamed.max() < len(sound.names)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_channel_declines_a_table_of_few_rows_with_a_reason(name):
    answer = MEMBERS[name].prepare(case_of(drawn(20, 1), drawn(400, 2)))
    assert isinstance(answer, NotApplicable)
    assert "20 rows on one side" in answer.reason


@pytest.mark.parametrize("name", MEMBERS)
def test_a_channel_takes_a_table_of_one_column(name):
    case = case_of(drawn(60, 1).select("x"), drawn(60, 2).select("x"), "")
    scorer = MEMBERS[name].prepare(case)
    if not isinstance(scorer, NotApplicable):
        assert np.isfinite(scorer.score(case.candidate.sample)).all()
