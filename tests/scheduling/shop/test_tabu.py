"""The compiled tabu search of shops against its laws."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop
from optikit.core.run import Run
from optikit.kernels.control import BEST, DEADLINE, ITERATIONS, LIMIT, MOVES, NEVER, STOP
from optikit.kernels.jit import Unavailable
from optikit.scheduling import FlexibleJobShop, JobShop, OpenShop
from optikit.scheduling.shop import Precedence, Shop
from optikit.scheduling.shop.disjunctive import disjunctive
from optikit.scheduling.shop.kernels.block_moves import BEHIND, ELSEWHERE
from optikit.scheduling.shop.kernels.tabu import SEARCH, advance
from optikit.scheduling.shop.tabu import Island, TabuSearch
from optikit.scheduling.shop.tabu_arrays import BEST_ROW, COST, ESTIMATE, FIRST, MOVE, PHASE, PLACE, SECOND, STEPS
from tests.naive import disjunctive as naive

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances"
RNG = np.random.default_rng(0)


def job_shop(jobs, machines, **fields):
    routes = np.array([RNG.permutation(machines) for _ in range(jobs)])
    return JobShop.from_arrays(routes, RNG.integers(1, 50, (jobs, machines)), **fields)


def flexible_shop(jobs, machines, **fields):
    def operation():
        return {int(k): int(RNG.integers(1, 30)) for k in RNG.choice(machines, RNG.integers(1, machines + 1), replace=False)}

    return FlexibleJobShop.from_jobs([[operation() for _ in range(machines)] for _ in range(jobs)], **fields)


KINDS = {
    "job": job_shop(6, 5),
    "due": job_shop(5, 4, due=RNG.integers(50, 150, 5), release=RNG.integers(0, 40, 5), objective="max_lateness"),
    "again": JobShop.from_jobs([[(0, 4), (0, 3), (1, 2), (0, 5)], [(1, 6), (0, 2), (1, 3)], [(0, 0), (1, 4), (0, 4)]]),
    "flexible": flexible_shop(6, 4),
    "open": OpenShop.from_matrix(RNG.integers(1, 100, (4, 4))),
}


@st.composite
def graphs(draw):
    """A shop that its disjunctive graph holds whole, with durations of 0, machines visited again, heads and tails."""
    machines = draw(st.integers(1, 3))
    duration = st.integers(0, 6)
    operation = st.dictionaries(st.integers(0, machines - 1), duration, min_size=1, max_size=draw(st.sampled_from([1, 3])))
    jobs = draw(st.lists(st.lists(operation, min_size=1, max_size=4), min_size=1, max_size=4))
    fields = {"order": draw(st.sampled_from(["chain", "open"])), "num_machines": machines}
    if draw(st.booleans()):
        fields["release"] = draw(st.lists(st.integers(0, 9), min_size=len(jobs), max_size=len(jobs)))
    if draw(st.booleans()):
        due = st.one_of(st.integers(0, 20), st.just(math.inf))
        fields |= {"due": draw(st.lists(due, min_size=len(jobs), max_size=len(jobs))), "objective": {"max_lateness": 2}}
    return Shop.from_jobs(jobs, **fields)


def island_of(problem, *, seed=3, way=None, start=None, **parameters):
    run = Run(problem, Stop(), seed=seed)
    run.initial_solution = start
    island = Island(TabuSearch(**{"elites": 3, "patience": 40} | parameters), problem, disjunctive(problem), run, 0)
    if way is not None:
        island.kernel = advance.using(way)
    return island


def advance_to(island, iterations):
    island.control.slots[[DEADLINE, STOP, LIMIT]] = NEVER, 0, iterations
    island.advance()


def told(island):
    """What an island has found, where it stands, and what it will draw next."""
    state = island.state
    parts = state.words, state.order, state.choice, state.end, state.tail, state.forbidden, island.elites.cost, island.random.words
    return [part.tolist() for part in (*parts, *island.row(BEST_ROW), island.control.slots[[ITERATIONS, BEST]])]


def lines_of(island):
    s, p = island.state, island.graph.instance
    return [s.sequence[p.line_start[k] : p.line_start[k] + s.count[k]].tolist() for k in range(s.num_lines)]


def check_state(island):
    """Everything that the search keeps, against longest paths by relaxation."""
    s, p = island.state, island.graph.instance
    n = s.num_operations
    lines = lines_of(island)
    pairs = naive.arcs(lines)
    assert sorted(o for line in lines for o in line) == sorted([*range(n)] * 2)
    assert naive.is_acyclic(n, pairs)
    duration = p.duration[s.choice].tolist()
    assert s.time[:n].tolist() == duration
    # A job's release and delivery hold for all its operations, since its paths begin and end with them.
    ends = naive.ends(duration, p.release[p.job], pairs)
    assert s.end[:n].tolist() == ends
    assert s.tail[:n].tolist() == naive.tails(duration, p.delivery[p.job], pairs)
    assert s.words[COST] == max(ends[o] + p.delivery[p.job[o]] for o in range(n))
    assert s.position[s.order].tolist() == list(range(n))
    assert all(s.position[a] < s.position[b] for a, b in pairs)


@given(graphs(), st.integers(0, 2**32))
@settings(max_examples=60)
def test_every_move_leaves_exact_ends_tails_and_costs(problem, seed):
    """Whatever move is made, no cycle arises, and what is kept is what longest paths say."""
    island = island_of(problem, seed=seed, patience=12)
    for iterations in range(25):
        advance_to(island, iterations)
        if island.state.words[PHASE] == SEARCH:
            check_state(island)
        assert island.audit() is None
    cost = island.graph.place(*island.row(BEST_ROW))[1]
    assert problem.evaluate(island.read()) == pytest.approx(island.objective())
    assert problem.check(island.read())
    assert cost == island.control.slots[BEST]


@pytest.mark.parametrize("kind", KINDS)
def test_a_swap_of_neighbours_is_estimated_exactly(kind):
    """Of two neighbours that change places, the estimate is the longest path through either (Taillard 1994)."""
    seen = 0
    for seed in range(3):
        island = island_of(KINDS[kind], seed=seed, patience=10**6)
        for iterations in range(1, 120):
            before, moves = island.state.copy(), int(island.control.slots[MOVES])
            advance_to(island, iterations)
            s = island.state
            u, v, side = (int(s.words[slot]) for slot in (FIRST, SECOND, PLACE))
            if moves == island.control.slots[MOVES] or s.words[MOVE] >= ELSEWHERE or s.words[ESTIMATE] == NEVER:
                continue
            if before.words[PHASE] == SEARCH and abs(int(before.place[2 * u + side]) - int(before.place[2 * v + side])) == 1:
                seen += 1
                assert s.words[ESTIMATE] == max(int(s.end[o] + s.tail[o] - s.time[o]) for o in (u, v))
                assert s.words[ESTIMATE] <= s.words[COST]
    assert seen > 0


@pytest.mark.parametrize("neighbourhood", ["n5", "n6", "n7"])
def test_moves_are_those_of_the_neighbourhood(neighbourhood):
    """N5 swaps neighbours at the ends of a block, N6 goes to its ends, and N7 inside as well."""
    island = island_of(KINDS["job"], patience=10**6, neighbourhood=neighbourhood)
    far, inside, seen = 0, 0, 0
    for iterations in range(1, 200):
        before, moves = island.state.copy(), int(island.control.slots[MOVES])
        advance_to(island, iterations)
        s = island.state
        if moves == island.control.slots[MOVES] or before.words[PHASE] != SEARCH:
            continue
        u, v, side, steps = (int(s.words[slot]) for slot in (FIRST, SECOND, PLACE, STEPS))
        path, sides = s.path[:steps].tolist(), s.side[: steps - 1].tolist()  # backwards
        k = path.index(v)
        ends = (k == 0 or sides[k - 1] != 1) if s.words[MOVE] == BEHIND else (k == steps - 1 or sides[k] != 1)
        far += abs(int(before.place[2 * u + side]) - int(before.place[2 * v + side])) > 1
        inside += not ends
        seen += 1
    assert seen > 100
    assert (far > 0, inside > 0) == {"n5": (False, False), "n6": (True, False), "n7": (True, True)}[neighbourhood]


@pytest.mark.parametrize("kind", KINDS)
def test_advancing_in_slices_is_advancing_at_once(kind):
    whole, sliced = island_of(KINDS[kind]), island_of(KINDS[kind])
    advance_to(whole, 300)
    for cut in (*range(0, 300, 7), 300):
        advance_to(sliced, cut)
    assert told(whole) == told(sliced)


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_of_running_gives_the_same_schedule(kind):
    found = {}
    for way in ("python", "jit", "aot", "checked"):
        try:
            island = island_of(KINDS[kind], way=way, patience=20)
        except Unavailable:
            continue
        advance_to(island, 250)
        found[way] = told(island)
    assert "python" in found
    assert all(other == found["python"] for other in found.values()), list(found)


@pytest.mark.parametrize("kind", KINDS)
def test_threads_change_nothing(kind):
    """Islands exchange by their iterations, so that threads and slices do not matter."""
    stop = Stop(iterations=600)
    one, two = (TabuSearch(islands=2, patience=30).solve(KINDS[kind], stop=stop, seed=5, n_jobs=n) for n in (1, 2))
    assert one.solution == two.solution
    assert one.iterations == two.iterations == 600


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_a_start_is_never_worsened(kind, seed):
    problem = KINDS[kind]
    first = TabuSearch().solve(problem, stop=Stop(iterations=30 * seed), seed=seed)
    again = TabuSearch().solve(problem, stop=Stop(iterations=1), seed=9, initial_solution=first.solution)
    assert again.objective <= first.objective
    island = island_of(problem, start=first.solution)
    advance_to(island, 0)
    assert island.objective() <= first.objective


@given(graphs(), st.integers(0, 99))
@settings(max_examples=40)
def test_any_feasible_schedule_can_be_taken_up(problem, seed):
    """Also with gaps in it: placed early, it is no worse."""
    schedule = TabuSearch().solve(problem, stop=Stop(iterations=0), seed=seed).solution
    gaps = np.random.default_rng(seed).integers(0, 3)
    late = type(schedule)(np.asarray(schedule.start) * (1 + gaps), schedule.mode)
    assert problem.check(late)
    island = island_of(problem, start=late)
    advance_to(island, 0)
    assert island.objective() <= problem.evaluate(late)
    check_state(island)


def tiny(kind, seed):
    rng = np.random.default_rng(seed)
    if kind == "open":
        return OpenShop.from_matrix(rng.integers(1, 10, (3, 3)))
    if kind == "job":
        routes = np.array([rng.permutation(3) for _ in range(4)])
        return JobShop.from_arrays(routes, rng.integers(1, 10, (4, 3)))
    if kind == "late":
        routes = np.array([rng.permutation(2) for _ in range(4)])
        fields = {"due": rng.integers(5, 20, 4), "release": rng.integers(0, 8, 4), "objective": "max_lateness"}
        return JobShop.from_arrays(routes, rng.integers(1, 10, (4, 2)), **fields)
    return FlexibleJobShop.from_jobs([[{k: int(rng.integers(1, 10)) for k in range(2)} for _ in range(2)] for _ in range(3)])


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["job", "late", "flexible", "open"])
def test_the_optimum_of_tiny_shops_is_found(kind, seed):
    problem = tiny(kind, seed)
    result = TabuSearch(patience=50).solve(problem, stop=Stop(iterations=2_000))
    assert result.objective == naive.optimum(problem)


def test_islands_pass_their_best_on():
    one, two = island_of(KINDS["job"], seed=1), island_of(KINDS["job"], seed=2)
    advance_to(one, 400)
    advance_to(two, 0)
    assert one.objective() < two.objective()
    two.receive(one)
    advance_to(two, 50 + two.parameters.patience)
    assert two.objective() <= one.objective()


def test_a_schedule_from_outside_begins_a_run():
    best = TabuSearch().solve(KINDS["flexible"], stop=Stop(iterations=3_000))
    island = island_of(KINDS["flexible"], patience=5)
    advance_to(island, 0)
    assert island.objective() > best.objective
    island.admit(best.solution)
    advance_to(island, 100)
    assert island.objective() <= best.objective


def test_a_schedule_that_the_search_has_overtaken_leads_it_nowhere():
    alone, beside = (island_of(KINDS["job"], patience=5) for _ in range(2))
    worst = beside.graph.schedule(*beside.graph.any_order())
    beside.admit(worst)  # before the search has any, as CP-SAT's first may come
    for island in (alone, beside):
        advance_to(island, 100)
        assert island.objective() < island.problem.evaluate(worst)
    np.testing.assert_array_equal(beside.elites.start, alone.elites.start)


JOBS = [[(0, 3), (1, 2)], [(1, 4), (0, 1)]]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"objective": "total_tardiness", "due": [4, 4]}, "total_tardiness"),
        ({"objective": {"makespan": 1, "max_lateness": 1}, "due": [4, 4]}, "makespan [+] max_lateness"),
        ({"deadline": [20, 20]}, "deadlines"),
        ({"no_wait": [True, False], "blocking": [False, True]}, "may not wait and blocking"),
        ({"transport": [[0, 1], [1, 0]]}, "transport"),
        ({"setup": [[0, 1], [1, 0]]}, "setup times"),
        ({"precedences": (Precedence(0, 2),)}, "precedences"),
        ({"order": ["chain", "open"]}, "differ"),
        ({"order": "network"}, "have none"),
    ],
)
def test_what_the_graph_does_not_hold_is_refused_with_the_reason(fields, reason):
    support = TabuSearch().supports(Shop.from_jobs(JOBS, **fields))
    assert not support
    with pytest.raises(ValueError, match=reason):
        TabuSearch().solve(Shop.from_jobs(JOBS, **fields))


@pytest.mark.parametrize("parameters", [{"elites": 1}, {"patience": 0}, {"tenure": -1}, {"stay": -1}, {"reach": 0}, {"islands": 0},
                                        {"neighbourhood": "n4"}])  # fmt: skip
def test_nonsense_parameters_are_refused_by_name(parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        TabuSearch(**parameters)


FILES = {"jobshop": "ft10", "flexible-jobshop": "ChambersBarnes1996/mt10xy", "openshop": "Taillard1993-ta5x5_8os"}


@pytest.mark.skipif(not INSTANCES.is_dir(), reason=f"the instance files are not here: {INSTANCES.resolve().name} is missing")
@pytest.mark.compiled
@pytest.mark.parametrize("family", FILES)
def test_real_instances_come_close_to_the_best_known(family):
    known = {"openshop": 300.0}  # Taillard's summary; the file of best known values has no open shops
    with (INSTANCES / "best_known.csv").open(encoding="utf-8") as file:
        known |= {
            row["family"]: float(row["best_known"]) for row in csv.DictReader(file) if row["instance"] == FILES.get(row["family"])
        }
    result = ok.solve(ok.read(INSTANCES / family / f"{FILES[family]}.txt"), "tabu", stop=Stop(iterations=200_000))
    assert known[family] <= result.objective <= 1.01 * known[family]
    assert result.bound <= known[family]
