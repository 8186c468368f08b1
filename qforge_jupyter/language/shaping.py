"""What is read from a text before pydantic sees it.

``5%`` where a float is wanted, ``a, b`` where a list is, nothing where
something may be absent, keys and choices with blanks for underscores.
"""

from __future__ import annotations

import collections.abc
import re
import types
from collections.abc import Hashable
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from qforge_jupyter.errors import nearest
from qforge_jupyter.language.body import Path, same_name
from qforge_jupyter.language.problems import Shaped

if TYPE_CHECKING:
    import pydantic

_PERCENTAGE = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*%\s*")
_LISTS = (
    list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Set,
    collections.abc.Iterable, collections.abc.Collection,
)  # fmt: skip
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def shape(value: Any, annotation: Any, shaped: Shaped, loc: Path = (), path: Path = ()) -> Any:
    """Prepare a value for the type it shall have.

    Parameters
    ----------
    value
        Texts, lists and mappings of the body, or an object.
    annotation
        Type that is wanted.
    shaped
        Notes where each part came from, and the keys that nobody wants.
    loc, path
        Where the value stands for pydantic, and in the body.

    Examples
    --------
    >>> from qforge_jupyter.language.body import Body
    >>> shape({"a": "5%"}, dict[str, float], Shaped(Body({}, ""), "check"))
    {'a': 0.05}

    """
    shaped.paths[loc] = path
    annotation = _choose(value, annotation)
    kind = get_origin(annotation) or annotation
    if value == "" and kind in (None, type(None)):
        return None
    if isinstance(value, str):
        return _shape_text(value, annotation, shaped, loc, path)
    if isinstance(value, dict) and _is_model(kind):
        return _shape_keys(value, kind, shaped, loc, path)
    if isinstance(value, dict) and kind in _MAPPINGS:
        inner = (get_args(annotation) or (Any, Any))[1]
        return {k: shape(v, inner, shaped, (*loc, k), (*path, k)) for k, v in value.items()}
    if isinstance(value, list) and kind in _LISTS:
        return [
            shape(item, _item(annotation, i), shaped, (*loc, i), (*path, i))
            for i, item in enumerate(value)
        ]
    return value


def _choose(value: Any, annotation: Any) -> Any:
    """Pick the member of a union that a value of this form can become."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    members = [_choose(value, member) for member in get_args(annotation)]
    kinds = [get_origin(member) or member for member in members]
    if value == "" and type(None) in kinds:
        return None
    if isinstance(value, str) and str in kinds and Literal not in kinds:
        return str
    forms = _forms(value, kinds)
    for member, kind in zip(members, kinds, strict=True):
        if kind in forms or (isinstance(value, dict) and _is_model(kind)):
            return member
    return Any


def _forms(value: Any, kinds: list[Any]) -> tuple[Any, ...]:
    if isinstance(value, list):
        return _LISTS
    if not isinstance(value, str):
        return _MAPPINGS
    if str in kinds:
        return (Literal, float)
    return _LISTS if "," in value and set(_LISTS) & set(kinds) else (Literal, float, *_LISTS)


def _shape_text(value: str, annotation: Any, shaped: Shaped, loc: Path, path: Path) -> Any:
    kind = get_origin(annotation) or annotation
    if kind is float and (percentage := _PERCENTAGE.fullmatch(value)):
        return float(percentage[1]) / 100
    if kind is Literal:
        same = [c for c in get_args(annotation) if same_name(str(c)) == same_name(value)]
        return same[0] if len(same) == 1 else value
    if not value and (kind in _MAPPINGS or _is_model(kind)):
        return {}
    if kind in _LISTS:
        parts = [part.strip() for part in value.split(",")] if value.strip() else []
        return [
            shape(part, _item(annotation, i), shaped, (*loc, i), path)
            for i, part in enumerate(parts)
        ]
    return value


def _item(annotation: Any, index: int) -> Any:
    inner = get_args(annotation) or (Any,)
    if get_origin(annotation) is tuple and Ellipsis not in inner:
        return inner[min(index, len(inner) - 1)]
    return inner[0]


def _is_model(kind: Any) -> bool:
    from pydantic import BaseModel

    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _shape_keys(
    value: dict[Hashable, Any],
    model: type[pydantic.BaseModel],
    shaped: Shaped,
    loc: Path,
    path: Path,
) -> dict[str, Any]:
    """Rename the keys to the model's fields; note those that it lacks."""
    fields = {}
    for name, field in model.model_fields.items():
        alias = field.validation_alias if isinstance(field.validation_alias, str) else name
        fields[same_name(name)] = fields[same_name(alias)] = (alias, field.annotation)
    found: dict[str, Any] = {}
    for key, item in value.items():
        here = (*path, key)
        alias, annotation = fields.get(same_name(str(key)), (str(key), Any))
        if alias in found:
            shaped.add(here, f"The key {key!r} stands twice, once in another spelling: keep one")
        elif same_name(str(key)) in fields or model.model_config.get("extra") == "allow":
            found[alias] = shape(item, annotation, shaped, (*loc, alias), here)
        else:
            names = [name.replace("_", " ") for name in model.model_fields]
            shaped.add(here, f"No key {key!r} in {shaped.owner(path)}{nearest(str(key), names)}")
    return found
