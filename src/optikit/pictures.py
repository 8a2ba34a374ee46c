"""Pictures by matplotlib, without its global state: fit for services, threads, notebooks and headless machines."""

from __future__ import annotations

import os
from functools import cache
from io import BytesIO
from typing import Any

from .errors import MissingExtraError, UnsupportedError
from .inputs.files import replace_file


@cache
def figure_class() -> Any:
    """matplotlib's Figure, which notebooks show by themselves only where pyplot has been set up for them.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError('pictures need matplotlib; pip install "optikit[plot]"') from None

    class Picture(Figure):  # type: ignore[misc]
        def _repr_png_(self) -> bytes:
            return picture_bytes(self, "png", 100)

    return Picture


def picture_bytes(figure: Any, ending: str, dpi: int = 150, facecolor: str = "white") -> bytes:
    """A figure as a file of the format that ``ending`` names."""
    picture = BytesIO()
    figure.savefig(picture, format=ending, dpi=dpi, facecolor=facecolor)
    return picture.getvalue()


def picture_format(figure: Any, path: str | os.PathLike[str]) -> str:
    """The format that a file's name asks for, png where it has no ending.

    Raises
    ------
    UnsupportedError
        For an ending that matplotlib does not know, with those that it does.
    """
    ending = os.path.splitext(os.fspath(path))[1].lstrip(".").lower() or "png"
    known = figure.canvas.get_supported_filetypes()
    if ending not in known:
        raise UnsupportedError(f"pictures are not saved as .{ending}; known: {', '.join(sorted(known))}")
    return ending


def save_picture(figure: Any, path: str | os.PathLike[str], dpi: int = 150) -> None:
    """Write a figure to a file: whole, or not at all."""
    replace_file(path, picture_bytes(figure, picture_format(figure, path), dpi))
