"""What the ruin-and-recreate search of the capacitated VRP reads and writes: every array once."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar

# Slots of State.words: scalars that the search carries from one slice to the next.
PHASE = 0  # SAVINGS, LABEL, SEARCH (kernels/phases.py)
CURSOR = 1  # how far the phase has come
COST = 2  # work: distance plus what the absent clients cost
KEPT_COST = 3  # the same of the current solution (the one to return to)
NUM_SLOTS = 4  # routes are numbered 0..NUM_SLOTS-1
HINT = 5  # where the last empty slot was found
NUM_ROUTES = 6  # routes in use in the current solution
NUM_ABSENT = 7  # clients on no route in the current solution
BEST_ABSENT = 8  # the same of the best of this cycle
BLINK = 9  # improving positions to look at until the next blink
STAMP = 10  # number of the mark that means "touched in this iteration"
NUM_REMOVED = 11
NUM_NODES_TOUCHED = 12
NUM_ROUTES_TOUCHED = 13
BEGIN = 14  # the annealing cycle: when it began and how long it lasts,
SPAN = 15  # in iterations or in nanoseconds of now_ns()
BY_CLOCK = 16  # 1: nanoseconds
CYCLE_BEST = 17  # least cost found in this cycle; the whole search's is in the control block
ACCEPTED = 18  # statistics
CHAMPION_ABSENT = 19  # BEST_ABSENT of the best solution of the whole search
WORDS = 24

# Slots of State.reals.
TEMPERATURE = 0
TOP = 1  # temperature at the start of the cycle
REALS = 4


class Instance(Arrays):
    """What the search reads. Node 0 is the depot. Costs are integers (ticks)."""

    num_nodes = scalar(i8, "the depot and the clients")
    num_neighbours = scalar(i8, "length of each neighbour list, 1..num_nodes-2 (1 where there is no other client)")
    num_entries = scalar(i8, "length of dist: num_nodes * num_nodes, or 1 where arcs are computed")
    num_points = scalar(i8, "length of x, y and z: num_nodes, or 1 where there is a matrix")
    num_savings = scalar(i8, "length of the savings list")
    capacity = scalar(i8, "load of a vehicle")
    max_vehicles = scalar(i8, "routes allowed, at least 1")
    factor = scalar(f8, "ticks per unit of length before rounding (on the globe: per radian of half an angle)")
    offset = scalar(f8, "added before rounding down: 0.5 for the nearest; not used where arcs are rounded up")
    dist = array(i8, "num_entries", "arc cost in ticks, row-major")
    x = array(f8, "num_points", "coordinate")
    y = array(f8, "num_points", "coordinate")
    z = array(f8, "num_points", "coordinate; used on the globe")
    demand = array(i8, "num_nodes", "load in ticks; 0 for the depot")
    absence = array(i8, "num_nodes", "cost of leaving a client out, in ticks; a penalty far above any detour")
    neighbours = array(i4, "num_nodes * num_neighbours", "nearest clients of each client, nearest first, itself not")
    saving_from = array(i4, "num_savings", "pairs of clients by decreasing Clarke-Wright saving: the first,")
    saving_to = array(i4, "num_savings", "and the second")


class Parameters(Arrays):
    """What a user may tune; defaults in search.py."""

    reach = scalar(i8, "neighbours of a client beside which it may be inserted")
    removed = scalar(f8, "clients removed in an iteration, on average")
    longest = scalar(f8, "longest string removed")
    split = scalar(f8, "probability that a string keeps some clients in its middle")
    deeper = scalar(f8, "probability that one more client is spared, again and again")
    blink = scalar(f8, "probability that an improving position is overlooked, 0 <= blink < 1")
    cold = scalar(f8, "last temperature, in ticks")


class State(Arrays):
    """What the search writes. `kept_*` is the current solution, the plain names are the one being tried."""

    num_nodes = scalar(i8, "the depot and the clients")
    words = array(i8, "24", "see the slots above", mutable=True)
    reals = array(f8, "4", "see the slots above", mutable=True)

    succ = array(i4, "num_nodes", "next node on the route, 0 at its end", mutable=True)
    pred = array(i4, "num_nodes", "previous node on the route, 0 at its start", mutable=True)
    route = array(i4, "num_nodes", "route of a client, -1 where it is on none", mutable=True)
    to_succ = array(i8, "num_nodes", "arc cost to the next node", mutable=True)
    from_pred = array(i8, "num_nodes", "arc cost from the previous node", mutable=True)
    first = array(i4, "num_nodes", "first client of a route, 0 where it is empty", mutable=True)
    last = array(i4, "num_nodes", "last client of a route, 0 where it is empty", mutable=True)
    size = array(i4, "num_nodes", "clients on a route", mutable=True)
    load = array(i8, "num_nodes", "load of a route", mutable=True)

    kept_succ = array(i4, "num_nodes", "succ of the current solution", mutable=True)
    kept_pred = array(i4, "num_nodes", "pred of it", mutable=True)
    kept_route = array(i4, "num_nodes", "route of it", mutable=True)
    kept_to_succ = array(i8, "num_nodes", "to_succ of it", mutable=True)
    kept_from_pred = array(i8, "num_nodes", "from_pred of it", mutable=True)
    kept_first = array(i4, "num_nodes", "first of it", mutable=True)
    kept_last = array(i4, "num_nodes", "last of it", mutable=True)
    kept_size = array(i4, "num_nodes", "size of it", mutable=True)
    kept_load = array(i8, "num_nodes", "load of it", mutable=True)

    best_succ = array(i4, "num_nodes", "next node on the route in the best solution of the cycle", mutable=True)
    best_first = array(i4, "num_nodes", "first client of each of its routes", mutable=True)

    absent = array(i4, "num_nodes", "clients on no route in the current solution", mutable=True)
    absent_at = array(i4, "num_nodes", "where each of them stands in `absent`", mutable=True)
    removed = array(i4, "num_nodes", "clients to insert in this iteration", mutable=True)
    key = array(i8, "num_nodes", "what they are sorted by", mutable=True)
    node_stamp = array(i8, "num_nodes", "equals STAMP where the node is touched", mutable=True)
    nodes_touched = array(i4, "num_nodes", "nodes that may differ from the current solution", mutable=True)
    route_stamp = array(i8, "num_nodes", "equals STAMP where the route is touched", mutable=True)
    routes_touched = array(i4, "num_nodes", "routes that may differ from the current solution", mutable=True)


class Construction(Arrays):
    """Routes being built by insertion, one after the other, from one segment of clients after the other."""

    num_nodes = scalar(i8, "the depot and the clients")
    num_segments = scalar(i8, "segments; no route has clients of two")
    begin = array(i4, "num_segments + 1", "where in `waiting` each segment begins")
    waiting = array(i4, "num_nodes - 1", "clients by segment; those still to be inserted come first in each", mutable=True)
    price = array(i8, "num_nodes", "what a waiting client adds to the route under way, at its best place", mutable=True)
    place = array(i4, "num_nodes", "the node after which that place is; 0 is the depot", mutable=True)
    succ = array(i4, "num_nodes", "next node on the route; of the depot, the first of the route under way", mutable=True)
    first = array(i4, "num_nodes", "first client of each route", mutable=True)
    words = array(i8, "8", "SEGMENT, WAITING, ROUTES, LOAD: see kernels/insertion.py", mutable=True)
