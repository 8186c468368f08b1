"""Features of many molecules: a row each, whatever is wrong with one of them named by kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.chemistry import featurizing_process
from qforge_jupyter.engine.chemistry.line_process import LineProcess, LineTooLate, ProcessEnded
from qforge_jupyter.engine.chemistry.molecule_plan import MoleculePlan
from qforge_jupyter.engine.chemistry.smiles import require_rdkit
from qforge_jupyter.errors import ModelError
from qforge_jupyter.results.feature_problems import PROBLEM
from qforge_jupyter.results.progress import Progress, silent

#: Questions that the process has before it: it need not wait for the next one.
AHEAD, AHEAD_CHARACTERS = 32, 16_000
#: A text of more characters is no molecule that anybody describes by its graph.
LONGEST_TEXT = 20_000
#: After so many seconds RDKit is stopped, and goes on with the next molecule.
MOLECULE_LIMIT_S = 60.0

Answer = dict[str, Any]


@dataclass(frozen=True)
class Featurized:
    """Features by row, and what is wrong with which rows.

    Parameters
    ----------
    frame
        A row for each row; null where a feature could not be made.
    problems
        ``row``, ``kind``, ``note``.

    """

    frame: pl.DataFrame
    problems: pl.DataFrame


def software() -> dict[str, str]:
    """Name the version of RDKit that makes the numbers."""
    require_rdkit("Chem")
    return {"rdkit": version("rdkit")}


def featurize(
    smiles: pl.Series,
    plan: MoleculePlan,
    *,
    molecule_limit_s: float = MOLECULE_LIMIT_S,
    progress: Progress = silent,
) -> Featurized:
    """Make the features of each SMILES; equal texts are computed once.

    Parameters
    ----------
    smiles
        Texts; null and blank ones have no features.
    plan
        Which features.
    molecule_limit_s
        A molecule that takes longer has no features.
    progress
        Told after each molecule. What raises ``KeyboardInterrupt`` ends the
        work at once.

    Raises
    ------
    ModelError
        The process that works with RDKit does not start.

    Examples
    --------
    >>> plan = MoleculePlan.of([("rdkit-descriptors", {"names": ("MolWt",)})])
    >>> made = featurize(pl.Series(["CCO", "C(", None]), plan)
    >>> made.frame["MolWt"].round(3).to_list(), made.problems["kind"].to_list()
    ([46.069, None, None], ['parse', 'empty'])

    """
    texts = smiles.str.strip_chars()
    texts = pl.select(pl.when(texts.str.len_chars() > 0).then(texts)).to_series()
    distinct = texts.drop_nulls().unique(maintain_order=True)
    process = LineProcess(featurizing_process.__name__, json.dumps(plan.definition()))
    answers: list[Answer] = []
    try:
        for answer in _answers(process, distinct.to_list(), molecule_limit_s):
            answers.append(answer)
            progress(len(answers), len(distinct), "molecules described")
    finally:
        process.close()
    made, problems = _columns(answers, plan)
    place = pl.DataFrame({"text": distinct, "place": np.arange(len(distinct))})
    rows = texts.alias("text").to_frame().with_row_index("row")
    rows = rows.join(place, on="text", how="left", maintain_order="left")
    frame = made.select(pl.all().gather(rows["place"]))
    empty = rows.filter(pl.col("place").is_null()).select(
        "row", kind=pl.lit("empty"), note=pl.lit("There is no SMILES")
    )
    told = rows.join(problems, on="place").select("row", "kind", "note")
    return Featurized(frame, pl.concat([told, empty]).cast(PROBLEM).sort("row", "kind"))  # type: ignore[arg-type]  # a schema casts by name


def _answers(process: LineProcess, texts: Sequence[str], limit_s: float) -> Iterator[Answer]:
    """Give an answer for each text, in order, whatever becomes of the process."""
    n_sent = 0
    for at, text in enumerate(texts):
        if len(text) > LONGEST_TEXT:
            n_sent = max(n_sent, at + 1)
            note = f"{len(text):,} characters of SMILES, and at most {LONGEST_TEXT:,} are read"
            yield {"kind": "too_large", "note": note}
            continue
        _start(process)
        while n_sent < len(texts) and _is_next(texts, at, n_sent):
            if len(texts[n_sent]) <= LONGEST_TEXT:
                process.send(texts[n_sent])
            n_sent += 1
        try:
            yield process.answer(limit_s)
        except LineTooLate:
            n_sent = at + 1
            yield _late(limit_s)
        except ProcessEnded:
            n_sent = at + 1
            yield _alone(process, text, limit_s)


def _alone(process: LineProcess, text: str, limit_s: float) -> Answer:
    """Ask a new process, for the last one may have ended without any fault of this molecule."""
    _start(process)
    process.send(text)
    try:
        answer: Answer = process.answer(limit_s)
    except LineTooLate:
        return _late(limit_s)
    except ProcessEnded:
        return {"kind": "crashed", "note": "RDKit ended with its process, twice"}
    return answer


def _late(limit_s: float) -> Answer:
    return {"kind": "timeout", "note": f"RDKit was not done after {limit_s:g} s and was stopped"}


def _start(process: LineProcess) -> None:
    try:
        process.warm()
    except ProcessEnded:
        raise ModelError(
            "The process that works with RDKit does not start: check that `import rdkit.Chem` "
            "works in this Python"
        ) from None


def _is_next(texts: Sequence[str], at: int, n_sent: int) -> bool:
    """Say whether the next text fits before the process, so that no pipe is ever full."""
    before = texts[at:n_sent]
    if not before:
        return True
    ahead = [*before, *texts[n_sent : n_sent + 1]]
    return len(before) < AHEAD and sum(len(json.dumps(each)) for each in ahead) < AHEAD_CHARACTERS


def _columns(answers: list[Answer], plan: MoleculePlan) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lay answers out as columns; name what is not finite and becomes null."""
    has_values = np.array(["values" in each for each in answers], dtype=np.bool_)
    columns: list[pl.Series] = []
    raised: list[list[str]] = [[] for _ in answers]
    not_finite: list[list[str]] = [[] for _ in answers]
    for index, (name, dtype) in enumerate(plan.columns().items()):
        cells = [each["values"][index] if "values" in each else None for each in answers]
        if isinstance(dtype, pl.Array):
            columns.append(_places(name, cells, dtype, has_values))
            continue
        for at in np.flatnonzero(has_values):
            value = cells[at]
            if value is None:
                raised[at].append(name)
            elif not np.isfinite(value):
                not_finite[at].append(name)
                cells[at] = None
        columns.append(pl.Series(name, cells, dtype=pl.Float64))
    told = [
        (at, kind, note)
        for at, answer in enumerate(answers)
        for kind, note in (
            (answer.get("kind"), answer.get("note")),
            ("not_finite" if not_finite[at] else None, _named(not_finite[at])),
            ("failed" if raised[at] else None, _named(raised[at])),
        )
        if kind
    ]
    schema = {"place": pl.Int64, "kind": pl.String, "note": pl.String}
    return pl.DataFrame(columns), pl.DataFrame(told, schema=schema, orient="row")


def _named(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"null in {', '.join(names[:5])}{more}"


def _places(name: str, cells: list[Any], dtype: pl.Array, is_there: NDArray[np.bool_]) -> pl.Series:
    """Write pairs of place and count out as arrays of fixed width."""
    wide = np.zeros(
        (len(cells), dtype.size), dtype=np.uint32 if dtype.inner == pl.UInt32 else np.uint8
    )
    for at, pairs in enumerate(cells):
        if pairs:
            places, counts = zip(*pairs, strict=True)
            wide[at, places] = counts
    made = pl.Series(name, wide, dtype=dtype)
    return pl.select(pl.when(pl.Series(is_there)).then(made).alias(name)).to_series()
