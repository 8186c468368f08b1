"""The checks for leaks between parts: one file each.

A check is a module with ``find(case) -> Outcome`` that says *clean*, *leak* or
*not applicable* with the reason; it never guesses. To add a check, add a file.
"""

from qforge_jupyter.registry import Family

LEAKS = Family("leak check", __name__)
