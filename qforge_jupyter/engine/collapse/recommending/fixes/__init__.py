"""Fixes for a candidate: one file each.

A fix has ``TITLE`` (what it does, a few words), ``NEEDS`` (what it costs and takes, one
sentence), ``TAKES_ROWS`` (whether it puts rows of the reference into the table),
``IS_OF_ALL_ROWS`` (whether it has to see them all when it is tried, since in a sample few rows
have their twins) and ``apply(case)``, which gives a `Repair` or says why it cannot be applied.
"""

from qforge_jupyter.registry import Family

FIXES = Family("fix", __name__)
