"""What the kernels of linear assignment read and write: every array once.

Floats and whole numbers have structures of their own with the same members, so that one source serves both. Inside a kernel the
problem is always: every row gets a column, or goes out at its own cost, and the sum of costs is least; `sign` sees to maximising.
The price of a column is its dual variable with the sign turned: a row chooses by cost plus price.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1

KEEP = 16
"""Columns in the list of a row where the matrix is dense."""

FREE = -1
OUT = -2
"""What `State.column_of` says of a row without a column: not yet one, or left out at its cost."""

# Slots of State.words.
PHASE = 0  # a code of kernels/phases.py
CURSOR = 1  # how far the phase has come
NUM_FREE = 2  # rows in `free`
NUM_LEFT = 3  # of those, rows that the phase has put off
ROW = 4  # the row whose turn it is, or for whom (for which column) a search is under way; -1 for none
BUDGET = 5  # bids that the phase may still make
END = 6  # where the shortest path so far ends: a column, OUT - row where that row goes out, or -1
NUM_HEAP = 7
HEAD = 8  # columns of `done` whose owners have been looked at
NUM_TOUCHED = 9
NUM_DONE = 10
WORK = 11  # since the last look at the clock
SCANS = 12  # of whole rows
BIDS = 13
PATHS = 14  # augmentations
ROUND = 15
NUM_ROUNDS = 16  # of the auction
EFFORT = 17  # entries read by the search for paths
EFFORT_LIMIT = 18  # after so much an auction is thought of
ROOT = 19  # the row at which the search begins, until it has been looked at; -1
OUT_ROW = 20  # rows before it that are out are on the tree, while a column is brought to its floor

# Slots of State.measure.
REACHED = 0  # the distance up to which columns are settled
SPREAD = 2  # of the list of the row that was read last; negative for unknown
CUT = 1  # the length of the shortest path so far; far where there is none


class Matrix(Arrays):
    """A dense matrix; infinity times the sign is a forbidden pair."""

    num_rows = scalar(i8, "rows")
    num_columns = scalar(i8, "columns")
    num_costs = scalar(i8, "rows times columns; 0 where the problem is sparse")


class FloatMatrix(Matrix):
    """In floats."""

    sign = scalar(f8, "1 to minimise, -1 to maximise, times a power of two where sums would overflow")
    limit = scalar(f8, "costs times the sign are above -limit, and up to limit where they are up to `most`")
    most = scalar(f8, "the greatest finite number")
    cost = array(f8, "num_costs", "row by row")


class WholeMatrix(Matrix):
    """In integers."""

    sign = scalar(i8, "1 to minimise, -1 to maximise")
    limit = scalar(i8, "as in FloatMatrix")
    most = scalar(i8, "the greatest number")
    cost = array(i8, "num_costs", "row by row")


class Lists(Arrays):
    """For each row the columns that cost it least at present prices, and what any other would cost it at least."""

    num_rows = scalar(i8, "rows")
    num_entries = scalar(i8, "KEEP * num_rows of a dense matrix, every entry of a sparse one")
    num_blocks = scalar(i8, "blocks of a row of a dense matrix: num_columns / 16, rounded up, each of 4 groups; 0 if sparse")
    first = array(i8, "num_rows", "where the list of a row begins")
    last = array(i8, "num_rows", "where it ends", mutable=True)
    column = array(i4, "num_entries", "columns in the list", mutable=True)
    item = array(i4, "24", "columns of a list in the making", mutable=True)
    block = array(i4, "num_blocks + 1", "blocks with entries for the list in the making", mutable=True)
    hit = array(i4, "4 * num_blocks + 1", "their groups with such entries", mutable=True)


class FloatLists(Lists):
    """In floats."""

    cost = array(f8, "num_entries", "their costs, times the sign", mutable=True)
    beyond = array(f8, "num_rows", "cost plus price of every other column is at least this", mutable=True)
    least = array(f8, "4 * num_blocks", "least cost plus price in each group of the row that is read", mutable=True)
    lowest = array(f8, "num_blocks", "the same in each block", mutable=True)
    key = array(f8, "24", "their cost plus price", mutable=True)


class WholeLists(Lists):
    """In integers."""

    cost = array(i8, "num_entries", "their costs, times the sign", mutable=True)
    beyond = array(i8, "num_rows", "cost plus price of every other column is at least this", mutable=True)
    least = array(i8, "4 * num_blocks", "least cost plus price in each group of the row that is read", mutable=True)
    lowest = array(i8, "num_blocks", "the same in each block", mutable=True)
    key = array(i8, "24", "their cost plus price", mutable=True)


class State(Arrays):
    """A matching in the making, its prices, and the search for a path."""

    num_rows = scalar(i8, "rows")
    num_columns = scalar(i8, "columns")
    words = array(i8, "24", "see the slots above", mutable=True)
    column_of = array(i4, "num_rows", "column of a row; FREE or OUT", mutable=True)
    owner = array(i4, "num_columns", "row of a column, -1 for none", mutable=True)
    free = array(i4, "num_rows", "rows that wait for a column", mutable=True)
    via = array(i4, "num_columns", "the row before a column on its path; -1 where the path begins at the column", mutable=True)
    settled = array(u1, "num_columns", "1 where the distance is final", mutable=True)
    touched = array(i4, "num_columns", "columns with a distance", mutable=True)
    done = array(i4, "num_columns", "columns whose distance is final, in the order in which it became so", mutable=True)
    heap = array(i4, "num_rows + num_columns", "columns, and rows (+ num_columns) whose other entries are due", mutable=True)
    place = array(i4, "num_rows + num_columns", "where a column or row stands in the heap, -1 for nowhere", mutable=True)


class FloatState(State):
    """In floats."""

    slack = scalar(f8, "a pair is tight where it misses by so much of its numbers: rounding")
    far = scalar(f8, "infinity")
    price = array(f8, "num_columns", "of a column", mutable=True)
    floor = array(f8, "num_columns", "what the price is where nobody owns the column")
    out = array(f8, "num_rows", "what it costs to leave the row out; far where that is not allowed")
    held = array(f8, "num_rows", "cost of the pair that a row is in", mutable=True)
    base = array(f8, "num_rows", "distance of a row on the tree of paths, less cost plus price of its pair", mutable=True)
    distance = array(f8, "num_columns", "of a column from where the search began", mutable=True)
    heap_key = array(f8, "num_rows + num_columns", "distances of what is in the heap", mutable=True)
    epsilon = array(f8, "16", "of each round of the auction: by how much a row may miss its best", mutable=True)
    measure = array(f8, "4", "see the slots above", mutable=True)


class WholeState(State):
    """In integers."""

    slack = scalar(i8, "a pair is tight where it misses by so much of its numbers: rounding")
    far = scalar(i8, "more than any sum")
    price = array(i8, "num_columns", "of a column", mutable=True)
    floor = array(i8, "num_columns", "what the price is where nobody owns the column")
    out = array(i8, "num_rows", "what it costs to leave the row out; far where that is not allowed")
    held = array(i8, "num_rows", "cost of the pair that a row is in", mutable=True)
    base = array(i8, "num_rows", "distance of a row on the tree of paths, less cost plus price of its pair", mutable=True)
    distance = array(i8, "num_columns", "of a column from where the search began", mutable=True)
    heap_key = array(i8, "num_rows + num_columns", "distances of what is in the heap", mutable=True)
    epsilon = array(i8, "16", "of each round of the auction: by how much a row may miss its best", mutable=True)
    measure = array(i8, "4", "see the slots above", mutable=True)


# How a small matrix went.
SOLVED = 0
NO_MATCHING = 1
BAD_COST = 2  # what is no number, or too great for this way
TOO_HARD = 3  # paths are long: lists, and an auction, take less


class Costs(Arrays):
    """One small dense matrix, where it is."""

    num_costs = scalar(i8, "rows times columns, at least")
    cost = array(f8, "num_costs", "row by row; infinity is a forbidden pair")


class Batch(Arrays):
    """Small dense matrices, one behind the other."""

    num_matrices = scalar(i8, "matrices")
    num_costs = scalar(i8, "entries of them all")
    num_lines = scalar(i8, "rows of them all")
    sign = scalar(f8, "1 to minimise, -1 to maximise")
    limit = scalar(f8, "costs are less than this, and more than -limit")
    first = array(i8, "num_matrices", "where the costs of a matrix begin")
    line = array(i8, "num_matrices", "where its rows begin in column_of")
    rows = array(i4, "num_matrices", "its rows")
    columns = array(i4, "num_matrices", "its columns")
    column_of = array(i8, "num_lines", "the column of each row; -1 for none", mutable=True)
    status = array(u1, "num_matrices", "SOLVED, NO_MATCHING, BAD_COST or TOO_HARD", mutable=True)


class FloatBatch(Batch):
    """In floats."""

    cost = array(f8, "num_costs", "row by row")


class WholeBatch(Batch):
    """In integers."""

    cost = array(i8, "num_costs", "row by row")


class Desk(Arrays):
    """Room to solve one matrix at a time, at most `size` by `size`, turned so that it has no more rows than columns."""

    size = scalar(i8, "rows or columns at most")
    num_costs = scalar(i8, "costs of a matrix at most, where it is copied here")
    far = scalar(f8, "infinity")
    column_of = array(i4, "size", "column of a row", mutable=True)
    owner = array(i4, "size", "row of a column, -1 for none", mutable=True)
    free = array(i4, "size", "rows without a column", mutable=True)
    order = array(i4, "size", "columns whose distance is final, in turn", mutable=True)
    base = array(f8, "size", "distances of their owners, less cost plus price of the pair", mutable=True)
    cost = array(f8, "num_costs", "times the sign", mutable=True)
    price = array(f8, "size", "of a column", mutable=True)
    distance = array(f8, "size", "of a column from the row that seeks one; -far once it is final", mutable=True)
    final = array(f8, "size", "the distances of `order`", mutable=True)
