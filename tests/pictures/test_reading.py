"""Pictures of rows: by content, from allowed folders, and never from an address."""

import io

import numpy as np
import pytest
from astropy.io import fits

from qforge_jupyter.errors import FormatError
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.pictures.cutouts import cutout, picture_of
from qforge_jupyter.pictures.recognising import mime_of

PNG = b"\x89PNG\r\n\x1a\nrest"


def fits_of(pixels, *, more=()):
    made = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(pixels), *more]).writeto(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"SIMPLE  =                    T", "image/fits"),
        (b"<?xml version='1.0'?>\n<!-- made -->\n<svg xmlns='x'>", "image/svg+xml"),
        (b"\xef\xbb\xbf<svg>", "image/svg+xml"),
        (b"<html><svg>", None),
        (b"<svgevil>", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_content(data, mime):
    assert mime == mime_of(data)


def test_a_file_inside_the_folders_is_read_and_a_relative_path_found(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(PNG)
    pictures = Pictures([tmp_path / "other", tmp_path / "in"])
    assert PNG == pictures.read("a.png").data
    assert PNG == pictures.read(str(tmp_path / "in" / "a.png")).data


@pytest.mark.parametrize("way", ["{out}/a.png", "../out/a.png", "link.png"])
def test_no_path_leads_out_of_the_folders(tmp_path, way):
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "out" / "a.png").write_bytes(PNG)
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out" / "a.png")
    with pytest.raises(FormatError, match="outside of the workspace"):
        Pictures([tmp_path / "in"]).read(way.format(out=tmp_path / "out"))


@pytest.mark.parametrize(
    "url", ["http://x.test/a.png", "https://x", "s3://b/k", "file:///etc/passwd"]
)
def test_no_address_is_fetched(url):
    with pytest.raises(FormatError, match="none is fetched"):
        Pictures().read(url)


@pytest.mark.parametrize("value", [None, "", 3, ["a"]])
def test_what_is_no_picture_is_said(value):
    with pytest.raises(FormatError, match="neither bytes nor a path"):
        Pictures().read(value)


@pytest.mark.parametrize("name", ["missing.png", "a\0b", "x" * 5000])
def test_a_file_that_is_not_there_is_said_without_its_name(tmp_path, name):
    with pytest.raises(FormatError, match="cannot be read") as caught:
        Pictures([tmp_path]).read(name)
    assert name not in caught.value.message


def test_a_text_file_is_never_sent(tmp_path):
    (tmp_path / "secrets.env").write_text("TOKEN=1")
    with pytest.raises(FormatError, match="of no kind that is known"):
        Pictures([tmp_path]).read("secrets.env")


def test_tiff_is_refused_with_what_to_do():
    with pytest.raises(FormatError, match="make it a PNG"):
        Pictures().read(b"II*\0rest")


def test_whole_numbers_stay_apart_and_blank_pixels_are_none():
    drawn = cutout(fits_of(np.array([[10, 11], [12, 700]], dtype=np.int32)))
    assert [1, 2, 3, 691] == np.frombuffer(drawn.data, "<u2").tolist()
    blank = picture_of(np.array([[np.nan, 0.0], [np.inf, 1.0]]))
    assert [0, 1, 0, 65535] == np.frombuffer(blank.data, "<u2").tolist()


def test_the_background_is_told_apart_beside_a_very_bright_source():
    sky = np.random.default_rng(1).normal(100, 1, (64, 64))
    sky[5, 5] = 1e9
    levels = np.frombuffer(picture_of(sky).data, "<u2").reshape(64, 64)
    assert 65535 == levels[5, 5]
    assert levels[levels < 65535].std() > 30  # levels for the scatter of the background


def test_the_first_image_is_taken_and_a_cube_gives_its_first_plane():
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])])
    cube = fits.ImageHDU(np.arange(12, dtype=np.int16).reshape(2, 2, 3))
    drawn = cutout(fits_of(None, more=(table, cube)))
    assert (3, 2) == (drawn.width, drawn.height)
    assert [1, 2, 3, 4, 5, 6] == np.frombuffer(drawn.data, "<u2").tolist()


def test_fits_without_an_image_or_end_is_said():
    with pytest.raises(FormatError, match="holds no image"):
        cutout(fits_of(None))
    with pytest.raises(FormatError, match="damaged"):
        cutout(fits_of(np.ones((40, 40)))[:3000])
    with pytest.raises(FormatError, match="no pixel with a value"):
        cutout(fits_of(np.full((2, 2), np.nan)))


def test_an_image_that_is_too_large_is_not_read():
    head = (
        fits_of(np.zeros((2, 2), dtype=np.uint8))
        .replace(b"NAXIS1  =                    2", b"NAXIS1  =                50000")
        .replace(b"NAXIS2  =                    2", b"NAXIS2  =                50000")
    )
    with pytest.raises(FormatError, match=r"50,000 × 50,000 pixels|damaged"):
        cutout(head)


def test_a_drawing_is_taken_as_it_is_and_anything_else_is_not():
    assert b"<svg/>" == Pictures().draw("<svg/>").data
    for wrong in (None, b"GIF89a", "<html>", 3):
        with pytest.raises(FormatError, match="neither SMILES nor SVG"):
            Pictures().draw(wrong)
