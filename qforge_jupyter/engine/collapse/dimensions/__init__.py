"""The eight dimensions of the collapse check: one file each.

A dimension has ``QUESTION`` (what it asks, one sentence) and ``read(view)``, which gives its
readings under every dealing of the view, or says why it has none.
"""

from qforge_jupyter.registry import Family

#: Every dimension of the collapse check.
COLLAPSE_DIMENSIONS = Family("collapse dimension", "qforge_jupyter.engine.collapse.dimensions")
