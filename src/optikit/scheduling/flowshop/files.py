"""Files of flow shops: Taillard's own layout, and that of the collections, in which each duration stands beside its machine."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import FileFormatError, InvalidProblemError, UnsupportedError
from ...inputs.arguments import check_count
from ...inputs.csv_tables import csv_head, is_of_operations
from ...inputs.files import path_of, read_text, replace_file
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.wording import shown
from .problem import FlowShop

if TYPE_CHECKING:
    from collections.abc import Iterator

    AnyFlowShop = TypeVar("AnyFlowShop", bound=FlowShop)

_WORD = re.compile(r"\S+")

_FIELDS = (
    "machines",
    "factories",
    "permutation",
    "no_wait",
    "blocking",
    "objective",
    "release",
    "weight",
    "setup",
    "first_setup",
    "clock",
)
"""What a file does not say, and the reader takes."""

_MOST_CELLS = 10**8

ENDINGS = (".fsp", ".pfsp", ".flowshop")
"""Of names that can only be flow shops."""


def read_flowshop(
    path: str | os.PathLike[str],
    cls: type[AnyFlowShop] = FlowShop,  # type: ignore[assignment]
    *,
    number: int | None = None,
    **fields: Any,
) -> AnyFlowShop:
    """Read a flow shop.

    Two layouts are told apart by the file itself. In the collections' (as job shops have it) the first line has the numbers of jobs
    and machines, then each line one job: machine and duration in turn, the machines in order from 0 (or from 1). In Taillard's,
    a line of words announces ``jobs, machines, seed, upper bound and lower bound``, another ``processing times``, and then each
    line has one machine; a file may hold several instances.

    Parameters
    ----------
    path : path
        The file.
    cls : type
        The class to build.
    number : int, optional
        Which of a file of several, from 1.
    **fields
        What files do not say: ``machines``, ``factories``, ``permutation``, ``no_wait``, ``blocking``, ``objective``, ``release``,
        ``weight``, ``setup``, ``first_setup``, ``clock`` of `FlowShop`.

    Raises
    ------
    FileFormatError
        With the line and the word, where the file is broken.
    UnsupportedError
        For an option that is not known.
    OSError
        If the file cannot be opened.
    """
    refuse_unknown("read_flowshop", fields, ("number", *_FIELDS))
    file = _Words(path)
    shops = list(_taillard(file)) if file.has_words() else [_collection(file)]
    if number is None and len(shops) > 1:
        raise FileFormatError(file.path, f"holds {len(shops)} instances; say which: number=1 to {len(shops)}")
    chosen = check_count("number", 1 if number is None else number, 1, f"; the file has {len(shops)} instances", len(shops))
    name = os.path.splitext(os.path.basename(file.path))[0]
    if len(shops) > 1:
        name = f"{name}[{chosen}]"
    try:
        return cls(shops[chosen - 1], name=name, **fields)
    except InvalidProblemError as error:
        raise FileFormatError(file.path, str(error)) from None


class _Words:
    """The words of a file with their lines; lines that begin with # are comments."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path_of(path)
        lines = read_text(path).split("\n")
        self.words = [
            (number, word)
            for number, line in enumerate(lines, 1)
            if not line.lstrip().startswith("#")
            for word in _WORD.findall(line)
        ]
        self.at = 0

    def has_words(self) -> bool:
        return any(word[0].isalpha() for _, word in self.words)

    def skip_words(self) -> bool:
        """Go on to the next number; whether there is one."""
        while self.at < len(self.words) and not self.words[self.at][1].lstrip("+-").isdigit():
            self.at += 1
        return self.at < len(self.words)

    def number(self, what: str, least: int = 0) -> int:
        if self.at >= len(self.words):
            last = self.words[-1][0] if self.words else 1
            raise FileFormatError(self.path, f"ends where {what} should stand", last)
        line, word = self.words[self.at]
        self.at += 1
        try:
            value = int(word)
        except ValueError:
            raise FileFormatError(self.path, f"expected {what}, a whole number", line, word) from None
        if value < least:
            raise FileFormatError(self.path, f"{what} is {value}; expected a number >= {least}", line, word)
        if value >= 2**62:
            raise FileFormatError(self.path, f"{what} is beyond what 62 bits hold; use a larger unit", line, word)
        return value

    def shape(self) -> tuple[int, int]:
        line = self.words[self.at][0] if self.at < len(self.words) else 1
        jobs, machines = self.number("the number of jobs", 1), self.number("the number of machines", 1)
        if jobs * machines > min(_MOST_CELLS, len(self.words)):
            raise FileFormatError(self.path, f"has {len(self.words)} words, too few for {jobs} jobs on {machines} machines", line)
        return jobs, machines


def _collection(file: _Words) -> NDArray[np.int64]:
    """One job a line, machine and duration in turn."""
    jobs, machines = file.shape()
    durations = np.zeros((jobs, machines), np.int64)
    first = None
    for job in range(jobs):
        for place in range(machines):
            at = file.at
            machine = file.number(f"the machine of operation {place} of job {job}")
            first = machine if first is None else first
            if machine != place + first or first > 1:
                line, word = file.words[at]
                expected = place + min(first, 1)
                raise FileFormatError(
                    file.path,
                    f"operation {place} of job {job} is on machine {machine}, expected {expected}: in a flow shop all jobs pass "
                    f"the machines in one order; a job shop is read by JobShop.read",
                    line,
                    word,
                )
            durations[job, place] = file.number(f"the duration of operation {place} of job {job}")
    if file.at < len(file.words):
        line, word = file.words[file.at]
        raise FileFormatError(file.path, f"goes on after {jobs} jobs on {machines} machines", line, word)
    return durations


def _taillard(file: _Words) -> Iterator[NDArray[np.int64]]:
    """Numbers of jobs and machines, seed and bounds; then one machine a line."""
    if not file.skip_words():
        raise FileFormatError(file.path, "holds no numbers")
    while file.skip_words():
        jobs, machines = file.shape()
        for what in ("the seed", "the upper bound", "the lower bound"):
            if file.at < len(file.words) and file.words[file.at][1].isdigit():
                file.number(what)
        file.skip_words()
        times = [[file.number(f"the duration of job {job} on machine {k}") for job in range(jobs)] for k in range(machines)]
        yield np.array(times, np.int64).T
        if file.at < len(file.words) and file.words[file.at][1].lstrip("+-").isdigit():
            line, word = file.words[file.at]
            raise FileFormatError(file.path, f"goes on after {jobs} jobs on {machines} machines", line, word)


def _fits(path: str | os.PathLike[str]) -> bool:
    """By the name; else by the content: Taillard's words, or machines that stand in order in every line."""
    name = os.fspath(path)
    if name.lower().endswith(ENDINGS):
        return True
    if name.lower().endswith((".json", ".vrp", ".tsp", ".atsp", ".csv", ".sol", ".tour")):
        return False
    try:
        file = _Words(path)
        if file.has_words():
            # Job shops and open shops have a section of machines besides.
            text = read_text(path).lower()
            return "processing times" in text and not re.search(r"^\s*machines\s*:?\s*$", text, re.MULTILINE)
        _collection(file)
    except (FileFormatError, OSError):
        return False
    return True


read_flowshop.fits = _fits  # type: ignore[attr-defined]


def read_flowshop_csv(
    path: str | os.PathLike[str],
    *,
    cls: type[AnyFlowShop] = FlowShop,  # type: ignore[assignment]
    **options: Any,
) -> AnyFlowShop:
    """Read a table of operations: a line for every job and stage.

    Parameters
    ----------
    path : path
        Values apart by commas, semicolons or tabs, in UTF-8; the first line names the columns, which are those of
        `optikit.scheduling.flowshop.frames.from_frame`. Names are text, dates are in ISO 8601.
    cls : type
        The class to build.
    **options
        Arguments of `optikit.scheduling.flowshop.frames.from_frame`.

    Raises
    ------
    FileFormatError
        With the line and what is wrong there.
    UnsupportedError
        For an option that is not known.
    """
    from ..operations import read_operations
    from .frames import from_frame

    refuse_unknown("read_flowshop_csv", options, keywords(from_frame))
    options.setdefault("title", os.path.splitext(os.path.basename(path_of(path)))[0])
    return read_operations(path, options, lambda frame: from_frame(cls, frame, **options))


read_flowshop_csv.fits = lambda path: False  # type: ignore[attr-defined]  # a table does not tell it from a job shop


FORMATS: dict[str, Callable[..., Any]] = {"flowshop": read_flowshop, "flowshop-csv": read_flowshop_csv}
"""Name of a format -> its reader."""


def read_any(path: str | os.PathLike[str], format: str | None, cls: type[AnyFlowShop], **options: Any) -> AnyFlowShop:
    """Read a file of any of `FORMATS`; a table of operations tells itself by its columns.

    Raises
    ------
    FileFormatError
        With the line and the word.
    UnsupportedError
        For an unknown format.
    """
    path = path_of(path)
    if format is None:
        format = "flowshop-csv" if is_of_operations(csv_head(path)) else "flowshop"
    if not isinstance(format, str) or format not in FORMATS:
        raise UnsupportedError(f"format is {shown(format)}; known: {', '.join(FORMATS)}")
    return FORMATS[format](path, cls=cls, **options)  # type: ignore[no-any-return]


def write_flowshop(problem: FlowShop, path: str | os.PathLike[str]) -> None:
    """Write the durations in the collections' layout.

    Raises
    ------
    UnsupportedError
        For durations that are not whole: the layout has whole numbers only; `FlowShop.to_json` holds everything.
    """
    whole = np.rint(problem.durations)
    if (whole != problem.durations).any():
        raise UnsupportedError("durations are not whole numbers, which is all that this layout has; to_json holds everything")
    rows = whole.astype(np.int64).tolist()
    jobs = [" ".join(f"{stage} {duration}" for stage, duration in enumerate(row)) for row in rows]
    lines = [f"{problem.num_jobs} {problem.num_stages}", *jobs]
    replace_file(path, ("\n".join(lines) + "\n").encode())
