"""What can go wrong, one class a kind. Every message names the field, the index, the value and a way out."""

from __future__ import annotations


class OptikitError(Exception):
    """Base of all errors that optikit raises on purpose."""


class InvalidProblemError(OptikitError, ValueError):
    """The data of a problem make no sense: raised while the problem is being built."""


class EntryError(InvalidProblemError):
    """An entry of an array or a table makes no sense.

    Parameters
    ----------
    message : str
        What is wrong and what to do.
    index : tuple of int
        Its place.
    """

    def __init__(self, message: str, index: tuple[int, ...]) -> None:
        self.index = index
        super().__init__(message)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (str(self), self.index)


class InvalidSolutionError(OptikitError, ValueError):
    """A solution is of another problem, or breaks rules that the caller relies on (a start, for instance)."""


class InvalidResultError(OptikitError, ValueError):
    """A `Result` contradicts itself, is of another problem, or was not written by `Result.to_json`."""


class FileFormatError(OptikitError, ValueError):
    """A file cannot be read.

    Parameters
    ----------
    path : str
        The file.
    message : str
        What is wrong and what to do.
    line : int, optional
        Line number, counted from 1.
    token : str, optional
        The word that could not be understood.
    """

    def __init__(self, path: str, message: str, line: int | None = None, token: str | None = None) -> None:
        self.path, self.line, self.token, self.message = path, line, token, message
        where = path if line is None else f"{path}:{line}"
        said = "" if token is None else f" (at {token!r})" if len(token) <= 60 else f" (at {token[:57]!r}...)"
        super().__init__(f"{where}: {message}{said}")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.path, self.message, self.line, self.token)


class UnsupportedError(OptikitError, ValueError):
    """A solver, a stop or a format does not go with what was asked; the message says why and what does."""


class UnknownSolverError(UnsupportedError, LookupError):
    """No solver of that name is registered for the problem."""


class MissingExtraError(OptikitError, ImportError):
    """An optional package is not installed; the message holds the line that installs it."""


class SolverError(OptikitError, RuntimeError):
    """A solver returned an answer that contradicts the checker: a defect, never the user's fault."""


class EngineError(OptikitError, RuntimeError):
    """An engine died or refused to run: becomes ``StopReason.FAILED`` in the result."""


class StoreError(OptikitError, OSError):
    """A store of runs cannot be opened, read or written; the message says which, why, and where results are kept meanwhile."""


class UnknownInstanceError(UnsupportedError, LookupError):
    """No instance, family or generator of that name is known."""


class FetchError(OptikitError, OSError):
    """A file of an instance cannot be had: no address gives it, its content is another, or its place cannot be written."""
