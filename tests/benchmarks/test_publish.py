"""The README's summary says what was measured where, and with how many seeds."""

from benchmarks.__main__ import summary


def table(title, machine, seeds):
    """Gaps of solvers on one instance; ``seeds``: label -> how many."""
    raw = [{"instance": "a", "seed": seed, "solver": label} for label, count in seeds.items() for seed in range(count)]
    rows = [["a", *("1.0" for _ in seeds)], ["mean of all", *("**1.0**" for _ in seeds)]]
    return {"title": f"{title}: gap", "machine": machine, "header": ["instance", *seeds], "rows": rows, "raw": raw}


def test_each_table_has_its_own_machine():
    tables = {
        "cvrp_30s": table("CVRP", "Big, 2 cores", {"optikit": 3, "peer": 1}),
        "tsp_20s": table("TSP", "Small, 1 core", {"optikit": 3}),
        "qap_30s": table("QAP", "Big, 2 cores", {"optikit": 1, "peer": 1}),
    }
    service = {"header": ["what", "measured"], "rows": [["import", 0.5]], "machine": "Other, 4 cores"}
    text = summary(tables, service)
    assert "| CVRP, 30 s | 1 x 3 | **1.0** | peer 1.0 (1 seed) |" in text
    assert "| QAP, 30 s | 1 x 1 | **1.0** | peer 1.0 |" in text
    assert "Big, 2 cores: CVRP, QAP.  \nSmall, 1 core: TSP." in text
    assert text.endswith("| import | 0.5 |\n\nOther, 4 cores.\n")
