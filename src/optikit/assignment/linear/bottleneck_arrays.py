"""What the kernel of bottlenecks reads and writes: every array once.

Costs are compared and never added, so the kernel sees ints and floats alike as 64-bit keys in the same order (`level`).
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, i4, i8, scalar, u1

FREE = -1
OUT = -2
"""What `Levels.column_of` says of a row without a column: not yet one, or left out."""

# Slots of Levels.words.
CURSOR = 0  # the next row that a search may begin at
ROOT = 1  # where the search began; -1 before the next
NUM_TREE = 2  # rows on the tree
NUM_SCANNED = 3  # of those, rows whose columns have been looked at
END = 4  # where the path ends: a column with room, OUT - row where that row goes out, or FREE
MARK = 5  # rows on the tree when the threshold rose last in this search; 0 for never
NUM_HALL = 6  # rows in `hall`
EXIT = 7  # the row on the tree that goes out at the least, -1 for none
WORK = 8  # entries since the last look at the clock
PATHS = 9
THRESHOLD = 10  # pairs up to this key may be used
WORDS = 12


class Table(Arrays):
    """Costs as 64-bit words: row by row, or of a sparse problem the entries of each row."""

    num_rows = scalar(i8, "rows")
    num_columns = scalar(i8, "columns")
    num_costs = scalar(i8, "rows times columns, or the entries")
    num_entries = scalar(i8, "entries of a sparse problem, else 0")
    num_ends = scalar(i8, "rows and one of a sparse problem, else 0")
    flip = scalar(i8, "2**63 - 1 where the words are floats, whose negative ones stand the wrong way round; else 0")
    turn = scalar(i8, "-1 where the least is to be as great as can be: all the other way round; else 0")
    far = scalar(i8, "keys from here on are forbidden")
    cost = array(i8, "num_costs", "the costs' bits")
    column = array(i4, "num_entries", "column of an entry")
    first = array(i8, "num_ends", "where the entries of a row begin")


class Levels(Arrays):
    """A matching in the making, the threshold, and the search for a path below it."""

    num_rows = scalar(i8, "as in the Table")
    num_columns = scalar(i8, "as in the Table")
    words = array(i8, "12", "see the slots above", mutable=True)
    leave = array(i8, "num_rows", "key at which a row may be left out; far or more: never")
    room = array(i8, "num_columns", "rows that a column takes")
    column_of = array(i4, "num_rows", "column of a row; FREE or OUT", mutable=True)
    load = array(i8, "num_columns", "rows that a column has", mutable=True)
    first_of = array(i4, "num_columns", "the first of these, -1 for none", mutable=True)
    next_of = array(i4, "num_rows", "the row after this one in its column, -1 for none", mutable=True)
    before = array(i4, "num_rows", "the row before it", mutable=True)
    via = array(i4, "num_columns", "the row from which a column is reached, or would be at least cost", mutable=True)
    key = array(i8, "num_columns", "that cost; far where no row on the tree can go there", mutable=True)
    reached = array(u1, "num_columns", "1 where a column is on the tree", mutable=True)
    tree = array(i4, "num_rows", "rows on the tree, in the order in which they came", mutable=True)
    hall = array(
        i4, "num_rows", "rows on the tree when the threshold last rose: all their cheaper columns are full of them", mutable=True
    )
