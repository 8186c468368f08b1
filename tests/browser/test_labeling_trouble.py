"""What goes wrong before the labeler: haste, slowness, odd names, missing fields, bad calls."""

import json
import re
from collections import Counter

import polars as pl
import pytest
from bench import SHOW, STORED
from playwright.sync_api import expect

import qforge_jupyter as qf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

START = (
    STORED
    + """
import json, time
from pathlib import Path
from qforge_jupyter.widgets.label import LabelWidget
rows = pl.DataFrame({"id": range(40)}).with_columns(title=pl.format("Title {}", "id"))
TIER = {"choose tier": {"a": "A", "c": "C"}}
def labeling(name, table=rows, **asked):
    ws.commit(table, to=name, by=["id"])
    return ws.label(name, as_="alice", **asked)
get_ipython().run_line_magic("load_ext", "qforge_jupyter")
get_ipython().run_line_magic("qforge", "use {lab!r}")
ws.commit(rows, to="things", by=["id"])
def slow(name, seconds, log, **asked):
    found = labeling(name, **asked)
    def handle(request):
        time.sleep(seconds)
        with Path(log).open("a") as file:
            file.write(json.dumps([request["kind"], request.get("submission", "")]) + "\\n")
        return found.handle(request)
    return LabelWidget(handle, title=name, resume=name)
"""
)


@pytest.fixture(scope="module")
def room(open_bench, server):
    lab = repr(str(server.folder / "trouble" / "lab"))
    start = START.replace("use {lab!r}", f"use {lab[1:-1]}").replace("{lab!r}", lab)
    return open_bench("trouble", start, "0")


@pytest.fixture
def bench(room, request):
    room.dataset = re.sub(r"\W", "-", request.node.name)[-40:].strip("-")
    room.errors.clear()
    return room


def labels(bench):
    with qf.open(bench.lab, tracker="none", actor="bob") as ws:
        assert () == ws.context.store.verify()
        dataset = ws.context.store.datasets.find(bench.dataset)
        return ws.context.store.labels.since(dataset.id)


def standing(bench):
    """Give question, value and note of the answers that stand, by item."""
    with qf.open(bench.lab, tracker="none", actor="bob") as ws:
        found = ws.label(bench.dataset, as_="bob", **{"choose any": ["x"]}).answers
    lines = found.select(pl.col("item").cast(pl.Int64), "question", "value", "note")
    return {(item, question): (value, note) for item, question, value, note in lines.rows()}


def hurry(bench, key, n):
    """Press a key as fast as the browser takes it."""
    for _ in range(n):
        bench.page.keyboard.press(key)


def test_thirty_steps_back_and_forth_pressed_fast_are_all_taken(bench):
    bench.show(f"w = view_of(labeling({bench.dataset!r}, show='{{title}}', **TIER))\nw")
    for n in range(30):  # nobody answers what is not there yet
        bench.page.keyboard.press("a")
        bench.item(n + 2)
    bench.saved(30)
    hurry(bench, "z", 30)
    bench.item(1)
    bench.turned()
    assert {} == standing(bench)
    hurry(bench, "r", 30)
    bench.item(31)
    bench.turned()
    assert {(n, "tier"): ("A", "") for n in range(30)} == standing(bench)
    # Back and forth mixed: each press counts, in its order.
    for key in "zzrzzzr":
        bench.page.keyboard.press(key)
    bench.item(28)
    bench.turned()
    assert set(range(27)) == {item for item, _ in standing(bench)}
    bench.assert_nothing_leaked()


def test_a_kernel_that_takes_five_seconds_a_reply_loses_nothing_and_is_asked_once(bench):
    log = bench.folder / "slow.jsonl"
    bench.show(
        f"w = slow({bench.dataset!r}, 5, {str(log)!r}, show='{{title}}', **TIER)\nw",
    )
    for key in "aca":
        bench.page.keyboard.press(key)
    bench.says("0 saved · 3 waiting for the kernel")
    bench.says("The kernel does not answer: busy, or gone")
    for n, key in enumerate("ac", 4):
        bench.says(f"Item {n} ", 200)  # the first items came with the greeting, these come now
        bench.page.keyboard.press(key)
    bench.says("5 saved", 200)
    bench.page.keyboard.press("z")
    bench.says("undoing")
    bench.page.keyboard.press("c")  # would go to another item than the one that is seen
    bench.says("what you pressed is not taken")
    bench.says("Item 5 ", 200)
    undoing = bench.page.locator(".qfl-ledger:visible", has_text="undoing")
    undoing.wait_for(state="detached", timeout=200_000)
    bench.page.keyboard.press("a")
    bench.says("6 saved", 200)
    given = [each.label for each in labels(bench)]
    expected = [(f"[{n}]", answer) for n, answer in enumerate("ACAAC")]
    assert expected == [(each.item, each.value) for each in given[:5]]
    assert ["undo", "answer"] == [each.label_type for each in given[5:]]
    asked = Counter(tuple(json.loads(line)) for line in log.read_text().splitlines())
    assert {1} == {n for (_, submission), n in asked.items() if submission}


def test_hostile_names_labels_and_notes_are_names_labels_and_notes(bench):
    evil = "<img src=x onerror=\"document.title='owned'\">"
    questions = {
        "choose constructor": {"a": evil, "c": "'\"`; DROP TABLE label_event;--"},
        "choose __proto__": {"1": "\u202eB", "2": "C\u2066"},
        "rate toString": "1 .. 5",
        "choose שאלה": {"d": "א", "e": "ב"},
    }
    source = f"labeling({bench.dataset!r}, show='{{title}}', **{questions!r})"
    bench.show(f"w = view_of({source})\nw")
    bench.press("Enter")  # nothing is answered: none of the names is taken for an answer
    bench.says("“constructor” is not answered")
    bench.press("a", "2", "4", "d", "n")
    bench.page.keyboard.type(evil)
    bench.press("Escape", "Enter")
    bench.saved(1)
    expected = {"constructor": evil, "__proto__": "C\u2066", "toString": "4.0", "שאלה": "א"}
    assert {(0, name): (value, evil) for name, value in expected.items()} == standing(bench)
    bench.press("b")
    bench.item(1)
    expect(bench.root.locator("[aria-checked=true]")).to_have_count(4)
    assert "owned" not in bench.page.title()
    assert 0 == bench.root.locator("img").count()
    bench.assert_nothing_leaked()


BROKEN = """
cells = {cells}
w = view_of(labeling({name!r}, pl.DataFrame({{"id": range(len(cells)), "it": pl.Series(cells)}}),
    show={show!r}, **TIER))
w
"""


@pytest.mark.parametrize(
    ("show", "cells", "said"),
    [
        ("{it}", "['there', None, '']", None),
        ({"record": ["it"]}, "['there', None, '']", None),
        ({"text": "it"}, "[None, 'there', None]", None),
        ({"image": "it"}, "[None, b'no picture', b'']", "picture"),
        ({"image": "it"}, "['gone.png', None, '../../etc/passwd']", "no picture in this row"),
        ({"fits": "it"}, "[None, b'SIMPLE  =  T', b'']", "picture|FITS"),
        ({"molecule": "it"}, "[None, 'no molecule', 'CCO']", "molecule|SMILES"),
        ({"map": ["it", "id"]}, "[None, 1.0, float('nan')]", None),
    ],
)
def test_a_field_that_is_missing_or_broken_in_some_rows_stops_nobody(bench, show, cells, said):
    bench.show(BROKEN.format(cells=cells, name=bench.dataset, show=show))
    for n in range(3):
        bench.item(n + 1)
        bench.decoded()
        trouble = bench.root.locator(".qfl-trouble")
        for text in trouble.all_inner_texts():
            assert "\n" not in text.strip()
            assert "fault of its own" not in text
        if said and n == 1:
            expect(bench.root).to_contain_text(re.compile(said))
        bench.press("a")
    bench.says("No item is left")
    bench.saved(3)
    assert {(n, "tier") for n in range(3)} == set(standing(bench))
    bench.assert_nothing_leaked()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("choose tier: [A]\nkeys: {undo: q, skip: q}", "would do two things, 'undo' and 'skip'"),
        ("choose tier: {q: A}\nkeys: {redo: q}", "is the one to bring back what was undone"),
        ("choose tier: {a: A, a: B}", "'a' stands twice"),
    ],
)
def test_keys_that_collide_are_one_sentence(bench, body, sentence):
    bench.page.evaluate(SHOW, f"%%qforge label things as alice\n{body}")
    output = bench.page.locator(".jp-OutputArea-output:visible", has_text=sentence).first
    output.wait_for()
    lines = output.inner_text().strip().splitlines()
    assert len(lines) <= 3  # the sentence, and where in the cell it is
    assert 0 == bench.root.count()


def test_an_unknown_labeler_has_no_items_and_a_nameless_one_is_refused(bench):
    name = bench.dataset
    asked = "show='{title}', where=\"label_by = 'nobody'\", **TIER"
    bench.page.evaluate(SHOW, f"w = view_of(labeling({name!r}, {asked}))\nw")
    bench.says("No item is left")
    bench.page.evaluate(SHOW, f"ws.label({name!r}, as_='<b>x</b>', **TIER)")
    said = "A labeler is named with letters, digits and . _ - @, as in alice"
    bench.page.locator(".jp-OutputArea-output:visible", has_text=said).first.wait_for()
    assert 0 == bench.page.locator(".jp-OutputArea-output b:visible").count()
