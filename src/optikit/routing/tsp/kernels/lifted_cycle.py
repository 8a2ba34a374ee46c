"""Sequences of cities whose lifted cycle inequality is broken: a depth-first search over the arcs of a relaxation's solution.

After M. Fischetti and P. Toth, "A polyhedral approach to the asymmetric traveling salesman problem", Management Science 43, 1997,
section 3.3: from each first city a sequence is prolonged by the city that adds most, and the search goes back where a sequence
has lost too much or its steps are spent.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, inline, kernel, scalar

LOSS = -0.7  # a sequence that has lost more is not prolonged
POOREST = -0.95  # nor is one by a city that adds less


class Sequences(Arrays):
    """The arcs of a solution, and the sequence under way: city 0 of it is the first."""

    num_cities = scalar(i8, "at least 3")
    num_arcs = scalar(i8, "arcs of the solution")
    most = scalar(i8, "cities of a sequence at most, below num_cities")
    steps = scalar(i8, "prolongations from each first city, at most")
    least = scalar(f8, "a violation below this is none")
    out_first = array(i4, "num_cities + 1", "where the arcs out of a city begin")
    out_city = array(i4, "num_arcs", "where they lead")
    out_value = array(f8, "num_arcs", "of the solution")
    in_first = array(i4, "num_cities + 1", "where the arcs into a city begin")
    in_city = array(i4, "num_arcs", "where they come from")
    in_value = array(f8, "num_arcs", "of the solution")
    is_used = array(i4, "num_cities", "1 in the sequence", mutable=True)
    pull = array(f8, "num_cities", "what the arcs from the sequence count: twice those from its first city", mutable=True)
    ahead = array(f8, "num_cities", "value of the arc to the last city", mutable=True)
    direct = array(f8, "num_cities", "value of the arc from the first city", mutable=True)
    sequence = array(i4, "most", "the cities", mutable=True)
    gain = array(f8, "most", "what the sequence up to each adds", mutable=True)
    num_options = array(i4, "most", "cities by which each place may still be filled", mutable=True)
    option = array(i4, "most * num_cities", "those cities, by place", mutable=True)
    worth = array(f8, "most * num_cities", "what they add", mutable=True)
    length = array(i4, "num_cities", "of the best sequence from each first city; 0 where nothing is broken", mutable=True)
    best = array(i4, "num_cities * most", "that sequence", mutable=True)


@inline
def spread(p, u, times):
    """Add the arcs out of a city to the pull, or take them off."""
    for i in range(p.out_first[u], p.out_first[u + 1]):
        p.pull[p.out_city[i]] += times * p.out_value[i]


@inline
def look_at(p, v, place, record):
    """Close the sequence with city v and keep it if that is the best, or make v an option for the place; returns the record."""
    if p.is_used[v] != 0:
        return record
    closed = p.gain[place - 1] + p.direct[v] + p.ahead[v] - 1.0
    if place >= 2 and closed > record:
        record = closed
        row = p.sequence[0] * p.most
        for k in range(place):
            p.best[row + k] = p.sequence[k]
        p.best[row + place] = v
        p.length[p.sequence[0]] = place + 1
    worth = p.pull[v] + p.ahead[v] - 1.0
    if place + 1 < p.most and worth > POOREST and p.gain[place - 1] + worth > LOSS:
        at = place * p.num_cities + p.num_options[place]
        p.option[at] = v
        p.worth[at] = worth
        p.num_options[place] += 1
    p.is_used[v] = 2  # seen: an arc from the first city and one to the last may both lead here
    return record


@inline
def find_options(p, place, record):
    """Look at all cities that an arc joins to the first or the last one; returns the record."""
    root = p.sequence[0]
    last = p.sequence[place - 1]
    p.num_options[place] = 0
    for i in range(p.in_first[last], p.in_first[last + 1]):
        p.ahead[p.in_city[i]] = p.in_value[i]
    for i in range(p.in_first[last], p.in_first[last + 1]):
        record = look_at(p, p.in_city[i], place, record)
    for i in range(p.out_first[root], p.out_first[root + 1]):
        record = look_at(p, p.out_city[i], place, record)
    for i in range(p.in_first[last], p.in_first[last + 1]):
        p.ahead[p.in_city[i]] = 0.0
        if p.is_used[p.in_city[i]] == 2:
            p.is_used[p.in_city[i]] = 0
    for i in range(p.out_first[root], p.out_first[root + 1]):
        if p.is_used[p.out_city[i]] == 2:
            p.is_used[p.out_city[i]] = 0
    return record


@inline
def take_option(p, place):
    """Put the best option into its place."""
    base = place * p.num_cities
    chosen = i8(0)
    for k in range(1, p.num_options[place]):
        if p.worth[base + k] > p.worth[base + chosen]:
            chosen = i8(k)
    v = p.option[base + chosen]
    p.sequence[place] = v
    p.gain[place] = p.gain[place - 1] + p.worth[base + chosen]
    p.num_options[place] -= 1
    last = base + p.num_options[place]
    p.option[base + chosen] = p.option[last]
    p.worth[base + chosen] = p.worth[last]
    p.is_used[v] = 1
    spread(p, v, 1.0)


@inline
def search_from(p, root):
    """The best sequence that begins with a city."""
    p.sequence[0] = root
    p.gain[0] = 0.0
    p.is_used[root] = 1
    spread(p, root, 2.0)
    for i in range(p.out_first[root], p.out_first[root + 1]):
        p.direct[p.out_city[i]] = p.out_value[i]
    record = find_options(p, i8(1), p.least)
    place = i8(1)
    steps = i8(0)
    while place > 0:
        if p.num_options[place] > 0 and steps < p.steps:
            take_option(p, place)
            steps += 1
            place += 1
            record = find_options(p, place, record)
        else:
            place -= 1
            if place > 0:
                v = p.sequence[place]
                spread(p, v, -1.0)
                p.is_used[v] = 0
    for i in range(p.out_first[root], p.out_first[root + 1]):
        p.direct[p.out_city[i]] = 0.0
        p.pull[p.out_city[i]] = 0.0
    p.is_used[root] = 0


@kernel
def lifted_cycles(p: Sequences) -> i8:
    """Search from each city; returns how many have a sequence whose inequality is broken."""
    found = i8(0)
    for root in range(p.num_cities):
        p.length[root] = 0
        search_from(p, i8(root))
        if p.length[root] > 0:
            found += 1
    return found
