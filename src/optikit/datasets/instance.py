"""A named instance: what is known of it without loading it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

if TYPE_CHECKING:
    from ..core.problem import Problem

KINDS = {
    "regenerated": "computed from its published seed, number for number",
    "generated": "drawn by a seeded generator of this library",
    "fetched": "fetched from its source, checked, and kept in the cache folder",
    "local": "its source cannot be fetched from: put the file in place by hand",
}
"""How an instance is obtained."""


@dataclass(frozen=True)
class Instance:
    """A named instance; `load` makes the problem. Two are equal when their keys are.

    Parameters
    ----------
    family, name : str
        ``key`` is ``family/name``.
    problem : str
        What it is an instance of, in words.
    kind : str
        How it is obtained: a key of `KINDS`.
    size : int
        What the family counts (see ``unit``).
    unit : str
        What ``size`` counts: clients, cities, operations, ...
    shape : str
        The size in full where one number does not tell it: ``"20x5"`` is 20 jobs on 5 machines.
    best_known : float, optional
        The best value known to ``source``, under ``rounding``. It is proved optimal where ``bound`` equals it.
    bound : float, optional
        A lower bound known to ``source``.
    rounding : str
        How distances are rounded so that ``best_known`` holds.
    source, date : str
        Who says so, and as of when; empty where that is not known.
    collection, reference : str
        The set it belongs to, and the paper that introduced the set.
    page : str
        Where people read about the set.
    generator : str
        The key of the generator with its parameters, where the numbers are computed.
    file : str
        The name of its file, where it has one.
    urls : tuple of str
        Where the file, or an archive with it, is fetched from: in this order until one answers.
    options : mapping
        Arguments that the reader needs, where the file misstates how it is to be read.
    sha256 : str
        Checksum of the file's content (see `optikit.datasets.content.checksum`); empty where nobody has vouched for one: then
        what is fetched first is held on to.
    """

    family: str
    name: str
    problem: str = field(compare=False)
    kind: str = field(compare=False)
    size: int = field(compare=False)
    unit: str = field(default="", compare=False)
    shape: str = field(default="", compare=False)
    best_known: float | None = field(default=None, compare=False)
    bound: float | None = field(default=None, compare=False)
    rounding: str = field(default="", compare=False)
    source: str = field(default="", compare=False)
    date: str = field(default="", compare=False)
    collection: str = field(default="", compare=False)
    reference: str = field(default="", compare=False)
    page: str = field(default="", compare=False)
    generator: str = field(default="", compare=False)
    file: str = field(default="", compare=False)
    urls: tuple[str, ...] = field(default=(), compare=False)
    options: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    sha256: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """``family/name``: what `load`, `info` and a suite take."""
        return f"{self.family}/{self.name}"

    def load(self, **options: Any) -> Problem:
        """The problem: see `optikit.datasets.load`."""
        from .loading import load_instance

        return load_instance(self, **options)

    def __repr__(self) -> str:
        return f"<Instance {self.key}: {self.size:,} {self.unit}>"

    def __str__(self) -> str:
        proved = ", optimal" if self.best_known is not None and self.best_known == self.bound else ""
        lines = {
            "key": self.key,
            "problem": self.problem,
            "size": f"{self.size:,} {self.unit}" + (f" ({self.shape})" if self.shape else ""),
            "best known": "unknown" if self.best_known is None else f"{self.best_known:,.12g}{proved}",
            "bound": "unknown" if self.bound is None else f"{self.bound:,.12g}",
            "rounding": self.rounding,
            "source": ", ".join(part for part in (self.source, self.date) if part),
            "set": self.collection,
            "reference": self.reference,
            "obtained": f"{self.kind}: {KINDS[self.kind]}",
            "generator": self.generator if self.generator != self.key else "",
            "page": self.page,
        }
        return "\n".join(f"{name:11}{value}" for name, value in lines.items() if value)


class Selection(tuple[Instance, ...]):
    """Instances in order. None is loaded before it is asked for."""

    __slots__ = ()

    def __new__(cls, instances: Iterable[Instance] = ()) -> Selection:
        return super().__new__(cls, instances)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Instance: ...
    @overload
    def __getitem__(self, index: slice) -> Selection: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Instance | Selection:
        """An instance, or a slice of the selection."""
        chosen = super().__getitem__(index)
        return Selection(chosen) if isinstance(chosen, tuple) else chosen

    @property
    def keys(self) -> tuple[str, ...]:
        """One key an instance."""
        return tuple(instance.key for instance in self)

    def to_frame(self) -> Any:
        """One row an instance, with all that is known of it.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError:
            from ..errors import MissingExtraError

            raise MissingExtraError('to_frame needs pandas; pip install "optikit[frames]"') from None
        columns = ["key", *(f.name for f in fields(Instance))]
        return pd.DataFrame([[getattr(instance, column) for column in columns] for instance in self], columns=columns)

    def __repr__(self) -> str:
        some = ", ".join(self.keys[:6]) + (", ..." if len(self) > 6 else "")
        return f"<{len(self):,} instance{'s' if len(self) > 1 else ''}: {some}>" if self else "<no instances>"
