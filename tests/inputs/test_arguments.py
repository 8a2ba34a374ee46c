"""Counts, numbers, threads and CPUs from outside."""

import fractions
import os

import joblib
import numpy as np
import pytest

from optikit.errors import UnsupportedError
from optikit.inputs import cpus
from optikit.inputs.arguments import check_count, check_lengths, check_number, count_jobs, typed


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3)])
def test_counts_are_ints(value):
    number = check_count("size", value, 1)
    assert (number, type(number)) == (3, int)


@pytest.mark.parametrize("value", [0, -1, True, 2.0, "3", None, np.bool_(True)])
def test_what_is_no_count_is_refused_by_name(value):
    with pytest.raises(UnsupportedError, match=r"^size is .*; expected an int >= 1; try 4$"):
        check_count("size", value, 1, "; try 4")


@pytest.mark.parametrize("value", [3, 2.5, np.float32(2.5), fractions.Fraction(5, 2), float("inf")])
def test_numbers_are_numbers(value):
    number = check_number("size", value)
    assert number == float(value)
    assert type(number) in (int, float)


@pytest.mark.parametrize("value", [float("nan"), True, "3", None, 1j])
def test_what_is_no_number_is_refused_by_name(value):
    with pytest.raises(UnsupportedError, match=r"^size is .*; expected a number$"):
        check_number("size", value)


@pytest.mark.parametrize("value", [-0.5, float("inf")])
def test_limits_are_finite(value):
    with pytest.raises(UnsupportedError, match=r"^size is .*; expected a finite number >= 0$"):
        check_number("size", value, 0)


def test_pages_of_digits_are_not_shown():
    with pytest.raises(UnsupportedError, match=r"^size is an int of [0-9]+ bits; expected"):
        check_count("size", -(10**4000), 1)


def test_lengths():
    assert check_lengths("figsize", np.array([3.0, 4.0]), 2) == (3.0, 4.0)


@pytest.mark.parametrize("n_jobs", [0, -2, True, 1.5, "2", None])
def test_numbers_of_threads_that_are_none(n_jobs):
    with pytest.raises(UnsupportedError, match=r"^n_jobs is .*; expected an int >= "):
        count_jobs(n_jobs)


@pytest.mark.skipif("LOKY_MAX_CPU_COUNT" in os.environ, reason="joblib then counts what the variable says")
def test_all_cpus_are_those_that_joblib_counts():
    assert count_jobs(-1) == joblib.cpu_count()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"max": "150000 100000\n"}, 2),  # one and a half, rounded up
        ({"max": "max 100000\n"}, None),
        ({"quota": "50000\n", "period": "100000\n"}, 1),
        ({"quota": "-1\n", "period": "100000\n"}, None),
        ({"max": "nonsense"}, None),
        ({"max": ""}, None),
        ({}, None),
    ],
)
def test_quotas_of_containers(monkeypatch, tmp_path, files, expected):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(cpus, "QUOTAS", ((str(tmp_path / "max"),), (str(tmp_path / "quota"), str(tmp_path / "period"))))
    assert (cpus.quota() == expected) if expected else (cpus.quota() > 10**6)


def test_a_quota_below_the_cpus_counts(monkeypatch):
    monkeypatch.setattr(cpus, "quota", lambda: 1)
    assert count_jobs(-1) == 1


@pytest.mark.parametrize("value", [5, {5: 5}, [("a", 1)], "a=1"])
def test_what_is_no_mapping_of_names_is_refused(value):
    with pytest.raises(UnsupportedError, match=r"parameters is .*; expected a mapping of names to values"):
        typed("parameters", value, "Mapping[str, Any]")
    assert typed("parameters", {"a": 1}, "Mapping[str, Any]") == {"a": 1}
