"""Places of a picture on the screen, and a mouse or a pen that draws on them."""

from itertools import pairwise


class Pointer:
    """A mouse, or a pen with pressure, over the picture that is seen.

    Coordinates are those of the picture, in its pixels.
    """

    def __init__(self, page, kind, wide) -> None:
        self.page, self.kind = page, kind
        self.session = page.context.new_cdp_session(page)
        self.wide = wide
        page.locator(".qfl-picture:visible").wait_for()

    def drag(self, *corners: tuple[float, float]):
        """Press at the first corner, go by all of them, let go at the last."""
        self._event("mousePressed", corners[0])
        for (ax, ay), (bx, by) in pairwise(corners):
            for n in range(1, 7):
                self._event("mouseMoved", (ax + (bx - ax) * n / 6, ay + (by - ay) * n / 6))
        self._event("mouseReleased", corners[-1])

    def click(self, *corners: tuple[float, float]):
        """Touch each place for a moment."""
        for corner in corners:
            self.drag(corner)

    def _event(self, kind, place):
        frame = self.page.locator(".qfl-picture:visible").bounding_box()
        scale = frame["width"] / self.wide
        x, y = frame["x"] + place[0] * scale, frame["y"] + place[1] * scale
        pressed = {"button": "left", "buttons": int(kind != "mouseReleased"), "clickCount": 1}
        pen = {"pointerType": "pen", "force": 0.5} if self.kind == "pen" else {}
        self.session.send(
            "Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **pressed, **pen}
        )
