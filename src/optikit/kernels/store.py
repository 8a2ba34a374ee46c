"""Compiled objects in the user's cache folder. Whatever is wrong with the folder, nothing here raises."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterator

_MAGIC = b"optikit kernel\n"
_HEAD = len(_MAGIC) + hashlib.sha256().digest_size


def folder() -> str:
    """Where compiled kernels are kept: ``OPTIKIT_CACHE_DIR``, else the platform's own place for caches."""
    chosen = os.environ.get("OPTIKIT_CACHE_DIR")
    if chosen:
        return os.path.join(chosen, "kernels")
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return os.path.join(base, "optikit", "kernels")


def read(name: str) -> bytes | None:
    """The object kept under a name; None where there is none or the file is not whole."""
    try:
        with open(os.path.join(folder(), name), "rb") as file:
            data = file.read()
    except OSError:
        return None
    body = data[_HEAD:]
    if data[:_HEAD] != _MAGIC + hashlib.sha256(body).digest():
        return None
    return body


def is_writable(place: str | None = None) -> bool:
    """Whether objects can be kept: tried, as permission bits do not tell (the superuser, /proc, a full disk).

    Parameters
    ----------
    place : str, optional
        An existing folder; by default where objects are kept, which is made.
    """
    import tempfile

    try:
        if place is None:
            place = folder()
            os.makedirs(place, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".optikit-", dir=place) as file:
            file.write(_MAGIC)
            file.flush()
            return True
    except OSError:
        return False


def fate() -> str:
    """What becomes of an object that is compiled now, in words."""
    if is_writable():
        return f"once; kept in {folder()}"
    return f"each time, as {folder()} cannot be written; set OPTIKIT_CACHE_DIR"


@contextlib.contextmanager
def alone(task: str, meanwhile: Callable[[], None]) -> Iterator[None]:
    """Wait until no other process is at this task (where the system has such locks; elsewhere they work side by side).

    Parameters
    ----------
    task : str
    meanwhile : callable
        Called once if there is another.
    """
    handle = None
    try:
        import fcntl

        handle = os.open(os.path.join(folder(), f".{task}.lock"), os.O_CREAT | os.O_RDWR, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back when this process ends, whatever the reason
        except BlockingIOError:
            meanwhile()
            fcntl.flock(handle, fcntl.LOCK_EX)
    except (ImportError, OSError):
        pass
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def write(name: str, body: bytes) -> bool:
    """Keep an object; whether that succeeded. Readers see the old file or the new, never a part."""
    place = folder()
    temporary = os.path.join(place, f".{name}.{os.getpid()}")
    try:
        os.makedirs(place, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(_MAGIC + hashlib.sha256(body).digest() + body)
        os.replace(temporary, os.path.join(place, name))
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        return False
    return True
