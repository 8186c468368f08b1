"""Sky detections become a dataset in parts: in a cell, from tables and databases, and again."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from PIL import Image

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, DataError, QualityError
from tests.sky.sky_images import noise, write_image
from tests.sky.sky_survey import make_survey

CELL = """\
%%qforge collect sky/hst-2024 from detections into train, validation, test
surveys: [hst, ztf]
cutout: {size: 31 px, stretch: zscale}
"""
ANY: dict[str, Any] = {"confidence": "none", "quality": "none", "cutout": {"size": 15}}


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """Give nine fields on the disk and the 108 detections in them."""
    folder = tmp_path_factory.mktemp("survey")
    return folder, make_survey(folder)


@pytest.fixture
def lab(tmp_path: Path):
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as opened:
        yield opened


def nearest_arcsec(first: pl.DataFrame, second: pl.DataFrame) -> float:
    places = [
        SkyCoord(each["ra"].to_numpy(), each["dec"].to_numpy(), unit="deg")
        for each in (first, second)
    ]
    return float(places[0][:, None].separation(places[1][None, :]).arcsec.min())


def test_a_cell_gives_three_parts_that_share_no_field_and_no_place(notebook, survey):
    folder, detections = survey
    notebook.names["detections"] = detections
    notebook.run("%qforge use ./lab")
    notebook.run(f"{CELL}folder: {folder}\n")
    parts = [notebook.names[name] for name in ("train", "validation", "test")]
    good = detections.filter(pl.col("confidence") >= 0.7, pl.col("quality") >= 0.8)
    ids = [row for part in parts for row in part["detection_id"]]
    assert sorted(good["detection_id"]) == sorted(ids)
    for place, part in enumerate(parts):
        for other in parts[place + 1 :]:
            assert set(part["field"]).isdisjoint(other["field"])
            assert nearest_arcsec(part.frame, other.frame) > 1
    # What was kept is what was given.
    notebook.run("%qforge load sky/hst-2024@HEAD into held")
    assert sorted(ids) == sorted(notebook.names["held"]["detection_id"])


FILTERS: list[tuple[str, dict[str, Any], pl.Expr]] = [
    ("survey", {"surveys": ["hst"]}, pl.col("survey") == "hst"),
    ("time", {"dates": "2024-02-01 .. 2024-05-01"},
     pl.col("observed_at").is_between(pl.date(2024, 2, 1), pl.date(2024, 5, 1))),
    ("confidence", {"confidence": ">= 0.9"}, pl.col("confidence") >= 0.9),
    ("quality", {"quality": ">= 0.85"}, pl.col("quality") >= 0.85),
    ("anomaly type", {"anomaly_types": ["transient", "artifact"]},
     pl.col("anomaly_type") != "none"),
    ("status", {"status": ["validated"]}, pl.col("validation_status") == "validated"),
    ("condition", {"where": "confidence < 0.8"}, pl.col("confidence") < 0.8),
    # A box over RA 0: 350 .. 1 degrees holds the first fields, and not the compressed ones.
    ("region", {"region": {"ra": "350 .. 1", "dec": "9 .. 30"}}, pl.col("ra") > 340),
]  # fmt: skip


@pytest.mark.parametrize(("step", "asked", "passes"), FILTERS, ids=[each[0] for each in FILTERS])
def test_a_filter_lets_through_what_a_query_finds(lab, survey, step, asked, passes):
    folder, detections = survey
    if step == "region":
        passes = passes | ((pl.col("ra") < 1) & pl.col("dec").is_between(9, 30))
    expected = detections.filter(passes)
    made = lab.collect("sky", from_=detections, preview=True, folder=str(folder), **(ANY | asked))
    assert sorted(expected["detection_id"]) == sorted(made.examples["detection_id"])
    left = {each.name: (each.n_before, each.n_left) for each in made.steps}
    assert (108, expected.height) == left[step]
    assert made.left_out.height == 108 - expected.height


def test_at_most_so_many_are_drawn_whatever_the_order(lab, survey):
    folder, detections = survey
    asked: dict[str, Any] = {**ANY, "folder": str(folder), "at_most": 40, "preview": True}
    made = lab.collect("sky", from_=detections, **asked)
    again = lab.collect("sky", from_=detections.sample(fraction=1, shuffle=True, seed=3), **asked)
    assert 40 == made.n_new
    assert set(made.examples["detection_id"]) == set(again.examples["detection_id"])


def test_bad_rows_fall_by_kind_and_the_others_are_kept(lab, survey, tmp_path):
    folder, detections = survey
    images = tmp_path / "images"
    images.mkdir()
    for path in folder.iterdir():
        (images / path.name).write_bytes(path.read_bytes())
    data = (images / "f0.fits").read_bytes()
    (images / "f0.fits").write_bytes(data[:100_000])
    (images / "f1.fits").unlink()
    (images / "f3.fits").unlink()
    write_image(images / "f3.fits", noise(), ra=None)
    field = pl.col("field_id")
    asked = detections.with_columns(
        pl.when(field == "field 4").then(pl.lit("../f4.fits")).otherwise("image").alias("image"),
        pl.when(field == "field 6").then(pl.col("ra") + 20).otherwise("ra").alias("ra"),
    )
    made = lab.collect("sky", from_=asked, folder=str(images), **ANY)
    kinds = dict(made.errors.group_by("kind").len().iter_rows())
    expected = (
        "truncated",
        "missing file",
        "no WCS",
        "outside of the folders",
        "outside of the image",
    )
    assert dict.fromkeys(expected, 12) == kinds
    assert {"field 2", "field 5", "field 7", "field 8"} == set(made.examples["field"])
    rows = asked.with_row_index("row")
    assert (
        rows.filter(field == "field 0")["row"].to_list()
        == made.errors.filter(pl.col("kind") == "truncated")["row"].to_list()
    )


def test_a_second_collection_brings_what_is_new_and_moves_nothing(lab, survey):
    folder, detections = survey
    asked: dict[str, Any] = {**ANY, "folder": str(folder)}
    early = detections.filter(pl.col("observed_at") < pl.date(2024, 4, 15))
    first = lab.collect("sky", from_=early, **asked)
    before = {row: part.name for part in first.parts for row in part["detection_id"]}
    second = lab.collect("sky", from_=detections, **asked)
    after = {row: part.name for part in second.parts for row in part["detection_id"]}
    assert 108 == len(after)
    assert before == {row: after[row] for row in before}
    assert 108 - early.height == second.n_new
    third = lab.collect("sky", from_=detections, **asked)
    assert (0, after) == (
        third.n_new,
        {row: part.name for part in third.parts for row in part["detection_id"]},
    )


def test_an_object_seen_in_two_fields_is_in_one_part(lab, tmp_path):
    rows = []
    for number in range(6):  # three pairs of fields that look at the same place
        ra = (359.9999 + 40 * (number // 2)) % 360
        path = write_image(tmp_path / f"g{number}.fits", noise(seed=number), ra=ra, dec=5.0)
        for star in range(3):
            shift = star * 30 / 3600 + (number % 2) * 0.4 / 3600
            rows.append({"id": f"{number}-{star}", "image": path.name, "ra": (ra + shift) % 360,
                         "dec": 5.0, "field": f"g{number}"})  # fmt: skip
    asked: dict[str, Any] = {**ANY, "folder": str(tmp_path), "from_": pl.DataFrame(rows)}
    made = lab.collect("sky/both", **asked)
    assert [6, 6, 6] == [len(part) for part in made.parts]
    assert 9 == made.examples["object"].n_unique()
    with pytest.raises(QualityError, match="positions within 1 arcsec lie in two parts"):
        lab.collect("sky/fields", together=["field"], **asked)
    assert [] == [each for each in ("sky/fields",) if lab.context.store.datasets.find(each)]


def test_detections_come_from_a_database(lab, survey, tmp_path):
    folder, detections = survey
    plain = detections.with_columns(pl.col("observed_at").cast(pl.String))
    with closing(sqlite3.connect(tmp_path / "log.db")) as base:
        base.execute(f"create table detections ({', '.join(plain.columns)})")
        places = ", ".join("?" * plain.width)
        base.executemany(f"insert into detections values ({places})", plain.rows())  # noqa: S608 — of this test
        base.commit()
    made = lab.collect(
        "sky", from_=f"sqlite:///{tmp_path}/log.db", folder=str(folder),
        query="select * from detections where survey = :survey", values={"survey": "hst"},
        **ANY,
    )  # fmt: skip
    assert detections.filter(pl.col("survey") == "hst").height == made.n_new


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"surveys": ["jwst"]}, DataError, "None of the 108 rows .* fell at `survey`"),
        ({"confidence": "high"}, DataError, "high"),
        ({"at_most": 0}, CallError, "At most"),
        ({"near": True}, CallError, "leave it out for detections"),
        ({"region": {"ra": "10"}}, CallError, "two ends"),
        ({"cutout": {"size": "big"}}, CallError, "63 px"),
        ({"cutout": {"stretch": "cubic"}}, CallError, "No stretch named 'cubic'"),
        ({"cutout": {"mask": "labels"}}, DataError, "no column of labels"),
        ({"together": ["night"]}, CallError, r"together: \[field, object\]"),
        ({"roles": {"ra": "alpha"}}, DataError, "no column 'alpha' for `ra`"),
        ({"object_radius": "0"}, CallError, "above 0"),
        ({"folder": "nowhere"}, DataError, "missing file"),
    ],
)
def test_what_cannot_be_collected_is_refused_in_a_sentence(lab, survey, asked, error, said):
    folder, detections = survey
    with pytest.raises(error, match=said):
        lab.collect("sky", from_=detections, **({**ANY, "folder": str(folder)} | asked))


def test_cut_outs_of_a_dataset_are_all_made_alike(lab, survey):
    folder, detections = survey
    asked: dict[str, Any] = {"folder": str(folder), "confidence": "none"}
    lab.collect("sky", from_=detections.head(60), cutout={"size": 15}, **asked)
    more = lab.collect("sky", from_=detections, **asked)
    assert 15 == more.preprocessing.size
    with pytest.raises(CallError, match="all of a dataset are made alike"):
        lab.collect("sky", from_=detections, cutout={"size": 17}, **asked)


def test_a_harvest_of_decisions_has_no_parts(notebook):
    notebook.names["decisions"] = pl.DataFrame(
        {"id": [1], "input": ["a"], "expected_output": ["b"], "outcome": [True],
         "confidence": [0.9], "score": [80]}
    )  # fmt: skip
    notebook.run("%qforge use ./lab")
    problem, _ = notebook.fail("%qforge collect golden/x from decisions into a, b")
    assert "one result and 2 names came" in str(problem)
    notebook.run("%qforge collect golden/x from decisions into a")
    assert 1 == notebook.names["a"].n_new


@pytest.fixture
def poor(survey, tmp_path) -> tuple[Path, pl.DataFrame]:
    """Give the survey with two fields of three spoiled: blank, saturated, without a source."""
    folder, detections = survey
    images = tmp_path / "poor"
    images.mkdir()
    for path in folder.iterdir():
        (images / path.name).write_bytes(path.read_bytes())
    for field in (0, 1, 3, 4, 6, 7):
        with fits.open(images / f"f{field}.fits", mode="update") as units:
            units[0].data[::3] = np.nan
            units[0].data[units[0].data > 110] = 400.0
            units[0].header["SATURATE"] = 300.0
    return images, detections


def test_a_collection_of_poor_quality_is_refused_with_its_reasons(notebook, poor):
    folder, detections = poor
    notebook.names["detections"] = detections.with_columns(anomaly_type=pl.lit("flare"))
    notebook.run("%qforge use ./lab")
    cell = f"{CELL}folder: {folder}\nconfidence: none\n"
    problem, said = notebook.fail(cell)
    assert isinstance(problem, QualityError)
    assert "quality is 0." in str(problem)
    assert "cut-outs without more than 5 % of their pixels" in str(problem)
    assert "refused" in said
    assert notebook.context.store.datasets.find("sky/hst-2024") is None
    # The report can be looked at, and the bound be taken away.
    notebook.run(cell.replace("train, validation, test", "look --preview"))
    look = notebook.names["look"]
    assert look.quality.quality_score < 0.8
    assert look.quality.total_samples == 108
    assert any("saturated" in each for each in look.quality.issues)
    notebook.run(cell + "refuse if: none\n")
    assert 108 == sum(len(notebook.names[name]) for name in ("train", "validation", "test"))


def test_a_collection_says_how_good_it_is(lab, survey):
    folder, detections = survey
    made = lab.collect("sky", from_=detections, folder=str(folder), surveys=["hst", "ztf"], **ANY)
    report = made.quality
    ratio = detections.filter(pl.col("anomaly_type") != "none").height / 108
    assert (108, pytest.approx(ratio)) == (report.total_samples, report.anomaly_ratio)
    assert (1.0, 1.0) == (report.survey_coverage, report.temporal_distribution)
    assert report.image_quality_score > 0.95
    assert report.label_consistency is None
    seen = made.examples["fwhm"].drop_nulls()
    assert pytest.approx(3.0, abs=0.15) == float(seen.median())
    assert pytest.approx(100, abs=1) == float(made.examples["background"].median())
    assert pytest.approx(5, abs=0.5) == float(made.examples["noise"].median())


def test_the_parts_are_loaded_in_one_call(lab, survey, tmp_path):
    folder, detections = survey
    made = lab.collect("sky/hst", from_=detections, folder=str(folder), **ANY)
    expected = {part.name: part["detection_id"].to_list() for part in made.parts}
    for found in (
        qf.load_training_data(dataset="sky/hst", workspace=lab),
        qf.load_training_data("sky/hst", workspace=str(tmp_path / "lab")),
        qf.load_training_data(collection=made),
    ):
        assert ["train", "validation", "test"] == [part.name for part in found]
        assert expected == {part.name: part["detection_id"].to_list() for part in found}
        # The images are found where they were collected from.
        image, kind = found[2].torch(target="anomaly_type")[0]
        assert (1, 15, 15) == tuple(image.shape)
        types = sorted(detections["anomaly_type"].unique())
        assert found[2]["anomaly_type"][0] == types[int(kind)]
    assert made.split is not None
    again = made.split.torch("test", target="anomaly_type", folder=str(folder))
    assert int(kind) == int(again[0][1])
    np.testing.assert_array_equal(image, again[0][0])
    with pytest.raises(CallError, match="One thing is loaded"):
        qf.load_training_data()
    lab.commit(pl.DataFrame({"a": [1]}), to="plain")
    with pytest.raises(CallError, match="was never split"):
        qf.load_training_data("plain", workspace=lab)
    with pytest.raises(CallError):
        qf.load_training_data("nothing", workspace=lab)


def marked(row: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Mark each star in one of four ways, in pixels of its image from the upper left corner."""
    x, y, kind = row["x"] + 0.5, 200 - row["y"] - 0.5, row["number"] % 4
    if kind == 0:
        return [{"x": x, "y": y, "radius": 3.0, "label": "star"}]
    if kind == 1:
        return [{"x": x - 3, "y": y - 3, "width": 6.0, "height": 6.0, "label": "star"}]
    if kind == 2:
        return [{"points": [[x - 4, y - 4], [x + 4, y - 4], [x, y + 6]], "label": "star"}]
    start = int(y) * 240 + int(x) - 2
    return [{"width": 240, "height": 200, "runs": [start, 5], "label": "star"}]


@pytest.mark.parametrize("form", ["structs", "JSON"])
def test_masks_are_made_of_what_was_marked(lab, survey, form):
    folder, detections = survey
    placed = lab.collect("places", from_=detections, folder=str(folder), preview=True, **ANY)
    places = placed.examples.select("detection_id", "image", "field", "x", "y")
    rows = places.with_row_index("number").to_dicts()
    marks = [marked(row) for row in rows]
    marks[0], marks[1] = None, [{"x": 900.0, "y": 5.0, "radius": 3.0, "label": "star"}]
    marks[2] = [{"x": 1.0, "y": 1.0, "radius": 1.0, "label": "star"}]
    marks[5] = []
    if form == "JSON":
        column = pl.Series("marks", [None if each is None else json.dumps(each) for each in marks])
    else:
        column = pl.Series("marks", marks, strict=False)
    asked = {**ANY, "cutout": {"size": 15, "mask": "labels"}, "folder": str(folder)}
    made = lab.collect("sky/masks", from_=places.with_columns(column), **asked)
    assert {"no mask": 1, "mask outside of the image": 2} == dict(
        made.errors.group_by("kind").len().iter_rows()
    )
    assert [0, 1, 2] == sorted(made.errors["row"])
    parts = qf.load_training_data("sky/masks", workspace=lab)
    kinds = dict(zip(places["detection_id"], range(108), strict=True))
    for part in parts:
        for name, (image, mask) in zip(part["detection_id"], part.torch(masks=True), strict=True):
            number = kinds[name]
            # A circle of radius 3, a box of 6 by 6, a triangle of 8 by 10, five painted pixels.
            area = 0 if number == 5 else [28.3, 36, 40, 5][number % 4]
            assert area == pytest.approx(int(mask.sum()), abs=5 if number % 4 != 3 else 0)
            if number != 5:
                # The star is brightest in the middle, and lies under its mask.
                assert mask[7, 7] == 1
                assert float(image[0][mask == 1].mean()) > float(image[0].mean())


def test_the_page_shows_cut_outs_and_distributions_in_little_space(lab, survey):
    folder, detections = survey
    made = lab.collect("sky", from_=detections, folder=str(folder), **ANY)
    page = made._repr_mimebundle_()[0]["text/html"]
    assert 10 == page.count("<img") == len(made.samples)
    assert len(page.encode()) <= 100_000
    # A picture is the array that is trained on, turned so that the sky is upright.
    name, data = made.samples[0]
    row = made.examples.with_row_index("place").filter(pl.col("detection_id") == name)
    part = next(each for each in made.parts if name in each["detection_id"])
    image = part.torch()[part["detection_id"].to_list().index(name)][0].numpy()
    drawn = np.asarray(Image.open(io.BytesIO(data)))
    assert 1 == row.height
    np.testing.assert_array_equal(np.rint(255 * image[::-1]), drawn)
    assert all(f">{each}<" in page or each in page for each in ("noise", "fwhm", "background"))


def test_a_cell_of_three_names_is_shown_as_python_of_three_names(notebook, survey):
    folder, detections = survey
    notebook.names["detections"] = detections
    notebook.run("%qforge use ./lab")
    cell = f"{CELL}folder: {folder}\n"
    notebook.shell.run_cell(cell.replace("test\n", "test --as-python\n", 1))
    shown = notebook.capsys.readouterr().out.strip()
    assert shown.startswith("train, validation, test = ws.collect(")
    assert shown.endswith(").parts")
