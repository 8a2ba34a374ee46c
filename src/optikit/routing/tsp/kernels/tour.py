"""A tour as an array: neighbours, reversals on the shorter side, and a record of them to go back by."""

from optikit.kernels.jit import i8, inline

from ..arrays import FLIPS, HEAD, WAITING


@inline
def succ(s, u):
    """The node after u."""
    k = s.place[u] + 1
    if k == s.num_nodes:
        k = i8(0)
    return i8(s.order[k])


@inline
def pred(s, u):
    """The node before u."""
    k = s.place[u] - 1
    if k < 0:
        k = s.num_nodes - 1
    return i8(s.order[k])


@inline
def swap_inwards(s, i, j, count):
    """Swap what stands at i and j, then at the positions inside of them, and so on."""
    last = s.num_nodes - 1
    for _ in range(count):
        u = s.order[i]
        v = s.order[j]
        s.order[i] = v
        s.place[v] = i
        s.order[j] = u
        s.place[u] = j
        i += 1
        if i > last:
            i = i8(0)
        j -= 1
        if j < 0:
            j = last


@inline
def reverse(s, i, j):
    """Reverse the positions i to j, round the end if need be; or all others, where these are fewer: the same tour."""
    n = s.num_nodes
    length = j - i + 1
    if length <= 0:
        length += n
    if 2 * length > n:
        head = j + 1
        if head == n:
            head = i8(0)
        j = i - 1
        if j < 0:
            j = n - 1
        i = head
        length = n - length
    k = s.words[FLIPS]
    s.flip_from[k] = i
    s.flip_to[k] = j
    s.words[FLIPS] = k + 1
    swap_inwards(s, i, j, length // 2)


@inline
def go_back(s, mark):
    """Undo the reversals on record beyond the first `mark`."""
    k = s.words[FLIPS]
    while k > mark:
        k -= 1
        i = i8(s.flip_from[k])
        j = i8(s.flip_to[k])
        length = j - i + 1
        if length <= 0:
            length += s.num_nodes
        swap_inwards(s, i, j, length // 2)
    s.words[FLIPS] = mark


@inline
def exchange(s, a, b, c, d):
    """Replace the edges a-b and c-d, of which both or neither lead on along the tour, by a-c and b-d."""
    if succ(s, a) == b:
        reverse(s, i8(s.place[b]), i8(s.place[c]))
    else:
        reverse(s, i8(s.place[a]), i8(s.place[d]))


@inline
def wake(s, u):
    """Put a node into the queue."""
    if s.queued[u] == 0:
        s.queued[u] = 1
        k = s.words[HEAD] + s.words[WAITING]
        if k >= s.num_nodes:
            k -= s.num_nodes
        s.queue[k] = u
        s.words[WAITING] += 1


@inline
def next_awake(s):
    """Take the node that has waited longest out of the queue, which is not empty."""
    k = s.words[HEAD]
    u = i8(s.queue[k])
    s.queued[u] = 0
    s.words[WAITING] -= 1
    k += 1
    if k == s.num_nodes:
        k = i8(0)
    s.words[HEAD] = k
    return u
