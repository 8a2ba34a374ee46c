"""Moves on critical paths to costly jobs: neighbours pass each other, an operation passes several, or goes to another machine.

That the reversal of a critical arc leaves a schedule, and that of sums of job criteria only arcs on paths to costly jobs matter:
Mati, Dauzere-Peres and Lahlou, "A general approach for optimizing regular criteria in the job-shop scheduling problem", European
Journal of Operational Research 212, 2011. Heads alone tell which longer moves leave no circle: nothing leads from an operation to
one that starts before it ends.
"""

from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below, draw

from ..arc_arrays import AHEAD, BEHIND, CHOICE, ELSEWHERE, LOW, MADE, NEVER, NOTHING, OPERATION, PLACE, SIDE
from .costly import by_burden
from .critical_path import first_ending_after
from .heads import defer, prefer, refresh_ends
from .lines import join, leave, shift


@inline
def burden_of(p, g, s, j):
    """What job j costs by itself."""
    done = s.end[s.before[2 * (s.num_operations + j)]]
    cost = g.completion_rate[j] * done
    if done > g.due[j]:
        cost += g.tardiness_rate[j] * (done - g.due[j]) + g.tardy_cost[j]
    return cost


@inline
def cost_of_all(p, g, s):
    """What the schedule costs."""
    n = s.num_operations
    cost = i8(0)
    makespan = i8(0)
    lateness = i8(-NEVER)
    for j in range(p.num_jobs):
        cost += burden_of(p, g, s, j)
        done = s.end[s.before[2 * (n + j)]]
        makespan = max(makespan, done)
        if g.due[j] < NEVER:
            lateness = max(lateness, done - g.due[j])
    if lateness > -NEVER:
        cost += g.lateness_rate * lateness
    return cost + g.makespan_rate * makespan


@inline
def costly_job(p, g, s, a, r):
    """A job, the likelier the more it costs; or the one that is last, where the objective is a largest value."""
    n = s.num_operations
    if g.makespan_rate + g.lateness_rate > 0 and below(r, 2) == 0:
        worst = i8(0)
        most = i8(-2 * NEVER)
        for j in range(p.num_jobs):
            value = s.end[s.before[2 * (n + j)]]
            if g.makespan_rate == 0:
                value -= g.due[j]
            if value > most:
                most = value
                worst = j
        return worst
    return by_burden(a, r, p.num_jobs)


@inline
def note(a, kind, u, side, place):
    a.words[MADE] = kind
    a.words[OPERATION] = u
    a.words[SIDE] = side
    a.words[PLACE] = place


@inline
def go_behind(p, s, u, v, side):
    """Put u right behind v, later on its line; ends are still to be counted from where u stood."""
    shift(p, s, u, i8(s.place[2 * v + side]), side)
    defer(s, u, i8(s.position[v]))


@inline
def go_ahead(p, s, u, v, side):
    """Put u right before v, earlier on its line."""
    shift(p, s, u, i8(s.place[2 * v + side]), side)
    prefer(s, u, i8(s.position[v]))


@inline
def recount(s, u, side, low, high):
    """Count ends anew, after operation u came to its place between two positions."""
    last = max(high, i8(s.position[s.after[2 * u + side]]))
    refresh_ends(s, low, last)


@inline
def pass_within(p, g, s, a, r, u, v, side):
    """Let u, which stands somewhere before v in a block, pass it; or only v pass u, where that is what leaves a schedule."""
    w = i8(s.after[2 * u + side])
    n = s.num_operations
    if w == v or below(r, 2) == 0:
        # u goes behind v, or as far as it may.
        x = i8(s.after[2 * u + 1 - side])
        t = w
        while t != v and (x >= n or not leads_to(s, x, i8(s.after[2 * t + side]))):
            t = i8(s.after[2 * t + side])
        if x < n and leads_to(s, x, t):
            return
        low = i8(s.position[u])
        high = i8(s.position[t])
        note(a, BEHIND, u, side, i8(s.place[2 * u + side]))
        a.words[LOW] = low
        go_behind(p, s, u, t, side)
        recount(s, u, side, low, high)
    else:
        x = i8(s.before[2 * v + 1 - side])
        t = i8(s.before[2 * v + side])
        while t != u and (x >= n or not leads_to(s, i8(s.before[2 * t + side]), x)):
            t = i8(s.before[2 * t + side])
        if x < n and leads_to(s, t, x):
            return
        low = i8(s.position[t])
        high = i8(s.position[v])
        note(a, AHEAD, v, side, i8(s.place[2 * v + side]))
        a.words[LOW] = low
        follower = i8(s.after[2 * v + side])
        go_ahead(p, s, v, t, side)
        refresh_ends(s, low, max(high, i8(s.position[follower])))


@inline
def leads_to(s, o, v):
    """Whether v may have to come after o, or is it: surely not if it starts before o ends."""
    return o == v or s.end[v] - s.time[v] >= s.end[o]


@inline
def go_elsewhere(p, s, a, r, u):
    """Take u to another machine, to a place at which it could begin about as soon as its job lets it."""
    n = s.num_operations
    count = p.first_alternative[u + 1] - p.first_alternative[u]
    if count < 2:
        return
    k = p.first_alternative[u] + below(r, count - 1)
    if k >= s.choice[u]:
        k += 1
    line = p.num_jobs + p.machine[k]
    start = p.line_start[line]
    x = i8(s.before[2 * u])
    z = i8(s.after[2 * u])
    place = first_ending_after(p, s, line, s.end[x]) + below(r, 2)
    place = min(place, i8(s.count[line]))
    # Nothing may lead from what comes after u to what stands before it there, nor back.
    while place > 0 and z < n and leads_to(s, z, i8(s.sequence[start + place - 1])):
        place -= 1
    if place < s.count[line] and x < n and leads_to(s, i8(s.sequence[start + place]), x):
        return
    move_to(p, s, a, u, k, place)


@inline
def move_to(p, s, a, u, k, place):
    """Put u on the machine of an alternative, at a place there, and count anew."""
    n = s.num_operations
    note(a, ELSEWHERE, u, i8(1), i8(s.place[2 * u + 1]))
    a.words[CHOICE] = s.choice[u]
    low = i8(s.position[u])
    last = i8(s.position[s.after[2 * u + 1]])
    leave(p, s, u)
    join(p, s, u, k, place)
    b = i8(s.before[2 * u + 1])
    c = i8(s.after[2 * u + 1])
    high = low
    if b < n and s.position[b] > low:
        high = i8(s.position[b])
        defer(s, u, high)
    elif c < n and s.position[c] < low:
        low = i8(s.position[c])
        prefer(s, u, low)
    a.words[LOW] = low
    last = max(last, max(i8(s.position[c]), i8(s.position[s.after[2 * u]])))
    refresh_ends(s, low, max(high, last))


@inline
def move(p, g, s, a, r):
    """One move on a critical path to a costly job; perhaps none."""
    n = s.num_operations
    a.words[MADE] = NOTHING
    elsewhere = below(r, 1000) < g.elsewhere
    inside = below(r, 1000) < g.inside
    w = i8(s.before[2 * (n + costly_job(p, g, s, a, r))])
    chosen = i8(-1)
    chosen_side = i8(0)
    count = i8(0)
    block_side = i8(0)  # of the block under way, which is followed backwards,
    first = i8(-1)  # its last arc, by whom comes second,
    previous = i8(-1)  # and the latest one, by whom comes second
    while w < n:
        begin = s.end[w] - s.time[w]
        x = i8(s.before[2 * w])
        y = i8(s.before[2 * w + 1])
        by_job = x < n and s.end[x] == begin
        by_machine = y < n and s.end[y] == begin
        if by_job and by_machine:
            by_job = (draw(r) >> 63) != 0
        side = i8(2)
        if by_job:
            side = i8(0)
        elif by_machine:
            side = i8(1)
        if elsewhere:
            if p.first_alternative[w + 1] - p.first_alternative[w] > 1:
                count += 1
                if below(r, count) == 0:
                    chosen = w
        else:
            if side != block_side or side == 2:
                # The block that ends here: its first arc counts, unless it is its last as well.
                if not inside and previous >= 0 and previous != first:
                    count += 1
                    if below(r, count) == 0:
                        chosen = previous
                        chosen_side = block_side
                previous = i8(-1)
                first = i8(-1)
                block_side = side
            if side == 1 or (side == 0 and p.is_open != 0):
                previous = w
                if first < 0:
                    first = w
                if inside or first == w:
                    count += 1
                    if below(r, count) == 0:
                        chosen = w
                        chosen_side = side
        w = x if by_job else (y if by_machine else n)
    if chosen < 0:
        return
    if elsewhere:
        go_elsewhere(p, s, a, r, chosen)
        return
    u = i8(s.before[2 * chosen + chosen_side])
    v = chosen
    if below(r, 1000) < g.inserts:
        steps = 1 + below(r, 4)
        if below(r, 2) == 0:
            z = i8(s.before[2 * u + chosen_side])
            while steps > 0 and z < n and s.end[z] == s.end[u] - s.time[u]:
                u = z
                z = i8(s.before[2 * u + chosen_side])
                steps -= 1
        else:
            z = i8(s.after[2 * v + chosen_side])
            while steps > 0 and z < n and s.end[v] == s.end[z] - s.time[z]:
                v = z
                z = i8(s.after[2 * v + chosen_side])
                steps -= 1
    pass_within(p, g, s, a, r, u, v, chosen_side)


@inline
def take_back(p, s, a):
    """Undo the move under way."""
    kind = a.words[MADE]
    u = a.words[OPERATION]
    side = a.words[SIDE]
    place = a.words[PLACE]
    if kind == ELSEWHERE:
        move_to(p, s, a, u, a.words[CHOICE], place)
        return
    start = p.line_start[s.line[2 * u + side]]
    v = i8(s.sequence[start + place])
    if kind == BEHIND:
        high = i8(s.position[u])
        low = i8(s.position[v])
        follower = i8(s.after[2 * u + side])
        # All that stood between comes back behind it.
        first = i8(s.sequence[start + place])
        go_ahead(p, s, u, first, side)
        low = min(low, i8(s.position[u]))
        refresh_ends(s, low, max(high, i8(s.position[follower])))
    elif kind == AHEAD:
        low = i8(s.position[u])
        go_behind(p, s, u, v, side)
        recount(s, u, side, low, i8(s.position[u]))
