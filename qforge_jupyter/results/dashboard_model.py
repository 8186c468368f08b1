"""What the page of a dashboard says of a model, example by example."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.documents.blocks import Bar, Bars, Block, Facts, Grid, Histogram, Section, Text

_SAID = (
    "Every label was predicted by a model that learned from the others only. A low probability is "
    "a hard example or a wrong label."
)


def by_example(model: Any) -> list[Block]:
    """Describe how well the model of the last `suggest` predicts each label."""
    if not model["n"]:
        return [Section("Model by example", (Text(model["note"]),), is_open=False)]
    n, n_right = model["n"], model["n_right"]
    share = f"{n_right:,} of {n:,} ({100 * n_right / n:.1f} %)"
    blocks: list[Block] = [Facts(((f"labels of {model['target']} predicted", share),))]
    drawn = model["histogram"]
    caption = "Examples by the probability of their label"
    blocks.append(Histogram(tuple(drawn["counts"]), drawn["low"], drawn["high"], caption))
    bars = tuple(
        Bar(name, accuracy, note=f"{right:,} of {n:,}; mean probability {mean:.2f}")
        for name, n, right, accuracy, mean in model["classes"]
    )
    left = f"; {model['n_more']:,} more" if model["n_more"] else ""
    blocks.append(Bars(bars, f"Share predicted rightly by class{left}"))
    if model["lowest"]:
        rows = tuple(map(tuple, model["lowest"]))
        head = ("item", "label", "predicted", "probability of the label")
        blocks.append(Grid(head, rows, "The least probable labels", n - len(rows)))
    blocks.append(Text(_SAID))
    if model["note"]:
        blocks.append(Text(model["note"]))
    return [Section("Model by example", tuple(blocks))]
