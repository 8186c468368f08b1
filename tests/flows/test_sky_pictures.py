"""Detections in PNG, TIFF and NumPy files become a dataset as those in FITS do."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest
import tifffile
from PIL import Image

import qforge_jupyter as qf
from tests.sky.sky_images import noise, write_image

KINDS = ("fits", "png", "tif", "npy")


@pytest.fixture
def survey(tmp_path):
    """Write four fields of each kind of file, each with the same five stars."""
    rows = []
    for kind in KINDS:
        for number in range(4):
            pixels = noise((60, 80), number)
            for x in (10, 25, 40, 55, 70):
                pixels[28:31, x - 1 : x + 2] += 500
            name = f"{kind}{number}.{kind}"
            if kind == "fits":
                write_image(tmp_path / name, pixels)
            elif kind == "png":
                Image.fromarray(np.rint(pixels).astype(np.uint16)).save(tmp_path / name)
            elif kind == "tif":
                tifffile.imwrite(tmp_path / name, pixels, compression="lzw")
            else:
                np.save(tmp_path / name, pixels)
            rows += [
                {"id": f"{kind}{number}-{x}", "image": name, "x": float(x), "y": 29.0,
                 "survey": kind, "anomaly_type": "none" if x == 10 else "flare"}
                for x in (10, 25, 40, 55, 70)
            ]  # fmt: skip
    return tmp_path, pl.DataFrame(rows)


def test_every_kind_of_file_is_collected_and_trained_on(survey):
    folder, detections = survey
    lost = pl.DataFrame({"id": ["no place"], "image": ["png0.png"], "ra": [150.0], "dec": [2.0]})
    asked = pl.concat([detections, lost], how="diagonal")
    with qf.open(str(folder / "lab"), tracker="none", progress=False) as lab:
        made = lab.collect(
            "sky/all", from_=asked, folder=str(folder), cutout={"size": 9, "stretch": "asinh"}
        )
        assert (80, {"no WCS": 1}) == (
            made.n_new,
            dict(made.errors.group_by("kind").len().iter_rows()),
        )
        noises = made.examples.group_by("survey").agg(pl.col("noise").median())
        assert dict.fromkeys(KINDS, pytest.approx(5.0, abs=1.5)) == dict(noises.iter_rows())
        parts = qf.load_training_data("sky/all", workspace=lab)
    assert 80 == sum(len(part) for part in parts)
    for part in parts:
        for image in part.torch():
            assert (1, 9, 9) == tuple(image.shape)
            assert float(image[0][3:6, 3:6].mean()) > 0.8 > float(image[0].mean())


def test_a_picture_is_shown_as_it_lies_in_its_file(tmp_path):
    pixels = np.zeros((9, 9), np.uint8)
    pixels[:3] = 200
    Image.fromarray(pixels).save(tmp_path / "a.png")
    write_image(tmp_path / "a.fits", pixels)
    rows = pl.DataFrame(
        {"id": ["a", "b"], "image": ["a.png", "a.fits"], "x": [4.0] * 2, "y": [4.0] * 2}
    )
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as lab:
        look = lab.collect(
            "sky", from_=rows, folder=str(tmp_path), preview=True,
            cutout={"size": 9, "stretch": "linear"},
        )  # fmt: skip
    shown = {name: np.asarray(Image.open(io.BytesIO(data))) for name, data in look.samples}
    assert (255, 0) == (shown["a"][0, 0], shown["a"][8, 0])
    assert (0, 255) == (shown["b"][0, 0], shown["b"][8, 0])
