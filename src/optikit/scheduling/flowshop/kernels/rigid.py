"""Jobs that do not wait, without releases: a matrix of delays between the starts of jobs decides (Reddi, Ramamoorthy 1972)."""

from optikit.kernels.jit import i8, inline

from ..arrays import AT, BASE, BIG, HEAD_OK, JOB, LENGTH, PLACE, SECOND, TAIL_OK, VALUE
from .lines import job_at


@inline
def start_after(p, a, b):
    """From the start of a, or from time 0, to the start of b; 0 where there is no b."""
    if b >= p.num_jobs:
        return i8(0)
    return p.delay[a * (p.num_jobs + 1) + b]


@inline
def total(p, j):
    """The job's own length."""
    return p.offset[j * (p.num_stages + 1) + p.num_stages]


@inline
def prepare_rigid(p, s):
    """Starts from the left (`sums`); from the right the end of the factory's last job less the own start, or weights (`late`)."""
    length = s.words[LENGTH]
    for i in range(s.words[HEAD_OK], length):
        j = i8(s.jobs[i])
        a = job_at(p, s, i - 1)
        if j >= p.num_jobs:
            s.sums[i + 1] = 0
        elif a >= p.num_jobs:
            s.sums[i + 1] = start_after(p, p.num_jobs, j)
        else:
            s.sums[i + 1] = s.sums[i] + start_after(p, a, j)
    s.words[HEAD_OK] = length
    if p.flow == 1:
        s.words[BASE] = 0
        for i in range(length):
            if s.jobs[i] < p.num_jobs:
                s.words[BASE] += p.weight[s.jobs[i]] * (s.sums[i + 1] + total(p, i8(s.jobs[i])))
    right = s.length - length
    for back in range(s.length - s.words[TAIL_OK], length):
        i = length - 1 - back
        j = i8(s.jobs[i])
        b = job_at(p, s, i + 1)
        row = right + i
        if j >= p.num_jobs:
            s.late[row] = 0
        elif p.flow == 1:
            s.late[row] = s.late[row + 1] + p.weight[j]
        elif b >= p.num_jobs:
            s.late[row] = total(p, j)
        else:
            s.late[row] = s.late[row + 1] + start_after(p, j, b)
    s.words[TAIL_OK] = right


@inline
def look_rigid(p, s):
    """Find the best place for the job: the least makespan of the factory, or the total flow time."""
    length = s.words[LENGTH]
    right = s.length - length
    j = s.words[JOB]
    s.words[VALUE] = BIG
    for i in range(length + 1):
        a = job_at(p, s, i - 1)
        b = job_at(p, s, i)
        start = start_after(p, a, j)
        if a < p.num_jobs:
            start += s.sums[i]
        value = start + total(p, j)
        if p.flow == 1:
            value = s.words[BASE] + p.weight[j] * value
            if b < p.num_jobs:
                value += s.late[right + i] * (start + start_after(p, j, b) - s.sums[i + 1])
        elif b < p.num_jobs:
            value = max(value, start + start_after(p, j, b) + s.late[right + i])
        if value < s.words[VALUE]:
            s.words[VALUE] = value
            s.words[SECOND] = 0
            s.words[PLACE] = i
    s.words[AT] = length + 1
