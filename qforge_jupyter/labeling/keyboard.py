"""Keys of the keyboard: what each does, and that none does two things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.rules.ranges import Range

#: What can be done with a key beside answering, and the key that does it.
ACTIONS = {"undo": "z", "redo": "r", "skip": "s", "back": "b", "can't tell": "x", "note": "n"}
#: What an action takes where its key was given to something else and it has no other.
INSTEAD = {
    "undo": "Backspace",
    "redo": "Z",
    "skip": "ArrowRight",
    "back": "ArrowLeft",
    "can't tell": "Delete",
    "note": "ArrowDown",
}
#: Keys that a view needs for itself.
TAKEN = ("Enter", "Tab", "Escape", "Shift", "Control", "Alt", "Meta", "?", "[", "]")
#: Keys with which a view draws, by the kind of question.
DRAWING = {
    **dict.fromkeys(("boxes", "circles"), tuple("+-=.")),
    "polygons": (*"+-=.", "Space"),
    "brush": (*"+-=<>e", "Space"),
}
_NAMED = ("Space", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Backspace", "Delete")


def keys_of(question: str, pressed: Sequence[str] | None, n_answers: int) -> tuple[str, ...]:
    """Give each answer its key: those that were written, else 1 to 9.

    Raises
    ------
    CallError
        A key stands twice, is no key, or is one that a view needs.

    Examples
    --------
    >>> keys_of("tier", None, 2)
    ('1', '2')

    """
    if pressed is None:
        return tuple(str(n + 1) if n < 9 else "" for n in range(n_answers))
    for key in pressed:
        _check(key, f"the question {question!r}")
    if len(set(pressed)) < len(pressed):
        raise CallError(f"The question {question!r} uses a key twice: give each answer its own")
    return tuple(pressed)


def rating_keys(span: Range, *, is_stepped: bool) -> tuple[str, ...]:
    """Give the digits that rate: one a step where there are few, else all for tenths.

    Examples
    --------
    >>> rating_keys(Range(1, 5), is_stepped=True)
    ('1', '2', '3', '4', '5')

    """
    low, high = float(span.low or 0), float(span.high or 0)  # type: ignore[arg-type]
    if not is_stepped or high - low > 10:
        return tuple("0123456789")
    if low >= 0 and high <= 9:
        return tuple(str(step) for step in range(int(low), int(high) + 1))
    return tuple("1234567890"[: int(high - low) + 1])


def read_actions(written: Mapping[str, str], answering: Iterable[str] = ()) -> dict[str, str]:
    """Read which key does what; one that is given away is given up where it was not written.

    Raises
    ------
    CallError
        There is no such action, or a key does two things.

    Examples
    --------
    >>> read_actions({"undo": "u"})["undo"], read_actions({}, "ab")["back"]
    ('u', 'ArrowLeft')
    >>> read_actions({"back": "r"})["redo"]
    'Z'

    """
    used = {*answering, *map(str, written.values())}
    actions = {name: INSTEAD[name] if key in used else key for name, key in ACTIONS.items()}
    for name, key in written.items():
        known = str(name).strip().replace("cant tell", "can't tell")
        if known not in ACTIONS:
            raise CallError(f"No action {str(name)[:40]!r} for a key{nearest(known, ACTIONS)}")
        _check(str(key), f"the action {known!r}")
        actions[known] = str(key)
    if len(set(actions.values())) < len(actions):
        twice = next(key for key in actions.values() if list(actions.values()).count(key) > 1)
        both = " and ".join(repr(name) for name, key in actions.items() if key == twice)
        raise CallError(f"The key {twice!r} would do two things, {both}: give each its own")
    return actions


def check_apart(question: str, keys: Iterable[str], actions: Mapping[str, str]) -> None:
    """Refuse a key that answers and does something else, too.

    Raises
    ------
    CallError
        There is one.

    """
    by_key = {key: name for name, key in actions.items()}
    for key in keys:
        if key in by_key:
            raise CallError(
                f"The key {key!r} of the question {question!r} is the one to "
                f"{_done(by_key[key])}: take another, or write  keys: {{{_written(by_key[key])}: "
                "KEY}"
            )


def _done(action: str) -> str:
    done = {"can't tell": "say that one can't tell", "note": "write a note"}
    return {**done, "back": "go back", "redo": "bring back what was undone"}.get(action, action)


def _written(action: str) -> str:
    return f'"{action}"' if " " in action else action


def _check(key: str, owner: str) -> None:
    if key in TAKEN:
        raise CallError(f"The key {key!r} of {owner} is one that the view needs: take another")
    if len(key) != 1 and key not in _NAMED:
        raise CallError(
            f"A key is one character, and {key[:20]!r} of {owner} is not: "
            f"write one, or one of {', '.join(_NAMED)}"
        )
    if len(key) == 1 and (key.isspace() or not key.isprintable()):
        raise CallError(f"A key of {owner} cannot be pressed: write a letter, a digit or Space")
