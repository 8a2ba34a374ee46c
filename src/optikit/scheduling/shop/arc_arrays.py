"""What the annealing on critical arcs reads and writes besides the lines of `tabu_arrays`: every array once."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, i4, i8, scalar

NEVER = 2**60
"""A due date where there is none."""

# Slots of Annealing.words: scalars that the search carries from one slice to the next.
TASK = 0  # what is to be done first: one of these
GO_ON, SET_UP, RESTART = 0, 1, 2  # nothing; stand at `order` and `choice` of the State; stand at the best schedule
COST = 1  # of the present schedule
MADE = 2  # the move under way: one of these
NOTHING, BEHIND, AHEAD, ELSEWHERE = 0, 1, 2, 3
OPERATION = 3  # the operation that it moved,
SIDE = 4  # on which of its lines,
PLACE = 5  # where it stood there,
CHOICE = 6  # and which alternative it had
LOW = 7  # the first position of the topological order that it changed


class Criteria(Arrays):
    """What the ends of jobs cost, in ticks of cost."""

    num_jobs = scalar(i8, "as in the Instance")
    makespan_rate = scalar(i8, "cost of a tick of the largest end")
    lateness_rate = scalar(i8, "cost of a tick of the largest lateness")
    due = array(i8, "num_jobs", "due date, NEVER where there is none")
    completion_rate = array(i8, "num_jobs", "cost of a tick of the job's completion time")
    tardiness_rate = array(i8, "num_jobs", "cost of a tick of its tardiness")
    tardy_cost = array(i8, "num_jobs", "cost of its being late at all")
    inserts = scalar(i8, "of a thousand moves within a block, those that go over more than one operation")
    elsewhere = scalar(i8, "of a thousand moves, those to another machine")
    inside = scalar(i8, "of a thousand moves of two neighbours, those anywhere in a block and not at an end of it")


class Annealing(Arrays):
    """Where the annealing stands."""

    num_jobs = scalar(i8, "as in the Instance")
    num_operations = scalar(i8, "as in the Instance")
    words = array(i8, "8", "see the slots above", mutable=True)
    kept_burden = array(i8, "num_jobs", "what each job costs in the schedule that the search stands at", mutable=True)
    best_order = array(i4, "num_operations", "the best schedule: its operations in a topological order,", mutable=True)
    best_choice = array(i4, "num_operations", "and their alternatives", mutable=True)
