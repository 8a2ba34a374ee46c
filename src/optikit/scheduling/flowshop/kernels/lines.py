"""Lines with setups, releases, blocking or without waiting: heads, tails, and the makespan with a job put in.

Taillard's acceleration, with setups as Rios-Mercado and Bard ("Heuristics for the flow line problem with setup costs", European
Journal of Operational Research 110, 1998) and Ruiz and Stuetzle (2008) have it, and with blocking as Wang, Pan and
Tasgetiren (2011) have it. A head says when each machine is free (with blocking, when the job has left it); a tail how long it takes
from the start of a job on each machine to the end of all.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import AT, BIG, HEAD_OK, JOB, LENGTH, PLACE, SECOND, TAIL_OK, VALUE


@inline
def setup_of(p, a, b, k):
    """Setup at a stage between two jobs, either of which may be none."""
    if p.has_setups == 0:
        return i8(0)
    return p.setup[(a * (p.num_jobs + 1) + b) * p.num_stages + k]


@inline
def job_at(p, s, i):
    """The job at a place, num_jobs for none."""
    if i < 0 or i >= s.words[LENGTH]:
        return i8(p.num_jobs)
    return i8(s.jobs[i])


@inline
def step(p, s, source, a, j, target):
    """When machines are free after job j, which follows a: from one row of heads to another, which may be the same.

    Returns the start of j.
    """
    m = p.num_stages
    if p.no_wait == 1:
        start = p.release[j]
        for k in range(m):
            start = max(start, s.head[source * m + k] + setup_of(p, a, j, k) - p.offset[j * (m + 1) + k])
        for k in range(m):
            s.head[target * m + k] = start + p.offset[j * (m + 1) + k + 1]
        return start
    start = max(p.release[j], s.head[source * m] + setup_of(p, a, j, 0))
    end = start
    for k in range(m):
        end += p.duration[j * m + k]
        if k + 1 < m:
            free = s.head[source * m + k + 1] + setup_of(p, a, j, k + 1)
            if p.blocking == 1:
                end = max(end, free)
                s.head[target * m + k] = end
            else:
                s.head[target * m + k] = end
                end = max(end, free)
        else:
            s.head[target * m + k] = end
    return start


@inline
def clear(p, s, row):
    for k in range(p.num_stages):
        s.head[row * p.num_stages + k] = 0


@inline
def prepare_heads(p, s):
    for i in range(s.words[HEAD_OK], s.words[LENGTH]):
        j = i8(s.jobs[i])
        if j >= p.num_jobs:
            clear(p, s, i + 1)
            s.sums[i + 1] = s.sums[i]
        else:
            step(p, s, i, job_at(p, s, i - 1), j, i + 1)
            s.sums[i + 1] = s.sums[i] + p.weight[j] * s.head[(i + 2) * p.num_stages - 1]
    s.words[HEAD_OK] = s.words[LENGTH]


@inline
def tail_of(p, s, j, b, row):
    """The tail of job j before b, whose tail is the next row."""
    m = p.num_stages
    after = row + 1
    if p.no_wait == 1:
        total = p.offset[j * (m + 1) + m]
        if b < p.num_jobs:
            for k in range(m):
                total = max(total, p.offset[j * (m + 1) + k + 1] + setup_of(p, j, b, k) + s.tail[after * m + k])
        for k in range(m):
            s.tail[row * m + k] = total - p.offset[j * (m + 1) + k]
        return
    rest = i8(0)
    for back in range(m):
        k = m - 1 - back
        if b < p.num_jobs and (p.blocking == 0 or k == m - 1):
            rest = max(rest, setup_of(p, j, b, k) + s.tail[after * m + k])
        rest += p.duration[j * m + k]
        if b < p.num_jobs and p.blocking == 1 and k > 0:
            rest = max(rest, setup_of(p, j, b, k - 1) + s.tail[after * m + k - 1])
        s.tail[row * m + k] = rest


@inline
def prepare_tails(p, s):
    m = p.num_stages
    length = s.words[LENGTH]
    right = s.length - length
    for back in range(s.length - s.words[TAIL_OK], length):
        i = length - 1 - back
        j = i8(s.jobs[i])
        row = right + i
        if j >= p.num_jobs:
            for k in range(m):
                s.tail[row * m + k] = 0
            s.late[row] = 0
        else:
            tail_of(p, s, j, job_at(p, s, i + 1), row)
            s.late[row] = max(s.late[row + 1], p.release[j] + s.tail[row * m])
    s.words[TAIL_OK] = right


@inline
def look_lines(p, s):
    """Find the best place for the job: the least makespan (of the factory), then the earliest end of the job."""
    m = p.num_stages
    j = s.words[JOB]
    length = s.words[LENGTH]
    right = s.length - length
    room = s.length + 1
    s.words[VALUE] = BIG
    for i in range(length + 1):
        step(p, s, i, job_at(p, s, i - 1), j, room)
        b = job_at(p, s, i)
        end = s.head[room * m + m - 1]
        span = end
        second = i8(0)
        if b < p.num_jobs:
            span = max(span, s.late[right + i])
            for k in range(m):
                span = max(span, s.head[room * m + k] + setup_of(p, j, b, k) + s.tail[(right + i) * m + k])
        for k in range(m):
            second += s.head[room * m + k] - s.head[i * m + k]
        if span < s.words[VALUE] or (span == s.words[VALUE] and second < s.words[SECOND]):
            s.words[VALUE] = span
            s.words[SECOND] = second
            s.words[PLACE] = i
    s.words[AT] = length + 1
