"""Which rows, columns and regions of a candidate carry its damage (S5)."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import CHANNELS
from qforge_jupyter.engine.collapse.localizing.judging import Judged, Reasons, judge
from qforge_jupyter.engine.collapse.localizing.overlaying import overlay_of
from qforge_jupyter.engine.collapse.localizing.regions import Found, find_regions
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.results.localization import Localization
from qforge_jupyter.results.progress import noted

#: Channels that say which rows of the reference have no counterpart in the candidate.
COVERING = {
    "density-ratio": "too few rows like this",
    "isolation": "no row near it",
    "single-column": "a value rare in the candidate",
}
MOST_OVERLAYS = 4
MOST_REASONS = 2_000
#: Deviation of two empirical distributions that chance exceeds in 5 % of cases, one-sided.
SMIRNOV = math.sqrt(-math.log(0.05) / 2)


def localize(case: CollapseCase, *, top: int = 200, keys: Sequence[str] = ()) -> Localization:
    """Rank the rows of the candidate, say why, and describe where rows are too many or missing.

    Parameters
    ----------
    case
        The candidate and the reference.
    top
        So many rows are listed, the most suspect first.
    keys
        Columns of the candidate that name its rows.

    Raises
    ------
    DataError
        A side has no rows, or no column can be compared.

    Examples
    --------
    >>> from qforge_jupyter.frames import Table
    >>> rng = np.random.default_rng(0)
    >>> real, fresh = (pl.DataFrame(rng.normal(size=(200, 2)), schema=["x", "y"]) for _ in "ab")
    >>> odd = pl.DataFrame({"x": [9.0] * 20, "y": [0.5] * 20})
    >>> synth = pl.concat([fresh, odd])
    >>> case = CollapseCase(Table.of_frame("synth", synth), Table.of_frame("real", real))
    >>> found = localize(case, top=20)
    >>> sorted(found.rows["row"]) == list(range(200, 220))
    True
    >>> found.kept.height
    200

    """
    with one_thread():
        return _localize(RowCase.of(case), top, keys)


def _localize(case: RowCase, top: int, keys: Sequence[str]) -> Localization:
    judged = judge(case)
    said = {name: str(module.SAID) for name, module in CHANNELS.members().items()}
    shown = judged.order[: top if judged.channels else 0]
    rows, reasons = _listed(case, judged, shown, said)
    rest = _Rest(Found((), (), 0, (0, 0)), rows.clear(), _stopped(case, judged, reasons))
    if not rest.stopped:
        rest = _rest(case, top, rows.clear())
    found = rest.found
    stands_out = _unlike(judged) > 0 or found.too_many or found.missing
    worst = _worst(case, reasons.columns) if stands_out else []
    names = (case.candidate.table.name, case.reference.table.name)
    return Localization(
        table=case.candidate.table.name,
        reference=case.reference.table.name,
        n_rows=case.candidate.n_rows,
        n_reference=case.reference.n_rows,
        rows=rows,
        scores=_scores(judged),
        channels=_channels(judged, rows),
        n_unlike=_unlike(judged),
        regions=found.too_many,
        missing_regions=found.missing,
        missing=rest.missing,
        overlays=tuple(overlay_of(name, *_samples(case), names) for name in worst),
        source=case.candidate.table.lazy,
        target=case.target,
        keys=tuple(keys),
        notes=(*_unjudged(judged), *rest.stopped, *_notes(case, found.n_counted)),
        seed=case.seed,
        is_interrupted=bool(rest.stopped),
    )


@dataclass(frozen=True)
class _Rest:
    """What is looked for once the rows are ranked: regions, and rows that are missing."""

    found: Found
    missing: pl.DataFrame
    #: What an interrupt left out, in a sentence.
    stopped: tuple[str, ...] = ()


def _rest(case: RowCase, top: int, none: pl.DataFrame) -> _Rest:
    """Look for the rest; ``none`` is a list of rows without any."""
    try:
        found = find_regions(case)
    except KeyboardInterrupt:
        said = "Interrupted after the rows were ranked: no regions were looked for."
        return _Rest(Found((), (), 0, (0, 0)), none, (said,))
    with contextlib.suppress(KeyboardInterrupt):
        missing = _missing(case, top)
        if missing is not None:
            return _Rest(found, missing)
    said = "Interrupted after the regions were found: no missing rows were looked for."
    return _Rest(found, none, (said,))


def _missing(case: RowCase, top: int) -> pl.DataFrame | None:
    drawn = np.sort(case.reference.sample.places)
    other = replace(case.swapped(drawn), progress=noted(case.progress, "missing rows, "))
    missed = judge(other, tuple(COVERING))
    least = int(np.clip(_unlike(missed), 0, top))
    missing, reasons = _listed(other, missed, missed.order[:least], COVERING)
    if missed.is_interrupted or not reasons.is_whole:
        return None
    return missing.with_columns(row=pl.Series(drawn[missing["row"].to_numpy()]))


def _stopped(case: RowCase, judged: Judged, reasons: Reasons) -> tuple[str, ...]:
    """Say what an interrupt left out of the ranks."""
    n, n_rows = len(judged.score), case.candidate.n_rows
    if n < n_rows:
        said = f"Interrupted after {n:,} of {n_rows:,} rows: these are ranked"
    elif judged.is_interrupted:
        of = len(judged.channels) + len(judged.declined)
        said = (
            f"Interrupted after {len(judged.channels)} of {of} channels: rows are ranked by these"
        )
    elif not reasons.is_whole:
        said = "Interrupted while reasons were looked for: not all rows have theirs"
    else:
        return ()
    return (f"{said}, and no regions were looked for.",)


def _scores(judged: Judged) -> pl.DataFrame:
    return pl.DataFrame({
        "row": np.arange(len(judged.score)),
        "score": judged.score,
        "share_healthy": judged.share_healthy(),
    })  # fmt: skip


def _unlike(judged: Judged) -> int:
    """Count how many rows at least go beyond what the reference's own rows do."""
    n, m = len(judged.score), len(judged.null)
    if not n or not m:
        return 0
    at = np.unique(judged.score)
    above = 1 - np.searchsorted(np.sort(judged.score), at, "left") / n
    usual = 1 - np.searchsorted(np.sort(judged.null), at, "left") / m
    least = float((above - usual).max()) - SMIRNOV * math.sqrt(1 / n + 1 / m)
    return max(0, math.floor(least * n))


def _listed(
    case: RowCase, judged: Judged, shown: NDArray[np.int64], reasons_of: Mapping[str, str]
) -> tuple[pl.DataFrame, Reasons]:
    """Give lines with reasons for some rows; columns are named for the first 2,000."""
    block = case.candidate.of(shown)
    told = block.take(slice(MOST_REASONS))
    found = judged.reasons(case, told)
    said = [reasons_of[name] for name in judged.channels]
    rest = len(shown) - len(told)
    reasons = [said[index] if index >= 0 else "" for index in found.channel] + [""] * rest
    columns = [[case.names[index] for index in pair if index >= 0] for pair in found.columns]
    frame = pl.DataFrame(
        {
            "row": shown,
            "score": judged.score[shown],
            "share_healthy": judged.share_healthy()[shown],
            "reason": reasons,
            "columns": columns + [[]] * rest,
        },
        schema={
            "row": pl.Int64, "score": pl.Float64, "share_healthy": pl.Float64,
            "reason": pl.String, "columns": pl.List(pl.String),
        },
    )  # fmt: skip
    return frame, found


def _worst(case: RowCase, blamed: NDArray[np.int64]) -> list[str]:
    """Name the columns that are blamed for most rows."""
    named = blamed[blamed >= 0]
    counts = np.bincount(named, minlength=len(case.names))
    order = np.argsort(-counts, kind="stable")[:MOST_OVERLAYS]
    return [case.names[index] for index in order if counts[index] > 0]


def _samples(case: RowCase) -> tuple[pl.DataFrame, pl.DataFrame]:
    first, second = (
        side.rows_at(np.sort(side.sample.places)) for side in (case.candidate, case.reference)
    )
    return first, second


def _channels(judged: Judged, rows: pl.DataFrame) -> pl.DataFrame:
    modules = CHANNELS.members()
    counts = dict(rows["reason"].value_counts().iter_rows())
    weights = dict(zip(judged.channels, judged.weights.mean(axis=0), strict=True))
    lines = [
        {
            "channel": name,
            "said": module.SAID,
            "weight": float(weights.get(name, 0.0)),
            "n_rows": int(counts.get(module.SAID, 0)) if name in weights else 0,
            "declined": "" if name in weights else str(judged.declined[name].reason),
        }
        for name, module in modules.items()
    ]
    return pl.DataFrame(lines).sort(["weight", "channel"], descending=[True, False])


def _unjudged(judged: Judged) -> tuple[str, ...]:
    if judged.channels:
        return ()
    reason = next(iter(judged.declined.values())).reason
    return (f"No row was judged: {reason}.",)


def _notes(case: RowCase, n_counted: tuple[int, int]) -> tuple[str, ...]:
    notes = []
    for side in (case.candidate, case.reference):
        drawn = len(side.sample)
        if drawn < side.n_rows:
            notes.append(
                f"Models rest on {drawn:,} drawn rows of {side.table.name}; "
                f"{'every row' if not side.is_reference else 'these rows'} were judged."
            )
    for side in (case.candidate, case.reference):
        near = side.__dict__.get("near")
        if near is not None and len(near.places) < side.n_rows:
            notes.append(
                f"Near rows were looked for among {len(near.places):,} drawn rows of "
                f"{side.table.name}; equal ones among all."
            )
    if min(n_counted) > 0:
        notes.append(
            "Regions were found on some rows and counted on others: "
            f"{n_counted[0]:,} of {case.candidate.table.name}, "
            f"{n_counted[1]:,} of {case.reference.table.name}."
        )
    return tuple(notes)
