"""Text files: read with a refusal that says what is wrong, written such that nobody sees half of one."""

from __future__ import annotations

import errno
import os
from typing import Any

from ..errors import FileFormatError, UnsupportedError
from .wording import shown


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a file.

    Raises
    ------
    FileFormatError
        For a directory, a binary file, or another encoding than UTF-8.
    OSError
        If the file cannot be opened.
    """
    path = path_of(path)
    if os.path.isdir(path):
        raise FileFormatError(path, "is a directory; expected a file")
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), path) from None  # reading names no file, opening does
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise FileFormatError(path, "holds zero bytes: not a text file in UTF-8", line)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileFormatError(path, "is not in UTF-8; save it as such", line, repr(data[error.start : error.end])) from None


def path_of(path: Any) -> str:
    """The name of a file as text, or a refusal of what is none."""
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise UnsupportedError(f"path is {shown(path)}; expected the name of a file, as text or a pathlib.Path")
    if not os.fspath(path):
        raise UnsupportedError("path is empty; expected the name of a file")
    if "\0" in os.fspath(path):
        raise UnsupportedError(f"path is {shown(path)}; no file has a name with a zero byte in it")
    return os.fspath(path)


def replace_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file such that a reader sees the old content or the new, never half of it."""
    import tempfile  # not on the way from a problem to its result

    target = os.path.realpath(path_of(path))
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".optikit-", dir=os.path.dirname(target))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        try:
            mode = os.stat(target).st_mode & 0o777
        except OSError:
            mask = os.umask(0)
            os.umask(mask)
            mode = 0o666 & ~mask
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException as error:
        if temporary is not None:
            os.unlink(temporary)
        if isinstance(error, OSError) and error.errno is not None:
            # Of the user's file: nobody knows the temporary one.
            raise OSError(error.errno, _cause(error.errno, path), os.fspath(path)) from None
        raise


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise the `OSError` that `replace_file` would, before there is anything to write."""
    import tempfile

    path = os.fspath(path)
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    try:
        # Permission bits do not tell (read-only media, the superuser): try.
        with tempfile.NamedTemporaryFile(prefix=".optikit-", dir=os.path.dirname(os.path.realpath(path))):
            pass
    except OSError as error:
        raise OSError(error.errno, _cause(error.errno or 0, path), path) from None


def _cause(number: int, path: str | os.PathLike[str]) -> str:
    """Why a file cannot be written; where its folder is not there, which."""
    folder = os.path.dirname(os.path.realpath(path))
    missing = f": there is no folder {folder}; make it first" if number == errno.ENOENT and not os.path.isdir(folder) else ""
    return os.strerror(number) + missing
