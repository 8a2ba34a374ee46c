"""Files of shops: JSPLIB, FJSPLIB, matrices of open shops, and Taillard's own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import numpy as np

from ...errors import FileFormatError, InvalidProblemError, UnsupportedError
from ...inputs.arguments import check_count
from ...inputs.csv_tables import csv_head, is_of_operations
from ...inputs.files import path_of, read_text
from ...inputs.wording import shown
from .problem import Shop
from .shops import FlexibleJobShop, JobShop, OpenShop

AnyShop = TypeVar("AnyShop", bound=Shop)
AnyPath = str | os.PathLike[str]

MOST_NUMBERS = 50_000_000
"""A file that promises more is not believed."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")


@dataclass(frozen=True)
class Word:
    """A word of a file, and the line where it stands."""

    text: str
    line: int

    @property
    def number(self) -> float | None:
        if not _NUMBER.match(self.text):
            return None
        return float(self.text) if set(self.text) & set(".eE") else int(self.text)


class Words:
    """The words of a file from its first number on, taken one by one."""

    def __init__(self, path: AnyPath, text: str | None = None) -> None:
        self.path = path_of(path)
        lines = (read_text(path) if text is None else text).splitlines()
        listed = [(at, line.split()) for at, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")]
        numeric = next(
            (index for index, (_, words) in enumerate(listed) if all(_NUMBER.match(word) for word in words)), len(listed)
        )
        self.heading = " ".join(word for _, words in listed[:numeric] for word in words)
        self.lines = [[Word(word, at) for word in words] for at, words in listed[numeric:]]
        self.words = [word for line in self.lines for word in line]
        self.at = 0

    def fail(self, message: str, word: Word | None = None) -> NoReturn:
        raise FileFormatError(self.path, message, None if word is None else word.line, None if word is None else word.text)

    def take(self, what: str, least: float | None = None, whole: bool = True) -> int | float:
        """The next word as a number; a refusal says ``what`` was expected."""
        if self.at == len(self.words):
            self.fail(f"ends before {what}", self.words[-1] if self.words else None)
        word = self.words[self.at]
        self.at += 1
        number = word.number
        if number is None or (whole and number != int(number)) or (least is not None and number < least):
            kind = "a whole number" if whole else "a number"
            self.fail(f"expected {what}, {kind}{'' if least is None else f' >= {least:g}'}", word)
        return int(number) if whole or number == int(number) else number

    def sizes(self) -> tuple[int, int]:
        """The first line: numbers of jobs and machines; FJSPLIB adds the mean number of machines to choose from."""
        jobs, machines = self.take("the number of jobs", 1), self.take("the number of machines", 1)
        if jobs * machines > MOST_NUMBERS:
            self.fail(f"promises {jobs} jobs on {machines} machines: more than {MOST_NUMBERS:,} numbers", self.words[0])
        rest = self.lines[0][self.at :] if len(self.lines[0]) <= 3 else []
        self.at += len(rest)
        return int(jobs), int(machines)

    @property
    def rest(self) -> int:
        """How many words are left."""
        return len(self.words) - self.at

    def end(self) -> None:
        if self.rest:
            self.fail(f"{self.rest} words too many: nobody expects this one", self.words[self.at])


# -- the formats ------------------------------------------------------------------


def read_jsplib(path: AnyPath, *, cls: type[AnyShop] = JobShop) -> AnyShop:  # type: ignore[assignment]
    """Read a job shop in the format of JSPLIB and the OR-Library: a line a job, of machine and duration in turns.

    Parameters
    ----------
    path : path
        The file. The first line has the numbers of jobs and machines; what stands above, and lines with ``#``, is a heading.
        Machines count from 0, or from 1 in files that use 1 to their number.
    cls : type
        The class to build.

    Raises
    ------
    FileFormatError
        With the line and the word.
    """
    words = Words(path)
    jobs, machines = words.sizes()
    lines = words.lines[1:]
    if len(lines) != jobs or any(len(line) % 2 or not line for line in lines):
        if words.rest != 2 * jobs * machines:
            words.fail(
                f"has {words.rest} numbers after the first line; {jobs} jobs on {machines} machines are {2 * jobs * machines}"
            )
        sizes = [machines] * jobs
    else:
        sizes = [len(line) // 2 for line in lines]
    return _of_pairs(words, cls, sizes, machines)


def _of_pairs(words: Words, cls: type[AnyShop], sizes: list[int], machines: int) -> AnyShop:
    places: list[Word] = []
    where, how_long = [], []
    for job, size in enumerate(sizes):
        for _ in range(size):
            where.append(int(words.take(f"a machine of job {job}", 0)))
            places.append(words.words[words.at - 1])
            how_long.append(words.take(f"a duration of job {job}", 0, whole=False))
    words.end()
    machine = np.array(where, np.int64)
    if machine.max() == machines and machine.min() >= 1:
        machine -= 1
    over = np.flatnonzero(machine >= machines)
    if over.size:
        words.fail(f"names machine {machine[over[0]]}, but there are {machines}, counted from 0", places[int(over[0])])
    return _built(
        words, cls, job=np.repeat(np.arange(len(sizes)), sizes), operation=np.arange(len(where)), machine=machine,
        duration=how_long, num_machines=machines,
    )  # fmt: skip


def read_fjsplib(path: AnyPath, *, cls: type[AnyShop] = FlexibleJobShop) -> AnyShop:  # type: ignore[assignment]
    """Read a flexible job shop in the format of Brandimarte, Hurink and FJSPLIB.

    Parameters
    ----------
    path : path
        The file. The first line has the numbers of jobs and machines, and mostly the mean number of machines to choose from. Then
        for each job: its number of operations, and for each of these its number of modes, and a machine (from 1) and a duration
        for each mode.
    cls : type
        The class to build.

    Raises
    ------
    FileFormatError
        With the line and the word.
    """
    words = Words(path)
    jobs, machines = words.sizes()
    job: list[int] = []
    operation: list[int] = []
    machine: list[int] = []
    duration: list[float] = []
    for j in range(jobs):
        for o in range(int(words.take(f"the number of operations of job {j}", 1))):
            where = f"operation {o} of job {j}"
            for _ in range(int(words.take(f"the number of machines of {where}", 1))):
                operation.append(len(job))
                machine.append(int(words.take(f"a machine of {where}", 1)) - 1)
                if machine[-1] >= machines:
                    words.fail(f"{where} is on machine {machine[-1] + 1}, but there are {machines}", words.words[words.at - 1])
                duration.append(words.take(f"a duration of {where}", 0, whole=False))
            job.append(j)
    words.end()
    return _built(words, cls, job=job, operation=operation, machine=machine, duration=duration, num_machines=machines)


def read_openshop(path: AnyPath, *, cls: type[AnyShop] = OpenShop) -> AnyShop:  # type: ignore[assignment]
    """Read an open shop as a matrix: numbers of jobs and machines, then durations, a line a job and a column a machine.

    Raises
    ------
    FileFormatError
        With the line and the word.
    """
    words = Words(path)
    jobs, machines = words.sizes()
    if words.rest != jobs * machines:
        words.fail(f"has {words.rest} numbers after the first line; {jobs} jobs on {machines} machines are {jobs * machines}")
    durations = [words.take("a duration", 0, whole=False) for _ in range(jobs * machines)]
    return _built(
        words, cls, job=np.repeat(np.arange(jobs), machines), operation=np.arange(jobs * machines),
        machine=np.tile(np.arange(machines), jobs), duration=durations, num_machines=machines,
    )  # fmt: skip


def read_taillard_jobshop(path: AnyPath, *, number: int | None = None, cls: type[AnyShop] = JobShop) -> AnyShop:  # type: ignore[assignment]
    """Read a job shop from a file of Taillard's page, which holds several: times, then machines, both a line a job.

    Parameters
    ----------
    path : path
        The file.
    number : int, optional
        Which of the file's instances, from 1; needed where there are several.
    cls : type
        The class to build.

    Raises
    ------
    FileFormatError
        With the line and the word.
    """
    return _read_taillard(path, number, cls)


def read_taillard_openshop(path: AnyPath, *, number: int | None = None, cls: type[AnyShop] = OpenShop) -> AnyShop:  # type: ignore[assignment]
    """Read an open shop from a file of Taillard's page: as `read_taillard_jobshop`."""
    return _read_taillard(path, number, cls)


_HEADING = re.compile(r"^\s*(nb|number) of jobs.*$", re.IGNORECASE | re.MULTILINE)
_SECTION = re.compile(r"(?im)^\s*machines\s*:?\s*$")


def _read_taillard(path: AnyPath, number: int | None, cls: type[AnyShop]) -> AnyShop:
    text = read_text(path)
    starts = [match.start() for match in _HEADING.finditer(text)]
    if not starts:
        raise FileFormatError(os.fspath(path), "has no line 'Nb of jobs, Nb of Machines, ...', as files of Taillard's page have")
    if number is None and len(starts) > 1:
        raise FileFormatError(os.fspath(path), f"holds {len(starts)} instances; say which: number=1 to {len(starts)}")
    chosen = check_count("number", 1 if number is None else number, 1, f"; the file has {len(starts)} instances", len(starts))
    begin, end = [*starts, len(text)][chosen - 1 : chosen + 1]
    words = Words(path, "\n" * text[:begin].count("\n") + text[begin:end])
    jobs, machines = int(words.take("the number of jobs", 1)), int(words.take("the number of machines", 1))
    blocks: list[list[Word]] = []
    for line in words.lines[1:]:
        if any(word.number is None for word in line):
            blocks.append([])
        elif blocks:
            blocks[-1] += line
    if len(blocks) != 2 or any(len(block) != jobs * machines for block in blocks):
        words.fail(f"expected two blocks, times and machines, of {jobs} x {machines} numbers each", words.words[0])
    words.words, words.at = [word for pair in zip(blocks[1], blocks[0], strict=True) for word in pair], 0
    return _of_pairs(words, cls, [machines] * jobs, machines)


def _built(words: Words, cls: type[AnyShop], **fields: Any) -> AnyShop:
    name = os.path.basename(words.path).partition(".")[0]
    try:
        return cls(**fields, name=name)
    except InvalidProblemError as error:
        raise FileFormatError(words.path, str(error)) from None


# -- which format ------------------------------------------------------------------

_HEAD = 65536
"""So many characters into a file its sections are looked for."""


def _numeric(path: AnyPath) -> Words | None:
    """The words of a file that begins with a line of two or three numbers, the sizes."""
    try:
        text = read_text(path)
    except (FileFormatError, OSError):
        return None
    if "_SECTION" in text[:_HEAD].upper():  # TSPLIB's formats, which may be large
        return None
    words = Words(path, text)
    if not words.lines or not 2 <= len(words.lines[0]) <= 3 or len(words.heading) > 500:
        return None
    return words if all(word.number is not None for word in words.words) else None


def _fits_jsplib(path: AnyPath) -> bool:
    """Two numbers a machine and job; a file whose jobs all visit machines 0, 1, ... in turn is left to flow shops."""
    words = _numeric(path)
    if words is None or len(words.lines[0]) != 2:
        return False
    try:
        shop: Any = read_jsplib(path)
    except (FileFormatError, ValueError):
        return False
    in_turn = shop.machine.reshape(shop.num_jobs, -1) if len(shop.machine) % shop.num_jobs == 0 else shop.machine[None, ::-1]
    return not np.array_equal(in_turn, np.tile(np.arange(in_turn.shape[1]), (len(in_turn), 1)))


def _fits_openshop(path: AnyPath) -> bool:
    words = _numeric(path)
    if words is None or len(words.lines[0]) != 2:
        return False
    jobs, machines = (word.number for word in words.lines[0])
    return jobs is not None and machines is not None and len(words.words) - 2 == jobs * machines


def _fits_fjsplib(path: AnyPath) -> bool:
    if _numeric(path) is None:
        return False
    try:
        read_fjsplib(path)
    except (FileFormatError, ValueError):
        return False
    return True


def _fits_taillard(openshop: bool) -> Callable[[AnyPath], bool]:
    def fits(path: AnyPath) -> bool:
        try:
            text = read_text(path)
        except (FileFormatError, OSError):
            return False
        return bool(_HEADING.search(text)) and ("processing times" in text.lower()) == openshop and bool(_SECTION.search(text))

    return fits


for _reader, _fits in (
    (read_jsplib, _fits_jsplib),
    (read_fjsplib, _fits_fjsplib),
    (read_openshop, _fits_openshop),
    (read_taillard_jobshop, _fits_taillard(False)),
    (read_taillard_openshop, _fits_taillard(True)),
):
    _reader.fits = _fits  # type: ignore[attr-defined]

FORMATS: dict[str, Callable[..., Any]] = {
    "jsplib": read_jsplib,
    "fjsplib": read_fjsplib,
    "openshop": read_openshop,
    "taillard-jobshop": read_taillard_jobshop,
    "taillard-openshop": read_taillard_openshop,
}
"""Name of a format -> its reader."""


def read_shop(path: AnyPath, format: str | None, cls: type[AnyShop], **options: Any) -> AnyShop:
    """Read a file of any of `FORMATS`; where it fits several, one has to be named.

    Raises
    ------
    FileFormatError
        With the line and the word.
    UnsupportedError
        For an unknown format.
    """
    path = path_of(path)
    if format is None and is_of_operations(csv_head(path)):
        format = "shop-csv"
    if isinstance(format, str) and format == "shop-csv":
        from .csv_file import read_shop_csv

        return read_shop_csv(path, cls=None if cls is Shop else cls, **options)  # type: ignore[return-value]
    known = getattr(cls, "formats", tuple(FORMATS))
    if format is not None:
        if not isinstance(format, str) or format not in FORMATS:
            raise UnsupportedError(f"format is {shown(format)}; known: {', '.join(known)}, shop-csv")
        return FORMATS[format](path, cls=cls, **options)  # type: ignore[no-any-return]
    fitting = [name for name in known if FORMATS[name].fits(path)]  # type: ignore[attr-defined]
    if len(fitting) > 1:
        raise FileFormatError(os.fspath(path), f"fits several formats; name one: format={' or '.join(map(repr, fitting))}")
    return FORMATS[fitting[0] if fitting else known[0]](path, cls=cls, **options)  # type: ignore[no-any-return]
