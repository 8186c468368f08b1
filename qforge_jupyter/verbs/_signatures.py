"""What a verb takes, read from its ``run``."""

from __future__ import annotations

import inspect
import typing
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from qforge_jupyter.frames import Table
from qforge_jupyter.results.base import Result


@dataclass(frozen=True)
class Parameter:
    """One option of a verb: its name as written, its type, its default."""

    name: str
    annotation: Any
    default: Any

    @property
    def is_flag(self) -> bool:
        """Whether the option stands without a value."""
        return self.annotation is bool


@dataclass(frozen=True)
class Signature:
    """What a verb takes, read from its ``run``."""

    verb: str
    subject: Any
    is_subject_needed: bool
    options: dict[str, Parameter]
    body: Any
    returns: Any

    @property
    def model(self) -> Any:
        """The pydantic model of the body, if it has one."""
        found = (self.body, *typing.get_args(self.body))
        return next((each for each in found if hasattr(each, "model_fields")), None)

    @property
    def needed(self) -> tuple[str, ...]:
        """Options without which the verb cannot work."""
        empty = inspect.Parameter.empty
        return tuple(name for name, option in self.options.items() if option.default is empty)

    @property
    def flags(self) -> frozenset[str]:
        """Options that stand without a value."""
        return frozenset(name for name, option in self.options.items() if option.is_flag)


def signature_in(verb: str, module: ModuleType) -> Signature:
    """Read the signature of a verb from its module."""
    hints = typing.get_type_hints(module.run)
    parameters = inspect.signature(module.run).parameters
    options: dict[str, Parameter] = {}
    subject, is_subject_needed, body = None, False, None
    for name, parameter in parameters.items():
        if name == "context":
            continue
        if name == "body":
            body = hints[name]
        elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            written = name.rstrip("_").replace("_", "-")
            options[written] = Parameter(written, hints[name], parameter.default)
        else:
            subject = hints[name]
            is_subject_needed = parameter.default is inspect.Parameter.empty
    return Signature(verb, subject, is_subject_needed, options, body, hints["return"])


def others_than_tables(kinds: tuple[Any, ...]) -> tuple[type, ...]:
    """Name what may stand where a table may, as a split: it is taken as it is."""
    if Table not in kinds:
        return ()
    plain = (Table, object, str, type(None))
    return tuple(kind for kind in kinds if isinstance(kind, type) and kind not in plain)


def results_in(annotation: Any) -> tuple[type[Result], ...]:
    """Name the kinds of results that an annotation speaks of."""
    kinds = (annotation, *typing.get_args(annotation))
    return tuple(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Result))
