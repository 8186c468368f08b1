"""What a trained model is given is what it was trained on; masks keep their classes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from astropy.io import fits
from astropy.nddata import Cutout2D

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, DataError
from tests.sky.sky_survey import SHAPE, make_survey

ANY: dict[str, Any] = {"confidence": "none", "quality": "none"}


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    return folder, make_survey(folder, 6, 8)


@pytest.fixture
def lab(tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as opened:
        yield opened


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_inference_gets_bitwise_what_the_loader_gives(lab, survey, dtype):
    folder, detections = survey
    cutout = {"size": 15, "stretch": "asinh", "dtype": dtype, "blanks": "background"}
    lab.collect("sky", from_=detections, folder=str(folder), cutout=cutout, **ANY)
    preprocessing = qf.load_preprocessing("sky", workspace=lab)
    assert (15, dtype) == (preprocessing.size, preprocessing.dtype)
    assert preprocessing == qf.load_preprocessing("sky@HEAD", workspace=lab)
    train = qf.load_training_data("sky", workspace=lab)[0]
    images = torch.cat(list(train.loader(shuffle=False, batch_size=7)))
    assert len(train) == len(images)
    for image, row in zip(images, train.frame.iter_rows(named=True), strict=True):
        # Bitwise the same from the file, and from a square that astropy cut out.
        at = {name: row[name] for name in ("x", "y")}
        assert torch.equal(image, preprocessing.read(row["image"], folder=str(folder), **at))
        whole = fits.getdata(folder / row["image"])
        place = (row["x"], row["y"])
        square = Cutout2D(whole.astype(float), place, 15, mode="partial", fill_value=np.nan).data
        assert torch.equal(image, preprocessing.tensor(square, np.isfinite(square)))


def test_masks_of_several_classes_keep_their_names(lab, survey):
    folder, detections = survey
    placed = lab.collect("look", from_=detections, folder=str(folder), preview=True, **ANY)
    rows = placed.examples.select("detection_id", "image", "field", "x", "y").to_dicts()
    for number, row in enumerate(rows):
        # As the labeling widget has them: y from the upper edge, and pixels begin at 0.
        x, y = row["x"] + 0.5, SHAPE[0] - row["y"] - 0.5
        marks = [
            {"x": x - 5, "y": y - 1, "width": 10.0, "height": 2.0, "label": "trail"},
            {"x": x, "y": y, "radius": 2.0, "label": "star"},
        ]
        row["labels"] = json.dumps(marks if number else [{**marks[0], "label": "satellite"}])
    cutout = {"size": 15, "mask": "labels", "classes": ["star", "trail"]}
    asked: dict[str, Any] = {"folder": str(folder), **ANY}
    made = lab.collect("sky/marked", from_=pl.DataFrame(rows), cutout=cutout, **asked)
    assert ["no mask"] == made.errors["kind"].to_list()
    assert "of the labels: 1 star, 2 trail" in repr(made)
    assert ("star", "trail") == qf.load_preprocessing("sky/marked", workspace=lab).classes
    for part in qf.load_training_data("sky/marked", workspace=lab):
        for _, mask in part.torch(masks=True):
            assert (1, {0, 1, 2}) == (int(mask[7, 7]), set(mask.unique().tolist()))
            assert 4 * np.pi == pytest.approx(int((mask == 1).sum()), abs=4)
        # One class alone, or every mark as one, when that is asked for.
        _, mask = part.torch(masks=True, classes=("trail", "star"))[0]
        assert 2 == int(mask[7, 7])
    # A later collection asks for the same masks without saying it again.
    more = pl.DataFrame([{**rows[1], "detection_id": "later", "labels": None}])
    with pytest.raises(DataError, match=r"the last 1 fell at `image` \(no mask\)"):
        lab.collect("sky/marked", from_=more, **asked)


def test_what_has_no_preprocessing_says_so(lab):
    lab.commit(pl.DataFrame({"a": [1]}), to="plain")
    with pytest.raises(CallError, match="holds no cut-outs"):
        qf.load_preprocessing("plain", workspace=lab)
    with pytest.raises(CallError, match="No dataset named 'nothing'"):
        qf.load_preprocessing("nothing", workspace=lab)


@pytest.mark.parametrize(
    ("cutout", "said"),
    [
        ({"mask": "none", "classes": ["a"]}, "ask for one with  mask: labels"),
        ({"mask": "labels", "classes": ["a", "a"]}, "each named once"),
    ],
)
def test_classes_that_cannot_be_are_refused(lab, survey, cutout, said):
    with pytest.raises(CallError, match=said):
        lab.collect("sky", from_=survey[1], cutout=cutout, folder=str(survey[0]), **ANY)
