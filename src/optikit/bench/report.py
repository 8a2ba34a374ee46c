"""Reports: one self-contained HTML page, or Markdown for a pull request."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError, UnsupportedError
from ..inputs.files import check_writable, replace_file
from ..inputs.keywords import strict
from ..inputs.wording import shown
from ..pictures import picture_bytes
from .evidence import Evidence
from .looks import COLOURS, FAINT, INK, MUTED
from .pages import Page, page_of
from .plot import draw_evidence
from .ranking import Ranking, rank
from .selection import PENALTY

if TYPE_CHECKING:
    import pandas as pd

TEMPLATES = {".html": "report.html.j2", ".htm": "report.html.j2", ".md": "report.md.j2", ".markdown": "report.md.j2"}
"""Suffix -> template."""

VARIABLES = {
    **{colour: f"--c{place}" for place, colour in enumerate(COLOURS)},
    INK: "--ink",
    MUTED: "--muted",
    FAINT: "--faint",
    "#000000": "--ink",
}
"""Colour in pictures -> variable of the page's style, which has others in the dark."""


@strict
def write_report(
    runs: Any,
    traces: pd.DataFrame | None,
    path: str | os.PathLike[str],
    *,
    solvers: Sequence[str] | None = None,
    alpha: float = 0.05,
    budget: str | None = None,
    penalty: float = PENALTY,
) -> Ranking:
    """Write the report on several solvers.

    Parameters
    ----------
    runs : Runs or DataFrame
        With columns of `bench.schema.RUN_COLUMNS`; ``solver``, ``instance`` and ``objective`` will do.
    traces : DataFrame, optional
        With the columns of `bench.schema.TRACE_COLUMNS`.
    path : path
        The ending says what is written: ``.html``, one page that needs no network, or ``.md``.
    solvers, alpha, budget, penalty
        As of `bench.ranking.rank`.

    Returns
    -------
    Ranking
        What it says.

    Raises
    ------
    UnsupportedError
        For another ending, or runs that cannot be compared.
    """
    _template_of(path)
    check_writable(path)
    ranking = rank(runs, solvers, traces=traces, alpha=alpha, budget=budget, penalty=penalty)
    write(ranking, path)
    return ranking


def write(evidence: Evidence, path: str | os.PathLike[str], beside: Sequence[str] = ()) -> None:
    """Write the report on a comparison or a ranking, in the form that the path's ending says.

    Parameters
    ----------
    evidence : Comparison or Ranking
        What it says.
    path : path
        Ending in ``.html`` or ``.md``.
    beside : sequence of str
        More statements under the verdict.
    """
    name = _template_of(path)
    check_writable(path)
    page = page_of(evidence, beside)
    pictures = _pictures(evidence, page) if name.endswith(".html.j2") else []
    replace_file(path, _render(name, page=page, pictures=pictures).encode())


def to_html(evidence: Evidence) -> str:
    """The page as a text."""
    page = page_of(evidence)
    return _render("report.html.j2", page=page, pictures=_pictures(evidence, page))


def to_markdown(evidence: Evidence) -> str:
    """The report as Markdown: tables, no pictures."""
    return _render("report.md.j2", page=page_of(evidence), pictures=[])


def _template_of(path: Any) -> str:
    if not isinstance(path, str | os.PathLike):
        raise UnsupportedError(f"path is {shown(path)}; expected the name of a file, for instance 'report.html'")
    ending = os.path.splitext(os.fspath(path))[1].lower()
    if ending not in TEMPLATES:
        raise UnsupportedError(f"a report is not written to {os.fspath(path)!r}; expected an ending of {', '.join(TEMPLATES)}")
    return TEMPLATES[ending]


def _render(template: str, **content: Any) -> str:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise MissingExtraError('reports need jinja2; pip install "optikit[bench]"') from None
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=template.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(cell=_cell, together=_together)
    return environment.get_template(template).render(**content)


def _cell(text: str) -> str:
    """Text in a cell of a Markdown table: on one line, with nothing that Markdown or HTML would take for its own."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([|*_`\[\]~#])", r"\\\1", text)


def _together(text: str) -> str:
    """Text that is not broken between a number and its per cent, nor within "p = 0.01"."""
    return re.sub(r"\bp ([=<]) ", "p\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text).replace(" %", "\N{NO-BREAK SPACE}%")


def _pictures(evidence: Evidence, page: Page) -> list[Any]:
    from markupsafe import Markup

    drawn = []
    for number, (kind, options) in enumerate(page.pictures):
        figure = draw_evidence(kind, evidence, **options)
        title = figure.axes[0].get_title(loc="left")
        drawn.append(Markup(inline(picture_bytes(figure, "svg", facecolor="none").decode(), f"p{number}", title)))
    return drawn


def inline(svg: str, prefix: str, title: str) -> str:
    """An SVG file as an element of a page: its names its own, its colours the page's, as wide as there is room.

    Parameters
    ----------
    svg : str
        As matplotlib writes it.
    prefix : str
        Before every id, such that two pictures of a page do not share one; ids are numbered in order, so that the same picture
        gives the same text.
    title : str
        Read aloud in its place.
    """
    from html import escape

    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    names = {name: f"{prefix}-{place}" for place, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', body)))}
    body = re.sub(r'\bid="([^"]+)"', lambda found: f'id="{names[found[1]]}"', body)
    body = re.sub(r'href="#([^"]+)"', lambda found: f'href="#{names[found[1]]}"', body)
    body = re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{names[found[1]]})", body)
    body = re.sub(r"#[0-9a-f]{6}\b", lambda found: f"var({VARIABLES[found[0]]})" if found[0] in VARIABLES else found[0], body)
    head, _, rest = body.partition(">")
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    said = escape(title, quote=True)
    return f'{head} role="img" aria-label="{said}"><title>{said}</title>{rest}'.strip()
