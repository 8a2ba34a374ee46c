"""Gaps on machines and in open jobs: where an operation fits, and the lists in time that it then stands in."""

from optikit.kernels.jit import i8, inline

from .calendar import begin, finish


@inline
def setup_between(p, k, a, b):
    """Ticks between operation a and operation b, which directly follows it on machine k."""
    if p.num_setups == 0:
        return i8(0)
    return p.setup[p.setup_base[k] + p.family[a] * p.num_families + p.family[b]]


@inline
def setup_before(p, k, i):
    """Ticks from time 0 on before operation i if it is the first on machine k."""
    if p.num_first_setups == 0:
        return i8(0)
    return p.first_setup[k * p.num_families + p.family[i]]


@inline
def transport_between(p, k, m):
    """Ticks from machine k to machine m."""
    if p.num_transports == 0:
        return i8(0)
    return p.transport[k * p.num_machines + m]


@inline
def fit_machine(p, s, i, k, t, d, hold, h):
    """The first start from t on in a gap of machine k that holds i, its setups, and the machine until `hold`.

    Returns the start, and the operation that is then before it on the machine, -1 where it is the first. No gap before
    operation h holds it, as is known; -1: nothing is.
    """
    b = i8(s.last[k])
    a = i8(-1)
    if h >= 0 and s.behind[i] == 0:
        b = h
        a = i8(s.following[h])
    # What takes no time at t may come before or behind: setups decide.
    while h < 0 and b >= 0 and (s.until[b] > t or s.start[b] >= t) and s.behind[i] == 0:
        a = b
        b = i8(s.previous[b])
    x = t
    searching = True
    while searching:
        if b >= 0:
            x = max(t, s.until[b] + setup_between(p, k, b, i))
        else:
            x = max(t, setup_before(p, k, i))
        x = begin(p, i, k, x, d)
        if a < 0 or max(finish(p, i, k, x, d), hold) + setup_between(p, k, i, a) <= s.start[a]:
            searching = False
        else:
            b = a
            a = i8(s.following[a])
    return x, b


@inline
def fit_job(p, s, i, k, x, length):
    """The first start from x on at which no other operation of the open job is under way, or on its way between machines."""
    b = i8(s.last_in[p.job_of[i]])
    a = i8(-1)
    while b >= 0 and s.end[b] > x:
        a = b
        b = i8(s.previous_in[b])
    y = x
    searching = True
    while searching:
        if b >= 0:
            y = max(x, s.end[b] + transport_between(p, s.on[b], k))
        if a < 0 or y + length + transport_between(p, k, s.on[a]) <= s.start[a]:
            searching = False
        else:
            b = a
            a = i8(s.following_in[a])
    return y, b


@inline
def look(p, s, i, k, t, d, hold, h):
    """Where operation i fits from t on: its start, and the operations then before it on machine k and in its open job."""
    open_job = p.open[p.job_of[i]] != 0
    x = t
    b = i8(-1)
    c = i8(-1)
    y = t
    searching = True
    while searching:
        x, b = fit_machine(p, s, i, k, y, d, hold, h)
        searching = False
        if open_job:
            y, c = fit_job(p, s, i, k, x, finish(p, i, k, x, d) - x)
            searching = y > x
    return x, b, c


@inline
def link(s, i, k, b):
    """Put operation i behind b on machine k; b = -1: first."""
    if b >= 0:
        a = i8(s.following[b])
        s.following[b] = i
    else:
        a = i8(s.last[k])
        while a >= 0 and s.previous[a] >= 0:
            a = i8(s.previous[a])
    s.previous[i] = b
    s.following[i] = a
    if a >= 0:
        s.previous[a] = i
    else:
        s.last[k] = i


@inline
def link_in(s, i, j, b):
    """Put operation i behind b in open job j."""
    if b >= 0:
        a = i8(s.following_in[b])
        s.following_in[b] = i
    else:
        a = i8(s.last_in[j])
        while a >= 0 and s.previous_in[a] >= 0:
            a = i8(s.previous_in[a])
    s.previous_in[i] = b
    s.following_in[i] = a
    if a >= 0:
        s.previous_in[a] = i
    else:
        s.last_in[j] = i


@inline
def unlink(p, s, i):
    """Take operation i from its machine, and from its open job."""
    b = i8(s.previous[i])
    a = i8(s.following[i])
    if b >= 0:
        s.following[b] = a
    if a >= 0:
        s.previous[a] = b
    else:
        s.last[s.on[i]] = b
    j = p.job_of[i]
    if p.open[j] != 0:
        b = i8(s.previous_in[i])
        a = i8(s.following_in[i])
        if b >= 0:
            s.following_in[b] = a
        if a >= 0:
            s.previous_in[a] = b
        else:
            s.last_in[j] = b


@inline
def behind_on(s, i, k):
    """The last operation on machine k that starts no later than i."""
    b = i8(s.last[k])
    while b >= 0 and (s.start[b] > s.start[i] or (s.start[b] == s.start[i] and s.until[b] > s.start[i])):
        b = i8(s.previous[b])
    return b


@inline
def behind_in(s, i, j):
    """The last operation of open job j that starts no later than i."""
    b = i8(s.last_in[j])
    while b >= 0 and (s.start[b] > s.start[i] or (s.start[b] == s.start[i] and s.end[b] > s.start[i])):
        b = i8(s.previous_in[b])
    return b
