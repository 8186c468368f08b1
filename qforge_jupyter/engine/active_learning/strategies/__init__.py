"""Ways to choose what to label next: one file each; the file's name is the strategy's name.

A member has ``worth(pool, n) -> array``: a number for each row, the more the sooner; ``n`` is how
many will be taken, for those that look at what they took before. ``NEEDS_MODEL`` says whether
labels of two classes are needed first, and ``REASON`` says in a few words why a row was chosen.
What it cannot say it declines with `NotApplicable`. To add a strategy, add a file.
"""

from qforge_jupyter.registry import Family

STRATEGIES = Family("strategy", __name__)
