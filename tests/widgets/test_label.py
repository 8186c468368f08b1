"""The labeling widget's Python side: requests in, replies out, and never an exception."""

import io
import runpy
import threading
from pathlib import Path

import pytest

from qforge_jupyter.errors import DataError, ResourceError
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.widgets.bundles import bundle
from qforge_jupyter.widgets.label import LabelWidget
from qforge_jupyter.widgets.packing import packed

DESK = runpy.run_path(str(Path(__file__).with_name("desk.py")))
PNG = b"\x89PNG\r\n\x1a\nrest"


@pytest.fixture
def desk(tmp_path):
    rows = [{"key": f"k{n}", "title": f"Title {n}", "picture": PNG} for n in range(10)]
    show = {"renderer": "record", "columns": ["title", "picture"], "files": ["picture"]}
    question = DESK["question"]("tier", "choose", ["A", "B"])
    return DESK["Desk"](tmp_path / "labels.jsonl", rows, [question], show)


@pytest.fixture(autouse=True)
def _built(tmp_path, monkeypatch):
    """A bundle of two empty files: the real one is tested in browsers."""
    folder = tmp_path / "static"
    folder.mkdir()
    for kind in ("js", "css"):
        (folder / f"label.{kind}").write_text("")
    monkeypatch.setattr("qforge_jupyter.widgets.label.bundle", lambda name: bundle(name, folder))


@pytest.fixture
def widget(desk):
    return LabelWidget(desk, title="Label golden as alice", resume="golden/alice")


def test_a_request_gets_the_handlers_reply_with_its_id(widget):
    asked = {"id": "1", "kind": "submit", "submission": "s1", "key": "k0", "answers": {"tier": "A"}}
    reply, buffers = widget.answer(asked)
    assert ("1", "s1", []) == (reply["id"], reply["saved"], buffers)
    assert 1 == reply["progress"]["n_done"]


def test_pictures_travel_as_buffers(widget):
    reply, buffers = widget.answer({"id": "1", "kind": "hello", "n": 2})
    fields = [each["fields"]["picture"] for each in reply["items"]]
    assert [{"$buffer": n, "mime": "image/png"} for n in (0, 1)] == fields
    assert [PNG, PNG] == buffers


def test_one_picture_that_cannot_be_read_stops_nothing(desk):
    desk.rows[0]["picture"] = "/etc/hostname"
    desk.rows[1]["picture"] = {"error": "said already"}
    desk.rows[2]["picture"] = None
    reply, buffers = LabelWidget(desk).answer({"id": "1", "kind": "hello", "n": 4})
    outside, said, none, good = (each["fields"]["picture"] for each in reply["items"])
    assert outside["error"].startswith("The picture lies outside of the workspace")
    assert {"error": "said already"} == said
    assert {"error": "There is no picture in this row: neither bytes nor a path"} == none
    assert ({"$buffer": 0, "mime": "image/png"}, [PNG]) == (good, buffers)


def test_undo_and_back_bring_pictures_too(widget):
    widget.answer({"id": "1", "kind": "hello"})
    reply, buffers = widget.answer({"id": "2", "kind": "back", "position": 3})
    assert ("k3", [PNG]) == (reply["item"]["key"], buffers)


@pytest.mark.parametrize(
    "request_", [None, "hello", 7, [], {}, {"kind": "nothing"}, {"kind": None}]
)
def test_what_is_no_request_gets_one_sentence(widget, request_):
    reply, buffers = widget.answer(request_)
    assert ({"id": None, "error": "No such request: ask for another"}, []) == (reply, buffers)


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (DataError("The item is gone: take another"), "The item is gone: take another"),
        (
            KeyError("secret cell"),
            "Q-Forge met a fault of its own (KeyError): try again, and report it where it stays",
        ),
    ],
)
def test_an_exception_becomes_one_sentence(problem, sentence):
    def fails(_request):
        raise problem

    reply, _ = LabelWidget(fails).answer({"id": "1", "kind": "hello"})
    assert {"id": "1", "error": sentence} == reply


def test_its_text_is_decided_by_the_data(widget):
    before = repr(widget)
    widget.answer(
        {"id": "1", "kind": "submit", "submission": "s", "key": "k0", "answers": {"tier": "A"}}
    )
    assert "LabelWidget: Label golden as alice, 0 of 10 items labeled" == before
    assert "LabelWidget: Label golden as alice, 1 of 10 items labeled" == repr(widget)
    assert repr(widget) == widget._repr_mimebundle_()[0]["text/plain"]


def test_a_message_is_answered_from_any_thread(widget):
    sent = []
    widget.send = lambda content, buffers: sent.append((content["id"], len(buffers)))
    threads = [
        threading.Thread(
            target=widget._handle_custom_msg, args=({"id": str(n), "kind": "hello", "n": 1}, [])
        )
        for n in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {(str(n), 1) for n in range(8)} == set(sent)


def test_a_widget_that_is_not_built_says_how(tmp_path):
    with pytest.raises(ResourceError, match="is not built: run  make widgets"):
        bundle("label", tmp_path)


def test_a_molecule_is_drawn_by_the_kernel(desk):
    desk.rows = [{"key": "0", "smiles": "CCO"}, {"key": "1", "smiles": "no such thing"}]
    desk.show = {"renderer": "molecule", "columns": ["smiles"], "files": []}
    reply, buffers = LabelWidget(desk).answer({"id": "1", "kind": "hello", "n": 2})
    drawn, failed = (each["fields"]["smiles"] for each in reply["items"])
    assert {"$buffer": 0, "mime": "image/svg+xml", "width": 400, "height": 260, "text": "CCO"} == (
        drawn
    )
    assert b"<svg" in buffers[0]
    assert {"error": "The structure is no valid SMILES and cannot be drawn"} == failed


def test_packing_knows_every_kind_of_bytes_and_no_number_that_json_lacks():
    reply, buffers = packed({"a": [b"x", bytearray(b"y"), memoryview(b"z")], "n": float("inf")})
    assert {"a": [{"$buffer": n} for n in range(3)], "n": None} == reply
    assert [b"x", b"y", b"z"] == buffers


def test_a_cut_out_brings_what_its_levels_mean(desk):
    import numpy as np
    from astropy.io import fits

    made = io.BytesIO()
    fits.PrimaryHDU(np.arange(6, dtype=np.int16).reshape(2, 3)).writeto(made)
    desk.rows = [{"key": "0", "image": made.getvalue()}]
    desk.show = {"renderer": "fits", "columns": ["image"], "files": ["image"]}
    widget = LabelWidget(desk, pictures=Pictures())
    reply, [data] = widget.answer({"id": "1", "kind": "hello", "n": 1})
    assert {
        "$buffer": 0,
        "mime": "application/x-qforge-uint16",
        "width": 3,
        "height": 2,
        "low": 0.0,
        "high": 65534.0,
    } == reply["items"][0]["fields"]["image"]
    assert [1, 2, 3, 4, 5, 6] == np.frombuffer(data, "<u2").tolist()
