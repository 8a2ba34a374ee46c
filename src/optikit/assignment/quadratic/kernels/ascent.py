"""One round of the dual ascent on the level-1 reformulation-linearisation, in integers.

Hahn and Grant, "Lower bounds for the quadratic assignment problem based upon a dual formulation", Operations Research 46, 1998.
First the lead cost of each pair is spread over the rows of its submatrix. Then, pair by pair, half of what two pairs cost together
is gathered in the submatrix of one of them from the two places where it stands, and the least cost of a linear assignment there
moves into the lead. (By halves, since with all of it pairs that come late would be starved: nug12 has a bound of 512, else of 502.)
At last a linear assignment over all leads moves into the bound. Nothing is lost or made: no step changes the cost of a placement.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import BARRED
from .lap import HALF, assign


@inline
def spread_lead(t, k, pair):
    """Spread the lead cost of a pair over the rows of its submatrix, from where other pairs gather it."""
    lead = t.lead_at[k]
    cost = t.lead[lead + pair]
    if cost >= HALF or k < 2:
        return
    i = pair // k
    base = t.quad_at[k] + pair * k * k
    share = cost // (k - 1)
    rest = cost - share * (k - 1)
    for x in range(k):
        if x != i:
            more = share
            if rest > 0:
                more += 1
                rest -= 1
            for y in range(k):
                t.quad[base + x * k + y] += more
    t.lead[lead + pair] = 0


@inline
def gather(t, k, lead, quad, i, j):
    """The submatrix of the pair (i, j) into `work`: half of what is there and elsewhere for it; the other half stays for others.

    What is negative is gathered whole: after one round all entries are non-negative, and stay so.
    """
    base = quad + (i * k + j) * k * k
    to = i8(0)
    for x in range(k):
        if x != i:
            for y in range(k):
                if y != j:
                    t.work[to] = BARRED
                    if t.lead[lead + x * k + y] < HALF:
                        back = quad + ((x * k + y) * k + i) * k + j
                        both = t.quad[base + x * k + y] + t.quad[back]
                        kept = max(both, i8(0)) // 2
                        t.work[to] = both - kept
                        t.quad[back] = kept
                        if t.work[to] >= HALF:
                            t.work[to] = BARRED
                    to += 1


@inline
def scatter(t, k, quad, i, j):
    """What is left of the submatrix back to its place."""
    base = quad + (i * k + j) * k * k
    at = i8(0)
    for x in range(k):
        if x != i:
            for y in range(k):
                if y != j:
                    t.quad[base + x * k + y] = t.work[at]
                    at += 1


@inline
def raise_lead(t, k, pair):
    """Move what the submatrix of one pair costs into its lead."""
    lead = t.lead_at[k]
    quad = t.quad_at[k]
    if t.lead[lead + pair] >= HALF:
        return
    i = pair // k
    j = pair - i * k
    gather(t, k, lead, quad, i, j)
    least = assign(t, k - 1)
    if least >= HALF:
        t.lead[lead + pair] = BARRED
    else:
        t.lead[lead + pair] += least
        scatter(t, k, quad, i, j)


@inline
def raise_bound(t, k):
    """Move what all leads cost into the bound; False where there is no placement without a barred pair."""
    lead = t.lead_at[k]
    for x in range(k * k):
        t.work[x] = t.lead[lead + x]
    least = assign(t, k)
    if least >= HALF:
        return False
    for x in range(k * k):
        t.lead[lead + x] = t.work[x]
    t.bound[k] += least
    return True
