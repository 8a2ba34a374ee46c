import copy
import json
import math
import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optikit import lower_bound
from optikit.errors import InvalidProblemError, InvalidSolutionError
from optikit.routing import VRP, Matrix, Planar, Route, Routes, Sphere, Trip, VehicleType
from optikit.testing import check_problem
from tests.naive import vrp as naive
from tests.strategies import vrps

LARGE = 2**53 + 1
"""The least int that no float holds."""

SQUARE = {"points": [(0, 0), (0, 3), (4, 0), (4, 3)], "demand": [0, 2, 3, 4], "capacity": 5}


@st.composite
def vrps_with_routes(draw):
    """A problem, and any routes that visit each client once (feasible or not)."""
    problem = draw(vrps(max_clients=7))
    order = draw(st.permutations(range(problem.num_clients)))
    cuts = sorted(draw(st.sets(st.integers(1, problem.num_clients - 1)))) if problem.num_clients > 1 else []
    parts = [order[i:j] for i, j in zip([0, *cuts], [*cuts, len(order)])]
    return problem, parts


@given(vrps_with_routes())
def test_evaluate_and_check_agree_with_the_textbook(case):
    problem, parts = case
    solution = Routes.of(parts)
    assert math.isclose(problem.evaluate(solution), naive.cost_of(problem, parts), rel_tol=1e-12, abs_tol=1e-12)
    overloaded = sum(sum(map(float, problem.demand[part, 0])) > problem.capacity + 1e-6 for part in parts)
    too_many = problem.num_vehicles is not None and len(parts) > problem.num_vehicles
    rules = [v.rule for v in problem.check(solution)]
    assert rules.count("capacity") == overloaded
    assert rules.count("fleet") == too_many
    assert len(rules) == overloaded + too_many


@given(vrps_with_routes())
def test_the_laws_of_problems(case):
    problem, parts = case
    solution = Routes.of(parts)
    clients = list(range(problem.num_clients))
    nonsense = [Routes.of([clients[1:]]), Routes.of([clients, clients[:1]]), Routes.of([[*clients, problem.num_clients]])]
    check_problem(problem, [solution] if problem.check(solution) else [], nonsense)


@given(vrps(max_clients=5))
@settings(max_examples=150)
def test_the_cheap_bound_never_exceeds_the_optimum(problem):
    best = naive.optimum(problem)
    bound = lower_bound(problem)
    assert math.isfinite(bound)
    assert bound >= 0
    if best is not None:
        assert bound <= best + 1e-9 * max(1, best)


@given(st.integers(2, 12), st.integers(0, 99), st.integers(1, 40))
def test_shortest_paths_are_those_of_the_textbook(size, seed, cached):
    """Floyd and Warshall's, however many arcs are looked at together."""
    from optikit.routing.vrp import bounds

    ticks = np.random.default_rng(seed).integers(0, 50, (size, size))
    np.fill_diagonal(ticks, 0)
    lengths = ticks.copy()
    for middle in range(size):
        lengths = np.minimum(lengths, lengths[:, middle, None] + lengths[middle])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "CACHED", cached)
        assert bounds._shortest_paths(ticks).tolist() == lengths[0].tolist()


@given(vrps(max_clients=6))
def test_the_bound_for_many_clients_never_exceeds_the_optimum(problem):
    from optikit.routing.vrp.bounds import _radial_of_many

    best = naive.optimum(problem)
    if best is not None:
        assert _radial_of_many(problem) <= best * (1 + 1e-12) + 1e-9


@given(vrps_with_routes())
def test_ticks_differ_by_no_more_than_the_error(case):
    problem, parts = case
    ticks = problem.network.ticks(problem.lattice)
    total = 0
    for part in parts:
        stops = [0, *[c + 1 for c in part], 0]
        total += sum(int(ticks[u, v]) for u, v in pairwise(stops))
    value = problem.evaluate(Routes.of(parts))
    assert abs(value - problem.lattice.units(total)) <= problem.error + 1e-12 * value


@pytest.mark.parametrize("rounding", ["exact", "nearest", "floor", "ceil", "dimacs", "one_decimal"])
def test_rounding_rules_by_hand(rounding):
    expected = {"exact": math.sqrt(2), "nearest": 1, "floor": 1, "ceil": 2, "dimacs": 14, "one_decimal": 1.4}[rounding]
    assert Planar([(0, 0), (1, 1)], rounding).legs([0], [1])[0] == pytest.approx(expected, abs=1e-12)


def test_great_circle_distances_by_hand():
    quarter = math.pi / 2 * 6371.0088
    sphere = Sphere([(0, 0), (90, 0), (0, 180), (52.3744779, 9.7385532), (48.13743, 11.57549)])
    assert sphere.legs([0, 0], [1, 2]) == pytest.approx([quarter, 2 * quarter])
    # Hannover to Munich: 488.5 km by the haversine formula, written out here.
    a, b = np.radians([52.3744779, 9.7385532]), np.radians([48.13743, 11.57549])
    h = math.sin((a[0] - b[0]) / 2) ** 2 + math.cos(a[0]) * math.cos(b[0]) * math.sin((a[1] - b[1]) / 2) ** 2
    assert sphere.legs([3], [4])[0] == pytest.approx(2 * 6371.0088 * math.asin(math.sqrt(h)), rel=1e-12)
    assert Sphere([(0, 0), (1, 0)], "m").legs([0], [1])[0] == pytest.approx(1000 * Sphere([(0, 0), (1, 0)]).legs([0], [1])[0])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"demand": [0, -3, 1, 1]}, r"demand\[1\] is -3; a demand is >= 0"),
        ({"demand": [0, math.nan, 1, 1]}, r"demand\[1\] is nan; expected a finite number"),
        ({"demand": [0, 1, 1]}, r"demand has shape \(3,\), expected \(4,\)"),
        ({"demand": [2, 1, 1, 1]}, r"row 0 is the depot, which has none"),
        ({"demand": ["a", "b", "c", "d"]}, r"demand\[0\] is 'a'; expected a number"),
        ({"demand": [0, 1, "x", 1]}, r"demand\[2\] is 'x'; expected a number; one entry a node"),
        ({"demand": [0, 1j, 1, 1]}, r"demand\[1\] is 1j"),
        ({"demand": np.array([0, np.complex64(1j), 1, 1], object)}, r"demand\[1\] is 1j"),
        ({"demand": np.array([0, 1, True, 1], object)}, r"demand\[2\] is True"),
        ({"demand": [0, 1, 10**30, 1]}, r"demand\[2\] is 10{30}; an int fits in 64 bits; use a larger unit"),
        ({"demand": [0, 1, 10**400, 0.5]}, r"demand\[2\] is an int of 1329 bits"),
        ({"demand": [0, 1e300, 1, 1], "capacity": 1e300}, r"demand\[1\] is 1e\+300; .* use a larger unit"),
        ({"demand": np.ma.array([0, 1, -5, 1], mask=[0, 0, 1, 0])}, r"demand\[2\] is masked; fill it in"),
        ({"demand": [0, 1, [1], 1]}, r"demand\[0\] is 0, demand\[2\] has 1 entries"),
        ({"demand": [0, None, 1, 1]}, "expected a number"),
        ({"capacity": -1}, r"capacity\[0\] is -1; a capacity is a finite number >= 0"),
        ({"capacity": math.nan}, r"capacity\[0\] is nan"),
        ({"capacity": "12"}, r"capacity\[0\] is '12'"),
        ({"capacity": 10**400}, r"capacity\[0\] is an int of 1329 bits; .* at most 2\^62: use a larger unit"),
        ({"capacity": 2**62 + 1}, r"capacity\[0\] is 4611686018427387905; .* or the total demand"),
        ({"capacity": 1e308}, r"capacity\[0\] is 1e\+308"),
        ({"num_vehicles": 10**400}, "say None for no limit"),
        ({"points": [(0, 0), (1, math.inf), (1, 1), (2, 2)]}, r"points\[1, 1\] is inf"),
        (
            {"points": [(0, 0), (1,), (1, 1), (2, 2)]},
            r"not a rectangular array .*points\[0\] has 2 entries, points\[1\] has 1 entries",
        ),
        ({"points": np.array([(0, 0), (0, 1), (1, 0), (1, 1)]) * 1e-300}, "points span 1e-300; .* use a smaller unit"),
        ({"points": [(0, 0)], "demand": [0]}, "a depot and at least one client"),
        ({"points": np.zeros((0, 2)), "demand": []}, "a depot and at least one client"),
        ({"points": np.zeros((4, 3))}, r"points has shape \(4, 3\)"),
        ({"points": np.full((4, 2), 1e300)}, "1e15"),
        ({"depot": 4}, "depot is 4; expected a row from 0 to 3"),
        ({"depot": -1}, "depot is -1"),
        ({"num_vehicles": 0}, "number of vehicles is 0"),
        ({"num_vehicles": 1.5}, "number of vehicles is 1.5"),
        ({"rounding": "rint"}, "rounding is 'rint'; expected one of exact, nearest"),
        ({"metric": "manhattan"}, "metric is 'manhattan'"),
        ({"names": ["a", "b", "a", "c"]}, "the name 'a' stands twice"),
        ({"names": ["a", "b", 1.5, "c"]}, "a name is text or a whole number"),
        ({"names": 5}, "names is 5; expected a sequence"),
        ({"names": {"a", "b", "c", "d"}}, "names is {.*; expected a sequence"),
        ({"names": {"a": 1, "b": 2, "c": 3, "d": 4}}, "names is {.*; expected a sequence"),
        ({"names": ["a", "b", None, "c"]}, r"names\[2\] is None"),
        ({"rounding": ["a"]}, r"rounding is \['a'\]; expected one of exact"),
        ({"metric": "haversine", "unit": ["km"]}, r"unit is \['km'\]"),
        ({"names": ["a", "b"]}, "names has 2 entries, expected 4"),
        ({"metric": "haversine", "points": [(91, 0), (0, 1), (1, 1), (2, 2)]}, r"latitude\[0\] is 91"),
        ({"metric": "haversine", "points": [(9, 361), (0, 1), (1, 1), (2, 2)]}, "a longitude is within -360 and 360 degrees"),
        ({"unit": "mi"}, "unit is 'mi', which is for metric='haversine'"),
        ({"demand": [0, 2**62, 1, 1], "capacity": 2**62}, r"demand\[1\] is 4611686018427387904, and up to 2 .* larger unit"),
        ({"demand": [1, 1, 2**62, 0], "depot": 3, "capacity": 2**62}, r"demand\[2\] is 4611686018427387904"),
        ({"demand": [0, LARGE, 0.5, 1], "capacity": 2**60}, r"demand\[1\] is 9007199254740993; beside fractions"),
        ({"demand": np.array([0, 1, 1, 1], "m8[ns]")}, r"demand holds durations \(timedelta64\[ns\]\); .*total_seconds"),
        ({"demand": np.array([0, 1, 1, 1], "M8[s]")}, r"demand holds dates"),
        ({"points": np.zeros((4, 2), "m8[s]")}, "points holds durations"),
        ({"capacity": np.timedelta64(5, "ns")}, r"capacity\[0\] is n(um)?p(y)?.timedelta64\(5,'ns'\); a capacity is a finite"),
        ({"name": 5}, "name is 5; expected text"),
    ],
)
def test_bad_coordinates_are_refused_by_name(change, complaint):
    with pytest.raises(InvalidProblemError, match=complaint):
        VRP.from_coordinates(**(SQUARE | change))


@pytest.mark.parametrize(
    ("distance", "complaint"),
    [
        ([[0, 1], [1, 0], [1, 1]], r"distance has shape \(3, 2\), expected a square matrix"),
        ([[0, -1], [1, 0]], r"distance\[0, 1\] is -1; a distance is >= 0"),
        ([[0, math.inf], [1, 0]], r"distance\[0, 1\] is inf"),
        ([[0, 2**61], [1, 0]], r"distance\[0, 1\] is 2305843009213693952"),
        ([[0, 2**70], [1, 0]], r"distance\[0, 1\] is 1180591620717411303424; an int fits in 64 bits"),
        ([[0, 1.7e308], [1.7e308, 0]], r"distance\[0, 1\] is 1.7e\+308 \(1 more\); .* longest real detour"),
        ([0, 1], "distance has shape"),
        ([[0, "x"], [1, 0]], r"distance\[0, 1\] is 'x'; expected a number"),
        (
            [[0, 5e-324], [5e-324, 0]],
            "distance reaches only 4.941e-324: so near to zero floats lose their digits; use a smaller unit",
        ),
        (
            [[0, 0.1, 1], [1, 0, 1], [0.1, 1e30, 0]],
            r"distance\[2, 1\] is 1e\+30 where nodes can be left for .*; price a missing arc",
        ),
        ([[0, LARGE], [0.5, 0]], r"distance\[0, 1\] is 9007199254740993; beside fractions"),
        (np.array([[0, 1], [1, 0]], "m8[ns]"), "distance holds durations"),
    ],
)
def test_bad_matrices_are_refused_by_name(distance, complaint):
    with pytest.raises(InvalidProblemError, match=complaint):
        VRP.from_matrix(distance, [1] * (len(distance) - 1) + [0], 1, depot=len(distance) - 1)


def test_large_but_sensible_numbers_are_taken():
    assert VRP.from_coordinates(**(SQUARE | {"capacity": 2**62})).capacity == 2**62
    tiny = VRP.from_coordinates([(0, 0), (3e-130, 4e-130)], [0, 1], 1)
    assert tiny.evaluate(Routes.of([[0]])) == pytest.approx(1e-129, rel=1e-12)
    whole = np.ma.array([0, 2, 3, 4], mask=False)
    assert VRP.from_coordinates(**(SQUARE | {"demand": whole})) == VRP.from_coordinates(**SQUARE)


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"vehicle_types": None}, "vehicle_types is None; expected VehicleTypes in a sequence"),
        ({"vehicle_types": 5}, "vehicle_types is 5"),
        ({"vehicle_types": (5,)}, r"vehicle_types\[0\] is 5; expected a VehicleType"),
        ({"vehicle_types": ()}, "0 vehicle types"),
        ({"name": None}, "name is None; expected text"),
        ({"depots": ()}, "depots is empty"),
    ],
)
def test_parts_that_make_no_sense_are_refused_by_name(parts, complaint):
    whole = {"network": Matrix([[0, 1], [1, 0]]), "demand": [1], "vehicle_types": (VehicleType((1,)),)}
    with pytest.raises(InvalidProblemError, match=complaint):
        VRP(**(whole | parts))


@pytest.mark.parametrize("name", [5, None, b"van", object()])
def test_a_vehicle_type_is_called_by_text(name):
    with pytest.raises(InvalidProblemError, match=r"name of a vehicle type is .*; expected text"):
        VehicleType((1,), None, name)


@pytest.mark.parametrize("longitude", [-179.0, 200.0, 359.0])
def test_longitudes_may_count_either_way(longitude):
    here = VRP.from_coordinates([(0, 0), (10, longitude)], [0, 1], 1, metric="haversine")
    there = VRP.from_coordinates(
        [(0, 0), (10, longitude - 360 if longitude > 0 else longitude + 360)], [0, 1], 1, metric="haversine"
    )
    assert here.evaluate(Routes.of([[0]])) == pytest.approx(there.evaluate(Routes.of([[0]])))


def test_routes_with_what_nobody_reads_are_refused():
    form = Routes.of([[0, 1]]).to_dict()
    for change, complaint in (
        ({"unserved": [2]}, "the JSON form of Routes has 'unserved', which nobody reads; known: schema_version, routes"),
        ({"routes": [form["routes"][0] | {"brakes": []}]}, r"routes\[0\] has 'brakes', which nobody reads; did you mean 'breaks'"),
        (
            {"routes": [form["routes"][0] | {"trips": [{"visits": [], "end": 0, "pickups": []}]}]},
            r"routes\[0\].trips\[0\] has 'pickups'",
        ),
        ({"routes": [{}]}, r"routes\[0\] lacks 'vehicle_type'"),
    ):
        with pytest.raises(InvalidSolutionError, match=complaint):
            Routes.from_dict(form | change)


def test_errors_of_entries_travel_between_processes():
    with pytest.raises(InvalidProblemError) as caught:
        VRP.from_coordinates(**(SQUARE | {"demand": [0, 1, "x", 1]}))
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (str(copied), copied.index) == (str(caught.value), (2,))


def form(**changes):
    return VRP.from_coordinates(**SQUARE).to_dict() | changes


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "expected an object, got"),
        ("no", "not the JSON form of a VRP"),
        ("[" * 100_000, "not the JSON form of a VRP"),
        ('{"problem": ' + "9" * 5000 + "}", "not the JSON form of a VRP"),
        (json.dumps(form(network="x")), "network is 'x'; expected an object with a kind"),
        (json.dumps(form(network={"kind": "grid"})), "network.kind is 'grid'"),
        (json.dumps(form(network={"kind": "matrix"})), "network lacks 'distance'"),
        (json.dumps(form(network={"kind": "planar", "points": [[0, 1], [2]], "rounding": "exact"})), r"points\[1\] has 1 entries"),
        (json.dumps(form(network={"kind": "planar", "points": [0] * 8, "rounding": "exact"})), r"points has shape \(8,\)"),
        (json.dumps(form(clients=[{"name": n, "demand": "x"} for n in "abc"])), r"demand\[0\] is 'x'; expected a number"),
        (json.dumps(form(clients=["a", "b", "c"])), r"clients\[0\] is 'a'; expected an object"),
        (json.dumps(form(prizes=[1])), "has 'prizes', which nobody reads; known: problem, schema_version"),
        (json.dumps(form(vehicle_type=[])), "has 'vehicle_type', which nobody reads; did you mean 'vehicle_types'"),
        (json.dumps(form(depots=[{"name": "d", "opens": 8}])), r"depots\[0\] has 'opens', which nobody reads; known: name"),
        (json.dumps(form(network={"kind": "planar", "points": [], "rounding": "exact", "norm": 1})), "network has 'norm'"),
        (json.dumps(form(vehicle_types=[{"name": "v", "capacity": 3, "count": 1}])), "not the JSON form of a VRP: TypeError"),
    ],
)
def test_json_that_is_no_problem_is_refused(text, complaint):
    with pytest.raises(InvalidProblemError, match=complaint):
        VRP.from_json(text)


def test_more_than_one_depot_or_load_or_type_is_refused_for_now():
    network = Matrix(np.ones((3, 3), int))
    with pytest.raises(InvalidProblemError, match="2 depots: this version"):
        VRP(network, [1], (VehicleType((1,)),), depots=("a", "b"))
    with pytest.raises(InvalidProblemError, match="2 load dimensions"):
        VRP(network, [[1, 2], [1, 2]], (VehicleType((1, 2)),))
    with pytest.raises(InvalidProblemError, match="2 vehicle types"):
        VRP(network, [1, 1], (VehicleType((1,)), VehicleType((2,))))


def test_data_are_immutable_and_not_shared_with_the_caller():
    demand = np.array([0, 2, 3, 4])
    vrp = VRP.from_coordinates(**(SQUARE | {"demand": demand}))
    demand[1] = 5
    assert vrp.demand[0, 0] == 2
    with pytest.raises(ValueError, match="read-only"):
        vrp.demand[0, 0] = 1
    with pytest.raises(AttributeError):
        vrp.name = "other"


def test_a_large_matrix_is_lent_and_a_small_one_copied():
    large = np.ones((3000, 3000), np.int64)
    assert np.shares_memory(VRP.from_matrix(large, [0] + [1] * 2999, 10).network.distance, large)
    small = np.ones((3, 3), np.int64)
    assert not np.shares_memory(VRP.from_matrix(small, [0, 1, 1], 10).network.distance, small)


def test_fingerprints_tell_problems_apart():
    vrp = VRP.from_coordinates(**SQUARE)
    assert vrp == VRP.from_coordinates(**SQUARE)
    assert hash(vrp) == hash(VRP.from_coordinates(**SQUARE))
    for change in ({"capacity": 6}, {"demand": [0, 2, 3, 5]}, {"rounding": "nearest"}, {"num_vehicles": 3}):
        assert VRP.from_coordinates(**(SQUARE | change)) != vrp
    assert vrp.replace(name="x").fingerprint != vrp.fingerprint
    assert pickle.loads(pickle.dumps(vrp)) == copy.deepcopy(vrp) == vrp


def test_the_depot_may_stand_anywhere():
    moved = VRP.from_coordinates([(0, 3), (4, 0), (0, 0), (4, 3)], [2, 3, 0, 4], 5, depot=2, names=["a", "b", "home", "c"])
    assert moved.depots == ("home",)
    assert moved.clients == ("a", "b", "c")
    assert moved.position_of["c"] == 2
    assert moved.evaluate(Routes.of([[0], [1], [2]])) == VRP.from_coordinates(**SQUARE).evaluate(Routes.of([[0], [1], [2]])) == 24.0


def test_schema_1_of_the_solution_holds_what_is_to_come():
    rich = Routes((Route((Trip((0, 1), 1), Trip((2,), 0)), 1, 0, 7.5, ((1, 8.0, 8.5),)),))
    assert Routes.from_json(rich.to_json()) == rich
    assert rich.visits == ((0, 1, 2),)
    rules = {v.rule for v in VRP.from_coordinates(**SQUARE).check(rich)}
    assert {"vehicle type", "trips", "depot"} <= rules


LETTERS = {"vehicle_type": 0, "start": 0, "trips": [{"visits": ["a"], "end": 0}], "start_time": None, "breaks": []}


@pytest.mark.parametrize(
    "text",
    [
        '{"schema_version": 2, "routes": []}',
        '{"routes": []}',
        '{"schema_version": 1}',
        "[]",
        json.dumps({"schema_version": 1, "routes": [LETTERS]}),
        json.dumps({"schema_version": 1, "routes": [LETTERS | {"trips": [], "breaks": [[0, 1]]}]}),
        json.dumps({"schema_version": 1, "routes": [LETTERS | {"trips": [], "breaks": [[0, "a", "b"]]}]}),
        json.dumps({"schema_version": 1, "routes": [LETTERS | {"trips": [], "start_time": "noon"}]}),
        json.dumps({"schema_version": 1, "routes": [LETTERS | {"trips": [], "start_time": 10**400}]}),
        json.dumps({"schema_version": 1, "routes": 3}),
        '{"schema_version": ' + "9" * 5000 + "}",
        "[" * 100_000,
        "no JSON",
    ],
)
def test_other_json_is_refused(text):
    with pytest.raises(InvalidSolutionError):
        Routes.from_json(text)


def test_visits_of_clients_that_are_not_there():
    vrp = VRP.from_coordinates(**SQUARE)
    with pytest.raises(InvalidSolutionError, match="visits client 7; clients are 0 to 2"):
        vrp.evaluate(Routes.of([[7]]))
    with pytest.raises(InvalidSolutionError, match="visits client -1"):
        vrp.evaluate(Routes.of([[-1]]))


def test_decimal_loads_are_not_charged_with_the_last_digit_of_a_float():
    vrp = VRP.from_coordinates([(0, 0), (1, 0), (2, 0)], [0, 0.1, 0.2], 0.3)
    assert vrp.check(Routes.of([[0, 1]]))
    assert not vrp.replace(vehicle_types=(VehicleType((0.29,)),)).check(Routes.of([[0, 1]]))


@pytest.mark.parametrize(
    ("build", "complaint"),
    [
        (lambda: Trip(("c0",)), r"visits\[0\] is 'c0'; expected the position of a client, an int"),
        (lambda: Trip((0, 0.5)), r"visits\[1\] is 0.5"),
        (lambda: Trip((0.0,)), r"visits\[0\] is 0.0"),
        (lambda: Trip((True,)), r"visits\[0\] is True"),
        (lambda: Trip("01"), "visits is '01'; expected a sequence"),
        (lambda: Trip((0,), 0.5), "end is 0.5; expected the position of a depot"),
        (lambda: Route(((0, 1),)), r"trips\[0\] is \(0, 1\); expected a Trip"),
        (lambda: Route((), vehicle_type="van"), "vehicle_type is 'van'"),
        (lambda: Route((), start=None), "start is None"),
        (lambda: Route((), start_time=math.nan), "start_time is nan"),
        (lambda: Route((), breaks=((0, 1),)), r"breaks\[0\] is \(0, 1\)"),
        (lambda: Routes([[0, 1]]), r"routes\[0\] is \[0, 1\]; expected a Route"),
        (lambda: Routes.of([[0], [0.9, 1.9]]), r"routes\[1\].visits\[0\] is 0.9"),
        (lambda: Routes.of([[0], ["a"]]), r"routes\[1\].visits\[0\] is 'a'"),
        (lambda: Routes.of([0, 1]), r"routes\[0\].visits is 0; expected a sequence"),
        (lambda: Routes.of(5), "routes is 5; expected a sequence"),
        (lambda: Routes.of([{0, 1}]), r"routes\[0\].visits is \{0, 1\}; expected a sequence"),
    ],
)
def test_routes_of_odd_numbers_are_refused_by_place(build, complaint):
    with pytest.raises(InvalidSolutionError, match=f"^{complaint}"):
        build()


def test_numpys_ints_become_pythons():
    odd = Routes([Route([Trip(np.array([2, 0]), np.int64(0))], np.int8(0), np.int64(0), np.float32(0.5), [(np.int64(1), 2, 3)])])
    plain = Routes((Route((Trip((2, 0), 0),), 0, 0, 0.5, ((1, 2, 3),)),))
    assert odd == plain
    assert Routes.from_json(odd.to_json()) == plain
    assert Routes.of(np.array([[2, 0]])) == Routes.of([[np.int32(2), 0]]) == Routes.of([range(2, -1, -2)])
