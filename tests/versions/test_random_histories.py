"""Whatever is edited, branched, merged and rolled back: every version stays what it was.

The model is plain Python: a version is a set of rows, each a dictionary, and a
branch is a list of versions.
"""

import tempfile

import polars as pl
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import qforge_jupyter as qf
from qforge_jupyter.errors import DataError, QualityError
from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.verifying import verify_versions

#: Types of a column, and the values that it may take.
KINDS = {
    "whole": (pl.Int64, [0, 1, 2**53 + 1, None]),
    "real": (pl.Float64, [0.0, 1.5, float("nan"), None]),
    "text": (pl.String, ["", "a", None]),
    "list": (pl.List(pl.Int64), [[], [1, None], None]),
}
KEYS = st.integers(0, 7)
NAMES = st.sampled_from(["x", "y", "^.*$"])
PICKS = st.integers(0, 3)
#: By column, its kind; by key, the row's cells as indices into the values of the kind.
Table = tuple[dict[str, str], dict[int, dict[str, int]]]


def frame_of(table: Table) -> pl.DataFrame:
    """Write a state of the model as a table."""
    kinds, rows = table
    columns = {"id": pl.Series(list(rows), dtype=pl.Int64)}
    for name, kind in kinds.items():
        dtype, values = KINDS[kind]
        cells = [values[row[name] % len(values)] for row in rows.values()]
        columns[name] = pl.Series(cells, dtype=dtype)
    return pl.DataFrame(columns)


def plain(frame: pl.DataFrame) -> list[str]:
    """Give rows without their order, so that NaN equals itself."""
    return sorted(map(repr, frame.rows()))


class Histories(RuleBasedStateMachine):
    """Random scripts over branches, in one workspace."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ws = qf.open(self.folder.name, tracker="none", actor="ann")
        self.kept: dict[str, pl.DataFrame] = {}
        self.tips: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.tables: dict[str, Table] = {}

    def teardown(self) -> None:
        """End with every version as it was made."""
        store = self.ws.context.store
        try:
            for commit, frame in self.kept.items():
                table = open_version(store, f"d@{commit}")
                assert frame.schema == table.frame.schema
                assert plain(frame) == plain(table.frame)
                assert fingerprint(frame) == fingerprint(table.frame) == table.fingerprint
            for name, commit in (self.tips | self.tags).items():
                assert commit == open_version(store, f"d@{name}").version.commit
            assert () == store.verify() + verify_versions(store)
            assert len(self.kept) == len(store.commits.of(store.datasets.find("d").id))
        finally:
            self.ws.close()
            self.folder.cleanup()

    def keep(self, branch, commit, frame):
        self.tips[branch] = commit
        self.kept[commit] = frame

    @initialize(rows=st.dictionaries(KEYS, st.fixed_dictionaries({"x": PICKS}), min_size=1))
    def begin(self, rows):
        self.tables["main"] = ({"x": "whole"}, rows)
        frame = frame_of(self.tables["main"])
        self.keep("main", self.ws.commit(frame, to="d", by=["id"]).commit, frame)

    def branches(self):
        return sorted(self.tips)

    @rule(data=st.data(), key=KEYS, pick=PICKS)
    def put_row(self, data, key, pick):
        kinds, rows = self.tables[data.draw(st.sampled_from(self.branches()))]
        rows[key] = {name: pick + place for place, name in enumerate(kinds)}

    @rule(data=st.data(), pick=PICKS)
    def change_cell(self, data, pick):
        kinds, rows = self.tables[data.draw(st.sampled_from(self.branches()))]
        if kinds:
            key = data.draw(st.sampled_from(sorted(rows)))
            rows[key] |= {data.draw(st.sampled_from(sorted(kinds))): pick}

    @rule(data=st.data())
    def take_row(self, data):
        _, rows = self.tables[data.draw(st.sampled_from(self.branches()))]
        if len(rows) > 1:
            del rows[data.draw(st.sampled_from(sorted(rows)))]

    @rule(data=st.data(), name=NAMES, kind=st.sampled_from(sorted(KINDS)), pick=PICKS)
    def put_column(self, data, name, kind, pick):
        """Add a column, or give one another type."""
        kinds, rows = self.tables[data.draw(st.sampled_from(self.branches()))]
        kinds[name] = kind
        for row in rows.values():
            row[name] = pick

    @rule(data=st.data(), name=NAMES)
    def drop_column(self, data, name):
        kinds, rows = self.tables[data.draw(st.sampled_from(self.branches()))]
        if kinds.pop(name, None):
            for row in rows.values():
                del row[name]

    @rule(data=st.data())
    def commit(self, data):
        branch = data.draw(st.sampled_from(self.branches()))
        frame = frame_of(self.tables[branch])
        before = self.kept[self.tips[branch]]
        # Whoever took out this version changed this version.
        self.ws.checkout(f"d@{branch}")
        report = self.ws.commit(frame, to=f"d@{branch}")
        is_same = frame.columns == before.columns and frame.schema == before.schema
        assert report.is_new != (is_same and plain(frame) == plain(before))
        assert fingerprint(frame) == report.fingerprint
        if report.is_new:
            self.keep(branch, report.commit, frame)

    @precondition(lambda self: len(self.tips) < 3)
    @rule(data=st.data())
    def branch(self, data):
        commit = data.draw(st.sampled_from(sorted(self.kept)))
        new = f"b{len(self.tips)}"
        self.ws.branch(f"d@{commit}", as_=new)
        self.tips[new] = commit
        kinds, rows = self.tables["main"]
        self.tables[new] = (dict(kinds), {key: dict(row) for key, row in rows.items()})

    @rule(data=st.data(), name=st.sampled_from(["t1", "t2"]))
    def tag(self, data, name):
        commit = data.draw(st.sampled_from(sorted(self.kept)))
        self.ws.tag(f"d@{commit}", as_=name, move=True)
        self.tags[name] = commit

    @rule(data=st.data())
    def roll_back(self, data):
        branch = data.draw(st.sampled_from(self.branches()))
        commit = data.draw(st.sampled_from(sorted(self.kept)))
        report = self.ws.rollback(f"d@{branch}", to=commit)
        if report.is_new:
            self.keep(branch, report.commit, self.kept[commit])

    @precondition(lambda self: len(self.tips) > 1)
    @rule(data=st.data(), prefer=st.sampled_from([None, "ours", "theirs"]))
    def merge(self, data, prefer):
        branch, other = data.draw(st.permutations(self.branches()))[:2]
        ours, theirs = (self.kept[self.tips[each]] for each in (branch, other))
        try:
            report = self.ws.merge(f"d@{branch}", from_=other, prefer=prefer)
        except (QualityError, DataError):
            return
        if report.how == "forwarded":
            self.keep(branch, self.tips[other], theirs)
        elif report.how == "merged":
            # Each cell is one that a side has; `test_merging` says which.
            keys = set(report.frame["id"])
            assert set(ours["id"]) & set(theirs["id"]) <= keys
            assert keys <= set(ours["id"]) | set(theirs["id"])
            self.keep(branch, report.commit, report.frame)

    @invariant()
    def tips_are_what_they_were(self):
        for branch, commit in self.tips.items():
            assert plain(self.kept[commit]) == plain(
                open_version(self.ws.context.store, f"d@{branch}").frame
            )


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=10, stateful_step_count=14, deadline=None)
