"""What the searches of flow shops read and write: every array once.

A *line-up* is the sequence of all jobs of all factories: the jobs of the first in their order, a separator (``num_jobs``), those of
the second, and so on. Where it is partial, some jobs are missing; the separators never are.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1, u8

BIG = 2**62
"""More than any cost."""

THRESHOLDS = 1024
"""Rows of the table of acceptance."""

# Slots of LineUp.words: what the search carries from one slice to the next.
PHASE = 0  # INSERT, SEARCH or DESTROY (kernels/advance.py)
LENGTH = 1  # of the line-up, separators included
HEAD_OK = 2  # rows of heads up to this one are right
TAIL_OK = 3  # rows of tails from this one on are right
JOB = 4  # the job that is being placed, -1 for none
FROM = 5  # where it stood, -1 if nowhere
AT = 6  # the next place to be looked at
PLACE = 7  # the best place so far,
VALUE = 8  # its cost,
SECOND = 9  # and what decides between equals
NOW = 10  # cost of the line-up
NOW_SECOND = 11  # what decides between equal ones
PARTIAL = 12  # whether jobs are out while the local search goes on
WALKED = 13  # place in the walk
SINCE = 14  # jobs tried in a row without an improvement
NUM_OUT = 15  # jobs that are out,
NEXT_OUT = 16  # of which so many are in again
CURRENT = 17  # cost of `current`
CURRENT_SECOND = 18
BASE = 19  # of jobs that do not wait: the total flow time without the job that is being placed
PENDING = 20  # what waits for the cost of the line-up (kernels/advance.py)
TURN = 21  # the turn ends when so many jobs have been placed
WORDS = 22


class Instance(Arrays):
    """A flow shop in ticks."""

    num_jobs = scalar(i8, "jobs; the number also stands for a separator, and for no job before or after")
    num_stages = scalar(i8, "stages")
    length = scalar(i8, "of a complete line-up: jobs and separators")
    num_machines = scalar(i8, "machines of one factory")
    has_setups = scalar(i8, "1 where there are setups")
    no_wait = scalar(i8, "1 where jobs do not wait")
    blocking = scalar(i8, "1 where jobs block machines")
    flow = scalar(i8, "1 where the objective is the total flow time")
    num_setups = scalar(i8, "length of setup: (num_jobs + 1)^2 * num_stages, or 1 where there are none")
    num_delays = scalar(i8, "length of delay: (num_jobs + 1)^2, or 1 where it is not used")
    duration = array(i8, "num_jobs * num_stages", "ticks, by job and stage")
    offset = array(
        i8,
        "num_jobs * (num_stages + 1)",
        "ticks from the start of a job that does not wait to its start on each stage, and to its end",
    )
    setup = array(i8, "num_setups", "ticks, by job before, job after and stage")
    delay = array(i8, "num_delays", "ticks from the start of a job that does not wait to that of the next, by the two")
    release = array(i8, "num_jobs", "ticks")
    weight = array(i8, "num_jobs", "ticks of weight; 1 where there are none")
    first_machine = array(i8, "num_stages + 1", "number of the first machine of each stage in a factory")


class Parameters(Arrays):
    """What a user may tune; defaults in search.py."""

    destroyed = scalar(i8, "jobs that are taken out in an iteration, at least 1")
    partial = scalar(i8, "1: local search also while they are out")
    search = scalar(i8, "0: no local search of complete line-ups")
    steps = scalar(i8, "jobs placed between two looks at the clock")
    threshold = array(i8, "1024", "how much worse a new line-up may be, one row drawn at random")


class LineUp(Arrays):
    """A line-up under an iterated greedy."""

    num_jobs = scalar(i8, "as in the Instance")
    num_stages = scalar(i8, "as in the Instance")
    length = scalar(i8, "as in the Instance")
    num_short = scalar(i8, "length of short_head: (length + 1) * num_stages, or 1")
    num_wide = scalar(i8, "length of head: (length + 2) * num_stages, or 1")
    num_tails = scalar(i8, "length of tail: (length + 1) * num_stages, or 1")
    num_machines = scalar(i8, "as in the Instance")
    words = array(i8, "22", "see the slots above", mutable=True)
    jobs = array(i4, "length + 1", "the line-up", mutable=True)
    current = array(i4, "length + 1", "the one that was accepted last", mutable=True)
    best = array(i4, "length + 1", "the best", mutable=True)
    out = array(i4, "num_jobs", "jobs that are out, in the order in which they come back", mutable=True)
    walk = array(i4, "num_jobs", "jobs in the order in which the local search tries them", mutable=True)
    short_head = array(i4, "num_short", "by stage and place: when the machine is free after so many places", mutable=True)
    short_tail = array(i4, "num_short", "by stage and place, from the right: from the start there to the end of all", mutable=True)
    short_end = array(i4, "length + 1", "end of the job at a stage, for each place where it may be put", mutable=True)
    short_span = array(i4, "length + 1", "makespan for each place", mutable=True)
    head = array(
        i8, "num_wide", "by place and stage: when the machine is free after so many places; the last row is room", mutable=True
    )
    tail = array(i8, "num_tails", "by place, from the right, and stage: from the start there to the end of all", mutable=True)
    late = array(i8, "length + 2", "by place, from the right: from time 0 over a release date to the end of all", mutable=True)
    sums = array(i8, "length + 2", "cost of so many places; of jobs that do not wait, the start at a place", mutable=True)
    free = array(i8, "num_machines", "when a machine of a factory is free", mutable=True)
    last = array(i4, "num_machines", "its last job", mutable=True)
    ready = array(i8, "num_jobs", "when a job may go on to the next stage", mutable=True)
    queue = array(i4, "num_jobs", "jobs in the order in which a stage takes them", mutable=True)
    trial = array(i4, "length + 1", "a line-up with the job put in", mutable=True)
    machine = array(i4, "num_jobs * num_stages", "machine of each operation, in the factory", mutable=True)
    rank = array(i4, "num_jobs * num_stages", "operations are taken up in this order", mutable=True)


# Slots of Plan.words and Plan.heat.
COST = 0  # of the plan as it is
PROBING = 1  # 1: costs of moves that are not made are counted in full, and added up in `heat`
KIND = 2  # of the move,
SOURCE = 3  # the entry that it takes first,
TARGET = 4  # where that goes,
LONG = 5  # and how many in a row go there
TEMPERATURE = 0
RATE = 1  # the temperature is multiplied by this at each move
SUM_WORSE = 2  # of how much worse plans became by moves that were looked at while probing,
NUM_WORSE = 3  # which were so many


class Plan(Arrays):
    """Orders of all machines under annealing, where jobs may wait and overtake.

    The *row* of a stage is a line-up of all machines of that stage in all factories, with a separator between two machines.
    """

    num_jobs = scalar(i8, "as in the Instance")
    num_stages = scalar(i8, "as in the Instance")
    size = scalar(i8, "entries of all rows")
    steps = scalar(i8, "moves between two looks at the clock")
    words = array(i8, "6", "see the slots above", mutable=True)
    heat = array(f8, "4", "the same", mutable=True)
    exponential = array(f8, "1024", "numbers as likely as exp(-x), of which one is drawn")
    row_first = array(i8, "num_stages + 1", "where the row of each stage begins")
    row = array(i4, "size", "the rows, one after the other", mutable=True)
    best = array(i4, "size", "of the best plan", mutable=True)
    kept = array(i4, "size", "the rows before a move at several stages", mutable=True)
    factory_of = array(
        i4, "size", "factory of the machine at each entry (that of a separator: of the machine before)", mutable=True
    )
    end = array(i8, "(num_stages + 1) * num_jobs", "by stage: when a job is ready for it; at last, its end", mutable=True)
    trial = array(i8, "(num_stages + 1) * num_jobs", "the same after a move", mutable=True)


class Fill(Arrays):
    """A line-up under annealing, where jobs do not wait or block; an entry is a job, or a job that comes behind all others.

    Operations stand in lists, one a machine: a *node* is an operation (job * num_stages + stage) or the beginning of a machine.
    """

    num_jobs = scalar(i8, "as in the Instance")
    num_stages = scalar(i8, "as in the Instance")
    size = scalar(i8, "of the line-up: jobs and separators")
    num_all = scalar(i8, "machines of all factories")
    num_windows = scalar(i8, "windows, at most: operations and machines of a factory where jobs block, else 1")
    gaps = scalar(i8, "1: jobs may pass into gaps")
    steps = scalar(i8, "moves between two looks at the clock")
    words = array(i8, "6", "the slots of a Plan", mutable=True)
    heat = array(f8, "4", "the same", mutable=True)
    exponential = array(f8, "1024", "numbers as likely as exp(-x), of which one is drawn")
    least = array(i8, "num_stages", "the shortest duration at each stage, at least 1")
    row = array(i4, "size", "the line-up", mutable=True)
    best = array(i4, "size", "the best", mutable=True)
    begin = array(i8, "num_jobs * num_stages", "by node", mutable=True)
    leave = array(i8, "num_jobs * num_stages + num_all", "when the machine is free again", mutable=True)
    after = array(i4, "num_jobs * num_stages + num_all", "the next node of the machine, or -1", mutable=True)
    solid = array(i4, "num_all", "the last node of each machine before which there is no room", mutable=True)
    last = array(i4, "num_all", "the last node of each machine", mutable=True)
    look = array(i4, "num_all", "of a job that does not wait: the node behind which it would come", mutable=True)
    chosen = array(i4, "num_stages", "and its machines", mutable=True)
    first_window = array(i8, "num_stages", "of a job that blocks: where the windows of each stage begin", mutable=True)
    arrival = array(i8, "num_windows", "when it gets into each,", mutable=True)
    until = array(i8, "num_windows", "when it has to be out,", mutable=True)
    source = array(i4, "num_windows", "from which window of the stage before,", mutable=True)
    place = array(i4, "num_windows", "the node behind which that is,", mutable=True)
    where = array(i4, "num_windows", "and the machine", mutable=True)


# Slots of Beam.words: what it carries from one slice to the next.
BELOW = 0  # only makespans below this one count
LEVEL = 1  # jobs placed by the nodes of this level,
COUNT = 2  # which are so many,
NODE = 3  # and so many of them have shown their children
HALF = 4  # the half of the arrays in which they stand
FOUND = 5  # children chosen for the next level,
BUILT = 6  # of which so many are built
ENDED = 7  # 1: no node is left; 2: jobs have found their places
MAKESPAN = 8  # of these
EXPANDED = 9  # nodes in all
BEAM_WORDS = 10


class Beam(Arrays):
    """A beam search that places jobs from both ends. A node: the first jobs and the last ones are known."""

    num_jobs = scalar(i8, "as in the Instance")
    num_stages = scalar(i8, "as in the Instance")
    width = scalar(i8, "nodes of a level, at most")
    steps = scalar(i8, "nodes between two looks at the clock")
    idleness = scalar(f8, "how much idle time counts beside the bound while few jobs are placed")
    words = array(i8, "10", "see the slots above", mutable=True)
    duration = array(i4, "num_jobs * num_stages", "by stage and job")
    work = array(i8, "num_stages", "of all jobs")
    code = array(u8, "2 * num_jobs", "random numbers, for a job at either end: a sum of them tells sets of jobs apart")
    front = array(i4, "2 * width * num_stages", "by node and stage: when the machine is through with the first jobs", mutable=True)
    back = array(i4, "2 * width * num_stages", "how long it needs from when it begins with the last ones", mutable=True)
    front_idle = array(i4, "2 * width * num_stages", "how much of that it is idle", mutable=True)
    back_idle = array(i4, "2 * width * num_stages", "the same at the end", mutable=True)
    placed = array(u1, "2 * width * num_jobs", "by node and job: 1 where it has a place", mutable=True)
    sets = array(u8, "2 * width", "sum of codes of each node", mutable=True)
    key = array(f8, "width", "heap of the children that were chosen, the worst on top: what they promise,", mutable=True)
    parent = array(i4, "width", "their node,", mutable=True)
    move = array(i4, "width", "and twice the job, plus 1 where it is placed at the back", mutable=True)
    parents = array(i4, "num_jobs * width", "the same of the nodes, by level", mutable=True)
    moves = array(i4, "num_jobs * width", "the same", mutable=True)
    seen = array(u8, "65_536", "codes of children, so that none is chosen twice", mutable=True)
    head = array(i4, "num_jobs", "room: end of each job on a stage, put at the front,", mutable=True)
    head_bound = array(i4, "num_jobs", "and the bound of that child", mutable=True)
    tail = array(i4, "num_jobs", "the same at the back", mutable=True)
    tail_bound = array(i4, "num_jobs", "the same", mutable=True)
    jobs = array(i4, "num_jobs", "the line-up that was found", mutable=True)
