"""Cut-outs as a torch Dataset and DataLoader: the same arrays, few reads, spawned workers."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from qforge_jupyter.errors import CallError, DataError, FormatError
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.results.sky_part import SkyPart
from qforge_jupyter.sky.cutting import cut_outs, wanted_of
from qforge_jupyter.sky.measuring import digest_of
from qforge_jupyter.sky.preprocessing import Preprocessing
from tests.sky.sky_images import noise, write_compressed, write_image

MADE = Preprocessing(size=15, stretch="asinh")


@pytest.fixture
def part(tmp_path):
    """Give five cut-outs of each of four files, one of them compressed."""
    rows: list[dict[str, Any]] = []
    for number in range(4):
        pixels = noise((60, 70), number)
        path = tmp_path / f"{number}.fits"
        if number == 3:
            write_compressed(path, [pixels])
        else:
            write_image(path, pixels)
        rows += [
            {"image": path.name, "x": 8.0 * each, "y": 20.0 + each, "type": "ab"[each % 2],
             "flux": float(each), "labels": '[{"x": 0, "y": 0, "width": 70, "height": 60}]'}
            for each in range(5)
        ]  # fmt: skip
    frame = pl.DataFrame(rows)
    folders = Pictures([tmp_path])
    asked = [wanted_of(row, place) for place, row in enumerate(frame.iter_rows(named=True))]
    cuts = {cut.wanted.row: cut for cut in cut_outs(asked, 15, folders)}
    frame = frame.with_columns(
        pl.Series("digest", [digest_of(cuts[row]) for row in range(20)]),
        preprocessing=pl.lit(MADE.record),
    )
    arrays = [MADE.apply(cuts[row].pixels, cuts[row].inside) for row in range(20)]
    return SkyPart("train", frame, (str(tmp_path),), frame.lazy()), np.stack(arrays)


def test_a_dataset_gives_what_the_preprocessing_makes(part):
    train, arrays = part
    made = train.torch()
    assert isinstance(made, torch.utils.data.Dataset)
    assert 20 == len(made)
    np.testing.assert_array_equal(arrays, torch.stack([made[i] for i in range(20)])[:, 0])
    assert (torch.float32, (1, 15, 15)) == (made[0].dtype, tuple(made[-1].shape))
    with pytest.raises(IndexError):
        made[20]


def test_masks_and_targets_come_with_the_image(part):
    train, _ = part
    image, mask, target = train.torch(target="type", masks=True)[0]
    # The first cut-out begins seven pixels left of the image, which the mark covers whole.
    assert ((1, 15, 15), 15 * 8, torch.int64, 0) == (
        tuple(image.shape), int(mask.sum()), mask.dtype, int(target),
    )  # fmt: skip
    assert 1 == int(train.torch(target="type")[1][1])
    assert 4.0 == float(train.torch(target="flux")[4][1])


def test_classes_are_numbered_alike_in_every_part(part):
    train, _ = part
    alone = SkyPart("test", train.frame.filter(pl.col("type") == "b"), train.folders, train.source)
    assert {1} == {int(target) for _, target in alone.torch(target="type")}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_gives_every_cut_out_once_whoever_reads(part, tmp_path, workers):
    train, arrays = part
    loader = train.loader(
        batch_size=6, workers=workers, target="flux", cache=str(tmp_path / "cache")
    )
    for _ in range(2):
        found = [
            (image, target)
            for images, targets in loader
            for image, target in zip(images, targets, strict=True)
        ]
        assert 20 == len(found)
        # Files are mixed; each cut-out is one of those with its flux.
        assert [0.0, 1.0, 2.0, 3.0, 4.0] * 4 != [float(target) for _, target in found]
        seen = sorted(float(image.sum()) for image, _ in found)
        assert pytest.approx(sorted(arrays.sum(axis=(1, 2)).tolist()), rel=1e-5) == seen
    assert 4 == len(list((tmp_path / "cache").glob("*-image.npy")))
    assert 4 == len(list((tmp_path / "cache").iterdir()))


def test_the_order_is_that_of_the_seed_and_changes_with_the_epoch(part):
    train, _ = part
    orders = []
    for seed in (1, 1, 2):
        sampler = train.loader(seed=seed).sampler
        orders.append([list(sampler), list(sampler)])
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert orders[0][0] != orders[0][1]
    assert list(range(20)) == sorted(orders[0][0]) == sorted(orders[0][1])
    assert list(range(20)) == list(train.loader(shuffle=False).sampler)


def test_a_cache_is_read_without_the_images(part, tmp_path):
    train, arrays = part
    cache = str(tmp_path / "cache")
    for _ in train.torch(cache=cache, masks=True):
        pass
    for path in tmp_path.glob("*.fits"):
        path.unlink()
    again = train.torch(cache=cache, masks=True)
    np.testing.assert_array_equal(arrays[7], again[7][0][0])
    assert 225 == int(again[3][1].sum())
    with pytest.raises(FormatError, match="cannot be read any more"):
        train.torch()[0]


def test_an_image_that_changed_is_refused(part, tmp_path):
    train, _ = part
    (tmp_path / "1.fits").unlink()
    write_image(tmp_path / "1.fits", noise((60, 70), 99))
    made = train.torch()
    made[0]
    with pytest.raises(FormatError, match="other pixels than when it was collected"):
        made[5]


def test_images_that_moved_are_found_in_their_new_folder(part, tmp_path):
    train, arrays = part
    (tmp_path / "new").mkdir()
    for path in tmp_path.glob("*.fits"):
        path.rename(tmp_path / "new" / path.name)
    made = train.torch(folder=str(tmp_path / "new"))
    np.testing.assert_array_equal(arrays[19], made[19][0])


def test_what_a_worker_is_sent_holds_no_pixels(part):
    train, _ = part
    made = train.torch()
    before = len(pickle.dumps(made))
    for _ in made:
        pass
    assert before == len(pickle.dumps(made))


def test_what_cannot_be_learned_from_is_refused(part):
    train, _ = part
    with pytest.raises(CallError, match="No column named 'typ'"):
        train.torch(target="typ")
    holed = train.frame.with_columns(pl.when(pl.int_range(20) > 0).then("flux").alias("flux"))
    with pytest.raises(DataError, match="lacks a value in 1 rows"):
        SkyPart("train", holed).torch(target="flux")
    with pytest.raises(DataError, match="the dataset has none"):
        SkyPart("train", train.frame.drop("labels")).torch(masks=True)
    with pytest.raises(DataError, match="holds no cut-outs"):
        SkyPart("train", pl.DataFrame({"a": [1]})).torch()
    with pytest.raises(CallError, match="at least one cut-out"):
        train.loader(batch_size=0)
