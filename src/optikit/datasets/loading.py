"""From an instance to its problem, numbers or file."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import FetchError, UnsupportedError
from ..inputs.arguments import is_listed
from ..inputs.files import path_of
from ..inputs.keywords import strict
from ..inputs.wording import shown
from . import folders
from .catalogue import catalogue
from .families import FAMILIES
from .generators import find_generator, numbers_of
from .identity import check_size
from .instance import Instance, Selection

if TYPE_CHECKING:
    from ..core.problem import Problem

MIRRORS = "OPTIKIT_MIRRORS"
"""Environment variable: base addresses, separated by blanks, that are asked first, for ``<mirror>/<family>/<file>``."""

AnyPath = str | os.PathLike[str]


@strict
def info(key: str | Instance) -> Instance:
    """What is known of an instance, without loading it.

    Parameters
    ----------
    key : str
        ``family/name``; a bare name where only one instance has it; or a generator with its parameters.

    Raises
    ------
    UnknownInstanceError
        If no instance, or more than one, goes by that name.

    Examples
    --------
    >>> x = info("X-n101-k25")
    >>> x.key, x.size, x.best_known
    ('cvrp/X-n101-k25', 100, 27591.0)
    """
    return key if isinstance(key, Instance) else catalogue().find(key)


@strict
def index() -> Selection:
    """All named instances; ``index().to_frame()`` is the table."""
    return Selection(catalogue().by_key.values())


def load(key: str | Instance, **options: Any) -> Problem:
    """The problem of an instance: read, fetched or computed as it has to be.

    Parameters
    ----------
    key : str or Instance
        As in `info`.
    **options
        ``cache`` and ``mirrors`` as in `fetch`; others go to the reader of the file, such as ``rounding=`` for another one than
        the values of the index hold for.

    Raises
    ------
    UnknownInstanceError
        If no instance, or more than one, goes by that name.
    UnsupportedError
        If this version has no such problem class.
    FetchError
        If the file cannot be had; the message says where to put it by hand.

    Examples
    --------
    >>> load("cvrp/uchoa:size=50,seed=1").num_clients
    50
    """
    return load_instance(info(key), **options)


def load_instance(
    instance: Instance, *, cache: AnyPath | None = None, mirrors: str | Sequence[str] | None = None, **options: Any
) -> Problem:
    """`load`, of what `info` returns."""
    family = FAMILIES[instance.family]
    if not family.has_landed:
        instead = f"numbers({instance.key!r}) gives its numbers" if instance.generator else f"fetch({instance.key!r}) gets its file"
        raise UnsupportedError(
            f"{instance.key} is known ({family.problem}, {instance.size:,} {family.unit}), but its problem class is not in this "
            f"version of optikit; optikit.datasets.{instead}"
        )
    if instance.generator:
        if options:
            raise UnsupportedError(f"{instance.key} is computed, not read from a file: {', '.join(options)} cannot be set")
        return family.build(numbers_of(instance.generator), instance.name)
    path = fetch(instance, cache=cache, mirrors=mirrors)
    problem = family.read(path, **{**instance.options, **options})
    if not instance.sha256:  # nobody vouches for what was put there by hand, or before this version had the class
        check_size(instance, problem, path)
    return problem


def generate(generator: str, **parameters: Any) -> Problem:
    """A problem drawn by a seeded generator: the same on every platform.

    Parameters
    ----------
    generator : str
        Its key, such as ``"cvrp/uchoa"``: `optikit.datasets.generators.GENERATORS`.
    **parameters
        ``size``, ``seed`` and others that the generator has; see its documentation.

    Examples
    --------
    >>> generate("cvrp/uchoa", size=50, seed=1, depot="corner") == load("cvrp/uchoa:size=50,seed=1,depot=corner")
    True
    """
    return load_instance(find_generator(generator).instance(parameters))


@strict
def numbers(key: str | Instance) -> Mapping[str, Any]:
    """The numbers of an instance that is computed: arrays by name, as its generator documents them.

    For instance ``durations`` and ``machines`` of Taillard's job shops, whether or not this version has the problem class.

    Examples
    --------
    >>> numbers("jobshop/ta01")["durations"].shape
    (15, 15)
    """
    instance = info(key)
    if not instance.generator:
        raise UnsupportedError(f"{instance.key} is not computed but read from a file: load or fetch it")
    return numbers_of(instance.generator)


# -- files ------------------------------------------------------------------------------


@strict
def fetch(key: str | Instance, *, cache: AnyPath | None = None, mirrors: str | Sequence[str] | None = None) -> str:
    """The path of the file of an instance; where it is not on this machine yet, it is fetched.

    Parameters
    ----------
    key : str or Instance
        As in `info`.
    cache : path, optional
        The folder where fetched files are kept; by default ``OPTIKIT_DATA_DIR``, else the platform's place for caches.
    mirrors : str or sequence of str, optional
        Base addresses that are asked first, for ``<mirror>/<family>/<file>``; by default those of ``OPTIKIT_MIRRORS``.

    Raises
    ------
    FetchError
        If no address gave the file, or it has another content than the index says; nothing half-written is left.
    """
    instance = info(key)
    found = _find(instance, cache)
    if found is not None:
        return found
    if instance.kind == "local":
        from .fetching import by_hand

        raise FetchError(
            f"{instance.key} is not on this machine, and its source cannot be fetched from. {by_hand(instance, cache)}"
        )
    from .fetching import fetch_file

    if mirrors is None:
        mirrors = os.environ.get(MIRRORS, "").split()
    asked: tuple[Any, ...] = tuple(mirrors) if is_listed(mirrors) else (mirrors,)
    for index, mirror in enumerate(asked):
        if not isinstance(mirror, str):
            raise UnsupportedError(f"mirrors[{index}] is {shown(mirror)}; expected an address, as text")
    return fetch_file(instance, catalogue().siblings(instance), cache=cache, mirrors=asked)


@strict
def path(key: str | Instance, *, cache: AnyPath | None = None) -> str:
    """Where the file of an instance is on this machine.

    Raises
    ------
    FetchError
        If it is not there; the message says how to get it.
    """
    instance = info(key)
    found = _find(instance, cache)
    if found is None:
        from .fetching import by_hand

        raise FetchError(
            f"{instance.key} is not on this machine; optikit.datasets.fetch({instance.key!r}) gets it. {by_hand(instance, cache)}"
        )
    return found


def _find(instance: Instance, cache: AnyPath | None) -> str | None:
    if instance.generator:
        raise UnsupportedError(
            f"{instance.key} has no file: it is computed; optikit.datasets.numbers({instance.key!r}) gives its numbers"
        )
    return folders.find_file(instance, cache)


@strict
def add(file: AnyPath, key: str | Instance | None = None, *, cache: AnyPath | None = None) -> str:
    """Put a file by hand into the cache, for instance where there is no network.

    Parameters
    ----------
    file : path
        As its source gives it: a file, or an archive or a gzipped file that holds it.
    key : str or Instance, optional
        Of which instance it is; by default the one that has the name of the file.
    cache : path, optional
        As in `fetch`.

    Returns
    -------
    str
        The path in the cache.

    Raises
    ------
    FetchError
        If its content is not that of the instance, as far as the index knows it.
    """
    from .fetching import taken_in

    file = path_of(file)
    if os.path.isdir(file):
        raise IsADirectoryError(errno.EISDIR, "is a folder; name the file in it", file)
    if not os.path.isfile(file):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
    if key is None:
        key = os.path.basename(file).removesuffix(".gz").rpartition(".")[0]
    instance = info(key)
    if instance.generator:
        _find(instance, cache)
    with open(file, "rb") as stream:
        return taken_in(instance, stream.read(), file, cache)
