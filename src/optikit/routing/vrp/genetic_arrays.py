"""What the genetic part of the search reads and writes beside `arrays.Instance`: a child, and the families it comes from."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar

# Slots of Descent.words.
PHASE = 0  # of the child (kernels/breed.py)
CURSOR = 1  # how far the phase has come: clients of `order`, or routes
LOOP = 2  # descents and exchanges over all clients so far
MOVES = 3  # made by this structure since it exists; the clock of `changed`, `tested`, `swapped` and `known`
GAINED = 4  # 1: this loop has made a move
DISTANCE = 5  # of all routes, in ticks
EXCESS = 6  # load above the capacity, summed over the routes

# Slots of Descent.reals.
FINE = 0  # ticks for a unit of load above the capacity


class Descent(Arrays):
    """Routes as rings, each through an end of its own: links 0..num_nodes-1 are clients, num_nodes + t is the end of route t.

    Link 0 is no member of any ring. Routes may carry more than the capacity, for a fine.
    """

    num_nodes = scalar(i8, "the depot and the clients, at least 3")
    num_slots = scalar(i8, "routes, in use or empty; at least 1")
    num_links = scalar(i8, "num_nodes + num_slots")
    reach = scalar(i8, "neighbours of a client with which moves are tried")
    most = scalar(i8, "load above which no route is cut from a tour")
    words = array(i8, "8", "see the slots above", mutable=True)
    reals = array(f8, "2", "see the slots above", mutable=True)

    east = array(f8, "num_nodes", "coordinate relative to the depot; 0 where there are none")
    north = array(f8, "num_nodes", "the other one")
    angle = array(i8, "num_nodes", "of a client as seen from the depot, 0..65535 a full turn")

    mother = array(i4, "num_nodes - 1", "clients in the order of one parent's routes", mutable=True)
    father = array(i4, "num_nodes - 1", "and of the other's", mutable=True)
    tour = array(i4, "num_nodes - 1", "the same of the child, before the descent and after it", mutable=True)
    potential = array(i8, "num_nodes", "least cost of the first clients of the tour", mutable=True)
    cut_at = array(i4, "num_nodes", "where their last route begins; in the crossover, 1 for a client that is placed", mutable=True)
    order = array(i4, "num_nodes - 1", "clients in random order", mutable=True)

    site = array(i4, "num_links", "node of a link: the client, or 0")
    succ = array(i4, "num_links", "next link", mutable=True)
    pred = array(i4, "num_links", "previous link", mutable=True)
    route = array(i4, "num_links", "route of a link", mutable=True)
    position = array(i4, "num_links", "clients on the route up to this one", mutable=True)
    carried = array(i8, "num_links", "their load", mutable=True)
    leg = array(i8, "num_links", "arc to the next link", mutable=True)
    gain = array(i8, "num_links", "what the removal of a client saves", mutable=True)
    tested = array(i8, "num_links", "MOVES when the client's moves were last tried", mutable=True)
    scratch = array(i4, "num_links", "links of routes being made", mutable=True)

    size = array(i4, "num_slots", "clients on a route", mutable=True)
    load = array(i8, "num_slots", "load of a route", mutable=True)
    fine = array(i8, "num_slots", "what its excess costs", mutable=True)
    length = array(i8, "num_slots", "its arcs", mutable=True)
    changed = array(i8, "num_slots", "MOVES when it was last changed", mutable=True)
    swapped = array(i8, "num_slots", "MOVES when it was last compared with the others", mutable=True)
    begin = array(i8, "num_slots", "the sector that holds its clients: first angle,", mutable=True)
    end = array(i8, "num_slots", "and last, counterclockwise", mutable=True)
    bearing = array(f8, "num_slots", "direction of its barycentre, 0..4 a full turn; 8 for an empty one", mutable=True)

    known = array(i8, "num_slots * num_nodes", "MOVES + 1 when the best places of a client on a route were found", mutable=True)
    price = array(i8, "num_slots * num_nodes * 3", "what the client adds there, cheapest first", mutable=True)
    place = array(i4, "num_slots * num_nodes * 3", "the link after which it stands; -1 where there are fewer", mutable=True)


# Slots of Families.words.
KEEPS = 0  # members that keep the capacity: the first family
BREAKS = 1  # members that do not: the second
CHILDREN = 2  # bred since the families were begun
SINCE_BEST = 3  # bred since the best of all was
KEPT = 4  # of the last hundred, how many kept the capacity at once
BEST = 5  # least distance of a member that keeps it, ever
REPAIRING = 6  # 1: the child under way is being brought below the capacity

# Slots of Families.reals.
USUAL_FINE = 0  # Descent.reals[FINE], but for a child being repaired
LEAST_FINE = 1
MOST_FINE = 2


class Families(Arrays):
    """Local optima that keep the capacity, then local optima that do not: rows 0.., and rows num_rows.. of every array."""

    num_nodes = scalar(i8, "the depot and the clients")
    num_members = scalar(i8, "members that stay in a family when a generation ends, at least 2")
    num_rows = scalar(i8, "members that a family has room for: num_members and a generation, and one more")
    words = array(i8, "8", "see the slots above", mutable=True)
    reals = array(f8, "3", "see the slots above", mutable=True)
    distance = array(i8, "2 * num_rows", "arcs of a member's routes", mutable=True)
    excess = array(i8, "2 * num_rows", "load above the capacity", mutable=True)
    cost = array(i8, "2 * num_rows", "distance and fine", mutable=True)
    nearest = array(i8, "2 * num_rows", "broken pairs with its nearest members, summed", mutable=True)
    closest = array(i8, "2 * num_rows", "broken pairs with the nearest one", mutable=True)
    rank = array(i8, "2 * num_rows", "members that cost less", mutable=True)
    worth = array(f8, "2 * num_rows", "biased fitness: the less the better", mutable=True)
    tour = array(i4, "2 * num_rows * (num_nodes - 1)", "clients in the order of the routes", mutable=True)
    after = array(i4, "2 * num_rows * num_nodes", "next node of each client, 0 at the end of a route", mutable=True)
    before = array(i4, "2 * num_rows * num_nodes", "previous node", mutable=True)
    broken = array(i4, "2 * num_rows * num_rows", "pairs of neighbours that a member has and the other one has not", mutable=True)
