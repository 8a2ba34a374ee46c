"""What the searches of the quadratic assignment read and write: every array once."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, i4, i8, scalar

# Slots of State.words: scalars that the search carries from one slice to the next.
PHASE = 0  # MAKE, DESCEND, FILL, WALK or KEEP (kernels/evolve.py)
COST = 1  # of the placement
FLOOR = 2  # least cost of this walk
STEP = 3  # steps of this walk
ROW = 4  # rows of the tables that are filled
MOVE_U = 5  # the swap that a look found,
MOVE_V = 6
GAIN = 7  # and what it adds to the cost
FILLED = 8  # members that the population has
IDLE = 9  # children in a row that it did not take
SETTLED = 10  # populations before this one
LENGTH = 11  # steps of its walks
WORDS = 12

FAR = 2**62  # above every cost


class Instance(Arrays):
    """Facilities are to be placed at as many locations, the first `num_facilities` of them real, the others empty.

    A placement p costs the sum of linear[u, p(u)], and, where distances are symmetric, of flow[u, v] * distance[p(u), p(v)] over
    the pairs u < v; else over all ordered pairs. All are integers (ticks), and less is better.
    """

    size = scalar(i8, "locations, at least 1")
    num_facilities = scalar(i8, "real ones, at least 1, at most size")
    num_links = scalar(i8, "entries of the lists of partners; 1 where there are none")
    first = array(i4, "size + 1", "where the partners of a facility begin")
    head = array(i4, "num_links", "a partner: another facility with which there is a flow")


class WideInstance(Instance):
    """In 64 bits."""

    flow = array(i8, "size * size", "row-major, 0 on the diagonal and for empty facilities; symmetric: both ways together")
    distance = array(i8, "size * size", "row-major, 0 on the diagonal")
    linear = array(i8, "size * size", "cost of a facility at a location, 0 for empty facilities")
    amount = array(i8, "num_links", "the flow to a partner")


class NarrowInstance(Instance):
    """In 32 bits."""

    flow = array(i4, "size * size", "as in WideInstance")
    distance = array(i4, "size * size", "as in WideInstance")
    linear = array(i4, "size * size", "as in WideInstance")
    amount = array(i4, "num_links", "as in WideInstance")


class Parameters(Arrays):
    """What a user may tune; defaults in search.py."""

    steps = scalar(i8, "of the walk from each child of the first population, at least 1")
    tenure = scalar(i8, "longest time for which a facility may not return, at least 1")
    patience = scalar(i8, "steps after which a pair of places that was not taken all that time is taken")
    rest = scalar(i8, "children in a row that the population does not take, until another one is begun")


class State(Arrays):
    """A placement under tabu search. What is changed at every step has 32 bits where that is enough, and twice the speed."""

    size = scalar(i8, "as in the Instance")
    far = scalar(i8, "more than any swap adds")
    words = array(i8, "12", "see the slots above", mutable=True)
    place = array(i4, "size", "location of each facility", mutable=True)
    best = array(i4, "size", "the best placement of this walk", mutable=True)
    until = array(i8, "size * size", "[u, j]: the step until which facility u may not return to location l", mutable=True)
    mark = array(i4, "size", "room for a crossover", mutable=True)


class WideState(State):
    """In 64 bits."""

    table = array(i8, "size * size", "[u, v]: what facility u would cost where v is, all others as they are", mutable=True)
    delta = array(i8, "size * size", "[u, v], u < v: what swapping u and v adds to the cost", mutable=True)
    low = array(i8, "1", "the least delta of a row", mutable=True)
    a = array(i8, "size", "of a swap of r and s: flow[u, r] - flow[u, s],", mutable=True)
    b = array(i8, "size", "distance[p(u), p(s)] - distance[p(u), p(r)],", mutable=True)
    a_back = array(i8, "size", "and the same the other way", mutable=True)
    b_back = array(i8, "size", "round", mutable=True)


class NarrowState(State):
    """In 32 bits."""

    table = array(i4, "size * size", "as in WideState", mutable=True)
    delta = array(i4, "size * size", "as in WideState", mutable=True)
    low = array(i4, "1", "as in WideState", mutable=True)
    a = array(i4, "size", "as in WideState", mutable=True)
    b = array(i4, "size", "as in WideState", mutable=True)


class Population(Arrays):
    """Placements that are recombined."""

    size = scalar(i8, "as in the Instance")
    members = scalar(i8, "at least 2")
    place = array(i4, "members * size", "locations of the facilities", mutable=True)
    cost = array(i8, "members", "of each", mutable=True)
    best = array(i4, "size", "the best placement ever", mutable=True)


# Slots of Tree.words.
STAGE = 0  # SPREAD, MASTER, BRANCH, NEXT, BACK or DONE (kernels/tree.py)
LEFT = 1  # facilities that are not placed: the level
CURSOR = 2  # pair of facility and location whose submatrix is next
ROUND = 3  # rounds of ascent at this node
BEFORE = 4  # bound before this round
UPPER = 5  # cost of the best placement known, in ticks
NODES = 6
IDLE_ROUNDS = 7  # rounds in a row that raised the bound by next to nothing
TREE_WORDS = 8

BARRED = 2**54  # of a pair that cannot be: more than any placement costs
MOST_TREE = 2**48  # less than that costs a placement, in the units of a tree


class Tree(Arrays):
    """A tableau of the level-1 reformulation-linearisation, and one for each level of the tree below it.

    At the level where k facilities are left, `lead` holds k * k costs of pairs (facility, location), and `quad` for each of these
    pairs k * k costs of having another one beside it. What a placement costs is the level's bound, and the sum of all lead and quad
    entries that it has: neither changes that sum, and as all stay non-negative, the bound is one.
    """

    size = scalar(i8, "facilities, empty ones included, and locations")
    num_facilities = scalar(i8, "real ones: only they are branched on")
    top = scalar(i8, "1 where there is no tree below: length of what belongs to lower levels is left out")
    num_lead = scalar(i8, "length of lead: the squares of all levels")
    num_quad = scalar(i8, "length of quad: their fourth powers")
    factor = scalar(i8, "costs in the tableau are those in ticks times that, a power of two,")
    shift = scalar(i8, "or divided by two so many times, and rounded down; one of the two does nothing")
    slack = scalar(i8, "a node whose bound comes that near to the best placement is not looked into")
    rounds = scalar(i8, "of ascent at a node, at most")
    root_rounds = scalar(i8, "of ascent at the root, at most,")
    worth = scalar(i8, "as long as they raise the bound by one part in that many")
    flow = array(i8, "size * size", "ticks, row-major, such that each pair of facilities counts as the sum of both directions")
    distance = array(i8, "size * size", "ticks")
    linear = array(i8, "size * size", "ticks, FAR where a pair may not be")
    words = array(i8, "8", "see the slots above", mutable=True)
    lead = array(i8, "num_lead", "costs of pairs, by level", mutable=True)
    quad = array(i8, "num_quad", "costs of two pairs together, by level", mutable=True)
    lead_at = array(i8, "size + 1", "where the level with k facilities begins in lead")
    quad_at = array(i8, "size + 1", "and in quad")
    bound = array(i8, "size + 1", "of the node at each level", mutable=True)
    row = array(i4, "size + 1", "facility (by its row) on which the node at a level branches", mutable=True)
    child = array(i4, "size + 1", "location (by its column) that is next", mutable=True)
    rows = array(i4, "(size + 1) * size", "facilities at each level", mutable=True)
    columns = array(i4, "(size + 1) * size", "locations at each level", mutable=True)
    place = array(i4, "size", "the placement under way, -1 for none", mutable=True)
    best = array(i4, "size", "the best placement known", mutable=True)
    work = array(i8, "size * size", "room for one matrix of a linear assignment", mutable=True)
    u = array(i8, "size", "its duals of rows", mutable=True)
    v = array(i8, "size", "and of columns", mutable=True)
    row_of = array(i4, "size", "row that has a column; -1 none", mutable=True)
    column_of = array(i4, "size", "column of a row; -1 none", mutable=True)
    dist = array(i8, "size", "shortest paths to columns", mutable=True)
    before = array(i4, "size", "row before a column on its path", mutable=True)
    done = array(i4, "size", "1 where a column's path is known", mutable=True)


class Matrix(Arrays):
    """A linear assignment, alone."""

    size = scalar(i8, "rows and columns")
    work = array(i8, "size * size", "costs, and then what is left of them", mutable=True)
    u = array(i8, "size", "duals of rows", mutable=True)
    v = array(i8, "size", "and of columns", mutable=True)
    row_of = array(i4, "size", "row that has a column", mutable=True)
    column_of = array(i4, "size", "column of a row", mutable=True)
    dist = array(i8, "size", "shortest paths to columns", mutable=True)
    before = array(i4, "size", "row before a column on its path", mutable=True)
    done = array(i4, "size", "1 where a column's path is known", mutable=True)
