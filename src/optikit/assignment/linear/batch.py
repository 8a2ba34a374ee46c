"""Many matrices in one call: small ones one after the other inside a kernel, without a call of Python for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...inputs.arguments import count_jobs
from ...inputs.wording import shown
from ...kernels.clock import now_ns
from ...kernels.control import DEADLINE, STOP, Control
from .arrays import Batch, FloatBatch, WholeBatch
from .dense import INFEASIBLE, DenseMatching, as_array, as_costs, in_64_bits
from .kernels.small import solve_float_batch, solve_whole_batch
from .small import MOST_SMALL, limit_of, new_desk

A_SHARE = 20_000  # costs of the matrices that a thread takes at a time, about
A_SLICE = 100_000_000  # nanoseconds after which a kernel returns, so that Ctrl-C is heard


def linear_sum_assignment_batch(
    cost_matrices: Any, maximize: bool = False, *, n_jobs: int = 1
) -> NDArray[np.int64] | list[NDArray[np.int64]]:
    """Solve many linear assignment problems in one call.

    Parameters
    ----------
    cost_matrices : numpy.ndarray, shape (B, n, m), or iterable of array_like of shape (n, m) each
        Costs as for `linear_sum_assignment`. The matrices of an iterable may differ in shape.
    maximize : bool
        Whether the sums are to be as great as can be.
    n_jobs : int
        Threads; -1 for all CPUs.

    Returns
    -------
    numpy.ndarray of int64, shape (B, n), or list of numpy.ndarray of int64, shape (n,)
        For each matrix the column of each row; -1 for rows that are left where n > m.

    Raises
    ------
    ValueError, TypeError, OverflowError
        If a matrix is not what `linear_sum_assignment` takes, or has no matching; the message says which.

    Examples
    --------
    >>> import numpy as np
    >>> from optikit.assignment import linear_sum_assignment_batch
    >>> costs = np.array([[[4, 1], [2, 0]], [[1, 4], [9, 2]]])
    >>> linear_sum_assignment_batch(costs)
    array([[1, 0],
           [0, 1]])
    """
    threads = count_jobs(n_jobs)
    if isinstance(cost_matrices, np.ndarray) and cost_matrices.dtype != object:
        if cost_matrices.ndim != 3:
            raise ValueError(f"expected matrices (3-D array), got a {cost_matrices.ndim} array")
        count, num_rows, num_columns = cost_matrices.shape
        costs = np.ascontiguousarray(_as_one(cost_matrices))
        answers = np.full((count, num_rows), -1, np.int64)
        if count and max(num_rows, num_columns) <= MOST_SMALL:
            places = np.arange(count)
            shapes = np.full(count, num_rows, np.int32), np.full(count, num_columns, np.int32)
            _solve_small(costs, places * num_rows * num_columns, places * num_rows, *shapes, answers, maximize, threads)
        else:
            _solve_large(enumerate(costs), answers, maximize, threads)
        return answers
    if isinstance(cost_matrices, str | bytes) or not hasattr(cost_matrices, "__iter__") or hasattr(cost_matrices, "tocsr"):
        raise TypeError(f"cost_matrices is {shown(cost_matrices)}; expected a 3-D array, or an iterable of matrices")
    matrices = [_as_matrix(k, matrix) for k, matrix in enumerate(cost_matrices)]
    columns = [np.full(len(matrix), -1, np.int64) for matrix in matrices]
    for kind in "fi":
        small = [k for k, matrix in enumerate(matrices) if max(matrix.shape) <= MOST_SMALL and matrix.dtype.kind == kind]
        if small:
            _solve_list([matrices[k] for k in small], small, columns, maximize, threads)
    _solve_large(((k, matrix) for k, matrix in enumerate(matrices) if max(matrix.shape) > MOST_SMALL), columns, maximize, threads)
    return columns


def _as_one(costs: NDArray[Any]) -> NDArray[Any]:
    """All matrices as float64 or int64; unsigned integers that are far apart only from one to the next are shifted in each."""
    try:
        return in_64_bits(costs)
    except OverflowError:
        return np.stack([_as_matrix(k, matrix) for k, matrix in enumerate(costs)])


def _as_matrix(k: int, matrix: Any) -> NDArray[Any]:
    if hasattr(matrix, "tocsr"):
        raise ValueError(f"cost_matrices[{k}]: expected a dense matrix, got a sparse one")
    try:
        given = as_array(matrix)
    except (TypeError, ValueError) as error:
        ragged = "inhomogeneous" in str(error)
        said = "expected a matrix (2-D array), got rows of different lengths" if ragged else error
        raise type(error)(f"cost_matrices[{k}]: {said}") from None
    if given.ndim != 2:
        raise ValueError(f"cost_matrices[{k}]: expected a matrix (2-D array), got a {given.ndim} array")
    try:
        return in_64_bits(given)
    except (TypeError, OverflowError) as error:
        raise type(error)(f"cost_matrices[{k}]: {error}") from None


def _solve_list(
    matrices: list[NDArray[Any]], numbers: list[int], columns: list[NDArray[np.int64]], maximize: bool, threads: int
) -> None:
    """Small matrices of several shapes and one dtype, laid one behind the other."""
    shapes = np.array([matrix.shape for matrix in matrices], np.int64)
    first = np.cumsum(shapes[:, 0] * shapes[:, 1]) - shapes[:, 0] * shapes[:, 1]
    line = np.cumsum(shapes[:, 0]) - shapes[:, 0]
    answers = np.full(shapes[:, 0].sum(), -1, np.int64)
    rows, width = shapes[:, 0].astype(np.int32), shapes[:, 1].astype(np.int32)
    costs = np.concatenate([matrix.ravel() for matrix in matrices])
    _solve_small(costs, first, line, rows, width, answers, maximize, threads, numbers)
    for number, part in zip(numbers, np.split(answers, line[1:]), strict=True):
        columns[number] = part


def _solve_small(
    costs: NDArray[Any], first: NDArray[np.int64], line: NDArray[np.int64], rows: NDArray[np.int32], columns: NDArray[np.int32],
    answers: NDArray[np.int64], maximize: bool, threads: int, numbers: list[int] | None = None,
) -> None:  # fmt: skip
    structure = FloatBatch if costs.dtype.kind == "f" else WholeBatch
    batch = structure.empty(
        num_matrices=len(first), num_costs=costs.size, num_lines=answers.size, sign=-1 if maximize else 1,
        limit=limit_of(costs.dtype), first=first, line=line, rows=rows, columns=columns, column_of=answers, cost=costs,
    )  # fmt: skip
    count = len(first)
    step = max(1, A_SHARE * count // max(costs.size, 1))
    shares = ((k, min(k + step, count)) for k in range(0, count, step))
    _in_threads(partial(_serve, batch, int(max(rows.max(), columns.max(), 1))), shares, min(threads, -(-count // step)))
    flat, lines = costs.reshape(-1), answers.reshape(-1)
    left = np.flatnonzero(batch.status).tolist()
    matrices = (flat[first[k] :][: rows[k] * columns[k]].reshape(rows[k], columns[k]) for k in left)
    names = left if numbers is None else [numbers[k] for k in left]
    views = {name: lines[line[k] :][: rows[k]] for name, k in zip(names, left, strict=True)}
    _solve_large(zip(names, matrices, strict=True), views, maximize, min(threads, len(left)))


def _serve(batch: Batch, size: int, shares: Iterator[tuple[int, int]], control: Control) -> None:
    """Solve share after share, until there are none or the flag is up."""
    desk = new_desk(size, size * size)
    kernel = solve_float_batch if isinstance(batch, FloatBatch) else solve_whole_batch
    for k, last in shares:
        while k < last and not control.slots[STOP]:
            control.slots[DEADLINE] = now_ns() + A_SLICE
            k = kernel(batch, desk, control, k, last)


def _solve_large(matrices: Iterable[tuple[int, NDArray[Any]]], columns: Any, maximize: bool, threads: int) -> None:
    """Matrices by lists: large ones, and what the kernel of small ones leaves."""

    def serve(shares: Iterator[tuple[int, NDArray[Any]]], control: Control) -> None:
        search = None
        for k, matrix in shares:
            try:
                costs = as_costs(matrix)
                if search is not None and search.fits(costs):
                    search.again(costs)
                else:
                    search = DenseMatching(costs, maximize=maximize)
                    search.control = control
                while not control.slots[STOP] and not _advance(search):
                    pass
            except (ValueError, OverflowError) as error:
                raise type(error)(f"cost_matrices[{k}]: {error}") from None
            if not control.slots[STOP]:
                column_of = search.column_of()
                if column_of is None:
                    raise ValueError(f"cost_matrices[{k}]: {INFEASIBLE}")
                columns[k][:] = column_of

    _in_threads(serve, iter(matrices), threads)


def _advance(search: DenseMatching) -> bool:
    search.control.slots[DEADLINE] = now_ns() + A_SLICE
    return search.advance()


class _Shares:
    """One iterator for several threads."""

    def __init__(self, items: Iterator[Any]) -> None:
        self._items, self._lock = items, threading.Lock()

    def __iter__(self) -> _Shares:
        return self

    def __next__(self) -> Any:
        with self._lock:
            return next(self._items)


def _in_threads(serve: Callable[[Iterator[Any], Control], None], items: Iterator[Any], threads: int) -> None:
    """Let so many threads, the caller's one of them, serve items; the first error of any of them ends all."""
    if threads <= 1:
        serve(items, Control.fresh())
        return
    shares, errors = _Shares(items), []
    controls = [Control.fresh() for _ in range(threads)]

    def stop() -> None:
        for control in controls:
            control.slots[STOP] = 1

    def work(control: Control) -> None:
        try:
            serve(shares, control)
        except BaseException as error:
            errors.append(error)
            stop()

    workers = [threading.Thread(target=work, args=(control,), name="optikit-batch", daemon=True) for control in controls[1:]]
    try:
        for worker in workers:
            worker.start()
        work(controls[0])
        for worker in workers:
            worker.join()
    except BaseException:
        stop()
        raise
    if errors:
        raise errors[0]
