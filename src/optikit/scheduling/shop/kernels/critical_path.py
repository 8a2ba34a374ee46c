"""A critical path, and the move on it that promises most.

Moves are those of N7 (Zhang, Li, Guan and Rao 2007): within a block an operation goes behind the last or before the first one (N6,
Balas and Vazacopoulos 1998), and the first and the last one go inside. N6 alone, passing over one operation, is N5 (Nowicki and
Smutnicki 1996): the first two and the last two of a block swap. At the beginning of the first block and at the end of the
last nothing can be gained, so nothing is tried. Of flexible shops, each operation of the path may also go to another machine, to
where Mastrolilli and Gambardella, "Effective neighbourhood functions for the flexible job shop problem", Journal of Scheduling 3,
2000, show the best place to be. Of open shops, blocks of jobs count like those of machines, and each operation of the path may
change its places on both of its lines at once (as Braesel, Tautenhahn and Werner, Computing 51, 1993, insert operations).
"""

from optikit.kernels.control import NEVER
from optikit.kernels.jit import i4, i8, inline, u1
from optikit.kernels.rng import below, draw

from ..tabu_arrays import COST, ESTIMATE, FIRST, MOVE, PLACE, SECOND, SEEN, STEPS, TIES
from .block_moves import AHEAD, ANYWHERE, BEHIND, ELSEWHERE, cost_ahead, cost_behind, may_go_ahead, may_go_behind
from .tabu_list import brings_back, choosing, is_forbidden


@inline
def trace(p, s, r):
    """Write down a critical path, drawn where there are several."""
    n = s.num_operations
    ties = i8(0)
    w = n
    for gate in range(n, n + p.num_jobs):
        o = i8(s.before[2 * gate])
        if s.end[o] + s.tail[gate] == s.words[COST]:
            ties += 1
            if ties == 1 or below(r, ties) == 0:
                w = o
    steps = i8(0)
    while w < n:
        begin = s.end[w] - s.time[w]
        a = i8(s.before[2 * w])
        b = i8(s.before[2 * w + 1])
        by_job = a < n and s.end[a] == begin
        by_machine = b < n and s.end[b] == begin
        s.path[steps] = i4(w)
        if by_job and by_machine:
            by_job = (draw(r) >> 63) != 0
        if by_job:
            s.side[steps] = u1(0)
            w = a
        else:
            s.side[steps] = u1(1)
            w = b if by_machine else n
        steps += 1
    s.words[STEPS] = steps


@inline
def pick(s, r, estimate, forbidden, kind, u, v, place):
    """Take a move if it is the best so far that is not forbidden, or, while all are forbidden, by lot."""
    if estimate > s.words[ESTIMATE]:
        return
    s.words[SEEN] += 1
    if forbidden:
        if s.words[ESTIMATE] != NEVER or below(r, s.words[SEEN]) != 0:
            return
    elif estimate == s.words[ESTIMATE]:
        s.words[TIES] += 1
        if below(r, s.words[TIES]) != 0:
            return
    else:
        s.words[ESTIMATE] = estimate
        s.words[TIES] = 1
    s.words[MOVE] = kind
    s.words[FIRST] = u
    s.words[SECOND] = v
    s.words[PLACE] = place


@inline
def weigh(p, s, r, c, kind, u, v, side):
    """Look at one move within a block."""
    if kind == BEHIND:
        if not may_go_behind(s, u, v, side):
            return
        estimate = cost_behind(s, u, v, side)
    else:
        if not may_go_ahead(s, u, v, side):
            return
        estimate = cost_ahead(s, u, v, side)
    if estimate <= s.words[ESTIMATE]:
        forbidden = brings_back(p, s, c, s.line[2 * u + side], s.place[2 * u + side], s.place[2 * v + side])
        pick(s, r, estimate, forbidden, kind, u, v, side)


@inline
def look_at_block(p, q, s, r, c, last, first):
    """Look at the moves of the block between two places of the path; the path runs backwards."""
    side = i8(s.side[last])
    z = i8(s.path[last])
    a = i8(s.path[first])
    by_end = s.tail[z] - s.time[z] > p.least_tail
    by_start = s.end[a] - s.time[a] > p.least_head
    for way in range(4 if q.inside != 0 else 2):
        low = i8(0)
        high = i8(0)
        if way == 0 and by_end:  # behind the last
            low = last + 1
            high = min(first, last + q.reach) + 1
        if way == 1 and by_start and not (by_end and first == last + 1):  # before the first
            low = max(last, first - q.reach)
            high = first
        if way == 2 and by_start:  # the first goes inside
            low = max(last + 1, first - q.reach)
            high = first - 1
        if way == 3 and by_end:  # the last goes inside
            low = last + 2
            high = min(first, last + q.reach + 1)
        for k in range(low, high):
            w = i8(s.path[k])
            u = w
            if way >= 2:
                u = a if way == 2 else z
            v = w
            if way < 2:
                v = z if way == 0 else a
            weigh(p, s, r, c, BEHIND if way % 2 == 0 else AHEAD, u, v, side)


@inline
def first_ending_after(p, s, line, moment):
    """The first place of a line whose operation ends after a moment."""
    start = p.line_start[line]
    low = i8(0)
    high = i8(s.count[line])
    while low < high:
        middle = (low + high) >> 1
        if s.end[s.sequence[start + middle]] > moment:
            high = middle
        else:
            low = middle + 1
    return low


@inline
def first_tail_within(p, s, line, length):
    """The first place of a line whose operation has a tail no longer than that."""
    start = p.line_start[line]
    low = i8(0)
    high = i8(s.count[line])
    while low < high:
        middle = (low + high) >> 1
        if s.tail[s.sequence[start + middle]] <= length:
            high = middle
        else:
            low = middle + 1
    return low


@inline
def look_elsewhere(p, s, r, c, u):
    """Look at the places of an operation on other machines."""
    n = s.num_operations
    a = i8(s.before[2 * u])
    z = i8(s.after[2 * u])
    head = i8(s.end[a])
    tail = i8(s.tail[z])
    for alternative in range(p.first_alternative[u], p.first_alternative[u + 1]):
        least = head + tail + p.duration[alternative]
        if alternative != s.choice[u] and least <= s.words[ESTIMATE]:
            line = p.num_jobs + p.machine[alternative]
            start = p.line_start[line]
            gate = n + line
            # Whoever ends by the head may as well be before, whoever's tail is no longer behind: between them is the best place.
            low = first_ending_after(p, s, line, head)
            high = first_tail_within(p, s, line, tail)
            if low > high:
                # No path leads back where these durations are not all 0.
                if z < n and s.end[s.sequence[start + low - 1]] >= s.end[u]:
                    high = low - 1
                else:
                    high = low
            for place in range(low, high + 1):
                x = gate if place == 0 else i8(s.sequence[start + place - 1])
                y = gate if place == s.count[line] else i8(s.sequence[start + place])
                estimate = max(head, s.end[x]) + p.duration[alternative] + max(tail, s.tail[y])
                if estimate <= s.words[ESTIMATE]:
                    pick(s, r, estimate, is_forbidden(s, c, choosing(p, u, alternative)), ELSEWHERE, u, alternative, place)


@inline
def tails_without(p, s, u, side, room):
    """Tails on a line of an operation of those before it, as if it were not there; written from a place of `trial` on."""
    start = p.line_start[s.line[2 * u + side]]
    tail = i8(s.tail[s.after[2 * u + side]])
    k = s.place[2 * u + side] - 1
    while k >= 0:
        w = i8(s.sequence[start + k])
        tail = max(tail, s.tail[s.after[2 * w + 1 - side]]) + s.time[w]
        s.trial[room + k] = tail
        k -= 1


@inline
def look_anywhere(p, s, r, c, u):
    """Look at the places of an operation on both of its lines: behind whoever comes before a place of the topological order."""
    job = i8(s.line[2 * u])
    line = i8(s.line[2 * u + 1])
    room = i8(s.place[2 * u])
    tails_without(p, s, u, 0, i8(0))
    tails_without(p, s, u, 1, room)
    by_job = i8(s.end[s.num_operations + job])
    by_machine = i8(s.end[s.num_operations + line])
    i = i8(0)
    j = i8(0)
    passed = i8(-1)
    for _ in range(s.count[job] + s.count[line] - 1):
        # Who is next on the lines, and the tails from there.
        passed_i = 1 if i >= s.place[2 * u] else 0
        passed_j = 1 if j >= s.place[2 * u + 1] else 0
        y = s.num_operations + job
        z = s.num_operations + line
        if i + passed_i < s.count[job]:
            y = i8(s.sequence[p.line_start[job] + i + passed_i])
        if j + passed_j < s.count[line]:
            z = i8(s.sequence[p.line_start[line] + j + passed_j])
        tail = max(s.tail[y] if passed_i == 1 else s.trial[i], s.tail[z] if passed_j == 1 else s.trial[room + j])
        estimate = max(by_job, by_machine) + s.time[u] + tail
        # Who is on both lines is to be passed on both.
        whole = passed != y and passed != z
        if whole and estimate <= s.words[ESTIMATE] and not (i == s.place[2 * u] and j == s.place[2 * u + 1]):
            back = brings_back(p, s, c, job, s.place[2 * u], i) or brings_back(p, s, c, line, s.place[2 * u + 1], j)
            pick(s, r, estimate, back, ANYWHERE, u, j, i)
        if z >= s.num_operations or (y < s.num_operations and s.position[y] < s.position[z]):
            by_job = max(by_job, s.end[s.before[2 * y + 1]]) + s.time[y]
            passed = y
            i += 1
        else:
            by_machine = max(by_machine, s.end[s.before[2 * z]]) + s.time[z]
            passed = z
            j += 1


@inline
def look(p, q, s, r, c):
    """Pick a move on the critical path; False if there is none."""
    s.words[ESTIMATE] = NEVER
    s.words[TIES] = 0
    s.words[SEEN] = 0
    steps = s.words[STEPS]
    last = i8(0)
    for k in range(1, steps):
        if k == steps - 1 or s.side[k] != s.side[last]:
            if p.is_open != 0 or s.side[last] == 1:
                look_at_block(p, q, s, r, c, last, k)
            last = k
    if p.is_flexible != 0:
        for k in range(steps):
            look_elsewhere(p, s, r, c, i8(s.path[k]))
    if p.is_open != 0:
        for k in range(steps):
            look_anywhere(p, s, r, c, i8(s.path[k]))
    return s.words[SEEN] > 0
