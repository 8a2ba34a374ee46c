"""Every array of the kernels that decode sequences, once: dtype, shape, meaning.

A *unit* is what the decoder places at once: one operation, or operations that are tied to each other in both directions (a job
that may not wait, a blocking job, operations with a maximum lag between them). A *mode* is a machine and a duration of one
operation; modes are numbered over all operations. All times and costs are ticks.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1

NEVER = 2**60
"""A due date, deadline or end of working time where there is none."""

FREE, NO_WAIT, BLOCKING = 0, 1, 2
"""How a job's operations are tied to each other: `Plant.tie`."""

# Slots of Sequence.words.
NUM_DONE = 0  # units of `done` that are placed
COST = 1  # of the decoded schedule
BREACH = 2  # by how much it breaks deadlines and ties, in ticks; 0: feasible
KEPT_COST = 3  # of the sequence that the search stands at
KEPT_BREACH = 4
BEST_COST = 5  # of the best one
BEST_BREACH = 6
PRICE = 7  # of a tick of breach to the search
VALID = 8  # so many first units of `order` are placed as they stand there
CHANGED = 9  # the first position whose decoding the move under way changes; num_units: none
FIRST = 10  # where the part of `order` begins that it changed,
LENGTH = 11  # and how many units it has: what they were is in `moved`
TOUCHED = 12  # the operation of which it changed something, -1 none,
FORMER = 13  # and what that was before;
SWAPPED = 14  # the place in `inner` of the first operation that it swapped, -1 none,
WITH = 15  # and of the other
STAMP = 16  # of the marks of the move under way
WHAT = 17  # what TOUCHED changed: one of these
MODE, HELD, BEHIND, DELAY = 0, 1, 2, 3
SORTS = 18  # whether this cycle sorts the sequence by its starts after each move that is kept
TASK = 19  # what `advance` is to do first: one of these
GO_ON, DECODE, RESTART = 0, 1, 2  # nothing; decode the sequence and stand at it; stand at the best one
UNDER_WAY = 20  # where a slice ended within a trial, which the next one goes on with: one of these, else 0
TRIAL, TASKED = 1, 2  # a move; what a task asked for, which is kept whatever it costs

# Slots of Dispatch.words.
COUNT = 0  # candidates
CURSOR = 1  # the first of them that may have to be looked at anew
TRIED = 2  # the mode in which it was looked at last, -1: not yet


class Plant(Arrays):
    """A shop as the decoder reads it."""

    num_jobs = scalar(i8, "jobs")
    num_operations = scalar(i8, "operations, numbered job by job")
    num_modes = scalar(i8, "modes, numbered operation by operation")
    num_machines = scalar(i8, "machines")
    num_families = scalar(i8, "families of setups")
    num_units = scalar(i8, "units")
    num_fixed = scalar(i8, "units with a pinned operation: they come first in every sequence")
    num_arcs = scalar(i8, "explicit precedences")
    num_windows = scalar(i8, "windows of working time, of all machines")
    num_befores = scalar(i8, "pairs of units of which one must come first")
    num_setups = scalar(i8, "0, or num_families^2, once or for each machine")
    num_first_setups = scalar(i8, "0, or num_machines * num_families")
    num_transports = scalar(i8, "0, or num_machines^2")
    limit = scalar(i8, "a time that no sensible schedule reaches")

    job_of = array(i4, "num_operations", "job of an operation")
    job_ptr = array(i4, "num_jobs + 1", "operations of job j: job_ptr[j] to job_ptr[j + 1] - 1")
    chain = array(u1, "num_jobs", "1 where the operations follow each other as they are numbered")
    open = array(u1, "num_jobs", "1 where they may come in any order, one at a time; neither: only precedences hold")
    tie = array(u1, "num_jobs", "FREE, NO_WAIT or BLOCKING")

    mode_ptr = array(i4, "num_operations + 1", "modes of operation i: mode_ptr[i] to mode_ptr[i + 1] - 1")
    mode_machine = array(i4, "num_modes", "machine of a mode")
    mode_duration = array(i8, "num_modes", "duration of a mode")

    family = array(i4, "num_operations", "family of an operation")
    setup = array(i8, "num_setups", "[family before, family after], from setup_base[k] on for machine k")
    setup_base = array(i8, "num_machines", "see setup")
    first_setup = array(i8, "num_first_setups", "[machine, family]")
    transport = array(i8, "num_transports", "[machine from, machine to]")

    arc_tail = array(i4, "num_arcs", "precedences: the operation before,")
    arc_head = array(i4, "num_arcs", "and after, ascending;")
    arc_lag = array(i8, "num_arcs", "the lag, negative for a maximum lag the other way round;")
    arc_from_end = array(u1, "num_arcs", "1 where it counts from the end of the tail, 0 from its start;")
    arc_to_end = array(u1, "num_arcs", "1 where it counts to the end of the head, 0 to its start;")
    arc_moves = array(u1, "num_arcs", "1 where the lag is at least the transport between their machines")
    in_ptr = array(i4, "num_operations + 1", "arcs into operation i: in_ptr[i] to in_ptr[i + 1] - 1")
    out_ptr = array(i4, "num_operations + 1", "arcs out of operation i, positions in out_arc")
    out_arc = array(i4, "num_arcs", "arcs by tail")

    window_ptr = array(i4, "num_machines + 1", "windows of machine k: window_ptr[k] to window_ptr[k + 1] - 1")
    window_start = array(i8, "num_windows", "working time, ascending,")
    window_end = array(i8, "num_windows", "half-open")
    resumable = array(u1, "num_operations", "1 where an operation is interrupted by breaks")
    earliest = array(i8, "num_operations", "first possible start")
    latest = array(i8, "num_operations", "last possible end, NEVER where there is none")

    due = array(i8, "num_jobs", "due date, NEVER where there is none")
    makespan_rate = scalar(i8, "cost of a tick of the largest end")
    lateness_rate = scalar(i8, "cost of a tick of the largest lateness")
    setup_rate = scalar(i8, "cost of a tick of setup")
    completion_rate = array(i8, "num_jobs", "cost of a tick of the job's completion time")
    tardiness_rate = array(i8, "num_jobs", "cost of a tick of its tardiness")
    tardy_cost = array(i8, "num_jobs", "cost of its being late at all")
    omission = array(i8, "num_operations", "cost of leaving out, -1: must be done")
    baseline_start = array(i8, "num_operations", "start in the plan to stay near to, -1 none")
    baseline_machine = array(i4, "num_operations", "machine there, -1 none")
    shift_rate = array(i8, "num_operations", "cost of a tick earlier or later than there")
    move_cost = array(i8, "num_operations", "cost of another machine than there")

    unit_ptr = array(i4, "num_units + 1", "operations of unit u: places unit_ptr[u] to unit_ptr[u + 1] - 1 of Sequence.inner")
    unit_of = array(i4, "num_operations", "unit of an operation")
    crowded = array(u1, "num_units", "1 where two operations of the unit may meet on a machine")
    before_ptr = array(i4, "num_units + 1", "units that must come before unit u: before_ptr[u] to before_ptr[u + 1] - 1 of before")
    before = array(i4, "num_befores", "see before_ptr")


class Menu(Arrays):
    """What the search may change, and how often it tries each: shares of a thousand moves; the rest are insertions of units."""

    critical = scalar(i8, "moves of two rivals on the way to a costly end, after modes, presence, holds and inner orders")
    num_flexible = scalar(i8, "operations with several modes")
    num_optional = scalar(i8, "operations that may be left out")
    num_shiftable = scalar(i8, "operations whose start should be that of the baseline")
    num_inner = scalar(i8, "units whose inner order matters")
    modes = scalar(i8, "changes of mode")
    presence = scalar(i8, "operations left out or taken in")
    holds = scalar(i8, "operations that wait for their start in the baseline, or do no longer")
    gaps = scalar(i8, "operations that go into the first gap, or do no longer")
    delays = scalar(i8, "operations that wait as long as another one takes, or do no longer")
    inners = scalar(i8, "swaps within a unit")
    sorts = scalar(i8, "1 where a sequence may be sorted by the starts that it decodes to, and decodes to them again")
    reach = scalar(i8, "positions by which an insertion moves a unit, at most")
    flexible = array(i4, "num_flexible", "see num_flexible")
    optional = array(i4, "num_optional", "see num_optional")
    shiftable = array(i4, "num_shiftable", "see num_shiftable")
    inner_units = array(i4, "num_inner", "see num_inner")


class Dispatch(Arrays):
    """Candidates of a dispatching rule."""

    num_jobs = scalar(i8, "as in the Plant")
    num_operations = scalar(i8, "as in the Plant")
    num_machines = scalar(i8, "as in the Plant")
    num_units = scalar(i8, "as in the Plant")
    rule = scalar(i8, "a number of `kernels.dispatch`")
    delays = scalar(i8, "1: active schedules, 0: non-delay schedules")
    lookahead = scalar(f8, "the scaling parameter of ATC")
    mean = scalar(f8, "mean duration, above 0")
    words = array(i8, "4", "see the slots above", mutable=True)
    work = array(i8, "num_operations", "least duration of an operation")
    weight = array(f8, "num_jobs", "of a job in the objective, above 0")
    rest = array(i8, "num_jobs", "work of a job that has no place yet", mutable=True)
    left = array(i4, "num_jobs", "and how many operations", mutable=True)
    waiting = array(i4, "num_units", "units that must come before this one and have no place yet", mutable=True)
    after_ptr = array(i4, "num_units + 1", "units that come after unit u, positions in `after`")
    num_befores = scalar(i8, "as in the Plant")
    after = array(i4, "num_befores", "see after_ptr")
    candidate = array(i4, "num_units", "units that may be placed next", mutable=True)
    arrival = array(i8, "num_units", "when the last of what comes before a unit is done", mutable=True)
    seen = array(i8, "num_units", "the version of its machines for which a candidate was looked at, -1 never", mutable=True)
    start = array(i8, "num_units", "when it could start,", mutable=True)
    end = array(i8, "num_units", "when its first operation would end,", mutable=True)
    machine = array(i4, "num_units", "where,", mutable=True)
    mode = array(i4, "num_units", "and in which mode", mutable=True)
    version = array(i8, "num_machines", "operations that were placed on a machine", mutable=True)


class Sequence(Arrays):
    """Units in an order, the modes of their operations, and the schedule that these decode to.

    Operations on a machine form a list in time, and so do those of an open job; -1 ends a list.
    """

    num_jobs = scalar(i8, "as in the Plant")
    num_operations = scalar(i8, "as in the Plant")
    num_machines = scalar(i8, "as in the Plant")
    num_units = scalar(i8, "as in the Plant")
    words = array(i8, "21", "see the slots above", mutable=True)

    order = array(i4, "num_units", "the units in the order in which they are placed", mutable=True)
    place = array(i4, "num_units", "where a unit stands in `order`", mutable=True)
    inner = array(i4, "num_operations", "the operations of each unit, in an order: it settles who comes first within", mutable=True)
    mode = array(i4, "num_operations", "mode of each operation, -1: left out", mutable=True)
    held = array(u1, "num_operations", "1 where an operation waits for its start in the baseline", mutable=True)
    behind = array(u1, "num_operations", "1 where it goes behind all that is on its machine, 0 into the first gap", mutable=True)
    delay = array(i8, "num_operations", "ticks that it waits though it could start: room within a unit for others", mutable=True)

    done = array(i4, "num_units", "the units as they are placed, NUM_DONE of them", mutable=True)
    fault = array(i8, "num_units", "by how much the place of a unit breaks its ties, in ticks", mutable=True)
    placed = array(u1, "num_operations", "1 where an operation has its place, 2 while its unit is looking for one", mutable=True)
    on = array(i4, "num_operations", "its machine", mutable=True)
    start = array(i8, "num_operations", "its start,", mutable=True)
    end = array(i8, "num_operations", "its end, breaks included,", mutable=True)
    until = array(i8, "num_operations", "and until when it holds the machine", mutable=True)
    cause = array(i4, "num_operations", "operation for which it could not start earlier, -1 none", mutable=True)
    rival = array(u1, "num_operations", "1 where that one was before it on its machine or in its open job", mutable=True)
    previous = array(i4, "num_operations", "operation before it on its machine", mutable=True)
    following = array(i4, "num_operations", "operation after it", mutable=True)
    last = array(i4, "num_machines", "last operation of a machine", mutable=True)
    previous_in = array(i4, "num_operations", "operation before it in its open job, in time", mutable=True)
    following_in = array(i4, "num_operations", "operation after it", mutable=True)
    last_in = array(i4, "num_jobs", "last operation of an open job, in time", mutable=True)
    burden = array(i8, "num_jobs", "what each job adds to the cost, and its breaches", mutable=True)

    done_at = array(i8, "num_jobs", "when each job is done, -1 where none of it is", mutable=True)

    moved = array(i4, "num_units", "what the part of `order` was that the move under way changed", mutable=True)
    mark = array(i8, "num_units", "the move for which a unit was marked last", mutable=True)
    kept_cause = array(i4, "num_operations", "`cause` of the sequence that the search stands at", mutable=True)
    kept_rival = array(u1, "num_operations", "`rival` of it", mutable=True)
    kept_end = array(i8, "num_operations", "`end` of it", mutable=True)
    kept_burden = array(i8, "num_jobs", "`burden` of it", mutable=True)
    kept_done = array(i8, "num_jobs", "`done_at` of it", mutable=True)
    best_order = array(i4, "num_units", "`order` of the best sequence,", mutable=True)
    best_inner = array(i4, "num_operations", "`inner`,", mutable=True)
    best_mode = array(i4, "num_operations", "`mode`,", mutable=True)
    best_held = array(u1, "num_operations", "`held`,", mutable=True)
    best_behind = array(u1, "num_operations", "`behind`,", mutable=True)
    best_delay = array(i8, "num_operations", "`delay`,", mutable=True)
    best_start = array(i8, "num_operations", "and the starts that it decodes to", mutable=True)
