"""Several lines over the same points."""

from qforge_jupyter.documents.blocks import Curve, Curves
from qforge_jupyter.documents.curves import draw_curves
from qforge_jupyter.documents.markup import Limits

LIMITS = Limits(9, 99, 9, 9)


def test_the_scale_is_that_of_the_bands():
    curve = Curve("gap", (0.02, 0.04), (0.0, 0.03), (0.04, 0.05))
    assert "↑ 0 to 0.05" in draw_curves(Curves(("1", "2"), (curve,)), LIMITS)


def test_names_are_escaped_and_all_points_stand_below():
    drawn = draw_curves(Curves(("1",), (Curve("<b>", (0.5,)),), "<i>"), LIMITS)
    assert ("<b>" in drawn, "<i>" in drawn, "0.5" in drawn) == (False, False, True)


def test_nothing_and_one_value_can_be_drawn():
    assert "<svg" in draw_curves(Curves((), ()), LIMITS)
    assert "<svg" in draw_curves(Curves(("1",), (Curve("a", (None,)),)), LIMITS)
    assert "M50.00 50.00h0" in draw_curves(Curves(("1",), (Curve("a", (3.0,)),)), LIMITS)
