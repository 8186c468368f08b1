"""Files behind a URL, from a real server on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import polars as pl
import pytest

from qforge_jupyter.errors import FormatError, ResourceError
from qforge_jupyter.formats import load, look

BODY = b"a,b\n1,x\n2,y\n"


class Answers(BaseHTTPRequestHandler):
    """Gives one file, breaks off in another, and refuses a third."""

    def do_GET(self) -> None:
        status = {"/a.csv": 200, "/short.csv": 200, "/secret.csv": 403}.get(self.path, 404)
        self.send_response(status)
        n_claimed = len(BODY) * (1000 if self.path == "/short.csv" else 1)
        self.send_header("Content-Length", str(n_claimed if status == 200 else 0))
        self.end_headers()
        if status == 200 and self.command == "GET":
            self.wfile.write(BODY)

    do_HEAD = do_GET  # noqa: N815 — the server's own name for it

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_file_of_a_server_is_read(server: str):
    table = load(f"{server}/a.csv")
    assert pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}).equals(table.frame)
    assert (table.name, table.origin) == ("a", f"file {server}/a.csv")
    look(f"{server}/a.csv")


@pytest.mark.parametrize("ask", [load, look])
def test_a_file_that_the_server_has_not_is_one_sentence(server: str, ask: object):
    with pytest.raises(
        FormatError, match=r"There is no file 'http://.*/b\.csv': check the address"
    ):
        ask(f"{server}/b.csv")  # type: ignore[operator]


def test_a_body_that_breaks_off_is_no_table(server: str):
    with pytest.raises(ResourceError, match=r"short\.csv' cannot be read"):
        load(f"{server}/short.csv")


def test_what_the_server_refuses_is_one_sentence_without_the_secret(server: str):
    host = server.removeprefix("http://")
    with pytest.raises(ResourceError, match=r"cannot be read \(HTTP 403\)") as caught:
        load(f"http://ann:hunter2@{host}/secret.csv")
    assert "hunter2" not in str(caught.value)


def test_a_server_that_is_not_there_is_one_sentence():
    with pytest.raises(ResourceError, match="check address, network and credentials"):
        load("http://127.0.0.1:9/a.csv")
