"""Images beside FITS: PNG, TIFF and NumPy files that other libraries wrote, whole and broken."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import CutOut, Wanted, cut_outs
from qforge_jupyter.sky.masks import mask_of
from qforge_jupyter.sky.troubles import Trouble

SHAPE = (70, 90)
#: What this thread has read: other threads of the process read what they like.
IO = Path("/proc/thread-self/io")


def drawn(dtype: Any, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """Draw values over the whole range of a type."""
    kind, random = np.dtype(dtype), np.random.default_rng(4)
    if kind.kind == "f":
        return random.normal(1000, 300, shape).astype(kind)
    if kind.kind == "b":
        return random.random(shape) < 0.5
    ends = np.iinfo(kind)
    return random.integers(
        ends.min, ends.max, shape, dtype=kind.newbyteorder("="), endpoint=True
    ).astype(kind)


def cut(folder: Path, size: int, *wanted: Wanted) -> list[CutOut | Trouble]:
    found: dict[int, CutOut | Trouble] = {}
    for each in cut_outs(wanted, size, Pictures([folder])):
        if isinstance(each, CutOut):
            found[each.wanted.row] = each
        else:
            found[each[0].row] = each[1]
    return [found[place] for place in range(len(wanted))]


def check_cut(folder: Path, name: str, expected: np.ndarray, hdu: int | None = None) -> None:
    """Compare cut-outs, in the middle and over the edge, with slices of the array."""
    wide = np.pad(expected.astype(np.float64), 20, constant_values=np.nan)
    places = [(45, 33), (0, 0), (89, 69), (70.2, 3.7)]
    made = cut(folder, 9, *(Wanted(i, name, x, y, hdu=hdu) for i, (x, y) in enumerate(places)))
    for (x, y), each in zip(places, made, strict=True):
        assert isinstance(each, CutOut), each
        left, bottom = (int(np.ceil(at - 4.5)) + 20 for at in (x, y))
        np.testing.assert_array_equal(wide[bottom : bottom + 9, left : left + 9], each.pixels)


TIFFS: list[tuple[str, dict[str, Any]]] = [
    ("u1", {}),
    ("u2", {}),
    ("u4", {}),
    ("i1", {}),
    ("i2", {}),
    ("f4", {}),
    ("f8", {}),
    ("u2", {"byteorder": ">"}),
    ("f4", {"bigtiff": True}),
    ("f4", {"byteorder": ">", "rowsperstrip": 7}),
    ("u2", {"tile": (16, 32)}),
    ("u1", {"compression": "lzw"}),
    ("u2", {"compression": "lzw", "predictor": True, "byteorder": ">"}),
    ("u2", {"compression": "zlib", "predictor": True, "tile": (32, 16)}),
    ("f4", {"compression": "zlib", "predictor": True, "rowsperstrip": 11}),
    ("f8", {"compression": "zlib", "predictor": True, "byteorder": ">"}),
    ("f4", {"compression": "zstd", "tile": (16, 16), "byteorder": ">"}),
    ("i4", {"compression": "packbits", "rowsperstrip": 13}),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "written"), TIFFS)
def test_tiff_is_read_as_it_was_written(tmp_path, dtype, written):
    pixels = drawn(dtype)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", **written)
    np.testing.assert_array_equal(pixels, tifffile.imread(tmp_path / "a.tif"))
    check_cut(tmp_path, "a.tif", pixels)
    (made,) = cut(tmp_path, 5, Wanted(0, "a.tif"))
    assert isinstance(made, CutOut)
    assert (pixels.dtype.kind in "ui") is made.is_whole


@pytest.mark.parametrize("written", [{}, {"compression": "lzw"}, {"tile": (16, 16)}])
@pytest.mark.parametrize("dtype", ["u1", "u2", "u4"])
def test_a_tiff_in_which_0_is_white_is_turned(tmp_path, dtype, written):
    pixels = drawn(dtype)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="miniswhite", **written)
    check_cut(tmp_path, "a.tif", np.iinfo(dtype).max - pixels)


@pytest.mark.parametrize(
    ("photometric", "n_samples", "extra"),
    [
        ("separated", 4, ()),
        ("ycbcr", 3, ()),
        ("cielab", 3, ()),
        ("minisblack", 2, (0,)),
        ("minisblack", 3, (0, 0)),
        ("rgb", 4, (0,)),
        ("rgb", 5, (2, 0)),
    ],
)
def test_colors_whose_brightness_is_not_known_are_bad_rows(tmp_path, photometric, n_samples, extra):
    pixels = drawn("u1", (*SHAPE, n_samples))
    named = {"extrasamples": extra} if extra else {}
    tifffile.imwrite(
        tmp_path / "a.tif", pixels, photometric=photometric, planarconfig="contig", **named
    )
    (made,) = cut(tmp_path, 5, Wanted(0, "a.tif"))
    assert isinstance(made, Trouble)
    assert "no image" == made.kind


def test_a_tiff_that_does_not_say_how_it_is_shown_is_read_as_it_is(tmp_path):
    pixels = drawn("u2")
    data = tiff_bytes(pixels, photometric="minisblack")
    said, other = (struct.pack("<HHIHH", tag, 3, 1, 1, 0) for tag in (262, 263))
    assert 1 == data.count(said)
    (tmp_path / "a.tif").write_bytes(data.replace(said, other))
    check_cut(tmp_path, "a.tif", pixels)


def test_a_float_of_which_0_is_white_has_no_black(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", drawn("f4"), photometric="miniswhite")
    (made,) = cut(tmp_path, 5, Wanted(0, "a.tif"))
    assert isinstance(made, Trouble)
    assert "no image" == made.kind


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize(("photometric", "n_colors"), [("minisblack", 1), ("rgb", 3)])
def test_a_tiff_says_which_pixels_are_transparent(tmp_path, kind, photometric, n_colors):
    pixels = np.full((*SHAPE, n_colors + 1), 80, np.uint8)
    clear = np.arange(SHAPE[1]) % 7 == 0
    pixels[..., -1] = np.where(clear, 0, 255)
    tifffile.imwrite(
        tmp_path / "a.tif",
        pixels,
        photometric=photometric,
        planarconfig="contig",
        extrasamples=(kind,),
    )
    check_cut(tmp_path, "a.tif", np.broadcast_to(np.where(clear, np.nan, 80.0), SHAPE))


@pytest.mark.parametrize("kind", ["tiff_lzw", "tiff_adobe_deflate", "packbits", None])
def test_tiff_of_another_writer_is_read(tmp_path, kind):
    pixels = drawn("u2")
    Image.fromarray(pixels).save(tmp_path / "a.tif", compression=kind)
    check_cut(tmp_path, "a.tif", pixels)


def test_pages_of_a_tiff_are_named_by_number(tmp_path):
    pages = drawn("f4", (3, *SHAPE))
    tifffile.imwrite(tmp_path / "a.tif", pages, photometric="minisblack")
    check_cut(tmp_path, "a.tif", pages[0])
    check_cut(tmp_path, "a.tif", pages[2], hdu=2)
    made = cut(tmp_path, 5, Wanted(0, "a.tif", hdu=3), Wanted(1, "a.tif", hdu="SCI"))
    assert ["no image", "no image"] == [each.kind for each in made if isinstance(each, Trouble)]


def test_a_tile_that_the_file_leaves_out_has_no_values(tmp_path):
    pixels = drawn("u2", (32, 64))
    tifffile.imwrite(tmp_path / "a.tif", pixels, tile=(16, 32), compression="zlib")
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+b") as opened:
        counts = opened.pages[0].tags["TileByteCounts"]
        counts.overwrite((0, *counts.value[1:]))
    made, other = cut(tmp_path, 5, Wanted(0, "a.tif", 31, 5), Wanted(1, "a.tif", 40, 5))
    assert isinstance(made, CutOut)
    assert isinstance(other, CutOut)
    assert np.isnan(made.pixels[:, :3]).all()
    np.testing.assert_array_equal(pixels[3:8, 32:34], made.pixels[:, 3:])
    np.testing.assert_array_equal(pixels[3:8, 38:43], other.pixels)


@pytest.mark.parametrize("dtype", ["u1", "u2", "b1"])
def test_a_grey_png_is_read_as_it_was_written(tmp_path, dtype):
    pixels = drawn(dtype)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    check_cut(tmp_path, "a.png", pixels * 255 if dtype == "b1" else pixels)


def test_colors_become_their_grey_and_what_is_transparent_has_no_value(tmp_path):
    colors = drawn("u1", (*SHAPE, 4))
    colors[..., 3] = np.where(np.arange(SHAPE[1]) % 7 == 0, 0, 255)
    colors[5] = [80, 80, 80, 255]
    grey = 0.299 * colors[..., 0] + 0.587 * colors[..., 1] + 0.114 * colors[..., 2]
    clear = np.where(colors[..., 3] == 0, np.nan, grey)
    Image.fromarray(colors).save(tmp_path / "clear.png")
    Image.fromarray(colors[..., :3]).save(tmp_path / "solid.png")
    tifffile.imwrite(tmp_path / "solid.tif", colors[..., :3], photometric="rgb", compression="zlib")
    for name, expected in (("clear.png", clear), ("solid.png", grey), ("solid.tif", grey)):
        (made,) = cut(tmp_path, 9, Wanted(0, name, 40, 8))
        assert isinstance(made, CutOut)
        np.testing.assert_allclose(made.pixels, expected[4:13, 36:45], rtol=1e-12)
        assert 80.0 == made.pixels[1, 0]


def test_a_palette_is_unfolded(tmp_path):
    shown = Image.fromarray(drawn("u1", (*SHAPE, 3))).quantize(16)
    shown.save(tmp_path / "a.png")
    red, green, blue = np.moveaxis(np.asarray(shown.convert("RGB"), dtype=float), -1, 0)
    (made,) = cut(tmp_path, 9, Wanted(0, "a.png", 40, 8))
    assert isinstance(made, CutOut)
    expected = (0.299 * red + 0.587 * green + 0.114 * blue)[4:13, 36:45]
    np.testing.assert_allclose(made.pixels, expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u4", "i8", "f2", "f4", "f8", ">f4", "b1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_read_as_it_was_saved(tmp_path, dtype, order):
    pixels = np.asarray(drawn(dtype), order=order)
    np.save(tmp_path / "a.npy", pixels)
    check_cut(tmp_path, "a.npy", pixels)


def test_planes_of_an_array_are_named_by_number(tmp_path):
    planes = drawn("f4", (3, *SHAPE))
    np.save(tmp_path / "a.npy", planes)
    check_cut(tmp_path, "a.npy", planes[0])
    check_cut(tmp_path, "a.npy", planes[1], hdu=1)


@pytest.mark.skipif(not IO.exists(), reason="only Linux counts bytes read")
@pytest.mark.parametrize("name", ["a.npy", "a.tif", "tiled.tif"])
def test_one_cut_out_of_a_large_image_leaves_the_rest_on_the_disk(tmp_path, name):
    pixels = drawn("f4", (2000, 2000))
    np.save(tmp_path / "a.npy", pixels)
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    tifffile.imwrite(tmp_path / "tiled.tif", pixels, tile=(64, 64), compression="zlib")
    cut(tmp_path, 31, Wanted(0, name, 9, 9))  # imports read, too
    before = int(IO.read_text(encoding="ascii").split()[1])
    (made,) = cut(tmp_path, 31, Wanted(0, name, 900, 900))
    assert isinstance(made, CutOut)
    np.testing.assert_array_equal(pixels[885:916, 885:916], made.pixels)
    assert int(IO.read_text(encoding="ascii").split()[1]) - before < 400_000  # of 16 MB


def test_only_fits_knows_the_sky(tmp_path):
    np.save(tmp_path / "a.npy", drawn("f4"))
    sky, pixel = cut(
        tmp_path,
        5,
        Wanted(0, "a.npy", ra=150.0, dec=2.0),
        Wanted(1, "a.npy", x=4.0, y=3.0, ra=150.0, dec=2.0),
    )
    assert isinstance(sky, Trouble)
    assert ("no WCS", True) == (sky.kind, "give x and y" in str(sky))
    assert isinstance(pixel, CutOut)
    assert (150.0, 2.0) == pixel.sky_position


def test_marks_count_from_the_upper_edge_which_is_the_first_row(tmp_path):
    np.save(tmp_path / "a.npy", drawn("f4"))
    (made,) = cut(tmp_path, 9, Wanted(0, "a.npy", 40, 8))
    assert isinstance(made, CutOut)
    expected = np.zeros((9, 9), dtype=np.uint8)
    expected[2:5, 1:3] = 1  # rows 6 to 8, columns 37 and 38
    box = {"x": 37.0, "y": 6.0, "width": 2.0, "height": 3.0, "label": "trail"}
    runs = [length for row in (6, 7, 8) for length in (row * 90 + 37, 2)]
    painted = {"width": 90, "height": 70, "runs": runs, "label": "trail"}
    np.testing.assert_array_equal(expected, mask_of([box], made))
    np.testing.assert_array_equal(expected, mask_of([painted], made))


def png_claiming(width: int, height: int, data: bytes = b"", *, is_second: bool = False) -> bytes:
    def chunk(name: bytes, held: bytes) -> bytes:
        return (
            struct.pack(">I", len(held)) + name + held + struct.pack(">I", zlib.crc32(name + held))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    small = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) if is_second else b""
    body = small + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def tiff_bytes(pixels: np.ndarray, **written: Any) -> bytes:
    held = io.BytesIO()
    tifffile.imwrite(held, pixels, **written)
    return held.getvalue()


def npy_bytes(array: Any) -> bytes:
    held = io.BytesIO()
    np.save(held, array, allow_pickle=True)
    return held.getvalue()


def npy_claiming(*shape: int) -> bytes:
    held = io.BytesIO()
    head = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(held, head)
    return held.getvalue() + bytes(4000)


def broken_files() -> dict[str, tuple[bytes, str]]:
    """Give files that are no image or a bad one, and the kind of trouble each is."""
    plain, packed = tiff_bytes(drawn("u2")), tiff_bytes(drawn("u2"), compression="zlib")
    png = io.BytesIO()
    Image.fromarray(drawn("u1")).save(png, "png")
    array = npy_bytes(drawn("f4"))
    bomb = png_claiming(60_000, 60_000, zlib.compress(bytes(1000)))
    short = png_claiming(50, 50, zlib.compress(bytes(100)))
    claim = array.replace(b"(70, 90)", b"(7000000, 9)")[: len(array)]
    wide = tiff_bytes(np.zeros((1, 9), np.uint8), compression="zlib")
    giant = wide.replace(struct.pack("<HHII", 256, 4, 1, 9), struct.pack("<HHII", 256, 4, 1, 2**31))
    return {
        "text.png": (b"no picture at all", "unknown format"),
        "empty.png": (b"", "unknown format"),
        "gzip.npy.gz": (b"\x1f\x8b" + array, "damaged"),
        "half.png": (png.getvalue()[: len(png.getvalue()) // 2], "truncated"),
        "head.png": (png.getvalue()[:20], "truncated"),
        "bomb.png": (bomb, "too large"),
        "twice.png": (png_claiming(9, 9, zlib.compress(bytes(90)), is_second=True), "damaged"),
        "short.png": (short, "damaged"),
        "none.png": (png_claiming(0, 5), "damaged"),
        "half.tif": (plain[: len(plain) // 2], "truncated"),
        "packed.tif": (packed[: len(packed) - 200], "truncated"),
        "head.tif": (plain[:6], "damaged"),
        "giant.tif": (giant, "too large"),
        "none.tif": (
            wide.replace(
                struct.pack("<HHI", 277, 3, 1) + b"\1", struct.pack("<HHI", 277, 3, 1) + b"\0"
            ),
            "no image",
        ),
        "half.npy": (array[: len(array) // 2], "truncated"),
        "claim.npy": (claim, "truncated"),
        "head.npy": (array[:9], "damaged"),
        "negative.npy": (npy_claiming(-5, -5), "no image"),
        "minus.npy": (npy_claiming(5, -5), "no image"),
        "planes.npy": (npy_claiming(-2, -5, 5), "no image"),
        "pickle.npy": (npy_bytes(np.array([[{}, 1]], dtype=object)), "no image"),
        "complex.npy": (npy_bytes(np.zeros((9, 9), complex)), "no image"),
        "line.npy": (npy_bytes(np.zeros(9)), "no image"),
        "colors.npy": (npy_bytes(np.zeros((9, 9, 3))), "no image"),
        "records.npy": (npy_bytes(np.zeros((9, 9), [("a", "f4")])), "no image"),
    }


def test_a_broken_file_is_told_by_kind_and_the_others_go_on(tmp_path):
    files = broken_files()
    for name, (data, _) in files.items():
        (tmp_path / name).write_bytes(data)
    np.save(tmp_path / "good.npy", drawn("u1"))
    names = [*files, "good.npy"]
    made = cut(tmp_path, 5, *(Wanted(i, name, 4.0, 0.0) for i, name in enumerate(names)))
    expected = {name: kind for name, (_, kind) in files.items()}
    said = {
        name: each.kind for name, each in zip(names, made, strict=True) if isinstance(each, Trouble)
    }
    assert expected == said


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    """A strip of 9 pixels that unpacks to 100 MB is damaged; nothing of that size is made."""
    data = zlib.compress(bytes(100 * 2**20), 9)
    small = bytearray(tiff_bytes(np.zeros((1, 9), np.uint8), compression="zlib"))
    (tmp_path / "a.tif").write_bytes(bytes(small))
    with tifffile.TiffFile(tmp_path / "a.tif") as opened:
        tags = opened.pages[0].tags
        places = [tags[name].valueoffset for name in ("StripOffsets", "StripByteCounts")]
    for place, value in zip(places, (len(small), len(data)), strict=True):
        small[place : place + 4] = struct.pack("<I", value)
    (tmp_path / "a.tif").write_bytes(bytes(small) + data)
    (made,) = cut(tmp_path, 3, Wanted(0, "a.tif"))
    assert isinstance(made, Trouble)
    assert "damaged" == made.kind


@pytest.mark.parametrize("name", ["a.tif", "b.tif", "c.png", "d.npy"])
def test_flipped_bytes_never_do_more_than_a_trouble(tmp_path, name):
    tifffile.imwrite(tmp_path / "a.tif", drawn("u2"))
    tifffile.imwrite(tmp_path / "b.tif", drawn("f4"), tile=(16, 16), compression="zlib")
    Image.fromarray(drawn("u1")).save(tmp_path / "c.png")
    np.save(tmp_path / "d.npy", drawn("u2"))
    whole = (tmp_path / name).read_bytes()
    random = np.random.default_rng(8)
    for number in range(60):
        data = bytearray(whole)
        for _ in range(3):
            # Most faults are where a file says what it is.
            n = min(len(data), 300 if number % 3 else len(data))
            data[random.integers(0, n)] = random.integers(0, 256)
        (tmp_path / name).write_bytes(data)
        (made,) = cut(tmp_path, 9, Wanted(0, name, 30.0, 30.0))
        assert isinstance(made, CutOut | Trouble)
