import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optikit import Stop

stops = st.builds(
    Stop,
    time=st.none() | st.floats(0, 1e6),
    iterations=st.none() | st.integers(0, 10**9),
    stall=st.none() | st.integers(0, 10**9),
    gap=st.none() | st.floats(0, 1),
)


@given(stops, stops)
def test_join_takes_whichever_is_met_first(a, b):
    joined = a | b
    assert joined.criteria == a.criteria | b.criteria
    for name in joined.criteria:
        given_values = [getattr(s, name) for s in (a, b) if getattr(s, name) is not None]
        assert getattr(joined, name) == (max if name == "gap" else min)(given_values)
    assert joined == b | a


@given(stops)
def test_a_stop_is_data(stop):
    assert pickle.loads(pickle.dumps(stop)) == stop
    assert stop | stop == stop
    assert eval(repr(stop)) == stop


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time", -1),
        ("time", float("nan")),
        ("time", float("inf")),
        ("time", "10"),
        ("iterations", 1.5),
        ("stall", -2),
        ("gap", -0.1),
        ("iterations", True),
    ],
)
def test_nonsense_is_refused_by_name(field, value):
    with pytest.raises(ValueError, match=f"Stop.{field} is"):
        Stop(**{field: value})


def test_two_targets_are_ambiguous():
    with pytest.raises(ValueError, match="two targets"):
        _ = Stop(target=3.0) | Stop(target=4.0)
