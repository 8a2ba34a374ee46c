"""One array of every dtype."""

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1, u4, u8


class Bag(Arrays):
    """Everything a structure can hold."""

    size = scalar(i8, "elements of each array")
    weight = scalar(f8, "a factor")
    mask = scalar(u8, "64 bits")
    source = array(i8, "size", "read, never written")
    small = array(i4, "size", "narrow and signed", mutable=True)
    byte = array(u1, "size", "narrow and unsigned", mutable=True)
    word = array(u4, "size", "half a word", mutable=True)
    big = array(i8, "size", "wide and signed", mutable=True)
    bits = array(u8, "size", "wide and unsigned", mutable=True)
    real = array(f8, "size", "floats", mutable=True)
