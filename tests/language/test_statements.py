"""SQL on one line keeps its own words; what stands behind it is the call's."""

from __future__ import annotations

import pytest

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.parsing import parse_call


@pytest.mark.parametrize(
    ("line", "statement", "into", "options"),
    [
        ("sql select a from t where b by c", "select a from t where b by c", (), set()),
        ("sql select 1 as x into worst", "select 1 as x", ("worst",), set()),
        ("worst << sql select 1 as x from t", "select 1 as x from t", ("worst",), set()),
        ("sql select 1 into a --as-python", "select 1", ("a",), {"as_python"}),
        ("sql select 1 --as-python into a", "select 1", ("a",), {"as_python"}),
        ("sql --dry-run select 1", "select 1", (), {"dry_run"}),
        ("sql select 1 --seed 7 --quiet", "select 1", (), {"seed", "quiet"}),
        ("sql select 'go into x'", "select 'go into x'", (), set()),
        ("sql select 'it''s', \"a b\" from t", "select 'it''s', \"a b\" from t", (), set()),
        ("sql select a -- b into c from t", "select a -- b into c from t", (), set()),
        ("sql select #1 from t", "select #1 from t", (), set()),
        ("sql from t", "from t", (), set()),
        (
            "sql select a from into_t order by a top",
            "select a from into_t order by a top",
            (),
            set(),
        ),
        ('sql "select 1 from t" into a', "select 1 from t", ("a",), set()),
        ("sql 'select 1 from t' --quiet", "select 1 from t", (), {"quiet"}),
        ("sql select a << 1 from t", "select a << 1 from t", (), set()),
    ],
)
def test_a_line_is_divided_into_statement_and_call(
    line: str, statement: str, into: tuple[str, ...], options: set[str]
):
    call = parse_call(line)
    assert (statement, into, options) == (call.subject, call.into, set(call.options))
    assert parse_call(call.text) == call


def test_the_statement_knows_its_column():
    token = parse_call("worst << sql  select 1").subject_tokens[0]
    assert token.column == 14


@pytest.mark.parametrize("line", ["sql select 1 into 1a", "a << sql select 1 into b"])
def test_names_that_cannot_be_bound_are_refused(line: str):
    with pytest.raises(CallError):
        parse_call(line)


def test_a_cell_keeps_its_header():
    call = parse_call("sql into worst", "select a from t into b")
    assert (None, ("worst",)) == (call.subject, call.into)
    assert call.body is not None
    assert call.body.value == "select a from t into b"
