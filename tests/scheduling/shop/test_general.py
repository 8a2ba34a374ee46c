"""The search for every constraint: its decoder against the definition, its states against the judge, its laws."""

import math
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Status, Stop, StopReason
from optikit.core.run import Run
from optikit.kernels.control import DEADLINE, ITERATIONS, LIMIT, NEVER
from optikit.kernels.jit import Unavailable, inline
from optikit.kernels.link import Interpreter, Linker
from optikit.kernels.python import plain_view
from optikit.scheduling import FlexibleJobShop, JobShop, OpenShop, Schedule, Shop
from optikit.scheduling.shop import Calendar, Precedence
from optikit.scheduling.shop.dispatcher import Dispatcher
from optikit.scheduling.shop.explain import impossible
from optikit.scheduling.shop.general import General, Island, decode
from optikit.scheduling.shop.kernels.sequencing import advance
from optikit.scheduling.shop.plant import components, fresh_sequence, plant_of, set_order
from optikit.scheduling.shop.sequence_arrays import BEST_BREACH, KEPT_BREACH, KEPT_COST
from optikit.testing import check_result
from tests.naive import shop as textbook
from tests.naive import shop_decoder as naive
from tests.scheduling.shop.strategies import shops

RNG = np.random.default_rng(5)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
OBJECTIVE = {"makespan": 1, "total_completion": 1, "total_tardiness": 2, "num_tardy": 5, "total_setup": 1}


def job_shop(jobs, machines, **fields):
    routes = np.array([RNG.permutation(machines) for _ in range(jobs)])
    return JobShop.from_arrays(routes, RNG.integers(1, 30, (jobs, machines)), **fields)


def rich(**fields):
    """Five jobs on four machines, of which one works in shifts, with setups, transports and due dates."""
    return job_shop(
        5,
        4,
        due=RNG.integers(60, 150, 5),
        weight=RNG.integers(1, 5, 5),
        release=RNG.integers(0, 40, 5),
        setup=RNG.integers(0, 8, (5, 5)),
        transport=[[0, 3, 2, 4], [3, 0, 1, 2], [2, 1, 0, 6], [4, 2, 6, 0]],
        calendars=[Calendar([(0, 60), (80, 140), (160, math.inf)]), None, None, None],
        objective=OBJECTIVE,
        **fields,
    )


KINDS = {
    "rich": rich(),
    "no-wait": rich(no_wait=[True, False, True, False, True]),
    "blocking": rich(blocking=[True, True, False, True, False]),
    "optional": rich(omission=np.where(RNG.random(20) < 0.3, 40, math.inf)),
    "lags": rich(
        precedences=[Precedence(1, 6, "start-start", 2, 20), Precedence(9, 13, max_lag=30), Precedence(4, 8, "finish-finish")]
    ),
    "open": OpenShop.from_matrix(RNG.integers(1, 30, (4, 4)), due=[40, 50, 60, 70], objective="total_tardiness"),
    "flexible": FlexibleJobShop.from_jobs(
        [[{int(k): int(RNG.integers(1, 20)) for k in RNG.permutation(3)[:2]} for _ in range(3)] for _ in range(4)],
        due=[15, 20, 25, 30],
        objective={"total_tardiness": 1, "total_completion": 0.5},
    ),
    "classical": job_shop(6, 5),
}


def make_island(problem, stream=0, islands=1, seed=0, **stop):
    run = Run(problem, Stop(**({"iterations": 400} | stop)), seed=seed, solver="general")
    return Island(problem, General(), run, stream, islands)


def go(island, iterations, slices=1):
    """Advance to so many iterations, in slices of as many calls."""
    slots = island.control.slots
    done = int(slots[ITERATIONS])
    for part in range(1, slices + 1):
        slots[LIMIT] = done + (iterations - done) * part // slices
        slots[DEADLINE] = NEVER
        island.advance()
    return island


def state(island):
    sequence = island.sequence
    return {name: getattr(sequence, name).tolist() for name in ("order", "inner", "mode", "held", "behind", "delay", "best_start")}


# -- the decoder ------------------------------------------------------------------


@given(shops(max_operations=4), st.data())
@SLOW
def test_operations_are_placed_where_the_definition_places_them(shop, data):
    assume(shop.duration.min() > 0)  # operations without a duration may stand in several orders at one instant
    plant = plant_of(shop)
    assume(plant.num_units == shop.num_operations)  # what is tied goes together, and has tests of its own
    sequence = fresh_sequence(shop, plant)
    order = data.draw(st.permutations(range(plant.num_units)))
    before = {(int(plant.before[k]), unit) for unit in order for k in range(plant.before_ptr[unit], plant.before_ptr[unit + 1])}
    assume(all(order.index(first) < order.index(then) for first, then in before))
    modes = [data.draw(st.integers(0, int(count) - 1)) for count in np.diff(shop.mode_ptr)]
    sequence.mode[:] = shop.mode_ptr[:-1] + modes
    sequence.held[:] = 0
    operation_of = {int(unit): operation for operation, unit in enumerate(plant.unit_of)}
    set_order(sequence, order)
    island = make_island(shop)
    decode(plant, island.menu, sequence, island.control)
    expected = naive.decode(shop, [operation_of[unit] for unit in order], modes, shop.flat.horizon)
    scale = int(shop.lattice.scale)
    assert (sequence.start // scale).tolist() == expected
    value = textbook.value(shop, expected, modes)
    assert (sequence.words[KEPT_BREACH] == 0) == (value is not None)
    if value is not None:
        assert shop.flat.cost(int(sequence.words[KEPT_COST])) == pytest.approx(value)


NO_TIME_ON_A_BLOCKING_MACHINE = Shop(
    job=[0, 0, 0, 0],
    operation=[0, 0, 1, 1, 2, 3],
    machine=[0, 1, 1, 1, 1, 1],
    duration=[2, 0, 1, 0, 0, 1],
    blocking=True,
    omission=[math.inf, 1, 1, 1],
    precedences=[Precedence(1, 0, min_lag=2), Precedence(0, 3, "finish-finish", 2, 2)],
    objective="total_completion",
)
"""The second operation goes only without the third; what takes no time is held on the machine of the next."""


@given(shops(max_operations=5), st.integers(0, 3))
@example(NO_TIME_ON_A_BLOCKING_MACHINE, 2)
@SLOW
def test_every_state_decodes_to_what_the_judge_accepts_at_its_cost(shop, seed):
    """After each of the trials, kept or taken back: the state decodes from nothing to its cost, and the best is a schedule."""
    island = make_island(shop, seed=seed)
    for iterations in (1, 2, 3, 5, 8, 13, 21, 34, 55, 150):
        go(island, iterations)
        assert island.audit() is None
        if island.sequence.words[BEST_BREACH] and island.plant.num_units == shop.num_operations:
            assert not shop.check(island.nearest())  # what is tied may hold though it was placed apart: the judge is asked


@pytest.mark.parametrize("kind", KINDS)
def test_states_of_larger_shops_too(kind):
    island = make_island(KINDS[kind])
    for iterations in range(50, 301, 50):
        go(island, iterations)
        assert island.audit() is None
    assert island.read() is not None


@pytest.mark.parametrize("kind", ["no-wait", "blocking", "lags"])
def test_tied_operations_are_placed_together(kind):
    shop = KINDS[kind]
    plant = plant_of(shop)
    sizes = np.diff(plant.unit_ptr)
    assert sizes.max() > 1
    if kind == "lags":
        assert plant.unit_of[9] == plant.unit_of[13]
    else:
        tied = shop.no_wait | shop.blocking
        assert all(len(set(plant.unit_of[shop.job == job].tolist())) == (1 if tied[job] else 4) for job in range(5))


def test_a_job_that_may_not_wait_goes_anywhere_at_last():
    """Through an open shop whose shortest ways are detours, and between breaks on sixty machines."""
    carried = OpenShop.from_matrix([[2, 3, 1]], no_wait=True, transport=[[0, 1, 50], [1, 0, 1], [50, 1, 0]])
    breaks = [Calendar.always_but([(t, t + 3) for t in range(50 + 37 * k % 100, 3000, 150)]) for k in range(60)]
    broken = JobShop.from_jobs([[(k, 5) for k in range(60)]], no_wait=True, calendars=breaks)
    for shop in (carried, broken):
        dispatcher = Dispatcher(shop)
        assert dispatcher.make("ect", False) == 0
        assert shop.check(dispatcher.best()[2])


def test_nothing_waits_for_no_reason():
    """Two jobs on machines of their own: whatever is put off makes nothing better, and is not taken for as good."""
    island = make_island(JobShop.from_jobs([[(0, 3), (1, 2), (0, 1)], [(2, 1), (3, 1)]], blocking=True), iterations=20_000)
    go(island, 2_000)
    assert not island.sequence.delay.any()
    assert not island.sequence.behind.any()


def test_in_a_job_that_may_not_wait_only_the_first_operation_is_delayed():
    """Another would push the first one on for ever."""
    island = make_island(JobShop.from_jobs([[(0, 2), (1, 3)]], no_wait=True))
    sequence = island.sequence
    for delay, starts in ([0, 7], [0, 2]), ([3, 7], [3, 5]):
        sequence.delay[:] = delay
        decode(island.plant, island.menu, sequence, island.control)
        assert sequence.start.tolist() == starts
        assert sequence.words[KEPT_BREACH] == 0


@given(st.integers(1, 8).flatmap(lambda n: st.lists(st.lists(st.integers(0, n - 1), max_size=n), min_size=n, max_size=n)))
@settings(max_examples=60, deadline=None)
def test_components_are_those_of_mutual_reach(after):
    reach = np.eye(len(after), dtype=bool)
    for node, others in enumerate(after):
        reach[node, others] = True
    for _ in after:
        reach = reach | (reach.astype(int) @ reach.astype(int) > 0)
    found = np.array(components(after))
    assert np.array_equal(found[:, None] == found[None, :], reach & reach.T)


# -- laws ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_slices_do_not_matter(kind):
    whole, sliced = go(make_island(KINDS[kind]), 200), go(make_island(KINDS[kind]), 200, slices=17)
    assert state(whole) == state(sliced)


@pytest.mark.parametrize("kind", ["rich", "no-wait", "optional"])
def test_a_trial_that_is_interrupted_is_gone_on_with(kind, monkeypatch):
    """The clock runs out after each unit that is placed, and the search is driven on."""
    whole = go(make_island(KINDS[kind]), 25)
    island = go(make_island(KINDS[kind]), 0)
    monkeypatch.setattr("optikit.scheduling.shop.kernels.decode.WORK_A_LOOK", 1)
    monkeypatch.setattr("optikit.scheduling.shop.kernels.decode.out_of_time", inline(lambda control: True))
    linked = Linker(Interpreter()).link(advance["plain"].kernel.function, {})  # with what was patched

    def by_hand(*arrays):
        return linked(*(each._view(plain_view) for each in arrays))

    monkeypatch.setattr("optikit.scheduling.shop.general.advance", by_hand)
    calls = 0
    while island.control.slots[ITERATIONS] < 25:
        go(island, 25)
        calls += 1
    assert calls > 50
    monkeypatch.undo()
    assert island.audit() is None
    assert state(island) == state(whole)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_and_the_iterations_fix_the_answer_and_threads_do_not(kind):
    def solve(seed, n_jobs):
        return General(islands=2).solve(KINDS[kind], stop=Stop(iterations=150), seed=seed, n_jobs=n_jobs).solution

    assert solve(3, 1) == solve(3, 2)


@pytest.mark.parametrize("kind", ["rich", "no-wait", "open"])
def test_every_way_of_running_gives_the_same(kind, monkeypatch):
    ways = []
    for way in ("python", "aot", "jit"):
        try:
            advance["plain"].using(way)
        except Unavailable:
            continue
        monkeypatch.setattr("optikit.scheduling.shop.general.advance", advance["plain"].using(way))
        ways.append(state(go(make_island(KINDS[kind]), 120)))
        if os.environ.get("OPTIKIT_KERNELS") == "python":
            break
    assert all(way == ways[0] for way in ways)


@pytest.mark.parametrize("kind", KINDS)
def test_a_start_is_never_worsened_and_is_where_the_search_begins(kind):
    shop = KINDS[kind]
    first = General().solve(shop, stop=Stop(iterations=500), seed=1)
    check_result(shop, first)
    again = General().solve(shop, stop=Stop(iterations=100), seed=2, initial_solution=first)
    assert again.objective <= first.objective


def test_it_goes_on_from_a_schedule_that_is_admitted():
    shop = KINDS["rich"]
    found = General().solve(shop, stop=Stop(iterations=600), seed=9)
    island = go(make_island(shop), 1)
    island.admit(found.solution)
    assert island.objective() <= found.objective
    assert island.audit() is None


def test_islands_take_over_what_is_better():
    shop = KINDS["rich"]
    one, other = go(make_island(shop), 300), go(make_island(shop, stream=1), 1)
    other.receive(one)
    assert other.key() <= one.key()
    assert shop.evaluate(other.read()) == other.objective()
    assert other.audit() is None


# -- what it finds --------------------------------------------------------------------


@given(shops(max_operations=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_is_better_than_the_best_of_all_schedules(shop):
    best = textbook.optimum(shop, 7)
    result = General().solve(shop, stop=Stop(iterations=200))
    check_result(shop, result)
    if result.solution is not None and result.solution.start.max() <= 4:
        assert best is not None
        assert result.objective >= best[0] - 1e-9


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "classical"])
def test_small_shops_are_solved(kind):
    """The first three jobs: as good as CP-SAT's proof, or for jobs that may not wait or block, near to it."""
    pytest.importorskip("ortools")
    shop = first_jobs(KINDS[kind], 3)
    exact = ok.solve(shop, "cpsat", time_limit=20)
    assert exact.status is Status.OPTIMAL
    result = General().solve(shop, stop=Stop(iterations=3000))
    assert result.objective >= exact.objective - 1e-9
    assert result.objective <= exact.objective * 1.05 + 1e-9


def first_jobs(shop, count):
    """The shop of the first jobs."""
    data = shop.to_dict()
    operations = int(shop.job_ptr[count])
    modes = int(shop.mode_ptr[operations])
    for field, rows in (("operation", modes), ("machine", modes), ("duration", modes), ("job", operations)):
        data[field] = data[field][:rows]
    for field in ("release", "due", "deadline", "weight", "no_wait", "blocking", "order"):
        if isinstance(data.get(field), list):
            data[field] = data[field][:count]
    for field in ("family", "resumable", "omission", "earliest", "latest"):
        if isinstance(data.get(field), list):
            data[field] = data[field][:operations]
    if data.get("precedences"):
        data["precedences"] = [rule for rule in data["precedences"] if max(rule["before"], rule["after"]) < operations]
    return type(shop).from_dict(data)


def test_operations_with_a_fixed_start_keep_it_whoever_comes():
    """A plan in progress: one operation under way, and others that would like its machine."""
    shop = Shop(
        job=[0, 0, 1, 2],
        operation=range(4),
        machine=[0, 1, 0, 0],
        duration=[4, 2, 5, 1],
        earliest=[0, 0, 2, 0],
        latest=[math.inf, math.inf, 7, math.inf],
        objective="total_completion",
    )
    assert shop.flat.pinned.tolist() == [0, 0, 1, 0]
    result = General().solve(shop, stop=Stop(iterations=400))
    assert result.solution.start[2] == 2
    assert result.objective == textbook.optimum(shop, 13)[0]


@pytest.mark.parametrize(
    ("duration", "earliest", "latest", "setup"),
    [
        # In time each is set up for from the one before; the first and the last, one after the other, are not.
        ([2, 2, 2], [0, 8, 4], [2, 10, 6], [[0, 7, 1], [9, 0, 9], [9, 1, 0]]),
        # Two that take no time stand at one instant: only the second before the first leaves none without its setup.
        ([0, 0, 3], [2, 2, 2], [2, 2, math.inf], [[0, 1, 0], [0, 0, 1], [0, 0, 0]]),
    ],
)
def test_fixed_operations_are_set_up_for_in_their_order(duration, earliest, latest, setup):
    shop = Shop(job=range(3), operation=range(3), machine=[0] * 3, duration=duration, earliest=earliest, latest=latest, setup=setup)
    result = General().solve(shop, stop=Stop(iterations=50))
    assert result.objective == textbook.optimum(shop, 10)[0]


def test_a_nearest_schedule_that_breaks_nothing_is_a_schedule():
    """The decoder puts the tied job last and sees no place for it, but another's operation in between saves the setup."""
    shop = JobShop.from_jobs(
        [[(0, 1), (1, 0)], [(1, 1), (1, 2)]],
        no_wait=[False, True],
        blocking=True,
        setup=[[0, 0], [0, 2]],
        transport=[[0, 1], [0, 0]],
    )
    result = General().solve(shop, stop=Stop(iterations=500))
    assert result.objective == textbook.optimum(shop, 6)[0] == 4


def test_what_the_decoder_counts_as_broken_is_left_to_the_judge(monkeypatch):
    monkeypatch.setattr(Island, "objective", lambda island: None)
    result = General().solve(KINDS["classical"], stop=Stop(iterations=20))
    check_result(KINDS["classical"], result)
    assert result.solution is not None


@pytest.mark.parametrize("solver", ["general", "cpsat"])
def test_a_blocking_job_does_not_block_its_own_next_operation(solver):
    """Two operations of one job on one machine, which is set up for in between."""
    if solver == "cpsat":
        pytest.importorskip("ortools")
    shop = JobShop.from_jobs([[(0, 2), (0, 1)], [(0, 1)]], setup=[[1, 2], [1, 0]], blocking=True)
    stop = Stop(iterations=200) if solver == "general" else Stop(time=20)
    result = ok.solve(shop, solver, stop=stop)
    assert result.objective == textbook.optimum(shop, 7)[0] == 6


def test_where_it_finds_no_schedule_cpsat_takes_over():
    pytest.importorskip("ortools.sat.python.cp_model")  # by now: it takes its time
    shop = JobShop.from_jobs([[(0, 3), (1, 3)], [(1, 2), (0, 1)], [(0, 1), (1, 1)]], deadline=[6] * 3)
    assert not impossible(shop)
    counted = General().solve(shop, stop=Stop(iterations=100))  # what iterations give must not hang on an engine
    assert counted.status is Status.UNKNOWN
    result = General().solve(shop, time_limit=1)  # kernels are compiled by now
    assert result.status is Status.INFEASIBLE
    assert "CP-SAT took over" in result.message
    assert not shop.check(counted.nearest)
    assert "proved" in str(ok.explain(shop, result))
    assert ok.explain(shop, result).infeasible
    assert not ok.explain(shop, counted).infeasible
    assert not ok.explain(shop.replace(deadline=[7] * 3), result).infeasible


def test_cpsat_works_while_kernels_are_being_compiled(monkeypatch):
    pytest.importorskip("ortools")
    monkeypatch.setattr("optikit.scheduling.shop.general.made_ready", lambda *_: False)
    result = General().solve(first_jobs(KINDS["rich"], 2), time_limit=10)
    assert result.status is Status.OPTIMAL
    assert "compiled" in result.message
    without = General().solve(KINDS["rich"], stop=Stop(iterations=5))
    assert without.stop_reason is StopReason.TIME
    assert "compiled" in without.message
    check_result(KINDS["rich"], without)


def test_an_operation_waits_for_its_start_in_the_baseline_where_that_is_cheaper():
    from optikit.scheduling.shop import Baseline

    shop = Shop(
        job=[0, 1], operation=[0, 1], machine=[0, 0], duration=[2, 2], baseline=Baseline([5, 0], [0, 0], 3.0), objective="makespan"
    )
    result = General().solve(shop, stop=Stop(iterations=200))
    assert result.objective == textbook.optimum(shop, 8)[0] == 7
    assert result.solution == Schedule([5, 0])


def test_deadlines_that_are_missed_are_told_with_the_nearest_schedule():
    """Two jobs of 5 on one machine by 8: one of them is 2 late at least."""
    shop = JobShop.from_jobs([[(0, 5)], [(0, 5)]], deadline=[8, 8])
    island = go(make_island(shop), 50)
    assert island.objective() is None
    assert island.read() is None
    assert int(island.sequence.words[BEST_BREACH]) == 2 * shop.lattice.scale
    assert sorted(island.nearest().start.tolist()) == [0, 5]


def test_one_operation_leaves_nothing_to_search():
    shop = JobShop.from_jobs([[(0, 3)]], objective="total_completion", due=[1])
    result = General().solve(shop, time_limit=30)
    assert result.stop_reason in (StopReason.EXHAUSTED, StopReason.PROVEN)
    assert result.objective == 3


def test_no_time_and_no_iterations_are_a_solution():
    assert "no time" in General().solve(KINDS["rich"], time_limit=0).message
    result = General().solve(KINDS["rich"], stop=Stop(iterations=0))
    check_result(KINDS["rich"], result)
    assert result.solution is not None


def test_side_by_side_with_cpsat():
    pytest.importorskip("ortools")
    shop = first_jobs(KINDS["rich"], 3)
    result = ok.solve(shop, "portfolio", n_jobs=2, time_limit=20)
    assert result.status is Status.OPTIMAL
    check_result(shop, result)
