"""Tables of gaps: who cannot take an instance has no number there, and its mean says of how many it is."""

from __future__ import annotations

import json
import sys

import numpy as np
from benchmarks.quality import Quality
from benchmarks.suites.rigid_flowshop import Rigid

from benchmarks import table
from optikit.scheduling import FlowShop


class OfStages(Quality):
    """Shops by their number of stages."""

    def chosen(self, names):
        return [Staged(name) for name in names]


class Staged(Rigid):
    def load(self):
        durations = np.array([[3, 2, 4], [1, 4, 1], [2, 2, 5]])
        return FlowShop(durations[:, : int(self.name)])


def test_a_solver_is_measured_where_it_can_take_the_instance(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stages", "--seconds", "5", "--cores", "1", "--store", f"sqlite:///{tmp_path}/runs.db"])
    OfStages(
        name="stages", title="Stages", family="flowshop", instances=("2", "3"), tuned_on=("2",),
        solvers={"optikit": "neh", "johnson": "johnson"}, peers=("johnson",), seeds=(1,),
    ).main("")  # fmt: skip
    found = json.loads((tmp_path / "stages_5s.json").read_text())
    assert found["header"] == ["instance", "optikit", "johnson"]
    rows = {row[0]: row[1:] for row in found["rows"]}
    assert rows["3"][1] == "-"
    assert rows["2"][1] == "0.00"
    assert rows["mean, parameters chosen here"][1] == "**0.00**"
    assert rows["mean, not looked at before"] == ["**0.00**", "-"]
    assert rows["mean of all"][1] == "**0.00** (1 of 2)"
