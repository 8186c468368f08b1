"""The page of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qforge_jupyter.columns import frame_of
from qforge_jupyter.documents.blocks import (
    Block,
    Curve,
    Curves,
    Document,
    Facts,
    Grid,
    Headline,
    Histogram,
    Scatter,
    Section,
    Text,
)
from qforge_jupyter.documents.numbers import show_interval, show_number, show_percent

if TYPE_CHECKING:
    from qforge_jupyter.documents.blocks import Cell, Tone
    from qforge_jupyter.results.compared import Compared, Estimate
    from qforge_jupyter.results.comparison import ComparisonReport

#: Properties with pictures, groups of a property, rows and proposals that are shown.
SHOWN_PROPERTIES, SHOWN_GROUPS, SHOWN_ROWS, SHOWN_NEXT = 4, 12, 10, 25
TONES: dict[str, Tone] = {
    "within": "good",
    "beyond": "bad",
    "not enough data to say": "caution",
    "not judged": "neutral",
}
#: Statistics of a property: what each is called, its unit (None is the property's), a factor.
STATISTICS = (
    ("mae", "MAE, mean absolute error", None, 1),
    ("rmse", "RMSE, root mean square error", None, 1),
    ("bias", "bias, mean of predicted less reference", None, 1),
    ("median_ae", "median absolute error", None, 1),
    ("max_error", "largest absolute error", None, 1),
    ("r2", "R²", "", 1),
    ("pearson_r", "correlation", "", 1),
    ("mape", "mean absolute percent error", " / %", 100),
    ("median_ape", "median absolute percent error", " / %", 100),
)
#: Below so many rows the coverage of intervals was not measured.
FEW = 50


def page_of(report: ComparisonReport) -> Document:
    """Describe verdict, statistics, groups, rows and what to do next."""
    blocks: list[Block] = [Text(each, "caution") for each in report.notices]
    blocks += [Facts(_facts(report)), _summary(report), *_remarks(report)]
    blocks += [_section(report, each) for each in report.compared[:SHOWN_PROPERTIES]]
    if report.groups is not None:
        blocks += _groups(report)
    if report.next is not None:
        blocks.append(_next(report))
    left_out = report.compared[SHOWN_PROPERTIES:]
    if left_out:
        blocks.append(Text(f"{len(left_out)} more properties are in `measures` and `rows`."))
    verdict, tone = _verdict(report)
    return Document(
        f"{report.left} against {report.right}", verdict, tone, tuple(blocks), _headline(report)
    )


def _verdict(report: ComparisonReport) -> tuple[str, Tone]:
    said = f"{report.counts.paired:,} rows compared"
    if report.verdict == "not judged":
        return said, "neutral" if report.counts.paired else "caution"
    judged = [each for each in report.compared if each.verdict == report.verdict]
    names = ", ".join(each.name for each in judged[:5])
    sentence = {
        "beyond": f"beyond tolerance: {names}",
        "within": "all within tolerance" if len(judged) > 1 else f"{names} is within tolerance",
    }.get(report.verdict, f"not enough data to say: {names}")
    return f"{sentence} ({said})", TONES[report.verdict]


def _headline(report: ComparisonReport) -> Headline | None:
    if not report.compared:
        return None
    first = report.compared[0]
    mae = first.measures["mae"]
    if mae.value is None:
        return None
    unit = f" / {first.unit}" if first.unit else ""
    label = f"MAE of {first.name}{unit}"
    return Headline(_rounded(mae.value), label, _rounded(mae.low), _rounded(mae.high))


def _facts(report: ComparisonReport) -> tuple[tuple[str, Cell], ...]:
    counts = report.counts
    said: list[tuple[str, Cell]] = [
        ("joined on", ", ".join(report.keys)),
        ("rows compared", counts.paired),
        (f"only in {report.left}", counts.only_left),
        (f"only in {report.right}", counts.only_right),
    ]
    repeated = (counts.repeated_left, counts.repeated_right)
    keyless = (counts.keyless_left, counts.keyless_right)
    for what, pair in (("repeated key", repeated), ("no key", keyless)):
        names = zip((report.left, report.right), pair, strict=True)
        said += [(f"{what} in {name}", n) for name, n in names if n]
    return tuple(said)


def _summary(report: ComparisonReport) -> Grid:
    """Show each property's mean absolute error and, where it has a tolerance, the verdict."""
    is_judged = any(each.tolerance for each in report.compared)
    interval = f"{100 * report.confidence:g} % interval"
    head = ("property", "unit", "n", "MAE", interval)
    extra = ("tolerance", "verdict") if is_judged else ()
    rows = []
    for each in report.compared:
        mae = each.measures["mae"]
        cells = (each.label(), each.unit, each.n, _rounded(mae.value), _interval(mae))
        rows.append((*cells, each.tolerance or "–", each.verdict) if is_judged else cells)
    tones = tuple(TONES[each.verdict] for each in report.compared) if is_judged else ()
    return Grid((*head, *extra), tuple(rows), tones=tones)


def _statistics(report: ComparisonReport, each: Compared) -> Grid:
    """Show every statistic of a property, or why it has none."""
    interval = f"{100 * report.confidence:g} % interval"
    rows = tuple(
        (f"{called}{suffix}".strip(), _show(found, factor), _interval(found, factor) or found.note)
        for name, called, unit, factor in STATISTICS
        for found in [each.measures[name]]
        for suffix in [f" / {each.unit}" if unit is None and each.unit else unit or ""]
    )
    return Grid(("statistic", "value", interval), rows, f"Intervals: {report.resampled} resampled")


def _show(found: Estimate, factor: float) -> Cell:
    return None if found.value is None else _rounded(found.value * factor)


def _interval(found: Estimate, factor: float = 1.0) -> str:
    low, high = (
        None if each is None else _rounded(each * factor) for each in (found.low, found.high)
    )
    return show_interval(low, high)


def _share(found: Estimate) -> str:
    """Write a share of rows in per cent, with its interval."""
    if found.value is None:
        return "–"
    return f"{show_percent(found.value, 1)} {_interval(found, 100)}".rstrip()


def _remarks(report: ComparisonReport) -> list[Block]:
    """Say what was left out, what has no number and why, and what was taken for granted."""
    said: list[tuple[str, Tone]] = [(f"{note}.", "neutral") for note in report.notes]
    for each in report.compared:
        if sum(each.missing):
            lacks = zip((report.left, report.right, "both"), each.missing, strict=True)
            where = ", ".join(f"{n:,} of {name}" for name, n in lacks if n)
            said.append((f"{each.name}: pairs without a number: {where}.", "caution"))
        if each.n_zero:
            zeros = f"{each.name}: {each.n_zero:,} references are zero and have no percent error."
            said.append((zeros, "neutral"))
        if each.tolerance:
            share = each.measures["share_within"]
            told = f"{each.name}: judged by its {each.judged_by}"
            if share.value is not None:
                n_within = round(share.value * share.n)
                told += f"; {n_within:,} of {share.n:,} rows lie within {each.tolerance}"
                told += f" ({_share(share)})"
            said.append((f"{told}.", "neutral"))
        said += _covered(report, each)
    if any(0 < each.n < FEW for each in report.compared):
        said.append((f"Intervals of fewer than {FEW} rows may hold less than they say.", "neutral"))
    return [Text(text, tone) for text, tone in said]


def _covered(report: ComparisonReport, each: Compared) -> list[tuple[str, Tone]]:
    found = each.measures.get("coverage")
    if found is None or found.value is None:
        return []
    n_held = round(found.value * found.n)
    said = f"{each.name}: its intervals hold {n_held:,} of {found.n:,} references"
    said += f" ({_share(found)})"
    if report.level is None:
        return [(f"{said}.", "neutral")]
    is_short = found.high is not None and found.high < report.level
    return [(f"{said}, promised {100 * report.level:g} %.", "caution" if is_short else "neutral")]


def _groups(report: ComparisonReport) -> list[Block]:
    """Show the worst groups of each property."""
    blocks: list[Block] = []
    if report.groups is None:
        return blocks
    by = ", ".join(report.grouped_by)
    for each in report.compared[:SHOWN_PROPERTIES]:
        held = report.groups.filter(report.groups["property"] == each.name)
        rows = held.head(SHOWN_GROUPS).to_dicts()
        cells = []
        for row in rows:
            told = [_of_row(row, name) for name in ("mae", "rmse", "bias")]
            share = row.get("share_within")
            within = () if share is None else (show_percent(share, 1), row["verdict"])
            filler = ("–", row.get("verdict", "–")) if share is None and each.tolerance else ()
            cells.append((row["group"], row["n"], *told, *within, *filler))
        head = (by, "n", "MAE", "RMSE", "bias", *(("within", "verdict") if each.tolerance else ()))
        tones = tuple(TONES[row["verdict"]] for row in rows) if each.tolerance else ()
        unit = f", in {each.unit}" if each.unit else ""
        grid = Grid(
            head, tuple(cells), f"{each.name}{unit}", max(0, held.height - SHOWN_GROUPS), tones
        )
        blocks.append(grid)
    return [Section(f"By {by}, worst first", tuple(blocks))]


def _of_row(row: dict[str, object], name: str) -> str:
    value = row[name]
    if not isinstance(value, float):
        return "–"
    ends = [row[f"{name}_{end}"] for end in ("low", "high")]
    low, high = (_rounded(each) if isinstance(each, float) else None for each in ends)
    return f"{show_number(_rounded(value))} {show_interval(low, high)}".rstrip()


def _next(report: ComparisonReport) -> Section:
    frame = report.next
    if frame is None or not frame.height:
        said = f"Every row of {report.left} with a prediction has a reference."
        return Section("Simulate next", (Text(said),))
    shown = frame.get_columns()[: len(report.keys) + min(2, len(report.compared))]
    names = [column.name for column in shown]
    rows = frame_of([*shown, frame.get_column("reason")]).head(SHOWN_NEXT).iter_rows()
    cells = tuple(map(_cells, rows))
    grid = Grid(
        ("", *names, "reason"),
        tuple((at, *row) for at, row in enumerate(cells, 1)),
        n_more=max(0, frame.height - SHOWN_NEXT),
    )
    return Section(f"Simulate next: {frame.height}", (Text(report.next_said), grid))


def _section(report: ComparisonReport, each: Compared) -> Section:
    """Show one property: parity, errors, errors by size, the worst rows."""
    unit = f" / {each.unit}" if each.unit else ""
    if not each.n:
        return Section(each.label(), (Text("Nothing to compare.", "caution"),))
    drawn = len(each.points[0])
    said = f"{drawn:,} of {each.n:,} rows drawn by chance" if drawn < each.n else ""
    blocks: list[Block] = [
        Scatter(
            *each.points,
            f"{each.reference} of {report.right}{unit}",
            f"{each.name} of {report.left}{unit}",
            said,
            is_parity=True,
        )
    ]
    counts, low, high = each.residuals
    if counts:
        bound = each.tolerance_value
        marks = (("tolerance", -bound), ("tolerance", bound)) if bound else (("0", 0.0),)
        caption = f"Errors{unit}, predicted less reference"
        blocks.append(Histogram(counts, low, high, caption, marks))
    if each.by_size:
        blocks.append(_by_size(each, unit))
    blocks += [_statistics(report, each), _worst(report, each, unit)]
    return Section(each.label(), tuple(blocks), is_open=each is report.compared[0])


def _by_size(each: Compared, unit: str) -> Curves:
    labels = tuple(label for label, _, _ in each.by_size)
    curves = []
    for at, name in ((1, "MAE"), (2, "bias")):
        found = [line[at] for line in each.by_size]
        values, lows, highs = (
            tuple(_rounded(getattr(one, end)) for one in found) for end in ("value", "low", "high")
        )
        has_band = None not in (*lows, *highs)
        curves.append(Curve(name, values, *((lows, highs) if has_band else ())))
    return Curves(labels, tuple(curves), f"Error{unit} by size of {each.reference}")


def _worst(report: ComparisonReport, each: Compared, unit: str) -> Grid:
    frame = report.worst(each.name, SHOWN_ROWS)
    keys = frame.columns[: len(report.keys)]
    group = ["group"] if report.groups is not None else []
    names = (*keys, *group, "reference", "predicted", "error")
    rows = tuple(map(_cells, frame_of(map(frame.get_column, names)).iter_rows()))
    called = [", ".join(report.grouped_by)] if group else []
    head = (*keys, *called, f"reference{unit}", f"predicted{unit}", f"error{unit}")
    return Grid(head, rows, "Largest errors", max(0, each.n - SHOWN_ROWS))


def _cells(row: tuple[Any, ...]) -> tuple[Cell, ...]:
    return tuple(_rounded(cell) if isinstance(cell, float) else str(cell) for cell in row)


def _rounded(value: float | None) -> float | None:
    """Round to what another machine computes too."""
    return None if value is None else float(f"{value:.3g}") + 0.0
