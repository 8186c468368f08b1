"""A store that cannot be written to loses no result."""

import os
import resource

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import StoreError

ROWS = pl.DataFrame({"x": [1.0, None]})
CARD = {
    "required": ["x"],
    "ranges": {"x": "0 .. 5"},
    "weights": {"consistency": 0, "uniqueness": 0},
}


@pytest.fixture
def full_disk():
    """Let no file grow beyond a few kilobytes, as on a disk that is full."""
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))

    yield fill
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_one_sentence_that_carries_the_result(tmp_path, full_disk):
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        full_disk()
        with pytest.raises(StoreError) as caught:
            ws.score(ROWS, **CARD)
        assert "\n" not in caught.value.message
        assert 0.5 == caught.value.result.scores["completeness"]


def test_after_it_the_store_holds_what_it_held_and_works_again(tmp_path, full_disk):
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        ws.score(ROWS, **CARD)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        full_disk()
        with pytest.raises(StoreError):
            ws.score(ROWS, **CARD)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert ws.verify().content["is_intact"]
        ws.score(ROWS, **CARD)
        assert 2 == sum(each.verb == "score" for each in ws.context.store.runs.list())
    assert os.listdir(tmp_path) == ["lab"]  # noqa: PTH208
