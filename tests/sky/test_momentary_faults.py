"""A disk or a memory that fails for a moment: the work stops, and no row is called a bad one."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import numpy as np
import pytest

from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import CutOut, Wanted, cut_outs
from qforge_jupyter.sky.troubles import Trouble, telling_damage
from tests.sky.sky_images import noise, write_image

MOMENTARY = [errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE, errno.ETIMEDOUT, errno.ENOMEM]


@pytest.mark.parametrize("number", MOMENTARY)
def test_a_fault_of_the_moment_is_no_damage_of_the_file(number):
    with pytest.raises(OSError, match=re.escape(os.strerror(number))), telling_damage():
        raise OSError(number, os.strerror(number))


def test_want_of_memory_is_no_damage_of_the_file():
    with pytest.raises(MemoryError), telling_damage():
        raise MemoryError


def test_an_error_of_a_reader_is_damage():
    with pytest.raises(Trouble, match="damaged"), telling_damage():
        raise OSError("not a gzip file")


@pytest.mark.parametrize("name", ["a.fits", "a.npy"])
@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE])
def test_a_file_that_cannot_be_read_for_a_moment_stops_the_cutting(
    tmp_path, monkeypatch, name, number
):
    """Whichever opening of the file fails, and the same call works once it is over."""
    write_image(tmp_path / "a.fits", noise())
    np.save(tmp_path / "a.npy", noise())
    opening, left = Path.open, [0]

    def failing(self, mode="r", buffering=-1, encoding=None):
        if self.name == name:
            left[0] -= 1
            if not left[0]:
                raise OSError(number, os.strerror(number))
        return opening(self, mode, buffering, encoding)

    monkeypatch.setattr(Path, "open", failing)
    for which in (1, 2):
        left[0] = which
        with pytest.raises(OSError, match=re.escape(os.strerror(number))):
            list(cut_outs([Wanted(0, name, 9, 9)], 5, Pictures([tmp_path])))
    (made,) = cut_outs([Wanted(0, name, 9, 9)], 5, Pictures([tmp_path]))
    assert isinstance(made, CutOut)


def test_a_file_that_is_not_there_is_a_bad_row(tmp_path):
    (tmp_path / "a.fits").mkdir()
    (tmp_path / "b.fits").touch()
    for name in ("a.fits", "none.fits", "b.fits/c.fits", "a" * 5000):
        ((_, trouble),) = cut_outs([Wanted(0, name, 9, 9)], 5, Pictures([tmp_path]))
        assert "missing file" == trouble.kind
