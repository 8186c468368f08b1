"""Places that were marked in a cell: spans of a text, shapes on an image, painted pixels.

Spans count Unicode code points; shapes are in pixels of the image; painted
pixels are runs (start, length, start, length …) over the image row by row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from qforge_jupyter.errors import DataError

MOST_MARKS = 10_000
MOST_RUNS = 2_000_000
_FIELDS = {
    "boxes": ("x", "y", "width", "height"),
    "circles": ("x", "y", "radius"),
    "polygons": (),
}
_SIZES = ("width", "height", "radius")


def check_spans(
    name: str, value: Any, labels: Sequence[str], text: str | None
) -> list[dict[str, Any]]:
    """Give spans in the order of the text.

    Raises
    ------
    DataError
        One is no span of this text.

    Examples
    --------
    >>> check_spans("who", [{"start": 0, "end": 3, "label": "person"}], ["person"], "Ann is")
    [{'start': 0, 'end': 3, 'label': 'person'}]

    """
    spans = []
    for each in _list(name, value):
        start: Any = each.get("start")
        end: Any = each.get("end")
        if not _is_count(start) or not _is_count(end) or start >= end:
            raise DataError(f"A span of {name!r} has to start before it ends, counted from 0")
        if text is not None and end > len(text):
            raise DataError(f"A span of {name!r} ends behind the text's {len(text):,} characters")
        spans.append({"start": start, "end": end, "label": _label(name, each, labels)})
    return sorted(spans, key=lambda one: (one["start"], one["end"], one["label"]))


def check_shapes(name: str, kind: str, value: Any, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Give boxes, circles or polygons.

    Raises
    ------
    DataError
        One is no such shape.

    """
    shapes = []
    for each in _list(name, value):
        shape: dict[str, Any] = {}
        for field in _FIELDS[kind]:
            number = each.get(field)
            if not _is_number(number) or (field in _SIZES and not number > 0):
                raise DataError(f"One of the {kind} of {name!r} has no {field} that can be drawn")
            shape[field] = float(number)
        if kind == "polygons":
            shape["points"] = _points(name, each.get("points"))
        shapes.append({**shape, "label": _label(name, each, labels)})
    return shapes


def check_brush(name: str, value: Any, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Give painted pixels, one mask a label.

    Raises
    ------
    DataError
        The runs overlap, or leave the image.

    """
    masks = []
    for each in _list(name, [value] if isinstance(value, Mapping) else value):
        width, height, runs = each.get("width"), each.get("height"), each.get("runs")
        if not _is_count(width) or not _is_count(height) or not width * height:
            raise DataError(f"A mask of {name!r} has no width and height in pixels")
        if not isinstance(runs, list | tuple) or len(runs) % 2 or len(runs) > MOST_RUNS:
            raise DataError(
                f"A mask of {name!r} has to be runs of start and length, at most {MOST_RUNS:,}"
            )
        _check_runs(name, runs, width * height)
        label = _label(name, each, labels)
        masks.append({"width": width, "height": height, "label": label, "runs": list(runs)})
    return masks


def _check_runs(name: str, runs: Sequence[Any], n_pixels: int) -> None:
    behind = 0
    for start, length in zip(runs[::2], runs[1::2], strict=True):
        if not _is_count(start) or not _is_count(length) or not length or start < behind:
            raise DataError(f"The runs of a mask of {name!r} have to follow each other")
        behind = start + length
    if behind > n_pixels:
        raise DataError(f"A mask of {name!r} leaves its image")


def _points(name: str, value: Any) -> list[list[float]]:
    are_points = isinstance(value, list | tuple) and all(
        isinstance(point, list | tuple) and len(point) == 2 and all(map(_is_number, point))
        for point in value
    )
    if not are_points or not 3 <= len(value) <= MOST_MARKS:
        raise DataError(f"A polygon of {name!r} has to have three points or more, each [x, y]")
    return [[float(x), float(y)] for x, y in value]


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, Mapping) for one in value):
        raise DataError(f"The answer to {name!r} has to be a list of marks")
    if len(value) > MOST_MARKS:
        raise DataError(f"The answer to {name!r} has {len(value):,} marks: {MOST_MARKS:,} go")
    return list(value)


def _label(name: str, mark: Mapping[str, Any], labels: Sequence[str]) -> str:
    label = mark.get("label")
    if not isinstance(label, str) or label not in labels:
        raise DataError(f"A mark of {name!r} is labeled as none of {', '.join(labels[:12])}")
    return label


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 2**53 and math.isfinite(value)
