"""What a test sees, drawn into a folder where somebody wants to look."""

import os


def picture(element, name: str) -> None:
    """Draw an element where `QFORGE_PICTURES` names a folder."""
    if folder := os.environ.get("QFORGE_PICTURES"):
        element.screenshot(path=f"{folder}/{name}.png")
