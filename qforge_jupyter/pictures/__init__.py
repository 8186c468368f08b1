"""Pictures for a view: recognised by content, read from where they may be, brought to bytes."""

from qforge_jupyter.pictures.picture import Picture
from qforge_jupyter.pictures.reading import Pictures

__all__ = ["Picture", "Pictures"]
