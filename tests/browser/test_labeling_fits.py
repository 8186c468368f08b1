"""A FITS cut-out in a real browser: each stretch draws other pixels, those that were computed."""

import math

import numpy as np
import pytest
from astropy.visualization import ZScaleInterval
from bench import STORED
from playwright.sync_api import expect
from waiting import becomes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: A sky of noise that is brighter to the top, and a star far above it in its last pixel.
PIXELS = """
sky = np.random.default_rng(1).normal(100, 20, 800) + np.arange(800) / 20
sky = sky.astype(np.float32)
sky[-1] = 20_000
"""
SKY = (
    STORED
    + """
import io, numpy as np
from astropy.io import fits
{pixels}
made = io.BytesIO()
fits.PrimaryHDU(sky.reshape(20, 40)).writeto(made)
ws.commit(pl.DataFrame({"id": [0], "image": [made.getvalue()]}), to="skies", by=["id"])
asked = {"circles stars in image": ["star"]}
w = view_of(ws.label("skies", as_="alice", show={"fits": "image"}, **asked))
w
"""
)


@pytest.fixture(scope="module")
def sky(open_bench, server):
    lab = str(server.folder / "fits" / "lab")
    return open_bench("fits", SKY.replace("{lab!r}", repr(lab)).replace("{pixels}", PIXELS))


def grey(bench, n):
    """Read the grey level of the pixel that holds so much; rows run from the bottom up."""
    x, y = n % 40, 19 - n // 40
    red, green, blue, alpha = bench.page.evaluate(
        """([x, y]) => [...document.querySelector('.qfl-picture > canvas')
          .getContext('2d').getImageData(x, y, 1, 1).data]""",
        [x, y],
    )
    return red if (red, red, 255) == (green, blue, alpha) else None


SEEN = [0, 123, 245, 400, 555, 678, 798, 799]


def assert_stretched(bench, name, wanted, near):
    """Choose a stretch, and wait until the pixels have the greys that it gives."""
    button = bench.page.get_by_role("button", name=name)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    levels = pytest.approx(wanted.tolist(), abs=near)
    becomes(bench.page, levels, lambda: [grey(bench, n) for n in SEEN])


def between(values, low, high):
    return np.clip((values[SEEN] - low) / (high - low), 0, 1)


def test_a_stretch_changes_what_is_drawn(sky):
    # Against a star of 20,000 the sky is black; the less so the more a stretch lifts what is faint.
    made = {"np": np}
    exec(PIXELS, made)  # noqa: S102 — the same sky as in the kernel
    values = made["sky"]
    wanted = 255 * between(values, values.min(), values.max())
    assert_stretched(sky, "linear", wanted, 1)
    low, high = np.quantile(values, [0.01, 0.995], method="nearest")
    wanted = 255 * np.arcsinh(10 * between(values, low, high)) / math.asinh(10)
    assert_stretched(sky, "asinh", wanted, 2)
    # zscale leaves the star out of its line, so that the sky has greys of its own.
    low, high = ZScaleInterval(n_samples=4096, contrast=0.25).get_limits(values)
    assert high < 1_000
    wanted = 255 * between(values, low, high)
    assert_stretched(sky, "zscale", wanted, 12)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_serious_on_a_cut_out(sky, theme):
    sky.theme(theme)
    assert [] == sky.serious()
