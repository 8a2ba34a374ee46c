"""The phases of a solve, in order, and when to look at the clock."""

from optikit.kernels.control import out_of_time
from optikit.kernels.jit import inline

from ..arrays import WORK

START = 0  # every row takes its best column, if that is free or already its own
REDUCE = 1  # augmenting row reduction
SEEK = 2  # the shortest augmenting path of every row that is left
HARD = 3  # that takes long, and Python is to say whether an auction comes first
AUCTION = 4
RESTART = 5  # START again, at the prices of the auction
REPAIR = 6  # columns that nobody owns go back to their floor
DONE = 7
INFEASIBLE = 8  # rows on the tree reach too few columns
INVALID = 9  # a cost that is no number, or too great; CURSOR is its row

A_LOOK = 30_000  # entries that are read between two looks at the clock


@inline
def enough(s, c):
    """Whether to return to Python, asked often and found out seldom."""
    if s.words[WORK] < A_LOOK:
        return False
    s.words[WORK] = 0
    return out_of_time(c)
