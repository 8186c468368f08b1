"""Property models that a call names: installed ones, those tuned in the workspace, ensembles."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from qforge_jupyter.context import Context
from qforge_jupyter.engine.models import Model, find, names
from qforge_jupyter.engine.models._ensembles import named
from qforge_jupyter.engine.models._tuned import tuned_model
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.store.models import KeptModel


def property_model(context: Context | None, text: str) -> Model:
    """Find the model, or make the ensemble of ``a+b``.

    What was tuned in the workspace is found as ``NAME``, or ``NAME@v1``.

    Raises
    ------
    CallError
        There is none of that name.

    """
    return named(text, lambda name: _one(context, name))


def tuned_models(context: Context | None) -> tuple[Model, ...]:
    """Give the newest of every name that was tuned in the workspace."""
    if context is None:
        return ()
    newest: dict[str, KeptModel] = {}
    for each in context.store.models.tuned():
        newest.setdefault(each.name, each)
    return tuple(_made(context, each) for _, each in sorted(newest.items()) if _has_base(each))


def may_be_tuned(text: str) -> bool:
    """Say whether a name may be known to the workspace alone; one misspelled slightly is none."""
    known = names()
    members = [part.partition(":")[0].strip() for part in text.split("+")]
    return any(
        each not in known and not difflib.get_close_matches(each, known, cutoff=0.85)
        for each in members
    )


def _one(context: Context | None, text: str) -> Model:
    name, _, version = text.partition("@")
    if name in names() or context is None:
        return find(text)
    kept = context.store.models.tuned(name)
    chosen = next((each for each in kept if version in ("", each.version)), None)
    if chosen is not None:
        return _made(context, chosen)
    if kept:
        known = [each.version for each in kept]
        raise CallError(f"No version {version[:40]!r} of {name[:60]!r}{nearest(version, known)}")
    try:
        return find(name)
    except CallError:
        tuned = {each.name for each in context.store.models.tuned()}
        if not tuned:
            raise
    raise CallError(f"No model named {name[:60]!r}{nearest(name, sorted({*names(), *tuned}))}")


def _has_base(kept: KeptModel) -> bool:
    return kept.properties["base"] in names()


def _made(context: Context, kept: KeptModel) -> Model:
    said = kept.properties
    if not _has_base(kept):
        raise CallError(
            f"The model {kept.name!r} was trained from {said['base']!r}, which this process does "
            "not know: register that first, as then, with qf.register_model"
        )
    return tuned_model(
        kept.name,
        kept.version,
        find(said["base"]),
        said["property"],
        weights=_reading(context, kept.weights_sha256),
        digest=kept.weights_sha256,
        learned=f"{said['target']} of {said['split']}",
    )


def _reading(context: Context, sha256: str) -> Callable[[], bytes]:
    def read() -> bytes:
        return context.store.objects.read(sha256)

    return read
