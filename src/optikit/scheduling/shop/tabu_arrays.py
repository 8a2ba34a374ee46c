"""What the searches of shops read and write: every array once.

An operation stands on two lines: that of its job (side 0) and that of its machine (side 1). Lines are numbered jobs first, then
machines. Each line is a ring through one more node, its gate: node ``num_operations + line``, which stands before the first and
after the last operation, so that no operation is without neighbours. A semi-active schedule is the two rings of every operation.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1, u8

# Slots of State.words: scalars that the search carries from one slice to the next.
PHASE = 0  # what is under way (kernels/tabu.py)
COST = 1  # of the present schedule
RECORD = 2  # least cost since this run of the tabu search began
SINCE = 3  # ITERATIONS at the last record
PLACED = 4  # operations that the construction has placed
STEPS = 5  # moves of the critical path under way
MOVE = 6  # the move that a look has picked: its kind (kernels/block_moves.py),
FIRST = 7  # the operation that moves,
SECOND = 8  # the operation next to which it goes; or the alternative that it changes to, or its place on the machine
PLACE = 9  # the side; or its place on that machine, or on the job's line
FILLED = 10  # elites so far
BARREN = 11  # runs in a row that gave no elite
SPREAD = 12  # of the construction: 0 takes whoever can begin first, 256 whoever can begin before the first end
ESTIMATE = 13  # what the picked move would make of the cost; NEVER while all moves seen are forbidden
TIES = 14  # moves among which it was drawn
SEEN = 15  # moves that were looked at
GIVEN = 16  # 1 while a schedule from outside waits for its run
WORDS = 17

MEMORY = 1 << 16  # slots of the tabu list, a hash table


class Instance(Arrays):
    """A shop. Times are integers (ticks). The cost of a schedule is the largest end plus tail over all jobs."""

    num_operations = scalar(i8, "operations, in the order of jobs; those of a job in its order, where that is given")
    num_jobs = scalar(i8, "jobs, each with an operation or more")
    num_machines = scalar(i8, "machines")
    num_alternatives = scalar(i8, "of all operations together")
    room = scalar(i8, "places on all lines together")
    is_flexible = scalar(i8, "1 where operations have machines to choose among")
    is_open = scalar(i8, "1 where jobs take their operations in any order; otherwise in the order of their numbers")
    least_head = scalar(i8, "the earliest release of a job")
    least_tail = scalar(i8, "the smallest tail of a job")
    job = array(i4, "num_operations", "job of each operation")
    line_start = array(i4, "num_jobs + num_machines + 1", "where the places of each line begin")
    release = array(i8, "num_jobs + num_machines", "nothing on the line starts earlier")
    delivery = array(i8, "num_jobs + num_machines", "tail: what counts after the last end of the line; at least least_tail")
    first_alternative = array(i4, "num_operations + 1", "where the alternatives of each operation begin")
    machine = array(i4, "num_alternatives", "machine of the alternative; the alternatives of an operation differ in it")
    duration = array(i8, "num_alternatives", "how long it takes there")
    code = array(u8, "num_operations", "a random number for each operation: addends of the tabu list's hash")


class Parameters(Arrays):
    """What a user may tune; defaults in search.py."""

    size = scalar(i8, "elites, at least 2")
    patience = scalar(i8, "iterations without a record after which a run of the tabu search ends")
    tenure = scalar(i8, "iterations for which two operations keep the order that a move gave them, at least,")
    stay = scalar(i8, "the same for an operation that was moved from a machine and does not return,")
    slack = scalar(i8, "and at most so much longer, in 256ths")
    reach = scalar(i8, "operations that a move may pass over")
    inside = scalar(i8, "1 where the first and the last operation of a block also go inside")


class State(Arrays):
    """A schedule under tabu search."""

    num_operations = scalar(i8, "as in the Instance")
    num_lines = scalar(i8, "jobs and machines")
    room = scalar(i8, "as in the Instance")
    words = array(i8, "17", "see the slots above", mutable=True)
    before = array(i4, "2 * (num_operations + num_lines)", "who is before a node on each side; a gate has one", mutable=True)
    after = array(i4, "2 * (num_operations + num_lines)", "who is after it", mutable=True)
    line = array(i4, "2 * num_operations", "the two lines of each operation", mutable=True)
    place = array(i4, "2 * num_operations", "where it stands on them", mutable=True)
    sequence = array(i4, "room", "the operations on each line, from its first place on", mutable=True)
    count = array(i4, "num_lines", "how many", mutable=True)
    choice = array(i4, "num_operations", "alternative of each operation", mutable=True)
    time = array(i8, "num_operations + num_lines", "duration of each operation there; 0 of a gate", mutable=True)
    end = array(i8, "num_operations + num_lines", "when each operation ends; of a gate the release of its line", mutable=True)
    tail = array(i8, "num_operations + num_lines", "longest path from its start on; of a gate its delivery", mutable=True)
    order = array(i4, "num_operations", "the operations in a topological order", mutable=True)
    position = array(i4, "num_operations + num_lines", "where they stand in it; -1 of a gate", mutable=True)
    marked = array(u1, "num_operations + num_lines", "1 while nodes are reordered, for those that move along", mutable=True)
    aside = array(i4, "num_operations", "those, in their order; also room for sorting", mutable=True)
    path = array(i4, "num_operations", "a critical path, from its end to its beginning", mutable=True)
    side = array(u1, "num_operations", "side of the line that joins each of them to the next, which is before it", mutable=True)
    trial = array(i8, "2 * num_operations", "ends or tails that operations of a line would have", mutable=True)
    forbidden = array(i8, "65_536", "tabu list: ITERATIONS until which an arrangement with this hash is forbidden", mutable=True)
    best_start = array(i8, "num_lines", "construction: earliest start of the best next operation of each job", mutable=True)
    best_end = array(i8, "num_lines", "its end there", mutable=True)
    ready = array(i8, "num_lines", "when the job or the machine is free for the next operation", mutable=True)
    best_choice = array(i4, "num_lines", "its alternative", mutable=True)
    best_place = array(i4, "num_lines", "and its place on the job's line", mutable=True)
    work = array(i8, "num_lines", "time that the operations of a job have still ahead", mutable=True)


RECORD_ROW, BEST_ROW, GIVEN_ROW = 0, 1, 2  # of Elites, behind the elites


class Elites(Arrays):
    """Schedules that are recombined. Three more rows: the record of the run under way, the best of all, and one from outside."""

    num_operations = scalar(i8, "as in the Instance")
    size = scalar(i8, "as in the Parameters")
    cost = array(i8, "size + 3", "of each schedule", mutable=True)
    stamp = array(u8, "size + 3", "a hash of its arrangement", mutable=True)
    order = array(i4, "(size + 3) * num_operations", "its operations in a topological order", mutable=True)
    choice = array(i4, "(size + 3) * num_operations", "their alternatives", mutable=True)
    start = array(i8, "(size + 3) * num_operations", "their starts", mutable=True)
    key = array(f8, "num_operations", "room for recombining", mutable=True)
