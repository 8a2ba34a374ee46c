"""What a backend needs of a solve: a `Run` of a problem of which only the sense matters."""

import threading
from types import SimpleNamespace

from optikit.core.run import Callback, Run
from optikit.core.stop import Stop


def make_run(callbacks=(), sense="min", seed=0, n_jobs=1, memory_limit=None, **criteria):
    problem = SimpleNamespace(sense=sense, error=0.0)
    return Run(problem, Stop(**criteria), seed=seed, n_jobs=n_jobs, callbacks=callbacks, memory_limit=memory_limit)


class Threads(Callback):
    """Remembers on which threads it was called."""

    def __init__(self):
        self.seen = set()

    def on_tick(self, progress):
        self.seen.add(threading.get_ident())

    on_improvement = on_tick


class Broken(Callback):
    """Raises at the first tick."""

    def on_tick(self, progress):
        raise ZeroDivisionError("of the user's callback")
