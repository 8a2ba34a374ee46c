"""From a table of stops to routes, a picture and files: what the README shows, end to end.

python examples/deliveries.py [SECONDS]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

import optikit as ok


def main(seconds: float = 10.0) -> ok.Result:
    stops = pd.read_csv(Path(__file__).with_name("deliveries.csv"))  # name, lat, lon, demand

    vrp = ok.routing.VRP.from_frame(stops, depot="Hannover", capacity=120, title="Deliveries from Hannover")
    print(ok.explain(vrp), end="\n\n")  # what binds, before any search

    result = ok.solve(vrp, time_limit=seconds, display=sys.stderr.isatty())
    print(result)  # status, why it stopped, objective, bound, gap, trace
    if result.solution is None:
        return result

    table = result.to_frame()  # one row a stop, with loads and distances
    print(f"\n{table.head(8).to_string(index=False)}\n...")
    result.plot("routes.png")
    Path("solution.json").write_text(result.to_json())
    Path("routes.geojson").write_text(json.dumps(vrp.to_geojson(result.solution)))
    print("\nwritten: routes.png, solution.json, routes.geojson")
    return result


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
