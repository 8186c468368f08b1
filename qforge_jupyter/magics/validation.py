"""From the texts of a call to the types that a verb asks for, with one wording.

Everything arrives as text. Pydantic converts it; before, ``5%`` is read where
a float is wanted and ``a, b`` where a list is. Of several problems the first
one is told, with its place and the nearest name.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import BaseModel, TypeAdapter, ValidationError

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.magics.body import Body, Path, same_name
from qforge_jupyter.magics.parsing import Option

Model = TypeVar("Model", bound=BaseModel)

_PERCENTAGE = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*%\s*")
