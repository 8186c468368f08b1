"""Where approval and revocation flow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.engine.ancestry import Ancestry
from qforge_jupyter.results.decision import approval, revocation
from qforge_jupyter.results.run import LineageStep

START = datetime(2026, 1, 1, tzinfo=UTC)


def made(content: str, *inputs: str) -> LineageStep:
    return LineageStep(content, content, "sql", inputs=inputs, input_names=inputs)


def approved(content: str, hour: int = 0) -> LineageStep:
    return approval(content, content, "ann", START + timedelta(hours=hour), "reviewed")


def revoked(content: str, hour: int = 1) -> LineageStep:
    return revocation(content, content, "bob", START + timedelta(hours=hour), "wrong basis")


def state(content: str, *steps: LineageStep) -> str:
    return Ancestry(steps).standing(content).state


def test_nobody_knows_content_without_steps():
    assert "open" == state("a")


def test_approval_flows_down_a_chain():
    chain = (made("b", "a"), made("c", "b"))
    assert "approved through its inputs" == state("c", approved("a"), *chain)


def test_one_unapproved_input_stops_it_and_is_named():
    standing = Ancestry((approved("a"), made("c", "a", "b"))).standing("c")
    assert ("open", ("b",)) == (standing.state, standing.because)


def test_a_step_without_inputs_lets_nothing_through():
    assert "open" == state("a", made("a"))


def test_one_recorded_way_from_approved_inputs_is_enough():
    ways = (made("c", "b"), made("c", "a"))
    assert "approved through its inputs" == state("c", approved("a"), *ways)


def test_revocation_flows_to_all_below_even_if_approved_by_name():
    steps = (approved("a"), made("b", "a"), made("c", "b"), approved("c", 5), revoked("a", 2))
    standing = Ancestry(steps).standing("c")
    assert ("made of revoked", ("a",), "bob") == (standing.state, standing.because, standing.by)


def test_an_approval_after_a_revocation_lifts_it():
    assert "approved" == state("a", approved("a", 0), revoked("a", 1), approved("a", 2))


def test_the_order_in_which_decisions_are_read_changes_nothing():
    assert "revoked" == state("a", revoked("a", 3), approved("a", 1))


def test_a_circle_of_steps_approves_nothing_by_itself():
    circle = (made("a", "b"), made("b", "a"))
    assert "open" == state("a", *circle)
    assert "approved through its inputs" == state("a", *circle, approved("b"))


def test_content_made_of_itself_is_no_way():
    assert "open" == state("a", made("a", "a"))


@given(
    st.lists(st.tuples(st.integers(0, 6), st.lists(st.integers(0, 6), max_size=3)), max_size=10),
    st.sets(st.integers(0, 6)),
    st.integers(0, 6),
)
def test_revoking_an_ancestor_leaves_no_descendant_approved(
    links: list[tuple[int, list[int]]], trusted: set[int], bad: int
):
    steps = [made(str(end), *map(str, starts)) for end, starts in links]
    steps += [approved(str(each)) for each in sorted(trusted)]
    before, after = Ancestry(tuple(steps)), Ancestry((*steps, revoked(str(bad))))
    below = set(after.descendants(str(bad))) | {str(bad)}
    for each in map(str, range(7)):
        if each in below:
            assert not after.standing(each).is_approved
        else:
            assert before.standing(each).is_approved == after.standing(each).is_approved
