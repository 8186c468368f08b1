"""Two versions of a sky dataset compared: in the notebook, and read back with MLflow's client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import qforge_jupyter as qf
from tests.sky.sky_images import noise, write_image
from tests.sky.sky_survey import make_survey

pytestmark = pytest.mark.filterwarnings("ignore:::mlflow", "ignore::ResourceWarning")
ANY: dict[str, Any] = {"confidence": "none", "quality": "none", "cutout": {"size": 15}}
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def survey(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    return folder, make_survey(folder, 6, 8)


def two_versions(lab, survey) -> Any:
    """Collect four fields, then two more of which one is noisy and full of holes, and compare."""
    folder, detections = survey
    (folder / "f5.fits").unlink()
    pixels = 100 + 9 * (noise(seed=5) - 100)
    pixels[::3] = np.nan
    write_image(folder / "f5.fits", pixels)
    asked: dict[str, Any] = {"folder": str(folder), "refuse_if": "none", **ANY}
    field = pl.col("field_id")
    early = detections.filter(~field.is_in(["field 4", "field 5"]))
    lab.collect("sky", from_=early, **asked)
    later = detections.filter(field.is_in(["field 4", "field 5"]))
    placed = later.with_columns(
        x=pl.when(field == "field 5").then(60.0 + 15 * (pl.int_range(pl.len()) % 8)),
        y=pl.when(field == "field 5").then(90.0),
    )
    lab.collect("sky", from_=placed, **asked)
    return lab.diff("sky HEAD~1..HEAD")


def test_versions_are_compared_by_quality_counts_and_distributions(tmp_path, survey):
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as lab:
        report = two_versions(lab, survey)
        assert (16, 0) == (report.added.height, report.removed.height)
        sky = report.sky
        versions = [lab.load(f"sky@{each}") for each in ("HEAD~1", "HEAD")]
        old, new = (each.frame for each in versions)
        assert (old.height, new.height) == (sky.before.total_samples, sky.after.total_samples)
        counts = {value: (before, after) for value, before, after in sky.counts["field"]}
        expected = {f"field {n}": (8 if n < 4 else 0, 8) for n in range(6)}
        assert expected == counts
        kinds = {value: after for value, _, after in sky.counts["anomaly_type"]}
        assert dict(new["anomaly_type"].value_counts().iter_rows()) == kinds
        # A sixth of the cut-outs fails two questions of five.
        assert sky.after.quality_score < sky.before.quality_score
        assert "quality falls by" in repr(report)
        noises = next(each for each in sky.distributions if each.caption == "noise")
        assert (pytest.approx(1), pytest.approx(1)) == (sum(noises.first), sum(noises.second))
        assert (0.0, pytest.approx(8 / 48)) == (sum(noises.first[10:]), sum(noises.second[10:]))
        assert 10 == len(sky.samples)
        assert all(
            name.startswith("new: d0") and data.startswith(PNG) for name, data in sky.samples
        )
        page = report._repr_mimebundle_()[0]["text/html"]
        assert (10, True) == (page.count("<img"), len(page.encode()) <= 100_000)
        assert lab.diff("sky HEAD~1..HEAD", rows_only=True).sky is None


def test_what_went_is_shown_beside_what_came_and_lost_images_are_counted(tmp_path, survey):
    folder, detections = survey
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as lab:
        asked: dict[str, Any] = {"folder": str(folder), "refuse_if": "none", **ANY}
        lab.collect("sky", from_=detections, **asked)
        held = lab.load("sky").frame
        other = held.with_columns(detection_id=pl.lit("x") + pl.col("detection_id")).tail(9)
        lab.commit(pl.concat([held.head(20), other]), to="sky")
        sky = lab.diff("sky HEAD~1..HEAD").sky
        words = [name.split(":")[0] for name, _ in sky.samples]
        assert {"new": 5, "gone": 5} == {word: words.count(word) for word in words}
        write_image(folder / "new.fits", noise())
        for path in folder.glob("f5*"):
            path.unlink()
        lost = lab.diff("sky HEAD~1..HEAD").sky
        assert len(lost.samples) + lost.n_unread == 10
        assert lost.n_unread > 0
        plain = pl.DataFrame({"id": [1], "tier": ["a"]})
        lab.commit(plain, to="plain", by=["id"])
        lab.commit(plain.with_columns(tier=pl.lit("b")), to="plain")
        assert lab.diff("plain HEAD~1..HEAD").sky is None


def test_mlflow_has_the_comparison_with_its_pictures(tmp_path, survey):
    from mlflow.tracking import MlflowClient

    with qf.open(str(tmp_path / "lab"), progress=False) as lab:
        report = two_versions(lab, survey)
        lab.sync()
        client = MlflowClient(tracking_uri=lab.context.tracker.uri)  # type: ignore[attr-defined]
        experiment = client.get_experiment_by_name("qforge")
        found = client.search_runs([experiment.experiment_id])
        runs = {
            run.data.tags["qforge.verb"]: run for run in found if "qforge.verb" in run.data.tags
        }
        diff = runs["diff"]
        metrics = diff.data.metrics
        assert report.sky.before.quality_score == metrics["quality/before"]
        assert report.sky.after.quality_score == metrics["quality/after"]
        assert report.sky.after.image_quality_score == metrics["image_quality/after"]
        assert 16.0 == metrics["n_added"]
        files = {each.path for each in client.list_artifacts(diff.info.run_id)}
        assert {"report.html", "report.json", "distributions", "samples"} <= files
        samples = client.list_artifacts(diff.info.run_id, "samples")
        assert 10 == len(samples)
        shown = Path(client.download_artifacts(diff.info.run_id, samples[0].path, str(tmp_path)))
        assert PNG == shown.read_bytes()[:8]
        drawn = client.list_artifacts(diff.info.run_id, "distributions")
        assert {
            f"distributions/{each}.svg" for each in ("confidence", "background", "noise", "fwhm")
        } == {each.path for each in drawn}
        svg = Path(client.download_artifacts(diff.info.run_id, drawn[0].path, str(tmp_path)))
        assert svg.read_text(encoding="utf-8").startswith('<svg xmlns="http://www.w3.org/2000/svg"')
        told = client.download_artifacts(diff.info.run_id, "report.json", str(tmp_path))
        held = json.loads(Path(told).read_text(encoding="utf-8"))
        assert 10 == held["sky"]["n_samples"]
        # A collection keeps its pictures, too, and its dataset as an input.
        collected = runs["collect"]
        assert 1 <= len(client.list_artifacts(collected.info.run_id, "samples")) <= 10
        assert collected.inputs.dataset_inputs
