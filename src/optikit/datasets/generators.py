"""Generators by key: ``family/generator:parameter=value,...``, as in ``cvrp/uchoa:size=200,seed=1``."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UnknownInstanceError, UnsupportedError
from ..inputs.arguments import typed
from ..inputs.keywords import keywords, refuse_unknown
from ..inputs.wording import did_you_mean, shown
from .families import FAMILIES
from .instance import Instance


@dataclass(frozen=True)
class Generator:
    """A way of drawing instances.

    Parameters
    ----------
    key : str
        ``family/generator``.
    target : str
        ``"module:function"`` of this package; its keyword arguments are the parameters, and it returns the numbers.
    reference : str
        Where the rule is published, or what it is after.
    exact : bool
        Whether the numbers are those of the published program, for the same seed.
    size : str
        ``"module:function"`` that says the size for all parameters, where it is neither ``size`` nor ``jobs * machines``.
    """

    key: str
    target: str
    reference: str
    exact: bool = False
    size: str = ""

    @property
    def function(self) -> Callable[..., Mapping[str, Any]]:
        return _imported(self.target)  # type: ignore[no-any-return]

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameter -> its default; `inspect.Parameter.empty` where it has none."""
        signature = inspect.signature(self.function).parameters
        return {name: signature[name].default for name in keywords(self.function)}

    @property
    def about(self) -> str:
        """The first sentence of its documentation."""
        return " ".join(inspect.getdoc(self.function).partition("\n\n")[0].split())  # type: ignore[union-attr]

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters, of their types: those given, and the defaults of the others.

        Raises
        ------
        UnsupportedError
            For one that is not known, is missing, or of another type.
        """
        signature = inspect.signature(self.function).parameters
        refuse_unknown(self.key, given, tuple(self.parameters))
        settings = {}
        for name, default in self.parameters.items():
            if name not in given and default is inspect.Parameter.empty:
                raise UnsupportedError(f"{self.key} needs {name}, for instance {self.key}:{name}=...")
            settings[name] = typed(name, given.get(name, default), signature[name].annotation)
        return settings

    def name(self, settings: Mapping[str, Any]) -> str:
        """The one name of an instance: the parameters in their order, defaults left out, but size and seed always told."""
        told = [
            f"{name}={settings[name]}"
            for name, default in self.parameters.items()
            if settings[name] != default or name in ("size", "seed")
        ]
        return f"{self.key.partition('/')[2]}:{','.join(told)}"

    def instance(self, given: Mapping[str, Any]) -> Instance:
        """What is known of the instance with these parameters."""
        settings = self.settings(given)
        family, name = self.key.partition("/")[0], self.name(settings)
        jobs, machines = settings.get("jobs"), settings.get("machines")
        if self.size:
            size = _imported(self.size)(settings)
        else:
            size = settings["size"] if "size" in settings else jobs * machines  # type: ignore[operator]
        return Instance(
            family,
            name,
            problem=FAMILIES[family].problem,
            kind="generated",
            size=size,
            unit=FAMILIES[family].unit,
            shape="" if jobs is None else f"{jobs}x{machines}",
            collection=self.key.partition("/")[2],
            reference=self.reference,
            generator=f"{family}/{name}",
        )


def _imported(target: str) -> Any:
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)


_UCHOA = "Uchoa et al., EJOR 257 (2017) 845-858"
_DIMACS = "8th DIMACS Implementation Challenge, 2000"
_CIRASELLA = "after Cirasella, Johnson, McGeoch and Zhang, ALENEX 2001, LNCS 2153, 32-59"
_CHU_BEASLEY = "Chu and Beasley, C&OR 24 (1997) 17-23; Yagiura et al., EJOR 169 (2006) 548-569"
_TAILLARD = "Taillard, EJOR 64 (1993) 278-285"
_TAILLARD_QAP = "Taillard, Parallel Computing 17 (1991) 443-455"
_STRUCTURED = "after Taillard, Location Science 3 (1995) 87-105"
_NUGENT = "after Nugent, Vollmann and Ruml, Operations Research 16 (1968) 150-173; Skorin-Kapov, ORSA J. Computing 2 (1990) 33-45"
_PALUBECKIS = "after Palubeckis, J. Global Optimization 15 (1999) 127-156"
_BRANDIMARTE = "Brandimarte, Annals of OR 41 (1993) 157-183"
_HURINK = "after Hurink, Jurisch and Thole, OR Spektrum 15 (1994) 205-215"
_BEHNKE_GEIGER = "Behnke and Geiger, Research Report RR-12-01-01, Helmut Schmidt University, Hamburg 2012"
_DEMIRKOL = "Demirkol, Mehta and Uzsoy, EJOR 109 (1998) 137-141"
_RUIZ = "Ruiz, Maroto and Alcaraz, EJOR 165 (2005) 34-54"
_NADERI_RUIZ = "Naderi and Ruiz, C&OR 37 (2010) 754-768"
_DELL_AMICO_TOTH = "Dell'Amico and Toth, Discrete Applied Mathematics 100 (2000) 17-48"
_MACHOL_WIEN = "Machol and Wien, Operations Research 24 (1976) 190-192"
_DIMACS_1991 = "after the 1st DIMACS Implementation Challenge, 1991"

GENERATORS = {
    generator.key: generator
    for generator in (
        Generator("cvrp/uchoa", f"{__package__}.uchoa:uchoa", _UCHOA),
        Generator("gap/chu_beasley", f"{__package__}.chu_beasley:chu_beasley", _CHU_BEASLEY),
        Generator("tsp/uniform", f"{__package__}.dimacs:uniform", _DIMACS, exact=True),
        Generator("tsp/clustered", f"{__package__}.dimacs:clustered", _DIMACS, exact=True),
        Generator("tsp/matrix", f"{__package__}.dimacs:matrix", _DIMACS, exact=True),
        *(
            Generator(f"atsp/{name}", f"{__package__}.asymmetric:{name}", _CIRASELLA)
            for name in ("amat", "tmat", "rect", "rtilt", "stilt", "crane", "disk", "coin", "shop")
        ),
        Generator("atsp/super", f"{__package__}.asymmetric:super_", _CIRASELLA),
        *(
            Generator(f"{family}/taillard", f"{__package__}.taillard:{family}", _TAILLARD, exact=True)
            for family in ("jobshop", "flowshop", "openshop")
        ),
        Generator("jobshop/demirkol", f"{__package__}.shops:demirkol", _DEMIRKOL),
        Generator("flowshop/ruiz", f"{__package__}.shops:ruiz", _RUIZ),
        Generator("flowshop/naderi_ruiz", f"{__package__}.shops:naderi_ruiz", _NADERI_RUIZ),
        Generator(
            "flexible-jobshop/brandimarte",
            f"{__package__}.flexible:brandimarte",
            _BRANDIMARTE,
            size=f"{__package__}.flexible:brandimarte_size",
        ),
        Generator("flexible-jobshop/hurink", f"{__package__}.flexible:hurink", _HURINK),
        Generator(
            "flexible-jobshop/behnke_geiger",
            f"{__package__}.flexible:behnke_geiger",
            _BEHNKE_GEIGER,
            size=f"{__package__}.flexible:behnke_geiger_size",
        ),
        Generator("qap/taillard", f"{__package__}.taillard:qap", _TAILLARD_QAP, exact=True),
        Generator("qap/structured", f"{__package__}.quadratic:structured", _STRUCTURED),
        *(
            Generator(f"qap/{name}", f"{__package__}.quadratic:{name}", reference, size=f"{__package__}.quadratic:grid_size")
            for name, reference in (("grid", _NUGENT), ("palubeckis", _PALUBECKIS))
        ),
        *(
            Generator(f"lap/{name}", f"{__package__}.linear:{name}", reference)
            for name, reference in (
                ("uniform", _DELL_AMICO_TOTH),
                ("geometric", _DELL_AMICO_TOTH),
                ("two_cost", _DELL_AMICO_TOTH),
                ("machol_wien", _MACHOL_WIEN),
                ("product", f"after {_MACHOL_WIEN}"),
                ("sparse", _DIMACS_1991),
            )
        ),
    )
}
"""Key -> generator."""


def find_generator(key: str) -> Generator:
    """The generator of that key.

    Raises
    ------
    UnknownInstanceError
        If there is none.
    """
    if key not in GENERATORS:
        raise UnknownInstanceError(f"no generator {shown(key)}{did_you_mean(key, GENERATORS)}; known: {', '.join(GENERATORS)}")
    return GENERATORS[key]


def parse(key: str) -> tuple[Generator, dict[str, Any]]:
    """A key with its parameters taken apart.

    Raises
    ------
    UnknownInstanceError
        For a generator that is not known.
    UnsupportedError
        For a parameter that is not ``name=value``, stands twice, or has a value of another type.
    """
    base, _, text = key.partition(":")
    generator = find_generator(base)
    signature = inspect.signature(generator.function).parameters
    given: dict[str, Any] = {}
    for name, word in _pairs(key, text):
        refuse_unknown(generator.key, [name], tuple(generator.parameters))
        if name in given:
            raise UnsupportedError(f"{key}: {name} stands twice")
        given[name] = _value(name, word, str(signature[name].annotation))
    return generator, given


def _pairs(key: str, text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(",") if text else ():
        name, equals, word = part.partition("=")
        if not equals or not name.strip() or not word.strip():
            raise UnsupportedError(f"{key}: {part!r} is no parameter; expected for instance size=200,seed=1")
        yield name.strip(), word.strip()


def _value(name: str, word: str, annotation: str) -> Any:
    kinds = {part.strip() for part in annotation.split("|")}
    for kind, reading in (("int", int), ("float", float)):
        if kind in kinds and "_" not in word:
            try:
                return reading(word)
            except ValueError:
                continue
    if "None" in kinds and word == "None":
        return None
    return typed(name, word, annotation)


def numbers_of(key: str) -> Mapping[str, Any]:
    """What a generator draws for a key with parameters."""
    generator, given = parse(key)
    return generator.function(**generator.settings(given))
