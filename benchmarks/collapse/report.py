"""Print what a run showed, as plain tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from benchmarks.collapse.draw import STRENGTHS
from benchmarks.collapse.exclusions import effects
from benchmarks.collapse.gates import gates
from benchmarks.collapse.labelled import CLASSES, labelled
from benchmarks.collapse.negatives import BOOTSTRAP, HOLD_OUT
from benchmarks.collapse.rates import Share, auroc, best_threshold


def report(rows: pl.DataFrame, statistics: pl.DataFrame | None = None) -> str:
    """Tables of every method of a run; the check's own in full."""
    known = labelled(rows)
    parts = [_cases(rows, known)]
    for method in known["method"].unique(maintain_order=True):
        own = known.filter(pl.col("method") == method)
        if (own["verdict"] != "").any():
            parts += [_verdicts(method, own), _alarms(own), _scores(own), _found(own), _gates(own)]
    if statistics is not None:
        parts += [_culprits(known, statistics), _least_effects(known, statistics)]
    parts += [_rivals(known), _costs(known)]
    return "\n\n".join(part for part in parts if part)


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lay cells out in columns."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *cells]) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in [list(head), *cells]]  # fmt: skip
    return "\n".join([title, *lines])


def _cases(rows: pl.DataFrame, known: pl.DataFrame) -> str:
    skipped = rows.filter(pl.col("method") == "")
    failed = known.filter(pl.col("error").fill_null("") != "")
    one = known.unique("id")
    counts = one.group_by("class").len().sort("class").iter_rows()
    lines = [f"{one.height} cases of {one['table'].n_unique()} tables: "
             + ", ".join(f"{many} {kind}" for kind, many in counts)]  # fmt: skip
    broken = skipped.filter(pl.col("skipped") == "error").height
    lines.append(f"not applicable: {skipped.height - broken}; could not be made: {broken}; "
                 f"methods that raised: {failed.height}")  # fmt: skip
    raised = failed.group_by("method", "error").len().sort("len", descending=True).head(5)
    lines += [f"  {many} x {method}: {error[:160]}" for method, error, many in raised.iter_rows()]
    return "\n".join(lines)


def _verdicts(method: str, own: pl.DataFrame) -> str:
    missed = own.filter(pl.col("is_positive") & ~pl.col("is_flagged"))
    told = (
        f"of {missed.height} missed, {int(missed['is_unsure'].sum())} said not to have enough data"
    )
    title = f"{method}: moderate and severe damage against hold-outs, noise, generators ({told})"
    return table(title, ["what is counted", "AUROC", "false alarms", "missed"], effects(own))


def _alarms(own: pl.DataFrame) -> str:
    rows: list[list[object]] = []
    for kind in CLASSES:
        cases = own.filter(pl.col("class") == kind)
        many = cases.height
        rows.append([
            kind, Share(int(cases["is_flagged"].sum()), many), int(cases["is_unsure"].sum()),
            Share(int(cases["is_damage"].sum()), many), int(cases["is_copying"].sum()),
        ])  # fmt: skip
    for name, cases in own.filter(pl.col("class") == BOOTSTRAP).group_by(
        "family", maintain_order=True
    ):
        rows.append([
            f"  {name[0]}", Share(int(cases["is_flagged"].sum()), cases.height),
            int(cases["is_unsure"].sum()), Share(int(cases["is_damage"].sum()), cases.height),
            int(cases["is_copying"].sum()),
        ])  # fmt: skip
    head = ["class", "called collapsed", "unsure", "for more than copies", "copying"]
    return table("Harmless candidates", head, rows)


def _scores(own: pl.DataFrame) -> str:
    rows = []
    for n in sorted(own["n"].unique()):
        fresh = own.filter((pl.col("class") == HOLD_OUT) & (pl.col("n") == n))
        score = fresh["score"].drop_nulls().to_numpy()
        if len(score):
            rows.append([f"{n:,}", len(score), f"{score.mean():.1f}", f"{score.min():.1f}",
                         Share(int((score >= 95).sum()), len(score)),
                         f"{np.mean(fresh['p_value'].to_numpy() <= 0.05):.1%}",
                         int(fresh["is_unsure"].sum())])  # fmt: skip
    head = ["n", "cases", "mean", "least", "95 and more", "p <= .05", "unsure"]
    return table("Scores of fresh rows", head, rows)


def _found(own: pl.DataFrame) -> str:
    sizes = sorted(own["n"].unique())
    head = ["family", *(f"{strength} {n:,}" for n in sizes for strength in STRENGTHS)]
    damage = own.filter(pl.col("class") == "damage")
    rows = []
    for family in [*sorted(damage["family"].unique()), None]:
        row: list[object] = [family or "all"]
        for n in sizes:
            for strength in STRENGTHS:
                cases = damage.filter((pl.col("n") == n) & (pl.col("strength") == strength))
                cases = cases.filter(pl.col("family") == family) if family else cases
                unsure = int(cases["is_unsure"].sum())
                row.append(
                    f"{int(cases['is_flagged'].sum())}/{cases.height}"
                    + (f" ?{unsure}" if unsure else "")
                )
        rows.append(row)
    return table("Damage found, of cases (?: said that there is not enough data)", head, rows)


def _gates(own: pl.DataFrame) -> str:
    return "\n".join(["Gates", *map(str, gates(own))])


def _culprits(known: pl.DataFrame, statistics: pl.DataFrame) -> str:
    alarms = known.filter(
        pl.col("is_damage") & (pl.col("is_negative") | (pl.col("class") == BOOTSTRAP))
    )
    worst = (
        statistics.join(alarms.select("id", "class", "table"), on="id")
        .sort("excess", descending=True).group_by("id", maintain_order=True).first()
    )  # fmt: skip
    counts = (
        worst.group_by("dimension", "name", "class")
        .len()
        .sort("len", "name", descending=[True, False])
    )
    head = ["dimension", "statistic", "class", "alarms"]
    return table("Statistics that raise false alarms", head, counts.head(25).iter_rows())


def _least_effects(known: pl.DataFrame, statistics: pl.DataFrame) -> str:
    """The effect found with a power of 80 %, by the most sensitive statistic of each dimension."""
    fresh = known.filter(pl.col("class") == HOLD_OUT).select("id", "n")
    least = (
        statistics.join(fresh, on="id").with_columns(pl.col("least") / pl.col("tolerance"))
        .group_by("id", "n", "dimension").agg(pl.col("least").min())
        .group_by("dimension", "n").agg(pl.col("least").median())
        .pivot("n", index="dimension", values="least").sort("dimension")
    )  # fmt: skip
    sizes = sorted((name for name in least.columns if name != "dimension"), key=int)
    rows = [[row["dimension"], *(f"{row[n]:.1f}" if row[n] is not None else "" for n in sizes)]
            for row in least.iter_rows(named=True)]  # fmt: skip
    title = "Smallest effect that would have been found, in tolerances (median of hold-outs)"
    return table(title, ["dimension", *(f"n = {int(n):,}" for n in sizes)], rows)


def _rivals(known: pl.DataFrame) -> str:
    names = known["method"].unique(maintain_order=True).to_list()
    counts = known.group_by("id").agg(pl.col("method").n_unique())
    shared = counts.filter(pl.col("method") == len(names)).select("id")
    rows = []
    for name in names:
        own = known.filter(pl.col("method") == name).join(shared, on="id").drop_nulls("statistic")
        own = own.filter(pl.col("statistic").is_not_nan())
        negative = own.filter("is_negative")["statistic"].to_numpy()
        positive = own.filter("is_positive")["statistic"].to_numpy()
        best = best_threshold(negative, positive)
        rows.append([name, f"{auroc(negative, positive):.3f}", f"{best:.3g}",
                     Share(int((negative >= best).sum()), len(negative)),
                     Share(int((positive < best).sum()), len(positive))])  # fmt: skip
    title = f"All methods on the same {shared.height} cases, each at the threshold best on them"
    return table(title, ["method", "AUROC", "threshold", "false alarms", "missed"], rows)


def _costs(known: pl.DataFrame) -> str:
    costs = known.group_by("method", "n", maintain_order=True).agg(
        pl.col("cpu_s").mean().alias("mean"), pl.col("cpu_s").max().alias("max")
    )
    rows = [
        [method, f"{n:,}", f"{mean:.2f}", f"{most:.2f}"]
        for method, n, mean, most in costs.iter_rows()
    ]
    return table("Seconds of CPU a case", ["method", "n", "mean", "most"], rows)
