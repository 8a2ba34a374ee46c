"""Taillard's acceleration for the makespan of plain lines, over all places at once.

Taillard, "Some efficient heuristic methods for the flow shop sequencing problem", European Journal of Operational Research 47,
1990: with heads and tails of a line-up, the makespan with a job put in at a place takes O(m). Here both stand by stage, so that one
machine instruction serves several places. Heads are counted from the left and tails from the right: of what stands right of a
change, tails stay true, and of what stands left of it, heads.
"""

from optikit.kernels.jit import i4, i8, inline

from ..arrays import AT, HEAD_OK, JOB, LENGTH, PLACE, SECOND, TAIL_OK, VALUE


@inline
def prepare_short(p, s):
    """Make heads and tails true again."""
    width = s.length + 1
    m = p.num_stages
    length = s.words[LENGTH]
    for i in range(s.words[HEAD_OK], length):
        j = i8(s.jobs[i])
        if j >= p.num_jobs:
            for k in range(m):
                s.short_head[k * width + i + 1] = 0
        else:
            end = i8(0)
            for k in range(m):
                end = max(end, s.short_head[k * width + i]) + p.duration[j * m + k]
                s.short_head[k * width + i + 1] = end
    s.words[HEAD_OK] = length
    right = s.length - length
    for back in range(s.length - s.words[TAIL_OK], length):
        i = length - 1 - back
        j = i8(s.jobs[i])
        column = right + i
        if j >= p.num_jobs:
            for k in range(m):
                s.short_tail[k * width + column] = 0
        else:
            rest = i8(0)
            for b in range(m):
                k = m - 1 - b
                rest = max(rest, s.short_tail[k * width + column + 1]) + p.duration[j * m + k]
                s.short_tail[k * width + column] = rest
    s.words[TAIL_OK] = right


@inline
def idle_time(p, s, j, i):
    """Idle time that the job adds at a place, as Fernandez-Viagas and Framinan estimate it.

    "On insertion tie-breaking rules in heuristics for the permutation flowshop scheduling problem", Computers & Operations
    Research 45, 2014, figure 3.
    """
    width = s.length + 1
    m = p.num_stages
    is_last = True
    b = i8(0)
    if i < s.words[LENGTH]:
        b = i8(s.jobs[i])
        is_last = b >= p.num_jobs
    total = i8(0)
    end = i8(0)
    after = i8(0)
    for k in range(m):
        work = p.duration[j * m + k]
        end = max(end, s.short_head[k * width + i]) + work
        if is_last:
            total += end - work - s.short_head[k * width + i]
        else:
            own = p.duration[b * m + k]
            total += end - work - (s.short_head[k * width + i + 1] - own) + max(0, after - end)
            after = max(after, end) + own
    return total


@inline
def look_short(p, s):
    """Find the best place for the job: the least makespan (of the factory), then the least idle time."""
    width = s.length + 1
    m = p.num_stages
    j = s.words[JOB]
    length = s.words[LENGTH]
    right = s.length - length
    for i in range(length + 1):
        s.short_end[i] = 0
        s.short_span[i] = 0
    for k in range(m):
        work = p.duration[j * m + k]
        row = k * width
        for i in range(length + 1):
            end = i4(max(s.short_end[i], s.short_head[row + i]) + work)
            s.short_end[i] = end
            s.short_span[i] = max(s.short_span[i], i4(end + s.short_tail[row + right + i]))
    least = i8(s.short_span[0])
    for i in range(1, length + 1):
        least = min(least, s.short_span[i])
    s.words[VALUE] = least
    place = i8(-1)
    second = i8(0)
    for i in range(length + 1):
        if s.short_span[i] == least:
            idle = idle_time(p, s, j, i8(i))
            if place < 0 or idle < second:
                place = i8(i)
                second = idle
    s.words[PLACE] = place
    s.words[SECOND] = second
    s.words[AT] = length + 1
