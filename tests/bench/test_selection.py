"""Which runs are compared; what is refused; what is left out is said, and what failed is charged."""

import numpy as np
import pandas as pd
import pytest

from optikit.bench.selection import frames_of, select
from optikit.errors import UnknownSolverError, UnsupportedError

from .frames import make_runs

TABLE = np.array([[10.0, 11.0], [20.0, 21.0], [30.0, 31.0]])


def test_all_runs_where_nothing_is_missing():
    found = select(make_runs({"live": TABLE, "new": TABLE - 1}))
    assert found.solvers == ("live", "new")
    assert len(found.runs) == 12
    assert found.notes == ()
    assert found.budget == "time=10"
    assert found.failures == {"live": 0, "new": 0}


def test_a_label_that_does_not_exist():
    with pytest.raises(UnknownSolverError, match=r"no runs of 'nwe'; did you mean 'new'\?; there are: live, new"):
        select(make_runs({"live": TABLE, "new": TABLE}), ("live", "nwe"))


def test_a_solver_against_itself_is_refused():
    with pytest.raises(UnsupportedError, match="'live' is named twice"):
        select(make_runs({"live": TABLE}), ("live", "live"))


def test_no_runs():
    with pytest.raises(UnsupportedError, match="there are no runs; run the suite first"):
        select(make_runs({"live": TABLE}).iloc[:0])


def test_a_frame_without_a_column():
    with pytest.raises(ValueError, match="lacks the column 'objective'; expected at least: solver, instance, objective"):
        select(make_runs({"live": TABLE}).drop(columns="objective"))


def test_traces_that_are_no_frame_are_refused():
    with pytest.raises(UnsupportedError, match=r"traces is 5; expected a frame with the columns of bench.schema.TRACE_COLUMNS"):
        frames_of(make_runs({"live": TABLE}), 5, None)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("objective", "many", "objective is 'many' in row 3 of the frame; expected float64"),
        ("best_known", "optimal", "best_known is 'optimal' in row 3"),
        ("seed", float("nan"), "seed is nan in row 3 of the frame; expected int64"),
        ("objective", -1e305, "objective of live on i001, seed 1, is -1e.305; expected at most 1e.300 in size"),
    ],
)
def test_values_that_are_no_numbers_or_beyond_them(column, value, message):
    runs = make_runs({"live": TABLE}).astype({column: object})
    runs.loc[3, column] = value
    with pytest.raises(UnsupportedError, match=message):
        select(runs)


def test_runs_from_elsewhere_need_three_columns():
    runs = pd.DataFrame({"solver": ["a", "a", "b", "b"], "instance": ["x", "y"] * 2, "objective": [1, 2, 3, 4]})
    found = select(runs)
    assert found.runs["cost"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert found.notes == ()
    assert list(runs.columns) == ["solver", "instance", "objective"]


def test_a_label_for_two_solvers_is_refused():
    runs = pd.concat([make_runs({"live": TABLE}), make_runs({"live": TABLE}, seeds=[7, 8], parameters='{"neighbours": 3}')])
    with pytest.raises(UnsupportedError, match="'live' stands for different solvers"):
        select(runs)


def test_a_label_may_be_another_solver_in_another_class():
    runs = pd.concat(
        [make_runs({"live": TABLE}), make_runs({"live": TABLE}, instances=["a", "b", "c"], solver_name="lkh", problem_class="TSP")]
    )
    assert len(select(runs).runs) == 12


@pytest.mark.parametrize(
    ("sense", "message"),
    [("minimise", "sense of run r000000 is 'minimise'"), ({"live": "min", "new": "max"}, "maximised in others")],
)
def test_senses(sense, message):
    with pytest.raises(UnsupportedError, match=message):
        select(make_runs({"live": TABLE, "new": TABLE}, sense=sense))


def test_only_instances_and_seeds_that_both_have_run_and_it_is_said():
    runs = make_runs({"live": TABLE, "new": TABLE})
    runs = runs.drop(runs.index[(runs["solver"] == "new") & (runs["instance"] == "i001")])
    runs = runs.drop(runs.index[(runs["solver"] == "live") & (runs["instance"] == "i002") & (runs["seed"] == 1)])
    found = select(runs)
    assert len(found.runs) == 6
    assert found.notes == (
        "3 runs left out, on instances and seeds that not every solver has run: of 6, live lacks 1, new lacks 2.",
    )


@pytest.mark.parametrize(("names", "what"), [({"instances": ["a", "b", "c"]}, "instance"), ({"seeds": [5, 6]}, "seed")])
def test_nothing_in_common_is_refused(names, what):
    runs = pd.concat([make_runs({"live": TABLE}), make_runs({"new": TABLE}, **names)])
    with pytest.raises(UnsupportedError, match=f"no {what} in common: 'live' ran"):
        select(runs)


def test_unequal_budgets_are_refused():
    runs = make_runs(
        {"live": TABLE, "new": TABLE}, budget={"live": "time=10", "new": "time=30"}, time_limit={"live": 10, "new": 30}
    )
    with pytest.raises(UnsupportedError, match="no budget in common: 'live' ran with time=10; 'new' ran with time=30"):
        select(runs)


def test_of_several_budgets_the_longest_and_it_is_said():
    short = make_runs({"live": TABLE, "new": TABLE}, budget="time=1", time_limit=1)
    runs = pd.concat([short, make_runs({"live": TABLE, "new": TABLE})])
    found = select(runs)
    assert found.budget == "time=10"
    assert len(found.runs) == 12
    assert found.notes == ("Runs with another budget are not counted here: time=1; all here had time=10.",)
    assert select(runs, budget="time=1").budget == "time=1"
    with pytest.raises(UnsupportedError, match=r"no runs with the budget 'time=2'; did you mean 'time=1'"):
        select(runs, budget="time=2")


def test_budgets_that_cannot_be_ordered_must_be_chosen():
    parts = [make_runs({"live": TABLE, "new": TABLE}, budget=f"iterations={n}", time_limit=np.nan) for n in (10, 20)]
    with pytest.raises(UnsupportedError, match="several budgets: iterations=10, iterations=20; choose one"):
        select(pd.concat(parts))


def test_runs_done_again_count_once():
    again = make_runs({"live": TABLE - 5}, run_id="again", started_at=pd.Timestamp("2026-11-20", tz="UTC"))
    found = select(pd.concat([make_runs({"live": TABLE, "new": TABLE}), again]))
    assert len(found.runs) == 12
    assert found.of("live")["objective"].tolist() == (TABLE - 5).ravel().tolist()
    assert found.notes[0].startswith("6 runs were done again later")


@pytest.mark.parametrize(("sense", "sign"), [("min", 1), ("max", -1)])
def test_a_run_without_a_solution_is_charged(sense, sign):
    """The worst objective of either solver on its instance, and 100 % of the largest in size on top."""
    live, new = TABLE.copy(), TABLE.copy()
    new[1, 0] = np.nan
    found = select(make_runs({"live": live, "new": new}, sense=sense))
    costs = found.of("new")["cost"].to_numpy()
    worst = 21.0 if sense == "min" else -20.0
    assert costs[2] == worst + 21.0
    assert found.failures == {"live": 0, "new": 1}
    assert found.notes == (
        "1 run without a solution (0 of live, 1 of new): each is charged the worst objective found on its instance, "
        "and 100 % on top.",
    )
    assert select(make_runs({"live": live, "new": new}, sense=sense), penalty=0).of("new")["cost"].to_numpy()[2] == worst


def test_where_every_objective_is_zero_a_failure_still_costs():
    found = select(make_runs({"live": [[0.0], [1.0]], "new": [[np.nan], [1.0]]}))
    assert found.of("new")["cost"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("nothing", [np.nan, np.inf, -np.inf])
def test_an_objective_that_is_no_number_is_no_solution(nothing):
    new = TABLE.copy()
    new[0, 0] = nothing
    assert select(make_runs({"live": TABLE, "new": new}, status="feasible")).failures["new"] == 1


def test_an_instance_that_nobody_solved_is_left_out_and_said():
    live, new = TABLE.copy(), TABLE.copy()
    live[2], new[2] = np.nan, np.nan
    found = select(make_runs({"live": live, "new": new}))
    assert found.instances == ["i000", "i001"]
    assert found.notes == ("1 instance left out, where no run of any solver gave a solution: i002.",)


def test_nobody_solved_anything():
    with pytest.raises(UnsupportedError, match="no run of live, new gave a solution"):
        select(make_runs({"live": np.full((2, 2), np.nan), "new": np.full((2, 2), np.nan)}))


def test_whoever_denies_a_solution_that_exists_is_named():
    new = TABLE.copy()
    new[1] = np.nan
    runs = make_runs({"live": TABLE, "new": new})
    runs.loc[runs["objective"].isna(), "status"] = "infeasible"
    assert "2 runs of new claimed that there is no solution, where another run found one: i001." in select(runs).notes


@pytest.mark.parametrize("penalty", [-1, np.nan, "much"])
def test_penalties(penalty):
    with pytest.raises(UnsupportedError, match="penalty is"):
        select(make_runs({"live": TABLE}), penalty=penalty)


def test_no_solver_at_all_is_refused():
    with pytest.raises(UnsupportedError, match="solvers is empty; name at least one"):
        select(make_runs({"live": TABLE}), [])


def test_a_run_with_two_labels_stays_two_runs():
    """A run that two labels of a suite share comes once for each, with one identity."""
    runs = make_runs({"live": TABLE, "same": TABLE})
    runs["run_id"] = [*runs["run_id"][:6], *runs["run_id"][:6]]
    assert len(select(runs).runs) == 12
