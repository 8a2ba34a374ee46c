"""Working time: when an operation may begin on a machine, and when it ends."""

from optikit.kernels.jit import inline


@inline
def next_window(p, k, t):
    """The first window of machine k that ends after t; past the last where there is none."""
    low = p.window_ptr[k]
    high = p.window_ptr[k + 1]
    while low < high:
        middle = (low + high) // 2
        if p.window_end[middle] > t:
            high = middle
        else:
            low = middle + 1
    return low


@inline
def begin(p, i, k, t, d):
    """The first moment from t on at which operation i, of duration d, may begin on machine k; where there is none, p.limit, or
    t where that is later: who looks on from what comes back must not come back to where he was."""
    last = p.window_ptr[k + 1]
    # What takes no time may also be done at the very end of a window.
    w = next_window(p, k, t - 1 if d == 0 else t)
    found = max(t, p.limit)
    while w < last:
        x = max(t, p.window_start[w])
        if p.resumable[i] != 0 or x + d <= p.window_end[w]:
            found = x
            w = last
        w += 1
    return found


@inline
def finish(p, i, k, x, d):
    """When operation i ends that begins at x on machine k."""
    if p.resumable[i] == 0 or d == 0:
        return x + d
    last = p.window_ptr[k + 1]
    w = next_window(p, k, x)
    rest = d
    end = max(x, p.limit) + d
    while w < last:
        y = max(x, p.window_start[w])
        room = p.window_end[w] - y
        if rest <= room:
            end = y + rest
            w = last
        rest -= room
        w += 1
    return end
