"""List the property models: what each predicts, what it needs, and where it may be trusted."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Block, Facts, Grid, Text, Tone
from qforge_jupyter.engine.chemistry.molecule import require_ase
from qforge_jupyter.engine.models import Model, find, names
from qforge_jupyter.engine.models._ensembles import OF
from qforge_jupyter.engine.models._weights import Weights
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.page import Page
from qforge_jupyter.verbs._fetching import fetch
from qforge_jupyter.verbs._property_models import property_model, tuned_models

EXAMPLE = """\
%qforge models
"""


def run(
    context: Context | None,
    subject: str | None = None,
    *,
    from_: str = "",
) -> Page:
    """Show every model with its version, properties, licence and state, or one in detail.

    ``fetch NAME`` downloads the weights of a model whose package does not bring them.

    Parameters
    ----------
    context
        The open workspace.
    subject
        A model, an ensemble as ``a+b``, or ``fetch`` and a model; without one all of them.
    from_
        The archive with the weights, where it was downloaded already.

    """
    if subject is not None and subject.startswith("fetch "):
        model = find(subject.removeprefix("fetch ").strip())
        return _fetched(model, fetch(model, from_))
    if from_:
        raise CallError("`from` goes with fetch: write  models fetch NAME from FILE")
    if subject is not None:
        return _one(property_model(context, subject))
    models = [*(find(name) for name in names()), *tuned_models(context)]
    rows = tuple(
        (each.name, each.installed or each.version, _properties(each), state(each)[0])
        for each in models
    )
    told = tuple((each.name, each.made_for or "–", each.licence) for each in models)
    blocks: tuple[Block, ...] = (
        Grid(
            ("model", "version", "properties", "state"),
            rows,
            tones=tuple(state(each)[1] for each in models),
        ),
        Grid(("model", "made for", "licence"), told),
        *(Text(f"{each.notice}.", "caution") for each in models if each.notice),
    )
    n_ready = sum(state(each)[1] == "good" for each in models)
    content = {"models": [_content(each) for each in models]}
    frame = pl.DataFrame([_content(each) for each in models])
    verdict = f"{n_ready} of {len(models)} models are ready"
    return Page("Property models", verdict, "neutral", blocks, content, frame)


def state(model: Model) -> tuple[str, Tone]:
    """Say whether a model can be used here, or what it lacks; of several, what the first lacks."""
    for member, _ in model.members:
        if state(member)[1] != "good":
            return state(member)
    if model.load is None:
        return f"absent: {model.absent}", "neutral"
    if not model.installed:
        return f"needs {model.package}: pip install 'qforge-jupyter[materials]'", "caution"
    if model.weights and not model.weights.are_here:
        return f"needs its weights: %qforge models fetch {model.name}", "caution"
    return "ready", "good"


def _fetched(model: Model, weights: Weights) -> Page:
    """Say which files came, under which licence."""
    rows = tuple((file.rsplit("/", 1)[-1], sha256[:12]) for file, sha256 in weights.files.items())
    facts = (("from", weights.requirement), ("licence", f"{model.licence}, beside the weights"))
    blocks = (Facts(facts), Grid(("file", "SHA-256"), rows))
    content = {"model": model.name, "files": weights.files}
    return Page(f"Weights of {model.name}", "fetched, every hash is right", "good", blocks, content)


def _properties(model: Model) -> str:
    return ", ".join(
        f"{each.name} ({each.unit})" if each.unit else each.name for each in model.properties
    )


def _content(model: Model) -> dict[str, str]:
    return {
        "model": model.name,
        "version": model.installed or model.version,
        "properties": _properties(model),
        "state": state(model)[0],
        "made_for": model.made_for,
        "licence": model.licence,
        "notice": model.notice,
    }


def _one(model: Model) -> Page:
    said, tone = state(model)
    facts = {
        "version": model.installed or model.version,
        "package": model.package,
        "made for": model.made_for,
        "licence": model.licence,
        "reference": model.reference,
        "rests on": ", ".join(
            OF.join([each.called, *given.values()]) for each, given in model.members
        ),
        "weights": model.digest[:12],
        "takes": "crystals" if model.needs_cell else "crystals and molecules",
        "elements": _elements(model),
        **{key: f"{', '.join(values)}; the first unasked" for key, values in model.choices.items()},
        "answers": "kept by structure" if model.is_cached else "not kept: it has no version",
    }
    rows = tuple((each.name, each.unit, each.meaning) for each in model.properties)
    blocks: list[Block] = [Text(f"{model.notice}.", "caution")] if model.notice else []
    blocks += [
        Facts(tuple((key, value) for key, value in facts.items() if value)),
        Grid(("property", "unit", "meaning"), rows),
    ]
    content = {**_content(model), "parameters": {k: list(v) for k, v in model.choices.items()}}
    return Page(f"Model {model.name}", said, tone, tuple(blocks), content)


def _elements(model: Model) -> str:
    """Say which elements it knows, shortly."""
    if len(model.elements) == 118:
        return "all"
    symbols = require_ase("data").chemical_symbols
    missing = [symbols[n] for n in range(1, max(model.elements) + 1) if n not in model.elements]
    up_to = f"H to {symbols[max(model.elements)]}"
    return f"{up_to} without {', '.join(missing)}" if missing else up_to
