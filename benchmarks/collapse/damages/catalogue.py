"""The families by name."""

from __future__ import annotations

from benchmarks.collapse.damages import copies, dependence, labels, modes, recursion, spread

FAMILIES = {
    family.name: family
    for module in (spread, modes, dependence, labels, copies, recursion)
    for family in module.FAMILIES
}
#: Families whose damage is copying: flagging the copies finds them.
COPYING = frozenset({"rows repeated", "reference copied"})
