"""The verbs of the language: one file each, its ``run`` is the truth.

A verb is a module with ``run(context, subject, *, options, body)``. The first
line of its docstring is its help; its ``EXAMPLE`` is shown. The keyword-only
parameters are the options of the header (``from_`` is written ``from``);
``body`` is typed by the verb's own model, or `str` where the body is raw text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from qforge_jupyter.frames import Table
from qforge_jupyter.frames.captured import Sources
from qforge_jupyter.registry import Family
from qforge_jupyter.results.base import Result
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._arguments import bind
from qforge_jupyter.verbs._signatures import Signature, others_than_tables, results_in, signature_in
from qforge_jupyter.verbs._sources import given_by
from qforge_jupyter.watch import Watch

if TYPE_CHECKING:
    from qforge_jupyter.context import Context

VERBS = Family("verb", __name__)
__all__ = [
    "VERBS",
    "Signature",
    "invoke",
    "others_than_tables",
    "purpose_of",
    "rehearse",
    "results_in",
    "signature_of",
]


def signature_of(verb: str) -> Signature:
    """Read what a verb takes.

    Examples
    --------
    >>> sorted(signature_of("certify").options)[:2]
    ['all', 'approve-lineage']

    """
    return signature_in(verb, VERBS.get(verb))


def purpose_of(module: ModuleType) -> str:
    """Give the first line of a verb's docstring."""
    return (module.__doc__ or "").strip().split("\n", 1)[0]


def invoke(
    context: Any,
    verb: str,
    subject: Any = None,
    *,
    options: Mapping[str, Any],
    body: Any = None,
    subject_name: str | None = None,
) -> Any:
    """Call a verb with Python values and write the call down, also one that cannot be bound.

    Tables may come as anything that `frames.to_table` takes; a body may come
    as a mapping and is typed by the verb's own model.

    Parameters
    ----------
    context
        The open workspace.
    verb
        The verb.
    subject
        What it works on.
    options
        The verb's keyword-only parameters that are not at their default.
    body
        Its body.
    subject_name
        What a table that is the subject is called.

    """
    from qforge_jupyter.verbs._stored import Stored

    signature = signature_of(verb)
    run = VERBS.get(verb).run
    inputs: dict[str, Table] = {}
    watch = Watch()
    stored = Stored(lambda: context)
    try:
        arguments, bound = bind(signature, subject, options, body, subject_name, inputs, stored)
    except BaseException as problem:
        # What a table holds must not be kept, so a value that is no text is named by its type.
        named = subject_name or (subject if isinstance(subject, str) else type(subject).__name__)
        given = {"subject": named, **_recorded(verb, options)}
        context.write_down(verb, watch, problem, options=given, inputs=inputs)
        raise
    shown = {
        "subject": _shown(arguments[0] if arguments else None),
        **_recorded(verb, {key: value for key, value in bound.items() if _is_set(value)}),
    }
    return context.call(
        verb,
        lambda used: run(used, *arguments, **bound),
        options=shown,
        inputs=inputs,
        sources=Sources(
            given_by(arguments, bound, subject_name), getattr(VERBS.get(verb), "USES", ())
        ),
    )


def _recorded(verb: str, options: Mapping[str, Any]) -> dict[str, str]:
    """Write options for the record; a verb's ``UNRECORDED`` names those that are not kept."""
    hidden = getattr(VERBS.get(verb), "UNRECORDED", ())
    return {key: "(not kept)" if key in hidden else _shown(value) for key, value in options.items()}


def rehearse(
    settings: Settings,
    verb: str,
    subject: Any = None,
    *,
    options: Mapping[str, Any],
    body: Any = None,
    subject_name: str | None = None,
    open_: Callable[[], Context] | None = None,
) -> Result | None:
    """Raise what the call would raise before its work begins; nothing is done or recorded.

    A verb that can be wrong in more than its parts has a function
    ``rehearse(settings, subject, *, options, body)`` beside ``run``: it
    compiles rules, ranges, filters and gates against the columns, and looks
    whether files are there. Where what the call needs is in the store,
    ``look_up(context, subject, *, options, body)`` looks for it; its context is
    None where no workspace was made yet. A verb whose result can be shown without
    storing anything gives it by ``preview(context, subject, *, options, body)``.

    Parameters
    ----------
    settings
        Those of the workspace.
    verb, subject, options, body, subject_name
        As in `invoke`.
    open_
        Opens the workspace; None where there is none.

    """
    module = VERBS.get(verb)
    parts = bind(signature_of(verb), subject, options, body, subject_name, {}, None)
    if hasattr(module, "rehearse"):
        arguments, bound = parts
        module.rehearse(settings, *arguments, **bound)
    if hasattr(module, "look_up"):
        arguments, bound = parts
        module.look_up(open_() if open_ else None, *arguments, **bound)
    if hasattr(module, "preview"):
        arguments, bound = parts
        shown: Result = module.preview(open_() if open_ else None, *arguments, **bound)
        return shown
    return None


def _is_set(value: Any) -> bool:
    return not (value is None or value is False or (isinstance(value, str | tuple) and not value))


def _shown(value: Any) -> str:
    """Write an argument for the record: names of tables and results, not their rows."""
    if isinstance(value, Table):
        return str(value.version or value.name)
    if hasattr(value, "model_dump_json"):
        return str(value.model_dump_json(exclude_unset=True))
    if isinstance(value, Mapping):
        return ", ".join(str(key) for key in value)
    if isinstance(value, str | int | float | bool | list | tuple) or value is None:
        return str(value)
    return str(getattr(value, "name", type(value).__name__))
