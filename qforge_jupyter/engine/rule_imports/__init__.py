"""Rules of other tools, read into ours: one file for each tool.

Each has ``read(source) -> ImportedRules``. It takes parsed objects or text,
never a path, runs no code from what it reads, and drops nothing silently:
what has no equivalent here stands in ``skipped`` with the reason.

Three things differ from every one of them: NaN and the infinities are outside
of every range, the type of a column is settled when it is read, and ``$`` in
a pattern is the very end of a text, not also the place before a last newline.
"""

from qforge_jupyter.registry import Family

RULE_IMPORTS = Family("rule import", __name__)
