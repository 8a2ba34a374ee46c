"""Words of refusals: read aloud, they are sentences."""

import numpy as np
import pytest

from optikit.inputs.wording import an, several
from optikit.routing import HGS, TSP, VRP, Routes


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (int, "an int"),
        (str, "a str"),
        (type(None), "a NoneType"),
        (np.ndarray, "an ndarray"),
        (VRP, "a VRP"),
        (TSP, "a TSP"),
        (HGS, "an HGS"),
        (Routes, "a Routes"),
        (OSError, "an OSError"),
        (UserWarning, "a UserWarning"),
    ],
)
def test_a_class_has_its_article(kind, said):
    assert an(kind) == said


def test_of_many_things_the_first_are_told():
    assert several(range(5)) == "0; 1; 2; 3; 4"
    assert several("abcdefg") == "a; b; c; d; e; and 2 more"
    assert several([]) == ""
