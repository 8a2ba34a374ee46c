"""A runner to be killed: ``python -m tests.bench.killed STORE LOG COUNT SEEDS SECONDS N_JOBS``."""

import sys

from tests.bench.toys import naps

if __name__ == "__main__":
    store, log, count, seeds, seconds, n_jobs = sys.argv[1:]
    naps(int(count), int(seeds), log, float(seconds)).run(store, int(n_jobs))
