"""The words that refusals share: a value as it is shown, a name that was nearly right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

import numpy as np

STOP_REASONS = {
    "proven": "the answer is proved",
    "time": "the time limit",
    "iterations": "the iteration limit",
    "stalled": "no improvement for the iterations allowed",
    "target": "the target was reached",
    "gap": "the gap was reached",
    "cancelled": "cancelled",
    "exhausted": "the solver had nothing more to try",
    "failed": "the engine died or refused",
}
"""Why solvers end (`optikit.StopReason`), in words."""


def shown(value: object) -> str:
    """A value as it stands in a message: on one line, and not for pages."""
    if isinstance(value, np.generic) and value.dtype.kind not in "mM":  # of dates and durations a bare count would be left
        value = value.item()
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an int of {value.bit_length()} bits"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def an(kind: type) -> str:
    """The name of a class with its article: ``"a Tour"``, ``"an int"``, ``"an HGS"``."""
    name = kind.__name__
    spelt = name[:2].isupper() or name.startswith("nd")  # letter by letter: an ndarray
    return f"{'an' if name[:1] in ('AEFHILMNORSXn' if spelt else 'AEIOaeio') else 'a'} {name}"


def several(items: Sequence[object]) -> str:
    """What is said of each of some, on one line: the first five, and how many there are besides."""
    said = "; ".join(str(item) for item in items[:5])
    return said if len(items) <= 5 else f"{said}; and {len(items) - 5} more"


def comma(value: object) -> str:
    """What to do about text such as ``"3,5"`` in the place of a number, if that is what it is."""
    if not isinstance(value, str) or not re.fullmatch(r"[-+]?[\d.,' ]*\d,\d+", value):
        return ""
    return "; it has a decimal comma: write a point, or read the table by pandas.read_csv(path, decimal=',')"


def convertible(value: object) -> str:
    """What to do about text, Decimal or Fraction in the place of a number, if that is what it is."""
    if isinstance(value, bool | np.generic):  # the truth, and durations without their unit, are no numbers either
        return ""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return comma(value)
    return ", such as float(...) makes of it"


def amount(value: float) -> str:
    """A number for a sentence: thousands apart; ints with all digits, floats with six, and powers of ten beyond counting."""
    if isinstance(value, int | np.integer):
        return f"{int(value):,}"
    size = abs(value)
    return f"{float(value):,.6g}" if size < 1e6 else f"{float(value):,.0f}" if size < 1e15 else f"{float(value):.6g}"


def figure(value: float) -> str:
    """A number of a result: thousands apart, whole numbers with all digits, others with ten."""
    if isinstance(value, int | np.integer) or (abs(value) < 1e15 and value == int(value)):
        return f"{int(value):,}"
    return f"{value:,.10g}"


def html_table(text: str) -> str:
    """Lines of a word and what is said of it, as a table for a notebook."""
    from html import escape

    left = "style='text-align:left'"
    rows = (line.partition(" ") for line in text.splitlines())
    cells = "".join(f"<tr><th {left}>{escape(key)}</th><td {left}>{escape(said.strip())}</td></tr>" for key, _, said in rows)
    return f"<table>{cells}</table>"


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """``"; did you mean 'savings'?"`` for a name that is near one of the ``known``, else nothing."""
    near = difflib.get_close_matches(str(name), [str(other) for other in known], 1)
    return f"; did you mean {near[0]!r}?" if near else ""
