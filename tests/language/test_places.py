"""``plan[0]`` is looked up and never evaluated."""

import pytest

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.places import entry_of, read_place


class Trap:
    """Something whose code must not run."""

    def __getitem__(self, place: int) -> None:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError

    @property
    def entries(self):
        raise AssertionError


class Held:
    def __init__(self, entries: tuple[int, ...]) -> None:
        self.entries = entries


@pytest.mark.parametrize(
    "text", ["plan", "plan[]", "plan[-1]", "plan[0", "plan[0][1]", "plan[a]", "plan[0].x", "[0]"]
)
def test_only_a_name_and_a_whole_number_are_a_place(text):
    assert read_place(text) is None


def test_lists_tuples_and_entries_are_looked_into():
    names = {"a": [1, 2], "b": (3,), "c": Held((4, 5))}
    assert (entry_of("a", 1, names), entry_of("b", 0, names), entry_of("c", 1, names)) == (2, 3, 5)


def test_no_code_of_an_object_runs():
    with pytest.raises(CallError, match="plan is a Trap, which has no entries"):
        entry_of("plan", 0, {"plan": Trap()})


def test_what_is_not_there_is_said_with_what_is():
    with pytest.raises(CallError, match=r"There is no plan\[2\]: the last is plan\[1\]"):
        entry_of("plan", 2, {"plan": [1, 2]})
    with pytest.raises(CallError, match="did you mean 'plan'"):
        entry_of("plam", 0, {"plan": [1]})
    with pytest.raises(CallError, match="it is empty"):
        entry_of("plan", 0, {"plan": []})
