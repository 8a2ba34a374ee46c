"""What the kernel of columns with capacities reads and writes: every array once.

Places where a row can be are the columns and, behind them, one for rows that are left out. As in `arrays`, floats and whole numbers
have structures of their own, costs are minimised, and the price of a column is its dual variable with the sign turned.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1

NONE = -1
STALE = -2
"""What `Semi.pair_row` says: no row can make the move; the row that was cheapest has gone, and the cost is at least what it was."""

# Slots of Semi.words.
PHASE = 0
CURSOR = 1  # how far the phase has come
NUM_FREE = 2  # rows in `free`
END = 3  # where the shortest path so far ends, -1 for nowhere
NUM_TOUCHED = 4
NUM_DONE = 5
WORK = 6  # since the last look at the clock
NUM_HEAP = 7  # where kernels/heap.py has it
PATHS = 8
ROW = 9  # the row for which there is no path

# Slots of Semi.measure.
REACHED = 0  # the distance up to which places are settled
CUT = 1  # the length of the shortest path so far

# Phases.
START = 0  # every row takes its best place, if there is room
SEEK = 1  # the shortest augmenting path of every row that is left
FILL = 2  # columns that must be filled draw rows from elsewhere
DONE = 3
SHORT_OF_PLACES = 4  # the rows on the tree have no more places
SHORT_OF_ROWS = 5  # the columns on the tree draw no more rows


class Semi(Arrays):
    """The problem, a matching in the making, and the search for a path."""

    num_rows = scalar(i8, "rows")
    num_columns = scalar(i8, "columns")
    num_places = scalar(i8, "columns and one: where rows are left out")
    num_costs = scalar(i8, "rows times columns, or entries")
    num_entries = scalar(i8, "entries of a sparse problem; 0 of a dense one")
    num_ends = scalar(i8, "rows and one of a sparse problem, else 0")
    num_pairs = scalar(i8, "places times places; 0 where no table of moves is kept")
    column = array(i4, "num_entries", "column of an entry")
    first = array(i8, "num_ends", "where the entries of a row begin")
    words = array(i8, "10", "see the slots above", mutable=True)
    room = array(i8, "num_places", "rows that a place takes")
    must = array(u1, "num_columns", "1 where a column has to be filled")
    load = array(i8, "num_places", "rows that it has", mutable=True)
    column_of = array(i4, "num_rows", "place of a row, -1 for none", mutable=True)
    first_of = array(i4, "num_places", "the first row of a place, -1 for none", mutable=True)
    next_of = array(i4, "num_rows", "the row after this one in its place, -1 for none", mutable=True)
    before = array(i4, "num_rows", "the row before it", mutable=True)
    free = array(i4, "num_rows", "rows that wait for a place", mutable=True)
    fresh = array(u1, "num_places", "1 where the moves from a place are in the table", mutable=True)
    pair_row = array(i4, "num_pairs", "the row that moves from one place to another at least cost; NONE or STALE", mutable=True)
    via = array(i4, "num_places", "the row that moves on the path", mutable=True)
    onto = array(i4, "num_places", "the place to which it does, where paths are sought backwards", mutable=True)
    touched = array(i4, "num_places", "places with a distance", mutable=True)
    done = array(i4, "num_places", "places whose distance is final", mutable=True)
    heap = array(i4, "num_places", "places by distance", mutable=True)
    place = array(i4, "num_places", "where a place stands in the heap, -1 for nowhere", mutable=True)


class FloatSemi(Semi):
    """In floats."""

    sign = scalar(f8, "1 to minimise, -1 to maximise")
    far = scalar(f8, "infinity")
    cost = array(f8, "num_costs", "row by row")
    out = array(f8, "num_rows", "what it costs to leave a row out; far where that is not allowed")
    floor = array(f8, "num_places", "what the price is while there is room; not of columns that must be filled")
    price = array(f8, "num_places", "of a place", mutable=True)
    held = array(f8, "num_rows", "cost of the row where it is", mutable=True)
    pair = array(f8, "num_pairs", "the least cost of a move from one place to another", mutable=True)
    distance = array(f8, "num_places", "of a place from where the search began", mutable=True)
    heap_key = array(f8, "num_places", "distances of what is in the heap", mutable=True)
    measure = array(f8, "2", "see the slots above", mutable=True)


class WholeSemi(Semi):
    """In integers."""

    sign = scalar(i8, "1 to minimise, -1 to maximise")
    far = scalar(i8, "more than any sum")
    cost = array(i8, "num_costs", "row by row")
    out = array(i8, "num_rows", "what it costs to leave a row out; far where that is not allowed")
    floor = array(i8, "num_places", "what the price is while there is room; not of columns that must be filled")
    price = array(i8, "num_places", "of a place", mutable=True)
    held = array(i8, "num_rows", "cost of the row where it is", mutable=True)
    pair = array(i8, "num_pairs", "the least cost of a move from one place to another", mutable=True)
    distance = array(i8, "num_places", "of a place from where the search began", mutable=True)
    heap_key = array(i8, "num_places", "distances of what is in the heap", mutable=True)
    measure = array(i8, "2", "see the slots above", mutable=True)
