"""The template from a problem to an engine's model and back, with an engine that says what the test wants."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from optikit import Capabilities, Status, Stop, StopReason
from optikit.backends.answer import Answer
from optikit.backends.formulated import Formulated
from tests.core.toy import Choose, Chosen

PROBLEM = Choose(np.array([5.0, 1.0, 4.0, 2.0]), 2)


class Model:
    model = "a model"

    def __init__(self, pause):
        self.started = None
        pause()

    def start(self, solution):
        self.started = solution
        return {"x": 1.0}

    def read(self, value_of):
        return Chosen(value_of("items"))

    def bound(self, value):
        return value / 10


@dataclass(frozen=True)
class Scripted(Formulated):
    """Streams and answers what stands in ``script``."""

    name: ClassVar[str] = "scripted"
    solves: ClassVar[type[Choose]] = Choose
    capabilities: ClassVar[Capabilities] = Capabilities(
        exact=True, bounds=True, anytime=True, start=True, stops=frozenset({"time"})
    )
    script: object = None

    def _formulate(self, problem, pause):
        return Model(pause)

    def _engine(self, model, run, **question):
        assert model == "a model"
        return self.script(run, question)


def items(*chosen):
    return lambda variable: chosen


def test_streamed_solutions_and_bounds_count():
    def script(run, question):
        question["on_values"](items(0, 1))
        question["on_bound"](25.0)
        question["on_values"](items(1, 3))
        question["on_values"](
            items(
                0,
            )
        )  # one item is no solution: never taken on trust
        return Answer(StopReason.TIME)

    result = Scripted(script=script).solve(PROBLEM)
    assert (result.solution, result.bound, result.stop_reason) == (Chosen((1, 3)), 2.5, StopReason.TIME)
    assert [point.objective for point in result.trace] == [6.0, 3.0]


def test_a_claim_that_the_checker_refuses_is_no_solution():
    result = Scripted(script=lambda run, question: Answer(StopReason.PROVEN, items(1), 30.0)).solve(PROBLEM)
    assert (result.status, result.solution, result.nearest) == (Status.UNKNOWN, None, Chosen((1,)))
    assert result.stop_reason is StopReason.EXHAUSTED


def test_the_engine_is_asked_with_the_start_and_what_is_left_of_the_lateness():
    seen = {}

    def script(run, question):
        seen.update(question)
        return Answer(StopReason.PROVEN, items(1, 3), 30.0)

    result = Scripted(script=script, parameters={"a": 1}).solve(PROBLEM, initial_solution=Chosen((0, 1)))
    assert (result.status, result.objective) == (Status.OPTIMAL, 3.0)
    assert seen["start"] == {"x": 1.0}
    assert seen["parameters"] == {"a": 1}
    assert 0 < seen["late"] < Scripted.capabilities.late


def test_a_deadline_met_while_building_ends_it():
    result = Scripted(script=lambda run, question: pytest.fail("there is no time left")).solve(PROBLEM, stop=Stop(time=0))
    assert (result.stop_reason, result.status) == (StopReason.TIME, Status.UNKNOWN)
