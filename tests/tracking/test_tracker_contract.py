"""Every tracker keeps the contract of the family."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tracked_objects import read

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.tracking import FAMILY, open_tracker

MEMBERS = FAMILY.names()


def test_there_are_mlflow_and_none():
    assert MEMBERS == ("mlflow", "none")


@pytest.mark.parametrize("name", MEMBERS)
def test_each_tracker_prepares_shows_and_describes(
    name: str, lab: Path, make_record: Callable[..., RunRecord]
):
    tracker = open_tracker(name, uri="", experiment="qforge", artifact_root=lab / "artifacts")
    tracker.prepare()
    assert tracker.is_ready()
    assert tracker.show(make_record(), read=read) == tracker.show(make_record(), read=read)
    assert "\n" not in tracker.describe()


def test_an_unknown_tracker_is_answered_with_the_nearest(tmp_path: Path):
    with pytest.raises(CallError, match="did you mean 'mlflow'"):
        open_tracker("mlfow", uri="", experiment="", artifact_root=tmp_path)


def test_a_description_holds_no_secret(tmp_path: Path):
    uri = "https://ann:hunter2@host/"
    tracker = open_tracker("mlflow", uri=uri, experiment="qforge", artifact_root=tmp_path)
    assert tracker.describe() == "MLflow experiment 'qforge' at https://***@host/"
    assert "hunter2" not in repr(tracker)
