"""Random variates and the temperature by + - * / alone, so that every machine draws the same."""

from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import unit


@inline
def exponential(r):
    """An exponential variate of mean 1: -ln(U), by halving into [1/2, 1) and the series of artanh (error 1e-9)."""
    mantissa = (unit(r) + 1.1102230246251565e-16) * 0.5  # in (0, 1/2]: ln 2 is taken off below
    halvings = -1
    while mantissa < 0.5:
        mantissa = mantissa * 2.0
        halvings += 1
    t = (1.0 - mantissa) / (1.0 + mantissa)  # -ln(m) = 2 artanh(t), 0 <= t <= 1/3
    q = t * t
    series = 1.0 / 13.0 + q * (1.0 / 15.0 + q * (1.0 / 17.0))
    series = 1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * series))
    series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * series))
    return halvings * 0.6931471805599453 + 2.0 * t * series


@inline
def decay(rate):
    """exp(-rate) for rate >= 0: Taylor's polynomial of rate/64, to the power 64."""
    x = rate * 0.015625
    e = 1.0 / (1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0))))))
    e = e * e
    e = e * e
    e = e * e
    e = e * e
    e = e * e
    return e * e


@inline
def logarithm(z):
    """ln(z) for z >= 1, as in `exponential`."""
    doublings = 0
    while z > 1.0:
        z = z * 0.5
        doublings += 1
    t = (1.0 - z) / (1.0 + z)
    q = t * t
    series = 1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q * (1.0 / 15.0))))
    series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * series))
    return doublings * 0.6931471805599453 - 2.0 * t * series


@inline
def until_blink(r, blink):
    """How many improving positions are seen before one is overlooked: a geometric variate.

    One draw in 1/blink positions instead of one a position; the law is the same.
    """
    if blink <= 0.0:
        return 1 << 40
    return i8(exponential(r) / logarithm(1.0 / (1.0 - blink)))
