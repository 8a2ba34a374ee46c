"""The genetic part of the search against plain recounts: rings, cuts, local optima, families."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop
from optikit.kernels.control import ITERATIONS, LIMIT, Control
from optikit.kernels.jit import Unavailable
from optikit.kernels.rng import Random
from optikit.routing.vrp import genetic_arrays as slot
from optikit.routing.vrp.audit import audit_descent
from optikit.routing.vrp.genetic import Genetic
from optikit.routing.vrp.instance import make_instance, variant
from optikit.routing.vrp.kernels.breed import breed
from optikit.routing.vrp.kernels.phases import BRED, DESCEND, EXCHANGE, SETTLE
from optikit.routing.vrp.search import HGS
from tests.strategies import vrps

RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def taxi(num_clients, seed=0, capacity=25):
    """Clients on a grid with distances in whole steps, so that the triangle inequality holds to the tick."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 40, (num_clients + 1, 2))
    matrix = np.abs(points[:, None] - points[None]).sum(axis=2)
    return ok.routing.VRP.from_matrix(matrix, [0, *rng.integers(1, 10, num_clients).tolist()], capacity)


class Breeding:
    """A genetic part with what it needs to go on."""

    def __init__(self, problem, seed=0, size=3, way=None):
        self.problem, self.instance = problem, make_instance(problem, 100)
        self.genetic = Genetic(problem, self.instance, size)
        self.random, self.control = Random.seeded(seed), Control.fresh()
        if way is not None:
            self.genetic.kernel = breed["matrix"].using(way)

    def child(self):
        assert self.genetic.advance(self.random, self.control)

    def state(self):
        return {
            (type(structure).__name__, name): getattr(structure, name).tolist()
            for structure in (self.genetic.descent, self.genetic.families, self.random)
            for name, field in type(structure).fields.items()
            if field.mutable
        }

    def routes(self):
        child = self.genetic.descent
        found = []
        for t in range(child.num_slots):
            route, link = [], int(child.succ[child.num_nodes + t])
            while link < child.num_nodes:
                route.append(link)
                link = int(child.succ[link])
            found.append(route)
        return found

    def cost(self, routes):
        """Arcs and fines, from scratch."""
        ticks = self.instance.dist.reshape(self.instance.num_nodes, -1).tolist()
        fine = float(self.genetic.descent.reals[slot.FINE])
        total = 0
        for route in routes:
            if not len(route):
                continue
            total += sum(ticks[a][b] for a, b in zip([0, *route], [*route, 0], strict=True))
            total += int(fine * max(0, sum(int(self.instance.demand[u]) for u in route) - self.instance.capacity))
        return total


def breeds(problem):
    return problem.num_clients >= 3 and variant(problem, make_instance(problem, 5)) == "matrix"


@given(vrps(min_clients=3, max_clients=9), st.integers(0, 2**32))
@RELAXED
def test_rings_are_exact_and_no_move_makes_them_worse(problem, seed):
    if not breeds(problem) or make_instance(problem, 5).dist[0]:
        return
    breeding = Breeding(problem, seed, way="python")
    words = breeding.genetic.descent.words
    before = None
    for limit in range(1, 60):
        breeding.control.slots[LIMIT] = limit
        breeding.genetic.advance(breeding.random, breeding.control)
        assert audit_descent(breeding.instance, breeding.genetic.descent) is None
        now = breeding.cost(breeding.routes())
        same_child = before is not None and before[0] == (breeding.genetic.families.words[slot.CHILDREN], words[slot.LOOP])
        if same_child and words[slot.PHASE] == DESCEND and breeding.genetic.families.words[slot.REPAIRING] == 0:
            assert now <= before[1]
            assert (now < before[1]) == (words[slot.MOVES] > before[2])
        before = (breeding.genetic.families.words[slot.CHILDREN], words[slot.LOOP]), now, int(words[slot.MOVES])


def neighbours_of(routes):
    """Every routes that one move away: relocate, swap, 2-opt, 2-opt* and SWAP*, written without any delta."""
    for s, route in enumerate(routes):
        for i in range(len(route)):
            for length in (1, 2):
                part = route[i : i + length]
                rest = [*routes[:s], route[:i] + route[i + length :], *routes[s + 1 :]]
                if len(part) < length:
                    continue
                for t in range(len(rest)):
                    for j in range(len(rest[t]) + 1):
                        for piece in (part, part[::-1]):
                            yield [*rest[:t], rest[t][:j] + piece + rest[t][j:], *rest[t + 1 :]]
            for j in range(i + 2, len(route)):
                yield [*routes[:s], route[: i + 1] + route[i + 1 : j + 1][::-1] + route[j + 1 :], *routes[s + 1 :]]
        for t in range(s + 1, len(routes)):
            yield from exchanges_of(routes, s, t)


def exchanges_of(routes, s, t):
    """The same between two routes."""
    first, second = routes[s], routes[t]
    rest = [route for k, route in enumerate(routes) if k not in (s, t)]
    for i in range(len(first) + 1):
        for j in range(len(second) + 1):
            yield [*rest, first[:i] + second[j:], second[:j] + first[i:]]
            if i and j:
                yield [*rest, first[:i] + second[:j][::-1], first[i:][::-1] + second[j:]]
            for here, there in ((1, 1), (1, 2), (2, 1), (2, 2)):
                a, b = first[i : i + here], second[j : j + there]
                if len(a) == here and len(b) == there:
                    yield [*rest, first[:i] + b + first[i + here :], second[:j] + a + second[j + there :]]
    for u in first:
        for v in second:
            less, fewer = [w for w in first if w != u], [w for w in second if w != v]
            for i in range(len(less) + 1):
                for j in range(len(fewer) + 1):
                    yield [*rest, [*less[:i], v, *less[i:]], [*fewer[:j], u, *fewer[j:]]]


@pytest.mark.parametrize("seed", range(4))
def test_a_child_is_a_local_optimum_of_every_move(seed):
    """All clients are neighbours here, so a full enumeration must find nothing better: no delta overlooks a gain."""
    breeding = Breeding(taxi(11, seed), seed)
    for _ in range(6):
        breeding.child()
        routes = breeding.routes()
        cost = breeding.cost(routes)
        assert all(breeding.cost(other) >= cost for other in neighbours_of(routes))


def test_cuts_are_the_cheapest_of_all():
    """Every way to cut the tour, against the routes with which the descent begins."""
    breeding = Breeding(taxi(9, 5))
    child = breeding.genetic.descent
    for _ in range(5):
        breeding.control.slots[LIMIT] = breeding.control.slots[ITERATIONS]
        assert not breeding.genetic.advance(breeding.random, breeding.control)
        tour = child.tour.tolist()
        cheapest = min(
            breeding.cost(np.split(tour, [k + 1 for k in range(8) if mask >> k & 1]))
            for mask in range(256)
            if all(
                len(part) == 1 or sum(int(breeding.instance.demand[u]) for u in part) <= child.most
                for part in np.split(tour, [k + 1 for k in range(8) if mask >> k & 1])
            )
        )
        assert breeding.cost(breeding.routes()) == cheapest
        breeding.control = Control.fresh()
        breeding.child()


def test_slices_and_ways_give_the_same_bits():
    problem = taxi(12, 1)
    states = []
    for way in ("python", "jit", "aot"):
        try:
            breeding = Breeding(problem, 4, way=way)
        except Unavailable:
            continue
        for limit in (7, 40, 41, 300):
            breeding.control.slots[LIMIT] = limit
            while breeding.genetic.advance(breeding.random, breeding.control):
                pass
        states.append(breeding.state())
    whole = Breeding(problem, 4)
    whole.control.slots[LIMIT] = 300
    while whole.genetic.advance(whole.random, whole.control):
        pass
    assert all(state == whole.state() for state in states)


def test_worth_is_rank_by_cost_and_distance():
    """Against sorts of the members as they lie there; broken pairs against sets of edges."""
    breeding = Breeding(taxi(12, 2, capacity=18), 2)
    families = breeding.genetic.families
    for _ in range(150):
        breeding.child()
    size, fine = families.num_nodes, float(families.reals[slot.USUAL_FINE])
    for k in (slot.KEEPS, slot.BREAKS):
        count = int(families.words[k])
        assert 3 <= count < families.num_rows
        rows = slice(k * families.num_rows, k * families.num_rows + count)
        after, before = (links.reshape(-1, size)[rows, 1:] for links in (families.after, families.before))
        broken = np.zeros((count, count), int)
        for a in range(count):
            for b in range(count):
                for u in range(size - 1):
                    broken[a, b] += after[a, u] not in (after[b, u], before[b, u])
                    broken[a, b] += before[a, u] == 0 and 0 not in (after[b, u], before[b, u])
        kept = families.broken.reshape(2, families.num_rows, families.num_rows)[k, :count, :count]
        assert kept.tolist() == np.where(np.tri(count, dtype=bool), kept, kept.T).tolist()
        assert np.all((kept == broken) | (kept == broken.T))
        cost = families.distance[rows] + (fine * families.excess[rows]).astype(int)
        nearest = np.array([np.sort(np.delete(kept[a], a))[:5].sum() for a in range(count)])
        rank = np.argsort(np.argsort(cost, kind="stable"))
        far = np.argsort(np.argsort(-nearest, kind="stable"))
        if count > 5:
            assert families.worth[rows].tolist() == pytest.approx((rank + (1 - 4 / count) * far).tolist())
        assert np.all((families.excess[rows] > 0) == (k == slot.BREAKS))


def test_routes_from_elsewhere_join_once_and_come_out_again():
    problem = taxi(14, 3)
    routes = tuple(tuple(u + 1 for u in visits) for visits in ok.solve(problem, "savings").solution.visits if visits)
    breeding = Breeding(problem)
    breeding.genetic.take(routes, breeding.random)
    cost, found = breeding.genetic.champion()
    assert {frozenset(route) for route in found} == {frozenset(route) for route in routes}
    assert cost == breeding.genetic.best == breeding.cost(routes)
    breeding.genetic.take(tuple(route[::-1] for route in routes), breeding.random)
    assert breeding.genetic.families.words[slot.KEEPS] == 1
    breeding.control.slots[LIMIT] = 5
    assert not breeding.genetic.advance(breeding.random, breeding.control)
    assert breeding.genetic.descent.words[slot.PHASE] in (SETTLE, DESCEND, EXCHANGE)
    breeding.genetic.take(routes[::-1], breeding.random)  # waits until the child is bred
    breeding.control.slots[LIMIT] = 10**6
    breeding.child()
    assert breeding.genetic.descent.words[slot.PHASE] == BRED
    assert not breeding.genetic.arrivals


def test_the_search_breeds_and_says_what_it_found(monkeypatch):
    """With the recount after every slice, on as many islands as threads and on more."""
    monkeypatch.setenv("OPTIKIT_AUDIT", "1")
    rng = np.random.default_rng(0)
    problem = ok.routing.VRP.from_coordinates(rng.integers(0, 100, (41, 2)), [0, *rng.integers(1, 9, 40).tolist()], 40)
    solver = HGS(islands=2, first_part=0.1, child=500, population=4, annealed=0.25)
    results = [ok.solve(problem, solver, stop=Stop(iterations=12_001), seed=1, n_jobs=jobs) for jobs in (1, 2)]
    assert results[0].solution == results[1].solution
    assert results[0].iterations == results[1].iterations == 12_001
    assert results[0].objective == pytest.approx(problem.evaluate(results[0].solution))


def test_a_fleet_that_holds_no_more_than_its_load():
    """Slots are no more than vehicles; what is found keeps both."""
    problem = ok.routing.VRP.from_matrix(1 - np.eye(13, dtype=int), [0] + [3] * 12, 9, num_vehicles=4)
    breeding = Breeding(problem)
    assert breeding.genetic.descent.num_slots == 4
    for _ in range(30):
        breeding.child()
    assert breeding.genetic.best == 16
