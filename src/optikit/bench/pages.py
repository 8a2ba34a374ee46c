"""What stands in a report: the verdict, tables, pictures and conditions, before anything is rendered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .comparison import POWER, Comparison
from .evidence import Evidence
from .gaps import references
from .phrases import fixed, p_value, percent, plural, short, with_interval
from .profiles import fair_target
from .ranking import Ranking

FEW = 12
"""Up to this many rows a table is open; longer ones are folded."""


@dataclass(frozen=True)
class Table:
    """A table of texts; ``left`` columns from the left are words, the others numbers."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1
    note: str = ""

    @property
    def folded(self) -> bool:
        return len(self.rows) > FEW


@dataclass(frozen=True)
class Page:
    """A report.

    Parameters
    ----------
    title, verdict : str
        What it is about, and the answer in a sentence.
    beside : sequence of str
        What belongs to the answer: what it is worth, runs without a solution.
    tone : {"better", "worse", "open"}
        Of the verdict.
    warnings, notes : sequence of str
        What casts doubt on it; what was left out or charged.
    tables, conditions : sequence of Table
        Numbers; machine, versions, parameters.
    pictures : sequence of (str, mapping)
        Kinds with their options, for `bench.plot.draw_evidence`.
    method : sequence of str
        How to read it.
    """

    title: str
    verdict: str
    beside: Sequence[str]
    tone: str
    warnings: Sequence[str]
    notes: Sequence[str]
    tables: Sequence[Table]
    pictures: Sequence[tuple[str, Mapping[str, Any]]]
    conditions: Sequence[Table]
    method: Sequence[str] = field(default=())


def page_of(evidence: Evidence, beside: Sequence[str] = ()) -> Page:
    """The report on a comparison or a ranking, with more statements under the verdict."""
    tables, pictures, tone = _comparison(evidence) if isinstance(evidence, Comparison) else _ranking(evidence)
    target = fair_target(evidence.selection)
    against_time: list[tuple[str, Mapping[str, Any]]] = [
        ("anytime", {}),
        ("profile", {"measure": "time", "target": target}),
        ("profile", {"measure": "quality"}),
        ("time_to_target", {"target": target}),
        ("data_profile", {}),
    ]
    return Page(
        title=_title(evidence),
        verdict=_sentence(evidence.statements[0], evidence),
        beside=[_sentence(text, evidence) for text in (*beside, *evidence.statements[1:])],
        tone=tone,
        warnings=evidence.conditions.warnings,
        notes=evidence.notes,
        tables=tables,
        pictures=[*pictures, *(against_time if (evidence.incumbents.seconds > 0).any() else [])],
        conditions=_conditions(evidence),
        method=_method(evidence),
    )


def _title(evidence: Evidence) -> str:
    if isinstance(evidence, Comparison):
        return f"{evidence.candidate} against {evidence.baseline}"
    solvers = evidence.selection.solvers
    return ", ".join(solvers) if len(solvers) <= 4 else plural(len(solvers), "solver")


def _comparison(evidence: Comparison) -> tuple[list[Table], list[tuple[str, Mapping[str, Any]]], str]:
    mean = evidence.percent[0]
    tone = "open" if not evidence.significant else "better" if mean > 0 else "worse"
    tables = [_difference(evidence), _gaps(evidence, evidence.gaps, "Gap to the best value known")]
    if len(evidence.by_class) > 1:
        tables.append(_classes(evidence))
    tables.append(_instances(evidence))
    return tables, [("differences", {})], tone


def _ranking(evidence: Evidence) -> tuple[list[Table], list[tuple[str, Mapping[str, Any]]], str]:
    if not isinstance(evidence, Ranking):
        raise TypeError(f"no report on {type(evidence).__name__}")
    tables = [_gaps(evidence, evidence.to_frame(), "Gap to the best value known")]
    if len(evidence.solvers) > 1:
        tables.append(_pairs(evidence))
    if evidence.selection.runs["problem_class"].nunique() > 1:
        tables.append(_gaps(evidence, evidence.gaps_by_class, "By problem class"))
    tables.append(_instance_gaps(evidence))
    pictures: list[tuple[str, Mapping[str, Any]]] = [("gaps", {})]
    if evidence.ranks is not None:
        pictures.append(("critical_difference", {}))
    told = len(evidence.solvers) > 1 and bool(
        (evidence.pairs.loc[evidence.pairs["better"] == evidence.solvers[0], "p_holm"] <= evidence.alpha).any()
    )
    return tables, pictures, "better" if told else "open"


def _difference(evidence: Comparison) -> Table:
    mean, low, high = evidence.percent
    ranks, (a, a_low, a_high) = evidence.signed_ranks, evidence.superiority
    better, equal, worse = evidence.wins
    level = f"{100 * evidence.estimate.confidence:.3g} % interval"
    interval = "" if math.isnan(a_low) else f" [{a_low:.2f}, {a_high:.2f}]"
    charged = ", failures charged" if any(evidence.selection.failures.values()) else ""
    rows = [
        (f"{evidence.candidate} is better by{charged}", f"{with_interval(mean, low, high)} of {evidence.basis}"),
        ("Sign-flip test", p_value(evidence.estimate.p, evidence.alpha)),
        (
            "Would have been found with " + f"{100 * POWER:g} % power",
            _detectable(evidence.detectable),
        ),
        (f"{evidence.unit.capitalize()}s better, equal, worse", f"{better}, {equal}, {worse}"),
        (
            "Wilcoxon's signed ranks, beside it",
            f"{p_value(ranks.p, evidence.alpha)}, rank-biserial correlation {ranks.rank_biserial:.2f}",
        ),
        (
            f"A run of {evidence.candidate} beats one of {evidence.baseline}",
            f"A = {a:.2f}{interval}, Cliff's delta {2 * a - 1:.2f}",
        ),
    ]
    if evidence.worth is not None:
        rows.append(("Worth, where both gave a solution" if evidence.worth.left_out else "Worth", evidence.worth.amount))
    return Table(f"The difference, with its {level}", ("", ""), tuple(rows), left=2)


def _detectable(percent: float) -> str:
    if math.isnan(percent):
        return "cannot be computed: no pair of runs has two solutions"
    return f"{short(percent)} %" if math.isfinite(percent) else "no difference"


def _gaps(evidence: Evidence, frame: Any, caption: str) -> Table:
    by = "problem_class" if "problem_class" in frame else None
    header = ["Solver", *(["Class"] if by else []), "Mean gap", "Median", "Worst", "At best known"]
    extra = [name for name in ("integral", "rank") if name in frame]
    header += [{"integral": "Primal integral", "rank": "Mean rank"}[name] for name in extra]
    header += ["Seconds a run", "Without solution"]
    rows = []
    for row in frame.to_dict("records"):
        cells = [row["solver"], *([row[by]] if by else [])]
        exact = math.isnan(row["low"])
        cells.append(percent(row["mean"]) if exact else with_interval(*(100 * row[name] for name in ("mean", "low", "high"))))
        cells += [percent(row["median"]), percent(row["worst"]), percent(row["reached"], 0)]
        cells += [percent(row[name]) if name == "integral" else fixed(row[name], 2) for name in extra]
        cells += [short(row["seconds"]), f"{row['failed']:,} of {row['runs']:,}"]
        rows.append(tuple(cells))
    found = references(evidence.selection)["source"].value_counts()
    best = int(found.get("best found", 0))
    note = (
        f"No best value is known of {plural(best, 'instance')}: gaps there are to the best that any of these runs found."
        if best
        else ""
    )
    return Table(caption, tuple(header), tuple(rows), left=2 if by else 1, note=note)


def _classes(evidence: Comparison) -> Table:
    rows = []
    for name, row in evidence.by_class.iterrows():
        rows.append(
            (
                str(name),
                str(int(row["instances"])),
                with_interval(row["percent"], row["low"], row["high"]),
                p_value(row["p"], evidence.alpha),
                p_value(row["p_holm"], evidence.alpha),
            )
        )
    return Table("By problem class", ("Class", "Instances", f"{evidence.candidate} better by", "p", "p, Holm"), tuple(rows))


def _pairs(evidence: Ranking) -> Table:
    rows = [
        (
            row["better"],
            row["worse"],
            with_interval(row["percent"], row["low"], row["high"]),
            p_value(row["p_holm"], evidence.alpha),
            p_value(row["wilcoxon"], evidence.alpha),
            f"{row['rank_biserial']:.2f}",
        )
        for row in evidence.pairs.to_dict("records")
    ]
    note = ""
    if evidence.ranks is not None:
        test = evidence.ranks
        note = (
            f"Friedman's test of all: chi-square {test.statistic:.4g}, {p_value(test.p, evidence.alpha)}; Iman and Davenport's F "
            f"{test.f:.4g}, {p_value(test.f_p, evidence.alpha)}. Nemenyi's critical difference of mean ranks: "
            f"{evidence.critical_difference:.2f}."
        )
    header = ("Smaller gap", "Larger gap", "Better by", "Sign-flip, Holm", "Wilcoxon, Holm", "Rank-biserial")
    return Table("All pairs", header, tuple(rows), left=2, note=note)


def _instances(evidence: Comparison) -> Table:
    rows = []
    frame = evidence.instances.sort_values("percent", kind="stable")
    failures = bool(frame[["baseline_failed", "candidate_failed"]].to_numpy().any())
    for name, row in zip(frame.index, frame.to_dict("records"), strict=True):
        cells = [str(name), "" if not _is_number(row["size"]) else str(int(row["size"])), str(row["seeds"])]
        cells += [
            _objective(row["baseline"]),
            _objective(row["candidate"]),
            f"{fixed(row['percent'], 2)} %",
            f"{row['superiority']:.2f}",
        ]
        if failures:
            cells.append(f"{row['baseline_failed']}, {row['candidate_failed']}")
        rows.append(tuple(cells))
    header = ["Instance", "Size", "Seeds", evidence.baseline, evidence.candidate, "Better by", "A"]
    return Table("Instances, mean objectives", (*header, "Without solution") if failures else tuple(header), tuple(rows))


def _instance_gaps(evidence: Ranking) -> Table:
    frame = evidence.instance_gaps()
    rows = [(str(name), *(percent(gap) for gap in row)) for name, row in zip(frame.index, frame.to_numpy(), strict=True)]
    return Table("Instances, mean gaps", ("Instance", *frame.columns), tuple(rows))


def _conditions(evidence: Evidence) -> list[Table]:
    found = evidence.conditions
    solvers = [
        tuple(str(row[name]) for name in ("solver", "name", "parameters", "n_jobs", "code", "commits")) for row in found.solvers
    ]
    facts = [
        ("Budget", evidence.selection.budget),
        ("Runs", f"{len(evidence.selection.runs):,}: {evidence.sample}"),
        ("Machine", "; ".join(found.machines)),
        ("When", found.period),
        ("Versions", ", ".join(f"{package} {version}" for package, version in found.versions.items())),
    ]
    return [
        Table("Solvers", ("Label", "Solver", "Parameters", "Threads", "Code", "Commit"), tuple(solvers), left=6),
        Table("Runs", ("", ""), tuple((name, text) for name, text in facts if text), left=2),
    ]


def _method(evidence: Evidence) -> list[str]:
    level = f"{100 * (1 - evidence.alpha):g} %"
    said = [
        "The unit is the instance: seeds are averaged within each, as they are no independent samples of instances. Intervals and "
        "tests speak of instances like these.",
        "A gap is the excess over the best value known, as a share of it. The primal integral is the mean gap over the time of a "
        "run (100 % before the first solution), so that it is small for solvers that are good early.",
        f"Intervals of gaps are bootstrapped over the instances (BCa, {level}).",
    ]
    if isinstance(evidence, Comparison):
        said.insert(
            1,
            "Verdict, p-value and interval come from one test, Fisher's randomisation of the signs of the differences: they cannot "
            "contradict each other. Differences are relative to the mean of both solvers, and said in per cent of "
            + (
                "the baseline."
                if evidence.basis == evidence.baseline
                else f"the {evidence.basis}: a share of the baseline means nothing."
            ),
        )
    elif len(evidence.selection.solvers) > 1:
        said.insert(
            1,
            "Pairs are tested by Fisher's randomisation of the signs of their differences; p-values are corrected by Holm for "
            "their number.",
        )
    if len(evidence.selection.solvers) > 1:
        said.append(
            "Where nothing has changed, the test is exact. Where a change makes most instances a little better and a few much "
            "worse (skewed differences), it holds asymptotically, as the t test does: of comparisons without a difference in the "
            "mean, 8 to 10 % instead of 5 % were called significant with 20 to 12 instances (exponential differences)."
        )
    if any(evidence.selection.failures.values()):
        said.append(
            "A run without a solution counts: it is charged the worst objective found on its instance, and "
            f"{100 * evidence.selection.penalty:g} % on top."
        )
    return said


def _objective(value: float) -> str:
    if not math.isfinite(value):
        return "none"
    return f"{value:,.0f}" if abs(value) >= 1e5 or value == int(value) else f"{value:,.6g}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and math.isfinite(value)


def _sentence(text: str, evidence: Evidence) -> str:
    """With a capital and a full stop; a label at the beginning stays as it is."""
    labelled = any(text.startswith(f"{label} ") for label in evidence.selection.solvers)
    return f"{text if labelled else text[:1].upper() + text[1:]}."
