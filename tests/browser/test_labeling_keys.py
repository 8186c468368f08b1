"""Keys stay where they belong: ours in the widget, those of the notebook outside of it."""

import pytest
from bench import CHOICE, Bench
from notebooks import laid_out
from playwright.sync_api import expect
from waiting import becomes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: What JupyterLab and Notebook 7 do in command mode, and does nothing in this widget.
THEIRS = [
    *"jjkkabvyrcohlpqtuwfgd", *"dd", *"00", *"ii", "Shift+M", "Shift+V", "Shift+L", "Shift+Space",
    "PageDown", "Home", "End", "Delete", "Backspace", "F2", "ArrowLeft", "ArrowRight", ";", ",",
]  # fmt: skip
NOTEBOOK = """() => {
  const {content, sessionContext} = window.jupyterapp.shell.currentWidget;
  return [content.widgets.map(each => [each.model.type, each.model.sharedModel.getSource()]),
    content.activeCellIndex, content.mode, sessionContext.session.kernel.id];
}"""


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_no_key_of_the_notebook_acts_while_somebody_labels(page, server, app):
    bench = Bench(page, server, f"theirs-{app}", app)
    bench.open(CHOICE, "left_alone = 1")
    before = page.evaluate(NOTEBOOK)
    bench.press(*THEIRS)
    bench.item(1)
    bench.turned()
    bench.press("1")
    assert ["k0"] == [each["key"] for each in bench.events(1)]
    assert before == page.evaluate(NOTEBOOK)
    bench.assert_nothing_leaked()


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_no_key_of_ours_acts_in_an_editor(page, server, app):
    bench = Bench(page, server, f"ours-{app}", app)
    bench.open(CHOICE, "#")
    page.locator(".jp-CodeCell .cm-content").nth(1).click()
    page.keyboard.press("End")
    page.keyboard.type(" 123 zsbxn ?m[]")
    becomes(page, "# 123 zsbxn ?m[]", lambda: page.evaluate(NOTEBOOK)[0][1][1])
    assert page.locator(".qfl-help").count() == 0
    bench.root.focus()
    bench.press("2")
    assert [{"tier": "B"}] == [each["answers"] for each in bench.events(1)]


def test_a_held_key_labels_one_item(open_bench):
    bench = open_bench("held", CHOICE)
    for _ in range(20):  # as a keyboard repeats it
        bench.page.keyboard.down("1")
    bench.page.keyboard.up("1")
    bench.item(2)
    bench.press("2")
    given = [(each["key"], each["answers"]["tier"]) for each in bench.events(2)]
    assert [("k0", "A"), ("k1", "B")] == given


def test_text_that_is_being_composed_is_not_sent(open_bench):
    cell = CHOICE.replace(
        '[question("tier", "choose", ["A", "B", "C"])]', '[question("why", "text", longest=200)]'
    )
    bench = open_bench("composing", cell)
    bench.page.locator("textarea:visible").focus()
    session = bench.page.context.new_cdp_session(bench.page)
    session.send(
        "Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2}
    )
    # The Enter that takes a word of an input method is no Enter of the widget.
    enter = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    session.send("Input.insertText", {"text": "日本"})
    expect(bench.page.locator("textarea:visible")).to_have_value("日本")
    bench.press("n", "Enter")
    assert ["日本n"] == [each["answers"]["why"] for each in bench.events(1)]


def test_a_page_of_twice_the_size_fits_its_column(open_bench):
    bench = open_bench("zoomed", CHOICE)
    session = bench.page.context.new_cdp_session(bench.page)
    session.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": 600, "height": 500, "deviceScaleFactor": 2, "mobile": False},
    )
    laid_out(bench.page, 600)
    wide = bench.root.evaluate("each => [each.scrollWidth, each.clientWidth]")
    session.send("Emulation.clearDeviceMetricsOverride")
    laid_out(bench.page, 1200)
    assert wide[0] <= wide[1]
    bench.press("1")
    bench.events(1)
