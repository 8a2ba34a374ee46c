"""Pictures of evidence: one function a kind, each with its title, axes and units."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UnsupportedError
from ..inputs.arguments import check_number
from ..inputs.wording import did_you_mean, shown
from ..pictures import Sheet
from .comparison import Comparison
from .evidence import Evidence
from .looks import COLOURS, INK, MUTED, SIZE, STYLES, frame, legend, logarithmic, say
from .phrases import with_interval
from .profiles import (
    Steps,
    anytime,
    data_profile,
    fair_target,
    has_sizes,
    performance_profile,
    shifted_exponential,
    time_to_target,
)
from .ranking import Ranking, rank
from .selection import PENALTY, frames_of

if TYPE_CHECKING:
    import pandas as pd

NAMED = 30
"""Up to this many instances bear their names."""

LONGEST = 20
"""Longer labels are cut in the middle beside a diagram: versions of a solver differ at their ends."""

LEAST_GAP = 1e-5
"""Where a logarithmic axis of gaps ends: a mean gap of 0 is drawn at its lower end."""


def draw(
    kind: str,
    runs: Any,
    traces: pd.DataFrame | None = None,
    path: str | os.PathLike[str] | None = None,
    *,
    solvers: Sequence[str] | None = None,
    budget: str | None = None,
    penalty: float = PENALTY,
    **options: Any,
) -> Any:
    """Draw runs.

    Parameters
    ----------
    kind : str
        - ``"gaps"``: mean gap of each solver with its interval;
        - ``"differences"``: how much better the second of two solvers is, on each instance;
        - ``"anytime"``: mean gap against time, with bands;
        - ``"profile"``: performance profile (Dolan and More 2002), ``measure="time"`` or ``"quality"``;
        - ``"data_profile"``: More and Wild (2009), ``tau=0.1``;
        - ``"time_to_target"``: Aiex, Resende and Ribeiro (2007);
        - ``"critical_difference"``: Demsar (2006), for three solvers or more.

        ``target`` (a gap, as a share) is what counts as solved in ``"profile"`` and ``"time_to_target"``; by default
        `bench.profiles.fair_target`. ``title`` replaces a picture's own.
    runs : Runs or DataFrame
        With columns of `bench.schema.RUN_COLUMNS`; ``solver``, ``instance`` and ``objective`` will do.
    traces : DataFrame, optional
        With the columns of `bench.schema.TRACE_COLUMNS`.
    path : path, optional
        Where to save the picture; the ending names the format (svg, png, pdf, ...).
    solvers, budget, penalty
        As of `bench.selection.select`.
    **options
        Of the kind.

    Returns
    -------
    matplotlib.figure.Figure
        It belongs to no window and needs no closing.

    Raises
    ------
    UnsupportedError
        For a kind, an option or an ending that is not known, a kind that these runs do not allow.
    """
    _picture(kind)
    if kind == "differences":
        from .comparison import compare

        runs, traces, solvers = frames_of(runs, traces, solvers)
        labels = tuple(solvers if solvers is not None else runs["solver"].unique())
        if len(labels) != 2:
            raise UnsupportedError(f"differences are of two solvers, not {len(labels)}; choose: solvers=('live', 'new')")
        evidence: Evidence = compare(runs, labels[0], labels[1], traces=traces, budget=budget, penalty=penalty)
    else:
        evidence = rank(runs, solvers, traces=traces, budget=budget, penalty=penalty)
    return draw_evidence(kind, evidence, path, **options)


def draw_evidence(
    kind: str,
    evidence: Evidence,
    path: str | os.PathLike[str] | None = None,
    *,
    title: str | None = None,
    dpi: int = 150,
    **options: Any,
) -> Any:
    """`draw` for a comparison or a ranking."""
    picture = _picture(kind)
    sheet = Sheet(path, None, dpi, SIZE)
    axes = sheet.figure.add_subplot()
    frame(axes)
    try:
        picture(axes, evidence, **options)
    except TypeError:
        known = picture.__kwdefaults__ or {}
        unknown = next((name for name in options if name not in known), None)
        if unknown is None:
            raise
        raise UnsupportedError(f"{kind!r} has no option {unknown!r}; known: {', '.join(known) or 'none'}") from None
    if title is not None:
        axes.set_title(title, loc="left", fontsize=10, color=INK, parse_math=False)
    return sheet.finish()


def _picture(kind: str) -> Callable[..., None]:
    if kind not in PICTURES:
        raise UnsupportedError(f"no picture {shown(kind)}{did_you_mean(kind, PICTURES)}; known: {', '.join(PICTURES)}")
    return PICTURES[kind]


# -- one kind each -----------------------------------------------------------------------------------------------------


def draw_gaps(axes: Any, evidence: Evidence) -> None:
    """Mean gap of each solver, with its bootstrap interval."""
    table = evidence.gaps.sort_values("mean", ascending=False, kind="stable").reset_index(drop=True)
    for place, row in table.iterrows():
        colour = _colour(evidence, row["solver"])
        if np.isfinite(row["low"]):
            axes.plot([100 * row["low"], 100 * row["high"]], [place, place], color=colour, linewidth=2, solid_capstyle="round")
        axes.plot(100 * row["mean"], place, marker="o", markersize=6, color=colour)
    axes.set_yticks(range(len(table)), table["solver"], parse_math=False)
    axes.set_ylim(-0.6, len(table) - 0.4)
    axes.grid(visible=False, axis="y")
    say(axes, f"Mean gap, with {_confidence(evidence)} intervals over instances", "gap to the best value known (%)", "")
    axes.figure.set_figheight(max(1.6, min(8.0, 1.0 + 0.32 * len(table))))


def draw_differences(axes: Any, evidence: Evidence) -> None:
    """By how many per cent the candidate is better on each instance, sorted; the mean and its interval."""
    if not isinstance(evidence, Comparison):
        raise UnsupportedError("differences are of two solvers: use runs.compare(a, b).plot('differences')")
    percent = (100 * evidence.differences.map(evidence.of_baseline)).sort_values()
    place = np.arange(len(percent))
    colours = [MUTED if d == 0 else COLOURS[1] if d > 0 else COLOURS[0] for d in percent]
    mean, low, high = evidence.percent
    axes.axvspan(low, high, color=COLOURS[1] if mean >= 0 else COLOURS[0], alpha=0.15, linewidth=0)
    axes.axvline(mean, color=INK, linewidth=1.2, linestyle=STYLES[1])
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.hlines(place, 0, percent, color=colours, linewidth=1.0, alpha=0.6)
    axes.scatter(percent, place, s=14 if len(percent) <= 100 else 5, color=colours, zorder=3, linewidths=0)
    if len(percent) <= NAMED:
        axes.set_yticks(place, [str(name) for name in percent.index], fontsize=8, parse_math=False)
        axes.figure.set_figheight(max(SIZE[1] * 0.6, 1.2 + 0.17 * len(percent)))
    else:
        axes.set_yticks([])
        axes.set_ylabel(f"{len(percent)} {evidence.unit}s, sorted", color=INK, fontsize=9)
    axes.grid(visible=False, axis="y")
    title = f"{evidence.candidate} against {evidence.baseline}: {with_interval(mean, low, high)}"
    say(axes, title, f"← {evidence.baseline} better     {evidence.candidate} better →\n(% of {evidence.basis})", None)


def draw_anytime(axes: Any, evidence: Evidence) -> None:
    """Mean primal gap against time, with bootstrap bands over the instances."""
    curves = anytime(evidence.incumbents, alpha=evidence.alpha)
    least = max(LEAST_GAP, float(curves.mean[curves.mean > 0].min(initial=1.0)) / 2)
    for label, mean, low, high in zip(curves.solvers, curves.mean, curves.low, curves.high, strict=True):
        look = _look(evidence, label)
        axes.plot(curves.seconds, 100 * np.maximum(mean, least), label=label, **look)
        limits = (100 * np.maximum(bound, least) for bound in (low, high))
        axes.fill_between(curves.seconds, *limits, color=look["color"], alpha=0.18, linewidth=0)
    axes.set_xlim(curves.seconds[0], curves.seconds[-1])
    axes.set_ylim(100 * least, min(110.0, max(130 * float(curves.high.max()), 200 * least)))
    logarithmic(axes, "xy")
    say(axes, f"Mean gap against time, with {_confidence(evidence)} bands", "wall clock (s)", "primal gap (%)")
    legend(axes)


def draw_profile(axes: Any, evidence: Evidence, *, measure: str = "time", target: float | None = None) -> None:
    """Dolan and More's performance profile of the time to a gap, or of the final quality."""
    if measure not in ("time", "quality"):
        raise UnsupportedError(f"measure is {shown(measure)}; expected 'time' or 'quality'")
    gap = _target(evidence, target)
    steps = performance_profile(evidence.incumbents, measure, gap)
    what = f"time to a gap of {_gap(gap)}" if measure == "time" else "final objective"
    _draw_steps(axes, evidence, steps, left=1.0)
    if measure == "time":
        logarithmic(axes, "x")
    say(axes, f"Performance profile: {what}", "factor τ of the best solver's", "problems solved within τ (%)")


def draw_data_profile(axes: Any, evidence: Evidence, *, tau: float = 0.1) -> None:
    """More and Wild's data profile."""
    if not 0 < check_number("tau", tau) < 1:
        raise UnsupportedError(f"tau is {shown(tau)}; expected a share between 0 and 1")
    _draw_steps(axes, evidence, data_profile(evidence.incumbents, tau), left=None)
    logarithmic(axes, "x")
    unit = "wall clock divided by size + 1 (s)" if has_sizes(evidence.selection) else "wall clock (s)"
    say(axes, f"Data profile: {100 * (1 - tau):g} % of the way to the best", unit, "problems solved (%)")


def draw_time_to_target(axes: Any, evidence: Evidence, *, target: float | None = None) -> None:
    """The distribution of the time to a gap; for a single instance, beside the shifted exponential that fits it."""
    gap = _target(evidence, target)
    steps = time_to_target(evidence.incumbents, gap)
    for label, x, share in zip(steps.solvers, steps.x, steps.share, strict=True):
        look = _look(evidence, label)
        axes.plot(x, 100 * share, marker="o" if len(x) <= NAMED else "", markersize=3, label=label, **look)
        if len(evidence.selection.instances) == 1 and len(x) == steps.problems >= 4:
            shift, mean = shifted_exponential(x)
            times = np.linspace(max(shift, 0.0), float(x[-1]) * 1.2, 200)
            axes.plot(times, 100 * -np.expm1(-(times - shift) / mean), color=look["color"], linewidth=0.8, linestyle=STYLES[1])
    if min((x[0] for x in steps.x if len(x)), default=0.0) > 0:
        logarithmic(axes, "x")
    axes.set_ylim(0, 101)
    say(axes, f"Time to a gap of {_gap(gap)}", "wall clock (s)", "runs that are there (%)")
    legend(axes)


def draw_critical_difference(axes: Any, evidence: Evidence) -> None:
    """Demsar's critical-difference diagram: mean ranks, solvers that Nemenyi's test does not tell apart joined by a bar."""
    if not isinstance(evidence, Ranking) or evidence.ranks is None:
        raise UnsupportedError("a critical-difference diagram needs three solvers and two instances or more; for two, compare them")
    ranks = dict(sorted(evidence.mean_ranks.items(), key=lambda item: item[1]))
    k, width = len(ranks), evidence.critical_difference
    half = (k + 1) // 2
    groups = evidence.groups
    top = 0.35 * len(groups) + 0.4
    axes.set_axis_off()
    axes.hlines(0, 1, k, color=INK, linewidth=1.2)
    for tick in range(1, k + 1):
        axes.vlines(tick, 0, 0.18, color=INK, linewidth=1.0)
        axes.text(tick, 0.28, str(tick), ha="center", va="bottom", fontsize=8, color=INK)
    margin = max(0.25, 0.06 * (k - 1))
    for place, (label, value) in enumerate(ranks.items()):
        left = place < half
        depth = -top - 0.55 * (place if left else k - 1 - place)
        end = 1 - margin if left else k + margin
        axes.plot([value, value, end], [0, depth, depth], color=_colour(evidence, label), linewidth=1.4)
        name = label if len(label) <= LONGEST else f"{label[: LONGEST // 2]}…{label[1 - LONGEST // 2 :]}"
        text = f"{name}  {value:.2f}" if left else f"{value:.2f}  {name}"
        axes.text(
            end,
            depth,
            f"{text} " if left else f" {text}",
            ha="right" if left else "left",
            va="center",
            fontsize=9,
            color=INK,
            parse_math=False,
        )
    for row, group in enumerate(groups):
        height = -0.35 - 0.35 * row
        axes.plot(
            [ranks[group[0]] - 0.03, ranks[group[-1]] + 0.03], [height, height], color=INK, linewidth=3.5, solid_capstyle="butt"
        )
    axes.plot([1, 1 + min(width, k - 1)], [1.15, 1.15], color=MUTED, linewidth=1.6, marker="|", markersize=7)
    axes.text(
        1,
        1.35,
        f"critical difference {width:.2f}" + (" (more than all ranks)" if width > k - 1 else ""),
        fontsize=8,
        color=MUTED,
        va="bottom",
    )
    axes.set_ylim(-top - 0.55 * half, 2.0)
    beside = (0.55 + 0.068 * min(LONGEST, max(map(len, ranks)))) / SIZE[0]  # share of the width that a label needs
    reach = (k - 1) * beside / (1 - 2 * beside)
    axes.set_xlim(1 - reach, k + reach)
    axes.set_title("Mean ranks, and who is not told apart (Nemenyi)", loc="left", fontsize=10, color=INK)
    axes.figure.set_figheight(max(1.8, 1.1 + 0.2 * len(groups) + 0.3 * half))


PICTURES: dict[str, Callable[..., None]] = {
    "gaps": draw_gaps,
    "differences": draw_differences,
    "anytime": draw_anytime,
    "profile": draw_profile,
    "data_profile": draw_data_profile,
    "time_to_target": draw_time_to_target,
    "critical_difference": draw_critical_difference,
}

# -- what they share ---------------------------------------------------------------------------------------------------


def _draw_steps(axes: Any, evidence: Evidence, steps: Steps, left: float | None) -> None:
    finite = np.concatenate([*steps.x, np.array([] if left is None else [left])])
    if not len(finite):
        axes.text(0.5, 0.5, "no run got there", transform=axes.transAxes, ha="center", color=MUTED)
        finite = np.array([1.0])
    begin = left if left is not None else float(finite[finite > 0].min(initial=1.0)) * 0.8
    # Of factors that are all 1 the axis would have no width to show them in.
    end = 2 * begin if float(finite.max()) <= begin * (1 + 1e-9) else max(float(finite.max()) * 1.05, begin * 1.02)
    for label, x, share in zip(steps.solvers, steps.x, steps.share, strict=True):
        xs, shares = (
            np.concatenate([[begin], np.maximum(x, begin), [end]]),
            np.concatenate([[0.0], share, share[-1:] if len(share) else [0.0]]),
        )
        axes.step(xs, 100 * shares, where="post", label=label, **_look(evidence, label))
    axes.set_xlim(begin, end)
    axes.set_ylim(0, 101)
    legend(axes)


def _look(evidence: Evidence, label: str) -> dict[str, Any]:
    place = evidence.selection.solvers.index(label)
    return {"color": COLOURS[place % len(COLOURS)], "linestyle": STYLES[place // len(COLOURS) % len(STYLES)], "linewidth": 1.6}


def _colour(evidence: Evidence, label: str) -> str:
    return str(_look(evidence, label)["color"])


def _gap(target: float) -> str:
    return f"{100 * target:g} %"


def _target(evidence: Evidence, target: float | None) -> float:
    if target is None:
        return fair_target(evidence.selection)
    if not 0 <= check_number("target", target) < math.inf:
        raise UnsupportedError(f"target is {shown(target)}; expected a gap as a share: 0.01 is 1 %")
    return target


def _confidence(evidence: Evidence) -> str:
    return f"{100 * (1 - evidence.alpha):g} %"
