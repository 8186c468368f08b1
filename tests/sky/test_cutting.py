"""Cut-outs of real and written FITS files: the right pixels, the right sky, few bytes."""

from __future__ import annotations

import gzip
import os
import shutil
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.nddata import Cutout2D

from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import CutOut, Wanted, cut_outs, wanted_of
from qforge_jupyter.sky.troubles import Trouble
from tests.sky.sky_images import M13, M13_RICE, noise, write_compressed, write_image

#: What this thread has read: other threads of the process read what they like.
IO = Path("/proc/thread-self/io")


def cut(folder, size, *wanted: Wanted):
    found = {}
    for each in cut_outs(wanted, size, Pictures([folder])):
        if isinstance(each, CutOut):
            found[each.wanted.row] = each
        else:
            found[each[0].row] = each[1]
    return found


@pytest.mark.parametrize("size", [1, 10, 63])
@pytest.mark.parametrize("place", [(150.0, 120.0), (150.4, 120.5), (3.0, 2.0), (298.4, 297.2)])
def test_a_cut_out_is_that_of_astropy(size, place):
    pixels = fits.getdata(M13).astype(float)
    expected = Cutout2D(pixels, place, size, mode="partial", fill_value=np.nan)
    made = cut(M13.parent, size, Wanted(0, "m13.fits", *place))[0]
    np.testing.assert_array_equal(expected.data, made.pixels)
    np.testing.assert_array_equal(np.isfinite(expected.data), made.inside)


def test_compressed_tiles_hold_the_same_pixels():
    asked = [Wanted(i, name, 70.0, 200.0) for i, name in enumerate(("m13.fits", "m13_rice.fits"))]
    made = cut(M13_RICE.parent, 31, *asked)
    np.testing.assert_array_equal(made[0].pixels, made[1].pixels)
    assert (True, True) == (made[0].is_whole, made[1].is_whole)


def test_any_extension_is_read_by_number_or_name(tmp_path):
    planes = [noise(seed=seed) for seed in (1, 2)]
    write_compressed(tmp_path / "a.fits", planes, "GZIP_2")
    made = cut(
        tmp_path,
        5,
        *(Wanted(i, "a.fits", 20, 30, hdu=hdu) for i, hdu in enumerate((None, 2, "SCI2", "NONE"))),
    )
    held = [fits.getdata(tmp_path / "a.fits", ext)[28:33, 18:23] for ext in (1, 2)]
    np.testing.assert_array_equal(held[0], made[0].pixels.astype(np.float32))
    np.testing.assert_array_equal(held[1], made[1].pixels.astype(np.float32))
    np.testing.assert_array_equal(made[1].pixels, made[2].pixels)
    assert "no image" == made[3].kind


def test_a_place_of_the_sky_is_found_and_the_cut_out_knows_where_it_lies(tmp_path):
    write_image(tmp_path / "a.fits", noise(), ra=359.99, dec=-70.0)
    there = SkyCoord(0.005, -70.01, unit="deg")
    made = cut(tmp_path, 21, Wanted(0, "a.fits", ra=0.005, dec=-70.01))[0]
    x, y = made.wcs.world_to_pixel(there)
    assert (made.x - made.left, made.y - made.bottom) == pytest.approx((float(x), float(y)))
    # The pixel at which it lies is the one in the middle.
    assert (10, 10) == (round(float(x)), round(float(y)))


def test_the_sky_of_a_cut_out_beyond_the_edge_is_that_of_the_image(tmp_path):
    from astropy.wcs import WCS

    path = write_image(tmp_path / "a.fits", noise())
    made = cut(tmp_path, 21, Wanted(0, "a.fits", 2, 3))[0]
    whole = WCS(fits.getheader(path))
    here, there = made.wcs.pixel_to_world(10, 10), whole.pixel_to_world(2, 3)
    assert here.separation(there).arcsec < 1e-6
    assert 8 * 21 + 7 * 13 == (~made.inside).sum()


def test_what_is_scaled_and_what_is_blank_is_read_as_astropy_reads_it(tmp_path):
    whole = np.arange(400, dtype=np.uint16).reshape(20, 20) + 40_000
    fits.PrimaryHDU(whole).writeto(tmp_path / "unsigned.fits")
    blank = fits.PrimaryHDU(np.arange(400, dtype=np.int16).reshape(20, 20))
    blank.header["BLANK"] = 7
    blank.writeto(tmp_path / "blank.fits")
    cube = np.arange(800, dtype=np.float32).reshape(2, 20, 20)
    fits.PrimaryHDU(cube).writeto(tmp_path / "cube.fits")
    names = ("unsigned.fits", "blank.fits", "cube.fits")
    made = cut(tmp_path, 20, *(Wanted(i, name) for i, name in enumerate(names)))
    np.testing.assert_array_equal(whole, made[0].pixels)
    np.testing.assert_array_equal(fits.getdata(tmp_path / "blank.fits"), made[1].pixels)
    np.testing.assert_array_equal(cube[0], made[2].pixels)
    assert np.isnan(made[1].pixels[0, 7])
    assert (True, False, False) == tuple(made[i].is_whole for i in range(3))


def test_what_is_wrong_with_one_row_is_told_by_kind_and_the_others_go_on(tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    write_image(inside / "good.fits", noise())
    write_image(inside / "flat.fits", noise(), ra=None)
    write_image(tmp_path / "out.fits", noise())
    (inside / "link.fits").symlink_to(tmp_path / "out.fits")
    data = (inside / "good.fits").read_bytes()
    (inside / "cut.fits").write_bytes(data[: len(data) // 2])
    (inside / "head.fits").write_bytes(data[:1000])
    (inside / "text.fits").write_text("no picture at all")
    packed = gzip.compress(data)
    (inside / "good.fits.gz").write_bytes(packed)
    (inside / "cut.fits.gz").write_bytes(packed[: len(packed) // 2])
    rows = [
        ("good.fits", {"x": 5, "y": 5}, None),
        ("good.fits", {"x": 500, "y": 5}, "outside of the image"),
        ("good.fits", {"x": -3.6, "y": 5}, "outside of the image"),
        ("good.fits", {"ra": 330.0, "dec": -2.0}, "outside of the image"),
        ("good.fits", {"x": 5}, "no position"),
        ("good.fits", {"x": float("nan"), "y": 5}, "no position"),
        ("good.fits", {"ra": 150.0, "dec": 95.0}, "no position"),
        ("flat.fits", {"ra": 150.0, "dec": 2.0}, "no WCS"),
        ("flat.fits", {}, None),
        ("missing.fits", {}, "missing file"),
        (".", {}, "missing file"),
        ("a\0b.fits", {}, "missing file"),
        ("../out.fits", {}, "outside of the folders"),
        ("link.fits", {}, "outside of the folders"),
        ("https://example.org/a.fits", {}, "outside of the folders"),
        ("cut.fits", {}, "truncated"),
        ("head.fits", {}, "damaged"),
        ("text.fits", {}, "unknown format"),
        ("good.fits.gz", {"x": 5, "y": 5}, None),
        ("cut.fits.gz", {"x": 5, "y": 195}, "damaged"),
    ]
    asked = [Wanted(row, path, **at) for row, (path, at, _) in enumerate(rows)]
    made = cut(inside, 7, *asked)
    said = [made[i].kind if isinstance(made[i], Trouble) else None for i in range(len(rows))]
    assert [kind for _, _, kind in rows] == said
    np.testing.assert_array_equal(made[0].pixels, made[18].pixels)


def read_bytes() -> int:
    """Count the bytes that this thread has read so far."""
    return int(IO.read_text(encoding="ascii").split()[1])


@pytest.mark.skipif(not IO.exists(), reason="only Linux counts bytes read")
@pytest.mark.parametrize("is_compressed", [False, True])
def test_many_cut_outs_of_a_file_read_at_most_twice_its_bytes(tmp_path, is_compressed):
    pixels = noise((600, 500))
    if is_compressed:
        write_compressed(tmp_path / "a.fits", [pixels])
    else:
        write_image(tmp_path / "a.fits", pixels)
    for name in "bcd":
        shutil.copy(tmp_path / "a.fits", tmp_path / f"{name}.fits")
    places = np.random.default_rng(1).uniform(0, 500, (200, 2))
    asked = [Wanted(i, f"{'abcd'[i % 4]}.fits", x, y) for i, (x, y) in enumerate(places)]
    cut(tmp_path, 31, Wanted(0, "a.fits", 9, 9))  # imports read, too
    before = read_bytes()
    made = cut(tmp_path, 31, *asked)
    n_read = read_bytes() - before
    assert 200 == len(made)
    assert n_read <= 2 * sum(path.stat().st_size for path in tmp_path.iterdir())


@pytest.mark.skipif(not IO.exists(), reason="only Linux counts bytes read")
def test_one_cut_out_of_a_large_image_leaves_the_rest_on_the_disk(tmp_path):
    write_image(tmp_path / "a.fits", np.zeros((2000, 2000), np.float32))
    cut(tmp_path, 31, Wanted(0, "a.fits", 9, 9))
    before = read_bytes()
    cut(tmp_path, 31, Wanted(0, "a.fits", 900, 900))
    assert read_bytes() - before < 400_000  # of 16 MB


def test_a_header_that_claims_giant_tiles_is_refused_before_they_are_made(tmp_path):
    write_compressed(tmp_path / "a.fits", [noise((20, 20))])
    with fits.open(tmp_path / "a.fits", disable_image_compression=True) as units:
        header = units[1].header
        header["ZNAXIS1"] = header["ZTILE1"] = 2**30
        units.writeto(tmp_path / "b.fits")
    made = cut(tmp_path, 5, Wanted(0, "b.fits", 9, 9))[0]
    assert ("damaged", True) == (made.kind, "claim more pixels" in str(made))


def test_a_tile_that_claims_more_bytes_than_its_file_has_takes_no_memory(tmp_path):
    """Want of memory would stop the whole run, and here one file is at fault."""
    write_compressed(tmp_path / "a.fits", [noise((20, 20))])
    with fits.open(tmp_path / "a.fits", disable_image_compression=True) as units:
        place = units[1].fileinfo()["datLoc"]
    data = bytearray((tmp_path / "a.fits").read_bytes())
    data[place : place + 8] = struct.pack(">ii", 2**31 - 1, 0)  # bytes of the tile, and where
    (tmp_path / "b.fits").write_bytes(data)
    cut(tmp_path, 5, Wanted(0, "a.fits", 9, 2))
    tracemalloc.start()
    try:
        made = cut(tmp_path, 5, Wanted(0, "b.fits", 9, 0))[0]
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "damaged" == made.kind
    assert most < 50e6


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (1, 1),
        ("2", 2),
        (1.0, 1),
        ("SCI1", "SCI1"),
        (None, None),
        (0.5, None),
        ("²", "²"),
        ("٣", "٣"),
        ("1" * 5000, "1" * 5000),
    ],
)
def test_an_extension_may_be_written_as_a_number_or_a_name(written, read):
    assert read == wanted_of({"image": "a.fits", "hdu": written}, 0).hdu


def test_a_row_whose_extension_is_no_number_is_told_and_the_others_go_on(tmp_path):
    write_image(tmp_path / "a.fits", noise((20, 20)))
    rows = [{"image": "a.fits", "hdu": hdu} for hdu in ("²", "1" * 5000, "0")]
    made = cut(tmp_path, 5, *(wanted_of(row, place) for place, row in enumerate(rows)))
    assert ["no image", "no image"] == [made[0].kind, made[1].kind]
    assert isinstance(made[2], CutOut)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only POSIX has pipes among files")
def test_a_pipe_in_the_folder_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.fits")
    assert "missing file" == cut(tmp_path, 5, Wanted(0, "a.fits"))[0].kind


def test_links_that_lead_in_a_circle_are_a_bad_row(tmp_path):
    (tmp_path / "a.fits").symlink_to(tmp_path / "b.fits")
    (tmp_path / "b.fits").symlink_to(tmp_path / "a.fits")
    assert "missing file" == cut(tmp_path, 5, Wanted(0, "a.fits"))[0].kind
    assert not Pictures([tmp_path]).stamp("a.fits")
