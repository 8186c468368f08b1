"""How a cut-out becomes an array: one record, kept with the dataset and used again by a model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import CutOut, Wanted, cut_outs
from qforge_jupyter.sky.stretching import STRETCHES, Stretch, shares_of, stretched
from qforge_jupyter.sky.troubles import Trouble

if TYPE_CHECKING:
    from torch import Tensor

Blanks = Literal["zero", "background", "refuse"]
Kind = Literal["float32", "uint8"]
Made = NDArray[np.float32] | NDArray[np.uint8]
MOST_SIZE = 4_096
#: Classes of a mask, whose pixels are one byte each.
MOST_CLASSES = 255
#: The column of a dataset that holds the record.
COLUMN = "preprocessing"


@dataclass(frozen=True)
class Preprocessing:
    """Size, stretch, limits, what becomes of pixels without a value, the type, and classes.

    Parameters
    ----------
    size
        Pixels along each side.
    stretch
        As the labeling widget draws it.
    limits
        Brightnesses that become black and white in every cut-out; None finds them in each.
    blanks
        What a pixel without a value becomes: ``zero``, the ``background`` (the median of the
        cut-out); or ``refuse``, where one is enough to leave a cut-out out. Pixels beyond the
        image's edge are never refused.
    dtype
        ``float32`` from 0 to 1, or ``uint8`` from 0 to 255.
    classes
        Labels that are 1, 2 … in a mask, in this order; every mark is 1 without them.

    Examples
    --------
    >>> made = Preprocessing(size=2, stretch="linear", limits=(0.0, 200.0))
    >>> made.apply(np.array([[0.0, 50.0], [100.0, np.nan]])).tolist()
    [[0.0, 0.25], [0.5, 0.0]]
    >>> Preprocessing.of(made.record) == made
    True

    """

    size: int = 63
    stretch: Stretch = "zscale"
    limits: tuple[float, float] | None = None
    blanks: Blanks = "zero"
    dtype: Kind = "float32"
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MOST_SIZE:
            raise CallError(
                f"A cut-out is 1 to {MOST_SIZE:,} pixels wide, and {self.size} came: "
                "write  size: 63 px"
            )
        for key, value, known in (
            ("stretch", self.stretch, STRETCHES),
            ("blanks", self.blanks, get_args(Blanks)),
            ("dtype", self.dtype, get_args(Kind)),
        ):
            if value not in known:
                near = nearest(value, known) or f": write {', '.join(known)}"
                raise CallError(f"No {key} named {value[:60]!r}{near}")
        self._check_limits()
        if len(set(self.classes)) != len(self.classes) or len(self.classes) > MOST_CLASSES:
            raise CallError(
                f"The classes of a mask are up to {MOST_CLASSES} labels, each named once"
            )

    def _check_limits(self) -> None:
        if self.limits is None:
            return
        if self.stretch == "zscale":
            raise CallError(
                "zscale finds the limits of each cut-out itself: leave `limits` away, or take "
                "linear or asinh"
            )
        if not (np.isfinite(self.limits).all() and self.limits[0] < self.limits[1]):
            raise CallError("The limits are two brightnesses, the lower one first: [0, 1000]")

    @property
    def record(self) -> str:
        """The record as canonical JSON."""
        held = {"version": 1, **asdict(self)}
        if not self.classes:
            del held["classes"]
        return json.dumps(held, sort_keys=True, separators=(",", ":"))

    @classmethod
    def of(cls, record: str) -> Preprocessing:
        """Read a record.

        Raises
        ------
        CallError
            It is none.

        """
        try:
            known: dict[str, Any] = json.loads(record)
            if known.pop("version") != 1:
                raise ValueError  # noqa: TRY301 — told below with what is wrong otherwise
            limits, classes = known.pop("limits"), tuple(map(str, known.pop("classes", ())))
            both = None if limits is None else (limits[0], limits[1])
            return cls(**known, limits=both, classes=classes)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise CallError(
                f"What the column {COLUMN!r} holds is no preprocessing that this version knows: "
                "collect the dataset again"
            ) from None

    def apply(
        self,
        pixels: NDArray[Any],
        inside: NDArray[np.bool_] | None = None,
        *,
        is_whole: bool | None = None,
    ) -> Made:
        """Make the array of a cut-out.

        Parameters
        ----------
        pixels
            Brightnesses, NaN where there is none.
        inside
            Which pixels lie in the image; all when None.
        is_whole
            Whether the image holds whole numbers; as the array's type says when None.

        Raises
        ------
        CallError
            They are not of the size.
        Trouble
            Pixels have no value: all of them, or, where `blanks` refuses it, some inside.

        """
        if pixels.shape != (self.size, self.size):
            raise CallError(
                f"A cut-out of {self.size} × {self.size} pixels is wanted, and the array is "
                f"{' × '.join(map(str, pixels.shape))}: cut it out of its image with `read`"
            )
        self.check(pixels, inside)
        is_number = np.isfinite(pixels)
        if is_whole is None:
            is_whole = np.issubdtype(pixels.dtype, np.integer)
        shares = self._shares(pixels, is_whole=is_whole)
        filling = float(np.nanmedian(shares)) if self.blanks == "background" else 0.0
        filled = np.where(is_number, shares, filling)
        made: Made = (
            np.rint(255 * filled).astype(np.uint8)
            if self.dtype == "uint8"
            else filled.astype(np.float32)
        )
        return made

    def tensor(
        self,
        pixels: NDArray[Any],
        inside: NDArray[np.bool_] | None = None,
        *,
        is_whole: bool | None = None,
    ) -> Tensor:
        """Make what a model is given: float32 of shape (1, size, size), as in training.

        Parameters are those of `apply`.
        """
        return tensor_of(self.apply(pixels, inside, is_whole=is_whole))

    def read(self, path: str, *, folder: str = ".", **place: Any) -> Tensor:
        """Cut a place out of an image file, and make what a model is given.

        Parameters
        ----------
        path
            The image, in a folder.
        folder
            Where it lies.
        **place
            ``x`` and ``y`` in pixels, or ``ra`` and ``dec`` in degrees, and perhaps ``hdu``; the
            middle of the image without them.

        Raises
        ------
        Trouble
            There is no such image, or the place is not on it.

        """
        (cut,) = cut_outs([Wanted(0, path, **place)], self.size, Pictures([folder]))
        if not isinstance(cut, CutOut):
            raise cut[1]
        return self.tensor(cut.pixels, cut.inside, is_whole=cut.is_whole)

    def check(self, pixels: NDArray[Any], inside: NDArray[np.bool_] | None = None) -> None:
        """Refuse a cut-out of which no array can be made, as `apply` does."""
        is_number = np.isfinite(pixels)
        if not is_number.any():
            raise Trouble("blank", "no pixel has a value")
        is_blank = ~is_number if inside is None else ~is_number & inside
        if self.blanks == "refuse" and is_blank.any():
            raise Trouble("blank", "some pixels have no value")

    def _shares(self, pixels: NDArray[Any], *, is_whole: bool) -> NDArray[np.float64]:
        if self.limits is None:
            return stretched(pixels, self.stretch, is_whole=is_whole)
        return shares_of(pixels.astype(np.float64), self.stretch, *self.limits)


def tensor_of(made: Made) -> Tensor:
    """Bring an array of a cut-out to what a model is given: 0 to 1, with a channel.

    Examples
    --------
    >>> tensor_of(np.array([[0, 255]], dtype=np.uint8)).tolist()
    [[[0.0, 1.0]]]

    """
    import torch

    image = np.array(made, dtype=np.float32)
    if made.dtype == np.uint8:
        image /= 255
    return torch.from_numpy(image)[None]
