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

from ..errors import UnknownInstanceError, UnsupportedError
from ..inputs.keywords import strict
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


@strict
def select(
    family: str | Iterable[str] | None = None,
    *,
    min_size: int | None = None,
    max_size: int | None = None,
    collection: str | Iterable[str] | None = None,
    kind: str | Iterable[str] | None = None,
    names: Iterable[str] | None = None,
    available: bool = False,
) -> Selection:
    """Instances of a family, or of several, smallest first. Nothing is loaded or fetched.

    Parameters
    ----------
    family : str or iterable of str, optional
        ``"cvrp"``, ``"tsp"``, ``"jobshop"``, ..., or several of them: family by family then, in the order named, each smallest
        first. None: all.
    min_size, max_size : int, optional
        Of what the family counts: clients, cities, operations, ...
    collection : str or iterable of str, optional
        A set of the family, such as ``"X"``, or several.
    kind : str or iterable of str, optional
        How they are obtained: a key of `optikit.datasets.instance.KINDS`, or several.
    names : str or iterable of str, optional
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
    >>> select(["jobshop", "flowshop"], collection="Taillard", max_size=225)[8:12]
    <4 instances: jobshop/ta09, jobshop/ta10, flowshop/ta001, flowshop/ta002>
    """
    from ..inputs.arguments import check_count, is_listed
    from . import folders
    from .instance import KINDS

    known = catalogue()
    families = _several("family", family, FAMILIES, "no family {} of instances{}; known: {}")
    kinds = _several("kind", kind, KINDS, "kind is {}{}; expected one of {}")
    chosen = [one for one in known.by_key.values() if families is None or one.family in families]
    sets = _several("collection", collection, sorted({one.collection for one in chosen}), "no set {}{}; known: {}")
    chosen = [one for one in chosen if sets is None or one.collection in sets]
    if names is not None:
        if not isinstance(names, str) and not is_listed(names):
            raise UnknownInstanceError(f"names is {shown(names)}; expected names of instances, for instance ['X-n101-k25']")
        named = [_named(known, name, families) for name in ([names] if isinstance(names, str) else names)]
        chosen = [one for one in named if one in chosen]
    else:
        place = {name: place for place, name in enumerate(families or ())}
        chosen.sort(key=lambda one: (place.get(one.family, 0), one.size))
    if not isinstance(available, bool):
        raise UnsupportedError(f"available is {shown(available)}; expected True or False")
    least = 0 if min_size is None else check_count("min_size", min_size, 0)
    most = None if max_size is None else check_count("max_size", max_size, 0)
    return Selection(
        one
        for one in chosen
        if least <= one.size and (most is None or one.size <= most) and (kinds is None or one.kind in kinds)
        # The last and the slowest question: it looks at files.
        if not available or (FAMILIES[one.family].has_landed and (bool(one.generator) or folders.is_here(one)))
    )


def _several(name: str, given: Any, known: Iterable[str], refusal: str) -> tuple[str, ...] | None:
    """What was named, one or several, each known; None: it does not matter."""
    from ..inputs.arguments import is_listed

    if given is None:
        return None
    several = tuple(given) if is_listed(given) else (given,)
    if not several:
        raise UnknownInstanceError(f"{name} is empty; leave it out, or name at least one of {', '.join(known)}")
    for one in several:
        if not (isinstance(one, str) and one in known):
            raise UnknownInstanceError(refusal.format(shown(one), did_you_mean(one, known), ", ".join(known)))
    return several


def _named(known: Catalogue, name: Any, families: Sequence[str] | None) -> Instance:
    """The instance of a name: of one family where only one is asked for, of the only one of several that has it."""
    if families is None or not isinstance(name, str) or "/" in name:
        return known.find(name)
    if len(families) == 1:
        return known.find(f"{families[0]}/{name}")
    keys = [key for family in families if (key := f"{family}/{name}") in known.by_key]
    if len(keys) > 1:
        raise UnknownInstanceError(f"{name} is {len(keys)} instances: {', '.join(keys)}; name one of them in full")
    return known.find(keys[0] if keys else name)
