"""From a table of pairs to who does what: prices that prove it, the next best plans, and a change in the morning.

python examples/technicians.py
"""

from __future__ import annotations

import pandas as pd

import optikit as ok
from optikit.assignment import LinearAssignment, Reassignment, k_best

MINUTES = pd.DataFrame(
    {"boiler": [25, 30, 55, 60], "roof": [40, 20, 30, 35], "pump": [50, 15, 35, 45], "lift": [20, 45, 40, 30]},
    index=["Ann", "Bob", "Cy", "Di"],
)


def main() -> ok.Result:
    day = LinearAssignment.from_frame(MINUTES, title="Monday")
    result = ok.solve(day)
    print(result, end="\n\n")  # status, objective, bound
    print(result.to_frame().to_string(index=False), end="\n\n")

    prices = result.certificate  # no pair takes less than its two prices, and these pairs take just that
    print("minutes that each is worth:", dict(zip(MINUTES.index, prices.row_prices.tolist())), end="\n\n")

    print("the next best plans:")
    for best in k_best(day, 3):
        names = [day.column_names[column] for column in best.assignment.column_of]
        print(f"  {best.objective:g} minutes: {dict(zip(MINUTES.index, names))}")

    today = Reassignment(day)
    today.solve()
    today.set_costs("Bob", "pump", 90)  # the road is closed
    print(f"\nwith the road closed: {today.objective:g} minutes")

    ill = LinearAssignment.from_frame(MINUTES.drop(index="Di"), capacity=1, leave_column=120)  # a job that waits is worth two hours
    print(f"\nwithout Di:\n{ok.solve(ill).to_frame().to_string(index=False)}")
    return result


if __name__ == "__main__":
    main()
