"""A joinery's week: from a table of steps to a plan with dates, and a new plan when a machine breaks down.

python examples/workshop.py [SECONDS]
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import optikit as ok
from optikit.scheduling import Calendar, Clock, FlexibleJobShop, replan


def main(seconds: float = 5.0) -> ok.Result:
    steps = pd.read_csv(Path(__file__).with_name("workshop.csv"), parse_dates=["due"])  # several rows of a step: alternatives
    clock = Clock("2026-11-23T07:00", "Europe/Berlin", unit="min")  # a Monday; minutes count from there
    shop = FlexibleJobShop.from_frame(
        steps, job="order", operation="step", duration="minutes", clock=clock, objective={"total_tardiness": 1, "makespan": 0.01},
        title="Joinery",
    )  # fmt: skip
    early = Calendar.shifts(clock, [("07:00", "12:00"), ("12:30", "15:30")], weeks=2)
    shop = shop.replace(calendars={"saw": early, "lathe": early, "old lathe": early, "booth": early}, resumable=True)
    print(ok.explain(shop), end="\n\n")

    plan = ok.solve(shop, time_limit=seconds)
    print(plan, end="\n\n")
    if plan.solution is None:
        return plan
    print(shop.to_frame(plan.solution)[["job", "operation", "machine", "start", "end", "late"]].to_string(index=False))
    shop.plot(plan.solution, "plan.png")

    # On Monday at 11 the lathe breaks down until Tuesday noon. What has begun stays; an hour of change costs as six minutes late.
    broken = {"lathe": ("2026-11-23T11:00", "2026-11-24T12:00")}
    later = replan(shop, plan.solution, now="2026-11-23T11:00", breakdowns=broken, per_time=0.1)
    new_plan = ok.solve(later, time_limit=seconds)
    print(f"\nafter the breakdown: {later.terms(new_plan.solution)}")
    later.plot(new_plan.solution, "new_plan.png", by="job")
    print("written: plan.png, new_plan.png")
    return new_plan


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
