"""The tables of a store, and their version."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, MetaData, String, Table, Text

VERSION = 1
"""Of these tables; a store of another version is refused."""

metadata = MetaData()

meta = Table("bench_meta", metadata, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False))

suites = Table(
    "bench_suites",
    metadata,
    Column("plan_id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("definition", Text, nullable=False),  # JSON, for readers
)

starts = Table(
    "bench_starts",
    metadata,
    Column("start_id", String(32), primary_key=True),
    Column("plan_id", ForeignKey("bench_suites.plan_id"), nullable=False),
    Column("commit", Text, nullable=False),
    Column("started_at", Double, nullable=False),  # seconds since 1970, as all moments here
)
"""Each call of `run`: a plan of which nothing was left to do is of this commit all the same."""

instances = Table(
    "bench_instances",
    metadata,
    Column("plan_id", ForeignKey("bench_suites.plan_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("problem_class", Text, nullable=False),
    Column("size", BigInteger),
    Column("sense", String(3), nullable=False),
    Column("best_known", Double),
    Column("known_bound", Double),
)

runs = Table(
    "bench_runs",
    metadata,
    Column("run_id", String(32), primary_key=True),
    # what it is
    Column("fingerprint", String(64), nullable=False),
    Column("solver_name", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("n_jobs", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("budget", Text, nullable=False),
    Column("time_limit", Double),
    Column("code", Text, nullable=False),
    Column("times", Integer, nullable=False),
    # where it stands
    Column("state", String(8), nullable=False, default="waiting"),  # waiting, running, done
    Column("owner", Text),  # the runner that has claimed it
    Column("lease_until", Double),  # a runner that is alive puts this off; afterwards anybody may claim the run
    Column("attempts", Integer, nullable=False, default=0),
    # what came out
    Column("status", String(12)),
    Column("stop_reason", String(12)),
    Column("objective", Double),
    Column("bound", Double),
    Column("gap", Double),
    Column("seconds", Double),
    Column("iterations", BigInteger),
    Column("started_at", Double),
    Column("versions", Text),
    Column("cpu", Text),
    Column("host", Text),
    Column("commit", Text),
    Column("cpu_wait", Double),
    Column("oversubscribed", Boolean),
    Column("timings", Text),
    Column("error", Text),
    Column("trace", Text),  # JSON: [[seconds, iterations, objective, bound], ...]
    Column("result", Text),  # JSON: Result.to_dict() without the trace
    Index("bench_runs_owner", "owner"),
)

members = Table(
    "bench_members",
    metadata,
    Column("plan_id", ForeignKey("bench_suites.plan_id"), primary_key=True),
    Column("run_id", ForeignKey("bench_runs.run_id"), primary_key=True),
    Column("label", Text, primary_key=True),
    Column("instance", Text, primary_key=True),
    Column("position", Integer, nullable=False),
)

OUTCOME = (
    "status", "stop_reason", "objective", "bound", "gap", "seconds", "iterations", "started_at", "versions", "cpu", "host",
    "commit", "cpu_wait", "oversubscribed", "timings", "error", "trace", "result",
)  # fmt: skip
"""Columns of a run that its record fills."""
