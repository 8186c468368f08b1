"""The labeling widget in a real JupyterLab and Notebook 7, with a real kernel."""

import json
import os
import runpy
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
PARTS = runpy.run_path(str(Path(__file__).with_name("notebooks.py")))
AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
open_notebook, run_cell, n_cells = PARTS["open_notebook"], PARTS["run_cell"], PARTS["n_cells"]

START = """
import os, runpy
from pathlib import Path
made = runpy.run_path({desk!r})
Desk, question = made["Desk"], made["question"]
from qforge_jupyter.widgets.label import LabelWidget
Path({pid!r}).write_text(str(os.getpid()))
def widget(rows, questions, show, **more):
    desk = Desk({labels!r}, rows, questions, show, **more)
    return LabelWidget(desk, title="Label golden as alice", resume={labels!r})
"""
CHOICE = """
rows = [{"key": f"k{n}", "title": f"Title {n}", "size": n} for n in range(50)]
show = {"renderer": "template", "template": "**{title}** of {size}", "columns": ["title", "size"]}
w = widget(rows, [question("tier", "choose", ["A", "B", "C"])], show)
w
"""


class Bench:
    """One notebook that labels into one file."""

    def __init__(self, page, server, name, app="lab") -> None:
        self.page, self.server, self.name, self.app = page, server, name, app
        self.folder = server.folder / name
        self.folder.mkdir()
        self.labels = self.folder / "labels.jsonl"
        self.pid = self.folder / "pid"
        self.dialogs, self.requests, self.errors = [], [], []
        page.on("dialog", lambda each: (self.dialogs.append(each.message), each.accept()))
        page.on("request", lambda each: self.requests.append(each.url))
        page.on("pageerror", lambda each: self.errors.append(str(each)))

    def open(self, *cells: str):
        desk = str(ROOT / "tests" / "widgets" / "desk.py")
        start = START.format(desk=desk, pid=str(self.pid), labels=str(self.labels))
        self.server.write(f"{self.name}.ipynb", start + cells[0], *cells[1:])
        open_notebook(self.page, self.server, f"{self.name}.ipynb", self.app)
        self.n_cells = n_cells(self.page)
        run_cell(self.page)
        if "w\n" in cells[0]:
            self.ready()
        self.errors.clear()  # of the notebook's own start
        return self

    @property
    def root(self):
        return self.page.locator(".qfl").first

    def ready(self):
        self.page.locator(".qfl[data-phase=ready]").first.wait_for(timeout=120_000)
        self.root.focus()

    def press(self, *keys: str):
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(40)  # nobody is faster

    def events(self, n, timeout_s=60):
        """Give the events on the disk, once there are so many."""
        until = time.monotonic() + timeout_s
        while True:
            lines = self.labels.read_text().splitlines() if self.labels.exists() else []
            if len(lines) >= n or time.monotonic() > until:
                assert n == len(lines)
                return [json.loads(line) for line in lines]
            time.sleep(0.05)

    def says(self, text, timeout_s=60):
        self.page.locator(".qfl", has_text=text).first.wait_for(timeout=timeout_s * 1000)

    def assert_nothing_leaked(self):
        assert self.n_cells == n_cells(self.page)
        assert self.page.locator(".jp-Dialog").count() == 0
        assert [] == self.dialogs
        assert [] == self.errors
        local = f"http://127.0.0.1:{self.server.port}/"
        away = [each for each in self.requests if not each.startswith((local, "blob:", "data:"))]
        assert [] == [each for each in away if not each.startswith(local.replace("http", "ws"))]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = PARTS["Server"](tmp_path_factory.mktemp("jupyter"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        path = PARTS["chromium_path"]()
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM.split())
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    page = chromium.new_page(
        viewport={"width": 1200, "height": 1000}, bypass_csp=True, reduced_motion="reduce"
    )
    yield page
    page.close()


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_fifty_items_are_labeled_with_keys_only(page, server, app):
    bench = Bench(page, server, f"fifty-{app}", app).open(CHOICE)
    bench.press("1", "3", "z")  # the second is taken back
    bench.says("Item 2")
    page.locator(".qfl-ledger", has_text="undoing").wait_for(state="detached")
    bench.press("s", "x")  # the second is skipped, of the third one can't tell
    bench.press(*("123"[n % 3] for n in range(3, 50)))
    events = bench.events(52)
    bench.says("No item is left")
    assert ["submit", "submit", "undo", "skip"] == [each["kind"] for each in events[:4]]
    assert "k1" == events[2]["key"] == events[3]["key"]
    assert {"cant_tell": True} == events[4]["answers"]["tier"]
    given = [(each["key"], each["answers"]["tier"]) for each in events[5:]]
    assert [(f"k{n}", "ABC"[n % 3]) for n in range(3, 50)] == given
    assert all(0 <= each["latency_ms"] < 60_000 for each in events if "latency_ms" in each)
    bench.says("49 of 50 done · 1 skipped")
    bench.assert_nothing_leaked()


def test_going_back_keeps_a_second_answer_and_a_note(page, server):
    bench = Bench(page, server, "back").open(CHOICE)
    bench.press("1", "2", "b")
    bench.says("Item 2")
    bench.press("n")
    page.keyboard.type("a new z look")
    bench.press("Enter", "]", "3")
    events = bench.events(3)
    assert ("k1", {"tier": "C"}) == (events[2]["key"], events[2]["answers"])
    assert "a new z look" == events[2]["note"]
    assert 0.6 == events[2]["confidence"]
    bench.assert_nothing_leaked()


def test_undo_walks_back_without_limit(page, server):
    bench = Bench(page, server, "undo").open(CHOICE)
    bench.press(*"12312312")
    bench.events(8)
    for n in range(8, 0, -1):
        bench.press("z")
        page.locator(".qfl-count", has_text=f"Item {n} ").wait_for()
        page.locator(".qfl-ledger", has_text="undoing").wait_for(state="detached")
    events = bench.events(16)
    assert [f"k{n}" for n in reversed(range(8))] == [each["key"] for each in events[8:]]
    bench.press("z")
    bench.says("There is nothing to undo")


BUSY = "import time; until = time.monotonic() + 6\nwhile time.monotonic() < until: pass"


def test_a_busy_kernel_saves_labels_meanwhile(page, server):
    bench = Bench(page, server, "busy").open(CHOICE, BUSY)
    run_cell(page, 1)
    page.wait_for_timeout(500)
    started = time.monotonic()
    bench.root.focus()
    bench.press("1", "2", "3")
    bench.events(3, timeout_s=5)
    assert time.monotonic() - started < 5  # the cell takes six
    bench.assert_nothing_leaked()


def test_a_killed_kernel_is_said_and_labeling_goes_on_when_the_cell_runs_again(page, server):
    bench = Bench(page, server, "killed").open(CHOICE)
    bench.press("1", "2")
    bench.events(2)
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("Not connected to a kernel", 30)
    bench.root.focus()
    bench.press("3")
    bench.says("Every label that you gave is saved")
    page.wait_for_function(PARTS["IDLE"], timeout=120_000)
    page.keyboard.press("Escape")
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.get_by_role("button", name="Run the cell again").click()
    bench.ready()
    page.locator(".qfl-count", has_text="Item 3 ").wait_for()
    bench.press("3")
    events = bench.events(3)
    assert ["k0", "k1", "k2"] == [each["key"] for each in events]
    assert bench.n_cells == n_cells(page)


def test_labels_that_a_killed_kernel_left_unsaved_are_sent_when_the_cell_runs_again(page, server):
    bench = Bench(page, server, "unsaved").open("None", CHOICE, BUSY.replace("6", "60"))
    page.evaluate(
        """() => {
          const session = window.jupyterapp.shell.currentWidget.sessionContext.session;
          session.kernel.commsOverSubshells = 'disabled';
        }"""
    )
    run_cell(page, 1)
    bench.ready()
    bench.press("1")
    bench.events(1)
    run_cell(page, 2)
    page.wait_for_timeout(700)
    bench.root.focus()
    bench.press("2", "3")
    bench.says("1 saved · 2 waiting for the kernel")
    page.locator(".qfl-ledger", has_text="does not answer").wait_for(timeout=10_000)
    assert 1 == len(bench.events(1))
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("2 labels are not saved: kept here, and sent when the cell runs again", 30)
    page.wait_for_function(PARTS["IDLE"], timeout=120_000)
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog button.jp-mod-accept").click()
    run_cell(page, 0)
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Run the cell again").click()
    events = bench.events(3)
    assert [("k1", "B"), ("k2", "C")] == [(e["key"], e["answers"]["tier"]) for e in events[1:]]
    page.locator(".qfl-ledger", has_text="2 saved").wait_for()


def test_a_reloaded_page_goes_on_where_it_was(page, server):
    bench = Bench(page, server, "reload").open(CHOICE)
    bench.press("1", "2", "3")
    bench.events(3)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.locator(".qfl[data-phase=ready]").first.wait_for(timeout=120_000)
    page.locator(".qfl-count", has_text="Item 4 ").wait_for()
    page.locator(".qfl").first.focus()
    bench.press("1")
    assert "k3" == bench.events(4)[3]["key"]


def test_two_views_of_one_widget_stay_in_step(page, server):
    bench = Bench(page, server, "two").open(CHOICE, "w")
    run_cell(page, 1)
    page.locator(".qfl").nth(1).wait_for()
    page.locator(".qfl").nth(1).focus()
    bench.press("1", "2")
    bench.events(2)
    for view in page.locator(".qfl").all():
        assert view.locator(".qfl-count").inner_text().startswith("Item 3")
        assert "2 saved" == view.locator(".qfl-ledger").inner_text()


def test_a_refusal_is_one_sentence_and_the_label_is_rolled_back(page, server):
    cell = CHOICE.replace('["A", "B", "C"]', '["A", "refused"]')
    bench = Bench(page, server, "refused").open(cell)
    bench.press("2")
    bench.says("Item 1 is not saved: The answer 'refused' is none: choose another")
    bench.says("0 saved · 1 not saved")
    bench.press("b", "1")
    assert [("k0", {"tier": "A"})] == [(e["key"], e["answers"]) for e in bench.events(1)]
    page.locator(".qfl-trouble").wait_for(state="detached")


DRAWING = """
import io
from PIL import Image
made = io.BytesIO()
Image.new("RGB", (200, 100), "#345").save(made, "PNG")
rows = [{"key": f"k{n}", "picture": made.getvalue()} for n in range(3)]
show = {"renderer": "image", "columns": ["picture"], "files": ["picture"]}
questions = [
    question("objects", "boxes", ["star", "galaxy"], column="picture"),
    question("sky", "brush", ["cloud", "trail"], column="picture"),
]
w = widget(rows, questions, show)
w
"""


def test_boxes_and_a_mask_are_drawn_with_mouse_and_keys(page, server):
    bench = Bench(page, server, "drawing").open(DRAWING)
    picture = page.locator(".qfl-picture")
    picture.wait_for()
    frame = picture.bounding_box()
    scale = frame["width"] / 200

    def at(x, y):
        return frame["x"] + x * scale, frame["y"] + y * scale

    page.mouse.move(*at(20, 10))
    page.mouse.down()
    page.mouse.move(*at(60, 40), steps=4)
    page.mouse.up()
    bench.root.focus()
    bench.press("2")  # the box that was just drawn is a galaxy
    bench.press("Escape", "1", "ArrowRight", "ArrowRight", "ArrowDown")
    bench.press("Shift+ArrowRight", "Enter")
    bench.press("ArrowDown")  # to the question of the brush
    page.locator(".qfl-active", has_text="sky").wait_for()
    bench.press("2")
    page.keyboard.press("Escape")
    page.mouse.move(*at(100.5, 80.5))
    page.mouse.down()
    page.mouse.move(*at(140.5, 80.5), steps=6)
    page.mouse.up()
    bench.root.focus()
    bench.press("Enter")
    [event] = bench.events(1)
    drawn, keyed = event["answers"]["objects"]
    assert "galaxy" == drawn["label"]
    assert [20, 10, 40, 30] == [
        pytest.approx(drawn[each], abs=1.5) for each in ("x", "y", "width", "height")
    ]
    # 20 px wide around the middle of 200 × 100, two steps of 5 right, one down, one wider
    assert {"x": 100, "y": 45, "width": 25, "height": 20, "label": "star"} == keyed
    [mask] = event["answers"]["sky"]
    assert (200, 100, "trail") == (mask["width"], mask["height"], mask["label"])
    middle = [
        (start % 200, start % 200 + length)
        for start, length in zip(mask["runs"][::2], mask["runs"][1::2], strict=True)
        if start // 200 == 80
    ]
    assert [(96, 145)] == [(pytest.approx(a, abs=1), pytest.approx(b, abs=1)) for a, b in middle]
    bench.assert_nothing_leaked()


def test_circles_polygons_and_a_mask_are_drawn_with_keys_alone(page, server):
    cell = DRAWING.replace(
        'question("objects", "boxes", ["star", "galaxy"], column="picture"),',
        'question("halos", "circles", ["halo"], column="picture"),'
        ' question("fields", "polygons", ["field"], column="picture"),',
    )
    bench = Bench(page, server, "keyed").open(cell)
    page.locator(".qfl-picture").wait_for()
    bench.press("1", "ArrowRight", "Shift+ArrowRight", "Enter", "ArrowDown")
    bench.press("1", "Space", "ArrowRight", "ArrowRight", "Space", "ArrowDown", "ArrowDown")
    bench.press("Enter", "ArrowDown", "1", "Space", "ArrowRight", "Space", "Enter", "Enter")
    [event] = bench.events(1)
    # a fifth of 100 px wide, in the middle of 200 × 100; arrows go by 5, those of the brush by 4
    assert [{"x": 105, "y": 50, "radius": 15, "label": "halo"}] == event["answers"]["halos"]
    corners = [[100, 50], [110, 50], [110, 60]]
    assert [{"points": corners, "label": "field"}] == event["answers"]["fields"]
    [mask] = event["answers"]["sky"]
    runs = dict(zip(mask["runs"][::2], mask["runs"][1::2], strict=True))
    assert 108 - 96 + 1 == runs[50 * 200 + 96]
    assert 9 == len(runs)  # rows 46 to 54


def test_a_mark_that_was_begun_is_kept_when_the_item_is_saved(page, server):
    bench = Bench(page, server, "begun").open(DRAWING)
    page.locator(".qfl-picture").wait_for()
    bench.press("2", "ArrowRight")
    page.locator(".qfl-main").click()
    [event] = bench.events(1)
    box = {"x": 95, "y": 40, "width": 20, "height": 20, "label": "galaxy"}
    assert [box] == event["answers"]["objects"]


HOSTILE = r"""
evil = [
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "\u202ereversed\u202c and \u2066isolated",
    "'\"`;--</textarea></template>{title}**bold**",
    "<a href='javascript:document.title=1'>x</a>\0\u0007",
    "long " * 200_000,
]
rows = [{"key": f"k{n}", "a": text, "<b>name</b>": text} for n, text in enumerate(evil)]
script = "<script>document.title='owned'</script>"
svg = f"<svg xmlns='http://www.w3.org/2000/svg' onload='document.title=`owned`'>{script}</svg>"
rows[0]["picture"] = svg.encode()
rows[1]["picture"] = b"\x89PNG\r\n\x1a\n broken"
rows[2]["picture"] = "/etc/passwd"
rows[3]["picture"] = "http://example.test/a.png"
rows[4]["picture"] = None
show = {"renderer": "record", "columns": ["a", "<b>name</b>"], "files": ["picture"]}
questions = [
    question("tier", "choose", ["<i>A</i>", "\u202eB", "C"]),
    question("seen", "boxes", ["<u>star</u>"], column="picture"),
]
w = widget(rows, questions, show, labeler="<script>alice</script>")
w
"""


def test_hostile_cells_are_shown_as_text_and_do_nothing(page, server):
    bench = Bench(page, server, "hostile").open(HOSTILE)
    for n in range(5):
        page.locator(".qfl-count", has_text=f"Item {n + 1} ").wait_for()
        page.wait_for_timeout(100)
        assert page.locator(".qfl script, .qfl a, .qfl iframe, .qfl b b, .qfl dd img").count() == 0
        assert "owned" not in page.title()
        if n == 0:
            assert "<script>document.title='owned'</script>" in bench.root.inner_text()
        if n == 1:
            bench.says("is damaged or no picture")
        if n == 2:
            bench.says("outside of the workspace")
        if n == 3:
            bench.says("none is fetched")
        if n == 4:
            bench.says("980,000 more characters")
            assert len(bench.root.inner_text()) < 60_000
            page.get_by_role("button", name="Show all").first.click()
            assert len(bench.root.inner_text()) > 999_000
            bench.root.focus()
        bench.press("1", "Enter")
    assert ["<i>A</i>"] * 5 == [each["answers"]["tier"] for each in bench.events(5)]
    bench.assert_nothing_leaked()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious(page, server, theme):
    bench = Bench(page, server, f"axe-{theme.split()[1].lower()}")
    bench.open(
        CHOICE.replace(
            '[question("tier", "choose", ["A", "B", "C"])]',
            '[question("tier", "choose", ["A", "B"]), question("tags", "several", ["u", "v"]),'
            ' question("sure", "rate", low=0, high=1), question("stars", "rate", low=1, high=5,'
            ' is_stepped=True), question("price", "number", low=0, high=9, unit="eV"),'
            ' question("why", "text", longest=200), question("who", "spans", ["p"],'
            ' column="title")]',
        )
    )
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    page.wait_for_timeout(800)
    bench.press("1", "?", "n")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("() => axe.run('.qfl', {resultTypes: ['violations']})")
    serious = [
        (each["id"], node["target"], node.get("failureSummary"))
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
    assert [] == serious
