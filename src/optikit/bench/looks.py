"""How pictures of evidence look: colours, axes, legends."""

from __future__ import annotations

import math
from typing import Any

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#999933")
"""Okabe and Ito's colours, then Tol's: told apart by colour-blind readers."""

STYLES = ("-", (0, (6, 1.5)), (0, (1.5, 1)))
"""Line styles, changed whenever the colours are used up."""

INK, MUTED, FAINT = "#1b1f24", "#66707b", "#d5dae0"
"""Text and marks; axes and notes; grid."""

SIZE = (5.2, 3.5)
"""Inches: small, so that letters are read on a telephone."""

FEW = 5
"""Up to this many labels stand within a picture."""


def frame(axes: Any) -> None:
    """Axes as all pictures have them: no box, a faint grid."""
    axes.set_facecolor("none")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    axes.tick_params(which="both", colors=MUTED, labelcolor=INK, labelsize=8.5, length=3)
    axes.tick_params(which="minor", length=0)
    axes.grid(visible=True, color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def say(axes: Any, title: str, x: str, y: str | None) -> None:
    """Title and names of the axes, with their units; no formulas are read into them."""
    axes.set_title(title, loc="left", fontsize=10, color=INK, parse_math=False)
    axes.set_xlabel(x, color=INK, fontsize=9, parse_math=False)
    if y is not None:
        axes.set_ylabel(y, color=INK, fontsize=9, parse_math=False)


def legend(axes: Any) -> None:
    """Where there is room for a few labels, else under the picture, which becomes higher for it."""
    lines = [line for line in axes.get_lines() if not line.get_label().startswith("_child")]
    labels = [line.get_label() for line in lines]
    look = {"fontsize": 8.5, "frameon": False, "labelcolor": INK}
    # Labels are set afterwards: matplotlib leaves out those that begin with "_", and reads formulas between "$".
    places = [str(number) for number in range(len(lines))]
    if len(labels) <= FEW:
        drawn = axes.legend(lines, places, loc="best", **look)
    else:
        columns = 3 if max(map(len, labels)) <= 16 else 2
        drawn = axes.figure.legend(lines, places, loc="outside lower center", ncols=columns, **look)
        axes.figure.set_figheight(SIZE[1] + 0.19 * math.ceil(len(labels) / columns))
    for text, label in zip(drawn.get_texts(), labels, strict=True):
        text.set_parse_math(False)
        text.set_text(label)


def logarithmic(axes: Any, which: str) -> None:
    """Logarithmic axes with plain numbers: 0.1, 1, 10; with 2 and 5 between them where there are few."""
    from matplotlib.ticker import LogLocator, NullFormatter

    for name in which:
        axis = axes.xaxis if name == "x" else axes.yaxis
        (axes.set_xscale if name == "x" else axes.set_yscale)("log")
        low, high = axis.get_view_interval()
        subs = (1.0,) if low <= 0 or high / low > 1e3 else (1.0, 2.0, 5.0)
        axis.set_major_locator(LogLocator(subs=subs))
        axis.set_major_formatter(_plain)
        axis.set_minor_formatter(NullFormatter())


def _plain(value: float, _: Any) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if 1e-6 <= value < 1 else f"{value:,.4g}" if value >= 1 else f"{value:.0e}"
