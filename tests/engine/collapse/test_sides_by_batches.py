"""What goes beyond the check reads its files batch by batch, and says what frames say."""

from __future__ import annotations

import polars as pl
import pytest
from planting import plant, table

from qforge_jupyter.engine.collapse.cascade.case import CascadeCase
from qforge_jupyter.engine.collapse.cascade.climbing import climb
from qforge_jupyter.engine.collapse.diversity.measuring import DiversityCase, measure_diversity
from qforge_jupyter.frames import Table


@pytest.fixture
def sides(tmp_path, monkeypatch):
    """Give two tables in memory, and the same ones in files that are read 60 rows at a time."""
    planted = plant("repeated", table("breast_cancer"))
    frames = {"synth": planted.candidate, "real": planted.reference}
    for name, frame in frames.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    monkeypatch.setattr(Table.batches, "__defaults__", (None, 60))
    held = [Table.of_frame(name, frame) for name, frame in frames.items()]
    files = [Table(name, pl.scan_parquet(tmp_path / f"{name}.parquet")) for name in frames]
    yield held, files
    assert not any("frame" in each.__dict__ for each in files)


def test_diversity_of_files_is_that_of_frames(sides):
    held, files = sides
    assert repr(measure_diversity(DiversityCase(*held))) == repr(
        measure_diversity(DiversityCase(*files))
    )


def test_the_cascade_of_files_is_that_of_frames(sides):
    held, files = (climb(CascadeCase(*each, target="target", rows=300)) for each in sides)
    assert repr(held) == repr(files)
