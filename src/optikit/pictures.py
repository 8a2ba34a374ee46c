"""Pictures by matplotlib, without its global state: fit for services, threads, notebooks and headless machines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

from .errors import MissingExtraError, UnsupportedError
from .inputs.arguments import check_count, check_lengths
from .inputs.files import path_of, replace_file


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


class Sheet:
    """A figure to draw on, and the file that it goes to at the end: whole, or not at all.

    Parameters
    ----------
    path : path, optional
        Where `finish` saves the picture; the ending names the format, png where there is none.
    figsize : sequence of float, optional
        Width and height in inches, instead of the ``default``.
    dpi : int
        Dots an inch.
    default : tuple of float
        Width and height where the user names none.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    UnsupportedError
        Before anything is drawn, for an ending that no picture has, and for an option that is not of its type.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None, figsize: Sequence[float] | None, dpi: int, default: tuple[float, ...]
    ) -> None:
        kind = figure_class()
        self._dpi = check_count("dpi", dpi, 1)
        self.size = default if figsize is None else check_lengths("figsize", figsize, 2)
        self.figure = kind(figsize=self.size, layout="constrained")
        self._path, self._ending = path, "" if path is None else _ending(self.figure, path)

    def finish(self, axes: Any = None, title: str | None = None, default: str = "") -> Any:
        """Write the title above the axes, save the figure where there is a path, and give it back."""
        if axes is not None:
            axes.set_title(default if title is None else title, loc="left", fontsize=11, parse_math=False)
        if self._path is not None:
            replace_file(self._path, picture_bytes(self.figure, self._ending, self._dpi))
        return self.figure


def headed(name: str, what: str) -> str:
    """The title of a picture by default: the problem's name, where it has one, and what is seen."""
    return f"{name}: {what}" if name else what


def _ending(figure: Any, path: str | os.PathLike[str]) -> str:
    ending = os.path.splitext(path_of(path))[1].lstrip(".").lower() or "png"
    known = figure.canvas.get_supported_filetypes()
    if ending not in known:
        raise UnsupportedError(f"pictures are not saved as .{ending}; known: {', '.join(sorted(known))}")
    return ending
