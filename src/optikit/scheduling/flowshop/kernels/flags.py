"""How the best place of a job is found, one way a variant, so that the others are not even compiled."""

from optikit.kernels.jit import Flag

IS_SHORT = Flag("makespan of plain lines, in 32 bits: Taillard's acceleration over all places at once")
IS_LINES = Flag("makespan of lines with setups, releases, blocking or without waiting: the same in 64 bits")
IS_FLOW = Flag("total flow time of lines: recounted from the place on, while it may still be the best")
IS_RIGID = Flag("jobs that do not wait and have no release: a matrix of delays, one look a place, either objective")
IS_LISTED = Flag("several machines a stage: the line-up is list-scheduled, either objective")

_NAMES = {"short": "IS_SHORT", "lines": "IS_LINES", "flow": "IS_FLOW", "rigid": "IS_RIGID", "listed": "IS_LISTED"}

VARIANTS = {name: {flag: flag == own for flag in _NAMES.values()} for name, own in _NAMES.items()}
