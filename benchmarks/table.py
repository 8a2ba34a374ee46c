"""Tables of measurements: Markdown for the docs, JSON for machines, both with the machine and the versions."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from optikit.bench.phrases import plural

RESULTS = Path(__file__).parent / "results"


def model() -> str:
    """The processor's name."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return model


def machine() -> str:
    """The processor's name and how many of them this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{model()}, {plural(usable, 'core')}, {platform.system()}"


def load() -> str:
    """What else the machine had to do in the last quarter of an hour: for the notes of what is measured by the clock."""
    return f"The machine had a load of {os.getloadavg()[2]:.1f} from all that ran there, this included."


def versions(*packages: str) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("optikit", "numpy", *packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def write(
    name: str,
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    notes: str = "",
    packages: Sequence[str] = (),
    raw: Any = None,
    ran_on: str = "",
) -> None:
    """Write ``results/<name>.md`` and ``.json``.

    Parameters
    ----------
    name : str
        File name without suffix.
    title : str
        Heading of the table.
    header, rows : sequence
        The table.
    notes : str
        What was measured, and how.
    packages : sequence of str
        Whose versions stand under the table.
    raw : optional
        Every single measurement, for the JSON.
    ran_on : str
        Where it was measured, if not on this machine alone.
    """
    RESULTS.mkdir(exist_ok=True)
    used, where = versions(*packages), ran_on or machine()
    lines = [f"## {title}", "", notes, ""] if notes else [f"## {title}", ""]
    lines += ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    lines += ["", f"{where}; " + ", ".join(f"{package} {number}" for package, number in used.items()) + ".", ""]
    (RESULTS / f"{name}.md").write_text("\n".join(lines), "utf-8")
    data = {
        "title": title,
        "notes": notes,
        "machine": where,
        "versions": used,
        "header": list(header),
        "rows": [list(r) for r in rows],
        "raw": raw,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(data, indent=1), "utf-8")


def _cell(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
