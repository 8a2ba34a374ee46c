"""What the searches of the travelling salesman problem read and write: every array once."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1

# Slots of State.words: scalars that the local search carries from one slice to the next.
PHASE = 0  # DESCEND or KICK (kernels/advance.py)
COST = 1  # of the tour
HEAD = 2  # where the queue begins in `queue`
WAITING = 3  # nodes in it
FLIPS = 4  # reversals on record
ENDS = 5  # nodes on record at which the exchange under way changes an edge
KIND = 6  # the best open exchange found by a look: its shape (kernels/exchange.py),
T3 = 7  # its nodes,
T4 = 8
T5 = 9
T6 = 10
OPEN = 11  # and what it gains before the tour is closed
STAGE = 12  # NEAR or FAR (kernels/exchange.py)
WORDS = 13

MAX_FLIPS = 50_000  # reversals that a record holds: far more than a kick and its repair need


class Instance(Arrays):
    """A cycle through nodes is sought (see `reduction`). Costs are integers (ticks).

    Nodes are cities in the order of a space-filling curve where there are coordinates, so that what is near on the map is near
    in memory; the dummy of a path is the last node. Of an asymmetric problem, each city is two nodes.
    """

    num_nodes = scalar(i8, "cities and the dummy; twice that where the problem is asymmetric")
    num_neighbours = scalar(i8, "length of each neighbour list, at least 1 and less than num_nodes")
    num_points = scalar(i8, "length of x and y: the cities, or 1 where there is a matrix")
    num_depths = scalar(i8, "length of z: the cities, or 1 where points are in the plane")
    num_prices = scalar(i8, "length of price: num_nodes, or 1 where there is no dummy")
    num_entries = scalar(i8, "length of dist: its rows times its columns, or 1 where arcs are computed")
    dummy = scalar(i8, "the node between the ends of a path; -1 where there is none, or in a matrix")
    norm = scalar(i8, "a code of kernels/arcs.py")
    factor = scalar(f8, "ticks per unit of length before rounding (on the globe: per radian of half an angle)")
    offset = scalar(f8, "added before rounding down: 0.5 for the nearest")
    sign = scalar(f8, "-1 where arcs are rounded up, and then the offset is 0")
    x = array(f8, "num_points", "coordinate")
    y = array(f8, "num_points", "coordinate")
    z = array(f8, "num_depths", "coordinate")
    price = array(i8, "num_prices", "ticks between the dummy and each node")
    dist = array(i8, "num_entries", "ticks, row-major; of an asymmetric problem from city to city")
    neighbours = array(i4, "num_nodes * num_neighbours", "candidates for the other end of an edge, the nearest first", mutable=True)
    near = array(i8, "num_nodes * num_neighbours", "ticks to each of them", mutable=True)


class Parameters(Arrays):
    """What a user may tune; defaults in search.py."""

    breadth = scalar(i8, "candidates that are looked at for each new edge, 1..num_neighbours")
    depth = scalar(i8, "exchanges that are tried one upon the other, at least 1")
    reach = scalar(i8, "longest segment that a kick moves, at least 1")
    stretch = scalar(i8, "how far apart along the tour the nodes of an exchange may be, but in the last stage of the descent")
    children = scalar(i8, "children of a couple, at most")


class State(Arrays):
    """A tour under local search."""

    num_nodes = scalar(i8, "as in the Instance")
    words = array(i8, "13", "see the slots above", mutable=True)
    order = array(i4, "num_nodes", "the nodes as visited", mutable=True)
    place = array(i4, "num_nodes", "where a node stands in `order`", mutable=True)
    queue = array(i4, "num_nodes", "nodes at which an exchange may begin, from HEAD on, round the end", mutable=True)
    queued = array(u1, "num_nodes", "1 where a node is in the queue", mutable=True)
    flip_from = array(i4, "50_000", "the reversals on record: first position,", mutable=True)
    flip_to = array(i4, "50_000", "and last", mutable=True)
    ends = array(i4, "512", "nodes at which the exchange under way changes an edge", mutable=True)


# Slots of Population.words.
TURN = 0  # which couple of the generation is next
BETTERED = 1  # tours of this generation that were replaced by a child
IDLE = 2  # generations in a row that replaced none
GENERATION = 3

# Slots of Mating.words.
NUM_CYCLES = 0
NUM_CYCLE_NODES = 1  # of all cycles together
NUM_OPEN = 2  # nodes with edges of the first parent that no cycle has yet
NUM_LOGGED = 3
NUM_GONE = 4  # edges that the child has lost,
NUM_COME = 5  # and gained
NUM_SEGMENTS = 6
NUM_TOURS = 7


class Population(Arrays):
    """Tours that are recombined, and how often each edge occurs among them."""

    num_nodes = scalar(i8, "as in the Instance")
    size = scalar(i8, "tours, at least 2; one more row is kept for the first parent of a generation")
    slots = scalar(i8, "different edges at a node in all tours, at most: 2 * size or num_nodes - 1")
    words = array(i8, "4", "see the slots above", mutable=True)
    link = array(i4, "(size + 1) * 2 * num_nodes", "for each tour and node its two neighbours", mutable=True)
    cost = array(i8, "size + 1", "of each tour", mutable=True)
    turn = array(i4, "size", "the tours in the order in which they are first parents, each with the next", mutable=True)
    edge_to = array(i4, "num_nodes * slots", "the other ends of the edges at a node", mutable=True)
    edge_count = array(i4, "num_nodes * slots", "tours that have this edge", mutable=True)
    edges_at = array(i4, "num_nodes", "different edges at a node", mutable=True)
    entropy = array(f8, "size + 2", "-(c / size) ln(c / size) for an edge that c tours have; 0 for 0")


class Mating(Arrays):
    """Room for one couple and its children."""

    num_nodes = scalar(i8, "as in the Instance")
    words = array(i8, "8", "see the slots above", mutable=True)
    order = array(i4, "num_nodes", "the first parent's nodes as visited", mutable=True)
    place = array(i4, "num_nodes", "where a node stands in `order`", mutable=True)
    rest_a = array(i4, "2 * num_nodes", "edges that only the first parent has and no cycle yet, by node", mutable=True)
    left_a = array(u1, "num_nodes", "how many these are", mutable=True)
    rest_b = array(i4, "2 * num_nodes", "the same of the second parent", mutable=True)
    left_b = array(u1, "num_nodes", "how many these are", mutable=True)
    open = array(i4, "num_nodes", "nodes with such edges", mutable=True)
    open_at = array(i4, "num_nodes", "where a node stands in `open`", mutable=True)
    path = array(i4, "2 * num_nodes + 2", "the walk along edges of one parent and the other in turn", mutable=True)
    at_even = array(i4, "num_nodes", "where a node stands in the walk at an even place; -1 nowhere", mutable=True)
    at_odd = array(i4, "num_nodes", "the same for odd places", mutable=True)
    cycle = array(i4, "2 * num_nodes + 2", "AB-cycles, one after the other, each from an edge of the first parent on", mutable=True)
    cycle_first = array(i4, "num_nodes + 1", "where each cycle begins", mutable=True)
    pick = array(i4, "num_nodes", "the cycles in the order in which they are tried", mutable=True)
    log_at = array(i8, "8 * num_nodes + 64", "entries of link that the child has changed", mutable=True)
    log_old = array(i4, "8 * num_nodes + 64", "what stood there", mutable=True)
    gone = array(i4, "4 * num_nodes + 64", "edges that the child has lost, as pairs", mutable=True)
    come = array(i4, "4 * num_nodes + 64", "edges that it has gained", mutable=True)
    cut = array(i4, "num_nodes", "positions after which the first parent is cut, ascending", mutable=True)
    segment_of = array(i4, "num_nodes", "segment of a node at the end of one", mutable=True)
    tour_of = array(i4, "num_nodes", "subtour of a segment", mutable=True)
    tour_size = array(i4, "num_nodes", "nodes of a subtour, 0 where it was joined to another", mutable=True)
