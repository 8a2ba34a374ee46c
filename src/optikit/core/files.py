"""Text files: read with a refusal that says what is wrong, written such that nobody sees half of one."""

from __future__ import annotations

import os
import tempfile

from .errors import FileFormatError


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a file.

    Raises
    ------
    FileFormatError
        For a directory, a binary file, or another encoding than UTF-8.
    OSError
        If the file cannot be opened.
    """
    path = os.fspath(path)
    if os.path.isdir(path):
        raise FileFormatError(path, "is a directory; expected a file")
    with open(path, "rb") as file:
        data = file.read()
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise FileFormatError(path, "holds zero bytes: not a text file in UTF-8", line)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileFormatError(path, "is not in UTF-8; save it as such", line, repr(data[error.start : error.end])) from None


def replace_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file such that a reader sees the old content or the new, never half of it."""
    target = os.path.realpath(os.fspath(path))
    handle, temporary = tempfile.mkstemp(prefix=".optikit-", dir=os.path.dirname(target))
    try:
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
    except BaseException:
        os.unlink(temporary)
        raise
