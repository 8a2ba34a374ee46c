"""``optikit datasets list | show | fetch | path``: named instances from the command line."""

from __future__ import annotations

import click


@click.group(short_help="Named instances: list, show and fetch them.")
def datasets() -> None:
    """Named instances: list them, show what is known of one, fetch their files.

    A KEY is family/name, as in cvrp/X-n101-k25; a bare name where only one instance has it; or a generator with its parameters, as
    in cvrp/uchoa:size=200,seed=1.
    """


_cache = click.option("--cache", type=click.Path(), help="The folder where fetched files are kept. Default: OPTIKIT_DATA_DIR.")


@datasets.command("list", short_help="List families, or the instances of FAMILIES.")
@click.argument("families", nargs=-1)
@click.option("--min-size", type=int, help="Of what the family counts: clients, cities, operations.")
@click.option("--max-size", type=int)
@click.option("--set", "collections", metavar="SET", multiple=True, help="A set of the family, such as X. May be repeated.")
@click.option("--available", is_flag=True, help="Only what can be loaded here and now.")
@click.option("--keys", is_flag=True, help="Print keys only, one a line.")
def list_(
    families: tuple[str, ...],
    min_size: int | None,
    max_size: int | None,
    collections: tuple[str, ...],
    available: bool,
    keys: bool,
) -> None:
    """List families with their sets and generators; with FAMILIES, their instances, smallest first."""
    from . import GENERATORS, select
    from .families import FAMILIES

    chosen = select(families or None, min_size=min_size, max_size=max_size, collection=collections or None, available=available)
    if keys:
        for key in chosen.keys:
            click.echo(key)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not families:
        narrowed = available or collections or min_size is not None or max_size is not None
        table = Table("family", "instances", "of", "sets", "generators", box=None, pad_edge=False, header_style="bold")
        for name in FAMILIES:
            members = [instance for instance in chosen if instance.family == name]
            sets = ", ".join(dict.fromkeys(sorted(instance.collection for instance in members)))
            drawn = ", ".join(key.partition("/")[2] for key in GENERATORS if key.startswith(f"{name}/"))
            if members or (drawn and not narrowed):
                table.add_row(name, f"{len(members):,}", FAMILIES[name].problem, Text(sets), Text(drawn))
    else:
        units = {one.unit for one in chosen}
        unit = units.pop() if len(units) == 1 else "size"
        table = Table("key", unit, "best known", "bound", "set", "obtained", box=None, pad_edge=False, header_style="bold")
        for one in chosen:
            size = f"{one.size:,}" + (f" ({one.shape})" if one.shape else "")
            values = ("" if value is None else f"{value:,.12g}" for value in (one.best_known, one.bound))
            table.add_row(Text(one.key), Text(size), *values, one.collection, one.kind)
    Console().print(table)


@datasets.command(short_help="Show what is known of KEY.")
@click.argument("key")
def show(key: str) -> None:
    """Show what is known of KEY: problem, size, best known value, bound, rounding, source, and how it is obtained."""
    from . import folders, info

    instance = info(key)
    click.echo(str(instance))
    if instance.file:
        click.echo(f"{'file':11}{folders.place_of(instance)}{'' if folders.is_here(instance) else ' (not here yet)'}")
        for url in instance.urls:
            click.echo(f"{'address':11}{url}")


@datasets.command(short_help="Fetch the files of KEYS.")
@click.argument("keys", nargs=-1, required=True)
@_cache
@click.option("--mirror", "mirrors", multiple=True, help="A base address that is asked first. May be repeated.")
def fetch(keys: tuple[str, ...], cache: str | None, mirrors: tuple[str, ...]) -> int:
    """Fetch the files of KEYS, and print where each is. What is there already, or is computed, is not fetched.

    Exit code 1: some could not be fetched; the others were.
    """
    from ..errors import FetchError
    from . import fetch as fetch_one
    from . import info

    failed = False
    for instance in [info(key) for key in keys]:  # a mistyped key is told before anything is fetched
        if instance.generator:
            click.echo(f"{instance.key} is computed")
            continue
        try:
            click.echo(fetch_one(instance, cache=cache, mirrors=mirrors or None))
        except FetchError as error:
            failed = True
            click.echo(f"optikit: {error}", err=True)
    return int(failed)


@datasets.command(short_help="Print where the file of KEY is.")
@click.argument("key", required=False)
@_cache
def path(key: str | None, cache: str | None) -> None:
    """Print where the file of KEY is on this machine; without KEY, where fetched files are kept."""
    from . import folders
    from . import path as path_of

    click.echo(path_of(key, cache=cache) if key else folders.cache_folder(cache))
