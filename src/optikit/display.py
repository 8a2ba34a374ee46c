"""Progress on the screen: a callback like any other, drawn by rich on stderr, in a terminal, a notebook or a log."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .core.run import Callback, Progress

if TYPE_CHECKING:
    from rich.console import Console

FRAME_SECONDS = 0.1
"""A live display is drawn this often at most."""

LINE_SECONDS = 5.0
"""Where nothing can be redrawn (a file, a pipe), a line is written this often at most."""

WIDE = 100
"""From this many columns on there is room for a bar."""


class ProgressDisplay(Callback):
    """Shows solver, time, iterations, objective, bound and gap while a solve runs.

    ``solve(..., display=True)`` makes one. As a context manager it puts the screen in order however the solve ends.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to draw; stderr by default.

    Examples
    --------
    >>> import optikit as ok
    >>> vrp = ok.routing.VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
    >>> with ProgressDisplay() as display:
    ...     result = ok.solve(vrp, callbacks=[display])
    """

    def __init__(self, console: Console | None = None) -> None:
        from rich.console import Console

        class Stderr(Console):
            def on_broken_pipe(self) -> None:
                raise  # rich would end the program

        self.console = console if console is not None else Stderr(stderr=True)
        # In a notebook rich redraws through ipywidgets, and without them it could only pile up outputs.
        redraws = self.console.is_terminal and not self.console.is_dumb_terminal
        self.live = _has_widgets() if self.console.is_jupyter else redraws
        self._screen: Any = None
        self._drawn = float("-inf")
        self._gone = False

    def __enter__(self) -> Self:
        from .kernels import native

        native.on_compile.append(self._compiling)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        from .kernels import native

        native.on_compile.remove(self._compiling)
        self.close()

    def close(self) -> None:
        """Leave the last state on the screen and give the terminal back; may be called twice."""
        if self._screen is not None:
            screen, self._screen = self._screen, None
            self._show(screen.stop)

    # -- events -----------------------------------------------------------------

    def on_start(self, progress: Progress) -> None:
        if self.live and self._screen is None:
            from rich.live import Live

            # No thread of its own and no redirection: it draws when the solve has news, and touches nothing else.
            self._screen = Live(console=self.console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
            self._show(self._screen.start)
        self._draw(progress, now=True)

    def on_improvement(self, progress: Progress) -> None:
        self._draw(progress)

    def on_tick(self, progress: Progress) -> None:
        self._draw(progress)

    def on_end(self, progress: Progress) -> None:
        self._draw(progress, now=True)
        self.close()

    def _compiling(self, module: str, folder: str) -> None:
        from .kernels.store import fate

        line = f"compiling the kernels of {module}: {fate()}"
        self._show(partial(self.console.print, line, style="dim", highlight=False, markup=False))

    # -- drawing -------------------------------------------------------------------

    def _draw(self, progress: Progress, now: bool = False) -> None:
        wait = FRAME_SECONDS if self._screen is not None else LINE_SECONDS
        if not now and time.monotonic() - self._drawn < 0.9 * wait:
            return
        self._drawn = time.monotonic()
        if self._screen is not None:
            self._show(partial(self._screen.update, self._line(progress), refresh=True))
        else:
            self._show(partial(self.console.print, " ".join(_words(progress)), highlight=False, markup=False, soft_wrap=True))

    def _show(self, draw: Callable[[], None]) -> None:
        """Draw, as long as there is something to draw on: a terminal that has gone is no reason to lose a solve."""
        if self._gone:
            return
        try:
            draw()
        except (OSError, ValueError):  # a broken pipe, a full disk; a closed file
            self._gone = True

    def _line(self, progress: Progress) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        solver, clock, *rest = _words(progress)
        if not progress.time_limit or self.console.width < WIDE:
            return Text(" ".join((solver, clock, *rest)), no_wrap=True, overflow="ellipsis")
        bar = ProgressBar(progress.time_limit, min(progress.seconds, progress.time_limit), width=16)
        line = Table.grid(padding=(0, 1))
        line.add_row(Text(solver, style="bold"), bar, clock, Text(" ".join(rest), no_wrap=True, overflow="ellipsis"))
        return line


def _words(progress: Progress) -> list[str]:
    """What is known, piece by piece: solver, clock, and then what there is."""
    limit = "" if progress.time_limit is None else f"/{progress.time_limit:g}"
    words = [progress.solver, f"{progress.seconds:.1f}{limit} s"]
    if progress.objective is not None:
        words.append(f"objective {progress.objective:,.8g}")
    if progress.bound is not None:
        words.append(f"bound {progress.bound:,.8g}")
    if progress.gap is not None:
        words.append(f"gap {100 * progress.gap:.2f} %")
    if progress.iterations:
        words.append(f"{progress.iterations:,} iterations")
    return words


def _has_widgets() -> bool:
    return importlib.util.find_spec("ipywidgets") is not None
