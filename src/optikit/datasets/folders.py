"""Where files of instances are: folders that the user names, then the cache folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..errors import FetchError, UnsupportedError
from ..inputs.files import replace_file
from ..inputs.wording import shown
from ..kernels import store
from .content import checksum
from .instance import Instance

SEARCH_PATH = "OPTIKIT_INSTANCES"
"""Environment variable: folders with files of instances, separated as in PATH; they go before the cache."""

CACHE = "OPTIKIT_DATA_DIR"
"""Environment variable: the cache folder."""


def cache_folder(cache: str | os.PathLike[str] | None = None) -> str:
    """Where fetched files are kept: the argument, else ``OPTIKIT_DATA_DIR``, else the platform's own place for caches."""
    if not isinstance(cache, str | os.PathLike | None):
        raise UnsupportedError(f"cache is {shown(cache)}; expected the name of a folder")
    chosen = os.fspath(cache) if cache is not None else os.environ.get(CACHE)
    return os.path.abspath(os.path.expanduser(chosen)) if chosen else os.path.join(os.path.dirname(store.folder()), "datasets")


def place_of(instance: Instance, cache: str | os.PathLike[str] | None = None) -> str:
    """Where the file of an instance is kept in the cache, whether it is there or not."""
    return os.path.join(cache_folder(cache), instance.family, *instance.name.split("/")[:-1], instance.file)


def find_file(instance: Instance, cache: str | os.PathLike[str] | None = None) -> str | None:
    """The file of an instance on this machine, its content checked; None where it is nowhere.

    Raises
    ------
    FetchError
        If there is a file, but with another content.
    """
    place = place_of(instance, cache)
    for path in (*_candidates(instance), place):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                check_content(instance, file.read(), path, pin=read_pin(place))
            return path
    return None


def is_here(instance: Instance, cache: str | os.PathLike[str] | None = None) -> bool:
    """Whether there is a file of that instance on this machine; its content is not looked at."""
    return any(os.path.isfile(path) for path in (*_candidates(instance), place_of(instance, cache)))


def _candidates(instance: Instance) -> Iterator[str]:
    """As collections are laid out: in a folder of the family, of the set, or in none; the set before the name, or not."""
    *folders, _ = instance.name.split("/")
    ending = os.path.splitext(instance.file)[1]
    names = (instance.file, f"{instance.collection.replace(' ', '')}-{instance.name.rpartition('/')[2]}{ending}")
    for root in filter(None, os.environ.get(SEARCH_PATH, "").split(os.pathsep)):
        for name in names:
            yield os.path.join(root, instance.family, *folders, name)
        for name in names:
            yield os.path.join(root, *folders, name)


# -- checksums --------------------------------------------------------------------


def check_content(instance: Instance, data: bytes, what: str, pin: str = "") -> None:
    """Refuse a content that is not the instance's: by the index's checksum, or else by that of what was fetched first."""
    expected = instance.sha256 or pin
    if expected and checksum(data) != expected:
        if instance.sha256:
            raise FetchError(
                f"{what} is not {instance.key}: its content has another checksum than the index says, so that the best known "
                f"value would not hold; remove it, and fetch the instance again"
            )
        raise FetchError(
            f"{what} is not what was fetched first for {instance.key}: its checksum has changed; if the new content is right, "
            f"remove {instance.file}.sha256 beside it in the cache folder"
        )


def read_pin(place: str) -> str:
    """The checksum of what was fetched first, where the index has none."""
    try:
        with open(f"{place}.sha256", encoding="ascii") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def keep(instance: Instance, data: bytes, cache: str | os.PathLike[str] | None = None) -> str:
    """Put a checked content into the cache: a reader sees all of it or nothing.

    Raises
    ------
    FetchError
        If the folder cannot be written.
    """
    place = place_of(instance, cache)
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if not instance.sha256:
            replace_file(f"{place}.sha256", checksum(data).encode() + b"\n")
        replace_file(place, data)
    except OSError as error:
        raise unwritable(place, error) from None
    return place


def unwritable(place: str, error: OSError) -> FetchError:
    return FetchError(
        f"{place} cannot be written: {error.strerror or error}; name another cache folder by {CACHE} or by cache=, or make room"
    )
