"""Fetching: by pooch, from the first address that gives the right content; nothing half-written is left.

What arrives goes into a folder of its own inside the cache, is taken apart and checked there, and only then put in its
place, in one step. So two processes may fetch one file at once, and a killed one leaves no part of a file.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..errors import FetchError, FileFormatError, MissingExtraError, UnsupportedError
from . import folders
from .content import ContentError, taken_out
from .families import FAMILIES
from .identity import check_problem
from .instance import Instance

AnyPath = str | os.PathLike[str]

RETRIES = 2
"""How often an address is asked again where the answer is cut short, or the server has trouble."""

TIMEOUT = (10.0, 60.0)
"""Seconds until a server answers, and between two pieces of its answer."""

AWAY = 60.0
"""Seconds for which a host that could not be reached is not asked again: without a network, one is enough to know."""

_STALE = 86_400.0

_AWAY: dict[str, tuple[float, str]] = {}
"""Host -> when it could not be reached, and why."""


def fetch_file(
    instance: Instance,
    siblings: Collection[Instance] = (),
    *,
    cache: AnyPath | None = None,
    mirrors: Sequence[str] = (),
) -> str:
    """Fetch the file of an instance into the cache.

    Parameters
    ----------
    instance : Instance
        Of kind ``"fetched"``.
    siblings : collection of Instance
        Others that may come in the same archive: they are kept too.
    cache : path, optional
        See `optikit.datasets.folders.cache_folder`.
    mirrors : sequence of str
        Base addresses that are asked first, for ``<mirror>/<family>/<file>``.

    Returns
    -------
    str
        The path of the file.

    Raises
    ------
    FetchError
        If no address gave it: with what each said, and where to put the file by hand.
    MissingExtraError
        If pooch is not installed.
    """
    own = instance.name.split("/")[:-1]
    urls = [*("/".join([base.rstrip("/"), instance.family, *own, instance.file]) for base in mirrors), *instance.urls]
    if not urls:
        raise FetchError(f"{instance.key} cannot be fetched: its source gives no address of the file. {by_hand(instance, cache)}")
    _check_pooch(instance, cache)
    said = []
    with _workshop(folders.cache_folder(cache)) as folder:
        for url in urls:
            try:
                data = _download(url, folder)
                together = [other for other in siblings if url in other.urls]
                return _keep(instance, together, data, f"what {url} gives", folder, cache)
            except _NotHereError as error:
                said.append(f"{url}: {error}")
    raise FetchError(f"{instance.key} could not be fetched: {'; '.join(said)}. {by_hand(instance, cache)}")


def taken_in(instance: Instance, data: bytes, what: str, cache: AnyPath | None = None) -> str:
    """A file that the user has got by hand: into the cache, if it is the right one."""
    try:
        with _workshop(folders.cache_folder(cache)) as folder:
            return _keep(instance, (), data, what, folder, cache)
    except _NotHereError as error:
        raise FetchError(str(error) if what in str(error) else f"{what}: {error}") from None


def by_hand(instance: Instance, cache: AnyPath | None = None) -> str:
    """What to do without a network."""
    source = f" from {instance.page}" if instance.page else ""
    return (
        f"By hand: get the file {instance.file}{source}, and put it at {folders.place_of(instance, cache)} or into a folder that "
        f"{folders.SEARCH_PATH} names, or say optikit.datasets.add({instance.file!r}, {instance.key!r})"
    )


def _keep(instance: Instance, siblings: Collection[Instance], data: bytes, what: str, folder: str, cache: AnyPath | None) -> str:
    """Take the instance's file out of what arrived, and those of its siblings with it; check, and put them in their places."""
    wanted = {other.file: other for other in (*siblings, instance)}
    try:
        found = taken_out(data, [instance.file, *wanted])
    except ContentError as error:
        raise _NotHereError(str(error)) from None
    if instance.file not in found:
        raise _NotHereError(f"the archive holds no {instance.file}")
    for name, content in found.items():
        pin = folders.read_pin(folders.place_of(wanted[name], cache))
        try:
            folders.check_content(wanted[name], content, what, pin)
            if not wanted[name].sha256 and not pin:
                _check_readable(wanted[name], content, what, folder)
        except FetchError as error:
            if name == instance.file:
                raise _NotHereError(str(error)) from None
            continue
        folders.keep(wanted[name], content, cache)
    return folders.place_of(instance, cache)


def _check_readable(instance: Instance, content: bytes, what: str, folder: str) -> None:
    """Where nobody vouches for a checksum: what can be read is not cut short, no page of excuses, and no other instance."""
    family = FAMILIES[instance.family]
    if family.reader:
        path = os.path.join(folder, instance.file)
        with open(path, "wb") as file:
            file.write(content)
        try:
            problem = family.read(path, **instance.options)
        except FileFormatError as error:
            raise FetchError(f"what arrived cannot be read: {error.message}") from None
        finally:
            os.unlink(path)
        check_problem(instance, problem, what)


class _NotHereError(Exception):
    """This address does not give the file; the next may."""


def _check_pooch(instance: Instance, cache: AnyPath | None) -> None:
    try:
        import pooch  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtraError(
            f'fetching {instance.key} needs pooch; pip install "optikit[datasets]". {by_hand(instance, cache)}'
        ) from None


@contextlib.contextmanager
def _workshop(cache: str) -> Iterator[str]:
    """A folder of our own inside the cache, gone at the end; those of processes that were killed are swept."""
    try:
        os.makedirs(cache, exist_ok=True)
        for name in os.listdir(cache):
            path = os.path.join(cache, name)
            if name.startswith(".fetch-") and time.time() - os.path.getmtime(path) > _STALE:
                shutil.rmtree(path, ignore_errors=True)
        folder = tempfile.mkdtemp(prefix=".fetch-", dir=cache)
    except OSError as error:
        raise folders.unwritable(cache, error) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _download(url: str, folder: str) -> bytes:
    """What an address gives, whole."""
    import pooch
    from requests.exceptions import ConnectionError, HTTPError, RequestException

    if not url.lower().startswith(("http://", "https://")):
        raise UnsupportedError(f"the address is {url!r}; expected http:// or https://")
    host = urlsplit(url).netloc
    since, why = _AWAY.get(host, (-AWAY, ""))
    if time.monotonic() - since < AWAY:
        raise _NotHereError(why)
    over_http = pooch.HTTPDownloader(timeout=TIMEOUT)

    def downloader(url: str, output_file: Any, puppy: Any) -> None:
        try:
            over_http(url, output_file, puppy)
        except HTTPError as error:
            code = error.response.status_code if error.response is not None else 500
            if code < 500 and code not in (408, 429):  # to ask again changes nothing
                raise _NotHereError(f"the server answers {code}") from None
            raise

    puppy = pooch.create(folder, base_url="", registry={"arrived": None}, urls={"arrived": url}, retry_if_failed=RETRIES)
    try:
        with _quiet(pooch.get_logger()):
            path = puppy.fetch("arrived", downloader=downloader)
        with open(path, "rb") as file:
            data = file.read()
        os.unlink(path)
    except RequestException as error:
        if isinstance(error, ConnectionError) and not os.listdir(folder):  # nothing of an answer has come
            _AWAY[host] = time.monotonic(), _reason(error)
        raise _NotHereError(_reason(error)) from None
    except OSError as error:
        raise folders.unwritable(folder, error) from None
    return data


def _reason(error: Exception) -> str:
    """The last link of a chain of wrappers, in few words."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answers {response.status_code}"
    text = str(error)
    for sign, words in (
        ("NameResolution", "the host is not known: no network?"),
        ("refused", "the connection is refused"),
        ("unreachable", "the network is unreachable"),
        ("IncompleteRead", "the answer is cut short"),
        ("timed out", "the server does not answer in time"),
    ):
        if sign.lower() in text.lower():
            return words
    return " ".join(text.split())[:200]


@contextlib.contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """pooch tells stderr of each download; a library says nothing that nobody asked for."""
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
