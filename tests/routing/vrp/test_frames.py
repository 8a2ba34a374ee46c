"""Frames: a table of stops in, a table of visits out."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings

from optikit.errors import InvalidProblemError, InvalidSolutionError, MissingExtraError, UnsupportedError
from optikit.routing import VRP, Matrix, Planar, Route, Routes, Sphere, Trip
from tests.strategies import vrps

pd = pytest.importorskip("pandas")


@pytest.fixture
def stops():
    return pd.DataFrame(
        {
            "name": ["Hamburg", "Hannover", "Berlin", "Frankfurt"],
            "lat": [53.55, 52.37, 52.52, 50.11],
            "lon": [9.99, 9.73, 13.41, 8.68],
            "demand": [30, np.nan, 40, 10],
        }
    )


def haversine(a, b, radius=6371.0088):
    """The textbook formula."""
    (lat1, lon1), (lat2, lon2) = [[math.radians(x) for x in point] for point in (a, b)]
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * radius * math.asin(math.sqrt(h))


def test_cities(stops):
    problem = VRP.from_frame(stops, depot="Hannover", capacity=70)
    assert problem.depots == ("Hannover",)
    assert problem.clients == ("Hamburg", "Berlin", "Frankfurt")
    assert problem.demand.ravel().tolist() == [30, 40, 10]
    assert isinstance(problem.network, Sphere)
    there, city, back = (52.37, 9.73), (53.55, 9.99), (52.37, 9.73)
    assert problem.evaluate(Routes.of([[0]])) == pytest.approx(haversine(there, city) + haversine(city, back), rel=1e-12)
    miles = VRP.from_frame(stops, depot="Hannover", capacity=70, unit="mi", num_vehicles=2)
    assert miles.num_vehicles == 2
    assert miles.evaluate(Routes.of([[0]])) * 1.609344 == pytest.approx(problem.evaluate(Routes.of([[0]])))


class Column:
    def __init__(self, values):
        self.values = values

    def to_numpy(self):
        return np.array(self.values)


class Table(dict):
    """The least that is asked of a frame; polars has it, too."""

    @property
    def columns(self):
        return list(self)

    def __getitem__(self, column):
        return Column(super().__getitem__(column))


def test_any_frame_will_do():
    problem = VRP.from_frame(Table(name=[7, 8, 9], X=[0, 3, 0], Y=[0, 0, 4], demand=[0, 1, 2.5]), depot=7, capacity=3)
    assert problem.clients == (8, 9)
    assert problem.evaluate(Routes.of([[0, 1]])) == 12


def test_polars_frames():
    pl = pytest.importorskip("polars", reason="polars is not installed")
    frame = pl.DataFrame({"name": ["d", "a"], "x": [0, 3], "y": [0, 4], "demand": [None, 1]})
    assert VRP.from_frame(frame, depot="d", capacity=1).evaluate(Routes.of([[0]])) == 10


def test_polars_columns_keep_their_whole_numbers():
    """polars makes floats of whole numbers with gaps, which skip integers above 2^53."""
    pl = pytest.importorskip("polars", reason="polars is not installed")
    frame = pl.DataFrame({"name": ["d", "a", "b"], "x": [0, 3, 4], "y": [0, 4, 3], "demand": [None, 2**50 + 1, 1]})
    problem = VRP.from_frame(frame, depot="d", capacity=2**52)
    assert (problem.demand.dtype, problem.demand.ravel().tolist()) == (np.int64, [2**50 + 1, 1])
    with pytest.raises(InvalidProblemError, match=r"frame is a LazyFrame, .* call frame.collect\(\)"):
        VRP.from_frame(frame.lazy(), depot="d", capacity=1)
    with pytest.raises(InvalidProblemError, match="demand holds durations"):
        VRP.from_frame(frame.with_columns(demand=pl.Series([0, 1, 1]).cast(pl.Duration("ns"))), depot="d", capacity=1)


class TestPolarsMatrices:
    """Their rows have no labels."""

    NAMES = ["d", "a", "b"]
    ROWS = {"d": [0, 1, 2], "a": [3, 0, 4], "b": [5, 6, 0]}  # from d, a and b to each

    @pytest.fixture
    def pl(self):
        return pytest.importorskip("polars", reason="polars is not installed")

    def read(self, pl, matrix):
        frame = pl.DataFrame({"name": self.NAMES, "demand": [0, 1, 1]})
        return VRP.from_frame(frame, "d", 2, matrix=matrix).network.distance.tolist()

    def test_rows_in_the_order_of_the_columns(self, pl):
        assert self.read(pl, pl.DataFrame(self.ROWS)) == [[0, 3, 5], [1, 0, 6], [2, 4, 0]]

    def test_rows_labelled_by_a_column(self, pl):
        labelled = pl.DataFrame({"b": [6, 0, 5], "from": ["a", "b", "d"], "d": [1, 2, 0], "a": [0, 4, 3]})
        assert self.read(pl, labelled) == [[0, 3, 5], [1, 0, 6], [2, 4, 0]]

    def test_columns_in_another_order_than_the_rows_are_seen_by_the_diagonal(self, pl):
        turned = pl.DataFrame({name: self.ROWS[name] for name in ("b", "d", "a")})
        with pytest.raises(InvalidProblemError, match=r"matrix has 5 from 'b' to itself \(row 0\): its rows.*add a column"):
            self.read(pl, turned)

    def test_more_columns_than_rows(self, pl):
        with pytest.raises(InvalidProblemError, match=r"matrix has shape \(3, 4\); its rows have no labels"):
            self.read(pl, pl.DataFrame(self.ROWS | {"c": [1, 2, 3]}))


def test_what_is_no_column_and_units_that_do_not_apply(stops):
    for column in (None, ["demand"]):
        with pytest.raises(
            InvalidProblemError, match=r"demand is .*; expected the name of a column: 'name', 'lat', 'lon', 'demand'"
        ):
            VRP.from_frame(stops, "Hannover", 70, demand=column)
    plane = stops.rename(columns={"lat": "x", "lon": "y"})
    with pytest.raises(InvalidProblemError, match="unit is 'furlong', which is for latitudes and longitudes"):
        VRP.from_frame(plane, "Hannover", 70, unit="furlong")
    with pytest.raises(InvalidProblemError, match="unit is 'm', which is for coordinates"):
        VRP.from_frame(stops, "Hannover", 70, unit="m", matrix=MATRIX)


def test_columns_that_floats_would_round_are_refused(stops):
    large = 2**53 + 1
    mixed = stops.assign(demand=pd.Series([0.5, 0, large, 1], dtype=object))
    with pytest.raises(InvalidProblemError, match=r"demand of 'Berlin' \(row 2\) is 9007199254740993; beside fractions"):
        VRP.from_frame(mixed, "Hannover", 2**60)
    for values, word in ((pd.to_timedelta([1, 0, 1, 1], unit="min"), "durations"), (pd.to_datetime([1, 0, 1, 1]), "dates")):
        with pytest.raises(InvalidProblemError, match=f"demand holds {word}"):
            VRP.from_frame(stops.assign(demand=values), "Hannover", 10**15)


@pytest.mark.parametrize(("lat", "lon"), [("latitude", "longitude"), ("Lat", "LNG"), ("LATITUDE", "long")])
def test_synonyms_of_coordinates(stops, lat, lon):
    renamed = stops.rename(columns={"lat": lat, "lon": lon})
    assert VRP.from_frame(renamed, "Hannover", 70) == VRP.from_frame(stops, "Hannover", 70)


def test_columns_by_name_and_rounding(stops):
    frame = stops.assign(east=[0, 0, 1, 1], north=[0, 1, 0, 1], kilos=[1, 0, 1, 1], town=[10, 11, 12, 13])
    problem = VRP.from_frame(
        frame, np.int64(11), 3, name="town", demand="kilos", x="east", y="north", rounding="ceil", title="towns"
    )
    assert isinstance(problem.network, Planar)
    assert problem.name == "towns"
    assert problem.clients == (10, 12, 13)
    assert problem.evaluate(Routes.of([[1]])) == 4  # twice sqrt(2), rounded up


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "object"])
def test_columns_of_any_dtype(stops, dtype):
    stops["demand"] = stops["demand"].astype("Float64").astype(dtype)
    assert VRP.from_frame(stops, "Hannover", 70).demand.ravel().tolist() == [30, 40, 10]


def test_categories_are_names(stops):
    stops["name"] = stops["name"].astype("category")
    assert VRP.from_frame(stops, "Hannover", 70).clients == ("Hamburg", "Berlin", "Frankfurt")


MATRIX = [[0, 1, 2, 3], [4, 0, 5, 6], [7, 8, 0, 9], [10, 11, 12, 0]]


def test_a_matrix_goes_by_rows_or_by_labels(stops):
    plain = VRP.from_frame(stops, "Hannover", 80, matrix=MATRIX)
    assert isinstance(plain.network, Matrix)
    # Hannover - Hamburg - Berlin - Frankfurt - Hannover
    assert plain.evaluate(Routes.of([[0, 1, 2]])) == 4 + 2 + 9 + 11
    labels = stops["name"].tolist()
    labelled = pd.DataFrame(MATRIX, index=labels, columns=labels)
    labelled["Rome"] = 99
    labelled.loc["Oslo"] = 77
    shuffled = labelled.loc[
        ["Berlin", "Oslo", "Hamburg", "Frankfurt", "Hannover"], ["Rome", "Hannover", "Berlin", "Frankfurt", "Hamburg"]
    ]
    assert VRP.from_frame(stops.drop(columns=["lat", "lon"]), "Hannover", 80, matrix=shuffled) == plain


def test_matrix_labels_that_do_not_fit_are_named(stops):
    labels = ["Hamburg", "Hannover", "Berlin", "Bonn"]
    with pytest.raises(InvalidProblemError, match="rows of matrix lack 'Frankfurt'"):
        VRP.from_frame(stops, "Hannover", 80, matrix=pd.DataFrame(MATRIX, index=labels, columns=labels))
    twice = pd.DataFrame(MATRIX, index=stops["name"], columns=["Hamburg", "Hannover", "Berlin", "Berlin"])
    with pytest.raises(InvalidProblemError, match="columns of matrix have the label 'Berlin' twice"):
        VRP.from_frame(stops, "Hannover", 80, matrix=twice)
    gap = pd.DataFrame(MATRIX, index=stops["name"], columns=stops["name"]).astype(float)
    gap.loc["Hamburg", "Berlin"] = np.nan
    gap.loc["Berlin", "Berlin"] = np.nan
    with pytest.raises(InvalidProblemError, match="distance from 'Hamburg' to 'Berlin' is missing"):
        VRP.from_frame(stops, "Hannover", 80, matrix=gap)
    with pytest.raises(InvalidProblemError, match=r"shape \(2, 2\), expected \(4, 4\)"):
        VRP.from_frame(stops, "Hannover", 80, matrix=[[0, 1], [1, 0]])
    with pytest.raises(InvalidProblemError, match=r"matrix\[0, 1\] is 'x'; expected a number"):
        VRP.from_frame(stops, "Hannover", 80, matrix=[[0, "x", 1, 1], *MATRIX[1:]])
    with pytest.raises(InvalidProblemError, match=r"matrix\[0\] has 2 entries, matrix\[1\] has 4 entries"):
        VRP.from_frame(stops, "Hannover", 80, matrix=[[0, 1], *MATRIX[1:]])
    with pytest.raises(InvalidProblemError, match="columns of coordinates too"):
        VRP.from_frame(stops, "Hannover", 80, matrix=MATRIX, lat="lat")
    with pytest.raises(InvalidProblemError, match="round the matrix itself"):
        VRP.from_frame(stops, "Hannover", 80, matrix=MATRIX, rounding="nearest")


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({}, {"name": "town"}, ["no column 'town'", "'name', 'lat', 'lon', 'demand'", "name=..."]),
        ({}, {"demand": "demnad"}, ["did you mean 'demand'?"]),
        ({"lat": [1, 2, np.nan, 3]}, {}, ["lat of 'Berlin' (row 2) is missing"]),
        (
            {"lat": [1, 2, "3,5", 3]},
            {},
            ["lat of 'Berlin' (row 2) is '3,5'", "decimal comma", "pandas.read_csv(path, decimal=',')"],
        ),
        ({"lat": [1, 2, 3, "north"]}, {}, ["lat of 'Frankfurt' (row 3) is 'north'"]),
        ({"lat": [1, 2, 3, np.inf]}, {}, ["lat of 'Frankfurt' (row 3) is inf"]),
        ({"lat": [1, 2, 3, 91]}, {}, ["91", "latitude"]),
        ({"demand": [1, 0, np.nan, 1]}, {}, ["demand of 'Berlin' (row 2) is missing"]),
        ({"demand": [1, 5, 1, 1]}, {}, ["demand of 'Hannover' (row 1) is 5", "depot"]),
        ({"demand": [1, 0, -1, 1]}, {}, ["demand of 'Berlin' (row 2) is -1", ">= 0"]),
        ({"demand": [1, 0, 2**70, 1]}, {}, ["demand of 'Berlin' (row 2) is 1180591620717411303424", "64 bits", "larger unit"]),
        ({"demand": [1, 0, 1e300, 1]}, {}, ["demand[2] is 1e+300", "larger unit"]),
        ({}, {"demand": "kilos"}, ["no column 'kilos'", "say demand=... for another one"]),
        ({}, {"lat": "north", "lon": "lon"}, ["no column 'north'", "say lat=... for another one"]),
        ({"name": ["a", "Hannover", None, "b"]}, {}, ["row 2 is missing"]),
        ({"name": ["a", "Hannover", "a", "b"]}, {}, ["'a' stands in row 0 and in row 2"]),
        ({"name": ["Hannover", "Hannover", "a", "b"]}, {}, ["'Hannover' stands in row 0 and in row 1"]),
        ({"name": [1.0, 2.0, 3.0, 4.0]}, {}, ["1.0", "astype(int)"]),
        ({"name": [1, 2, 3, 4]}, {"depot": "2"}, ["'2'", "did you mean 2?"]),
        ({"name": [1, 2, 3, 4]}, {"depot": True}, ["True"]),
        ({}, {"depot": "Hanover"}, ["'Hanover'", "did you mean 'Hannover'?"]),
        ({}, {"depot": "HANNOVER"}, ["did you mean 'Hannover'?"]),
        ({}, {"depot": "Rome"}, ["no name of the table; there are 'Hamburg', 'Hannover', 'Berlin', 'Frankfurt'"]),
        ({"x": [1, 2, 3, 4], "y": [1, 2, 3, 4]}, {}, ["on the globe and in the plane"]),
        ({"latitude": [1, 2, 3, 4]}, {}, ["'lat', 'latitude' could all be lat"]),
        ({}, {"lat": "lat"}, ["no coordinates"]),
        ({}, {"rounding": "nearest"}, ["great-circle"]),
        ({}, {"unit": "ft"}, ["unit is 'ft'"]),
        ({}, {"capacity": -1}, ["capacity"]),
        ({}, {"capacity": float("nan")}, ["capacity"]),
        ({}, {"num_vehicles": 0}, ["vehicles"]),
    ],
)
def test_what_makes_no_sense_is_named(stops, change, arguments, words):
    frame = stops.assign(**{column: pd.Series(values, dtype=object) for column, values in change.items()})
    with pytest.raises(InvalidProblemError) as caught:
        VRP.from_frame(frame, **{"depot": "Hannover", "capacity": 70, **arguments})
    for word in words:
        assert word in str(caught.value)


def test_unknown_arguments_are_refused_with_the_nearest(stops):
    with pytest.raises(UnsupportedError, match=r"from_frame has no option 'matirx'; did you mean 'matrix'\?"):
        VRP.from_frame(stops, "Hannover", 70, matirx=MATRIX)


def test_frames_that_are_none(stops):
    with pytest.raises(InvalidProblemError, match="frame is a list"):
        VRP.from_frame([1, 2], "Hannover", 70)
    with pytest.raises(InvalidProblemError, match=r"name in row 0 is .*datetime64.*; a name is text or a whole number"):
        VRP.from_frame(stops.assign(name=pd.to_datetime([1, 2, 3, 4])), "Hannover", 70)
    with pytest.raises(InvalidProblemError, match=r"reset_index\(\)"):
        VRP.from_frame(stops.set_index("name"), "Hannover", 70)
    with pytest.raises(InvalidProblemError, match="stands 2 times"):
        VRP.from_frame(pd.concat([stops, stops[["lat"]]], axis=1), "Hannover", 70, lat="lat", lon="lon")
    with pytest.raises(InvalidProblemError, match="rows of the table is 1; a depot"):
        VRP.from_frame(stops.iloc[1:2], "Hannover", 70)


# -- out ------------------------------------------------------------------------


def test_one_row_a_stop(stops):
    problem = VRP.from_frame(stops, depot="Hannover", capacity=70)
    table = problem.to_frame(Routes.of([[0, 1], [2]]))
    assert table["route"].tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert table["position"].tolist() == [0, 1, 2, 3, 0, 1, 2]
    assert table["stop"].tolist() == ["Hannover", "Hamburg", "Berlin", "Hannover", "Hannover", "Frankfurt", "Hannover"]
    assert table["kind"].tolist() == ["depot", "client", "client", "depot", "depot", "client", "depot"]
    assert table["client"].tolist() == [pd.NA, 0, 1, pd.NA, pd.NA, 2, pd.NA]
    assert table["demand"].tolist() == [0, 30, 40, 0, 0, 10, 0]
    assert table["load_on_arrival"].tolist() == [0, 70, 40, 0, 0, 10, 0]
    assert table["load_on_leaving"].tolist() == [70, 40, 0, 0, 10, 0, 0]
    assert table["leg"].iloc[1] == pytest.approx(haversine((52.37, 9.73), (53.55, 9.99)))
    ends = table.groupby("route")["distance"].last().sum()
    assert ends == pytest.approx(table["leg"].sum()) == pytest.approx(problem.evaluate(Routes.of([[0, 1], [2]])))


@settings(max_examples=50, deadline=None)
@given(problem=vrps())
def test_legs_add_up_to_the_objective(problem):
    for solution in (Routes.of([[c] for c in range(problem.num_clients)]), Routes.of([range(problem.num_clients)])):
        table = problem.to_frame(solution)
        assert table["leg"].sum() == pytest.approx(problem.evaluate(solution), rel=1e-12, abs=1e-12)
        assert len(table) == problem.num_clients + 2 * len(solution)
        assert table.loc[table["kind"] == "client", "demand"].sum() == pytest.approx(problem.demand.sum())


def test_reloads_fill_the_vehicle_again(stops):
    problem = VRP.from_frame(stops, depot="Hannover", capacity=70)
    table = problem.to_frame(Routes((Route((Trip((0,)), Trip((1, 2)))),)))
    assert table["stop"].tolist() == ["Hannover", "Hamburg", "Hannover", "Berlin", "Frankfurt", "Hannover"]
    assert table["load_on_leaving"].tolist() == [30, 0, 50, 10, 0, 0]


def test_no_routes_make_an_empty_table(stops):
    table = VRP.from_frame(stops, depot="Hannover", capacity=70).to_frame(Routes(()))
    assert len(table) == 0
    assert "leg" in table.columns


def test_unknown_clients_are_refused(stops):
    with pytest.raises(InvalidSolutionError, match="client 9"):
        VRP.from_frame(stops, depot="Hannover", capacity=70).to_frame(Routes.of([[9]]))


def test_without_pandas_the_way_out_is_named(stops, monkeypatch):
    problem = VRP.from_frame(stops, depot="Hannover", capacity=70)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r'pip install "optikit\[frames\]"'):
        problem.to_frame(Routes.of([[0]]))
