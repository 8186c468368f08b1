"""Ten thousand cut-outs from a hundred files: how many bytes are read, and what it costs."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import CutOut, Wanted, cut_outs
from qforge_jupyter.sky.preprocessing import Preprocessing

N_FILES, N_CUTS, SIZE = 100, 10_000, 63
SHAPE = (1024, 1024)
IO = Path("/proc/self/io")


def bytes_read() -> int:
    return int(IO.read_text(encoding="ascii").split()[1])


@pytest.mark.parametrize("kind", ["plain", "RICE_1"])
def test_ten_thousand_cut_outs_read_at_most_twice_the_bytes_of_their_files(tmp_path, kind):
    random = np.random.default_rng(0)
    pixels = random.normal(1000, 20, SHAPE).astype(np.int16)
    unit = (
        fits.PrimaryHDU(pixels)
        if kind == "plain"
        else fits.CompImageHDU(pixels, compression_type=kind)
    )
    first = tmp_path / "000.fits"
    unit.writeto(first)
    for number in range(1, N_FILES):
        (tmp_path / f"{number:03}.fits").write_bytes(first.read_bytes())
    places = random.uniform(0, SHAPE[0], (N_CUTS, 2))
    wanted = [Wanted(i, f"{i % N_FILES:03}.fits", x, y) for i, (x, y) in enumerate(places)]
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    folders = Pictures([tmp_path])
    list(cut_outs(wanted[:1], SIZE, folders))  # what is imported is read, too
    before, started = bytes_read(), time.process_time()
    n = sum(isinstance(cut, CutOut) for cut in cut_outs(wanted, SIZE, folders))
    n_read, seconds = bytes_read() - before, time.process_time() - started
    print(
        f"\n{kind}: {n:,} cut-outs of {SIZE} × {SIZE} px from {N_FILES} files of "
        f"{total / N_FILES / 1e6:.1f} MB read {n_read / total:.2f} × their bytes in "
        f"{seconds:.1f} CPU s"
    )
    assert n == N_CUTS
    assert n_read <= 2 * total


def test_preprocessing_a_cut_out_costs_little():
    pixels = np.random.default_rng(1).normal(1000, 20, (SIZE, SIZE))
    costs = {}
    for stretch in ("zscale", "asinh", "linear"):
        made = Preprocessing(SIZE, stretch)
        started = time.process_time()
        for _ in range(200):
            made.apply(pixels)
        costs[stretch] = (time.process_time() - started) / 200
    print("\n" + ", ".join(f"{name} {1e3 * cost:.2f} ms" for name, cost in costs.items()))
    assert max(costs.values()) < 0.01
