"""The search for inequalities that a solution of a linear relaxation breaks.

- components of the support, and small cuts of what is left when edges of value 1 are contracted: all violated subtours;
- blossoms, which are combs whose teeth are edges: components of the fractional edges (Grotschel and Holland 1987), and, where
  these find none, the cuts of a cut tree (Letchford, Reinelt and Theis, "A faster exact separation algorithm for blossom
  inequalities", IPCO 2004);
- blossoms of graphs from which tight sets have been contracted: combs (Padberg and Rinaldi, "Facet identification for the
  symmetric traveling salesman polytope", Mathematical Programming 47, 1990);
- the same where both nodes of each city of a directed problem are made one;
- combs known from earlier, with nodes moved between their cells (`kernels.tighten`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .cuts import NOUGHT, Cut, Ints, Mask, Support, by_node, crossings
from .kernels.cut_tree import Flow, cut_tree, small_cuts
from .kernels.tighten import Cells, tighten

LEAST = 1e-3
"""Violations below this are not worth a row."""

MOVES = 200
"""Moves of a search that tightens an inequality, at most."""

_FINE = 2**30  # capacities of flows are integers: this stands for 1


class Merging:
    """A graph in which nodes are merged, one pair after the other; parallel edges add up."""

    def __init__(self, support: Support) -> None:
        self.beside: list[dict[int, float]] = [{} for _ in range(support.num_nodes)]
        for u, v, value in zip(support.tails.tolist(), support.heads.tolist(), support.values.tolist()):
            self.beside[u][v] = self.beside[v][u] = value
        self.block = [[node] for node in range(support.num_nodes)]
        """Nodes that have become one; empty for those that are gone."""
        self.num_blocks = support.num_nodes

    @property
    def alive(self) -> list[int]:
        return [node for node, block in enumerate(self.block) if block]

    def merge(self, u: int, v: int) -> int:
        """Make u and v one; returns the one that stays."""
        if len(self.beside[u]) < len(self.beside[v]):
            u, v = v, u
        row = self.beside[u]
        for w, value in self.beside[v].items():
            del self.beside[w][v]
            if w != u:
                row[w] = self.beside[w][u] = row.get(w, 0.0) + value
        self.beside[v] = {}
        self.block[u] += self.block[v]
        self.block[v] = []
        self.num_blocks -= 1
        return u

    def border(self, u: int) -> float:
        """What crosses the border of a block."""
        return sum(self.beside[u].values())

    def mask(self, blocks: Iterable[int]) -> Mask:
        """The nodes of some blocks."""
        inside = np.zeros(len(self.block), bool)
        for u in blocks:
            inside[self.block[u]] = True
        return inside

    def support(self) -> tuple[list[int], Support]:
        """What is left as a graph of its own, and the block of each of its nodes."""
        alive = self.alive
        number = {u: i for i, u in enumerate(alive)}
        edges = [(number[u], number[v], value) for u in alive for v, value in self.beside[u].items() if u < v]
        tails, heads, values = zip(*edges) if edges else ((), (), ())
        return alive, Support(len(alive), np.array(tails, np.int64), np.array(heads, np.int64), np.array(values, np.float64))


def components(num_nodes: int, tails: Ints, heads: Ints) -> list[list[int]]:
    """Connected components, each a list of nodes."""
    root = list(range(num_nodes))

    def find(u: int) -> int:
        while root[u] != u:
            root[u] = root[root[u]]
            u = root[u]
        return u

    for u, v in zip(tails.tolist(), heads.tolist()):
        a, b = find(u), find(v)
        if a != b:
            root[max(a, b)] = min(a, b)
    found: dict[int, list[int]] = {}
    for u in range(num_nodes):
        found.setdefault(find(u), []).append(u)
    return list(found.values())


def _flow(support: Support, values: NDArray[np.float64]) -> Flow:
    """A graph for the kernels; capacities rounded down, so that no cut is overstated."""
    edges = len(values)
    heads = np.empty(2 * edges, np.int32)
    heads[0::2], heads[1::2] = support.heads, support.tails
    tails = np.empty(2 * edges, np.int64)
    tails[0::2], tails[1::2] = support.tails, support.heads
    first, order = by_node(support.num_nodes, tails)
    return Flow.empty(
        num_nodes=support.num_nodes,
        num_arcs=2 * edges,
        first=first,
        arc=order.astype(np.int32),
        head=heads,
        capacity=np.repeat(np.floor(values * _FINE).astype(np.int64), 2),
    )


# -- subtours ---------------------------------------------------------------


def subtours(support: Support) -> list[Cut]:
    """Violated subtour inequalities: none if and only if there is none (by more than `LEAST`)."""
    parts = components(support.num_nodes, support.tails, support.heads)
    if len(parts) > 1:
        parts.sort(key=len)
        return [Cut.subtour(_mask(support.num_nodes, part)) for part in parts[: len(parts) - (len(parts) == 2)]]
    merging = Merging(support)
    found = [Cut.subtour(merging.mask([u])) for u in _merge_ones(merging)]
    alive, left = merging.support()
    if left.num_nodes > 2:
        flow = _flow(left, left.values)
        number = small_cuts(flow, int((2 - LEAST) * _FINE))
        sides = flow.side.reshape(left.num_nodes, -1)[:number].astype(bool)
        found += [Cut.subtour(merging.mask(np.array(alive)[side])) for side in sides]
    return found


def _mask(num_nodes: int, nodes: Sequence[int]) -> Mask:
    inside = np.zeros(num_nodes, bool)
    inside[nodes] = True
    return inside


def _merge_ones(merging: Merging) -> Iterator[int]:
    """Contract edges of value 1: no cut below 2 needs to separate their ends (Padberg and Rinaldi 1990). Yields blocks whose own
    border is below 2."""
    heavy = [(u, v) for u in merging.alive for v, value in merging.beside[u].items() if u < v and value >= 1 - NOUGHT]
    while heavy:
        u, v = heavy.pop()
        if merging.beside[u].get(v, 0.0) < 1 - NOUGHT:
            continue  # one of them is gone
        if merging.num_blocks <= 2:
            return
        stays = merging.merge(u, v)
        if merging.border(stays) < 2 - LEAST:
            yield stays
        heavy += [(stays, w) for w, value in merging.beside[stays].items() if value >= 1 - NOUGHT]


# -- combs --------------------------------------------------------------------


def combs(support: Support, known: Iterable[Cut], enough: int = 10) -> list[Cut]:
    """Violated combs, found by heuristics: more are sought until there are enough.

    Parameters
    ----------
    support : Support
        Obeys all subtour inequalities, or nearly.
    known : iterable of Cut
        Inequalities whose like may be violated.
    enough : int
        When to stop seeking.
    """
    found = {cut.key: cut for cut in blossoms(support)}
    for merging in _shrunk(support):
        if len(found) >= enough:
            break
        found |= {cut.key: cut for cut in _blossoms_of(merging, support)}
    if len(found) < enough:
        found |= {cut.key: cut for cut in _tightened(support, known)}
    found |= {cut.key: cut for cut in _tightened(support, list(found.values()))}
    return list(found.values())


def _shrunk(support: Support) -> Iterator[Merging]:
    """The graph with ever larger tight sets contracted; a doubled one then also with each city as one node.

    What is left of that is the undirected graph in which an edge counts for the arcs both ways: what holds for undirected tours
    holds there for directed ones (M. Fischetti and P. Toth, Management Science 43, 1997, section 3.2).
    """
    for reach in (1, 2, 3):
        merging = Merging(support)
        _merge_tight(merging, reach)
        yield merging
    for reach in (0, 1, 2, 3) if support.doubled else ():
        merging = Merging(support)
        for city in range(support.num_nodes // 2):
            merging.merge(city, city + support.num_nodes // 2)
        if reach:
            _merge_tight(merging, reach)
        yield merging


def blossoms(support: Support) -> list[Cut]:
    """Violated blossom inequalities: none if and only if there is none (by more than `LEAST`)."""
    return [Cut.comb(handle, [_mask(support.num_nodes, tooth) for tooth in teeth]) for handle, teeth in _handles_and_teeth(support)]


def _blossoms_of(merging: Merging, support: Support) -> Iterator[Cut]:
    """Blossoms of what is left after merging, as combs of the whole graph."""
    alive, left = merging.support()
    if left.num_nodes < 6:
        return
    # The doubled graph is large: its cut trees, of which there would be many, are worth their time where only cities are merged.
    thorough = not support.doubled or left.num_nodes == support.num_nodes // 2
    for handle, teeth in _handles_and_teeth(left, thorough):
        blocks = np.array(alive)
        cut = Cut.comb(merging.mask(blocks[handle]), [merging.mask(blocks[tooth]) for tooth in teeth])
        if support.violation(cut) > LEAST:
            yield cut


def _handles_and_teeth(support: Support, thorough: bool = True) -> Iterator[tuple[Mask, list[list[int]]]]:
    """Handles with the teeth that make the most violated blossom of each, where that is violated; all there are, if thorough."""
    seen = set()
    none = True
    for handle in _handles(support):
        if handle.tobytes() not in seen:
            seen.add(handle.tobytes())
            found = _best_teeth(support, handle)
            if found is not None:
                none = False
                yield found
    if none and thorough:
        for handle in _tree_handles(support):
            found = _best_teeth(support, handle)
            if found is not None:
                yield found


def _handles(support: Support) -> Iterator[Mask]:
    """Components of the edges that are neither nearly 0 nor nearly 1."""
    for near in (1e-6, 0.1, 0.2, 0.3, 0.4):
        some = (support.values > near) & (support.values < 1 - near)
        for part in components(support.num_nodes, support.tails[some], support.heads[some]):
            if len(part) >= 3:
                yield _mask(support.num_nodes, part)


def _tree_handles(support: Support) -> Iterator[Mask]:
    """Cuts of a cut tree under capacities min(x, 1 - x): the handle of a most violated blossom is among them."""
    some = np.flatnonzero((support.values > 1e-6) & (support.values < 1 - 1e-6))
    number = np.full(support.num_nodes, -1)
    for part in components(support.num_nodes, support.tails[some], support.heads[some]):
        if len(part) < 3:
            continue
        number[part] = np.arange(len(part))
        edges = some[number[support.tails[some]] >= 0]
        values = support.values[edges]
        inner = Support(len(part), number[support.tails[edges]], number[support.heads[edges]], values)
        flow = _flow(inner, np.minimum(values, 1 - values))
        cut_tree(flow)
        sides = flow.side.reshape(len(part), -1)[1:][flow.value[1:] < _FINE].astype(bool)
        handles = np.zeros((len(sides), support.num_nodes), bool)
        handles[:, part] = sides
        yield from handles[_slack(support, handles) < 1 - LEAST]
        number[part] = -1


def _slack(support: Support, handles: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What the best teeth of each handle leave: below 1, a blossom is violated (see `_best_teeth`). Shape (handles,)."""
    border = handles[:, support.tails] != handles[:, support.heads]
    tooth = support.values > 0.5
    lost = border @ np.where(tooth, 1 - support.values, support.values)
    flip = np.where(border, np.abs(2 * support.values - 1), np.inf).min(axis=1, initial=np.inf)
    least: NDArray[np.float64] = lost + np.where((border @ tooth.astype(np.int64)) % 2 == 1, 0.0, flip)
    return least


def _best_teeth(support: Support, handle: Mask) -> tuple[Mask, list[list[int]]] | None:
    """The teeth that are best for a handle, and the handle, changed so that they are disjoint; None where nothing is violated.

    An edge on the border counts x if it is no tooth and 1 - x if it is one; with an odd number of teeth, less than 1 in all is a
    violation. Two teeth that meet in a node are none: they are left out, and the node changes sides.
    """
    border = np.flatnonzero(handle[support.tails] != handle[support.heads])
    if not border.size:
        return None
    values = support.values[border]
    tooth = values > 0.5
    if tooth.sum() % 2 == 0:
        flipped = int(np.abs(values - 0.5).argmin())
        tooth[flipped] = not tooth[flipped]
    if float(np.where(tooth, 1 - values, values).sum()) > 1 - LEAST:
        return None
    handle = handle.copy()
    teeth: dict[int, list[int]] = {}  # by either end
    for edge in border[tooth].tolist():
        ends = [int(support.tails[edge]), int(support.heads[edge])]
        met = next((node for node in ends if node in teeth), None)
        if met is None:
            teeth |= dict.fromkeys(ends, ends)
        else:
            for node in teeth[met]:
                del teeth[node]
            handle[met] = not handle[met]
    pairs = [pair for node, pair in teeth.items() if node == pair[0]]
    if not all(handle[u] != handle[v] for u, v in pairs) or not 0 < handle.sum() < len(handle):
        return None
    return handle, pairs


def _merge_tight(merging: Merging, reach: int) -> None:
    """Contract pairs and triples of blocks with as many edges as a path through them has, up to a size.

    Such a set is tight: its border is crossed exactly twice, so that it may be part of a tooth as a whole.
    """
    while merging.num_blocks > 8:
        rested: set[int] = set()
        edges = [(value, u, v) for u in merging.alive for v, value in merging.beside[u].items() if u < v]
        for value, u, v in sorted(edges, key=lambda edge: -edge[0]):
            if u in rested or v in rested:
                continue
            both = [w for w in merging.beside[u] if w in merging.beside[v] and w not in rested]
            for w in both:
                sides = merging.beside[u][w] + merging.beside[v][w]
                small = sum(len(merging.block[x]) for x in (u, v, w)) <= 2 * (reach + 2)
                if value > 1 - 1e-6 and abs(sides - 1) < 1e-6:
                    rested |= {u, v, w}
                    merging.merge(u, v)
                    break
                if abs(value + sides - 2) < 1e-6 and small and value < 1 - 1e-6:
                    rested |= {u, v, w}
                    merging.merge(merging.merge(u, v), w)
                    break
        if not rested:
            return


def _tightened(support: Support, known: Iterable[Cut]) -> Iterator[Cut]:
    """What becomes of inequalities when nodes move between their cells, where that is violated."""
    first, head, value = support.links
    for cut in known:
        cells = 2 + 2 * cut.teeth
        # A subtour needs both of its cells; a comb needs those of its teeth.
        may_empty = np.zeros(cells, np.uint8)
        may_empty[:2] = cut.teeth > 0
        state = Cells.empty(
            num_nodes=support.num_nodes,
            num_links=len(head),
            num_cells=cells,
            first=first,
            head=head,
            value=value,
            apart=crossings(cut.teeth),
            may_empty=may_empty,
            cell=cut.cell.astype(np.int32),
        )
        if tighten(state, MOVES) < cut.least - LEAST:
            yield Cut(state.cell.astype(np.int16), cut.teeth)
