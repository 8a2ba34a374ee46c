"""Keywords of constructors: known, or refused with the nearest one that is."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import dataclass

import pytest

import optikit as ok
from optikit.inputs.keywords import Strict
from optikit.routing import HGS, VRP, VehicleType

VRP_OF_TWO = VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: HGS(neighbors=3), "HGS has no option 'neighbors'; did you mean 'neighbours'"),
        (lambda: ok.Stop(iteration=5), "Stop has no option 'iteration'; did you mean 'iterations'"),
        (lambda: VehicleType(capcity=3), "VehicleType has no option 'capcity'; did you mean 'capacity'"),
        (lambda: VRP(netwrok=3), "VRP has no option 'netwrok'; did you mean 'network'"),
        (lambda: VRP_OF_TWO.replace(client=[1, 2]), "VRP has no option 'client'; did you mean 'clients'"),
        (lambda: VRP.from_coordinates([], demnd=[]), "from_coordinates has no option 'demnd'; did you mean 'demand'"),
        (lambda: VRP.from_matrix([[0]], depo=0), "from_matrix has no option 'depo'; did you mean 'depot'"),
        (lambda: VRP.read("a.vrp", roundng="exact"), "read has no option 'roundng'; did you mean 'rounding'"),
        (lambda: ok.routing.TSP.from_coordinates([], metrik=""), "from_coordinates has no option 'metrik'; did you mean 'metric'"),
        (lambda: ok.routing.TSP.read("a.tsp", roundng="exact"), "read has no option 'roundng'; did you mean 'rounding'"),
        (lambda: ok.read("a.jsp", "jsplib", nam="x"), "read_jsplib has no option 'nam'; known: path"),
        (lambda: ok.solve(VRP_OF_TWO, timelimit=1), "solve has no option 'timelimit'; did you mean 'time_limit'"),
        (lambda: ok.compare(VRP_OF_TWO, timelimit=1), "compare has no option 'timelimit'; did you mean 'time_limit'"),
        (lambda: ok.datasets.select("cvrp", maxsize=9), "select has no option 'maxsize'; did you mean 'max_size'"),
        (lambda: ok.datasets.fetch("cvrp/P-n16-k8", cach="x"), "fetch has no option 'cach'; did you mean 'cache'"),
    ],
)
def test_a_misspelt_keyword_is_refused_with_the_nearest_one(build, message):
    with pytest.raises(ok.errors.UnsupportedError, match=message):
        build()


def test_the_signature_is_that_of_the_fields():
    assert list(inspect.signature(ok.Stop).parameters) == ["time", "iterations", "stall", "target", "gap"]

    class Subclass(VRP):
        pass

    assert inspect.signature(Subclass).parameters.keys() == inspect.signature(VRP).parameters.keys()


def test_a_constructor_that_takes_any_keyword_is_left_alone():
    @dataclass
    class Open(Strict):
        size: int

        def __init__(self, **given: int) -> None:
            self.size = sum(given.values())

    assert Open(a=1, b=2).size == 3


def test_copies_and_pickles_are_equal():
    for thing in (HGS(neighbours=7), ok.Stop(time=1), VRP_OF_TWO):
        assert pickle.loads(pickle.dumps(thing)) == copy.deepcopy(thing) == copy.copy(thing) == thing
