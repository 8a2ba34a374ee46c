"""Numbers as they stand in sentences: as many digits as they deserve, and never rounded across the border that matters."""

from __future__ import annotations

import math

MOST_DECIMALS = 6


def decimals_for(value: float, low: float, high: float) -> int:
    """Decimals such that an interval's width has two digits, its mean at most four, and no limit but 0 looks like 0."""
    scale = max(high - low if math.isfinite(high - low) else 0.0, abs(value) / 100 if math.isfinite(value) else 0.0)
    decimals = min(max(1 - math.floor(math.log10(scale)), 0), MOST_DECIMALS) if scale > 0 else 1
    while decimals < MOST_DECIMALS and any(limit != 0 and float(f"{limit:.{decimals}f}") == 0 for limit in (low, high)):
        decimals += 1
    return decimals


def percent(share: float, decimals: int = 2) -> str:
    """``0.0412`` as ``"4.12 %"``."""
    return f"{fixed(100 * share, decimals)} %"


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals, thousands apart, and no minus before nothing but zeros."""
    if not math.isfinite(value):
        return "unlimited" if value > 0 else "-unlimited" if value < 0 else "unknown"
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def with_interval(value: float, low: float, high: float, unit: str = " %") -> str:
    """``"4.1 % [3.6, 4.7]"``: the unit after the value alone."""
    decimals = decimals_for(value, low, high)
    return f"{fixed(value, decimals)}{unit} [{fixed(low, decimals)}, {fixed(high, decimals)}]"


def amount(value: float, low: float, high: float, unit: str) -> str:
    """``"12,300 EUR [10,800, 14,100]"``: three digits of the largest, in a unit that the user has named."""
    largest = max(abs(x) for x in (value, low, high) if math.isfinite(x))
    place = 2 - math.floor(math.log10(largest)) if largest > 0 else 0

    def text(x: float) -> str:
        rounded = round(x, place) if math.isfinite(x) else x
        return fixed(rounded, max(0, place))

    return f"{text(value)} {unit} [{text(low)}, {text(high)}]"


def p_value(p: float, alpha: float = 0.05) -> str:
    """``"p < 0.001"``, else two digits; more where two would hide on which side of alpha it lies."""
    if p < 0.001:
        return "p < 0.001"
    if p > 0.995:
        return "p = 1"
    for digits in range(2, 8):
        shown = float(f"{p:.{digits}g}")
        if (shown <= alpha) == (p <= alpha) and (shown != alpha or p == alpha):
            break
    return f"p = {shown:g}"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """``"1 run"``, ``"2,000 runs"``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def several(counts: tuple[int, int], noun: str) -> str:
    """``"5 seeds"`` or ``"3 to 5 seeds"``."""
    least, most = counts
    return plural(most, noun) if least == most else f"{least} to {most} {noun}s"


def short(value: float) -> str:
    """Two digits, whole numbers in full."""
    if not math.isfinite(value):
        return "any size" if value > 0 else "unknown"
    return f"{value:.2g}" if abs(value) < 99.5 else f"{value:,.0f}"
