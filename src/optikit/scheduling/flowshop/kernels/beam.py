"""A beam search for the makespan of plain lines, which places jobs from both ends.

Libralesso, Focke, Secardin and Jost, "Iterative beam search algorithms for the permutation flowshop", European Journal of
Operational Research 301, 2022: of all children of a level those survive that promise most. What a child promises is the
machine-based bound, and, while few jobs are placed, the parts of their time for which machines were idle. A node places its next
job at that end where fewer children are below the best makespan so far, or where the bounds are larger (Potts 1980; Ladhari and
Haouari 2005).
"""

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import f8, i4, i8, inline, kernel, u8
from optikit.kernels.rng import MASK

from ..arrays import BELOW, BUILT, COUNT, ENDED, EXPANDED, FOUND, HALF, LEVEL, MAKESPAN, NODE, Beam


@inline
def bound_children(b, row):
    """Bounds of all children at either end: on each machine what is before, what is left, and what is after.

    Jobs with a place are counted too: so the loops over jobs have no branch, and several go in one instruction.
    """
    n = b.num_jobs
    m = b.num_stages
    for j in range(n):
        b.head[j] = 0
        b.head_bound[j] = 0
        b.tail[j] = 0
        b.tail_bound[j] = 0
    for k in range(m):
        free = b.front[row + k]
        others = i4(b.work[k] - (b.front[row + k] - b.front_idle[row + k]) + b.back_idle[row + k])
        for j in range(n):
            time = b.duration[k * n + j]
            begin = max(b.head[j], free)
            b.head[j] = i4(begin + time)
            b.head_bound[j] = max(b.head_bound[j], i4(begin + others))
    for before in range(m):
        k = m - 1 - before
        free = b.back[row + k]
        others = i4(b.work[k] - (b.back[row + k] - b.back_idle[row + k]) + b.front_idle[row + k])
        for j in range(n):
            time = b.duration[k * n + j]
            begin = max(b.tail[j], free)
            b.tail[j] = i4(begin + time)
            b.tail_bound[j] = max(b.tail_bound[j], i4(begin + others))


@inline
def goes_back(b, node):
    """Whether a node places its next job at the back."""
    level = b.words[LEVEL]
    if level < 2:
        return level == 1
    base = (b.words[HALF] * b.width + node) * b.num_jobs
    limit = b.words[BELOW]
    fewer = i8(0)
    lower = i8(0)
    for j in range(b.num_jobs):
        if b.placed[base + j] == 0:
            if b.head_bound[j] < limit:
                fewer += 1
                lower += b.head_bound[j]
            if b.tail_bound[j] < limit:
                fewer -= 1
                lower -= b.tail_bound[j]
    if fewer != 0:
        return fewer > 0
    if lower != 0:
        return lower < 0
    return b.moves[(level - 1) * b.width + node] % 2 == 0


@inline
def idle_part(idle, total):
    """The part of a time that is idle; all of no time."""
    if total == 0:
        return 1.0
    return f8(idle) / f8(total)


@inline
def stamp(code, time):
    """Take a time into a code."""
    return (code * u8(6364136223846793005) + u8(time) + u8(1442695040888963407)) & MASK


@inline
def weigh(b, row, j, back, part, code):
    """Idle parts of all machines with a job placed at an end, on top of those of the other end; and a code of the ends."""
    m = b.num_stages
    n = b.num_jobs
    end = i8(0)
    for step in range(m):
        if back:
            k = m - 1 - step
            free = i8(b.back[row + k])
            idle = i8(b.back_idle[row + k])
        else:
            k = i8(step)
            free = i8(b.front[row + k])
            idle = i8(b.front_idle[row + k])
        begin = max(end, free)
        end = begin + b.duration[k * n + j]
        part += idle_part(idle + begin - free, end)
        code = stamp(code, end)
    return part, code


@inline
def choose(b, key, node, move):
    """Put a child into the heap, in place of the worst where it is full."""
    count = b.words[FOUND]
    at = i8(0)
    if count < b.width:
        at = count
        b.words[FOUND] = count + 1
        while at > 0 and b.key[(at - 1) >> 1] < key:
            up = (at - 1) >> 1
            b.key[at] = b.key[up]
            b.parent[at] = b.parent[up]
            b.move[at] = b.move[up]
            at = up
    else:
        down = i8(1)
        while down < count:
            if down + 1 < count and b.key[down + 1] > b.key[down]:
                down += 1
            if b.key[down] > key:
                b.key[at] = b.key[down]
                b.parent[at] = b.parent[down]
                b.move[at] = b.move[down]
                at = down
                down = 2 * at + 1
            else:
                down = count
    b.key[at] = key
    b.parent[at] = i4(node)
    b.move[at] = i4(move)


@inline
def expand(b, node):
    """Look at the children of a node."""
    n = b.num_jobs
    m = b.num_stages
    where = b.words[HALF] * b.width + node
    row = where * m
    bound_children(b, row)
    back = goes_back(b, node)
    side = i8(back)
    part = 0.0
    other_end = u8(0)
    for k in range(m):
        if back:
            part += idle_part(b.front_idle[row + k], b.front[row + k])
            other_end = stamp(other_end, b.front[row + k])
        else:
            part += idle_part(b.back_idle[row + k], b.back[row + k])
            other_end = stamp(other_end, b.back[row + k])
    share = f8(b.words[LEVEL] + 1) / f8(n)
    idleness = (1.0 - share) * b.idleness
    for j in range(n):
        bound = i8(b.tail_bound[j]) if back else i8(b.head_bound[j])
        if b.placed[where * n + j] == 0 and bound < b.words[BELOW]:
            full = b.words[FOUND] == b.width
            if not full or f8(bound) * (share + idleness * part) < b.key[0]:
                code = (b.sets[where] + b.code[2 * j + side] + other_end) & MASK
                parts, code = weigh(b, row, i8(j), back, part, code)
                key = f8(bound) * (share + idleness * parts)
                slot = i8(code >> u8(48))
                if (not full or key < b.key[0]) and b.seen[slot] != code:
                    b.seen[slot] = code
                    choose(b, key, node, 2 * j + side)
    b.words[EXPANDED] += 1


@inline
def build(b, child):
    """Make a chosen child a node of the next level."""
    n = b.num_jobs
    m = b.num_stages
    parent = i8(b.parent[child])
    move = i8(b.move[child])
    j = move >> 1
    old = b.words[HALF] * b.width + parent
    new = (1 - b.words[HALF]) * b.width + child
    for i in range(n):
        b.placed[new * n + i] = b.placed[old * n + i]
    b.placed[new * n + j] = 1
    b.sets[new] = (b.sets[old] + b.code[move]) & MASK
    for k in range(m):
        b.front[new * m + k] = b.front[old * m + k]
        b.front_idle[new * m + k] = b.front_idle[old * m + k]
        b.back[new * m + k] = b.back[old * m + k]
        b.back_idle[new * m + k] = b.back_idle[old * m + k]
    end = i8(0)
    for step in range(m):
        if move % 2 == 1:
            k = m - 1 - step
            begin = max(end, b.back[new * m + k])
            b.back_idle[new * m + k] = i4(b.back_idle[new * m + k] + begin - b.back[new * m + k])
            end = begin + b.duration[k * n + j]
            b.back[new * m + k] = i4(end)
        else:
            begin = max(end, b.front[new * m + step])
            b.front_idle[new * m + step] = i4(b.front_idle[new * m + step] + begin - b.front[new * m + step])
            end = begin + b.duration[step * n + j]
            b.front[new * m + step] = i4(end)
    b.parents[b.words[LEVEL] * b.width + child] = i4(parent)
    b.moves[b.words[LEVEL] * b.width + child] = i4(move)


@inline
def finish(b):
    """All jobs are placed: write down the best node's line-up."""
    n = b.num_jobs
    m = b.num_stages
    best = i8(0)
    for node in range(b.words[COUNT]):
        row = (b.words[HALF] * b.width + node) * m
        makespan = i8(0)
        for k in range(m):
            makespan = max(makespan, i8(b.front[row + k] + b.back[row + k]))
        if node == 0 or makespan < b.words[MAKESPAN]:
            b.words[MAKESPAN] = makespan
            best = i8(node)
    ahead = i8(0)
    node = best
    for back in range(n):
        at = (n - 1 - back) * b.width + node
        ahead += 1 - b.moves[at] % 2
        node = i8(b.parents[at])
    behind = ahead
    node = best
    for back in range(n):
        at = (n - 1 - back) * b.width + node
        if b.moves[at] % 2 == 0:
            ahead -= 1
            b.jobs[ahead] = b.moves[at] >> 1
        else:
            b.jobs[behind] = b.moves[at] >> 1
            behind += 1
        node = i8(b.parents[at])
    b.words[ENDED] = 2


@inline
def next_level(b):
    """Go over to the children, or end where there are none."""
    b.words[COUNT] = b.words[FOUND]
    b.words[FOUND] = 0
    b.words[NODE] = 0
    b.words[BUILT] = 0
    b.words[HALF] = 1 - b.words[HALF]
    b.words[LEVEL] += 1
    if b.words[COUNT] == 0:
        b.words[ENDED] = 1
    elif b.words[LEVEL] == b.num_jobs:
        finish(b)


@kernel
def widen(b: Beam, c: Control) -> i8:
    """Go on; 1 or 2 where the beam has ended, without or with a line-up."""
    alive = b.words[ENDED] == 0 and not out_of_time(c)
    while alive:
        step = i8(0)
        while step < b.steps and b.words[ENDED] == 0:
            if b.words[NODE] < b.words[COUNT]:
                expand(b, b.words[NODE])
                b.words[NODE] += 1
            elif b.words[BUILT] < b.words[FOUND]:
                build(b, b.words[BUILT])
                b.words[BUILT] += 1
            else:
                next_level(b)
            step += 1
        alive = b.words[ENDED] == 0 and not out_of_time(c)
    return i8(b.words[ENDED])
