"""The verdict widget's Python side: requests in, replies out, work in a thread of its own."""

import json
import time

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.errors import CallError, DataError, Stopped
from qforge_jupyter.verbs._background import Job
from qforge_jupyter.verbs._verdict_desk import VerdictDesk
from qforge_jupyter.widgets.opening import has_view, widget
from qforge_jupyter.widgets.verdict import VerdictWidget
from qforge_jupyter.workspace import open as open_workspace

HOSTILE = "<img src=x onerror=alert(1)>\u202e"
RNG = np.random.default_rng(3)


def people(n, spread=1.0):
    age = 45 + 14 * spread * RNG.normal(size=n)
    return pl.DataFrame({
        "id": np.arange(n),
        "age": age,
        "income": 900 + 30 * (age - 45) + 250 * spread * RNG.normal(size=n),
        HOSTILE: RNG.choice(["A", "B", "<b>C</b>"], n),
    })  # fmt: skip


REAL, SYNTH = people(600), people(400, 0.4)


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    with open_workspace(str(tmp_path_factory.mktemp("lab")), tracker="none") as made:
        yield made


@pytest.fixture(scope="module")
def verdict(ws):
    return ws.check(SYNTH, against=REAL, name="synth")


@pytest.fixture(scope="module")
def names():
    return {}


@pytest.fixture(scope="module")
def view(ws, verdict, names):
    """A widget whose rows and fixes were asked for, as its reply to the last question."""

    def bind(wanted, value):
        names[wanted] = value
        return wanted

    desk = VerdictDesk(ws.context, verdict, bind)
    made = widget(verdict, handler=desk.handle)
    made.desk = desk
    return made


def asked(view, kind, **body: object):
    reply, buffers = view.answer({"id": "1", "kind": kind, **body})
    assert [] == buffers
    json.dumps(reply, allow_nan=False)
    return reply


def worked(view, **body: object):
    """Ask for work, and wait for what came of it."""
    assert "error" not in asked(view, "start", **body)
    view.desk.wait()
    return asked(view, "job")


def test_a_verdict_has_a_view_that_works_in_its_workspace(view, verdict):
    assert has_view(verdict)
    assert isinstance(view, VerdictWidget)
    assert "VerdictWidget: synth against table" == repr(view)
    with pytest.raises(CallError, match="show it with  %qforge check"):
        widget(verdict)


def test_the_greeting_tells_the_verdict_and_eight_bars_with_what_chance_gives(view, verdict):
    told = asked(view, "hello")["verdict"]
    assert ("collapsed", verdict.score) == (told["word"], told["score"])
    assert "0.05" in told["said"]
    assert 8 == len(told["dimensions"])
    for each in told["dimensions"]:
        assert 0 <= each["low"] <= each["score"] <= 100
        assert 0 <= each["by_chance"] <= 100
    ends = {each["name"]: each for each in told["dimensions"]}
    assert ends["distribution"]["score"] < ends["distribution"]["by_chance"]


def test_statistics_name_the_columns_that_can_be_looked_at(view):
    told = asked(view, "hello")["verdict"]
    worst = next(each for each in told["statistics"] if each["at"] == "age")
    assert ["age"] == [told["columns"][place] for place in worst["columns"]]
    assert told["worst"]


def test_a_column_is_told_on_both_sides(view):
    told = asked(view, "hello")["verdict"]
    reply = asked(view, "column", at=told["columns"].index("age"))
    overlay = reply["overlay"]
    assert "age" == overlay["column"]
    assert pytest.approx(1.0) == sum(overlay["candidate"])
    assert pytest.approx(1.0) == sum(overlay["reference"])


def test_a_name_that_hides_something_is_shown_as_it_is(view):
    told = asked(view, "hello")["verdict"]
    place = len(told["columns"]) - 1
    assert r"<img src=x onerror=alert(1)>\u202e" == told["columns"][place]
    assert (
        r"<img src=x onerror=alert(1)>\u202e"
        == asked(view, "column", at=place)["overlay"]["column"]
    )


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"kind": "column", "at": 99}, "no such column"),
        ({"kind": "column", "at": "age"}, "no such column"),
        ({"kind": "rows"}, "No rows were looked for yet"),
        ({"kind": "start", "work": "fix", "place": 0}, "nothing of that kind"),
        ({"kind": "start", "work": "forget"}, "nothing of that kind"),
        ({"kind": "start", "work": ["localize"]}, "nothing of that kind"),
        ({"kind": "what"}, "does not know"),
        ({}, "does not know"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(ws, verdict, request_, said):
    desk = VerdictDesk(ws.context, verdict, lambda wanted, _: wanted)
    reply, _ = VerdictWidget(verdict, desk.handle).answer({"id": "7", **request_})
    assert said in reply["error"]
    assert "7" == reply["id"]


def test_rows_are_looked_for_recorded_bound_and_paged(view, ws, names):
    found = worked(view, work="localize")
    assert found["localization"]["n_suspect"] == names["culprits"].rows.height
    runs = ws.context.store.read_table("run")
    assert "localize" in runs["verb"].to_list()
    first, last = (asked(view, "rows", which="suspects", start=start) for start in (0, 195))
    assert 10 == len(first["rows"])
    assert 5 == len(last["rows"])
    row = first["rows"][0]["row"]
    assert row == names["culprits"].rows["row"][0]
    assert f"{SYNTH['age'][row]:.4g}" == first["rows"][0]["cells"][first["head"].index("age")]
    assert "%%qforge label culprits by row" in first["code"][0]["code"]
    assert "no such region" in asked(view, "rows", which="region", at=99)["error"]
    assert "no such rows" in asked(view, "rows", which="<b>")["error"]
    for start in (1e30, float("nan"), float("inf"), 10**30, True, "1"):
        assert first["rows"] == asked(view, "rows", which="suspects", start=start)["rows"]


def test_rows_of_a_region_are_those_for_which_its_rule_holds(view, names):
    regions = names["culprits"].missing_regions
    page = asked(view, "rows", which="missing region", at=0)
    from qforge_jupyter.rules.expressions import read_filter

    held = REAL.filter(read_filter(regions[0].rule, REAL.schema))
    assert held.height == page["total"]
    assert [str(each) for each in held["id"].head(10)] == [
        each["cells"][page["head"].index("id")] for each in page["rows"]
    ]
    assert regions[0].rule in page["code"][-1]["code"]


def test_fixes_are_tried_one_is_applied_and_checked_again(view, ws, names):
    found = worked(view, work="recommend")
    entries = found["plan"]["entries"]
    assert ["helps"] == [entries[0]["standing"]]
    assert names["plan"].entries[0].name == entries[0]["name"]
    fixed = worked(view, work="fix", place=0, name="mended")["fixed"]
    assert "mended" == fixed["name"]
    assert names["mended"].frame.height == fixed["n_after"]
    assert fixed["gain"]["after"] > fixed["gain"]["before"] + 30
    assert 8 == len(fixed["after"]["dimensions"])
    again = ws.fix(SYNTH, with_=names["plan"][0], name="synth")
    assert pytest.approx(again.gain.value) == fixed["gain"]["value"]
    verbs = ws.context.store.read_table("run").sort("started_at")["verb"].to_list()
    assert ["recommend", "fix", "check"] == verbs[-4:-1]
    assert "no name" in asked(view, "start", work="fix", place=0, name="a b")["error"]
    assert "no such fix" in asked(view, "start", work="fix", place=99, name="a")["error"]


def test_a_view_that_is_opened_later_is_told_what_was_found(view):
    told = asked(view, "hello")
    assert "culprits" == told["localization"]["name"]
    assert "plan" == told["plan"]["name"]
    assert "mended" == told["fixed"]["name"]


def test_a_closed_workspace_is_said(tmp_path):
    with open_workspace(str(tmp_path / "lab"), tracker="none") as made:
        found = made.check(SYNTH, against=REAL)
        desk = VerdictDesk(made.context, found, lambda wanted, _: wanted)
    view = VerdictWidget(found, desk.handle)
    asked(view, "start", work="localize")
    desk.wait()
    assert "closed" in asked(view, "job")["error"]


def steps(progress):
    for step in range(100_000):
        progress(step, 100_000, "steps")
        time.sleep(0.005)


def test_work_is_stopped_at_its_next_report():
    kept = []
    job = Job("count", steps, kept.append, {"steps": (0.0, 1.0)})
    until = time.monotonic() + 60
    while not job.told()["share"] and time.monotonic() < until:
        time.sleep(0.01)
    assert job.is_running
    job.stop()
    job.wait(60)
    told = job.told()
    assert ("stopped", [], None) == (told["state"], kept, told["left_s"])
    assert 0 < told["share"] < 1


def test_work_that_kept_something_when_it_was_stopped_gives_it():
    def work(progress):
        try:
            steps(progress)
        except KeyboardInterrupt:
            raise Stopped("stopped after 3 things; they are kept", result=3) from None

    kept = []
    job = Job("count", work, kept.append)
    job.stop()
    job.wait(60)
    assert ([3], "stopped after 3 things; they are kept") == (kept, job.told()["said"])


def test_work_that_fails_has_a_problem():
    def work(_progress):
        raise DataError("There are no rows")

    job = Job("count", work, lambda _: None)
    job.wait(60)
    assert "failed" == job.told()["state"]
    assert "There are no rows" == str(job.problem)


def test_two_things_are_not_done_at_once(ws, verdict):
    desk = VerdictDesk(ws.context, verdict, lambda wanted, _: wanted)
    view = VerdictWidget(verdict, desk.handle)
    asked(view, "start", work="recommend")
    assert "is at work" in asked(view, "start", work="localize")["error"]
    asked(view, "stop")
    desk.wait()
