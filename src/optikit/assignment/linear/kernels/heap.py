"""A binary heap of columns and rows by distance; what is in it knows its place."""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import NUM_HEAP


@inline
def put(s, e, key):
    """Insert, or move to the front if the key is less than the one it has."""
    k = s.place[e]
    if k < 0:
        k = s.words[NUM_HEAP]
        s.words[NUM_HEAP] = k + 1
    elif s.heap_key[k] <= key:
        return
    while k > 0 and s.heap_key[(k - 1) >> 1] > key:
        parent = (k - 1) >> 1
        s.heap[k] = s.heap[parent]
        s.heap_key[k] = s.heap_key[parent]
        s.place[s.heap[k]] = k
        k = parent
    s.heap[k] = e
    s.heap_key[k] = key
    s.place[e] = k


@inline
def pop(s):
    """Take out the first."""
    top = s.heap[0]
    s.place[top] = -1
    size = s.words[NUM_HEAP] - 1
    s.words[NUM_HEAP] = size
    if size > 0:
        e = s.heap[size]
        key = s.heap_key[size]
        k = i8(0)
        child = i8(1)
        while child < size:
            if child + 1 < size and s.heap_key[child + 1] < s.heap_key[child]:
                child += 1
            if s.heap_key[child] >= key:
                break
            s.heap[k] = s.heap[child]
            s.heap_key[k] = s.heap_key[child]
            s.place[s.heap[k]] = k
            k = child
            child = 2 * k + 1
        s.heap[k] = e
        s.heap_key[k] = key
        s.place[e] = k
    return top


@inline
def clear(s):
    """Empty the heap."""
    for k in range(s.words[NUM_HEAP]):
        s.place[s.heap[k]] = -1
    s.words[NUM_HEAP] = 0
