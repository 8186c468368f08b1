"""A labeling of the real store, as a cell of a notebook, and what lies in the store after it."""

import polars as pl
from bench import STORED

import qforge_jupyter as qf

N = 16
ROWS = pl.DataFrame({"id": range(N), "title": [f"Title {n}" for n in range(N)]})
ASKED = '"show": "{title}", "choose tier": {"a": "A", "c": "C"}'


def cell(place, asked=ASKED, labeler="alice"):
    start = STORED.replace("{lab!r}", repr(place["target"])).replace(
        'tracker="none"', f'tracker="none", folder={place["folder"]!r}'
    )
    asks = f"ws.label('contacts', as_='{labeler}', **{{{asked}}})"
    return f"{start}w = view_of({asks})\nw\n"


def commit(place, rows):
    """Make rows the newest version of the contacts."""
    with qf.open(tracker="none", actor="ann", **place) as ws:
        ws.commit(rows, to="contacts", by=["id"])


def told(place):
    """Give the labels of the contacts, of a store that is whole."""
    with qf.open(tracker="none", actor="ann", **place) as ws:
        dataset = ws.context.store.datasets.find("contacts")
        assert () == ws.context.store.verify()
        return ws.context.store.labels.since(dataset.id)


def said(place):
    """Give item, kind and value of each label of the contacts, in order."""
    return [(one.label.item, one.label.label_type, one.label.value) for one in told(place)]


def half_given(place):
    """Give the answers by item that the store holds as half given by who labeled last."""
    last = told(place)[-1].session_id
    with qf.open(tracker="none", actor="ann", **place) as ws:
        dataset = ws.context.store.datasets.find("contacts")
        drafts = ws.context.store.labels.drafts(dataset.id, last)
    return {item: draft["answers"] for item, draft in drafts}
