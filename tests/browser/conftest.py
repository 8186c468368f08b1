"""One Chromium and one server for all browser tests; a page of JupyterLab that tests share."""

import pytest
from bench import Bench
from notebooks import Server, chromium_path
from playwright.sync_api import expect, sync_playwright
from stored import ROWS, commit
from waiting import LIMIT_S, patient

expect.set_options(timeout=1_000 * LIMIT_S)

CHROMIUM = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
VIEW = {"viewport": {"width": 1200, "height": 1000}, "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM.split())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("jupyter"))
    yield made
    made.stop()


@pytest.fixture
def page(chromium):
    """Give a page of its own, for what reloads it or loses its kernel."""
    page = patient(chromium.new_page(bypass_csp=True, **VIEW))
    yield page
    page.close()


@pytest.fixture(scope="session")
def lab_page(chromium):
    page = patient(chromium.new_page(bypass_csp=True, **VIEW))
    yield page
    page.close()


@pytest.fixture(scope="module")
def open_bench(lab_page, server):
    """Give what opens a notebook in the page that tests share; the one before it is closed."""
    opened = []

    def open_in_lab(name, *cells: str):
        if opened:
            opened.pop().close()
        opened.append(Bench(lab_page, server, name))
        return opened[-1].open(*cells)

    yield open_in_lab
    if opened:
        opened.pop().close()


@pytest.fixture
def place(request, tmp_path):
    """Give a store with contacts to label, on SQLite where nothing else is asked."""
    target = str(tmp_path / "lab")
    if getattr(request, "param", "") == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    found = {"target": target, "folder": str(tmp_path / "files")}
    commit(found, ROWS)
    return found
