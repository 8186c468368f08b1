"""Pages of results in a real Chromium: safe, legible and inside their width."""

import runpy
from pathlib import Path

import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from waiting import drawn, patient

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Document,
    Facts,
    Grid,
    Headline,
    Histogram,
    Scatter,
    Section,
    Share,
    Shares,
    Text,
)
from qforge_jupyter.documents.html import draw_html

pytestmark = pytest.mark.browser

REPORT = runpy.run_path(str(Path(__file__).parents[1] / "documents" / "sample.py"))["REPORT"]
PAGES = runpy.run_path(str(Path(__file__).with_name("dataset_pages.py")))["pages"]
LAB = (
    "--jp-content-font-color1:{ink};--jp-layout-color0:{paper};"
    "--jp-content-font-family:sans-serif;--jp-code-font-family:monospace"
)
HOSTS = {
    "light system": ("light", "", ""),
    "dark system": ("dark", "", ""),
    "dark Lab on a light system": (
        "light",
        'data-jp-theme-light="false"',
        LAB.format(ink="rgba(255,255,255,1)", paper="#111"),
    ),
    "light Lab on a dark system": (
        "dark",
        'data-jp-theme-light="true"',
        LAB.format(ink="rgba(0,0,0,.87)", paper="#fff"),
    ),
    "dark VS Code on a light system": (
        "light",
        'class="vscode-dark"',
        "--vscode-editor-foreground:#ccc;--vscode-editor-background:#1f1f1f",
    ),
}
#: Paint what lies under a text, then the text, and read both colours from the pixel.
CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const paint = colour => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); };
  const light = () => {
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.querySelector('.qf-doc'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest('style, svg')) continue;
    const line = [];
    for (let at = element; at; at = at.parentElement) line.unshift(at);
    paint('white');
    line.forEach(at => paint(getComputedStyle(at).backgroundColor));
    const under = light();
    paint(getComputedStyle(element).color);
    const over = light();
    const ratio = (Math.max(under, over) + 0.05) / (Math.min(under, over) + 0.05);
    found.push([ratio, walker.currentNode.data, parseFloat(getComputedStyle(element).fontSize)]);
  }
  return found;
}"""


@pytest.fixture
def show(chromium):
    """Give what opens a document in a page, and notes whatever the page tries to do."""
    opened = []

    def open_page(document, *, width=900, host="light system"):
        scheme, attributes, variables = HOSTS[host]
        size = {"width": width, "height": 800}
        page = chromium.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        patient(page)
        opened.append(page)
        page.noticed = []
        for event in ("dialog", "console", "pageerror", "popup", "download", "worker"):
            page.on(event, lambda thing, event=event: page.noticed.append((event, str(thing))))
        page.on("request", lambda request: page.noticed.append(("request", request.url)))
        page.set_content(
            f'<!doctype html><meta charset="utf-8"><body {attributes} style="{variables}">'
            f"{draw_html(document)}",
        )
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        drawn(page)
        return page

    yield open_page
    for page in opened:
        page.close()


ATTACKS = (
    "<img src=http://example.test/a onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script><style>*{display:none}",
    "</title></desc></svg><svg onload=alert(1)>",
    "</caption></table></div><iframe srcdoc='<script>parent.alert(1)</script>'>",
    '" onmouseover="alert(1)" autofocus onfocus="alert(1)',
    "<a href='javascript:alert(1)'>x</a>",
    "<base href=http://example.test/><link rel=stylesheet href=a.css>",
    "<form action=http://example.test/><button>x</button></form>",
    "<style>body{background:url(http://example.test/b)}</style>",
    "<details open ontoggle=alert(1)>",
    "a\u202eb\0c\ud800d",
)


def every_place(text):
    """Put one text into every place that a document has for text."""
    blocks = (
        Text(text, "bad"),
        Facts(((text, text),)),
        Grid((text, "n"), ((text, 1),), text, tones=("bad",)),
        Bars((Bar(text, 0.5, 0.4, 0.6, "good", text),), text),
        Shares((Share(text, 1, "good", text), Share(text, 2)), text),
        Histogram((1, 2), 0.0, 1.0, text, ((text, 0.5),)),
        Scatter((1.0, 2.0), (1.0, 2.0), text, text, text, is_parity=True),
    )
    return Document(text, text, "bad", (*blocks, Section(text, blocks)), Headline(text, text))


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_does_nothing(show, attack):
    page = show(every_place(attack))
    page.mouse.move(200, 60)
    page.keyboard.press("Tab")
    drawn(page)
    assert page.noticed == []
    forbidden = "script, img, iframe, a, base, link, form, button, input, object, embed, [onload]"
    assert page.locator(forbidden).count() == 0
    assert page.locator("body > *").count() == 1


def test_hostile_text_is_read_as_it_stands(show):
    attack = "</style><script>alert(1)</script>"
    page = show(Document(attack, blocks=(Grid(("a",), ((attack,),)),)))
    assert page.locator("h3").inner_text() == attack
    assert page.locator("td").inner_text() == attack


def test_an_honest_report_asks_for_nothing_and_says_nothing(show):
    assert show(REPORT).noticed == []


@pytest.mark.parametrize("host", HOSTS)
def test_every_text_stands_out_from_its_ground(show, host):
    page = show(REPORT, host=host)
    found = page.evaluate(CONTRASTS)
    assert len(found) > 100
    assert [] == [each for each in found if each[0] < 4.5]


@pytest.mark.parametrize("host", HOSTS)
def test_the_ground_is_that_of_the_theme(show, host):
    page = show(REPORT, host=host)
    ground = page.locator(".qf-doc").evaluate("each => getComputedStyle(each).backgroundColor")
    channels = [int(part) for part in ground.removeprefix("rgb(").rstrip(")").split(",")]
    is_dark = host.startswith("dark")
    assert (max(channels) < 64) == is_dark


def test_no_text_is_tiny(show):
    sizes = [size for _, _, size in show(REPORT).evaluate(CONTRASTS)]
    assert min(sizes) >= 11.5


@pytest.mark.parametrize("width", [900, 420, 320])
def test_the_page_never_scrolls_sideways(show, width):
    long = "x" * 5000
    wide = Grid(tuple(f"column {i}" for i in range(40)), (tuple(range(40)), (long,) * 40))
    hostile = every_place(long)
    for document in (REPORT, hostile, Document(long, long, blocks=(wide, Text(long)))):
        page = show(document, width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_cut_off_but_what_can_be_scrolled(show):
    page = show(REPORT, width=420)
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.qf-doc *')].filter(each => {
          if (each.closest('.qf-scroll, svg') || !each.checkVisibility()) return false;
          const right = document.querySelector('.qf-doc').getBoundingClientRect().right;
          return each.getBoundingClientRect().right > right + 1;
        }).map(each => each.outerHTML.slice(0, 80))"""
    )
    assert cut == []


@pytest.fixture(scope="module")
def dataset_pages(tmp_path_factory):
    return PAGES(tmp_path_factory.mktemp("datasets"))


@pytest.mark.parametrize("host", ["light system", "dark system"])
def test_every_page_of_a_datasets_life_is_legible_and_inside_its_width(show, dataset_pages, host):
    for name, document in dataset_pages.items():
        for width in (820, 420):
            page = show(document, width=width, host=host)
            assert page.noticed == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            faint = [each for each in page.evaluate(CONTRASTS) if each[0] < 4.5]
            assert [] == faint, name
            page.close()


def test_a_bar_is_drawn_as_long_as_its_value(show):
    page = show(REPORT)
    track = page.locator(".qf-bar .qf-track").first.bounding_box()
    bar = page.locator(".qf-bar .qf-fill-good").first.bounding_box()
    assert bar["width"] / track["width"] == pytest.approx(0.9312, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_converted_notebook_shows_the_page_as_it_is_alone(show, theme):
    alone = show(REPORT, width=840, host=f"{theme} system")
    output = new_output("display_data", data={"text/html": draw_html(REPORT)})
    exporter = HTMLExporter(theme=theme, require_js_url="", mathjax_url="")
    converted = show(REPORT, host="light system")
    converted.route("**/*", lambda route: route.abort())
    converted.set_viewport_size({"width": 1000, "height": 800})
    converted.set_content(
        exporter.from_notebook_node(new_notebook(cells=[new_code_cell(outputs=[output])]))[0]
    )
    found = converted.evaluate(CONTRASTS)
    assert [] == [each for each in found if each[0] < 4.5]
    for part, name in ((".qf-bar", "height"), (".qf-stack", "height"), ("dd", "height")):
        sizes = [page.locator(part).first.bounding_box()[name] for page in (alone, converted)]
        assert sizes[0] == pytest.approx(sizes[1], abs=1.5), part
    ground = converted.locator(".qf-doc").evaluate("each => getComputedStyle(each).backgroundColor")
    assert (ground != "rgb(255, 255, 255)") == (theme == "dark")


def test_two_pages_do_not_change_each_other(show):
    page = show(REPORT)
    before = page.locator(".qf-doc").first.bounding_box()
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", draw_html(REPORT))
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    drawn(page)
    assert page.locator(".qf-doc").count() == 2
    assert page.locator(".qf-doc").first.bounding_box() == before


def test_a_drawing_is_announced_with_its_name(show):
    page = show(REPORT)
    assert page.get_by_role("img", name="completeness: 0.9312 [0.9204, 0.941]").count() == 1
    assert page.get_by_role("img", name="1,204 rows by overall score").count() == 1
