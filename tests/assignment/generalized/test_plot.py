"""Pictures: what they show, not their pixels."""

from __future__ import annotations

import pytest

from optikit.assignment import GAP, Allocation
from optikit.errors import UnsupportedError

PROBLEM = GAP([[1, 2, 3], [4, 5, 6]], [2, 3, 4], [5, 5], name="laundry", agent_names=["Ann", "Bob"])


def test_loads_and_capacities():
    figure = PROBLEM.plot(Allocation([0, 0, 1]))
    (axes,) = figure.axes
    bars = sorted((bar.get_x() + 0.4, bar.get_y(), bar.get_height()) for bar in axes.patches)
    assert [tuple(round(number, 6) for number in bar) for bar in bars] == [(0, 0, 3), (0, 3, 2), (1, 0, 4)]
    limits = [segment[0][1] for segment in axes.collections[0].get_segments()]
    assert limits == [5, 5]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Ann", "Bob"]
    assert axes.get_title("left") == "laundry: cost 9, 3 jobs, 2 agents"


def test_what_is_above_a_capacity_is_drawn_over_it():
    (axes,) = PROBLEM.plot(Allocation([0, 0, 0])).axes
    over = [bar for bar in axes.patches if bar.get_y() == 5]
    assert [bar.get_height() for bar in over] == [4]
    assert "above the capacity" in [text.get_text() for text in axes.figure.legends[0].get_texts()]


def test_the_matrix_with_the_chosen_pairs():
    axes = PROBLEM.replace(leave_out=9).plot(Allocation([0, -1, 1]), kind="matrix").axes[0]
    assert axes.images[0].get_array().tolist() == [[1, 2, 3], [4, 5, 6]]
    assert axes.collections[0].get_offsets().tolist() == [[0, 0], [2, 1]]


def test_files_and_refusals(tmp_path):
    path = tmp_path / "a.svg"
    PROBLEM.plot(Allocation([0, 0, 1]), path)
    assert path.read_bytes().lstrip().startswith(b"<?xml")
    with pytest.raises(UnsupportedError, match=r"pictures are not saved as \.doc"):
        PROBLEM.plot(Allocation([0, 0, 1]), tmp_path / "a.doc")
    with pytest.raises(UnsupportedError, match="kind is 'matrx'; did you mean 'matrix'"):
        PROBLEM.plot(Allocation([0, 0, 1]), kind="matrx")
    with pytest.raises(UnsupportedError, match="plot has no option 'colour'"):
        PROBLEM.plot(Allocation([0, 0, 1]), colour="red")


def test_many_jobs_are_one_bar():
    problem = GAP([[1] * 500], [1] * 500, [600])
    (axes,) = problem.plot(Allocation([0] * 500)).axes
    assert [bar.get_height() for bar in axes.patches] == [500]
