"""All measurements, one after the other, and the README's summary of them: ``python -m benchmarks``.

python -m benchmarks --seeds 1 --seconds 30        # the tables of the docs; some hours with three seeds
python -m benchmarks --publish                     # only write the README's numbers anew from benchmarks/results
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.table import RESULTS
from optikit.bench.phrases import plural

ROOT = Path(__file__).parents[1]
SHOWN = (
    "cvrp_30s", "tsp_20s", "tsp_60s", "tsp_bounds", "tsp_scale", "atsp", "lap_dense", "lap_sparse", "lap_batch", "gap_30s",
    "qap_30s", "jobshop_30s", "flexible_jobshop_30s", "openshop_30s", "flowshop_30s", "hybrid_flowshop_5s",
    "rigid_flowshop_5s", "no_wait_flowshop_5s", "distributed_flowshop_2s",
    "shop_proofs", "tardiness_10s",
    "kernel_speed", "breed_kernel_speed", "tour_kernel_speed", "search_speed", "service", "compile", "bench_overhead",
    "bench_store", "calibration",
)  # fmt: skip
QUALITY = ("gap", "qap", "jobshop", "flexible_jobshop", "openshop", "flowshop")
"""Suites of the seconds and seeds that are asked for."""

IN_README = (
    "cvrp_30s", "tsp_20s", "gap_30s", "qap_30s", "jobshop_30s", "flexible_jobshop_30s", "openshop_30s", "flowshop_30s",
)  # fmt: skip
"""Tables of gaps: their means stand in the README."""

NOTE = "(filled by `make bench` from benchmarks/results; nothing here is written by hand) -->"


def publish() -> None:
    """Put the tables into the docs, and their summaries into the README, between the markers there."""
    found = [name for name in SHOWN if (RESULTS / f"{name}.json").exists()]
    tables = {name: json.loads((RESULTS / f"{name}.json").read_text("utf-8")) for name in found}
    fill(
        ROOT / "README.md", "numbers", summary({name: tables[name] for name in IN_README if name in tables}, tables.get("service"))
    )
    fill(ROOT / "docs" / "benchmarks.md", "benchmarks", "\n".join((RESULTS / f"{name}.md").read_text("utf-8") for name in found))


def summary(tables: dict[str, dict[str, Any]], service: dict[str, Any] | None) -> str:
    """The mean gaps of all tables in one, and what services ask for."""
    lines = ["| mean gap, per cent | instances x seeds | optikit | others |", "| --- | --- | --- | --- |"]
    for name, table in tables.items():
        means = dict(zip(table["header"], table["rows"][-1], strict=True))
        instances = len({record["instance"] for record in table["raw"]})
        seeds = {label: len({r["seed"] for r in table["raw"] if r["solver"] == label}) for label in means}
        others = ", ".join(
            f"{other} {value.replace('*', '')}" + ("" if seeds[other] == seeds["optikit"] else f" ({plural(seeds[other], 'seed')})")
            for other, value in list(means.items())[2:]
        )
        title = f"{table['title'].partition(':')[0]}, {name.rpartition('_')[2].removesuffix('s')} s"
        lines.append(f"| {title} | {instances} x {seeds['optikit']} | {means['optikit']} | {others} |")
    lines += ["", *_machines(tables), "", "All tables, with versions and intervals: [benchmarks](docs/benchmarks.md).", ""]
    if service is not None:
        lines += ["| " + " | ".join(service["header"]) + " |", "|" + " --- |" * len(service["header"])]
        lines += [
            "| " + " | ".join(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row) + " |"
            for row in service["rows"]
        ]
        lines += ["", f"{service['machine']}."]
    return "\n".join(lines) + "\n"


def _machines(tables: dict[str, dict[str, Any]]) -> list[str]:
    """What was measured where: tables of one page need not come from one machine."""
    measured: dict[str, list[str]] = {}
    for table in tables.values():
        measured.setdefault(table["machine"], []).append(table["title"].partition(":")[0])
    return [f"{machine}: {', '.join(titles)}.  " for machine, titles in measured.items()]


def fill(page: Path, name: str, content: str) -> None:
    """Replace what stands between ``<!-- name:begin`` and ``<!-- name:end -->``."""
    begin, end = f"<!-- {name}:begin", f"<!-- {name}:end -->"
    head, _, rest = page.read_text("utf-8").partition(begin)
    tail = rest.partition(end)[2]
    page.write_text(f"{head}{begin} {NOTE}\n{content}{end}{tail}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publish", action="store_true")
    parser.add_argument("--seeds", nargs="+", default=["1", "2", "3"])
    parser.add_argument("--seconds", default="30")
    arguments = parser.parse_args()
    if not arguments.publish:
        for module, options in (
            ("benchmarks.micro.search_twin", []),
            ("benchmarks.micro.breed_twin", []),
            ("benchmarks.micro.tour_twin", []),
            ("benchmarks.micro.search_speed", []),
            ("benchmarks.micro.compile_and_start", []),
            ("benchmarks.service", ["--long"]),
            ("benchmarks.micro.bench_overhead", []),
            ("benchmarks.suites.cvrp", ["--seconds", arguments.seconds, "--seeds", *arguments.seeds]),
            ("benchmarks.suites.tsp", ["--seconds", "20", "--seeds", *arguments.seeds]),
            ("benchmarks.suites.tsp", ["--seconds", "60", "--seeds", *arguments.seeds, "--solvers", "optikit", "fast-tsp"]),
            ("benchmarks.suites.tsp_bounds", []),
            ("benchmarks.suites.tsp_scale", []),
            ("benchmarks.suites.atsp", []),
            ("benchmarks.suites.lap", []),
            *((f"benchmarks.suites.{name}", ["--seconds", arguments.seconds, "--seeds", *arguments.seeds]) for name in QUALITY),
            ("benchmarks.suites.shop_proofs", ["--seconds", arguments.seconds]),
            ("benchmarks.suites.hybrid_flowshop", []),
            ("benchmarks.suites.rigid_flowshop", []),
            ("benchmarks.suites.distributed_flowshop", []),
            ("benchmarks.suites.tardiness", ["--seeds", *arguments.seeds]),
            ("benchmarks.micro.calibration", []),
        ):
            subprocess.run([sys.executable, "-m", module, *options], check=True)
    publish()


if __name__ == "__main__":
    main()
