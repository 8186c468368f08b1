"""The built browser code of a widget."""

from __future__ import annotations

from pathlib import Path

from qforge_jupyter.errors import ResourceError

STATIC = Path(__file__).with_name("static")


def bundle(name: str, folder: Path = STATIC) -> tuple[str, str]:
    """Give the code and the style of a widget.

    Parameters
    ----------
    name
        Of the widget.
    folder
        Where it was built into.

    Raises
    ------
    ResourceError
        It was not built.

    """
    try:
        code, style = (
            (folder / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("js", "css")
        )
    except FileNotFoundError:
        raise ResourceError(
            f"The browser code of the {name!r} widget is not built: run  make widgets  in the "
            "repository, or install a released package"
        ) from None
    return code, style
