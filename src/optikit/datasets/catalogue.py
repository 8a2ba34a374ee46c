"""The index: what is known of each named instance, and how a key is told from another."""

from __future__ import annotations

import csv
import difflib
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from ..errors import UnknownInstanceError
from ..inputs.wording import did_you_mean, shown
from .families import FAMILIES
from .generators import GENERATORS, parse
from .instance import Instance, Selection


class Catalogue:
    """Named instances by key.

    Parameters
    ----------
    instances : iterable of Instance
        In the order in which they are listed.
    """

    def __init__(self, instances: Iterable[Instance]) -> None:
        self.by_key = {instance.key: instance for instance in instances}

    @classmethod
    def read(cls, index: str, sources: str) -> Catalogue:
        """From the text of an index (CSV: one line an instance) and of its sources (TOML: one table a set)."""
        sets = tomllib.loads(sources)
        return cls(_instance(row, sets[f"{row['family']}/{row['collection']}"]) for row in csv.DictReader(io.StringIO(index)))

    @cached_property
    def _by_bare_name(self) -> Mapping[str, Sequence[str]]:
        """Last part of the name -> keys."""
        keys: dict[str, list[str]] = {}
        for key in self.by_key:
            keys.setdefault(key.rpartition("/")[2], []).append(key)
        return keys

    def find(self, key: str) -> Instance:
        """The instance of a key, of a bare name that is unique, or of a generator with its parameters.

        Raises
        ------
        UnknownInstanceError
            Naming the candidates of a name that several have, or the nearest keys.
        """
        if not isinstance(key, str):
            raise UnknownInstanceError(f"the key of an instance is {shown(key)}; expected a text such as 'cvrp/X-n101-k25'")
        if key in self.by_key:
            return self.by_key[key]
        if key.partition(":")[0] in GENERATORS:
            generator, given = parse(key)
            return generator.instance(given)
        candidates = self._by_bare_name.get(key, ())
        if len(candidates) > 1:
            raise UnknownInstanceError(f"{key} is {len(candidates)} instances: {', '.join(candidates)}; name one of them in full")
        if candidates:
            return self.by_key[candidates[0]]
        raise UnknownInstanceError(self._unknown(key))

    def _unknown(self, key: str) -> str:
        family, slash, name = key.partition("/")
        if slash and family not in FAMILIES:
            elsewhere = self._by_bare_name.get(name.rpartition("/")[2], ())
            hint = f"; did you mean {elsewhere[0]!r}?" if elsewhere else did_you_mean(family, FAMILIES)
            return f"no family {shown(family)} of instances (asked for {shown(key)}){hint}; known: {', '.join(FAMILIES)}"
        if ":" in key:
            drawn = [generator for generator in GENERATORS if not slash or generator.startswith(f"{family}/")]
            hint = did_you_mean(key.partition(":")[0], GENERATORS)
            return f"no generator for {shown(key)}{hint}; known: {', '.join(drawn) or 'none'}"
        known = [other for other in self.by_key if not slash or other.startswith(f"{family}/")]
        names = known if slash else list(self._by_bare_name)
        begun = [other for other in names if key and other.lower().startswith(key.lower())]
        close = (begun or difflib.get_close_matches(key, names, 4))[:4]
        hint = f"; did you mean {', '.join(map(repr, close))}?" if close else ""
        where = f"family {family} has {len(known):,}" if slash else f"there are {len(known):,}"
        return f"no instance {shown(key)}{hint}; {where}: optikit.datasets.index() lists them"

    def siblings(self, instance: Instance) -> tuple[Instance, ...]:
        """The other instances of its set."""
        return tuple(
            other
            for other in self.by_key.values()
            if (other.family, other.collection) == (instance.family, instance.collection) and other is not instance
        )


def _instance(row: Mapping[str, str], of_set: Mapping[str, Any]) -> Instance:
    family, name = row["family"], row["name"]
    *folders, last = name.split("/")
    blanks = {"name": last, "path": name, "variant": "".join(folders).rpartition("-")[2], "letter": last[0]}
    return Instance(
        family,
        name,
        problem=FAMILIES[family].problem,
        kind=of_set["kind"],
        size=int(row["size"]),
        unit=FAMILIES[family].unit,
        shape=row["shape"],
        best_known=float(row["best_known"]) if row["best_known"] else None,
        bound=float(row["bound"]) if row["bound"] else None,
        rounding=of_set.get("rounding", ""),
        source=row["source"],
        date=row["date"],
        collection=row["collection"],
        reference=of_set["reference"],
        page=of_set.get("page", ""),
        generator=row["generator"],
        file=of_set.get("file", "").format_map(blanks),
        urls=tuple(url.format_map(blanks) for url in of_set.get("urls", ())),
        options=of_set.get("options", {}).get(name, {}),
        sha256=row["sha256"],
    )


@cache
def catalogue() -> Catalogue:
    """The catalogue of this version."""
    here = files(__package__)
    return Catalogue.read((here / "index.csv").read_text("utf-8"), (here / "sources.toml").read_text("utf-8"))


def select(
    family: str | None = None,
    *,
    min_size: int | None = None,
    max_size: int | None = None,
    collection: str | None = None,
    kind: str | None = None,
    names: Iterable[str] | None = None,
    available: bool = False,
) -> Selection:
    """Instances of a family, smallest first. Nothing is loaded or fetched.

    Parameters
    ----------
    family : str, optional
        ``"cvrp"``, ``"tsp"``, ``"jobshop"``, ...; None: all.
    min_size, max_size : int, optional
        Of what the family counts: clients, cities, operations, ...
    collection : str, optional
        A set of the family, such as ``"X"``.
    kind : str, optional
        How they are obtained: a key of `optikit.datasets.instance.KINDS`.
    names : iterable of str, optional
        Only these, in this order; each must be known.
    available : bool
        Only those that can be loaded here and now: the problem class is in this version, and the file, where there is one, is on
        this machine.

    Returns
    -------
    Selection
        A tuple of `Instance`, with `keys` and `to_frame()`.

    Raises
    ------
    UnknownInstanceError
        For a family, set, kind or name that is not known.

    Examples
    --------
    >>> select("cvrp", collection="X", max_size=110)
    <3 instances: cvrp/X-n101-k25, cvrp/X-n106-k14, cvrp/X-n110-k13>
    """
    from ..inputs.arguments import check_count
    from . import folders
    from .instance import KINDS

    known = catalogue()
    if family is not None and not (isinstance(family, str) and family in FAMILIES):
        raise UnknownInstanceError(
            f"no family {shown(family)} of instances{did_you_mean(family, FAMILIES)}; known: {', '.join(FAMILIES)}"
        )
    if kind is not None and kind not in KINDS:
        raise UnknownInstanceError(f"kind is {shown(kind)}{did_you_mean(kind, KINDS)}; expected one of {', '.join(KINDS)}")
    chosen = [one for one in known.by_key.values() if family is None or one.family == family]
    if collection is not None:
        sets = sorted({one.collection for one in chosen})
        if collection not in sets:
            raise UnknownInstanceError(f"no set {shown(collection)}{did_you_mean(collection, sets)}; known: {', '.join(sets)}")
        chosen = [one for one in chosen if one.collection == collection]
    if names is not None:
        names = [names] if isinstance(names, str) else list(names)
        named = [known.find(name if family is None or "/" in name else f"{family}/{name}") for name in names]
        chosen = [one for one in named if one in chosen]
    else:
        chosen.sort(key=lambda one: one.size)
    least = 0 if min_size is None else check_count("min_size", min_size, 0)
    most = None if max_size is None else check_count("max_size", max_size, 0)
    return Selection(
        one
        for one in chosen
        if least <= one.size and (most is None or one.size <= most) and (kind is None or one.kind == kind)
        # The last and the slowest question: it looks at files.
        if not available or (FAMILIES[one.family].has_landed and (bool(one.generator) or folders.is_here(one)))
    )
