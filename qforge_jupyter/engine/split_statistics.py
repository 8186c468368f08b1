"""How a split came out: rows, classes and numbers in every part and fold."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.columns import column, is_present
from qforge_jupyter.engine.splitters import Codes, Units
from qforge_jupyter.engine.strata import ColumnStrata
from qforge_jupyter.results.run import Finding, Severity
from qforge_jupyter.results.split import Split

#: Part of the rows by which a part may miss its share before that is said.
ALLOWED = 0.01


def statistics_of(
    split: Split, frame: pl.DataFrame, taken: Codes, units: Units, columns: list[ColumnStrata]
) -> dict[str, pl.DataFrame]:
    """Give the tables of a split: ``summary``, ``classes``, ``numbers``, ``folding``."""
    held = split.assignment["part"]
    held = held if len(taken) == split.n_rows else held[taken]
    codes = {name: code for code, name in enumerate(split.shares)}
    part = held.replace_strict(codes, default=-1, return_dtype=pl.Int64).to_numpy()
    folding, fold_classes = _folding(split, taken, columns)
    return {
        "summary": _summary(split, part, units),
        "classes": pl.concat([_classes(split, part, columns), fold_classes]),
        "numbers": _numbers(split, frame, part, columns),
        "folding": folding,
    }


def _summary(split: Split, part: Codes, units: Units) -> pl.DataFrame:
    names, n_parts = list(split.shares), len(split.shares)
    counts = np.bincount(part[part >= 0], minlength=n_parts)
    total = max(int(counts.sum()), 1)
    placed = (part >= 0) & (units.of_row >= 0)
    bin_of = np.full((units.n,), -1, dtype=np.int64)
    bin_of[units.of_row[placed]] = part[placed]
    n_units = np.bincount(bin_of[bin_of >= 0], minlength=n_parts)
    return pl.DataFrame(
        {
            "part": pl.Series(names, dtype=pl.String),
            "rows": pl.Series(counts[:n_parts], dtype=pl.Int64),
            "share": pl.Series(counts[:n_parts] / total, dtype=pl.Float64),
            "asked": pl.Series(list(split.shares.values()), dtype=pl.Float64),
            "units": pl.Series(n_units[:n_parts], dtype=pl.Int64),
        }
    )


_CLASSES = {
    "column": pl.String, "class": pl.String, "part": pl.String, "rows": pl.Int64,
    "share": pl.Float64, "overall": pl.Float64,
}  # fmt: skip


def _classes(split: Split, part: Codes, columns: list[ColumnStrata]) -> pl.DataFrame:
    """Count every class in every part."""
    tables = [_counted(each, part, list(split.shares)) for each in columns if split.shares]
    return pl.concat(tables) if tables else pl.DataFrame(schema=_CLASSES)


def _counted(strata: ColumnStrata, part: Codes, names: list[str]) -> pl.DataFrame:
    n_labels, inside = len(strata.labels), part >= 0
    flat = part[inside] * n_labels + strata.codes[inside]
    counts = np.bincount(flat, minlength=len(names) * n_labels).reshape(len(names), n_labels)
    sizes, overall = counts.sum(axis=1, keepdims=True), counts.sum(axis=0)
    return pl.DataFrame(
        {
            "column": [strata.column] * counts.size,
            "class": list(strata.labels) * len(names),
            "part": [name for name in names for _ in range(n_labels)],
            "rows": counts.ravel(),
            "share": (counts / np.maximum(sizes, 1)).ravel(),
            "overall": np.tile(overall / max(int(overall.sum()), 1), len(names)),
        },
        schema=_CLASSES,
    )


def _numbers(
    split: Split, frame: pl.DataFrame, part: Codes, columns: list[ColumnStrata]
) -> pl.DataFrame:
    """Describe every stratified number in every part."""
    tables = []
    for name in [each.column for each in columns if split.shares]:
        dtype = frame.schema[name]
        if not dtype.is_numeric():
            continue
        cell = column(name).cast(pl.Float64)
        held = frame.select(cell.alias("value"), pl.Series("code", part).alias("code"))
        held = held.with_columns(present=is_present(pl.col("value"), pl.Float64()))
        value = pl.col("value").filter("present")
        described = (
            held.filter(pl.col("code") >= 0)
            .group_by("code")
            .agg(
                mean=value.mean(),
                q05=value.quantile(0.05, "linear"),
                median=value.median(),
                q95=value.quantile(0.95, "linear"),
                n_missing=(~pl.col("present")).sum().cast(pl.Int64),
            )
        )
        labels = pl.Series("part", list(split.shares))
        tables.append(
            described.sort("code").with_columns(
                pl.lit(name).alias("column"), labels.gather(described.sort("code")["code"])
            )
        )
    order = ("column", "part", "mean", "q05", "median", "q95", "n_missing")
    return pl.concat(tables).select(order) if tables else pl.DataFrame()


def _folding(
    split: Split, taken: Codes, columns: list[ColumnStrata]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count the rows that each fold validates and trains on, and their classes."""
    lines: list[dict[str, Any]] = []
    tables = [pl.DataFrame(schema=_CLASSES)]
    for repeat in range(1, split.n_repeats + 1):
        for fold, (train, validation) in enumerate(split.pairs(repeat)):
            n_train, n_validation = int(train.sum()), int(validation.sum())
            lines.append(
                {"repeat": repeat, "fold": fold + 1, "train": n_train, "validation": n_validation}
            )
        codes = split.assignment[f"fold_{repeat}"].cast(pl.Int64).fill_null(-1).to_numpy()[taken]
        names = [_fold_name(split, repeat, fold) for fold in range(split.n_folds)]
        tables += [_counted(each, codes, names) for each in columns]
    schema = dict.fromkeys(("repeat", "fold", "train", "validation"), pl.Int64)
    return pl.DataFrame(lines, schema=schema), pl.concat(tables)


def _fold_name(split: Split, repeat: int, fold: int) -> str:
    return f"fold {fold + 1}" + (f" of repeat {repeat}" if split.n_repeats > 1 else "")


def findings_of(split: Split) -> tuple[Finding, ...]:
    """Say what about a split is not as it should be."""
    found: list[Finding] = []
    for line in split.summary.iter_rows(named=True):
        if not line["rows"]:
            found.append(_finding("empty part", line["part"], 0, "high", "The part has no row"))
        elif abs(line["share"] - line["asked"]) > max(ALLOWED, 1 / max(split.n_placed, 1)) + 1e-9:
            note = f"{line['share']:.1%} of the rows where {line['asked']:.1%} were asked"
            found.append(_finding("missed share", line["part"], line["rows"], "medium", note))
    if split.n_forgotten:
        note = (
            "Rows of the kept split are not in the table: they are gone, or their content changed"
        )
        note += "; name a row by `key` and it stays where it is whatever else changes"
        found.append(_finding("forgotten rows", split.table, split.n_forgotten, "high", note))
    if split.n_divided:
        note = (
            f"{split.unit}s that new rows joined together stand in several parts, since old rows "
            "stay where they are: split under another name to part them anew"
        )
        found.append(_finding("divided units", split.table, split.n_divided, "high", note))
    for line in split.folding.iter_rows(named=True):
        if not line["train"] or not line["validation"]:
            name = _fold_name(split, line["repeat"], line["fold"] - 1)
            found.append(_finding("empty fold", name, 0, "high", "The fold has no row"))
    return (*found, *_class_findings(split))


def _class_findings(split: Split) -> list[Finding]:
    """Name the classes that a part lacks, and those that a fold has once."""
    parts = pl.col("part").is_in(list(split.shares))
    thin = split.classes.filter(
        pl.col("overall") > 0,
        (parts & (pl.col("rows") == 0)) | (~parts & (pl.col("rows") < 2)),
    )
    found = []
    for line in thin.head(100).iter_rows(named=True):
        is_part = line["part"] in split.shares
        kind = "class absent from a part" if is_part else "class thin in a fold"
        note = f"{line['rows']} rows of class {line['class']!r}"
        found.append(
            Finding(
                kind, line["part"], line["rows"], "medium", column=line["column"], note=note,
                action="documented",
            )
        )  # fmt: skip
    if thin.height > len(found):
        n_more = thin.height - len(found)
        found.append(_finding("class thin", "more", n_more, "medium", f"{n_more} more of them"))
    return found


def _finding(kind: str, name: str, n_rows: int, severity: Severity, note: str) -> Finding:
    return Finding(kind, name, n_rows, severity, action="documented", note=note)
