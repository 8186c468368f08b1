"""What goes beyond the check reads its files batch by batch, and says what frames say."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from planting import plant, table

from qforge_jupyter.engine.collapse.cascade.case import CascadeCase
from qforge_jupyter.engine.collapse.cascade.climbing import climb
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.diversity.measuring import DiversityCase, measure_diversity
from qforge_jupyter.engine.collapse.localizing import blocks
from qforge_jupyter.engine.collapse.localizing.localizing import localize
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


def test_rows_of_files_are_judged_as_those_of_frames(sides, monkeypatch):
    held, files = sides
    whole = localize(CollapseCase(*held, "target"))
    monkeypatch.setattr(blocks, "BATCH_ROWS", 60)
    read = localize(CollapseCase(*files, "target"))
    assert whole.rows["row"].equals(read.rows["row"])
    assert whole.rows["reason"].equals(read.rows["reason"])
    np.testing.assert_allclose(whole.scores["score"], read.scores["score"], atol=1e-5)
    assert (whole.regions, whole.missing_regions) == (read.regions, read.missing_regions)
    assert whole.missing.equals(read.missing)


def test_where_not_all_rows_fit_the_index_equal_ones_are_still_found_among_all(monkeypatch):
    planted = plant("copied", table("breast_cancer"))
    monkeypatch.setattr(blocks, "SAMPLE_ROWS", 150)
    monkeypatch.setattr(blocks, "NEAR_NUMBERS", 1)
    found = localize(planted.case)
    n_bad = int(planted.is_bad.sum())
    first = found.rows["row"].head(n_bad).to_numpy()
    assert planted.is_bad[first].mean() > 0.9
    assert "Near rows were looked for among 150 drawn rows of real" in repr(found)
