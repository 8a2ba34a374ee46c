"""JSON that somebody has spoiled, one place at a time: read all the same, or refused in a sentence."""

import copy
import json
from collections.abc import Iterator

import pytest

import optikit as ok
from optikit.routing import VRP, Routes

PLANAR = VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], [0, 1, 1], 2, names=["yard", "a", "b"])
MATRIX = VRP.from_matrix([[0, 1], [1, 0]], [0, 1], 2)
ROUTES = Routes.of([[0, 1]])
BREAKS = Routes.from_dict(json.loads(json.dumps(ROUTES.to_dict()).replace('"breaks": []', '"breaks": [[0, 1.0, 2.0]]')))
RESULT = ok.solve(PLANAR, "exact")

NONSENSE = (None, True, -1, 1.5, float("nan"), 10**30, -(10**3000), "x" * 5000, "", [], [10**30], {}, {"a": 10**30})
"""Three thousand digits are fewer than Python refuses to read."""


def places(form, place=()) -> Iterator[tuple]:
    yield place
    if isinstance(form, dict | list):
        for key, part in form.items() if isinstance(form, dict) else enumerate(form):
            yield from places(part, (*place, key))


def spoiled(form, place, nonsense):
    if not place:
        return nonsense
    form = copy.deepcopy(form)
    part = form
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = nonsense
    return form


def read_solution(text):
    solution = Routes.from_json(text)
    report = PLANAR.check(solution)
    assert report or len(str(report)) < 400
    PLANAR.evaluate(solution)


CASES = [
    (PLANAR.to_dict(), VRP.from_json),
    (MATRIX.to_dict(), VRP.from_json),
    (BREAKS.to_dict(), read_solution),
    (RESULT.to_dict(), lambda text: ok.Result.from_json(text, PLANAR)),
    (RESULT.to_dict(), ok.Result.from_json),
]


@pytest.mark.parametrize(("form", "read"), CASES, ids=["planar", "matrix", "routes", "result", "result alone"])
def test_spoiled_forms_are_refused_in_a_sentence(form, read):
    refusals = {}
    for place in places(form):
        for nonsense in NONSENSE:
            try:
                read(json.dumps(spoiled(form, place, nonsense)))
            except ValueError as error:  # all of ours are: anything else is a traceback to the user
                refusals[place, str(nonsense)[:20]] = str(error)
    assert not {case: words[:500] for case, words in refusals.items() if not 0 < len(words) < 400}
    assert len(refusals) > len(NONSENSE), "nonsense in the place of the whole is refused, at the least"


def test_the_forms_as_they_are_are_read():
    for form, read in CASES:
        read(json.dumps(form))
