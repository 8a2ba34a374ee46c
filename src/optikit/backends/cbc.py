"""CBC on a PuLP model: the program that PuLP brings or finds, started and ended by us.

PuLP would wait for CBC whatever the clock says. So PuLP writes the model and reads the solution, and the program in between
is ours to interrupt (SIGINT: CBC then hands over its best solution) and to kill. Its bound stands in its log only.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .._processes import Warden, end_group, own_group
from ..core.result import StopReason
from ..core.run import POLL_SECONDS, Run
from ..errors import EngineError, UnsupportedError
from .answer import Answer
from .milp import Scaled, Values

_PRINTED = 1e-3  # CBC prints its bound with three decimals
_MAX_SEED = 10**8
_INFEASIBLE = r"^Result - (Problem proven infeasible|Linear relaxation infeasible)|^Problem is infeasible"


def find_cbc() -> str | None:
    """Path of CBC: one on the search path, else the one that PuLP carries."""
    import pulp

    path = shutil.which("cbc") or getattr(getattr(pulp, "PULP_CBC_CMD", None), "pulp_cbc_path", None)
    return path if path and os.access(path, os.X_OK) else None


def solve_cbc(
    model: Any,
    run: Run,
    *,
    late: float,
    start: Mapping[str, float] | None = None,
    on_values: Callable[[Values], None] = lambda values: None,
    on_bound: Callable[[float], None] = lambda bound: None,
    parameters: Mapping[str, Any] | None = None,
) -> Answer:
    """Solve a PuLP model by CBC until it is proved or ``run`` says stop.

    The parameters are those of `formulated.Formulated._engine`; ``parameters`` are options of CBC's command line, name -> value,
    and a value of None is an option without one. CBC says nothing before its end: ``on_values`` and ``on_bound`` are never called.

    Raises
    ------
    UnsupportedError
        For an option that CBC does not have.
    EngineError
        If CBC dies.
    """
    import pulp

    program = find_cbc()
    if program is None:
        raise EngineError("CBC is not installed: PuLP below 4 brings it, or install the program and put it on the search path")
    scaled = Scaled(model)
    versions = {"pulp": str(pulp.__version__)}
    with tempfile.TemporaryDirectory(prefix="optikit-") as folder:
        mps, begin, end, log = (os.path.join(folder, name) for name in ("model.mps", "start.sol", "end.sol", "log"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            bridge = pulp.COIN_CMD(path=program, msg=False)
            variables, name_of, row_of, _ = scaled.model.writeMPS(mps, rename=1)
        command = [program, mps]
        if scaled.sense < 0:
            command += ["-max"]
        if start:
            _write_start(begin, [(name_of[variable.name], start.get(variable.name, 0.0)) for variable in variables])
            command += ["-mips", begin]
        if run.remaining <= 0:
            return Answer(StopReason.TIME, versions=versions)
        if run.deadline is not None:
            command += ["-sec", repr(run.remaining)]
        command += ["-timeMode", "elapsed", "-randomCbcSeed", str(run.seed % _MAX_SEED)]
        if run.stop.gap is not None:
            command += ["-ratio", repr(run.stop.gap)]
        if run.n_jobs > 1:
            command += ["-threads", str(run.n_jobs)]
        for name, value in (parameters or {}).items():
            command += [f"-{name}"] if value is None else [f"-{name}", str(value)]
        command += ["-solve", "-printingOptions", "all", "-solution", end]
        stopped_by, code = _run(command, log, folder, run, late)
        with open(log, errors="replace") as file:
            report = read_log(file.read())
        if report.unknown is not None:
            raise UnsupportedError(f"CBC has no option {report.unknown!r}; see its command line's ?")
        header, values = "", None
        if os.path.exists(end):
            with open(end) as file:
                header = file.readline().strip()
            values = bridge.readsol_MPS(end, scaled.model, variables, name_of, row_of)[1]
        elif stopped_by is None:
            raise EngineError(f"CBC ended with code {code} and wrote no solution: {report.last}")
        columns = None if values is None else [values[variable.name] for variable in scaled.variables]
        return read_status(header, columns, report, scaled, run, stopped_by, versions)


def _run(command: list[str], log: str, folder: str, run: Run, late: float) -> tuple[StopReason | None, int]:
    """Run a command until it ends or must; what ended it (None: itself) and its exit code."""
    stopped_by: StopReason | None = None
    asked = 0.0
    with open(log, "wb") as sink:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, cwd=folder, **own_group()
        )
        warden = Warden(process)
        try:
            while process.poll() is None:
                try:
                    if stopped_by is None:
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            process.wait(min(POLL_SECONDS, max(run.remaining, 0.01)))
                            break
                        stopped_by = run.tick()
                    if stopped_by is None:
                        continue
                    if not asked:
                        asked = time.monotonic()
                        process.send_signal(signal.SIGINT)
                    if time.monotonic() - asked >= late:
                        break
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(0.02)
                except KeyboardInterrupt:
                    stopped_by = StopReason.CANCELLED
        finally:
            end_group(process)
            warden.dismiss()
    return stopped_by, process.returncode


@dataclass(frozen=True)
class Report:
    """What CBC's log says."""

    result: str = ""
    bound: float | None = None
    objective: float | None = None
    infeasible: bool = False
    unknown: str | None = None
    last: str = ""


def read_log(text: str) -> Report:
    """Result, bound and objective from CBC's log."""
    result = re.search(r"^Result - (.*)$", text, re.MULTILINE)
    bounds = re.findall(r"^Lower bound:\s+(\S+)|best possible (-?[\d.e+]+)", text, re.MULTILINE)
    objective = re.search(r"^Objective value:\s+(\S+)", text, re.MULTILINE)
    unknown = re.search(r"^No match for (\S+) - \? for list of commands", text, re.MULTILINE)
    lines = [line for line in text.splitlines() if line.strip()]
    last = next((value for pair in reversed(bounds) for value in pair if value), None)
    return Report(
        result=result[1].strip() if result else "",
        bound=_number(last),
        objective=_number(objective[1]) if objective else None,
        infeasible=_says_infeasible(text),
        unknown=unknown[1] if unknown else None,
        last=lines[-1] if lines else "an empty log",
    )


def _says_infeasible(text: str) -> bool:
    """Preprocessing does not tell infeasible from unbounded, but after a relaxation with an optimum it can only be the first."""
    relaxed = "\nContinuous objective value is" in text
    unclear = "\nPre-processing says infeasible or unbounded" in text
    return (relaxed and unclear) or re.search(_INFEASIBLE, text, re.MULTILINE) is not None


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def read_status(
    header: str,
    columns: list[float] | None,
    report: Report,
    scaled: Scaled,
    run: Run,
    stopped_by: StopReason | None,
    versions: Mapping[str, str] | None = None,
) -> Answer:
    """The first line of CBC's solution file and its log as an `Answer`: one row each, see ``docs/decisions/0003-backends.md``."""
    why = stopped_by or run.reason()
    versions = versions or {}
    bound = scaled.bound(report.bound, _PRINTED)
    values = None if columns is None else scaled.values(columns)
    words = header.partition(" - objective value")[0].lower()
    if words == "optimal" and not scaled.mixed and why is None:
        # Of a linear program the log has no such line as it has of a mixed one.
        return Answer(StopReason.PROVEN, values, scaled.bound(_number(header.split()[-1])), versions=versions)
    if words.startswith("optimal"):
        # Both have to say so: after a limit in the root node, the file alone may call a relaxation optimal.
        if report.result.startswith("Optimal solution found") and report.objective is not None:
            within = "(within gap tolerance)" in report.result
            proved = bound if within else scaled.bound(report.objective)
            reason = StopReason.GAP if within and run.stop.gap else StopReason.PROVEN
            return Answer(reason, values, proved, versions=versions)
        return Answer(why or StopReason.EXHAUSTED, values, bound, message=f"CBC: {report.result}", versions=versions)
    if words.startswith(("infeasible", "integer infeasible")):
        # Threads that run into the limit call that "integer infeasible" too: the log has to say that it is proved.
        if why is None and report.infeasible:
            return Answer(StopReason.PROVEN, infeasible=True, versions=versions)
        return Answer(why or StopReason.EXHAUSTED, None, bound, message=f"CBC: {header}", versions=versions)
    if words.startswith("unbounded"):
        return Answer(StopReason.EXHAUSTED, message="the model is unbounded", versions=versions)
    if words.startswith("stopped"):
        integral = "no integer solution" not in words
        gap = StopReason.GAP if "gap" in report.result.lower() else None
        found = values if integral else None
        return Answer(why or gap or StopReason.EXHAUSTED, found, bound, message=f"CBC: {report.result}", versions=versions)
    if not header:
        return Answer(why or StopReason.TIME, None, bound, message="CBC had to be killed and left no solution", versions=versions)
    return Answer(why or StopReason.EXHAUSTED, None, bound, message=f"CBC: {header}", versions=versions)


def _write_start(path: str, values: list[tuple[str, float]]) -> None:
    with open(path, "w") as file:
        file.write("Stopped on time - objective value 0\n")
        file.writelines(f"{number:>7} {name} {value:.15g} 0\n" for number, (name, value) in enumerate(values))
