"""What a compiled kernel takes on trust is checked when data is bound to a structure."""

import copy
import pickle

import numpy as np
import pytest

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1

from .toys.arrays import Bag
from .toys.churn import churn, poke


class Instance(Arrays):
    num_nodes = scalar(i8, "nodes")
    demand = array(i8, "num_nodes", "load")
    dist = array(i8, "num_nodes * num_nodes", "arc costs")
    succ = array(i4, "max(num_nodes - 1, 0)", "next node", mutable=True)


def good(**changes):
    members = {
        "num_nodes": 13,
        "demand": np.zeros(13, np.int64),
        "dist": np.zeros((13, 13), np.int64),
        "succ": np.zeros(12, np.int32),
    }
    return members | changes


def read_only(x):
    x.setflags(write=False)
    return x


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"demand": np.zeros(12, np.int64)}, ValueError, "Instance.demand has 12 elements; num_nodes = 13 expected"),
        ({"dist": np.zeros((12, 13), np.int64)}, ValueError, "Instance.dist has 156 elements; num_nodes * num_nodes = 169"),
        ({"demand": np.zeros(13)}, TypeError, "Instance.demand is an array of float64; int64 expected"),
        ({"demand": np.zeros(13, np.int32)}, TypeError, "Instance.demand is an array of int32; int64 expected"),
        ({"demand": np.zeros(13, np.uint64)}, TypeError, "Instance.demand is an array of uint64; int64 expected"),
        ({"demand": np.zeros(13, ">i8")}, TypeError, "Instance.demand is an array of >i8; int64 expected"),
        ({"demand": [0] * 13}, TypeError, "Instance.demand is a list; a numpy array of int64 expected"),
        ({"demand": np.zeros(26, np.int64)[::2]}, ValueError, "Instance.demand is not C-contiguous"),
        ({"dist": np.zeros((13, 13), np.int64, order="F")[:, :]}, ValueError, "Instance.dist is not C-contiguous"),
        ({"succ": read_only(np.zeros(12, np.int32))}, ValueError, "Instance.succ is read-only; kernels write into it"),
        ({"num_nodes": 13.0}, TypeError, "Instance.num_nodes is 13.0; an integer expected"),
        ({"num_nodes": 2**63}, ValueError, "Instance.num_nodes is 9223372036854775808"),
        ({"demnad": 1}, TypeError, "Instance has no member demnad"),
    ],
)
def test_refusals_name_the_member(changes, error, message):
    with pytest.raises(error, match=message.replace("*", r"\*").replace("(", r"\(")):
        Instance(**good(**changes))


def test_unaligned_data_is_refused():
    raw = np.zeros(13 * 8 + 1, np.uint8)[1:]
    with pytest.raises(ValueError, match="not C-contiguous and aligned"):
        Instance(**good(demand=raw.view(np.int64)))


def test_missing_members_are_listed():
    with pytest.raises(TypeError, match="Instance needs dist, succ"):
        Instance(num_nodes=1, demand=np.zeros(1, np.int64))
    with pytest.raises(TypeError, match="Instance needs num_nodes"):
        Instance.empty()


def test_a_read_only_array_will_do_where_kernels_only_read():
    Instance(**good(demand=read_only(np.zeros(13, np.int64))))


def test_empty_fills_in_the_declared_shapes():
    demand = np.arange(4)
    s = Instance.empty(num_nodes=4, demand=demand)
    assert s.demand is demand
    assert s.dist.shape == (16,)
    assert s.succ.dtype == np.int32
    assert s.succ.shape == (3,)


def test_members_cannot_be_rebound():
    s = Instance.empty(num_nodes=4)
    with pytest.raises(AttributeError, match=r"Instance\.demand is bound"):
        s.demand = np.ones(4, np.int64)
    with pytest.raises(AttributeError, match="no member dmeand"):
        s.dmeand = 1
    s.demand += 2  # in place
    assert s.demand.tolist() == [2, 2, 2, 2]


def test_a_shape_names_integer_scalars_of_the_class():
    with pytest.raises(TypeError, match=r"Wrong\.x: its shape names n"):

        class Wrong(Arrays):
            x = array(i8, "n", "n is declared nowhere")

    with pytest.raises(TypeError, match=r"Weighed\.x: its shape names w"):

        class Weighed(Arrays):
            w = scalar(f8, "a float")
            x = array(i8, "w", "of so many")


def test_a_member_is_not_called_like_a_method():
    with pytest.raises(TypeError, match="the name is taken"):

        class Wrong(Arrays):
            copy = scalar(i8, "")


def test_a_derived_structure_begins_like_its_base():
    class Wider(Instance):
        extra = array(u1, "num_nodes", "more")

    assert list(Wider.fields) == [*Instance.fields, "extra"]
    assert Wider.empty(num_nodes=2).extra.tolist() == [0, 0]


def test_copies_and_pickles_have_tables_of_their_own():
    bag = Bag.empty(size=3, weight=1.5, mask=2**64 - 1)
    for other in (bag.copy(), copy.deepcopy(bag), pickle.loads(pickle.dumps(bag))):
        poke.using("python")(other, 1, 7)
        assert other.small.tolist() == [0, 7, 0]
        assert (other.weight, other.mask) == (1.5, 2**64 - 1)
        assert other._table[other.fields["small"].index] == other.small.ctypes.data
    assert bag.small.tolist() == [0, 0, 0]
    assert bag.copy().source is bag.source
    assert copy.copy(bag).small is bag.small


def test_arguments_are_checked(way):
    bag, run = Bag.empty(size=3, weight=0, mask=0), poke.using(way)
    with pytest.raises(TypeError, match=r"poke\(\) takes 3 arguments, 2 given"):
        run(bag, 1)
    with pytest.raises(TypeError, match=r"poke\(b\) is a int; Bag expected"):
        run(1, 1, 1)
    with pytest.raises(TypeError, match=r"poke\(index\) is 1\.5; an integer expected"):
        run(bag, 1.5, 1)
    with pytest.raises(ValueError, match=r"poke\(value\) is \d+; i8 holds"):
        run(bag, 1, 2**63)
    with pytest.raises(TypeError, match=r"churn\(r\) is a Bag; Random expected"):
        churn.using(way)(bag, bag, 1, 1.0, 1)
    assert run(bag, np.int32(1), np.uint8(5)) == 0
    assert bag.small.tolist() == [0, 5, 0]
