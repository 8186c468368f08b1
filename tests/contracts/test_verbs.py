"""What every verb keeps, in cells and in Python."""

from __future__ import annotations

import inspect
import re

import pytest

from qforge_jupyter.language.parsing import parse_call
from qforge_jupyter.language.tokens import SMALL_WORDS
from qforge_jupyter.magics.binding import COMMON
from qforge_jupyter.verbs import VERBS, purpose_of, signature_of
from qforge_jupyter.verbs.help import GIVEN, describe, run
from qforge_jupyter.workspace import Workspace

NAMES = VERBS.names()
#: `use` is `qf.open` in Python; the body of `score` is its keywords, and tables of `sql` are.
METHODS = [name for name in NAMES if name != "use"]
LOOSE = {"tables", "known"}


def example(name: str) -> tuple[str, str | None]:
    header, _, body = VERBS.get(name).EXAMPLE.partition("\n")
    line = re.sub(r"^%{1,2}qforge ", "", header)
    return line, body if header.startswith("%%") else None


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_does_in_one_sentence(name: str):
    said = purpose_of(VERBS.get(name))
    assert (said[0].isupper(), said[-1], len(said) <= 100) == (True, ".", True)


@pytest.mark.parametrize("name", NAMES)
def test_its_example_is_a_call_with_options_that_exist(name: str):
    call = parse_call(*example(name), flags=lambda verb: signature_of(verb).flags)
    known = {option.replace("-", "_") for option in signature_of(name).options} | set(COMMON)
    assert call.verb == name
    assert set(call.options) <= known


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_explained_and_none_hides_a_common_one(name: str):
    options = describe(name).options
    assert [option for option, _, said in options if not said] == []
    assert {option.removeprefix("--").replace("-", "_") for option, _, _ in options}.isdisjoint(
        COMMON
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_key_of_its_body_is_explained(name: str):
    if name != "calculate":  # its keys are the method's own
        assert [key for key, said in describe(name).keys if not said] == []


@pytest.mark.parametrize("name", NAMES)
def test_its_help_is_a_page(name: str):
    page = run(None, name)
    assert VERBS.get(name).EXAMPLE.strip().split("\n")[0] in repr(page)
    assert len(page._repr_mimebundle_()[0]["text/html"]) < 100_000


@pytest.mark.parametrize("name", METHODS)
def test_a_workspace_has_it_with_the_same_options_and_defaults(name: str):
    method = inspect.signature(getattr(Workspace, name)).parameters
    for written, option in signature_of(name).options.items():
        plain = next(
            (each for each in method if each.rstrip("_").replace("_", "-") == written), None
        )
        if written in LOOSE:
            continue
        assert plain is not None, written
        if option.default is not inspect.Parameter.empty:
            assert method[plain].default == option.default, written


@pytest.mark.parametrize("name", METHODS)
def test_a_workspace_takes_no_option_that_the_verb_lacks(name: str):
    signature = signature_of(name)
    method = list(inspect.signature(getattr(Workspace, name)).parameters.values())
    taken = {
        each.name.rstrip("_").replace("_", "-")
        for each in method
        if each.kind is inspect.Parameter.KEYWORD_ONLY and each.name != "name"
    }
    assert taken <= set(signature.options) | set(GIVEN)


@pytest.mark.parametrize("name", NAMES)
def test_an_option_named_like_a_small_word_reads_as_one(name: str):
    for option in signature_of(name).options:
        if option in SMALL_WORDS:
            call = parse_call(f"{name} x {option} y")
            assert call.options[option].value == "y"
